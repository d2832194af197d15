//! What a case carries for the stage catalogue: events, add-ons, obligations, a longer stay; and what follows from them.
//!
//! Each has a text form for a cell of a file, its parts between `:`; a date is written `2026-01-31`.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::units::Code;

/// Something that has happened, or is planned, from which clocks run: `request-received:2026-01-20`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// Its code in the catalogue.
    pub code: Code,
    /// Its day.
    pub date: Date,
}

/// A fact with points of its own: `out-of-education`, `handover:2026-01-20`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AddOn {
    /// Its code in the catalogue.
    pub code: Code,
    /// The day it began, if known.
    pub since: Option<Date>,
}

/// A dated duty that is open: `final-plan:2026-06-09`, `final-plan::absence:head-of-service`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Obligation {
    /// The clock's code in the catalogue.
    pub code: Code,
    /// Its last day; `None` = as the clock runs from the events.
    pub due_date: Option<Date>,
    /// Why its limit need not be kept, if a person has decided so. It gives no new date, and is never inferred.
    pub exemption: Option<Exempted>,
}

/// An exemption that a person applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exempted {
    /// Its code in the catalogue.
    pub code: Code,
    /// Who decided: a token or a role.
    pub by: Code,
}

/// Why a case may stay longer on a holding list. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StayReason {
    /// An officer who may take it starts, or is back, by then.
    OfficerExpected,
    /// It will be closed, or leave the area, by then.
    ClosesSoon,
    /// The family asked for it.
    FamilyAsked,
    /// More urgent cases need the room, and somebody has looked at this one.
    LessUrgent,
}

impl StayReason {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::OfficerExpected, Self::ClosesSoon, Self::FamilyAsked, Self::LessUrgent];

    /// The code used in files: `officer_expected`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OfficerExpected => "officer_expected",
            Self::ClosesSoon => "closes_soon",
            Self::FamilyAsked => "family_asked",
            Self::LessUrgent => "less_urgent",
        }
    }
}

/// The one extension of a stay on a holding list: `2026-03-01:officer_expected:head-of-service`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StayExtension {
    /// Last day it may stay now.
    pub until: Date,
    /// Why.
    pub reason: StayReason,
    /// Who decided: a token or a role, not the supervisor who owns the case.
    pub by: Code,
}

/// What the catalogue says of a case: filled in by `statute::resolve`, never sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// Its points from each week on, counted from 0, the week that begins on the day of the backlog; the first entry is week
    /// 0. Empty = it weighs the same in every week.
    pub weeks: Vec<WeekPoints>,
    /// Urgency in per cent of the rules' price; `None` = by the rules' own `urgency_days`.
    pub urgency_percent: Option<i64>,
    /// Last day it may stay on a holding list, extensions aside; `None` = by the rules' `longest_stay_days`.
    pub longest_stay_until: Option<Date>,
    /// It has come into a stage whose officers are others than today's: moving it is planned work.
    pub planned_transfer: bool,
}

/// Points that a case weighs from a week on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekPoints {
    /// The week, `0..=51`.
    pub from_week: u8,
    /// Points in each week.
    pub points: i64,
}

/// A date and nothing else: what the date library reads beyond that (week dates, times) nobody means here.
pub(super) fn read_date(text: &str) -> Result<Date, String> {
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| format!("`{text}` is no date; write year-month-day, such as 2026-01-31"))
}

fn read_code(text: &str, what: &str) -> Result<Code, String> {
    if text.is_empty() { Err(format!("{what} is missing")) } else { Ok(Code::from(text)) }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.code, self.date)
    }
}

impl FromStr for Event {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (code, date) = text.split_once(':').ok_or("write code:date, such as request-received:2026-01-20")?;
        Ok(Self { code: read_code(code, "the code")?, date: read_date(date)? })
    }
}

impl fmt::Display for AddOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        self.since.map_or(Ok(()), |since| write!(f, ":{since}"))
    }
}

impl FromStr for AddOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (code, since) = match text.split_once(':') {
            Some((code, since)) => (code, Some(read_date(since)?)),
            None => (text, None),
        };
        Ok(Self { code: read_code(code, "the code")?, since })
    }
}

impl fmt::Display for Obligation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match (self.due_date, &self.exemption) {
            (None, None) => Ok(()),
            (Some(due), None) => write!(f, ":{due}"),
            (None, Some(Exempted { code, by })) => write!(f, "::{code}:{by}"),
            (Some(due), Some(Exempted { code, by })) => write!(f, ":{due}:{code}:{by}"),
        }
    }
}

impl FromStr for Obligation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let (code, due, exemption) = match parts[..] {
            [code] => (code, "", None),
            [code, due] => (code, due, None),
            [code, due, exemption, by] => {
                let code_of = read_code(exemption, "the exemption's code")?;
                (code, due, Some(Exempted { code: code_of, by: read_code(by, "who applied the exemption")? }))
            }
            _ => return Err("write code, code:date or code:date:exemption:by; the date may be empty".to_owned()),
        };
        let due_date = if due.is_empty() { None } else { Some(read_date(due)?) };
        Ok(Self { code: read_code(code, "the code")?, due_date, exemption })
    }
}

impl fmt::Display for StayExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.until, self.reason.code(), self.by)
    }
}

impl FromStr for StayExtension {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let [until, reason, by] = parts[..] else {
            return Err("write date:reason:by, such as 2026-03-01:officer_expected:head-of-service".to_owned());
        };
        let known = || StayReason::ALL.map(StayReason::code).join(", ");
        let found = StayReason::ALL.into_iter().find(|known| known.code() == reason);
        let reason = found.ok_or_else(|| format!("`{reason}` is no reason; known are {}", known()))?;
        Ok(Self { until: read_date(until)?, reason, by: read_code(by, "who decided")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same<T: FromStr<Err = String> + fmt::Display>(text: &str) {
        assert_eq!(text.parse::<T>().map(|value| value.to_string()), Ok(text.to_owned()));
    }

    #[test]
    fn what_is_written_is_read() {
        same::<Event>("request-received:2026-01-20");
        same::<AddOn>("out-of-education");
        same::<AddOn>("handover:2026-01-20");
        for text in ["final-plan", "final-plan:2026-06-09", "final-plan::absence:head", "a:2026-06-09:absence:head"] {
            same::<Obligation>(text);
        }
        same::<StayExtension>("2026-03-01:officer_expected:head");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let no_date = "`2026-1-2` is no date; write year-month-day, such as 2026-01-31";
        assert_eq!("a:2026-1-2".parse::<Event>().unwrap_err(), no_date);
        assert_eq!(":2026-01-20".parse::<Event>().unwrap_err(), "the code is missing");
        assert!("a".parse::<Event>().is_err());
        assert_eq!("a:2026-06-09:absence:".parse::<Obligation>().unwrap_err(), "who applied the exemption is missing");
        assert!("a:2026-06-09:absence".parse::<Obligation>().is_err(), "an exemption has somebody who applied it");
        let no_reason = "`mood` is no reason; known are officer_expected, closes_soon, family_asked, less_urgent";
        assert_eq!("2026-03-01:mood:head".parse::<StayExtension>().unwrap_err(), no_reason);
    }
}

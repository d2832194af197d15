//! A clock: what starts it, and the day by which something has to be done.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::{Holidays, Length};
use crate::model::Code;

/// What has happened in a case, and when: `request-received` on 2025-01-20.
pub type Events = BTreeMap<Code, Date>;

/// What the day of a clock means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The last day on which it is done in time.
    Limit,
    /// The last day of a time that others must be given at least: not before its end.
    Floor,
    /// The last day on which somebody else may act: shown, never missed by the officer.
    Window,
    /// A day that good practice or a code names, not the law.
    Advice,
    /// A duty without a number of days.
    Undated,
}

/// Who has to keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The service whose officers these are.
    Ours,
    /// The child, the parents, the young person, or whoever complains.
    Family,
    /// Another body: a school, a health commissioner, another authority.
    Other,
}

/// One way in which a clock runs. Exactly one of `within`, `at_least` and `before_day` says how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Run {
    /// Events that start it; of several that are known, the latest.
    pub from: Vec<Code>,
    /// The last day is so long after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Length>,
    /// The last day is at least so long before the event; with `before_day`, so long before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Length>,
    /// The last day is the day before that day (`02-15`) in the year of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_day: Option<MonthDay>,
    /// The day of the event is day 1 of the period.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beginning_with: bool,
}

/// A day of every year, written `02-15`. Never 29 February.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl TryFrom<String> for MonthDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
        match parts {
            // 2025 has no 29 February.
            Some((month, day)) if Date::new(2025, month, day).is_ok() => Ok(Self { month, day }),
            _ => Err(format!("{text:?} is no day of every year: write month and day, such as 02-15")),
        }
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let month = usize::try_from(self.month - 1).ok().and_then(|month| MONTHS.get(month));
        write!(f, "{} {}", self.day, month.expect("a month of the year"))
    }
}

impl From<MonthDay> for String {
    fn from(MonthDay { month, day }: MonthDay) -> Self {
        format!("{month:02}-{day:02}")
    }
}

/// A statutory limit, a window of the family, a piece of advice: with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Clock {
    /// Name of the clock, unique at any date.
    pub code: Code,
    /// What is to be done.
    pub title: String,
    /// What its day means.
    pub kind: Kind,
    /// Who has to keep it.
    pub whose: Party,
    /// How it runs; of several ways whose events are known, the one that ends last. None for what is undated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Run>,
    /// Events without which it does not run at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Code>,
    /// Events by which it is done, where they are no earlier than what started it; of what leads up to an event, whenever.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended_by: Vec<Code>,
    /// A last day in August, or from 25 December to 1 January, becomes the first working day after.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rolls_over_tribunal_breaks: bool,
    /// By how much it may be extended, for a good reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Length>,
    /// Where the duty comes from.
    pub source: String,
    /// The limit was read in the primary text. If not, it stays to be confirmed, and is marked so wherever it is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// First day on which it holds; none = always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day on which it holds; none = to this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
}

impl Clock {
    /// The day it ends, by what has happened. `None` = it does not run (yet), or has no number of days.
    #[must_use]
    pub fn last_day(&self, events: &Events, holidays: &Holidays) -> Option<Date> {
        self.last_day_of(|_| true, events, holidays)
    }

    /// As [`Self::last_day`], if something is still to be done as at that day: what had to be done so long before an event is
    /// not, once the event is past.
    #[must_use]
    pub fn open_day(&self, events: &Events, holidays: &Holidays, as_at: Date) -> Option<Date> {
        let is_open = |run: &Run| !run.leads_up() || run.start(events).is_some_and(|event| event >= as_at);
        self.last_day_of(is_open, events, holidays)
    }

    fn last_day_of(&self, counts: impl Fn(&Run) -> bool, events: &Events, holidays: &Holidays) -> Option<Date> {
        if !self.requires.iter().all(|code| events.contains_key(code)) {
            return None;
        }
        let done = self.ended_by.iter().filter_map(|code| events.get(code)).max();
        let is_done = |run: &Run| done.is_some() && (run.leads_up() || run.start(events).as_ref() <= done);
        let runs = self.runs.iter().filter(|run| !is_done(run));
        let last = runs.filter(|run| counts(run)).filter_map(|run| run.last_day(events, holidays)).max()?;
        Some(if self.rolls_over_tribunal_breaks { holidays.after_tribunal_break(last) } else { last })
    }

    /// Missing its day is a missed deadline of the service's own.
    #[must_use]
    pub fn is_deadline(&self) -> bool {
        self.kind == Kind::Limit && self.whose == Party::Ours
    }
}

impl Run {
    /// It has to be done so long before a planned event.
    fn leads_up(&self) -> bool {
        self.at_least.is_some() && self.before_day.is_none()
    }

    /// The event from which it runs: of several that are known, the latest.
    fn start(&self, events: &Events) -> Option<Date> {
        self.from.iter().filter_map(|code| events.get(code)).max().copied()
    }

    fn last_day(&self, events: &Events, holidays: &Holidays) -> Option<Date> {
        let event = self.start(events)?;
        let fixed = self.before_day.map(|MonthDay { month, day }| {
            let day = Date::new(event.year(), month, day).expect("a day of every year");
            day.yesterday().unwrap_or(day)
        });
        Some(match (self.within, self.at_least, fixed) {
            (Some(length), ..) if self.beginning_with => length.beginning_with(event, holidays),
            (Some(length), ..) => length.after(event, holidays),
            (None, Some(length), fixed) => length.before(fixed.unwrap_or(event), holidays),
            (None, None, Some(fixed)) => fixed,
            (None, None, None) => event,
        })
    }
}

impl fmt::Display for Run {
    /// `6 weeks from request-received`, `at least 2 weeks before review-meeting`, `before 15 February in the year of
    /// phase-transfer`; of several events, the latest counts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events: Vec<&str> = self.from.iter().map(Code::as_str).collect();
        let event = match events[..] {
            [one] => one.to_owned(),
            _ => format!("the latest of {}", events.join(", ")),
        };
        match (self.within, self.at_least, self.before_day) {
            (Some(length), ..) if length.count == 0 => write!(f, "on the day of {event}"),
            (Some(length), ..) if self.beginning_with => write!(f, "{length} beginning with {event}"),
            (Some(length), ..) => write!(f, "{length} from {event}"),
            (None, Some(length), None) => write!(f, "at least {length} before {event}"),
            (None, None, Some(day)) => write!(f, "before {day} in the year of {event}"),
            (None, Some(length), Some(day)) => write!(f, "{length} back from before {day} in the year of {event}"),
            (None, None, None) => write!(f, "{event}"),
        }
    }
}

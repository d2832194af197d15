//! What an officer can carry on a day: contracted hours, reductions, absences.
//!
//! Of an absence only its days are known, never its reason.

use std::{fmt, str::FromStr};

use jiff::{Unit, civil::Date};
use serde::{Deserialize, Serialize};

use super::{backlog::Officer, obligation::read_date};

/// Why an officer carries less. A closed list, in which nothing says anything of a person's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReductionCode {
    /// In the first time after qualifying.
    NewlyQualified,
    /// New in the team.
    NewStarter,
    /// Other duties: team lead, mentor, representative.
    Duties,
}

impl ReductionCode {
    /// All codes.
    pub const ALL: [Self; 3] = [Self::NewlyQualified, Self::NewStarter, Self::Duties];

    /// The code used in files: `newly_qualified`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NewlyQualified => "newly_qualified",
            Self::NewStarter => "new_starter",
            Self::Duties => "duties",
        }
    }
}

/// By how much an officer carries less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// Per cent of what the hours give, `0..=100`; those of several reductions add up, to 100 at most.
    Percent(i64),
    /// Points, `0..=1_000_000_000`.
    Points(i64),
}

/// An officer carries less for a time: `newly_qualified:20%:2026-09-01:2027-05-31`, `duties:100::`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reduction {
    /// Why.
    pub code: ReductionCode,
    /// By how much.
    pub amount: Amount,
    /// First day; `None` = always did.
    pub from: Option<Date>,
    /// Last day; `None` = from then on.
    pub until: Option<Date>,
}

/// Days on which an officer is away, both included: `2026-08-03:2026-08-14`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Absence {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// Points that an officer can carry on that day by hours and reductions; `None` = neither is given.
///
/// Full-time points times hours, less the per cents of the reductions that hold on that day, rounded down; then less their
/// points, and never below 0.
#[must_use]
pub fn capacity_on(officer: &Officer, full_time_points: i64, day: Date) -> Option<i64> {
    if officer.fte_percent.is_none() && officer.reductions.is_empty() {
        return None;
    }
    let hold = officer.reductions.iter().filter(|reduction| {
        reduction.from.is_none_or(|from| from <= day) && reduction.until.is_none_or(|until| day <= until)
    });
    let (mut percent, mut points) = (0, 0);
    for reduction in hold {
        match reduction.amount {
            Amount::Percent(more) => percent += more,
            Amount::Points(more) => points += more,
        }
    }
    let by_hours = full_time_points * officer.fte_percent.unwrap_or(100) * (100 - percent.min(100)) / 10_000;
    Some((by_hours - points).max(0))
}

/// Length in days of the absence that holds on that day, with those that begin the day after another ends or before; `None` =
/// the officer is there.
#[must_use]
pub fn days_away(absences: &[Absence], day: Date) -> Option<i64> {
    let mut sorted = absences.to_vec();
    sorted.sort_unstable();
    let mut joined: Option<Absence> = None;
    for next in sorted {
        match &mut joined {
            Some(so_far) if next.from <= so_far.until.tomorrow().unwrap_or(Date::MAX) => {
                so_far.until = so_far.until.max(next.until);
            }
            Some(so_far) if so_far.until >= day => break,
            _ => joined = Some(next),
        }
    }
    let Absence { from, until } = joined.filter(|absence| absence.from <= day && day <= absence.until)?;
    let span = until.since((Unit::Day, from)).expect("any two civil dates are a countable number of days apart");
    Some(i64::from(span.get_days()) + 1)
}

impl fmt::Display for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.amount {
            Amount::Percent(percent) => write!(f, "{}:{percent}%", self.code.code())?,
            Amount::Points(points) => write!(f, "{}:{points}", self.code.code())?,
        }
        for day in [self.from, self.until] {
            write!(f, ":{}", day.map(|day| day.to_string()).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl FromStr for Reduction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || "write code:percent%:from:until or code:points:from:until; a date may be empty".to_owned();
        let parts: Vec<&str> = text.split(':').collect();
        let (code, amount, from, until) = match parts[..] {
            [code, amount] => (code, amount, "", ""),
            [code, amount, from] => (code, amount, from, ""),
            [code, amount, from, until] => (code, amount, from, until),
            _ => return Err(wanted()),
        };
        let known = || ReductionCode::ALL.map(ReductionCode::code).join(", ");
        let found = ReductionCode::ALL.into_iter().find(|known| known.code() == code);
        let code = found.ok_or_else(|| format!("`{code}` is no reduction; known are {}", known()))?;
        let number = |digits: &str| digits.parse::<i64>().map_err(|_| wanted());
        let amount = match amount.strip_suffix('%') {
            Some(percent) => Amount::Percent(number(percent)?),
            None => Amount::Points(number(amount)?),
        };
        let day = |text: &str| if text.is_empty() { Ok(None) } else { read_date(text).map(Some) };
        Ok(Self { code, amount, from: day(from)?, until: day(until)? })
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.until)
    }
}

impl FromStr for Absence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, until) = text.split_once(':').ok_or("write first:last day, such as 2026-08-03:2026-08-14")?;
        Ok(Self { from: read_date(from)?, until: read_date(until)? })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: Date = date(2026, 9, 1);

    fn capacity(fte: Option<i64>, reductions: &[&str]) -> Option<i64> {
        let reductions = reductions.iter().map(|text| text.parse().unwrap()).collect();
        capacity_on(&Officer { fte_percent: fte, reductions, ..Officer::new("o".into()) }, 1_800, DAY)
    }

    #[test]
    fn capacity_is_hours_less_what_holds_on_the_day() {
        assert_eq!(capacity(None, &[]), None);
        assert_eq!(capacity(Some(60), &[]), Some(1_080));
        assert_eq!(capacity(None, &["duties:100"]), Some(1_700));
        let begun = "newly_qualified:20%:2026-09-01:2027-05-31";
        assert_eq!(capacity(Some(50), &[begun, "duties:10%"]), Some(630));
        assert_eq!(capacity(Some(50), &["new_starter:60%::2026-08-31", "duties:5:2026-09-02"]), Some(900));
        assert_eq!(capacity(Some(50), &["new_starter:60%", "duties:60%"]), Some(0));
        assert_eq!(capacity(Some(10), &["duties:200"]), Some(0));
    }

    #[test]
    fn absences_that_touch_are_one() {
        let days = |absences: &[&str]| {
            let absences: Vec<Absence> = absences.iter().map(|text| text.parse().unwrap()).collect();
            days_away(&absences, DAY)
        };
        assert_eq!(days(&[]), None);
        assert_eq!(days(&["2026-08-03:2026-08-31"]), None);
        assert_eq!(days(&["2026-09-01:2026-09-01"]), Some(1));
        assert_eq!(days(&["2026-08-15:2026-09-11", "2026-08-01:2026-08-14"]), Some(42));
        assert_eq!(days(&["2026-08-01:2026-08-13", "2026-08-15:2026-09-11"]), Some(28));
        assert_eq!(days(&["2026-09-13:2026-12-01", "2026-08-15:2026-09-11"]), Some(28));
        assert_eq!(days(&["2026-08-15:2026-12-01", "2026-08-20:2026-08-21"]), Some(109));
        assert_eq!(days(&["2026-10-01:2026-12-01"]), None);
    }

    #[test]
    fn what_is_written_is_read() {
        for text in ["newly_qualified:20%:2026-09-01:2027-05-31", "duties:100::", "new_starter:60%:2026-09-01:"] {
            assert_eq!(text.parse::<Reduction>().map(|read| read.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("2026-08-03:2026-08-14".parse::<Absence>().unwrap().to_string(), "2026-08-03:2026-08-14");
        let unknown = "`sick` is no reduction; known are newly_qualified, new_starter, duties";
        assert_eq!("sick:100%".parse::<Reduction>().unwrap_err(), unknown);
        assert!("duties:ten".parse::<Reduction>().is_err());
    }
}

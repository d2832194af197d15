//! Which days count, and how lengths of time are counted off.
//!
//! Four calendars are in use. The regulations on special educational needs count weeks, months and days as the calendar
//! has them. Transfers, mediation notices and complaints count working days: no Saturday, Sunday or bank holiday. The
//! tribunal's own rules leave out the days of August and from 25 December to 1 January as well (SI 2008/2699, rule 12).

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};
use serde::{Deserialize, Serialize};

/// The bank holidays of England, part of the program.
const ENGLAND: &str = include_str!("presets/bank-holidays-england.csv");

/// Longest length of time, in any unit: a hundred years of days.
pub const COUNT_MAX: u32 = 36_525;

/// Days besides Saturdays and Sundays on which nobody works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holidays {
    days: BTreeSet<Date>,
}

impl Holidays {
    /// The bank holidays of England from 2014 to 2030. Those of years to come follow the Banking and Financial Dealings
    /// Act 1971 and royal proclamations to date: a later proclamation is not in them.
    ///
    /// # Panics
    /// Never: the list is part of the program, and a test reads it.
    #[must_use]
    pub fn england() -> Self {
        let day = |line: &str| line.split(',').next().and_then(|day| day.parse().ok());
        Self {
            days: ENGLAND.lines().skip(1).map(|line| day(line).expect("the shipped list has a day a line")).collect(),
        }
    }

    /// These days.
    #[must_use]
    pub fn on(days: &[Date]) -> Self {
        Self { days: days.iter().copied().collect() }
    }

    /// The first and the last year of the list; beyond them, only weekends are left out. `None` = an empty list.
    #[must_use]
    pub fn years(&self) -> Option<(i16, i16)> {
        Some((self.days.first()?.year(), self.days.last()?.year()))
    }

    /// Neither a Saturday nor a Sunday nor in the list.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.days.contains(&day)
    }

    /// A working day outside August and outside 25 December to 1 January.
    #[must_use]
    pub fn is_tribunal_working_day(&self, day: Date) -> bool {
        self.is_working_day(day) && !is_tribunal_break(day)
    }

    /// The first working day after a break in which a period before the tribunal has ended; any other day as it is.
    #[must_use]
    pub fn after_tribunal_break(&self, day: Date) -> Date {
        let mut day = day;
        if is_tribunal_break(day) {
            while !self.is_tribunal_working_day(day) {
                day = later(day);
            }
        }
        day
    }

    fn counts(&self, unit: Unit, day: Date) -> bool {
        match unit {
            Unit::WorkingDays => self.is_working_day(day),
            Unit::TribunalWorkingDays => self.is_tribunal_working_day(day),
            Unit::Days | Unit::Weeks | Unit::Months => true,
        }
    }
}

/// 1 to 31 August and 25 December to 1 January.
fn is_tribunal_break(day: Date) -> bool {
    matches!((day.month(), day.day()), (8, _) | (12, 25..) | (1, 1))
}

fn later(day: Date) -> Date {
    day.saturating_add(1.day())
}

fn earlier(day: Date) -> Date {
    day.saturating_sub(1.day())
}

/// What a length of time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Every day.
    Days,
    /// Seven days.
    Weeks,
    /// To the same day of another month, or its last where it has no such day.
    Months,
    /// See [`Holidays::is_working_day`].
    WorkingDays,
    /// See [`Holidays::is_tribunal_working_day`].
    TribunalWorkingDays,
}

const UNITS: [(Unit, &str, &str); 5] = [
    (Unit::Days, "day", "days"),
    (Unit::Weeks, "week", "weeks"),
    (Unit::Months, "month", "months"),
    (Unit::WorkingDays, "working day", "working days"),
    (Unit::TribunalWorkingDays, "tribunal working day", "tribunal working days"),
];

/// A length of time as the law states it: `6 weeks`, `15 days`, `30 tribunal working days`. 0 = at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Length {
    /// How many, `0..=36_525`.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

impl Length {
    /// The last day of a period that begins after `start`: the first day is not counted, as is the general convention.
    ///
    /// Days beyond the calendar's end (9999) are its last day. O(days) for working days.
    #[must_use]
    pub fn after(self, start: Date, holidays: &Holidays) -> Date {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Days => start.saturating_add(count.days()),
            Unit::Weeks => start.saturating_add(count.weeks()),
            Unit::Months => start.saturating_add(count.months()),
            Unit::WorkingDays | Unit::TribunalWorkingDays => self.step(start, holidays, later),
        }
    }

    /// The last day of a period that begins with `start`, which is day 1: "beginning with the day on which".
    #[must_use]
    pub fn beginning_with(self, start: Date, holidays: &Holidays) -> Date {
        match self.unit {
            // Of a month that lacks the day, all days belong to the period: none is the day before the anniversary.
            Unit::Months if self.after(start, holidays).day() != start.day() => self.after(start, holidays),
            Unit::Days | Unit::Weeks | Unit::Months => earlier(self.after(start, holidays)).max(start),
            // As if it began after the day before: a start that does not count is no day 1.
            Unit::WorkingDays | Unit::TribunalWorkingDays => self.after(earlier(start), holidays).max(start),
        }
    }

    /// The last day that is at least so long before `end`.
    #[must_use]
    pub fn before(self, end: Date, holidays: &Holidays) -> Date {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Days => end.saturating_sub(count.days()),
            Unit::Weeks => end.saturating_sub(count.weeks()),
            Unit::Months => end.saturating_sub(count.months()),
            Unit::WorkingDays | Unit::TribunalWorkingDays => self.step(end, holidays, earlier),
        }
    }

    /// Goes day by day until enough have counted, or the calendar ends.
    fn step(self, from: Date, holidays: &Holidays, next: fn(Date) -> Date) -> Date {
        let (mut day, mut left) = (from, self.count);
        while left > 0 && next(day) != day {
            day = next(day);
            left -= u32::from(holidays.counts(self.unit, day));
        }
        day
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, one, many) = UNITS.iter().find(|(unit, ..)| *unit == self.unit).expect("every unit has its words");
        write!(f, "{} {}", self.count, if self.count == 1 { one } else { many })
    }
}

impl From<Length> for String {
    fn from(length: Length) -> Self {
        length.to_string()
    }
}

impl TryFrom<String> for Length {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let units: Vec<_> = UNITS.iter().map(|(_, _, many)| *many).collect();
            format!("{text:?} is no length of time: write a number up to {COUNT_MAX} and one of {}", units.join(", "))
        };
        let (count, words) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let count = count.parse().ok().filter(|&count| count <= COUNT_MAX).ok_or_else(wrong)?;
        let is_named = |(_, one, many): &&(Unit, &str, &str)| words.trim() == *one || words.trim() == *many;
        let unit = UNITS.iter().find(is_named).ok_or_else(wrong)?.0;
        Ok(Self { count, unit })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn length(text: &str) -> Length {
        text.parse().unwrap()
    }

    #[test]
    fn the_shipped_list_is_whole() {
        let england = Holidays::england();
        assert_eq!(england.years(), Some((2014, 2030)));
        for year in 2014..=2030 {
            let count = england.days.iter().filter(|day| day.year() == year).count();
            // The Platinum Jubilee and the State funeral; the Coronation.
            let extra = match year {
                2022 => 2,
                2023 => 1,
                _ => 0,
            };
            assert_eq!(count, 8 + extra, "{year}");
        }
        for day in [date(2020, 5, 8), date(2022, 6, 3), date(2026, 4, 6), date(2027, 12, 28)] {
            assert!(!england.is_working_day(day), "{day}");
        }
        assert!(england.is_working_day(date(2020, 5, 4)), "the bank holiday was moved to the 8th");
    }

    #[test]
    fn a_list_may_be_ones_own() {
        let own = Holidays::on(&[date(2025, 3, 17), date(2025, 7, 14)]);
        assert!(!own.is_working_day(date(2025, 3, 17)) && own.is_working_day(date(2025, 12, 25)));
    }

    #[test]
    fn lengths_are_counted_from_the_day_after() {
        let england = Holidays::england();
        for (text, start, last) in [
            ("6 weeks", date(2025, 1, 20), date(2025, 3, 3)),
            ("15 days", date(2025, 12, 20), date(2026, 1, 4)),
            ("2 months", date(2023, 12, 31), date(2024, 2, 29)),
            ("2 months", date(2024, 12, 31), date(2025, 2, 28)),
            ("12 months", date(2024, 2, 29), date(2025, 2, 28)),
            ("0 days", date(2025, 1, 20), date(2025, 1, 20)),
            // From Tuesday before Easter over two bank holidays.
            ("5 working days", date(2025, 4, 15), date(2025, 4, 24)),
            // Thursday; the weekend; Tuesday to Thursday; then August is over.
            ("3 tribunal working days", date(2025, 7, 30), date(2025, 9, 2)),
            ("1 tribunal working day", date(2025, 12, 24), date(2026, 1, 2)),
        ] {
            assert_eq!(length(text).after(start, &england), last, "{text} after {start}");
        }
    }

    #[test]
    fn a_period_that_begins_with_a_day_counts_it() {
        let england = Holidays::england();
        for (text, start, last) in [
            ("15 days", date(2025, 3, 3), date(2025, 3, 17)),
            ("12 months", date(2025, 3, 3), date(2026, 3, 2)),
            ("12 months", date(2024, 2, 29), date(2025, 2, 28)),
            ("12 months", date(2023, 3, 1), date(2024, 2, 29)),
            ("15 working days", date(2025, 3, 3), date(2025, 3, 21)),
            // A Saturday is no day 1.
            ("2 working days", date(2025, 3, 1), date(2025, 3, 4)),
            ("0 days", date(2025, 3, 3), date(2025, 3, 3)),
        ] {
            assert_eq!(length(text).beginning_with(start, &england), last, "{text} beginning with {start}");
        }
    }

    #[test]
    fn before_a_day_is_at_least_so_long() {
        let england = Holidays::england();
        for (text, end, last) in [
            ("2 weeks", date(2025, 3, 3), date(2025, 2, 17)),
            ("5 months", date(2025, 7, 31), date(2025, 2, 28)),
            ("10 working days", date(2025, 1, 10), date(2024, 12, 24)),
        ] {
            assert_eq!(length(text).before(end, &england), last, "{text} before {end}");
        }
    }

    #[test]
    fn the_end_of_the_calendar_ends_every_period() {
        let england = Holidays::england();
        for text in ["36525 days", "36525 weeks", "36525 months", "36525 working days"] {
            assert_eq!(length(text).after(date(9990, 1, 1), &england), Date::MAX, "{text}");
            assert_eq!(length(text).before(date(-9999, 1, 9), &england), Date::MIN, "{text}");
        }
    }

    #[test]
    fn what_is_no_length_is_refused_and_what_is_one_is_written_as_it_was() {
        for text in ["1 day", "6 weeks", "1 month", "10 working days", "30 tribunal working days", "0 days"] {
            assert_eq!(length(text).to_string(), text);
        }
        for text in ["", "6", "weeks", "six weeks", "-1 days", "36526 days", "6 fortnights", "6weeks"] {
            let message = text.parse::<Length>().unwrap_err();
            assert!(message.starts_with(&format!("{text:?} is no length of time")), "{message}");
        }
    }
}

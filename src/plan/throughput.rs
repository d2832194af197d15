//! Points that an officer has for dated work, week by week.

use jiff::{ToSpan as _, civil::Date};

use crate::model::{Officer, Rules, capacity_on, days_away};

/// Points of an officer in each of so many weeks from a day, and whether they are an assumption: an officer with neither points nor hours
/// is taken to be full-time. Of a week in which the officer is there for some days, so many sevenths. O(weeks x absences).
pub(super) fn weekly_points(
    officer: &Officer,
    rules: &Rules,
    as_at: Date,
    weeks: usize,
    percent: i64,
) -> (Vec<i64>, bool) {
    let by_hours = |day| capacity_on(officer, rules.full_time_capacity_points, day);
    let is_assumed = officer.capacity_points.is_none() && by_hours(as_at).is_none();
    let points = (0..weeks as i64).map(|week| {
        let monday = as_at.saturating_add(week.weeks());
        let days = (0..7_i64).filter(|&day| is_there(officer, monday.saturating_add(day.days()))).count() as i64;
        let whole = officer.capacity_points.or_else(|| by_hours(monday)).unwrap_or(rules.full_time_capacity_points);
        whole * days * percent / 700
    });
    (points.collect(), is_assumed)
}

fn is_there(officer: &Officer, day: Date) -> bool {
    officer.available_from.is_none_or(|first| first <= day)
        && officer.available_until.is_none_or(|last| day <= last)
        && (officer.absences.is_empty() || days_away(&officer.absences, day).is_none())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn check(change: impl FnOnce(&mut Officer), expected: [i64; 3], assumed: bool) {
        let mut officer = Officer::new("o1".into());
        change(&mut officer);
        let found = weekly_points(&officer, &Rules::standard(), date(2026, 9, 1), 3, 50);
        assert_eq!(found, (expected.to_vec(), assumed));
    }

    #[test]
    fn points_are_those_of_the_cap_or_of_the_hours_less_days_away() {
        check(|officer| officer.capacity_points = Some(700), [350, 350, 350], false);
        check(|officer| officer.capacity_points = Some(0), [0, 0, 0], false);
        check(|officer| officer.max_case_count = Some(10), [900, 900, 900], true);
        let part = |officer: &mut Officer| {
            officer.fte_percent = Some(50);
            officer.reductions = vec!["new_starter:60%::2026-09-07".parse().unwrap()];
        };
        check(part, [180, 450, 450], false);
        let away = |officer: &mut Officer| {
            officer.capacity_points = Some(1_400);
            officer.absences = vec!["2026-09-05:2026-09-14".parse().unwrap()];
            officer.available_until = Some(date(2026, 9, 16));
        };
        check(away, [400, 0, 200], false);
    }
}

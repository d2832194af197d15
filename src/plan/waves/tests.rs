use std::fmt::Write as _;

use expect_test::{Expect, expect};
use jiff::civil::date;

use super::*;
use crate::{
    model::{Case, Code},
    plan::test_team,
};

/// Officers `o1:cap:intake:areas`, cases `a:area:days-to-due-date[:holder]`; an intake of `-` is none.
fn given(officers: &str, cases: &str) -> Given {
    let as_at = date(2026, 9, 1);
    let officer = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        Officer {
            max_case_count: parts[1].parse().ok(),
            intake_limit: parts[2].parse().ok(),
            areas: parts[3].split('+').filter(|area| !area.is_empty()).map(Code::from).collect(),
            ..Officer::new(parts[0].into())
        }
    };
    let case = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        let days: i64 = parts[2].parse().unwrap();
        Case {
            area: Some(parts[1]).filter(|area| !area.is_empty()).map(Code::from),
            due_date: Some(as_at.saturating_add(days.days())),
            current_officer_id: parts.get(3).map(|id| (*id).into()),
            ..Case::new(parts[0].into())
        }
    };
    test_team::given(cases.split_whitespace().map(case).collect(), officers.split_whitespace().map(officer).collect())
}

fn answer(given: &Given, intake_limit: Option<i64>, without_caps: bool) -> Waves {
    let wanted = WaveOptions { intake_limit, without_caps };
    waves(given, &wanted, &Options::default(), &Budget::steps(500), &mut |_| ()).unwrap()
}

fn check(given: &Given, intake_limit: Option<i64>, without_caps: bool, expected: &Expect) {
    let found = answer(given, intake_limit, without_caps);
    let mut text = format!(
        "{} cases of {} children wait; {} weeks, at least {}; never {:?}\n",
        found.waiting_before_count,
        found.children_before_count,
        found.weeks.len(),
        found.week_count_at_least,
        found.never.iter().map(CaseId::as_str).collect::<Vec<_>>(),
    );
    for (number, wave) in found.weeks.iter().enumerate() {
        let taken = found.taken.iter().filter(|taken| taken.week == number);
        let who: Vec<String> = taken.map(|taken| format!("{}>{}", taken.case_id, taken.officer_id)).collect();
        writeln!(text, "{}: {}; {} still wait", wave.begin, who.join(" "), wave.waiting_count).unwrap();
    }
    for note in &found.notes {
        writeln!(text, "{note}").unwrap();
    }
    expected.assert_eq(&text);
}

#[test]
fn the_most_urgent_come_first_and_no_officer_takes_more_than_the_limit() {
    let given = given("o1:9:2: o2:1:1:", "a::60 b::1 c::30 d::-5 e::90 f::2");
    check(
        &given,
        None,
        false,
        &expect![[r#"
        6 cases of 6 children wait; 3 weeks, at least 3; never []
        2026-09-01: d>o1 b>o1; 4 still wait
        2026-09-08: f>o1 c>o1; 2 still wait
        2026-09-15: a>o1 e>o1; 0 still wait
    "#]],
    );
}

#[test]
fn what_finds_no_room_stays_on_the_holding_list_unless_caps_are_left_out() {
    let given = given("o1:2:9:", "a::60 b::1 c::30");
    check(
        &given,
        Some(1),
        false,
        &expect![[r#"
        3 cases of 3 children wait; 2 weeks, at least 2; never ["a"]
        2026-09-01: b>o1; 2 still wait
        2026-09-08: c>o1; 1 still wait
    "#]],
    );
    check(
        &given,
        Some(1),
        true,
        &expect![[r#"
        3 cases of 3 children wait; 3 weeks, at least 3; never []
        2026-09-01: b>o1; 2 still wait
        2026-09-08: c>o1; 1 still wait
        2026-09-15: a>o1; 0 still wait
        Caps on points and cases were left out, as asked: officers end above them.
    "#]],
    );
}

#[test]
fn an_allocation_is_found_that_spreads_new_cases_over_the_weeks() {
    // By area rank all would go to o1: four weeks. Two are enough, and fewer are not.
    let given = given("o1:9:1:n o2:9:1:s+n", "a:n:1 b:n:2 c:n:3 d:n:4");
    check(
        &given,
        None,
        false,
        &expect![[r#"
        4 cases of 4 children wait; 2 weeks, at least 2; never []
        2026-09-01: a>o2 c>o1; 2 still wait
        2026-09-08: b>o2 d>o1; 0 still wait
    "#]],
    );
}

#[test]
fn a_bound_of_some_officers_alone_counts() {
    // Only o1 may take those of the north, one a week; o2 has room for a hundred.
    let given = given("o1:9:1:n o2:99:100:s", "a:n:1 b:n:2 c:n:3 d:s:4");
    let found = answer(&given, None, false);
    assert_eq!((found.week_count_at_least, found.weeks.len()), (3, 3));
    assert_eq!(found.gap_weeks(), 0);
}

#[test]
fn what_was_taken_in_these_days_counts_in_the_first_week() {
    let mut given = given("o1:9:2:", "a::1 b::2 c::3");
    given.backlog.officers[0].former_intake = vec![date(2026, 8, 30)];
    let found = answer(&given, None, false);
    assert_eq!(found.weeks.iter().map(|wave| wave.taken_count).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(found.week_count_at_least, 2);
    // More were taken than the limit: the first week takes nobody, and no week makes up for that.
    given.backlog.officers[0].former_intake = vec![date(2026, 8, 30); 5];
    let found = answer(&given, None, false);
    assert_eq!(found.weeks.iter().map(|wave| wave.taken_count).collect::<Vec<_>>(), [0, 2, 1]);
    assert_eq!(found.week_count_at_least, 3);
}

#[test]
fn an_officer_without_a_limit_and_a_limit_that_cannot_be_are_refused_by_path() {
    let refused = |given: &Given, intake_limit| {
        let wanted = WaveOptions { intake_limit, without_caps: false };
        waves(given, &wanted, &Options::default(), &Budget::steps(9), &mut |_| ()).unwrap_err().to_string()
    };
    let given = given("o1:9:2: o2:9:-:", "a::1");
    assert_eq!(
        refused(&given, None),
        "the question cannot be answered: backlog.officers[1].intake_limit: is missing for officer o2; give it, or one intake limit for all"
    );
    for bad in [0, -3, 10_001] {
        let message = format!("the question cannot be answered: intake_limit: is {bad}; must be 1 to 10000");
        assert_eq!(refused(&given, Some(bad)), message);
    }
}

#[test]
fn an_officer_who_leaves_is_followed_in_waves() {
    let mut given = given("o1:9:2: o2:9:2:", "a::1:o1 b::2:o1 c::3:o1");
    given.backlog.officers[0].available_until = Some(date(2026, 8, 30));
    let found = answer(&given, None, false);
    assert_eq!((found.weeks.len(), found.week_count_at_least, found.waiting_before_count), (2, 2, 3));
    assert_eq!(found.weeks[0].waiting_count, 1);
}

#[test]
fn nothing_to_do_is_no_week() {
    let found = answer(&given("o1:9:2:", "a::1:o1"), None, false);
    assert_eq!((found.weeks.len(), found.week_count_at_least, found.never.len()), (0, 0, 0));
    let nobody = answer(&given("", "a::1"), Some(3), false);
    assert_eq!((nobody.weeks.len(), nobody.never.len(), nobody.children_before_count), (0, 1, 1));
}

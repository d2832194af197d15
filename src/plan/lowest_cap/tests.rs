use super::*;
use crate::{
    model::{Case, Officer},
    plan::{
        draws::Draws,
        test_team::{self, case, given},
    },
};

fn cases(weights: &[i64]) -> Vec<Case> {
    (0..).zip(weights).map(|(number, &weight)| case(number, weight, &[])).collect()
}

fn officer(id: &str, points: i64) -> Officer {
    test_team::officer(id, points, &[])
}

fn of(kind: CapKind, with_other_cap: bool) -> LowestCapOptions {
    LowestCapOptions { of: kind, with_other_cap, allowances: Allowances::default(), in_peak_week: false }
}

fn ask(given: &Given, wanted: &LowestCapOptions) -> LowestCap {
    lowest_cap(given, wanted, &Options::default(), &Budget::steps(400), &mut |_| ()).unwrap()
}

#[test]
fn the_lowest_caps_of_a_team_are_found_and_proved() {
    let given = given(cases(&[10; 7]), vec![officer("o1", 50), officer("o2", 50)]);
    for (wanted, cap, at_least) in [
        (of(CapKind::Cases, false), Some(4), 4),
        (of(CapKind::Cases, true), Some(4), 4),
        // 35 points each would do for parts of cases: what is proved is of those.
        (of(CapKind::Points, false), Some(40), 35),
    ] {
        let found = ask(&given, &wanted);
        assert_eq!((found.cap, found.at_least), (cap, at_least), "{wanted:?}");
        let totals = &found.allocation.as_ref().unwrap().totals;
        assert_eq!((totals.waiting_count, totals.over_cap_officer_count), (0, 0));
    }
}

#[test]
fn part_time_officers_have_their_share_and_allowances_count() {
    let half = Officer { fte_percent: Some(50), ..Officer::new("o2".into()) };
    let given = given(cases(&[1; 30]), vec![officer("o1", 1_000), half]);
    assert_eq!(ask(&given, &of(CapKind::Cases, false)).cap, Some(20));
    let allowances = Allowances { leave_percent: 50, ..Allowances::default() };
    assert_eq!(ask(&given, &LowestCapOptions { allowances, ..of(CapKind::Cases, false) }).cap, Some(40));
}

#[test]
fn what_no_cap_of_this_kind_makes_room_for_is_left_out_and_named() {
    let mut short = given(cases(&[10; 7]), vec![officer("o1", 30), officer("o2", 20)]);
    short.backlog.cases[0].skills = vec!["moon".into()];
    let found = ask(&short, &of(CapKind::Cases, true));
    let reasons: Vec<(&str, i64)> =
        found.out_of_reach.iter().map(|entry| (entry.reason.code(), entry.cases.case_count)).collect();
    assert_eq!(reasons, [("nobody", 1), ("no_room", 1)]);
    assert_eq!((found.cap, found.at_least), (Some(3), 3));
}

#[test]
fn nothing_below_the_bound_and_nothing_above_the_answer_is_the_lowest() {
    for seed in 0..60 {
        let draws = Draws::new(seed);
        let below = |number: u64, limit: u64| draws.of(number).below(limit) as i64;
        let weights: Vec<i64> = (0..3 + below(0, 5) as u64).map(|number| 1 + below(10 + number, 9)).collect();
        let given = given(cases(&weights), (0..2 + below(1, 2)).map(|n| officer(&format!("o{n}"), 1_000)).collect());
        let officers = given.backlog.officers.len();
        let lowest = (1..).find(|&cap| fits(&weights, &mut vec![cap; officers])).unwrap();
        let found = ask(&given, &of(CapKind::Points, false));
        let cap = found.cap.unwrap();
        assert!(found.at_least <= lowest && lowest <= cap, "seed {seed}: {} <= {lowest} <= {cap}", found.at_least);
        let cases = ask(&given, &of(CapKind::Cases, false));
        let lowest = (weights.len() as i64 + officers as i64 - 1) / officers as i64;
        assert_eq!((cases.cap, cases.at_least), (Some(lowest), lowest), "seed {seed}");
    }
}

fn fits(weights: &[i64], rooms: &mut Vec<i64>) -> bool {
    let Some((&weight, rest)) = weights.split_first() else { return true };
    (0..rooms.len()).any(|at| {
        if rooms[at] < weight {
            return false;
        }
        rooms[at] -= weight;
        let fit = fits(rest, rooms);
        rooms[at] += weight;
        fit
    })
}

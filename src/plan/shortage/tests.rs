use super::*;
use crate::{
    model::{Case, Officer},
    plan::{
        draws::Draws,
        test_team::{self, case, given},
    },
};

fn officer(id: &str, points: i64, skills: &[&str]) -> Officer {
    Officer { max_case_count: Some(100), ..test_team::officer(id, points, skills) }
}

fn ask(given: &Given) -> Shortages {
    shortages(given, &ShortageOptions::default()).unwrap()
}

#[test]
fn the_cases_that_lack_room_are_told_with_who_could_hold_them() {
    let mut cases: Vec<Case> = (0..5).map(|number| case(number, 10, &["tribunal"])).collect();
    cases.extend((5..8).map(|number| case(number, 10, &[])));
    let found = ask(&given(cases, vec![officer("o1", 30, &["tribunal"]), officer("o2", 90, &[])]));
    let [set] = &found.sets[..] else { panic!("one set: {:?}", found.sets) };
    assert_eq!((set.of, set.case_count, set.need, set.room, set.lacking()), (CapKind::Points, 5, 50, 30, 20));
    assert_eq!(set.officer_ids, ["o1".into()]);
    assert_eq!(set.children_without_officer_at_least, 2);
    assert_eq!(set.groups[0].skills, ["tribunal".into()]);
}

#[test]
fn where_everything_fits_there_is_no_set() {
    let cases = (0..3).map(|number| case(number, 10, &[])).collect();
    let found = ask(&given(cases, vec![officer("o1", 30, &[])]));
    assert_eq!((found.sets, found.nobody), (Vec::new(), Vec::new()));
}

#[test]
fn what_nobody_may_hold_is_told_apart_and_sets_without_a_common_officer_are_two() {
    let mut cases: Vec<Case> = (0..3).map(|number| case(number, 10, &["a"])).collect();
    cases.extend((3..7).map(|number| case(number, 10, &["b"])));
    cases.push(case(7, 1, &["moon"]));
    let found = ask(&given(cases, vec![officer("o1", 20, &["a"]), officer("o2", 20, &["b"])]));
    let lacking: Vec<(i64, &str)> = found.sets.iter().map(|set| (set.lacking(), set.officer_ids[0].as_str())).collect();
    assert_eq!(lacking, [(20, "o2"), (10, "o1")]);
    assert_eq!(found.nobody.iter().map(|group| group.case_count).sum::<i64>(), 1);
}

#[test]
fn children_are_counted_once_and_on_the_safe_side() {
    let mut cases: Vec<Case> = (0..6).map(|number| case(number, 10, &[])).collect();
    for case in &mut cases[..4] {
        case.child_id = Some("one".into());
    }
    // 3 of 6 wait: all three may be those of one child.
    let found = ask(&given(cases, vec![officer("o1", 30, &[])]));
    assert_eq!(found.sets[0].children_without_officer_at_least, 1);
}

/// Against every set of cases: none lacks more than the sets that are told, and each of them is short by itself.
#[test]
fn no_set_of_cases_lacks_more_than_what_is_told() {
    for seed in 0..100 {
        let draws = Draws::new(seed);
        let below = |number: u64, limit: u64| draws.of(number).below(limit) as i64;
        let skill = |number: u64| [None, Some("a"), Some("b")][below(number, 3) as usize];
        let cases: Vec<Case> = (0..3 + below(0, 6) as u64)
            .map(|number| case(number as usize, 1 + below(10 + number, 8), skill(30 + number).as_slice()))
            .collect();
        let team = vec![
            officer("o1", below(1, 20), &["a"]),
            officer("o2", below(2, 20), &["b"]),
            officer("o3", below(3, 20), &["a", "b"]),
        ];
        let may = |case: &Case, officer: &Officer| {
            let cap = officer.capacity_points.unwrap();
            cap > 0
                && case.weight_points.unwrap() <= cap
                && case.skills.iter().all(|skill| officer.skills.contains(skill))
        };
        let held: Vec<&Case> = cases.iter().filter(|case| team.iter().any(|officer| may(case, officer))).collect();
        let lacks = |set: usize| {
            let of: Vec<&&Case> =
                held.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, case)| case).collect();
            let need: i64 = of.iter().map(|case| case.weight_points.unwrap()).sum();
            let who = team.iter().filter(|officer| of.iter().any(|case| may(case, officer)));
            need - who.map(|officer| officer.capacity_points.unwrap()).sum::<i64>()
        };
        let most = (0..1_usize << held.len()).map(lacks).max().unwrap();
        let found = ask(&given(cases.clone(), team.clone()));
        let told: i64 = found.sets.iter().map(Shortage::lacking).sum();
        assert_eq!(told, most.max(0), "seed {seed}: {:?}", found.sets);
        assert!(found.sets.iter().all(|set| set.lacking() > 0), "seed {seed}");
    }
}

use super::*;
use crate::{
    model::Case,
    plan::{
        draws::Draws,
        test_team::{case, given, officer},
    },
};

fn profile(code: &str, points: i64, skills: &[&str]) -> Profile {
    Profile {
        capacity_points: Some(points),
        skills: skills.iter().map(|&skill| skill.into()).collect(),
        ..Profile::new(code.into())
    }
}

fn ask(given: &Given, profiles: Vec<Profile>) -> Worth {
    let wanted = WorthOptions { profiles, with_forecast: false };
    worth(given, &wanted, &Options::default(), &Budget::steps(4_000), &mut |_| ()).unwrap()
}

#[test]
fn profiles_are_ranked_and_what_they_bring_is_what_the_search_finds() {
    let mut cases: Vec<Case> = (0..6).map(|number| case(number, 10, &["tribunal"])).collect();
    cases.extend((6..8).map(|number| case(number, 10, &[])));
    let given = given(cases, vec![officer("o1", 40, &["tribunal"])]);
    let found = ask(&given, vec![profile("plain", 50, &[]), profile("tribunal", 50, &["tribunal"])]);
    let told: Vec<(&str, i64, i64, i64)> = found
        .hires
        .iter()
        .map(|hire| {
            (hire.profile_code.as_str(), hire.children_gain, hire.children_gain_at_most, hire.eligible_case_count)
        })
        .collect();
    // 4 of 8 children wait: whoever has the skill takes all of them, who has not the two that need none.
    assert_eq!(told, [("tribunal", 4, 4, 8), ("plain", 2, 2, 2)]);
    assert!(found.hires[0].price_value > found.hires[1].price_value);
    assert_eq!(found.hires[0].figures.children_without_officer_count, 0);
}

#[test]
fn nothing_is_said_as_nothing_with_why() {
    let enough = given(vec![case(0, 10, &[])], vec![officer("o1", 40, &[])]);
    let found = ask(&enough, vec![profile("any", 40, &[])]);
    assert_eq!(found.hires[0].why_nothing, Some(WhyNothing::NothingMissing));
    let short = given(vec![case(0, 10, &["a"]), case(1, 10, &["a"])], vec![officer("o1", 10, &["a"])]);
    let found = ask(&short, vec![profile("b", 40, &["b"]), profile("a", 40, &["a"])]);
    let why: Vec<_> = found.hires.iter().map(|hire| (hire.profile_code.as_str(), hire.why_nothing)).collect();
    assert_eq!(why, [("a", None), ("b", Some(WhyNothing::NoCase))]);
    assert_eq!((found.hires[1].price_value, found.hires[1].gain, found.hires[1].children_gain_at_most), (0, 0, 0));
}

#[test]
fn load_above_a_cap_that_a_hire_takes_is_worth_something() {
    let mut cases: Vec<Case> = (0..6).map(|number| case(number, 10, &[])).collect();
    cases.iter_mut().for_each(|case| case.current_officer_id = Some("o1".into()));
    let found = ask(&given(cases, vec![officer("o1", 40, &[])]), vec![profile("any", 40, &[])]);
    let hire = &found.hires[0];
    assert_eq!((found.baseline.over_cap_points, hire.figures.over_cap_points, hire.children_gain), (20, 0, 0));
    assert!(hire.why_nothing.is_none() && hire.gain > 0, "{hire:?}");
}

#[test]
fn no_gain_is_above_price_value_and_gap_and_no_new_bound_above_the_old_objective() {
    for seed in 0..60 {
        let draws = Draws::new(seed);
        let below = |number: u64, limit: u64| draws.of(number).below(limit) as i64;
        let skill = |number: u64| [None, Some("a")][below(number, 2) as usize];
        let cases: Vec<Case> = (0..3 + below(0, 6) as u64)
            .map(|number| {
                let mut case = case(number as usize, 1 + below(10 + number, 8), skill(30 + number).as_slice());
                case.current_officer_id = (below(50 + number, 3) == 0).then(|| "o1".into());
                case
            })
            .collect();
        let team = vec![officer("o1", below(1, 20), &["a"]), officer("o2", below(2, 20), &[])];
        let hired = vec![profile("a", 1 + below(3, 20), &["a"]), profile("plain", 1 + below(4, 20), &[])];
        // Few steps: where the search has not come far, too.
        let wanted = WorthOptions { profiles: hired, with_forecast: false };
        let budget = Budget::steps([5, 400][below(5, 2) as usize]);
        let found = worth(&given(cases, team), &wanted, &Options::default(), &budget, &mut |_| ()).unwrap();
        let gap = found.baseline.objective - found.baseline.bound;
        for hire in &found.hires {
            assert!(hire.gain <= hire.price_value + gap, "seed {seed}: {hire:?}");
            assert!(hire.figures.bound <= found.baseline.objective, "seed {seed}: {hire:?}");
            assert!(hire.children_gain <= hire.children_gain_at_most, "seed {seed}: {hire:?}");
        }
    }
}

//! The independent checker finds every lie that is told to it.

use caseload::model::{Allocation, Backlog, Case, Officer, Problem, Rules};
use caseload::solve::Budget;
use caseload::solve::verify::{faults, gap_items, unit_officers};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::solve_teams::{PLENTY, TODAY, check, solved, teams};

/// o1 holds a and b and is full; o2 has room for one of the others, o3 for none; s is short of skill.
fn problem(rules: Rules) -> Problem {
    let officer = |id: &str, capacity| Officer { capacity_points: Some(capacity), ..Officer::new(id.into()) };
    let case = |id: &str, weight| Case { weight_points: Some(weight), ..Case::new(id.into()) };
    let held = |id: &str, weight| Case { current_officer_id: Some("o1".into()), ..case(id, weight) };
    let backlog = Backlog {
        as_at: TODAY,
        cases: vec![
            held("a", 3),
            Case { pinned: true, ..held("b", 2) },
            Case { child_id: Some("k".into()), ..case("c", 4) },
            Case { child_id: Some("k".into()), barred_officer_ids: vec!["o3".into()], ..case("d", 3) },
            Case { skills: vec!["asd".into()], ..case("e", 1) },
            Case { group_id: Some("g".into()), ..case("f", 1) },
            Case { group_id: Some("g".into()), ..case("g", 1) },
        ],
        officers: vec![
            officer("o1", 5),
            Officer { max_case_count: Some(4), skills: vec!["asd".into()], ..officer("o2", 6) },
            Officer { intake_limit: Some(3), ..officer("o3", 2) },
            Officer { available_until: Some(TODAY.yesterday().unwrap()), ..officer("o4", 9) },
        ],
        supervisors: Vec::new(),
        pairs: None,
    };
    Problem::new(backlog, rules).unwrap()
}

/// What the checker says when `lie` has been told of a good answer.
fn check_lie(lie: impl Fn(&mut Allocation), expected: Expect) {
    check_lie_under(Rules::standard(), lie, expected);
}

fn check_lie_under(rules: Rules, lie: impl Fn(&mut Allocation), expected: Expect) {
    let problem = problem(rules);
    let mut allocation = solved(&problem, &Budget::steps(PLENTY));
    lie(&mut allocation);
    expected.assert_eq(&faults(&problem, &allocation).join("\n"));
}

/// Gives a case that is held, or waits, to another officer.
fn give(allocation: &mut Allocation, case_id: &str, officer_id: &str) {
    release(allocation, case_id);
    let held = &mut allocation.held;
    let mut moved = held[0].clone();
    (moved.case_id, moved.officer_id) = (case_id.into(), officer_id.into());
    allocation.holdings.retain(|holding| holding.case_id.as_str() != case_id);
    held.push(moved);
}

/// Puts a case on the holding list.
fn release(allocation: &mut Allocation, case_id: &str) {
    let is_held = allocation.held.iter().any(|held| held.case_id.as_str() == case_id);
    allocation.held.retain(|held| held.case_id.as_str() != case_id);
    if is_held {
        let mut holding = allocation.holdings[0].clone();
        holding.case_id = case_id.into();
        allocation.holdings.push(holding);
    }
}

#[test]
fn the_truth_has_no_faults() {
    check_lie(|_| {}, expect![[""]]);
}

#[test]
fn the_answer_that_is_lied_about() {
    let allocation = solved(&problem(Rules::standard()), &Budget::steps(PLENTY));
    let held: Vec<String> =
        allocation.held.iter().map(|held| format!("{} {}", held.case_id, held.officer_id)).collect();
    let evidence = &allocation.evidence;
    expect!["a o1, b o1, c o2, e o2, f o3, g o3; objective 1055, price bound 682, bound 1055, count bound 0"]
        .assert_eq(&format!(
            "{}; objective {}, price bound {}, bound {}, count bound {}",
            held.join(", "),
            evidence.objective,
            evidence.price_bound,
            evidence.bound,
            evidence.count_bound
        ));
}

#[test]
fn a_case_over_a_points_cap() {
    check_lie(|allocation| give(allocation, "c", "o3"), expect!["officer o3 has 6 points; the limit is 2"]);
    check_lie(|allocation| give(allocation, "a", "o2"), expect!["officer o2 has 8 points; the limit is 6"]);
}

#[test]
fn a_case_dropped() {
    check_lie(
        |allocation| drop(allocation.held.remove(0)),
        expect!["case a is neither with an officer nor on the holding list"],
    );
    check_lie(
        |allocation| allocation.holdings.clear(),
        expect!["case d is neither with an officer nor on the holding list"],
    );
}

#[test]
fn a_case_given_twice() {
    check_lie(
        |allocation| {
            let again = allocation.held[0].clone();
            allocation.held.push(again);
        },
        expect!["case a is in the answer twice"],
    );
    check_lie(
        |allocation| {
            let mut again = allocation.holdings[0].clone();
            again.case_id = "a".into();
            allocation.holdings.push(again);
        },
        expect!["case a is in the answer twice"],
    );
}

#[test]
fn a_case_or_an_officer_from_nowhere() {
    check_lie(
        |allocation| allocation.held[0].case_id = "z".into(),
        expect!["case z is in the answer but not in the backlog"],
    );
    check_lie(
        |allocation| allocation.held[0].officer_id = "o9".into(),
        expect!["case a is with officer o9, who is not in the backlog"],
    );
}

#[test]
fn officers_who_may_not_have_it() {
    check_lie(
        |allocation| give(allocation, "d", "o3"),
        expect![[r#"
        case d is with officer o3, who is barred from it
        officer o3 has 5 points; the limit is 2"#]],
    );
    check_lie(
        |allocation| give(allocation, "e", "o3"),
        expect![[r#"
        case e is with officer o3, who lacks its area or a skill
        officer o3 has 3 points; the limit is 2"#]],
    );
    check_lie(
        |allocation| give(allocation, "c", "o4"),
        expect![[r#"
        case c is with officer o4, who is not in service
        officer o4 has 1 new cases; the limit is 0"#]],
    );
}

#[test]
fn a_pin_ignored() {
    check_lie(
        |allocation| give(allocation, "b", "o2"),
        expect![[r#"
        case b is pinned but with officer o2
        officer o2 has 7 points; the limit is 6"#]],
    );
    check_lie(
        |allocation| release(allocation, "b"),
        expect![[r#"
        case b left an officer who stays for the holding list
        case b is pinned but waits"#]],
    );
}

#[test]
fn a_case_released_without_leave() {
    check_lie(|allocation| release(allocation, "a"), expect!["case a left an officer who stays for the holding list"]);
}

#[test]
fn a_group_taken_apart() {
    check_lie(
        |allocation| give(allocation, "g", "o1"),
        expect![[r#"
        officer o1 has 6 points; the limit is 5
        group g is not together"#]],
    );
    check_lie(|allocation| release(allocation, "g"), expect!["group g is not together"]);
}

#[test]
fn more_handovers_than_the_limit() {
    let rules = Rules { handover_limit: Some(0), ..Rules::standard() };
    check_lie_under(
        rules,
        |allocation| {
            release(allocation, "d");
            release(allocation, "c");
            give(allocation, "a", "o2");
        },
        expect!["1 cases change officer; the limit is 0"],
    );
}

#[test]
fn figures_of_quality_that_are_better_than_the_truth() {
    check_lie(
        |allocation| allocation.evidence.objective -= 1,
        expect![[r#"
        the objective is 1055, not 1054
        the bound 1055 is above the objective 1054"#]],
    );
    check_lie(
        |allocation| allocation.evidence.price_bound += 1,
        expect!["the proof gives a price bound of 682, not 683"],
    );
    check_lie(
        |allocation| allocation.evidence.bound = allocation.evidence.objective + 1,
        expect!["the bound 1056 is above the objective 1055"],
    );
    check_lie(
        |allocation| allocation.evidence.bound = allocation.evidence.price_bound - 1,
        expect!["the bound 681 is below the price bound 682"],
    );
    check_lie(|allocation| allocation.evidence.count_bound += 1, expect!["the proof gives a count bound of 0, not 1"]);
}

#[test]
fn prices_that_were_changed() {
    check_lie(
        |allocation| allocation.evidence.proof.officers[1].point += 1 << 20,
        expect![[r#"
            the proof gives a price bound of 625, not 682
            the items of objective - bound are not what the answer says"#]],
    );
    check_lie(
        |allocation| allocation.evidence.proof.officers[0].point = -1,
        expect!["the proof's price of a point of officer o1 is -1; prices are 0 or more"],
    );
    check_lie(
        |allocation| allocation.evidence.proof.officers[0].new_case = 1,
        expect!["the proof has a price of a new case of officer o1, who has no such limit"],
    );
    check_lie(
        |allocation| allocation.evidence.proof.handover = 1,
        expect!["the proof's price of a handover is 1, which no limit explains"],
    );
    check_lie(
        |allocation| allocation.evidence.proof.officers.truncate(3),
        expect!["the proof has prices of 3 officers; the backlog has 4"],
    );
}

#[test]
fn figures_that_people_read() {
    check_lie(
        |allocation| allocation.caseloads[1].case_count += 1,
        expect!["officer o2 has 2 cases; the caseload says 3"],
    );
    check_lie(
        |allocation| allocation.caseloads.swap(0, 1),
        expect![[r#"
            the caseload of o2 is where that of o1 belongs
            the caseload of o1 is where that of o2 belongs"#]],
    );
    check_lie(
        |allocation| drop(allocation.caseloads.pop()),
        expect!["3 caseloads are listed; the backlog has 4 officers"],
    );
    check_lie(|allocation| allocation.totals.waiting_count -= 1, expect!["1 cases that wait are counted, not 0"]);
    check_lie(
        |allocation| allocation.totals.children_without_officer_count -= 1,
        expect!["1 children without an officer are counted, not 0"],
    );
    check_lie(|allocation| allocation.totals.handover_count += 1, expect!["0 handovers are counted, not 1"]);
    check_lie(|allocation| allocation.totals.release_count += 1, expect!["0 releases are counted, not 1"]);
    check_lie(
        |allocation| allocation.caseloads[1].new_case_count -= 1,
        expect!["officer o2 has 2 new cases; the caseload says 1"],
    );
    check_lie(|allocation| allocation.caseloads[1].over = true, expect!["the caseload of o2 is not over a cap"]);
    check_lie(
        |allocation| allocation.caseloads[1].load_points -= 1,
        expect!["officer o2 has 5 points; the caseload says 4"],
    );
}

#[test]
fn of_any_team_any_lie_about_its_quality_is_found() {
    check(200, &(teams(), 1..50_i64), |(team, by)| {
        let problem = team.problem();
        let truth = team.solve();
        let is_found = |lie: &dyn Fn(&mut Allocation)| {
            let mut allocation = truth.clone();
            lie(&mut allocation);
            allocation == truth || !faults(&problem, &allocation).is_empty()
        };
        prop_assert!(is_found(&|allocation| allocation.evidence.objective -= by));
        prop_assert!(is_found(&|allocation| allocation.evidence.objective += by));
        prop_assert!(is_found(&|allocation| allocation.evidence.price_bound += by));
        prop_assert!(is_found(&|allocation| allocation.evidence.count_bound += by));
        prop_assert!(is_found(&|allocation| allocation.evidence.bound += by + allocation.evidence.objective));
        prop_assert!(is_found(&|allocation| allocation.caseloads[0].case_count += by));
        prop_assert!(is_found(&|allocation| drop(allocation.held.pop())));
        prop_assert!(is_found(&|allocation| drop(allocation.holdings.pop())));
        // Of another price the checker computes what it proves, and compares.
        let mut other = truth.evidence.proof.clone();
        let position = other.officers.iter().position(|prices| prices.point > 0);
        if let Some(position) = position {
            other.officers[position].point += by << 16;
            let bound = caseload::solve::verify::price_bound(
                problem.instance(),
                &other,
                caseload::solve::verify::Measure::Price,
            );
            let mut officers = vec![None; problem.backlog().cases.len()];
            for held in &truth.held {
                let case = problem.case_index(&held.case_id).unwrap();
                officers[case.get()] = problem.officer_index(&held.officer_id);
            }
            let items = gap_items(problem.instance(), &unit_officers(&problem, &officers), &other).unwrap();
            let lie = |allocation: &mut Allocation| {
                allocation.evidence.proof = other.clone();
                allocation.evidence.gap_items = items.clone();
            };
            prop_assert_eq!(is_found(&lie), bound != Ok(truth.evidence.price_bound));
        }
        Ok(())
    });
}

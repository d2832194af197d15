use expect_test::{Expect, expect};

use serde_json::Value;

use super::*;
use crate::{
    model::{Case, CaseId, ChildId, Officer, OfficerId, Rules, Supervisor, Termination},
    plan::{
        adjust::{Away, Caps, Closing, Growth, Joiners, OfficerChange},
        draws::Draws,
    },
    statute::{Catalogue, Statute},
};

const STEPS: u64 = 2_000;

fn id(prefix: &str, number: u64) -> String {
    format!("{prefix}{number}")
}

/// A small team: cases of areas a and b, weights 1 to 9, some held; officers of either area or both, with caps of points and cases.
fn drawn(draws: Draws, prefix: &str, areas: &[&str]) -> Given {
    let area = |draws: Draws| Code::from(areas[usize::try_from(draws.below(areas.len() as u64)).unwrap()]);
    let officer_count = 2 + draws.of(1).below(3);
    let officers: Vec<Officer> = (0..officer_count)
        .map(|number| {
            let draws = draws.of(2).of(number);
            Officer {
                capacity_points: Some(5 + draws.of(1).below(15) as i64),
                max_case_count: Some(1 + draws.of(2).below(5) as i64),
                areas: vec![area(draws.of(3))],
                ..Officer::new(OfficerId::new(id(&format!("{prefix}o"), number)))
            }
        })
        .collect();
    let cases = (0..4 + draws.of(3).below(6))
        .map(|number| {
            let draws = draws.of(4).of(number);
            let area = area(draws.of(1));
            let holder =
                officers.iter().find(|officer| officer.areas.contains(&area)).filter(|_| draws.of(2).percent(40));
            Case {
                weight_points: Some(1 + draws.of(3).below(9) as i64),
                child_id: Some(ChildId::new(id(&format!("{prefix}child"), number / 2))),
                current_officer_id: holder.map(|officer| officer.id.clone()),
                area: Some(area),
                ..Case::new(CaseId::new(id(&format!("{prefix}c"), number)))
            }
        })
        .collect();
    let backlog =
        Backlog { as_at: "2026-09-01".parse().unwrap(), cases, officers, supervisors: Vec::new(), pairs: None };
    let statute = Statute::of(Catalogue::preset("send-england").unwrap());
    Given { backlog, rules: Rules::standard(), statute }
}

fn team(seed: u64) -> Given {
    drawn(Draws::new(seed), "", &["a", "b"])
}

fn scenario(adjustments: Vec<Adjustment>) -> Scenario {
    Scenario { name: "tried".to_owned(), adjustments, split_by_areas: Vec::new() }
}

/// Baseline and the one scenario.
fn compared(given: &Given, scenario: Scenario) -> (Evaluated, Evaluated) {
    let scenarios = [scenario];
    let mut comparison = Comparison::new(given, &scenarios, 7).unwrap();
    let (options, budget) = (Options::default(), Budget::steps(STEPS));
    let baseline = comparison.run_baseline(&options, &budget).unwrap();
    let tried = comparison.run(0, &options, &budget).unwrap();
    (baseline, tried)
}

#[test]
fn an_empty_scenario_is_the_baseline() {
    for seed in 0..30 {
        let (baseline, tried) = compared(&team(seed), scenario(Vec::new()));
        assert_eq!((tried.verdict, &tried.figures), (Verdict::Same, &baseline.figures), "seed {seed}");
        assert_eq!(tried.allocations, baseline.allocations, "seed {seed}");
    }
}

/// The number of children with an officer can fall; the price cannot rise.
#[test]
fn with_more_capacity_the_optimum_does_not_rise() {
    let mut better_count = 0;
    for seed in 0..60 {
        let given = team(seed);
        let joiner = Adjustment::OfficersJoin(Joiners { capacity_points: Some(12), ..Joiners::default() });
        let first = &given.backlog.officers[0];
        let more = OfficerChange {
            officer_id: first.id.clone(),
            capacity_points: first.capacity_points.map(|points| points + 9),
            max_case_count: first.max_case_count.map(|count| count + 3),
            intake_limit: None,
            fte_percent: None,
            areas: None,
            skills: None,
            setting_codes: None,
        };
        for adjustments in [vec![joiner], vec![Adjustment::OfficerChanges(more)]] {
            let (baseline, tried) = compared(&given, scenario(adjustments));
            assert!(tried.figures.bound <= baseline.figures.objective, "seed {seed}: {tried:?}");
            let is_optimal = |of: &Evaluated| of.allocations[0].evidence.termination == Termination::Optimal;
            if is_optimal(&baseline) && is_optimal(&tried) {
                assert!(tried.figures.objective <= baseline.figures.objective, "seed {seed}");
                better_count += u32::from(tried.verdict == Verdict::ProvenBetter);
            }
            assert_ne!(tried.verdict, Verdict::ProvenWorse, "seed {seed}");
        }
    }
    assert!(better_count > 20, "only {better_count} were proved better");
}

#[test]
fn who_leaves_holds_nothing_and_what_was_left_behind_is_told() {
    for seed in 0..30 {
        let given = team(seed);
        let leaver = given.backlog.officers[0].id.clone();
        let (baseline, tried) = compared(&given, scenario(vec![Adjustment::OfficersLeave(vec![leaver.clone()])]));
        let held = |case: &&Case| case.current_officer_id.as_ref() == Some(&leaver);
        assert_eq!(
            tried.figures.left_behind_count,
            given.backlog.cases.iter().filter(held).count() as i64,
            "seed {seed}"
        );
        assert!(tried.figures.officers.iter().all(|officer| officer.officer_id != leaver), "seed {seed}");
        assert!(tried.figures.officer_count + 1 == baseline.figures.officer_count, "seed {seed}");
        assert_ne!(tried.verdict, Verdict::ProvenBetter, "seed {seed}");
    }
}

#[test]
fn merged_and_split_again_a_team_is_what_it_was() {
    for seed in 0..30 {
        let north = drawn(Draws::new(seed).of(1), "n", &["a"]);
        let south = drawn(Draws::new(seed).of(2), "s", &["b"]);
        let split_by_areas = vec![vec![Code::from("a")], vec![Code::from("b")]];
        let merge = vec![Adjustment::TeamJoins(Box::new(south.backlog.clone()))];
        let parts = parts(&north, &Scenario { split_by_areas, ..scenario(merge) }, 7).unwrap();
        assert_eq!(parts, [north, south], "seed {seed}");
    }
}

#[test]
fn a_split_adds_up_what_its_parts_come_to() {
    let mut given = drawn(Draws::new(3), "", &["a", "b"]);
    given.backlog.supervisors = vec![Supervisor { id: "s".into(), areas: Vec::new(), max_holding_count: None }];
    given.backlog.officers[0].areas = vec!["a".into()];
    given.backlog.officers[1].areas = vec!["b".into()];
    for case in &mut given.backlog.cases {
        case.current_officer_id = None;
    }
    let split_by_areas = vec![vec![Code::from("a")], vec![Code::from("b")]];
    let (baseline, tried) = compared(&given, Scenario { split_by_areas, ..scenario(Vec::new()) });
    assert_eq!(tried.allocations.len(), 2);
    assert_eq!(tried.figures.case_count, baseline.figures.case_count);
    assert_eq!(tried.verdict, Verdict::NotComparable);
}

#[test]
fn demand_grows_and_shrinks_by_what_is_asked() {
    let given = team(5);
    let before = given.backlog.cases.len() as i64;
    let of_a = given.backlog.cases.iter().filter(|case| case.area == Some("a".into())).count() as i64;
    for percent in [-100, -50, 0, 30, 200] {
        let growth = Growth { percent, area: Some("a".into()), ..Growth::default() };
        let Ok(grown) = adjusted(&given, &[Adjustment::DemandGrows(growth.clone())], 1) else { panic!("{percent}") };
        let change = (of_a * percent.abs() + 50) / 100 * percent.signum();
        assert_eq!(grown.backlog.cases.len() as i64, before + change, "{percent} % of {of_a}");
        assert_eq!(adjusted(&given, &[Adjustment::DemandGrows(growth)], 1), Ok(grown), "the same seed draws the same");
    }
}

#[test]
fn an_area_that_closes_leaves_its_cases_to_another() {
    let given = team(5);
    let closing = Closing { area: "a".into(), goes_to: Some("b".into()) };
    let closed = adjusted(&given, &[Adjustment::AreaCloses(closing)], 1).unwrap();
    assert!(closed.backlog.cases.iter().all(|case| case.area == Some("b".into())));
    assert!(closed.backlog.officers.iter().all(|officer| officer.areas == [Code::from("b")]));
}

#[test]
fn all_are_told_of_once_the_baseline_first_and_a_panic_loses_one_answer() {
    let given = team(3);
    let scenarios: Vec<Scenario> = (0..5)
        .map(|number| {
            let growth = Growth { percent: 20 * number, ..Growth::default() };
            Scenario { name: number.to_string(), ..scenario(vec![Adjustment::DemandGrows(growth)]) }
        })
        .collect();
    let told = |threads: usize, hears: &(dyn Fn(Option<usize>) -> bool + Sync)| {
        let results = std::sync::Mutex::new(Vec::new());
        let options = Options { threads, ..Options::default() };
        Comparison::new(&given, &scenarios, 7).unwrap().run_all(
            &options,
            &Budget::steps(STEPS),
            &|position, result| {
                results.lock().unwrap().push((position, result.unwrap()));
                hears(position)
            },
        );
        results.into_inner().unwrap()
    };
    let mut together = told(3, &|_| true);
    assert_eq!(together[0].0, None);
    together.sort_by_key(|(position, _)| *position);
    assert_eq!(together, told(1, &|_| true), "one after the other, or side by side");
    let positions: Vec<Option<usize>> = together.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, [None, Some(0), Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(told(1, &|position| position.is_none()).len(), 2, "nobody hears of more than the first");
    assert_eq!(told(1, &|_| false).len(), 1);
    assert_eq!(guarded(|| Ok(7)), Ok(7));
    let lost: Result<(), FaultyAnswer> = guarded(|| panic!("on purpose"));
    assert!(lost.unwrap_err().to_string().contains("panicked"));
}

/// Everything that is wrong, by path.
fn check_refused(scenarios: &[Scenario], expected: Expect) {
    let given = team(1);
    let Err(Unanswerable::Invalid(faults)) = Comparison::new(&given, scenarios, 1) else { panic!("it is invalid") };
    expected.assert_eq(&faults.iter().map(|fault| format!("{fault}\n")).collect::<String>());
}

#[test]
fn what_cannot_be_is_refused_before_any_is_run() {
    let leave = |ids: &[&str]| Adjustment::OfficersLeave(ids.iter().map(|id| OfficerId::from(*id)).collect());
    let rules = |field: &str, value: Value| Adjustment::RulesChange([(field.to_owned(), value)].into());
    let everyone: Vec<OfficerId> = team(1).backlog.officers.iter().map(|officer| officer.id.clone()).collect();
    let day = |text: &str| text.parse().unwrap();
    let named = |name: &str, adjustments| Scenario { name: name.to_owned(), ..scenario(adjustments) };
    check_refused(
        &[
            named("unknown", vec![leave(&["o0", "nobody"])]),
            named("nobody left", vec![Adjustment::OfficersLeave(everyone)]),
            named("shrinks too far", vec![Adjustment::DemandGrows(Growth { percent: -101, ..Growth::default() })]),
            named("no case left", vec![Adjustment::DemandGrows(Growth { percent: -100, ..Growth::default() })]),
            named(
                "contradicts itself",
                vec![
                    leave(&["o0"]),
                    Adjustment::OfficerAway(Away {
                        officer_id: "o0".into(),
                        from: day("2026-10-02"),
                        until: day("2026-10-01"),
                    }),
                ],
            ),
            named(
                "rules",
                vec![
                    rules("handover_limit", 5.into()),
                    rules("handover_prize", 5.into()),
                    rules("handover_limit", 6.into()),
                ],
            ),
            named("caps", vec![Adjustment::CapsChange(Caps { capacity_points: Some(-1), ..Caps::default() })]),
            named("caps", Vec::new()),
            named("", vec![Adjustment::AreaCloses(Closing { area: "z".into(), goes_to: None })]),
            Scenario { split_by_areas: vec![vec!["a".into()], vec!["a".into()]], ..named("split", Vec::new()) },
        ],
        expect![[r#"
            scenarios[0].adjustments[0].officers_leave[1]: is nobody, who is no officer of this team; see the officers of the backlog
            scenarios[1].adjustments: leave no officer: every child would be without one
            scenarios[2].adjustments[0].demand_grows.percent: is -101; must be -100 to 1000
            scenarios[3].adjustments: leave no case: nothing is left to allocate
            scenarios[4].adjustments[1].officer_away.officer_id: is o0, who leaves in the same scenario; take one of the two out
            scenarios[4].adjustments[1].officer_away.until: is 2026-10-01, before its first day 2026-10-02
            scenarios[5].adjustments[2].rules_change: changes handover_limit of the rules a second time; give it once
            scenarios[5].adjustments[1].rules_change.handover_prize: is 5: unknown field `handover_prize`, expected one of `version`, `effective_from`, `area_rank_price`, `setting_price`, `handover_price`, `handover_price_per_point`, `handover_points`, `group_apart_price`, `same_child_apart_price`, `waiting_price`, `waiting_price_per_point`, `urgency_price_per_point`, `urgency_days`, `waited_price_per_point_week`, `raise_waiting_prices`, `balance`, `balance_may_move`, `over_cap_price_per_point`, `handover_limit`, `second_person_above_handovers`, `release_to_holding`, `default_max_case_count`, `check_by_days`, `longest_stay_days`, `full_time_capacity_points`, `catalogue`
            scenarios[6].adjustments[0].caps_change.capacity_points: is -1; must be 0 to 1000000000
            scenarios[7].name: is `caps`, as that of scenarios[6]; give each its own
            scenarios[8].name: has 0 bytes; 1 to 200 are allowed
            scenarios[8].adjustments[0].area_closes.area: is z, which no case, officer or supervisor has
            scenarios[9].split_by_areas: has area a in part 0 and part 1; give it once
            scenarios[9].split_by_areas: leaves case c1 with area b in no part
            scenarios[9].split_by_areas: leaves case c4 with area b in no part
            scenarios[9].split_by_areas: leaves officer o0 with area b in no part
            scenarios[9].split_by_areas: leaves officer o1 with area b in no part
            scenarios[9].split_by_areas: leaves officer o2 with area b in no part
            scenarios[9].split_by_areas: leaves the part of a without cases or without officers
            scenarios[9].split_by_areas: leaves the part of a without cases or without officers
        "#]],
    );
    let many: Vec<Scenario> = (0..=SCENARIOS_MAX).map(|number| named(&number.to_string(), Vec::new())).collect();
    check_refused(
        &many,
        expect![[r#"
        scenarios: are 65; at most 64 can be compared at once
    "#]],
    );
}

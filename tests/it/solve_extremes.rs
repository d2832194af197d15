//! Input at the ends of what is allowed: a correct answer or a clear refusal, never a panic, an endless loop or a wrong
//! bound.

use caseload::model::{
    Allocation, Anchor, Backlog, CAPACITY_POINTS_MAX, Case, EligiblePair, HoldingReason, Instance, Limits, Officer,
    OfficerIndex, PRICE_MAX, Pair, Problem, Rules, Termination, Unit, WEIGHT_POINTS_MAX,
};
use caseload::solve::{Budget, Options, solve_instance};

use crate::solve_teams::{TODAY, solved};

fn backlog(cases: Vec<Case>, officers: Vec<Officer>) -> Backlog {
    Backlog { as_at: TODAY, cases, officers, supervisors: Vec::new(), pairs: None }
}

fn cases(count: usize) -> Vec<Case> {
    (0..count).map(|number| Case::new(format!("c{number}").as_str().into())).collect()
}

fn officers(count: usize, capacity: i64) -> Vec<Officer> {
    let officer =
        |number| Officer { capacity_points: Some(capacity), ..Officer::new(format!("o{number}").as_str().into()) };
    (0..count).map(officer).collect()
}

fn allocated(backlog: Backlog, rules: Rules) -> Allocation {
    solved(&Problem::new(backlog, rules).expect("a valid backlog"), &Budget::steps(20_000))
}

#[test]
fn no_officer_at_all() {
    let allocation = allocated(backlog(cases(3), Vec::new()), Rules::standard());
    assert_eq!((allocation.totals.waiting_count, allocation.evidence.termination), (3, Termination::Optimal));
    assert_eq!(allocation.evidence.count_bound, 3);
    assert!(allocation.holdings.iter().all(|holding| holding.reason == HoldingReason::NoEligibleOfficer));
}

#[test]
fn no_case_at_all_is_refused() {
    let refused = Problem::new(backlog(Vec::new(), officers(2, 5)), Rules::standard()).unwrap_err();
    assert_eq!(refused.violations[0].message, "has no case; send at least one open case");
}

#[test]
fn officers_without_capacity_hold_nothing() {
    let allocation = allocated(backlog(cases(4), officers(3, 0)), Rules::standard());
    assert_eq!((allocation.totals.waiting_count, allocation.evidence.termination), (4, Termination::Optimal));
    assert!(allocation.holdings.iter().all(|holding| holding.reason == HoldingReason::AllFull));
}

#[test]
fn a_weight_above_every_cap_waits() {
    let heavy = Case { weight_points: Some(WEIGHT_POINTS_MAX), ..Case::new("heavy".into()) };
    let mut all = cases(2);
    all.push(heavy);
    let allocation = allocated(backlog(all, officers(2, 10)), Rules::standard());
    assert_eq!(allocation.totals.waiting_count, 1);
    assert_eq!(allocation.holdings[0].case_id.as_str(), "heavy");
    assert!(allocation.evidence.bound <= allocation.evidence.objective);
}

#[test]
fn capacities_at_their_limit() {
    let allocation = allocated(backlog(cases(50), officers(3, CAPACITY_POINTS_MAX)), Rules::standard());
    assert_eq!((allocation.totals.waiting_count, allocation.evidence.termination), (0, Termination::Optimal));
}

#[test]
fn prices_at_their_limit_add_up_and_beyond_it_are_refused() {
    let with_prices = |price: i64| {
        let mut backlog = backlog(cases(3), officers(2, 2));
        let pair = |case: &Case, officer: &Officer| Pair {
            case_id: case.id.clone(),
            officer_id: officer.id.clone(),
            cost: price,
            weight_points: None,
        };
        let pairs =
            backlog.cases.iter().flat_map(|case| backlog.officers.iter().map(move |officer| pair(case, officer)));
        backlog.pairs = Some(pairs.collect());
        for case in &mut backlog.cases {
            case.holding_price = Some(price);
        }
        Problem::new(backlog, Rules::plain())
    };
    let problem = with_prices(PRICE_MAX).expect("every price is allowed, and so is their sum");
    let evidence = solved(&problem, &Budget::steps(20_000)).evidence;
    assert_eq!((evidence.objective, evidence.termination), (3 * PRICE_MAX, Termination::Optimal));
    let refused = with_prices(i64::MAX).unwrap_err();
    assert!(refused.violations.iter().any(|violation| violation.value == i64::MAX.to_string()), "{refused:?}");
}

#[test]
fn all_costs_equal() {
    // More cases than room, and nothing to tell them apart.
    let rules = Rules { balance: Vec::new(), ..Rules::standard() };
    let allocation = allocated(backlog(cases(60), officers(6, 9)), rules);
    assert_eq!((allocation.totals.waiting_count, allocation.evidence.termination), (6, Termination::Optimal));
    assert_eq!(allocation.more_children_at_most(), 0);
}

/// A million units that are all alike, of weight 2, and room for three quarters of them.
#[test]
fn a_million_identical_units() {
    const UNITS: usize = 1_000_000; // more than one piece of work, and far more than officers
    const OFFICERS: usize = 10;
    let limits = Limits {
        capacity_points: Some(150_001),
        max_case_count: None,
        load_limit: Some(150_001),
        case_limit: None,
        intake_limit: None,
        balance: Vec::new(),
    };
    let mut instance = Instance::new(vec![limits; OFFICERS], None);
    let pairs: Vec<EligiblePair> = (0..OFFICERS)
        .map(|officer| EligiblePair {
            cost: 3,
            officer: OfficerIndex::new(officer),
            weight_points: 2,
            new_case_count: 1,
            handover_count: 0,
        })
        .collect();
    for _ in 0..UNITS {
        let unit = Unit {
            case_count: 1,
            child_count: 1,
            anchor: Anchor::None,
            waiting_price: Some(10),
            release_count: 0,
            stay_is_over: false,
        };
        instance.push(unit, &pairs);
    }
    let options = Options { gap_limit: 1e-4, ..Options::default() };
    let (officers, evidence) =
        solve_instance(&instance, &options, &Budget::steps(400), &mut |_| ()).expect("no faults");
    // 75,000 units fit each officer, with a point left over.
    assert_eq!(officers.iter().flatten().count(), 750_000);
    assert_eq!(evidence.objective, 750_000 * 3 + 250_000 * 10);
    // The point left over is worth 3.5 of price to the proof, with each officer.
    assert!(evidence.objective - evidence.price_bound <= 35, "{}", evidence.price_bound);
    assert!(evidence.price_bound <= evidence.objective);
}

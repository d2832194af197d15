//! Tiny teams with every feature, drawn at random, and what the properties need of them.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;

use caseload::model::{
    Allocation, Backlog, BalanceStep, Case, Code, Officer, OfficerId, Pair, Part, Problem, Rules, Supervisor,
};
use caseload::solve::{Budget, Options, solve};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

/// The day of every allocation.
pub(crate) const TODAY: Date = date(2025, 6, 2);
/// Steps enough for a tiny team's search to end by itself.
pub(crate) const PLENTY: u64 = 100_000;

/// A valid backlog with its rules.
#[derive(Clone)]
pub(crate) struct Team {
    pub(crate) backlog: Backlog,
    pub(crate) rules: Rules,
}

impl Team {
    pub(crate) fn problem(&self) -> Problem {
        Problem::new(self.backlog.clone(), self.rules.clone()).expect("the team was made valid")
    }

    pub(crate) fn solve(&self) -> Allocation {
        solved(&self.problem(), &Budget::steps(PLENTY))
    }
}

impl fmt::Debug for Team {
    /// As JSON, which is shorter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = |value: serde_json::Value| without_defaults(value).to_string();
        let lines = [
            json(serde_json::to_value(&self.backlog).expect("a backlog is JSON")),
            json(serde_json::to_value(&self.rules).expect("rules are JSON")),
        ];
        f.write_str(&lines.join("\n"))
    }
}

/// Nothing that is empty.
fn without_defaults(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    match value {
        Value::Array(entries) => Value::Array(entries.into_iter().map(without_defaults).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(name, value)| name == "pairs" && !value.is_null() || !is_empty(value))
                .map(|(name, value)| (name, without_defaults(value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Solves; the independent checker has passed what comes back.
pub(crate) fn solved(problem: &Problem, budget: &Budget) -> Allocation {
    solve(problem, &Options::default(), budget, &mut |_| {}).unwrap_or_else(|faulty| panic!("{:#?}", faulty.faults))
}

/// Checks a property of so many random values. A failure is shrunk, and names the seed that repeats it when it is given
/// as `PROPERTIES_SEED`.
pub(crate) fn check<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let seed: u64 = match std::env::var("PROPERTIES_SEED") {
        Ok(seed) => seed.parse().expect("PROPERTIES_SEED is a number"),
        Err(_) => RandomState::new().hash_one(cases),
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, max_shrink_iters: 2_000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    match runner.run(strategy, property) {
        Ok(()) => {}
        Err(TestError::Fail(reason, value)) => {
            panic!("PROPERTIES_SEED={seed}: {reason}\nsmallest found:\n{value:?}");
        }
        Err(TestError::Abort(reason)) => panic!("PROPERTIES_SEED={seed}: {reason}"),
    }
}

/// Any tiny team.
pub(crate) fn teams() -> impl Strategy<Value = Team> {
    (1..=4_usize, 1..=7_usize).prop_flat_map(|(officer_count, case_count)| {
        let pairs = vec((0..case_count, 0..officer_count, 0..40_i64, weighted(0.3, 0..5_i64)), 0..=20);
        let cases = vec(case(officer_count), case_count);
        (vec(officer(), officer_count), cases, weighted(0.35, pairs), rules()).prop_map(
            |(officers, cases, pairs, rules)| {
                let officers = named("o", officers, |officer, id| officer.id = id.as_str().into());
                let cases = named("c", cases, |case, id| case.id = id.as_str().into());
                let pairs = pairs.map(|drawn| {
                    let mut pairs: Vec<Pair> = drawn
                        .into_iter()
                        .map(|(case, officer, cost, weight_points)| Pair {
                            case_id: cases[case].id.clone(),
                            officer_id: officers[officer].id.clone(),
                            cost,
                            weight_points,
                        })
                        .collect();
                    pairs.sort_by(|a, b| (&a.case_id, &a.officer_id).cmp(&(&b.case_id, &b.officer_id)));
                    pairs.dedup_by(|a, b| a.case_id == b.case_id && a.officer_id == b.officer_id);
                    pairs
                });
                let supervisors = vec![
                    Supervisor { id: "s1".into(), areas: vec!["n".into()], max_holding_count: Some(1) },
                    Supervisor { id: "s2".into(), areas: Vec::new(), max_holding_count: None },
                ];
                valid(Team { backlog: Backlog { as_at: TODAY, cases, officers, supervisors, pairs }, rules })
            },
        )
    })
}

fn named<T>(prefix: &str, mut entries: Vec<T>, name: impl Fn(&mut T, String)) -> Vec<T> {
    for (position, entry) in entries.iter_mut().enumerate() {
        name(entry, format!("{prefix}{position}"));
    }
    entries
}

/// Mends what was drawn: impossible pins go, missing pairs and prices come.
fn valid(mut team: Team) -> Team {
    for _ in 0..10 {
        let Err(error) = Problem::new(team.backlog.clone(), team.rules.clone()) else { return team };
        for violation in error.violations {
            let position = violation.place.position.expect("the teams drawn break no rule as a whole");
            assert_eq!(violation.place.part, Part::Cases, "{violation}");
            let is_missing = violation.message.contains("there is no pair");
            let case = &mut team.backlog.cases[position];
            match violation.place.field {
                "holding_price" => case.holding_price = Some(7),
                "current_officer_id" | "required_officer_id" | "pinned" if is_missing => {
                    let (case_id, officer_id) = (case.id.clone(), OfficerId::new(violation.value));
                    let pairs = team.backlog.pairs.get_or_insert_default();
                    if !pairs.iter().any(|pair| pair.case_id == case_id && pair.officer_id == officer_id) {
                        pairs.push(Pair { case_id, officer_id, cost: 3, weight_points: None });
                    }
                }
                "required_officer_id" | "pinned" => {
                    case.required_officer_id = None;
                    case.pinned = false;
                }
                other => panic!("no mending of {other}: {violation}"),
            }
        }
    }
    panic!("could not be mended: {team:?}")
}

fn days(range: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = Date> {
    range.prop_map(|days| TODAY + i64::from(days).days())
}

fn codes(of: &'static [&'static str]) -> impl Strategy<Value = Vec<Code>> {
    prop_oneof![
        1 => Just(Vec::new()),
        1 => proptest::sample::subsequence(of, 0..=of.len())
            .prop_shuffle()
            .prop_map(|codes| codes.into_iter().map(Code::from).collect()),
    ]
}

fn officer() -> impl Strategy<Value = Officer> {
    let caps = (weighted(0.7, 0..14_i64), weighted(0.4, 0..5_i64), weighted(0.3, 0..4_i64));
    let who = (codes(&["n", "s"]), codes(&["hill", "dale"]), codes(&["asd", "hi"]), weighted(0.3, Just("s1")));
    let from = prop_oneof![8 => Just(None), 1 => days(-3..=3).prop_map(Some), 1 => days(39..=44).prop_map(Some)];
    let until = prop_oneof![8 => Just(None), 1 => days(-2..=1).prop_map(Some)];
    (caps, who, from, until).prop_map(
        |((capacity, max, intake), (areas, settings, skills, supervisor), from, until)| Officer {
            capacity_points: capacity,
            max_case_count: max,
            intake_limit: intake,
            areas,
            setting_codes: settings,
            skills,
            supervisor_id: supervisor.map(Into::into),
            available_from: from,
            available_until: until.filter(|until| from.is_none_or(|from| from <= *until)),
            ..Officer::new("".into())
        },
    )
}

fn case(officer_count: usize) -> impl Strategy<Value = Case> {
    let someone = move || (0..officer_count).prop_map(|position| OfficerId::new(format!("o{position}")));
    let what = (weighted(0.8, 0..5_i64), weighted(0.3, 0..80_i64), weighted(0.4, "[ns]"), weighted(0.3, Just("hill")));
    let skills = codes(&["asd"]);
    let held = (weighted(0.55, someone()), weighted(0.3, days(-9..=0)));
    let pin = (weighted(0.1, someone()), proptest::bool::weighted(0.1), vec(someone(), 0..=1));
    let barred = proptest::bool::weighted(0.2);
    let ties = (weighted(0.3, "[gh]"), weighted(0.5, "[xyz]"));
    let dates = (weighted(0.5, days(-40..=100)), weighted(0.3, days(-40..=3)));
    (what, skills, held, pin, barred, ties, dates).prop_map(
        |(
            (weight_points, holding_price, area, setting),
            skills,
            (current, held_since),
            (required, pinned, bars),
            has_bars,
            (group, child),
            (due_date, waiting_since),
        )| Case {
            child_id: child.map(|child| child.as_str().into()),
            weight_points,
            holding_price,
            area: area.map(|area| area.as_str().into()),
            setting_code: setting.map(Into::into),
            skills,
            current_officer_id: current,
            held_since,
            required_officer_id: required,
            pinned,
            group_id: group.map(|group| group.as_str().into()),
            due_date,
            waiting_since,
            barred_officer_ids: if has_bars { bars } else { Vec::new() },
            ..Case::new("".into())
        },
    )
}

/// Standard, plain or any rules; what may move is drawn in each.
fn rules() -> impl Strategy<Value = Rules> {
    let base = prop_oneof![Just(Rules::standard()), Just(Rules::plain()), any_prices()];
    let stay = prop_oneof![Just(Rules::standard().longest_stay_days), 1..30_i64];
    let moves = (weighted(0.3, 0..4_i64), any::<bool>(), any::<bool>(), 0..3_i64, 1..6_i64, stay, 0..20_i64);
    (base, moves).prop_map(|(base, (handover_limit, release, may_move, points, default_cap, stay, apart))| Rules {
        longest_stay_days: stay,
        same_child_apart_price: apart,
        handover_limit,
        release_to_holding: release,
        balance_may_move: may_move,
        handover_points: points,
        default_max_case_count: default_cap,
        ..base
    })
}

fn any_prices() -> impl Strategy<Value = Rules> {
    let pairs = (0..15_i64, 0..10_i64, 0..30_i64, 0..5_i64, 0..20_i64);
    let waiting = (0..60_i64, 0..40_i64, 0..50_i64, 0..5_i64, any::<bool>());
    let step = (0..=100_i64, 0..6_i64).prop_map(|(percent, slope)| BalanceStep { percent, slope });
    (pairs, waiting, vec(step, 0..4), 0..20_i64).prop_map(|(pairs, waiting, balance, over_cap)| Rules {
        area_rank_price: pairs.0,
        setting_price: pairs.1,
        handover_price: pairs.2,
        handover_price_per_point: pairs.3,
        group_apart_price: pairs.4,
        waiting_price: waiting.0,
        waiting_price_per_point: waiting.1,
        urgency_price_per_point: waiting.2,
        waited_price_per_point_week: waiting.3,
        raise_waiting_prices: waiting.4,
        balance,
        over_cap_price_per_point: over_cap,
        ..Rules::standard()
    })
}

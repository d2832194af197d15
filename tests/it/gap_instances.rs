//! Published instances of the generalised assignment problem, with their best known values. An instance is a backlog
//! under plain rules: jobs are cases, agents are officers, and no answer that leaves a case waiting is cheaper than one
//! that does not.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use caseload::model::{Backlog, Case, CaseId, Officer, OfficerId, Pair, Problem, Rules, Termination};
use caseload::solve::{Budget, Options, Progress, Stage, solve};
use jiff::civil::date;

/// Where the instances are, if they are there.
fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let folder = PathBuf::from(root).join("../shared/data/gap");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no published instances at {}", folder.display());
    None
}

/// Agents and jobs, then a row of costs an agent, a row of weights an agent, and the capacities.
fn problem(text: &str) -> Problem {
    let mut numbers = text.split_whitespace().map(|word| word.parse::<i64>().unwrap());
    let mut next = || numbers.next().unwrap();
    let (agents, jobs) = (usize::try_from(next()).unwrap(), usize::try_from(next()).unwrap());
    let mut row = || (0..jobs).map(|_| next()).collect::<Vec<i64>>();
    let costs: Vec<Vec<i64>> = (0..agents).map(|_| row()).collect();
    let weights: Vec<Vec<i64>> = (0..agents).map(|_| row()).collect();
    let capacities: Vec<i64> = (0..agents).map(|_| next()).collect();
    assert!(numbers.next().is_none(), "nothing is left over");
    let dearest = |job: usize| costs.iter().map(|row| row[job]).max().unwrap();
    let holding_price = (0..jobs).map(dearest).sum::<i64>() + 1;
    let case_id = |job: usize| CaseId::new(format!("c{job}"));
    let officer_id = |agent: usize| OfficerId::new(format!("o{agent}"));
    let pairs = (0..jobs).flat_map(|job| {
        let (costs, weights) = (&costs, &weights);
        (0..agents).map(move |agent| Pair {
            case_id: case_id(job),
            officer_id: officer_id(agent),
            cost: costs[agent][job],
            weight_points: Some(weights[agent][job]),
        })
    });
    let backlog = Backlog {
        as_at: date(2025, 6, 2),
        cases: (0..jobs).map(|job| Case { holding_price: Some(holding_price), ..Case::new(case_id(job)) }).collect(),
        officers: (0..agents)
            .map(|agent| Officer { capacity_points: Some(capacities[agent]), ..Officer::new(officer_id(agent)) })
            .collect(),
        supervisors: Vec::new(),
        pairs: Some(pairs.collect()),
    };
    Problem::new(backlog, Rules::plain()).unwrap()
}

/// (best known value, proved optimal) of every instance, read as a minimisation.
fn best_known(folder: &std::path::Path) -> BTreeMap<String, (i64, bool)> {
    let text = fs::read_to_string(folder.join("best_known.csv")).unwrap();
    let rows = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[3] == "min")
        .map(|row| (row[0].to_owned(), (row[4].parse().unwrap(), row[5] == "yes")))
        .collect()
}

/// How far to go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Until the optimum is proved.
    Optimum,
    /// Until the first exact search is over: the later ones have many more nodes.
    FirstExactSearch,
}

/// Solves instances. The bound never passes the best known value, nor does that pass the objective.
fn check(names: &[String], end: End) {
    let Some(folder) = folder() else { return };
    let known = best_known(&folder);
    for name in names {
        let problem = problem(&fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap());
        let budget = Budget::default();
        let mut watch = |progress: Progress| {
            if end == End::FirstExactSearch && progress.stage == Stage::Milp {
                budget.interrupt();
            }
        };
        let allocation = solve(&problem, &Options::default(), &budget, &mut watch).unwrap();
        let evidence = &allocation.evidence;
        let (best, is_proved) = known[name.as_str()];
        println!(
            "{name}: price bound {} bound {} <= {best} <= {}, {} steps, {}",
            evidence.price_bound,
            evidence.bound,
            evidence.objective,
            evidence.step_count,
            evidence.termination.code()
        );
        assert_eq!(allocation.holdings, [], "{name}: every job can be done");
        assert!(evidence.bound <= best, "{name}: bound {} is above {best}", evidence.bound);
        assert!(!is_proved || best <= evidence.objective, "{name}: {} is below {best}", evidence.objective);
        assert_eq!(evidence.count_bound, 0, "{name}: every job can be done");
        if end == End::Optimum {
            assert_eq!((evidence.objective, evidence.termination), (best, Termination::Optimal), "{name}");
        }
    }
}

fn numbered(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    range.flat_map(|set| (0..5).map(move |number| format!("gap{set}-{number}"))).collect()
}

#[test]
fn instances_of_5_agents_are_solved_to_the_optimum() {
    check(&numbered(1..=4), End::Optimum);
}

#[test]
fn instances_of_8_and_10_agents_are_solved_to_the_optimum() {
    check(&numbered(5..=12), End::Optimum);
}

#[test]
fn instances_of_100_jobs_are_bounded_from_both_sides() {
    let names = ["a05100", "a10100", "b05100", "c05100", "c10100", "d05100", "e05100"];
    check(&names.map(str::to_owned), End::FirstExactSearch);
}

//! Published instances of the generalised assignment problem, with their best known values.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use caseload::import::{Sense, read_gap};
use caseload::model::{Problem, Rules, Termination};
use caseload::solve::{Budget, Options, Progress, Stage, solve};

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

/// (best known value, proved optimal) of every instance that is published in this sense.
fn best_known(folder: &Path, sense: Sense) -> BTreeMap<String, (i64, bool)> {
    let text = fs::read_to_string(folder.join("best_known.csv")).unwrap();
    let rows = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let name = match sense {
        Sense::Min => "min",
        Sense::Max => "max",
    };
    rows.filter(|row| row[3] == name)
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
fn check(names: &[String], sense: Sense, end: End) {
    let Some(folder) = folder() else { return };
    let known = best_known(&folder, sense);
    for name in names {
        let bytes = fs::read(folder.join(format!("{name}.txt"))).unwrap();
        let instance = read_gap(name, &bytes, sense).unwrap();
        let problem = Problem::new(instance.backlog(), Rules::plain()).unwrap();
        let budget = Budget::default();
        let mut watch = |progress: Progress| {
            if end == End::FirstExactSearch && progress.stage == Stage::Milp {
                budget.interrupt();
            }
        };
        let allocation = solve(&problem, &Options::default(), &budget, &mut watch).unwrap();
        let evidence = &allocation.evidence;
        let (best, is_proved) = known[name.as_str()];
        let best = instance.published(best).unwrap();
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
    check(&numbered(1..=4), Sense::Min, End::Optimum);
}

#[test]
fn instances_of_8_and_10_agents_are_solved_to_the_optimum() {
    check(&numbered(5..=12), Sense::Min, End::Optimum);
}

#[test]
fn instances_published_as_a_maximum_are_solved_to_the_optimum() {
    check(&numbered(1..=12), Sense::Max, End::Optimum);
}

#[test]
fn instances_of_100_jobs_are_bounded_from_both_sides() {
    let names = ["a05100", "a10100", "b05100", "c05100", "c10100", "d05100", "e05100"];
    check(&names.map(str::to_owned), Sense::Min, End::FirstExactSearch);
}

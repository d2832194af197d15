//! Twenty scenarios of Birmingham's 11,300 cases and 95 officers, from the baseline's answer and side by side as they are run for people,
//! beside six cold solves of the same size: in one run, to the same gap, with the gap reached beside the time. `cargo bench --bench plan`, in
//! less than a minute.

#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use std::sync::Mutex;
use std::time::Instant;

use caseload::generate::{Census, CouncilOptions, council};
use caseload::model::Rules;
use caseload::plan::{Adjustment, Comparison, Given, Growth, Joiners, Scenario};
use caseload::solve::{Budget, Options, solve};
use caseload::statute::{Catalogue, Statute};

const SCENARIOS: usize = 20;
const COLD_SOLVES: usize = 6;
/// Proved within 1 %, as the commands ask for.
const GAP: f64 = 0.01;

fn main() {
    let backlog = council(&CouncilOptions {
        council: "Birmingham".to_owned(),
        census: Census::January2022,
        officers: 95,
        overdue_percent: 30,
        allocated_percent: 70,
        seed: 0,
    });
    let statute = Statute::of(Catalogue::preset("send-england").expect("it is shipped"));
    let given = Given { backlog: backlog.expect("a published council"), rules: Rules::standard(), statute };
    let scenarios: Vec<Scenario> = (0..SCENARIOS).map(|number| scenario(&given, number)).collect();
    let options = Options { gap_limit: GAP, ..Options::default() };

    let problem = given.problem().expect("a good backlog");
    let begin = Instant::now();
    let mut gap = 0.0_f64;
    for seed in 0..COLD_SOLVES as u64 {
        let options = Options { seed, ..options.clone() };
        let found = solve(&problem, &options, &Budget::default(), &mut |_| ()).expect("no defect");
        gap = gap.max(gap_of(found.evidence.objective, found.evidence.bound));
    }
    let cold = begin.elapsed().as_secs_f64();
    println!("{COLD_SOLVES} cold solves: {cold:.2} s, worst gap {:.3} %", 100.0 * gap);

    let mut comparison = Comparison::new(&given, &scenarios, 0).expect("good scenarios");
    let (begin, worst) = (Mutex::new(Instant::now()), Mutex::new(0.0_f64));
    comparison.run_all(&options, &Budget::default(), &|position, found| {
        let figures = found.expect("no defect").figures;
        if position.is_none() {
            *begin.lock().expect("not poisoned") = Instant::now();
        } else {
            let mut worst = worst.lock().expect("not poisoned");
            *worst = worst.max(gap_of(figures.objective, figures.bound));
        }
        true
    });
    let warm = begin.into_inner().expect("not poisoned").elapsed().as_secs_f64();
    let gap = worst.into_inner().expect("not poisoned");
    let state = if warm <= cold { "pass" } else { "miss" };
    println!("{SCENARIOS} scenarios from the baseline: {warm:.2} s, worst gap {:.3} %: {state}", 100.0 * gap);
}

fn gap_of(objective: i64, bound: i64) -> f64 {
    if objective == 0 { 0.0 } else { (objective - bound) as f64 / objective as f64 }
}

/// One leaves, one joins, demand grows by a little: in turn.
fn scenario(given: &Given, number: usize) -> Scenario {
    let officers = &given.backlog.officers;
    let adjustment = match number % 3 {
        0 => Adjustment::OfficersLeave(vec![officers[number % officers.len()].id.clone()]),
        1 => Adjustment::OfficersJoin(Joiners {
            count: 1 + number as i64 % 4,
            capacity_points: Some(1_800),
            max_case_count: Some(180),
            ..Joiners::default()
        }),
        _ => Adjustment::DemandGrows(Growth { percent: number as i64 % 5, ..Growth::default() }),
    };
    Scenario { name: format!("scenario {number}"), adjustments: vec![adjustment], split_by_areas: Vec::new() }
}

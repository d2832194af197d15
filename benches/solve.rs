//! Time to a proven gap. Each name states size, tightness, seed and the gap at which the search stops; what was reached is
//! printed beside it, since a time without a gap says nothing. Steps, not clocks, limit the work, so that runs compare.

#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use std::{hint::black_box, time::Duration};

use caseload::{
    generate::{CaseworkOptions, Census, CouncilOptions, casework, council},
    model::{Allocation, Problem, Rules},
    solve::{Budget, Options, solve},
};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::date;

/// Steps after which a solve that has not reached its gap is given up, and says so.
const STEPS_MAX: u64 = 4_000;

fn birmingham(officers: usize) -> Problem {
    let options = CouncilOptions {
        council: "Birmingham".to_owned(),
        census: Census::January2022,
        officers,
        overdue_percent: 40,
        allocated_percent: 0,
        seed: 1,
    };
    Problem::new(council(&options).expect("a published council"), Rules::standard()).expect("a valid backlog")
}

fn abstract_casework(cases: usize, officers: usize, ratio_percent: u16) -> Problem {
    let options = CaseworkOptions { cases, officers, ratio_percent, seed: 1, as_at: date(2026, 1, 15) };
    Problem::new(casework(&options).expect("options in range"), Rules::plain()).expect("a valid backlog")
}

fn solved(problem: &Problem, gap_limit: f64) -> Allocation {
    let options = Options { gap_limit, ..Options::default() };
    solve(problem, &options, &Budget::steps(STEPS_MAX), &mut |_| ()).expect("the checker finds no fault")
}

fn to_gap(criterion: &mut Criterion, name: &str, problem: &Problem, gap_limit: f64) {
    let name = format!("{name}, to {} %", gap_limit * 100.0);
    let allocation = solved(problem, gap_limit);
    let evidence = &allocation.evidence;
    println!(
        "{name}: {} pairs, objective {}, bound {}, gap {:.4} %, {} wait, {} steps, {}",
        problem.instance().pair_count(),
        evidence.objective,
        evidence.bound,
        evidence.gap() * 100.0,
        allocation.totals.waiting_count,
        evidence.step_count,
        evidence.termination.code()
    );
    criterion.bench_function(&name, |bencher| bencher.iter(|| solved(black_box(problem), gap_limit)));
}

fn solves(criterion: &mut Criterion) {
    to_gap(criterion, "birmingham 2022, 11300 x 95, seed 1", &birmingham(95), 0.01);
    to_gap(criterion, "birmingham 2022, 11300 x 19, seed 1", &birmingham(19), 0.01);
    to_gap(criterion, "casework 1000 x 20, tight, seed 1", &abstract_casework(1_000, 20, 110), 0.001);
    to_gap(criterion, "casework 12000 x 150, tight, seed 1", &abstract_casework(12_000, 150, 110), 0.001);
}

fn problems(criterion: &mut Criterion) {
    let options =
        CaseworkOptions { cases: 12_000, officers: 150, ratio_percent: 110, seed: 1, as_at: date(2026, 1, 15) };
    let backlog = casework(&options).expect("options in range");
    criterion.bench_function("problem of casework 12000 x 150 from its pairs", |bencher| {
        bencher.iter(|| Problem::new(backlog.clone(), Rules::plain()).expect("a valid backlog"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(10));
    targets = solves, problems
}
criterion_main!(benches);

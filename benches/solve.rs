//! Time to a proven gap on small and medium instances, for changes of the program to be compared. (`caseload bench` measures
//! up to England's size, with memory and targets.)
//!
//! Each name states size, tightness, seed and the gap at which the search stops; what was reached is printed beside it,
//! since a time without a gap says nothing. Steps, not clocks, limit the work, so that runs compare.

#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use std::{hint::black_box, sync::Arc, time::Duration};

use caseload::{
    generate::{CaseworkOptions, Census, CouncilOptions, casework, casework_instance, council},
    model::{Evidence, Instance, OfficerIndex, Problem, Rules},
    solve::{Budget, Options, Start, solve_instance},
};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::date;

/// Steps after which a solve that has not reached its gap is given up, and says so.
const STEPS_MAX: u64 = 4_000;

fn birmingham(officers: usize) -> Instance {
    let options = CouncilOptions {
        council: "Birmingham".to_owned(),
        census: Census::January2022,
        officers,
        overdue_percent: 40,
        allocated_percent: 0,
        seed: 1,
    };
    let backlog = council(&options).expect("a published council");
    Problem::new(backlog, Rules::standard()).expect("a valid backlog").instance().clone()
}

fn casework_options(cases: usize, officers: usize, ratio_percent: u16) -> CaseworkOptions {
    CaseworkOptions { cases, officers, ratio_percent, seed: 1, as_at: date(2026, 1, 15) }
}

fn abstract_casework(cases: usize, officers: usize, ratio_percent: u16) -> Instance {
    casework_instance(&casework_options(cases, officers, ratio_percent)).expect("options in range")
}

fn solved(instance: &Instance, options: &Options) -> (Vec<Option<OfficerIndex>>, Evidence) {
    solve_instance(instance, options, &Budget::steps(STEPS_MAX), &mut |_| ()).expect("the checker finds no fault")
}

/// Measures a solve to a gap, and then one that starts from its answer: nobody moves.
fn to_gap(criterion: &mut Criterion, name: &str, instance: &Instance, gap_limit: f64) {
    let name = format!("{name}, to {} %", gap_limit * 100.0);
    let options = Options { gap_limit, ..Options::default() };
    let (officers, evidence) = solved(instance, &options);
    println!(
        "{name}: {} pairs, objective {}, bound {}, gap {:.4} %, {} wait, {} steps, {}",
        instance.pair_count(),
        evidence.objective,
        evidence.bound,
        evidence.gap() * 100.0,
        officers.iter().filter(|officer| officer.is_none()).count(),
        evidence.step_count,
        evidence.termination.code()
    );
    criterion.bench_function(&name, |bencher| bencher.iter(|| solved(black_box(instance), &options)));
    let again = Options { start: Some(Arc::new(Start { officers, evidence, is_same_problem: true })), ..options };
    criterion.bench_function(&format!("{name}, again from the answer"), |bencher| {
        bencher.iter(|| solved(black_box(instance), &again));
    });
}

fn solves(criterion: &mut Criterion) {
    to_gap(criterion, "birmingham 2022, 11300 x 95, seed 1", &birmingham(95), 0.01);
    to_gap(criterion, "birmingham 2022, 11300 x 19, seed 1", &birmingham(19), 0.01);
    to_gap(criterion, "casework 1000 x 20, tight, seed 1", &abstract_casework(1_000, 20, 110), 0.001);
    to_gap(criterion, "casework 12000 x 150, tight, seed 1", &abstract_casework(12_000, 150, 110), 0.001);
    to_gap(criterion, "casework 12000 x 150, short, seed 1", &abstract_casework(12_000, 150, 95), 0.002);
    to_gap(criterion, "casework 50000 x 500, tight, seed 1", &abstract_casework(50_000, 500, 110), 0.005);
}

fn problems(criterion: &mut Criterion) {
    let backlog = casework(&casework_options(12_000, 150, 110)).expect("options in range");
    criterion.bench_function("problem of casework 12000 x 150 from its pairs", |bencher| {
        bencher.iter(|| Problem::new(backlog.clone(), Rules::plain()).expect("a valid backlog"));
    });
    criterion.bench_function("the same without names", |bencher| bencher.iter(|| abstract_casework(12_000, 150, 110)));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    targets = solves, problems
}
criterion_main!(benches);

//! The measurement itself, of one instance, in a process of its own.

use std::io;
use std::thread;
use std::time::Instant;

use super::record::Record;
use super::series::{LP_PPM, bound_seconds, first_answer_seconds, gap_seconds};
use super::sizes::Planned;
use super::targets::{Measured, overall, verdicts};
use super::warm;
use crate::cli::exit::Failure;
use crate::cli::memory;
use crate::cli::trace::{Point, Trace};
use crate::cli::working::{TimeLimit, Working, stop_on_interrupt};
use crate::model::{Instance, OfficerIndex, Termination};
use crate::solve::{Budget, Options, Start, solve_instance};

/// Builds the instance, solves it, and tells of it. `trace` is at the end of its file.
pub(super) fn measure(planned: &Planned, threads: usize, with_warm: bool, mut trace: Trace) -> Result<Record, Failure> {
    let name = planned.name();
    let working = Working::on(&name);
    let budget = Budget::default();
    // Without it Ctrl-C still ends the program.
    let _ = stop_on_interrupt(&budget);
    stop_when_left(&budget);
    working.phase("building the problem");
    let begin = Instant::now();
    let instance = planned.build()?;
    let build_seconds = begin.elapsed().as_secs_f64();

    let options = Options { threads, ..Options::default() };
    working.solving(Some(planned.limit));
    let mut series = Vec::new();
    let mut add = |point: Point| {
        trace.write(Some(&name), &point);
        series.push(point);
    };
    let begin = Instant::now();
    let time_limit = TimeLimit::start(planned.limit, &budget);
    let mut watch = |progress| {
        add(Point::of(begin.elapsed(), progress));
        working.show(progress.stage, Some(progress.objective), progress.bound);
    };
    let solved = solve_instance(&instance, &options, &budget, &mut watch);
    let elapsed = begin.elapsed();
    drop(time_limit);
    let (officers, evidence) = solved.map_err(|error| Failure::of_defect(&error))?;
    add(Point::end(elapsed, Some(evidence.objective), Some(evidence.bound)));
    trace.close()?;

    let peak_memory_bytes = memory::peak_memory_bytes();
    let waiting = waiting_count(&instance, &officers);
    let is_left = evidence.termination == Termination::Interrupted;
    let start = Start { officers, evidence: evidence.clone(), is_same_problem: true };
    let warm = if with_warm && !is_left {
        warm::measure(&instance, &start, &options, planned.limit, &working)?
    } else {
        Vec::new()
    };
    let measured = Measured {
        series: &series,
        price_bound: evidence.price_bound,
        seconds: elapsed.as_secs_f64(),
        is_cut: matches!(evidence.termination, Termination::TimeLimit | Termination::Interrupted),
        peak_memory_bytes,
        warm: &warm,
    };
    let targets = verdicts(&planned.size.name(), planned.ratio_percent, &measured);
    Ok(Record {
        instance: name,
        size: planned.size.name(),
        cases: instance.units().iter().map(|unit| u64::from(unit.case_count)).sum(),
        officers: instance.officer_count(),
        pairs: instance.pair_count(),
        pair_bytes: instance.pair_bytes(),
        seed: planned.seed,
        ratio_percent: planned.ratio_percent,
        threads,
        limit_seconds: planned.limit.as_secs_f64(),
        build_seconds,
        seconds: elapsed.as_secs_f64(),
        first_answer_seconds: first_answer_seconds(&series),
        lp_bound_seconds: bound_seconds(&series, evidence.price_bound, LP_PPM),
        gap_1_percent_seconds: gap_seconds(&series, 10_000),
        gap_0_1_percent_seconds: gap_seconds(&series, 1_000),
        gap_0_025_percent_seconds: gap_seconds(&series, 250),
        objective: evidence.objective,
        bound: evidence.bound,
        price_bound: evidence.price_bound,
        gap: evidence.gap(),
        bound_source: evidence.bound_source,
        waiting,
        count_bound: evidence.count_bound,
        termination: evidence.termination,
        steps: evidence.step_count,
        peak_memory_bytes,
        state: overall(&targets),
        warm,
        targets,
    })
}

fn waiting_count(instance: &Instance, officers: &[Option<OfficerIndex>]) -> u64 {
    let waiting = instance.units().iter().zip(officers).filter(|(_, officer)| officer.is_none());
    waiting.map(|(unit, _)| u64::from(unit.case_count)).sum()
}

/// Raises the stop flag when standard input ends: whoever started this process has gone, or wants no more of it.
fn stop_when_left(budget: &Budget) {
    let budget = budget.clone();
    thread::spawn(move || {
        // An input that cannot be read is at its end, too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        budget.interrupt();
    });
}

//! The measurements as text, at most 100 columns.

use std::fmt::Write as _;

use super::record::Record;
use super::sizes::{Shape, Size, all};
use super::targets::{State, stated};
use crate::cli::paint;
use crate::cli::picture::{counted, grouped, heading};

/// Names of the columns, and the figures below them.
fn row(cells: [&str; 9]) -> String {
    let [instance, waiting, first, bound, one, tenth, fortieth, gap, memory] = cells;
    format!("{instance:<22}{waiting:>10}{first:>9}{bound:>9}{one:>9}{tenth:>9}{fortieth:>10}{gap:>11}{memory:>9}\n")
}

pub(super) fn head() -> String {
    let first = row(["", "cases", "first", "LP", "gap", "gap", "gap", "gap at", "memory"]);
    let second = row(["instance", "waiting", "answer", "bound", "1 %", "0.1 %", "0.025 %", "the end", "MB"]);
    format!("Seconds until (- = not reached)\n{}{}", paint::bold(&first), paint::bold(&second))
}

pub(super) fn line(record: &Record) -> String {
    let seconds = |seconds: Option<f64>| match seconds {
        Some(seconds) if seconds < 10.0 => format!("{seconds:.3}"),
        Some(seconds) => format!("{seconds:.1}"),
        None => "-".to_owned(),
    };
    let memory = record.peak_memory_bytes.map_or_else(|| "-".to_owned(), megabytes);
    let mut text = row([
        &record.instance,
        &grouped(i64::try_from(record.waiting).unwrap_or(i64::MAX)),
        &seconds(record.first_answer_seconds),
        &seconds(record.lp_bound_seconds),
        &seconds(record.gap_1_percent_seconds),
        &seconds(record.gap_0_1_percent_seconds),
        &seconds(record.gap_0_025_percent_seconds),
        &percent(record.gap),
        &memory,
    ]);
    for warm in &record.warm {
        let moved = warm.moved_count.map(|count| match count {
            0 => ", nobody moved".to_owned(),
            count => format!(", {} moved", counted(count as i64, "unit", "units")),
        });
        let _ = writeln!(
            text,
            "  after {:<20} {:>9} s  gap {}{}",
            warm.change,
            format!("{:.3}", warm.seconds),
            percent(warm.gap),
            moved.unwrap_or_default(),
        );
    }
    text
}

fn percent(ratio: f64) -> String {
    if ratio == 0.0 { "0 %".to_owned() } else { format!("{:.4} %", ratio * 100.0) }
}

fn megabytes(bytes: u64) -> String {
    grouped(i64::try_from(bytes.div_ceil(1_000_000)).unwrap_or(i64::MAX))
}

/// Every target of what was measured.
pub(super) fn targets(records: &[Record]) -> String {
    let mut text = heading("Targets");
    let mut any = false;
    for record in records {
        for verdict in &record.targets {
            any = true;
            let word = verdict.state.word();
            let word = match verdict.state {
                State::Pass => paint::good(word),
                State::Miss => paint::bad(word),
                State::NotRun | State::NoTarget => word.to_owned(),
            };
            let _ = writeln!(text, "  {:<20}{:<46}{:<24}{word}", record.instance, verdict.target, verdict.found);
        }
    }
    if any { text } else { format!("{text}  There is none for what was measured.\n") }
}

/// All sizes, for `--list`.
pub(super) fn sizes() -> String {
    let mut text = String::new();
    for size in all() {
        let quick = if size.is_quick { ", run if no size is given" } else { "" };
        let _ = writeln!(text, "{:<13}{}; {} s{quick}", size.name(), described(size), size.limit_seconds);
        for target in stated(&size.name()) {
            let _ = writeln!(text, "{:13}{target}", "");
        }
    }
    text
}

fn described(size: &Size) -> String {
    let by = |cases: usize, officers: usize| {
        format!("casework, {} cases by {} officers", grouped(cases as i64), grouped(officers as i64))
    };
    match size.shape {
        Shape::Casework { cases, officers } => by(cases, officers),
        Shape::Pools { cases, officers } => {
            format!("{} in 153 pools of the councils' sizes", by(cases, officers))
        }
        Shape::Council { name, census, officers, .. } => {
            format!("{name} in {}, {officers} officers", census.day().strftime("%B %Y"))
        }
    }
}

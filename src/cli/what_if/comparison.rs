//! What `scenarios` and `leavers` share: running a comparison on all cores, and its picture, JSON and CSV.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::{
    cli::{
        exit::Failure,
        files::{WriteError, write_comparison},
        input::listed,
        picture::{Without, children, counted, grouped, heading, wrapped},
        question::unanswerable,
        search::{Running, SearchArgs},
        sparkline::sparkline,
        working::Working,
    },
    plan::{Comparison, Evaluated, Figures, Given, Scenario, Unanswerable, Verdict},
};

/// What a comparison came to: the team as it is first, then the scenarios in their order. A scenario that failed is left out, and said last.
pub(super) struct Compared {
    pub(super) all: Vec<Evaluated>,
    pub(super) failure: Option<Failure>,
}

/// Runs the baseline, then all scenarios side by side, each on one thread.
pub(super) fn run(
    given: &Given,
    scenarios: &[Scenario],
    args: &SearchArgs,
    running: &Running,
    working: &Working,
) -> Result<Compared, Failure> {
    let mut comparison = Comparison::new(given, scenarios, args.seed).map_err(refused)?;
    working.phase(&format!("comparing {}", counted(scenarios.len() as i64, "scenario", "scenarios")));
    let results = Mutex::new(Vec::new());
    comparison.run_all(&args.options(), &running.budget, &|position, result| {
        results.lock().expect("nobody panics while holding it").push((position, result));
        true
    });
    let mut results = results.into_inner().expect("nobody panicked while holding it");
    // Without a position it is the baseline, which sorts first.
    results.sort_by_key(|&(position, _)| position);
    let mut compared = Compared { all: Vec::new(), failure: None };
    for (position, result) in results {
        match (position, result) {
            (_, Ok(evaluated)) => compared.all.push(evaluated),
            (None, Err(defect)) => return Err(Failure::of_defect(&defect)),
            (Some(at), Err(defect)) => {
                let failure = Failure::of_defect(&defect);
                let message = format!("scenario `{}` has no result: {}", scenarios[at].name, failure.message);
                compared.failure = Some(Failure { message, ..failure });
            }
        }
    }
    Ok(compared)
}

fn refused(error: Unanswerable) -> Failure {
    match error {
        Unanswerable::Invalid(faults) => {
            let mut failure = listed("in the scenarios", faults.iter().map(ToString::to_string), faults.len());
            failure.message.push_str("\nNone was run. Positions count from 0.");
            failure
        }
        error => unanswerable(error, ToString::to_string),
    }
}

/// The picture: children without an officer first.
pub(super) fn text(all: &[Evaluated]) -> String {
    let child_count = all.iter().map(|of| of.figures.child_count).max().unwrap_or(0);
    let lines: Vec<Without<'_>> =
        all.iter().map(|of| Without { when: &of.name, count: of.figures.children_without_officer_count }).collect();
    let mut text = children(&lines, child_count);
    let label = all.iter().map(|of| of.name.chars().count()).max().unwrap_or(0).max(8);
    let mut table = |title: &str, names: &[(&str, usize)], cells: &dyn Fn(&Figures) -> Vec<String>| {
        let _ = write!(text, "\n{}", heading(title));
        let head: String = names.iter().map(|(name, width)| format!("{name:>width$}")).collect();
        let _ = writeln!(text, "  {:<label$}{head}", "");
        for of in all {
            let row: String =
                names.iter().zip(cells(&of.figures)).map(|((_, width), cell)| format!("{cell:>width$}")).collect();
            let _ = writeln!(text, "  {:<label$}{row}", of.name);
        }
    };
    table(
        "Cases",
        &[("open", 9), ("waiting", 9), ("at risk", 9), ("handed over", 13), ("left behind", 13)],
        &|figures| {
            let counts = [
                figures.case_count,
                figures.waiting_count,
                figures.deadlines_at_risk_count,
                figures.handover_count,
                figures.left_behind_count,
            ];
            counts.map(grouped).to_vec()
        },
    );
    let percent =
        |value: Option<i64>| value.map_or_else(|| "no cap".to_owned(), |value| format!("{} %", grouped(value)));
    table(
        "Officers",
        &[
            ("officers", 10),
            ("over cap", 9),
            ("fullest", 9),
            ("emptiest", 10),
            ("most cases", 11),
            ("inherited: appeals", 19),
            ("overdue", 9),
        ],
        &|figures| {
            let spread = figures.spread_percent();
            let [appeals, overdue] = figures.inherited();
            vec![
                grouped(figures.officer_count),
                grouped(figures.over_cap_officer_count),
                percent(spread.map(|(most, _)| most)),
                percent(spread.map(|(_, least)| least)),
                grouped(figures.most_cases()),
                grouped(appeals.0),
                grouped(overdue.0),
            ]
        },
    );
    let _ = write!(text, "\n{}", heading("Load of every officer, by id"));
    for of in all.iter().filter(|of| of.figures.officers.len() <= 60) {
        let loads: Vec<i64> = of.figures.officers.iter().map(|officer| officer.load_points).collect();
        let _ = writeln!(text, "  {:<label$}  {}", of.name, sparkline(&loads));
    }
    if all.iter().any(|of| of.figures.officers.len() > 60) {
        text.push_str("  (of more than 60 officers: see officers.csv, with --out)\n");
    }
    let _ = write!(text, "\n{}", heading("What is proved, under the rules you entered"));
    for of in all {
        let sentence = format!("{}: {}", of.name, proved(of, &all[0]));
        text.push_str(&wrapped("  ", &sentence));
    }
    text.push_str(&wrapped(
        "  ",
        "At risk is a waiting case that is overdue, or due within 28 days. None of this says whether work is done in time, well, or lawfully.",
    ));
    text
}

fn proved(of: &Evaluated, baseline: &Evaluated) -> String {
    let figures = &of.figures;
    let more = match figures.more_children_at_most_count {
        0 => "no allocation gives more children an officer".to_owned(),
        more => format!("at most {} could have an officer", counted(more, "more child", "more children")),
    };
    let distance = grouped(figures.objective - figures.bound);
    let verdict = match of.verdict {
        Verdict::Same if std::ptr::eq(of, baseline) => String::new(),
        Verdict::Same => " Nothing is changed.".to_owned(),
        Verdict::ProvenBetter => " Better than any allocation of the team as it is.".to_owned(),
        Verdict::ProvenWorse => " Worse than the team as it is, however it is allocated.".to_owned(),
        Verdict::NoProvenDifference => " No proven difference to the team as it is.".to_owned(),
        Verdict::NotComparable => " Other children or other prices: not to be compared by price.".to_owned(),
    };
    format!("{more}; price {}, at most {distance} above the least possible.{verdict}", grouped(figures.objective))
}

/// One object of everything but the single cases.
pub(super) fn as_json(all: &[Evaluated], seed: u64) -> Value {
    let entry = |of: &Evaluated| {
        let [appeals, overdue] = of.figures.inherited();
        json!({
            "name": of.name,
            "verdict": of.verdict,
            "figures": of.figures,
            "inherited_appeals": { "all": appeals.0, "most_of_one": appeals.1 },
            "inherited_overdue": { "all": overdue.0, "most_of_one": overdue.1 },
            "termination": of.allocations.iter().map(|allocation| allocation.evidence.termination).collect::<Vec<_>>(),
            "rules_version": of.allocations.first().map(|allocation| &allocation.rules_version),
        })
    };
    json!({ "seed": seed, "baseline": entry(&all[0]), "scenarios": all[1..].iter().map(entry).collect::<Vec<_>>() })
}

/// Writes the folder of a comparison.
pub(super) fn write(folder: &Path, all: &[Evaluated], seed: u64) -> Result<(), WriteError> {
    write_comparison(folder, all, &as_json(all, seed))
}

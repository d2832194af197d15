//! The summary of `allocate` on standard output: for people, or as JSON. Only here are times told.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::exit::Failure;
use super::figures::{Before, Figures};
use super::{memory, output, paint, picture};
use crate::model::{Allocation, BoundSource, OfficerId};
use crate::solve::Explanation;

/// What a run adds to its answer.
pub(super) struct Run<'a> {
    pub(super) allocation: &'a Allocation,
    pub(super) explanations: &'a [Explanation],
    pub(super) input_digest: &'a str,
    /// Reading, solving and writing together.
    pub(super) elapsed: Duration,
    pub(super) solve_elapsed: Duration,
    pub(super) seed: u64,
}

/// The fields of `--json`.
#[derive(Serialize)]
struct Json<'a> {
    objective: i64,
    bound: i64,
    price_bound: i64,
    bound_source: &'a BoundSource,
    gap: f64,
    termination: &'static str,
    seconds: f64,
    solve_seconds: f64,
    case_count: i64,
    allocated_count: i64,
    waiting_count: i64,
    child_count: i64,
    children_without_officer_count: i64,
    more_children_at_most_count: i64,
    count_bound: i64,
    handover_count: i64,
    release_count: i64,
    over_cap_officer_count: i64,
    step_count: u64,
    seed: u64,
    rules_version: &'a str,
    as_at: String,
    input_digest: &'a str,
    peak_memory_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanations: Vec<JsonExplanation<'a>>,
}

#[derive(Serialize)]
struct JsonExplanation<'a> {
    case_id: &'a str,
    officer_id: Option<&'a str>,
    sentence: &'a str,
    waiting_price: Option<i64>,
    eligible_officer_count: i64,
    candidates: Vec<JsonCandidate<'a>>,
}

#[derive(Serialize)]
struct JsonCandidate<'a> {
    officer_id: &'a str,
    cost: i64,
    weight_points: i64,
    priced_cost: i64,
    has_room: bool,
}

/// Prints one JSON object.
pub(super) fn json(run: &Run<'_>) -> Result<(), Failure> {
    let evidence = &run.allocation.evidence;
    let totals = &run.allocation.totals;
    let json = Json {
        objective: evidence.objective,
        bound: evidence.bound,
        price_bound: evidence.price_bound,
        bound_source: &evidence.bound_source,
        gap: evidence.gap(),
        termination: evidence.termination.code(),
        seconds: run.elapsed.as_secs_f64(),
        solve_seconds: run.solve_elapsed.as_secs_f64(),
        case_count: totals.case_count,
        allocated_count: totals.allocated_count,
        waiting_count: totals.waiting_count,
        child_count: totals.child_count,
        children_without_officer_count: totals.children_without_officer_count,
        more_children_at_most_count: run.allocation.more_children_at_most(),
        count_bound: evidence.count_bound,
        handover_count: totals.handover_count,
        release_count: totals.release_count,
        over_cap_officer_count: totals.over_cap_officer_count,
        step_count: evidence.step_count,
        seed: run.seed,
        rules_version: &run.allocation.rules_version,
        as_at: run.allocation.as_at.to_string(),
        input_digest: run.input_digest,
        peak_memory_bytes: memory::peak_memory_bytes(),
        explanations: run.explanations.iter().map(JsonExplanation::of).collect(),
    };
    let text = serde_json::to_string_pretty(&json).expect("names and numbers are always JSON");
    output::say(&format!("{text}\n"))
}

impl<'a> JsonExplanation<'a> {
    fn of(explanation: &'a Explanation) -> Self {
        Self {
            case_id: explanation.case_id.as_str(),
            officer_id: explanation.officer_id.as_ref().map(OfficerId::as_str),
            sentence: &explanation.sentence,
            waiting_price: explanation.waiting_price,
            eligible_officer_count: explanation.eligible_officer_count,
            candidates: explanation
                .candidates
                .iter()
                .map(|candidate| JsonCandidate {
                    officer_id: candidate.officer_id.as_str(),
                    cost: candidate.cost,
                    weight_points: candidate.weight_points,
                    priced_cost: candidate.priced_cost,
                    has_room: candidate.has_room,
                })
                .collect(),
        }
    }
}

/// Prints the picture, and what else there is to say.
pub(super) fn people(run: &Run<'_>, before: &Before, is_preset: bool, further: &[String]) -> Result<(), Failure> {
    let figures = Figures::of(run.allocation);
    let mut text = picture::children(
        &[
            picture::Without { when: "before", count: before.children_without_officer_count },
            picture::Without { when: "after", count: figures.children_without_officer_count },
        ],
        figures.child_count,
    );
    text.push('\n');
    let after = picture::Column { title: "after", shares: &figures.shares };
    if before.shares.is_empty() {
        text.push_str(&picture::caseloads(&[after]));
    } else {
        let before = picture::Column { title: "before", shares: &before.shares };
        text.push_str(&picture::caseloads(&[before, after]));
    }
    let waiting = picture::waiting(&figures, "");
    if !waiting.is_empty() {
        let _ = write!(text, "\n{waiting}");
    }
    let _ = write!(text, "\n{}", picture::heading("How good the answer is"));
    text.push_str(&picture::quality(&figures));
    let _ = writeln!(
        text,
        "  {} of {} cases have an officer, {} wait; {}{}.",
        picture::grouped(figures.allocated_count),
        picture::grouped(figures.case_count),
        picture::grouped(figures.waiting_count),
        picture::counted(figures.handover_count, "handover", "handovers"),
        match figures.release_count {
            0 => String::new(),
            count => format!(", {} from an officer to the holding list", picture::grouped(count)),
        },
    );
    let _ = writeln!(
        text,
        "  Rules {}, as at {}, seed {}. The search {} after {} s.",
        run.allocation.rules_version,
        run.allocation.as_at,
        run.seed,
        figures.termination,
        seconds(run.solve_elapsed),
    );
    if is_preset {
        let _ = writeln!(text, "  ({})", picture::STAMP);
    }
    let notes: Vec<_> = figures.notes.iter().chain(further).collect();
    if !notes.is_empty() {
        let _ = write!(text, "\n{}", picture::heading("Notes"));
        for note in notes {
            text.push_str(&picture::wrapped("  ", note));
        }
    }
    for explanation in run.explanations {
        text.push('\n');
        text.push_str(&explained(explanation));
    }
    output::say(&text)
}

fn explained(explanation: &Explanation) -> String {
    let mut text = format!("{}\n", paint::bold(&format!("Case {}", explanation.case_id)));
    text.push_str(&picture::wrapped("  ", &explanation.sentence));
    let price = explanation.waiting_price.map_or_else(|| "not allowed".to_owned(), picture::grouped);
    let _ = writeln!(
        text,
        "  Officers who may take it: {}. Price of waiting: {price}.",
        explanation.eligible_officer_count
    );
    if !explanation.candidates.is_empty() {
        let _ =
            writeln!(text, "  {:<24} {:>12} {:>8} {:>20}  room", "officer", "price", "points", "price with capacity");
    }
    for candidate in &explanation.candidates {
        let _ = writeln!(
            text,
            "  {:<24} {:>12} {:>8} {:>20}  {}{}",
            candidate.officer_id.as_str(),
            picture::grouped(candidate.cost),
            candidate.weight_points,
            picture::grouped(candidate.priced_cost),
            if candidate.has_room { "yes" } else { "no" },
            if explanation.officer_id.as_ref() == Some(&candidate.officer_id) { "  <- has it" } else { "" },
        );
    }
    text
}

/// Seconds with one decimal.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64())
}

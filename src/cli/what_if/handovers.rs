//! `caseload what-if handovers`: what is gained by letting more children change officer.

use std::fmt::Write as _;

use clap::Args;

use crate::{
    cli::{
        exit::Outcome,
        files::{handovers_json, write_handovers},
        input::InputArgs,
        picture::{Without, children, counted, grouped, heading, wrapped},
        question::{AnswerArgs, unanswerable},
        search::{SearchArgs, show},
        working::Working,
    },
    plan::{HandoverFrontier, HandoverOptions, HandoverStep, handover_frontier},
};

/// Compare handover limits: load over the caps and its spread, against the children who change officer
///
/// Every limit is allocated, from none on, each from the answer before it.
#[derive(Debug, Args)]
#[command(override_usage = "caseload what-if handovers [OPTIONS] --cases <FILE> --officers <FILE>")]
#[command(after_long_help = "\
Files in DIR (the same for the same input, seed and steps):
  steps.csv        one row a limit: handovers, children who change officer, load over the caps, objective, bound
  handovers.csv    step (from 1), case_id, from_officer_id, to_officer_id, and whether the step before had it too
  handovers.json   the figures and the notes

For example:
  caseload what-if handovers --cases backlog/cases.csv --officers backlog/officers.csv
  caseload what-if handovers --cases backlog/cases.csv --officers backlog/officers.csv \\
    --limits 0,50,100,200 --balance-may-move --out handovers")]
pub(super) struct HandoversArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    search: SearchArgs,
    /// Handover limits to compare; if not given 0, then doubled to what the allocation without a limit takes
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', allow_negative_numbers = true)]
    limits: Vec<i64>,
    /// Cases may change officer for balance alone, whatever the rules say
    #[arg(long)]
    balance_may_move: bool,
    #[command(flatten)]
    answer: AnswerArgs,
}

pub(in crate::cli) fn run(args: &HandoversArgs) -> Outcome {
    let source = args.input.backlog()?;
    let working = Working::new();
    let given = source.given(&working)?;
    let running = args.search.start(&working);
    let wanted = HandoverOptions { limits: args.limits.clone(), balance_may_move: args.balance_may_move };
    let found = handover_frontier(&given, &wanted, &args.search.options(), &running.budget, &mut show(&working));
    let found = found.map_err(|error| unanswerable(error, |fault| format!("--{fault}")))?;
    drop(running);
    args.answer.tell(working, |folder| write_handovers(folder, &found), || handovers_json(&found), || text(&found))
}

fn text(found: &HandoverFrontier) -> String {
    let names: Vec<String> = found.steps.iter().map(limit).collect();
    let lines: Vec<Without<'_>> = names
        .iter()
        .zip(&found.steps)
        .map(|(when, step)| Without { when, count: step.children_without_officer_count })
        .collect();
    let mut text = children(&lines, found.child_count);
    let _ = write!(text, "\n{}", heading("What handovers buy"));
    let _ = writeln!(
        text,
        "  {:<18}{:>10}{:>10}{:>14}{:>13}{:>10}{:>10}{:>12}",
        "limit", "handovers", "children", "points over", "cases over", "fullest", "emptiest", "gain"
    );
    let mut before: Option<&HandoverStep> = None;
    for (name, step) in names.iter().zip(&found.steps) {
        let percent =
            |value: Option<i64>| value.map_or_else(|| "no cap".to_owned(), |value| format!("{} %", grouped(value)));
        let _ = writeln!(
            text,
            "  {name:<18}{:>10}{:>10}{:>14}{:>13}{:>10}{:>10}{:>12}",
            grouped(step.handed_over.len() as i64),
            grouped(step.child_count),
            grouped(step.over_cap_points),
            grouped(step.over_cap_case_count),
            percent(step.percent.map(|(most, _)| most)),
            percent(step.percent.map(|(_, least)| least)),
            before.map_or_else(String::new, |before| grouped(before.objective - step.objective)),
        );
        before = Some(step);
    }
    if let Some(last) = found.steps.last() {
        let gain = found.steps.first().map_or(0, |first| first.objective - last.objective);
        let none = "No handover is worth its price under the rules you entered.";
        if found.steps.iter().all(|step| step.handed_over.is_empty()) {
            text.push_str(&wrapped("  ", none));
        }
        let closing = format!(
            "{} in all gain {} by the prices of the rules you entered; no other allocation under the last limit gains more than {} beyond that. \
             That says nothing of whether work is done in time, well, or lawfully, nor of what a change of officer means to a family.",
            counted(last.handed_over.len() as i64, "handover", "handovers"),
            grouped(gain),
            grouped(last.objective - last.bound),
        );
        text.push_str(&wrapped("  ", &closing));
    }
    let _ = writeln!(text, "  Rules {}, as at {}, seed {}.", found.rules_version, found.as_at, found.seed);
    for note in &found.notes {
        text.push_str(&wrapped("  ", note));
    }
    text
}

fn limit(step: &HandoverStep) -> String {
    step.handover_limit.map_or_else(|| "no limit".to_owned(), |limit| format!("at most {}", grouped(limit)))
}

//! `caseload what-if leavers`: these officers give notice.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{comparison, tell};
use crate::{
    cli::{
        exit::{Code, Failure, Outcome},
        files::write_left_behind,
        input::{InputArgs, Source},
        picture::{counted, heading, wrapped},
        search::SearchArgs,
        working::Working,
    },
    model::OfficerId,
    plan::{Adjustment, LeftBehind, ScarceSkill, Scenario, adjusted, left_behind, scarce_skills},
};

/// Cases that the picture lists.
const LISTED_MAX: usize = 12;

/// Say who takes the cases of officers who give notice, the most urgent first, and what cannot be covered
#[derive(Debug, Args)]
#[command(
    override_usage = "caseload what-if leavers [OPTIONS] --leaver <OFFICER_ID>... --cases <FILE> --officers <FILE>"
)]
#[command(after_long_help = "\
Files in DIR, besides those of `what-if scenarios`:
  left_behind.csv  case_id, from_officer_id, to_officer_id, reason (why nobody takes it), due_date

For example:
  caseload what-if leavers --leaver officer-001 --leaver officer-002 --cases backlog/cases.csv \\
    --officers backlog/officers.csv --supervisors backlog/supervisors.csv --as-at 2022-01-20")]
pub(super) struct LeaversArgs {
    #[command(flatten)]
    input: InputArgs,
    /// An officer who leaves (may be given several times)
    #[arg(long, value_name = "OFFICER_ID", required = true)]
    leaver: Vec<String>,
    #[command(flatten)]
    search: SearchArgs,
    /// Write the answer to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object instead of the picture
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &LeaversArgs) -> Outcome {
    let Source::Backlog(source) = args.input.source() else {
        return Err(Failure::new(Code::Usage, "leavers are about a backlog: give --cases and --officers"));
    };
    let leavers: Vec<OfficerId> = args.leaver.iter().map(|id| OfficerId::from(id.as_str())).collect();
    let working = Working::new();
    let given = source.given(&working)?;
    let scenarios = [Scenario {
        name: format!("{} of them gone", leavers.len()),
        adjustments: vec![Adjustment::OfficersLeave(leavers.clone())],
        split_by_areas: Vec::new(),
    }];
    let running = args.search.start(&working);
    let all = comparison::run(&given, &scenarios, &args.search, &running, &working)?;
    drop(running);
    let without = adjusted(&given, &scenarios[0].adjustments, args.search.seed).expect("it was run");
    let problem = without.problem().map_err(|error| Failure::from_error(Code::Data, &error))?;
    let behind = left_behind(problem.backlog(), &all[1].allocations[0], &leavers);
    let scarce = scarce_skills(problem.backlog());
    if let Some(folder) = &args.out {
        working.phase("writing the answer");
        comparison::write(folder, &all, args.search.seed)?;
        write_left_behind(folder, &behind).map_err(|error| Failure::from_error(Code::Files, &error))?;
    }
    drop(working);
    let json = || {
        json!({
            "comparison": comparison::as_json(&all, args.search.seed),
            "left_behind": behind,
            "scarce_skills": scarce,
        })
    };
    tell(args.json.then(json), || {
        let mut text = comparison::text(&all);
        text.push_str(&cases(&behind));
        text.push_str(&skills(&scarce));
        if let Some(folder) = &args.out {
            text.push_str(&format!("  The answer is in {}.\n", folder.display()));
        }
        text
    })
}

fn cases(behind: &[LeftBehind]) -> String {
    let mut text = format!("\n{}", heading("Their cases, the most urgent first"));
    let uncovered = behind.iter().filter(|entry| entry.to_officer_id.is_none()).count();
    let summary = match (behind.len(), uncovered) {
        (0, _) => "They hold no case today.".to_owned(),
        (all, 0) => format!("{}, all taken by others.", counted(all as i64, "case", "cases")),
        (all, gone) => format!("{}; {gone} of them nobody can take.", counted(all as i64, "case", "cases")),
    };
    text.push_str(&wrapped("  ", &summary));
    for entry in behind.iter().take(LISTED_MAX) {
        let due = entry.due_date.map_or_else(|| "no due date".to_owned(), |due| format!("due {due}"));
        let to = entry
            .to_officer_id
            .as_ref()
            .map_or_else(|| format!("nobody ({})", entry.reason.unwrap_or("no reason")), ToString::to_string);
        let _ = writeln!(text, "  {}, {due}: {} -> {to}", entry.case_id, entry.from_officer_id);
    }
    if behind.len() > LISTED_MAX {
        let _ = writeln!(text, "  ... and {} more: see left_behind.csv, with --out", behind.len() - LISTED_MAX);
    }
    text
}

fn skills(scarce: &[ScarceSkill]) -> String {
    let mut text = format!("\n{}", heading("Skills that fewer than 3 officers would have"));
    if scarce.is_empty() {
        text.push_str("  None: every skill that a case needs has 3 officers or more.\n");
    }
    for entry in scarce {
        let officers: Vec<&str> = entry.officer_ids.iter().map(OfficerId::as_str).collect();
        let who = if officers.is_empty() { "nobody".to_owned() } else { officers.join(", ") };
        let needed = counted(entry.case_count, "case needs it", "cases need it");
        text.push_str(&wrapped("  ", &format!("{}: {who}; {needed}.", entry.skill)));
    }
    text
}

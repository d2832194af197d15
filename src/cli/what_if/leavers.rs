//! `caseload what-if leavers`: these officers give notice.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use serde_json::json;

use super::comparison;
use crate::{
    cli::{
        exit::Outcome,
        files::write_left_behind,
        input::InputArgs,
        picture::{counted, grouped, heading, wrapped},
        question::{AnswerArgs, unanswerable},
        search::SearchArgs,
        working::Working,
    },
    model::OfficerId,
    plan::{LeaverDrill, LeftBehind, ScarceSkill, leaver_drill},
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
    #[command(flatten)]
    answer: AnswerArgs,
}

pub(in crate::cli) fn run(args: &LeaversArgs) -> Outcome {
    let source = args.input.backlog()?;
    let leavers: Vec<OfficerId> = args.leaver.iter().map(|id| OfficerId::from(id.as_str())).collect();
    let working = Working::new();
    let given = source.given(&working)?;
    let running = args.search.start(&working);
    let found = leaver_drill(&given, &leavers, &args.search.options(), &running.budget);
    let found =
        found.map_err(|error| unanswerable(error, |fault| fault.to_string().replace("officer_ids", "--leaver")))?;
    drop(running);
    let LeaverDrill { compared: all, left_behind: behind, scarce_skills: scarce } = found;
    let write = |folder: &Path| {
        comparison::write(folder, &all, args.search.seed)?;
        write_left_behind(folder, &behind)
    };
    let json = || {
        json!({
            "comparison": comparison::as_json(&all, args.search.seed),
            "left_behind": behind,
            "scarce_skills": scarce,
        })
    };
    args.answer.tell(working, write, json, || comparison::text(&all) + &cases(&behind) + &skills(&scarce))
}

fn cases(behind: &[LeftBehind]) -> String {
    let mut text = format!("\n{}", heading("Their cases, the most urgent first"));
    let uncovered = behind.iter().filter(|entry| entry.to_officer_id.is_none()).count();
    let summary = match (behind.len(), uncovered) {
        (0, _) => "They hold no case today.".to_owned(),
        (all, 0) => format!("{}, all taken by others.", counted(all as i64, "case", "cases")),
        (all, gone) => {
            format!("{}; {} of them nobody can take.", counted(all as i64, "case", "cases"), grouped(gone as i64))
        }
    };
    text.push_str(&wrapped("  ", &summary));
    for entry in behind.iter().take(LISTED_MAX) {
        let due = entry.due_date.map_or_else(|| "no due date".to_owned(), |due| format!("due {due}"));
        let to = entry.to_officer_id.as_ref().map_or_else(
            || format!("nobody ({})", entry.reason.map_or("no reason", |reason| reason.code())),
            ToString::to_string,
        );
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

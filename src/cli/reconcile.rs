//! `caseload reconcile`: a fresh extract against a team's current assignment.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use super::exit::{Code, Failure, Outcome};
use super::files::{DifferenceRow, write_reconciliation};
use super::input::{readable, today, unusable_files};
use super::message;
use super::paint;
use super::picture::{counted, wrapped};
use super::session::{Session, refused, with_service};
use super::team::{TeamArgs, tell};
use crate::import::{BacklogFiles, read_backlog};
use crate::model::{Backlog, Case};
use crate::rpc::proto::{DifferenceKind, ReconcileAssignmentRequest, ReconcileAssignmentResponse};

/// Differences of one kind that are printed; all are in the report.
const SHOWN_MAX: usize = 5;

/// Every kind, in the order of an answer: its code in files, and what it says of so many.
const KINDS: [(DifferenceKind, &str, &str, &str); 6] = [
    (DifferenceKind::NotAssigned, "not_assigned", "open case that nobody has", "open cases that nobody has"),
    (DifferenceKind::NotInExtract, "not_in_extract", "case not in the extract", "cases not in the extract"),
    (DifferenceKind::OfficerLeft, "officer_left", "case of an officer who has left", "cases of officers who have left"),
    (DifferenceKind::OtherOfficer, "other_officer", "case with another officer", "cases with another officer"),
    (DifferenceKind::DuplicateCase, "duplicate_case", "case more than once", "cases more than once"),
    (
        DifferenceKind::SeveralPlans,
        "several_plans",
        "child with several plan cases",
        "children with several plan cases",
    ),
];

/// Compare a fresh extract with a team's current assignment: who is in one and not in the other
///
/// Nothing is changed. Exit code 3: there are differences.
#[derive(Args, Debug)]
#[command(after_long_help = "\
With --out: differences.csv, reconciliation.json, assign.csv (for caseload assign) and close.txt (for caseload close).

For example:
  caseload import sen2 extract --key council.key --officers officers.csv --out fresh
  caseload reconcile fresh --team north --out report
  caseload assign --team north report/assign.csv
  xargs caseload close --team north < report/close.txt")]
pub(super) struct ReconcileArgs {
    /// The extract: a folder with cases.csv and officers.csv, as `caseload import` writes it
    #[arg(value_name = "EXTRACT")]
    extract: PathBuf,
    /// The day of the extract, on which officers are in service or not; today if not given
    #[arg(long, value_name = "DATE")]
    as_at: Option<Date>,
    /// Folder for the report
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
    #[command(flatten)]
    team: TeamArgs,
}

pub(super) fn run(args: &ReconcileArgs) -> Outcome {
    let files = BacklogFiles::in_folder(&args.extract);
    readable([&files.cases, &files.officers].into_iter())?;
    let as_at = args.as_at.map_or_else(today, Ok)?;
    let extract = read_backlog(&files, as_at).map_err(|error| unusable_files(&error))?.backlog;
    with_service(&args.team.service, async |session| reconcile(args, &extract, session).await)
}

async fn reconcile(args: &ReconcileArgs, extract: &Backlog, session: &mut Session) -> Outcome {
    let request =
        ReconcileAssignmentRequest { team_id: args.team.team.clone(), backlog: Some(message::backlog(extract)) };
    let answer = session.assignments.reconcile_assignment(request).await;
    let found = answer.map_err(|status| refused(&status))?.into_inner();
    let rows = rows(&found);
    let json = json!({
        "team_id": args.team.team,
        "version": found.version,
        "etag": found.etag,
        "as_at": extract.as_at.to_string(),
        "differences": rows,
        "assign_case_ids": found.assign_case_ids,
        "close_case_ids": found.close_case_ids,
    });
    if let Some(folder) = &args.out {
        let assign = cases_of(extract, &found.assign_case_ids);
        write_reconciliation(folder, &rows, &assign, &found.close_case_ids, &json)
            .map_err(|error| Failure::from_error(Code::Files, &error))?;
    }
    tell(&args.team, &text(args, &found, &rows), &json)?;
    Ok(if rows.is_empty() { Code::Fine } else { Code::Differences })
}

fn rows(found: &ReconcileAssignmentResponse) -> Vec<DifferenceRow> {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let row = |difference: &crate::rpc::proto::Difference| DifferenceRow {
        code: KINDS.iter().find(|entry| entry.0 == difference.kind()).map_or("unknown", |entry| entry.1),
        case_ids: difference.case_ids.clone(),
        child_id: given(&difference.child_id),
        assigned_officer_id: given(&difference.assigned_officer_id),
        extract_officer_id: given(&difference.extract_officer_id),
        sentence: difference.sentence.clone(),
    };
    found.differences.iter().map(row).collect()
}

/// The cases of these ids, each once, in the order of the extract.
fn cases_of(extract: &Backlog, case_ids: &[String]) -> Vec<Case> {
    let mut wanted: HashSet<&str> = case_ids.iter().map(String::as_str).collect();
    extract.cases.iter().filter(|case| wanted.remove(case.id.as_str())).cloned().collect()
}

fn text(args: &ReconcileArgs, found: &ReconcileAssignmentResponse, rows: &[DifferenceRow]) -> String {
    let team = &args.team.team;
    if rows.is_empty() {
        let same = paint::good("Extract and assignment agree");
        return format!("{same}: team {team}, version {}.\n", found.version);
    }
    let count = counted(rows.len() as i64, "difference", "differences");
    let mut text = format!("{} between the extract and team {team}, version {}\n", paint::bad(&count), found.version);
    for (_, code, one, more) in KINDS {
        let of_kind: Vec<&DifferenceRow> = rows.iter().filter(|row| row.code == code).collect();
        let Some(first) = of_kind.first() else { continue };
        let _ = writeln!(text, "\n{}", paint::bold(&counted(of_kind.len() as i64, one, more)));
        for row in of_kind.iter().take(SHOWN_MAX) {
            let _ = writeln!(text, "  {}{}", row.case_ids.join(", "), with_whom(row));
        }
        if of_kind.len() > SHOWN_MAX {
            let _ = writeln!(text, "  and {} more", of_kind.len() - SHOWN_MAX);
        }
        text.push_str(&wrapped("  ", &first.sentence));
    }
    text.push('\n');
    match &args.out {
        Some(folder) => {
            let folder = folder.display();
            text.push_str(&wrapped(
                "",
                &format!("All of them are in {folder}/differences.csv. What would mend them here:"),
            ));
            if !found.assign_case_ids.is_empty() {
                let _ = writeln!(text, "  caseload assign --team {team} {folder}/assign.csv");
            }
            if !found.close_case_ids.is_empty() {
                let _ = writeln!(text, "  xargs caseload close --team {team} < {folder}/close.txt");
            }
        }
        None => text.push_str(&wrapped("", "With --out the whole list is written, and what to assign and to close.")),
    }
    text
}

fn with_whom(row: &DifferenceRow) -> String {
    match (&row.assigned_officer_id, &row.extract_officer_id) {
        (Some(assigned), Some(extract)) => format!("  (with {assigned}; in the extract with {extract})"),
        (None, Some(extract)) => format!("  (waits; in the extract with {extract})"),
        (Some(assigned), None) => format!("  (with {assigned})"),
        (None, None) => String::new(),
    }
}

//! `caseload assign`: officers for new cases, at once, and nobody else moves.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde_json::json;
use tonic::Status;
use tonic_types::StatusExt as _;

use super::exit::{Code, Failure, Outcome};
use super::input::{readable, unusable_files};
use super::message;
use super::session::{Guard, Session, WriteArgs, with_service};
use super::team::{TeamArgs, assignment_json, day, holding_reason, id_or_null, standing, tell};
use crate::import::{NewCases, read_new_cases};
use crate::rpc::proto::AssignCasesRequest;

/// Give new cases officers at once, where there is room, and move nobody
///
/// The most urgent per point come first, together with those that wait; what finds no room goes on the holding list.
#[derive(Args, Debug)]
#[command(after_long_help = "\
For example:
  caseload assign --team north new-cases.csv
  caseload assign --team north new-cases.csv --server http://127.0.0.1:7070 --json")]
pub(super) struct AssignArgs {
    /// The new cases: a CSV file with a column case_id, and what else is known of them
    #[arg(value_name = "FILE")]
    cases: PathBuf,
    /// Their eligible pairs, where the team's allocation was made from pairs: a CSV file
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// The day, such as 2026-09-01; today if not given, or the day of the current assignment if that is later
    #[arg(long, value_name = "DATE")]
    as_at: Option<Date>,
    #[command(flatten)]
    team: TeamArgs,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &AssignArgs) -> Outcome {
    readable([Some(&args.cases), args.pairs.as_ref()].into_iter().flatten())?;
    let new = read_new_cases(&args.cases, args.pairs.as_deref()).map_err(|error| unusable_files(&error))?;
    with_service(&args.team.service, async |session| assign(args, &new, session).await)
}

async fn assign(args: &AssignArgs, new: &NewCases, session: &mut Session) -> Outcome {
    let guard = session.guard(&args.team.team, &args.write).await?;
    let request = AssignCasesRequest {
        team_id: args.team.team.clone(),
        request_id: guard.request_id.clone(),
        etag: guard.etag.clone(),
        as_at_date: day(args.as_at, &guard)?,
        cases: new.cases.iter().map(message::case).collect(),
        pairs: new.pairs.iter().flatten().map(message::pair).collect(),
    };
    let answer = session.assignments.assign_cases(request).await;
    let answer = answer.map_err(|status| refused(args, new, &guard, &status))?.into_inner();
    let assignment = answer.assignment.clone().unwrap_or_default();

    let mut text = String::new();
    for held in &answer.held_cases {
        let _ = writeln!(text, "  {:<24} officer {}", held.case_id, held.officer_id);
    }
    for holding in &answer.holdings {
        let _ = writeln!(
            text,
            "  {:<24} waits with supervisor {}, {}; look again by {}",
            holding.case_id,
            holding.supervisor_id,
            holding_reason(holding.reason()),
            holding.check_by_date
        );
    }
    if !answer.other_changes.is_empty() {
        let _ = writeln!(text, "Waited before:");
    }
    for change in &answer.other_changes {
        let now = if change.to_officer_id.is_empty() {
            "waits".to_owned()
        } else {
            format!("officer {}", change.to_officer_id)
        };
        let _ = writeln!(text, "  {:<24} {now}", change.case_id);
    }
    text.push_str(&standing(&assignment));
    let json = json!({
        "assignment": assignment_json(&assignment),
        "held_cases": answer.held_cases.iter().map(|held| json!({
            "case_id": held.case_id, "officer_id": held.officer_id,
        })).collect::<Vec<_>>(),
        "holdings": answer.holdings.iter().map(|holding| json!({
            "case_id": holding.case_id,
            "reason": holding_reason(holding.reason()),
            "supervisor_id": holding.supervisor_id,
            "check_by": holding.check_by_date,
            "longest_stay_until": holding.longest_stay_until_date,
        })).collect::<Vec<_>>(),
        "other_changes": answer.other_changes.iter().map(|change| json!({
            "case_id": change.case_id,
            "from_officer_id": id_or_null(&change.from_officer_id),
            "to_officer_id": id_or_null(&change.to_officer_id),
        })).collect::<Vec<_>>(),
    });
    tell(&args.team, &text, &json)?;
    Ok(Code::Fine)
}

/// Fields of cases are told by their line in the file.
fn refused(args: &AssignArgs, new: &NewCases, guard: &Guard, status: &Status) -> Failure {
    let details = status.get_error_details();
    let fields = details.bad_request().map(|detail| detail.field_violations.as_slice()).unwrap_or_default();
    if fields.is_empty() {
        return guard.refused(status);
    }
    let mut message = format!("{} was refused:", args.cases.display());
    for entry in fields {
        let in_file = entry.field.strip_prefix("cases[").and_then(|rest| rest.split_once("]."));
        let line = in_file.and_then(|(position, column)| Some((new.line(position.parse().ok()?)?, column)));
        let place = match line {
            Some((line, column)) => format!("line {line}, column {column}"),
            None => entry.field.clone(),
        };
        let _ = write!(message, "\n  {place}: {}", entry.description);
    }
    Failure::new(Code::Data, message)
}

//! `caseload close`: cases that are closed leave the assignment.

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use super::exit::{Code, Outcome};
use super::picture::counted;
use super::session::{Session, WriteArgs, with_service};
use super::team::{TeamArgs, assignment_json, standing, tell};
use crate::rpc::proto::CloseCasesRequest;

/// Close cases: they leave the assignment. The room that this makes is given to nobody yet
#[derive(Args, Debug)]
#[command(after_long_help = "\
For example:
  caseload close --team north c-0001 c-0007")]
pub(super) struct CloseArgs {
    /// The cases
    #[arg(value_name = "CASE_ID", required = true)]
    case_ids: Vec<String>,
    /// The day, such as 2026-09-01; that of the current assignment if not given
    #[arg(long, value_name = "DATE")]
    as_at: Option<Date>,
    #[command(flatten)]
    team: TeamArgs,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &CloseArgs) -> Outcome {
    with_service(&args.team.service, async |session| close(args, session).await)
}

async fn close(args: &CloseArgs, session: &mut Session) -> Outcome {
    let guard = session.guard(&args.team.team, &args.write).await?;
    let request = CloseCasesRequest {
        team_id: args.team.team.clone(),
        request_id: guard.request_id.clone(),
        etag: guard.etag.clone(),
        as_at_date: args.as_at.map(|day| day.to_string()).unwrap_or_default(),
        case_ids: args.case_ids.clone(),
    };
    let answer = session.assignments.close_cases(request).await;
    let answer = answer.map_err(|status| guard.refused(&status))?.into_inner();
    let assignment = answer.assignment.unwrap_or_default();
    let closed = counted(answer.closed_case_count, "case is", "cases are");
    let text = format!("{closed} closed.\n{}", standing(&assignment));
    let json = json!({
        "assignment": assignment_json(&assignment),
        "closed_case_count": answer.closed_case_count,
    });
    tell(&args.team, &text, &json)?;
    Ok(Code::Fine)
}

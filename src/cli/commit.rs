//! `caseload commit`: a proposal becomes the current assignment.

use clap::Args;
use serde_json::json;

use super::exit::{Code, Outcome};
use super::session::{Session, WriteArgs, with_service};
use super::team::{TeamArgs, assignment_json, standing, tell};
use crate::rpc::proto::CommitAllocationRequest;

/// Make a proposal the team's current assignment
#[derive(Args, Debug)]
#[command(after_long_help = "\
For example:
  caseload allocate --cases cases.csv --officers officers.csv --supervisors supervisors.csv \\
    --team north
  caseload commit --team north 0b6c3a8e-3b0a-4d53-8f0c-2b5f0f5a9f12")]
pub(super) struct CommitArgs {
    /// The proposal
    #[arg(value_name = "ALLOCATION_ID")]
    allocation_id: String,
    #[command(flatten)]
    team: TeamArgs,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &CommitArgs) -> Outcome {
    with_service(&args.team.service, async |session| commit(args, session).await)
}

async fn commit(args: &CommitArgs, session: &mut Session) -> Outcome {
    let guard = session.guard(&args.team.team, &args.write).await?;
    let request = CommitAllocationRequest {
        team_id: args.team.team.clone(),
        allocation_id: args.allocation_id.clone(),
        etag: guard.etag.clone(),
        request_id: guard.request_id.clone(),
    };
    let answer = session.allocations.commit_allocation(request).await;
    let answer = answer.map_err(|status| guard.refused(&status))?.into_inner();
    let assignment = answer.assignment.unwrap_or_default();
    let text = format!("Committed.\n{}", standing(&assignment));
    tell(&args.team, &text, &json!({ "assignment": assignment_json(&assignment) }))?;
    Ok(Code::Fine)
}

//! `caseload erase`: a token leaves the history.

use clap::Args;
use serde_json::{Value, json};

use super::exit::{Code, Outcome};
use super::picture::counted;
use super::session::{Session, WriteArgs, with_service};
use super::team::{TeamArgs, assignment_json, standing, tell};
use crate::rpc::proto::{EraseTokenRequest, erase_token_request::Token};

/// Erase the token of a closed case, or of a child without open cases, from every version and proposal
///
/// A tombstone that says nothing about it stands in its place. Versions that had it can no longer be replayed. Cut off
/// half-way, the same command with the same --request-id and --etag goes on.
#[derive(Args, Debug)]
#[command(after_long_help = "\
For example:
  caseload erase --team north --case c-0001
  caseload erase --team north --child ch-0815")]
pub(super) struct EraseArgs {
    /// The token of a case
    #[arg(long, value_name = "CASE_ID", required_unless_present = "child", conflicts_with = "child")]
    case: Option<String>,
    /// The token of a child
    #[arg(long, value_name = "CHILD_ID")]
    child: Option<String>,
    #[command(flatten)]
    team: TeamArgs,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &EraseArgs) -> Outcome {
    with_service(&args.team.service, async |session| erase(args, session).await)
}

async fn erase(args: &EraseArgs, session: &mut Session) -> Outcome {
    let guard = session.guard(&args.team.team, &args.write).await?;
    let token = args.case.clone().map(Token::CaseId).or(args.child.clone().map(Token::ChildId));
    let request = EraseTokenRequest {
        team_id: args.team.team.clone(),
        request_id: guard.request_id.clone(),
        etag: guard.etag.clone(),
        token,
    };
    let answer = session.assignments.erase_token(request).await;
    let answer = answer.map_err(|status| guard.refused(&status))?.into_inner();
    let mut text = format!(
        "Erased from {} and {}; {} stands in its place.\n",
        counted(answer.version_count, "version", "versions"),
        counted(answer.proposal_count, "proposal", "proposals"),
        answer.tombstone
    );
    if let Some(assignment) = &answer.assignment {
        text.push_str(&standing(assignment));
    }
    let json = json!({
        "tombstone": answer.tombstone,
        "version_count": answer.version_count,
        "proposal_count": answer.proposal_count,
        "assignment": answer.assignment.as_ref().map_or(Value::Null, assignment_json),
    });
    tell(&args.team, &text, &json)?;
    Ok(Code::Fine)
}

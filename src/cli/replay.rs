//! `caseload replay`: is a version what its input, steps and parent make of it?

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::exit::{Code, Outcome};
use super::session::{Session, refused, with_service};
use super::team::{TeamArgs, tell};
use crate::rpc::proto::ReplayAssignmentRequest;

/// Make a version again from what is kept with it: exit code 0 if it is the same, byte for byte, 1 if not
#[derive(Args, Debug)]
#[command(after_long_help = "\
A version that was searched for is searched for again, with the same seed and steps; one that a call
made is made by the same call on top of the same version.

For example:
  caseload replay 3 --team north")]
pub(super) struct ReplayArgs {
    /// The version
    #[arg(value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
    version: i64,
    #[command(flatten)]
    team: TeamArgs,
}

pub(super) fn run(args: &ReplayArgs) -> Outcome {
    with_service(&args.team.service, async |session| replay(args, session).await)
}

async fn replay(args: &ReplayArgs, session: &mut Session) -> Outcome {
    let request = ReplayAssignmentRequest { team_id: args.team.team.clone(), version: args.version };
    let answer = session.assignments.replay_assignment(request).await.map_err(|status| refused(&status))?.into_inner();
    let mut text = match answer.is_same {
        true => format!("Version {} is the same, byte for byte.\n", answer.version),
        false => format!("Version {} is NOT the same:\n", answer.version),
    };
    for difference in &answer.differences {
        let _ = writeln!(text, "  {difference}");
    }
    if answer.made_with != answer.replayed_with {
        let _ = writeln!(
            text,
            "It was made by caseload {}, and made again by {}, which may search otherwise.",
            answer.made_with, answer.replayed_with
        );
    }
    let json = json!({
        "version": answer.version,
        "is_same": answer.is_same,
        "differences": answer.differences,
        "made_with": answer.made_with,
        "replayed_with": answer.replayed_with,
    });
    tell(&args.team, &text, &json)?;
    Ok(if answer.is_same { Code::Fine } else { Code::Wrong })
}

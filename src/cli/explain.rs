//! `caseload explain`: why a case is where it is, and what would have to change.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::exit::{Code, Outcome};
use super::picture::{grouped, wrapped};
use super::session::{Session, refused, with_service};
use super::team::{TeamArgs, id_or_null, tell};
use crate::rpc::proto::{ExplainCaseRequest, NeededChange, ObstacleKind};

/// Say why a case has its officer, or none, who would be next, and what would have to change
#[derive(Args, Debug)]
#[command(after_long_help = "\
For example:
  caseload explain --team north --case c-0001
  caseload explain --team north --case c-0001 --version 3")]
pub(super) struct ExplainArgs {
    /// The case
    #[arg(long, value_name = "CASE_ID")]
    case: String,
    /// The version; the current one if not given
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    version: i64,
    #[command(flatten)]
    team: TeamArgs,
}

pub(super) fn run(args: &ExplainArgs) -> Outcome {
    with_service(&args.team.service, async |session| explain(args, session).await)
}

async fn explain(args: &ExplainArgs, session: &mut Session) -> Outcome {
    let request =
        ExplainCaseRequest { team_id: args.team.team.clone(), version: args.version, case_id: args.case.clone() };
    let answer = session.assignments.explain_case(request).await.map_err(|status| refused(&status))?.into_inner();
    let explanation = answer.explanation.unwrap_or_default();

    let mut text = format!("Case {}, version {}:\n", explanation.case_id, answer.version);
    text.push_str(&wrapped("  ", &explanation.sentence));
    if let Some(more) = explanation.runner_up_more_price {
        let next = &explanation.runner_up_officer_id;
        let difference = match more {
            ..0 => format!("{} less, at prices that count what room is worth to others", grouped(-more)),
            more => format!("{} more, at prices that count what room is worth to others", grouped(more)),
        };
        text.push_str(&wrapped("  ", &format!("Next: officer {next}, for {difference}.")));
    }
    let other = if explanation.officer_id.is_empty() { "an officer" } else { "another officer" };
    if !answer.needed_changes.is_empty() {
        let _ = writeln!(text, "For {other} to have it, the smallest changes first:");
    }
    for change in &answer.needed_changes {
        text.push_str(&wrapped("  ", &sentence(change)));
    }
    let json = json!({
        "version": answer.version,
        "case_id": explanation.case_id,
        "officer_id": id_or_null(&explanation.officer_id),
        "sentence": explanation.sentence,
        "runner_up_officer_id": id_or_null(&explanation.runner_up_officer_id),
        "runner_up_more_price": explanation.runner_up_more_price,
        "needed_changes": answer.needed_changes.iter().map(|change| json!({
            "officer_id": change.officer_id,
            "obstacles": change.obstacles.iter().map(|obstacle| json!({
                "kind": kind(obstacle.kind()),
                "more": obstacle.more,
                "sentence": obstacle.sentence,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    tell(&args.team, &text, &json)?;
    Ok(Code::Fine)
}

fn sentence(change: &NeededChange) -> String {
    let obstacles: Vec<&str> = change.obstacles.iter().map(|obstacle| obstacle.sentence.as_str()).collect();
    match obstacles.is_empty() {
        true => format!("Officer {} could have it as things are; only the price speaks against it.", change.officer_id),
        false => format!("Officer {} {}.", change.officer_id, obstacles.join(", and ")),
    }
}

fn kind(kind: ObstacleKind) -> String {
    kind.as_str_name().trim_start_matches("OBSTACLE_KIND_").to_lowercase()
}

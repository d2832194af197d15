//! `caseload versions`: a team's history, newest first.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::exit::{Code, Outcome};
use super::picture::grouped;
use super::session::{Session, refused, with_service};
use super::team::{TeamArgs, origin, override_reason, tell, totals_json};
use crate::rpc::proto::{AssignmentVersion, ListAssignmentVersionsRequest};

/// Most versions of one page.
const PAGE_SIZE: i32 = 1_000;

/// List the versions of a team's assignment: who committed what, when and by which way
#[derive(Args, Debug)]
#[command(after_long_help = "\
For example:
  caseload versions --team north
  caseload versions --team north --limit 5 --json")]
pub(super) struct VersionsArgs {
    /// The most versions to list, newest first
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    team: TeamArgs,
}

pub(super) fn run(args: &VersionsArgs) -> Outcome {
    with_service(&args.team.service, async |session| versions(args, session).await)
}

async fn versions(args: &VersionsArgs, session: &mut Session) -> Outcome {
    let limit = args.limit as usize;
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let page_size = PAGE_SIZE.min(i32::try_from(limit - found.len()).unwrap_or(PAGE_SIZE));
        let request = ListAssignmentVersionsRequest { team_id: args.team.team.clone(), page_size, page_token };
        let page = session.assignments.list_assignment_versions(request).await;
        let page = page.map_err(|status| refused(&status))?.into_inner();
        found.extend(page.versions);
        page_token = page.next_page_token;
        if page_token.is_empty() || found.len() >= limit {
            break;
        }
    }
    let mut text = format!(
        "{:>7}  {:<20}  {:<20}  {:<10}  {:>8}  {:>8}  {:<12}  rules\n",
        "version", "committed", "by which way", "by", "cases", "waiting", "input"
    );
    for version in &found {
        let totals = version.totals.unwrap_or_default();
        let _ = writeln!(
            text,
            "{:>7}  {:<20}  {:<20}  {:<10}  {:>8}  {:>8}  {:<12}  {}{}{}",
            version.version,
            committed(version),
            origin(version.origin()),
            version.committed_by,
            grouped(totals.case_count),
            grouped(totals.waiting_count),
            version.input_digest.trim_start_matches("sha256:").get(..12).unwrap_or_default(),
            version.rules_version,
            override_reason(version.reason()).map(|reason| format!(", {reason}")).unwrap_or_default(),
            match version.erased_token_count {
                0 => String::new(),
                1 => ", 1 token erased".to_owned(),
                count => format!(", {count} tokens erased"),
            },
        );
    }
    if !page_token.is_empty() {
        let _ = writeln!(text, "... and older ones; see them with --limit");
    }
    let json = json!({
        "has_more": !page_token.is_empty(),
        "versions": found.iter().map(|version| json!({
            "version": version.version,
            "allocation_id": version.allocation_id,
            "commit_time": committed(version),
            "origin": origin(version.origin()),
            "reason": override_reason(version.reason()),
            "proposed_by": version.proposed_by,
            "committed_by": version.committed_by,
            "as_at": version.as_at_date,
            "rules_version": version.rules_version,
            "input_digest": version.input_digest,
            "totals": totals_json(&version.totals.unwrap_or_default()),
            "has_input": version.has_input,
            "erased_token_count": version.erased_token_count,
        })).collect::<Vec<_>>(),
    });
    tell(&args.team, &text, &json)?;
    Ok(Code::Fine)
}

/// When, in UTC to the second.
fn committed(version: &AssignmentVersion) -> String {
    let seconds = version.commit_time.map_or(0, |time| time.seconds);
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

//! What the commands for a team's assignment have in common: their arguments, and how an assignment looks in text and JSON.

use clap::Args;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    exit::Failure,
    input::today,
    output,
    picture::grouped,
    session::{Guard, ServiceArgs},
};
use crate::rpc::proto::{Assignment, AssignmentOrigin, HoldingReason, OverrideReason, Totals};

/// Which team, in which service.
#[derive(Args, Clone, Debug)]
pub(super) struct TeamArgs {
    /// The team
    #[arg(long, value_name = "TEAM")]
    pub(super) team: String,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) service: ServiceArgs,
}

/// The day of a call: the one given, else today, or the day of the current assignment if that is later.
pub(super) fn day(given: Option<Date>, guard: &Guard) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given.to_string());
    }
    let known = guard.current.as_ref().and_then(|current| current.as_at_date.parse::<Date>().ok());
    Ok(known.map_or(today()?, |known| known.max(today().unwrap_or(known))).to_string())
}

/// Prints text, or one JSON object.
pub(super) fn tell(args: &TeamArgs, text: &str, json: &Value) -> Result<(), Failure> {
    if args.json {
        let text = serde_json::to_string_pretty(json).expect("names and numbers are always JSON");
        output::say(&format!("{text}\n"))
    } else {
        output::say(text)
    }
}

/// Where the team stands now, as the last line of a text.
pub(super) fn standing(assignment: &Assignment) -> String {
    let totals = assignment.totals.unwrap_or_default();
    format!(
        "Team {} is at version {}, as at {}: {} cases, {} with an officer, {} wait; {} of {} children are without an officer.\n",
        assignment.team_id,
        assignment.version,
        assignment.as_at_date,
        grouped(totals.case_count),
        grouped(totals.allocated_count),
        grouped(totals.waiting_count),
        grouped(totals.children_without_officer_count),
        grouped(totals.child_count),
    )
}

/// An assignment's figures in JSON.
pub(super) fn assignment_json(assignment: &Assignment) -> Value {
    json!({
        "team_id": assignment.team_id,
        "version": assignment.version,
        "etag": assignment.etag,
        "allocation_id": assignment.allocation_id,
        "origin": origin(assignment.origin()),
        "proposed_by": assignment.proposed_by,
        "committed_by": assignment.committed_by,
        "as_at": assignment.as_at_date,
        "rules_version": assignment.rules_version,
        "input_digest": assignment.input_digest,
        "totals": totals_json(&assignment.totals.unwrap_or_default()),
    })
}

pub(super) fn totals_json(totals: &Totals) -> Value {
    json!({
        "children_without_officer_count": totals.children_without_officer_count,
        "child_count": totals.child_count,
        "case_count": totals.case_count,
        "allocated_count": totals.allocated_count,
        "waiting_count": totals.waiting_count,
        "handover_count": totals.handover_count,
        "release_count": totals.release_count,
        "over_cap_officer_count": totals.over_cap_officer_count,
    })
}

/// A word of the protocol as files write it: `cases_assigned`.
fn code(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

pub(super) fn origin(origin: AssignmentOrigin) -> String {
    code(origin.as_str_name(), "ASSIGNMENT_ORIGIN_")
}

pub(super) fn holding_reason(reason: HoldingReason) -> String {
    code(reason.as_str_name(), "HOLDING_REASON_")
}

/// `None` where no person gave a reason.
pub(super) fn override_reason(reason: OverrideReason) -> Option<String> {
    (reason != OverrideReason::Unspecified).then(|| code(reason.as_str_name(), "OVERRIDE_REASON_"))
}

/// An id that is not there, in JSON.
pub(super) fn id_or_null(id: &str) -> Value {
    if id.is_empty() { Value::Null } else { Value::from(id) }
}

//! `caseload reassign`: a person gives a case to an officer.

use clap::{Args, ValueEnum, builder::PossibleValue};
use jiff::civil::Date;
use serde_json::json;

use super::exit::{Code, Outcome};
use super::session::{Session, WriteArgs, with_service};
use super::team::{TeamArgs, assignment_json, day, id_or_null, standing, tell};
use crate::rpc::proto::{OverrideReason, ReassignCaseRequest};
use crate::store::OverrideReason as Reason;

/// Give a case to the officer you name, and move no other
///
/// A bar, a missing skill or area, an absence and the handover limit cannot be overridden; caps only with
/// --allow-over-cap.
#[derive(Args, Debug)]
#[command(after_long_help = "\
For example:
  caseload reassign --team north c-0001 o-07 --reason continuity
  caseload reassign --team north c-0001 o-07 --reason officer_away --allow-over-cap --keep-pinned")]
pub(super) struct ReassignArgs {
    /// The case
    #[arg(value_name = "CASE_ID")]
    case_id: String,
    /// Who has it from now on
    #[arg(value_name = "OFFICER_ID")]
    officer_id: String,
    /// Why
    #[arg(long, value_name = "CODE")]
    reason: Reason,
    /// The officer may go over the points cap, the case-count cap or the intake limit by it
    #[arg(long)]
    allow_over_cap: bool,
    /// Later allocations keep it there
    #[arg(long)]
    keep_pinned: bool,
    /// The day, such as 2026-09-01; today if not given, or the day of the current assignment if that is later
    #[arg(long, value_name = "DATE")]
    as_at: Option<Date>,
    #[command(flatten)]
    team: TeamArgs,
    #[command(flatten)]
    write: WriteArgs,
}

impl ValueEnum for Reason {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.code()))
    }
}

fn to_proto(reason: Reason) -> OverrideReason {
    match reason {
        Reason::OfficerAway => OverrideReason::OfficerAway,
        Reason::OfficerOverloaded => OverrideReason::OfficerOverloaded,
        Reason::ConflictOfInterest => OverrideReason::ConflictOfInterest,
        Reason::ExpertiseNeeded => OverrideReason::ExpertiseNeeded,
        Reason::Continuity => OverrideReason::Continuity,
        Reason::FamilyRequest => OverrideReason::FamilyRequest,
        Reason::OfficerRequest => OverrideReason::OfficerRequest,
        Reason::Correction => OverrideReason::Correction,
    }
}

pub(super) fn run(args: &ReassignArgs) -> Outcome {
    with_service(&args.team.service, async |session| reassign(args, session).await)
}

async fn reassign(args: &ReassignArgs, session: &mut Session) -> Outcome {
    let guard = session.guard(&args.team.team, &args.write).await?;
    let request = ReassignCaseRequest {
        team_id: args.team.team.clone(),
        request_id: guard.request_id.clone(),
        etag: guard.etag.clone(),
        as_at_date: day(args.as_at, &guard)?,
        case_id: args.case_id.clone(),
        officer_id: args.officer_id.clone(),
        reason: to_proto(args.reason).into(),
        allow_over_cap: args.allow_over_cap,
        keep_pinned: args.keep_pinned,
    };
    let answer = session.assignments.reassign_case(request).await;
    let answer = answer.map_err(|status| guard.refused(&status))?.into_inner();
    let assignment = answer.assignment.unwrap_or_default();
    let before = match answer.from_officer_id.as_str() {
        "" => "the holding list".to_owned(),
        officer_id => format!("officer {officer_id}"),
    };
    let text =
        format!("Case {} went from {before} to officer {}.\n{}", args.case_id, args.officer_id, standing(&assignment));
    let json = json!({
        "assignment": assignment_json(&assignment),
        "case_id": args.case_id,
        "from_officer_id": id_or_null(&answer.from_officer_id),
        "to_officer_id": args.officer_id,
    });
    tell(&args.team, &text, &json)?;
    Ok(Code::Fine)
}

//! `caseload allocate --team`: the files go to a service, which keeps a proposal or commits it.

use std::time::Duration;

use serde_json::{Value, json};
use tonic::Request;

use super::AllocateArgs;
use crate::cli::exit::{Code, Failure, Outcome};
use crate::cli::input::{BacklogSource, Input};
use crate::cli::picture::grouped;
use crate::cli::session::{Session, with_service};
use crate::cli::team::totals_json;
use crate::cli::working::Working;
use crate::cli::{message, output};
use crate::model::Note;
use crate::rpc::proto::{AllocateRequest, AllocateResponse, AllocationState, AllocationView};

/// How much longer than the search a call may take.
const CALL_MARGIN: Duration = Duration::from_secs(60);

pub(super) fn allocate(args: &AllocateArgs, team_id: &str, source: &BacklogSource<'_>) -> Outcome {
    let working = Working::new();
    let input = source.read(None, &working)?;
    with_service(&args.service, async |session| send(args, team_id, &input, working, session).await)
}

async fn send(args: &AllocateArgs, team_id: &str, input: &Input, working: Working, session: &mut Session) -> Outcome {
    let guard = session.guard(team_id, &args.write).await?;
    let backlog = input.problem.backlog();
    let number = |number: u64| i64::try_from(number).map_err(|_| too_large(number));
    let mut request = Request::new(AllocateRequest {
        team_id: team_id.to_owned(),
        request_id: guard.request_id.clone(),
        etag: guard.etag.clone(),
        backlog: Some(message::backlog(backlog)),
        rules: Some(message::rules(input.problem.rules())),
        closed_case_ids: args.closed.clone(),
        commit: args.commit,
        time_limit: args.time_limit().map(message::duration),
        gap_limit: args.gap,
        seed: number(args.seed)?,
        step_limit: args.steps.map(number).transpose()?,
        view: AllocationView::Basic.into(),
        ..AllocateRequest::default()
    });
    if let Some(limit) = args.time_limit() {
        request.set_timeout(limit.saturating_add(CALL_MARGIN));
    }
    working.phase("waiting for the service");
    let answer = session.allocations.allocate(request).await;
    let answer = answer.map_err(|status| guard.refused(&status))?.into_inner();
    drop(working);
    // The service does not know how old the extract is.
    let of_extract = |note: &&Note| matches!(note, Note::OldExtract { .. });
    let old_extract = input.problem.notes().iter().find(of_extract).map(ToString::to_string);
    if args.json {
        let text = serde_json::to_string_pretty(&as_json(&answer, old_extract.as_deref()))
            .expect("names and numbers are always JSON");
        output::say(&format!("{text}\n"))?;
    } else {
        let mut notes: Vec<String> = old_extract.into_iter().collect();
        if backlog.cases.iter().any(|case| case.held_since.is_some()) {
            notes.push("held_since was not sent: a service counts intake by what it has committed itself.".to_owned());
        }
        output::say(&text(team_id, &answer, &notes))?;
    }
    Ok(Code::Fine)
}

fn too_large(number: u64) -> Failure {
    Failure::new(Code::Usage, format!("{number} is too large for a service; give at most {}", i64::MAX))
}

fn text(team_id: &str, answer: &AllocateResponse, notes: &[String]) -> String {
    let allocation = answer.allocation.clone().unwrap_or_default();
    let totals = allocation.totals.unwrap_or_default();
    let evidence = allocation.evidence.clone().unwrap_or_default();
    let mut text = format!(
        "{} of {} children are without an officer. {} cases: {} with an officer, {} wait; {} handovers.\n\
         Objective {}, bound {}: proved within {:.4} %.\n",
        grouped(totals.children_without_officer_count),
        grouped(totals.child_count),
        grouped(totals.case_count),
        grouped(totals.allocated_count),
        grouped(totals.waiting_count),
        grouped(totals.handover_count),
        grouped(evidence.objective),
        grouped(evidence.bound),
        100.0 * evidence.gap,
    );
    for reason in &allocation.holding_reason_counts {
        text.push_str(&format!("  {} wait. {}\n", grouped(reason.case_count), reason.sentence));
    }
    for note in allocation.notes.iter().chain(notes) {
        text.push_str(&format!("  {note}\n"));
    }
    text.push_str(&match allocation.state() {
        AllocationState::Committed => format!("Team {team_id} is at version {}.\n", allocation.version),
        _ => format!(
            "Kept as a proposal. To make it current:\n  caseload commit --team {team_id} {}\n",
            allocation.allocation_id
        ),
    });
    text
}

fn as_json(answer: &AllocateResponse, old_extract: Option<&str>) -> Value {
    let allocation = answer.allocation.clone().unwrap_or_default();
    let evidence = allocation.evidence.clone().unwrap_or_default();
    json!({
        "team_id": allocation.team_id,
        "allocation_id": allocation.allocation_id,
        "is_committed": allocation.state() == AllocationState::Committed,
        "version": allocation.version,
        "etag": allocation.etag,
        "as_at": allocation.as_at_date,
        "rules_version": allocation.rules_version,
        "input_digest": allocation.input_digest,
        "totals": totals_json(&allocation.totals.unwrap_or_default()),
        "objective": evidence.objective,
        "bound": evidence.bound,
        "price_bound": evidence.price_bound,
        "gap": evidence.gap,
        "step_count": evidence.step_count,
        "notes": allocation.notes.iter().map(String::as_str).chain(old_extract).collect::<Vec<_>>(),
    })
}

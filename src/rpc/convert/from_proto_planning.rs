//! What questions of `PlanningService` have in common: what they are about, and how long their answers may take.

use tokio::time::Instant;

use super::{
    field::{Found, path},
    from_proto::{search_limits, team},
    from_proto_backlog::backlog,
    from_proto_rules::rules,
};
use crate::{
    app::{About, AllocateError, BadField, PlanningBudget, PlanningInput},
    rpc::proto,
};

/// The field `input` of a request.
pub(super) fn input(message: Option<proto::PlanningInput>, found: &mut Found) -> Option<PlanningInput> {
    let Some(message) = message else {
        found.field("input", "is missing; name the team, and send its backlog unless its current assignment is meant");
        return None;
    };
    let proto::PlanningInput { team_id, backlog: sent, rules: sent_rules, as_at_date } = message;
    let mut inside = Found::default();
    let team_id = team(team_id, &mut inside);
    let as_at = inside.day("as_at_date", &as_at_date);
    if sent.is_some() && !as_at_date.is_empty() {
        inside.field("as_at_date", "is given beside a backlog, which has a day of its own; leave one of them out");
    }
    let about = match sent {
        Some(message) => About::Sent(backlog(message, &mut inside), rules(sent_rules, &mut inside)),
        None => About::Current { rules: sent_rules.map(|message| rules(Some(message), &mut inside)), as_at },
    };
    found.0.fields.extend(in_input(inside));
    team_id.map(|team_id| PlanningInput { team_id, about })
}

/// The field `budget` of a request.
pub(super) fn budget(
    message: Option<proto::PlanningBudget>,
    call_deadline: Option<Instant>,
    found: &mut Found,
) -> PlanningBudget {
    let proto::PlanningBudget { time_limit, gap_limit, seed, step_limit } = message.unwrap_or_default();
    let mut inside = Found::default();
    let limits = search_limits(time_limit, gap_limit, seed, step_limit, &mut inside);
    let prefixed = inside.0.fields.into_iter().map(|bad| BadField { field: format!("budget.{}", bad.field), ..bad });
    found.0.fields.extend(prefixed);
    PlanningBudget {
        time_limit: limits.time_limit,
        gap_limit,
        seed: limits.seed,
        step_limit: limits.step_limit,
        call_deadline,
    }
}

/// An error of backlog or rules, with the path that these have in a question.
pub(in crate::rpc) fn of_input(error: AllocateError) -> AllocateError {
    match error {
        AllocateError::Invalid(violations) => {
            let mut found = Found::default();
            found.0.fields = in_input(Found(violations));
            AllocateError::Invalid(found.0)
        }
        error => error,
    }
}

fn in_input(inside: Found) -> Vec<BadField> {
    let backlog = inside.0.backlog.into_iter().map(|violation| (path(violation.place), violation.message));
    let fields = inside.0.fields.into_iter().map(|bad| (bad.field, bad.message));
    fields.chain(backlog).map(|(field, message)| BadField { field: format!("input.{field}"), message }).collect()
}

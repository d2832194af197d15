//! A question about missed deadlines from its message.

use tokio::time::Instant;

use super::{
    field::{Found, optional},
    from_proto::whole,
    from_proto_planning::{budget, input},
};
use crate::{
    app::{
        AllocateError, Demand, Effort, Efforts, Follow, ForecastQuestion, OtherEffort, PlanningBudget, PlanningInput,
        Wait,
    },
    model::{CaseId, Code},
    rpc::proto,
};

/// Beyond it a number is refused as too large anyway.
const RATE_READ_MAX: f64 = 1e12;

pub(in crate::rpc) fn question(
    message: proto::ForecastMissedDeadlinesRequest,
    call_deadline: Option<Instant>,
) -> Result<(PlanningInput, PlanningBudget, ForecastQuestion), AllocateError> {
    let proto::ForecastMissedDeadlinesRequest {
        input: about,
        budget: limits,
        week_count,
        path_count,
        demand,
        efforts,
        waits,
    } = message;
    let mut found = Found::default();
    let about = input(about, &mut found);
    let limits = budget(limits, call_deadline, &mut found);
    let demand = demand.into_iter().enumerate().map(|(position, rate)| Demand {
        per_week_hundredths: hundredths(position, rate.per_week, &mut found),
        event: Code::new(rate.event_code),
    });
    let demand = demand.collect();
    let waits = waits.into_iter().enumerate().map(|(position, wait)| wait_of(position, wait, &mut found)).collect();
    let question = ForecastQuestion {
        week_count: week_count.map(i64::from),
        path_count: path_count.map(i64::from),
        demand,
        efforts: efforts.map(table),
        waits,
    };
    whole(found, about.map(|about| (about, limits, question)))
}

/// To the nearest hundredth; what is below 0 stays so, and is refused with everything else.
#[expect(clippy::cast_possible_truncation, reason = "within limits that are looked at before")]
fn hundredths(position: usize, per_week: f64, found: &mut Found) -> i64 {
    if !(-RATE_READ_MAX..=RATE_READ_MAX).contains(&per_week) {
        found.field(format!("demand[{position}].per_week"), format!("is {per_week}; must be 0 to 10000"));
        return 0;
    }
    let rounded = (per_week * 100.0).round() as i64;
    if rounded == 0 && per_week < 0.0 { -1 } else { rounded }
}

fn wait_of(position: usize, wait: proto::WaitOnOthers, found: &mut Found) -> Wait {
    let mut inside = Found::default();
    let until = inside.day("until_date", &wait.until_date);
    for bad in inside.0.fields {
        found.field(format!("waits[{position}].{}", bad.field), bad.message);
    }
    Wait { case_id: CaseId::new(wait.case_id), code: optional(wait.obligation_code, Code::new), until }
}

fn table(message: proto::EffortTable) -> Efforts {
    let obligation = |obligation: proto::ObligationEffort| Effort {
        code: Code::new(obligation.code),
        points: obligation.points,
        lead_weeks: obligation.lead_weeks,
        waits_on_others_percent: obligation.waits_on_others_percent,
        source: String::new(),
    };
    let follow = |follow: proto::FollowingObligation| Follow {
        after: Code::new(follow.after),
        code: Code::new(follow.code),
        percent: follow.percent,
        weeks: follow.weeks,
    };
    Efforts {
        name: message.name,
        note: message.note,
        dated_work_percent: message.dated_work_percent,
        other: OtherEffort { points: message.other_points, lead_weeks: message.other_lead_weeks },
        obligations: message.obligations.into_iter().map(obligation).collect(),
        follows: message.follows.into_iter().map(follow).collect(),
    }
}

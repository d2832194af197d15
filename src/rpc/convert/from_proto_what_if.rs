//! Questions about leavers and handovers from their messages.

use tokio::time::Instant;

use super::{
    field::Found,
    from_proto::whole,
    from_proto_planning::{budget, input},
};
use crate::{
    app::{AllocateError, HandoverOptions, PlanningBudget, PlanningInput},
    model::OfficerId,
    rpc::proto,
};

pub(in crate::rpc) fn leavers(
    message: proto::DrillLeaversRequest,
    call_deadline: Option<Instant>,
) -> Result<(PlanningInput, PlanningBudget, Vec<OfficerId>), AllocateError> {
    let proto::DrillLeaversRequest { input: about, budget: limits, officer_ids } = message;
    let mut found = Found::default();
    let about = input(about, &mut found);
    let limits = budget(limits, call_deadline, &mut found);
    if officer_ids.is_empty() {
        found.field("officer_ids", "is empty; name at least one officer who leaves");
    }
    let leavers = officer_ids.into_iter().map(OfficerId::new).collect();
    whole(found, about.map(|about| (about, limits, leavers)))
}

pub(in crate::rpc) fn handovers(
    message: proto::PlanHandoversRequest,
    call_deadline: Option<Instant>,
) -> Result<(PlanningInput, PlanningBudget, HandoverOptions), AllocateError> {
    let proto::PlanHandoversRequest { input: about, budget: time, limits, balance_may_move } = message;
    let mut found = Found::default();
    let about = input(about, &mut found);
    let time = budget(time, call_deadline, &mut found);
    whole(found, about.map(|about| (about, time, HandoverOptions { limits, balance_may_move })))
}

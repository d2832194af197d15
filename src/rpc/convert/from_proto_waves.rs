//! A question about waves from its message.

use tokio::time::Instant;

use super::{
    field::Found,
    from_proto::whole,
    from_proto_planning::{budget, input},
};
use crate::{
    app::{AllocateError, PlanningBudget, PlanningInput, WaveOptions},
    rpc::proto,
};

pub(in crate::rpc) fn question(
    message: proto::PlanWavesRequest,
    call_deadline: Option<Instant>,
) -> Result<(PlanningInput, PlanningBudget, WaveOptions), AllocateError> {
    let proto::PlanWavesRequest { input: about, budget: limits, intake_limit, without_caps } = message;
    let mut found = Found::default();
    let about = input(about, &mut found);
    let limits = budget(limits, call_deadline, &mut found);
    whole(found, about.map(|about| (about, limits, WaveOptions { intake_limit, without_caps })))
}

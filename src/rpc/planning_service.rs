//! `PlanningService`: convert, call, convert.

use std::sync::Arc;

use tonic::{Request, Response, Status, async_trait};

use super::{
    calls::CallDeadline,
    convert::{
        from_proto_forecast, from_proto_planning::of_input, from_proto_waves, to_proto_forecast, to_proto_waves,
    },
    proto::{self, planning_service_server::PlanningService},
    status::refuse,
};
use crate::app::{AllocateError, Scheduler};

pub(super) struct Planning(pub(super) Arc<Scheduler>);

#[async_trait]
impl PlanningService for Planning {
    async fn forecast_missed_deadlines(
        &self,
        request: Request<proto::ForecastMissedDeadlinesRequest>,
    ) -> Result<Response<proto::ForecastMissedDeadlinesResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let (input, budget, question) =
            from_proto_forecast::question(request.into_inner(), deadline).map_err(refuse)?;
        let given = self.0.given(input).await.map_err(of_input).map_err(refuse)?;
        let forecast = self.0.forecast(given, question, &budget).await.map_err(in_question).map_err(refuse)?;
        Ok(Response::new(proto::ForecastMissedDeadlinesResponse {
            forecast: Some(to_proto_forecast::forecast(&forecast)),
        }))
    }

    async fn plan_waves(
        &self,
        request: Request<proto::PlanWavesRequest>,
    ) -> Result<Response<proto::PlanWavesResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let (input, budget, wanted) = from_proto_waves::question(request.into_inner(), deadline).map_err(refuse)?;
        let given = self.0.given(input).await.map_err(of_input).map_err(refuse)?;
        let plan = self.0.waves(given, wanted, &budget).await.map_err(in_question).map_err(refuse)?;
        Ok(Response::new(proto::PlanWavesResponse { plan: Some(to_proto_waves::waves(&plan)) }))
    }
}

/// What is wrong with backlog or rules gets the path that these have in a question; the question's own fields are named already.
fn in_question(error: AllocateError) -> AllocateError {
    match error {
        AllocateError::Invalid(found) if !found.backlog.is_empty() => of_input(AllocateError::Invalid(found)),
        AllocateError::Invalid(mut found) => {
            for field in found.fields.iter_mut().filter(|bad| bad.field.starts_with("backlog.")) {
                field.field.insert_str(0, "input.");
            }
            AllocateError::Invalid(found)
        }
        error => error,
    }
}

//! `PlanningService`: convert, call, convert.

use std::sync::Arc;

use tonic::{Request, Response, Status, async_trait};

use super::{
    calls::CallDeadline,
    convert::{
        from_proto_forecast, from_proto_planning::of_input, from_proto_staffing, from_proto_waves, to_proto_forecast,
        to_proto_staffing, to_proto_waves,
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

    async fn plan_staffing(
        &self,
        request: Request<proto::PlanStaffingRequest>,
    ) -> Result<Response<proto::PlanStaffingResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let message = request.into_inner();
        let question = message.question.as_ref().map_or("", name_of);
        let (input, budget, asked) = from_proto_staffing::question(message, deadline).map_err(refuse)?;
        let given = self.0.given(input).await.map_err(of_input).map_err(refuse)?;
        let named = |error| within_question(in_question(error), question);
        let answer = self.0.staffing(given, asked, &budget).await.map_err(named).map_err(refuse)?;
        Ok(Response::new(to_proto_staffing::answer(&answer)))
    }
}

/// The field of a staffing question.
fn name_of(question: &proto::plan_staffing_request::Question) -> &'static str {
    use proto::plan_staffing_request::Question;
    match question {
        Question::Hires(_) => "hires",
        Question::LowestCap(_) => "lowest_cap",
        Question::HireWorth(_) => "hire_worth",
        Question::Shortage(_) => "shortage",
    }
}

/// Fields of a question that is one of several get its name: `hires.profiles[0].cost`, `shortage.caps.leave_percent`.
fn within_question(error: AllocateError, question: &str) -> AllocateError {
    match error {
        AllocateError::Invalid(mut found) => {
            for bad in found.fields.iter_mut().filter(|bad| !bad.field.starts_with("input.")) {
                let caps = if bad.field.starts_with("profiles") { "" } else { "caps." };
                bad.field = format!("{question}.{caps}{}", bad.field);
            }
            AllocateError::Invalid(found)
        }
        error => error,
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

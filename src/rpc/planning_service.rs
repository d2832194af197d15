//! `PlanningService`: convert, call, convert.

use std::{pin::Pin, sync::Arc};

use tokio::sync::mpsc::channel;
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, async_trait};
use tracing::Instrument as _;

use super::{
    calls::CallDeadline,
    convert::{
        from_proto_forecast, from_proto_planning::of_input, from_proto_scenarios, from_proto_staffing,
        from_proto_waves, from_proto_what_if, to_proto_forecast, to_proto_scenarios, to_proto_staffing, to_proto_waves,
    },
    proto::{self, planning_service_server::PlanningService},
    status::refuse,
};
use crate::app::{AllocateError, Scheduler};

pub(super) struct Planning(pub(super) Arc<Scheduler>);

/// Results that may wait for a slow reader before the searches do.
const RESULTS_AHEAD: usize = 4;

#[async_trait]
impl PlanningService for Planning {
    type EvaluateScenariosStream = Pin<Box<dyn Stream<Item = Result<proto::EvaluateScenariosResponse, Status>> + Send>>;

    async fn evaluate_scenarios(
        &self,
        request: Request<proto::EvaluateScenariosRequest>,
    ) -> Result<Response<Self::EvaluateScenariosStream>, Status> {
        let deadline = CallDeadline::of(&request);
        let message = request.into_inner();
        let with_changes = message.with_changes;
        let (input, budget, scenarios) = from_proto_scenarios::question(message, deadline).map_err(refuse)?;
        let given = self.0.given(input).await.map_err(of_input).map_err(refuse)?;
        let (results, mut ready) = channel(RESULTS_AHEAD);
        let (answers, mut answered) = channel(RESULTS_AHEAD);
        let scheduler = Arc::clone(&self.0);
        let evaluating = async move {
            let evaluated = scheduler.evaluate_scenarios(given, scenarios, &budget, results);
            let forwarded = async {
                while let Some(answer) = ready.recv().await {
                    // Nobody listens: seen below.
                    let _ = answers.send(Ok(to_proto_scenarios::answer(&answer, with_changes))).await;
                }
            };
            let ended = tokio::select! {
                (ended, ()) = async { tokio::join!(evaluated, forwarded) } => ended,
                // The caller went away, and what is dropped here stops its searches.
                () = answers.closed() => return,
            };
            if let Err(error) = ended {
                let _ = answers.send(Err(refuse(in_scenarios(in_question(error))))).await;
            }
        };
        tokio::spawn(evaluating.in_current_span());
        // Before the first result an error is the call's own.
        let first = answered.recv().await.transpose()?;
        let all = tokio_stream::iter(first.map(Ok)).chain(ReceiverStream::new(answered));
        Ok(Response::new(Box::pin(all)))
    }

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

    async fn drill_leavers(
        &self,
        request: Request<proto::DrillLeaversRequest>,
    ) -> Result<Response<proto::DrillLeaversResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let (input, budget, leavers) = from_proto_what_if::leavers(request.into_inner(), deadline).map_err(refuse)?;
        let given = self.0.given(input).await.map_err(of_input).map_err(refuse)?;
        let found = self.0.leaver_drill(given, leavers, &budget).await.map_err(in_question).map_err(refuse)?;
        Ok(Response::new(to_proto_scenarios::leavers(&found)))
    }

    async fn plan_handovers(
        &self,
        request: Request<proto::PlanHandoversRequest>,
    ) -> Result<Response<proto::PlanHandoversResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let (input, budget, wanted) = from_proto_what_if::handovers(request.into_inner(), deadline).map_err(refuse)?;
        let given = self.0.given(input).await.map_err(of_input).map_err(refuse)?;
        let found = self.0.handovers(given, wanted, &budget).await.map_err(in_question).map_err(refuse)?;
        Ok(Response::new(to_proto_scenarios::handovers(&found)))
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

/// Dates of messages are named so.
fn in_scenarios(error: AllocateError) -> AllocateError {
    match error {
        AllocateError::Invalid(mut found) => {
            for bad in found.fields.iter_mut().filter(|bad| bad.field.ends_with(".officer_away.until")) {
                bad.field.push_str("_date");
            }
            AllocateError::Invalid(found)
        }
        error => error,
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

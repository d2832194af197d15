//! `AssignmentService`: convert, call, convert.

use std::sync::Arc;

use tonic::{Request, Response, Status, async_trait};

use super::{
    calls::CallDeadline,
    convert::{from_proto, from_proto_calls, from_proto_calls::without_backlog, to_proto, to_proto_history},
    proto::{self, assignment_service_server::AssignmentService},
    status::refuse,
};
use crate::app::Scheduler;

pub(super) struct Assignments(pub(super) Arc<Scheduler>);

#[async_trait]
impl AssignmentService for Assignments {
    async fn get_assignment(
        &self,
        request: Request<proto::GetAssignmentRequest>,
    ) -> Result<Response<proto::GetAssignmentResponse>, Status> {
        let (team_id, version) = from_proto::get_assignment(request.into_inner()).map_err(refuse)?;
        let assignment = self.0.assignment(&team_id, version).await.map_err(refuse)?;
        Ok(Response::new(proto::GetAssignmentResponse { assignment: Some(to_proto::assignment(&assignment)) }))
    }

    async fn list_caseloads(
        &self,
        request: Request<proto::ListCaseloadsRequest>,
    ) -> Result<Response<proto::ListCaseloadsResponse>, Status> {
        let request = from_proto::list_caseloads(request.into_inner()).map_err(refuse)?;
        let page = self.0.caseloads(&request).await.map_err(refuse)?;
        Ok(Response::new(to_proto::caseloads(page)))
    }

    async fn list_holdings(
        &self,
        request: Request<proto::ListHoldingsRequest>,
    ) -> Result<Response<proto::ListHoldingsResponse>, Status> {
        let request = from_proto::list_holdings(request.into_inner()).map_err(refuse)?;
        let page = self.0.holdings(&request).await.map_err(refuse)?;
        Ok(Response::new(to_proto::holdings(&page)))
    }

    async fn get_team_status(
        &self,
        request: Request<proto::GetTeamStatusRequest>,
    ) -> Result<Response<proto::GetTeamStatusResponse>, Status> {
        let (team_id, as_at) = from_proto::get_team_status(request.into_inner()).map_err(refuse)?;
        let status = self.0.team_status(&team_id, as_at).await.map_err(refuse)?;
        Ok(Response::new(proto::GetTeamStatusResponse { status: Some(to_proto::team_status(&status)) }))
    }

    async fn list_assignment_versions(
        &self,
        request: Request<proto::ListAssignmentVersionsRequest>,
    ) -> Result<Response<proto::ListAssignmentVersionsResponse>, Status> {
        let (team_id, page) = from_proto_calls::list_versions(request.into_inner()).map_err(refuse)?;
        let page = self.0.versions(&team_id, &page).await.map_err(refuse)?;
        Ok(Response::new(to_proto_history::versions(&page)))
    }

    async fn assign_cases(
        &self,
        request: Request<proto::AssignCasesRequest>,
    ) -> Result<Response<proto::AssignCasesResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let answer = match from_proto_calls::assign_cases(request.into_inner(), deadline) {
            Ok(call) => self.0.day_call(call).await,
            Err(unreadable) => Err(self.0.refuse_call(unreadable.call, unreadable.found).await),
        };
        let version = answer.map_err(without_backlog).map_err(refuse)?;
        Ok(Response::new(to_proto_history::assigned(&version)))
    }

    async fn reassign_case(
        &self,
        request: Request<proto::ReassignCaseRequest>,
    ) -> Result<Response<proto::ReassignCaseResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let call = from_proto_calls::reassign_case(request.into_inner(), deadline).map_err(refuse)?;
        let version = self.0.day_call(call).await.map_err(refuse)?;
        Ok(Response::new(to_proto_history::reassigned(&version)))
    }

    async fn close_cases(
        &self,
        request: Request<proto::CloseCasesRequest>,
    ) -> Result<Response<proto::CloseCasesResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let call = from_proto_calls::close_cases(request.into_inner(), deadline).map_err(refuse)?;
        let version = self.0.day_call(call).await.map_err(refuse)?;
        Ok(Response::new(to_proto_history::closed(&version)))
    }

    async fn explain_case(
        &self,
        request: Request<proto::ExplainCaseRequest>,
    ) -> Result<Response<proto::ExplainCaseResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let (team_id, version, case_id) = from_proto_calls::explain_case(request.into_inner()).map_err(refuse)?;
        let explained = self.0.explain_case(&team_id, version, &case_id, deadline).await.map_err(refuse)?;
        Ok(Response::new(to_proto_history::explained(&explained)))
    }

    async fn replay_assignment(
        &self,
        request: Request<proto::ReplayAssignmentRequest>,
    ) -> Result<Response<proto::ReplayAssignmentResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let (team_id, version) = from_proto_calls::replay(request.into_inner()).map_err(refuse)?;
        let replayed = self.0.replay(&team_id, version, deadline).await.map_err(refuse)?;
        Ok(Response::new(to_proto_history::replayed(&replayed)))
    }

    async fn erase_token(
        &self,
        request: Request<proto::EraseTokenRequest>,
    ) -> Result<Response<proto::EraseTokenResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let erase = from_proto_calls::erase(request.into_inner(), deadline).map_err(refuse)?;
        let erased = self.0.erase(erase).await.map_err(refuse)?;
        Ok(Response::new(to_proto_history::erased(&erased)))
    }

    async fn reconcile_assignment(
        &self,
        request: Request<proto::ReconcileAssignmentRequest>,
    ) -> Result<Response<proto::ReconcileAssignmentResponse>, Status> {
        let (team_id, extract) = from_proto::reconcile_assignment(request.into_inner()).map_err(refuse)?;
        let reconciliation = self.0.reconcile(&team_id, &extract).await.map_err(refuse)?;
        Ok(Response::new(to_proto::reconciliation(&reconciliation)))
    }
}

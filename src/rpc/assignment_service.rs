//! `AssignmentService`: convert, call, convert.

use std::sync::Arc;

use tonic::{Request, Response, Status, async_trait};

use super::{
    convert::{from_proto, to_proto},
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

    async fn reconcile_assignment(
        &self,
        request: Request<proto::ReconcileAssignmentRequest>,
    ) -> Result<Response<proto::ReconcileAssignmentResponse>, Status> {
        let (team_id, extract) = from_proto::reconcile_assignment(request.into_inner()).map_err(refuse)?;
        let reconciliation = self.0.reconcile(&team_id, &extract).await.map_err(refuse)?;
        Ok(Response::new(to_proto::reconciliation(&reconciliation)))
    }
}

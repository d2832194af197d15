//! `AllocationService`: convert, call, convert.
//!
//! A caller who hangs up drops the handler. `Allocate` then stops its solve; what has begun to be stored is stored to
//! the end, and the same request_id tells the caller later what became of it.

use std::sync::Arc;

use tonic::{Request, Response, Status, async_trait};
use tracing::Span;

use super::{
    calls::CallDeadline,
    convert::{from_proto, to_proto},
    proto::{self, allocation_service_server::AllocationService},
    status::refuse,
};
use crate::app::Scheduler;

pub(super) struct Allocations(pub(super) Arc<Scheduler>);

#[async_trait]
impl AllocationService for Allocations {
    async fn allocate(
        &self,
        request: Request<proto::AllocateRequest>,
    ) -> Result<Response<proto::AllocateResponse>, Status> {
        let deadline = CallDeadline::of(&request);
        let message = request.into_inner();
        let full = from_proto::is_full(message.view);
        if let Some(backlog) = &message.backlog {
            let (cases, officers, pairs) = (backlog.cases.len(), backlog.officers.len(), backlog.pairs.len());
            Span::current().record("case.count", cases).record("officer.count", officers);
            self.0.limits().check_size(cases, officers, pairs).map_err(refuse)?;
        }
        let request = match from_proto::allocate(message, deadline) {
            from_proto::Read::Whole(request) => request,
            from_proto::Read::Draft(draft) => return Err(refuse(self.0.refuse(draft).await)),
        };
        let answer = self.0.allocate(request).await.map_err(refuse)?;
        Ok(Response::new(proto::AllocateResponse {
            allocation: Some(to_proto::allocation(&answer.record, full)),
            explanations: answer.explanations.iter().map(to_proto::explanation).collect(),
        }))
    }

    async fn get_allocation(
        &self,
        request: Request<proto::GetAllocationRequest>,
    ) -> Result<Response<proto::GetAllocationResponse>, Status> {
        let message = request.into_inner();
        let full = from_proto::is_full(message.view);
        let (team_id, allocation_id) = from_proto::get_allocation(message).map_err(refuse)?;
        let record = self.0.get_allocation(&team_id, &allocation_id).await.map_err(refuse)?;
        Ok(Response::new(proto::GetAllocationResponse { allocation: Some(to_proto::allocation(&record, full)) }))
    }

    async fn list_allocations(
        &self,
        request: Request<proto::ListAllocationsRequest>,
    ) -> Result<Response<proto::ListAllocationsResponse>, Status> {
        let (team_id, page) = from_proto::list_allocations(request.into_inner()).map_err(refuse)?;
        let (page, current) = self.0.list_allocations(&team_id, &page).await.map_err(refuse)?;
        Ok(Response::new(proto::ListAllocationsResponse {
            allocations: page.entries.iter().map(|summary| to_proto::summary(summary, current)).collect(),
            next_page_token: page.next_token.unwrap_or_default(),
        }))
    }

    async fn commit_allocation(
        &self,
        request: Request<proto::CommitAllocationRequest>,
    ) -> Result<Response<proto::CommitAllocationResponse>, Status> {
        let commit = from_proto::commit_allocation(request.into_inner()).map_err(refuse)?;
        let assignment = self.0.commit_allocation(commit).await.map_err(refuse)?;
        Ok(Response::new(proto::CommitAllocationResponse { assignment: Some(to_proto::assignment(&assignment)) }))
    }
}

//! What the demo asks of the service, over gRPC like any other client.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::cli::exit::{Code, Failure};
use crate::cli::message;
use crate::model::Backlog;
use crate::rpc::proto::{
    AllocateRequest, AllocationState, AllocationView, Assignment, Caseload, CommitAllocationRequest,
    GetAssignmentRequest, Holding, ListCaseloadsRequest, ListHoldingsRequest,
    allocation_service_client::AllocationServiceClient, assignment_service_client::AssignmentServiceClient,
};

/// How much longer than the search a call may take.
const CALL_MARGIN: Duration = Duration::from_secs(60);
/// Entries of a page: the most there are.
const PAGE_SIZE: i32 = 1_000;

/// A team's current assignment as the service tells it.
pub(super) struct ReadBack {
    pub(super) assignment: Assignment,
    pub(super) caseloads: Vec<Caseload>,
    pub(super) holdings: Vec<Holding>,
    /// How long the call to Allocate took.
    pub(super) elapsed: Duration,
}

pub(super) struct Client {
    allocations: AllocationServiceClient<Channel>,
    assignments: AssignmentServiceClient<Channel>,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self, Failure> {
        let failed = |error: tonic::transport::Error| Failure::from_error(Code::Unavailable, &error);
        let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(failed)?;
        let channel = endpoint.connect().await.map_err(failed)?;
        Ok(Self {
            allocations: AllocationServiceClient::new(channel.clone()),
            assignments: AssignmentServiceClient::new(channel),
        })
    }

    /// Allocate, for a proposal; CommitAllocation; and then everything about the assignment that is now current.
    pub(super) async fn allocate_and_commit(
        &mut self,
        team_id: &str,
        backlog: &Backlog,
        time_limit: Duration,
    ) -> Result<ReadBack, Failure> {
        let mut request = Request::new(AllocateRequest {
            team_id: team_id.to_owned(),
            backlog: Some(message::backlog(backlog)),
            time_limit: Some(message::duration(time_limit)),
            view: AllocationView::Basic.into(),
            ..AllocateRequest::default()
        });
        request.set_timeout(time_limit + CALL_MARGIN);
        let begin = Instant::now();
        let answer = self.allocations.allocate(request).await.map_err(|status| refused("Allocate", &status))?;
        let elapsed = begin.elapsed();
        let proposal = answer.into_inner().allocation.unwrap_or_default();
        // A store from an earlier demo has this very assignment, and the service answers with it.
        if proposal.state() != AllocationState::Committed {
            let commit = CommitAllocationRequest {
                team_id: team_id.to_owned(),
                allocation_id: proposal.allocation_id,
                etag: proposal.etag,
                request_id: String::new(),
            };
            let committed = self.allocations.commit_allocation(commit).await;
            committed.map_err(|status| refused("CommitAllocation", &status))?;
        }
        self.read_back(team_id, elapsed).await
    }

    async fn read_back(&mut self, team_id: &str, elapsed: Duration) -> Result<ReadBack, Failure> {
        let request = GetAssignmentRequest { team_id: team_id.to_owned(), version: 0 };
        let answer = self.assignments.get_assignment(request).await;
        let answer = answer.map_err(|status| refused("GetAssignment", &status))?.into_inner();
        let assignment = answer.assignment.unwrap_or_default();

        let mut caseloads = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListCaseloadsRequest {
                team_id: team_id.to_owned(),
                version: assignment.version,
                page_size: PAGE_SIZE,
                page_token,
                ..ListCaseloadsRequest::default()
            };
            let page = self.assignments.list_caseloads(request).await;
            let page = page.map_err(|status| refused("ListCaseloads", &status))?.into_inner();
            caseloads.extend(page.caseloads);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }

        let mut holdings = Vec::new();
        loop {
            let request = ListHoldingsRequest {
                team_id: team_id.to_owned(),
                version: assignment.version,
                page_size: PAGE_SIZE,
                page_token,
                ..ListHoldingsRequest::default()
            };
            let page = self.assignments.list_holdings(request).await;
            let page = page.map_err(|status| refused("ListHoldings", &status))?.into_inner();
            holdings.extend(page.holdings);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        Ok(ReadBack { assignment, caseloads, holdings, elapsed })
    }
}

fn refused(call: &str, status: &Status) -> Failure {
    Failure::new(Code::Wrong, format!("{call} was refused with {:?}: {}", status.code(), status.message()))
}

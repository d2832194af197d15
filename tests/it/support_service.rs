//! A running service on a port of its own, clients for it, messages to send, and what comes back as text.

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use caseload::{
    app::{Limits, Pool, Scheduler},
    rpc::{self, Drained, ServeOptions},
    store::{
        AllocationId, AssignmentVersion, Committed, EmbeddedStore, Kept, ListPosition, Mentions, Proposal,
        ProposalPage, RequestId, RequestOutcome, Retention, Store, StoreError, TeamId, Token, Version, VersionSummary,
        system_clock,
    },
};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tonic::{Code, Response, Status, transport::Channel};
use tonic_types::StatusExt as _;

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    unused_qualifications,
    unreachable_pub,
    reason = "generated code follows its own rules"
)]
pub mod proto {
    tonic::include_proto!("caseload.v1");
}

use proto::{
    allocation_service_client::AllocationServiceClient, assignment_service_client::AssignmentServiceClient,
    planning_service_client::PlanningServiceClient,
};

/// Far more than anything here takes: passing it is a failure, not a measurement.
pub const LONG: Duration = Duration::from_secs(60);

/// How to start a service.
pub struct Start {
    pub limits: Limits,
    pub options: ServeOptions,
    pub solver_threads: usize,
    pub queue_depth: usize,
    /// None = an embedded store in a folder of its own.
    pub store: Option<Arc<dyn Store>>,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            options: ServeOptions::default(),
            solver_threads: 2,
            queue_depth: 8,
            store: None,
        }
    }
}

/// A running service. Dropping it stops it without a drain.
pub struct Service {
    pub address: SocketAddr,
    pub pool: Arc<Pool>,
    pub store: Arc<dyn Store>,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Drained>,
    _folder: TempDir,
}

impl Service {
    pub async fn start() -> Self {
        Self::with(Start::default()).await
    }

    pub async fn with(start: Start) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = start.store.unwrap_or_else(|| embedded(&folder));
        let threads = NonZeroUsize::new(start.solver_threads).unwrap();
        let pool = Arc::new(Pool::start(threads, NonZeroUsize::new(start.queue_depth).unwrap()).unwrap());
        let scheduler = Scheduler::new(Arc::clone(&store), Arc::clone(&pool), start.limits, system_clock());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            rpc::serve(listener, Arc::new(scheduler), start.options, stopped).await.unwrap()
        });
        Self { address, pool, store, stop: Some(stop), ended, _folder: folder }
    }

    pub async fn channel(&self) -> Channel {
        let endpoint = tonic::transport::Endpoint::new(format!("http://{}", self.address)).unwrap();
        endpoint.connect().await.unwrap()
    }

    pub async fn allocations(&self) -> AllocationServiceClient<Channel> {
        AllocationServiceClient::new(self.channel().await).max_decoding_message_size(64 << 20)
    }

    pub async fn assignments(&self) -> AssignmentServiceClient<Channel> {
        AssignmentServiceClient::new(self.channel().await).max_decoding_message_size(64 << 20)
    }

    pub async fn planning(&self) -> PlanningServiceClient<Channel> {
        PlanningServiceClient::new(self.channel().await).max_decoding_message_size(64 << 20)
    }

    /// Allocates; the answer's allocation.
    pub async fn allocate(&self, request: proto::AllocateRequest) -> proto::Allocation {
        self.allocations().await.allocate(request).await.unwrap().into_inner().allocation.unwrap()
    }

    /// Allocates and is refused.
    pub async fn refusal(&self, request: proto::AllocateRequest) -> Status {
        self.allocations().await.allocate(request).await.expect_err("this should be refused")
    }

    /// Tells it to stop.
    pub fn stop(&mut self) {
        let _ = self.stop.take().expect("stopped once").send(());
    }

    /// Waits until it has stopped.
    pub async fn ended(self) -> Drained {
        tokio::time::timeout(LONG, self.ended).await.expect("it does not stop").unwrap()
    }
}

pub fn embedded(folder: &TempDir) -> Arc<dyn Store> {
    Arc::new(EmbeddedStore::open(folder.path(), Retention::default()).unwrap())
}

/// Two officers with room for 3 points each, a default supervisor, and the cases named, of 1 point each.
pub fn backlog(case_ids: &[&str]) -> proto::Backlog {
    let case = |id: &&str| proto::Case { case_id: (*id).to_owned(), ..Default::default() };
    proto::Backlog {
        as_at_date: "2026-09-01".to_owned(),
        cases: case_ids.iter().map(case).collect(),
        officers: vec![officer("o1", 3), officer("o2", 3)],
        supervisors: vec![proto::Supervisor { supervisor_id: "s1".to_owned(), ..Default::default() }],
        pairs: Vec::new(),
    }
}

pub fn officer(id: &str, capacity_points: i32) -> proto::Officer {
    proto::Officer { officer_id: id.to_owned(), capacity_points: Some(capacity_points), ..Default::default() }
}

/// A request for team `north` to keep a proposal.
pub fn request(backlog: proto::Backlog) -> proto::AllocateRequest {
    proto::AllocateRequest { team_id: "north".to_owned(), backlog: Some(backlog), ..Default::default() }
}

/// A request to commit on top of this etag.
pub fn commit(backlog: proto::Backlog, etag: &str) -> proto::AllocateRequest {
    proto::AllocateRequest { commit: true, etag: etag.to_owned(), ..request(backlog) }
}

/// What a client is told, as text: code, reason, message, metadata, and every other detail.
pub fn told<T: std::fmt::Debug>(result: Result<Response<T>, Status>) -> String {
    status_text(&result.expect_err("this should be refused"))
}

pub fn status_text(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("{status:?} carries no ErrorInfo"));
    assert_eq!(info.domain, "caseload");
    let mut metadata: Vec<String> = info.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    metadata.sort();
    let mut lines = vec![format!("{:?} {}", status.code(), info.reason), status.message().to_owned()];
    lines.extend((!metadata.is_empty()).then(|| format!("metadata: {}", metadata.join(" "))));
    for entry in details.bad_request().iter().flat_map(|detail| &detail.field_violations) {
        lines.push(format!("bad field: {}: {}", entry.field, entry.description));
    }
    for entry in details.precondition_failure().iter().flat_map(|detail| &detail.violations) {
        lines.push(format!("precondition: {} {}: {}", entry.r#type, entry.subject, entry.description));
    }
    for entry in details.quota_failure().iter().flat_map(|detail| &detail.violations) {
        lines.push(format!("quota: {} {}: {}", entry.subject, entry.quota_value, entry.description));
    }
    lines.extend(
        details.resource_info().map(|detail| format!("about: {} {}", detail.resource_type, detail.resource_name)),
    );
    lines.extend(details.retry_info().map(|detail| format!("retry in: {:?}", detail.retry_delay.unwrap_or_default())));
    lines.extend(details.request_info().map(|detail| format!("id to report: {} characters", detail.request_id.len())));
    lines.push(String::new());
    lines.join("\n")
}

pub fn code<T: std::fmt::Debug>(result: Result<Response<T>, Status>) -> Code {
    result.expect_err("this should be refused").code()
}

/// What a store can be made to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Away,
    Corrupt,
}

/// A store that fails on demand.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    fault: Mutex<Option<Fault>>,
    /// Commits wait while this is true.
    pub hold_commits: watch::Sender<bool>,
    /// Commits that were asked for, and those that are done.
    pub commits: watch::Sender<(usize, usize)>,
    _folder: TempDir,
}

impl FaultyStore {
    pub fn new() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        Arc::new(Self {
            inner: embedded(&folder),
            fault: Mutex::default(),
            hold_commits: watch::Sender::new(false),
            commits: watch::Sender::new((0, 0)),
            _folder: folder,
        })
    }

    pub fn set(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap() = fault;
    }

    fn check(&self) -> Result<(), StoreError> {
        match *self.fault.lock().unwrap() {
            None => Ok(()),
            Some(Fault::Away) => Err(StoreError::Unavailable { source: "pulled the plug".into() }),
            Some(Fault::Corrupt) => {
                Err(StoreError::Corrupt { what: "north/version/1".to_owned(), problem: "bit rot".to_owned() })
            }
        }
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn current(&self, team_id: &TeamId) -> Result<Option<AssignmentVersion>, StoreError> {
        self.check()?;
        self.inner.current(team_id).await
    }

    async fn current_version(&self, team_id: &TeamId) -> Result<Option<Version>, StoreError> {
        self.check()?;
        self.inner.current_version(team_id).await
    }

    async fn version(&self, team_id: &TeamId, version: Version) -> Result<Option<AssignmentVersion>, StoreError> {
        self.check()?;
        self.inner.version(team_id, version).await
    }

    async fn version_of(&self, team_id: &TeamId, id: &AllocationId) -> Result<Option<Version>, StoreError> {
        self.check()?;
        self.inner.version_of(team_id, id).await
    }

    async fn commit(&self, assignment: AssignmentVersion) -> Result<Committed, StoreError> {
        self.check()?;
        self.commits.send_modify(|commits| commits.0 += 1);
        self.hold_commits.subscribe().wait_for(|hold| !hold).await.unwrap();
        let committed = self.inner.commit(assignment).await;
        self.commits.send_modify(|commits| commits.1 += 1);
        committed
    }

    async fn keep_proposal(&self, proposal: Proposal) -> Result<Kept, StoreError> {
        self.check()?;
        self.inner.keep_proposal(proposal).await
    }

    async fn proposal(&self, team_id: &TeamId, id: &AllocationId) -> Result<Option<Proposal>, StoreError> {
        self.check()?;
        self.inner.proposal(team_id, id).await
    }

    async fn list_proposals(
        &self,
        team_id: &TeamId,
        after: Option<&ListPosition>,
        limit: usize,
    ) -> Result<ProposalPage, StoreError> {
        self.check()?;
        self.inner.list_proposals(team_id, after, limit).await
    }

    async fn request(&self, team_id: &TeamId, id: &RequestId) -> Result<Option<RequestOutcome>, StoreError> {
        self.check()?;
        self.inner.request(team_id, id).await
    }

    async fn list_versions(
        &self,
        team_id: &TeamId,
        newest: Version,
        limit: usize,
    ) -> Result<Vec<VersionSummary>, StoreError> {
        self.check()?;
        self.inner.list_versions(team_id, newest, limit).await
    }

    async fn mentions(&self, team_id: &TeamId, token: &Token) -> Result<Mentions, StoreError> {
        self.check()?;
        self.inner.mentions(team_id, token).await
    }

    async fn erase(
        &self,
        team_id: &TeamId,
        token: &Token,
        tombstone: &str,
        newest: Option<Version>,
    ) -> Result<Mentions, StoreError> {
        self.check()?;
        self.inner.erase(team_id, token, tombstone, newest).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check()?;
        self.inner.ping().await
    }
}

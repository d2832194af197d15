//! The service that is killed, and calls to it that are repeated until they are answered.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{sync::watch, time::timeout};
use tonic::{
    Code, Response, Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt as _;

use crate::{
    kill_backlog::{Dice, Picture},
    kill_ledger::{Ledger, Seen, VERSIONS_KEPT},
    support_service::{
        LONG, proto,
        proto::{
            allocation_service_client::AllocationServiceClient, assignment_service_client::AssignmentServiceClient,
        },
    },
};

/// A store that is there again may be met over a connection that is not: so often in one call.
const LEFTOVERS_MAX: usize = 5;

/// What clients know of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Rises with every kill, before it.
    pub(crate) epoch: u64,
    /// Where it serves; `None` = it is dead, or being looked at after a restart.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) store_is_up: bool,
}

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// Requests of writers that were sent, repeats included.
    pub(crate) sent: usize,
    pub(crate) acknowledged: usize,
    /// Reads of a version that was not acknowledged yet.
    pub(crate) ahead: usize,
    pub(crate) read: usize,
    pub(crate) kills: usize,
    /// Allocations with a commit that were sent again and whose first attempt had been stored.
    pub(crate) found: usize,
    /// The same of commits of proposals.
    pub(crate) found_of_proposal: usize,
    /// Commits sent again whose first attempt had not been stored.
    pub(crate) not_found: usize,
    /// Commits that lost a race.
    pub(crate) lost: usize,
}

/// What all tasks share.
pub(crate) struct World {
    teams: Vec<(String, Mutex<Ledger>)>,
    pub(crate) state: watch::Sender<State>,
    pub(crate) progress: watch::Sender<Progress>,
}

impl World {
    pub(crate) fn new(team_count: usize) -> Self {
        let team = |number| (format!("team-{number:02}"), Mutex::default());
        Self {
            teams: (0..team_count).map(team).collect(),
            state: watch::Sender::new(State { epoch: 0, address: None, store_is_up: true }),
            progress: watch::Sender::default(),
        }
    }

    pub(crate) fn teams(&self) -> std::ops::Range<usize> {
        0..self.teams.len()
    }

    pub(crate) fn name(&self, team: usize) -> &str {
        &self.teams[team].0
    }

    pub(crate) fn ledger(&self, team: usize) -> MutexGuard<'_, Ledger> {
        self.teams[team].1.lock().expect("another task failed")
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }

    async fn until(&self, reached: impl FnMut(&State) -> bool) -> State {
        *self.state.subscribe().wait_for(reached).await.expect("the world goes on")
    }
}

/// One caller: it follows the service to wherever it serves now.
pub(crate) struct Caller {
    pub(crate) world: Arc<World>,
    channel: Option<(SocketAddr, Channel)>,
    /// Calls this address and no other, with nothing repeated but what a store's leftover connections make fail.
    fixed: Option<SocketAddr>,
}

/// An answer, and how often the request was sent for it.
pub(crate) struct Answer<T> {
    pub(crate) result: Result<T, Status>,
    pub(crate) repeats: usize,
}

impl Caller {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self { world: Arc::clone(world), channel: None, fixed: None }
    }

    /// For a look at the service before the other callers come.
    pub(crate) fn at(world: &Arc<World>, address: SocketAddr) -> Self {
        Self { world: Arc::clone(world), channel: None, fixed: Some(address) }
    }

    async fn channel(&mut self, address: SocketAddr) -> Result<Channel, Status> {
        if let Some((known, channel)) = &self.channel
            && *known == address
        {
            return Ok(channel.clone());
        }
        let endpoint = Endpoint::new(format!("http://{address}")).unwrap();
        let channel = timeout(LONG, endpoint.connect()).await.expect("connecting hangs");
        let channel = channel.map_err(|error| Status::unavailable(format!("no connection: {error}")))?;
        self.channel = Some((address, channel.clone()));
        Ok(channel)
    }

    /// Sends the same request until it is answered by a service with a store. `before` is told how often it was sent.
    pub(crate) async fn call<T, F: Future<Output = Result<Response<T>, Status>>>(
        &mut self,
        mut before: impl FnMut(usize),
        send: impl Fn(Channel) -> F,
    ) -> Answer<T> {
        let (mut repeats, mut leftovers) = (0, 0);
        loop {
            let state = match self.fixed {
                Some(address) => State { address: Some(address), ..*self.world.state.borrow() },
                None => self.world.until(|state| state.address.is_some()).await,
            };
            before(repeats);
            let result = match self.channel(state.address.unwrap()).await {
                Ok(channel) => timeout(LONG, send(channel)).await.expect("a call hangs"),
                Err(status) => Err(status),
            };
            let status = match result {
                Ok(response) => return Answer { result: Ok(response.into_inner()), repeats },
                Err(status) => status,
            };
            let now = *self.world.state.borrow();
            match reason(&status).as_deref() {
                // The connection broke: nobody may break one but us.
                None => assert!(self.fixed.is_none() && now.epoch > state.epoch, "nobody was killed: {status:?}"),
                Some("STORE_UNAVAILABLE") => {
                    let should_be_there = now.epoch == state.epoch && state.store_is_up;
                    leftovers += usize::from(should_be_there || self.fixed.is_some());
                    assert!(leftovers <= LEFTOVERS_MAX, "the store is there: {status:?}");
                }
                Some(_) => return Answer { result: Err(status), repeats },
            }
            if self.fixed.is_none() {
                self.world.until(|state| state.address.is_some() && state.store_is_up).await;
            }
            repeats += 1;
        }
    }

    async fn read<T, F: Future<Output = Result<Response<T>, Status>>>(
        &mut self,
        send: impl Fn(AssignmentServiceClient<Channel>) -> F,
    ) -> Result<T, Status> {
        self.call(|_| (), |channel| send(AssignmentServiceClient::new(channel))).await.result
    }

    /// A commit that its client was not told of yet is in the store: not for long, so nothing else is looked at. A team
    /// without a commit under way has none.
    pub(crate) async fn is_ahead(&mut self, team: usize) -> bool {
        let may_be = |ledger: &Ledger| ledger.ceiling() > ledger.acknowledged();
        if !may_be(&self.world.ledger(team)) {
            return false;
        }
        let request = proto::GetAssignmentRequest { team_id: self.world.name(team).to_owned(), version: 0 };
        let read = self.read(|mut client| {
            let request = request.clone();
            async move { client.get_assignment(request).await }
        });
        let version = read.await.ok().and_then(|read| read.assignment).map_or(0, |assignment| assignment.version);
        version > self.world.ledger(team).acknowledged()
    }

    /// Reads a version of a team whole, by three operations in any order; version 0 = what the first of them finds
    /// current, to which the others are then bound. What is read is in the ledger when this returns.
    pub(crate) async fn look(&mut self, dice: &mut Dice, team: usize, version: i64) -> Result<Seen, Status> {
        let floor = self.world.ledger(team).floor();
        let mut bound = version;
        let (mut picture, mut assignment) = (Picture::default(), None);
        let first = dice.between(0, 2);
        for operation in [first, (first + 1) % 3, (first + 2) % 3] {
            bound = match operation {
                0 => self.list_caseloads(team, bound, &mut picture).await?,
                1 => self.list_holdings(team, bound, &mut picture).await?,
                _ => {
                    let request =
                        proto::GetAssignmentRequest { team_id: self.world.name(team).to_owned(), version: bound };
                    let read = self.read(|mut client| {
                        let request = request.clone();
                        async move { client.get_assignment(request).await }
                    });
                    let read = read.await?.assignment.unwrap();
                    let found = read.version;
                    assignment = Some(read);
                    found
                }
            };
            assert!(version == 0 || bound == version, "asked for version {version}, got {bound}");
        }
        let seen = Seen::of_assignment(assignment.unwrap(), picture);
        assert_eq!(seen.version, bound);
        let mut ledger = self.world.ledger(team);
        assert!(version != 0 || bound >= floor, "version {floor} was there, now {bound} is current");
        ledger.see(&seen);
        let is_ahead = bound > ledger.acknowledged();
        drop(ledger);
        self.world.count(|progress| {
            progress.read += 1;
            progress.ahead += usize::from(is_ahead);
        });
        Ok(seen)
    }

    /// Small pages, so that commits come in between.
    async fn list_caseloads(&mut self, team: usize, version: i64, picture: &mut Picture) -> Result<i64, Status> {
        let team_id = self.world.name(team).to_owned();
        let mut request = proto::ListCaseloadsRequest { team_id, version, page_size: 2, ..Default::default() };
        let mut bound = version;
        loop {
            let page = self.read(|mut client| {
                let request = request.clone();
                async move { client.list_caseloads(request).await }
            });
            let page = page.await?;
            assert!(bound == 0 || page.version == bound, "a page of {} among those of {bound}", page.version);
            bound = page.version;
            for caseload in &page.caseloads {
                picture.add_caseload(caseload);
                caseload.case_ids.iter().for_each(|case_id| picture.hold(case_id, &caseload.officer_id));
            }
            if page.next_page_token.is_empty() {
                return Ok(bound);
            }
            request.page_token = page.next_page_token;
        }
    }

    async fn list_holdings(&mut self, team: usize, version: i64, picture: &mut Picture) -> Result<i64, Status> {
        let team_id = self.world.name(team).to_owned();
        let mut request = proto::ListHoldingsRequest { team_id, version, page_size: 2, ..Default::default() };
        let mut bound = version;
        loop {
            let page = self.read(|mut client| {
                let request = request.clone();
                async move { client.list_holdings(request).await }
            });
            let page = page.await?;
            assert!(bound == 0 || page.version == bound, "a page of {} among those of {bound}", page.version);
            bound = page.version;
            page.holdings.iter().for_each(|holding| picture.wait(holding));
            if page.next_page_token.is_empty() {
                return Ok(bound);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// Reads every team and all of its history that is kept: nothing acknowledged is missing, and at most the commit that
    /// nobody was told of yet is there besides.
    pub(crate) async fn look_at_everything(&mut self, dice: &mut Dice) {
        for team in self.world.teams() {
            let acknowledged = self.world.ledger(team).acknowledged();
            let current = match self.look(dice, team, 0).await {
                Ok(seen) => seen.version,
                Err(status) => {
                    assert_eq!(reason(&status).as_deref(), Some("TEAM_NOT_FOUND"), "{status:?}");
                    0
                }
            };
            assert!(current >= acknowledged, "version {acknowledged} was acknowledged, {current} is stored");
            let acknowledged = self.world.ledger(team).acknowledged();
            assert!(current <= acknowledged + 1, "{current} after {acknowledged}");
            for version in 1..=current {
                match self.look(dice, team, version).await {
                    Ok(_) => assert!(version > current - VERSIONS_KEPT, "version {version} should be gone"),
                    Err(status) => {
                        // A service that was not killed may have done the commit it was doing.
                        let gone = self.world.ledger(team).ceiling() - VERSIONS_KEPT;
                        assert!(version <= gone, "version {version} is lost: {status:?}");
                        assert_eq!(reason(&status).as_deref(), Some("VERSION_NOT_FOUND"), "{status:?}");
                    }
                }
            }
        }
    }

    /// Every proposal that was acknowledged is kept, and none was kept twice because its request was repeated.
    pub(crate) async fn look_at_proposals(&mut self) {
        for team in self.world.teams() {
            let team_id = self.world.name(team).to_owned();
            let request = proto::ListAllocationsRequest { team_id, page_size: 1_000, ..Default::default() };
            let list = |channel| {
                let (mut client, request) = (allocation_client(channel), request.clone());
                async move { client.list_allocations(request).await }
            };
            let page = self.call(|_| (), list).await.result.unwrap();
            let mut kept: Vec<String> = page.allocations.iter().map(|kept| kept.allocation_id.clone()).collect();
            let mut told = self.world.ledger(team).proposals.clone();
            kept.sort();
            told.sort();
            assert_eq!(kept, told, "proposals of {}", self.world.name(team));
        }
    }
}

/// The reason that the service gave; `None` = the answer is not the service's.
pub(crate) fn reason(status: &Status) -> Option<String> {
    status.get_error_details().error_info().map(|info| {
        let is_known = status.code() != Code::Internal;
        assert!(is_known, "our bug: {status:?}");
        info.reason.clone()
    })
}

pub(crate) fn allocation_client(channel: Channel) -> AllocationServiceClient<Channel> {
    AllocationServiceClient::new(channel)
}

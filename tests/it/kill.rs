//! Commits while the service, and the store's server, are killed by SIGKILL at random moments: no acknowledged commit is
//! lost, no request is done twice, and nobody ever reads a mixture of two commits.
//!
//! What happens is drawn from one seed; how the processes interleave is not, so a seed that failed may have to be run
//! several times. SIGKILL leaves the pages that the operating system has not written yet: this is no power cut.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::{JoinSet, block_in_place},
    time::timeout,
};
use tonic::{Code, Status};

use crate::{
    kill_backlog::{Dice, Sent},
    kill_ledger::{Seen, VERSIONS_KEPT, picture},
    kill_world::{Caller, Progress, State, World, allocation_client, reason},
    support_program::{Program, say},
    support_redis::RedisServer,
    support_service::proto,
};

const TEAMS: usize = 20;
/// Each writes to teams of its own.
const WRITERS: usize = 5;
const READERS: usize = 2;
const COMMITS: usize = 200;
const KILLS: usize = 16;
/// Far more than a run takes: passing it is a failure, not a measurement.
const RUN_MAX: Duration = Duration::from_secs(300);

/// Enough has happened: also commits, by each of the two operations, that were stored without their clients being told,
/// and one that was not stored.
fn is_done(progress: &Progress) -> bool {
    let Progress { acknowledged, kills, found, found_of_proposal, not_found, .. } = *progress;
    acknowledged >= COMMITS && kills >= KILLS && found > 0 && found_of_proposal > 0 && not_found > 0
}

/// One commit that a client wants.
struct Commit {
    team: usize,
    parent: i64,
    sent: Arc<Sent>,
    request: proto::AllocateRequest,
    /// For those that keep a proposal first.
    second_request_id: String,
}

impl Commit {
    fn draw(world: &World, dice: &mut Dice, team: usize) -> Self {
        let name = world.name(team);
        let (sent, parent) = world.ledger(team).next(|marker, before| Sent::draw(dice, name, marker, before));
        let request = proto::AllocateRequest {
            team_id: name.to_owned(),
            request_id: dice.request_id(),
            etag: if parent == 0 { String::new() } else { parent.to_string() },
            backlog: Some(sent.backlog.clone()),
            closed_case_ids: sent.closed_case_ids.clone(),
            commit: dice.once_in(2),
            ..Default::default()
        };
        Self { team, parent, sent, request, second_request_id: dice.request_id() }
    }

    /// Commits, however often it takes; false if another commit came first.
    async fn run(&self, caller: &mut Caller) -> bool {
        let world = Arc::clone(&caller.world);
        let mut found = false;
        let before = |repeats: usize| {
            world.count(|progress| progress.sent += 1);
            found = repeats > 0 && world.ledger(self.team).has_become(self.parent + 1, &self.sent);
        };
        let done = if self.request.commit {
            self.allocate(caller, before).await
        } else {
            self.propose_and_commit(caller, before).await
        };
        let repeats = match done {
            Ok(repeats) => repeats,
            Err(status) => {
                assert_eq!(status.code(), Code::Aborted, "{status:?}");
                assert!(!found, "it had been committed, and now {status:?}");
                world.count(|progress| progress.lost += 1);
                return false;
            }
        };
        world.count(|progress| {
            progress.acknowledged += 1;
            progress.found += usize::from(found && self.request.commit);
            progress.found_of_proposal += usize::from(found && !self.request.commit);
            progress.not_found += usize::from(repeats > 0 && !found);
        });
        true
    }

    async fn allocate(&self, caller: &mut Caller, before: impl FnMut(usize)) -> Result<usize, Status> {
        let world = Arc::clone(&caller.world);
        world.ledger(self.team).send(self.parent + 1, &self.sent);
        let answer = caller.call(before, |channel| {
            let (mut client, request) = (allocation_client(channel), self.request.clone());
            async move { client.allocate(request).await }
        });
        let answer = answer.await;
        let allocation = answer.result?.allocation.unwrap();
        let seen = Seen::of_allocation(allocation.clone());
        world.ledger(self.team).acknowledge(&self.sent, self.parent, &seen);
        if answer.repeats > 0 {
            assert_eq!(self.read_back(caller, &allocation).await, allocation, "the answer is not what is kept");
        }
        Ok(answer.repeats)
    }

    async fn propose_and_commit(&self, caller: &mut Caller, mut before: impl FnMut(usize)) -> Result<usize, Status> {
        let world = Arc::clone(&caller.world);
        let proposed = caller.call(&mut before, |channel| {
            let (mut client, request) = (allocation_client(channel), self.request.clone());
            async move { client.allocate(request).await }
        });
        let proposed = proposed.await;
        let proposal = proposed.result?.allocation.unwrap();
        assert_eq!(proposal.state(), proto::AllocationState::Proposed);
        world.ledger(self.team).proposals.push(proposal.allocation_id.clone());
        if proposed.repeats > 0 {
            // A rival may have become current, or this kept, meanwhile: only what can change is left out.
            let read = self.read_back(caller, &proposal).await;
            assert_eq!(proto::Allocation { etag: proposal.etag.clone(), ..read }, proposal);
        }
        world.ledger(self.team).send(self.parent + 1, &self.sent);
        let request = proto::CommitAllocationRequest {
            team_id: self.request.team_id.clone(),
            allocation_id: proposal.allocation_id.clone(),
            etag: self.request.etag.clone(),
            request_id: self.second_request_id.clone(),
        };
        let committed = caller.call(before, |channel| {
            let (mut client, request) = (allocation_client(channel), request.clone());
            async move { client.commit_allocation(request).await }
        });
        let committed = committed.await;
        let assignment = committed.result?.assignment.unwrap();
        assert_eq!(assignment.allocation_id, proposal.allocation_id);
        let seen = Seen::of_assignment(assignment, picture(&proposal));
        world.ledger(self.team).acknowledge(&self.sent, self.parent, &seen);
        Ok(committed.repeats)
    }

    async fn read_back(&self, caller: &mut Caller, allocation: &proto::Allocation) -> proto::Allocation {
        let (team_id, allocation_id) = (allocation.team_id.clone(), allocation.allocation_id.clone());
        let request = proto::GetAllocationRequest { team_id, allocation_id, view: 0 };
        let read = caller.call(
            |_| (),
            |channel| {
                let (mut client, request) = (allocation_client(channel), request.clone());
                async move { client.get_allocation(request).await }
            },
        );
        read.await.result.unwrap().allocation.unwrap()
    }
}

/// Commits to its teams until enough has happened; at times two backlogs at once, of which one must win.
async fn write(world: Arc<World>, mut dice: Dice, teams: Vec<usize>) {
    let (mut caller, mut rival) = (Caller::new(&world), Caller::new(&world));
    while !is_done(&world.progress.borrow()) {
        let team = *dice.pick(&teams);
        let commit = Commit::draw(&world, &mut dice, team);
        if dice.once_in(5) {
            let other = Commit::draw(&world, &mut dice, team);
            let done = tokio::join!(commit.run(&mut caller), other.run(&mut rival));
            assert!(done.0 != done.1, "of two commits on version {} these were done: {done:?}", commit.parent);
        } else {
            assert!(commit.run(&mut caller).await, "another commit than the only one came first");
        }
    }
}

/// Reads teams, now and in the past, until enough has happened.
async fn read(world: Arc<World>, mut dice: Dice) {
    let mut caller = Caller::new(&world);
    while !is_done(&world.progress.borrow()) {
        let team = *dice.pick(&world.teams().collect::<Vec<_>>());
        let floor = world.ledger(team).floor();
        let past = floor - i64::from(dice.between(0, 10));
        let version = if dice.once_in(4) && past > 0 { past } else { 0 };
        if let Err(status) = caller.look(&mut dice, team, version).await {
            let dropped = world.ledger(team).ceiling() - VERSIONS_KEPT;
            match reason(&status).as_deref() {
                Some("TEAM_NOT_FOUND") => assert_eq!((floor, version), (0, 0), "{status:?}"),
                Some("VERSION_NOT_FOUND") => assert!(version.max(floor.min(1)) <= dropped, "{status:?}"),
                _ => panic!("{status:?}"),
            }
        }
    }
}

/// What is killed, and the dice that say when.
struct Killer {
    world: Arc<World>,
    dice: Dice,
    program: Program,
    redis: Option<RedisServer>,
    kills_redis: bool,
}

impl Killer {
    /// Kills until enough has happened.
    async fn run(mut self) -> Self {
        self.begin();
        while !is_done(&self.world.progress.borrow()) {
            self.until_a_moment().await;
            let victims = if self.kills_redis { self.dice.between(1, 4) } else { 1 };
            match victims {
                1 => self.strike(true, false).await,
                2 => self.strike(false, true).await,
                _ => self.strike(true, true).await,
            }
        }
        self
    }

    /// Kills everything once more, when nobody asks for anything any more, and looks at what is left.
    async fn end(mut self) {
        self.strike(true, self.kills_redis).await;
        let address = self.world.state.borrow().address.unwrap();
        Caller::at(&self.world, address).look_at_proposals().await;
        for team in self.world.teams() {
            let ledger = self.world.ledger(team);
            assert_eq!(ledger.floor(), ledger.acknowledged(), "a version that nobody was told of");
        }
    }

    fn begin(&mut self) {
        let address = block_in_place(|| self.program.start());
        self.world.state.send_modify(|state| state.address = Some(address));
    }

    /// Waits for a moment to kill: the sight of a commit that nobody was told of yet; or so many requests, or answers,
    /// and then as long as some reads take.
    async fn until_a_moment(&mut self) {
        let begin = *self.world.progress.borrow();
        let address = self.world.state.borrow().address.unwrap();
        let mut caller = Caller::at(&self.world, address);
        let teams: Vec<usize> = self.world.teams().collect();
        let enough = |now: &Progress| is_done(now) || now.sent >= begin.sent + 20;
        if !self.dice.once_in(3) {
            while !enough(&self.world.progress.borrow()) && !caller.is_ahead(*self.dice.pick(&teams)).await {
                tokio::task::yield_now().await;
            }
            return;
        }
        let (by_answers, more) = (self.dice.once_in(2), usize::try_from(self.dice.between(1, 20)).unwrap());
        let reached = |now: &Progress| match by_answers {
            true => now.acknowledged >= begin.acknowledged + more.min(10),
            false => now.sent >= begin.sent + more,
        };
        let mut progress = self.world.progress.subscribe();
        progress.wait_for(|now| enough(now) || reached(now)).await.unwrap();
        for _ in 0..self.dice.between(0, 3) {
            let team = *self.dice.pick(&teams);
            // Whatever is wrong with it, readers see it too.
            let _ = caller.look(&mut self.dice, team, 0).await;
        }
    }

    /// Kills and starts again, in any order, looks at everything, and lets the others come. A service that lives on
    /// without its store goes on being asked.
    async fn strike(&mut self, service: bool, redis: bool) {
        self.world.state.send_modify(|state| {
            state.epoch += 1;
            state.store_is_up = !redis;
            state.address = state.address.filter(|_| !service);
        });
        let mut address = self.world.state.borrow().address;
        let orders = (self.dice.once_in(2), self.dice.once_in(2));
        block_in_place(|| {
            for is_service in [orders.0, !orders.0] {
                match is_service {
                    true if service => self.program.kill(),
                    false if redis => self.redis.as_mut().unwrap().kill(),
                    _ => {}
                }
            }
            for is_service in [orders.1, !orders.1] {
                match is_service {
                    true if service => address = Some(self.program.start()),
                    false if redis => self.redis.as_mut().unwrap().start_again(),
                    _ => {}
                }
            }
        });
        Caller::at(&self.world, address.unwrap()).look_at_everything(&mut self.dice).await;
        self.world.state.send_modify(|state| {
            state.address = address;
            state.store_is_up = true;
        });
        self.world.count(|progress| progress.kills += 1);
    }
}

/// A failure ends the run: calls that break because of that are not further failures.
impl Drop for Killer {
    fn drop(&mut self) {
        self.world.state.send_modify(|state| *state = State { epoch: state.epoch + 1, address: None, ..*state });
    }
}

fn seed() -> u64 {
    match std::env::var("CASELOAD_TEST_SEED") {
        Ok(text) => text.parse().expect("CASELOAD_TEST_SEED is a whole number"),
        Err(_) => uuid::Uuid::new_v4().as_u64_pair().0 >> 32,
    }
}

async fn check(name: &str, redis: Option<RedisServer>, kills_redis: bool) {
    let seed = seed();
    say(&format!("to run it again: CASELOAD_TEST_SEED={seed} cargo test --release {name}"));
    let (settings, url) =
        ([&*format!("versions_max={VERSIONS_KEPT}"), "queue_depth=32"], redis.as_ref().map(RedisServer::url));
    let program = Program::new(url.as_deref(), &settings);
    let world = Arc::new(World::new(TEAMS));
    let mut streams = 0..;
    let mut dice = || Dice::new(seed, streams.next().unwrap());
    let killer = Killer { world: Arc::clone(&world), dice: dice(), program, redis, kills_redis };
    let mut others = JoinSet::new();
    for writer in 0..WRITERS {
        others.spawn(write(Arc::clone(&world), dice(), (writer..TEAMS).step_by(WRITERS).collect()));
    }
    for _ in 0..READERS {
        others.spawn(read(Arc::clone(&world), dice()));
    }
    let all_end = async {
        while let Some(ended) = others.join_next().await {
            ended.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
        }
    };
    // Whoever fails first ends the run, and with it the processes.
    let run = async {
        let (killer, ()) = tokio::join!(killer.run(), all_end);
        killer.end().await;
    };
    timeout(RUN_MAX, run).await.expect("it does not come to an end");
    say(&format!("{:?}", *world.progress.borrow()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_the_service_over_the_embedded_store() {
    check("kill_the_service_over_the_embedded_store", None, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_the_service_over_redis() {
    check("kill_the_service_over_redis", Some(RedisServer::start()), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_the_service_and_redis() {
    check("kill_the_service_and_redis", Some(RedisServer::start()), true).await;
}

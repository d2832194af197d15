//! A store of each kind to test, a clock to set, ways to crash and damage it, and allocations to put into it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use caseload::model::{
    Allocation, BoundSource, CaseId, Caseload, Evidence, Held, OfficerId, Proof, Termination, Totals,
};
use caseload::store::{
    AllocationId, AssignmentVersion, Clock, Digest, EmbeddedStore, Identity, Origin, Proposal, RedisOptions,
    RedisStore, RequestId, RequestKey, Retention, Store, TeamId, Version,
};
use jiff::Timestamp;
use jiff::civil::date;
use redb::{Database, ReadableTable, TableDefinition};
use redis::Commands;
use tempfile::TempDir;

use crate::support_redis::RedisServer;

pub const HOUR: i64 = 3600;

#[derive(Clone, Copy)]
pub enum Kind {
    Embedded,
    Redis,
}

enum Place {
    Embedded(TempDir),
    Redis(RedisServer),
}

/// A store and where it lives.
pub struct Home {
    place: Place,
    retention: Retention,
    seconds: Arc<AtomicI64>,
    store: Arc<dyn Store>,
}

impl Home {
    pub fn new(kind: Kind) -> Self {
        Self::with_retention(kind, Retention::default())
    }

    pub fn with_retention(kind: Kind, retention: Retention) -> Self {
        let place = match kind {
            Kind::Embedded => Place::Embedded(tempfile::tempdir().unwrap()),
            Kind::Redis => Place::Redis(RedisServer::start()),
        };
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let store = open(&place, retention, &seconds);
        Self { place, retention, seconds, store }
    }

    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// What another process would use: a connection of its own, where a store allows several.
    pub fn second_store(&self) -> Arc<dyn Store> {
        match &self.place {
            Place::Embedded(_) => self.store(),
            Place::Redis(_) => open(&self.place, self.retention, &self.seconds),
        }
    }

    /// A look behind the back of a Redis store.
    pub fn redis(&self) -> redis::Connection {
        match &self.place {
            Place::Embedded(_) => panic!("this store is not in Redis"),
            Place::Redis(server) => server.connection(),
        }
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds.load(Ordering::SeqCst)).unwrap()
    }

    pub fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// What a power cut and a new start leave: the embedded file as it is on the disk at this moment, or the files of
    /// a killed server.
    pub fn crash_and_restart(&mut self, retention: Retention) {
        match &mut self.place {
            Place::Embedded(folder) => *folder = copy(folder),
            Place::Redis(server) => {
                server.kill();
                server.start_again();
            }
        }
        self.retention = retention;
        self.store = open(&self.place, retention, &self.seconds);
    }

    /// Replaces the bytes of a record (`None` = removes it), behind the store's back.
    pub fn damage(&mut self, record: &Stored, damage: impl Fn(Vec<u8>) -> Option<Vec<u8>>) {
        match &mut self.place {
            Place::Embedded(folder) => {
                *folder = copy(folder);
                damage_file(&folder.path().join("caseload.redb"), record, damage);
            }
            Place::Redis(server) => {
                let key = match record {
                    Stored::Version(version) => format!("caseload:{{north}}:version:{version}"),
                    Stored::Proposal(id) => format!("caseload:{{north}}:proposal:{id}"),
                    Stored::Summary(id) => format!("caseload:{{north}}:summary:{id}"),
                    Stored::Request(id) => format!("caseload:{{north}}:request:{id}"),
                };
                let mut connection = server.connection();
                let bytes: Option<Vec<u8>> = connection.get(&key).unwrap();
                match damage(bytes.expect("the record to damage is there")) {
                    Some(bytes) => connection.set::<_, _, ()>(&key, bytes).unwrap(),
                    None => connection.del::<_, ()>(&key).unwrap(),
                }
            }
        }
        self.store = open(&self.place, self.retention, &self.seconds);
    }
}

/// A record of team `north` to damage.
pub enum Stored {
    Version(u64),
    Proposal(&'static str),
    Summary(&'static str),
    Request(&'static str),
}

fn open(place: &Place, retention: Retention, seconds: &Arc<AtomicI64>) -> Arc<dyn Store> {
    let seconds = Arc::clone(seconds);
    let clock: Clock = Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap());
    match place {
        Place::Embedded(folder) => {
            Arc::new(EmbeddedStore::open_with_clock(folder.path(), retention, clock).expect("the file can be opened"))
        }
        Place::Redis(server) => {
            let options = RedisOptions::default();
            Arc::new(RedisStore::open_with_clock(&server.url(), options, retention, clock).expect("the URL is valid"))
        }
    }
}

fn copy(folder: &TempDir) -> TempDir {
    let new = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("caseload.redb"), new.path().join("caseload.redb")).unwrap();
    new
}

fn damage_file(file: &Path, record: &Stored, damage: impl Fn(Vec<u8>) -> Option<Vec<u8>>) {
    const VERSIONS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("versions");
    const REQUESTS: TableDefinition<'_, (&str, &str), (i64, &[u8])> = TableDefinition::new("requests");
    const PROPOSALS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("proposals");
    const SUMMARIES: TableDefinition<'_, (&str, u64, &str), &[u8]> = TableDefinition::new("summaries");

    let database = Database::open(file).unwrap();
    let transaction = database.begin_write().unwrap();
    match *record {
        Stored::Version(version) => {
            let mut table = transaction.open_table(VERSIONS).unwrap();
            let bytes = table.remove(("north", version)).unwrap().expect("the record is there").value().to_vec();
            if let Some(bytes) = damage(bytes) {
                table.insert(("north", version), &*bytes).unwrap();
            }
        }
        Stored::Proposal(id) => {
            let mut table = transaction.open_table(PROPOSALS).unwrap();
            let bytes = table.remove(("north", id)).unwrap().expect("the record is there").value().to_vec();
            if let Some(bytes) = damage(bytes) {
                table.insert(("north", id), &*bytes).unwrap();
            }
        }
        Stored::Summary(id) => {
            let mut table = transaction.open_table(SUMMARIES).unwrap();
            let rows = table.iter().unwrap().map(Result::unwrap).map(|(key, bytes)| {
                let (_, create_time_us, id) = key.value();
                (create_time_us, id.to_owned(), bytes.value().to_vec())
            });
            let (create_time_us, _, bytes) = rows.into_iter().find(|row| row.1 == id).expect("the record is there");
            if let Some(bytes) = damage(bytes) {
                table.insert(("north", create_time_us, id), &*bytes).unwrap();
            }
        }
        Stored::Request(id) => {
            let mut table = transaction.open_table(REQUESTS).unwrap();
            let removed = table.remove(("north", id)).unwrap().expect("the record is there");
            let (expiry, bytes) = removed.value();
            let bytes = damage(bytes.to_vec());
            drop(removed);
            if let Some(bytes) = bytes {
                table.insert(("north", id), (expiry, &*bytes)).unwrap();
            }
        }
    }
    transaction.commit().unwrap();
}

pub fn team(id: &str) -> TeamId {
    TeamId::new(id).unwrap()
}

pub fn id(id: &str) -> AllocationId {
    AllocationId::new(id).unwrap()
}

pub fn request(id: &str, payload: &str) -> Option<RequestKey> {
    Some(RequestKey { id: RequestId::new(id).unwrap(), fingerprint: Digest::of(payload.as_bytes()) })
}

pub fn version(number: u64) -> Option<Version> {
    Version::new(number)
}

/// An allocation whose every part tells its `mark`, so that a mixture of two shows.
pub fn allocation(mark: usize, case_count: usize) -> Arc<Allocation> {
    let officer_id = OfficerId::new(format!("o-{mark}"));
    let held = (0..case_count).map(|case| Held {
        case_id: CaseId::new(format!("c-{mark}-{case:05}")),
        officer_id: officer_id.clone(),
        since: Some(date(2026, 1, 31)),
        due_date: None,
        named_contact: false,
    });
    Arc::new(Allocation {
        as_at: date(2026, 1, 31),
        rules_version: format!("rules-{mark}"),
        held: held.collect(),
        holdings: Vec::new(),
        caseloads: vec![Caseload {
            officer_id: officer_id.clone(),
            supervisor_id: None,
            case_count: case_count as i64,
            load_points: mark as i64,
            capacity_points: None,
            max_case_count: None,
            new_case_count: 0,
            over: false,
            peak: None,
            former_intake: Vec::new(),
        }],
        supervisors: Vec::new(),
        changes: Vec::new(),
        totals: Totals { case_count: case_count as i64, ..Totals::default() },
        evidence: Evidence {
            objective: mark as i64,
            bound: 0,
            price_bound: 0,
            bound_source: BoundSource::Prices,
            proof: Proof::default(),
            gap_items: caseload::model::GapItems::default(),
            count_bound: 0,
            count_proof: Proof::default(),
            termination: Termination::Optimal,
            step_count: 0,
            cut_calls: Vec::new(),
        },
        notes: Vec::new(),
        has_default_supervisor: true,
    })
}

/// Version `parent + 1` of team `north` with allocation `a-<mark>` of `mark % 7 + 1` cases.
pub fn assignment(parent: u64, mark: usize) -> AssignmentVersion {
    AssignmentVersion {
        parent: version(parent),
        team_id: team("north"),
        allocation_id: id(&format!("a-{mark}")),
        request: None,
        commit_time: Timestamp::from_second(1_800_000_000).unwrap(),
        input_digest: Digest::of(format!("input {mark}").as_bytes()),
        origin: Origin::Allocated,
        allocation: allocation(mark, mark % 7 + 1),
        proposed_by: Identity::Unverified,
        committed_by: Identity::Unverified,
        input: None,
        pins: Vec::new(),
        erased_count: 0,
    }
}

/// Proposal `a-<mark>` of team `north`, kept for an hour.
pub fn proposal(home: &Home, mark: usize) -> Proposal {
    Proposal {
        allocation_id: id(&format!("a-{mark}")),
        team_id: team("north"),
        request: None,
        create_time: home.now(),
        expire_time: home.now().checked_add(jiff::SignedDuration::from_secs(HOUR)).unwrap(),
        base_version: None,
        input_digest: Digest::of(format!("input {mark}").as_bytes()),
        allocation: allocation(mark, 2),
        closed_case_ids: vec![CaseId::new("c-9")],
        proposed_by: Identity::Unverified,
        input: None,
        erased_count: 0,
    }
}

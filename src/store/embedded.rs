//! The embedded store: one file, `caseload.redb`, in the data directory, for one process at a time.
//!
//! redb is pure Rust, transactional and crash-safe. One write transaction is one operation of the trait and is on the
//! disk before it is acknowledged. Its calls block, so all run on Tokio's blocking threads, where a write also runs to
//! its end if the caller goes away. Expired proposals and requests are invisible at once and purged by later writes.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use redb::{Database, Durability, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::erase::{erase_in_proposal, erase_in_version, is_older};
use super::error::{OpenError, StoreError};
use super::ids::{AllocationId, RequestId, TeamId, Version};
use super::record;
use super::{
    AssignmentVersion, Clock, Committed, Kept, LIST_LIMIT_MAX, ListPosition, Mentions, Proposal, ProposalPage,
    ProposalSummary, RequestKey, RequestOutcome, Retention, Store, Token, VersionSummary, system_clock,
};

const FILE_NAME: &str = "caseload.redb";

/// Team -> current version.
const CURRENT: TableDefinition<'_, &str, u64> = TableDefinition::new("current");
/// Team and version -> record.
const VERSIONS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("versions");
/// Team and version -> record of the summary.
const VERSION_SUMMARIES: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("version_summaries");
/// Team and allocation -> the version that carries it.
const ALLOCATIONS: TableDefinition<'_, (&str, &str), u64> = TableDefinition::new("allocations");
/// Team and request -> expiry in microseconds since 1970, record.
const REQUESTS: TableDefinition<'_, (&str, &str), (i64, &[u8])> = TableDefinition::new("requests");
/// Expiry in microseconds since 1970, team and request -> nothing.
const REQUEST_EXPIRY: TableDefinition<'_, (i64, &str, &str), ()> = TableDefinition::new("request_expiry");
/// Team and allocation -> record.
const PROPOSALS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("proposals");
/// Team, creation in microseconds since 1970 and allocation -> record of the summary.
const SUMMARIES: TableDefinition<'_, (&str, u64, &str), &[u8]> = TableDefinition::new("summaries");
/// Expiry in microseconds since 1970, team and allocation -> creation in microseconds since 1970.
const PROPOSAL_EXPIRY: TableDefinition<'_, (i64, &str, &str), u64> = TableDefinition::new("proposal_expiry");

/// Expired entries of each sort that one write purges. A write adds at most one of each, so any backlog shrinks.
const PURGED_PER_WRITE_MAX: usize = 100;

/// redb's page cache; its default of 1 GiB is more than a service of this size should take.
const CACHE_BYTES: usize = 64 << 20;

/// The store in a file.
pub struct EmbeddedStore {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    file: PathBuf,
    retention: Retention,
    clock: Clock,
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("file", &self.inner.file).finish_non_exhaustive()
    }
}

impl EmbeddedStore {
    /// Opens the file in `data_dir`, or creates it; the directory must exist. Blocks: the whole file is read once and
    /// every checksum in it compared.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while another process has it open, [`OpenError::File`] if it cannot be read or written or
    /// is damaged.
    pub fn open(data_dir: &Path, retention: Retention) -> Result<Self, OpenError> {
        Self::open_with_clock(data_dir, retention, system_clock())
    }

    /// As [`EmbeddedStore::open`], with another clock to expire by.
    ///
    /// # Errors
    /// The same.
    pub fn open_with_clock(data_dir: &Path, retention: Retention, clock: Clock) -> Result<Self, OpenError> {
        let file = data_dir.join(FILE_NAME);
        match open_database(data_dir, &file) {
            Ok(database) => Ok(Self { inner: Arc::new(Inner { database, file, retention, clock }) }),
            Err(redb::Error::DatabaseAlreadyOpen) => Err(OpenError::InUse { file }),
            Err(source) => Err(OpenError::File { file, source: source.into() }),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.inner);
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(result) => result,
            // redb panics on some kinds of damage that happen while the file is open.
            Err(stopped) if stopped.is_panic() => {
                Err(StoreError::corrupt(self.inner.file.display().to_string(), "using it made the database panic"))
            }
            Err(stopped) => Err(StoreError::unavailable(stopped)),
        }
    }
}

fn open_database(data_dir: &Path, file: &Path) -> Result<Database, redb::Error> {
    let database = Database::builder()
        .set_cache_size(CACHE_BYTES)
        // Without this, redb can panic, or even abort, over a file that was damaged while nobody had it open.
        .set_check_integrity_on_open(true)
        .create(file)?;
    // Opening a table creates it, so that reads need not ask whether it exists.
    let transaction = database.begin_write()?;
    transaction.open_table(CURRENT)?;
    transaction.open_table(VERSIONS)?;
    transaction.open_table(VERSION_SUMMARIES)?;
    transaction.open_table(ALLOCATIONS)?;
    transaction.open_table(REQUESTS)?;
    transaction.open_table(REQUEST_EXPIRY)?;
    transaction.open_table(PROPOSALS)?;
    transaction.open_table(SUMMARIES)?;
    transaction.open_table(PROPOSAL_EXPIRY)?;
    transaction.commit()?;
    // redb syncs the file; that the directory knows the file is ours to see to.
    #[cfg(unix)]
    File::open(data_dir)?.sync_all()?;
    Ok(database)
}

/// Names of records, in checksums and messages.
fn version_key(team_id: &TeamId, version: Version) -> String {
    format!("{team_id}/version/{version}")
}

fn version_summary_key(team_id: &TeamId, version: Version) -> String {
    format!("{team_id}/version-summary/{version}")
}

fn request_key(team_id: &TeamId, request_id: &RequestId) -> String {
    format!("{team_id}/request/{request_id}")
}

fn proposal_key(team_id: &TeamId, allocation_id: &AllocationId) -> String {
    format!("{team_id}/proposal/{allocation_id}")
}

fn summary_key(team_id: &TeamId, allocation_id: &str) -> String {
    format!("{team_id}/summary/{allocation_id}")
}

fn to_version(number: u64, key: impl FnOnce() -> String) -> Result<Version, StoreError> {
    Version::new(number).ok_or_else(|| StoreError::corrupt(key(), "version 0 does not exist"))
}

fn read_current(
    table: &impl ReadableTable<&'static str, u64>,
    team_id: &TeamId,
) -> Result<Option<Version>, StoreError> {
    let Some(number) = table.get(team_id.as_str())? else { return Ok(None) };
    to_version(number.value(), || format!("{team_id}/current")).map(Some)
}

impl Inner {
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<ReadOnlyTable<K, V>, StoreError> {
        Ok(self.database.begin_read()?.open_table(definition)?)
    }

    fn current_version(&self, team_id: &TeamId) -> Result<Option<Version>, StoreError> {
        read_current(&self.table(CURRENT)?, team_id)
    }

    fn version(&self, team_id: &TeamId, version: Version) -> Result<Option<AssignmentVersion>, StoreError> {
        let versions = self.table(VERSIONS)?;
        let Some(bytes) = versions.get((team_id.as_str(), version.get()))? else { return Ok(None) };
        record::decode(&version_key(team_id, version), bytes.value()).map(Some)
    }

    /// Both tables are read in one transaction: they are of the same instant.
    fn current(&self, team_id: &TeamId) -> Result<Option<AssignmentVersion>, StoreError> {
        let transaction = self.database.begin_read()?;
        let Some(version) = read_current(&transaction.open_table(CURRENT)?, team_id)? else { return Ok(None) };
        let key = version_key(team_id, version);
        match transaction.open_table(VERSIONS)?.get((team_id.as_str(), version.get()))? {
            Some(bytes) => record::decode(&key, bytes.value()).map(Some),
            None => Err(StoreError::corrupt(key, "the current version has no record")),
        }
    }

    fn version_of(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Version>, StoreError> {
        let allocations = self.table(ALLOCATIONS)?;
        let Some(number) = allocations.get((team_id.as_str(), allocation_id.as_str()))? else { return Ok(None) };
        to_version(number.value(), || format!("{team_id}/allocation/{allocation_id}")).map(Some)
    }

    fn write(&self) -> Result<WriteTransaction, StoreError> {
        let mut transaction = self.database.begin_write()?;
        transaction
            .set_durability(Durability::Immediate)
            .expect("only savepoints and shared files limit the durability, and neither is used");
        self.purge(&transaction)?;
        Ok(transaction)
    }

    fn commit(&self, assignment: &AssignmentVersion) -> Result<Committed, StoreError> {
        let AssignmentVersion { team_id, allocation_id, .. } = assignment;
        let (team, version) = (team_id.as_str(), assignment.version());
        let done = |repeated| Committed { version, allocation_id: allocation_id.clone(), repeated };
        // Before the transaction, which other writers wait for.
        let key = version_key(team_id, version);
        let bytes = record::encode(&key, assignment);
        let summary = record::encode(&version_summary_key(team_id, version), &VersionSummary::from(assignment));

        // Every return before `transaction.commit()` drops the transaction, and with it whatever it wrote.
        let transaction = self.write()?;
        if let Some(request) = &assignment.request
            && let Some(seen) = self.seen(&transaction.open_table(REQUESTS)?, team_id, &request.id)?
        {
            return seen.repeat_commit(request);
        }
        {
            let mut allocations = transaction.open_table(ALLOCATIONS)?;
            let before = allocations.insert((team, allocation_id.as_str()), version.get())?;
            if before.is_some_and(|before| before.value() == version.get()) {
                return Ok(done(true));
            }
            let mut current_table = transaction.open_table(CURRENT)?;
            let current = read_current(&current_table, team_id)?;
            if current != assignment.parent {
                return Err(StoreError::Conflict { current });
            }
            current_table.insert(team, version.get())?;
            let mut versions = transaction.open_table(VERSIONS)?;
            if versions.insert((team, version.get()), &*bytes)?.is_some() {
                return Err(StoreError::corrupt(key, "there is a record although the version was never current"));
            }
            let mut summaries = transaction.open_table(VERSION_SUMMARIES)?;
            summaries.insert((team, version.get()), &*summary)?;
            if let Some(newest_dropped) = version.get().checked_sub(self.retention.versions_max.get()) {
                versions.retain_in((team, 0)..=(team, newest_dropped), |_, _| false)?;
                summaries.retain_in((team, 0)..=(team, newest_dropped), |_, _| false)?;
                allocations.retain_in((team, "")..=(team, "\u{7f}"), |_, version| version > newest_dropped)?;
            }
        }
        if let Some(request) = &assignment.request {
            self.remember(&transaction, team_id, request, allocation_id, Some(version))?;
        }
        transaction.commit()?;
        Ok(done(false))
    }

    fn keep_proposal(&self, proposal: &Proposal) -> Result<Kept, StoreError> {
        let Proposal { team_id, allocation_id, .. } = proposal;
        let (team, id) = (team_id.as_str(), allocation_id.as_str());
        let bytes = record::encode(&proposal_key(team_id, allocation_id), proposal);
        let transaction = self.write()?;
        if let Some(request) = &proposal.request
            && let Some(seen) = self.seen(&transaction.open_table(REQUESTS)?, team_id, &request.id)?
        {
            return seen.repeat_proposal(request);
        }
        {
            let mut proposals = transaction.open_table(PROPOSALS)?;
            if proposals.get((team, id))?.is_some() {
                return Ok(Kept { allocation_id: allocation_id.clone(), repeated: true });
            }
            proposals.insert((team, id), &*bytes)?;
            let position = ListPosition::of(proposal.create_time, allocation_id);
            let bytes = record::encode(&summary_key(team_id, id), &ProposalSummary::from(proposal));
            transaction.open_table(SUMMARIES)?.insert((team, position.create_time_us(), id), &*bytes)?;
            let expiry = (proposal.expire_time.as_microsecond(), team, id);
            transaction.open_table(PROPOSAL_EXPIRY)?.insert(expiry, position.create_time_us())?;
        }
        if let Some(request) = &proposal.request {
            self.remember(&transaction, team_id, request, allocation_id, None)?;
        }
        transaction.commit()?;
        Ok(Kept { allocation_id: allocation_id.clone(), repeated: false })
    }

    fn seen(
        &self,
        requests: &impl ReadableTable<(&'static str, &'static str), (i64, &'static [u8])>,
        team_id: &TeamId,
        request_id: &RequestId,
    ) -> Result<Option<RequestOutcome>, StoreError> {
        let Some(entry) = requests.get((team_id.as_str(), request_id.as_str()))? else { return Ok(None) };
        let (expire_us, bytes) = entry.value();
        if expire_us <= (self.clock)().as_microsecond() {
            return Ok(None);
        }
        record::decode(&request_key(team_id, request_id), bytes).map(Some)
    }

    fn remember(
        &self,
        transaction: &WriteTransaction,
        team_id: &TeamId,
        request: &RequestKey,
        allocation_id: &AllocationId,
        committed_version: Option<Version>,
    ) -> Result<(), StoreError> {
        let outcome =
            RequestOutcome { request: request.clone(), allocation_id: allocation_id.clone(), committed_version };
        let (team, id) = (team_id.as_str(), request.id.as_str());
        let bytes = record::encode(&request_key(team_id, &request.id), &outcome);
        let expire_time = (self.clock)().saturating_add(self.retention.request_ttl).expect("a Duration saturates");
        let expire_us = expire_time.as_microsecond();
        let mut request_expiry = transaction.open_table(REQUEST_EXPIRY)?;
        if let Some(expired) = transaction.open_table(REQUESTS)?.insert((team, id), (expire_us, &*bytes))? {
            // Else purging the old entry would take the new record with it.
            request_expiry.remove((expired.value().0, team, id))?;
        }
        request_expiry.insert((expire_us, team, id), ())?;
        Ok(())
    }

    fn purge(&self, transaction: &WriteTransaction) -> Result<(), StoreError> {
        let expired = ..((self.clock)().as_microsecond().saturating_add(1), "", "");
        let mut requests = transaction.open_table(REQUESTS)?;
        let mut request_expiry = transaction.open_table(REQUEST_EXPIRY)?;
        for entry in request_expiry.extract_from_if(expired, |_, ()| true)?.take(PURGED_PER_WRITE_MAX) {
            let (key, _) = entry?;
            let (_, team, id) = key.value();
            requests.remove((team, id))?;
        }
        let mut proposals = transaction.open_table(PROPOSALS)?;
        let mut summaries = transaction.open_table(SUMMARIES)?;
        let mut proposal_expiry = transaction.open_table(PROPOSAL_EXPIRY)?;
        for entry in proposal_expiry.extract_from_if(expired, |_, _| true)?.take(PURGED_PER_WRITE_MAX) {
            let (key, create_time_us) = entry?;
            let (_, team, id) = key.value();
            proposals.remove((team, id))?;
            summaries.remove((team, create_time_us.value(), id))?;
        }
        Ok(())
    }

    fn proposal(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Proposal>, StoreError> {
        let proposals = self.table(PROPOSALS)?;
        let Some(bytes) = proposals.get((team_id.as_str(), allocation_id.as_str()))? else { return Ok(None) };
        let proposal: Proposal = record::decode(&proposal_key(team_id, allocation_id), bytes.value())?;
        Ok((proposal.expire_time > (self.clock)()).then_some(proposal))
    }

    fn list_proposals(
        &self,
        team_id: &TeamId,
        after: Option<&ListPosition>,
        limit: usize,
    ) -> Result<ProposalPage, StoreError> {
        let limit = limit.clamp(1, LIST_LIMIT_MAX);
        let team = team_id.as_str();
        let now = (self.clock)();
        let end = after
            .map_or((team, u64::MAX, "\u{7f}"), |after| (team, after.create_time_us(), after.allocation_id().as_str()));
        let mut proposals = Vec::new();
        for entry in self.table(SUMMARIES)?.range((team, 0, "")..end)?.rev() {
            let (key, bytes) = entry?;
            let (_, _, id) = key.value();
            let summary: ProposalSummary = record::decode(&summary_key(team_id, id), bytes.value())?;
            if summary.expire_time <= now {
                continue;
            }
            if proposals.len() == limit {
                let last: &ProposalSummary = &proposals[limit - 1];
                let next = Some(ListPosition::of(last.create_time, &last.allocation_id));
                return Ok(ProposalPage { proposals, next });
            }
            proposals.push(summary);
        }
        Ok(ProposalPage { proposals, next: None })
    }

    /// Of a version that was committed before there were summaries, its own is made.
    fn list_versions(
        &self,
        team_id: &TeamId,
        newest: Version,
        limit: usize,
    ) -> Result<Vec<VersionSummary>, StoreError> {
        let team = team_id.as_str();
        let transaction = self.database.begin_read()?;
        let (versions, summaries) = (transaction.open_table(VERSIONS)?, transaction.open_table(VERSION_SUMMARIES)?);
        let mut found = Vec::new();
        for entry in versions.range((team, 0)..=(team, newest.get()))?.rev().take(limit.clamp(1, LIST_LIMIT_MAX + 1)) {
            let (key, bytes) = entry?;
            let number = key.value().1;
            let version = to_version(number, || format!("{team_id}/version/{number}"))?;
            found.push(match summaries.get((team, number))? {
                Some(summary) => record::decode(&version_summary_key(team_id, version), summary.value())?,
                None => VersionSummary::from(&record::decode::<AssignmentVersion>(
                    &version_key(team_id, version),
                    bytes.value(),
                )?),
            });
        }
        Ok(found)
    }

    /// Everything that changes is written in one transaction. Dropped without a commit, it only counted.
    fn erase(
        &self,
        transaction: &WriteTransaction,
        team_id: &TeamId,
        token: &Token,
        tombstone: &str,
        newest: Option<Version>,
    ) -> Result<Mentions, StoreError> {
        let team = team_id.as_str();
        let newest_number = newest.map_or(0, Version::get);
        let mut mentions = Mentions::default();
        let mut versions = transaction.open_table(VERSIONS)?;
        let mut summaries = transaction.open_table(VERSION_SUMMARIES)?;
        let mut changed = Vec::new();
        for entry in versions.range((team, 0)..=(team, newest_number))? {
            let (key, bytes) = entry?;
            let number = key.value().1;
            let version_key = version_key(team_id, to_version(number, || format!("{team_id}/version/{number}"))?);
            let mut assignment: AssignmentVersion = record::decode(&version_key, bytes.value())?;
            if erase_in_version(&mut assignment, token, tombstone) {
                let summary_key = version_summary_key(team_id, assignment.version());
                let summary = record::encode(&summary_key, &VersionSummary::from(&assignment));
                changed.push((number, record::encode(&version_key, &assignment), summary));
            }
        }
        for (number, bytes, summary) in changed {
            versions.insert((team, number), &*bytes)?;
            summaries.insert((team, number), &*summary)?;
            mentions.version_count += 1;
        }
        let mut proposals = transaction.open_table(PROPOSALS)?;
        let mut changed = Vec::new();
        for entry in proposals.range((team, "")..=(team, "\u{7f}"))? {
            let (key, bytes) = entry?;
            let id = key.value().1.to_owned();
            let proposal_key = format!("{team_id}/proposal/{id}");
            let mut proposal: Proposal = record::decode(&proposal_key, bytes.value())?;
            if is_older(&proposal, newest) && erase_in_proposal(&mut proposal, token, tombstone) {
                changed.push((id, record::encode(&proposal_key, &proposal)));
            }
        }
        for (id, bytes) in changed {
            proposals.insert((team, &*id), &*bytes)?;
            mentions.proposal_count += 1;
        }
        Ok(mentions)
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn current(&self, team_id: &TeamId) -> Result<Option<AssignmentVersion>, StoreError> {
        let team_id = team_id.clone();
        self.blocking(move |inner| inner.current(&team_id)).await
    }

    async fn current_version(&self, team_id: &TeamId) -> Result<Option<Version>, StoreError> {
        let team_id = team_id.clone();
        self.blocking(move |inner| inner.current_version(&team_id)).await
    }

    async fn version(&self, team_id: &TeamId, version: Version) -> Result<Option<AssignmentVersion>, StoreError> {
        let team_id = team_id.clone();
        self.blocking(move |inner| inner.version(&team_id, version)).await
    }

    async fn version_of(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Version>, StoreError> {
        let (team_id, allocation_id) = (team_id.clone(), allocation_id.clone());
        self.blocking(move |inner| inner.version_of(&team_id, &allocation_id)).await
    }

    async fn commit(&self, assignment: AssignmentVersion) -> Result<Committed, StoreError> {
        self.blocking(move |inner| inner.commit(&assignment)).await
    }

    async fn keep_proposal(&self, proposal: Proposal) -> Result<Kept, StoreError> {
        self.blocking(move |inner| inner.keep_proposal(&proposal)).await
    }

    async fn proposal(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Proposal>, StoreError> {
        let (team_id, allocation_id) = (team_id.clone(), allocation_id.clone());
        self.blocking(move |inner| inner.proposal(&team_id, &allocation_id)).await
    }

    async fn list_proposals(
        &self,
        team_id: &TeamId,
        after: Option<&ListPosition>,
        limit: usize,
    ) -> Result<ProposalPage, StoreError> {
        let (team_id, after) = (team_id.clone(), after.cloned());
        self.blocking(move |inner| inner.list_proposals(&team_id, after.as_ref(), limit)).await
    }

    async fn request(&self, team_id: &TeamId, request_id: &RequestId) -> Result<Option<RequestOutcome>, StoreError> {
        let (team_id, request_id) = (team_id.clone(), request_id.clone());
        self.blocking(move |inner| inner.seen(&inner.table(REQUESTS)?, &team_id, &request_id)).await
    }

    async fn list_versions(
        &self,
        team_id: &TeamId,
        newest: Version,
        limit: usize,
    ) -> Result<Vec<VersionSummary>, StoreError> {
        let team_id = team_id.clone();
        self.blocking(move |inner| inner.list_versions(&team_id, newest, limit)).await
    }

    async fn mentions(&self, team_id: &TeamId, token: &Token) -> Result<Mentions, StoreError> {
        let (team_id, token) = (team_id.clone(), token.clone());
        self.blocking(move |inner| {
            let newest = inner.current_version(&team_id)?;
            // Aborted when dropped: nothing is written.
            inner.erase(&inner.write()?, &team_id, &token, "", newest)
        })
        .await
    }

    async fn erase(
        &self,
        team_id: &TeamId,
        token: &Token,
        tombstone: &str,
        newest: Option<Version>,
    ) -> Result<Mentions, StoreError> {
        let (team_id, token, tombstone) = (team_id.clone(), token.clone(), tombstone.to_owned());
        self.blocking(move |inner| {
            let transaction = inner.write()?;
            let mentions = inner.erase(&transaction, &team_id, &token, &tombstone, newest)?;
            transaction.commit()?;
            Ok(mentions)
        })
        .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.blocking(|inner| inner.table(CURRENT).map(|_| ())).await
    }
}

/// Damage is [`StoreError::Corrupt`]; anything else, such as a full disk, may pass.
impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Corrupted(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TableDoesNotExist(_) => Self::corrupt(FILE_NAME, error.to_string()),
            error => Self::unavailable(error),
        }
    }
}

macro_rules! from_redb {
    ($($error:ident),*) => {$(
        impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        }
    )*};
}

from_redb!(StorageError, TableError, TransactionError, CommitError);

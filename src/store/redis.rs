//! The Redis store: several processes share one assignment a team.
//!
//! Keys of team `t`; the braces make them one hash slot, so that a script may touch all of them:
//!
//! | key | value | lives |
//! |---|---|---|
//! | `caseload:{t}:current` | number of the current version | for ever |
//! | `caseload:{t}:version:<n>`, `:version-summary:<n>` | record | newest `versions_max` |
//! | `caseload:{t}:allocations` | sorted set: allocation id, scored by the version that carries it | like the versions |
//! | `caseload:{t}:request:<id>` | record of the outcome | `request_ttl` |
//! | `caseload:{t}:proposal:<id>`, `:summary:<id>` | record | until `expire_time` |
//! | `caseload:{t}:proposals`, `:expiry` | sorted sets of list positions, by text and by expiry | as long as the longest proposal |
//!
//! Redis must not evict (`maxmemory-policy noeviction`) and, to survive its own restart, write its log before it
//! answers (`appendonly yes`, `appendfsync always`). What a failover loses, the store cannot know.

mod keys;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisResult, Script, ScriptInvocation,
    TlsCertificates,
};

use self::keys::Keys;
use super::erase::{erase_in_proposal, erase_in_version, is_older};
use super::error::{OpenError, StoreError};
use super::ids::{AllocationId, RequestId, TeamId, Version};
use super::record::{self, Record};
use super::{
    AssignmentVersion, Clock, Committed, Kept, LIST_LIMIT_MAX, ListPosition, Mentions, Proposal, ProposalPage,
    ProposalSummary, RequestKey, RequestOutcome, Retention, Store, Token, VersionSummary, system_clock,
};

/// How to reach Redis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisOptions {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for one answer. An operation whose connection broke is tried once more.
    pub response_timeout: Duration,
    /// Certificate authority of a `rediss://` server in PEM, instead of the public ones.
    pub root_certificate: Option<Vec<u8>>,
}

impl Default for RedisOptions {
    /// 1 s to connect; 3 s for an answer, since a team of 20,000 cases is a megabyte.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            response_timeout: Duration::from_secs(3),
            root_certificate: None,
        }
    }
}

/// The store in a Redis server.
pub struct RedisStore {
    connection: ConnectionManager,
    commit: Script,
    keep: Script,
    replace: Script,
    retention: Retention,
    clock: Clock,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the address: it may hold a password.
        f.debug_struct("RedisStore").field("retention", &self.retention).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Prepares a connection to a `redis://` or `rediss://` URL. Nothing is sent before the first operation, so a
    /// service can start while Redis is away. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`OpenError::Address`] if the URL or the certificate cannot be read.
    pub fn open(url: &str, options: RedisOptions, retention: Retention) -> Result<Self, OpenError> {
        Self::open_with_clock(url, options, retention, system_clock())
    }

    /// As [`RedisStore::open`], with another clock to expire proposals by. Redis deletes them, and request ids, by its
    /// own.
    ///
    /// # Errors
    /// The same.
    pub fn open_with_clock(
        url: &str,
        options: RedisOptions,
        retention: Retention,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        let connection = connect(url, options).map_err(|error| OpenError::Address { source: error.into() })?;
        Ok(Self {
            connection,
            commit: Script::new(include_str!("redis/commit.lua")),
            keep: Script::new(include_str!("redis/keep.lua")),
            replace: Script::new(include_str!("redis/replace.lua")),
            retention,
            clock,
        })
    }

    /// Sends a command; `key` is the record to name if the answer makes no sense.
    async fn query<T: FromRedisValue>(&self, key: &str, command: &Cmd) -> Result<T, StoreError> {
        let answer = twice(|| {
            let mut connection = self.connection.clone();
            async move { command.query_async(&mut connection).await }
        });
        answer.await.map_err(|error| to_store_error(key, error))
    }

    /// Runs a script; it answers with a word and, where the word says so, bytes.
    async fn invoke(&self, keys: &Keys, script: &ScriptInvocation<'_>) -> Result<(String, Vec<u8>), StoreError> {
        let answer = twice(|| {
            let mut connection = self.connection.clone();
            async move { script.invoke_async(&mut connection).await }
        });
        answer.await.map_err(|error| to_store_error(&keys.prefix, error))
    }

    /// The current version. Versions without a pointer to the current one are the remains of something, not a new
    /// team; both are read in one transaction, so that a commit or a flush between them cannot look like that.
    async fn pointer(&self, keys: &Keys) -> Result<Option<Version>, StoreError> {
        let mut pipeline: Pipeline = redis::pipe();
        pipeline.atomic().get(keys.current()).exists(keys.allocations());
        let pipeline = &pipeline;
        let answer = twice(|| {
            let mut connection = self.connection.clone();
            async move { pipeline.query_async::<(Option<Vec<u8>>, bool)>(&mut connection).await }
        });
        match answer.await.map_err(|error| to_store_error(&keys.current(), error))? {
            (Some(number), _) => parse_version(&keys.current(), &number).map(Some),
            (None, false) => Ok(None),
            (None, true) => Err(pointer_is_missing(keys)),
        }
    }

    async fn read<T: Record + Send + 'static>(&self, key: String) -> Result<Option<T>, StoreError> {
        let Some(bytes) = self.query::<Option<Vec<u8>>>(&key, &Cmd::get(&key)).await? else { return Ok(None) };
        off_runtime(move || record::decode(&key, &bytes)).await?.map(Some)
    }

    /// The arguments by which a script remembers a request, and the key under which it looks for it.
    fn remember(
        &self,
        keys: &Keys,
        request: &RequestKey,
        allocation_id: &AllocationId,
        committed_version: Option<Version>,
    ) -> (String, Vec<u8>, u64) {
        let key = keys.request(&request.id);
        let outcome =
            RequestOutcome { request: request.clone(), allocation_id: allocation_id.clone(), committed_version };
        let bytes = record::encode(&key, &outcome);
        (key, bytes, milliseconds(self.retention.request_ttl))
    }
}

/// What a record is without a token.
type WithoutToken<T> = fn(&mut T, &Token, &str) -> bool;

impl RedisStore {
    /// Replaces one record by what it is without the token; `None` = there is no such record.
    ///
    /// Nobody else writes records that are there but another erasure: then it is read again.
    async fn erase_in<T: Record + Send + 'static>(
        &self,
        keys: &Keys,
        key: String,
        erasure: &Erasure<'_>,
        is_concerned: fn(&T, Option<Version>) -> bool,
        erase: WithoutToken<T>,
    ) -> Result<Option<(T, bool)>, StoreError> {
        loop {
            let Some(bytes) = self.query::<Option<Vec<u8>>>(&key, &Cmd::get(&key)).await? else { return Ok(None) };
            let (record_key, token, tombstone) = (key.clone(), erasure.token.clone(), erasure.tombstone.to_owned());
            let (newest, before) = (erasure.newest, bytes.clone());
            let (record, after) = off_runtime(move || {
                let mut record: T = record::decode(&record_key, &before)?;
                let is_changed = is_concerned(&record, newest) && erase(&mut record, &token, &tombstone);
                let after = is_changed.then(|| record::encode(&record_key, &record));
                Ok::<_, StoreError>((record, after))
            })
            .await??;
            let Some(after) = after else { return Ok(Some((record, false))) };
            if erasure.is_trial {
                return Ok(Some((record, true)));
            }
            let mut script = self.replace.prepare_invoke();
            script.key(&key).arg(bytes).arg(after);
            if self.invoke(keys, &script).await?.0 == "done" {
                return Ok(Some((record, true)));
            }
        }
    }

    async fn erase_everywhere(&self, keys: &Keys, erasure: &Erasure<'_>) -> Result<Mentions, StoreError> {
        let mut mentions = Mentions::default();
        let mut next = erasure.newest;
        while let Some(version) = next {
            let key = keys.version(version);
            let erased = self.erase_in(keys, key, erasure, |_: &AssignmentVersion, _| true, erase_in_version).await?;
            let Some((assignment, is_changed)) = erased else { break };
            mentions.version_count += u64::from(is_changed);
            // Whoever erased something in it before may have been cut off before this.
            if assignment.erased_count > 0 && !erasure.is_trial {
                let key = keys.version_summary(version);
                let summary = record::encode(&key, &VersionSummary::from(&assignment));
                // Only where there is one: a version that was dropped meanwhile leaves none behind.
                self.query::<Option<String>>(&key, redis::cmd("SET").arg(&key).arg(summary).arg("XX")).await?;
            }
            next = Version::new(version.get() - 1);
        }
        let index = keys.proposals();
        let positions: Vec<String> = self.query(&index, &Cmd::zrange(&index, 0, -1)).await?;
        for position in positions {
            let position = ListPosition::from_token(&position)
                .ok_or_else(|| StoreError::corrupt(&index, format!("{position:?} is not a list position")))?;
            let key = keys.proposal(position.allocation_id());
            let erased = self.erase_in(keys, key, erasure, is_older, erase_in_proposal).await?;
            mentions.proposal_count += u64::from(erased.is_some_and(|(_, is_changed)| is_changed));
        }
        Ok(mentions)
    }
}

/// What to erase, and how far.
struct Erasure<'a> {
    token: &'a Token,
    tombstone: &'a str,
    newest: Option<Version>,
    /// Only counted.
    is_trial: bool,
}

fn connect(url: &str, options: RedisOptions) -> RedisResult<ConnectionManager> {
    let client = match options.root_certificate {
        None => Client::open(url)?,
        Some(root_cert) => {
            Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert: Some(root_cert) })?
        }
    };
    // Few and quick: an operation waits for these, and whoever asked for it is told to come again anyway.
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(options.connect_timeout))
        .set_response_timeout(Some(options.response_timeout))
        .set_number_of_retries(1)
        .set_min_delay(Duration::from_millis(20))
        .set_max_delay(Duration::from_millis(100));
    ConnectionManager::new_lazy_with_config(client, config)
}

/// Tries once more after a connection broke or an answer did not come: the manager has a new connection by then, and
/// the first attempt may be what told it to make one. The answer that was lost may have been a "done", so this is only
/// for what may be repeated; every operation here may: a second commit of the same allocation is recognised.
async fn twice<T, F: Future<Output = RedisResult<T>>>(mut attempt: impl FnMut() -> F) -> RedisResult<T> {
    match attempt().await {
        Err(error) if error.is_io_error() => {
            tracing::debug!(%error, "the connection to redis broke, trying once more");
            attempt().await
        }
        outcome => outcome,
    }
}

fn to_store_error(key: &str, error: RedisError) -> StoreError {
    // Before 7.0, Redis wraps the code of an error inside a script into the text of another.
    let is_wrong_type = error.kind() == ErrorKind::UnexpectedReturnType || error.to_string().contains("WRONGTYPE");
    if is_wrong_type {
        StoreError::corrupt(key, format!("a value of another type is there: {error}"))
    } else {
        StoreError::unavailable(error)
    }
}

fn pointer_is_missing(keys: &Keys) -> StoreError {
    StoreError::corrupt(keys.current(), "it is missing although there are versions")
}

fn parse_version(key: &str, number: &[u8]) -> Result<Version, StoreError> {
    str::from_utf8(number)
        .ok()
        .and_then(Version::from_etag)
        .ok_or_else(|| StoreError::corrupt(key, format!("{:?} is not a version", String::from_utf8_lossy(number))))
}

fn milliseconds(duration: Duration) -> u64 {
    // Redis takes neither 0 nor more than an i64 holds after adding the time of day.
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).clamp(1, i64::MAX as u64 / 2)
}

/// Megabytes of JSON take long enough to keep other requests waiting on Tokio's own threads.
async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(StoreError::unavailable)
}

#[async_trait]
impl Store for RedisStore {
    /// First the pointer, then the record it points to, which never changes: no mixture is possible.
    async fn current(&self, team_id: &TeamId) -> Result<Option<AssignmentVersion>, StoreError> {
        let keys = Keys::new(team_id);
        let mut pointer = self.pointer(&keys).await?;
        while let Some(version) = pointer {
            if let Some(assignment) = self.read(keys.version(version)).await? {
                return Ok(Some(assignment));
            }
            // Missing: either later commits have dropped it meanwhile, then the pointer has moved, or it is lost.
            pointer = self.pointer(&keys).await?;
            if pointer == Some(version) {
                return Err(StoreError::corrupt(keys.version(version), "the current version has no record"));
            }
        }
        Ok(None)
    }

    async fn current_version(&self, team_id: &TeamId) -> Result<Option<Version>, StoreError> {
        self.pointer(&Keys::new(team_id)).await
    }

    async fn version(&self, team_id: &TeamId, version: Version) -> Result<Option<AssignmentVersion>, StoreError> {
        self.read(Keys::new(team_id).version(version)).await
    }

    async fn version_of(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Version>, StoreError> {
        let key = Keys::new(team_id).allocations();
        let score: Option<Vec<u8>> = self.query(&key, &Cmd::zscore(&key, allocation_id.as_str())).await?;
        score.map(|number| parse_version(&key, &number)).transpose()
    }

    async fn commit(&self, assignment: AssignmentVersion) -> Result<Committed, StoreError> {
        let keys = Keys::new(&assignment.team_id);
        let version = assignment.version();
        let (key, summary_key) = (keys.version(version), keys.version_summary(version));
        let (assignment, bytes, summary) = off_runtime(move || {
            let bytes = record::encode(&key, &assignment);
            let summary = record::encode(&summary_key, &VersionSummary::from(&assignment));
            (assignment, bytes, summary)
        })
        .await?;
        let AssignmentVersion { allocation_id, request, parent, .. } = assignment;

        let mut script = self.commit.prepare_invoke();
        script.key(keys.current()).key(keys.version(version)).key(keys.allocations());
        script.key(keys.version_summary(version));
        script.arg(parent.map_or_else(String::new, |parent| parent.to_string())).arg(version.get()).arg(bytes);
        script.arg(allocation_id.as_str()).arg(self.retention.versions_max.get()).arg(keys.versions());
        script.arg(summary).arg(keys.version_summaries());
        if let Some(request) = &request {
            let (key, outcome, ttl_ms) = self.remember(&keys, request, &allocation_id, Some(version));
            script.key(key).arg(outcome).arg(ttl_ms);
        }
        let (word, bytes) = self.invoke(&keys, &script).await?;
        match (word.as_str(), request) {
            ("done", _) => Ok(Committed { version, allocation_id, repeated: false }),
            ("repeated", _) => Ok(Committed { version, allocation_id, repeated: true }),
            ("seen", Some(request)) => {
                record::decode::<RequestOutcome>(&keys.request(&request.id), &bytes)?.repeat_commit(&request)
            }
            ("conflict", _) => {
                let current = Some(&*bytes).filter(|number| !number.is_empty());
                let current = current.map(|number| parse_version(&keys.current(), number)).transpose()?;
                Err(StoreError::Conflict { current })
            }
            ("pointer missing", _) => Err(pointer_is_missing(&keys)),
            ("occupied", _) => Err(StoreError::corrupt(
                keys.version(version),
                "there is a record although the version was never current",
            )),
            (word, _) => unreachable!("the commit script does not answer {word:?}"),
        }
    }

    async fn keep_proposal(&self, proposal: Proposal) -> Result<Kept, StoreError> {
        let keys = Keys::new(&proposal.team_id);
        let now = (self.clock)();
        let allocation_id = proposal.allocation_id.clone();
        let request = proposal.request.clone();
        let position = ListPosition::of(proposal.create_time, &allocation_id);
        let expire_time = proposal.expire_time;
        let ttl_ms = milliseconds(Duration::try_from(expire_time.duration_since(now)).unwrap_or_default());
        let (proposal_key, summary_key) = (keys.proposal(&allocation_id), keys.summary(&allocation_id));

        let mut script = self.keep.prepare_invoke();
        script.key(&proposal_key).key(&summary_key).key(keys.proposals()).key(keys.expiry());
        let (proposal, summary) = off_runtime(move || {
            let summary = record::encode(&summary_key, &ProposalSummary::from(&proposal));
            (record::encode(&proposal_key, &proposal), summary)
        })
        .await?;
        script.arg(proposal).arg(summary).arg(position.to_string());
        script.arg(expire_time.as_millisecond()).arg(now.as_millisecond()).arg(ttl_ms);
        if let Some(request) = &request {
            let (key, outcome, ttl_ms) = self.remember(&keys, request, &allocation_id, None);
            script.key(key).arg(outcome).arg(ttl_ms);
        }
        let (word, bytes) = self.invoke(&keys, &script).await?;
        match (word.as_str(), request) {
            ("done", _) => Ok(Kept { allocation_id, repeated: false }),
            ("repeated", _) => Ok(Kept { allocation_id, repeated: true }),
            ("seen", Some(request)) => {
                record::decode::<RequestOutcome>(&keys.request(&request.id), &bytes)?.repeat_proposal(&request)
            }
            (word, _) => unreachable!("the script that keeps proposals does not answer {word:?}"),
        }
    }

    async fn proposal(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Proposal>, StoreError> {
        let proposal: Option<Proposal> = self.read(Keys::new(team_id).proposal(allocation_id)).await?;
        Ok(proposal.filter(|proposal| proposal.expire_time > (self.clock)()))
    }

    async fn list_proposals(
        &self,
        team_id: &TeamId,
        after: Option<&ListPosition>,
        limit: usize,
    ) -> Result<ProposalPage, StoreError> {
        let keys = Keys::new(team_id);
        let (index, limit) = (keys.proposals(), limit.clamp(1, LIST_LIMIT_MAX));
        let mut from = after.map_or_else(|| "+".to_owned(), |after| format!("({after}"));
        let mut proposals: Vec<ProposalSummary> = Vec::new();
        // One more than asked for tells whether there is a next page; expired ones may cost another round.
        loop {
            let count = isize::try_from(limit + 1).expect("a page is short");
            let range = Cmd::zrevrangebylex_limit(&index, &from, "-", 0, count);
            let positions: Vec<String> = self.query(&index, &range).await?;
            let Some(last) = positions.last() else { return Ok(ProposalPage { proposals, next: None }) };
            from = format!("({last}");
            let mut summary_keys = Vec::with_capacity(positions.len());
            for position in &positions {
                let position = ListPosition::from_token(position)
                    .ok_or_else(|| StoreError::corrupt(&index, format!("{position:?} is not a list position")))?;
                summary_keys.push(keys.summary(position.allocation_id()));
            }
            let summaries: Vec<Option<Vec<u8>>> = self.query(&index, &Cmd::mget(&summary_keys)).await?;
            let now = (self.clock)();
            for (key, bytes) in summary_keys.iter().zip(summaries) {
                let Some(bytes) = bytes else { continue };
                let summary: ProposalSummary = record::decode(key, &bytes)?;
                if summary.expire_time <= now {
                    continue;
                }
                if proposals.len() == limit {
                    let last = &proposals[limit - 1];
                    let next = Some(ListPosition::of(last.create_time, &last.allocation_id));
                    return Ok(ProposalPage { proposals, next });
                }
                proposals.push(summary);
            }
        }
    }

    async fn request(&self, team_id: &TeamId, request_id: &RequestId) -> Result<Option<RequestOutcome>, StoreError> {
        self.read(Keys::new(team_id).request(request_id)).await
    }

    async fn list_versions(
        &self,
        team_id: &TeamId,
        newest: Version,
        limit: usize,
    ) -> Result<Vec<VersionSummary>, StoreError> {
        let keys = Keys::new(team_id);
        let numbers = (1..=newest.get()).rev().take(limit.clamp(1, LIST_LIMIT_MAX + 1));
        let versions: Vec<Version> = numbers.filter_map(Version::new).collect();
        let summary_keys: Vec<String> = versions.iter().map(|&version| keys.version_summary(version)).collect();
        let summaries: Vec<Option<Vec<u8>>> = self.query(&keys.version_summaries(), &Cmd::mget(&summary_keys)).await?;
        let mut found = Vec::new();
        for ((version, key), summary) in versions.into_iter().zip(summary_keys).zip(summaries) {
            match summary {
                Some(bytes) => found.push(record::decode(&key, &bytes)?),
                // Committed before there were summaries, or no longer kept: then nor is any that is older.
                None => match self.version(team_id, version).await? {
                    Some(assignment) => found.push(VersionSummary::from(&assignment)),
                    None => break,
                },
            }
        }
        Ok(found)
    }

    async fn mentions(&self, team_id: &TeamId, token: &Token) -> Result<Mentions, StoreError> {
        let keys = Keys::new(team_id);
        let newest = self.pointer(&keys).await?;
        self.erase_everywhere(&keys, &Erasure { token, tombstone: "", newest, is_trial: true }).await
    }

    async fn erase(
        &self,
        team_id: &TeamId,
        token: &Token,
        tombstone: &str,
        newest: Option<Version>,
    ) -> Result<Mentions, StoreError> {
        self.erase_everywhere(&Keys::new(team_id), &Erasure { token, tombstone, newest, is_trial: false }).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.query("PING", &redis::cmd("PING")).await
    }
}

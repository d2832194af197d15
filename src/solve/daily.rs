//! From day to day: everyone stays where they are, and whoever waits may be given room that there is. Nothing is searched:
//! the prices of the earlier answer say whose room is worth least to others, and prove a bound of today's problem in one pass.

use super::{
    FaultyAnswer, answer,
    budget::{Budget, Options, Steps},
    greedy,
    prices::Priced,
    search::{evidence, no_prices},
    start::{self, Start},
    state::State,
    verify::{self, Measure},
};
use crate::model::{Allocation, HoldingReason, Problem};

/// Everyone who has an officer in service stays with them. With `gives_officers`, units that wait, the dearest to leave waiting
/// per point first, go to whoever has room on every limit, and of those to the cheapest at the prices of the earlier answer;
/// without, nothing moves at all. The answer has passed the checker. O(pairs + waiting units x their officers).
///
/// # Errors
/// [`FaultyAnswer`] when the independent checker rejects the answer.
pub fn settle(problem: &Problem, earlier: &Allocation, gives_officers: bool) -> Result<Allocation, FaultyAnswer> {
    let instance = problem.instance();
    let earlier = Start::of(problem, earlier).evidence;
    let priced = Priced::of(instance, Measure::Price, start::proof(instance, &earlier.proof));
    let mut state = State::of_today(instance);
    if gives_officers {
        greedy::give_room(&mut state, &priced.proof);
    }
    let counted = if answer::waiting_units(&state) == 0 {
        no_prices(instance)
    } else {
        Priced::of(instance, Measure::Children, start::proof(instance, &earlier.count_proof))
    };
    let budget = Budget::default();
    let evidence = evidence(&state, priced, counted, None, &Options::default(), &Steps::new(&budget));
    let mut allocation = answer::allocation(problem, &state, evidence);
    if !gives_officers {
        // Nothing was searched, so nothing was stopped: there is room, and it has not been given to anybody yet.
        for holding in &mut allocation.holdings {
            if holding.reason == HoldingReason::SearchStopped {
                holding.reason = HoldingReason::RoomNotGiven;
            }
        }
    }
    let faults = verify::faults(problem, &allocation);
    if faults.is_empty() { Ok(allocation) } else { Err(FaultyAnswer { faults }) }
}

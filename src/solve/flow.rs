//! Where every unit weighs the same with everyone: exact answers, proved by prices alone.
//!
//! # Mathematics
//!
//! If all units are one case of the same weight w, the limits of an officer j are a number of units ("room"): K_j, and P_j / w
//! rounded down; an intake limit N_j is the room of a "door" that only what is new to j goes through. The problem is then
//! a minimum cost flow: every unit sends 1 to a door, an officer or waiting; a door passes on what it gets to its officer,
//! up to N_j; an officer passes on up to the room, at a price per slot that rises with the number (balance, f_j(w y),
//! which is convex). The matrix is totally unimodular: the linear relaxation has a whole optimum, and its dual prices are
//! whole, since costs are.
//!
//! The method is the primal-dual one (Ford and Fulkerson; Ahuja, Magnanti and Orlin, *Network Flows*, 1993, ch. 9) on the
//! graph of *places* (officers, doors, waiting), not of units. The arc from place j to k is the cheapest move of one unit:
//! the least of c_ik - c_ij over the units i at j, on top of a heap (`rows`). At prices v of a slot in each place, its
//! reduced price is c_ik - c_ij + v_k - v_j.
//!
//! 1. All prices are 0; every unit goes to its cheapest option, and every place passes on what costs nothing: no reduced
//!    price is below 0, but more may come to a place than it passes on ("excess"), and waiting gets that much too little.
//! 2. Dijkstra backwards from the places that get too little, until all places with excess are reached. Prices rise by
//!    the distances: still no reduced price is below 0, and from every place with excess a path costs 0.
//! 3. Units move along such paths, every arc one nearer to the end (Dinic's layers), until none is left. Then 2 again,
//!    until there is no excess.
//!
//! Now the flow keeps every limit and complementary slackness, so it is optimal, and the prices, less that of waiting,
//! prove it: `v_j` is the price of a slot of officer j, `v_door - v_j` that of an intake slot.
//!
//! Near-optimal start prices do not pay: from 0, step 2 is run some tens to hundreds of times, because each run serves
//! all places with excess at once. O(searches (pairs of neighbouring officers) + moves (options of a unit) log units)
//! time; 8 bytes for each pair of unit and officer.
//!
//! What cannot be proved so exactly: where w > 1, a points cap or a kink of balance that is no multiple of w leaves room
//! that the proof counts and no unit can use. The answer is optimal then, too, but its bound may be lower.

mod network;
mod paths;
mod rows;
#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod tests;

use self::{network::Network, paths::Flow};
use super::{budget::Steps, prices::Priced, state::State, verify::Measure};

/// An answer that is optimal by some measure, and prices that prove it (but see the end of the module's text).
pub(super) struct Optimum<'a> {
    pub(super) state: State<'a>,
    pub(super) priced: Priced,
}

/// The optimum of a problem whose units all weigh the same; `near` is any answer and saves time. `None` = it is no such
/// problem, or the budget ended. Neither depends on the number of threads.
pub(super) fn optimum<'a>(
    near: &State<'a>,
    measure: Measure,
    threads: usize,
    steps: &mut Steps<'_>,
) -> Option<Optimum<'a>> {
    let instance = near.instance;
    let network = Network::new(instance, measure, threads, steps)?;
    // A stop while the network was made ends the solve here.
    if !steps.take() {
        return None;
    }
    let mut flow = Flow::new(&network, near, threads, steps)?;
    if !flow.route(threads, steps) {
        return None;
    }
    let choices = instance.unit_indices().zip(&flow.at).map(|(unit, &place)| network.choice_at(unit, place)).collect();
    let state = State::of_choices(instance, choices);
    let priced = Priced::of(instance, measure, flow.proof());
    state.is_within_limits().then_some(Optimum { state, priced })
}

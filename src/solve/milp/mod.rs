//! Exact search with HiGHS: the only folder that names good_lp or highs.
//!
//! A part of the problem (some units, the rest held where they are) is copied out, solved on a thread of its own, and its
//! answer read back as choices. HiGHS is limited by nodes, never by the clock; a call that the caller's clock cuts off
//! counts as "no result".

mod model;
mod threads;

use std::collections::HashMap;

use super::{
    budget::Steps,
    state::{Choice, State},
};
use crate::model::{OfficerIndex, UnitIndex};
use model::{Officer, Part, Unit, Use};

pub(super) use model::highs_version;
pub(super) use threads::busy;

/// What a search of some units found.
pub(super) struct Found {
    /// Better choices of those units, if it found any.
    pub(super) choices: Option<Vec<(UnitIndex, Choice)>>,
    /// No allocation that chooses among the same options, with the other units where they are, costs less: claimed by
    /// HiGHS. `None` = nothing claimed.
    pub(super) bound: Option<i64>,
}

/// Which units to search, among which of their options.
pub(super) struct Freed {
    /// Units that may change, each with its options; today's choice is among them.
    pub(super) units: Vec<(UnitIndex, Vec<Choice>)>,
    /// Most nodes of the search tree.
    pub(super) nodes_max: i32,
}

/// Searches the freed units exactly, everything else held where `state` has it. One step of the budget.
/// `None` = no result: no step left, cut off by the clock, or HiGHS failed.
pub(super) fn search(state: &State<'_>, freed: &Freed, steps: &mut Steps<'_>) -> Option<Found> {
    if !steps.take() {
        return None;
    }
    let ordinal = steps.number_call()?;
    let part = part(state, freed);
    let constant = state.objective() - part.start_price;
    let outcome = threads::run(part, &|| steps.is_stopped());
    let Some(outcome) = outcome else {
        steps.cut(ordinal);
        return None;
    };
    let solved = outcome.ok()?;
    let choices = solved.options.map(|options| {
        let chosen = freed.units.iter().zip(options);
        chosen.map(|((unit, choices), option)| (*unit, choices[option])).collect()
    });
    Some(Found { choices, bound: solved.bound.map(|bound| bound + constant) })
}

/// Copies out the freed units, with what room their officers have besides the units that stay.
fn part(state: &State<'_>, freed: &Freed) -> Part {
    let problem = state.problem;
    let mut local: HashMap<OfficerIndex, usize> = HashMap::new();
    let mut indices: Vec<OfficerIndex> = Vec::new();
    let mut units = Vec::with_capacity(freed.units.len());
    for (unit, choices) in &freed.units {
        let case_count = i64::from(problem.unit(*unit).case_count);
        let options = choices
            .iter()
            .map(|choice| match choice {
                Choice::Waits => Use {
                    officer: None,
                    cost: problem.unit(*unit).waiting_price.expect("waiting is an option only where it is allowed"),
                    points: 0,
                    cases: 0,
                    new_cases: 0,
                    handovers: state.handovers_of(*unit, *choice),
                },
                Choice::Pair(position) => {
                    let pair = &problem.pairs(*unit)[*position as usize];
                    let officer = *local.entry(pair.officer).or_insert_with(|| {
                        indices.push(pair.officer);
                        indices.len() - 1
                    });
                    Use {
                        officer: Some(officer),
                        cost: pair.cost,
                        points: i64::from(pair.weight_points),
                        cases: case_count,
                        new_cases: i64::from(pair.new_case_count),
                        handovers: i64::from(pair.handover_count),
                    }
                }
            })
            .collect();
        let today = state.choice(*unit);
        let start = choices.iter().position(|choice| *choice == today).expect("today's choice is among the options");
        units.push(Unit { options, start });
    }
    let mut rest = state.clone();
    for (unit, _) in &freed.units {
        rest.leave(*unit);
    }
    let officers = indices
        .iter()
        .map(|officer| {
            let limits = &problem.limits()[officer.get()];
            let load = rest.load(*officer);
            Officer {
                points_kept: load.points,
                points_limit: limits.load_limit,
                cases_room: limits.case_limit.map(|limit| limit - load.cases),
                new_cases_room: limits.intake_limit.map(|limit| limit - load.new_cases),
                balance: limits.balance.iter().map(|segment| (segment.from_points, segment.slope)).collect(),
                balance_price_kept: limits.balance_price(load.points),
            }
        })
        .collect();
    Part {
        units,
        officers,
        handovers_room: problem.handover_limit().map(|limit| limit - rest.handovers()),
        start_price: state.objective() - rest.objective(),
        nodes_max: freed.nodes_max,
    }
}

//! Exact search with HiGHS: the only folder that names good_lp or highs.
//!
//! Parts of a problem are solved on threads of their own. HiGHS is limited by nodes. The clock only cuts calls off, whether
//! the caller's stops waiting or HiGHS's own ends first: then they count as "no result".

mod deadline;
mod model;
mod staffing;
mod threads;

use self::model::{Limits, Solved, Unsolved};
use super::{
    budget::{Budget, Steps},
    cover::{Cover, Proposed},
    part::Part,
};

pub use deadline::Deadline;
pub(super) use model::highs_version;
pub(super) use threads::busy;

/// What the search of a part found.
pub(super) struct Found {
    /// The part with the best choices found.
    pub(super) part: Part,
    /// No choice among the part's options has a lower [`Part::price`]: claimed by HiGHS. `None` = nothing claimed.
    pub(super) bound: Option<i64>,
}

/// Parts that share nothing, being searched on a thread of their own.
pub(super) struct Search {
    parts: Vec<(Part, Option<u32>)>,
    running: Option<threads::Running<Solved>>,
}

/// Starts to search parts, each with so many nodes. One step of the budget a part.
pub(super) fn start(parts: Vec<(Part, i32)>, steps: &mut Steps<'_>) -> Search {
    let mut ordered = Vec::new();
    let parts = parts
        .into_iter()
        .map(|(part, nodes_max)| {
            let ordinal = if steps.take() { steps.number_call() } else { None };
            if ordinal.is_some() {
                ordered.push((part.clone(), nodes_max));
            }
            (part, ordinal)
        })
        .collect();
    let budget = steps.budget();
    let running = if ordered.is_empty() {
        None
    } else {
        threads::start(ordered.len(), move |tell| search(&ordered, &budget, tell))
    };
    Search { parts, running }
}

/// Parts one after the other, for as long as somebody waits for them.
fn search(parts: &[(Part, i32)], budget: &Budget, tell: &mut threads::Tell<'_, Solved>) {
    for (part, nodes_max) in parts {
        let limits = Limits { nodes: *nodes_max, time_left: budget.deadline.time_left() };
        if budget.is_stopped() || !tell(model::solve(part, limits)) {
            break;
        }
    }
}

/// Nodes of a covering model: it has few whole variables.
const COVER_NODES: i32 = 500;

/// Solves a covering model. `None` = the clock cut it off, or HiGHS failed.
pub(super) fn cover(cover: &Cover, budget: &Budget) -> Option<Proposed> {
    let (asked, limits) = (cover.clone(), Limits { nodes: COVER_NODES, time_left: budget.deadline.time_left() });
    let running = threads::start(1, move |tell| {
        tell(staffing::propose(&asked, limits));
    })?;
    running.wait(&|| budget.is_stopped()).pop()?.ok()
}

impl Search {
    /// There is nothing to wait for.
    pub(super) fn is_done(&mut self) -> bool {
        self.running.as_mut().is_none_or(threads::Running::is_done)
    }

    /// Waits for what is still to come. A part has no result if there was no step left, if the clock cut it off, or if
    /// HiGHS failed.
    pub(super) fn wait(self, steps: &mut Steps<'_>) -> Vec<Option<Found>> {
        let Some(running) = self.running else { return self.parts.iter().map(|_| None).collect() };
        let mut come = running.wait(&|| steps.is_stopped()).into_iter();
        let found = self.parts.into_iter().map(|(mut part, ordinal)| {
            let ordinal = ordinal?;
            let solved = match come.next() {
                Some(Ok(solved)) => solved,
                Some(Err(Unsolved::Failed)) => return None,
                Some(Err(Unsolved::OutOfTime)) | None => {
                    steps.cut(ordinal);
                    return None;
                }
            };
            if let Some(chosen) = solved.chosen {
                part.chosen = chosen;
            }
            Some(Found { part, bound: solved.bound })
        });
        found.collect()
    }
}

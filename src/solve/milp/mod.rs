//! Exact search with HiGHS: the only folder that names good_lp or highs.
//!
//! Parts of a problem are solved on threads of their own. HiGHS is limited by nodes, never by the clock; a call that the
//! caller's clock cuts off counts as "no result".

mod model;
mod threads;

use super::{budget::Steps, part::Part};

pub(super) use model::highs_version;
pub(super) use threads::busy;

/// What the search of a part found.
pub(super) struct Found {
    /// The part with the best choices found.
    pub(super) part: Part,
    /// No choice among the part's options has a lower [`Part::price`]: claimed by HiGHS. `None` = nothing claimed.
    pub(super) bound: Option<i64>,
}

/// Searches parts that share nothing, so many at a time. One step of the budget each.
/// `None` = no result: no step left, cut off by the clock, or HiGHS failed.
pub(super) fn search(parts: Vec<Part>, nodes_max: i32, threads: usize, steps: &mut Steps<'_>) -> Vec<Option<Found>> {
    let mut found = Vec::with_capacity(parts.len());
    let mut parts = parts.into_iter().peekable();
    while parts.peek().is_some() {
        let started: Vec<_> = parts
            .by_ref()
            .take(threads.max(1))
            .map(|part| {
                let ordinal = if steps.take() { steps.number_call() } else { None };
                let running = ordinal.and_then(|ordinal| Some((ordinal, threads::start(part.clone(), nodes_max)?)));
                (part, running)
            })
            .collect();
        found.extend(started.into_iter().map(|(mut part, running)| {
            let (ordinal, running) = running?;
            let Some(outcome) = running.wait(&|| steps.is_stopped()) else {
                steps.cut(ordinal);
                return None;
            };
            let solved = outcome.ok()?;
            if let Some(chosen) = solved.chosen {
                part.chosen = chosen;
            }
            Some(Found { part, bound: solved.bound })
        }));
    }
    found
}

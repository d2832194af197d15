//! What people see of an answer, whether it was solved here or read back from a service.

use std::collections::HashSet;

use crate::model::{Allocation, BoundSource, Caseload, Problem, Termination, load_percent};

/// The figures of one answer.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) child_count: i64,
    pub(super) children_without_officer_count: i64,
    pub(super) case_count: i64,
    pub(super) allocated_count: i64,
    pub(super) waiting_count: i64,
    pub(super) handover_count: i64,
    pub(super) release_count: i64,
    pub(super) more_children_at_most_count: i64,
    pub(super) quality: Quality,
    /// Why the solver stopped, as the end of a sentence.
    pub(super) termination: &'static str,
    /// Waiting cases by reason: how many, and a sentence.
    pub(super) reasons: Vec<(i64, String)>,
    /// Waiting cases by who owns them, and how many that supervisor may have at most.
    pub(super) owners: Vec<Owner>,
    /// Share of the tightest cap that each officer's caseload takes, in per cent, rounded up; `None` = no cap.
    pub(super) shares: Vec<Option<i64>>,
    /// Assumptions and wishes not met.
    pub(super) notes: Vec<String>,
}

/// A supervisor with waiting cases.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) supervisor_id: String,
    pub(super) holding_count: i64,
    pub(super) max_holding_count: Option<i64>,
}

/// Price of an answer, and what is proved and claimed of it.
#[derive(Clone, Debug)]
pub(super) struct Quality {
    pub(super) objective: i64,
    pub(super) bound: i64,
    pub(super) price_bound: i64,
    /// The version of HiGHS that claims the bound, where the prices do not prove it.
    pub(super) highs_version: Option<String>,
}

impl Quality {
    /// `proved within 0.12 %`, and what HiGHS claims beyond that.
    pub(super) fn in_words(&self) -> String {
        let proved = format!("proved within {}", apart(self.objective, self.price_bound));
        match &self.highs_version {
            None => proved,
            Some(version) => {
                format!("{proved} by the prices; HiGHS {version} claims {}", apart(self.objective, self.bound))
            }
        }
    }
}

/// Distance of an objective from a bound, on whichever side, in per cent of the objective, rounded up so that no more is
/// said than is proved; of an objective of 0, which has no per cent, the distance itself.
fn apart(objective: i64, bound: i64) -> String {
    let (distance, of) = (u128::from(objective.abs_diff(bound)), u128::from(objective.unsigned_abs()));
    if distance == 0 {
        return "0 %".to_owned();
    }
    if of == 0 {
        return distance.to_string();
    }
    // In units of 1/10,000 per cent.
    let parts = (distance * 1_000_000).div_ceil(of);
    let text = format!("{}.{:04}", parts / 10_000, parts % 10_000);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

impl Figures {
    pub(super) fn of(allocation: &Allocation) -> Self {
        let totals = &allocation.totals;
        let evidence = &allocation.evidence;
        let owned = allocation.supervisors.iter().filter(|supervisor| supervisor.holding_count > 0);
        Self {
            child_count: totals.child_count,
            children_without_officer_count: totals.children_without_officer_count,
            case_count: totals.case_count,
            allocated_count: totals.allocated_count,
            waiting_count: totals.waiting_count,
            handover_count: totals.handover_count,
            release_count: totals.release_count,
            more_children_at_most_count: allocation.more_children_at_most(),
            quality: Quality {
                objective: evidence.objective,
                bound: evidence.bound,
                price_bound: evidence.price_bound,
                highs_version: match &evidence.bound_source {
                    BoundSource::Prices => None,
                    BoundSource::Highs { version } => Some(version.clone()),
                },
            },
            termination: ended(evidence.termination),
            reasons: allocation
                .waiting_by_reason()
                .into_iter()
                .map(|(reason, count)| (count, reason.sentence().to_owned()))
                .collect(),
            owners: owned
                .map(|supervisor| Owner {
                    supervisor_id: supervisor.supervisor_id.to_string(),
                    holding_count: supervisor.holding_count,
                    max_holding_count: supervisor.max_holding_count,
                })
                .collect(),
            shares: allocation.caseloads.iter().map(Caseload::percent).collect(),
            notes: allocation.notes.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The end of "the search ...".
pub(super) fn ended(termination: Termination) -> &'static str {
    match termination {
        Termination::Optimal => "found the best there is",
        Termination::GapReached => "reached the gap that was asked for",
        Termination::Exhausted => "ran to its end",
        Termination::TimeLimit => "was stopped by the time limit",
        Termination::StepLimit => "was stopped by the step limit",
        Termination::Interrupted => "was interrupted",
    }
}

/// What was so before the allocation, as the backlog tells it.
pub(super) struct Before {
    pub(super) children_without_officer_count: i64,
    /// As in [`Figures`]; empty = nobody holds a case.
    pub(super) shares: Vec<Option<i64>>,
}

impl Before {
    pub(super) fn of(problem: &Problem) -> Self {
        let backlog = problem.backlog();
        let mut waiting_children = HashSet::new();
        let mut children_without_officer_count = 0;
        let mut loads = vec![(0_i64, 0_i64); backlog.officers.len()];
        let mut any_held = false;
        for case in &backlog.cases {
            match &case.current_officer_id {
                None => {
                    let is_new = case.child_id.as_ref().is_none_or(|child| waiting_children.insert(child));
                    children_without_officer_count += i64::from(is_new);
                }
                Some(officer) => {
                    // An officer who left may not be in the backlog any more.
                    if let Some(officer) = problem.officer_index(officer) {
                        let (points, cases) = &mut loads[officer.get()];
                        *points += case.weight_points.unwrap_or(1);
                        *cases += 1;
                        any_held = true;
                    }
                }
            }
        }
        let shares = loads.into_iter().zip(problem.instance().limits()).map(|((points, cases), limits)| {
            load_percent(points, cases, limits.capacity_points, limits.max_case_count)
        });
        Self { children_without_officer_count, shares: if any_held { shares.collect() } else { Vec::new() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_said_than_is_proved() {
        let check = |objective, bound, expected| assert_eq!(apart(objective, bound), expected);
        check(100, 100, "0 %");
        check(0, 0, "0 %");
        check(100, 99, "1 %");
        check(200, 199, "0.5 %");
        check(3, 2, "33.3334 %");
        check(1_000_000_000, 999_999_999, "0.0001 %");
        check(7, 0, "100 %");
        check(i64::MAX, 0, "100 %");
        // Of a maximum the bound is above; and of nothing there is no per cent.
        check(200, 201, "0.5 %");
        check(2, 5, "150 %");
        check(0, 5, "5");
    }

    #[test]
    fn a_share_is_of_the_tightest_cap_and_rounded_up() {
        assert_eq!(load_percent(1_801, 10, Some(1_800), None), Some(101));
        assert_eq!(load_percent(1_800, 10, Some(1_800), None), Some(100));
        assert_eq!(load_percent(900, 180, Some(1_800), Some(180)), Some(100));
        assert_eq!(load_percent(5, 5, None, None), None);
        assert_eq!(load_percent(0, 0, Some(0), None), Some(0));
        assert!(load_percent(1, 1, Some(0), None).unwrap() > 100);
        assert!(load_percent(0, 1, Some(0), None).unwrap() > 100, "cases that weigh nothing are cases");
    }
}

//! What handovers buy: load over the caps, and how evenly it lies, against the children who change officer.
//!
//! The same backlog is allocated under one handover limit after another, each search from the answer before it, which the
//! next limit allows too: so no step costs more than the one before, and what it gains is the price of its handovers.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::{
    Given,
    refused::{BadEntry, Unanswerable},
};
use crate::{
    model::{Allocation, COUNT_MAX, CaseId, ChangeReason, Note, OfficerId, Problem},
    solve::{Budget, Options, Progress, Start, solve},
};

/// Most limits that one question may ask for.
pub const LIMITS_MAX: usize = 32;
/// Limits where none are asked for: none, then 1 and doubled, to what an allocation without a limit takes.
const LADDER_MAX: usize = 12;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandoverOptions {
    /// Handover limits, `0..=1_000_000_000`; none = a ladder from 0 to what the allocation without a limit takes.
    pub limits: Vec<i64>,
    /// Handovers may be made for balance alone, whatever the rules say.
    pub balance_may_move: bool,
}

/// A case that changes officer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HandedOver {
    /// The case.
    pub case_id: CaseId,
    /// Who holds it today.
    pub from_officer_id: OfficerId,
    /// Who would.
    pub to_officer_id: OfficerId,
}

/// An allocation under one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverStep {
    /// The most handovers and releases; `None` = no limit.
    pub handover_limit: Option<i64>,
    /// Handovers that it takes, by case id.
    pub handed_over: Vec<HandedOver>,
    /// Children who change officer by them.
    pub child_count: i64,
    /// Children without an officer.
    pub children_without_officer_count: i64,
    /// Points that officers hold above their caps, all together.
    pub over_cap_points: i64,
    /// Cases that officers hold above their case-count caps, all together.
    pub over_cap_case_count: i64,
    /// Share of the tightest cap of the fullest officer, and of the emptiest, in per cent; `None` = nobody has a cap.
    pub percent: Option<(i64, i64)>,
    /// Price of the allocation.
    pub objective: i64,
    /// No allocation under this limit costs less.
    pub bound: i64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverFrontier {
    /// The day of the backlog.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Seed of the searches.
    pub seed: u64,
    /// Children that the cases are about.
    pub child_count: i64,
    /// By limit, the smallest first, each with another allocation than the one before; at least one.
    pub steps: Vec<HandoverStep>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Allocates under one limit after another. Each search has the budget's steps and an equal share of its time; where no limits are given, the
/// first, without a limit, has half.
///
/// # Errors
/// [`Unanswerable`].
pub fn handover_frontier(
    given: &Given,
    wanted: &HandoverOptions,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<HandoverFrontier, Unanswerable> {
    check(wanted)?;
    let mut before: Option<Allocation> = None;
    let mut steps: Vec<HandoverStep> = Vec::new();
    let mut limits: BTreeSet<Option<i64>> = wanted.limits.iter().copied().map(Some).collect();
    if limits.is_empty() {
        // Without a limit first, which says how far the ladder has to go.
        let unlimited = solve(&limited(given, wanted, None)?, options, &budget.share(2), progress)?;
        limits = ladder(unlimited.totals.handover_count);
        limits.insert(None);
    }
    // Of options, none comes first; here no limit is the largest.
    let ascending = limits.iter().flatten().copied().map(Some).chain(limits.contains(&None).then_some(None));
    for (done, limit) in ascending.enumerate() {
        let problem = limited(given, wanted, limit)?;
        let start = before.as_ref().map(|before| Arc::new(Start::of(&problem, before)));
        let share = budget.share(limits.len() - done);
        let found = solve(&problem, &Options { start, ..options.clone() }, &share, progress)?;
        let step = step(&problem, &found, limit);
        if steps.last().is_none_or(|last| last.handed_over != step.handed_over) {
            steps.push(step);
        }
        before = Some(found);
    }
    let notes = before.iter().flat_map(|allocation| &allocation.notes);
    // Of every group one, the same under every limit.
    let notes = notes.filter(|note| !matches!(note, Note::SplitGroup { .. })).map(ToString::to_string).collect();
    Ok(HandoverFrontier {
        as_at: given.backlog.as_at,
        rules_version: given.rules.version.clone(),
        seed: options.seed,
        child_count: before.map_or(0, |allocation| allocation.totals.child_count),
        steps,
        notes,
    })
}

fn check(wanted: &HandoverOptions) -> Result<(), Unanswerable> {
    let mut found = Vec::new();
    if wanted.limits.len() > LIMITS_MAX {
        let message =
            format!("has {} entries; at most {LIMITS_MAX} limits can be compared at once", wanted.limits.len());
        found.push(BadEntry::new("limits", message));
    }
    for (position, &limit) in wanted.limits.iter().enumerate() {
        BadEntry::unless_within(&mut found, format!("limits[{position}]"), limit, 0..=COUNT_MAX);
    }
    if found.is_empty() { Ok(()) } else { Err(Unanswerable::Invalid(found)) }
}

fn limited(given: &Given, wanted: &HandoverOptions, limit: Option<i64>) -> Result<Problem, Unanswerable> {
    let mut given = given.clone();
    given.rules.handover_limit = limit;
    given.rules.balance_may_move |= wanted.balance_may_move;
    Ok(given.problem()?)
}

/// 0, then 1 and doubled, while below the most.
fn ladder(most: i64) -> BTreeSet<Option<i64>> {
    let first = most >> LADDER_MAX.min(62);
    let doubled = std::iter::successors(Some(first.max(1)), |limit| limit.checked_mul(2));
    [0].into_iter().chain(doubled.take_while(|&limit| limit < most)).map(Some).collect()
}

fn step(problem: &Problem, allocation: &Allocation, handover_limit: Option<i64>) -> HandoverStep {
    let mut handed_over = Vec::new();
    let mut children = BTreeSet::new();
    for change in &allocation.changes {
        let (ChangeReason::Handover | ChangeReason::Required, Some(from), Some(to)) =
            (change.reason, &change.from_officer_id, &change.to_officer_id)
        else {
            continue;
        };
        let case = problem.case_index(&change.case_id).map(|case| &problem.backlog().cases[case.get()]);
        children.insert(case.and_then(|case| case.child_id.as_ref()).map_or(change.case_id.as_str(), |id| id.as_str()));
        handed_over.push(HandedOver {
            case_id: change.case_id.clone(),
            from_officer_id: from.clone(),
            to_officer_id: to.clone(),
        });
    }
    let over = |held: i64, cap: Option<i64>| cap.map_or(0, |cap| (held - cap).max(0));
    let caseloads = &allocation.caseloads;
    let percents: Vec<i64> = caseloads.iter().filter_map(|caseload| caseload.percent()).collect();
    HandoverStep {
        handover_limit,
        child_count: children.len() as i64,
        handed_over,
        children_without_officer_count: allocation.totals.children_without_officer_count,
        over_cap_points: caseloads.iter().map(|caseload| over(caseload.load_points, caseload.capacity_points)).sum(),
        over_cap_case_count: caseloads.iter().map(|caseload| over(caseload.case_count, caseload.max_case_count)).sum(),
        percent: percents.iter().max().copied().zip(percents.iter().min().copied()),
        objective: allocation.evidence.objective,
        bound: allocation.evidence.bound,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::{
        model::{Backlog, Case, ChildId, Officer, Rules},
        statute::{Catalogue, Statute},
    };

    /// `o1` holds so many cases of 10 points under a cap of 40 points, all of one child, `o2` none; both may have any.
    fn given(held: usize) -> Given {
        let officer = |id: &str| Officer { capacity_points: Some(40), ..Officer::new(id.into()) };
        let case = |number: usize| Case {
            weight_points: Some(10),
            current_officer_id: Some("o1".into()),
            child_id: Some(ChildId::new("child".to_owned())),
            ..Case::new(CaseId::new(format!("c{number}")))
        };
        let backlog = Backlog {
            as_at: "2026-09-01".parse().unwrap(),
            cases: (0..held).map(case).collect(),
            officers: vec![officer("o1"), officer("o2")],
            supervisors: Vec::new(),
            pairs: None,
        };
        let catalogue = Catalogue::preset("send-england").unwrap();
        Given { backlog, rules: Rules::standard(), statute: Statute::of(catalogue) }
    }

    fn check_steps(given: &Given, wanted: &HandoverOptions, expected: Expect) {
        let (options, budget) = (Options::default(), Budget::steps(2_000));
        let found = handover_frontier(given, wanted, &options, &budget, &mut |_| ()).unwrap();
        let mut objectives = found.steps.iter().map(|step| step.objective);
        assert!(objectives.clone().is_sorted_by(|before, after| before > after), "{:?}", found.steps);
        assert!(objectives.all(|objective| objective >= 0));
        let lines = found.steps.iter().map(|step| {
            format!(
                "{:?}: {} handovers, {} children, {} over, {:?}\n",
                step.handover_limit,
                step.handed_over.len(),
                step.child_count,
                step.over_cap_points,
                step.percent
            )
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn every_handover_takes_load_off_who_is_over() {
        let expected = expect![[r#"
            Some(0): 0 handovers, 0 children, 30 over, Some((175, 0))
            Some(1): 1 handovers, 1 children, 20 over, Some((150, 25))
            Some(2): 2 handovers, 1 children, 10 over, Some((125, 50))
            None: 3 handovers, 1 children, 0 over, Some((100, 75))
        "#]];
        check_steps(&given(7), &HandoverOptions::default(), expected);
    }

    #[test]
    fn balance_moves_cases_only_where_it_may() {
        let mut given = given(4);
        (given.rules.handover_price, given.rules.handover_price_per_point) = (1, 0);
        check_steps(
            &given,
            &HandoverOptions::default(),
            expect![[r#"
            Some(0): 0 handovers, 0 children, 0 over, Some((100, 0))
        "#]],
        );
        check_steps(
            &given,
            &HandoverOptions { balance_may_move: true, limits: vec![2, 0, 2] },
            expect![[r#"
            Some(0): 0 handovers, 0 children, 0 over, Some((100, 0))
            Some(2): 1 handovers, 1 children, 0 over, Some((75, 25))
        "#]],
        );
    }

    #[test]
    fn limits_that_cannot_be_are_all_named() {
        let wanted = HandoverOptions { limits: vec![3, -1, COUNT_MAX + 1], ..HandoverOptions::default() };
        let error = handover_frontier(&given(1), &wanted, &Options::default(), &Budget::steps(1), &mut |_| ());
        let Unanswerable::Invalid(found) = error.unwrap_err() else { panic!("it is invalid") };
        let paths: Vec<&str> = found.iter().map(|bad| bad.path.as_str()).collect();
        assert_eq!(paths, ["limits[1]", "limits[2]"]);
        let wanted = HandoverOptions { limits: vec![1; LIMITS_MAX + 1], ..HandoverOptions::default() };
        assert!(handover_frontier(&given(1), &wanted, &Options::default(), &Budget::steps(1), &mut |_| ()).is_err());
    }
}

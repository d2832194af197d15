//! What an allocation comes to, in the figures by which scenarios are compared: children without an officer first.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan as _;
use serde::Serialize;

use crate::model::{Allocation, Case, CaseId, ChangeReason, HoldingReason, OfficerId, Problem, Service};

/// Days ahead in which the due date of a case without an officer is at risk.
const AT_RISK_DAYS: i64 = 28;
/// The kind of case that is an appeal.
const APPEAL: &str = "appeal";

/// The figures of an allocation, or of those of the parts of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Children with a case that no officer holds.
    pub children_without_officer_count: i64,
    /// At most so many more could have one, under the rules as entered: proved.
    pub more_children_at_most_count: i64,
    /// Children.
    pub child_count: i64,
    /// Cases.
    pub case_count: i64,
    /// Cases on a holding list.
    pub waiting_count: i64,
    /// Those by reason, reasons without any left out.
    pub waiting_by_reason: Vec<(HoldingReason, i64)>,
    /// Officers in service.
    pub officer_count: i64,
    /// Cases that leave an officer who stays for another.
    pub handover_count: i64,
    /// Cases that an officer who leaves, or is away for long, held.
    pub left_behind_count: i64,
    /// Waiting cases with a due date that has passed, or is within 28 days.
    pub deadlines_at_risk_count: i64,
    /// Officers above a cap.
    pub over_cap_officer_count: i64,
    /// Of each officer in service, by id.
    pub officers: Vec<OfficerFigures>,
    /// Price of the allocation.
    pub objective: i64,
    /// No allocation costs less.
    pub bound: i64,
}

/// One officer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfficerFigures {
    /// The officer.
    pub officer_id: OfficerId,
    /// Points held.
    pub load_points: i64,
    /// Points cap.
    pub capacity_points: Option<i64>,
    /// Cases held.
    pub case_count: i64,
    /// Share of the tightest cap, in per cent.
    pub percent: Option<i64>,
    /// Appeals that come from another officer.
    pub inherited_appeal_count: i64,
    /// Cases that come from another officer with a due date that has passed.
    pub inherited_overdue_count: i64,
}

impl Figures {
    /// Added up over the parts of a team. O(cases + officers).
    pub(super) fn of(parts: &[(&Problem, &Allocation)]) -> Self {
        let sum = |of: fn(&Allocation) -> i64| parts.iter().map(|(_, allocation)| of(allocation)).sum::<i64>();
        let mut by_reason: BTreeMap<HoldingReason, i64> = BTreeMap::new();
        for (reason, count) in parts.iter().flat_map(|(_, allocation)| allocation.waiting_by_reason()) {
            *by_reason.entry(reason).or_default() += count;
        }
        let mut officers: Vec<OfficerFigures> =
            parts.iter().flat_map(|(problem, answer)| of_officers(problem, answer)).collect();
        officers.sort_by(|a, b| a.officer_id.cmp(&b.officer_id));
        Self {
            children_without_officer_count: sum(|allocation| allocation.totals.children_without_officer_count),
            more_children_at_most_count: sum(Allocation::more_children_at_most),
            child_count: sum(|allocation| allocation.totals.child_count),
            case_count: sum(|allocation| allocation.totals.case_count),
            waiting_count: sum(|allocation| allocation.totals.waiting_count),
            waiting_by_reason: by_reason.into_iter().collect(),
            officer_count: officers.len() as i64,
            handover_count: sum(|allocation| allocation.totals.handover_count),
            left_behind_count: sum(|allocation| {
                allocation.changes.iter().filter(|change| change.reason == ChangeReason::OfficerLeft).count() as i64
            }),
            deadlines_at_risk_count: parts.iter().map(|(problem, answer)| at_risk(problem, answer)).sum(),
            over_cap_officer_count: sum(|allocation| allocation.totals.over_cap_officer_count),
            officers,
            objective: sum(|allocation| allocation.evidence.objective),
            bound: sum(|allocation| allocation.evidence.bound),
        }
    }

    /// Share of the cap of the fullest officer and of the emptiest, in per cent; `None` = nobody has a cap.
    #[must_use]
    pub fn spread_percent(&self) -> Option<(i64, i64)> {
        let percents = || self.officers.iter().filter_map(|officer| officer.percent);
        percents().max().zip(percents().min())
    }

    /// Most cases that one officer holds.
    #[must_use]
    pub fn most_cases(&self) -> i64 {
        self.officers.iter().map(|officer| officer.case_count).max().unwrap_or(0)
    }

    /// Appeals, and cases past their due date, that come from another officer: of all officers, and the most of one.
    #[must_use]
    pub fn inherited(&self) -> [(i64, i64); 2] {
        let of = |count: fn(&OfficerFigures) -> i64| {
            (self.officers.iter().map(count).sum(), self.officers.iter().map(count).max().unwrap_or(0))
        };
        [of(|officer| officer.inherited_appeal_count), of(|officer| officer.inherited_overdue_count)]
    }
}

fn at_risk(problem: &Problem, allocation: &Allocation) -> i64 {
    let last = problem.backlog().as_at.saturating_add(AT_RISK_DAYS.days());
    allocation.holdings.iter().filter(|holding| holding.due_date.is_some_and(|due| due <= last)).count() as i64
}

fn of_officers(problem: &Problem, allocation: &Allocation) -> Vec<OfficerFigures> {
    let backlog = problem.backlog();
    let mut inherited: HashMap<&OfficerId, (i64, i64)> = HashMap::new();
    for change in allocation.changes.iter().filter(|change| change.from_officer_id.is_some()) {
        if let (Some(to), Some(case)) = (&change.to_officer_id, case_of(problem, &change.case_id)) {
            let (appeals, overdue) = inherited.entry(to).or_default();
            *appeals += i64::from(case.kind.as_ref().is_some_and(|kind| kind.as_str() == APPEAL));
            *overdue += i64::from(case.due_date.is_some_and(|due| due < backlog.as_at));
        }
    }
    let is_there = |officer_id: &OfficerId| {
        problem.officer_index(officer_id).is_some_and(|index| problem.service(index) != Service::Out)
    };
    let caseloads = allocation.caseloads.iter().filter(|caseload| is_there(&caseload.officer_id));
    caseloads
        .map(|caseload| {
            let (appeals, overdue) = inherited.get(&caseload.officer_id).copied().unwrap_or_default();
            OfficerFigures {
                officer_id: caseload.officer_id.clone(),
                load_points: caseload.load_points,
                capacity_points: caseload.capacity_points,
                case_count: caseload.case_count,
                percent: caseload.percent(),
                inherited_appeal_count: appeals,
                inherited_overdue_count: overdue,
            }
        })
        .collect()
}

fn case_of<'p>(problem: &'p Problem, case_id: &CaseId) -> Option<&'p Case> {
    problem.case_index(case_id).map(|index| &problem.backlog().cases[index.get()])
}

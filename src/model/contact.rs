//! Whom a family turns to.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    backlog::Case,
    units::{CaseId, ChildId},
};

/// The kind of case whose officer a family knows best.
const PLAN: &str = "plan";

/// Whether each case is its child's named contact: of a child's cases the plan, else the one whose first event is oldest, else
/// the lowest id. A case without a child token is a child of its own. O(cases).
#[must_use]
pub fn named_contacts(cases: &[Case]) -> Vec<bool> {
    let mut first: HashMap<&ChildId, usize> = HashMap::new();
    for (position, case) in cases.iter().enumerate() {
        if let Some(child) = &case.child_id {
            let known = first.entry(child).or_insert(position);
            if rank(case) < rank(&cases[*known]) {
                *known = position;
            }
        }
    }
    let is_contact = |(position, case): (usize, &Case)| {
        case.child_id.as_ref().is_none_or(|child| first.get(child) == Some(&position))
    };
    cases.iter().enumerate().map(is_contact).collect()
}

fn rank(case: &Case) -> (bool, Date, &CaseId) {
    let is_other = case.kind.as_ref().is_none_or(|kind| kind.as_str() != PLAN);
    (is_other, case.events.iter().map(|event| event.date).min().unwrap_or(Date::MAX), &case.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_then_the_oldest_then_the_lowest_id() {
        let case = |id: &str, child: &str, kind: &str, event: &str| Case {
            child_id: (!child.is_empty()).then(|| child.into()),
            kind: (!kind.is_empty()).then(|| kind.into()),
            events: event.parse().into_iter().collect(),
            ..Case::new(id.into())
        };
        let cases = [
            case("a", "x", "appeal", "appeal-received:2024-01-01"),
            case("b", "x", "plan", "plan-made:2025-01-01"),
            case("c", "x", "plan", ""),
            case("d", "y", "complaint", "complaint-received:2025-02-01"),
            case("e", "y", "appeal", "appeal-received:2025-01-01"),
            case("f", "z", "", ""),
            case("g", "z", "", ""),
            case("h", "", "", ""),
        ];
        let named: Vec<&str> =
            cases.iter().zip(named_contacts(&cases)).filter(|(_, is)| *is).map(|(case, _)| case.id.as_str()).collect();
        assert_eq!(named, ["b", "e", "f", "h"]);
    }
}

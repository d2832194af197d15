//! Small teams for tests of questions.

use super::Given;
use crate::{
    model::{Backlog, Case, CaseId, Officer, OfficerId, Rules},
    statute::{Catalogue, Statute},
};

/// These on 1 September 2026, under the standard rules and England's catalogue.
pub(super) fn given(cases: Vec<Case>, officers: Vec<Officer>) -> Given {
    let as_at = "2026-09-01".parse().expect("a date");
    let statute = Statute::of(Catalogue::preset("send-england").expect("it is shipped"));
    let backlog = Backlog { as_at, cases, officers, supervisors: Vec::new(), pairs: None };
    Given { backlog, rules: Rules::standard(), statute }
}

/// `c1`, and so on.
pub(super) fn case(number: usize, weight: i64, skills: &[&str]) -> Case {
    Case {
        weight_points: Some(weight),
        skills: skills.iter().map(|&skill| skill.into()).collect(),
        ..Case::new(CaseId::new(format!("c{number}")))
    }
}

/// With a points cap, and without a case-count cap.
pub(super) fn officer(id: &str, points: i64, skills: &[&str]) -> Officer {
    Officer {
        capacity_points: Some(points),
        skills: skills.iter().map(|&skill| skill.into()).collect(),
        ..Officer::new(OfficerId::from(id))
    }
}

//! Who owns a case while it waits.

use std::collections::HashMap;

use crate::model::{Backlog, Case, Code, OfficerId, SupervisorId};

/// The supervisor of a case's area, else of its last officer, else the default one.
#[derive(Clone, Debug)]
pub struct Owners<'a> {
    of_area: HashMap<&'a Code, &'a SupervisorId>,
    of_officer: HashMap<&'a OfficerId, &'a SupervisorId>,
    default: Option<&'a SupervisorId>,
}

impl<'a> Owners<'a> {
    /// The owners of a backlog's cases. O(officers + areas of supervisors).
    #[must_use]
    pub fn new(backlog: &'a Backlog) -> Self {
        let of_area = backlog
            .supervisors
            .iter()
            .flat_map(|supervisor| supervisor.areas.iter().map(move |area| (area, &supervisor.id)))
            .collect();
        let of_officer = backlog
            .officers
            .iter()
            .filter_map(|officer| Some((&officer.id, officer.supervisor_id.as_ref()?)))
            .collect();
        let default = backlog.supervisors.iter().find(|supervisor| supervisor.areas.is_empty());
        Self { of_area, of_officer, default: default.map(|supervisor| &supervisor.id) }
    }

    /// The owner; `None` = the backlog names nobody.
    #[must_use]
    pub fn of(&self, case: &Case) -> Option<&'a SupervisorId> {
        let by_area = case.area.as_ref().and_then(|area| self.of_area.get(area).copied());
        let by_officer = || case.current_officer_id.as_ref().and_then(|id| self.of_officer.get(id).copied());
        by_area.or_else(by_officer).or(self.default)
    }
}

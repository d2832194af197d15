//! Reading a team's assignment: the version, and pages of caseloads and of the holding list. A version never changes,
//! so a place in one of its lists is a number.

use std::collections::{HashMap, HashSet};

use super::{
    Scheduler,
    error::{AllocateError, Kind},
    paging::{self, PageRequest, Place},
};
use crate::{
    model::{Allocation, CaseId, Caseload, Holding, OfficerId, SupervisorId},
    store::{AssignmentVersion, TeamId, Version},
};

/// Which entries of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Filters {
    /// Only this officer's.
    pub officer_id: Option<OfficerId>,
    /// Only this supervisor's.
    pub supervisor_id: Option<SupervisorId>,
    /// Only this case.
    pub case_id: Option<CaseId>,
}

/// Which page of which list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// The team.
    pub team_id: TeamId,
    /// The version; `None` = the one that is current when the first page is read.
    pub version: Option<Version>,
    /// Which entries.
    pub filters: Filters,
    /// Which page.
    pub page: PageRequest,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// The token of the next page; `None` = this is the last.
    pub next_token: Option<String>,
    /// The version that all pages are of.
    pub version: Option<Version>,
}

/// A caseload with its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseloadWithCases {
    /// The caseload.
    pub caseload: Caseload,
    /// Its cases, by id.
    pub case_ids: Vec<CaseId>,
}

impl Scheduler {
    /// A version of the team's assignment; `None` = the current one.
    ///
    /// # Errors
    /// [`AllocateError::NotFound`], and those of the store.
    pub async fn assignment(
        &self,
        team_id: &TeamId,
        version: Option<Version>,
    ) -> Result<AssignmentVersion, AllocateError> {
        match version {
            Some(version) => self.version(team_id, version).await,
            None => {
                let current = self.store.current(team_id).await?;
                current.ok_or_else(|| AllocateError::UnknownTeam { team_id: team_id.clone() })
            }
        }
    }

    /// A page of caseloads, by officer id.
    ///
    /// # Errors
    /// [`AllocateError::NotFound`], [`AllocateError::Invalid`] on the page token, and those of the store.
    pub async fn caseloads(&self, request: &ListRequest) -> Result<Page<CaseloadWithCases>, AllocateError> {
        self.page("caseloads", request, |allocation, filters| {
            let holder = filters.case_id.as_ref().map(|case_id| {
                allocation.held.iter().find(|held| held.case_id == *case_id).map(|held| &held.officer_id)
            });
            let is_wanted = |caseload: &&Caseload| {
                is_or_any(filters.officer_id.as_ref(), Some(&caseload.officer_id))
                    && is_or_any(filters.supervisor_id.as_ref(), caseload.supervisor_id.as_ref())
                    && holder.is_none_or(|holder| holder == Some(&caseload.officer_id))
            };
            allocation.caseloads.iter().filter(is_wanted).collect()
        })
        .await
        .map(|(page, assignment)| {
            let wanted: HashSet<&OfficerId> = page.entries.iter().map(|caseload| &caseload.officer_id).collect();
            let mut case_ids: HashMap<&OfficerId, Vec<CaseId>> = HashMap::new();
            for held in assignment.allocation.held.iter().filter(|held| wanted.contains(&held.officer_id)) {
                case_ids.entry(&held.officer_id).or_default().push(held.case_id.clone());
            }
            let with_cases = |caseload: &Caseload| CaseloadWithCases {
                case_ids: case_ids.remove(&caseload.officer_id).unwrap_or_default(),
                caseload: caseload.clone(),
            };
            let entries = page.entries.iter().map(with_cases).collect();
            Page { entries, next_token: page.next_token.clone(), version: page.version }
        })
    }

    /// A page of the holding list, by case id.
    ///
    /// # Errors
    /// [`AllocateError::NotFound`], [`AllocateError::Invalid`] on the page token, and those of the store.
    pub async fn holdings(&self, request: &ListRequest) -> Result<Page<Holding>, AllocateError> {
        let found = self.page("holdings", request, |allocation, filters| {
            let from_officer: Option<HashSet<&CaseId>> = filters.officer_id.as_ref().map(|officer_id| {
                let left =
                    allocation.changes.iter().filter(|change| change.from_officer_id.as_ref() == Some(officer_id));
                left.map(|change| &change.case_id).collect()
            });
            let is_wanted = |holding: &&Holding| {
                is_or_any(filters.case_id.as_ref(), Some(&holding.case_id))
                    && is_or_any(filters.supervisor_id.as_ref(), holding.supervisor_id.as_ref())
                    && from_officer.as_ref().is_none_or(|cases| cases.contains(&holding.case_id))
            };
            allocation.holdings.iter().filter(is_wanted).collect()
        });
        Ok(found.await?.0)
    }

    pub(super) async fn version(&self, team_id: &TeamId, version: Version) -> Result<AssignmentVersion, AllocateError> {
        let found = self.store.version(team_id, version).await?;
        found.ok_or_else(|| AllocateError::not_found(Kind::Version, &version, team_id))
    }

    async fn page<T: Clone>(
        &self,
        list: &str,
        request: &ListRequest,
        select: impl for<'a> FnOnce(&'a Allocation, &Filters) -> Vec<&'a T>,
    ) -> Result<(Page<T>, AssignmentVersion), AllocateError> {
        let ListRequest { team_id, version, filters, page } = request;
        let bound_to = (list, team_id.as_str(), version, filters);
        let place = paging::place(&page.token, &bound_to)?;
        let (version, start) = match &place {
            None => (*version, 0),
            Some(place) => (place.version, place.position.parse().map_err(|_| paging::foreign_position())?),
        };
        let assignment = self.assignment(team_id, version).await?;
        check_known(&assignment, filters)?;
        let selected = select(&assignment.allocation, filters);
        let rest = selected.get(start..).unwrap_or_default();
        let entries: Vec<T> = rest.iter().take(page.size).map(|&entry| entry.clone()).collect();
        let version = Some(assignment.version());
        let next_token = (rest.len() > entries.len()).then(|| {
            let place = Place { version, position: (start + entries.len()).to_string() };
            paging::token(&place, &bound_to)
        });
        Ok((Page { entries, next_token, version }, assignment))
    }
}

fn is_or_any<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
    wanted.is_none_or(|wanted| found == Some(wanted))
}

/// A filter that names nothing this version knows is a mistake, not an empty list.
fn check_known(assignment: &AssignmentVersion, filters: &Filters) -> Result<(), AllocateError> {
    let Allocation { held, holdings, caseloads, supervisors, changes, .. } = &*assignment.allocation;
    let unknown = |kind, name: &dyn std::fmt::Display| Err(AllocateError::not_found(kind, name, &assignment.team_id));
    if let Some(officer_id) = &filters.officer_id
        && !caseloads.iter().any(|caseload| caseload.officer_id == *officer_id)
        && !changes.iter().any(|change| change.from_officer_id.as_ref() == Some(officer_id))
    {
        return unknown(Kind::Officer, officer_id);
    }
    if let Some(supervisor_id) = &filters.supervisor_id
        && !supervisors.iter().any(|entry| entry.supervisor_id == *supervisor_id)
        && !caseloads.iter().any(|caseload| caseload.supervisor_id.as_ref() == Some(supervisor_id))
    {
        return unknown(Kind::Supervisor, supervisor_id);
    }
    if let Some(case_id) = &filters.case_id
        && !held.iter().any(|held| held.case_id == *case_id)
        && !holdings.iter().any(|holding| holding.case_id == *case_id)
    {
        return unknown(Kind::Case, case_id);
    }
    Ok(())
}

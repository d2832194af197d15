//! How a team stands on a day: from its current assignment and the versions that are kept.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{ToSpan as _, civil::Date};

use super::{Scheduler, error::AllocateError};
use crate::{
    model::{Allocation, CaseId, Caseload, HoldingReason, OfficerId, SupervisorHoldings},
    store::{AssignmentVersion, TeamId, Version},
};

/// Months of the trend, the present one included.
const TREND_MONTHS: usize = 12;
/// Versions that are looked at, whatever is kept.
const VERSIONS_MAX: usize = 1_000;
/// Days ahead in which a due date is shown as near.
const DUE_SOON_DAYS: i64 = 28;
/// Above this share of the cap for so many days, a caseload is excessive.
const EXCESSIVE_PERCENT: i64 = 110;
const EXCESSIVE_DAYS: i64 = 28;
/// Weeks at which the bands of the time waited begin.
const AGE_WEEKS: [i64; 5] = [0, 1, 4, 12, 20];

/// How a team stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamStatus {
    /// The team.
    pub team_id: TeamId,
    /// The version that is current.
    pub version: Version,
    /// The day for which that version was made.
    pub allocated_as_at: Date,
    /// The day on which the team is looked at.
    pub as_at: Date,
    /// Children with at least one case on the holding list.
    pub children_without_officer_count: i64,
    /// Children the cases are about.
    pub child_count: i64,
    /// Open cases.
    pub case_count: i64,
    /// Waiting cases by reason, reasons without any left out.
    pub reasons: Vec<(HoldingReason, i64)>,
    /// Waiting cases by time waited: the weeks from which a band counts, and how many are in it.
    pub ages: Vec<(i64, i64)>,
    /// Waiting cases by supervisor.
    pub supervisors: Vec<SupervisorHoldings>,
    /// Waiting cases that a supervisor should have looked at before the day.
    pub overdue_checks: Vec<CaseId>,
    /// Waiting cases whose longest stay ended before the day.
    pub stays_run_out: Vec<CaseId>,
    /// Cases whose nearest due date is before the day.
    pub missed: Due,
    /// Cases whose nearest due date is within 4 weeks.
    pub due_soon: Due,
    /// Cases without a due date, which count as due today.
    pub undated: Vec<CaseId>,
    /// Officers above a cap, or without capacity and with cases, the fullest first.
    pub over: Vec<Caseload>,
    /// Officers above 110 % in every version of the last 4 weeks; `None` = what is kept does not reach back so far.
    pub excessive: Option<Vec<OfficerId>>,
    /// The day of the oldest version looked at.
    pub known_since: Date,
    /// The last version of each month, the newest first; months without any are left out.
    pub trend: Vec<MonthEnd>,
}

/// Cases by whether somebody holds them, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// With an officer.
    pub held: Vec<CaseId>,
    /// On the holding list.
    pub waiting: Vec<CaseId>,
}

/// Figures of the last version of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthEnd {
    /// The day for which it was made.
    pub as_at: Date,
    /// Children with at least one case on the holding list.
    pub children_without_officer_count: i64,
    /// Open cases.
    pub case_count: i64,
    /// Waiting cases.
    pub waiting_count: i64,
    /// Cases whose nearest due date was past.
    pub missed_count: i64,
    /// Officers above a cap.
    pub over_cap_officer_count: i64,
}

/// What is remembered of a version: not its cases.
struct Past {
    figures: MonthEnd,
    /// Officers above the share that is excessive.
    heavy: HashSet<OfficerId>,
}

impl Scheduler {
    /// How the team stands on that day; `None` = the day for which the current version was made. Reads the kept versions of the
    /// last 12 months, one after the other.
    ///
    /// # Errors
    /// [`AllocateError::UnknownTeam`], and those of the store.
    pub async fn team_status(&self, team_id: &TeamId, as_at: Option<Date>) -> Result<TeamStatus, AllocateError> {
        let current = self.assignment(team_id, None).await?;
        let as_at = as_at.unwrap_or(current.allocation.as_at);
        let mut history = vec![past(&current.allocation)];
        let oldest = first_of_month(as_at).saturating_sub((TREND_MONTHS as i64 - 1).months());
        let mut parent = current.parent;
        while let Some(version) = parent.filter(|_| history.len() < VERSIONS_MAX) {
            // Older ones are not kept.
            let Some(found) = self.store.version(team_id, version).await? else { break };
            history.push(past(&found.allocation));
            if found.allocation.as_at < oldest {
                break;
            }
            parent = found.parent;
        }
        Ok(status(&current, &history, as_at))
    }
}

fn first_of_month(day: Date) -> Date {
    day.first_of_month()
}

fn past(allocation: &Allocation) -> Past {
    let as_at = allocation.as_at;
    let due_dates = allocation.held.iter().map(|held| held.due_date);
    let due_dates = due_dates.chain(allocation.holdings.iter().map(|holding| holding.due_date));
    let heavy = allocation.caseloads.iter().filter(|caseload| is_heavy(caseload));
    Past {
        figures: MonthEnd {
            as_at,
            children_without_officer_count: allocation.totals.children_without_officer_count,
            case_count: allocation.totals.case_count,
            waiting_count: allocation.totals.waiting_count,
            missed_count: due_dates.flatten().filter(|due| *due < as_at).count() as i64,
            over_cap_officer_count: allocation.totals.over_cap_officer_count,
        },
        heavy: heavy.map(|caseload| caseload.officer_id.clone()).collect(),
    }
}

fn is_heavy(caseload: &Caseload) -> bool {
    caseload.percent().is_some_and(|percent| percent > EXCESSIVE_PERCENT)
}

/// From the current version and what is remembered of it and those before, the newest first.
fn status(current: &AssignmentVersion, history: &[Past], as_at: Date) -> TeamStatus {
    let allocation = &*current.allocation;
    let mut over: Vec<Caseload> = allocation.caseloads.iter().filter(|caseload| caseload.over).cloned().collect();
    over.sort_by_key(|caseload| (std::cmp::Reverse(caseload.percent()), caseload.officer_id.clone()));
    let overdue = |is: &dyn Fn(&crate::model::Holding) -> bool| -> Vec<CaseId> {
        allocation.holdings.iter().filter(|holding| is(holding)).map(|holding| holding.case_id.clone()).collect()
    };
    let soon = as_at.saturating_add(DUE_SOON_DAYS.days());
    let undated = due(allocation, |day| day.is_none());
    let mut undated = [undated.held, undated.waiting].concat();
    undated.sort();
    TeamStatus {
        team_id: current.team_id.clone(),
        version: current.version(),
        allocated_as_at: allocation.as_at,
        as_at,
        children_without_officer_count: allocation.totals.children_without_officer_count,
        child_count: allocation.totals.child_count,
        case_count: allocation.totals.case_count,
        reasons: allocation.waiting_by_reason(),
        ages: ages(allocation, as_at),
        supervisors: allocation.supervisors.clone(),
        overdue_checks: overdue(&|holding| holding.check_by < as_at),
        stays_run_out: overdue(&|holding| holding.longest_stay_until < as_at),
        missed: due(allocation, |day| day.is_some_and(|day| day < as_at)),
        due_soon: due(allocation, |day| day.is_some_and(|day| as_at <= day && day <= soon)),
        undated,
        over,
        excessive: excessive(allocation, history, as_at),
        known_since: history.iter().map(|past| past.figures.as_at).min().unwrap_or(allocation.as_at),
        trend: trend(history),
    }
}

fn due(allocation: &Allocation, is: impl Fn(Option<Date>) -> bool) -> Due {
    let held = allocation.held.iter().filter(|held| is(held.due_date)).map(|held| held.case_id.clone());
    let waiting = allocation.holdings.iter().filter(|holding| is(holding.due_date));
    Due { held: held.collect(), waiting: waiting.map(|holding| holding.case_id.clone()).collect() }
}

fn ages(allocation: &Allocation, as_at: Date) -> Vec<(i64, i64)> {
    let mut counts: BTreeMap<i64, i64> = AGE_WEEKS.into_iter().map(|weeks| (weeks, 0)).collect();
    for holding in &allocation.holdings {
        let has_waited = |weeks: &&i64| holding.waiting_since.saturating_add(weeks.weeks()) <= as_at;
        let band = AGE_WEEKS.iter().rfind(has_waited).unwrap_or(&AGE_WEEKS[0]);
        *counts.entry(*band).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// Who is above the share now and was in every version that was current at some time of the last days: those made within them, and
/// the newest made before.
fn excessive(allocation: &Allocation, history: &[Past], as_at: Date) -> Option<Vec<OfficerId>> {
    let begin = as_at.saturating_sub(EXCESSIVE_DAYS.days());
    let before = history.iter().position(|past| past.figures.as_at <= begin)?;
    let was_always = |officer: &OfficerId| history[..=before].iter().all(|past| past.heavy.contains(officer));
    let officers =
        allocation.caseloads.iter().filter(|caseload| is_heavy(caseload)).map(|caseload| &caseload.officer_id);
    Some(officers.filter(|officer| was_always(officer)).cloned().collect())
}

fn trend(history: &[Past]) -> Vec<MonthEnd> {
    let mut months: HashMap<Date, ()> = HashMap::new();
    let mut trend: Vec<MonthEnd> = Vec::new();
    for past in history {
        if months.insert(first_of_month(past.figures.as_at), ()).is_none() {
            trend.push(past.figures.clone());
        }
    }
    trend.truncate(TREND_MONTHS);
    trend
}

#[cfg(test)]
mod tests;

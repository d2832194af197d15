//! Who takes whom in which week: nobody can take on 180 unknown children on one Monday.
//!
//! Over W weeks an officer can take W times the intake limit. So the weeks that are needed are the smallest W for which an allocation under W
//! times the limits leaves no more cases waiting than one without the limits: searched for from the lower bound on. Then every officer takes
//! the most urgent of their new cases first, as many a week as the limit lets them.
//!
//! **Lower bound.** However cases are given out: what has to be taken on, over what all officers together can take a week; and the same for
//! the cases that only some officers may take, over those officers, less as many as may wait in the end. Where the count bound of a search
//! proves that W weeks leave more children waiting than cases may, it is W + 1.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{ToSpan as _, civil::Date};

use super::{
    Given,
    refused::{BadEntry, Unanswerable},
};
use crate::{
    model::{
        Allocation, CAPACITY_POINTS_MAX, COUNT_MAX, CaseId, CaseIndex, INTAKE_DAYS, Officer, OfficerId, Problem,
        Service, UnitIndex, capacity_on, service_on,
    },
    solve::{Budget, Options, Progress, Start, solve},
};

/// Highest number of new cases a week.
pub const INTAKE_MAX: i64 = 10_000;
/// Most searches for the number of weeks, besides the one without limits.
const SEARCHES_MAX: usize = 10;
/// Most different sets of officers that the bound looks at.
const GROUPS_MAX: usize = 500;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaveOptions {
    /// New cases that each officer can take a week, `1..=10_000`; `None` = each officer's own intake limit.
    pub intake_limit: Option<i64>,
    /// Caps on points and cases do not count, but for officers without capacity: what intake alone would allow.
    pub without_caps: bool,
}

/// A case that an officer takes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The week, from 0.
    pub week: usize,
    /// The case.
    pub case_id: CaseId,
    /// Its new officer.
    pub officer_id: OfficerId,
    /// Until then an officer who stays holds it: it does not wait.
    pub is_held_until_then: bool,
}

/// A week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wave {
    /// Its first day.
    pub begin: Date,
    /// Cases taken on in it.
    pub taken_count: i64,
    /// Cases without an officer at its end.
    pub waiting_count: i64,
    /// Children with at least one of them.
    pub children_without_officer_count: i64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waves {
    /// The day of the backlog.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Seed of the searches.
    pub seed: u64,
    /// Cases without an officer today, and children with at least one of them.
    pub waiting_before_count: i64,
    /// Children of it.
    pub children_before_count: i64,
    /// Children that the cases are about.
    pub child_count: i64,
    /// The weeks that are needed, one after the other.
    pub weeks: Vec<Wave>,
    /// Cases that are taken on, by week, then the most urgent first.
    pub taken: Vec<Taken>,
    /// Cases that get no officer: they stay on the holding list.
    pub never: Vec<CaseId>,
    /// Children with at least one of them.
    pub never_child_count: i64,
    /// At most so many more children could have an officer under the rules as entered, however long it takes: proved.
    pub more_children_at_most_count: i64,
    /// No allocation that leaves no more cases waiting is taken on in fewer weeks.
    pub week_count_at_least: i64,
    /// Searches that were made.
    pub search_count: i64,
    /// What the reader should know.
    pub notes: Vec<String>,
}

impl Waves {
    /// Weeks beyond the lower bound: 0 = nobody could be quicker.
    #[must_use]
    pub fn gap_weeks(&self) -> i64 {
        self.weeks.len() as i64 - self.week_count_at_least
    }
}

/// Searches for the fewest weeks. Each search has the budget's steps, the first half of its time and all others together the rest.
///
/// # Errors
/// [`Unanswerable`].
pub fn waves(
    given: &Given,
    wanted: &WaveOptions,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<Waves, Unanswerable> {
    let intake = intake(given, wanted)?;
    let lifted = lift(given, wanted, &intake);
    let problem = lifted.problem()?;
    let unlimited = solve(&problem, options, &budget.share(2), progress)?;
    let limits = Weekly::of(&problem, given, &intake);
    let may_wait = unlimited.totals.waiting_count;
    let more_children_at_most_count = unlimited.more_children_at_most();
    let mut at_least = limits.weeks_at_least(&problem, &unlimited);
    // Where only handovers are new to officers, no week is needed, and one is.
    let (mut low, mut high) = (at_least.max(1), limits.weeks_of(&problem, &unlimited));
    let (mut search_count, mut next, mut stride) = (1, low, 1);
    let mut best = unlimited;
    let mut near: Option<Allocation> = None;
    // Once the time is up a search is only what makes the answer before it fit, which is soon done.
    let is_interrupted = || budget.is_stopped() && !budget.is_out_of_time();
    while low < high && search_count <= SEARCHES_MAX && !is_interrupted() {
        let limited = limited(&lifted, &problem, &limits, next).problem()?;
        let start = near.as_ref().or(Some(&best).filter(|_| budget.is_stopped()));
        let start = start.map(|start| Arc::new(Start::of(&limited, start)));
        let found = solve(&limited, &Options { start, ..options.clone() }, budget, progress)?;
        search_count += 1;
        let weeks = limits.weeks_of(&problem, &found);
        if found.totals.waiting_count <= may_wait && weeks < high {
            high = weeks;
            best = found.clone();
        } else {
            // So many weeks are proved to be too few where more children would wait than cases may.
            if found.evidence.count_bound > may_wait {
                at_least = at_least.max(next + 1);
            }
            low = next + 1;
        }
        near = Some(found);
        next = (low + stride - 1).min(low + (high - low) / 2);
        stride *= 2;
    }
    let known = Known { more_children_at_most_count, at_least, search_count: search_count as i64, seed: options.seed };
    Ok(limits.answer(given, wanted, &problem, &best, known))
}

struct Known {
    more_children_at_most_count: i64,
    at_least: i64,
    search_count: i64,
    seed: u64,
}

/// New cases a week, for each officer of the backlog as sent.
fn intake(given: &Given, wanted: &WaveOptions) -> Result<Vec<i64>, Unanswerable> {
    let mut found = Vec::new();
    if let Some(limit) = wanted.intake_limit {
        BadEntry::unless_within(&mut found, "intake_limit", limit, 1..=INTAKE_MAX);
    }
    let as_at = given.backlog.as_at;
    let of = |(position, officer): (usize, &Officer)| {
        wanted.intake_limit.or(officer.intake_limit).unwrap_or_else(|| {
            if service_on(officer, as_at) == Service::In {
                let message = format!("is missing for officer {}; give it, or one intake limit for all", officer.id);
                found.push(BadEntry::new(format!("backlog.officers[{position}].intake_limit"), message));
            }
            0
        })
    };
    let intake: Vec<i64> = given.backlog.officers.iter().enumerate().map(of).collect();
    if found.is_empty() {
        Ok(intake.into_iter().map(|limit| limit.min(INTAKE_MAX)).collect())
    } else {
        Err(Unanswerable::Invalid(found))
    }
}

/// The question without intake limits.
fn lift(given: &Given, wanted: &WaveOptions, intake: &[i64]) -> Given {
    let mut given = given.clone();
    let (full_time, as_at) = (given.rules.full_time_capacity_points, given.backlog.as_at);
    for (officer, limit) in given.backlog.officers.iter_mut().zip(intake) {
        // Who can take nobody never can.
        officer.intake_limit = (*limit == 0).then_some(0);
        let by_hours = capacity_on(officer, full_time, as_at);
        if wanted.without_caps && officer.capacity_points.or(by_hours) != Some(0) {
            (officer.capacity_points, officer.max_case_count) = (Some(CAPACITY_POINTS_MAX), Some(COUNT_MAX));
            officer.fte_percent = None;
            officer.reductions.clear();
        }
    }
    given
}

/// The lifted question with intake limits of so many weeks, at least 1.
fn limited(lifted: &Given, problem: &Problem, weekly: &Weekly, weeks: i64) -> Given {
    let mut given = lifted.clone();
    for officer in &mut given.backlog.officers {
        if let Some(index) = problem.officer_index(&officer.id) {
            // The gate takes off again what was taken in the days before.
            let limit = weekly.until(index.get(), weeks - 1) + weekly.recent[index.get()];
            officer.intake_limit = Some(limit.min(COUNT_MAX));
        }
    }
    given
}

/// What officers can take, by their position in the problem.
struct Weekly {
    /// New cases a week.
    limits: Vec<i64>,
    /// Of the first week, those that were taken in the days before.
    recent: Vec<i64>,
}

impl Weekly {
    fn of(problem: &Problem, given: &Given, intake: &[i64]) -> Self {
        let backlog = problem.backlog();
        let mut limits = vec![0; backlog.officers.len()];
        for (officer, limit) in given.backlog.officers.iter().zip(intake) {
            if let Some(officer) = problem.officer_index(&officer.id) {
                limits[officer.get()] = *limit;
            }
        }
        let window = backlog.as_at.saturating_sub(INTAKE_DAYS.days());
        let mut recent: Vec<i64> = backlog
            .officers
            .iter()
            .map(|officer| officer.former_intake.iter().filter(|day| **day > window).count() as i64)
            .collect();
        for (position, case) in backlog.cases.iter().enumerate() {
            if let (Some(officer), Some(since)) = (problem.holder(CaseIndex::new(position)), case.held_since)
                && since > window
            {
                recent[officer.get()] += 1;
            }
        }
        Self { limits, recent }
    }

    /// New cases that an officer can take until the end of a week (from 0).
    fn until(&self, officer: usize, week: i64) -> i64 {
        (self.limits[officer] - self.recent[officer]).max(0) + self.limits[officer] * week
    }

    /// The weeks in which so many can be taken by these officers; `None` = never.
    fn weeks_for(&self, officers: &[usize], count: i64) -> Option<i64> {
        let until = |week: i64| officers.iter().map(|&officer| self.until(officer, week)).sum::<i64>();
        if count <= 0 {
            return Some(0);
        }
        let (first, each) = (until(0), until(1) - until(0));
        match (count <= first, each) {
            (true, _) => Some(1),
            (false, 0) => None,
            (false, each) => Some(1 + (count - first + each - 1) / each),
        }
    }

    /// The weeks that an allocation takes: those of the officer with the most new cases for the limit.
    fn weeks_of(&self, problem: &Problem, allocation: &Allocation) -> i64 {
        let mut counts = vec![0; self.limits.len()];
        for change in &allocation.changes {
            if let Some(officer) = change.to_officer_id.as_ref().and_then(|id| problem.officer_index(id)) {
                counts[officer.get()] += 1;
            }
        }
        let weeks = counts.iter().enumerate().map(|(officer, &count)| self.weeks_for(&[officer], count).unwrap_or(0));
        weeks.max().unwrap_or(0)
    }

    /// No allocation with no more cases waiting is taken on in fewer weeks.
    fn weeks_at_least(&self, problem: &Problem, allocation: &Allocation) -> i64 {
        let instance = problem.instance();
        let may_wait = allocation.totals.waiting_count;
        let everyone: Vec<usize> = (0..self.limits.len()).collect();
        // Of what has no officer who stays, all but what may wait has to be taken on by somebody.
        let mut of_set: BTreeMap<Vec<usize>, i64> = BTreeMap::new();
        let mut homeless = 0;
        for unit in instance.unit_indices().filter(|&unit| is_homeless(problem, unit)) {
            let officers = instance.pairs(unit).map(|pair| pair.officer.get()).collect();
            let count = i64::from(instance.unit(unit).case_count);
            *of_set.entry(officers).or_default() += count;
            homeless += count;
        }
        let mut weeks = self.weeks_for(&everyone, homeless - may_wait).unwrap_or(0);
        for officers in of_set.keys().take(GROUPS_MAX) {
            let inside = |set: &[usize]| set.iter().all(|officer| officers.binary_search(officer).is_ok());
            let count: i64 = of_set.iter().filter(|(set, _)| inside(set)).map(|(_, count)| count).sum();
            weeks = weeks.max(self.weeks_for(officers, count - may_wait).unwrap_or(0));
        }
        weeks
    }

    fn answer(&self, given: &Given, wanted: &WaveOptions, problem: &Problem, best: &Allocation, known: Known) -> Waves {
        let urgency = Urgency::of(problem);
        let children = Children::new(problem);
        let mut taken: Vec<Taken> = Vec::new();
        let mut rank_of_officer: Vec<i64> = vec![0; self.limits.len()];
        let mut moves: Vec<_> = best
            .changes
            .iter()
            .filter_map(|change| Some((urgency.rank(problem, &change.case_id), change, change.to_officer_id.as_ref()?)))
            .collect();
        moves.sort_by(|a, b| (a.0, &a.1.case_id).cmp(&(b.0, &b.1.case_id)));
        for (_, change, officer_id) in moves {
            let Some(officer) = problem.officer_index(officer_id).map(|index| index.get()) else { continue };
            rank_of_officer[officer] += 1;
            let week = self.weeks_for(&[officer], rank_of_officer[officer]).map_or(0, |weeks| weeks - 1);
            let is_held_until_then =
                problem.case_index(&change.case_id).is_some_and(|case| problem.holder(case).is_some());
            taken.push(Taken {
                week: usize::try_from(week).expect("weeks are counted from 0"),
                case_id: change.case_id.clone(),
                officer_id: officer_id.clone(),
                is_held_until_then,
            });
        }
        // Stable: within a week the most urgent stay first.
        taken.sort_by_key(|taken| taken.week);
        let never: Vec<CaseId> = best.holdings.iter().map(|holding| holding.case_id.clone()).collect();
        let mut waiting_of_child: BTreeMap<&str, i64> = BTreeMap::new();
        let mut waiting_count = 0;
        let waits_today = taken.iter().filter(|taken| !taken.is_held_until_then).map(|taken| &taken.case_id);
        for case_id in never.iter().chain(waits_today) {
            *waiting_of_child.entry(children.of(case_id)).or_default() += 1;
            waiting_count += 1;
        }
        let (waiting_before_count, children_before_count) = (waiting_count, waiting_of_child.len() as i64);
        let as_at = problem.backlog().as_at;
        let week_count = taken.last().map_or(0, |last| last.week + 1);
        let mut weeks = Vec::with_capacity(week_count);
        for week in 0..week_count {
            let from = taken.partition_point(|taken| taken.week < week);
            let until = taken.partition_point(|taken| taken.week <= week);
            for taken in taken[from..until].iter().filter(|taken| !taken.is_held_until_then) {
                waiting_count -= 1;
                let child = children.of(&taken.case_id);
                match waiting_of_child.get_mut(child) {
                    Some(count) if *count > 1 => *count -= 1,
                    _ => drop(waiting_of_child.remove(child)),
                }
            }
            weeks.push(Wave {
                begin: as_at.saturating_add((week as i64).weeks()),
                taken_count: (until - from) as i64,
                waiting_count,
                children_without_officer_count: waiting_of_child.len() as i64,
            });
        }
        // What is left waits for ever.
        let never_child_count = waiting_of_child.len() as i64;
        let mut notes = Vec::new();
        if wanted.without_caps {
            notes.push("Caps on points and cases were left out, as asked: officers end above them.".to_owned());
        }
        let held = taken.iter().filter(|taken| taken.is_held_until_then).count();
        if held > 0 {
            notes.push(format!("Of the cases taken on {held} have an officer today, who goes on until then."));
        }
        Waves {
            as_at,
            rules_version: given.rules.version.clone(),
            seed: known.seed,
            waiting_before_count,
            children_before_count,
            child_count: best.totals.child_count,
            weeks,
            taken,
            never_child_count,
            never,
            more_children_at_most_count: known.more_children_at_most_count,
            week_count_at_least: known.at_least,
            search_count: known.search_count,
            notes,
        }
    }
}

/// None of its cases has an officer who stays.
fn is_homeless(problem: &Problem, unit: UnitIndex) -> bool {
    problem.cases_of(unit).iter().all(|&case| problem.holder(case).is_none())
}

/// Which case comes first: as the problem gives room, the dearest to leave waiting per point.
struct Urgency {
    /// By case of the problem: rank, the most urgent lowest.
    ranks: Vec<(bool, i64)>,
}

impl Urgency {
    fn of(problem: &Problem) -> Self {
        let mut ranks = vec![(true, 0); problem.backlog().cases.len()];
        let instance = problem.instance();
        for unit in instance.unit_indices() {
            let weight = instance.pairs(unit).map(|pair| i64::from(pair.weight_points)).min().unwrap_or(1).max(1);
            let found = instance.unit(unit);
            for case in problem.cases_of(unit) {
                // Held today, it does not wait.
                ranks[case.get()] = (found.waiting_price.is_none(), -(found.waiting_price.unwrap_or(0) / weight));
            }
        }
        Self { ranks }
    }

    fn rank(&self, problem: &Problem, case: &CaseId) -> (bool, i64) {
        problem.case_index(case).map_or((true, 0), |case| self.ranks[case.get()])
    }
}

/// The child of each case.
struct Children<'a>(BTreeMap<&'a CaseId, &'a str>);

impl<'a> Children<'a> {
    fn new(problem: &'a Problem) -> Self {
        let child =
            |case: &'a crate::model::Case| case.child_id.as_ref().map_or(case.id.as_str(), |child| child.as_str());
        Self(problem.backlog().cases.iter().map(|case| (&case.id, child(case))).collect())
    }

    fn of(&self, case: &CaseId) -> &'a str {
        self.0.get(case).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;

//! Scenarios: named lists of adjustments to what is given, each allocated and compared with the baseline; never committed.
//!
//! Everything is checked before any is run. Each scenario is a search of its own, from the baseline's answer where it
//! fits, by one seed, and without threads of its own: so its answer does not depend on what runs beside it. Where a clock runs, the baseline
//! and every scenario have an equal share of its time; what one leaves is for those after it.
//!
//! **What is proved.** B is better than A if objective(B) < bound(A): no allocation of A costs so little. That is said only of the
//! same cases under the same rules, and where no price that both have is lower in B (an officer who leaves takes the price of
//! their handovers along, so it may look cheaper without them); that B is worse, by objective(A) < bound(B), only where none is
//! higher. Anything less is no proven difference.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::{
    Given,
    adjust::{Adjustment, adjusted},
    compare::Figures,
    refused::{BadEntry, Unanswerable},
};
use crate::{
    model::{Allocation, Backlog, Code, Instance, InvalidProblem, Problem},
    solve::{Budget, FaultyAnswer, Options, Start, in_parallel, solve},
};

/// Most scenarios that are compared at once.
pub const SCENARIOS_MAX: usize = 64;
/// Longest name of a scenario, in bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// A named list of adjustments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, for the reader.
    pub name: String,
    /// What is changed, one after the other; none = nothing.
    #[serde(default)]
    pub adjustments: Vec<Adjustment>,
    /// The team is split by areas, each part allocated by itself; none = it stays one. Every area in one part.
    #[serde(default)]
    pub split_by_areas: Vec<Vec<Code>>,
}

/// How a scenario stands to the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was changed.
    Same,
    /// Better than any allocation of the baseline can be.
    ProvenBetter,
    /// Worse than the baseline's allocation, whatever allocation it has.
    ProvenWorse,
    /// Neither is proved.
    NoProvenDifference,
    /// Other children or other prices: objectives do not compare.
    NotComparable,
}

/// What came of one scenario, or of the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// Its name.
    pub name: String,
    /// What it comes to.
    pub figures: Figures,
    /// Against the baseline.
    pub verdict: Verdict,
    /// The allocation; of a team that is split one of each part.
    pub allocations: Vec<Allocation>,
}

/// The baseline, and scenarios that can be run.
#[derive(Debug)]
pub struct Comparison<'g> {
    given: &'g Given,
    problem: Problem,
    scenarios: &'g [Scenario],
    seed: u64,
    baseline: Option<(Allocation, Figures)>,
}

impl<'g> Comparison<'g> {
    /// Checks everything; nothing is run yet. As much work as reading every scenario's backlog.
    ///
    /// # Errors
    /// What is wrong with the backlog; else what cannot be, by its path: `scenarios[2].adjustments[0].officer_away.officer_id`.
    pub fn new(given: &'g Given, scenarios: &'g [Scenario], seed: u64) -> Result<Self, Unanswerable> {
        let mut found = Vec::new();
        if scenarios.len() > SCENARIOS_MAX {
            let message = format!("are {}; at most {SCENARIOS_MAX} can be compared at once", scenarios.len());
            return Err(Unanswerable::Invalid(vec![BadEntry::new("scenarios", message)]));
        }
        let problem = given.problem()?;
        let mut names: HashMap<&str, usize> = HashMap::new();
        for (position, scenario) in scenarios.iter().enumerate() {
            let path = format!("scenarios[{position}]");
            if scenario.name.is_empty() || scenario.name.len() > NAME_BYTES_MAX {
                let message = format!("has {} bytes; 1 to {NAME_BYTES_MAX} are allowed", scenario.name.len());
                found.push(BadEntry::new(format!("{path}.name"), message));
            } else if let Some(first) = names.insert(&scenario.name, position) {
                let message = format!("is `{}`, as that of scenarios[{first}]; give each its own", scenario.name);
                found.push(BadEntry::new(format!("{path}.name"), message));
            }
            match parts(given, scenario, seed) {
                Ok(parts) => {
                    let problems = parts.iter().filter_map(|part| part.problem().err());
                    let path = format!("{path}.adjustments");
                    problems.for_each(|error| found.extend(in_backlog(&path, &error)));
                }
                Err(faults) => found.extend(faults.into_iter().map(|fault| fault.within(&path))),
            }
        }
        if found.is_empty() {
            Ok(Self { given, problem, scenarios, seed, baseline: None })
        } else {
            Err(Unanswerable::Invalid(found))
        }
    }

    /// The backlog with what the catalogue says of its cases.
    #[must_use]
    pub fn backlog(&self) -> &Backlog {
        self.problem.backlog()
    }

    /// Runs the baseline, then all scenarios side by side on the threads of the options, and tells of each as it is ready: of the baseline first,
    /// without a position. A scenario that fails does not lose the others; of a baseline that fails nothing can be compared. Where `tell` says
    /// that nobody hears of more, what has not begun is not begun.
    pub fn run_all(
        &mut self,
        options: &Options,
        budget: &Budget,
        tell: &(dyn Fn(Option<usize>, Result<Evaluated, FaultyAnswer>) -> bool + Sync),
    ) {
        let (count, threads) = (self.scenarios.len(), options.threads.max(1));
        let rounds = count.div_ceil(threads);
        let baseline = guarded(|| self.run_baseline(options, &budget.share(rounds + 1)));
        let is_there = baseline.is_ok();
        let is_heard = AtomicBool::new(tell(None, baseline) && is_there);
        let one = Options { threads: 1, ..options.clone() };
        in_parallel(threads, count, |at| {
            if is_heard.load(Ordering::Relaxed) {
                let result = guarded(|| self.run(at, &one, &budget.share(rounds - at / threads)));
                is_heard.fetch_and(tell(Some(at), result), Ordering::Relaxed);
            }
        });
    }

    /// Allocates what is given as it is. To be run first, by itself.
    ///
    /// # Errors
    /// [`FaultyAnswer`], a defect.
    pub fn run_baseline(&mut self, options: &Options, budget: &Budget) -> Result<Evaluated, FaultyAnswer> {
        let options = Options { seed: self.seed, ..options.clone() };
        let allocation = solve(&self.problem, &options, budget, &mut |_| ())?;
        let figures = Figures::of(&[(&self.problem, &allocation)]);
        self.baseline = Some((allocation.clone(), figures.clone()));
        Ok(Evaluated { name: "as it is".to_owned(), figures, verdict: Verdict::Same, allocations: vec![allocation] })
    }

    /// Allocates one scenario and compares it. Any number may run at once.
    ///
    /// # Errors
    /// [`FaultyAnswer`], a defect.
    ///
    /// # Panics
    /// Before [`Self::run_baseline`], or for a position that is no scenario.
    pub fn run(&self, position: usize, options: &Options, budget: &Budget) -> Result<Evaluated, FaultyAnswer> {
        let scenario = &self.scenarios[position];
        let (baseline, baseline_figures) = self.baseline.as_ref().expect("the baseline is run first");
        let parts = parts(self.given, scenario, self.seed).expect("checked before");
        if let [part] = &parts[..]
            && part == self.given
        {
            return Ok(Evaluated {
                name: scenario.name.clone(),
                figures: baseline_figures.clone(),
                verdict: Verdict::Same,
                allocations: vec![baseline.clone()],
            });
        }
        let mut solved: Vec<(Problem, Allocation)> = Vec::new();
        for part in &parts {
            let problem = part.problem().expect("checked before");
            let start = Some(Arc::new(Start::of(&problem, baseline)));
            let options = Options { seed: self.seed, threads: 1, start, ..options.clone() };
            let allocation = solve(&problem, &options, budget, &mut |_| ())?;
            solved.push((problem, allocation));
        }
        let of_parts: Vec<(&Problem, &Allocation)> = solved.iter().map(|(problem, answer)| (problem, answer)).collect();
        let figures = Figures::of(&of_parts);
        let prices = match (&parts[..], &solved[..]) {
            ([part], [(problem, _)]) if is_same_demand(part, self.given) => price_change(&self.problem, problem),
            _ => None,
        };
        let verdict = prices.map_or(Verdict::NotComparable, |prices| verdict(&figures, baseline_figures, prices));
        let allocations = solved.into_iter().map(|(_, allocation)| allocation).collect();
        Ok(Evaluated { name: scenario.name.clone(), figures, verdict, allocations })
    }
}

/// The same cases under the same rules: only officers differ. A handover limit is not a price.
fn is_same_demand(part: &Given, given: &Given) -> bool {
    let mut rules = part.rules.clone();
    rules.handover_limit = given.rules.handover_limit;
    part.backlog.cases == given.backlog.cases && rules == given.rules
}

/// How the prices of a scenario stand to those of the baseline, of what both have.
#[derive(Clone, Copy, Debug, Default)]
struct PriceChange {
    some_higher: bool,
    some_lower: bool,
}

/// `None` where the units are others. O(pairs).
fn price_change(before: &Problem, after: &Problem) -> Option<PriceChange> {
    let (old, new) = (before.instance(), after.instance());
    let is_same_unit = |unit| before.cases_of(unit) == after.cases_of(unit);
    if old.units().len() != new.units().len() || !old.unit_indices().all(is_same_unit) {
        return None;
    }
    let officers = &after.backlog().officers;
    let before_of: Vec<_> = officers.iter().map(|officer| before.officer_index(&officer.id)).collect();
    let mut change = PriceChange::default();
    for unit in new.unit_indices() {
        // Where a case must stay, waiting has no price that anything could pay.
        let waiting = |instance: &Instance| instance.unit(unit).waiting_price.unwrap_or(i64::MAX);
        let common = new.pairs(unit).filter_map(|pair| Some((pair, old.pair(unit, before_of[pair.officer.get()]?)?)));
        let prices = common.map(|(pair, of_old)| (of_old.cost, pair.cost));
        for (was, is) in prices.chain([(waiting(old), waiting(new))]) {
            change.some_higher |= is > was;
            change.some_lower |= is < was;
        }
    }
    Some(change)
}

fn verdict(figures: &Figures, baseline: &Figures, prices: PriceChange) -> Verdict {
    match prices {
        PriceChange { some_lower: false, .. } if figures.objective < baseline.bound => Verdict::ProvenBetter,
        PriceChange { some_higher: false, .. } if baseline.objective < figures.bound => Verdict::ProvenWorse,
        PriceChange { some_higher: true, some_lower: true } => Verdict::NotComparable,
        PriceChange { .. } => Verdict::NoProvenDifference,
    }
}

fn in_backlog<'e>(path: &'e str, error: &'e InvalidProblem) -> impl Iterator<Item = BadEntry> + 'e {
    let of =
        move |violation: &crate::model::Violation| BadEntry::new(path, format!("lead to a wrong backlog: {violation}"));
    error.violations.iter().map(of)
}

/// A panic is a defect of one search, and one answer less.
fn guarded<T>(work: impl FnOnce() -> Result<T, FaultyAnswer>) -> Result<T, FaultyAnswer> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(FaultyAnswer { faults: vec!["the solver panicked".to_owned()] }))
}

/// What would be given: one, or one for each part of a team that is split.
fn parts(given: &Given, scenario: &Scenario, seed: u64) -> Result<Vec<Given>, Vec<BadEntry>> {
    let given = adjusted(given, &scenario.adjustments, seed)?;
    if scenario.split_by_areas.is_empty() {
        return Ok(vec![given]);
    }
    let backlogs = split(&given.backlog, &scenario.split_by_areas)?;
    Ok(backlogs.into_iter().map(|backlog| Given { backlog, ..given.clone() }).collect())
}

/// Splits a team by areas: a case goes where its area is, an officer where the first of their areas is.
fn split(backlog: &Backlog, areas: &[Vec<Code>]) -> Result<Vec<Backlog>, Vec<BadEntry>> {
    let mut found = Vec::new();
    let mut part_of: HashMap<&Code, usize> = HashMap::new();
    for (part, areas) in areas.iter().enumerate() {
        for area in areas {
            if let Some(other) = part_of.insert(area, part) {
                let message = format!("has area {area} in part {other} and part {part}; give it once");
                found.push(BadEntry::new("split_by_areas", message));
            }
        }
    }
    let empty = || Backlog {
        as_at: backlog.as_at,
        cases: Vec::new(),
        officers: Vec::new(),
        supervisors: Vec::new(),
        pairs: backlog.pairs.as_ref().map(|_| Vec::new()),
    };
    let mut parts: Vec<Backlog> = areas.iter().map(|_| empty()).collect();
    let mut place = |what: String, area: Option<&Code>| {
        let part = area.and_then(|area| part_of.get(area)).copied();
        if part.is_none() {
            let area = area.map_or_else(|| "no area".to_owned(), |area| format!("area {area}"));
            found.push(BadEntry::new("split_by_areas", format!("leaves {what} with {area} in no part")));
        }
        part
    };
    let mut part_of_case = HashMap::new();
    for case in &backlog.cases {
        if let Some(part) = place(format!("case {}", case.id), case.area.as_ref()) {
            part_of_case.insert(&case.id, part);
            parts[part].cases.push(case.clone());
        }
    }
    for officer in &backlog.officers {
        if let Some(part) = place(format!("officer {}", officer.id), officer.areas.first()) {
            parts[part].officers.push(officer.clone());
        }
    }
    for pair in backlog.pairs.iter().flatten() {
        let part = part_of_case.get(&pair.case_id).map(|&part| &mut parts[part]);
        if let Some(part) = part.filter(|part| part.officers.iter().any(|officer| officer.id == pair.officer_id)) {
            part.pairs.get_or_insert_default().push(pair.clone());
        }
    }
    for (part, areas) in parts.iter_mut().zip(areas) {
        // Whoever supervises one of its areas, and the default supervisor of the whole.
        let is_of = |areas_of: &Vec<Code>| areas_of.is_empty() || areas_of.iter().any(|area| areas.contains(area));
        part.supervisors = backlog.supervisors.iter().filter(|supervisor| is_of(&supervisor.areas)).cloned().collect();
        let officer_ids: std::collections::HashSet<_> =
            part.officers.iter().map(|officer| officer.id.clone()).collect();
        for case in &mut part.cases {
            // Held by somebody of another part: there they are no more.
            case.current_officer_id = case.current_officer_id.take().filter(|id| officer_ids.contains(id));
            case.required_officer_id = case.required_officer_id.take().filter(|id| officer_ids.contains(id));
            case.barred_officer_ids.retain(|id| officer_ids.contains(id));
            case.pinned &= case.current_officer_id.is_some();
        }
        let supervisor_ids: std::collections::HashSet<_> =
            part.supervisors.iter().map(|supervisor| supervisor.id.clone()).collect();
        for officer in &mut part.officers {
            officer.supervisor_id = officer.supervisor_id.take().filter(|id| supervisor_ids.contains(id));
        }
        if part.cases.is_empty() || part.officers.is_empty() {
            let areas: Vec<&str> = areas.iter().map(Code::as_str).collect();
            let message = format!("leaves the part of {} without cases or without officers", areas.join(", "));
            found.push(BadEntry::new("split_by_areas", message));
        }
    }
    if found.is_empty() { Ok(parts) } else { Err(found) }
}

#[cfg(test)]
mod tests;

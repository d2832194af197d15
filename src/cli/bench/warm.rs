//! Starting from an earlier answer after a small change: how soon is there a proof again?

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::cli::exit::Failure;
use crate::cli::working::{TimeLimit, Working};
use crate::model::{Anchor, EligiblePair, Evidence, Instance, Limits, OfficerIndex, Unit};
use crate::solve::{Budget, Options, Start, solve_instance};

/// One change, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct WarmRecord {
    pub(super) change: String,
    /// Until the first answer with a proof of its own; of the unchanged problem until the end.
    pub(super) seconds: f64,
    /// At that time.
    pub(super) objective: i64,
    pub(super) bound: i64,
    pub(super) gap: f64,
    /// Units with another officer than before; told of the unchanged problem alone.
    pub(super) moved_count: Option<usize>,
}

impl WarmRecord {
    pub(super) const UNCHANGED: &'static str = "unchanged";

    /// Of a problem that is not the earlier one.
    pub(super) fn is_change(&self) -> bool {
        self.change != Self::UNCHANGED
    }
}

/// A changed problem, with the earlier answer as seen from it.
type Changed = (Instance, Start);
type Change = fn(&Instance, &Start) -> Changed;

/// The small changes, by what they are called.
const CHANGES: [(&str, Change); 3] =
    [("one new case", new_case), ("one officer gone", officer_gone), ("one cap down 10 %", cap_down)];

/// The unchanged problem, then three small changes. Changed problems are made outside the time.
pub(super) fn measure(
    instance: &Instance,
    earlier: &Start,
    options: &Options,
    limit: Duration,
    working: &Working,
) -> Result<Vec<WarmRecord>, Failure> {
    working.phase(WarmRecord::UNCHANGED);
    let mut records = vec![unchanged(instance, earlier, options, limit)?];
    for (change, make) in CHANGES {
        working.phase(change);
        let (instance, start) = make(instance, earlier);
        records.extend(changed(change, &instance, start, options)?);
    }
    Ok(records)
}

fn unchanged(instance: &Instance, earlier: &Start, options: &Options, limit: Duration) -> Result<WarmRecord, Failure> {
    let options = Options { start: Some(Arc::new(earlier.clone())), ..options.clone() };
    let budget = Budget::default();
    let time_limit = TimeLimit::start(limit, &budget);
    let begin = Instant::now();
    let (officers, evidence) =
        solve_instance(instance, &options, &budget, &mut |_| ()).map_err(|error| Failure::of_defect(&error))?;
    let seconds = begin.elapsed().as_secs_f64();
    drop(time_limit);
    let Evidence { objective, bound, .. } = evidence;
    Ok(WarmRecord {
        change: WarmRecord::UNCHANGED.to_owned(),
        seconds,
        objective,
        bound,
        gap: evidence.gap(),
        moved_count: Some(officers.iter().zip(&earlier.officers).filter(|(now, before)| now != before).count()),
    })
}

/// Solves until there is a proof, and no further. `None` only where the solver tells of nothing.
fn changed(change: &str, instance: &Instance, start: Start, options: &Options) -> Result<Option<WarmRecord>, Failure> {
    let options = Options { start: Some(Arc::new(start)), ..options.clone() };
    let budget = Budget::default();
    let mut first = None;
    let begin = Instant::now();
    solve_instance(instance, &options, &budget, &mut |progress| {
        first.get_or_insert_with(|| (begin.elapsed(), progress));
        budget.interrupt();
    })
    .map_err(|error| Failure::of_defect(&error))?;
    Ok(first.map(|(elapsed, progress)| {
        let (objective, bound) = (progress.objective, progress.bound);
        WarmRecord {
            change: change.to_owned(),
            seconds: elapsed.as_secs_f64(),
            objective,
            bound,
            gap: if objective == 0 { 0.0 } else { (objective - bound) as f64 / objective as f64 },
            moved_count: None,
        }
    }))
}

/// The problem again, with other limits, and units and pairs as `change` makes them.
fn again(instance: &Instance, limits: Vec<Limits>, change: &dyn Fn(&mut Unit, &mut Vec<EligiblePair>)) -> Instance {
    let mut made = Instance::new(limits, instance.handover_limit());
    let mut pairs = Vec::new();
    for index in instance.unit_indices() {
        let mut unit = instance.unit(index).clone();
        pairs.clear();
        pairs.extend(instance.pairs(index));
        change(&mut unit, &mut pairs);
        made.push(unit, &pairs);
    }
    made
}

/// A case much like the first one without an officer comes in.
fn new_case(instance: &Instance, earlier: &Start) -> Changed {
    let mut made = instance.clone();
    let like = instance.unit_indices().find(|&unit| instance.unit(unit).anchor == Anchor::None);
    if let Some(like) = like.or_else(|| instance.unit_indices().next()) {
        let (mut unit, mut pairs) = (instance.unit(like).clone(), instance.pairs(like).collect::<Vec<_>>());
        without_officer(&mut unit, &mut pairs, wait_per_point(instance));
        made.push(unit, &pairs);
    }
    let mut officers = earlier.officers.clone();
    officers.resize(made.units().len(), None);
    (made, Start { officers, evidence: earlier.evidence.clone(), is_same_problem: false })
}

/// The officer in the middle leaves. What a pair cost more because the case left them, it still does.
fn officer_gone(instance: &Instance, earlier: &Start) -> Changed {
    let leaver = OfficerIndex::new(instance.officer_count() / 2);
    let wait = wait_per_point(instance);
    let made = again(instance, instance.limits().to_vec(), &|unit, pairs| {
        pairs.retain(|pair| pair.officer != leaver);
        if unit.anchor.officer() == Some(leaver) {
            without_officer(unit, pairs, wait);
        }
    });
    let stays = |officer: &Option<OfficerIndex>| officer.filter(|&officer| officer != leaver);
    let officers = earlier.officers.iter().map(stays).collect();
    (made, Start { officers, evidence: earlier.evidence.clone(), is_same_problem: false })
}

/// The points cap of an officer in the middle is lowered: of the first whose caseload has to shrink for it, and may.
fn cap_down(instance: &Instance, earlier: &Start) -> Changed {
    let today: Vec<_> = instance.units().iter().map(|unit| unit.anchor.officer()).collect();
    let (kept, held) = (loads(instance, &today), loads(instance, &earlier.officers));
    let lower = |officer: usize| instance.limits()[officer].load_limit.map(|limit| limit - limit / 10);
    let bites = |officer: &usize| lower(*officer).is_some_and(|cap| kept[*officer] <= cap && cap < held[*officer]);
    let count = instance.officer_count();
    let officer = (count / 2..count).chain(0..count / 2).find(bites).unwrap_or(count / 2);
    let mut limits = instance.limits().to_vec();
    if let Some(cap) = lower(officer) {
        // Nobody is made to let go of what they hold today.
        limits[officer].load_limit = Some(cap.max(kept[officer]));
        limits[officer].capacity_points = Some(cap);
    }
    (again(instance, limits, &|_, _| ()), earlier.clone())
}

/// Points of each officer.
fn loads(instance: &Instance, officers: &[Option<OfficerIndex>]) -> Vec<i64> {
    let mut loads = vec![0; instance.officer_count()];
    for (unit, officer) in instance.unit_indices().zip(officers) {
        if let Some(pair) = officer.and_then(|officer| instance.pair(unit, officer)) {
            loads[pair.officer.get()] += i64::from(pair.weight_points);
        }
    }
    loads
}

/// Nobody holds it today: all of it is new to everyone, and it may wait, at this price a point if it has none yet.
fn without_officer(unit: &mut Unit, pairs: &mut [EligiblePair], wait_per_point: i64) {
    let points = pairs.iter().map(|pair| i64::from(pair.weight_points)).max().unwrap_or(1);
    unit.anchor = Anchor::None;
    unit.waiting_price.get_or_insert(points * wait_per_point);
    unit.release_count = 0;
    for pair in pairs {
        pair.new_case_count = unit.case_count;
        pair.handover_count = 0;
    }
}

/// What a point costs that waits, on average.
fn wait_per_point(instance: &Instance) -> i64 {
    let (mut price, mut points) = (0, 0);
    for index in instance.unit_indices() {
        let weight = instance.pairs(index).map(|pair| i64::from(pair.weight_points)).max();
        if let Some((wait, weight)) = instance.unit(index).waiting_price.zip(weight) {
            price += wait;
            points += weight;
        }
    }
    price.checked_div(points).unwrap_or(1_000)
}

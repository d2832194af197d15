//! Giving everything out to the present team and hires: by search, then with few changes of officer, then through the checker.

use std::collections::HashSet;
use std::sync::Arc;

use crate::{
    model::{Allocation, Backlog, Case, Evidence, Instance, Officer, OfficerId, OfficerIndex, Problem, UnitIndex},
    plan::{
        profile::{Profile, free_ids},
        refused::Unanswerable,
        room::{Caps, Rooms},
    },
    solve::{Budget, FaultyAnswer, Options, Progress, Start, solve, solve_instance},
};

/// What is to be given out, to whom, within which caps.
#[derive(Clone, Copy)]
pub(in crate::plan) struct Packing<'a> {
    pub(in crate::plan) rooms: &'a Rooms,
    /// Of each profile.
    pub(in crate::plan) hires: &'a [i64],
    /// Of every officer of the problem.
    pub(in crate::plan) caps: &'a [Caps],
    /// Units that are out of reach, one flag each.
    pub(in crate::plan) left_out: &'a [bool],
    /// What the covering model gives to whom, to start from: units of each class by option. May be empty.
    pub(in crate::plan) spread: &'a [Vec<i64>],
}

/// Who holds which unit. Officers are those of [`Rooms::instance`].
pub(in crate::plan) struct Packed {
    pub(in crate::plan) units: Vec<UnitIndex>,
    pub(in crate::plan) officers: Vec<Option<OfficerIndex>>,
    /// Units that nobody has room for.
    pub(in crate::plan) waiting: Vec<UnitIndex>,
    /// No way to give them out leaves fewer cases waiting: proved by prices.
    pub(in crate::plan) waiting_at_least: i64,
    /// Cases that change from one officer to another.
    pub(in crate::plan) change_count: i64,
    evidence: Evidence,
}

impl Packed {
    /// Cases and points that the hires of each profile hold.
    pub(super) fn held_by_profile(&self, rooms: &Rooms, hires: &[i64]) -> Vec<(i64, i64)> {
        let profile_of = hired_of(rooms, hires);
        let mut held = vec![(0, 0); hires.len()];
        for (&unit, officer) in self.units.iter().zip(&self.officers) {
            let Some(profile) = officer.and_then(|officer| profile_of[officer.get()]) else { continue };
            let cases = rooms.problem.cases_of(unit);
            held[profile].0 += cases.len() as i64;
            let pair = rooms.problem.instance().pair(unit, rooms.prototypes[profile]);
            held[profile].1 += i64::from(pair.expect("a hire may hold what its prototype may").weight_points);
        }
        held
    }
}

impl Packing<'_> {
    fn instance(self, count_changes: bool) -> (Instance, Vec<UnitIndex>) {
        self.rooms.instance(self.hires, self.caps, self.left_out, count_changes)
    }
}

/// The profile of every officer of [`Rooms::instance`]; `None` = of the present team.
fn hired_of(rooms: &Rooms, hires: &[i64]) -> Vec<Option<usize>> {
    let present = rooms.caps.len() - rooms.prototypes.len();
    let mut of = vec![None; present];
    for (profile, &count) in hires.iter().enumerate() {
        of.extend((0..count).map(|_| Some(profile)));
    }
    of
}

/// Gives everything out with few changes of officer; where that leaves somebody waiting, again where nothing counts but waiting, and then with
/// fewer changes from there.
pub(super) fn pack_with_few_changes(
    packing: Packing<'_>,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<Packed, Unanswerable> {
    let (instance, units) = packing.instance(true);
    let once = Options { start: None, ..options.clone() };
    let packed = searched(&instance, &units, &once, &budget.share(3), progress)?;
    if packed.waiting.is_empty() {
        return Ok(packed);
    }
    let whole = pack(packing, options, &budget.share(2), progress)?;
    if !whole.waiting.is_empty() {
        return Ok(whole);
    }
    let start = Start { officers: whole.officers.clone(), evidence: whole.evidence.clone(), is_same_problem: false };
    let from_there = Options { start: Some(Arc::new(start)), ..options.clone() };
    let better = searched(&instance, &units, &from_there, budget, progress)?;
    let changes = changes_of(&instance, &whole.officers);
    Ok(if better.waiting.is_empty() { better } else { Packed { change_count: changes, ..whole } })
}

/// Gives everything out where nothing costs anything but waiting, from what the covering model gives to whom: done as soon as nobody waits.
pub(in crate::plan) fn pack(
    packing: Packing<'_>,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<Packed, Unanswerable> {
    let (instance, units) = packing.instance(false);
    let near = packing.rooms.spread_out(packing.spread, packing.hires);
    let near: Vec<Option<OfficerIndex>> = units.iter().map(|unit| near[unit.get()]).collect();
    let start =
        near.iter().any(Option::is_some).then(|| Arc::new(Start::without_prices(near, instance.officer_count())));
    let options = Options { gap_limit: 0.0, start, ..options.clone() };
    let packed = searched(&instance, &units, &options, budget, progress)?;
    Ok(Packed { waiting_at_least: packed.evidence.price_bound, change_count: 0, ..packed })
}

fn searched(
    instance: &Instance,
    units: &[UnitIndex],
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<Packed, Unanswerable> {
    let (officers, evidence) = solve_instance(instance, options, budget, progress)?;
    let waiting = units.iter().zip(&officers).filter(|(_, officer)| officer.is_none()).map(|(&unit, _)| unit).collect();
    let change_count = changes_of(instance, &officers);
    Ok(Packed { units: units.to_vec(), waiting, waiting_at_least: 0, change_count, officers, evidence })
}

/// Cases that change officer: what pairs cost where changes count.
fn changes_of(instance: &Instance, officers: &[Option<OfficerIndex>]) -> i64 {
    let cost = |(unit, officer): (UnitIndex, &Option<OfficerIndex>)| {
        officer.and_then(|officer| instance.pair(unit, officer)).map_or(0, |pair| pair.cost)
    };
    instance.unit_indices().zip(officers).map(cost).sum()
}

/// An allocation that has passed the checker, and who was hired for it.
pub(in crate::plan) struct Tested {
    pub(in crate::plan) allocation: Allocation,
    pub(in crate::plan) hired: Vec<Officer>,
}

/// Everybody holds what was found, under the caps that are asked about, as an ordinary problem: nobody moves, and the independent checker says
/// who waits and who is above a cap.
pub(in crate::plan) fn put_to_the_test(
    packing: Packing<'_>,
    profiles: &[Profile],
    packed: &Packed,
    options: &Options,
) -> Result<Tested, Unanswerable> {
    let Packing { rooms, hires, caps, left_out, .. } = packing;
    let of_problem = rooms.problem.backlog();
    let capped = |position: usize| Officer {
        capacity_points: caps[position].points,
        max_case_count: caps[position].cases,
        former_intake: Vec::new(),
        ..of_problem.officers[position].clone()
    };
    let is_prototype = |position: usize| rooms.prototypes.contains(&OfficerIndex::new(position));
    let mut ids: Vec<OfficerId> = Vec::new();
    let mut officers = Vec::new();
    for (position, officer) in of_problem.officers.iter().enumerate().filter(|&(position, _)| !is_prototype(position)) {
        ids.push(officer.id.clone());
        officers.push(capped(position));
    }
    let mut hired = Vec::new();
    for (position, profile) in profiles.iter().enumerate() {
        let prototype = capped(rooms.prototypes[position].get());
        let present = Backlog { officers: officers.clone(), cases: Vec::new(), ..empty(of_problem) };
        let count = usize::try_from(hires[position]).expect("counts are 0 or more");
        hired.extend(free_ids(profile, &present).take(count).map(|id| Officer { id, ..prototype.clone() }));
    }
    ids.extend(hired.iter().map(|officer| officer.id.clone()));
    officers.extend(hired.iter().cloned());
    let mut cases = of_problem.cases.clone();
    for (&unit, officer) in packed.units.iter().zip(&packed.officers) {
        for &case in rooms.problem.cases_of(unit) {
            let case = &mut cases[case.get()];
            case.current_officer_id = officer.map(|officer| ids[officer.get()].clone());
            case.held_since = None;
        }
    }
    // What is out of reach is not in the test: nobody could hold it.
    let mut is_out = vec![false; cases.len()];
    for unit in (0..left_out.len()).filter(|&unit| left_out[unit]).map(UnitIndex::new) {
        rooms.problem.cases_of(unit).iter().for_each(|case| is_out[case.get()] = true);
    }
    let mut at = 0..;
    cases.retain(|_| !is_out[at.next().expect("it has no end")]);
    let backlog = Backlog { cases, officers, ..of_problem.clone() };
    let problem = Problem::new(backlog, rooms.problem.rules().clone())?;
    let options = Options { start: None, ..options.clone() };
    let allocation = solve(&problem, &options, &Budget::steps(0), &mut |_| ())?;
    let totals = &allocation.totals;
    if totals.waiting_count > 0 || totals.over_cap_officer_count > rooms.pinned_over().count() as i64 {
        let fault = format!(
            "{} cases wait and {} officers are above a cap in what the search of hires found",
            totals.waiting_count, totals.over_cap_officer_count
        );
        return Err(FaultyAnswer { faults: vec![fault] }.into());
    }
    Ok(Tested { allocation, hired })
}

fn empty(backlog: &Backlog) -> Backlog {
    Backlog { as_at: backlog.as_at, cases: Vec::new(), officers: Vec::new(), supervisors: Vec::new(), pairs: None }
}

/// Children that cases are about; a case without a child is one of its own.
pub(super) fn children(cases: &[Case]) -> i64 {
    let known: HashSet<_> = cases.iter().filter_map(|case| case.child_id.as_ref()).collect();
    (known.len() + cases.iter().filter(|case| case.child_id.is_none()).count()) as i64
}

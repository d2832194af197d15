//! Who could hold what under which caps: what the questions about room share (how many officers, which cap, why it does not fit).
//!
//! Caps are those to be kept, not those raised to what is kept today, as in a problem: the question is what it takes to be within them.
//! Today's holders may keep what they hold. How fast cases can be given out (intake and handover limits) is another question: see waves.

use std::collections::{BTreeMap, HashMap};

use jiff::{ToSpan as _, civil::Date};

use super::{
    Given,
    profile::{Profile, free_ids},
    refused::BadEntry,
};
use crate::{
    model::{
        Anchor, Backlog, COUNT_MAX, Case, Code, EligiblePair, Instance, InvalidProblem, Limits, OfficerId,
        OfficerIndex, Problem, Unit, UnitIndex,
    },
    solve::{Class, Cover, HUNDREDTHS, Holder, Room},
};

/// Weeks that are looked at for the heaviest.
const WEEKS: usize = 52;
/// Most pairs of a case and an officer in one allocation.
pub const PAIRS_MAX: i64 = 50_000_000;

/// Caps that are asked about, of a full-time officer; of one with fewer hours in proportion. `None` = each officer's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetCaps {
    /// Cases, `1..=1_000_000_000`.
    pub max_case_count: Option<i64>,
    /// Points caps do not count.
    pub without_points_cap: bool,
}

/// What of an officer's room is not there on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowances {
    /// Days of leave, sickness, training, in per cent, `0..=90`.
    pub leave_percent: i64,
    /// Posts that are vacant, in per cent, `0..=90`.
    pub vacancy_percent: i64,
    /// They count for the present team too, not for hires alone.
    pub for_all: bool,
}

impl Allowances {
    /// What is left of room, rounded down.
    pub(super) fn left_of(self, room: i64) -> i64 {
        room * (100 - self.leave_percent) * (100 - self.vacancy_percent) / 10_000
    }

    pub(super) fn faults(self, found: &mut Vec<BadEntry>) {
        BadEntry::unless_within(found, "leave_percent", self.leave_percent, 0..=90);
        BadEntry::unless_within(found, "vacancy_percent", self.vacancy_percent, 0..=90);
    }
}

/// Cases that are alike in what stands in the way, by area and skills.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseGroup {
    /// Their area; `None` = any.
    pub area: Option<Code>,
    /// The skills that they need.
    pub skills: Vec<Code>,
    /// How many.
    pub case_count: i64,
    /// Their points.
    pub points: i64,
}

/// Which caps a question counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// As the caps say.
    Both(TargetCaps),
    /// No case-count cap; points caps as they are, if they count.
    OnlyPoints { do_count: bool },
    /// No points cap; case-count caps as they are, if they count.
    OnlyCases { do_count: bool },
}

/// Units that are alike in who may hold them, with what weight.
#[derive(Clone, Debug)]
pub(super) struct Alike {
    pub(super) units: Vec<UnitIndex>,
    pub(super) case_count: i64,
    /// Officers of the problem, profiles' prototypes among them, who may hold one within their caps.
    pub(super) options: Vec<(OfficerIndex, i64)>,
}

/// Caps of an officer; `None` = none of that kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Caps {
    pub(super) points: Option<i64>,
    pub(super) cases: Option<i64>,
}

/// What an officer must hold: pinned cases.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pinned {
    pub(super) points: i64,
    pub(super) cases: i64,
}

/// All cases, the present team, and one prototype of each profile.
pub(super) struct Rooms {
    pub(super) problem: Problem,
    /// One an officer of the problem.
    pub(super) caps: Vec<Caps>,
    /// Hours of each officer in per cent of full time.
    pub(super) shares: Vec<i64>,
    pub(super) pinned: Vec<Pinned>,
    /// The prototype of each profile.
    pub(super) prototypes: Vec<OfficerIndex>,
    pub(super) alike: Vec<Alike>,
    /// Units that nobody could hold within the caps, whatever else they hold.
    pub(super) nobody: Vec<UnitIndex>,
    /// The week that is looked at; `None` = what cases weigh over the year.
    pub(super) peak_week: Option<Date>,
    /// Officers without a cap of their own, who have the rules' default.
    pub(super) assumed_count: i64,
}

impl Rooms {
    /// O(cases + pairs).
    pub(super) fn new(
        given: &Given,
        profiles: &[Profile],
        counted: Counted,
        allowances: Allowances,
        in_peak_week: bool,
    ) -> Result<Self, InvalidProblem> {
        let resolved = given.problem()?;
        let mut backlog = resolved.backlog().clone();
        let mut rules = given.rules.clone();
        rules.handover_limit = None;
        let peak_week = if in_peak_week { Some(put_in_peak_week(&mut backlog)) } else { None };
        let share_of: HashMap<OfficerId, i64> =
            backlog.officers.iter().map(|officer| (officer.id.clone(), officer.fte_percent.unwrap_or(100))).collect();
        let mut assumed_count = 0;
        for officer in &mut backlog.officers {
            let share = share_of[&officer.id];
            set_caps(officer, counted, share);
            if officer.max_case_count.is_none() && officer.capacity_points.is_none() {
                officer.max_case_count = Some(rules.default_max_case_count * share / 100);
                assumed_count += 1;
            }
            if allowances.for_all {
                allow(officer, allowances);
            }
        }
        let mut ids = Vec::new();
        for profile in profiles {
            let id = free_ids(profile, &backlog).next().expect("there is always a free number");
            let mut officer = profile.officer(id.clone(), &rules);
            set_caps(&mut officer, counted, profile.fte_percent);
            allow(&mut officer, allowances);
            backlog.officers.push(officer);
            ids.push(id);
        }
        let problem = Problem::new(backlog, rules)?;
        let prototypes: Vec<OfficerIndex> =
            ids.iter().map(|id| problem.officer_index(id).expect("it was put there")).collect();
        let caps = problem.instance().limits().iter().map(|limits| caps_of(limits, counted)).collect();
        let mut shares: Vec<i64> =
            problem.backlog().officers.iter().map(|officer| *share_of.get(&officer.id).unwrap_or(&100)).collect();
        for (profile, prototype) in profiles.iter().zip(&prototypes) {
            shares[prototype.get()] = profile.fte_percent;
        }
        let pinned = vec![Pinned::default(); shares.len()];
        let mut rooms = Self {
            problem,
            caps,
            shares,
            pinned,
            prototypes,
            alike: Vec::new(),
            nobody: Vec::new(),
            peak_week,
            assumed_count,
        };
        rooms.sort_units();
        Ok(rooms)
    }

    fn sort_units(&mut self) {
        let instance = self.problem.instance();
        let mut known: HashMap<(i64, Vec<(OfficerIndex, i64)>), usize> = HashMap::new();
        for index in instance.unit_indices() {
            let unit = instance.unit(index);
            let case_count = i64::from(unit.case_count);
            if let Anchor::Pinned(officer) = unit.anchor {
                let pinned = &mut self.pinned[officer.get()];
                pinned.points += i64::from(instance.pair_at(index, 0).weight_points);
                pinned.cases += case_count;
                continue;
            }
            let could = |pair: EligiblePair| {
                let (caps, points) = (&self.caps[pair.officer.get()], i64::from(pair.weight_points));
                let fits = caps.points.is_none_or(|cap| cap > 0 && points <= cap)
                    && caps.cases.is_none_or(|cap| case_count <= cap);
                fits.then_some((pair.officer, points))
            };
            let options: Vec<(OfficerIndex, i64)> = instance.pairs(index).filter_map(could).collect();
            if options.is_empty() {
                self.nobody.push(index);
                continue;
            }
            let next = self.alike.len();
            let at = *known.entry((case_count, options.clone())).or_insert(next);
            if at == next {
                self.alike.push(Alike { units: Vec::new(), case_count, options });
            }
            self.alike[at].units.push(index);
        }
    }

    /// The profile of a prototype; `None` = an officer of the present team.
    pub(super) fn profile_of(&self, officer: OfficerIndex) -> Option<usize> {
        self.prototypes.iter().position(|&prototype| prototype == officer)
    }

    /// What is left of an officer's caps beside pinned cases; below 0 where these alone are above.
    pub(super) fn left(&self, officer: OfficerIndex) -> Caps {
        let (caps, pinned) = (self.caps[officer.get()], self.pinned[officer.get()]);
        Caps { points: caps.points.map(|cap| cap - pinned.points), cases: caps.cases.map(|cap| cap - pinned.cases) }
    }

    /// Officers whose pinned cases alone are above a cap.
    pub(super) fn pinned_over(&self) -> impl Iterator<Item = OfficerIndex> + '_ {
        (0..self.caps.len()).map(OfficerIndex::new).filter(|&officer| {
            let left = self.left(officer);
            left.points.is_some_and(|left| left < 0) || left.cases.is_some_and(|left| left < 0)
        })
    }

    /// The covering model of hires: one variable a profile.
    pub(super) fn cover(&self, costs: &[i64]) -> Cover {
        let fixed = |room: i64| Room { fixed: room.max(0), more_hundredths: 0 };
        let more = |room: i64| Room { fixed: 0, more_hundredths: room * HUNDREDTHS };
        let holder = |officer: OfficerIndex| match self.profile_of(officer) {
            Some(profile) => {
                let caps = self.caps[officer.get()];
                Holder { points: caps.points.map(more), cases: caps.cases.map(more), variable: Some(profile) }
            }
            None => {
                let left = self.left(officer);
                Holder { points: left.points.map(fixed), cases: left.cases.map(fixed), variable: None }
            }
        };
        self.cover_of(costs.to_vec(), holder)
    }

    /// The covering model with these holders. Classes are those of `alike`, in order.
    pub(super) fn cover_of(&self, costs: Vec<i64>, holder: impl Fn(OfficerIndex) -> Holder) -> Cover {
        let officers = (0..self.caps.len()).map(OfficerIndex::new);
        let class = |alike: &Alike| Class {
            unit_count: alike.units.len() as i64,
            case_count: alike.case_count,
            options: alike.options.iter().map(|&(officer, points)| (officer.get(), points)).collect(),
        };
        Cover { classes: self.alike.iter().map(class).collect(), holders: officers.map(holder).collect(), costs }
    }

    /// The officer of every unit of the problem by what a covering model gives the options of each class; officers are those of
    /// [`Self::instance`]. Hires of a profile take turns.
    pub(super) fn spread_out(&self, spread: &[Vec<i64>], hires: &[i64]) -> Vec<Option<OfficerIndex>> {
        let mut officers = vec![None; self.problem.instance().units().len()];
        let (position, first) = self.positions(hires);
        let mut turns = vec![0_usize; hires.len()];
        for (alike, counts) in self.alike.iter().zip(spread) {
            let mut units = alike.units.iter();
            for (&(officer, _), &count) in alike.options.iter().zip(counts) {
                for unit in units.by_ref().take(usize::try_from(count).unwrap_or(0)) {
                    officers[unit.get()] = match self.profile_of(officer) {
                        None => Some(OfficerIndex::new(position[officer.get()])),
                        Some(profile) if hires[profile] > 0 => {
                            let turn = turns[profile] % usize::try_from(hires[profile]).expect("above 0");
                            turns[profile] += 1;
                            Some(OfficerIndex::new(first[profile] + turn))
                        }
                        Some(_) => None,
                    };
                }
            }
        }
        officers
    }

    /// Positions in [`Self::instance`]: of every officer of the present team, and of the first hire of each profile.
    fn positions(&self, hires: &[i64]) -> (Vec<usize>, Vec<usize>) {
        let mut next = 0;
        let position = |officer: usize| {
            let at = next;
            next += usize::from(self.profile_of(OfficerIndex::new(officer)).is_none());
            at
        };
        let position = (0..self.caps.len()).map(position).collect();
        let first = |&count: &i64| {
            let at = next;
            next += usize::try_from(count).expect("counts are 0 or more");
            at
        };
        (position, hires.iter().map(first).collect())
    }

    /// Pairs that an allocation with so many hires of each profile looks at.
    pub(super) fn pair_count(&self, hires: &[i64]) -> i64 {
        let of = |officer: OfficerIndex| self.profile_of(officer).map_or(1, |profile| hires[profile]);
        let options =
            |alike: &Alike| alike.options.iter().map(|&(officer, _)| of(officer)).fold(0, i64::saturating_add);
        let times = |alike: &Alike| (alike.units.len() as i64).saturating_mul(options(alike));
        self.alike.iter().map(times).fold(0, i64::saturating_add)
    }

    /// The problem of giving everything out within these caps with so many hires, less units that are left out (one flag a unit).
    /// Nothing costs anything but waiting, a price of 1 a case; or, where changes of officer count, 1 a case for these and more than all of
    /// them for waiting. Officers: the present team by position, without prototypes, then hires profile by profile.
    pub(super) fn instance(
        &self,
        hires: &[i64],
        caps: &[Caps],
        left_out: &[bool],
        count_changes: bool,
    ) -> (Instance, Vec<UnitIndex>) {
        let of_problem = self.problem.instance();
        let (position, first) = self.positions(hires);
        let present = (0..caps.len()).map(OfficerIndex::new).filter(|&officer| self.profile_of(officer).is_none());
        let mut limits: Vec<Limits> =
            present.map(|officer| limits_of(caps[officer.get()], self.pinned[officer.get()])).collect();
        for (profile, &count) in hires.iter().enumerate() {
            let of_one = limits_of(caps[self.prototypes[profile].get()], Pinned::default());
            limits.extend((0..count).map(|_| of_one.clone()));
        }
        let waiting = if count_changes { self.problem.backlog().cases.len() as i64 + 1 } else { 1 };
        let mut instance = Instance::new(limits, None);
        let mut units = Vec::new();
        let mut options_of: Vec<Option<usize>> = vec![None; of_problem.units().len()];
        for (at, alike) in self.alike.iter().enumerate() {
            alike.units.iter().for_each(|unit| options_of[unit.get()] = Some(at));
        }
        // Where no points cap counts every case weighs the same, and the flow of the search is exact.
        let has_points = caps.iter().any(|caps| caps.points.is_some_and(|cap| cap > 0));
        let mut pairs = Vec::new();
        for index in of_problem.unit_indices() {
            let unit = of_problem.unit(index);
            if left_out[index.get()] {
                continue;
            }
            pairs.clear();
            let held_by = match unit.anchor {
                Anchor::Held(officer) => Some(officer),
                Anchor::None | Anchor::Pinned(_) => None,
            };
            let pair = |officer: usize, points: i64, is_change: bool| EligiblePair {
                cost: if is_change && count_changes { i64::from(unit.case_count) } else { 0 },
                officer: OfficerIndex::new(officer),
                weight_points: if has_points {
                    u32::try_from(points).expect("checked: at most 2,000,000 points")
                } else {
                    1
                },
                new_case_count: unit.case_count,
                handover_count: 0,
            };
            if let Anchor::Pinned(officer) = unit.anchor {
                let points = of_problem.pair_at(index, 0).weight_points;
                pairs.push(pair(position[officer.get()], points.into(), false));
            } else {
                let Some(alike) = options_of[index.get()] else { continue };
                for &(officer, points) in &self.alike[alike].options {
                    let is_change = held_by.is_some_and(|holder| holder != officer);
                    match self.profile_of(officer) {
                        None => pairs.push(pair(position[officer.get()], points, is_change)),
                        Some(profile) => {
                            let count = usize::try_from(hires[profile]).expect("counts are 0 or more");
                            pairs.extend((0..count).map(|more| pair(first[profile] + more, points, is_change)));
                        }
                    }
                }
                pairs.sort_unstable_by_key(|pair| pair.officer);
            }
            let anchor = match unit.anchor {
                Anchor::Pinned(officer) => Anchor::Pinned(OfficerIndex::new(position[officer.get()])),
                Anchor::None | Anchor::Held(_) => Anchor::None,
            };
            let waiting_price = (!unit.is_pinned()).then(|| waiting * i64::from(unit.case_count));
            let plain = Unit { anchor, waiting_price, release_count: 0, stay_is_over: false, ..unit.clone() };
            instance.push(plain, &pairs);
            units.push(index);
        }
        (instance, units)
    }

    /// The cases of these units, by area and skills.
    pub(super) fn groups(&self, units: &[UnitIndex]) -> Vec<CaseGroup> {
        let mut found: BTreeMap<Needs<'_>, (i64, i64)> = BTreeMap::new();
        for case in units.iter().flat_map(|&unit| self.problem.cases_of(unit)) {
            let case = &self.problem.backlog().cases[case.get()];
            let (count, points) = found.entry(needs(case)).or_default();
            *count += 1;
            *points += case.weight_points.unwrap_or(1);
        }
        let group = |((area, skills), (case_count, points)): (Needs<'_>, _)| CaseGroup {
            area: area.cloned(),
            skills: skills.into_iter().cloned().collect(),
            case_count,
            points,
        };
        found.into_iter().map(group).collect()
    }
}

/// An area and skills.
pub(super) type Needs<'c> = (Option<&'c Code>, Vec<&'c Code>);

/// Area and skills that a case needs, the skills sorted.
pub(super) fn needs(case: &Case) -> Needs<'_> {
    let mut skills: Vec<&Code> = case.skills.iter().collect();
    skills.sort_unstable();
    skills.dedup();
    (case.area.as_ref(), skills)
}

/// Caps as a question counts them; who has no capacity still has none. Hours are in the caps from then on.
fn set_caps(officer: &mut crate::model::Officer, counted: Counted, share: i64) {
    let has_none = officer.capacity_points == Some(0);
    match counted {
        Counted::Both(target) => {
            if let Some(most) = target.max_case_count {
                officer.max_case_count = Some(most * share / 100);
            }
            if target.without_points_cap && !has_none {
                officer.capacity_points = None;
            }
        }
        Counted::OnlyPoints { do_count } => {
            officer.max_case_count = Some(COUNT_MAX);
            if !do_count && !has_none {
                officer.capacity_points = None;
            }
        }
        Counted::OnlyCases { do_count } => {
            if !do_count || officer.max_case_count.is_none() {
                officer.max_case_count = Some(COUNT_MAX);
            }
            if !has_none {
                officer.capacity_points = None;
            }
        }
    }
    if has_none {
        officer.max_case_count = Some(0);
    }
    officer.fte_percent = None;
    officer.reductions.clear();
}

fn allow(officer: &mut crate::model::Officer, allowances: Allowances) {
    officer.capacity_points = officer.capacity_points.map(|room| allowances.left_of(room));
    officer.max_case_count = officer.max_case_count.map(|room| allowances.left_of(room));
}

/// The caps as they are to be kept; [`COUNT_MAX`] stands for none.
fn caps_of(limits: &Limits, counted: Counted) -> Caps {
    let cases = match counted {
        Counted::Both(_) | Counted::OnlyCases { do_count: true } => limits.max_case_count,
        Counted::OnlyPoints { .. } | Counted::OnlyCases { do_count: false } => {
            limits.max_case_count.filter(|&cap| cap == 0)
        }
    };
    Caps { points: limits.capacity_points, cases }
}

fn limits_of(caps: Caps, pinned: Pinned) -> Limits {
    Limits {
        capacity_points: caps.points,
        max_case_count: caps.cases,
        load_limit: caps.points.map(|cap| cap.max(pinned.points)),
        case_limit: caps.cases.map(|cap| cap.max(pinned.cases)),
        intake_limit: None,
        balance: Vec::new(),
    }
}

/// Every case gets the points of the week in which all cases together have most. Weeks that are not known are like the mean.
fn put_in_peak_week(backlog: &mut Backlog) -> Date {
    let of_week = |case: &Case, week: usize| {
        let steps = case.derived.iter().flat_map(|derived| &derived.weeks);
        let step = steps.take_while(|step| usize::from(step.from_week) <= week).last();
        step.map_or(case.weight_points.unwrap_or(1), |step| step.points)
    };
    let total = |week: usize| backlog.cases.iter().map(|case| of_week(case, week)).sum::<i64>();
    let totals: Vec<i64> = (0..WEEKS).map(total).collect();
    let most = totals.iter().max().copied().unwrap_or(0);
    let week = totals.iter().position(|&total| total == most).unwrap_or(0);
    for case in &mut backlog.cases {
        case.weight_points = Some(of_week(case, week));
    }
    backlog.as_at.saturating_add((week as i64).weeks())
}

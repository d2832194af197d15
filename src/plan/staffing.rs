//! How many officers: the fewest, or cheapest, hires by profile with whom every case has an officer within the caps.
//!
//! 1. The covering model (`solve::cover`) on cases that are alike: HiGHS proposes how many to hire. A bound is recomputed from its prices in whole
//!    numbers: whoever hires for less leaves cases without room, however cases are given out. HiGHS may claim more; that is said apart.
//! 2. All cases are given out to the present team and so many hires, by the same search as `allocate`. Where whole cases do not pack, more are
//!    hired for what is left, until nobody waits.
//! 3. The answer is put to the test: an ordinary problem in which everybody holds what was found, through the independent checker, leaves nobody
//!    without an officer and nobody above a cap.

pub(super) mod pack;
#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod tests;

use jiff::civil::Date;

use self::pack::Packing;
use super::{
    Given,
    forecast::{Assignment, ForecastOptions, forecast},
    profile::{self, Profile},
    refused::{BadEntry, Unanswerable},
    room::{Allowances, CaseGroup, Counted, PAIRS_MAX, Rooms, TargetCaps},
};
use crate::{
    model::{Allocation, COUNT_MAX, Code, Officer, UnitIndex},
    solve::{AtLeast, Budget, Cover, Options, Progress, Proposed, RoomPrices, at_least, propose},
};

/// Rounds of hiring more where whole cases do not pack.
const ROUNDS_MAX: usize = 16;
/// Paths of chance of the forecast that stands beside.
const PATHS: i64 = 20;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffingOptions {
    /// Who could be hired, at least one profile.
    pub profiles: Vec<Profile>,
    /// Caps to be kept.
    pub caps: TargetCaps,
    /// What of room is not there on average.
    pub allowances: Allowances,
    /// In the week in which all cases together have most points, not over the year.
    pub in_peak_week: bool,
    /// Say which deadlines would be missed, too.
    pub with_forecast: bool,
}

impl StaffingOptions {
    /// Under each officer's own caps, over the year, without allowances and forecast.
    #[must_use]
    pub fn of(profiles: Vec<Profile>) -> Self {
        Self {
            profiles,
            caps: TargetCaps::default(),
            allowances: Allowances::default(),
            in_peak_week: false,
            with_forecast: false,
        }
    }
}

/// Hires of one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hires {
    /// The profile.
    pub profile_code: Code,
    /// How many.
    pub count: i64,
    /// What they cost together.
    pub cost: i64,
    /// Points cap of each, allowances taken off; `None` = no points cap counts.
    pub capacity_points: Option<i64>,
    /// Case-count cap of each, allowances taken off.
    pub max_case_count: Option<i64>,
    /// Cases that they hold together.
    pub case_count: i64,
    /// Their points.
    pub points: i64,
}

/// Deadlines missed in the weeks of a forecast, over three orders of work: (fewest, most), middle of chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// With the present team and who holds what today.
    pub as_today: (i64, i64),
    /// With the hires, by the allocation that was found.
    pub with_hires: (i64, i64),
    /// Deadlines in these weeks.
    pub due_count: i64,
    /// Weeks.
    pub week_count: i64,
}

impl Missed {
    /// By the forecast: who holds what today, and the allocation with these officers more.
    pub(super) fn of(
        given: &Given,
        hired: &[Officer],
        allocation: &Allocation,
        options: &Options,
        budget: &Budget,
    ) -> Result<Self, Unanswerable> {
        let mut with_hires = given.clone();
        with_hires.backlog.officers.extend(hired.iter().cloned());
        let wanted = ForecastOptions { path_count: PATHS, seed: options.seed, ..ForecastOptions::of(&given.statute) };
        let found = forecast(&with_hires, allocation, &wanted, options.threads, budget, &mut |_| ())
            .map_err(Unanswerable::Invalid)?;
        let of = |assignment: Assignment| {
            let outlook = found.outlooks.iter().find(|outlook| outlook.assignment == assignment);
            outlook.expect("there is one of each").total
        };
        Ok(Self {
            as_today: of(Assignment::Current).range(),
            with_hires: of(Assignment::Proposed).range(),
            due_count: of(Assignment::Proposed).due.middle,
            week_count: found.weeks.len() as i64,
        })
    }
}

/// How the proof of the least stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lower {
    /// Recomputed from prices in whole numbers.
    Proved(i64),
    /// Claimed by HiGHS beyond what the prices prove.
    Claimed(i64),
}

impl Lower {
    /// The number.
    #[must_use]
    pub fn value(self) -> i64 {
        match self {
            Self::Proved(value) | Self::Claimed(value) => value,
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffingPlan {
    /// The day of the backlog.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Seed of the searches.
    pub seed: u64,
    /// The week that was looked at; `None` = what cases weigh over the year.
    pub peak_week: Option<Date>,
    /// Cases, children, officers of the present team who are in the backlog.
    pub case_count: i64,
    /// Children that they are about.
    pub child_count: i64,
    /// Officers of the present team.
    pub present_officer_count: i64,
    /// Points of all cases.
    pub points: i64,
    /// One entry a profile, in the order asked.
    pub hires: Vec<Hires>,
    /// Hires in all.
    pub hire_count: i64,
    /// Nobody can do with fewer, whatever they cost: proved by prices.
    pub hire_count_at_least: i64,
    /// What the hires cost.
    pub cost: i64,
    /// No hires that cost less are enough.
    pub cost_at_least: Lower,
    /// What the prices prove of the cost, where HiGHS claims more.
    pub cost_proved: i64,
    /// Cases that no profile could take and for which the present team has no room or no officer, with why.
    pub out_of_reach: Vec<OutOfReach>,
    /// The allocation of everything else with the hires; `None` = too large to make, or time ended before.
    pub allocation: Option<Allocation>,
    /// Why there is no allocation, or why it leaves somebody waiting who is within reach.
    pub unfinished: Option<String>,
    /// Cases that change from an officer who stays to another one in it.
    pub handover_count: i64,
    /// Missed deadlines, if asked for.
    pub missed: Option<Missed>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Cases that the hires asked about cannot help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfReach {
    /// Why.
    pub reason: OutOfReachReason,
    /// Which.
    pub cases: CaseGroup,
}

impl OutOfReach {
    pub(super) fn of(rooms: &Rooms, crowded: &[UnitIndex]) -> Vec<Self> {
        let reasons = [(OutOfReachReason::Nobody, &rooms.nobody[..]), (OutOfReachReason::NoRoom, crowded)];
        let of = |(reason, units): (OutOfReachReason, &[UnitIndex])| {
            rooms.groups(units).into_iter().map(move |cases| Self { reason, cases })
        };
        reasons.into_iter().flat_map(of).collect()
    }
}

/// Why hires cannot help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutOfReachReason {
    /// No officer of the present team and no profile may take them, or they alone are above the cap of everyone who may.
    Nobody,
    /// Only officers of the present team may, and they have no room.
    NoRoom,
}

impl OutOfReachReason {
    /// The code used in files: `no_room`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::NoRoom => "no_room",
        }
    }
}

impl StaffingPlan {
    /// Officers in all, hires included.
    #[must_use]
    pub fn officer_count(&self) -> i64 {
        self.present_officer_count + self.hire_count
    }

    /// Cost above the lower bound: 0 = nothing cheaper is enough.
    #[must_use]
    pub fn gap(&self) -> i64 {
        self.cost - self.cost_at_least.value()
    }

    /// Cases out of reach, all together.
    #[must_use]
    pub fn out_of_reach_count(&self) -> i64 {
        self.out_of_reach.iter().map(|entry| entry.cases.case_count).sum()
    }

    /// Everything within reach has an officer within the caps.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unfinished.is_none()
    }
}

/// Finds the hires. Each search has the budget's steps, each round of hiring half of the time that is left.
///
/// # Errors
/// [`Unanswerable`].
pub fn staffing(
    given: &Given,
    wanted: &StaffingOptions,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<StaffingPlan, Unanswerable> {
    check(given, wanted)?;
    let counted = Counted::Both(wanted.caps);
    let mut rooms = Rooms::new(given, &wanted.profiles, counted, wanted.allowances, wanted.in_peak_week)?;
    let costs: Vec<i64> = wanted.profiles.iter().map(|profile| profile.cost).collect();
    let mut crowded = Vec::new();
    let model = Model::of(&mut rooms, &costs, &mut crowded, budget);
    let (mut hires, cost_proved, claimed) = (model.hires, model.proved, model.claimed);
    let hire_count_at_least = if costs.iter().all(|&cost| cost == costs[0]) {
        (cost_proved + costs[0] - 1) / costs[0]
    } else {
        let ones = vec![1; costs.len()];
        let cover = rooms.cover(&ones);
        propose(&cover, budget).map_or(0, |found| proved(&cover, &found.prices))
    };
    let mut left_out = vec![false; rooms.problem.instance().units().len()];
    for &unit in rooms.nobody.iter().chain(&crowded) {
        left_out[unit.get()] = true;
    }
    let mut unfinished = None;
    let mut found = None;
    for _ in 0..ROUNDS_MAX {
        let pairs = rooms.pair_count(&hires);
        if pairs > PAIRS_MAX {
            unfinished = Some(format!(
                "an allocation would look at {pairs} pairs of a case and an officer, above {PAIRS_MAX}: the hires are those of the model, not put to the test. Ask about one area at a time"
            ));
            break;
        }
        let packing =
            Packing { rooms: &rooms, hires: &hires, caps: &rooms.caps, left_out: &left_out, spread: &model.spread };
        let packed = pack::pack_with_few_changes(packing, options, &budget.share(2), progress)?;
        if packed.waiting.is_empty() {
            found = Some(packed);
            break;
        }
        if budget.is_stopped() {
            unfinished = Some(format!(
                "the search ended with {} cases still waiting: allow it more time, or more steps",
                rooms.groups(&packed.waiting).iter().map(|group| group.case_count).sum::<i64>()
            ));
            break;
        }
        let (more, beyond) = hires_for(&rooms, &packed.waiting, &costs, budget);
        beyond.iter().for_each(|unit| left_out[unit.get()] = true);
        crowded.extend(beyond);
        hires.iter_mut().zip(more).for_each(|(count, more)| *count += more);
    }
    if found.is_none() && unfinished.is_none() {
        unfinished = Some(format!("after {ROUNDS_MAX} rounds of hiring more some cases still wait"));
    }
    let mut handover_count = 0;
    let mut allocation = None;
    let mut held = vec![(0, 0); wanted.profiles.len()];
    let mut missed = None;
    if let Some(packed) = found {
        handover_count = packed.change_count;
        held = packed.held_by_profile(&rooms, &hires);
        let packing = Packing { rooms: &rooms, hires: &hires, caps: &rooms.caps, left_out: &left_out, spread: &[] };
        let tested = pack::put_to_the_test(packing, &wanted.profiles, &packed, options)?;
        if wanted.with_forecast {
            missed = Some(Missed::of(given, &tested.hired, &tested.allocation, options, budget)?);
        }
        allocation = Some(tested.allocation);
    }
    let backlog = rooms.problem.backlog();
    let cost: i64 = hires.iter().zip(&costs).map(|(count, cost)| count * cost).sum();
    let of_profile = |(position, profile): (usize, &Profile)| Hires {
        profile_code: profile.code.clone(),
        count: hires[position],
        cost: hires[position] * profile.cost,
        capacity_points: rooms.caps[rooms.prototypes[position].get()].points,
        max_case_count: rooms.caps[rooms.prototypes[position].get()].cases,
        case_count: held[position].0,
        points: held[position].1,
    };
    Ok(StaffingPlan {
        as_at: given.backlog.as_at,
        rules_version: given.rules.version.clone(),
        seed: options.seed,
        peak_week: rooms.peak_week,
        case_count: backlog.cases.len() as i64,
        child_count: pack::children(&backlog.cases),
        present_officer_count: (backlog.officers.len() - wanted.profiles.len()) as i64,
        points: backlog.cases.iter().map(|case| case.weight_points.unwrap_or(1)).sum(),
        hires: wanted.profiles.iter().enumerate().map(of_profile).collect(),
        hire_count: hires.iter().sum(),
        hire_count_at_least,
        cost,
        cost_at_least: match claimed.filter(|&claimed| claimed > cost_proved) {
            // A claim above what was found would be an error of HiGHS's floats.
            Some(claimed) => Lower::Claimed(claimed.min(cost)),
            None => Lower::Proved(cost_proved),
        },
        cost_proved,
        out_of_reach: OutOfReach::of(&rooms, &crowded),
        allocation,
        unfinished,
        handover_count,
        missed,
        notes: notes(&rooms, wanted),
    })
}

fn check(given: &Given, wanted: &StaffingOptions) -> Result<(), Unanswerable> {
    let mut found = profile::faults(&wanted.profiles);
    wanted.allowances.faults(&mut found);
    if let Some(most) = wanted.caps.max_case_count {
        BadEntry::unless_within(&mut found, "max_case_count", most, 1..=COUNT_MAX);
    }
    if given.backlog.pairs.is_some() {
        let message = "are given, and say alone who may take what: nobody could say what a hire may take. Leave them out, so that areas and skills say it";
        found.push(BadEntry::new("backlog.pairs", message));
    }
    if found.is_empty() { Ok(()) } else { Err(Unanswerable::Invalid(found)) }
}

/// What the covering model comes to.
struct Model {
    hires: Vec<i64>,
    proved: i64,
    claimed: Option<i64>,
    /// Units of each class by option.
    spread: Vec<Vec<i64>>,
}

impl Model {
    /// Units that nothing makes room for are taken out of `rooms` first, and put into `crowded`.
    fn of(rooms: &mut Rooms, costs: &[i64], crowded: &mut Vec<UnitIndex>, budget: &Budget) -> Self {
        let (cover, found) = propose_within_reach(rooms, |rooms| rooms.cover(costs), crowded, budget);
        match found {
            Some(found) => Self {
                proved: proved(&cover, &found.prices),
                hires: found.counts.unwrap_or_else(|| by_room(&cover)),
                claimed: found.claimed,
                spread: found.spread,
            },
            None => Self { hires: by_room(&cover), proved: 0, claimed: None, spread: Vec::new() },
        }
    }
}

/// Asks HiGHS of a covering model without the units that nothing makes room for, which are put into `crowded`.
pub(super) fn propose_within_reach(
    rooms: &mut Rooms,
    cover_of: impl Fn(&Rooms) -> Cover,
    crowded: &mut Vec<UnitIndex>,
    budget: &Budget,
) -> (Cover, Option<Proposed>) {
    loop {
        let cover = cover_of(rooms);
        let found = propose(&cover, budget);
        let left_out = found.as_ref().map_or(&[][..], |found| &found.left_out[..]);
        if left_out.iter().all(|&count| count == 0) {
            return (cover, found);
        }
        for (alike, &count) in rooms.alike.iter_mut().zip(left_out) {
            let stay = alike.units.len() - usize::try_from(count).unwrap_or(0).min(alike.units.len());
            // Units are by id: the last of them.
            crowded.extend(alike.units.drain(stay..));
        }
        rooms.alike.retain(|alike| !alike.units.is_empty());
    }
}

/// Where the prices prove that nothing is enough, floats left nothing out: then nothing is claimed.
pub(super) fn proved(cover: &Cover, prices: &[RoomPrices]) -> i64 {
    match at_least(cover, prices) {
        AtLeast::Cost(cost) => cost,
        AtLeast::Impossible => 0,
    }
}

/// Where HiGHS has no answer: for every class the profile with the cheapest room, as if the present team had none.
fn by_room(cover: &Cover) -> Vec<i64> {
    let mut points = vec![0_i128; cover.costs.len()];
    let mut cases = points.clone();
    let room = |room: Option<crate::solve::Room>| room.map_or(i64::MAX, |room| room.more_hundredths.max(1));
    for class in &cover.classes {
        let hired = class.options.iter().filter_map(|&(holder, weight)| {
            let of = &cover.holders[holder];
            Some((of.variable?, weight, room(of.points), room(of.cases)))
        });
        // Cost of one unit's share of a hire, by whichever room it takes most of.
        let share = |&(variable, weight, points, cases): &(usize, i64, i64, i64)| {
            let most = (weight as f64 / points as f64).max(class.case_count as f64 / cases as f64);
            most * cover.costs[variable] as f64
        };
        let cheapest = hired.min_by(|a, b| share(a).total_cmp(&share(b)));
        if let Some((variable, weight, ..)) = cheapest {
            points[variable] += i128::from(weight) * i128::from(class.unit_count);
            cases[variable] += i128::from(class.case_count) * i128::from(class.unit_count);
        }
    }
    let holder = |variable: usize| cover.holders.iter().find(|holder| holder.variable == Some(variable));
    let count = |(variable, (points, cases)): (usize, (i128, i128))| {
        let needed = |used: i128, of: Option<crate::solve::Room>| {
            let used = used * i128::from(crate::solve::HUNDREDTHS);
            of.map_or(0, |of| (used + i128::from(of.more_hundredths) - 1).div_euclid(of.more_hundredths.max(1).into()))
        };
        let needed = holder(variable).map_or(0, |of| needed(points, of.points).max(needed(cases, of.cases)));
        i64::try_from(needed).unwrap_or(i64::MAX)
    };
    points.into_iter().zip(cases).enumerate().map(count).collect()
}

/// Hires for the units that still wait, as if nobody else had room; and those that no profile could take.
fn hires_for(rooms: &Rooms, waiting: &[UnitIndex], costs: &[i64], budget: &Budget) -> (Vec<i64>, Vec<UnitIndex>) {
    let mut is_waiting = vec![false; rooms.problem.instance().units().len()];
    waiting.iter().for_each(|unit| is_waiting[unit.get()] = true);
    let mut cover = rooms.cover(costs);
    let mut beyond = Vec::new();
    cover.classes.clear();
    for alike in &rooms.alike {
        let units: Vec<UnitIndex> = alike.units.iter().copied().filter(|unit| is_waiting[unit.get()]).collect();
        let options: Vec<(usize, i64)> = alike
            .options
            .iter()
            .filter(|&&(officer, _)| rooms.profile_of(officer).is_some())
            .map(|&(officer, points)| (officer.get(), points))
            .collect();
        if options.is_empty() {
            beyond.extend(units);
        } else if !units.is_empty() {
            let class = crate::solve::Class { unit_count: units.len() as i64, case_count: alike.case_count, options };
            cover.classes.push(class);
        }
    }
    let proposed = propose(&cover, budget).and_then(|found| found.counts);
    (proposed.unwrap_or_else(|| by_room(&cover)), beyond)
}

fn notes(rooms: &Rooms, wanted: &StaffingOptions) -> Vec<String> {
    let mut notes = profile::notes(&wanted.profiles, rooms.problem.backlog());
    for officer in rooms.pinned_over() {
        let id = &rooms.problem.backlog().officers[officer.get()].id;
        notes.push(format!("The cases pinned to officer {id} alone are above the cap: no hire changes that."));
    }
    if rooms.assumed_count > 0 {
        notes.push(format!(
            "{} officers of the present team have no cap that counts: {} cases full time are assumed, as the rules say.",
            rooms.assumed_count,
            rooms.problem.rules().default_max_case_count
        ));
    }
    let Allowances { leave_percent, vacancy_percent, for_all } = wanted.allowances;
    if leave_percent > 0 || vacancy_percent > 0 {
        let whom = if for_all { "every officer" } else { "every hire" };
        notes.push(format!(
            "Of the caps of {whom} {leave_percent} % are taken off for leave and then {vacancy_percent} % for vacancies, rounded down."
        ));
    }
    if rooms.peak_week.is_some() && rooms.problem.backlog().cases.iter().all(|case| case.derived.is_none()) {
        notes.push("No case says its stage, so all weeks are alike: the heaviest is today's.".to_owned());
    }
    notes.push("How many new cases an officer can take a week, and who changes officer when, is not counted: see `what-if waves`.".to_owned());
    notes
}

//! Abstract casework of any size, for solvers to be measured on: sparse, with explicit pairs, prices and caps.
//!
//! About 25 officers an area; areas of 10 km on a plane of constant density. An officer covers the home area and each
//! of the two nearest with probability 0.75, and has 4 to 8 of 12 skills, the last of which is about a third as common
//! as the first. A case needs 0, 1 or 2 skills (50, 35, 15 %) and weighs 1, 2, 3, 5 or 8 points (22, 30, 24, 16, 8 %).
//! 2 % of the pairs are left out at random. 70 % of the cases had an officer, never over a cap and skewed towards
//! those who come first; 5 % of these have left. Caps are shares of the demand by working time (0.5, 0.6, 0.8, 1
//! with 10, 10, 15, 65 %).
//!
//! The price of a pair is 1.5 a km, 12 outside the home area, 10 without the preferred skill, 8 for every grade
//! missing, 0 to 5 at random, and 25 + 4 x points where another officer holds the case. Waiting costs 150 + points x
//! (60 + 240 x urgency), urgency being 0 at 84 days before the due date, 1 on it and 1.4 at most, and 400 more for
//! the 15 % that are statutory. All of it is integer arithmetic. To be solved with the rules preset `plain`.

use std::fmt;

use jiff::civil::Date;

use crate::model::{
    Anchor, Backlog, Case, CaseId, Code, EligiblePair, Instance, Limits, Officer, OfficerId, OfficerIndex, Pair,
    Supervisor, SupervisorId, Unit,
};

use super::dice::Dice;
use super::stage::days_later;

const OFFICERS_AN_AREA: usize = 25;
const SKILL_COUNT: usize = 12;
/// Side of an area, in units of 100 m.
const AREA_SIDE: i64 = 100;
/// Days before the due date at which urgency starts to count.
const URGENCY_DAYS: i64 = 84;

/// Size and tightness of the casework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseworkOptions {
    /// Open cases.
    pub cases: usize,
    /// Officers, at least 1.
    pub officers: usize,
    /// What the points caps add up to, in per cent of demand, `1..=1000`: 110 is tight, 95 is short. Case-count caps
    /// are 5 per cent of demand looser.
    pub ratio_percent: u16,
    /// The same seed gives the same backlog.
    pub seed: u64,
    /// The day the backlog is as at.
    pub as_at: Date,
}

/// Why there is no such casework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseworkError {
    /// A team without officers.
    NoOfficers,
    /// `ratio_percent` out of range.
    BadRatio {
        /// Its value.
        ratio_percent: u16,
    },
}

impl std::error::Error for CaseworkError {}

impl fmt::Display for CaseworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOfficers => f.write_str("officers is 0; must be at least 1"),
            Self::BadRatio { ratio_percent } => write!(f, "ratio_percent is {ratio_percent}; must be 1 to 1000"),
        }
    }
}

/// Everything that is drawn, before it has names.
struct World {
    people: Vec<Person>,
    drafts: Vec<Draft>,
    caps: Caps,
    /// Officers who cover each area.
    of_area: Vec<Vec<usize>>,
    /// Who holds each case today.
    holders: Vec<Option<usize>>,
}

impl World {
    fn draw(options: &CaseworkOptions) -> Result<Self, CaseworkError> {
        if options.officers == 0 {
            return Err(CaseworkError::NoOfficers);
        }
        if !(1..=1_000).contains(&options.ratio_percent) {
            return Err(CaseworkError::BadRatio { ratio_percent: options.ratio_percent });
        }
        let plane = Plane::new(options.officers, options.seed);
        let people = draw_people(&plane, options);
        let drafts = draw_drafts(&plane, options);
        let caps = Caps::new(&people, &drafts, options.ratio_percent);
        let mut of_area = vec![Vec::new(); plane.centres.len()];
        for (position, person) in people.iter().enumerate() {
            for &area in &person.areas {
                of_area[area].push(position);
            }
        }
        let holders = draw_holders(&drafts, &of_area, &caps, options.seed);
        Ok(Self { people, drafts, caps, of_area, holders })
    }

    /// Who may hold each case in turn, at what price, by officer. The dice go on from case to case.
    fn pairs_of(&self, case: usize, dice: &mut Dice) -> impl Iterator<Item = (usize, i64)> {
        let (draft, holder) = (&self.drafts[case], self.holders[case]);
        self.of_area[draft.area].iter().filter_map(move |&officer| {
            let person = &self.people[officer];
            let chance = dice.between(0, 299);
            let (is_left_out, extra) = (chance / 6 == 0, chance % 6);
            let has_skills = draft.skills & !person.skills == 0;
            let handover = if holder.is_some_and(|holder| holder != officer) { 25 + 4 * draft.points } else { 0 };
            let may_hold = holder == Some(officer) || has_skills && !is_left_out;
            may_hold.then(|| (officer, misfit(draft, person) + extra + handover))
        })
    }
}

/// The numbers of [`casework`] under plain rules, without the names: the same instance that [`Problem::new`] would make of
/// it, in a fraction of the memory. For backlogs of millions of cases.
///
/// [`Problem::new`]: crate::model::Problem::new
///
/// # Errors
/// As [`casework`].
pub fn casework_instance(options: &CaseworkOptions) -> Result<Instance, CaseworkError> {
    casework_pools_instance(std::slice::from_ref(options))
}

/// Several [`casework_instance`]s side by side in one: the officers and cases of the first pool, then those of the second,
/// and so on. No case may go to an officer of another pool.
///
/// # Errors
/// As [`casework`], of any of them.
pub fn casework_pools_instance(pools: &[CaseworkOptions]) -> Result<Instance, CaseworkError> {
    let worlds = pools.iter().map(World::draw).collect::<Result<Vec<_>, _>>()?;
    let limits = worlds.iter().flat_map(|world| world.caps.points.iter().zip(&world.caps.cases));
    let limits = limits.map(|(&points, &cases)| Limits {
        capacity_points: Some(points),
        max_case_count: Some(cases),
        load_limit: Some(points),
        case_limit: Some(cases),
        intake_limit: None,
        balance: Vec::new(),
    });
    let mut instance = Instance::new(limits.collect(), None);
    let mut first_officer = 0;
    for (options, world) in pools.iter().zip(worlds) {
        push_units(&mut instance, &world, first_officer, options.seed);
        first_officer += options.officers;
    }
    Ok(instance)
}

/// Adds the cases of a world, whose officers begin at `first_officer`.
fn push_units(instance: &mut Instance, world: &World, first_officer: usize, seed: u64) {
    let index = |officer: usize| OfficerIndex::new(first_officer + officer);
    let mut dice = Dice::new(seed, 15);
    let mut pairs = Vec::new();
    for (case, (draft, &holder)) in world.drafts.iter().zip(&world.holders).enumerate() {
        let weight_points = u32::try_from(draft.points).expect("1 to 8");
        pairs.clear();
        pairs.extend(world.pairs_of(case, &mut dice).map(|(officer, cost)| EligiblePair {
            cost,
            officer: index(officer),
            weight_points,
            new_case_count: u32::from(holder != Some(officer)),
            handover_count: u32::from(holder.is_some_and(|holder| holder != officer)),
        }));
        let unit = Unit {
            stay_is_over: false,
            case_count: 1,
            child_count: 1,
            anchor: holder.map_or(Anchor::None, |officer| Anchor::Held(index(officer))),
            waiting_price: holder.is_none().then(|| draft.holding_price()),
            release_count: 0,
        };
        instance.push(unit, &pairs);
    }
}

/// Draws casework. Each case looks only at the officers of its area (about 62, of whom 41 to 52 may take it), so time
/// and memory are linear in the number of cases, whatever the number of officers.
///
/// # Errors
/// Options out of range: see [`CaseworkError`].
pub fn casework(options: &CaseworkOptions) -> Result<Backlog, CaseworkError> {
    let world = World::draw(options)?;
    let officers: Vec<_> =
        (0..world.people.len()).map(|position| officer(position, &world.people[position], &world.caps)).collect();
    let (cases, pairs) = cases_and_pairs(&world, &officers, options);
    let supervisor =
        Supervisor { id: SupervisorId::from("supervisor-default"), areas: Vec::new(), max_holding_count: None };
    Ok(Backlog { as_at: options.as_at, cases, officers, supervisors: vec![supervisor], pairs: Some(pairs) })
}

/// A place, in units of 100 m.
#[derive(Clone, Copy)]
struct Spot {
    x: i64,
    y: i64,
}

impl Spot {
    fn distance(self, other: Self) -> i64 {
        ((self.x - other.x).pow(2) + (self.y - other.y).pow(2)).isqrt()
    }

    fn near(self, reach: i64, dice: &mut Dice) -> Self {
        Self { x: self.x + dice.between(-reach, reach), y: self.y + dice.between(-reach, reach) }
    }
}

/// The areas: centres on a grid, each moved a little so that no two neighbours are equally near.
struct Plane {
    centres: Vec<Spot>,
}

impl Plane {
    fn new(officer_count: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed, 11);
        let area_count = ((officer_count + OFFICERS_AN_AREA / 2) / OFFICERS_AN_AREA).max(1);
        let columns = (1..).find(|columns| columns * columns >= area_count).expect("some square is large enough");
        let centre = |area: usize, dice: &mut Dice| {
            let (x, y) = ((area % columns) as i64 * AREA_SIDE, (area / columns) as i64 * AREA_SIDE);
            Spot { x, y }.near(AREA_SIDE / 5, dice)
        };
        Self { centres: (0..area_count).map(|area| centre(area, &mut dice)).collect() }
    }

    /// The two areas whose centres are nearest to that of this one.
    fn nearest_two(&self, area: usize) -> Vec<usize> {
        let mut others: Vec<_> = (0..self.centres.len()).filter(|&other| other != area).collect();
        others.sort_by_key(|&other| (self.centres[area].distance(self.centres[other]), other));
        others.truncate(2);
        others
    }

    fn spot_in(&self, area: usize, dice: &mut Dice) -> Spot {
        self.centres[area].near(AREA_SIDE / 2, dice)
    }
}

/// Several of the 12 skills, a bit each. Common skills are drawn more often.
fn draw_skills(count: usize, dice: &mut Dice) -> u16 {
    let mut weights: [i64; SKILL_COUNT] =
        std::array::from_fn(|skill| 1_000 - 650 * skill as i64 / (SKILL_COUNT as i64 - 1));
    let mut skills = 0;
    for _ in 0..count {
        let skill = dice.weighted(&weights);
        weights[skill] = 0;
        skills |= 1 << skill;
    }
    skills
}

/// An officer to be.
struct Person {
    /// Home area first.
    areas: Vec<usize>,
    spot: Spot,
    skills: u16,
    grade: i64,
    /// Working time in tenths of full time.
    tenths: i64,
}

fn draw_people(plane: &Plane, options: &CaseworkOptions) -> Vec<Person> {
    let mut dice = Dice::new(options.seed, 12);
    let area_count = plane.centres.len();
    let nearest: Vec<_> = (0..area_count).map(|area| plane.nearest_two(area)).collect();
    let drawn = (0..options.officers).map(|position| {
        let home = position % area_count;
        let mut areas = vec![home];
        areas.extend(nearest[home].iter().copied().filter(|_| dice.per_mille(750)));
        let skill_count = usize::try_from(dice.between(4, 8)).expect("4 to 8");
        Person {
            areas,
            spot: plane.spot_in(home, &mut dice),
            skills: draw_skills(skill_count, &mut dice),
            grade: 1 + dice.weighted(&[30, 50, 20]) as i64,
            tenths: [5, 6, 8, 10][dice.weighted(&[10, 10, 15, 65])],
        }
    });
    drawn.collect()
}

/// A case to be.
struct Draft {
    area: usize,
    spot: Spot,
    skills: u16,
    preferred_skill: u16,
    grade: i64,
    points: i64,
    /// Days from the day of the backlog to the due date.
    due_in_days: i64,
    is_statutory: bool,
    waited_days: i64,
}

impl Draft {
    fn holding_price(&self) -> i64 {
        let urgency_per_mille = ((URGENCY_DAYS - self.due_in_days) * 1_000 / URGENCY_DAYS).clamp(0, 1_400);
        150 + self.points * (60 + 240 * urgency_per_mille / 1_000) + if self.is_statutory { 400 } else { 0 }
    }
}

fn draw_drafts(plane: &Plane, options: &CaseworkOptions) -> Vec<Draft> {
    let mut dice = Dice::new(options.seed, 13);
    let drawn = (0..options.cases).map(|_| {
        let area = dice.below(plane.centres.len());
        let skill_count = dice.weighted(&[50, 35, 15]);
        Draft {
            area,
            spot: plane.spot_in(area, &mut dice),
            skills: draw_skills(skill_count, &mut dice),
            preferred_skill: draw_skills(1, &mut dice),
            grade: 1 + dice.weighted(&[50, 35, 15]) as i64,
            points: [1, 2, 3, 5, 8][dice.weighted(&[22, 30, 24, 16, 8])],
            due_in_days: dice.between(-60, 180),
            is_statutory: dice.per_mille(150),
            waited_days: dice.between(0, 364),
        }
    });
    drawn.collect()
}

/// Caps of each officer.
struct Caps {
    points: Vec<i64>,
    cases: Vec<i64>,
}

impl Caps {
    fn new(people: &[Person], drafts: &[Draft], ratio_percent: u16) -> Self {
        let total_tenths: i64 = people.iter().map(|person| person.tenths).sum();
        // Shares of a whole, rounded so that they add up to it.
        let shares = |demand: i64, percent: i64| {
            let whole = demand * percent / 100;
            let mut tenths = 0;
            let mut given = 0;
            let share_of = |person: &Person| {
                tenths += person.tenths;
                let up_to_here = whole * tenths / total_tenths;
                let share = up_to_here - given;
                given = up_to_here;
                share
            };
            people.iter().map(share_of).collect::<Vec<_>>()
        };
        let points = drafts.iter().map(|draft| draft.points).sum();
        let percent = i64::from(ratio_percent);
        Self { points: shares(points, percent), cases: shares(drafts.len() as i64, percent + 5) }
    }
}

/// Who holds each case today. Those whose officer has left have none.
fn draw_holders(drafts: &[Draft], of_area: &[Vec<usize>], caps: &Caps, seed: u64) -> Vec<Option<usize>> {
    const TRIES: usize = 8;
    let mut dice = Dice::new(seed, 14);
    let mut points_left = caps.points.clone();
    let mut cases_left = caps.cases.clone();
    let mut holder_of = |draft: &Draft| {
        let had_officer = dice.per_mille(700);
        let left = dice.per_mille(50);
        let officers = &of_area[draft.area];
        if !had_officer || left || officers.is_empty() {
            return None;
        }
        // The earlier of two in the list: the first hold about twice the average, as far as their caps allow.
        let skewed = |dice: &mut Dice| officers[dice.below(officers.len()).min(dice.below(officers.len()))];
        let tried = (0..TRIES).map(|_| skewed(&mut dice));
        let holder =
            tried.into_iter().find(|&officer| points_left[officer] >= draft.points && cases_left[officer] >= 1)?;
        points_left[holder] -= draft.points;
        cases_left[holder] -= 1;
        Some(holder)
    };
    drafts.iter().map(&mut holder_of).collect()
}

fn officer(position: usize, person: &Person, caps: &Caps) -> Officer {
    Officer {
        capacity_points: Some(caps.points[position]),
        max_case_count: Some(caps.cases[position]),
        areas: person.areas.iter().map(|&area| area_code(area)).collect(),
        ..Officer::new(OfficerId::new(format!("officer-{:05}", position + 1)))
    }
}

fn area_code(area: usize) -> Code {
    Code::new(format!("area-{:04}", area + 1))
}

fn cases_and_pairs(world: &World, officers: &[Officer], options: &CaseworkOptions) -> (Vec<Case>, Vec<Pair>) {
    let mut dice = Dice::new(options.seed, 15);
    let mut cases = Vec::with_capacity(world.drafts.len());
    let mut pairs = Vec::new();
    for (position, (draft, &holder)) in world.drafts.iter().zip(&world.holders).enumerate() {
        let case = Case {
            weight_points: Some(draft.points),
            holding_price: Some(draft.holding_price()),
            area: Some(area_code(draft.area)),
            current_officer_id: holder.map(|officer| officers[officer].id.clone()),
            due_date: Some(days_later(options.as_at, draft.due_in_days)),
            waiting_since: holder.is_none().then(|| days_later(options.as_at, -draft.waited_days)),
            ..Case::new(CaseId::new(format!("case-{:07}", position + 1)))
        };
        pairs.extend(world.pairs_of(position, &mut dice).map(|(officer, cost)| Pair {
            case_id: case.id.clone(),
            officer_id: officers[officer].id.clone(),
            cost,
            weight_points: Some(draft.points),
        }));
        cases.push(case);
    }
    (cases, pairs)
}

/// Distance, area, preferred skill and grade.
fn misfit(draft: &Draft, person: &Person) -> i64 {
    // 1.5 a km is 3 for every 20 units of 100 m, rounded.
    let distance = (3 * draft.spot.distance(person.spot) + 10) / 20;
    let area = if person.areas[0] == draft.area { 0 } else { 12 };
    let skill = if draft.preferred_skill & person.skills == 0 { 10 } else { 0 };
    distance + area + skill + 8 * (draft.grade - person.grade).max(0)
}

//! The backlog of a real council, as at a January: its size and mix from published figures, its cases drawn.
//!
//! Published: plans in January 2022 and 2025, ages, share in schools, undecided requests, assessments, reviews and
//! their outcome, appeals (those of 2024 serve for 2022 too, in proportion to plans). Assumed, because nobody publishes it: cases in flight in January 2022
//! (811 beside Birmingham's 10,489 plans; the same proportion elsewhere), the mix of their stages, areas, schools by
//! area, siblings, skills, and all points (see `stage`). In 2025 the cases in flight are the undecided requests and
//! 22 of 52 weeks of a year's assessments: a plan took 28 weeks on average, 6 of them before the assessment.

use std::fmt;

use jiff::civil::{Date, date};

use crate::model::{Backlog, Case, CaseId, ChildId, Code, GroupId};

use super::dice::Dice;
use super::figures::{self, Figures};
use super::stage::{self, Setting, Skill, Stage, days_later};
use super::team::{Areas, Team, area_code, officer_id, school_code, supervisors};

/// Plans for each school.
const PLANS_A_SCHOOL: i64 = 25;
/// Cases for each area, and the most areas.
const CASES_AN_AREA: usize = 1_100;
const AREAS_MAX: usize = 20;
/// Children with a sibling on the case list, in per mille.
const SIBLING_PER_MILLE: i64 = 40;
/// Cases with a barred officer, in per mille.
const BARRED_PER_MILLE: i64 = 2;
/// Longest time without an officer: Birmingham's 18 months.
const WAITED_DAYS_MAX: i64 = 548;
/// Reviews that ended in an amendment, England 2024, in per mille.
const AMEND_PER_MILLE_ENGLAND: i64 = 420;

/// A day on which councils count their plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Census {
    /// 20 January 2022.
    January2022,
    /// 16 January 2025.
    January2025,
}

impl Census {
    /// The census day, which is the backlog's `as_at`.
    #[must_use]
    pub fn day(self) -> Date {
        match self {
            Self::January2022 => date(2022, 1, 20),
            Self::January2025 => date(2025, 1, 16),
        }
    }
}

/// Which council's backlog, and with which team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouncilOptions {
    /// Name (in any case) or code of the council, as published: `Birmingham` or `E08000025`.
    pub council: String,
    /// The day whose stock of plans counts.
    pub census: Census,
    /// Officers, all full-time: 1,800 points and 180 cases each. At least 1.
    pub officers: usize,
    /// Cases past their due date, `0..=100` per cent of all.
    pub overdue_percent: u8,
    /// Cases with an officer today, `0..=100` per cent of all. The others wait, for up to 18 months.
    pub allocated_percent: u8,
    /// The same seed gives the same backlog.
    pub seed: u64,
}

/// Why there is no such backlog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CouncilError {
    /// No council has that name or code.
    UnknownCouncil {
        /// What was asked for.
        council: String,
        /// Names that come near, the nearest first.
        near: Vec<String>,
    },
    /// The council published no plans for January 2022, or did not exist then.
    NotPublished {
        /// Name of the council.
        council: String,
    },
    /// A team without officers.
    NoOfficers,
    /// A percentage above 100.
    BadPercent {
        /// Name of the option.
        option: &'static str,
        /// Its value.
        value: u8,
    },
}

impl std::error::Error for CouncilError {}

impl fmt::Display for CouncilError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCouncil { council, near } if near.is_empty() => {
                write!(
                    f,
                    "no council {council:?} in the published figures; give the name of an English council, or its code such as E08000025"
                )
            }
            Self::UnknownCouncil { council, near } => {
                write!(f, "no council {council:?} in the published figures; did you mean {}?", near.join(" or "))
            }
            Self::NotPublished { council } => {
                write!(f, "{council} has no published plans for January 2022; take January 2025")
            }
            Self::NoOfficers => f.write_str("officers is 0; must be at least 1"),
            Self::BadPercent { option, value } => write!(f, "{option} is {value}; must be 0 to 100"),
        }
    }
}

/// Names of all councils in the published figures, in alphabetical order.
#[must_use]
pub fn council_names() -> Vec<String> {
    let mut names: Vec<_> = figures::all().into_iter().map(|council| council.name).collect();
    names.sort();
    names
}

/// Draws the backlog of a council. O(cases x officers), which is a few million steps for the largest.
///
/// # Errors
/// An unknown council, one without figures for the day, or options out of range: see [`CouncilError`].
pub fn council(options: &CouncilOptions) -> Result<Backlog, CouncilError> {
    Ok(draw_council(options)?.backlog)
}

/// A backlog, and what of its making is not in it.
pub(super) struct Drawn {
    pub(super) backlog: Backlog,
    /// The stage of each case.
    pub(super) stages: Vec<Stage>,
    /// Code of the council.
    pub(super) council_code: String,
}

pub(super) fn draw_council(options: &CouncilOptions) -> Result<Drawn, CouncilError> {
    if options.officers == 0 {
        return Err(CouncilError::NoOfficers);
    }
    for (option, value) in
        [("overdue_percent", options.overdue_percent), ("allocated_percent", options.allocated_percent)]
    {
        if value > 100 {
            return Err(CouncilError::BadPercent { option, value });
        }
    }
    let figures = figures::find(&options.council)
        .map_err(|near| CouncilError::UnknownCouncil { council: options.council.clone(), near })?;
    let stock = Stock::of(&figures, options.census)
        .ok_or_else(|| CouncilError::NotPublished { council: figures.name.clone() })?;

    let (stages, mut cases) = draw_cases(&figures, &stock, options);
    let area_count = (cases.len() / CASES_AN_AREA).clamp(1, AREAS_MAX);
    let areas = draw_areas(&mut cases, area_count, &figures, &stock, options.seed);
    let team = Team::new(&cases, &areas, options.officers);
    draw_officers_of_cases(&mut cases, &areas, &team, options);
    let backlog = Backlog {
        as_at: options.census.day(),
        cases,
        officers: team.officers(&areas),
        supervisors: supervisors(area_count),
        pairs: None,
    };
    Ok(Drawn { backlog, stages, council_code: figures.code })
}

/// How many cases there are, by stage.
struct Stock {
    plans: i64,
    in_flight: i64,
    requests: i64,
    appeals: i64,
    amend_per_mille: i64,
}

impl Stock {
    fn of(figures: &Figures, census: Census) -> Option<Self> {
        let appeals_a_year = figures.appeals.unwrap_or(figures.plans_2025 * 35 / 1_000);
        Some(match census {
            Census::January2022 => {
                let plans = figures.plans_2022?;
                let in_flight = (plans * 811 + 10_489 / 2) / 10_489;
                Self {
                    plans,
                    in_flight,
                    requests: in_flight * 40 / 100,
                    // An appeal is open for 30 weeks.
                    appeals: appeals_a_year * 30 / 52 * plans / figures.plans_2025,
                    amend_per_mille: AMEND_PER_MILLE_ENGLAND,
                }
            }
            Census::January2025 => Self {
                plans: figures.plans_2025,
                in_flight: figures.undecided + figures.assessments * 22 / 52,
                requests: figures.undecided,
                appeals: appeals_a_year * 30 / 52,
                amend_per_mille: figures
                    .reviews
                    .filter(|&(expected, _)| expected > 0)
                    .map_or(AMEND_PER_MILLE_ENGLAND, |(expected, amended)| (amended * 1_000 / expected).min(1_000)),
            },
        })
    }

    /// One stage for every case.
    fn stages(&self) -> Vec<Stage> {
        // Of those in assessment, two thirds wait for advice and one third are being written.
        let drafting = (self.in_flight - self.requests) / 3;
        let assessment = self.in_flight - self.requests - drafting;
        let (mediation, orders) = (self.plans * 2 / 1_000, self.plans * 2 / 1_000);
        let plans = self.plans - self.appeals - mediation - orders;
        let counts = [
            (Stage::Plan, plans),
            (Stage::Request, self.requests),
            (Stage::Assessment, assessment),
            (Stage::Drafting, drafting),
            (Stage::Mediation, mediation),
            (Stage::Appeal, self.appeals),
            (Stage::Order, orders),
        ];
        counts
            .into_iter()
            .flat_map(|(stage, count)| std::iter::repeat_n(stage, usize::try_from(count).unwrap_or(0)))
            .collect()
    }
}

/// True for exactly `percent` of `count` positions, at random.
fn exact_share(count: usize, percent: u8, dice: &mut Dice) -> Vec<bool> {
    let chosen = (count * usize::from(percent) + 50) / 100;
    let mut flags: Vec<_> = (0..count).map(|position| position < chosen).collect();
    dice.shuffle(&mut flags);
    flags
}

/// The cases with weight, due date, skill and time waited; still without area and officer.
fn draw_cases(figures: &Figures, stock: &Stock, options: &CouncilOptions) -> (Vec<Stage>, Vec<Case>) {
    let mut dice = Dice::new(options.seed, 1);
    let as_at = options.census.day();
    let setting = Setting { as_at, ages: &figures.ages, amend_per_mille: stock.amend_per_mille };
    let mut stages = stock.stages();
    dice.shuffle(&mut stages);
    let overdue = exact_share(stages.len(), options.overdue_percent, &mut dice);
    let drawn = stages.iter().zip(overdue).enumerate().map(|(position, (stage, is_overdue))| {
        let profile = stage::profile(*stage, is_overdue, &setting, &mut dice);
        let waited_since = days_later(as_at, -dice.between(0, WAITED_DAYS_MAX));
        Case {
            child_id: Some(ChildId::new(format!("child-{:06}", position + 1))),
            weight_points: Some(profile.points),
            skills: profile.skill.into_iter().map(|skill| Code::from(skill.code())).collect(),
            due_date: Some(profile.due_date),
            waiting_since: Some(profile.open_since.map_or(waited_since, |opened| opened.max(waited_since).min(as_at))),
            ..Case::new(CaseId::new(format!("case-{:06}", position + 1)))
        }
    });
    let cases = drawn.collect();
    (stages, cases)
}

/// Gives every case an area, most of them a school, and some a sibling next to them in the list.
fn draw_areas(cases: &mut [Case], area_count: usize, figures: &Figures, stock: &Stock, seed: u64) -> Areas {
    let mut dice = Dice::new(seed, 2);
    // The largest area is about twice the smallest.
    let sizes: Vec<_> = (0..area_count).map(|area| (2 * area_count - area) as i64).collect();
    let mut schools = vec![Vec::new(); area_count];
    let school_count = stock.plans * figures.school_per_mille / 1_000 / PLANS_A_SCHOOL;
    for school in 0..usize::try_from(school_count).unwrap_or(0) {
        schools[dice.weighted(&sizes)].push(school);
    }
    let mut of_case: Vec<usize> = Vec::with_capacity(cases.len());
    let mut group_count = 0;
    for position in 0..cases.len() {
        let (before, rest) = cases.split_at_mut(position);
        let case = &mut rest[0];
        let sibling = before.last_mut().filter(|sibling| sibling.group_id.is_none());
        let area = match (sibling, of_case.last()) {
            (Some(sibling), Some(&area)) if dice.per_mille(SIBLING_PER_MILLE / 2) => {
                group_count += 1;
                let group_id = GroupId::new(format!("group-{group_count:04}"));
                sibling.group_id = Some(group_id.clone());
                case.group_id = Some(group_id);
                area
            }
            _ => dice.weighted(&sizes),
        };
        of_case.push(area);
        case.area = Some(area_code(area));
        if dice.per_mille(figures.school_per_mille) && !schools[area].is_empty() {
            case.setting_code = Some(school_code(*dice.pick(&schools[area])));
        }
    }
    Areas { of_case, schools }
}

/// Gives the share of cases that have one their officer, siblings the same, and bars a few officers.
fn draw_officers_of_cases(cases: &mut [Case], areas: &Areas, team: &Team, options: &CouncilOptions) {
    let mut dice = Dice::new(options.seed, 3);
    let as_at = options.census.day();
    let has_officer = exact_share(cases.len(), options.allocated_percent, &mut dice);
    let mut loads = vec![0; options.officers];
    let mut last = None;
    for (position, case) in cases.iter_mut().enumerate() {
        let area = areas.of_case[position];
        let skill =
            case.skills.first().and_then(|code| Skill::ALL.into_iter().find(|skill| skill.code() == code.as_str()));
        let may_take: Vec<_> = (0..options.officers).filter(|&officer| team.may_take(officer, area, skill)).collect();
        let mut holder = None;
        if has_officer[position] {
            let with_sibling = last
                .filter(|(group_id, officer)| case.group_id == *group_id && may_take.contains(officer))
                .map(|(_, officer)| officer);
            // The one of two with fewer points: loads differ, but not wildly.
            let officer = with_sibling.unwrap_or_else(|| {
                let (one, other) = (*dice.pick(&may_take), *dice.pick(&may_take));
                if loads[other] < loads[one] { other } else { one }
            });
            loads[officer] += case.weight_points.unwrap_or(1);
            case.current_officer_id = Some(officer_id(officer));
            case.held_since = Some(days_later(as_at, -dice.between(8, 900)));
            case.waiting_since = None;
            holder = Some(officer);
        }
        last = case.group_id.clone().zip(holder).map(|(group_id, officer)| (Some(group_id), officer));
        // Never the only one who may take the case, nor the one who holds it.
        if may_take.len() > 1 && dice.per_mille(BARRED_PER_MILLE) {
            let barred = *dice.pick(&may_take);
            if holder != Some(barred) {
                case.barred_officer_ids.push(officer_id(barred));
            }
        }
    }
}

//! The worth of a hire: what one more officer of a profile brings.
//!
//! **From above**, by prices: with everybody else's prices as the baseline's proof has them and the best for the newcomer, or with those of
//! the search below where they prove more, the price bound falls by the *price value*. No allocation with the newcomer is better than the
//! baseline's by more than price value + gap of the baseline; that is asserted of every answer. Price values rank the profiles.
//!
//! **As found**: the same backlog with the newcomer, searched from the baseline's answer. What people read is what that comes to: children with an
//! officer, points above caps, deadlines met. The count bound of that search says how many more children any allocation could give an officer.

use std::sync::Arc;

use jiff::civil::Date;

use super::{
    Given,
    profile::{self, Profile, free_ids},
    refused::{BadEntry, Unanswerable},
    staffing::Missed,
};
use crate::{
    model::{Allocation, Code, Problem},
    solve::{
        Budget, FaultyAnswer, Options, Progress, Start, solve,
        verify::{Measure, price_bound},
        with_prices_of,
    },
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorthOptions {
    /// Who could be hired, at least one profile.
    pub profiles: Vec<Profile>,
    /// Say what becomes of deadlines, too.
    pub with_forecast: bool,
}

/// Figures of an allocation that a hire changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorthFigures {
    /// Children with a case that no officer holds.
    pub children_without_officer_count: i64,
    /// Points that officers hold above their caps, all together.
    pub over_cap_points: i64,
    /// Cases that officers hold above their case-count caps, all together.
    pub over_cap_case_count: i64,
    /// Price of the allocation.
    pub objective: i64,
    /// No allocation costs less: proved by prices.
    pub bound: i64,
}

impl WorthFigures {
    fn of(allocation: &Allocation) -> Self {
        let over = |held: i64, cap: Option<i64>| cap.map_or(0, |cap| (held - cap).max(0));
        let of = &allocation.caseloads;
        Self {
            children_without_officer_count: allocation.totals.children_without_officer_count,
            over_cap_points: of.iter().map(|of| over(of.load_points, of.capacity_points)).sum(),
            over_cap_case_count: of.iter().map(|of| over(of.case_count, of.max_case_count)).sum(),
            objective: allocation.evidence.objective,
            bound: allocation.evidence.price_bound,
        }
    }
}

/// Why a hire brings nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNothing {
    /// No case has an area and skills that they could take.
    NoCase,
    /// Every child has an officer, and nobody is above a cap.
    NothingMissing,
    /// The bound proves that no allocation with them is better.
    Proved,
    /// None was found; what could be is bounded.
    NoneFound,
}

impl WhyNothing {
    /// The code used in files: `no_case`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCase => "no_case",
            Self::NothingMissing => "nothing_missing",
            Self::Proved => "proved",
            Self::NoneFound => "none_found",
        }
    }

    /// A sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoCase => "no case has an area and skills that they could take",
            Self::NothingMissing => "every child has an officer, and nobody is above a cap",
            Self::Proved => "the prices prove that no allocation with them is better",
            Self::NoneFound => "no better allocation was found in the time or steps allowed",
        }
    }
}

/// What one officer of a profile brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HireWorth {
    /// The profile.
    pub profile_code: Code,
    /// Cases that they could hold.
    pub eligible_case_count: i64,
    /// What the price bound falls by: the most that they are worth, but for the gap of the baseline.
    pub price_value: i64,
    /// What the objective falls by, as found; at most `price_value` + the gap of the baseline.
    pub gain: i64,
    /// With them.
    pub figures: WorthFigures,
    /// Children more who have an officer, as found.
    pub children_gain: i64,
    /// No allocation with them gives more children more an officer.
    pub children_gain_at_most: i64,
    /// Cases and points that they hold.
    pub holds: (i64, i64),
    /// Why they bring nothing, where neither children nor load above caps gain.
    pub why_nothing: Option<WhyNothing>,
    /// Missed deadlines: `as_today` without them, by the baseline's allocation; `with_hires` with them.
    pub missed: Option<Missed>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// The day of the backlog.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Seed of the searches.
    pub seed: u64,
    /// Children.
    pub child_count: i64,
    /// The allocation without a hire.
    pub baseline: WorthFigures,
    /// By price value, the highest first.
    pub hires: Vec<HireWorth>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

impl Worth {
    /// Distance of the baseline from its bound.
    #[must_use]
    pub fn gap(&self) -> i64 {
        self.baseline.objective - self.baseline.bound
    }
}

/// Ranks the profiles and searches with one officer of each. Each search has the budget's steps and an equal share of its time.
///
/// # Errors
/// [`Unanswerable`].
pub fn worth(
    given: &Given,
    wanted: &WorthOptions,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<Worth, Unanswerable> {
    let mut faults = profile::faults(&wanted.profiles);
    if given.backlog.pairs.is_some() {
        let message = "are given, and say alone who may take what: nobody could say what a hire may take. Leave them out, so that areas and skills say it";
        faults.push(BadEntry::new("backlog.pairs", message));
    }
    if !faults.is_empty() {
        return Err(Unanswerable::Invalid(faults));
    }
    let problem = given.problem()?;
    let searches = wanted.profiles.len() + 1;
    let baseline = solve(&problem, options, &budget.share(searches), progress)?;
    let before = match wanted.with_forecast {
        true => Some(Missed::of(given, &[], &baseline, options, budget)?),
        false => None,
    };
    let mut hires = Vec::new();
    for (done, profile) in (1..).zip(&wanted.profiles) {
        let found = worth_of(given, profile, &baseline, options, &budget.share(searches - done), progress)?;
        let (mut worth, allocation, hired) = found;
        if let Some(before) = before {
            let with = Missed::of(given, &[hired], &allocation, options, budget)?;
            worth.missed = Some(Missed { as_today: before.with_hires, ..with });
        }
        hires.push(worth);
    }
    hires.sort_by_key(|hire| (std::cmp::Reverse(hire.price_value), hire.profile_code.clone()));
    Ok(Worth {
        as_at: given.backlog.as_at,
        rules_version: given.rules.version.clone(),
        seed: options.seed,
        child_count: baseline.totals.child_count,
        baseline: WorthFigures::of(&baseline),
        hires,
        notes: profile::notes(&wanted.profiles, problem.backlog()),
    })
}

fn worth_of(
    given: &Given,
    profile: &Profile,
    baseline: &Allocation,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<(HireWorth, Allocation, crate::model::Officer), Unanswerable> {
    let mut with = given.clone();
    let id = free_ids(profile, &with.backlog).next().expect("there is always a free number");
    let hired = profile.officer(id.clone(), &given.rules);
    with.backlog.officers.push(hired.clone());
    let problem = with.problem()?;
    let instance = problem.instance();
    let newcomer = problem.officer_index(&id).expect("they were put there");
    let mut start = Start::of(&problem, baseline);
    let evidence = &mut start.evidence;
    evidence.proof = with_prices_of(instance, &evidence.proof, newcomer, Measure::Price);
    evidence.count_proof = with_prices_of(instance, &evidence.count_proof, newcomer, Measure::Children);
    let bound = price_bound(instance, &start.evidence.proof, Measure::Price)
        .map_err(|error| defect(&error.sentence(&|officer| officer.get().to_string())))?;
    let found = solve(&problem, &Options { start: Some(Arc::new(start)), ..options.clone() }, budget, progress)?;
    let (before, figures) = (WorthFigures::of(baseline), WorthFigures::of(&found));
    // Prices that the search found prove something of the same problem, too: the higher bound counts.
    let price_value = before.bound - bound.max(figures.bound);
    let gain = before.objective - figures.objective;
    let gap = before.objective - before.bound;
    if gain > price_value + gap {
        return Err(defect(&format!(
            "one more {} gains {gain}, above their price value {price_value} and the gap {gap}",
            profile.code
        )));
    }
    let eligible_case_count = eligible_cases(&problem, newcomer);
    let children_gain = before.children_without_officer_count - figures.children_without_officer_count;
    let at_most = before.children_without_officer_count - found.evidence.count_bound;
    let over_gain =
        before.over_cap_points - figures.over_cap_points + before.over_cap_case_count - figures.over_cap_case_count;
    let why_nothing = (children_gain <= 0 && over_gain <= 0).then(|| {
        if eligible_case_count == 0 {
            WhyNothing::NoCase
        } else if before.children_without_officer_count == 0
            && before.over_cap_points == 0
            && before.over_cap_case_count == 0
        {
            WhyNothing::NothingMissing
        } else if price_value + gap <= 0 {
            WhyNothing::Proved
        } else {
            WhyNothing::NoneFound
        }
    });
    let caseload = found.caseloads.iter().find(|caseload| caseload.officer_id == id);
    let worth = HireWorth {
        profile_code: profile.code.clone(),
        eligible_case_count,
        price_value,
        gain,
        figures,
        children_gain,
        children_gain_at_most: at_most,
        holds: caseload.map_or((0, 0), |caseload| (caseload.case_count, caseload.load_points)),
        why_nothing,
        missed: None,
    };
    Ok((worth, found, hired))
}

fn eligible_cases(problem: &Problem, newcomer: crate::model::OfficerIndex) -> i64 {
    let instance = problem.instance();
    let eligible = instance.unit_indices().filter(|&unit| instance.position_of(unit, newcomer).is_some());
    eligible.map(|unit| i64::from(instance.unit(unit).case_count)).sum()
}

fn defect(sentence: &str) -> Unanswerable {
    FaultyAnswer { faults: vec![sentence.to_owned()] }.into()
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod tests;

//! Which deadlines will be missed, week by week, under three assignments: who holds what today, a proposal, and doing nothing.
//!
//! The model, in a few lines. Every obligation of ours has a last day, takes points, and can be worked on for some weeks before (`effort`). An
//! officer has points a week (`throughput`), a share of them for dated work, and does it in an order (`orders`): three orders are run, and
//! what is missed is told as a range over them. Of cases that nobody holds nothing is done, and all that falls due is missed. New demand comes
//! at a rate, by chance from a seed, and goes to officers who have its skills in proportion to their points. What waits on others is missed
//! when its day is past, whatever officers do, and is counted apart. Weeks begin on the day of the backlog; an obligation is in time if it is
//! finished in the week of its last day.
//!
//! Cost: paths x assignments x orders x (obligations log obligations + weeks), for Moore and Hodgson's order paths x assignments x weeks x open obligations.

mod count;
mod prepare;
mod walk;

use jiff::civil::Date;

use super::{Given, effort::Efforts, refused::BadEntry};
use crate::{
    model::{Allocation, CaseId, Code, OfficerId},
    solve::Budget,
    statute::Statute,
};

/// Most weeks.
pub const WEEKS_MAX: i64 = 52;
/// Most paths.
pub const PATHS_MAX: i64 = 1_000;
/// Highest rate of new demand, in hundredths a week.
pub const RATE_MAX_HUNDREDTHS: i64 = 1_000_000;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastOptions {
    /// Weeks, `1..=52`.
    pub week_count: i64,
    /// Paths of chance, `1..=1_000`.
    pub path_count: i64,
    /// The same seed draws the same.
    pub seed: u64,
    /// What obligations take.
    pub efforts: Efforts,
    /// New demand.
    pub demand: Vec<Demand>,
    /// Obligations of single cases that wait on others.
    pub waits: Vec<Wait>,
}

impl ForecastOptions {
    /// A year, 100 paths, the efforts that are shipped for the catalogue, no new demand, nothing that waits on others.
    #[must_use]
    pub fn of(statute: &Statute) -> Self {
        Self {
            week_count: WEEKS_MAX,
            path_count: 100,
            seed: 0,
            efforts: Efforts::preset(&statute.catalogue.about.name),
            demand: Vec::new(),
            waits: Vec::new(),
        }
    }

    /// Everything about the options that cannot be; paths are those of the options' fields.
    #[must_use]
    pub fn faults(&self, given: &Given) -> Vec<BadEntry> {
        prepare::faults(self, given)
    }
}

/// New cases at a rate: each begins with an event, and has the deadlines of ours that run from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The event of the catalogue: `request-received`.
    pub event: Code,
    /// How many a week on average, in hundredths, `0..=1_000_000`.
    pub per_week_hundredths: i64,
}

/// A case whose obligations cannot be finished before others have acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The case.
    pub case_id: CaseId,
    /// One clock; `None` = all of the case.
    pub code: Option<Code>,
    /// The day on which others will have acted; `None` = not within these weeks.
    pub until: Option<Date>,
}

/// Who holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assignment {
    /// As today; new demand is shared out.
    Current,
    /// As the proposal has it; new demand is shared out.
    Proposed,
    /// As today, and new demand goes to nobody.
    DoNothing,
}

impl Assignment {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Current, Self::Proposed, Self::DoNothing];

    /// The code used in files: `do_nothing`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Proposed => "proposed",
            Self::DoNothing => "do_nothing",
        }
    }

    /// What a manager reads.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Current => "as today",
            Self::Proposed => "as proposed",
            Self::DoNothing => "nothing done",
        }
    }
}

/// A count that depends on chance: what 1 path in 10 stays at or below, the middle, what 9 in 10 stay at or below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// 10 %.
    pub low: i64,
    /// 50 %.
    pub middle: i64,
    /// 90 %.
    pub high: i64,
}

/// Counts of one week, one kind of obligation, or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Obligations whose last day is in it.
    pub due: Interval,
    /// Of those, missed although nothing but officers' points stood in the way, for each of [`Order::ALL`](super::Order::ALL).
    pub missed: [Interval; 3],
    /// Of those, missed because of others, whatever the order.
    pub waits_on_others: Interval,
    /// Of `missed`, those of cases that nobody holds, whatever the order.
    pub unheld: Interval,
}

impl Counts {
    /// Missed over the orders: the middle of the best and of the worst.
    #[must_use]
    pub fn range(&self) -> (i64, i64) {
        let middles = self.missed.map(|interval| interval.middle);
        (middles.into_iter().min().unwrap_or(0), middles.into_iter().max().unwrap_or(0))
    }

    /// Missed over the orders and chance: 10 % of the best and 90 % of the worst.
    #[must_use]
    pub fn outer_range(&self) -> (i64, i64) {
        let (lows, highs) = (self.missed.map(|interval| interval.low), self.missed.map(|interval| interval.high));
        (lows.into_iter().min().unwrap_or(0), highs.into_iter().max().unwrap_or(0))
    }
}

/// What is to come under one assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Which.
    pub assignment: Assignment,
    /// Cases of the backlog that an officer holds.
    pub held_case_count: i64,
    /// Cases of the backlog that nobody holds.
    pub unheld_case_count: i64,
    /// All weeks together.
    pub total: Counts,
    /// Weeks by which the latest obligation is late at the end, for each of [`Order::ALL`](super::Order::ALL): finished or not, those late today included.
    pub worst_late_weeks: [Interval; 3],
    /// Week by week.
    pub weeks: Vec<Counts>,
    /// By kind of obligation, as [`Forecast::kinds`].
    pub kinds: Vec<Counts>,
}

/// A week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its first day.
    pub begin: Date,
    /// What falls into it: `before 15 February`, the tribunal's break.
    pub marks: Vec<String>,
}

/// A kind of obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationKind {
    /// The clock; `None` = only the day is known.
    pub code: Option<Code>,
    /// What is to be done.
    pub title: String,
    /// Points that it takes.
    pub points: i64,
}

/// An obligation of the backlog that falls due in these weeks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationOutlook {
    /// The case.
    pub case_id: CaseId,
    /// The clock; `None` = only the day is known.
    pub code: Option<Code>,
    /// Its last day.
    pub due_date: Date,
    /// Who holds the case, for each of [`Assignment::ALL`].
    pub officer_ids: [Option<OfficerId>; 3],
    /// Paths in which it is missed, for each of [`Assignment::ALL`]: in the order that misses it least, and most often.
    pub missed_path_counts: [(i64, i64); 3],
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The day of the backlog.
    pub as_at: Date,
    /// The seed.
    pub seed: u64,
    /// Paths that were run: fewer than asked for if the run was interrupted, 1 where nothing depends on chance.
    pub path_count: i64,
    /// Version of the rules.
    pub rules_version: String,
    /// Name of the table of efforts.
    pub efforts_name: String,
    /// Obligations of the backlog whose day is past already, whoever holds what: missed before the first week.
    pub missed_before_count: i64,
    /// The weeks.
    pub weeks: Vec<Week>,
    /// The kinds of obligation that fall due.
    pub kinds: Vec<ObligationKind>,
    /// One for each of [`Assignment::ALL`].
    pub outlooks: Vec<Outlook>,
    /// Obligations of the backlog, by day.
    pub obligations: Vec<ObligationOutlook>,
    /// Assumptions made, and what is not in the figures.
    pub notes: Vec<String>,
}

/// Runs the paths. `tell` hears how many are done. When the budget's stop flag is raised, other than by its time limit (which is for searches),
/// the answer is from fewer paths, and says so.
///
/// # Errors
/// Everything that is wrong with the options, see [`ForecastOptions::faults`].
pub fn forecast(
    given: &Given,
    proposed: &Allocation,
    options: &ForecastOptions,
    threads: usize,
    budget: &Budget,
    tell: &mut dyn FnMut(i64),
) -> Result<Forecast, Vec<BadEntry>> {
    let faults = options.faults(given);
    if !faults.is_empty() {
        return Err(faults);
    }
    // What is drawn for a case depends on its place: the order of the input must not matter.
    let mut given = given.clone();
    given.backlog.cases.sort_by(|a, b| a.id.cmp(&b.id));
    given.backlog.officers.sort_by(|a, b| a.id.cmp(&b.id));
    let given = &given;
    let prepared = prepare::prepare(given, proposed, options);
    let wanted = if prepared.has_chance() { options.path_count } else { 1 };
    let mut tally = count::Tally::new(&prepared);
    let mut done = 0;
    // So many at a time: memory for what they come to is theirs alone.
    const BATCH: i64 = 10;
    while done < wanted && (done == 0 || !is_interrupted(budget)) {
        let batch = BATCH.min(wanted - done);
        let count = usize::try_from(batch).expect("at most the size of a batch");
        let first = done.unsigned_abs();
        let walked = crate::solve::in_parallel(threads, count, |turn| walk::walk(&prepared, first + turn as u64));
        walked.iter().for_each(|path| tally.add(path));
        done += batch;
        tell(done);
    }
    Ok(tally.forecast(&prepared, given, options, done))
}

fn is_interrupted(budget: &Budget) -> bool {
    budget.is_stopped() && !budget.is_out_of_time()
}

#[cfg(test)]
mod tests;

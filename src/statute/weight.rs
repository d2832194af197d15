//! What a case weighs: week by week as far as its stages are known, the mean of that, and its heaviest week.
//!
//! The weight that counts against a cap is the mean over the weeks of the next 52 whose stage is known. Of a kind of case whose
//! stages have windows, such as a maintained plan, all 52 are: the year has its review, for some an amendment or a phase
//! transfer. Of any other case only the present stage is known, and it weighs what that weighs. Lateness raises urgency, never
//! points: in a window whose last day has passed a case weighs what it weighed before, or slow work would earn a smaller
//! caseload.

use jiff::{ToSpan as _, civil::Date};

use super::{
    calendar::Holidays,
    catalogue::{Catalogue, Stage},
    clock::Events,
};
use crate::model::Code;

/// Weeks that are looked at.
pub const WEEKS: usize = 52;

/// What is known of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its stage, where that is given: a stage whose windows do not tell.
    pub stage: Option<Code>,
    /// Its kind, where stages follow from windows.
    pub case_kind: Option<Code>,
    /// What has happened, and is planned.
    pub events: Events,
    /// Facts with points of their own, each with the day it began, if known.
    pub add_ons: Vec<(Code, Option<Date>)>,
}

/// Points of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// The mean over the known weeks, rounded to the nearest point, a half up: what counts against caps.
    pub points: i64,
    /// Points of the heaviest known week.
    pub peak_points: i64,
    /// The first such week: 0 is the one that begins on the day of the backlog.
    pub peak_week: usize,
    /// The stage of the present week.
    pub stage: Code,
    /// Points of each known week: one, or 52.
    pub weeks: Vec<i64>,
}

/// Why a case cannot be weighed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unweighable {
    /// The catalogue knows no such stage on that day.
    #[error("the catalogue has no stage `{0}` on that day")]
    Stage(Code),
    /// The catalogue knows none, or several, stages without a window for that kind of case on that day.
    #[error("the catalogue has no one stage for cases of kind `{0}` on that day while no window is open")]
    Kind(Code),
    /// The catalogue knows no such add-on on that day.
    #[error("the catalogue has no add-on `{0}` on that day")]
    AddOn(Code),
    /// Neither stage nor kind is given.
    #[error("neither the stage nor the kind of the case is given")]
    Unknown,
}

/// Weighs a case as at a day. O(weeks x stages of its kind).
///
/// # Errors
/// A stage, kind or add-on that the catalogue does not know on that day.
pub fn weigh(catalogue: &Catalogue, facts: &Facts, as_at: Date, holidays: &Holidays) -> Result<Weight, Unweighable> {
    let stages = match (&facts.stage, &facts.case_kind) {
        (Some(code), _) => vec![catalogue.stage(code, as_at).ok_or_else(|| Unweighable::Stage(code.clone()))?],
        (None, Some(kind)) => by_week(catalogue, kind, &facts.events, as_at, holidays)?,
        (None, None) => return Err(Unweighable::Unknown),
    };
    let mut weeks: Vec<i64> = stages.iter().map(|stage| stage.points).collect();
    for (code, since) in &facts.add_ons {
        let add_on = catalogue.add_on(code, as_at).ok_or_else(|| Unweighable::AddOn(code.clone()))?;
        let end = add_on.weeks.map(|weeks| days_between(as_at, since.unwrap_or(as_at)) + 7 * weeks);
        for (week, points) in weeks.iter_mut().enumerate() {
            if end.is_none_or(|end| first_day(week) < end) {
                *points += add_on.points;
            }
        }
    }
    let count = weeks.len() as i64;
    let peak_points = weeks.iter().copied().max().unwrap_or(0);
    Ok(Weight {
        points: (2 * weeks.iter().sum::<i64>() + count) / (2 * count),
        peak_points,
        peak_week: weeks.iter().position(|&points| points == peak_points).unwrap_or(0),
        stage: stages[0].code.clone(),
        weeks,
    })
}

/// Days from one day to another. Weeks are told apart by number of day: 52 dates for each of 700,000 cases take seconds.
fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// First day of a week, in days from that on which week 0 begins.
fn first_day(week: usize) -> i64 {
    7 * week as i64
}

/// The stage of each of the 52 weeks: of those whose window is open on its first day the heaviest, else the one without a window.
fn by_week<'a>(
    catalogue: &'a Catalogue,
    kind: &Code,
    events: &Events,
    as_at: Date,
    holidays: &Holidays,
) -> Result<Vec<&'a Stage>, Unweighable> {
    let of_kind = |day: Date| catalogue.stages_at(day).filter(|stage| stage.case_kind == *kind);
    let mut without_window = of_kind(as_at).filter(|stage| stage.window.is_none());
    // Of several, the case itself has to say in which it is.
    let (Some(quiet), None) = (without_window.next(), without_window.next()) else {
        return Err(Unweighable::Kind(kind.clone()));
    };
    let windows: Vec<(&Stage, i64, i64)> = of_kind(as_at)
        .flat_map(|stage| {
            let window = stage.window.as_ref();
            let last = window.and_then(|window| {
                let last = catalogue.clock(&window.clock, as_at)?.last_day(events, holidays)?;
                Some((window, last))
            });
            last.into_iter().flat_map(move |(window, last)| {
                let before = |last: Date| {
                    let last = days_between(as_at, last);
                    (stage, last - 7 * window.weeks, last)
                };
                // What is overdue is what is open now, and taken to be done within the week.
                let done = if last < as_at { as_at.saturating_add(1.week()) } else { last };
                let again = window.every.map(|every| before(every.after(done, holidays)));
                let (_, first, last) = before(last);
                [Some((stage, first, last.max(0))), again].into_iter().flatten()
            })
        })
        .collect();
    let is_open =
        |&&(_, first, last): &&(&Stage, i64, i64), week: usize| first < first_day(week) && first_day(week) <= last;
    let heaviest = |week: usize| {
        let open = windows.iter().filter(|window| is_open(window, week)).map(|&(stage, ..)| stage);
        open.max_by_key(|stage| stage.points).unwrap_or(quiet)
    };
    Ok((0..WEEKS).map(heaviest).collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const AS_AT: Date = date(2025, 1, 20);

    fn weighed(stage: &str, kind: &str, events: &[(&str, Date)], add_ons: &[(&str, Option<Date>)]) -> Weight {
        let given = |text: &str| (!text.is_empty()).then(|| Code::from(text));
        let facts = Facts {
            stage: given(stage),
            case_kind: given(kind),
            events: events.iter().map(|(code, day)| (Code::from(*code), *day)).collect(),
            add_ons: add_ons.iter().map(|(code, since)| (Code::from(*code), *since)).collect(),
        };
        let catalogue = Catalogue::preset("send-england").unwrap();
        weigh(&catalogue, &facts, AS_AT, &Holidays::england()).unwrap()
    }

    fn weeks_at(weight: &Weight, points: i64) -> usize {
        weight.weeks.iter().filter(|&&week| week == points).count()
    }

    #[test]
    fn a_case_whose_future_is_open_weighs_what_its_stage_weighs() {
        let weight = weighed("drafting", "", &[("request-received", date(2024, 9, 1))], &[]);
        assert_eq!((weight.points, weight.peak_points, weight.weeks.len()), (100, 100, 1));
        assert_eq!(weight.stage, Code::from("drafting"));
    }

    #[test]
    fn a_plan_has_one_review_a_year_whenever_that_is() {
        for last_review in [date(2024, 2, 10), date(2024, 6, 3), date(2024, 11, 4), date(2025, 1, 13)] {
            let weight = weighed("", "plan", &[("last-review", last_review)], &[]);
            assert_eq!(weight.weeks.len(), WEEKS);
            assert_eq!((weeks_at(&weight, 12), weeks_at(&weight, 5)), (12, 40), "{last_review}: {weight:?}");
            // (12 x 12 + 40 x 5) / 52 = 6.6
            assert_eq!((weight.points, weight.peak_points), (7, 12));
        }
    }

    #[test]
    fn an_overdue_review_weighs_no_more_than_one_in_time() {
        let overdue = weighed("", "plan", &[("last-review", date(2023, 6, 3))], &[]);
        assert_eq!((overdue.stage.as_str(), overdue.weeks[0], overdue.peak_points), ("review", 12, 12));
        let in_time = weighed("", "plan", &[("last-review", date(2024, 2, 10))], &[]);
        assert!(overdue.points <= in_time.points);
    }

    #[test]
    fn of_two_stages_at_a_time_the_heavier_counts() {
        let events = [("last-review", date(2024, 2, 10)), ("phase-transfer", date(2025, 9, 1))];
        let weight = weighed("", "plan", &events, &[]);
        // Until 14 February: four weeks that begin by then.
        assert_eq!((weight.stage.as_str(), weeks_at(&weight, 30), weight.peak_week), ("transfer", 4, 0));
    }

    #[test]
    fn add_ons_count_while_they_are_true_or_for_their_weeks() {
        let facts = [("out-of-education", None), ("handover", Some(date(2025, 1, 6)))];
        let weight = weighed("", "plan", &[("last-review", date(2024, 9, 1))], &facts);
        // The handover was two weeks ago: two are left.
        assert_eq!(weight.weeks[..4], [45, 45, 25, 25]);
        assert_eq!(weight.peak_week, 0);
    }

    #[test]
    fn what_the_catalogue_does_not_know_is_named() {
        let catalogue = Catalogue::preset("send-england").unwrap();
        let weigh = |facts: Facts| weigh(&catalogue, &facts, AS_AT, &Holidays::england()).unwrap_err().to_string();
        let of = |stage: Option<&str>, kind: Option<&str>, add_on: Option<&str>| Facts {
            stage: stage.map(Code::from),
            case_kind: kind.map(Code::from),
            add_ons: add_on.map(|code| (Code::from(code), None)).into_iter().collect(),
            ..Facts::default()
        };
        assert_eq!(weigh(of(Some("limbo"), None, None)), "the catalogue has no stage `limbo` on that day");
        let no_kind = "the catalogue has no one stage for cases of kind `parole` on that day while no window is open";
        assert_eq!(weigh(of(None, Some("parole"), None)), no_kind);
        assert_eq!(weigh(of(None, Some("plan"), Some("moon"))), "the catalogue has no add-on `moon` on that day");
        assert_eq!(weigh(of(None, None, None)), "neither the stage nor the kind of the case is given");
    }
}

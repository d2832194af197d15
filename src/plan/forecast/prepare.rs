//! What does not depend on chance: obligations, kinds, points, templates of new cases; and what is wrong with the options.

use std::collections::HashMap;

use jiff::{ToSpan as _, Unit, civil::Date};

use super::{
    super::{
        Given,
        obligations::{Obligations, obligations},
        refused::BadEntry,
        throughput::weekly_points,
    },
    Assignment, ForecastOptions, ObligationKind, PATHS_MAX, RATE_MAX_HUNDREDTHS, WEEKS_MAX, Wait, Week,
};
use crate::{
    model::{Allocation, CaseId, Code, OfficerId, Service, service_on},
    statute::{Events, Run, Unit as CalendarUnit},
};

/// A kind of obligation and what it takes.
pub(super) struct Kind {
    pub(super) told: ObligationKind,
    pub(super) lead_weeks: i32,
    pub(super) waits_on_others_percent: i64,
    /// What comes of it: the kind, per cent, weeks.
    pub(super) follows: Vec<(usize, i64, i32)>,
}

/// An obligation of the backlog.
pub(super) struct Known {
    pub(super) case: usize,
    pub(super) kind: usize,
    pub(super) due_date: Date,
    pub(super) due_week: i32,
    /// When others will have acted; `None` = they need not.
    pub(super) waits: Option<Acted>,
}

/// When others will have acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acted {
    /// In that week.
    In(i32),
    /// Not within these weeks.
    Never,
}

/// New cases that begin with one event.
pub(super) struct Arrivals {
    pub(super) per_week_hundredths: i64,
    /// For each week in which one may begin: the kinds of its obligations, and the week of their last days.
    pub(super) obligations: Vec<Vec<(usize, i32)>>,
    /// Who may get them, and their points in all weeks up to and with each.
    pub(super) officers: Vec<(usize, i64)>,
}

pub(super) struct Prepared {
    pub(super) seed: u64,
    pub(super) week_count: usize,
    pub(super) weeks: Vec<Week>,
    pub(super) kinds: Vec<Kind>,
    pub(super) known: Vec<Known>,
    /// Points for dated work of each officer, week by week.
    pub(super) points: Vec<Vec<i64>>,
    /// Who holds each case, for each of [`Assignment::ALL`].
    pub(super) holders: [Vec<Option<usize>>; 3],
    pub(super) arrivals: Vec<Arrivals>,
    pub(super) notes: Vec<String>,
}

impl Prepared {
    /// Two paths may differ.
    pub(super) fn has_chance(&self) -> bool {
        let is_share = |percent: i64| 0 < percent && percent < 100;
        self.arrivals.iter().any(|arrivals| arrivals.per_week_hundredths > 0)
            || self.known.iter().any(|known| {
                let kind = &self.kinds[known.kind];
                is_share(kind.waits_on_others_percent) || kind.follows.iter().any(|&(_, percent, _)| percent > 0)
            })
    }
}

pub(super) fn faults(options: &ForecastOptions, given: &Given) -> Vec<BadEntry> {
    let mut found = Vec::new();
    BadEntry::unless_within(&mut found, "week_count", options.week_count, 1..=WEEKS_MAX);
    BadEntry::unless_within(&mut found, "path_count", options.path_count, 1..=PATHS_MAX);
    let catalogue = &given.statute.catalogue;
    for (position, demand) in options.demand.iter().enumerate() {
        let path = format!("demand[{position}]");
        let rate = demand.per_week_hundredths;
        if !(0..=RATE_MAX_HUNDREDTHS).contains(&rate) {
            let most = RATE_MAX_HUNDREDTHS / 100;
            let message = format!("is {}; must be 0 to {most} a week", in_hundredths(rate));
            found.push(BadEntry::new(format!("{path}.per_week"), message));
        }
        let runs = clocks_from(given, &demand.event, given.backlog.as_at).next().is_some();
        if !catalogue.knows_event(&demand.event) {
            let message = format!("`{}` is no event of the catalogue; `caseload rules show` lists them", demand.event);
            found.push(BadEntry::new(format!("{path}.event_code"), message));
        } else if !runs {
            let message =
                format!("no deadline of ours runs from `{}`; name the event with which cases begin", demand.event);
            found.push(BadEntry::new(format!("{path}.event_code"), message));
        }
        if options.demand[..position].iter().any(|earlier| earlier.event == demand.event) {
            found.push(BadEntry::new(
                format!("{path}.event_code"),
                format!("`{}` is given twice; add the rates up", demand.event),
            ));
        }
    }
    let cases: std::collections::HashSet<&CaseId> = given.backlog.cases.iter().map(|case| &case.id).collect();
    for (position, wait) in options.waits.iter().enumerate() {
        let path = format!("waits[{position}]");
        if !cases.contains(&wait.case_id) {
            found.push(BadEntry::new(
                format!("{path}.case_id"),
                format!("`{}` is no case of the backlog", wait.case_id),
            ));
        }
        if let Some(code) = wait.code.as_ref().filter(|code| catalogue.clock(code, given.backlog.as_at).is_none()) {
            let message = format!("`{code}` is no clock of the catalogue; `caseload rules show` lists them");
            found.push(BadEntry::new(format!("{path}.obligation_code"), message));
        }
    }
    options.efforts.check("efforts.", &given.statute, &mut found);
    found
}

/// `41.6` of 4,160.
pub(super) fn in_hundredths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:02}", number.unsigned_abs() / 100, number.unsigned_abs() % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn prepare(given: &Given, proposed: &Allocation, options: &ForecastOptions) -> Prepared {
    let (backlog, as_at) = (&given.backlog, given.backlog.as_at);
    let week_count = usize::try_from(options.week_count).expect("checked");
    let end = as_at.saturating_add(options.week_count.weeks());
    let found = obligations(backlog, &given.statute, end);
    let mut kinds = Kinds { given, options, list: Vec::new(), of_code: HashMap::new() };
    let mut waits: HashMap<&CaseId, Vec<&Wait>> = HashMap::new();
    for wait in &options.waits {
        waits.entry(&wait.case_id).or_default().push(wait);
    }
    let known: Vec<Known> = found
        .list
        .iter()
        .map(|obligation| {
            let listed = waits.get(&backlog.cases[obligation.case].id);
            let applies = |wait: &&&Wait| wait.code.is_none() || wait.code == obligation.code;
            Known {
                case: obligation.case,
                kind: kinds.of(obligation.code.as_ref()),
                due_date: obligation.due_date,
                due_week: week_of(as_at, obligation.due_date),
                waits: listed.and_then(|listed| listed.iter().find(applies)).map(|wait| acted(as_at, wait.until)),
            }
        })
        .collect();
    let mut assumed_count = 0;
    let points: Vec<Vec<i64>> = backlog
        .officers
        .iter()
        .map(|officer| {
            let percent = options.efforts.dated_work_percent;
            let (points, is_assumed) = weekly_points(officer, &given.rules, as_at, week_count, percent);
            assumed_count += i64::from(is_assumed);
            points
        })
        .collect();
    let arrivals = options.demand.iter().map(|demand| {
        arrivals(given, demand.event.clone(), demand.per_week_hundredths, week_count, &points, &mut kinds)
    });
    let arrivals: Vec<Arrivals> = arrivals.collect();
    let holders = holders(given, proposed);
    let mut notes = notes(given, options, &found, assumed_count);
    notes.extend(notes_of_officers(given, &points, &holders));
    let kinds = kinds.list;
    Prepared {
        seed: options.seed,
        week_count,
        weeks: weeks(given, week_count),
        kinds,
        known,
        points,
        holders,
        arrivals,
        notes,
    }
}

fn acted(as_at: Date, until: Option<Date>) -> Acted {
    until.map_or(Acted::Never, |day| Acted::In(week_of(as_at, day)))
}

/// Weeks from the day of the backlog; below 0 = before it.
pub(super) fn week_of(as_at: Date, day: Date) -> i32 {
    let span = day.since((Unit::Day, as_at)).expect("any two civil dates are so many days apart");
    span.get_days().div_euclid(7)
}

struct Kinds<'a> {
    given: &'a Given,
    options: &'a ForecastOptions,
    list: Vec<Kind>,
    of_code: HashMap<Option<Code>, usize>,
}

impl Kinds<'_> {
    fn of(&mut self, code: Option<&Code>) -> usize {
        if let Some(&kind) = self.of_code.get(&code.cloned()) {
            return kind;
        }
        let effort = self.options.efforts.of(code);
        let clock = code.and_then(|code| self.given.statute.catalogue.clock(code, self.given.backlog.as_at));
        let title = clock.map_or("What is due, its kind not given", |clock| &clock.title).to_owned();
        let kind = self.list.len();
        self.list.push(Kind {
            told: ObligationKind { code: code.cloned(), title, points: effort.points },
            lead_weeks: i32::try_from(effort.lead_weeks).expect("checked"),
            waits_on_others_percent: effort.waits_on_others_percent,
            follows: Vec::new(),
        });
        self.of_code.insert(code.cloned(), kind);
        for follow in self.options.efforts.follows.iter().filter(|follow| Some(&follow.after) == code) {
            let weeks = i32::try_from(follow.weeks).expect("checked");
            // What comes of itself would come for ever.
            if follow.code != follow.after {
                let next = self.of(Some(&follow.code));
                self.list[kind].follows.push((next, follow.percent, weeks));
            }
        }
        kind
    }
}

/// Our deadlines that an event starts by itself on a day: their clocks, and how long they run.
fn clocks_from<'a>(given: &'a Given, event: &'a Code, day: Date) -> impl Iterator<Item = (&'a Code, Date)> {
    let catalogue = &given.statute.catalogue;
    let events: Events = [(event.clone(), day)].into();
    let clocks = catalogue.clocks.iter().filter(move |clock| catalogue.clock(&clock.code, day) == Some(*clock));
    let ours = clocks.filter(|clock| clock.is_deadline());
    ours.filter_map(move |clock| {
        let begins = |run: &Run| run.from.contains(event) && run.within.is_some();
        let last = clock.last_day(&events, &given.statute.holidays).filter(|_| clock.runs.iter().any(begins))?;
        Some((&clock.code, last))
    })
}

fn arrivals(
    given: &Given,
    event: Code,
    per_week_hundredths: i64,
    week_count: usize,
    points: &[Vec<i64>],
    kinds: &mut Kinds<'_>,
) -> Arrivals {
    let (catalogue, as_at) = (&given.statute.catalogue, given.backlog.as_at);
    let obligations = (0..week_count as i64).map(|week| {
        let day = as_at.saturating_add(week.weeks());
        clocks_from(given, &event, day).map(|(code, last)| (kinds.of(Some(code)), week_of(as_at, last))).collect()
    });
    let obligations = obligations.collect();
    // The first stage that has one of the clocks says whom it needs.
    let codes: Vec<&Code> = clocks_from(given, &event, as_at).map(|(code, _)| code).collect();
    let stage = catalogue.stages_at(as_at).find(|stage| stage.clocks.iter().any(|code| codes.contains(&code)));
    let skills = stage.map(|stage| stage.skills.as_slice()).unwrap_or_default();
    let mut total = 0;
    let mut officers = Vec::new();
    for (position, officer) in given.backlog.officers.iter().enumerate() {
        let own: i64 = points[position].iter().sum();
        if own > 0 && skills.iter().all(|skill| officer.skills.contains(skill)) {
            total += own;
            officers.push((position, total));
        }
    }
    Arrivals { per_week_hundredths, obligations, officers }
}

fn holders(given: &Given, proposed: &Allocation) -> [Vec<Option<usize>>; 3] {
    let backlog = &given.backlog;
    let officers: HashMap<&OfficerId, usize> =
        backlog.officers.iter().enumerate().map(|(position, officer)| (&officer.id, position)).collect();
    let held: HashMap<&CaseId, &OfficerId> =
        proposed.held.iter().map(|held| (&held.case_id, &held.officer_id)).collect();
    let position = |id: Option<&OfficerId>| id.and_then(|id| officers.get(id).copied());
    let today: Vec<_> = backlog.cases.iter().map(|case| position(case.current_officer_id.as_ref())).collect();
    let then = backlog.cases.iter().map(|case| position(held.get(&case.id).copied()));
    Assignment::ALL.map(|assignment| match assignment {
        Assignment::Current | Assignment::DoNothing => today.clone(),
        Assignment::Proposed => then.clone().collect(),
    })
}

/// Marks the week of that day, once.
fn mark(weeks: &mut [Week], as_at: Date, day: Date, text: String) {
    let week = usize::try_from(week_of(as_at, day)).ok().and_then(|week| weeks.get_mut(week));
    if let Some(week) = week.filter(|week| !week.marks.contains(&text)) {
        week.marks.push(text);
    }
}

/// The weeks, with the fixed days of the catalogue and the breaks of the tribunal.
fn weeks(given: &Given, week_count: usize) -> Vec<Week> {
    let (statute, as_at) = (&given.statute, given.backlog.as_at);
    let mut weeks: Vec<Week> = (0..week_count as i64)
        .map(|week| Week { begin: as_at.saturating_add(week.weeks()), marks: Vec::new() })
        .collect();
    let mut has_tribunal = false;
    for clock in statute.catalogue.clocks.iter().filter(|clock| clock.is_deadline()) {
        for run in &clock.runs {
            has_tribunal |= run.within.is_some_and(|length| length.unit == CalendarUnit::TribunalWorkingDays);
            let (Some(day), None, [event]) = (run.before_day, run.at_least, &run.from[..]) else { continue };
            for year in [as_at.year(), as_at.year().saturating_add(1)] {
                let Ok(first) = Date::new(year, 1, 1) else { continue };
                let events: Events = [(event.clone(), first)].into();
                let Some(last) = clock.last_day(&events, &statute.holidays) else { continue };
                mark(&mut weeks, as_at, last, format!("before {day}"));
                // Extracts may have the day itself instead of the one before.
                let next = last.tomorrow().unwrap_or(last);
                if week_of(as_at, next) != week_of(as_at, last) {
                    mark(&mut weeks, as_at, next, format!("{day} itself"));
                }
            }
        }
    }
    for week in weeks.iter_mut().filter(|_| has_tribunal) {
        let days = (0..7_i64).map(|day| week.begin.saturating_add(day.days()));
        if !days.clone().any(|day| statute.holidays.is_tribunal_working_day(day)) {
            let month = if week.begin.month() == 12 { "Christmas" } else { "August" };
            week.marks.push(format!("{month}: no day counts before the tribunal"));
        }
    }
    weeks
}

fn notes(given: &Given, options: &ForecastOptions, found: &Obligations, assumed_count: i64) -> Vec<String> {
    let efforts = &options.efforts;
    let mut notes = vec![
        format!("Efforts {}: {}.", efforts.name, efforts.note),
        format!(
            "{} % of each officer's points go to dated work, less days away; an obligation is in time if it is finished in the week of its last day.",
            efforts.dated_work_percent
        ),
        "Whoever holds a case does its work alone. Of cases that nobody holds nothing is done. Nobody gets the cases of who leaves in these weeks."
            .to_owned(),
    ];
    if options.demand.iter().all(|demand| demand.per_week_hundredths == 0) {
        notes.push("No new demand was given: what comes after today is not in these figures.".to_owned());
    } else {
        let rates: Vec<String> = options
            .demand
            .iter()
            .map(|demand| format!("{} {}", in_hundredths(demand.per_week_hundredths), demand.event))
            .collect();
        notes.push(format!(
            "New demand a week, on average: {}. It goes to officers with the skills in proportion to their points, whatever their caps. With nothing done it goes to nobody: all of it is missed, and takes nobody's time.",
            rates.join(", ")
        ));
    }
    if options.waits.is_empty() && efforts.obligations.iter().all(|effort| effort.waits_on_others_percent == 0) {
        notes.push(
            "Nothing was said of what waits on others (advice, schools): all that is missed is counted as what officers could prevent with enough points."
                .to_owned(),
        );
    }
    for follow in &efforts.follows {
        notes.push(format!(
            "Of 100 obligations `{}` {} have `{}` {} weeks later; of those late today, that long after a week drawn from the seed.",
            follow.after, follow.percent, follow.code, follow.weeks
        ));
    }
    let mut counted = |count: i64, one: &str, several: &str| match count {
        0 => {}
        1 => notes.push(format!("1 {one}")),
        count => notes.push(format!("{count} {several}")),
    };
    counted(
        found.undated_count,
        "case has no day by which anything is due: not in these figures.",
        "cases have no day by which anything is due: not in these figures.",
    );
    counted(
        found.unstated_count,
        "case says a day and neither stage nor kind: one obligation, with the effort of `other`.",
        "cases say a day and neither stage nor kind: one obligation each, with the effort of `other`.",
    );
    counted(
        found.exempt_count,
        "obligation has its limit lifted by somebody's decision: not counted.",
        "obligations have their limit lifted by somebody's decision: not counted.",
    );
    counted(
        found.of_others_count,
        "obligation of another body falls due in these weeks: not ours, and not counted.",
        "obligations of other bodies fall due in these weeks: not ours, and not counted.",
    );
    counted(
        assumed_count,
        "officer has neither points nor hours: taken to be full-time.",
        "officers have neither points nor hours: taken to be full-time.",
    );
    let leavers = given.backlog.officers.iter().filter(|officer| officer.available_until.is_some()).count();
    counted(
        leavers as i64,
        "officer has a last day: what they hold then is worked on by nobody.",
        "officers have a last day: what they hold then is worked on by nobody.",
    );
    notes
}

/// Officers who hold cases and have no points.
fn notes_of_officers(given: &Given, points: &[Vec<i64>], holders: &[Vec<Option<usize>>; 3]) -> Vec<String> {
    let mut held = vec![0_i64; points.len()];
    for officer in holders[0].iter().flatten() {
        held[*officer] += 1;
    }
    let officers = given.backlog.officers.iter().zip(points).zip(held);
    let without = officers.filter(|((_, points), held)| *held > 0 && points.iter().all(|&points| points == 0));
    without
        .map(|((officer, _), held)| {
            let why = match service_on(officer, given.backlog.as_at) {
                Service::Out => "is not there",
                Service::In | Service::ShortAbsence => "has no points for dated work",
            };
            let cases = if held == 1 { "1 case".to_owned() } else { format!("{held} cases") };
            format!("Officer {} holds {cases} today and {why}: nothing is done in them.", officer.id)
        })
        .collect()
}

//! What the entries of a catalogue must be together: known names, no two at once, numbers within range.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Catalogue, Entry, UrgencyStep};
use crate::{
    model::{CAPACITY_POINTS_MAX, Code, ID_BYTES_MAX, WEIGHT_POINTS_MAX},
    statute::clock::Kind,
};

const WEEKS_MAX: i64 = 520;
const PERCENT_MAX: i64 = 1_000;
const DAYS_LEFT_MAX: i64 = 36_525;

/// A table of the file, the entry's position in it, the field, and what is wrong.
pub(super) struct Wrong {
    pub(super) table: &'static str,
    pub(super) position: usize,
    pub(super) field: &'static str,
    pub(super) message: String,
}

#[derive(Default)]
struct Found(Vec<Wrong>);

impl Found {
    fn push(&mut self, table: &'static str, position: usize, field: &'static str, message: String) {
        self.0.push(Wrong { table, position, field, message });
    }

    fn range(&mut self, at: (&'static str, usize, &'static str), value: i64, range: std::ops::RangeInclusive<i64>) {
        if !range.contains(&value) {
            self.push(at.0, at.1, at.2, format!("{value} is not within {} to {}", range.start(), range.end()));
        }
    }
}

pub(super) fn check(catalogue: &Catalogue) -> Vec<Wrong> {
    let mut found = Found::default();
    about(catalogue, &mut found);
    entries("clock", &catalogue.clocks, &mut found);
    entries("exemption", &catalogue.exemptions, &mut found);
    entries("stage", &catalogue.stages, &mut found);
    entries("add-on", &catalogue.add_ons, &mut found);
    clocks(catalogue, &mut found);
    references(catalogue, &mut found);
    for (position, stage) in catalogue.stages.iter().enumerate() {
        found.range(("stage", position, "points"), stage.points, 0..=WEIGHT_POINTS_MAX);
        urgency(("stage", position), &stage.urgency, &mut found);
        if let Some(window) = &stage.window {
            found.range(("stage", position, "window"), window.weeks, 1..=WEEKS_MAX);
        }
        if stage.longest_stay.count == 0 {
            let message = "no time at all: give the days or weeks that a case may wait in this stage".to_owned();
            found.push("stage", position, "longest-stay", message);
        }
    }
    for (position, add_on) in catalogue.add_ons.iter().enumerate() {
        found.range(("add-on", position, "points"), add_on.points, 0..=WEIGHT_POINTS_MAX);
        if let Some(weeks) = add_on.weeks {
            found.range(("add-on", position, "weeks"), weeks, 1..=WEEKS_MAX);
        }
    }
    found.0
}

fn about(catalogue: &Catalogue, found: &mut Found) {
    let about = &catalogue.about;
    for (field, text) in [("name", &about.name), ("version", &about.version)] {
        if text.is_empty() || text.len() > ID_BYTES_MAX {
            let message = format!("{text:?} has {} bytes; 1 to {ID_BYTES_MAX} are allowed", text.len());
            found.push("catalogue", 0, field, message);
        }
    }
    found.range(("catalogue", 0, "full-time-points"), about.full_time_points, 1..=CAPACITY_POINTS_MAX);
    found.range(("catalogue", 0, "full-time-tenth-hours"), about.full_time_tenth_hours, 1..=1_680);
    urgency(("catalogue", 0), &about.urgency, found);
}

fn urgency((table, position): (&'static str, usize), steps: &[UrgencyStep], found: &mut Found) {
    for step in steps {
        found.range((table, position, "urgency"), step.percent, 0..=PERCENT_MAX);
        found.range((table, position, "urgency"), step.days_left, -DAYS_LEFT_MAX..=DAYS_LEFT_MAX);
    }
    for pair in steps.windows(2) {
        let [far, near] = pair else { unreachable!("windows of two") };
        if far.days_left <= near.days_left {
            let message = format!(
                "days-left {} comes after {}: begin far from the due date and come nearer with every step",
                near.days_left, far.days_left
            );
            found.push(table, position, "urgency", message);
        }
    }
}

/// Names, and the days between which entries hold.
fn entries<T: Entry>(table: &'static str, entries: &[T], found: &mut Found) {
    let mut of_code: BTreeMap<&Code, Vec<usize>> = BTreeMap::new();
    for (position, entry) in entries.iter().enumerate() {
        let code = entry.code().as_str();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if code.is_empty() || code.len() > ID_BYTES_MAX || !code.chars().all(is_plain) {
            let message = format!("{code:?} is no code: write small letters, digits and -, {ID_BYTES_MAX} at most");
            found.push(table, position, "code", message);
        }
        if let (Some(from), Some(to)) = entry.span()
            && from > to
        {
            found.push(table, position, "effective-to", format!("{to} is before effective-from, {from}"));
        }
        of_code.entry(entry.code()).or_default().push(position);
    }
    for (code, positions) in of_code {
        let span = |position: usize| {
            let (from, to) = entries[position].span();
            (from.unwrap_or(Date::MIN), to.unwrap_or(Date::MAX))
        };
        let mut by_start: Vec<usize> = positions;
        by_start.sort_by_key(|&position| span(position));
        for pair in by_start.windows(2) {
            let [first, second] = *pair else { unreachable!("windows of two") };
            let (ends, begins) = (span(first).1, span(second).0);
            if begins <= ends {
                let until = if ends == Date::MAX { "has no last day".to_owned() } else { format!("holds to {ends}") };
                let message = format!(
                    "{code} holds twice at a time: another entry of that name {until}; end it the day before this begins"
                );
                found.push(table, second, "effective-from", message);
            }
        }
    }
}

fn clocks(catalogue: &Catalogue, found: &mut Found) {
    for (position, clock) in catalogue.clocks.iter().enumerate() {
        match (clock.kind, clock.runs.is_empty()) {
            (Kind::Undated, false) => {
                let message = "an undated clock has no runs: leave them out, or give another kind".to_owned();
                found.push("clock", position, "runs", message);
            }
            (Kind::Limit | Kind::Floor | Kind::Window | Kind::Advice, true) => {
                let message = "nothing says how long it is: give runs, or the kind \"undated\"".to_owned();
                found.push("clock", position, "runs", message);
            }
            _ => {}
        }
        for run in &clock.runs {
            if run.from.is_empty() {
                found.push("clock", position, "runs", "a run starts from no event: name one in from".to_owned());
            }
            let ways = (run.within.is_some(), run.at_least.is_some() || run.before_day.is_some());
            if ways.0 == ways.1 {
                let message = "a run has within, or it has at-least or before-day: one of the two".to_owned();
                found.push("clock", position, "runs", message);
            }
            if run.beginning_with && run.within.is_none() {
                let message = "beginning-with says how within is counted: there is no within".to_owned();
                found.push("clock", position, "runs", message);
            }
        }
    }
}

fn references(catalogue: &Catalogue, found: &mut Found) {
    let is_clock = |code: &Code| catalogue.clocks.iter().any(|clock| clock.code == *code);
    let unknown = |code: &Code| format!("{code} is no clock of this catalogue");
    for (position, exemption) in catalogue.exemptions.iter().enumerate() {
        for code in exemption.lifts.iter().filter(|code| !is_clock(code)) {
            found.push("exemption", position, "lifts", unknown(code));
        }
    }
    for (position, stage) in catalogue.stages.iter().enumerate() {
        for code in stage.clocks.iter().filter(|code| !is_clock(code)) {
            found.push("stage", position, "clocks", unknown(code));
        }
        let is_stage = |code: &Code| catalogue.stages.iter().any(|stage| stage.code == *code);
        for code in stage.barred_to_officers_of.iter().filter(|code| !is_stage(code)) {
            found.push("stage", position, "barred-to-officers-of", format!("{code} is no stage of this catalogue"));
        }
        if let Some(window) = stage.window.as_ref().filter(|window| !is_clock(&window.clock)) {
            found.push("stage", position, "window", unknown(&window.clock));
        }
    }
}

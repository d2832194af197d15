//! What a catalogue says of the cases of a backlog: weight, due date, skills, urgency, longest stay, bars.
//!
//! Whatever a case says itself counts: its weight, its due date; its own skills and bars are kept, and those of its stage
//! added. Lateness raises urgency, never points.

use std::collections::HashMap;

use jiff::{Unit, civil::Date};

use super::{
    calendar::Holidays,
    catalogue::{Catalogue, Stage},
    clock::Events,
    weight::{Facts, Unweighable, weigh},
};
use crate::model::{
    Backlog, Case, CaseId, ChildId, Code, Derived, Note, Obligation, Officer, OfficerId, Part, Place, Violation,
    WeekPoints,
};

/// What came of it besides the cases themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// What the reader of an answer should know.
    pub notes: Vec<Note>,
    /// What the catalogue does not know, or what does not fit together; positions are those of the backlog.
    pub violations: Vec<Violation>,
}

/// Fills in what the catalogue says of every case as at the day of the backlog. A case without kind, stage and obligations
/// stays as it is, and so does one of which an earlier call has told. O(cases), with 52 weeks each.
pub fn resolve(backlog: &mut Backlog, catalogue: &Catalogue, holidays: &Holidays) -> Resolved {
    let mut resolved = Resolved::default();
    let by_catalogue = By { catalogue, holidays, as_at: backlog.as_at };
    let officers: HashMap<&OfficerId, &Officer> =
        backlog.officers.iter().map(|officer| (&officer.id, officer)).collect();
    let mut weighed_count = 0;
    for (position, case) in backlog.cases.iter_mut().enumerate() {
        let mut found = Found { position, violations: &mut resolved.violations };
        weighed_count += i64::from(by_catalogue.case(case, &officers, &mut found));
    }
    if weighed_count > 0 {
        resolved.notes.push(Note::WeighedByCatalogue {
            version: catalogue.stamp(),
            note: catalogue.about.note.clone(),
            case_count: weighed_count,
        });
    }
    let unbarred = bar_earlier_officers(&mut backlog.cases, catalogue, backlog.as_at);
    if !unbarred.is_empty() {
        resolved.notes.push(Note::UnbarredCases { case_ids: unbarred });
    }
    resolved
}

struct By<'a> {
    catalogue: &'a Catalogue,
    holidays: &'a Holidays,
    as_at: Date,
}

struct Found<'a> {
    position: usize,
    violations: &'a mut Vec<Violation>,
}

impl Found<'_> {
    fn add(&mut self, field: &'static str, value: &impl ToString, message: String) {
        let place = Place { part: Part::Cases, position: Some(self.position), field };
        self.violations.push(Violation { place, value: value.to_string(), message });
    }
}

impl By<'_> {
    /// True = the weight is the catalogue's.
    fn case(&self, case: &mut Case, officers: &HashMap<&OfficerId, &Officer>, found: &mut Found<'_>) -> bool {
        if case.derived.is_some() {
            return false;
        }
        let mut events = Events::new();
        for event in &case.events {
            if !self.catalogue.knows_event(&event.code) {
                let message = format!("`{}` is no event from which a clock of the catalogue runs", event.code);
                found.add("events", event, message);
            }
            let day = events.entry(event.code.clone()).or_insert(event.date);
            *day = event.date.max(*day);
        }
        let stage = self.stage(case, &events, found);
        let due_dates = self.due_dates(case, stage.as_ref().map(|(stage, _)| *stage), &events, found);
        case.due_date = case.due_date.or(due_dates.into_iter().min());
        let Some((stage, weight)) = stage else { return false };
        let is_weighed = case.weight_points.is_none();
        let mut weeks: Vec<WeekPoints> = Vec::new();
        if is_weighed {
            case.weight_points = Some(weight.points);
            for (week, &points) in (0..).zip(&weight.weeks) {
                if weeks.last().is_none_or(|last| last.points != points) {
                    weeks.push(WeekPoints { from_week: week, points });
                }
            }
        }
        for skill in &stage.skills {
            if !case.skills.contains(skill) {
                case.skills.push(skill.clone());
            }
        }
        let lacks_skill = |officer: &&Officer| stage.skills.iter().any(|skill| !officer.skills.contains(skill));
        let holder = case.current_officer_id.as_ref().and_then(|id| officers.get(id).copied());
        let since = case.waiting_since.map_or(self.as_at, |since| since.min(self.as_at));
        case.derived = Some(Box::new(Derived {
            weeks,
            urgency_percent: Some(self.catalogue.urgency_percent(stage, self.days_until(case.due_date))),
            longest_stay_until: Some(stage.longest_stay.after(since, self.holidays)),
            planned_transfer: stage.planned_transfer && holder.as_ref().is_some_and(lacks_skill),
        }));
        is_weighed
    }

    /// An unknown day is today.
    fn days_until(&self, day: Option<Date>) -> i64 {
        day.map_or(0, |day| {
            let span = day.since((Unit::Day, self.as_at)).expect("any two civil dates are so many days apart");
            i64::from(span.get_days())
        })
    }

    /// The stage of the present week, and what the case weighs; `None` = it has no kind and no stage, or an unknown one.
    fn stage(&self, case: &Case, events: &Events, found: &mut Found<'_>) -> Option<(&Stage, super::Weight)> {
        if case.stage.is_none() && case.kind.is_none() && case.add_ons.is_empty() {
            return None;
        }
        let facts = Facts {
            stage: case.stage.clone(),
            case_kind: case.kind.clone(),
            events: events.clone(),
            add_ons: case.add_ons.iter().map(|add_on| (add_on.code.clone(), add_on.since)).collect(),
        };
        let weight = match weigh(self.catalogue, &facts, self.as_at, self.holidays) {
            Ok(weight) => weight,
            Err(error) => {
                let (field, value) = match &error {
                    Unweighable::Stage(code) => ("stage", code.clone()),
                    Unweighable::Kind(code) => ("kind", code.clone()),
                    Unweighable::AddOn(code) => ("add_ons", code.clone()),
                    Unweighable::Unknown => ("stage", Code::from("")),
                };
                let advice = match error {
                    Unweighable::Kind(_) => "; give its stage",
                    Unweighable::Unknown => ", but add-ons are; give one of the two",
                    Unweighable::Stage(_) | Unweighable::AddOn(_) => "; `caseload rules show` lists them",
                };
                found.add(field, &value, format!("cannot be resolved: {error}{advice}"));
                return None;
            }
        };
        let stage = self.catalogue.stage(&weight.stage, self.as_at)?;
        if let Some(kind) = case.kind.as_ref().filter(|kind| **kind != stage.case_kind) {
            let message = format!("is `{}`, a stage of cases of kind `{}`, not `{kind}`", stage.code, stage.case_kind);
            found.add("stage", &stage.code, message);
        }
        Some((stage, weight))
    }

    /// Last days of our own open duties that nothing exempts from.
    fn due_dates(&self, case: &Case, stage: Option<&Stage>, events: &Events, found: &mut Found<'_>) -> Vec<Date> {
        let mut days = Vec::new();
        for obligation in &case.obligations {
            let Some(clock) = self.catalogue.clock(&obligation.code, self.as_at) else {
                let message =
                    format!("`{}` is no clock of the catalogue; `caseload rules show` lists them", obligation.code);
                found.add("obligations", &obligation.code, message);
                continue;
            };
            self.check_exemption(obligation, found);
            if clock.is_deadline() && obligation.exemption.is_none() {
                days.extend(obligation.due_date.or_else(|| clock.open_day(events, self.holidays, self.as_at)));
            }
        }
        if case.obligations.is_empty()
            && let Some(stage) = stage
        {
            let clocks = stage.clocks.iter().filter_map(|code| self.catalogue.clock(code, self.as_at));
            let ours = clocks.filter(|clock| clock.is_deadline());
            days.extend(ours.filter_map(|clock| clock.open_day(events, self.holidays, self.as_at)));
        }
        days
    }

    fn check_exemption(&self, obligation: &Obligation, found: &mut Found<'_>) {
        let Some(exempted) = &obligation.exemption else { return };
        let message = match self.catalogue.exemption(&exempted.code, self.as_at) {
            None => format!("`{}` is no exemption of the catalogue; `caseload rules show` lists them", exempted.code),
            Some(exemption) if !exemption.lifts.contains(&obligation.code) => {
                let lifts: Vec<&str> = exemption.lifts.iter().map(Code::as_str).collect();
                format!("exemption `{}` does not lift `{}`, only {}", exempted.code, obligation.code, lifts.join(", "))
            }
            Some(_) => return,
        };
        found.add("obligations", obligation, message);
    }
}

/// Bars from each case of a stage that wants somebody else the officers of the child's cases in the stages it names. Returns
/// the cases for which nobody is known who would have to be barred.
fn bar_earlier_officers(cases: &mut [Case], catalogue: &Catalogue, as_at: Date) -> Vec<CaseId> {
    let earlier_stages = |case: &Case| {
        let stage = case.stage.as_ref().and_then(|code| catalogue.stage(code, as_at));
        stage.map(|stage| &stage.barred_to_officers_of).filter(|stages| !stages.is_empty())
    };
    if !cases.iter().any(|case| earlier_stages(case).is_some()) {
        return Vec::new();
    }
    let mut officers: HashMap<(ChildId, Code), Vec<OfficerId>> = HashMap::new();
    for case in cases.iter() {
        if let (Some(child), Some(stage), Some(officer)) = (&case.child_id, &case.stage, &case.current_officer_id) {
            officers.entry((child.clone(), stage.clone())).or_default().push(officer.clone());
        }
    }
    let mut unbarred = Vec::new();
    for case in cases {
        let Some(stages) = earlier_stages(case) else { continue };
        if let Some(child) = case.child_id.clone() {
            for officer in stages.iter().filter_map(|stage| officers.get(&(child.clone(), stage.clone()))).flatten() {
                if !case.barred_officer_ids.contains(officer) {
                    case.barred_officer_ids.push(officer.clone());
                }
            }
        }
        if case.barred_officer_ids.is_empty() {
            unbarred.push(case.id.clone());
        }
    }
    unbarred
}

#[cfg(test)]
mod tests;

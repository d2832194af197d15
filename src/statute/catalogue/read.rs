//! A catalogue from TOML, with every fault named by line and field.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use toml::{Spanned, Table, Value};

use super::{About, AddOn, Catalogue, Exemption, Stage, UrgencyStep, check};
use crate::model::Code;
use crate::statute::{
    calendar::{Length, Unit},
    clock::{Clock, Kind, Party, Run},
};

/// What is wrong in one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: u64,
    /// The field; empty = the entry, or the file.
    pub field: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The fields of one entry, and where each stands.
type Fields = BTreeMap<Spanned<String>, Spanned<Value>>;

/// The file, before anything in it is understood.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    catalogue: Spanned<Fields>,
    #[serde(default)]
    clock: Vec<Spanned<Fields>>,
    #[serde(default)]
    exemption: Vec<Spanned<Fields>>,
    #[serde(default)]
    stage: Vec<Spanned<Fields>>,
    #[serde(default)]
    add_on: Vec<Spanned<Fields>>,
}

impl Catalogue {
    /// Reads a catalogue: a table `catalogue`, and tables `clock`, `exemption`, `stage` and `add-on`, as many as there are.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the lines: text that is not TOML (then only that), unknown, missing
    /// and unreadable fields, and what does not fit together.
    pub fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let lines = Lines { text };
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| lines.of(span.start));
            vec![Fault { line, field: String::new(), message: error.message().to_owned() }]
        })?;
        let mut faults = Vec::new();
        let about = entry("catalogue", &raw.catalogue, &about(), &lines, &mut faults);
        let clocks = entries("clock", &raw.clock, &clock(), &lines, &mut faults);
        let exemptions = entries("exemption", &raw.exemption, &exemption(), &lines, &mut faults);
        let stages = entries("stage", &raw.stage, &stage(), &lines, &mut faults);
        let add_ons = entries("add-on", &raw.add_on, &add_on(), &lines, &mut faults);
        if let (Some(about), true) = (about, faults.is_empty()) {
            let catalogue = Self { about, clocks, exemptions, stages, add_ons };
            for wrong in check::check(&catalogue) {
                let fields = match wrong.table {
                    "clock" => &raw.clock[wrong.position],
                    "exemption" => &raw.exemption[wrong.position],
                    "stage" => &raw.stage[wrong.position],
                    "add-on" => &raw.add_on[wrong.position],
                    _ => &raw.catalogue,
                };
                let field = fields.get_ref().keys().find(|key| key.get_ref() == wrong.field);
                let start = field.map_or(fields.span().start, |key| key.span().start);
                faults.push(Fault { line: lines.of(start), field: wrong.field.to_owned(), message: wrong.message });
            }
            if faults.is_empty() {
                return Ok(catalogue);
            }
        }
        faults.sort_by_key(|fault| fault.line);
        Err(faults)
    }
}

struct Lines<'a> {
    text: &'a str,
}

impl Lines<'_> {
    fn of(&self, start: usize) -> u64 {
        1 + self.text.as_bytes().iter().take(start).filter(|&&byte| byte == b'\n').count() as u64
    }
}

fn entries<T: Serialize + DeserializeOwned>(
    table: &str,
    raw: &[Spanned<Fields>],
    example: &T,
    lines: &Lines<'_>,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    raw.iter().filter_map(|fields| entry(table, fields, example, lines, faults)).collect()
}

/// An entry, or every fault in it. Field by field: one is good if the example with only it changed can be read; one is
/// lacking if it is not there and the example cannot be read without it.
fn entry<T: Serialize + DeserializeOwned>(
    table: &str,
    raw: &Spanned<Fields>,
    example: &T,
    lines: &Lines<'_>,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let example = Table::try_from(example).expect("entries are texts, numbers and lists, which TOML can hold");
    let before = faults.len();
    let mut whole = Table::new();
    for (key, value) in raw.get_ref() {
        let value = as_text(value.get_ref());
        whole.insert(key.get_ref().clone(), value.clone());
        let mut alone = example.clone();
        alone.insert(key.get_ref().clone(), value);
        if let Err(error) = alone.try_into::<T>() {
            let message = error.message().trim_end().to_owned();
            faults.push(Fault { line: lines.of(key.span().start), field: key.get_ref().clone(), message });
        }
    }
    for field in example.keys().filter(|field| !whole.contains_key(*field)) {
        let mut without = example.clone();
        without.remove(field);
        if without.try_into::<T>().is_err() {
            let message = format!("this {table} has no {field}");
            faults.push(Fault { line: lines.of(raw.span().start), field: field.clone(), message });
        }
    }
    if faults.len() > before {
        return None;
    }
    match whole.try_into() {
        Ok(entry) => Some(entry),
        Err(error) => {
            let message = error.message().trim_end().to_owned();
            faults.push(Fault { line: lines.of(raw.span().start), field: String::new(), message });
            None
        }
    }
}

/// TOML's dates as texts, which is what entries hold; anything else as it is.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Datetime(day) if day.time.is_none() => Value::String(day.to_string()),
        Value::Array(values) => Value::Array(values.iter().map(as_text).collect()),
        Value::Table(table) => Value::Table(table.iter().map(|(key, value)| (key.clone(), as_text(value))).collect()),
        other => other.clone(),
    }
}

// Examples, each with every field.

fn about() -> About {
    About {
        name: "name".to_owned(),
        version: "name-1".to_owned(),
        title: "A service".to_owned(),
        note: "a note".to_owned(),
        full_time_points: 1,
        full_time_tenth_hours: 370,
        urgency: vec![UrgencyStep { days_left: 0, percent: 100 }],
        bank_holidays: None,
    }
}

fn clock() -> Clock {
    Clock {
        code: Code::from("clock"),
        title: "A clock".to_owned(),
        kind: Kind::Limit,
        whose: Party::Ours,
        runs: vec![Run {
            from: vec![Code::from("event")],
            within: Some(week()),
            at_least: None,
            before_day: None,
            beginning_with: false,
        }],
        requires: vec![Code::from("event")],
        ended_by: vec![Code::from("event")],
        rolls_over_tribunal_breaks: true,
        extension: Some(week()),
        source: "a law".to_owned(),
        verified: true,
        effective_from: Some(date(2014, 9, 1)),
        effective_to: Some(date(2014, 9, 1)),
    }
}

fn exemption() -> Exemption {
    Exemption {
        code: Code::from("exemption"),
        title: "A reason".to_owned(),
        lifts: vec![Code::from("clock")],
        source: "a law".to_owned(),
        verified: true,
        effective_from: Some(date(2014, 9, 1)),
        effective_to: Some(date(2014, 9, 1)),
    }
}

fn stage() -> Stage {
    Stage {
        code: Code::from("stage"),
        title: "A stage".to_owned(),
        case_kind: Code::from("case"),
        points: 1,
        window: Some(super::Window { clock: Code::from("clock"), weeks: 1, every: Some(week()) }),
        clocks: vec![Code::from("clock")],
        skills: vec![Code::from("skill")],
        planned_transfer: true,
        barred_to_officers_of: vec![Code::from("stage")],
        longest_stay: week(),
        urgency: vec![UrgencyStep { days_left: 0, percent: 100 }],
        source: "a study".to_owned(),
        effective_from: Some(date(2014, 9, 1)),
        effective_to: Some(date(2014, 9, 1)),
    }
}

fn add_on() -> AddOn {
    AddOn {
        code: Code::from("add-on"),
        title: "A fact".to_owned(),
        points: 1,
        weeks: Some(1),
        source: "a study".to_owned(),
        effective_from: Some(date(2014, 9, 1)),
        effective_to: Some(date(2014, 9, 1)),
    }
}

fn week() -> Length {
    Length { count: 1, unit: Unit::Weeks }
}

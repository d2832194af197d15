//! The stage catalogue of a service: its clocks, what lifts them, its stages and their points. Data, never code.

mod check;
mod read;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    calendar::{Holidays, Length},
    clock::Clock,
};
use crate::model::Code;

pub use read::Fault;

/// Catalogues that are part of the program, by name.
pub const PRESETS: [(&str, &str); 2] = [
    ("send-england", include_str!("presets/send-england.toml")),
    ("probation-england-wales", include_str!("presets/probation-england-wales.toml")),
];

/// Everything particular to a service, versioned. Its entries hold between dates: ask with [`Catalogue::clock`] and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Name, version and what holds for all entries.
    pub about: About,
    /// Clocks.
    pub clocks: Vec<Clock>,
    /// Reasons for which a clock need not be kept.
    pub exemptions: Vec<Exemption>,
    /// Stages.
    pub stages: Vec<Stage>,
    /// Points besides those of the stage.
    pub add_ons: Vec<AddOn>,
}

/// What holds for a whole catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct About {
    /// Name of the catalogue.
    pub name: String,
    /// Version; whatever is made with the catalogue carries it.
    pub version: String,
    /// Whose work it describes.
    pub title: String,
    /// What every result made with these points has to say of them.
    pub note: String,
    /// Points a full-time officer can carry, `1..=1_000_000_000`.
    pub full_time_points: i64,
    /// Contracted hours a week of a full-time officer, in tenths, `1..=1_680`.
    pub full_time_tenth_hours: i64,
    /// How the price of waiting rises towards a due date, where a stage does not say otherwise: from far to near.
    pub urgency: Vec<UrgencyStep>,
    /// Days besides Saturdays and Sundays on which nobody works; none = the bank holidays of England.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_holidays: Option<Vec<Date>>,
}

/// A corner of the urgency curve; between corners it runs straight, beyond them it stays level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UrgencyStep {
    /// Days until the due date; below 0, since then.
    pub days_left: i64,
    /// Urgency in per cent of the rules' price, `0..=1_000`.
    pub percent: i64,
}

/// A reason for which clocks need not be kept. A person decides it, with its code and their own; it is never inferred. It lifts the
/// limit and not the duty, and gives no new date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exemption {
    /// Name of the reason.
    pub code: Code,
    /// The reason.
    pub title: String,
    /// Clocks that it lifts.
    pub lifts: Vec<Code>,
    /// Where it comes from.
    pub source: String,
    /// It was read in the primary text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// First day on which it holds; none = always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day on which it holds; none = to this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
}

/// A stage of a case: what is open, and what it weighs while it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stage {
    /// Name of the stage.
    pub code: Code,
    /// What is open.
    pub title: String,
    /// The kind of case that can be in it: `plan`, `assessment`.
    pub case_kind: Code,
    /// Weight in points while in it, `0..=1_000_000`.
    pub points: i64,
    /// When a case of that kind is in it; none = while nothing else applies, or while the case says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Clocks that run in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Code>,
    /// Skills an officer needs for it, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Code>,
    /// A case that comes into it goes to the officers who have its skills as planned work, which is no handover.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub planned_transfer: bool,
    /// Stages of the same child whose officers must not get the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred_to_officers_of: Vec<Code>,
    /// Longest stay on a holding list.
    pub longest_stay: Length,
    /// Its own urgency curve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urgency: Vec<UrgencyStep>,
    /// Where points and stay come from.
    pub source: String,
    /// First day on which it holds; none = always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day on which it holds; none = to this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
}

/// The weeks before the last day of a clock, and that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Window {
    /// The clock.
    pub clock: Code,
    /// Weeks before its last day, `1..=520`.
    pub weeks: i64,
    /// It comes again after so long, whatever happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Length>,
}

/// Points besides those of the stage, while something is true of the child or the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AddOn {
    /// Name of the fact.
    pub code: Code,
    /// The fact.
    pub title: String,
    /// Points, `0..=1_000_000`.
    pub points: i64,
    /// For so many weeks from its beginning, `1..=520`; none = while it is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<i64>,
    /// Where the points come from.
    pub source: String,
    /// First day on which it holds; none = always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day on which it holds; none = to this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
}

/// An entry with a name and days between which it holds.
pub(super) trait Entry {
    fn code(&self) -> &Code;
    /// First and last day.
    fn span(&self) -> (Option<Date>, Option<Date>);

    fn holds_at(&self, day: Date) -> bool {
        let (from, to) = self.span();
        from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
    }
}

macro_rules! entries {
    ($($kind:ty),*) => {$(
        impl Entry for $kind {
            fn code(&self) -> &Code {
                &self.code
            }

            fn span(&self) -> (Option<Date>, Option<Date>) {
                (self.effective_from, self.effective_to)
            }
        }
    )*};
}

entries!(Clock, Exemption, Stage, AddOn);

impl Catalogue {
    /// The catalogue of that name among [`PRESETS`].
    ///
    /// # Panics
    /// Never: a test reads every preset.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let (_, text) = PRESETS.iter().find(|(known, _)| *known == name)?;
        Some(Self::read(text).expect("presets are part of the program, and a test reads them"))
    }

    /// The catalogue of that name or version: this one, also for an empty name, or one that is shipped.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Self> {
        let is_it = |catalogue: &Self| {
            [&catalogue.about.name, &catalogue.about.version, &catalogue.stamp()].iter().any(|known| *known == name)
        };
        if name.is_empty() || is_it(self) {
            return Some(self.clone());
        }
        PRESETS.iter().filter_map(|(preset, _)| Self::preset(preset)).find(is_it)
    }

    /// The clock of that name as it holds on that day.
    #[must_use]
    pub fn clock(&self, code: &Code, day: Date) -> Option<&Clock> {
        find(&self.clocks, code, day)
    }

    /// The stage of that name as it holds on that day.
    #[must_use]
    pub fn stage(&self, code: &Code, day: Date) -> Option<&Stage> {
        find(&self.stages, code, day)
    }

    /// The stages that hold on that day, in the order of the catalogue.
    pub fn stages_at(&self, day: Date) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| stage.holds_at(day))
    }

    /// The exemption of that name as it holds on that day.
    #[must_use]
    pub fn exemption(&self, code: &Code, day: Date) -> Option<&Exemption> {
        find(&self.exemptions, code, day)
    }

    /// The add-on of that name as it holds on that day.
    #[must_use]
    pub fn add_on(&self, code: &Code, day: Date) -> Option<&AddOn> {
        find(&self.add_ons, code, day)
    }

    /// Some clock, at whatever time, runs from that event or is ended by it.
    #[must_use]
    pub fn knows_event(&self, code: &Code) -> bool {
        let knows =
            |clock: &Clock| clock.ended_by.contains(code) || clock.runs.iter().any(|run| run.from.contains(code));
        self.clocks.iter().any(knows)
    }

    /// The version of a catalogue that is shipped; of any other with a digest of what is in it, so that no two that differ are
    /// called the same.
    #[must_use]
    pub fn stamp(&self) -> String {
        let version = &self.about.version;
        if Self::preset(&self.about.name).is_some_and(|preset| preset == *self) {
            return version.clone();
        }
        let parts = (&self.about, &self.clocks, &self.exemptions, &self.stages, &self.add_ons);
        let json = serde_json::to_string(&parts).expect("entries are texts, numbers and lists, which JSON can hold");
        let digest = Sha256::digest(json);
        digest.iter().take(4).fold(format!("{version}+"), |stamp, byte| format!("{stamp}{byte:02x}"))
    }

    /// Days on which nobody works.
    #[must_use]
    pub fn holidays(&self) -> Holidays {
        self.about.bank_holidays.as_ref().map_or_else(Holidays::england, |days| Holidays::on(days))
    }

    /// Urgency in that stage so many days before the due date (below 0: after it), in per cent.
    #[must_use]
    pub fn urgency_percent(&self, stage: &Stage, days_left: i64) -> i64 {
        percent_at(if stage.urgency.is_empty() { &self.about.urgency } else { &stage.urgency }, days_left)
    }
}

fn find<'a, T: Entry>(entries: &'a [T], code: &Code, day: Date) -> Option<&'a T> {
    entries.iter().find(|entry| entry.code() == code && entry.holds_at(day))
}

/// Straight between the corners, rounded down; level beyond them.
fn percent_at(steps: &[UrgencyStep], days_left: i64) -> i64 {
    let Some(near) = steps.iter().position(|step| step.days_left <= days_left) else {
        return steps.last().map_or(0, |step| step.percent);
    };
    let (after, before) = (steps[near], near.checked_sub(1).map(|far| steps[far]));
    let Some(before) = before else { return after.percent };
    let (run, rise) = (before.days_left - after.days_left, after.percent - before.percent);
    before.percent + (before.days_left - days_left) * rise / run
}

#[cfg(test)]
mod tests;

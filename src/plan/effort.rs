//! What an obligation takes of an officer's points, and when work on it can begin: a table, data and never code.

use serde::{Deserialize, Serialize};

use super::refused::BadEntry;
use crate::{
    model::{Code, WEIGHT_POINTS_MAX},
    statute::Statute,
};

const SEND_ENGLAND: &str = include_str!("presets/effort-send-england.toml");
/// The catalogue that the shipped table is about.
const SEND_ENGLAND_CATALOGUE: &str = "send-england";

/// Efforts by kind of obligation. Points are points for one week: a full-time officer has 1,800 of them a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Efforts {
    /// Name and version of the table; every forecast carries it.
    pub name: String,
    /// What every forecast made with it has to say of it.
    pub note: String,
    /// Share of an officer's points that dated work gets, `0..=100` per cent.
    pub dated_work_percent: i64,
    /// What an obligation takes that has no entry.
    pub other: Other,
    /// What other obligations take.
    #[serde(default, rename = "obligation")]
    pub obligations: Vec<Effort>,
    /// Obligations that come of others.
    #[serde(default, rename = "follow")]
    pub follows: Vec<Follow>,
}

/// What an obligation without an entry takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Other {
    /// Points in all, `0..=1_000_000`.
    pub points: i64,
    /// Weeks before its last day in which work on it can be done, `0..=52`.
    pub lead_weeks: i64,
}

/// What a kind of obligation takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Effort {
    /// The clock.
    pub code: Code,
    /// Points in all, `0..=1_000_000`.
    pub points: i64,
    /// Weeks before its last day in which work on it can be done, `0..=52`.
    pub lead_weeks: i64,
    /// Of 100 such obligations so many wait on others (advice, a school) until their day is past, `0..=100`.
    #[serde(default)]
    pub waits_on_others_percent: i64,
    /// Where the points come from.
    #[serde(default)]
    pub source: String,
}

/// An obligation that comes of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Follow {
    /// The clock of the first.
    pub after: Code,
    /// The clock of what comes of it.
    pub code: Code,
    /// Of 100 of the first so many have it, `0..=100`.
    pub percent: i64,
    /// It is due so many weeks after the last day of the first, `0..=52`.
    pub weeks: i64,
}

impl Efforts {
    /// The table that is shipped for that catalogue; of any other one in which all obligations take the same.
    ///
    /// # Panics
    /// Never: a test reads the table.
    #[must_use]
    pub fn preset(catalogue: &str) -> Self {
        let mut efforts = Self::read(SEND_ENGLAND).expect("the table is part of the program, and a test reads it");
        if catalogue != SEND_ENGLAND_CATALOGUE {
            efforts.name = "effort-alike-1".to_owned();
            efforts.note =
                "all obligations are taken to be alike, at illustrative points: give a table of efforts".to_owned();
            efforts.obligations.clear();
            efforts.follows.clear();
        }
        efforts
    }

    /// A table from TOML.
    ///
    /// # Errors
    /// What TOML, or a field that is none, says: with its line.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// What the table says that cannot be. Paths begin with `prefix`.
    pub(super) fn check(&self, prefix: &str, statute: &Statute, found: &mut Vec<BadEntry>) {
        let percent = |found: &mut Vec<BadEntry>, path: String, number| {
            BadEntry::unless_within(found, path, number, 0..=100);
        };
        percent(found, format!("{prefix}dated_work_percent"), self.dated_work_percent);
        let mut work = |path: &str, points, lead_weeks| {
            BadEntry::unless_within(found, format!("{prefix}{path}points"), points, 0..=WEIGHT_POINTS_MAX);
            BadEntry::unless_within(found, format!("{prefix}{path}lead_weeks"), lead_weeks, 0..=52);
        };
        work("other_", self.other.points, self.other.lead_weeks);
        for (position, effort) in self.obligations.iter().enumerate() {
            work(&format!("obligations[{position}]."), effort.points, effort.lead_weeks);
        }
        let known = |found: &mut Vec<BadEntry>, path: String, code: &Code| {
            if !statute.catalogue.clocks.iter().any(|clock| clock.code == *code) {
                let message = format!("`{code}` is no clock of the catalogue; `caseload rules show` lists them");
                found.push(BadEntry::new(path, message));
            }
        };
        for (position, effort) in self.obligations.iter().enumerate() {
            let path = format!("{prefix}obligations[{position}]");
            known(found, format!("{path}.code"), &effort.code);
            percent(found, format!("{path}.waits_on_others_percent"), effort.waits_on_others_percent);
            if self.obligations[..position].iter().any(|earlier| earlier.code == effort.code) {
                found.push(BadEntry::new(
                    format!("{path}.code"),
                    format!("`{}` has two entries; leave one", effort.code),
                ));
            }
        }
        for (position, follow) in self.follows.iter().enumerate() {
            let path = format!("{prefix}follows[{position}]");
            known(found, format!("{path}.after"), &follow.after);
            known(found, format!("{path}.code"), &follow.code);
            percent(found, format!("{path}.percent"), follow.percent);
            BadEntry::unless_within(found, format!("{path}.weeks"), follow.weeks, 0..=52);
        }
    }

    /// What an obligation takes; `None` = of which only the day is known.
    pub(super) fn of(&self, code: Option<&Code>) -> Effort {
        let entry = self.obligations.iter().find(|effort| Some(&effort.code) == code);
        entry.cloned().unwrap_or_else(|| Effort {
            code: code.cloned().unwrap_or_else(|| Code::from("")),
            points: self.other.points,
            lead_weeks: self.other.lead_weeks,
            waits_on_others_percent: 0,
            source: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statute::Catalogue;

    fn faults(text: &str) -> Vec<String> {
        let catalogue = Catalogue::preset("send-england").unwrap();
        let statute = Statute::of(catalogue);
        let mut found = Vec::new();
        Efforts::read(text).unwrap().check("efforts.", &statute, &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_shipped_table_is_about_the_shipped_catalogue() {
        assert_eq!(faults(SEND_ENGLAND), Vec::<String>::new());
        assert_eq!(Efforts::preset("send-england").of(Some(&Code::from("annual-review"))).points, 12 * 12);
        assert_eq!(Efforts::preset("probation").of(Some(&Code::from("annual-review"))).points, 200);
    }

    #[test]
    fn what_cannot_be_is_told_with_its_path_all_at_once() {
        let text = "name = 'n'\nnote = ''\ndated-work-percent = 101\nother = { points = -1, lead-weeks = 53 }\n\
            [[obligation]]\ncode = 'moon'\npoints = -5\nlead-weeks = 1\nwaits-on-others-percent = -1\n\
            [[follow]]\nafter = 'annual-review'\ncode = 'sun'\npercent = 200\nweeks = -1\n";
        assert_eq!(
            faults(text),
            [
                "efforts.dated_work_percent: is 101; must be 0 to 100",
                "efforts.other_points: is -1; must be 0 to 1000000",
                "efforts.other_lead_weeks: is 53; must be 0 to 52",
                "efforts.obligations[0].points: is -5; must be 0 to 1000000",
                "efforts.obligations[0].code: `moon` is no clock of the catalogue; `caseload rules show` lists them",
                "efforts.obligations[0].waits_on_others_percent: is -1; must be 0 to 100",
                "efforts.follows[0].code: `sun` is no clock of the catalogue; `caseload rules show` lists them",
                "efforts.follows[0].percent: is 200; must be 0 to 100",
                "efforts.follows[0].weeks: is -1; must be 0 to 52",
            ]
        );
        assert!(Efforts::read("name = 'n'\nmoon = 1").unwrap_err().contains("moon"));
    }
}

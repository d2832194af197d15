//! A profile: what an officer who could be hired would be.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::refused::BadEntry;
use crate::model::{
    Backlog, CAPACITY_POINTS_MAX, COUNT_MAX, Code, ID_BYTES_MAX, Officer, OfficerId, Rules, token_problem,
};

/// Most profiles of one question.
pub const PROFILES_MAX: usize = 64;
/// Largest cost of an officer.
pub const COST_MAX: i64 = 1_000_000_000;
/// Longest code of a profile, in bytes: ids of hires are made of it.
const CODE_BYTES_MAX: usize = ID_BYTES_MAX - 16;

/// Officers of one kind who could be hired. Only the code is required: a full-time officer for all areas without skills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, a token: `tribunal`.
    pub code: Code,
    /// Areas; none = any.
    #[serde(default)]
    pub areas: Vec<Code>,
    /// Skills.
    #[serde(default)]
    pub skills: Vec<Code>,
    /// Settings (schools) they know.
    #[serde(default)]
    pub setting_codes: Vec<Code>,
    /// Hours in per cent of full time, `1..=100`.
    #[serde(default = "full_time")]
    pub fte_percent: i64,
    /// Points cap, `1..=1_000_000_000`; `None` = a full-time officer's by the rules, in proportion to the hours.
    #[serde(default)]
    pub capacity_points: Option<i64>,
    /// Case-count cap, `1..=1_000_000_000`; `None` = the rules' default, in proportion to the hours.
    #[serde(default)]
    pub max_case_count: Option<i64>,
    /// New cases in 7 days; `None` = no limit. It counts for the worth of a hire, not for how many are needed in the end.
    #[serde(default)]
    pub intake_limit: Option<i64>,
    /// What one costs, `1..=1_000_000_000`, in any unit that is the same for all.
    #[serde(default = "one")]
    pub cost: i64,
}

fn full_time() -> i64 {
    100
}

fn one() -> i64 {
    1
}

impl Profile {
    /// A profile with nothing but a code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            code,
            areas: Vec::new(),
            skills: Vec::new(),
            setting_codes: Vec::new(),
            fte_percent: 100,
            capacity_points: None,
            max_case_count: None,
            intake_limit: None,
            cost: 1,
        }
    }

    /// An officer of this profile under the caps of the rules.
    #[must_use]
    pub fn officer(&self, id: OfficerId, rules: &Rules) -> Officer {
        Officer {
            capacity_points: Some(
                self.capacity_points.unwrap_or_else(|| self.in_proportion(rules.full_time_capacity_points)),
            ),
            max_case_count: Some(
                self.max_case_count.unwrap_or_else(|| self.in_proportion(rules.default_max_case_count)),
            ),
            intake_limit: self.intake_limit,
            areas: self.areas.clone(),
            skills: self.skills.clone(),
            setting_codes: self.setting_codes.clone(),
            ..Officer::new(id)
        }
    }

    /// So much of what a full-time officer has, rounded down.
    #[must_use]
    pub fn in_proportion(&self, of_full_time: i64) -> i64 {
        of_full_time * self.fte_percent / 100
    }
}

/// Ids for officers of a profile, none of them known: `hire-tribunal-1`.
pub(super) fn free_ids(profile: &Profile, backlog: &Backlog) -> impl Iterator<Item = OfficerId> + use<> {
    let known: HashSet<OfficerId> = backlog.officers.iter().map(|officer| officer.id.clone()).collect();
    let code = profile.code.clone();
    (1..).map(move |number| OfficerId::new(format!("hire-{code}-{number}"))).filter(move |id| !known.contains(id))
}

/// Everything about profiles that cannot be; paths are `profiles[0].cost`.
pub(super) fn faults(profiles: &[Profile]) -> Vec<BadEntry> {
    let mut found = Vec::new();
    if profiles.is_empty() {
        found.push(BadEntry::new("profiles", "is empty; say of at least one kind of officer what they would be"));
    }
    if profiles.len() > PROFILES_MAX {
        let message = format!("has {} entries; at most {PROFILES_MAX} can be asked about at once", profiles.len());
        found.push(BadEntry::new("profiles", message));
        return found;
    }
    let mut first: BTreeMap<&Code, usize> = BTreeMap::new();
    for (position, profile) in profiles.iter().enumerate() {
        let path = |field: &str| format!("profiles[{position}].{field}");
        let code = profile.code.as_str();
        if let Some(problem) = token_problem(code) {
            found.push(BadEntry::new(path("code"), problem));
        } else if code.len() > CODE_BYTES_MAX {
            let message = format!("has {} bytes; at most {CODE_BYTES_MAX} are allowed", code.len());
            found.push(BadEntry::new(path("code"), message));
        } else if let Some(other) = first.insert(&profile.code, position) {
            let message = format!("is {code}, as that of profiles[{other}]; give each its own");
            found.push(BadEntry::new(path("code"), message));
        }
        for (field, codes) in
            [("areas", &profile.areas), ("skills", &profile.skills), ("setting_codes", &profile.setting_codes)]
        {
            for (at, code) in codes.iter().enumerate() {
                if let Some(problem) = token_problem(code.as_str()) {
                    found.push(BadEntry::new(path(&format!("{field}[{at}]")), problem));
                }
            }
        }
        BadEntry::unless_within(&mut found, path("fte_percent"), profile.fte_percent, 1..=100);
        BadEntry::unless_within(&mut found, path("cost"), profile.cost, 1..=COST_MAX);
        for (field, value, range) in [
            ("capacity_points", profile.capacity_points, 1..=CAPACITY_POINTS_MAX),
            ("max_case_count", profile.max_case_count, 1..=COUNT_MAX),
            ("intake_limit", profile.intake_limit, 0..=COUNT_MAX),
        ] {
            if let Some(value) = value {
                BadEntry::unless_within(&mut found, path(field), value, range);
            }
        }
    }
    found
}

/// Areas and skills of profiles that no case has: no error, but perhaps a slip of the pen.
pub(super) fn notes(profiles: &[Profile], backlog: &Backlog) -> Vec<String> {
    let areas: HashSet<&Code> = backlog.cases.iter().filter_map(|case| case.area.as_ref()).collect();
    let skills: HashSet<&Code> = backlog.cases.iter().flat_map(|case| &case.skills).collect();
    let mut notes = Vec::new();
    for profile in profiles {
        for (what, codes, known) in [("area", &profile.areas, &areas), ("skill", &profile.skills, &skills)] {
            for code in codes.iter().filter(|code| !known.contains(code)) {
                notes.push(format!("Profile {} has {what} {code}, which no case needs.", profile.code));
            }
        }
    }
    notes
}

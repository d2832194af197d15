//! Adjustments: what a scenario changes of what is given. Each is a function from what is given to what would be.

use std::collections::{BTreeMap, HashSet};

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Given, draws::Draws, refused::BadEntry};
use crate::model::{Absence, Backlog, CAPACITY_POINTS_MAX, COUNT_MAX, Case, CaseId, Code, Officer, OfficerId, Pair};

/// Most officers that one adjustment may add.
pub const JOINERS_MAX: i64 = 1_000;
/// Largest growth of demand, in per cent.
pub const GROWTH_PERCENT_MAX: i64 = 1_000;

/// One change. In a file a table with one entry: `{ officers_leave = ["o-007"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Officers join, all alike.
    OfficersJoin(Joiners),
    /// Officers leave: from today on they hold nothing.
    OfficersLeave(Vec<OfficerId>),
    /// An officer's hours, caps, skills, areas or settings are others.
    OfficerChanges(OfficerChange),
    /// An officer is away.
    OfficerAway(Away),
    /// Every officer has these caps instead of their own.
    CapsChange(Caps),
    /// Fields of the rules, by their names: prices, the handover limit, what may move.
    RulesChange(BTreeMap<String, Value>),
    /// More cases, drawn from those that are like that; or fewer.
    DemandGrows(Growth),
    /// An area closes: its cases, officers and supervisors go to another.
    AreaCloses(Closing),
    /// Another team's cases, officers and supervisors become this team's. Not in a file: it names those of the other team.
    #[serde(skip)]
    TeamJoins(Box<Backlog>),
}

impl Adjustment {
    /// The name of its kind, in a file and in paths: `officers_join`.
    fn kind(&self) -> &'static str {
        match self {
            Self::OfficersJoin(_) => "officers_join",
            Self::OfficersLeave(_) => "officers_leave",
            Self::OfficerChanges(_) => "officer_changes",
            Self::OfficerAway(_) => "officer_away",
            Self::CapsChange(_) => "caps_change",
            Self::RulesChange(_) => "rules_change",
            Self::DemandGrows(_) => "demand_grows",
            Self::AreaCloses(_) => "area_closes",
            Self::TeamJoins(_) => "team_joins",
        }
    }

    /// Where it is: `adjustments[0].officers_join`.
    fn path(&self, position: usize) -> String {
        format!("adjustments[{position}].{}", self.kind())
    }
}

/// Officers who join.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Joiners {
    /// How many, `1..=1_000`; 0 = 1.
    pub count: i64,
    /// Points cap.
    pub capacity_points: Option<i64>,
    /// Case-count cap.
    pub max_case_count: Option<i64>,
    /// New cases in 7 days.
    pub intake_limit: Option<i64>,
    /// Hours in per cent of full time.
    pub fte_percent: Option<i64>,
    /// Areas; none = any.
    pub areas: Vec<Code>,
    /// Skills.
    pub skills: Vec<Code>,
    /// Settings they know.
    pub setting_codes: Vec<Code>,
}

/// What is other with an officer; what is `None` stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerChange {
    /// Who.
    pub officer_id: OfficerId,
    /// Points cap.
    #[serde(default)]
    pub capacity_points: Option<i64>,
    /// Case-count cap.
    #[serde(default)]
    pub max_case_count: Option<i64>,
    /// New cases in 7 days.
    #[serde(default)]
    pub intake_limit: Option<i64>,
    /// Hours in per cent of full time; a points cap of the officer's own changes in proportion.
    #[serde(default)]
    pub fte_percent: Option<i64>,
    /// Areas.
    #[serde(default)]
    pub areas: Option<Vec<Code>>,
    /// Skills.
    #[serde(default)]
    pub skills: Option<Vec<Code>>,
    /// Settings.
    #[serde(default)]
    pub setting_codes: Option<Vec<Code>>,
}

/// Days on which an officer is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// Who.
    pub officer_id: OfficerId,
    /// First day away.
    pub from: Date,
    /// Last day away.
    pub until: Date,
}

/// Caps of every officer; what is `None` stays. Who has no capacity still has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// Points.
    pub capacity_points: Option<i64>,
    /// Cases.
    pub max_case_count: Option<i64>,
    /// New cases in 7 days.
    pub intake_limit: Option<i64>,
}

/// Growth of demand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Growth {
    /// By how much, in per cent, `-100..=1_000`.
    pub percent: i64,
    /// Only of cases of this area.
    pub area: Option<Code>,
    /// Only of this kind.
    pub kind: Option<Code>,
    /// Only in this stage.
    pub stage: Option<Code>,
    /// Only of those that need this skill.
    pub skill: Option<Code>,
}

/// An area that closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Which.
    pub area: Code,
    /// Where its cases go; `None` = any officer may take them.
    #[serde(default)]
    pub goes_to: Option<Code>,
}

/// What is given with the adjustments made, in their order. Chance comes from the seed.
///
/// # Errors
/// Everything that cannot be, by its path within the scenario: `adjustments[0].officer_changes.officer_id`.
pub fn adjusted(given: &Given, adjustments: &[Adjustment], seed: u64) -> Result<Given, Vec<BadEntry>> {
    let mut found = contradictions(adjustments);
    let mut given = given.clone();
    for (position, adjustment) in adjustments.iter().enumerate() {
        let path = adjustment.path(position);
        let draws = Draws::new(seed).of(position as u64);
        match adjustment {
            Adjustment::OfficersJoin(joiners) => join(&mut given.backlog, joiners, &path, &mut found),
            Adjustment::OfficersLeave(officer_ids) => {
                for (number, officer_id) in officer_ids.iter().enumerate() {
                    let path = format!("{path}[{number}]");
                    let last = given.backlog.as_at.saturating_sub(1.day());
                    if let Some(officer) = officer_of(&mut given.backlog, officer_id, path, &mut found) {
                        officer.available_until = Some(last);
                    }
                }
            }
            Adjustment::OfficerChanges(change) => {
                if let Some(officer) =
                    officer_of(&mut given.backlog, &change.officer_id, format!("{path}.officer_id"), &mut found)
                {
                    change_officer(officer, change, &path, &mut found);
                }
            }
            Adjustment::OfficerAway(away) => {
                if away.until < away.from {
                    let message = format!("is {}, before its first day {}", away.until, away.from);
                    found.push(BadEntry::new(format!("{path}.until"), message));
                }
                let path = format!("{path}.officer_id");
                if let Some(officer) = officer_of(&mut given.backlog, &away.officer_id, path, &mut found) {
                    officer.absences.push(Absence { from: away.from, until: away.until });
                }
            }
            Adjustment::CapsChange(caps) => change_caps(&mut given.backlog.officers, caps, &path, &mut found),
            Adjustment::RulesChange(fields) => change_rules(&mut given, fields, &path, &mut found),
            Adjustment::DemandGrows(growth) => grow(&mut given.backlog, growth, draws, &path, &mut found),
            Adjustment::AreaCloses(closing) => close_area(&mut given.backlog, closing, &path, &mut found),
            Adjustment::TeamJoins(other) => join_team(&mut given.backlog, other, &path, &mut found),
        }
    }
    if given.backlog.cases.is_empty() {
        found.push(BadEntry::new("adjustments", "leave no case: nothing is left to allocate"));
    }
    let as_at = given.backlog.as_at;
    let stays = |officer: &Officer| officer.available_until.is_none_or(|last| last >= as_at);
    if !given.backlog.officers.iter().any(stays) {
        found.push(BadEntry::new("adjustments", "leave no officer: every child would be without one"));
    }
    if found.is_empty() { Ok(given) } else { Err(found) }
}

/// Adjustments of which one would undo another: an officer who leaves and changes, one thing changed twice.
fn contradictions(adjustments: &[Adjustment]) -> Vec<BadEntry> {
    let mut found = Vec::new();
    let mut done: HashSet<String> = HashSet::new();
    let mut leavers: HashSet<&OfficerId> = HashSet::new();
    for (position, adjustment) in adjustments.iter().enumerate() {
        let mut once = |what: String| {
            if !done.insert(what.clone()) {
                let message = format!("changes {what} a second time; give it once");
                found.push(BadEntry::new(adjustment.path(position), message));
            }
        };
        match adjustment {
            Adjustment::OfficersLeave(officer_ids) => {
                for officer_id in officer_ids {
                    once(format!("whether officer {officer_id} stays"));
                    leavers.insert(officer_id);
                }
            }
            Adjustment::OfficerChanges(change) => {
                let fields = serde_json::to_value(change).ok();
                let fields = fields.as_ref().and_then(Value::as_object);
                let given =
                    fields.into_iter().flatten().filter(|(name, value)| *name != "officer_id" && !value.is_null());
                given.for_each(|(name, _)| once(format!("{name} of officer {}", change.officer_id)));
            }
            Adjustment::RulesChange(fields) => fields.keys().for_each(|field| once(format!("{field} of the rules"))),
            Adjustment::AreaCloses(closing) => once(format!("whether area {} is open", closing.area)),
            Adjustment::CapsChange(_) => once("the caps of all officers".to_owned()),
            Adjustment::OfficersJoin(_)
            | Adjustment::OfficerAway(_)
            | Adjustment::DemandGrows(_)
            | Adjustment::TeamJoins(_) => {}
        }
    }
    for (position, adjustment) in adjustments.iter().enumerate() {
        let (Adjustment::OfficerChanges(OfficerChange { officer_id, .. })
        | Adjustment::OfficerAway(Away { officer_id, .. })) = adjustment
        else {
            continue;
        };
        if leavers.contains(officer_id) {
            let message = format!("is {officer_id}, who leaves in the same scenario; take one of the two out");
            found.push(BadEntry::new(format!("{}.officer_id", adjustment.path(position)), message));
        }
    }
    found
}

fn officer_of<'b>(
    backlog: &'b mut Backlog,
    officer_id: &OfficerId,
    path: String,
    found: &mut Vec<BadEntry>,
) -> Option<&'b mut Officer> {
    let officer = backlog.officers.iter_mut().find(|officer| officer.id == *officer_id);
    if officer.is_none() {
        let message = format!("is {officer_id}, who is no officer of this team; see the officers of the backlog");
        found.push(BadEntry::new(path, message));
    }
    officer
}

fn join(backlog: &mut Backlog, joiners: &Joiners, path: &str, found: &mut Vec<BadEntry>) {
    let count = joiners.count.max(1);
    BadEntry::unless_within(found, format!("{path}.count"), joiners.count, 0..=JOINERS_MAX);
    check_caps(joiners.capacity_points, joiners.max_case_count, joiners.intake_limit, joiners.fte_percent, path, found);
    let known: HashSet<String> = backlog.officers.iter().map(|officer| officer.id.to_string()).collect();
    let free = (1..).map(|number| format!("joiner-{number}")).filter(|id| !known.contains(id));
    for id in free.take(usize::try_from(count.min(JOINERS_MAX)).unwrap_or(0)) {
        backlog.officers.push(Officer {
            capacity_points: joiners.capacity_points,
            max_case_count: joiners.max_case_count,
            intake_limit: joiners.intake_limit,
            fte_percent: joiners.fte_percent,
            areas: joiners.areas.clone(),
            skills: joiners.skills.clone(),
            setting_codes: joiners.setting_codes.clone(),
            ..Officer::new(OfficerId::new(id))
        });
    }
}

fn check_caps(
    points: Option<i64>,
    cases: Option<i64>,
    intake: Option<i64>,
    percent: Option<i64>,
    path: &str,
    found: &mut Vec<BadEntry>,
) {
    for (field, value, most) in [
        ("capacity_points", points, CAPACITY_POINTS_MAX),
        ("max_case_count", cases, COUNT_MAX),
        ("intake_limit", intake, COUNT_MAX),
        ("fte_percent", percent, 100),
    ] {
        if let Some(value) = value {
            BadEntry::unless_within(found, format!("{path}.{field}"), value, 0..=most);
        }
    }
}

fn change_officer(officer: &mut Officer, change: &OfficerChange, path: &str, found: &mut Vec<BadEntry>) {
    check_caps(change.capacity_points, change.max_case_count, change.intake_limit, change.fte_percent, path, found);
    if let Some(percent) = change.fte_percent {
        let before = officer.fte_percent.unwrap_or(100).max(1);
        let in_proportion = |points: i64| i64::try_from(i128::from(points) * i128::from(percent) / i128::from(before));
        officer.capacity_points = officer.capacity_points.map(|points| in_proportion(points).unwrap_or(i64::MAX));
        officer.fte_percent = Some(percent);
    }
    officer.capacity_points = change.capacity_points.or(officer.capacity_points);
    officer.max_case_count = change.max_case_count.or(officer.max_case_count);
    officer.intake_limit = change.intake_limit.or(officer.intake_limit);
    let replace = |old: &mut Vec<Code>, new: &Option<Vec<Code>>| {
        if let Some(new) = new {
            old.clone_from(new);
        }
    };
    replace(&mut officer.areas, &change.areas);
    replace(&mut officer.skills, &change.skills);
    replace(&mut officer.setting_codes, &change.setting_codes);
}

fn change_caps(officers: &mut [Officer], caps: &Caps, path: &str, found: &mut Vec<BadEntry>) {
    check_caps(caps.capacity_points, caps.max_case_count, caps.intake_limit, None, path, found);
    for officer in officers.iter_mut().filter(|officer| officer.capacity_points != Some(0)) {
        officer.capacity_points = caps.capacity_points.or(officer.capacity_points);
        officer.max_case_count = caps.max_case_count.or(officer.max_case_count);
        officer.intake_limit = caps.intake_limit.or(officer.intake_limit);
    }
}

fn change_rules(given: &mut Given, fields: &BTreeMap<String, Value>, path: &str, found: &mut Vec<BadEntry>) {
    let rules = serde_json::to_value(&given.rules).expect("rules are texts, numbers and lists, which JSON can hold");
    let Value::Object(before) = rules else { unreachable!("rules are a table") };
    for (field, value) in fields {
        let mut alone = before.clone();
        alone.insert(field.clone(), value.clone());
        if let Err(error) = serde_json::from_value::<crate::model::Rules>(Value::Object(alone)) {
            found.push(BadEntry::new(format!("{path}.{field}"), format!("is {value}: {error}")));
        }
    }
    let mut changed = before;
    changed.extend(fields.iter().map(|(field, value)| (field.clone(), value.clone())));
    if let Ok(rules) = serde_json::from_value(Value::Object(changed)) {
        given.rules = rules;
    }
}

fn grow(backlog: &mut Backlog, growth: &Growth, draws: Draws, path: &str, found: &mut Vec<BadEntry>) {
    if !(-100..=GROWTH_PERCENT_MAX).contains(&growth.percent) {
        BadEntry::unless_within(found, format!("{path}.percent"), growth.percent, -100..=GROWTH_PERCENT_MAX);
        return;
    }
    let is = |wanted: &Option<Code>, has: &Option<Code>| wanted.is_none() || wanted == has;
    let matches = |case: &Case| {
        let has_skill = growth.skill.as_ref().is_none_or(|skill| case.skills.contains(skill));
        is(&growth.area, &case.area) && is(&growth.kind, &case.kind) && is(&growth.stage, &case.stage) && has_skill
    };
    let mut alike: Vec<usize> =
        (0..backlog.cases.len()).filter(|&position| matches(&backlog.cases[position])).collect();
    // Half a case is one.
    let count = (alike.len() as i64 * growth.percent.abs() + 50) / 100;
    if alike.is_empty() {
        found.push(BadEntry::new(
            path,
            "no case of the backlog is like that, so nothing can grow; look at area, kind, stage and skill",
        ));
    } else if growth.percent > 0 {
        let known: HashSet<String> = backlog.cases.iter().map(|case| case.id.to_string()).collect();
        let free = (1..).map(|number| format!("growth-{number}")).filter(|id| !known.contains(id));
        let mut by_case: BTreeMap<CaseId, Vec<Pair>> = BTreeMap::new();
        for pair in backlog.pairs.iter().flatten() {
            by_case.entry(pair.case_id.clone()).or_default().push(pair.clone());
        }
        for (number, id) in (0..count.unsigned_abs()).zip(free) {
            let drawn = draws.of(number).below(alike.len() as u64);
            let like = backlog.cases[alike[usize::try_from(drawn).expect("below a length")]].clone();
            let case_id = CaseId::new(id);
            if let Some(pairs) = &mut backlog.pairs {
                let of_like = by_case.get(&like.id).into_iter().flatten();
                pairs.extend(of_like.map(|pair| Pair { case_id: case_id.clone(), ..pair.clone() }));
            }
            backlog.cases.push(Case {
                id: case_id,
                child_id: None,
                current_officer_id: None,
                held_since: None,
                required_officer_id: None,
                pinned: false,
                group_id: None,
                waiting_since: None,
                barred_officer_ids: Vec::new(),
                stay_extension: None,
                ..like
            });
        }
    } else {
        for number in 0..count.unsigned_abs() {
            let drawn = draws.of(number).below(alike.len() as u64);
            alike.swap_remove(usize::try_from(drawn).expect("below a length"));
        }
        let stays: HashSet<usize> = alike.into_iter().collect();
        let goes = |position: usize, case: &Case| matches(case) && !stays.contains(&position);
        let gone: HashSet<CaseId> =
            (0..).zip(&backlog.cases).filter(|(at, case)| goes(*at, case)).map(|(_, case)| case.id.clone()).collect();
        backlog.cases.retain(|case| !gone.contains(&case.id));
        if let Some(pairs) = &mut backlog.pairs {
            pairs.retain(|pair| !gone.contains(&pair.case_id));
        }
    }
}

fn close_area(backlog: &mut Backlog, closing: &Closing, path: &str, found: &mut Vec<BadEntry>) {
    let Closing { area, goes_to } = closing;
    if goes_to.as_ref() == Some(area) {
        found.push(BadEntry::new(format!("{path}.goes_to"), format!("is {area}, which is the area that closes")));
    }
    let mut is_known = false;
    for case in backlog.cases.iter_mut().filter(|case| case.area.as_ref() == Some(area)) {
        case.area.clone_from(goes_to);
        is_known = true;
    }
    let areas = backlog.officers.iter_mut().map(|officer| &mut officer.areas);
    for areas in areas.chain(backlog.supervisors.iter_mut().map(|supervisor| &mut supervisor.areas)) {
        let Some(position) = areas.iter().position(|known| known == area) else { continue };
        is_known = true;
        match goes_to {
            Some(other) if !areas.contains(other) => areas[position] = other.clone(),
            // Of an officer who has no other area, none at all would mean any.
            None if areas.len() == 1 => {}
            Some(_) | None => {
                areas.remove(position);
            }
        }
    }
    if !is_known {
        found.push(BadEntry::new(
            format!("{path}.area"),
            format!("is {area}, which no case, officer or supervisor has"),
        ));
    }
}

fn join_team(backlog: &mut Backlog, other: &Backlog, path: &str, found: &mut Vec<BadEntry>) {
    if other.as_at != backlog.as_at {
        let message =
            format!("is as at {}, this team's backlog as at {}; give both for one day", other.as_at, backlog.as_at);
        found.push(BadEntry::new(format!("{path}.as_at"), message));
    }
    match (&mut backlog.pairs, &other.pairs) {
        (Some(pairs), Some(more)) => pairs.extend_from_slice(more),
        (None, None) => {}
        (Some(_), None) | (None, Some(_)) => {
            let message = "only one of the two teams has explicit pairs; give both or neither";
            found.push(BadEntry::new(format!("{path}.pairs"), message));
        }
    }
    backlog.cases.extend_from_slice(&other.cases);
    backlog.officers.extend_from_slice(&other.officers);
    let has_default = backlog.supervisors.iter().any(|supervisor| supervisor.areas.is_empty());
    let known: HashSet<_> = backlog.supervisors.iter().map(|supervisor| supervisor.id.clone()).collect();
    let is_new = |supervisor: &&crate::model::Supervisor| {
        !(known.contains(&supervisor.id) || has_default && supervisor.areas.is_empty())
    };
    backlog.supervisors.extend(other.supervisors.iter().filter(is_new).cloned());
    // A team has one default supervisor: whoever had the other's has none of their own now.
    let known: HashSet<_> = backlog.supervisors.iter().map(|supervisor| supervisor.id.clone()).collect();
    for officer in &mut backlog.officers {
        officer.supervisor_id = officer.supervisor_id.take().filter(|id| known.contains(id));
    }
}

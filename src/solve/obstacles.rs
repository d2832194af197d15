//! What stands between a case and an officer: every rule that is in the way, and how much room is missing.

use std::{collections::HashMap, fmt};

use super::{
    explain::{state_of, unit_of},
    state::State,
};
use crate::model::{Allocation, CaseId, CaseIndex, Code, OfficerId, OfficerIndex, Pair, Problem, Service};

/// Officers named in a list of needed changes.
const CHANGES_MAX: usize = 5;

/// One thing that is in the way of an officer's having a case (or the whole group, where cases stay together).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The officer is barred from it.
    Barred,
    /// The officer is not in service.
    NotInService,
    /// The officer is away for a short time, and takes nothing new.
    Away,
    /// It is pinned to another officer.
    Pinned {
        /// To whom.
        officer_id: OfficerId,
    },
    /// Pairs say who may take what, and there is none of the two.
    NoPair,
    /// The officer does not cover its area.
    Area {
        /// The area.
        area: Code,
    },
    /// The officer lacks skills.
    Skills {
        /// Those that are missing, at least one.
        skills: Vec<Code>,
    },
    /// The points cap is in the way.
    Points {
        /// So many more points of room are needed, at least 1.
        more: i64,
    },
    /// The case-count cap is in the way.
    Cases {
        /// So many more cases of room are needed, at least 1.
        more: i64,
    },
    /// The intake limit of a rolling 7 days is in the way.
    Intake {
        /// So many more new cases would have to be allowed, at least 1.
        more: i64,
    },
    /// The handover limit is in the way.
    Handovers {
        /// So many more handovers would have to be allowed, at least 1.
        more: i64,
    },
}

impl Obstacle {
    /// The code used in answers: `points`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Barred => "barred",
            Self::NotInService => "not_in_service",
            Self::Away => "away",
            Self::Pinned { .. } => "pinned",
            Self::NoPair => "no_pair",
            Self::Area { .. } => "area",
            Self::Skills { .. } => "skills",
            Self::Points { .. } => "points",
            Self::Cases { .. } => "cases",
            Self::Intake { .. } => "intake",
            Self::Handovers { .. } => "handovers",
        }
    }

    /// It is a cap of the officer: points, cases or intake.
    #[must_use]
    pub fn is_cap(&self) -> bool {
        match self {
            Self::Points { .. } | Self::Cases { .. } | Self::Intake { .. } => true,
            Self::Barred
            | Self::NotInService
            | Self::Away
            | Self::Pinned { .. }
            | Self::NoPair
            | Self::Area { .. }
            | Self::Skills { .. }
            | Self::Handovers { .. } => false,
        }
    }

    /// What is missing, where that is a number.
    #[must_use]
    pub fn more(&self) -> Option<i64> {
        match self {
            Self::Points { more } | Self::Cases { more } | Self::Intake { more } | Self::Handovers { more } => {
                Some(*more)
            }
            Self::Barred
            | Self::NotInService
            | Self::Away
            | Self::Pinned { .. }
            | Self::NoPair
            | Self::Area { .. }
            | Self::Skills { .. } => None,
        }
    }

    /// How hard it is to change: a bar is for good, room can be made.
    fn hardness(&self) -> u32 {
        match self {
            Self::Barred => 8,
            Self::NotInService => 7,
            Self::Skills { .. } => 6,
            Self::NoPair | Self::Area { .. } => 5,
            Self::Pinned { .. } => 4,
            Self::Away => 3,
            Self::Handovers { .. } => 2,
            Self::Points { .. } | Self::Cases { .. } | Self::Intake { .. } => 1,
        }
    }
}

impl fmt::Display for Obstacle {
    /// What is in the way and what would have to change, as the predicate of a sentence about the officer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Barred => write!(f, "is barred from it: the bar would have to be lifted"),
            Self::NotInService => write!(f, "is not in service on that day"),
            Self::Away => write!(f, "is away for some weeks and takes nothing new until then"),
            Self::Pinned { officer_id } => write!(f, "cannot have what is pinned to officer {officer_id}"),
            Self::NoPair => write!(f, "has no pair with it: add one"),
            Self::Area { area } => write!(f, "does not cover area {area}"),
            Self::Skills { skills } => {
                let skills: Vec<&str> = skills.iter().map(Code::as_str).collect();
                write!(f, "lacks the skills: {}", skills.join(", "))
            }
            Self::Points { more } => write!(f, "needs {more} more points of room under the points cap"),
            Self::Cases { more } => write!(f, "needs room for {more} more under the case-count cap"),
            Self::Intake { more } => {
                write!(f, "would take {more} new cases more than the intake limit of 7 days leaves")
            }
            Self::Handovers { more } => write!(f, "could have it only by {more} handovers more than the limit allows"),
        }
    }
}

/// What would have to change for an officer to have a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededChange {
    /// The officer.
    pub officer_id: OfficerId,
    /// All of it; none = the officer could have it as things are, and only the price speaks against it.
    pub obstacles: Vec<Obstacle>,
}

/// What would have to change for another officer to have a case than in this allocation of the problem, the smallest changes
/// first (what can be changed most easily, then the least missing room), at most 5 officers. None if the problem does not
/// know the case. O(cases + officers).
#[must_use]
pub fn needed_changes(problem: &Problem, allocation: &Allocation, case_id: &CaseId) -> Vec<NeededChange> {
    let Some(case) = problem.case_index(case_id) else { return Vec::new() };
    let (Some(state), Some(unit)) = (state_of(problem, allocation), unit_of(problem, case)) else { return Vec::new() };
    let cases = problem.cases_of(unit);
    let now = state.pair_of(unit).map(|pair| pair.officer);
    let asked =
        Asked { cases, pairs: pairs_of(problem, cases), handovers: state.handovers_of(unit, state.choice(unit)) };
    let officers = (0..problem.backlog().officers.len()).map(OfficerIndex::new);
    let mut changes: Vec<NeededChange> = officers
        .filter(|&officer| Some(officer) != now)
        .map(|officer| NeededChange {
            officer_id: problem.backlog().officers[officer.get()].id.clone(),
            obstacles: obstacles(problem, &state, &asked, officer),
        })
        .collect();
    changes.sort_by_cached_key(|change| {
        let hardest = change.obstacles.iter().map(Obstacle::hardness).max().unwrap_or(0);
        let more: i64 = change.obstacles.iter().filter_map(Obstacle::more).sum();
        (hardest, change.obstacles.len(), more, change.officer_id.clone())
    });
    changes.truncate(CHANGES_MAX);
    changes
}

/// What is in the way of giving this one case, alone, to this officer, with everyone else where they are today. `None` = the
/// problem does not know one of them. A pin of the case is not in the way of whoever decides where it goes. O(cases).
#[must_use]
pub fn obstacles_today(problem: &Problem, case_id: &CaseId, officer_id: &OfficerId) -> Option<Vec<Obstacle>> {
    let (case, officer) = (problem.case_index(case_id)?, problem.officer_index(officer_id)?);
    let state = State::of_today(problem.instance());
    let cases = [case];
    let asked = Asked { cases: &cases, pairs: pairs_of(problem, &cases), handovers: 0 };
    let mut found = obstacles(problem, &state, &asked, officer);
    found.retain(|obstacle| !matches!(obstacle, Obstacle::Pinned { .. }));
    Some(found)
}

/// The cases asked about.
struct Asked<'a> {
    cases: &'a [CaseIndex],
    /// Their pairs, if pairs say who may take what.
    pairs: Option<Pairs<'a>>,
    /// Handovers that where they are now causes already.
    handovers: i64,
}

type Pairs<'a> = HashMap<(&'a CaseId, &'a OfficerId), &'a Pair>;

fn pairs_of<'a>(problem: &'a Problem, cases: &[CaseIndex]) -> Option<Pairs<'a>> {
    let backlog = problem.backlog();
    let is_asked = |pair: &&Pair| cases.iter().any(|case| backlog.cases[case.get()].id == pair.case_id);
    let named = |pair: &'a Pair| ((&pair.case_id, &pair.officer_id), pair);
    backlog.pairs.as_ref().map(|pairs| pairs.iter().filter(is_asked).map(named).collect())
}

fn obstacles(problem: &Problem, state: &State<'_>, asked: &Asked<'_>, officer: OfficerIndex) -> Vec<Obstacle> {
    let backlog = problem.backlog();
    let person = &backlog.officers[officer.get()];
    let listed = || asked.cases.iter().map(|case| &backlog.cases[case.get()]);
    let mut found = Vec::new();
    if listed().any(|case| case.barred_officer_ids.contains(&person.id)) {
        found.push(Obstacle::Barred);
    }
    match problem.service(officer) {
        Service::In => {}
        Service::ShortAbsence => found.push(Obstacle::Away),
        Service::Out => found.push(Obstacle::NotInService),
    }
    let pin = listed().find_map(|case| {
        let pin = case.required_officer_id.as_ref().or(case.current_officer_id.as_ref().filter(|_| case.pinned));
        pin.filter(|pin| **pin != person.id)
    });
    found.extend(pin.map(|pin| Obstacle::Pinned { officer_id: pin.clone() }));
    match &asked.pairs {
        Some(pairs) => {
            if listed().any(|case| !pairs.contains_key(&(&case.id, &person.id))) {
                found.push(Obstacle::NoPair);
            }
        }
        None => {
            let not_covered = listed().filter_map(|case| case.area.as_ref()).find(|area| !person.areas.contains(area));
            if let Some(area) = not_covered.filter(|_| !person.areas.is_empty()) {
                found.push(Obstacle::Area { area: area.clone() });
            }
            let mut skills: Vec<Code> = listed()
                .flat_map(|case| &case.skills)
                .filter(|skill| !person.skills.contains(skill))
                .cloned()
                .collect();
            skills.sort();
            skills.dedup();
            if !skills.is_empty() {
                found.push(Obstacle::Skills { skills });
            }
        }
    }
    found.extend(missing_room(problem, state, asked, officer));
    found
}

fn missing_room(problem: &Problem, state: &State<'_>, asked: &Asked<'_>, officer: OfficerIndex) -> Vec<Obstacle> {
    let backlog = problem.backlog();
    let person = &backlog.officers[officer.get()];
    let (mut weight, mut new_cases, mut handovers) = (0, 0, 0);
    for &index in asked.cases {
        let case = &backlog.cases[index.get()];
        let pair = asked.pairs.as_ref().and_then(|pairs| pairs.get(&(&case.id, &person.id)));
        let of_pair = pair.and_then(|pair| pair.weight_points);
        weight += of_pair.or(case.weight_points).unwrap_or(1);
        let holder = problem.holder(index);
        new_cases += i64::from(holder != Some(officer));
        if holder.is_some_and(|holder| holder != officer) {
            weight += problem.rules().handover_points;
            handovers += 1;
        }
    }
    let (limits, load) = (&problem.instance().limits()[officer.get()], state.load(officer));
    let missing = |needed: i64, limit: Option<i64>| limit.map(|limit| needed - limit).filter(|&more| more > 0);
    let points = missing(load.points + weight, limits.capacity_points).map(|more| Obstacle::Points { more });
    let count =
        missing(load.cases + asked.cases.len() as i64, limits.max_case_count).map(|more| Obstacle::Cases { more });
    // Someone who is away, or not there, takes nothing new for a reason that is told already.
    let is_in = problem.service(officer) == Service::In;
    let intake = missing(load.new_cases + new_cases, limits.intake_limit.filter(|_| is_in));
    let intake = intake.map(|more| Obstacle::Intake { more });
    let handover_limit = problem.instance().handover_limit().filter(|_| handovers > 0);
    let handovers = missing(state.handovers() - asked.handovers + handovers, handover_limit);
    let handovers = handovers.map(|more| Obstacle::Handovers { more });
    points.into_iter().chain(count).chain(intake).chain(handovers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Backlog, Case, Officer, Rules, Supervisor};
    use crate::solve::settle;
    use jiff::civil::{Date, date};

    const TODAY: Date = date(2026, 9, 1);

    fn case(id: &str) -> Case {
        Case { weight_points: Some(5), ..Case::new(id.into()) }
    }

    fn held(id: &str, officer: &str) -> Case {
        Case { current_officer_id: Some(officer.into()), ..case(id) }
    }

    fn officer(id: &str) -> Officer {
        Officer { capacity_points: Some(8), ..Officer::new(id.into()) }
    }

    fn problem(cases: Vec<Case>, officers: Vec<Officer>, rules: Rules) -> Problem {
        let supervisors = vec![Supervisor { id: "s".into(), areas: Vec::new(), max_holding_count: None }];
        Problem::new(Backlog { as_at: TODAY, cases, officers, supervisors, pairs: None }, rules).unwrap()
    }

    /// What stands between case `c` and each of these officers, one a line.
    fn told(problem: &Problem, officers: &[&str]) -> String {
        let line = |officer: &&str| {
            let found = obstacles_today(problem, &"c".into(), &OfficerId::from(*officer)).unwrap();
            let found: Vec<String> = found.iter().map(|found| format!("{} ({})", found, found.code())).collect();
            let found = if found.is_empty() { "nothing".to_owned() } else { found.join("; ") };
            format!("{officer}: {found}\n")
        };
        officers.iter().map(line).collect()
    }

    #[test]
    fn everything_in_the_way_is_named() {
        let wanted = Case { area: Some("north".into()), skills: vec!["x".into(), "y".into()], ..held("c", "holder") };
        let wanted = Case { barred_officer_ids: vec!["barred".into()], ..wanted };
        let skilled = |id: &str| Officer { skills: vec!["x".into(), "y".into()], ..officer(id) };
        let officers = vec![
            skilled("barred"),
            skilled("holder"),
            skilled("can"),
            Officer { available_until: Some(date(2026, 8, 1)), ..skilled("gone") },
            Officer { available_from: Some(date(2026, 9, 20)), ..skilled("away") },
            Officer { skills: vec!["y".into()], areas: vec!["south".into()], ..skilled("unlike") },
            Officer { intake_limit: Some(0), ..skilled("new") },
            Officer { max_case_count: Some(1), ..skilled("full") },
        ];
        let problem = problem(vec![wanted, held("d", "full")], officers, Rules::standard());
        expect_test::expect![[r#"
            barred: is barred from it: the bar would have to be lifted (barred)
            can: nothing
            gone: is not in service on that day (not_in_service)
            away: is away for some weeks and takes nothing new until then (away)
            unlike: does not cover area north (area); lacks the skills: x (skills)
            new: would take 1 new cases more than the intake limit of 7 days leaves (intake)
            full: needs 2 more points of room under the points cap (points); needs room for 1 more under the case-count cap (cases)
        "#]]
        .assert_eq(&told(&problem, &["barred", "can", "gone", "away", "unlike", "new", "full"]));
        assert_eq!(obstacles_today(&problem, &"c".into(), &"nobody".into()), None);
    }

    #[test]
    fn a_handover_limit_of_none_is_in_the_way_and_so_are_handover_points() {
        let rules = Rules { handover_limit: Some(0), handover_points: 4, ..Rules::standard() };
        let problem = problem(vec![held("c", "o1")], vec![officer("o1"), officer("o2")], rules);
        expect_test::expect![[r#"
            o2: needs 1 more points of room under the points cap (points); could have it only by 1 handovers more than the limit allows (handovers)
        "#]]
        .assert_eq(&told(&problem, &["o2"]));
    }

    #[test]
    fn the_smallest_change_comes_first_and_a_pin_is_named() {
        let lacks = Officer { areas: vec!["south".into()], ..officer("a-lacks") };
        let waits = Case { area: Some("north".into()), ..case("c") };
        let officers = vec![lacks, Officer { capacity_points: Some(7), ..officer("tight") }, officer("wide")];
        let problem = problem(vec![waits, held("d", "tight"), held("e", "wide")], officers, Rules::standard());
        let earlier = settle(&problem, &empty(), true).unwrap();
        let changes = needed_changes(&problem, &earlier, &"c".into());
        let officers: Vec<&str> = changes.iter().map(|change| change.officer_id.as_str()).collect();
        assert_eq!(officers, ["wide", "tight", "a-lacks"]);
        assert_eq!(changes[0].obstacles, [Obstacle::Points { more: 2 }]);

        let pinned = Case { required_officer_id: Some("o1".into()), ..case("c") };
        let problem = self::problem(vec![pinned], vec![officer("o1"), officer("o2")], Rules::standard());
        let changes = needed_changes(&problem, &settle(&problem, &empty(), true).unwrap(), &"c".into());
        assert_eq!(changes[0].obstacles, [Obstacle::Pinned { officer_id: "o1".into() }]);
        assert!(needed_changes(&problem, &settle(&problem, &empty(), true).unwrap(), &"x".into()).is_empty());
    }

    /// An answer that says nothing: no prices are known.
    fn empty() -> Allocation {
        use crate::model::{BoundSource, Evidence, GapItems, Proof, Termination, Totals};
        Allocation {
            as_at: TODAY,
            rules_version: String::new(),
            held: Vec::new(),
            holdings: Vec::new(),
            caseloads: Vec::new(),
            supervisors: Vec::new(),
            changes: Vec::new(),
            totals: Totals::default(),
            evidence: Evidence {
                objective: 0,
                bound: 0,
                price_bound: 0,
                bound_source: BoundSource::Prices,
                proof: Proof::default(),
                gap_items: GapItems::default(),
                count_bound: 0,
                count_proof: Proof::default(),
                termination: Termination::Exhausted,
                step_count: 0,
                cut_calls: Vec::new(),
            },
            notes: Vec::new(),
            has_default_supervisor: true,
        }
    }
}

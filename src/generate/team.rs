//! The team of a council: who covers which areas and has which skills, so that local demand fits.

use crate::model::{Case, Code, Officer, OfficerId, Supervisor, SupervisorId};

use super::stage::Skill;

/// Full-time capacity: 10 points are one average plan, so 180 average plans.
const CAPACITY_POINTS: i64 = 1_800;
/// Case-count cap of a full-time officer.
const MAX_CASE_COUNT: i64 = 180;
/// Largest holding list of a supervisor.
const MAX_HOLDING_COUNT: i64 = 200;
/// Officers that every area and every skill in it should have, where the team is large enough.
const COVER_MIN: usize = 3;

/// Where the cases are.
pub(super) struct Areas {
    /// Area of each case.
    pub(super) of_case: Vec<usize>,
    /// Schools of each area, by number.
    pub(super) schools: Vec<Vec<usize>>,
}

pub(super) fn area_code(area: usize) -> Code {
    Code::new(format!("area-{:02}", area + 1))
}

pub(super) fn school_code(school: usize) -> Code {
    Code::new(format!("school-{:04}", school + 1))
}

/// Who covers what: positions only.
pub(super) struct Team {
    /// Areas of each officer, the home area first.
    areas: Vec<Vec<usize>>,
    /// Skills of each officer.
    skills: Vec<Vec<Skill>>,
}

impl Team {
    /// Spreads officers over areas by demand and gives them skills, so that local demand fits and everything needed
    /// is covered several times.
    pub(super) fn new(cases: &[Case], areas: &Areas, officer_count: usize) -> Self {
        let area_count = areas.schools.len();
        let mut demand = vec![0_i64; area_count];
        for (case, &area) in cases.iter().zip(&areas.of_case) {
            demand[area] += case.weight_points.unwrap_or(1);
        }
        // Home areas in proportion to demand: each officer goes where the points for one more are highest
        // (Sainte-Lague). A home area is flanked by the next area and, for every second officer, by the one before.
        let mut homes = vec![0_i64; area_count];
        let mut team_areas: Vec<Vec<usize>> = Vec::with_capacity(officer_count);
        for _ in 0..officer_count {
            let neediest = (0..area_count)
                .max_by(|&a, &b| {
                    (demand[a] * (2 * homes[b] + 1)).cmp(&(demand[b] * (2 * homes[a] + 1))).then(b.cmp(&a))
                })
                .expect("there is at least one area");
            let mut covered = vec![neediest];
            let before = (homes[neediest] % 2 == 1).then_some((neediest + area_count - 1) % area_count);
            for area in [(neediest + 1) % area_count].into_iter().chain(before) {
                if !covered.contains(&area) {
                    covered.push(area);
                }
            }
            homes[neediest] += 1;
            team_areas.push(covered);
        }
        // A small team has areas left over: those who cover fewest take them on.
        for area in 0..area_count {
            while team_areas.iter().filter(|covered| covered.contains(&area)).count() < COVER_MIN.min(officer_count) {
                let freest = (0..officer_count)
                    .filter(|&officer| !team_areas[officer].contains(&area))
                    .min_by_key(|&officer| team_areas[officer].len())
                    .expect("fewer officers than there are cover the area");
                team_areas[freest].push(area);
            }
        }
        let skills = spread_skills(&team_areas, area_count);
        Self { areas: team_areas, skills }
    }

    pub(super) fn may_take(&self, officer: usize, area: usize, skill: Option<Skill>) -> bool {
        self.areas[officer].contains(&area) && skill.is_none_or(|skill| self.skills[officer].contains(&skill))
    }

    pub(super) fn officers(&self, areas: &Areas) -> Vec<Officer> {
        let mut home_counts = vec![0; areas.schools.len()];
        let homes = self.areas.iter().map(|covered| covered[0]);
        for home in homes.clone() {
            home_counts[home] += 1;
        }
        let mut seen = vec![0; areas.schools.len()];
        let officers = homes.enumerate().map(|(officer, home)| {
            // The schools of an area are shared out among those at home there.
            let own_schools = areas.schools[home].iter().skip(seen[home]).step_by(home_counts[home]);
            seen[home] += 1;
            Officer {
                capacity_points: Some(CAPACITY_POINTS),
                max_case_count: Some(MAX_CASE_COUNT),
                areas: self.areas[officer].iter().map(|&area| area_code(area)).collect(),
                setting_codes: own_schools.map(|&school| school_code(school)).collect(),
                skills: self.skills[officer].iter().map(|skill| Code::from(skill.code())).collect(),
                supervisor_id: Some(supervisor_id(home)),
                ..Officer::new(officer_id(officer))
            }
        });
        officers.collect()
    }
}

pub(super) fn officer_id(officer: usize) -> OfficerId {
    OfficerId::new(format!("officer-{:03}", officer + 1))
}

fn supervisor_id(area: usize) -> SupervisorId {
    SupervisorId::new(format!("supervisor-{:02}", area + 1))
}

/// Every officer has all skills but one, in turn, as long as each of the officer's areas keeps several who have it.
fn spread_skills(team_areas: &[Vec<usize>], area_count: usize) -> Vec<Vec<Skill>> {
    let mut holders = vec![[0; Skill::ALL.len()]; area_count];
    for &area in team_areas.iter().flatten() {
        holders[area].iter_mut().for_each(|count| *count += 1);
    }
    let without_one = team_areas.iter().enumerate().map(|(officer, covered)| {
        let lacked = (0..Skill::ALL.len())
            .map(|turn| (officer + turn) % Skill::ALL.len())
            .find(|&skill| covered.iter().all(|&area| holders[area][skill] > COVER_MIN));
        for &area in covered {
            lacked.into_iter().for_each(|skill| holders[area][skill] -= 1);
        }
        let kept = Skill::ALL.into_iter().enumerate().filter(|&(skill, _)| Some(skill) != lacked);
        kept.map(|(_, skill)| skill).collect()
    });
    without_one.collect()
}

/// One supervisor for each area, and one who owns what no other does.
pub(super) fn supervisors(area_count: usize) -> Vec<Supervisor> {
    let of_areas = (0..area_count).map(|area| Supervisor {
        id: supervisor_id(area),
        areas: vec![area_code(area)],
        max_holding_count: Some(MAX_HOLDING_COUNT),
    });
    let default = Supervisor {
        id: SupervisorId::from("supervisor-default"),
        areas: Vec::new(),
        max_holding_count: Some(MAX_HOLDING_COUNT),
    };
    of_areas.chain([default]).collect()
}

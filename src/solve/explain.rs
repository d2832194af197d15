//! For people who ask about one case: why this officer, who would be next, or why nobody.

use super::{
    greedy::{capacity_price, options},
    reasons::reason_of,
    state::{Choice, State},
};
use crate::model::{Allocation, CaseId, CaseIndex, OfficerId, OfficerIndex, Problem, UnitIndex};

/// Candidates named in an explanation.
const CANDIDATES_MAX: usize = 10;

/// Why a case has its officer, or none, and who would be next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The case.
    pub case_id: CaseId,
    /// Its officer; `None` = it waits.
    pub officer_id: Option<OfficerId>,
    /// Officers who may take it, the cheapest first by `priced_cost`, at most 10.
    pub candidates: Vec<Candidate>,
    /// How many officers may take it.
    pub eligible_officer_count: i64,
    /// Price of waiting; `None` = waiting is not allowed.
    pub waiting_price: Option<i64>,
    /// The cheapest other officer by `priced_cost`, with room or without; `None` = nobody else may take it.
    pub runner_up: Option<RunnerUp>,
    /// A sentence for managers.
    pub sentence: String,
}

/// Who would be next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerUp {
    /// The officer.
    pub officer_id: OfficerId,
    /// Their `priced_cost` less that of the officer who has the case, or less the price of waiting. Below 0 where somebody
    /// cheaper has no room, or was given what is worth more.
    pub more_price: i64,
}

/// An officer who may take a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The officer.
    pub officer_id: OfficerId,
    /// Price of the pairing, handover included; of the whole group, where the case is one of a group.
    pub cost: i64,
    /// Points the case (or its group) would weigh.
    pub weight_points: i64,
    /// Price including what the officer's capacity is worth to other cases, rounded: what the choice was made by.
    pub priced_cost: i64,
    /// Room for the case (or its group) on every limit, after this allocation; true for the officer who has it.
    pub has_room: bool,
}

/// Explains the named cases of an allocation of this problem; ids that the problem does not know are left out.
/// O(cases) once, then O(eligible officers) a case.
#[must_use]
pub fn explain(problem: &Problem, allocation: &Allocation, case_ids: &[CaseId]) -> Vec<Explanation> {
    let Some(state) = state_of(problem, allocation) else { return Vec::new() };
    let mut unit_of_case = vec![None; problem.backlog().cases.len()];
    for unit in problem.instance().unit_indices() {
        for case in problem.cases_of(unit) {
            unit_of_case[case.get()] = Some(unit);
        }
    }
    case_ids
        .iter()
        .filter_map(|case_id| {
            let case = problem.case_index(case_id)?;
            Some(explain_case(problem, &state, allocation, case, unit_of_case[case.get()]?))
        })
        .collect()
}

/// The unit that a case is in. O(cases).
pub(super) fn unit_of(problem: &Problem, case: CaseIndex) -> Option<UnitIndex> {
    problem.instance().unit_indices().find(|&unit| problem.cases_of(unit).contains(&case))
}

/// The allocation as choices; `None` if it is not one of this problem.
pub(super) fn state_of<'a>(problem: &'a Problem, allocation: &Allocation) -> Option<State<'a>> {
    let mut officers: Vec<Option<OfficerIndex>> = vec![None; problem.backlog().cases.len()];
    for held in &allocation.held {
        officers[problem.case_index(&held.case_id)?.get()] = Some(problem.officer_index(&held.officer_id)?);
    }
    let instance = problem.instance();
    let choices = instance
        .unit_indices()
        .map(|unit| match officers[problem.cases_of(unit)[0].get()] {
            None => instance.unit(unit).waiting_price.map(|_| Choice::Waits),
            Some(officer) => instance.position_of(unit, officer).map(Choice::of_position),
        })
        .collect::<Option<Vec<Choice>>>()?;
    Some(State::of_choices(instance, choices))
}

fn explain_case(
    problem: &Problem,
    state: &State<'_>,
    allocation: &Allocation,
    case: CaseIndex,
    unit: UnitIndex,
) -> Explanation {
    let instance = state.instance;
    let today = state.choice(unit);
    let mut candidates: Vec<Candidate> = options(instance, unit)
        .filter_map(|choice| {
            let Choice::Pair(position) = choice else { return None };
            let pair = instance.pair_at(unit, position as usize);
            let capacity = capacity_price(instance, &allocation.evidence.proof, unit, choice);
            Some(Candidate {
                officer_id: problem.backlog().officers[pair.officer.get()].id.clone(),
                cost: pair.cost,
                weight_points: i64::from(pair.weight_points),
                priced_cost: pair.cost.saturating_add(rounded(capacity)),
                has_room: choice == today || state.has_room(unit, &pair),
            })
        })
        .collect();
    candidates.sort_by(|a, b| a.priced_cost.cmp(&b.priced_cost).then_with(|| a.officer_id.cmp(&b.officer_id)));
    let officer_id = state.pair_of(unit).map(|pair| problem.backlog().officers[pair.officer.get()].id.clone());
    let sentence = sentence(problem, state, unit, officer_id.as_ref(), &candidates);
    let own = candidates.iter().find(|candidate| Some(&candidate.officer_id) == officer_id.as_ref());
    let own_price = own.map_or(instance.unit(unit).waiting_price.unwrap_or(0), |own| own.priced_cost);
    let next = candidates.iter().find(|candidate| Some(&candidate.officer_id) != officer_id.as_ref());
    let runner_up = next.map(|next| RunnerUp {
        officer_id: next.officer_id.clone(),
        more_price: next.priced_cost.saturating_sub(own_price),
    });
    let eligible_officer_count = candidates.len() as i64;
    candidates.truncate(CANDIDATES_MAX);
    Explanation {
        case_id: problem.backlog().cases[case.get()].id.clone(),
        officer_id,
        candidates,
        eligible_officer_count,
        waiting_price: instance.unit(unit).waiting_price,
        runner_up,
        sentence,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a price of capacity is far below 2^63; a cast saturates")]
fn rounded(price: f64) -> i64 {
    price.round() as i64
}

fn sentence(
    problem: &Problem,
    state: &State<'_>,
    unit: UnitIndex,
    officer_id: Option<&OfficerId>,
    candidates: &[Candidate],
) -> String {
    let group = match state.instance.unit(unit).case_count {
        1 => String::new(),
        count => format!(" (with the {} other cases of its group)", count - 1),
    };
    let Some(officer_id) = officer_id else {
        return format!("It waits{group}. {}", reason_of(problem, state, unit).sentence());
    };
    if state.instance.unit(unit).is_pinned() {
        return format!("It is pinned to officer {officer_id}{group}.");
    }
    let rank = candidates.iter().position(|candidate| candidate.officer_id == *officer_id).unwrap_or(0);
    let own = &candidates[rank];
    let count = candidates.len();
    let Some(next) = candidates.iter().find(|candidate| candidate.officer_id != *officer_id) else {
        return format!("Officer {officer_id} has it{group}: nobody else may take it.");
    };
    if rank == 0 {
        let more = next.priced_cost - own.priced_cost;
        return format!(
            "Officer {officer_id} has it{group}: the best of {count} who may take it. Officer {} would be next, for {more} more.",
            next.officer_id
        );
    }
    let more = own.priced_cost - next.priced_cost;
    let why = if next.has_room { "who still has room" } else { "who is full" };
    format!(
        "Officer {officer_id} has it{group}: number {} of {count} who may take it, for {more} more than officer {}, {why}.",
        rank + 1,
        next.officer_id
    )
}

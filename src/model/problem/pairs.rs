//! Which officer may hold which unit, at what price and weight.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{
    EligiblePair, Limits, Service,
    people::{People, is_barred, is_planned_transfer},
    units::{Anchor, Draft, Grouping},
};
use crate::model::{CaseIndex, Code, Note, OfficerIndex, Rules, SplitReason};

/// Cost and weight of one explicit pair.
#[derive(Clone, Copy)]
struct Explicit {
    officer: OfficerIndex,
    cost: i64,
    weight_points: i64,
}

/// Officers in service who cover an area with some skills, by officer, with the rank of the area.
type Candidates = Rc<Vec<(OfficerIndex, i64)>>;

/// Finds and prices pairs.
pub(super) struct Finder<'a> {
    people: &'a People,
    rules: &'a Rules,
    /// Explicit pairs of case i: `explicit[starts[i]..starts[i + 1]]`, by officer; `None` = derived.
    explicit: Option<(Vec<usize>, Vec<Explicit>)>,
    /// Officers by what a case needs: each combination of area and skills is looked up once.
    buckets: HashMap<(Option<&'a Code>, Vec<&'a Code>), Candidates>,
    officer_settings: Vec<HashSet<&'a Code>>,
    officer_skills: Vec<HashSet<&'a Code>>,
    /// What leaving an officer can save in balance price, per point.
    balance_slope: i64,
}

impl<'a> Finder<'a> {
    pub(super) fn new(people: &'a People, rules: &'a Rules) -> Self {
        let officers = &people.backlog.officers;
        Self {
            people,
            rules,
            explicit: people.backlog.pairs.as_ref().map(|_| index_explicit(people)),
            buckets: HashMap::new(),
            officer_settings: officers.iter().map(|officer| officer.setting_codes.iter().collect()).collect(),
            officer_skills: officers.iter().map(|officer| officer.skills.iter().collect()).collect(),
            balance_slope: rules.balance.iter().map(|step| step.slope).sum(),
        }
    }

    /// The pair of one case with an officer who may hold it.
    pub(super) fn case_pair(&self, case: CaseIndex, officer: OfficerIndex) -> EligiblePair {
        let areas = &self.people.backlog.officers[officer.get()].areas;
        let area = self.people.backlog.cases[case.get()].area.as_ref();
        // An officer who holds a case of an area they do not cover ranks it after all of theirs.
        let rank = area
            .filter(|_| !areas.is_empty())
            .map_or(0, |area| areas.iter().position(|covered| covered == area).unwrap_or(areas.len()) as i64);
        self.ranked_pair(case, officer, rank)
    }

    fn ranked_pair(&self, case_index: CaseIndex, officer: OfficerIndex, rank: i64) -> EligiblePair {
        let case = &self.people.backlog.cases[case_index.get()];
        let rules = self.rules;
        let own_weight = case.weight_points.unwrap_or(1);
        let (mut cost, mut weight_points) = match &self.explicit {
            Some((starts, explicit)) => {
                let of_case = &explicit[starts[case_index.get()]..starts[case_index.get() + 1]];
                let position = of_case
                    .binary_search_by_key(&officer, |pair| pair.officer)
                    .expect("held and pinned pairs are checked to be among the explicit ones");
                (of_case[position].cost, of_case[position].weight_points)
            }
            None => {
                let knows_setting =
                    case.setting_code.as_ref().is_none_or(|code| self.officer_settings[officer.get()].contains(code));
                let setting_price = if knows_setting { 0 } else { rules.setting_price };
                (rank * rules.area_rank_price + setting_price, own_weight)
            }
        };
        let holder = self.people.holders[case_index.get()];
        let is_handover = holder.is_some_and(|holder| holder != officer) && !is_planned_transfer(case);
        if is_handover {
            cost += self.handover_price(own_weight);
            weight_points += rules.handover_points;
        }
        EligiblePair {
            cost,
            officer,
            weight_points: u32::try_from(weight_points).expect("checked: at most 2,000,000 points"),
            new_case_count: u32::from(holder != Some(officer)),
            handover_count: u32::from(is_handover),
        }
    }

    /// Price of a case changing hands. It outweighs whatever balance could gain by it, unless balance may move cases.
    fn handover_price(&self, weight_points: i64) -> i64 {
        let against_balance = if self.rules.balance_may_move { 0 } else { self.balance_slope };
        self.rules.handover_price + (self.rules.handover_price_per_point + against_balance) * weight_points
    }

    /// Splits the groups that no officer can take whole.
    pub(super) fn split_too_big(&mut self, grouping: &mut Grouping, limits: &[Limits], notes: &mut Vec<Note>) {
        let mut pairs = Vec::new();
        let mut too_big = Vec::new();
        for position in 0..grouping.units.len() {
            let unit = &grouping.units[position];
            if unit.case_count == 1 || unit.anchor != Anchor::None {
                continue;
            }
            self.pairs_of(unit, &grouping.unit_cases[unit.case_range()], &mut pairs);
            if !pairs.iter().any(|pair| fits_alone(unit, pair, &limits[pair.officer.get()])) {
                let group_id = grouping.group_of_unit[&position].clone();
                notes.push(Note::SplitGroup { group_id, reason: SplitReason::NoOfficerForAll });
                too_big.push(position);
            }
        }
        if !too_big.is_empty() {
            grouping.split(&too_big);
        }
    }

    /// Everyone who may hold a unit of these cases, by officer. `pairs` is overwritten.
    pub(super) fn pairs_of(&mut self, unit: &Draft, cases: &[CaseIndex], pairs: &mut Vec<EligiblePair>) {
        pairs.clear();
        self.push_case_of(unit.anchor, cases[0], pairs);
        for &case in &cases[1..] {
            let mut of_case = Vec::new();
            self.push_case_of(unit.anchor, case, &mut of_case);
            let so_far = std::mem::take(pairs);
            pairs.extend(so_far.into_iter().filter_map(|sum| {
                let position = of_case.binary_search_by_key(&sum.officer, |pair| pair.officer).ok()?;
                Some(add(sum, of_case[position]))
            }));
        }
        if !unit.siblings_with.is_empty() {
            for pair in pairs.iter_mut() {
                if unit.siblings_with.binary_search(&pair.officer).is_err() {
                    pair.cost += self.rules.group_apart_price * i64::from(unit.case_count);
                }
            }
        }
        if !unit.family_with.is_empty() {
            for pair in pairs.iter_mut().filter(|pair| unit.family_with.binary_search(&pair.officer).is_err()) {
                pair.cost += self.rules.same_child_apart_price;
            }
        }
        if let Anchor::Held(holder) = unit.anchor
            && cases.iter().all(|case| is_planned_transfer(&self.people.backlog.cases[case.get()]))
        {
            self.price_staying(holder, pairs);
        }
    }

    /// Where moving is planned work, staying costs more than moving to any officer, balance included: the unit moves as soon
    /// as there is room, and stays as long as there is none.
    fn price_staying(&self, holder: OfficerIndex, pairs: &mut [EligiblePair]) {
        let others = pairs.iter().filter(|pair| pair.officer != holder);
        let dearest = others.map(|pair| pair.cost + self.balance_slope * i64::from(pair.weight_points)).max();
        if let (Some(dearest), Some(stay)) = (dearest, pairs.iter_mut().find(|pair| pair.officer == holder)) {
            stay.cost = stay.cost.max(dearest + 1);
        }
    }

    fn push_case_of(&mut self, anchor: Anchor, case: CaseIndex, pairs: &mut Vec<EligiblePair>) {
        if let Anchor::Pinned(officer) = anchor {
            pairs.push(self.case_pair(case, officer));
        } else {
            self.push_case(case, anchor, pairs);
        }
    }

    /// Pairs of one case that is not pinned, by officer: everyone in service who may take it, and whoever holds it.
    fn push_case(&mut self, case_index: CaseIndex, anchor: Anchor, pairs: &mut Vec<EligiblePair>) {
        let case = &self.people.backlog.cases[case_index.get()];
        let first = pairs.len();
        if let Some((starts, explicit)) = &self.explicit {
            for pair in &explicit[starts[case_index.get()]..starts[case_index.get() + 1]] {
                if self.may_take(case_index, pair.officer) {
                    pairs.push(self.ranked_pair(case_index, pair.officer, 0));
                }
            }
        } else {
            let mut skills: Vec<&Code> = case.skills.iter().collect();
            skills.sort_unstable();
            skills.dedup();
            let key = (case.area.as_ref(), skills);
            let known = self.buckets.get(&key).map(Rc::clone);
            let candidates = known.unwrap_or_else(|| {
                let found = Rc::new(self.candidates(key.0, &key.1));
                self.buckets.insert(key, Rc::clone(&found));
                found
            });
            for &(officer, rank) in candidates.iter() {
                if self.may_take(case_index, officer) {
                    pairs.push(self.ranked_pair(case_index, officer, rank));
                }
            }
        }
        if let Some(holder) = anchor.officer()
            && let Err(position) = pairs[first..].binary_search_by_key(&holder, |pair| pair.officer)
        {
            pairs.insert(first + position, self.case_pair(case_index, holder));
        }
    }

    fn may_take(&self, case: CaseIndex, officer: OfficerIndex) -> bool {
        let backlog = &self.people.backlog;
        self.people.service[officer.get()] == Service::In
            && !is_barred(&backlog.cases[case.get()], &backlog.officers[officer.get()].id)
    }

    fn candidates(&self, area: Option<&Code>, skills: &[&Code]) -> Vec<(OfficerIndex, i64)> {
        self.people
            .backlog
            .officers
            .iter()
            .enumerate()
            .filter(|(position, _)| self.people.service[*position] == Service::In)
            .filter_map(|(position, officer)| {
                let rank = match area {
                    Some(area) if !officer.areas.is_empty() => {
                        officer.areas.iter().position(|covered| covered == area)?
                    }
                    _ => 0,
                };
                let has_skills = skills.iter().all(|skill| self.officer_skills[position].contains(*skill));
                has_skills.then(|| (OfficerIndex::new(position), rank as i64))
            })
            .collect()
    }
}

fn add(a: EligiblePair, b: EligiblePair) -> EligiblePair {
    EligiblePair {
        cost: a.cost + b.cost,
        officer: a.officer,
        weight_points: a.weight_points + b.weight_points,
        new_case_count: a.new_case_count + b.new_case_count,
        handover_count: a.handover_count + b.handover_count,
    }
}

/// The officer could hold the unit with nothing else.
fn fits_alone(unit: &Draft, pair: &EligiblePair, limits: &Limits) -> bool {
    limits.load_limit.is_none_or(|limit| i64::from(pair.weight_points) <= limit)
        && limits.case_limit.is_none_or(|limit| i64::from(unit.case_count) <= limit)
        && limits.intake_limit.is_none_or(|limit| i64::from(pair.new_case_count) <= limit)
}

fn index_explicit(people: &People) -> (Vec<usize>, Vec<Explicit>) {
    let cases = &people.backlog.cases;
    let case_of_id: HashMap<_, _> = cases.iter().enumerate().map(|(position, case)| (&case.id, position)).collect();
    let mut listed: Vec<(usize, Explicit)> = people
        .backlog
        .pairs
        .iter()
        .flatten()
        .map(|pair| {
            let case = case_of_id[&pair.case_id];
            let weight_points = pair.weight_points.or(cases[case].weight_points).unwrap_or(1);
            (case, Explicit { officer: people.officer_of_id[&pair.officer_id], cost: pair.cost, weight_points })
        })
        .collect();
    listed.sort_unstable_by_key(|&(case, pair)| (case, pair.officer));
    let mut starts = vec![0; cases.len() + 1];
    for &(case, _) in &listed {
        starts[case + 1] += 1;
    }
    for case in 0..cases.len() {
        starts[case + 1] += starts[case];
    }
    (starts, listed.into_iter().map(|(_, pair)| pair).collect())
}

//! Which cases form a unit. A group stays together unless its cases are anchored to different officers (held by one who
//! stays, or pinned), or no officer can take all of it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
};

use super::people::People;
use crate::model::{CaseIndex, ChildId, GroupId, Note, OfficerIndex, SplitReason};

/// A case, or a group of cases that stays together, before its pairs and prices are known.
pub(super) struct Draft {
    /// First of its cases in the grouping's list of unit cases.
    first_case: u32,
    pub(super) case_count: u32,
    pub(super) anchor: Anchor,
    /// Officers who hold the rest of its group, which was split.
    pub(super) siblings_with: Vec<OfficerIndex>,
    /// Officers who hold other cases of its children, if nobody holds it.
    pub(super) family_with: Vec<OfficerIndex>,
}

impl Draft {
    pub(super) fn case_range(&self) -> Range<usize> {
        let first = self.first_case as usize;
        first..first + self.case_count as usize
    }
}

/// Where a unit is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// No officer who stays holds any of its cases.
    None,
    /// This officer, who stays, holds all of its cases.
    Held(OfficerIndex),
    /// Only this officer may hold it.
    Pinned(OfficerIndex),
}

impl Anchor {
    /// The officer, if there is one.
    #[must_use]
    pub fn officer(self) -> Option<OfficerIndex> {
        match self {
            Self::None => None,
            Self::Held(officer) | Self::Pinned(officer) => Some(officer),
        }
    }
}

/// Units in the making.
pub(super) struct Grouping {
    pub(super) units: Vec<Draft>,
    pub(super) unit_cases: Vec<CaseIndex>,
    /// The group of a unit of several cases.
    pub(super) group_of_unit: BTreeMap<usize, GroupId>,
}

impl Grouping {
    fn push(
        &mut self,
        cases: &[CaseIndex],
        anchor: Anchor,
        siblings_with: Vec<OfficerIndex>,
        family_with: Vec<OfficerIndex>,
    ) {
        self.units.push(Draft {
            first_case: u32::try_from(self.unit_cases.len()).expect("fewer than 2^32 cases"),
            case_count: u32::try_from(cases.len()).expect("fewer than 2^32 cases"),
            anchor,
            siblings_with,
            family_with,
        });
        self.unit_cases.extend_from_slice(cases);
    }

    /// Breaks the units of several cases at `positions` (ascending) into one unit a case.
    pub(super) fn split(&mut self, positions: &[usize]) {
        let old = std::mem::take(&mut self.units);
        let old_cases = std::mem::take(&mut self.unit_cases);
        let old_groups = std::mem::take(&mut self.group_of_unit);
        for (position, unit) in old.into_iter().enumerate() {
            let cases = &old_cases[unit.case_range()];
            if positions.binary_search(&position).is_ok() {
                for &case in cases {
                    self.push(&[case], unit.anchor, unit.siblings_with.clone(), unit.family_with.clone());
                }
            } else {
                if let Some(group) = old_groups.get(&position) {
                    self.group_of_unit.insert(self.units.len(), group.clone());
                }
                self.push(cases, unit.anchor, unit.siblings_with, unit.family_with);
            }
        }
    }
}

/// Forms units in the order of each unit's first case.
pub(super) fn group(people: &People, notes: &mut Vec<Note>) -> Grouping {
    let cases = &people.backlog.cases;
    let anchor_of = |case: CaseIndex| match (people.pins[case.get()], people.holders[case.get()]) {
        (Some(officer), _) => Anchor::Pinned(officer),
        (None, Some(officer)) => Anchor::Held(officer),
        (None, None) => Anchor::None,
    };
    let families = Families::new(people, anchor_of);
    let mut members: BTreeMap<&GroupId, Vec<CaseIndex>> = BTreeMap::new();
    for (position, case) in cases.iter().enumerate() {
        if let Some(group) = &case.group_id {
            members.entry(group).or_default().push(CaseIndex::new(position));
        }
    }
    let mut grouping = Grouping {
        units: Vec::with_capacity(cases.len()),
        unit_cases: Vec::with_capacity(cases.len()),
        group_of_unit: BTreeMap::new(),
    };
    for (position, case) in cases.iter().enumerate() {
        let index = CaseIndex::new(position);
        let Some(group) = &case.group_id else {
            let anchor = anchor_of(index);
            grouping.push(&[index], anchor, Vec::new(), families.officers(anchor, &[index]));
            continue;
        };
        let group_members = &members[group];
        if group_members[0] != index {
            continue;
        }
        // Parts by the officer who anchors them; free cases last. A pin outweighs a hold with the same officer.
        let mut parts: Vec<(Anchor, Vec<CaseIndex>)> = Vec::new();
        for &member in group_members {
            let anchor = anchor_of(member);
            match parts.iter_mut().find(|(part, _)| part.officer() == anchor.officer()) {
                Some((part, list)) => {
                    list.push(member);
                    if matches!(anchor, Anchor::Pinned(_)) {
                        *part = anchor;
                    }
                }
                None => parts.push((anchor, vec![member])),
            }
        }
        if parts.len() > 1 {
            notes.push(Note::SplitGroup { group_id: group.clone(), reason: SplitReason::HeldApart });
        }
        let mut anchors: Vec<OfficerIndex> = parts.iter().filter_map(|(anchor, _)| anchor.officer()).collect();
        anchors.sort_unstable();
        for (anchor, list) in parts {
            let siblings_with = if anchor == Anchor::None { anchors.clone() } else { Vec::new() };
            if list.len() > 1 {
                grouping.group_of_unit.insert(grouping.units.len(), group.clone());
            }
            grouping.push(&list, anchor, siblings_with, families.officers(anchor, &list));
        }
    }
    grouping
}

/// Who holds cases of the children of whom other cases are held by nobody.
struct Families<'a> {
    people: &'a People,
    officers: HashMap<&'a ChildId, Vec<OfficerIndex>>,
}

impl<'a> Families<'a> {
    fn new(people: &'a People, anchor_of: impl Fn(CaseIndex) -> Anchor) -> Self {
        let children = || {
            let cases = people.backlog.cases.iter().enumerate();
            cases.filter_map(|(position, case)| {
                Some((case.child_id.as_ref()?, anchor_of(CaseIndex::new(position)).officer()))
            })
        };
        let with_free_cases: HashSet<&ChildId> =
            children().filter(|(_, officer)| officer.is_none()).map(|(child, _)| child).collect();
        let mut officers: HashMap<&ChildId, Vec<OfficerIndex>> = HashMap::new();
        for (child, officer) in children() {
            if let Some(officer) = officer
                && with_free_cases.contains(child)
            {
                officers.entry(child).or_default().push(officer);
            }
        }
        Self { people, officers }
    }

    /// The officers, sorted; none for a unit that somebody holds, which no other case moves.
    fn officers(&self, anchor: Anchor, cases: &[CaseIndex]) -> Vec<OfficerIndex> {
        if anchor != Anchor::None || self.officers.is_empty() {
            return Vec::new();
        }
        let children = cases.iter().filter_map(|case| self.people.backlog.cases[case.get()].child_id.as_ref());
        let mut officers: Vec<OfficerIndex> =
            children.filter_map(|child| self.officers.get(child)).flatten().copied().collect();
        officers.sort_unstable();
        officers.dedup();
        officers
    }
}

/// Counts each child in the unit of its first case; a case without a child token is a child of its own. Units come in order.
pub(super) struct Children<'a> {
    seen: HashSet<&'a ChildId>,
}

impl<'a> Children<'a> {
    pub(super) fn new() -> Self {
        Self { seen: HashSet::new() }
    }

    pub(super) fn count(&mut self, people: &'a People, cases: &[CaseIndex]) -> u32 {
        let firsts = cases.iter().filter(|case| {
            people.backlog.cases[case.get()].child_id.as_ref().is_none_or(|child| self.seen.insert(child))
        });
        u32::try_from(firsts.count()).expect("fewer than 2^32 cases")
    }
}

//! Who holds what before an allocation, from the team's current assignment and from the request: the request is newer
//! and counts where it says something.

use std::collections::{HashMap, HashSet};

use jiff::{ToSpan as _, civil::Date};

use crate::{
    model::{
        Allocation, Backlog, Case, CaseId, Change, ChangeReason, GroupId, Held, Holding, INTAKE_DAYS, Note, OfficerId,
        Part, Place, Service, StayExtension, Violation, service_on,
    },
    store::{Action, AssignmentVersion, Call, Input, Made, Origin, Pin, Version},
};

/// Fills in what the request leaves open.
///
/// - The officer of the current assignment, if the case has none in the request and the officer is in the backlog. An
///   officer who is not has left: the case then counts as one without an officer.
/// - Since when the officer holds it, if the current assignment knows.
/// - Since when it waits: the earliest day known, so that no allocation resets it; and the extension of its stay.
/// - A case that the casework system has moved to another officer since then counts as given to them today: nobody knows
///   since when, and the intake limit is about what an officer was given.
/// - On which of the last days each officer was given cases that they no longer hold.
#[must_use]
pub fn with_incumbent(mut backlog: Backlog, current: Option<&Allocation>) -> Backlog {
    let Some(current) = current else { return backlog };
    let held: HashMap<&CaseId, &Held> = current.held.iter().map(|held| (&held.case_id, held)).collect();
    let waiting: HashMap<&CaseId, &Holding> = current.holdings.iter().map(|entry| (&entry.case_id, entry)).collect();
    let officers: HashSet<_> = backlog.officers.iter().map(|officer| &officer.id).collect();
    for case in &mut backlog.cases {
        if let Some(held) = held.get(&case.id) {
            if case.current_officer_id.is_none() && officers.contains(&held.officer_id) {
                case.current_officer_id = Some(held.officer_id.clone());
            }
            if case.current_officer_id.as_ref() == Some(&held.officer_id) {
                case.held_since = held.since;
            }
        }
        let is_elsewhere = held.get(&case.id).map(|held| &held.officer_id) != case.current_officer_id.as_ref();
        let is_known = held.contains_key(&case.id) || waiting.contains_key(&case.id);
        if is_known && is_elsewhere && case.current_officer_id.is_some() {
            case.held_since = case.held_since.or(Some(backlog.as_at));
        }
        if let Some(holding) = waiting.get(&case.id)
            && case.current_officer_id.is_none()
        {
            let since = case.waiting_since.map_or(holding.waiting_since, |since| since.min(holding.waiting_since));
            case.waiting_since = Some(since);
            if case.stay_extension.is_none() {
                case.stay_extension = holding.stay_extension.clone().map(Box::new);
            }
        }
    }
    fill_former_intake(&mut backlog, current);
    backlog
}

/// Fills in on which of the last days each officer was given cases that they no longer hold.
pub(super) fn fill_former_intake(backlog: &mut Backlog, current: &Allocation) {
    let former = former_intake(backlog, current);
    for officer in &mut backlog.officers {
        officer.former_intake = former.get(&officer.id).cloned().unwrap_or_default();
    }
}

/// Of each officer the days within the intake window on which they were given cases that they no longer hold: because they were
/// closed, or moved.
fn former_intake(backlog: &Backlog, current: &Allocation) -> HashMap<OfficerId, Vec<Date>> {
    let window_start = backlog.as_at.saturating_sub(INTAKE_DAYS.days());
    let holders: HashMap<&CaseId, Option<&OfficerId>> =
        backlog.cases.iter().map(|case| (&case.id, case.current_officer_id.as_ref())).collect();
    let mut days: HashMap<OfficerId, Vec<Date>> = HashMap::new();
    let before = current
        .caseloads
        .iter()
        .flat_map(|caseload| caseload.former_intake.iter().map(|day| (&caseload.officer_id, *day)));
    let since_then = current.held.iter().filter_map(|held| {
        let is_still = holders.get(&held.case_id).is_some_and(|holder| *holder == Some(&held.officer_id));
        held.since.filter(|_| !is_still).map(|since| (&held.officer_id, since))
    });
    for (officer, day) in before.chain(since_then).filter(|(_, day)| *day > window_start) {
        days.entry(officer.clone()).or_default().push(day);
    }
    days
}

/// A stay is extended once: requests that want another extension than the one that the current assignment knows.
#[must_use]
pub(super) fn second_extensions(backlog: &Backlog, current: &Allocation) -> Vec<Violation> {
    let extended: HashMap<&CaseId, &StayExtension> =
        current.holdings.iter().filter_map(|entry| Some((&entry.case_id, entry.stay_extension.as_ref()?))).collect();
    let wanted = backlog.cases.iter().enumerate().filter_map(|(position, case)| {
        let (known, wanted) = (*extended.get(&case.id)?, case.stay_extension.as_deref()?);
        (known != wanted).then(|| Violation {
            place: Place { part: Part::Cases, position: Some(position), field: "stay_extension" },
            value: wanted.to_string(),
            message: format!(
                "is a second extension: the stay was extended already until {} by `{}`; leave this one out and find an officer",
                known.until, known.by
            ),
        })
    });
    wanted.collect()
}

/// Fills in the pins that persons set for good, where the request leaves that open. The request is newer: a pin has lapsed
/// where the request pins the case itself, or says that another officer holds it; and where the officer is gone, barred, or
/// not among the case's pairs.
#[must_use]
pub fn with_pins(mut backlog: Backlog, pins: &[Pin]) -> Backlog {
    if pins.is_empty() {
        return backlog;
    }
    let listed: Option<HashSet<(&CaseId, &OfficerId)>> =
        backlog.pairs.as_ref().map(|pairs| pairs.iter().map(|pair| (&pair.case_id, &pair.officer_id)).collect());
    let has_pair = |pin: &Pin| listed.as_ref().is_none_or(|listed| listed.contains(&(&pin.case_id, &pin.officer_id)));
    let standing: HashMap<CaseId, OfficerId> =
        pins.iter().filter(|pin| has_pair(pin)).map(|pin| (pin.case_id.clone(), pin.officer_id.clone())).collect();
    let officers = staying_officers(&backlog);
    let mut filled = HashSet::new();
    for case in &mut backlog.cases {
        let Some(officer_id) = standing.get(&case.id) else { continue };
        let is_open = case.required_officer_id.is_none() && !case.pinned;
        let is_elsewhere = case.current_officer_id.as_ref().is_some_and(|current| current != officer_id);
        if is_open && !is_elsewhere && officers.contains(officer_id) && !case.barred_officer_ids.contains(officer_id) {
            case.required_officer_id = Some(officer_id.clone());
            filled.insert(case.id.clone());
        }
    }
    leave_groups_pinned_elsewhere(&mut backlog.cases, &filled);
    backlog
}

/// The backlog of a version with its assignment carried out: who holds what, since when, and what waits since when. Pins
/// have lapsed whose officer is gone, and so has that of a case which a person gave to somebody, but not for good.
#[must_use]
pub(super) fn carried_out(version: &AssignmentVersion, input: &Input, as_at: Date) -> Backlog {
    let mut backlog = Backlog { as_at, ..input.backlog.clone() };
    let allocation = &*version.allocation;
    let held: HashMap<&CaseId, &Held> = allocation.held.iter().map(|held| (&held.case_id, held)).collect();
    let waiting: HashMap<&CaseId, &Holding> = allocation.holdings.iter().map(|entry| (&entry.case_id, entry)).collect();
    let once = match &input.made {
        Made::Called(Call { action: Action::Reassign { case_id, keep_pinned: false, .. }, .. }) => Some(case_id),
        Made::Called(_) | Made::Solved { .. } => None,
    };
    let officers = staying_officers(&backlog);
    for case in &mut backlog.cases {
        let held = held.get(&case.id);
        case.current_officer_id = held.map(|held| held.officer_id.clone());
        case.held_since = held.and_then(|held| held.since);
        let holding = waiting.get(&case.id);
        case.waiting_since = holding.map(|holding| holding.waiting_since);
        case.stay_extension = holding.and_then(|holding| holding.stay_extension.clone()).map(Box::new);
        if let Some(derived) = &mut case.derived {
            // Whoever has it now was given it in its stage.
            derived.planned_transfer = false;
        }
        let stays = |officer_id: &OfficerId| officers.contains(officer_id);
        if once == Some(&case.id) || !case.required_officer_id.as_ref().is_some_and(stays) {
            case.required_officer_id = None;
        }
        case.pinned &= case.current_officer_id.as_ref().is_some_and(stays);
    }
    backlog
}

/// Officers who are in service, or away for a short time.
pub(super) fn staying_officers(backlog: &Backlog) -> HashSet<OfficerId> {
    let stays = |officer: &&crate::model::Officer| service_on(officer, backlog.as_at) != Service::Out;
    backlog.officers.iter().filter(stays).map(|officer| officer.id.clone()).collect()
}

/// A group has one officer. These cases were given to an officer by a person, so they leave a group of which another case is
/// pinned to another officer.
pub(super) fn leave_groups_pinned_elsewhere(cases: &mut [Case], decided: &HashSet<CaseId>) {
    let pin_of = |case: &Case| {
        case.required_officer_id.clone().or_else(|| case.current_officer_id.clone().filter(|_| case.pinned))
    };
    let mut pins: HashMap<GroupId, HashSet<OfficerId>> = HashMap::new();
    for case in cases.iter() {
        if let (Some(group), Some(pin)) = (&case.group_id, pin_of(case)) {
            pins.entry(group.clone()).or_default().insert(pin);
        }
    }
    for case in cases.iter_mut().filter(|case| decided.contains(&case.id)) {
        if case.group_id.as_ref().is_some_and(|group| pins.get(group).is_some_and(|pins| pins.len() > 1)) {
            case.group_id = None;
        }
    }
}

/// The pins that still stand in the input of a new version.
#[must_use]
pub(super) fn kept_pins(pins: &[Pin], backlog: &Backlog) -> Vec<Pin> {
    let required: HashMap<&CaseId, &OfficerId> =
        backlog.cases.iter().filter_map(|case| Some((&case.id, case.required_officer_id.as_ref()?))).collect();
    pins.iter().filter(|pin| required.get(&pin.case_id) == Some(&&pin.officer_id)).cloned().collect()
}

/// Officers of the current assignment whom the backlog does not name, although it has cases they held: whoever forgot
/// one must be told.
#[must_use]
pub(super) fn departed_officers(backlog: &Backlog, current: &Allocation) -> Option<Note> {
    let officers: HashSet<_> = backlog.officers.iter().map(|officer| &officer.id).collect();
    let unplaced: HashSet<&CaseId> =
        backlog.cases.iter().filter(|case| case.current_officer_id.is_none()).map(|case| &case.id).collect();
    let lost =
        current.held.iter().filter(|held| !officers.contains(&held.officer_id) && unplaced.contains(&held.case_id));
    let (mut departed, mut case_count) = (HashSet::new(), 0);
    for held in lost {
        departed.insert(&held.officer_id);
        case_count += 1;
    }
    (case_count > 0).then_some(Note::DepartedOfficers { officer_count: departed.len() as i64, case_count })
}

/// Cases of the current assignment that are neither open nor named closed, by id. A commit would lose them.
#[must_use]
pub fn missing_cases<'a>(
    current: &'a Allocation,
    open: impl IntoIterator<Item = &'a CaseId>,
    closed: &'a [CaseId],
) -> Vec<CaseId> {
    let known: HashSet<&CaseId> = open.into_iter().chain(closed).collect();
    let mut missing: Vec<CaseId> = case_ids(current).filter(|id| !known.contains(id)).cloned().collect();
    missing.sort();
    missing
}

/// The cases of an allocation, held and waiting.
pub(super) fn case_ids(allocation: &Allocation) -> impl Iterator<Item = &CaseId> {
    let held = allocation.held.iter().map(|held| &held.case_id);
    held.chain(allocation.holdings.iter().map(|holding| &holding.case_id))
}

/// How a version with this allocation comes about on top of `parent`. An allocation for a team that the store does not
/// know, but whose cases had officers, rebuilds what the store lost.
#[must_use]
pub fn origin(parent: Option<Version>, allocation: &Allocation) -> Origin {
    let first_officers = |change: &&Change| match change.reason {
        ChangeReason::FirstOfficer => true,
        ChangeReason::OfficerLeft
        | ChangeReason::OfficerBarred
        | ChangeReason::Required
        | ChangeReason::Handover
        | ChangeReason::PlannedTransfer
        | ChangeReason::Released => change.from_officer_id.is_none(),
    };
    let new = allocation.changes.iter().filter(first_officers).count();
    let nobody_held_anything = new == allocation.held.len() && new == allocation.changes.len();
    if parent.is_some() || nobody_held_anything { Origin::Allocated } else { Origin::RebuiltFromRequest }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::{
        BoundSource, Case, Caseload, Evidence, GapItems, HoldingReason, Officer, Proof, Termination, Totals,
    };

    const TODAY: Date = date(2026, 9, 1);

    fn current() -> Allocation {
        let held = |case: &str, officer: &str, since| Held {
            case_id: case.into(),
            officer_id: officer.into(),
            since,
            due_date: None,
            named_contact: true,
        };
        Allocation {
            as_at: TODAY,
            rules_version: "standard-1".to_owned(),
            held: vec![held("c1", "o1", Some(date(2026, 1, 5))), held("c2", "gone", None)],
            holdings: vec![Holding {
                case_id: "c3".into(),
                reason: HoldingReason::AllFull,
                supervisor_id: None,
                waiting_since: date(2026, 3, 1),
                check_by: TODAY,
                longest_stay_until: TODAY,
                stay_extension: None,
                due_date: None,
                named_contact: true,
            }],
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
                termination: Termination::Optimal,
                step_count: 0,
                cut_calls: Vec::new(),
            },
            notes: Vec::new(),
            has_default_supervisor: true,
        }
    }

    fn backlog(cases: Vec<Case>) -> Backlog {
        let officers = ["o1", "o2"].map(|id| Officer::new(id.into())).to_vec();
        Backlog { as_at: TODAY, cases, officers, supervisors: Vec::new(), pairs: None }
    }

    /// The case after the merge, as one line.
    fn check(case: Case, expected: &str) {
        let merged = with_incumbent(backlog(vec![case]), Some(&current()));
        let Case { current_officer_id, held_since, waiting_since, .. } = &merged.cases[0];
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let found = format!(
            "{} {} {}",
            text(current_officer_id.as_ref().map(ToString::to_string)),
            text(held_since.map(|day| day.to_string())),
            text(waiting_since.map(|day| day.to_string()))
        );
        assert_eq!(found, expected);
    }

    fn case(id: &str) -> Case {
        Case::new(id.into())
    }

    #[test]
    fn the_current_assignment_fills_in_what_the_request_leaves_open() {
        check(case("c1"), "o1 2026-01-05 -");
        check(case("new"), "- - -");
        check(case("c3"), "- - 2026-03-01");
    }

    #[test]
    fn the_request_is_newer() {
        // Moved by hand since then: new to the officer.
        check(Case { current_officer_id: Some("o2".into()), ..case("c1") }, "o2 2026-09-01 -");
        check(Case { current_officer_id: Some("o1".into()), ..case("c1") }, "o1 2026-01-05 -");
        check(Case { current_officer_id: Some("o2".into()), ..case("c3") }, "o2 2026-09-01 -");
        check(Case { current_officer_id: Some("o2".into()), ..case("new") }, "o2 - -");
    }

    /// Days on which o1 was given what they no longer hold, after these cases are sent on that day.
    fn former(current: &Allocation, as_at: Date, cases: Vec<Case>) -> Vec<Date> {
        let merged = with_incumbent(Backlog { as_at, ..backlog(cases) }, Some(current));
        merged.officers[0].former_intake.clone()
    }

    #[test]
    fn what_was_given_and_is_gone_counts_for_7_days() {
        let mut current = current();
        current.held[0].since = Some(TODAY);
        let day = |days: i64| TODAY + days.days();
        assert_eq!(former(&current, day(1), vec![case("c1")]), [], "it is still held");
        // Closed, or moved by hand.
        assert_eq!(former(&current, day(6), vec![case("c3")]), [TODAY]);
        let moved = Case { current_officer_id: Some("o2".into()), ..case("c1") };
        assert_eq!(former(&current, day(6), vec![moved]), [TODAY]);
        assert_eq!(former(&current, day(7), vec![case("c3")]), []);
        // What an earlier version knew is carried on, through any number of versions.
        current.caseloads = vec![Caseload {
            officer_id: "o1".into(),
            supervisor_id: None,
            case_count: 1,
            load_points: 1,
            capacity_points: None,
            max_case_count: None,
            new_case_count: 0,
            over: false,
            peak: None,
            former_intake: vec![day(-3)],
        }];
        assert_eq!(former(&current, day(2), vec![case("c3")]), [day(-3), TODAY]);
        assert_eq!(former(&current, day(4), vec![case("c3")]), [TODAY]);
    }

    /// Where case `c1`, given to `o2` for good, is pinned after the merge.
    fn pinned(
        case: Case,
        others: Vec<Case>,
        pairs: Option<Vec<crate::model::Pair>>,
    ) -> (Option<String>, Option<String>) {
        let pin =
            Pin { case_id: "c1".into(), officer_id: "o2".into(), reason: crate::store::OverrideReason::Continuity };
        let mut backlog = backlog([vec![case], others].concat());
        backlog.pairs = pairs;
        let backlog = with_pins(backlog, &[pin]);
        let case = &backlog.cases[0];
        (case.required_officer_id.as_ref().map(ToString::to_string), case.group_id.as_ref().map(ToString::to_string))
    }

    #[test]
    fn a_case_given_for_good_stays_until_the_request_says_otherwise() {
        let there = |case| pinned(case, Vec::new(), None).0;
        let o2 = Some("o2".to_owned());
        assert_eq!(there(case("c1")), o2);
        assert_eq!(there(case("other")), None);
        assert_eq!(there(Case { current_officer_id: Some("o2".into()), ..case("c1") }), o2);
        assert_eq!(there(Case { current_officer_id: Some("o1".into()), ..case("c1") }), None);
        assert_eq!(there(Case { required_officer_id: Some("o1".into()), ..case("c1") }), Some("o1".to_owned()));
        assert_eq!(there(Case { barred_officer_ids: vec!["o2".into()], ..case("c1") }), None);
        let pair = |officer: &str| crate::model::Pair {
            case_id: "c1".into(),
            officer_id: officer.into(),
            cost: 0,
            weight_points: None,
        };
        assert_eq!(pinned(case("c1"), Vec::new(), Some(vec![pair("o1")])).0, None);
        assert_eq!(pinned(case("c1"), Vec::new(), Some(vec![pair("o1"), pair("o2")])).0, o2);
    }

    #[test]
    fn a_case_given_for_good_leaves_a_group_that_is_pinned_elsewhere() {
        let member = |id: &str| Case { group_id: Some("g".into()), ..case(id) };
        let (pin, group) = (Some("o2".to_owned()), Some("g".to_owned()));
        assert_eq!(pinned(member("c1"), vec![member("c2")], None), (pin.clone(), group));
        let elsewhere = Case { required_officer_id: Some("o1".into()), ..member("c2") };
        assert_eq!(pinned(member("c1"), vec![elsewhere], None), (pin, None));
    }

    #[test]
    fn an_officer_who_left_holds_nothing() {
        check(case("c2"), "- - -");
    }

    #[test]
    fn officers_missing_from_the_backlog_are_told() {
        let note = |cases| departed_officers(&backlog(cases), &current());
        let told = Some(Note::DepartedOfficers { officer_count: 1, case_count: 1 });
        assert_eq!(note(vec![case("c1"), case("c2")]), told);
        assert_eq!(note(vec![case("c1")]), None);
        assert_eq!(note(vec![Case { current_officer_id: Some("o2".into()), ..case("c2") }]), None);
    }

    #[test]
    fn the_earliest_day_of_waiting_counts() {
        check(Case { waiting_since: Some(date(2026, 2, 1)), ..case("c3") }, "- - 2026-02-01");
        check(Case { waiting_since: Some(date(2026, 8, 1)), ..case("c3") }, "- - 2026-03-01");
    }

    #[test]
    fn a_case_that_is_neither_open_nor_closed_is_missing() {
        let (current, open) = (current(), [CaseId::new("c1")]);
        let missing = missing_cases(&current, &open, &[]);
        assert_eq!(missing, [CaseId::new("c2"), CaseId::new("c3")]);
        assert_eq!(missing_cases(&current, &open, &[CaseId::new("c3")]), [CaseId::new("c2")]);
    }

    #[test]
    fn a_first_version_whose_cases_had_officers_is_rebuilt() {
        let mut first = current();
        assert_eq!(origin(None, &first), Origin::RebuiltFromRequest);
        assert_eq!(origin(Some(Version::FIRST), &first), Origin::Allocated);
        first.changes = ["c1", "c2"]
            .map(|case| Change {
                case_id: case.into(),
                from_officer_id: None,
                to_officer_id: Some("o1".into()),
                reason: ChangeReason::FirstOfficer,
            })
            .to_vec();
        assert_eq!(origin(None, &first), Origin::Allocated);
    }
}

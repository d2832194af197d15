//! Cases with stages, from the catalogue to the answer: planned transfers, named contacts, peaks, capacity, children together.

use caseload::model::{
    Allocation, Backlog, Case, ChangeReason, Code, Event, Note, Officer, Problem, Rules, Supervisor,
};
use caseload::solve::Budget;
use caseload::statute::{Catalogue, Holidays, resolve};
use jiff::ToSpan as _;

use crate::solve_teams::{PLENTY, TODAY, solved};

/// The catalogue of a team whose review officers are a team of their own.
fn split() -> Catalogue {
    let mut catalogue = Catalogue::preset("send-england").unwrap();
    for stage in catalogue.stages.iter_mut().filter(|stage| stage.case_kind.as_str() == "plan") {
        stage.skills = vec!["review".into()];
    }
    catalogue
}

fn solve(catalogue: &Catalogue, officers: Vec<Officer>, cases: Vec<Case>, rules: Rules) -> Allocation {
    let supervisors = vec![Supervisor { id: "s".into(), areas: Vec::new(), max_holding_count: None }];
    let mut backlog = Backlog { as_at: TODAY, cases, officers, supervisors, pairs: None };
    let resolved = resolve(&mut backlog, catalogue, &Holidays::england());
    assert_eq!(resolved.violations, []);
    solved(&Problem::new(backlog, rules).unwrap().with_notes(resolved.notes), &Budget::steps(PLENTY))
}

fn officer(id: &str, skill: &str, capacity_points: i64) -> Officer {
    let capacity_points = Some(capacity_points);
    Officer { capacity_points, skills: vec![Code::from(skill)], ..Officer::new(id.into()) }
}

fn plan(id: &str, holder: Option<&str>) -> Case {
    let reviewed = Event { code: "last-review".into(), date: TODAY - 100.days() };
    let current_officer_id = holder.map(Into::into);
    Case { kind: Some("plan".into()), events: vec![reviewed], current_officer_id, ..Case::new(id.into()) }
}

fn officer_of<'a>(allocation: &'a Allocation, case: &str) -> Option<&'a str> {
    let held = allocation.held.iter().find(|held| held.case_id.as_str() == case);
    held.map(|held| held.officer_id.as_str())
}

#[test]
fn a_planned_transfer_is_no_handover_and_waits_for_room_where_it_is() {
    let officers = || vec![officer("assess", "assessment", 100), officer("review", "review", 7)];
    // Not even one handover is allowed, and each plan weighs 7: there is room for one.
    let rules = Rules { handover_limit: Some(0), ..Rules::standard() };
    let cases = vec![plan("a", Some("assess")), plan("b", Some("assess"))];
    let allocation = solve(&split(), officers(), cases, rules.clone());
    let reasons: Vec<ChangeReason> = allocation.changes.iter().map(|change| change.reason).collect();
    assert_eq!(reasons, [ChangeReason::PlannedTransfer]);
    assert_eq!((allocation.totals.handover_count, allocation.totals.waiting_count), (0, 0));
    let mut found = [officer_of(&allocation, "a"), officer_of(&allocation, "b")];
    found.sort_unstable();
    assert_eq!(found, [Some("assess"), Some("review")]);
    // A child without an officer comes before a case that has one.
    let cases = vec![plan("a", Some("assess")), plan("b", None)];
    let allocation = solve(&split(), officers(), cases, rules);
    assert_eq!((officer_of(&allocation, "a"), officer_of(&allocation, "b")), (Some("assess"), Some("review")));
    assert_eq!(allocation.changes.len(), 1);
}

#[test]
fn a_complaint_goes_to_who_has_the_plan_and_the_plan_is_the_named_contact() {
    let complaint =
        |stage: &str| Case { stage: Some(stage.into()), child_id: Some("k".into()), ..Case::new(stage.into()) };
    let england = Catalogue::preset("send-england").unwrap();
    let officers = |ids: &[&str]| ids.iter().map(|id| officer(id, "none", 1_000)).collect::<Vec<_>>();
    let the_plan = || Case { child_id: Some("k".into()), ..plan("plan", Some("o2")) };
    let allocation =
        solve(&england, officers(&["o1", "o2", "o3"]), vec![the_plan(), complaint("complaint-1")], Rules::standard());
    assert_eq!(officer_of(&allocation, "complaint-1"), Some("o2"));
    let contacts: Vec<(&str, bool)> =
        allocation.held.iter().map(|held| (held.case_id.as_str(), held.named_contact)).collect();
    assert_eq!(contacts, [("complaint-1", false), ("plan", true)]);
    // At stage 2 it is somebody else, and the plan stays where it is.
    let first = Case { current_officer_id: Some("o2".into()), ..complaint("complaint-1") };
    let cases = vec![the_plan(), first, complaint("complaint-2")];
    let allocation = solve(&england, officers(&["o1", "o2"]), cases, Rules::standard());
    assert_eq!(officer_of(&allocation, "complaint-2"), Some("o1"));
    assert_eq!(officer_of(&allocation, "plan"), Some("o2"));
}

#[test]
fn a_week_to_come_above_the_cap_is_told() {
    let england = Catalogue::preset("send-england").unwrap();
    // 7 points over the year, 12 in its heaviest weeks: two of them are 24.
    let cases = vec![plan("a", Some("o")), plan("b", Some("o"))];
    let allocation = solve(&england, vec![officer("o", "none", 20)], cases, Rules::standard());
    let peak = allocation.caseloads[0].peak.unwrap();
    assert_eq!((allocation.caseloads[0].load_points, peak.points), (14, 24));
    let note = |note: &&Note| matches!(note, Note::PeakOverCap { peak_points: 24, capacity_points: 20, .. });
    assert!(allocation.notes.iter().any(|found| note(&found)), "{:?}", allocation.notes);
    assert!(!allocation.caseloads[0].over, "the mean is what counts against the cap");
}

#[test]
fn an_officer_without_capacity_who_has_cases_is_over_and_never_at_0_per_cent() {
    let england = Catalogue::preset("send-england").unwrap();
    let light = Case { weight_points: Some(0), current_officer_id: Some("o".into()), ..Case::new("light".into()) };
    let new = Case { weight_points: Some(0), ..Case::new("new".into()) };
    let allocation = solve(&england, vec![officer("o", "none", 0)], vec![light, new], Rules::standard());
    let caseload = &allocation.caseloads[0];
    assert_eq!((caseload.case_count, caseload.load_points, caseload.over), (1, 0, true));
    assert_eq!(caseload.percent(), Some(10_000));
    assert_eq!(allocation.totals.over_cap_officer_count, 1);
}

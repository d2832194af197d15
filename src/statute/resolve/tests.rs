use jiff::civil::date;

use super::*;
use crate::model::{Exempted, Problem, Rules};

const AS_AT: Date = date(2025, 1, 20);

/// `case c1 kind=plan events=last-review:2024-06-03`; `officer o1 skills=assessment`. Lists are separated by commas.
fn backlog(text: &str) -> Backlog {
    let mut backlog =
        Backlog { as_at: AS_AT, cases: Vec::new(), officers: Vec::new(), supervisors: Vec::new(), pairs: None };
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (what, id) = (words.next().unwrap(), words.next().unwrap());
        let fields = words.map(|word| word.split_once('=').unwrap());
        if what == "officer" {
            let mut officer = Officer::new(id.into());
            officer.skills = fields.flat_map(|(_, skills)| skills.split(',').map(Code::from)).collect();
            backlog.officers.push(officer);
            continue;
        }
        let mut case = Case::new(id.into());
        for (field, value) in fields {
            let parts = || value.split(',');
            match field {
                "kind" => case.kind = Some(value.into()),
                "stage" => case.stage = Some(value.into()),
                "child" => case.child_id = Some(value.into()),
                "held" => case.current_officer_id = Some(value.into()),
                "weight" => case.weight_points = value.parse().ok(),
                "due" => case.due_date = value.parse().ok(),
                "waiting" => case.waiting_since = value.parse().ok(),
                "skills" => case.skills = parts().map(Code::from).collect(),
                "events" => case.events = parts().map(|part| part.parse().unwrap()).collect(),
                "add_ons" => case.add_ons = parts().map(|part| part.parse().unwrap()).collect(),
                "obligations" => case.obligations = parts().map(|part| part.parse().unwrap()).collect(),
                "barred" => case.barred_officer_ids = parts().map(OfficerId::from).collect(),
                other => panic!("no field {other}"),
            }
        }
        backlog.cases.push(case);
    }
    backlog
}

fn resolved_by(catalogue: &Catalogue, text: &str) -> (Backlog, Resolved) {
    let mut backlog = backlog(text);
    let resolved = resolve(&mut backlog, catalogue, &Holidays::england());
    (backlog, resolved)
}

fn england() -> Catalogue {
    Catalogue::preset("send-england").unwrap()
}

/// The one case of the text, without violations.
fn case(text: &str) -> Case {
    let (mut backlog, resolved) = resolved_by(&england(), text);
    assert_eq!(resolved.violations, []);
    backlog.cases.remove(0)
}

fn derived(case: &Case) -> &Derived {
    case.derived.as_deref().unwrap()
}

/// Every violation, as place and message.
fn refused(text: &str) -> Vec<String> {
    resolved_by(&england(), text).1.violations.iter().map(ToString::to_string).collect()
}

#[test]
fn a_case_without_kind_and_stage_stays_as_it_is() {
    let (backlog, resolved) = resolved_by(&england(), "case a weight=7 due=2025-03-01");
    assert_eq!(backlog, self::backlog("case a weight=7 due=2025-03-01"));
    assert_eq!(resolved, Resolved::default());
}

#[test]
fn an_assessment_has_weight_due_date_skill_and_stay() {
    let case = case("case a stage=assessment events=request-received:2024-11-25 waiting=2025-01-13");
    assert_eq!((case.weight_points, case.skills), (Some(40), vec![Code::from("assessment")]));
    // 16 weeks, of 16 and 20; advice is somebody else's.
    assert_eq!(case.due_date, Some(date(2025, 3, 17)));
    let derived = case.derived.unwrap();
    // 56 of 84 days are left: a third of the way.
    assert_eq!(derived.urgency_percent, Some(33));
    // 5 working days from the Monday before.
    assert_eq!(derived.longest_stay_until, Some(AS_AT));
    assert_eq!(derived.weeks, [WeekPoints { from_week: 0, points: 40 }]);
}

#[test]
fn a_plan_weighs_the_mean_of_its_year_and_knows_its_weeks() {
    let case = case("case a kind=plan events=last-review:2024-06-03");
    assert_eq!((case.weight_points, case.due_date), (Some(7), Some(date(2025, 6, 2))));
    let weeks: Vec<(u8, i64)> = derived(&case).weeks.iter().map(|week| (week.from_week, week.points)).collect();
    assert_eq!(weeks, [(0, 5), (8, 12), (20, 5)]);
}

#[test]
fn what_a_case_says_itself_counts() {
    let case = case("case a stage=drafting weight=3 due=2025-02-01 skills=welsh events=request-received:2024-09-20");
    assert_eq!((case.weight_points, case.due_date), (Some(3), Some(date(2025, 2, 1))));
    assert_eq!(case.skills, [Code::from("welsh"), Code::from("assessment")]);
    assert_eq!(derived(&case).weeks, []);
}

#[test]
fn only_our_open_duties_without_exemption_are_due() {
    let of = |obligations: &str| {
        case(&format!(
            "case a stage=drafting events=request-received:2024-09-20,draft-served:2025-01-10 obligations={obligations}"
        ))
        .due_date
    };
    assert_eq!(of("final-plan"), Some(date(2025, 2, 7)));
    assert_eq!(of("final-plan:2025-02-05"), Some(date(2025, 2, 5)));
    assert_eq!(of("final-plan,comments-on-draft,appeal-window:2025-01-01"), Some(date(2025, 2, 7)));
    assert_eq!(of("comments-on-draft:2025-01-24"), None);
    assert_eq!(of("final-plan::absence:head"), None);
    assert_eq!(of("final-plan::absence:head,decide-not-to-issue"), Some(date(2025, 1, 10)));
}

#[test]
fn lateness_raises_urgency_and_never_points() {
    let late = case("case a stage=drafting events=request-received:2024-08-01");
    let in_time = case("case a stage=drafting events=request-received:2024-12-01");
    assert_eq!(late.weight_points, in_time.weight_points);
    assert_eq!(derived(&late).urgency_percent, Some(137));
    assert!(derived(&in_time).urgency_percent < Some(40));
    // No date is today.
    assert_eq!(derived(&case("case a stage=drafting")).urgency_percent, Some(100));
}

#[test]
fn what_is_done_is_not_due() {
    let complaint = |events: &str| case(&format!("case a stage=complaint-1 events={events}")).due_date;
    assert_eq!(complaint("complaint-received:2025-01-13"), Some(AS_AT));
    assert_eq!(complaint("complaint-received:2025-01-13,complaint-acknowledged:2025-01-15"), Some(date(2025, 1, 29)));
    let review = |events: &str| case(&format!("case a stage=review events=plan-made:2024-03-01,{events}")).due_date;
    assert_eq!(review("review-meeting:2025-02-10"), Some(date(2025, 1, 27)));
    assert_eq!(review("review-meeting:2025-02-10,review-notice-sent:2025-01-20"), Some(date(2025, 2, 28)));
    // The meeting is past: its notice is no duty any more, the decision is.
    assert_eq!(review("review-meeting:2025-01-10"), Some(date(2025, 2, 7)));
}

#[test]
fn the_stay_counts_from_the_first_day_of_waiting() {
    let until = |waiting: &str| derived(&case(&format!("case a stage=order {waiting}"))).longest_stay_until;
    assert_eq!(until(""), Some(date(2025, 1, 21)));
    assert_eq!(until("waiting=2025-01-10"), Some(date(2025, 1, 13)));
    assert_eq!(until("waiting=2025-03-10"), Some(date(2025, 1, 21)), "nobody has begun to wait tomorrow");
    assert_eq!(
        derived(&case("case a kind=plan events=last-review:2024-11-01 waiting=2024-12-02")).longest_stay_until,
        Some(date(2025, 4, 21))
    );
}

#[test]
fn what_the_catalogue_does_not_know_is_named_with_its_place() {
    let text = "case a stage=limbo\n case b kind=appeal\n case c stage=appeal kind=plan\n case d kind=plan events=party:2025-01-01\n \
        case e obligations=sleep\n case f obligations=final-plan::moon:head\n case g obligations=final-plan::order-absence:head\n \
        case h add_ons=multi-agency\n case i kind=plan add_ons=moon";
    let found = refused(text);
    assert_eq!(found.len(), 9, "{found:#?}");
    for (found, expected) in found.iter().zip([
        "backlog.cases[0].stage: cannot be resolved: the catalogue has no stage `limbo` on that day; `caseload rules show` lists them",
        "backlog.cases[1].kind: cannot be resolved: the catalogue has no one stage for cases of kind `appeal` on that day while no window is open; give its stage",
        "backlog.cases[2].stage: is `appeal`, a stage of cases of kind `appeal`, not `plan`",
        "backlog.cases[3].events: `party` is no event from which a clock of the catalogue runs",
        "backlog.cases[4].obligations: `sleep` is no clock of the catalogue; `caseload rules show` lists them",
        "backlog.cases[5].obligations: `moon` is no exemption of the catalogue; `caseload rules show` lists them",
        "backlog.cases[6].obligations: exemption `order-absence` does not lift `final-plan`",
        "backlog.cases[7].stage: cannot be resolved: neither the stage nor the kind of the case is given, but add-ons are",
        "backlog.cases[8].add_ons: cannot be resolved: the catalogue has no add-on `moon` on that day",
    ]) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
}

#[test]
fn a_complaint_at_stage_2_is_barred_to_who_has_stage_1() {
    let text = "officer o1\nofficer o2\ncase one child=k stage=complaint-1 held=o1\ncase plan child=k kind=plan held=o2\n\
        case two child=k stage=complaint-2\ncase other child=l stage=complaint-2\ncase told child=m stage=complaint-2 barred=o2";
    let (backlog, resolved) = resolved_by(&england(), text);
    let barred = |position: usize| backlog.cases[position].barred_officer_ids.clone();
    assert_eq!((barred(2), barred(3), barred(4)), (vec!["o1".into()], Vec::new(), vec!["o2".into()]));
    assert!(barred(1).is_empty(), "the plan is nobody's business");
    assert!(resolved.notes.contains(&Note::UnbarredCases { case_ids: vec!["other".into()] }), "{:?}", resolved.notes);
}

#[test]
fn every_answer_says_that_the_points_are_illustrative() {
    let (_, resolved) = resolved_by(&england(), "case a stage=order\ncase b stage=order weight=9");
    let note = resolved.notes[0].to_string();
    let expected = "1 case weighs what the stage catalogue send-england-1 says: illustrative points, not calibrated: a two-week time audit replaces them.";
    assert_eq!(note, expected);
}

/// A team whose review officers are a team of their own.
fn split_team() -> Catalogue {
    let mut catalogue = england();
    for stage in catalogue.stages.iter_mut().filter(|stage| stage.case_kind == Code::from("plan")) {
        stage.skills = vec!["review".into()];
    }
    catalogue
}

#[test]
fn passing_from_assessment_to_review_is_planned_work() {
    let text = "officer o1 skills=assessment\nofficer o2 skills=review\ncase new kind=plan held=o1\ncase own kind=plan held=o2\n\
        case open stage=request held=o1";
    let (backlog, _) = resolved_by(&split_team(), text);
    let planned: Vec<bool> = backlog.cases.iter().map(|case| derived(case).planned_transfer).collect();
    assert_eq!(planned, [true, false, false]);
    assert!(!derived(&resolved_by(&england(), text).0.cases[0]).planned_transfer, "anybody may have a plan there");

    let problem = Problem::new(backlog, Rules::standard()).unwrap();
    let unit = problem.instance().unit_indices().next().unwrap();
    let pairs: Vec<_> = problem.instance().pairs(unit).map(|pair| (pair.cost, pair.handover_count)).collect();
    // Staying with o1 costs more than going to o2, balance included, and going is no handover.
    assert_eq!(pairs, [(2 * 5 + 1, 0), (0, 0)]);
}

#[test]
fn another_catalogue_has_another_stamp() {
    assert_eq!(england().stamp(), "send-england-1");
    let other = split_team().stamp();
    assert!(other.starts_with("send-england-1+") && other.len() == 23, "{other}");
    assert_eq!(split_team().named(&other), Some(split_team()));
    assert_eq!(
        split_team().named("probation-england-wales").map(|found| found.about.name).as_deref(),
        Some("probation-england-wales")
    );
    assert_eq!(england().named("moon"), None);
}

#[test]
fn an_exemption_is_carried_and_never_inferred() {
    let before = backlog("case a stage=drafting obligations=final-plan::absence:head");
    let after = case("case a stage=drafting obligations=final-plan::absence:head");
    assert_eq!(after.obligations, before.cases[0].obligations);
    assert_eq!(after.obligations[0].exemption, Some(Exempted { code: "absence".into(), by: "head".into() }));
}

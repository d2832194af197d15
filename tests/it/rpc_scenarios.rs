//! What would be if, over a real socket: scenarios, whose results come as they are ready, leavers, and handovers.

use prost_types::{Struct, Value, value::Kind};
use tonic::Code;

use crate::support_service::{Service, backlog, commit, proto, status_text};
use proto::adjustment::Adjustment as Change;

/// Two officers with room for two cases of 10 points each, and five cases, of which o1 holds one.
fn five() -> proto::Backlog {
    let mut backlog = backlog(&["c1", "c2", "c3", "c4", "c5"]);
    for case in &mut backlog.cases {
        case.weight_points = Some(10);
        case.area = "north".to_owned();
        case.child_id = format!("child-{}", case.case_id);
    }
    "o1".clone_into(&mut backlog.cases[0].current_officer_id);
    for officer in &mut backlog.officers {
        officer.capacity_points = Some(20);
        officer.areas = vec!["north".to_owned()];
    }
    backlog
}

fn scenario(name: &str, changes: Vec<Change>) -> proto::Scenario {
    let adjustments = changes.into_iter().map(|change| proto::Adjustment { adjustment: Some(change) }).collect();
    proto::Scenario { name: name.to_owned(), adjustments, split_by_areas: Vec::new() }
}

fn leave(ids: &[&str]) -> Change {
    Change::OfficersLeave(proto::OfficersLeave { officer_ids: ids.iter().map(|id| (*id).to_owned()).collect() })
}

fn rules(field: &str, value: Kind) -> Change {
    Change::RulesChange(Struct { fields: [(field.to_owned(), Value { kind: Some(value) })].into() })
}

fn request(scenarios: Vec<proto::Scenario>) -> proto::EvaluateScenariosRequest {
    proto::EvaluateScenariosRequest {
        input: Some(proto::PlanningInput { team_id: "north".to_owned(), backlog: Some(five()), ..Default::default() }),
        budget: Some(proto::PlanningBudget { step_limit: Some(300), ..Default::default() }),
        scenarios,
        with_changes: false,
    }
}

/// All results, in the order of the request.
async fn results(
    service: &Service,
    request: proto::EvaluateScenariosRequest,
) -> Result<Vec<proto::ScenarioResult>, tonic::Status> {
    let mut stream = service.planning().await.evaluate_scenarios(request).await?.into_inner();
    let mut results = Vec::new();
    while let Some(answer) = stream.message().await? {
        let Some(proto::evaluate_scenarios_response::Outcome::Result(result)) = answer.outcome else {
            panic!("{answer:?}")
        };
        assert!(!results.is_empty() || answer.position.is_none(), "the team as it is comes first");
        results.push((answer.position, result));
    }
    results.sort_by_key(|(position, _)| *position);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

#[tokio::test]
async fn every_scenario_is_compared_with_the_team_as_it_is() {
    let service = Service::start().await;
    let joins = Change::OfficersJoin(proto::OfficersJoin {
        capacity_points: Some(100),
        areas: vec!["north".to_owned()],
        ..Default::default()
    });
    let mut half = proto::OfficerChanges { officer_id: "o2".to_owned(), fte_percent: Some(50), ..Default::default() };
    half.skills = Some(proto::CodeList { codes: vec!["tribunal".to_owned()] });
    let mut other_team = backlog(&["d1"]);
    other_team.officers.truncate(1);
    other_team.officers[0].officer_id = "p1".to_owned();
    let grows = proto::DemandGrows { percent: 100, area: "north".to_owned(), ..Default::default() };
    let away = proto::OfficerAway {
        officer_id: "o1".to_owned(),
        from_date: "2026-09-01".to_owned(),
        until_date: "2026-12-01".to_owned(),
    };
    let closes = proto::AreaCloses { area: "north".to_owned(), goes_to: "east".to_owned() };
    let caps = proto::CapsChange { max_case_count: Some(1), ..Default::default() };
    let asked = vec![
        scenario("nothing", Vec::new()),
        scenario("one joins", vec![joins]),
        scenario("one leaves", vec![leave(&["o1"])]),
        scenario("half time", vec![Change::OfficerChanges(half)]),
        scenario("away", vec![Change::OfficerAway(away)]),
        scenario("one case each", vec![Change::CapsChange(caps)]),
        scenario("no handover", vec![rules("handover_limit", Kind::NumberValue(0.0))]),
        scenario("twice as many", vec![Change::DemandGrows(grows)]),
        scenario("north closes", vec![Change::AreaCloses(closes)]),
        scenario("with the south", vec![Change::TeamJoins(other_team)]),
    ];
    let request = proto::EvaluateScenariosRequest { with_changes: true, ..request(asked) };
    let found = results(&service, request.clone()).await.unwrap();
    let figures: Vec<(&str, i64, i64, i64)> = found
        .iter()
        .map(|of| (of.name.as_str(), of.case_count, of.officer_count, of.children_without_officer_count))
        .collect();
    assert_eq!(
        figures,
        [
            ("as it is", 5, 2, 1),
            ("nothing", 5, 2, 1),
            ("one joins", 5, 3, 0),
            ("one leaves", 5, 1, 3),
            ("half time", 5, 2, 2),
            ("away", 5, 1, 3),
            ("one case each", 5, 2, 3),
            ("no handover", 5, 2, 1),
            ("twice as many", 10, 2, 6),
            ("north closes", 5, 2, 1),
            ("with the south", 6, 3, 1),
        ]
    );
    use proto::ScenarioVerdict::{NotComparable, ProvenBetter, ProvenWorse, Same};
    let verdict = |at: usize| found[at].verdict();
    assert_eq!((verdict(1), verdict(2), verdict(8)), (Same, ProvenBetter, NotComparable));
    assert!(matches!(verdict(5), ProvenWorse | proto::ScenarioVerdict::NoProvenDifference), "{:?}", found[5]);
    let moved: Vec<(&str, &str)> = found[3]
        .changes
        .iter()
        .filter(|change| !change.from_officer_id.is_empty())
        .map(|change| (change.case_id.as_str(), change.from_officer_id.as_str()))
        .collect();
    assert_eq!(moved, [("c1", "o1")]);
    assert_eq!(found[0].waiting_by_reason.iter().map(|reason| reason.case_count).sum::<i64>(), 1);
    assert_eq!(found[0].officers.iter().map(|officer| officer.load_points).collect::<Vec<_>>(), [20, 20]);
    let again = results(&service, request).await.unwrap();
    assert_eq!(found, again, "the same seed and steps, the same answers");
}

#[tokio::test]
async fn a_team_is_split_and_its_current_assignment_can_be_asked_about() {
    let service = Service::start().await;
    let mut two_areas = five();
    for case in &mut two_areas.cases[3..] {
        case.area = "south".to_owned();
    }
    two_areas.officers[1].areas = vec!["south".to_owned()];
    service.allocate(commit(two_areas, "")).await;
    let part = |code: &str| proto::CodeList { codes: vec![code.to_owned()] };
    let split = proto::Scenario { split_by_areas: vec![part("north"), part("south")], ..scenario("split", Vec::new()) };
    let mut request = request(vec![split]);
    request.input.as_mut().unwrap().backlog = None;
    let found = results(&service, request).await.unwrap();
    assert_eq!(found[1].terminations.len(), 2, "one of each part");
    assert_eq!(found[1].children_without_officer_count, found[0].children_without_officer_count);
    assert!(found[1].changes.is_empty(), "they were not asked for");
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_path_before_any_is_run() {
    let service = Service::start().await;
    let ask = async |request| results(&service, request).await.unwrap_err();
    let away = proto::OfficerAway {
        officer_id: "o1".to_owned(),
        from_date: "2026-10-02".to_owned(),
        until_date: "2026-10-01".to_owned(),
    };
    let refused = ask(request(vec![
        scenario("good", Vec::new()),
        scenario("unknown", vec![leave(&["o1", "nobody"])]),
        scenario("empty", vec![leave(&["o1", "o2"])]),
        scenario("backwards", vec![Change::OfficerAway(away.clone())]),
        scenario("rules", vec![rules("handover_limit", Kind::NumberValue(0.5))]),
        scenario("good", Vec::new()),
    ]))
    .await;
    assert_eq!(refused.code(), Code::InvalidArgument);
    let text = status_text(&refused);
    for field in [
        "scenarios[1].adjustments[0].officers_leave[1]: is nobody, who is no officer",
        "scenarios[2].adjustments: leave no officer",
        "scenarios[3].adjustments[0].officer_away.until_date: is 2026-10-01, before its first day",
        "scenarios[4].adjustments[0].rules_change.handover_limit: is 0.5",
        "scenarios[5].name: is `good`, as that of scenarios[0]",
    ] {
        assert!(text.contains(&format!("bad field: {field}")), "{field} is not in\n{text}");
    }
    let unreadable = proto::OfficerAway { from_date: String::new(), until_date: "soon".to_owned(), ..away };
    let mut other = backlog(&["d1"]);
    other.cases[0].due_date = "soon".to_owned();
    let refused = ask(request(vec![
        proto::Scenario { adjustments: vec![proto::Adjustment::default()], ..scenario("nothing said", Vec::new()) },
        scenario("no day", vec![Change::OfficerAway(unreadable)]),
        scenario("no rule", vec![Change::RulesChange(Struct::default())]),
        scenario("another team", vec![Change::TeamJoins(other)]),
    ]))
    .await;
    let text = status_text(&refused);
    for field in [
        "scenarios[0].adjustments[0]: is missing",
        "scenarios[1].adjustments[0].officer_away.from_date: is missing",
        "scenarios[1].adjustments[0].officer_away.until_date: is `soon`",
        "scenarios[2].adjustments[0].rules_change: names no field",
        "scenarios[3].adjustments[0].team_joins.cases[0].due_date: is `soon`",
    ] {
        assert!(text.contains(&format!("bad field: {field}")), "{field} is not in\n{text}");
    }
    let many = (0..65).map(|number| scenario(&number.to_string(), Vec::new())).collect();
    assert!(status_text(&ask(request(many)).await).contains("bad field: scenarios: are 65; at most 64"));
    let mut bad = request(Vec::new());
    bad.input.as_mut().unwrap().backlog.as_mut().unwrap().cases[1].weight_points = Some(-1);
    assert!(status_text(&ask(bad).await).contains("bad field: input.backlog.cases[1].weight_points: is -1"));
}

#[tokio::test]
async fn leavers_hand_on_their_cases_and_say_which_skills_get_scarce() {
    let service = Service::start().await;
    let mut given = five();
    given.cases[4].skills = vec!["law".to_owned()];
    let of_five = request(Vec::new());
    let mut ask =
        proto::DrillLeaversRequest { input: of_five.input, budget: of_five.budget, officer_ids: vec!["o1".to_owned()] };
    ask.input.as_mut().unwrap().backlog = Some(given);
    let drill = async |ask: &proto::DrillLeaversRequest| service.planning().await.drill_leavers(ask.clone()).await;
    let found = drill(&ask).await.unwrap().into_inner();
    let without_officer = |of: &Option<proto::ScenarioResult>| of.as_ref().unwrap().children_without_officer_count;
    assert_eq!((without_officer(&found.as_it_is), without_officer(&found.without_them)), (1, 3));
    let behind = &found.left_behind[0];
    assert_eq!((found.left_behind.len(), behind.case_id.as_str(), behind.from_officer_id.as_str()), (1, "c1", "o1"));
    assert_eq!(behind.to_officer_id.is_empty(), behind.reason() != proto::HoldingReason::Unspecified);
    let scarce: Vec<(&str, i64)> = found.scarce_skills.iter().map(|of| (of.skill.as_str(), of.case_count)).collect();
    assert_eq!(scarce, [("law", 1)]);
    ask.officer_ids.push("nobody".to_owned());
    let text = status_text(&drill(&ask).await.unwrap_err());
    assert!(text.contains("bad field: officer_ids[1]: is nobody, who is no officer"), "{text}");
    ask.officer_ids.clear();
    let text = status_text(&drill(&ask).await.unwrap_err());
    assert!(text.contains("bad field: officer_ids: is empty"), "{text}");
}

#[tokio::test]
async fn handovers_are_compared_limit_by_limit() {
    let service = Service::start().await;
    let mut given = five();
    // o1 holds three cases, one more than the cap allows; o2 has room.
    for case in &mut given.cases[..3] {
        "o1".clone_into(&mut case.current_officer_id);
    }
    given.cases.truncate(3);
    let of_five = request(Vec::new());
    let mut ask = proto::PlanHandoversRequest {
        input: of_five.input,
        budget: of_five.budget,
        limits: vec![0, 1],
        balance_may_move: false,
    };
    ask.input.as_mut().unwrap().backlog = Some(given);
    let plan = async |ask: &proto::PlanHandoversRequest| service.planning().await.plan_handovers(ask.clone()).await;
    let frontier = plan(&ask).await.unwrap().into_inner().frontier.unwrap();
    let steps: Vec<(Option<i64>, usize, i64)> =
        frontier.steps.iter().map(|step| (step.handover_limit, step.handed_over.len(), step.over_cap_points)).collect();
    assert_eq!(steps, [(Some(0), 0, 10), (Some(1), 1, 0)]);
    assert_eq!(frontier.steps[1].handed_over[0].to_officer_id, "o2");
    assert!(frontier.steps.iter().all(|step| step.bound <= step.objective), "{frontier:?}");
    ask.limits = vec![-1];
    let text = status_text(&plan(&ask).await.unwrap_err());
    assert!(text.contains("bad field: limits[0]: is -1"), "{text}");
}

//! Managers' questions over a real socket: what will be late, who takes whom in which week, and how many officers it takes.

use tonic::Code;

use crate::support_service::{Service, backlog, code, commit, proto, status_text};

fn about(backlog: Option<proto::Backlog>) -> Option<proto::PlanningInput> {
    Some(proto::PlanningInput { team_id: "north".to_owned(), backlog, ..Default::default() })
}

fn steps() -> Option<proto::PlanningBudget> {
    Some(proto::PlanningBudget { step_limit: Some(300), ..Default::default() })
}

/// c1 is held and due soon, c2 waits and is due soon, c3 is due in a year and a half.
fn three() -> proto::Backlog {
    let mut backlog = backlog(&["c1", "c2", "c3"]);
    for (case, (due, holder)) in
        backlog.cases.iter_mut().zip([("2026-09-10", "o1"), ("2026-09-10", ""), ("2028-03-01", "")])
    {
        due.clone_into(&mut case.due_date);
        holder.clone_into(&mut case.current_officer_id);
        "request".clone_into(&mut case.stage);
        case.weight_points = Some(1);
    }
    for officer in &mut backlog.officers {
        officer.capacity_points = Some(1_000);
        officer.skills = vec!["assessment".to_owned()];
    }
    backlog
}

fn missed(outlook: &proto::MissedDeadlinesOutlook) -> i64 {
    outlook.total.as_ref().unwrap().missed.as_ref().unwrap().earliest_due.as_ref().unwrap().middle
}

#[tokio::test]
async fn a_forecast_is_of_what_is_sent_or_of_the_current_assignment() {
    let service = Service::start().await;
    let request = proto::ForecastMissedDeadlinesRequest {
        input: about(Some(three())),
        budget: steps(),
        week_count: Some(10),
        demand: vec![proto::DemandRate { event_code: "request-received".to_owned(), per_week: 2.5 }],
        ..Default::default()
    };
    let ask = async |request: &proto::ForecastMissedDeadlinesRequest| {
        service.planning().await.forecast_missed_deadlines(request.clone()).await
    };
    let forecast = ask(&request).await.unwrap().into_inner().forecast.unwrap();
    assert_eq!((forecast.weeks.len(), forecast.path_count, forecast.as_at_date.as_str()), (10, 100, "2026-09-01"));
    let assignments: Vec<_> = forecast.outlooks.iter().map(proto::MissedDeadlinesOutlook::assignment).collect();
    use proto::ForecastAssignment::{Current, DoNothing, Proposed};
    assert_eq!(assignments, [Current, Proposed, DoNothing]);
    // c2 is late while nobody holds it; of new requests those of the first 4 weeks fall due.
    let found: Vec<i64> = forecast.outlooks.iter().map(missed).collect();
    assert_eq!(found[..2], [1, 0], "{forecast:?}");
    assert!(found[2] > 1, "{found:?}");
    assert!(forecast.notes.iter().any(|note| note.contains("not calibrated")), "{:?}", forecast.notes);
    assert_eq!(ask(&request).await.unwrap().into_inner().forecast.unwrap(), forecast, "the same seed, the same answer");

    let of_team = proto::ForecastMissedDeadlinesRequest { input: about(None), ..request };
    assert_eq!(code(ask(&of_team).await), Code::NotFound);
    service.allocate(commit(three(), "")).await;
    let forecast = ask(&of_team).await.unwrap().into_inner().forecast.unwrap();
    assert_eq!(missed(&forecast.outlooks[0]), 0, "everybody has an officer now");
    assert_eq!(forecast.outlooks[0].held_case_count, 3);
}

#[tokio::test]
async fn bad_fields_of_a_forecast_come_at_once_with_their_paths() {
    let service = Service::start().await;
    let obligation = proto::ObligationEffort { code: "moon".to_owned(), points: -1, ..Default::default() };
    let request = proto::ForecastMissedDeadlinesRequest {
        input: about(Some(three())),
        week_count: Some(53),
        path_count: Some(-1),
        demand: vec![proto::DemandRate { event_code: "request-received".to_owned(), per_week: -0.001 }],
        efforts: Some(proto::EffortTable {
            dated_work_percent: 101,
            obligations: vec![obligation],
            ..Default::default()
        }),
        waits: vec![proto::WaitOnOthers { case_id: "x".to_owned(), ..Default::default() }],
        ..Default::default()
    };
    let ask = async |request: proto::ForecastMissedDeadlinesRequest| {
        service.planning().await.forecast_missed_deadlines(request).await.unwrap_err()
    };
    let refused = ask(request.clone()).await;
    assert_eq!(refused.code(), Code::InvalidArgument);
    let text = status_text(&refused);
    for field in [
        "week_count: is 53",
        "path_count: is -1",
        "demand[0].per_week: is -0.01",
        "efforts.dated_work_percent: is 101",
        "efforts.obligations[0].points: is -1",
        "efforts.obligations[0].code: `moon` is no clock",
        "waits[0].case_id: `x` is no case",
    ] {
        assert!(text.contains(&format!("bad field: {field}")), "{field} is not in\n{text}");
    }
    let unreadable = proto::ForecastMissedDeadlinesRequest {
        waits: vec![proto::WaitOnOthers { until_date: "1 May".to_owned(), ..Default::default() }],
        demand: vec![proto::DemandRate { per_week: f64::NAN, ..Default::default() }],
        ..request.clone()
    };
    let text = status_text(&ask(unreadable).await);
    assert!(text.contains("waits[0].until_date: is `1 May`") && text.contains("demand[0].per_week: is NaN"), "{text}");
    let mut bad_case = request;
    bad_case.input.as_mut().unwrap().backlog.as_mut().unwrap().cases[1].stage = "limbo".to_owned();
    let text = status_text(&ask(bad_case).await);
    assert!(text.contains("bad field: input.backlog.cases[1].stage"), "{text}");
}

#[tokio::test]
async fn waves_say_who_takes_whom_when_and_how_few_weeks_there_can_be() {
    let service = Service::start().await;
    let request = proto::PlanWavesRequest {
        input: about(Some(three())),
        budget: steps(),
        intake_limit: Some(1),
        ..Default::default()
    };
    let ask = async |request: &proto::PlanWavesRequest| service.planning().await.plan_waves(request.clone()).await;
    let plan = ask(&request).await.unwrap().into_inner().plan.unwrap();
    assert_eq!((plan.weeks.len(), plan.week_count_at_least, plan.waiting_before_count), (1, 1, 2));
    let mut taken: Vec<&str> = plan.weeks[0].taken.iter().map(|taken| taken.case_id.as_str()).collect();
    taken.sort_unstable();
    assert_eq!(taken, ["c2", "c3"]);
    assert_eq!((plan.weeks[0].waiting_count, plan.never_case_ids.len()), (0, 0));
    let text =
        status_text(&ask(&proto::PlanWavesRequest { intake_limit: Some(0), ..request.clone() }).await.unwrap_err());
    assert!(text.contains("bad field: intake_limit: is 0; must be 1 to 10000"), "{text}");
    let text = status_text(&ask(&proto::PlanWavesRequest { intake_limit: None, ..request.clone() }).await.unwrap_err());
    assert!(text.contains("bad field: input.backlog.officers[1].intake_limit: is missing for officer o2"), "{text}");
    let text = status_text(&ask(&proto::PlanWavesRequest { input: None, ..request }).await.unwrap_err());
    assert!(text.contains("bad field: input: is missing"), "{text}");
}

/// The three cases weigh 10 points each; o1 may hold one of them, o2 none.
fn short() -> proto::Backlog {
    let mut backlog = three();
    backlog.cases.iter_mut().for_each(|case| {
        case.stage.clear();
        case.weight_points = Some(10);
    });
    for (officer, points) in backlog.officers.iter_mut().zip([10, 0]) {
        officer.capacity_points = Some(points);
    }
    backlog
}

fn profiles() -> Vec<proto::OfficerProfile> {
    vec![proto::OfficerProfile { code: "any".to_owned(), capacity_points: Some(10), ..Default::default() }]
}

fn staffing(question: proto::plan_staffing_request::Question) -> proto::PlanStaffingRequest {
    proto::PlanStaffingRequest { input: about(Some(short())), budget: steps(), question: Some(question) }
}

#[tokio::test]
async fn the_four_questions_of_staffing_are_answered_each_with_its_proof() {
    use proto::{plan_staffing_request::Question, plan_staffing_response::Answer};
    let service = Service::start().await;
    let ask = async |question: Question| {
        let answer = service.planning().await.plan_staffing(staffing(question)).await;
        answer.unwrap().into_inner().answer.unwrap()
    };
    let hires = proto::HiresQuestion { profiles: profiles(), with_forecast: true, ..Default::default() };
    let Answer::Hires(plan) = ask(Question::Hires(hires)).await else { panic!("an answer to another question") };
    assert_eq!((plan.hire_count, plan.hire_count_at_least, plan.cost_at_least), (2, 2, 2));
    assert_eq!((plan.cases.len(), plan.unfinished.as_str(), plan.out_of_reach.len()), (3, "", 0));
    assert!(plan.cases.iter().any(|case| case.officer_id == "hire-any-2"), "{:?}", plan.cases);
    assert_eq!(plan.missed_deadlines.unwrap().week_count, 52);

    let lowest = proto::LowestCapQuestion { kind: proto::CapKind::Points.into(), ..Default::default() };
    let Answer::LowestCap(found) = ask(Question::LowestCap(lowest)).await else {
        panic!("an answer to another question")
    };
    assert_eq!((found.cap, found.cap_at_least), (Some(30), 30), "o2 has no capacity, whatever the cap");

    let worth = proto::HireWorthQuestion { profiles: profiles(), ..Default::default() };
    let Answer::HireWorth(found) = ask(Question::HireWorth(worth)).await else {
        panic!("an answer to another question")
    };
    let hire = &found.hires[0];
    assert_eq!((hire.children_gain, hire.children_gain_at_most, hire.why_nothing.as_str()), (1, 1, ""));

    let shortage = Question::Shortage(proto::ShortageQuestion::default());
    let Answer::Shortage(found) = ask(shortage).await else { panic!("an answer to another question") };
    let set = &found.sets[0];
    assert_eq!((set.kind(), set.need, set.room), (proto::CapKind::Points, 30, 10));
    assert_eq!(set.children_without_officer_at_least_count, 2);
}

#[tokio::test]
async fn bad_fields_of_a_staffing_question_come_at_once_with_their_paths() {
    use proto::plan_staffing_request::Question;
    let service = Service::start().await;
    let ask = async |request: proto::PlanStaffingRequest| {
        status_text(&service.planning().await.plan_staffing(request).await.unwrap_err())
    };
    let profile = proto::OfficerProfile { fte_percent: Some(-5), cost: Some(0), ..profiles().remove(0) };
    let caps = proto::TargetCaps { max_case_count: Some(0), leave_percent: 91, ..Default::default() };
    let hires = proto::HiresQuestion { profiles: vec![profile], caps: Some(caps), ..Default::default() };
    let text = ask(staffing(Question::Hires(hires))).await;
    for field in [
        "hires.profiles[0].fte_percent: is -5",
        "hires.profiles[0].cost: is 0",
        "hires.caps.max_case_count: is 0",
        "hires.caps.leave_percent: is 91",
    ] {
        assert!(text.contains(&format!("bad field: {field}")), "{field} is not in\n{text}");
    }
    let text = ask(staffing(Question::HireWorth(proto::HireWorthQuestion::default()))).await;
    assert!(text.contains("bad field: hire_worth.profiles: is empty"), "{text}");
    let text = ask(staffing(Question::LowestCap(proto::LowestCapQuestion::default()))).await;
    assert!(text.contains("bad field: lowest_cap.kind: is missing or unknown"), "{text}");
    let text = ask(proto::PlanStaffingRequest::default()).await;
    assert!(
        text.contains("bad field: question: is missing") && text.contains("bad field: input: is missing"),
        "{text}"
    );
    let mut with_pairs = staffing(Question::Hires(proto::HiresQuestion { profiles: profiles(), ..Default::default() }));
    let backlog = with_pairs.input.as_mut().unwrap().backlog.as_mut().unwrap();
    backlog.pairs = vec![proto::Pair { case_id: "c1".to_owned(), officer_id: "o1".to_owned(), ..Default::default() }];
    let text = ask(with_pairs).await;
    assert!(text.contains("bad field: input.backlog.pairs: are given"), "{text}");
}

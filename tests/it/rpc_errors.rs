//! What a caller is told when a request cannot be done: every code, and every detail.

use std::{sync::Arc, time::Duration};

use caseload::{app::Limits, rpc::ServeOptions, solve::Budget, store::Store};
use expect_test::{Expect, expect};
use tonic::{Code, Request};

use crate::support_service::{
    Fault, FaultyStore, LONG, Service, Start, backlog, code, commit, officer, proto, request, status_text, told,
};

/// What a caller of Allocate is told.
async fn check(service: &Service, request: proto::AllocateRequest, expected: Expect) {
    expected.assert_eq(&status_text(&service.refusal(request).await));
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let service = Service::start().await;
    let mut bad = backlog(&["c1", "c1", "A123456789012", "c4"]);
    bad.cases[0].weight_points = Some(-1);
    bad.cases[3].due_date = "31/12/2026".to_owned();
    bad.cases[3].required_officer_id = "o1".to_owned();
    bad.cases[3].barred_officer_ids = vec!["o1".to_owned()];
    bad.cases[3].current_officer_id = "nobody".to_owned();
    bad.officers[1].supervisor_id = "s9".to_owned();
    bad.officers[0].available_from_date = "2026-02-30".to_owned();
    let request = proto::AllocateRequest {
        team_id: "North!".to_owned(),
        request_id: "7".to_owned(),
        gap_limit: 2.0,
        seed: -1,
        step_limit: Some(0),
        view: 9,
        time_limit: Some(prost_types::Duration { seconds: -1, nanos: 0 }),
        rules: Some(proto::Rules { preset: "gold".to_owned(), check_by_days: Some(0), ..Default::default() }),
        explain_case_ids: vec!["c9".to_owned()],
        closed_case_ids: vec!["c4".to_owned(), "A00000000001B".to_owned()],
        ..request(bad)
    };
    check(&service, request, expect![[r#"
        InvalidArgument INVALID_FIELDS
        20 fields are not valid; the first: team_id is `North!`; must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'
        metadata: shown_count=20 violation_count=20
        bad field: team_id: is `North!`; must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'
        bad field: request_id: is `7`; must be a UUID that you make and keep, or empty
        bad field: closed_case_ids[0]: names case `c4`, which is also in the backlog; leave it out of one of them
        bad field: closed_case_ids[1]: is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
        bad field: explain_case_ids[0]: names case `c9`, which is not in the backlog
        bad field: time_limit: is -1 s and 0 ns; must be above 0, or unset for the default
        bad field: gap_limit: is 2; must be 0 to 1
        bad field: seed: is -1; must be 0 or more
        bad field: step_limit: is 0; must be 1 or more, or unset for no limit
        bad field: view: is 9, which is no AllocationView
        bad field: backlog.cases[0].weight_points: is -1; must be 0 to 1000000
        bad field: backlog.cases[1].case_id: `c1` is already in the list; ids must be unique
        bad field: backlog.cases[2].case_id: is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
        bad field: backlog.cases[3].due_date: is `31/12/2026`; must be an ISO date such as 2026-01-20
        bad field: backlog.cases[3].current_officer_id: names officer `nobody`, who is not among the officers; add them (with available_until, if they left) or clear it
        bad field: backlog.cases[3].required_officer_id: pins the case to officer `o1`, who is barred from it; remove the pin or the bar
        bad field: backlog.officers[0].available_from_date: is `2026-02-30`; must be an ISO date such as 2026-01-20
        bad field: backlog.officers[1].supervisor_id: names supervisor `s9`, who is not among the supervisors; add them or leave it empty
        bad field: rules.preset: is `gold`; must be `standard` or `plain`, or empty for `standard`
        bad field: rules.check_by_days: is 0; must be 1 to 366
    "#]]).await;
}

#[tokio::test]
async fn a_request_without_a_backlog_is_invalid() {
    let service = Service::start().await;
    let empty = proto::AllocateRequest { team_id: "north".to_owned(), ..Default::default() };
    check(
        &service,
        empty,
        expect![[r#"
        InvalidArgument INVALID_FIELDS
        backlog is missing; send the open cases and officers of the team
        metadata: shown_count=1 violation_count=1
        bad field: backlog: is missing; send the open cases and officers of the team
    "#]],
    )
    .await;
    check(&service, request(proto::Backlog::default()), expect![[r#"
        InvalidArgument INVALID_FIELDS
        2 fields are not valid; the first: backlog.as_at_date is missing; give the day the allocation is made for, as an ISO date
        metadata: shown_count=2 violation_count=2
        bad field: backlog.as_at_date: is missing; give the day the allocation is made for, as an ISO date
        bad field: backlog.cases: has no case; send at least one open case
    "#]]).await;
}

#[tokio::test]
async fn many_violations_are_counted_and_the_first_are_shown() {
    let service = Service::start().await;
    let ids: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    let mut bad = backlog(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    for case in &mut bad.cases {
        case.weight_points = Some(i32::MIN);
    }
    let status = service.refusal(request(bad)).await;
    let text = status_text(&status);
    assert!(text.contains("violation_count=5000"), "{text}");
    assert!(text.contains("bad field: backlog.cases[0].weight_points"), "{text}");
    assert!(status.message().ends_with(" more)"), "{}", status.message());
    assert!(status.details().len() < 5_000, "{} bytes", status.details().len());
}

#[tokio::test]
async fn other_requests_name_their_bad_fields_too() {
    let service = Service::start().await;
    let (mut allocations, mut assignments) = (service.allocations().await, service.assignments().await);
    expect![[r#"
        InvalidArgument INVALID_FIELDS
        2 fields are not valid; the first: team_id is empty; must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'
        metadata: shown_count=2 violation_count=2
        bad field: team_id: is empty; must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'
        bad field: allocation_id: is empty; must be 1 to 128 visible ASCII characters without spaces
    "#]]
    .assert_eq(&told(allocations.get_allocation(proto::GetAllocationRequest::default()).await));
    let commit = proto::CommitAllocationRequest { request_id: "x".to_owned(), ..Default::default() };
    expect![[r#"
        InvalidArgument INVALID_FIELDS
        3 fields are not valid; the first: team_id is empty; must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'
        metadata: shown_count=3 violation_count=3
        bad field: team_id: is empty; must be 1 to 63 of a-z, 0-9 and '-', not beginning with '-'
        bad field: allocation_id: is empty; must be 1 to 128 visible ASCII characters without spaces
        bad field: request_id: is `x`; must be a UUID that you make and keep, or empty
    "#]]
    .assert_eq(&told(allocations.commit_allocation(commit).await));
    let list = proto::ListAllocationsRequest { team_id: "north".to_owned(), page_size: -1, page_token: "?".to_owned() };
    expect![[r#"
        InvalidArgument INVALID_FIELDS
        page_size is -1; must be 0 (which means 50) or more
        metadata: shown_count=1 violation_count=1
        bad field: page_size: is -1; must be 0 (which means 50) or more
    "#]]
    .assert_eq(&told(allocations.list_allocations(list).await));
    let get = proto::GetAssignmentRequest { team_id: "north".to_owned(), version: -1 };
    expect![[r#"
        InvalidArgument INVALID_FIELDS
        version is -1; must be 1 or more, or 0 for the current one
        metadata: shown_count=1 violation_count=1
        bad field: version: is -1; must be 1 or more, or 0 for the current one
    "#]]
    .assert_eq(&told(assignments.get_assignment(get).await));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let service = Service::start().await;
    let (mut allocations, mut assignments) = (service.allocations().await, service.assignments().await);
    let north = || "north".to_owned();
    let unknown = proto::GetAssignmentRequest { team_id: north(), version: 0 };
    expect![[r#"
        NotFound TEAM_NOT_FOUND
        team north has no assignment; check the name, or commit a first allocation
        metadata: team_id=north
        about: caseload/team north
    "#]]
    .assert_eq(&told(assignments.get_assignment(unknown).await));

    service.allocate(commit(backlog(&["c1"]), "")).await;
    let version = proto::GetAssignmentRequest { team_id: north(), version: 7 };
    expect![[r#"
        NotFound VERSION_NOT_FOUND
        version `7` of team north is not known; check the name
        metadata: team_id=north version=7
        about: caseload/version 7
    "#]]
    .assert_eq(&told(assignments.get_assignment(version).await));
    let allocation =
        proto::GetAllocationRequest { team_id: north(), allocation_id: "never".to_owned(), ..Default::default() };
    expect![[r#"
        NotFound ALLOCATION_NOT_FOUND
        allocation `never` of team north is not known; check the name
        metadata: allocation_id=never team_id=north
        about: caseload/allocation never
    "#]]
    .assert_eq(&told(allocations.get_allocation(allocation).await));
    let proposal = proto::CommitAllocationRequest {
        team_id: north(),
        allocation_id: "never".to_owned(),
        etag: "1".to_owned(),
        ..Default::default()
    };
    assert_eq!(code(allocations.commit_allocation(proposal).await), Code::NotFound);

    let of = |list: proto::ListCaseloadsRequest| proto::ListCaseloadsRequest { team_id: north(), ..list };
    let officer = proto::ListCaseloadsRequest { officer_id: "o9".to_owned(), ..Default::default() };
    expect![[r#"
        NotFound OFFICER_NOT_FOUND
        officer `o9` of team north is not known; check the name
        metadata: officer_id=o9 team_id=north
        about: caseload/officer o9
    "#]]
    .assert_eq(&told(assignments.list_caseloads(of(officer)).await));
    let case = proto::ListCaseloadsRequest { case_id: "c9".to_owned(), ..Default::default() };
    assert_eq!(code(assignments.list_caseloads(of(case)).await), Code::NotFound);
    let supervisor =
        proto::ListHoldingsRequest { team_id: north(), supervisor_id: "s9".to_owned(), ..Default::default() };
    assert_eq!(code(assignments.list_holdings(supervisor).await), Code::NotFound);
}

#[tokio::test]
async fn an_etag_that_is_not_the_current_one_is_aborted() {
    let service = Service::start().await;
    check(
        &service,
        commit(backlog(&["c1"]), "5"),
        expect![[r#"
        Aborted ETAG_STALE
        etag `5` is stale: the team has no assignment; read the assignment again and retry with its etag
        metadata: current_etag= etag=5
    "#]],
    )
    .await;
    service.allocate(commit(backlog(&["c1"]), "")).await;
    check(
        &service,
        commit(backlog(&["c1", "c2"]), ""),
        expect![[r#"
        Aborted ETAG_STALE
        the team has an assignment, version 1; read the assignment again and retry with its etag
        metadata: current_etag=1 etag=
    "#]],
    )
    .await;
    check(
        &service,
        commit(backlog(&["c1", "c2"]), "x"),
        expect![[r#"
        Aborted ETAG_STALE
        etag `x` is stale: the current version is 1; read the assignment again and retry with its etag
        metadata: current_etag=1 etag=x
    "#]],
    )
    .await;
    // Also where nothing would be committed: whoever sends an etag wants to know.
    let stale = proto::AllocateRequest { etag: "2".to_owned(), ..request(backlog(&["c1", "c2"])) };
    assert_eq!(service.refusal(stale).await.code(), Code::Aborted);
}

#[tokio::test]
async fn a_request_id_that_stands_for_another_request_is_refused() {
    let service = Service::start().await;
    let id = "6e1f4a52-58a3-4b64-9a53-3cf1a9b7c6d0";
    let with_id = |request| proto::AllocateRequest { request_id: id.to_owned(), ..request };
    service.allocate(with_id(request(backlog(&["c1"])))).await;
    check(
        &service,
        with_id(request(backlog(&["c2"]))),
        expect![[r#"
        InvalidArgument REQUEST_ID_REUSED
        request_id 6e1f4a52-58a3-4b64-9a53-3cf1a9b7c6d0 was already used for another request; use a new one
        metadata: request_id=6e1f4a52-58a3-4b64-9a53-3cf1a9b7c6d0
        bad field: request_id: 6e1f4a52-58a3-4b64-9a53-3cf1a9b7c6d0 was already used for another request; use a new one
    "#]],
    )
    .await;
    let other = proto::CommitAllocationRequest {
        team_id: "north".to_owned(),
        allocation_id: "a".to_owned(),
        request_id: id.to_uppercase(),
        ..Default::default()
    };
    assert_eq!(code(service.allocations().await.commit_allocation(other).await), Code::InvalidArgument);
}

#[tokio::test]
async fn a_commit_that_would_lose_cases_is_refused() {
    let service = Service::start().await;
    let mut first = backlog(&["c1", "c2", "c3", "c4"]);
    first.officers = vec![officer("o1", 2)];
    service.allocate(commit(first, "")).await;
    check(
        &service,
        commit(backlog(&["c4", "c5"]), "1"),
        expect![[r#"
        FailedPrecondition CASES_MISSING
        3 cases of the current assignment are not in the backlog; send them, or name them in closed_case_ids
        metadata: missing_case_count=3 shown_count=3
        precondition: CASE_MISSING c1: is open in the current assignment
        precondition: CASE_MISSING c2: is open in the current assignment
        precondition: CASE_MISSING c3: is open in the current assignment
    "#]],
    )
    .await;

    // A proposal may look at a part of the team; it cannot become the whole.
    let proposal = service.allocate(request(backlog(&["c4", "c5"]))).await;
    let request = proto::CommitAllocationRequest {
        team_id: "north".to_owned(),
        allocation_id: proposal.allocation_id,
        etag: "1".to_owned(),
        ..Default::default()
    };
    assert_eq!(code(service.allocations().await.commit_allocation(request).await), Code::FailedPrecondition);

    let closed = ["c1", "c2", "c3"].map(ToOwned::to_owned).to_vec();
    let named = proto::AllocateRequest { closed_case_ids: closed, ..commit(backlog(&["c4", "c5"]), "1") };
    assert_eq!(service.allocate(named).await.version, 2);
}

#[tokio::test]
async fn a_commit_needs_a_default_supervisor() {
    let service = Service::start().await;
    let nobody = || proto::Backlog { supervisors: Vec::new(), ..backlog(&["c1"]) };
    check(&service, commit(nobody(), ""), expect![[r#"
        InvalidArgument INVALID_FIELDS
        backlog.supervisors has no default supervisor, whom a commit needs so that no waiting case is nobody's; add a supervisor without areas
        metadata: shown_count=1 violation_count=1
        bad field: backlog.supervisors: has no default supervisor, whom a commit needs so that no waiting case is nobody's; add a supervisor without areas
    "#]]).await;
    let proposal = service.allocate(request(nobody())).await;
    let commit = proto::CommitAllocationRequest {
        team_id: "north".to_owned(),
        allocation_id: proposal.allocation_id,
        ..Default::default()
    };
    expect![[r#"
        FailedPrecondition NO_DEFAULT_SUPERVISOR
        the proposal has no default supervisor, so that a waiting case could be nobody's; allocate again with a supervisor without areas
        precondition: NO_DEFAULT_SUPERVISOR backlog.supervisors: allocate again with a supervisor without areas
    "#]].assert_eq(&told(service.allocations().await.commit_allocation(commit).await));
}

#[tokio::test]
async fn more_than_the_limits_is_refused() {
    let limits = Limits { case_count_max: 2, officer_count_max: 2, pair_count_max: 3, ..Limits::default() };
    let service = Service::with(Start { limits, ..Start::default() }).await;
    check(
        &service,
        request(backlog(&["c1", "c2", "c3"])),
        expect![[r#"
        ResourceExhausted TOO_MANY
        the request has 3 cases; at most 2 are taken. Send fewer, or ask for a higher case_count_max
        metadata: found=3 limit=2 limit_name=case_count_max
        quota: case_count_max 2: 3 cases were sent or derived; at most 2 are taken
    "#]],
    )
    .await;
    let mut officers = backlog(&["c1"]);
    officers.officers.push(officer("o3", 1));
    assert_eq!(service.refusal(request(officers)).await.code(), Code::ResourceExhausted);
    // Two cases that each of two officers may take are four pairs.
    check(
        &service,
        request(backlog(&["c1", "c2"])),
        expect![[r#"
        ResourceExhausted TOO_MANY
        the request has 4 eligible pairs; at most 3 are taken. Send fewer, or ask for a higher pair_count_max
        metadata: found=4 limit=3 limit_name=pair_count_max
        quota: pair_count_max 3: 4 eligible pairs were sent or derived; at most 3 are taken
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_out_of_range() {
    let options = ServeOptions { message_bytes_max: 1_000, ..ServeOptions::default() };
    let service = Service::with(Start { options, ..Start::default() }).await;
    let large = backlog(&["c".repeat(2_000).as_str()]);
    check(
        &service,
        request(large),
        expect![[r#"
        OutOfRange MESSAGE_TOO_LARGE
        Error, decoded message length too large: found 2050 bytes, the limit is: 1000 bytes
        metadata: found=2050 limit=1000 limit_name=message_bytes_max
        quota: message_bytes_max 1000: a message of 2050 bytes; at most 1000 are taken
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_unimplemented() {
    let service = Service::start().await;
    let mut client = tonic::client::Grpc::new(service.channel().await);
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<proto::GetAssignmentRequest, proto::GetAssignmentResponse>::default();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static("/caseload.v1.AllocationService/Deallocate");
    let refused = client.unary(Request::new(proto::GetAssignmentRequest::default()), path, codec).await;
    expect![[r#"
        Unimplemented METHOD_UNKNOWN
        method /caseload.v1.AllocationService/Deallocate is not known; ask reflection for those that are
        metadata: method=/caseload.v1.AllocationService/Deallocate
    "#]]
    .assert_eq(&told(refused));
}

/// Like an AllocateRequest, but that its team is a number.
#[derive(Clone, PartialEq, prost::Message)]
struct NumberedTeam {
    #[prost(int64, tag = "1")]
    team_id: i64,
}

#[tokio::test]
async fn bytes_that_are_no_message_are_invalid() {
    let service = Service::start().await;
    let mut client = tonic::client::Grpc::new(service.channel().await);
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<NumberedTeam, proto::AllocateResponse>::default();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static("/caseload.v1.AllocationService/Allocate");
    let refused = client.unary(Request::new(NumberedTeam { team_id: 7 }), path, codec).await;
    expect![[r#"
        InvalidArgument MESSAGE_UNREADABLE
        failed to decode Protobuf message: AllocateRequest.team_id: invalid wire type: Varint (expected LengthDelimited)
    "#]]
    .assert_eq(&told(refused));
}

#[tokio::test]
async fn too_little_time_is_refused_before_any_search() {
    let service = Service::start().await;
    let limit = Some(prost_types::Duration { seconds: 0, nanos: 1_000_000 });
    let short = proto::AllocateRequest { time_limit: limit, ..request(backlog(&["c1"])) };
    check(
        &service,
        short,
        expect![[r#"
        InvalidArgument TOO_LITTLE_TIME
        1 ms are left to search; at least 50 ms are needed
        metadata: available_ms=1 cut_by=time_limit minimum_ms=50
        bad field: time_limit: allows 1 ms of search; allow at least 50 ms
    "#]],
    )
    .await;

    let mut hasty = Request::new(request(backlog(&["c1"])));
    hasty.set_timeout(Duration::from_millis(140));
    let status = service.allocations().await.allocate(hasty).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let text = status_text(&status);
    assert!(text.contains("cut_by=deadline"), "{text}");
}

/// A service with one solver thread, which is busy until the budget is stopped.
async fn busy(queue_depth: usize) -> (Service, Budget, caseload::app::Ticket<()>) {
    let service = Service::with(Start { solver_threads: 1, queue_depth, ..Start::default() }).await;
    let budget = Budget::default();
    let stop = budget.clone();
    let solve = move || {
        while !stop.is_stopped() {
            std::thread::yield_now();
        }
    };
    let ticket = service.pool.submit(&budget, solve).unwrap();
    service.pool.running().wait_for(|count| *count == 1).await.unwrap();
    (service, budget, ticket)
}

#[tokio::test]
async fn a_full_queue_refuses_with_retry_advice() {
    let (service, budget, _ticket) = busy(1).await;
    let waiting = service.pool.submit(&Budget::default(), || ()).unwrap();
    check(
        &service,
        request(backlog(&["c1"])),
        expect![[r#"
            Unavailable QUEUE_FULL
            as many requests wait for a solver as may, 1; wait and retry
            metadata: queue_depth=1
            retry in: 2s
        "#]],
    )
    .await;
    budget.interrupt();
    let time = caseload::app::SearchTime { longest: LONG, until: None };
    waiting.answer(time).await.unwrap();
    assert_eq!(service.allocate(request(backlog(&["c1"]))).await.totals.unwrap().allocated_count, 1);
}

#[tokio::test]
async fn a_deadline_that_passes_in_the_queue_is_exceeded() {
    let (service, _budget, _ticket) = busy(1).await;
    let mut call = Request::new(request(backlog(&["c1"])));
    call.set_timeout(Duration::from_millis(400));
    let status = service.allocations().await.allocate(call).await.unwrap_err();
    expect![[r#"
        DeadlineExceeded OUT_OF_TIME
        the deadline passed before there was an answer; allow more time, and retry with the same request_id
    "#]]
    .assert_eq(&status_text(&status));
}

fn shared(store: &Arc<FaultyStore>) -> Arc<dyn Store> {
    Arc::<FaultyStore>::clone(store)
}

#[tokio::test]
async fn a_store_that_is_away_is_unavailable_and_used_again_when_it_is_back() {
    let store = FaultyStore::new();
    let service = Service::with(Start { store: Some(shared(&store)), ..Start::default() }).await;
    store.set(Some(Fault::Away));
    check(
        &service,
        request(backlog(&["c1"])),
        expect![[r#"
        Unavailable STORE_UNAVAILABLE
        the store is away; wait and retry with the same request_id
        retry in: 5s
    "#]],
    )
    .await;
    let get = proto::GetAssignmentRequest { team_id: "north".to_owned(), version: 0 };
    assert_eq!(code(service.assignments().await.get_assignment(get).await), Code::Unavailable);
    store.set(None);
    service.allocate(request(backlog(&["c1"]))).await;
}

#[tokio::test]
async fn a_corrupt_record_is_internal_and_says_nothing_but_an_id() {
    let store = FaultyStore::new();
    let service = Service::with(Start { store: Some(shared(&store)), ..Start::default() }).await;
    store.set(Some(Fault::Corrupt));
    let status = service.refusal(request(backlog(&["c1"]))).await;
    assert!(!status.message().contains("bit rot"), "{}", status.message());
    let text = status_text(&status);
    assert!(text.starts_with("Internal INTERNAL\nan internal error happened; report the id "), "{text}");
    assert!(text.ends_with("id to report: 36 characters\n"), "{text}");
}

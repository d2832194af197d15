//! The server itself: health, reflection, callers who go away, and an end that cannot hang.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use caseload::{
    app::{SearchTime, Ticket},
    rpc::{Drained, ServeOptions},
    solve::Budget,
    store::Store,
};
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::support_service::{
    Fault, FaultyStore, LONG, Service, Start, backlog, commit, officer, proto, request, status_text,
};

const SERVICES: [&str; 4] =
    ["", "caseload.v1.AllocationService", "caseload.v1.AssignmentService", "caseload.v1.PlanningService"];

async fn health(service: &Service, name: &str) -> ServingStatus {
    let mut client = HealthClient::new(service.channel().await);
    client.check(HealthCheckRequest { service: name.to_owned() }).await.unwrap().into_inner().status()
}

/// Waits until the health of a service is this.
async fn until_health_is(service: &Service, name: &str, expected: ServingStatus) {
    let mut client = HealthClient::new(service.channel().await);
    let mut watch = client.watch(HealthCheckRequest { service: name.to_owned() }).await.unwrap().into_inner();
    let reached = async { while watch.message().await.unwrap().expect("the watch goes on").status() != expected {} };
    tokio::time::timeout(LONG, reached).await.expect("health does not change");
}

#[tokio::test]
async fn health_knows_the_process_and_each_service() {
    let service = Service::start().await;
    for name in SERVICES {
        assert_eq!(health(&service, name).await, ServingStatus::Serving, "{name:?}");
    }
    let mut client = HealthClient::new(service.channel().await);
    let unknown = client.check(HealthCheckRequest { service: "x".to_owned() }).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn services_without_a_store_are_not_serving_but_the_process_is() {
    let store = FaultyStore::new();
    store.set(Some(Fault::Away));
    let shared: Arc<dyn Store> = Arc::<FaultyStore>::clone(&store);
    let options = ServeOptions { store_check_interval: Duration::from_millis(10), ..ServeOptions::default() };
    let service = Service::with(Start { store: Some(shared), options, ..Start::default() }).await;
    until_health_is(&service, SERVICES[1], ServingStatus::NotServing).await;
    assert_eq!(health(&service, "").await, ServingStatus::Serving);
    store.set(None);
    until_health_is(&service, SERVICES[1], ServingStatus::Serving).await;
}

#[tokio::test]
async fn reflection_lists_the_services_in_both_versions() {
    let service = Service::start().await;
    let expected = [
        "caseload.v1.AllocationService",
        "caseload.v1.AssignmentService",
        "caseload.v1.PlanningService",
        "grpc.health.v1.Health",
    ];
    macro_rules! list {
        ($version:ident) => {{
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
            };
            let ask = ServerReflectionRequest {
                host: String::new(),
                message_request: Some(MessageRequest::ListServices(String::new())),
            };
            let mut client = ServerReflectionClient::new(service.channel().await);
            let mut answers = client.server_reflection_info(tokio_stream::iter([ask])).await.unwrap().into_inner();
            match answers.message().await.unwrap().unwrap().message_response.unwrap() {
                MessageResponse::ListServicesResponse(list) => {
                    list.service.into_iter().map(|service| service.name).collect::<Vec<_>>()
                }
                other => panic!("{other:?}"),
            }
        }};
    }
    for listed in [list!(v1), list!(v1alpha)] {
        for name in expected {
            assert!(listed.iter().any(|known| known == name), "{name} is not in {listed:?}");
        }
    }
}

/// Takes the only solver thread until its stop flag is raised.
async fn occupy(service: &Service, budget: &Budget) -> Ticket<()> {
    let stop = budget.clone();
    let solve = move || {
        while !stop.is_stopped() {
            std::thread::yield_now();
        }
    };
    let ticket = service.pool.submit(budget, solve).unwrap();
    service.pool.running().wait_for(|count| *count == 1).await.unwrap();
    ticket
}

fn one_thread(options: ServeOptions) -> Start {
    Start { solver_threads: 1, options, ..Start::default() }
}

/// A backlog whose optimum is not found and proved within a minute: more points than room, weights and costs without
/// a pattern, and any officer may take any case.
fn hard_backlog() -> proto::Backlog {
    let ids: Vec<String> = (0..2_000).map(|number| format!("c{number}")).collect();
    let mut hard = backlog(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    hard.officers = (0..40).map(|number| officer(&format!("o{number}"), 1_000)).collect();
    let mut state: u32 = 7;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    for case in &mut hard.cases {
        case.weight_points = Some(i32::try_from(5 + draw(41)).unwrap());
    }
    let pair = |case: &proto::Case, officer: &proto::Officer, cost| proto::Pair {
        case_id: case.case_id.clone(),
        officer_id: officer.officer_id.clone(),
        cost,
        weight_points: None,
    };
    for case in &hard.cases {
        hard.pairs.extend(hard.officers.iter().map(|officer| pair(case, officer, i64::from(draw(1_000)))));
    }
    hard
}

#[tokio::test]
async fn a_caller_who_hangs_up_stops_the_solve() {
    let service = Service::with(one_thread(ServeOptions::default())).await;
    let mut client = service.allocations().await;
    let limit = Some(prost_types::Duration { seconds: 60, nanos: 0 });
    let call = tokio::spawn(async move {
        client.allocate(proto::AllocateRequest { time_limit: limit, ..request(hard_backlog()) }).await
    });
    let mut running = service.pool.running();
    tokio::time::timeout(LONG, running.wait_for(|count| *count == 1)).await.expect("it does not begin").unwrap();
    assert!(!call.is_finished());
    call.abort();
    tokio::time::timeout(LONG / 3, running.wait_for(|count| *count == 0)).await.expect("it goes on").unwrap();
    let list = proto::ListAllocationsRequest { team_id: "north".to_owned(), ..Default::default() };
    let kept = service.allocations().await.list_allocations(list).await.unwrap().into_inner().allocations;
    assert_eq!(kept, [], "nobody asked for it any more");
}

#[tokio::test]
async fn a_commit_that_has_begun_is_done_whoever_waits_for_it() {
    let store = FaultyStore::new();
    let shared: Arc<dyn Store> = Arc::<FaultyStore>::clone(&store);
    let service = Service::with(Start { store: Some(shared), ..Start::default() }).await;
    store.hold_commits.send_replace(true);
    let mut client = service.allocations().await;
    let id = "6e1f4a52-58a3-4b64-9a53-3cf1a9b7c6d1".to_owned();
    let request = proto::AllocateRequest { request_id: id, ..commit(backlog(&["c1"]), "") };
    let again = request.clone();
    let call = tokio::spawn(async move { client.allocate(request).await });
    let mut commits = store.commits.subscribe();
    tokio::time::timeout(LONG, commits.wait_for(|(begun, _)| *begun == 1)).await.unwrap().unwrap();
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    store.hold_commits.send_replace(false);
    tokio::time::timeout(LONG, commits.wait_for(|(_, done)| *done == 1)).await.expect("it was given up").unwrap();
    // The caller comes again and learns what became of it.
    let answer = service.allocate(again).await;
    assert_eq!((answer.version, *commits.borrow()), (1, (1, 1)));
}

#[tokio::test]
async fn the_time_limit_ends_a_solve_with_an_answer() {
    let service = Service::start().await;
    let limit = Some(prost_types::Duration { seconds: 1, nanos: 0 });
    let answer = service.allocate(proto::AllocateRequest { time_limit: limit, ..request(hard_backlog()) }).await;
    assert_eq!(answer.evidence.unwrap().termination(), proto::Termination::TimeLimit);
    assert_eq!(answer.totals.unwrap().case_count, 2_000);
}

#[tokio::test]
async fn a_stop_lets_calls_end() {
    let mut service = Service::with(one_thread(ServeOptions::default())).await;
    let budget = Budget::default();
    let ticket = occupy(&service, &budget).await;
    let mut client = service.allocations().await;
    let queued = service.pool.queued();
    let call = tokio::spawn(async move { client.allocate(request(backlog(&["c1"]))).await });
    wait_queued(queued, 1).await;
    let mut watch = HealthClient::new(service.channel().await);
    let mut watch = watch.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    service.stop();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    drop(watch);
    budget.interrupt();
    ticket.answer(SearchTime { longest: LONG, until: None }).await.unwrap();
    let answer = call.await.unwrap().unwrap().into_inner().allocation.unwrap();
    assert_eq!(answer.totals.unwrap().allocated_count, 1);
    assert_eq!(service.ended().await, Drained::Wholly);
}

async fn wait_queued(mut queued: tokio::sync::watch::Receiver<usize>, expected: usize) {
    tokio::time::timeout(LONG, queued.wait_for(|count| *count == expected)).await.expect("it is not queued").unwrap();
}

#[tokio::test]
async fn a_stop_interrupts_what_takes_too_long() {
    let options = ServeOptions { drain_timeout: Duration::from_secs(2), ..ServeOptions::default() };
    let mut service = Service::with(one_thread(options)).await;
    let budget = Budget::default();
    let _ticket = occupy(&service, &budget).await;
    let mut client = service.allocations().await;
    let queued = service.pool.queued();
    let call = tokio::spawn(async move { client.allocate(request(backlog(&["c1"]))).await });
    wait_queued(queued, 1).await;
    service.stop();
    let call = tokio::time::timeout(LONG, call).await.expect("it is not interrupted");
    let status = call.unwrap().unwrap_err();
    assert!(status_text(&status).starts_with("Unavailable SHUTTING_DOWN\n"), "{status:?}");
    assert!(budget.is_stopped());
    assert_eq!(service.ended().await, Drained::Wholly);
}

#[tokio::test]
async fn a_stuck_client_cannot_keep_the_service_from_ending() {
    let options = ServeOptions { drain_timeout: Duration::from_millis(200), ..ServeOptions::default() };
    let mut service = Service::with(Start { options, ..Start::default() }).await;
    // A connection that never speaks, and a stream that never ends.
    let _silent = tokio::net::TcpStream::connect(service.address).await.unwrap();
    let mut client = HealthClient::new(service.channel().await);
    let mut watch = client.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    watch.message().await.unwrap();
    service.stop();
    assert_eq!(service.ended().await, Drained::TimedOut);
}

/// The program itself, with nothing of the test's own environment.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseload"));
    command.arg("serve").args(arguments).env_clear();
    command
}

#[test]
fn the_program_says_where_it_serves_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("new/data");
    let mut process = program(&["--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let (address, store) = line.split_once("; ").unwrap();
    assert!(address.starts_with("caseload serves gRPC on 127.0.0.1:"), "{line}");
    assert_eq!(store, format!("its store is embedded in {}\n", data_dir.display()));

    // The file is its own as long as it runs.
    let other = program(&["--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap()]).output().unwrap();
    assert_eq!(other.status.code(), Some(69));
    assert!(String::from_utf8(other.stderr).unwrap().contains("is in use"));

    Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[test]
fn a_wrong_configuration_ends_the_program_before_a_port_is_open() {
    let output = program(&["--data-dir", "/nonexistent", "--set", "queue_depth=0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "caseload: `queue_depth` is `0` (on the command line); it must be a whole number from 1 to 10000\n"
    );
    let output = program(&["--store", "redis://u:secret@127.0.0.1:1", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(!String::from_utf8(output.stderr).unwrap().contains("secret"));
}

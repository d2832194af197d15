//! Proposals, commits and reads over a real socket.

use std::sync::Arc;

use caseload::store::{RedisOptions, RedisStore, Retention, Store};
use tonic::Code;

use crate::{
    support_redis::RedisServer,
    support_service::{Service, Start, backlog, code, commit, officer, proto, request},
};

const ID: &str = "0b6c3a8e-3b0a-4d53-8f0c-2b5f0f5a9f11";

fn commit_of(proposal: &proto::Allocation, etag: &str) -> proto::CommitAllocationRequest {
    proto::CommitAllocationRequest {
        team_id: proposal.team_id.clone(),
        allocation_id: proposal.allocation_id.clone(),
        etag: etag.to_owned(),
        request_id: String::new(),
    }
}

fn current() -> proto::GetAssignmentRequest {
    proto::GetAssignmentRequest { team_id: "north".to_owned(), version: 0 }
}

async fn assignment(service: &Service) -> proto::Assignment {
    service.assignments().await.get_assignment(current()).await.unwrap().into_inner().assignment.unwrap()
}

async fn get(service: &Service, allocation: &proto::Allocation) -> proto::Allocation {
    let request = proto::GetAllocationRequest {
        team_id: allocation.team_id.clone(),
        allocation_id: allocation.allocation_id.clone(),
        view: 0,
    };
    service.allocations().await.get_allocation(request).await.unwrap().into_inner().allocation.unwrap()
}

/// Who holds what, as `case officer since` lines.
fn held(allocation: &proto::Allocation) -> Vec<String> {
    let line = |held: &proto::HeldCase| format!("{} {} {}", held.case_id, held.officer_id, held.since_date);
    allocation.held_cases.iter().map(line).collect()
}

#[tokio::test]
async fn a_proposal_is_read_committed_and_read_back() {
    let service = Service::start().await;
    let proposal = service.allocate(request(backlog(&["c1", "c2"]))).await;
    assert_eq!(proposal.state(), proto::AllocationState::Proposed);
    assert_eq!((proposal.version, proposal.etag.as_str()), (0, ""));
    assert!(proposal.expire_time.is_some());
    assert_eq!(proposal.incumbent_source(), proto::IncumbentSource::Request);
    assert_eq!(proposal.as_at_date, "2026-09-01");
    assert_eq!(proposal.input_digest.len(), "sha256:".len() + 64);
    assert_eq!(get(&service, &proposal).await, proposal);
    assert_eq!(code(service.assignments().await.get_assignment(current()).await), Code::NotFound);

    let committed = service.allocations().await.commit_allocation(commit_of(&proposal, "")).await.unwrap();
    let committed = committed.into_inner().assignment.unwrap();
    assert_eq!((committed.version, committed.etag.as_str()), (1, "1"));
    assert_eq!(committed.allocation_id, proposal.allocation_id);
    assert_eq!(assignment(&service).await, committed);
    let read = get(&service, &proposal).await;
    assert_eq!((read.state(), read.version, read.etag.as_str()), (proto::AllocationState::Committed, 1, "1"));
    assert_eq!(held(&read), held(&proposal));
}

#[tokio::test]
async fn the_basic_view_has_figures_only() {
    let service = Service::start().await;
    let basic = proto::AllocateRequest { view: proto::AllocationView::Basic.into(), ..request(backlog(&["c1"])) };
    let basic = service.allocate(basic).await;
    assert_eq!(basic.totals.unwrap().allocated_count, 1);
    let evidence = basic.evidence.clone().unwrap();
    assert!(evidence.proof.is_none() && evidence.count_proof.is_none());
    assert!(basic.held_cases.is_empty() && basic.caseloads.is_empty() && basic.changes.is_empty());
    let full = get(&service, &basic).await;
    assert_eq!((full.held_cases.len(), full.caseloads.len(), full.changes.len()), (1, 2, 1));
    assert_eq!(full.evidence.unwrap().proof.unwrap().officer_prices.len(), 2);
}

#[tokio::test]
async fn validating_keeps_nothing() {
    let service = Service::start().await;
    let validate = |request| proto::AllocateRequest { validate_only: true, ..request };
    let answer = service.allocate(validate(commit(backlog(&["c1"]), ""))).await;
    assert_eq!(answer.state(), proto::AllocationState::Validated);
    assert_eq!((answer.allocation_id.as_str(), answer.etag.as_str(), answer.version), ("", "", 0));
    assert_eq!(answer.totals.unwrap().allocated_count, 1);
    let list = proto::ListAllocationsRequest { team_id: "north".to_owned(), ..Default::default() };
    assert!(service.allocations().await.list_allocations(list).await.unwrap().into_inner().allocations.is_empty());
    // Everything is checked as for the real thing.
    service.allocate(commit(backlog(&["c1"]), "")).await;
    assert_eq!(service.refusal(validate(commit(backlog(&["c2"]), "1"))).await.code(), Code::FailedPrecondition);
    assert_eq!(service.refusal(validate(commit(backlog(&["c1", "c2"]), ""))).await.code(), Code::Aborted);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let service = Service::start().await;
    let with_id = |request: proto::AllocateRequest| proto::AllocateRequest { request_id: ID.to_owned(), ..request };
    let first = service.allocate(with_id(commit(backlog(&["c1", "c2"]), ""))).await;
    let again = service.allocate(with_id(commit(backlog(&["c2", "c1"]), ""))).await;
    assert_eq!(again, first);
    assert_eq!(assignment(&service).await.version, 1);
    // Other teams have request ids of their own.
    let south = proto::AllocateRequest { team_id: "south".to_owned(), ..with_id(commit(backlog(&["c1", "c2"]), "")) };
    assert_ne!(service.allocate(south).await.allocation_id, first.allocation_id);

    let other_id = "0b6c3a8e-3b0a-4d53-8f0c-2b5f0f5a9f12".to_owned();
    let proposal = proto::AllocateRequest { request_id: other_id, ..request(backlog(&["c1", "c2", "c3"])) };
    let proposed = service.allocate(proposal.clone()).await;
    assert_eq!(service.allocate(proposal).await, proposed);
    let mut client = service.allocations().await;
    let third_id = "0b6c3a8e-3b0a-4d53-8f0c-2b5f0f5a9f13".to_owned();
    let commit = proto::CommitAllocationRequest { request_id: third_id, ..commit_of(&proposed, "1") };
    let committed = client.commit_allocation(commit.clone()).await.unwrap().into_inner();
    service.allocate(self::commit(backlog(&["c1", "c2", "c3", "c4"]), "2")).await;
    assert_eq!(client.commit_allocation(commit).await.unwrap().into_inner(), committed);
    assert_eq!(assignment(&service).await.version, 3);
}

#[tokio::test]
async fn a_repeated_commit_without_an_id_is_known_by_its_proposal() {
    let service = Service::start().await;
    let proposal = service.allocate(request(backlog(&["c1"]))).await;
    let mut client = service.allocations().await;
    let first = client.commit_allocation(commit_of(&proposal, "")).await.unwrap().into_inner();
    assert_eq!(client.commit_allocation(commit_of(&proposal, "")).await.unwrap().into_inner(), first);
    assert_eq!(code(client.commit_allocation(commit_of(&proposal, "1")).await), Code::Aborted);
}

#[tokio::test]
async fn the_same_input_moves_nobody_and_makes_no_version() {
    let service = Service::start().await;
    let first = service.allocate(commit(backlog(&["c1", "c2", "c3"]), "")).await;
    let again = service.allocate(commit(backlog(&["c3", "c1", "c2"]), "1")).await;
    assert_eq!(again, first);
    assert_eq!(service.allocate(request(backlog(&["c1", "c2", "c3"]))).await, first);
    assert_eq!(assignment(&service).await.version, 1);
}

#[tokio::test]
async fn a_later_allocation_keeps_officers_and_their_days() {
    let service = Service::start().await;
    let first = service.allocate(commit(backlog(&["c1", "c2", "c3"]), "")).await;
    let mut later = backlog(&["c1", "c2", "c3", "c4"]);
    later.as_at_date = "2026-10-01".to_owned();
    let second = service.allocate(commit(later, "1")).await;
    assert_eq!(second.incumbent_source(), proto::IncumbentSource::CurrentAssignment);
    assert_eq!(held(&second)[..3], held(&first));
    assert!(held(&second)[3].ends_with(" 2026-10-01"));
    assert_eq!(second.changes.len(), 1);
    assert_eq!(second.totals.unwrap().handover_count, 0);
}

#[tokio::test]
async fn an_officer_who_is_not_in_the_backlog_has_left() {
    let service = Service::start().await;
    let mut first = backlog(&["c1"]);
    first.officers = vec![officer("gone", 3)];
    service.allocate(commit(first, "")).await;
    let second = service.allocate(commit(backlog(&["c1"]), "1")).await;
    assert_eq!(second.held_cases.len(), 1);
    assert_ne!(second.held_cases[0].officer_id, "gone");
}

#[tokio::test]
async fn no_later_allocation_resets_the_day_since_which_a_case_waits() {
    let service = Service::start().await;
    let full = |day: &str, ids: &[&str]| {
        let mut backlog = backlog(ids);
        backlog.as_at_date = day.to_owned();
        backlog.officers = vec![officer("o1", 0)];
        backlog
    };
    let first = service.allocate(commit(full("2026-09-01", &["c1"]), "")).await;
    assert_eq!(first.holdings[0].waiting_since_date, "2026-09-01");
    let second = service.allocate(commit(full("2026-09-20", &["c1", "c2"]), "1")).await;
    let days: Vec<&str> = second.holdings.iter().map(|holding| holding.waiting_since_date.as_str()).collect();
    assert_eq!(days, ["2026-09-01", "2026-09-20"]);
    // The caller may know of an earlier day, but not of a later one.
    let mut third = full("2026-09-21", &["c1", "c2"]);
    third.cases[0].waiting_since_date = "2026-09-15".to_owned();
    third.cases[1].waiting_since_date = "2026-08-01".to_owned();
    let third = service.allocate(commit(third, "2")).await;
    let days: Vec<&str> = third.holdings.iter().map(|holding| holding.waiting_since_date.as_str()).collect();
    assert_eq!(days, ["2026-09-01", "2026-08-01"]);
}

#[tokio::test]
async fn of_two_commits_at_once_one_wins() {
    let service = Service::start().await;
    service.allocate(commit(backlog(&["c1"]), "")).await;
    let (mut one, mut other) = (service.allocations().await, service.allocations().await);
    let (one, other) = tokio::join!(
        one.allocate(commit(backlog(&["c1", "c2"]), "1")),
        other.allocate(commit(backlog(&["c1", "c3"]), "1"))
    );
    let codes: Vec<Code> =
        [&one, &other].iter().filter_map(|result| result.as_ref().err().map(tonic::Status::code)).collect();
    assert_eq!(codes, [Code::Aborted]);
    assert_eq!(assignment(&service).await.version, 2);
}

#[tokio::test]
async fn a_proposal_made_from_an_older_version_cannot_be_committed() {
    let service = Service::start().await;
    let proposal = service.allocate(request(backlog(&["c1"]))).await;
    service.allocate(commit(backlog(&["c1", "c2"]), "")).await;
    let mut client = service.allocations().await;
    let status = client.commit_allocation(commit_of(&proposal, "1")).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert_eq!(
        status.message(),
        "the proposal was made from no assignment, but the current one is version 1; allocate again"
    );
    assert_eq!(code(client.commit_allocation(commit_of(&proposal, "")).await), Code::Aborted);
}

#[tokio::test]
async fn pages_are_of_one_version_while_another_is_committed() {
    let service = Service::start().await;
    service.allocate(commit(backlog(&["c1", "c2", "c3"]), "")).await;
    let mut client = service.assignments().await;
    let page = |token: &str| proto::ListCaseloadsRequest {
        team_id: "north".to_owned(),
        page_size: 1,
        page_token: token.to_owned(),
        ..Default::default()
    };
    let first = client.list_caseloads(page("")).await.unwrap().into_inner();
    assert_eq!((first.caseloads.len(), first.version), (1, 1));
    service.allocate(commit(backlog(&["c1", "c2", "c3", "c4"]), "1")).await;
    let second = client.list_caseloads(page(&first.next_page_token)).await.unwrap().into_inner();
    assert_eq!((second.version, second.next_page_token.as_str()), (1, ""));
    let mut cases: Vec<String> =
        [first.caseloads, second.caseloads].concat().iter().flat_map(|entry| entry.case_ids.clone()).collect();
    cases.sort();
    assert_eq!(cases, ["c1", "c2", "c3"]);
    assert_eq!(client.list_caseloads(page("")).await.unwrap().into_inner().version, 2);

    let first = client.list_caseloads(page("")).await.unwrap().into_inner();
    let other = proto::ListCaseloadsRequest { officer_id: "o1".to_owned(), ..page(&first.next_page_token) };
    assert_eq!(code(client.list_caseloads(other).await), Code::InvalidArgument);
    let holdings = proto::ListHoldingsRequest {
        team_id: "north".to_owned(),
        page_token: first.next_page_token,
        ..Default::default()
    };
    assert_eq!(code(client.list_holdings(holdings).await), Code::InvalidArgument);
}

#[tokio::test]
async fn lists_are_filtered() {
    let service = Service::start().await;
    let mut some = backlog(&["c1", "c2", "c3"]);
    some.officers = vec![officer("o1", 1), officer("o2", 1)];
    some.officers[0].supervisor_id = "s1".to_owned();
    let first = service.allocate(commit(some.clone(), "")).await;
    let waiting = first.holdings[0].case_id.clone();
    let (case_id, officer_id) = (first.held_cases[0].case_id.clone(), first.held_cases[0].officer_id.clone());
    let mut client = service.assignments().await;
    let mut officers = async |list: proto::ListCaseloadsRequest| {
        let list = proto::ListCaseloadsRequest { team_id: "north".to_owned(), ..list };
        let found = client.list_caseloads(list).await.unwrap().into_inner().caseloads;
        found.into_iter().map(|entry| entry.officer_id).collect::<Vec<_>>()
    };
    assert_eq!(officers(proto::ListCaseloadsRequest::default()).await, ["o1", "o2"]);
    let by_officer = proto::ListCaseloadsRequest { officer_id: "o2".to_owned(), ..Default::default() };
    assert_eq!(officers(by_officer).await, ["o2"]);
    let by_supervisor = proto::ListCaseloadsRequest { supervisor_id: "s1".to_owned(), ..Default::default() };
    assert_eq!(officers(by_supervisor).await, ["o1"]);
    let by_case = proto::ListCaseloadsRequest { case_id: case_id.clone(), ..Default::default() };
    assert_eq!(officers(by_case).await, [officer_id]);
    let waits = proto::ListCaseloadsRequest { case_id: waiting.clone(), ..Default::default() };
    assert_eq!(officers(waits).await, Vec::<String>::new());

    let mut client = service.assignments().await;
    let mut cases = async |list: proto::ListHoldingsRequest| {
        let list = proto::ListHoldingsRequest { team_id: "north".to_owned(), ..list };
        let found = client.list_holdings(list).await.unwrap().into_inner().holdings;
        found.into_iter().map(|entry| entry.case_id).collect::<Vec<_>>()
    };
    assert_eq!(cases(proto::ListHoldingsRequest::default()).await, std::slice::from_ref(&waiting));
    let by_supervisor = proto::ListHoldingsRequest { supervisor_id: "s1".to_owned(), ..Default::default() };
    assert_eq!(cases(by_supervisor).await, [waiting]);
    let held = proto::ListHoldingsRequest { case_id, ..Default::default() };
    assert_eq!(cases(held).await, Vec::<String>::new());
}

#[tokio::test]
async fn proposals_are_listed_newest_first_page_by_page() {
    let service = Service::start().await;
    let mut made = Vec::new();
    for ids in [&["c1"][..], &["c1", "c2"], &["c1", "c2", "c3"]] {
        made.push(service.allocate(request(backlog(ids))).await.allocation_id);
    }
    let mut client = service.allocations().await;
    let mut listed = Vec::new();
    let mut token = String::new();
    for _ in 0..3 {
        let page = proto::ListAllocationsRequest { team_id: "north".to_owned(), page_size: 1, page_token: token };
        let page = client.list_allocations(page).await.unwrap().into_inner();
        assert_eq!(page.allocations.len(), 1);
        listed.push(page.allocations[0].allocation_id.clone());
        token = page.next_page_token;
    }
    made.reverse();
    assert_eq!(listed, made);
    assert_eq!(token, "");
}

#[tokio::test]
async fn cases_are_explained_in_the_order_asked_for() {
    let service = Service::start().await;
    let explained = ["c2", "c1"].map(ToOwned::to_owned).to_vec();
    let ask = |request| proto::AllocateRequest { explain_case_ids: explained.clone(), ..request };
    let mut client = service.allocations().await;
    let first = client.allocate(ask(commit(backlog(&["c1", "c2"]), ""))).await.unwrap().into_inner();
    let order: Vec<&str> = first.explanations.iter().map(|entry| entry.case_id.as_str()).collect();
    assert_eq!(order, ["c2", "c1"]);
    assert!(first.explanations.iter().all(|entry| !entry.officer_id.is_empty() && entry.eligible_officer_count == 2));
    // The same reasons later, though prices then were those of a team in which nobody held anything.
    let again = client.allocate(ask(commit(backlog(&["c1", "c2"]), "1"))).await.unwrap().into_inner();
    assert_eq!(again.explanations, first.explanations);
}

#[tokio::test]
async fn a_flushed_store_is_rebuilt_from_what_the_request_says() {
    let server = RedisServer::start();
    let store = RedisStore::open(&server.url(), RedisOptions::default(), Retention::default()).unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let service = Service::with(Start { store: Some(store), ..Start::default() }).await;
    let known = || {
        let mut backlog = backlog(&["c1", "c2"]);
        backlog.cases[0].current_officer_id = "o2".to_owned();
        backlog.cases[1].current_officer_id = "o2".to_owned();
        backlog
    };
    service.allocate(commit(known(), "")).await;
    let mut more = known();
    more.cases.push(proto::Case { case_id: "c3".to_owned(), ..Default::default() });
    service.allocate(commit(more.clone(), "1")).await;
    redis::cmd("FLUSHALL").exec(&mut server.connection()).unwrap();

    let rebuilt = service.allocate(commit(more, "")).await;
    assert_eq!(rebuilt.incumbent_source(), proto::IncumbentSource::Request);
    assert_eq!((rebuilt.version, rebuilt.etag.as_str()), (1, "1"));
    let officers: Vec<&str> = rebuilt.held_cases[..2].iter().map(|held| held.officer_id.as_str()).collect();
    assert_eq!(officers, ["o2", "o2"]);
    assert_eq!(rebuilt.totals.unwrap().handover_count, 0);
    assert_eq!(assignment(&service).await.incumbent_source(), proto::IncumbentSource::Request);
    let team = caseload::store::TeamId::new("north").unwrap();
    let stored = service.store.current(&team).await.unwrap().unwrap();
    assert_eq!(stored.origin, caseload::store::Origin::RebuiltFromRequest);
}

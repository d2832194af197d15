//! A fresh extract against the current assignment, over a real socket.

use expect_test::expect;

use crate::support_service::{Service, backlog, commit, proto, told};

async fn reconcile(service: &Service, backlog: proto::Backlog) -> proto::ReconcileAssignmentResponse {
    let request = proto::ReconcileAssignmentRequest { team_id: "north".to_owned(), backlog: Some(backlog) };
    service.assignments().await.reconcile_assignment(request).await.unwrap().into_inner()
}

fn lines(found: &proto::ReconcileAssignmentResponse) -> String {
    let line = |difference: &proto::Difference| {
        format!(
            "{} {} child={} assigned={} extract={}: {}\n",
            difference.kind().as_str_name(),
            difference.case_ids.join("+"),
            difference.child_id,
            difference.assigned_officer_id,
            difference.extract_officer_id,
            difference.sentence,
        )
    };
    found.differences.iter().map(line).collect()
}

fn pinned(case_id: &str, officer_id: &str) -> proto::Case {
    proto::Case { case_id: case_id.to_owned(), required_officer_id: officer_id.to_owned(), ..proto::Case::default() }
}

fn plan(case_id: &str, child_id: &str) -> proto::Case {
    proto::Case {
        case_id: case_id.to_owned(),
        child_id: child_id.to_owned(),
        kind: "plan".to_owned(),
        weight_points: Some(1),
        ..proto::Case::default()
    }
}

/// c1, c2 and c3 with o1, c4 and c5 with o2.
async fn allocated() -> Service {
    let service = Service::start().await;
    let mut first = backlog(&[]);
    first.cases = ["c1", "c2", "c3"].iter().map(|id| pinned(id, "o1")).collect();
    first.cases.extend(["c4", "c5"].iter().map(|id| pinned(id, "o2")));
    service.allocate(commit(first, "")).await;
    service
}

#[tokio::test]
async fn an_extract_that_agrees_has_no_differences() {
    let service = allocated().await;
    let found = reconcile(&service, backlog(&["c1", "c2", "c3", "c4", "c5"])).await;
    assert_eq!(found, proto::ReconcileAssignmentResponse { version: 1, etag: "1".to_owned(), ..Default::default() });
}

#[tokio::test]
async fn every_kind_of_difference_is_told_with_what_would_mend_it() {
    let service = allocated().await;
    let mut extract = backlog(&["c1", "c2", "c4", "c4", "new"]);
    extract.cases[1].current_officer_id = "o2".to_owned();
    extract.cases.extend([plan("p2", "k"), plan("p1", "k"), plan("p3", "other")]);
    // o2 has left: the extract no longer names that officer. c2 is said to be with one who has.
    extract.officers.truncate(1);
    let found = reconcile(&service, extract).await;
    expect![[r#"
        DIFFERENCE_KIND_NOT_ASSIGNED new child= assigned= extract=: Nobody has this case: assign it.
        DIFFERENCE_KIND_NOT_ASSIGNED p1 child=k assigned= extract=: Nobody has this case: assign it.
        DIFFERENCE_KIND_NOT_ASSIGNED p2 child=k assigned= extract=: Nobody has this case: assign it.
        DIFFERENCE_KIND_NOT_ASSIGNED p3 child=other assigned= extract=: Nobody has this case: assign it.
        DIFFERENCE_KIND_NOT_IN_EXTRACT c3 child= assigned=o1 extract=: An officer holds this case, and the extract does not know it: close it, or find out why it is missing.
        DIFFERENCE_KIND_NOT_IN_EXTRACT c5 child= assigned=o2 extract=: An officer holds this case, and the extract does not know it: close it, or find out why it is missing.
        DIFFERENCE_KIND_OFFICER_LEFT c4 child= assigned=o2 extract=: The officer who holds this case is not in service: allocate again, or reassign it.
        DIFFERENCE_KIND_OTHER_OFFICER c2 child= assigned=o1 extract=o2: Extract and assignment name different officers: reassign it, or correct the casework system.
        DIFFERENCE_KIND_DUPLICATE_CASE c4 child= assigned= extract=: The extract has this case 2 times: correct the casework system.
        DIFFERENCE_KIND_SEVERAL_PLANS p1+p2 child=k assigned= extract=: The extract has 2 plan cases of this child: correct the casework system, and close those that are wrong.
    "#]]
    .assert_eq(&lines(&found));
    assert_eq!(found.assign_case_ids, ["new", "p1", "p2", "p3"]);
    assert_eq!(found.close_case_ids, ["c3", "c5"]);
}

#[tokio::test]
async fn an_officer_leaves_on_a_day_and_an_extract_without_officers_says_nothing_of_it() {
    let service = allocated().await;
    let with = |until: &str| {
        let mut extract = backlog(&["c1", "c2", "c3", "c4", "c5"]);
        extract.officers[1].available_until_date = until.to_owned();
        extract
    };
    assert!(reconcile(&service, with("2026-09-01")).await.differences.is_empty(), "the last day is one in service");
    let left = reconcile(&service, with("2026-08-31")).await;
    assert!(left.differences.iter().all(|difference| difference.kind() == proto::DifferenceKind::OfficerLeft));
    assert_eq!(left.differences.len(), 2);
    let without = proto::Backlog { officers: Vec::new(), ..with("") };
    assert!(reconcile(&service, without).await.differences.is_empty());
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused_with_the_field() {
    let service = allocated().await;
    let send = async |request| told(service.assignments().await.reconcile_assignment(request).await);
    let request = |team: &str, backlog| proto::ReconcileAssignmentRequest { team_id: team.to_owned(), backlog };
    expect![[r#"
        InvalidArgument INVALID_FIELDS
        backlog is missing; send the open cases and officers of the team
        metadata: shown_count=1 violation_count=1
        bad field: backlog: is missing; send the open cases and officers of the team
    "#]]
    .assert_eq(&send(request("north", None)).await);
    expect![[r#"
        NotFound TEAM_NOT_FOUND
        team south has no assignment; check the name, or commit a first allocation
        metadata: team_id=south
        about: caseload/team south
    "#]]
    .assert_eq(&send(request("south", Some(backlog(&["c1"])))).await);
    let undated = proto::Backlog { as_at_date: "soon".to_owned(), ..backlog(&["c1"]) };
    expect![[r#"
        InvalidArgument INVALID_FIELDS
        backlog.as_at_date is `soon`; must be an ISO date such as 2026-01-20
        metadata: shown_count=1 violation_count=1
        bad field: backlog.as_at_date: is `soon`; must be an ISO date such as 2026-01-20
    "#]]
    .assert_eq(&send(request("north", Some(undated))).await);
}

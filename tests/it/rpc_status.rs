//! How a team stands, over a real socket: what waits, what is due, and the versions before.

use std::process::Command;

use tonic::Code;

use crate::support_service::{Service, backlog, code, commit, officer, proto, request, status_text};

async fn status(service: &Service, as_at: &str) -> proto::TeamStatus {
    let request = proto::GetTeamStatusRequest { team_id: "north".to_owned(), as_at_date: as_at.to_owned() };
    service.assignments().await.get_team_status(request).await.unwrap().into_inner().status.unwrap()
}

/// c1 is held, overdue on 1 September; c2 waits, since only one fits; c3 has no due date.
fn three(as_at: &str) -> proto::Backlog {
    let mut backlog = backlog(&["c1", "c2", "c3"]);
    as_at.clone_into(&mut backlog.as_at_date);
    backlog.officers = vec![officer("o1", 2)];
    "2026-06-01".clone_into(&mut backlog.cases[0].due_date);
    "2026-09-20".clone_into(&mut backlog.cases[1].due_date);
    "c".clone_into(&mut backlog.cases[0].child_id);
    "c".clone_into(&mut backlog.cases[1].child_id);
    backlog
}

#[tokio::test]
async fn a_team_is_seen_on_a_day() {
    let service = Service::start().await;
    let unknown = proto::GetTeamStatusRequest { team_id: "north".to_owned(), as_at_date: String::new() };
    assert_eq!(code(service.assignments().await.get_team_status(unknown).await), Code::NotFound);
    let first = service.allocate(commit(three("2026-07-15"), "")).await;
    let second = service.allocate(commit(three("2026-09-01"), &first.etag)).await;
    assert_eq!(second.version, 2);

    let found = status(&service, "").await;
    assert_eq!((found.version, found.as_at_date.as_str()), (2, "2026-09-01"));
    assert_eq!((found.children_without_officer_count, found.child_count, found.case_count), (1, 2, 3));
    assert_eq!(found.missed.as_ref().unwrap().held_case_ids, ["c1"]);
    assert_eq!(found.due_soon.as_ref().unwrap().waiting_case_ids, ["c2"]);
    assert_eq!(found.undated_case_ids, ["c3"]);
    assert!(found.over_caseloads.is_empty() && found.run_out_case_ids.is_empty());
    // It has waited since 15 July: 48 days.
    let ages: Vec<(i64, i64)> = found.holding_ages.iter().map(|band| (band.from_weeks, band.case_count)).collect();
    assert_eq!(ages, [(0, 0), (1, 0), (4, 1), (12, 0), (20, 0)]);
    assert_eq!((found.excessive_known, found.known_since_date.as_str()), (true, "2026-07-15"));
    let months: Vec<(&str, i64)> =
        found.trend.iter().map(|month| (month.as_at_date.as_str(), month.missed_count)).collect();
    assert_eq!(months, [("2026-09-01", 1), ("2026-07-15", 1)]);

    // Later nobody has looked, and the stay of 140 days has run out.
    let later = status(&service, "2026-12-04").await;
    assert_eq!((later.overdue_check_case_ids, later.run_out_case_ids), (vec!["c2".to_owned()], vec!["c2".to_owned()]));
    assert_eq!(later.missed.unwrap().waiting_case_ids, ["c2"]);
    assert_eq!(status(&service, "2026-12-02").await.run_out_case_ids, Vec::<String>::new());

    let bad = proto::GetTeamStatusRequest { team_id: "north".to_owned(), as_at_date: "1 May".to_owned() };
    let refused = service.assignments().await.get_team_status(bad).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(status_text(&refused).contains("as_at_date: is `1 May`"), "{}", status_text(&refused));
}

#[tokio::test]
async fn an_extension_stays_and_a_second_one_is_refused() {
    let service = Service::start().await;
    let extended = |until: &str| {
        let mut backlog = three("2026-09-01");
        backlog.cases[1].stay_extension = Some(proto::StayExtension {
            until_date: until.to_owned(),
            reason: proto::StayReason::OfficerExpected.into(),
            by: "head".to_owned(),
        });
        backlog
    };
    let first = service.allocate(commit(extended("2027-03-01"), "")).await;
    assert_eq!(first.holdings[0].longest_stay_until_date, "2027-03-01");
    // Left out, it is what it was; the same again is no second one.
    let mut again = three("2026-09-02");
    let second = service.allocate(commit(again.clone(), &first.etag)).await;
    assert_eq!(second.holdings[0].stay_extension, first.holdings[0].stay_extension);
    again = extended("2027-03-01");
    "2026-09-03".clone_into(&mut again.as_at_date);
    let third = service.allocate(commit(again, &second.etag)).await;
    assert_eq!(third.holdings[0].longest_stay_until_date, "2027-03-01");
    let refused = service.refusal(request(extended("2027-06-01"))).await;
    assert_eq!(refused.code(), Code::InvalidArgument);
    let message = "backlog.cases[1].stay_extension: is a second extension: the stay was extended already until 2027-03-01 by `head`";
    assert!(status_text(&refused).contains(message), "{}", status_text(&refused));
}

#[tokio::test]
async fn a_catalogue_that_is_not_known_is_refused_with_everything_else() {
    let service = Service::start().await;
    let mut backlog = three("2026-09-01");
    backlog.cases[0].stage = "limbo".to_owned();
    let rules = proto::Rules { catalogue: "moon".to_owned(), ..Default::default() };
    let refused = service.refusal(proto::AllocateRequest { rules: Some(rules), ..request(backlog.clone()) }).await;
    for part in ["rules.catalogue: names no catalogue of this service", "backlog.cases[0].stage: cannot be resolved"] {
        assert!(status_text(&refused).contains(part), "{part}: {}", status_text(&refused));
    }
    // Resolved: an appeal needs somebody with the skill, of whom there is nobody.
    backlog.cases[0].stage = "appeal".to_owned();
    let answer = service.allocate(request(backlog)).await;
    let waits = answer.holdings.iter().find(|holding| holding.case_id == "c1").unwrap();
    assert_eq!(waits.reason(), proto::HoldingReason::NoEligibleOfficer);
    assert!(answer.notes[0].contains("illustrative points, not calibrated"), "{:?}", answer.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_shows_it() {
    let service = Service::start().await;
    service.allocate(commit(three("2026-09-01"), "")).await;
    let address = service.address.to_string();
    let run = move |team: &'static str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caseload"));
        command.args(["status", "--server", &address, "--team", team, "--as-at", "2026-09-01"]).output().unwrap()
    };
    let (known, unknown) = tokio::task::spawn_blocking(move || (run("north"), run("south"))).await.unwrap();
    assert!(known.status.success(), "{}", String::from_utf8_lossy(&known.stderr));
    let text = String::from_utf8_lossy(&known.stdout);
    assert!(text.starts_with("CHILDREN WITHOUT AN OFFICER\n"), "{text}");
    assert!(text.contains("missed deadline, with an officer: c1"), "{text}");
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("team south has no assignment"));
}

use expect_test::{Expect, expect};
use tonic_types::StatusExt as _;

use super::*;
use crate::{
    app::{BadField, Kind, TeamId},
    model::{CaseId, Part, Place, Violation},
};

/// Clients take trailers of 8 KiB; names and other headers need some of them.
const TRAILERS_BYTES_MAX: usize = 7_500;

fn check(error: AllocateError, expected: Expect) {
    let status = refuse(error);
    let details = status.get_error_details();
    let info = details.error_info().expect("every error carries ErrorInfo");
    assert_eq!(info.domain, "caseload");
    let mut metadata: Vec<String> = info.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    metadata.sort();
    let text = format!("{:?} {}\n{}\n{}\n", status.code(), info.reason, status.message(), metadata.join(" "));
    expected.assert_eq(&text);
}

fn team() -> TeamId {
    TeamId::new("north").unwrap()
}

#[test]
fn each_error_has_its_code_and_names_everything_that_varies() {
    check(
        AllocateError::NotFound { kind: Kind::Officer, name: "o1".to_owned(), team_id: team() },
        expect![[r#"
            NotFound OFFICER_NOT_FOUND
            officer `o1` of team north is not known; check the name
            officer_id=o1 team_id=north
        "#]],
    );
    check(
        AllocateError::TooMany { what: "cases", key: "case_count_max", limit: 3, found: 4 },
        expect![[r#"
            ResourceExhausted TOO_MANY
            the request has 4 cases; at most 3 are taken. Send fewer, or ask for a higher case_count_max
            found=4 limit=3 limit_name=case_count_max
        "#]],
    );
    check(
        AllocateError::StaleEtag { given: String::new(), current: Version::new(7) },
        expect![[r#"
            Aborted ETAG_STALE
            the team has an assignment, version 7; read the assignment again and retry with its etag
            current_etag=7 etag=
        "#]],
    );
    check(
        AllocateError::StaleProposal { base: Version::new(6), current: Version::new(7) },
        expect![[r#"
            Aborted PROPOSAL_STALE
            the proposal was made from version 6, but the current one is version 7; allocate again
            base_etag=6 current_etag=7
        "#]],
    );
    check(
        AllocateError::QueueFull { depth: 8 },
        expect![[r#"
            Unavailable QUEUE_FULL
            as many requests wait for a solver as may, 8; wait and retry
            queue_depth=8
        "#]],
    );
    check(
        AllocateError::OutOfTime,
        expect![[r#"
            DeadlineExceeded OUT_OF_TIME
            the deadline passed before there was an answer; allow more time, and retry with the same request_id

        "#]],
    );
}

#[test]
fn what_is_ours_tells_the_caller_only_an_id() {
    let status = refuse(AllocateError::Disagreement("cases are 1, not 2".to_owned()));
    let details = status.get_error_details();
    let id = &details.request_info().unwrap().request_id;
    assert_eq!(status.code(), Code::Internal);
    assert_eq!(status.message(), format!("an internal error happened; report the id {id}"));
    assert_eq!(&details.error_info().unwrap().metadata["error_id"], id);
}

/// What the two trailers take: the message with every byte that is not ASCII as three, the details in base64.
fn trailer_bytes(status: &Status) -> usize {
    let message: usize = status.message().bytes().map(|byte| if byte.is_ascii_graphic() { 1 } else { 3 }).sum();
    let details = status.details().len().div_ceil(3) * 4;
    message + "grpc-message".len() + details + "grpc-status-details-bin".len()
}

#[test]
fn the_largest_error_fits_into_the_trailers() {
    let long = "ä".repeat(100_000);
    let violation = |position| Violation {
        place: Place { part: Part::Cases, position: Some(position), field: "required_officer_id" },
        value: long.clone(),
        message: long.clone(),
    };
    let fields = (0..3).map(|position| BadField::new(format!("closed_case_ids[{position}]"), long.clone())).collect();
    let invalid = Violations { fields, backlog: (0..10_000).map(violation).collect() };
    let case_ids = (0..200_000).map(|number| CaseId::new(format!("{number}{}", "ä".repeat(29)))).collect();
    let errors = [
        AllocateError::Invalid(invalid),
        AllocateError::MissingCases { case_ids },
        AllocateError::NotFound { kind: Kind::Supervisor, name: long.clone(), team_id: team() },
        AllocateError::StaleEtag { given: long.clone(), current: Version::new(u64::MAX) },
    ];
    for error in errors {
        let status = refuse(error);
        let bytes = trailer_bytes(&status);
        assert!(bytes <= TRAILERS_BYTES_MAX, "{bytes} bytes: {}", status.message());
    }
}

#[test]
fn a_long_list_says_how_much_is_not_shown() {
    let case_ids: Vec<CaseId> = (0..1_000).map(|number| CaseId::new(format!("c{number:04}"))).collect();
    let status = refuse(AllocateError::MissingCases { case_ids });
    let details = status.get_error_details();
    let shown = &details.precondition_failure().unwrap().violations;
    assert_eq!(shown[0].subject, "c0000");
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(
        (metadata["missing_case_count"].as_str(), metadata["shown_count"].clone()),
        ("1000", shown.len().to_string())
    );
    let rest = format!("({0} cases are listed, and {1} more)", shown.len(), 1_000 - shown.len());
    assert!(status.message().ends_with(&rest), "{}", status.message());
    assert!(shown.len() > 30, "{}", shown.len());
}

#[test]
fn violations_are_shown_in_the_order_of_the_input() {
    let place = |part, position, field| Place { part, position, field };
    let violation = |place: Place| Violation { place, value: String::new(), message: "is wrong".to_owned() };
    let found = Violations {
        fields: vec![BadField::new("team_id", "is wrong")],
        backlog: vec![
            violation(place(Part::Backlog, None, "as_at")),
            violation(place(Part::Cases, Some(10), "waiting_since")),
            violation(place(Part::Rules, None, "preset")),
        ],
    };
    let status = refuse(AllocateError::Invalid(found));
    let details = status.get_error_details();
    let shown: Vec<&str> =
        details.bad_request().unwrap().field_violations.iter().map(|entry| entry.field.as_str()).collect();
    assert_eq!(shown, ["team_id", "backlog.as_at_date", "backlog.cases[10].waiting_since_date", "rules.preset"]);
    assert_eq!(status.message(), "4 fields are not valid; the first: team_id is wrong");
}

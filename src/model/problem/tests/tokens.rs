//! Ids and codes: their shape, and that no pupil number ever comes back in a message.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::team::{TODAY, team, violations};
use crate::model::{Backlog, Case, Officer, OfficerId, Pair, Problem, Rules, Supervisor};

/// Puts a token into one field of the team of [`with_token`].
type Setter = fn(&mut Backlog, &str);

/// Every field that carries an id or a code.
const FIELDS: [(&str, Setter); 19] = [
    ("case_id", |team, token| team.cases[0].id = token.into()),
    ("child_id", |team, token| team.cases[0].child_id = Some(token.into())),
    ("group_id", |team, token| team.cases[0].group_id = Some(token.into())),
    ("area", |team, token| team.cases[0].area = Some(token.into())),
    ("setting_code", |team, token| team.cases[0].setting_code = Some(token.into())),
    ("skills", |team, token| team.cases[0].skills = vec![token.into()]),
    ("current_officer_id", |team, token| team.cases[0].current_officer_id = Some(token.into())),
    ("required_officer_id", |team, token| team.cases[0].required_officer_id = Some(token.into())),
    ("barred_officer_ids", |team, token| team.cases[0].barred_officer_ids = vec![token.into()]),
    ("officer_id", |team, token| team.officers[0].id = token.into()),
    ("officer areas", |team, token| team.officers[0].areas = vec![token.into()]),
    ("officer setting_codes", |team, token| team.officers[0].setting_codes = vec![token.into()]),
    ("officer skills", |team, token| team.officers[0].skills = vec![token.into()]),
    ("officer supervisor_id", |team, token| team.officers[0].supervisor_id = Some(token.into())),
    ("supervisor_id", |team, token| team.supervisors[0].id = token.into()),
    ("supervisor areas", |team, token| team.supervisors[0].areas = vec![token.into()]),
    ("pair case_id", |team, token| team.pairs = Some(vec![pair(token, "o1")])),
    ("pair officer_id", |team, token| team.pairs = Some(vec![pair("a", token)])),
    // Twice the same: whatever names duplicates must not name this one either.
    ("case_id twice", |team, token| {
        let case = Case { group_id: Some(token.into()), ..Case::new(token.into()) };
        team.cases = vec![case.clone(), case];
    }),
];

fn pair(case_id: &str, officer_id: &str) -> Pair {
    Pair { case_id: case_id.into(), officer_id: officer_id.into(), cost: 0, weight_points: None }
}

fn with_token(set: Setter, token: &str) -> Backlog {
    let mut backlog = Backlog {
        as_at: TODAY,
        cases: vec![Case::new("a".into())],
        officers: vec![Officer::new("o1".into())],
        supervisors: vec![Supervisor { id: "s1".into(), areas: Vec::new(), max_holding_count: None }],
        pairs: None,
    };
    set(&mut backlog, token);
    backlog
}

/// Violations of the token in every field.
fn check_everywhere(token: &str, expected: Expect) {
    let mut found = String::new();
    for (field, set) in FIELDS {
        let _ = writeln!(found, "{field}:\n{}", violations(with_token(set, token), Rules::standard()).trim_end());
    }
    expected.assert_eq(&found);
}

fn check_case_id(token: &str, expected: Expect) {
    expected.assert_eq(&violations(with_token(FIELDS[0].1, token), Rules::standard()));
}

#[test]
fn a_pupil_number_in_any_field_is_withheld() {
    check_everywhere(
        "A123456789012",
        expect![[r#"
            case_id:
            backlog.cases[0].case_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            child_id:
            backlog.cases[0].child_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            group_id:
            backlog.cases[0].group_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            area:
            backlog.cases[0].area [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            setting_code:
            backlog.cases[0].setting_code [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            skills:
            backlog.cases[0].skills [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            current_officer_id:
            backlog.cases[0].current_officer_id [(withheld)] names officer `(withheld)`, who is not among the officers; add them (with available_until, if they left) or clear it
            required_officer_id:
            backlog.cases[0].required_officer_id [(withheld)] names officer `(withheld)`, who is not among the officers; add them (with available_until, if they left) or clear it
            barred_officer_ids:
            backlog.cases[0].barred_officer_ids [(withheld)] names officer `(withheld)`, who is not among the officers; add them (with available_until, if they left) or clear it
            officer_id:
            backlog.officers[0].officer_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            officer areas:
            backlog.officers[0].areas [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            officer setting_codes:
            backlog.officers[0].setting_codes [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            officer skills:
            backlog.officers[0].skills [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            officer supervisor_id:
            backlog.officers[0].supervisor_id [(withheld)] names supervisor `(withheld)`, who is not among the supervisors; add them or leave it empty
            supervisor_id:
            backlog.supervisors[0].supervisor_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            supervisor areas:
            backlog.supervisors[0].areas [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            pair case_id:
            backlog.pairs[0].case_id [(withheld)] names case `(withheld)`, which is not among the cases
            pair officer_id:
            backlog.pairs[0].officer_id [(withheld)] names officer `(withheld)`, who is not among the officers; add them (with available_until, if they left) or clear it
            case_id twice:
            backlog.cases[0].case_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            backlog.cases[0].group_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            backlog.cases[1].case_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            backlog.cases[1].group_id [(withheld)] is shaped like a Unique Pupil Number; send a token instead, which only the council can trace back
            backlog.cases[1].case_id [(withheld)] `(withheld)` is already in the list; ids must be unique
        "#]],
    );
}

#[test]
fn no_message_repeats_a_pupil_number_whatever_else_is_wrong() {
    let upn = "T98765432109b";
    let everything = |team: &mut Backlog| {
        for (_, set) in FIELDS {
            set(team, upn);
        }
        team.officers.push(Officer { capacity_points: Some(-1), ..Officer::new(upn.into()) });
        team.supervisors.push(Supervisor { id: upn.into(), areas: vec![upn.into()], max_holding_count: None });
        for case in &mut team.cases {
            case.pinned = true;
            case.current_officer_id = Some("o9".into());
            case.required_officer_id = Some(upn.into());
            case.barred_officer_ids = vec![OfficerId::from(upn)];
        }
        team.cases.push(Case {
            group_id: Some(upn.into()),
            required_officer_id: Some("o9".into()),
            ..Case::new("z".into())
        });
        team.pairs = Some(vec![pair(upn, upn), pair(upn, upn), pair("z", upn)]);
    };
    let mut backlog = with_token(|_, _| {}, "");
    everything(&mut backlog);
    let error = Problem::new(backlog, Rules::standard()).unwrap_err();
    assert!(error.violations.len() > 20, "{error:?}");
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(upn), "{text}");
    }
}

#[test]
fn the_shape_of_a_pupil_number() {
    let is_refused = |token: &str| violations(with_token(FIELDS[0].1, token), Rules::standard()).contains("Pupil");
    for token in ["A123456789012", "a123456789012", "Z12345678901T", "Z12345678901t", "B000000000000"] {
        assert!(is_refused(token), "{token} is one");
    }
    // Check letters leave out I, O and S; one digit more or less is none, either.
    for token in [
        "I123456789012",
        "O123456789012",
        "S123456789012",
        "Z12345678901S",
        "A12345678901",
        "A1234567890123",
        "1123456789012",
        "A1234567890X2",
    ] {
        assert!(!is_refused(token), "{token} is none");
    }
}

#[test]
fn white_space_control_characters_and_separators() {
    check_case_id(
        "",
        expect![[r#"
        backlog.cases[0].case_id [] is empty; give a token of 1 to 64 bytes
    "#]],
    );
    for token in ["a b", "a\tb", "a\nb", "a\u{a0}b", "a\u{7}b", "a;b", "a,b"] {
        let found = violations(with_token(FIELDS[0].1, token), Rules::standard());
        assert!(found.contains("are not allowed"), "{token:?}: {found}");
        assert!(found.trim_end().chars().all(|c| !c.is_control()), "{token:?}: {found:?}");
    }
    check_case_id(
        "a\nb",
        expect![[r#"
        backlog.cases[0].case_id [a\nb] is `a\nb`; white space, control characters, commas and semicolons are not allowed
    "#]],
    );
    check_case_id(
        "Zoë-1/2_3.é",
        expect![[r#"
        none
    "#]],
    );
}

#[test]
fn a_reference_with_a_line_break_is_escaped_too() {
    let (mut backlog, rules) = team("officer o1\n case a");
    backlog.cases[0].current_officer_id = Some("o9\nERROR forged".into());
    expect![[r#"
        backlog.cases[0].current_officer_id [o9\nERROR forged] names officer `o9\nERROR forged`, who is not among the officers; add them (with available_until, if they left) or clear it
    "#]]
    .assert_eq(&violations(backlog, rules));
}

#[test]
fn tokens_of_more_than_64_bytes() {
    let long = "x".repeat(65);
    check_case_id(
        &long,
        expect![[r#"
            backlog.cases[0].case_id [xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…] has 65 bytes; at most 64 are allowed
        "#]],
    );
    check_case_id(
        &long[..64],
        expect![[r#"
        none
    "#]],
    );
    check_case_id(
        &"é".repeat(33),
        expect![[r#"
        backlog.cases[0].case_id [ééééééééééééééééééééééééééééééééé] has 66 bytes; at most 64 are allowed
    "#]],
    );
    let huge = "y".repeat(10_000);
    for (field, set) in FIELDS {
        let found = violations(with_token(set, &huge), Rules::standard());
        assert!(found.len() < 2_000, "{field} is repeated at full length");
    }
}

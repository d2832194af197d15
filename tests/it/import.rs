//! Files to a backlog and back: every error by file, line and column; nothing lost on the way.

use std::fs;
use std::path::Path;

use caseload::cli::files::{ResultMeta, read_result, write_backlog, write_result};
use caseload::import::{BacklogFiles, ImportError, ReadBacklog, read_backlog, read_rules};
use caseload::model::{
    Absence, AddOn, Allocation, Amount, Backlog, BoundSource, Case, CaseId, Caseload, Change, ChangeReason, ChildId,
    Code, Event, Evidence, Exempted, GroupId, Held, Holding, HoldingReason, Obligation, Officer, OfficerId,
    OfficerPrices, Pair, Part, Place, Proof, Reduction, ReductionCode, Rules, StayExtension, StayReason, Supervisor,
    SupervisorId, Termination, Totals, Violation, input_digest,
};
use expect_test::{Expect, expect};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tempfile::TempDir;

const AS_AT: Date = date(2022, 1, 20);

fn folder_of(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn read_folder(folder: &Path) -> Result<ReadBacklog, ImportError> {
    read_backlog(&BacklogFiles::in_folder(folder), AS_AT)
}

fn read_cases(cases: &[u8]) -> Result<ReadBacklog, ImportError> {
    read_folder(folder_of(&[("cases.csv", cases), ("officers.csv", b"officer_id\n")]).path())
}

/// The error text of a cases.csv (the other files are good), or the cases it becomes.
fn check(cases: impl AsRef<[u8]>, expected: Expect) {
    let text = match read_cases(cases.as_ref()) {
        Ok(read) => read.backlog.cases.iter().map(shown).collect::<Vec<_>>().join("\n"),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text);
}

/// A case with the fields that differ from a bare one.
fn shown(case: &Case) -> String {
    format!("{} {}", case.id, differing(case, &Case::new(case.id.clone())))
}

/// The fields of `value` that differ from those of `other`, as JSON.
fn differing<T: serde::Serialize>(value: &T, other: &T) -> String {
    let fields = |value: &T| serde_json::to_value(value).unwrap().as_object().unwrap().clone();
    let others = fields(other);
    let differing: serde_json::Map<_, _> =
        fields(value).into_iter().filter(|(name, value)| others[name] != *value).collect();
    serde_json::to_string(&differing).unwrap()
}

#[test]
fn every_column_of_a_case_is_read() {
    check(
        "case_id,child_id,weight_points,holding_price,area,setting_code,skills,current_officer_id,held_since,\
         required_officer_id,pinned,group_id,due_date,waiting_since,barred_officer_ids\n\
         c1,k1,12,500,north,s1,post-16;tribunal,o1,2021-12-01,o2,Yes,g1,2022-02-15,2021-07-01,o3;o4\n",
        expect![[
            r#"c1 {"area":"north","barred_officer_ids":["o3","o4"],"child_id":"k1","current_officer_id":"o1","due_date":"2022-02-15","group_id":"g1","held_since":"2021-12-01","holding_price":500,"pinned":true,"required_officer_id":"o2","setting_code":"s1","skills":["post-16","tribunal"],"waiting_since":"2021-07-01","weight_points":12}"#
        ]],
    );
}

#[test]
fn columns_in_any_order_and_values_left_empty() {
    check(
        "area,case_id\nnorth,c1\n,c2\n",
        expect![[r#"
            c1 {"area":"north"}
            c2 {}"#]],
    );
}

#[test]
fn byte_order_mark_crlf_blank_rows_and_no_last_line_end() {
    check(
        b"\xEF\xBB\xBFcase_id,weight_points\r\nc1,5\r\n\r\n,\r\n  , \r\nc2,6",
        expect![[r#"
            c1 {"weight_points":5}
            c2 {"weight_points":6}"#]],
    );
}

#[test]
fn quoted_values() {
    check(
        "case_id,area\n\"c,1\",\"north \"\"upper\"\"\"\r\n\"c2\", south \n",
        expect![[r#"
            c,1 {"area":"north \"upper\""}
            c2 {"area":"south"}"#]],
    );
}

#[test]
fn lists_skip_empty_parts_and_white_space() {
    check("case_id,skills\nc1, a ; ;b;\n", expect![[r#"c1 {"skills":["a","b"]}"#]]);
}

#[test]
fn flags() {
    check(
        "case_id,pinned\nc1,TRUE\nc2,yes\nc3,1\nc4,False\nc5,NO\nc6,0\nc7,\n",
        expect![[r#"
            c1 {"pinned":true}
            c2 {"pinned":true}
            c3 {"pinned":true}
            c4 {}
            c5 {}
            c6 {}
            c7 {}"#]],
    );
    check(
        "case_id,pinned\nc1,maybe\n",
        expect![[
            r#"cases.csv line 2, column pinned: "maybe" is not true or false; write true, false, yes, no, 1, 0 or nothing"#
        ]],
    );
}

#[test]
fn numbers() {
    check(
        "case_id,weight_points\nc1,-3\nc2,9223372036854775807\n",
        expect![[r#"
            c1 {"weight_points":-3}
            c2 {"weight_points":9223372036854775807}"#]],
    );
    check(
        "case_id,weight_points,holding_price\nc1,abc,1.5\nc2,\"1,800\",9223372036854775808\nc3,5,£3\n",
        expect![[r#"
            cases.csv line 2, column weight_points: "abc" is not a whole number; write digits only, such as 12
            cases.csv line 2, column holding_price: "1.5" is not a whole number; write digits only, such as 12
            cases.csv line 3, column weight_points: "1,800" is not a whole number; write digits only, such as 12
            cases.csv line 3, column holding_price: "9223372036854775808" is not a whole number; write digits only, such as 12
            cases.csv line 4, column holding_price: "£3" is not a whole number; write digits only, such as 12"#]],
    );
}

#[test]
fn dates() {
    check("case_id,due_date\nc1,2024-02-29\n", expect![[r#"c1 {"due_date":"2024-02-29"}"#]]);
    check(
        "case_id,due_date,waiting_since\nc1,31/01/2022,2022-02-29\nc2,20220131,2022-1-31\nc3,2022-01-31T10:00,2022-13-01\nc4,+022-01-01,\n",
        expect![[r#"
            cases.csv line 2, column due_date: "31/01/2022" is not a date; write year-month-day, such as 2022-01-31
            cases.csv line 2, column waiting_since: "2022-02-29" is not a date; write year-month-day, such as 2022-01-31
            cases.csv line 3, column due_date: "20220131" is not a date; write year-month-day, such as 2022-01-31
            cases.csv line 3, column waiting_since: "2022-1-31" is not a date; write year-month-day, such as 2022-01-31
            cases.csv line 4, column due_date: "2022-01-31T10:00" is not a date; write year-month-day, such as 2022-01-31
            cases.csv line 4, column waiting_since: "2022-13-01" is not a date; write year-month-day, such as 2022-01-31
            cases.csv line 5, column due_date: "+022-01-01" is not a date; write year-month-day, such as 2022-01-31"#]],
    );
}

#[test]
fn headers() {
    check(
        "case_id,wieght_points,area\nc1,1,north\n",
        expect![[
            r#"cases.csv line 1: unknown column "wieght_points"; known are case_id, child_id, weight_points, holding_price, area, setting_code, skills, current_officer_id, held_since, required_officer_id, pinned, group_id, due_date, waiting_since, barred_officer_ids, kind, stage, events, add_ons, obligations, stay_extension"#
        ]],
    );
    check(
        "case_id,area,case_id\nc1,north,c2\n",
        expect!["cases.csv line 1: column case_id is there twice; take one out"],
    );
    check("child_id,area\nk1,north\n", expect!["cases.csv line 1: column case_id is missing; the file must have it"]);
    check("case_id,,area\nc1,,north\n", expect!["cases.csv line 1: column 2 has no name; name it or take it out"]);
    check(
        "case_id;area\nc1;north\n",
        expect![[r#"
            cases.csv line 1: unknown column "case_id;area"; save the file with commas between its columns; known are case_id, child_id, weight_points, holding_price, area, setting_code, skills, current_officer_id, held_since, required_officer_id, pinned, group_id, due_date, waiting_since, barred_officer_ids, kind, stage, events, add_ons, obligations, stay_extension
            cases.csv line 1: column case_id is missing; the file must have it"#]],
    );
    check(
        "case_id,area\rc1,north\r",
        expect![[r#"
            cases.csv line 1: unknown column "area\rc1"; save the file with line feeds between its lines; known are case_id, child_id, weight_points, holding_price, area, setting_code, skills, current_officer_id, held_since, required_officer_id, pinned, group_id, due_date, waiting_since, barred_officer_ids, kind, stage, events, add_ons, obligations, stay_extension
            cases.csv line 1: unknown column "north"; known are case_id, child_id, weight_points, holding_price, area, setting_code, skills, current_officer_id, held_since, required_officer_id, pinned, group_id, due_date, waiting_since, barred_officer_ids, kind, stage, events, add_ons, obligations, stay_extension"#]],
    );
    check(
        b"case_id,\xFFarea\nc1,north\n",
        expect![[r#"cases.csv line 1: the name of column 2 is not UTF-8; save the file as "CSV UTF-8""#]],
    );
    check(
        "",
        expect![
            "cases.csv: the file is empty; its first line must name the columns: case_id, child_id, weight_points, holding_price, area, setting_code, skills, current_officer_id, held_since, required_officer_id, pinned, group_id, due_date, waiting_since, barred_officer_ids, kind, stage, events, add_ons, obligations, stay_extension"
        ],
    );
    check(
        "\n\n",
        expect![
            "cases.csv: the file is empty; its first line must name the columns: case_id, child_id, weight_points, holding_price, area, setting_code, skills, current_officer_id, held_since, required_officer_id, pinned, group_id, due_date, waiting_since, barred_officer_ids, kind, stage, events, add_ons, obligations, stay_extension"
        ],
    );
}

#[test]
fn work_of_a_case_and_hours_of_an_officer() {
    check(
        "case_id,kind,events,obligations,stay_extension\n\
         c1,plan,last-review:2021-03-01; review-meeting:2022-02-10,annual-review;final-plan::absence:head,\n\
         c2,plan,last-review:1 March,annual-review:2022-02-30,2022-03-01:mood:head\n",
        expect![[r#"
            cases.csv line 3, column events: "last-review:1 March": `1 March` is no date; write year-month-day, such as 2026-01-31
            cases.csv line 3, column obligations: "annual-review:2022-02-30": `2022-02-30` is no date; write year-month-day, such as 2026-01-31
            cases.csv line 3, column stay_extension: "2022-03-01:mood:head": `mood` is no reason; known are officer_expected, closes_soon, family_asked, less_urgent"#]],
    );
    let officers = b"officer_id,fte_percent,reductions,absences\no1,60,duties:10%:2022-01-01:;new_starter:20,2022-01-10:2022-01-21\n";
    let read = read_folder(folder_of(&[("cases.csv", b"case_id\nc1\n"), ("officers.csv", officers)]).path()).unwrap();
    let officer = &read.backlog.officers[0];
    let shown: Vec<String> = officer.reductions.iter().map(ToString::to_string).collect();
    assert_eq!(
        (officer.fte_percent, shown.join(" ")),
        (Some(60), "duties:10%:2022-01-01: new_starter:20::".to_owned())
    );
    assert_eq!(officer.absences[0].to_string(), "2022-01-10:2022-01-21");
}

#[test]
fn a_header_alone_is_no_cases() {
    check("case_id\n", expect![""]);
}

#[test]
fn rows_of_the_wrong_length_and_quotation_marks_left_open() {
    check(
        "case_id,area,pinned\nc1,north\nc2,a,b,yes\nc3,south,maybe\n",
        expect![[r#"
        cases.csv line 2: the row has 2 values, the header has 3; write every comma, also after values left empty
        cases.csv line 3: the row has 4 values, the header has 3; put a value with a comma in it in quotation marks
        cases.csv line 4, column pinned: "maybe" is not true or false; write true, false, yes, no, 1, 0 or nothing"#]],
    );
    check(
        "case_id,area\n\"c1\",\"north\nc2,south\nc3,\"\"east\n",
        expect![[
            r#"cases.csv line 1, column area: "north\nc2,south\nc3,\"east\n\n" has a line break in it; a quotation mark may be left open"#
        ]],
    );
    check(
        "case_id,area\nc1,north\nc2,\"south",
        expect![[
            r#"cases.csv line 2, column area: "south\n" has a line break in it; a quotation mark may be left open"#
        ]],
    );
    check(
        "case_id,area\nc1,\"north\nc2,\"south\"\nc3,east\n",
        expect![[
            r#"cases.csv line 2, column area: "north\nc2,south\"" has a line break in it; a quotation mark may be left open"#
        ]],
    );
}

#[test]
fn missing_id() {
    check(
        "case_id,area\n,north\n  ,south\n",
        expect![[r#"
        cases.csv line 2, column case_id: has no value; give one in every row
        cases.csv line 3, column case_id: has no value; give one in every row"#]],
    );
}

#[test]
fn not_utf_8() {
    check(
        b"case_id,area,skills\nc1,n\xF6rth,a\nc\xFF2,south,b;\xFE\n",
        expect![[r#"
        cases.csv line 2, column area: "n�rth" is not UTF-8; save the file as "CSV UTF-8"
        cases.csv line 3, column case_id: "c�2" is not UTF-8; save the file as "CSV UTF-8"
        cases.csv line 3, column skills: "b;�" is not UTF-8; save the file as "CSV UTF-8""#]],
    );
}

#[test]
fn a_long_value_is_cut_in_the_message() {
    check(
        format!("case_id,weight_points\nc1,{}\n", "x".repeat(500)),
        expect![[
            r#"cases.csv line 2, column weight_points: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"... is not a whole number; write digits only, such as 12"#
        ]],
    );
}

#[test]
fn missing_file_and_errors_of_all_files_at_once() {
    let folder = folder_of(&[
        ("officers.csv", b"officer_id,capacity_points\no1,lots\n"),
        ("supervisors.csv", b"supervisor_id,region\ns1,north\n"),
        ("pairs.csv", b"case_id,officer_id,cost\nc1,o1,\nc1,,7\nc1,o1,free\n"),
    ]);
    let error = read_folder(folder.path()).unwrap_err().to_string();
    expect![[r#"
        cases.csv: cannot open FOLDER/cases.csv: No such file or directory (os error 2); check the path and who may read it
        officers.csv line 2, column capacity_points: "lots" is not a whole number; write digits only, such as 12
        supervisors.csv line 1: unknown column "region"; known are supervisor_id, areas, max_holding_count
        pairs.csv line 2, column cost: has no value; give one in every row
        pairs.csv line 3, column officer_id: has no value; give one in every row
        pairs.csv line 4, column cost: "free" is not a whole number; write digits only, such as 12"#]].assert_eq(&error.replace(folder.path().to_str().unwrap(), "FOLDER"));
}

#[test]
fn errors_are_bounded_and_the_rest_counted() {
    let cases = format!("case_id,pinned\n{}", "c,x\n".repeat(1_234));
    let error = read_cases(cases.as_bytes()).unwrap_err();
    assert_eq!((error.errors.len(), error.more_count), (1_000, 234));
    assert!(error.to_string().ends_with("cases.csv line 1001, column pinned: \"x\" is not true or false; write true, false, yes, no, 1, 0 or nothing\n... and 234 more"), "{error}");
}

#[test]
fn without_pairs_and_supervisors_there_are_none_and_an_empty_pairs_file_allows_no_pair() {
    let bare = [("cases.csv", b"case_id\n".as_slice()), ("officers.csv", b"officer_id\n")];
    let backlog = read_folder(folder_of(&bare).path()).unwrap().backlog;
    assert_eq!((backlog.pairs, backlog.supervisors.len()), (None, 0));
    let with_pairs = [bare[0], bare[1], ("pairs.csv", b"case_id,officer_id,cost\n".as_slice())];
    assert_eq!(read_folder(folder_of(&with_pairs).path()).unwrap().backlog.pairs, Some(Vec::new()));
}

/// Where a violation stands in these files.
fn check_place(part: Part, position: Option<usize>, field: &'static str, expected: Expect) {
    let folder = folder_of(&[
        ("cases.csv", b"case_id,area\r\nc1,north\r\n\r\n\"c2\",south\r\n,\r\n\n\nc3,\"a,b\"\r\nc4,east"),
        ("officers.csv", b"officer_id\no1\n"),
        ("pairs.csv", b"case_id,officer_id,cost\nc1,o1,-5\n"),
    ]);
    let read = read_folder(folder.path()).unwrap();
    let violation = Violation {
        place: Place { part, position, field },
        value: "v".to_owned(),
        message: "\"v\" is wrong; mend it".to_owned(),
    };
    expected.assert_eq(&read.locate(&violation));
}

#[test]
fn violations_are_located_in_the_files() {
    check_place(
        Part::Cases,
        Some(0),
        "case_id",
        expect![[r#"cases.csv line 2, column case_id: "v" is wrong; mend it"#]],
    );
    check_place(Part::Cases, Some(1), "area", expect![[r#"cases.csv line 4, column area: "v" is wrong; mend it"#]]);
    check_place(Part::Cases, Some(2), "area", expect![[r#"cases.csv line 8, column area: "v" is wrong; mend it"#]]);
    check_place(Part::Cases, Some(3), "", expect![[r#"cases.csv line 9: "v" is wrong; mend it"#]]);
    check_place(Part::Cases, None, "", expect![[r#"cases.csv: "v" is wrong; mend it"#]]);
    check_place(
        Part::Officers,
        Some(0),
        "officer_id",
        expect![[r#"officers.csv line 2, column officer_id: "v" is wrong; mend it"#]],
    );
    check_place(Part::Supervisors, None, "", expect![[r#"supervisors.csv: "v" is wrong; mend it"#]]);
    check_place(Part::Pairs, Some(0), "cost", expect![[r#"pairs.csv line 2, column cost: "v" is wrong; mend it"#]]);
    check_place(Part::Rules, None, "urgency_days", expect![[r#"rules.urgency_days: "v" is wrong; mend it"#]]);
}

/// The rules of a file as they differ from `standard`, or its errors.
fn check_rules(text: &str, expected: Expect) {
    let folder = folder_of(&[("rules.toml", text.as_bytes())]);
    let path = folder.path().join("rules.toml");
    let text = match read_rules(path.to_str().unwrap()) {
        Ok(rules) => differing(&rules, &Rules::standard()),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text);
}

#[test]
fn rules_presets_and_files() {
    assert_eq!(read_rules("standard").unwrap(), Rules::standard());
    assert_eq!(read_rules("plain").unwrap(), Rules::plain());
    check_rules("", expect!["{}"]);
    check_rules("preset = \"standard\"\n", expect!["{}"]);
    check_rules(
        "handover_price = 40\nhandover_limit = 100\n",
        expect![[r#"{"handover_limit":100,"handover_price":40,"version":"standard-1+8b989530"}"#]],
    );
    check_rules(
        "version = \"north-3\"\neffective_from = 2025-09-01\n[[balance]]\npercent = 90\nslope = 7\n",
        expect![[r#"{"balance":[{"percent":90,"slope":7}],"effective_from":"2025-09-01","version":"north-3"}"#]],
    );
    check_rules(
        "effective_from = \"2025-09-01\"\n",
        expect![[r#"{"effective_from":"2025-09-01","version":"standard-1+aa7e5441"}"#]],
    );
    let folder = folder_of(&[("rules.toml", b"preset = \"plain\"\nwaiting_price = 1000\n")]);
    let rules = read_rules(folder.path().join("rules.toml").to_str().unwrap()).unwrap();
    assert_eq!(rules, Rules { waiting_price: 1_000, version: rules.version.clone(), ..Rules::plain() });
    assert!(rules.version.starts_with("plain-1+"), "{}", rules.version);
}

#[test]
fn errors_in_rules() {
    check_rules(
        "handover_price = 40\n\nhandover_prize = 3\nwaiting_price = \"much\"\n",
        expect![[r#"
            rules.toml line 3: handover_prize = 3: unknown field `handover_prize`, expected one of `version`, `effective_from`, `area_rank_price`, `setting_price`, `handover_price`, `handover_price_per_point`, `handover_points`, `group_apart_price`, `same_child_apart_price`, `waiting_price`, `waiting_price_per_point`, `urgency_price_per_point`, `urgency_days`, `waited_price_per_point_week`, `raise_waiting_prices`, `balance`, `balance_may_move`, `over_cap_price_per_point`, `handover_limit`, `second_person_above_handovers`, `release_to_holding`, `default_max_case_count`, `check_by_days`, `longest_stay_days`, `full_time_capacity_points`, `catalogue`
            rules.toml line 4: waiting_price = "much": invalid type: string "much", expected i64"#]],
    );
    check_rules(
        "preset = \"strict\"\n",
        expect![[r#"rules.toml line 1: preset = "strict": no such preset; known are standard, plain"#]],
    );
    check_rules(
        "handover_price = \n",
        expect!["rules.toml line 1: is not TOML: string values must be quoted, expected literal string"],
    );
    check_rules(
        "release_to_holding = 1\n[[balance]]\npercent = 90\nslop = 7\n",
        expect![[r#"
            rules.toml line 1: release_to_holding = 1: invalid type: integer `1`, expected a boolean
            rules.toml line 2: balance = [{ percent = 90, slop = 7 }]: unknown field `slop`, expected `percent` or `slope`"#]],
    );
    check_rules(
        "effective_from = 2025-09-01T10:00:00\n",
        expect![[r#"{"effective_from":"2025-09-01","version":"standard-1+aa7e5441"}"#]],
    );
    let error = read_rules("no-such-rules").unwrap_err().to_string();
    expect!["no-such-rules: no-such-rules is neither a preset (standard, plain) nor a file that can be read: No such file or directory (os error 2)"].assert_eq(&error);
}

fn token() -> impl Strategy<Value = String> {
    // With what CSV must quote, and letters beyond ASCII; never with white space around it.
    "[a-zé,\"'=]([a-zé,\"'= \r-]{0,6}[a-zé,\"'=])?"
}

fn list<T: std::fmt::Debug>(of: fn(String) -> T) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(token().prop_map(of), 0..3)
}

fn maybe<T: std::fmt::Debug>(of: fn(String) -> T) -> impl Strategy<Value = Option<T>> {
    prop::option::of(token().prop_map(of))
}

fn day() -> impl Strategy<Value = Option<Date>> {
    prop::option::of((0..4_000_i64).prop_map(|days| date(2019, 12, 30).saturating_add(jiff::Span::new().days(days))))
}

/// A code without a colon, which would part it in a cell.
fn code() -> impl Strategy<Value = Code> {
    "[a-zé,\"'=-]{1,7}".prop_map(Code::new)
}

fn a_day() -> impl Strategy<Value = Date> {
    (0..4_000_i64).prop_map(|days| date(2019, 12, 30).saturating_add(jiff::Span::new().days(days)))
}

type Work = (Vec<Event>, Vec<AddOn>, Vec<Obligation>, Option<Box<StayExtension>>);

fn work() -> impl Strategy<Value = Work> {
    let event = (code(), a_day()).prop_map(|(code, date)| Event { code, date });
    let add_on = (code(), day()).prop_map(|(code, since)| AddOn { code, since });
    let exempted = (code(), code()).prop_map(|(code, by)| Exempted { code, by });
    let obligation = (code(), day(), prop::option::of(exempted)).prop_map(|(code, due_date, exemption)| Obligation {
        code,
        due_date,
        exemption,
    });
    let extension = (a_day(), prop::sample::select(StayReason::ALL.to_vec()), code())
        .prop_map(|(until, reason, by)| Box::new(StayExtension { until, reason, by }));
    let few = 0..3;
    (
        prop::collection::vec(event, few.clone()),
        prop::collection::vec(add_on, few.clone()),
        prop::collection::vec(obligation, few),
        prop::option::of(extension),
    )
}

fn hours() -> impl Strategy<Value = (Option<i64>, Vec<Reduction>, Vec<Absence>)> {
    let amount = prop_oneof![any::<i64>().prop_map(Amount::Percent), any::<i64>().prop_map(Amount::Points)];
    let reduction = (prop::sample::select(ReductionCode::ALL.to_vec()), amount, day(), day())
        .prop_map(|(code, amount, from, until)| Reduction { code, amount, from, until });
    let absence = (a_day(), a_day()).prop_map(|(from, until)| Absence { from, until });
    (any::<Option<i64>>(), prop::collection::vec(reduction, 0..3), prop::collection::vec(absence, 0..3))
}

prop_compose! {
    fn case()(
        id in token(), child_id in maybe(ChildId::new), weight_points in any::<Option<i64>>(),
        holding_price in any::<Option<i64>>(), area in maybe(Code::new), setting_code in maybe(Code::new),
        skills in list(Code::new), held in (maybe(OfficerId::new), day(), maybe(OfficerId::new), any::<bool>()),
        group_id in maybe(GroupId::new), due_date in day(), waiting_since in day(),
        barred_officer_ids in list(OfficerId::new), kind in maybe(Code::new), stage in maybe(Code::new),
        (events, add_ons, obligations, stay_extension) in work(),
    ) -> Case {
        let (current_officer_id, held_since, required_officer_id, pinned) = held;
        Case {
            id: CaseId::new(id), child_id, weight_points, holding_price, area, setting_code, skills,
            current_officer_id, held_since, required_officer_id, pinned, group_id, due_date, waiting_since,
            barred_officer_ids, kind, stage, events, add_ons, obligations, stay_extension, derived: None,
        }
    }
}

prop_compose! {
    fn officer()(
        id in token(), capacity_points in any::<Option<i64>>(), max_case_count in any::<Option<i64>>(),
        intake_limit in any::<Option<i64>>(), areas in list(Code::new), setting_codes in list(Code::new),
        skills in list(Code::new), supervisor_id in maybe(SupervisorId::new), available_from in day(),
        available_until in day(), (fte_percent, reductions, absences) in hours(),
    ) -> Officer {
        Officer {
            id: OfficerId::new(id), capacity_points, max_case_count, intake_limit, areas, setting_codes, skills,
            supervisor_id, available_from, available_until, fte_percent, reductions, absences,
            former_intake: Vec::new(),
        }
    }
}

prop_compose! {
    fn supervisor()(id in token(), areas in list(Code::new), max_holding_count in any::<Option<i64>>()) -> Supervisor {
        Supervisor { id: SupervisorId::new(id), areas, max_holding_count }
    }
}

prop_compose! {
    fn pair()(case_id in token(), officer_id in token(), cost in any::<i64>(), weight_points in any::<Option<i64>>()) -> Pair {
        Pair { case_id: CaseId::new(case_id), officer_id: OfficerId::new(officer_id), cost, weight_points }
    }
}

prop_compose! {
    fn backlog()(
        cases in prop::collection::vec(case(), 0..6), officers in prop::collection::vec(officer(), 0..4),
        supervisors in prop::collection::vec(supervisor(), 0..3),
        pairs in prop::option::of(prop::collection::vec(pair(), 0..6)),
    ) -> Backlog {
        Backlog { as_at: AS_AT, cases, officers, supervisors, pairs }
    }
}

proptest! {
    #[test]
    fn a_backlog_written_and_read_is_the_same(backlog in backlog()) {
        let folder = folder_of(&[("pairs.csv", b"of an earlier backlog\n")]);
        write_backlog(folder.path(), &backlog).unwrap();
        prop_assert_eq!(read_folder(folder.path()).unwrap().backlog, backlog);
    }

    #[test]
    fn the_digest_does_not_depend_on_order(mut backlog in backlog()) {
        backlog.cases.sort_by(|a, b| a.id.cmp(&b.id));
        backlog.cases.dedup_by(|a, b| a.id == b.id);
        backlog.officers.sort_by(|a, b| a.id.cmp(&b.id));
        backlog.officers.dedup_by(|a, b| a.id == b.id);
        backlog.supervisors.sort_by(|a, b| a.id.cmp(&b.id));
        backlog.supervisors.dedup_by(|a, b| a.id == b.id);
        if let Some(pairs) = &mut backlog.pairs {
            pairs.sort_by(|a, b| (&a.case_id, &a.officer_id).cmp(&(&b.case_id, &b.officer_id)));
            pairs.dedup_by(|a, b| (&a.case_id, &a.officer_id) == (&b.case_id, &b.officer_id));
        }
        let mut turned = backlog.clone();
        turned.cases.reverse();
        turned.officers.reverse();
        turned.supervisors.reverse();
        turned.pairs.iter_mut().for_each(|pairs| pairs.reverse());
        for case in &mut turned.cases {
            case.skills.reverse();
            case.barred_officer_ids.reverse();
        }
        for officer in &mut turned.officers {
            officer.setting_codes.reverse();
            officer.skills.reverse();
        }
        let mut rules = Rules::standard();
        let digest = input_digest(&backlog, &rules);
        rules.balance.reverse();
        prop_assert_eq!(input_digest(&turned, &rules), digest);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_cases(&bytes);
        let _ = read_cases(&[b"case_id,area,due_date\n".as_slice(), &bytes].concat());
    }
}

#[test]
fn what_would_not_read_back_is_refused_and_nothing_is_written() {
    for id in ["", " c1", "c\n1"] {
        let folder = tempfile::tempdir().unwrap();
        let backlog = Backlog {
            as_at: AS_AT,
            cases: vec![Case::new(CaseId::from(id))],
            officers: Vec::new(),
            supervisors: Vec::new(),
            pairs: None,
        };
        let error = write_backlog(folder.path(), &backlog).unwrap_err();
        assert!(error.source.to_string().contains("would not read back"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{id:?}");
    }
}

#[test]
fn every_field_is_in_the_digest() {
    let cases = "case_id,child_id,weight_points,holding_price,area,setting_code,skills,current_officer_id,held_since,required_officer_id,pinned,group_id,due_date,waiting_since,barred_officer_ids,kind,stage,events,add_ons,obligations,stay_extension\n";
    let officers = "officer_id,capacity_points,max_case_count,intake_limit,areas,setting_codes,skills,supervisor_id,available_from,available_until,fte_percent,reductions,absences\n";
    let supervisors = "supervisor_id,areas,max_holding_count\n";
    let pairs = "case_id,officer_id,cost,weight_points\n";
    let bare = [
        format!("{cases}c1{}\n", ",".repeat(20)),
        format!("{officers}o1{}\n", ",".repeat(12)),
        format!("{supervisors}s1,,\n"),
        format!("{pairs}c1,o1,0,\n"),
    ];
    let digest = |files: &[String; 4]| {
        let names = ["cases.csv", "officers.csv", "supervisors.csv", "pairs.csv"];
        let files: Vec<_> = names.iter().zip(files).map(|(&name, text)| (name, text.as_bytes())).collect();
        input_digest(&read_folder(folder_of(&files).path()).unwrap().backlog, &Rules::plain())
    };
    let mut digests = vec![digest(&bare)];
    for file in 0..4 {
        let (header, row) = bare[file].trim_end().split_once('\n').unwrap();
        for (column, name) in header.split(',').enumerate() {
            let mut cells: Vec<_> = row.split(',').collect();
            cells[column] = match name {
                "pinned" => "yes",
                "events" => "plan-made:2022-01-31",
                "stay_extension" => "2022-01-31:less_urgent:head",
                "reductions" => "duties:7",
                "absences" => "2022-01-31:2022-02-01",
                name if name.ends_with("_date") || name.ends_with("_since") || name.starts_with("available_") => {
                    "2022-01-31"
                }
                _ => "7",
            };
            let mut files = bare.clone();
            files[file] = format!("{header}\n{}\n", cells.join(","));
            digests.push(digest(&files));
        }
    }
    let backlog = read_folder(folder_of(&[("cases.csv", b"case_id\n"), ("officers.csv", b"officer_id\n")]).path())
        .unwrap()
        .backlog;
    digests.extend([Rules::plain(), Rules::standard()].map(|rules| input_digest(&backlog, &rules)));
    digests.push(input_digest(&Backlog { as_at: date(2022, 1, 21), ..backlog.clone() }, &Rules::plain()));
    digests.push(input_digest(&Backlog { pairs: Some(Vec::new()), ..backlog }, &Rules::plain()));
    let count = digests.len();
    digests.sort();
    digests.dedup();
    assert_eq!((digests.len(), count), (46, 46));
}

fn allocation() -> Allocation {
    let officer = |id: &str, capacity_points, load_points| Caseload {
        officer_id: OfficerId::from(id),
        supervisor_id: None,
        case_count: 1,
        load_points,
        capacity_points,
        max_case_count: Some(3),
        new_case_count: 1,
        over: capacity_points.is_some_and(|capacity| capacity < load_points),
        peak: None,
        former_intake: Vec::new(),
    };
    let held = |case: &str, officer: &str, since| Held {
        case_id: CaseId::from(case),
        officer_id: OfficerId::from(officer),
        since,
        due_date: None,
        named_contact: false,
    };
    let proof = Proof {
        officers: vec![OfficerPrices { point: 65_536, case: 0, new_case: 5 }, OfficerPrices::default()],
        handover: 9,
    };
    Allocation {
        as_at: AS_AT,
        rules_version: "standard-1".to_owned(),
        held: vec![held("c1", "o1", Some(AS_AT)), held("c2", "o2", None)],
        holdings: vec![Holding {
            case_id: CaseId::from("c3"),
            reason: HoldingReason::AllFull,
            supervisor_id: Some(SupervisorId::from("s1")),
            waiting_since: date(2022, 1, 1),
            check_by: date(2022, 2, 3),
            longest_stay_until: date(2022, 5, 21),
            stay_extension: None,
            due_date: None,
            named_contact: false,
        }],
        caseloads: vec![officer("o1", Some(10), 12), officer("o2", None, 4)],
        supervisors: Vec::new(),
        changes: vec![
            Change {
                case_id: CaseId::from("c1"),
                from_officer_id: None,
                to_officer_id: Some(OfficerId::from("o1")),
                reason: ChangeReason::FirstOfficer,
            },
            Change {
                case_id: CaseId::from("c3"),
                from_officer_id: Some(OfficerId::from("o2")),
                to_officer_id: None,
                reason: ChangeReason::Released,
            },
        ],
        totals: Totals::default(),
        evidence: Evidence {
            objective: 1_000,
            bound: 990,
            price_bound: 980,
            bound_source: BoundSource::Highs { version: "1.16.0".to_owned() },
            proof,
            gap_items: caseload::model::GapItems::default(),
            count_bound: 1,
            count_proof: Proof { officers: vec![OfficerPrices::default(); 2], handover: 0 },
            termination: Termination::Exhausted,
            step_count: 5,
            cut_calls: Vec::new(),
        },
        notes: Vec::new(),
        has_default_supervisor: true,
    }
}

fn meta() -> ResultMeta {
    ResultMeta { input_digest: "sha256:00".to_owned() }
}

#[test]
fn a_result_is_written_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    write_result(&folder.path().join("new/result"), &allocation(), &meta()).unwrap();
    let mut text = String::new();
    let mut names: Vec<_> =
        fs::read_dir(folder.path().join("new/result")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for path in names {
        text += &format!("== {}\n{}", path.file_name().unwrap().to_str().unwrap(), fs::read_to_string(&path).unwrap());
    }
    expect![[r#"
        == allocation.csv
        case_id,officer_id,due_date,named_contact
        c1,o1,,false
        c2,o2,,false
        == caseloads.csv
        officer_id,case_count,load_points,capacity_points,over,max_case_count,peak_week,peak_points
        o1,1,12,10,true,3,,
        o2,1,4,,false,3,,
        == changes.csv
        case_id,from_officer_id,to_officer_id,reason
        c1,,o1,first_officer
        c3,o2,,released
        == holding.csv
        case_id,reason,supervisor_id,check_by,longest_stay_until,waiting_since,due_date,named_contact
        c3,all_full,s1,2022-02-03,2022-05-21,2022-01-01,,false
        == result.json
        {
          "as_at": "2022-01-20",
          "rules_version": "standard-1",
          "input_digest": "sha256:00",
          "objective": 1000,
          "bound": 990,
          "price_bound": 980,
          "bound_source": {
            "highs": {
              "version": "1.16.0"
            }
          },
          "count_bound": 1,
          "proof": {
            "handover": 9,
            "officers": [
              {
                "officer_id": "o1",
                "point": 65536,
                "case": 0,
                "new_case": 5
              },
              {
                "officer_id": "o2",
                "point": 0,
                "case": 0,
                "new_case": 0
              }
            ]
          },
          "count_proof": {
            "handover": 0,
            "officers": [
              {
                "officer_id": "o1",
                "point": 0,
                "case": 0,
                "new_case": 0
              },
              {
                "officer_id": "o2",
                "point": 0,
                "case": 0,
                "new_case": 0
              }
            ]
          },
          "gap_items": {
            "waiting_regret": 0,
            "handover": 0,
            "officers": []
          }
        }
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_result_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let allocation = allocation();
    write_result(folder.path(), &allocation, &meta()).unwrap();
    let read = read_result(folder.path()).unwrap();
    let held: Vec<_> =
        read.allocation.iter().map(|row| (row.case_id.as_str(), row.officer_id.as_str(), row.line)).collect();
    assert_eq!(held, [("c1", "o1", 2), ("c2", "o2", 3)]);
    let holding = &read.holding.unwrap()[0];
    assert_eq!(
        (holding.reason, holding.check_by, holding.line),
        (Some(HoldingReason::AllFull), Some(date(2022, 2, 3)), 2)
    );
    let result = read.result.unwrap();
    assert_eq!((result.objective, result.bound, result.price_bound, result.count_bound), (1_000, 990, 980, 1));
    assert_eq!(result.bound_source, allocation.evidence.bound_source);
    let officers = ["o1", "o2"].map(OfficerId::from);
    assert_eq!(result.proof.to_proof(&officers).unwrap(), allocation.evidence.proof);
    let turned = result.proof.to_proof(officers.iter().rev()).unwrap();
    assert_eq!((turned.officers[0].point, turned.officers[1].point), (0, 65_536));
    let error = result.proof.to_proof(&officers[1..]).unwrap_err();
    assert_eq!(error.officer_id, officers[0]);
}

#[test]
fn a_result_half_written_has_no_result_json() {
    let folder = tempfile::tempdir().unwrap();
    write_result(folder.path(), &allocation(), &meta()).unwrap();
    // A folder in the way of a file: writing must stop between the first file and the last.
    fs::remove_file(folder.path().join("changes.csv")).unwrap();
    fs::create_dir(folder.path().join("changes.csv")).unwrap();
    let error = write_result(folder.path(), &allocation(), &meta()).unwrap_err();
    assert!(error.path.ends_with("changes.csv"), "{error}");
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["allocation.csv", "caseloads.csv", "changes.csv", "holding.csv"]);
    assert_eq!(read_result(folder.path()).unwrap().result, None);
}

/// What is wrong with a result folder.
fn check_result(files: &[(&str, &[u8])], expected: Expect) {
    let folder = folder_of(files);
    let text = match read_result(folder.path()) {
        Ok(read) => format!("{read:?}"),
        Err(error) => error.to_string().replace(folder.path().to_str().unwrap(), "FOLDER"),
    };
    expected.assert_eq(&text);
}

#[test]
fn answers_of_other_programs_and_errors_in_results() {
    check_result(
        &[("allocation.csv", b"officer_id,case_id\no1,c1\n")],
        expect![[
            r#"ResultFiles { allocation: [AllocationRow { case_id: CaseId("c1"), officer_id: OfficerId("o1"), line: 2 }], holding: None, result: None }"#
        ]],
    );
    check_result(
        &[("allocation.csv", b"case_id,officer_id\nc1,o1\n"), ("holding.csv", b"case_id\nc2\n")],
        expect![[
            r#"ResultFiles { allocation: [AllocationRow { case_id: CaseId("c1"), officer_id: OfficerId("o1"), line: 2 }], holding: Some([HoldingRow { case_id: CaseId("c2"), reason: None, supervisor_id: None, check_by: None, longest_stay_until: None, line: 2 }]), result: None }"#
        ]],
    );
    check_result(
        &[("holding.csv", b"case_id,reason,check_by\nc1,full,soon\n"), ("result.json", b"{\n \"as_at\": 7\n}")],
        expect![[r#"
        allocation.csv: cannot open FOLDER/allocation.csv: No such file or directory (os error 2); check the path and who may read it
        holding.csv line 2, column reason: "full" is not a reason; known are no_eligible_officer, all_full, displaced_by_urgency, handover_limit, group_does_not_fit, search_stopped, waiting_costs_less, room_not_given
        holding.csv line 2, column check_by: "soon" is not a date; write year-month-day, such as 2022-01-31
        result.json line 2, column 11: invalid type: integer `7`, expected a date string; take the file away to check the answer without its proof"#]],
    );
    check_result(
        &[("allocation.csv", b"case_id\nc1\n"), ("result.json", b"{\"as_at\": \"2022-01-20\"}")],
        expect![[r#"
        allocation.csv line 1: column officer_id is missing; the file must have it
        result.json line 1, column 23: missing field `rules_version`; take the file away to check the answer without its proof"#]],
    );
}

//! `check` believes nothing: every tampering with an answer is found, and named.

use serde_json::Value;

use crate::cli_fixture::{Run, Workshop};

const FILES: &str = "--cases cases.csv --officers officers.csv --supervisors supervisors.csv";

/// Five cases of four points for two officers with room for two each: one case waits.
fn solved() -> Workshop {
    let workshop = Workshop::with(&[
        (
            "cases.csv",
            "case_id,weight_points,due_date\na,4,2022-01-20\nb,4,2022-01-27\nc,4,2022-02-03\nd,4,2022-02-10\ne,4,2022-04-01\n",
        ),
        ("officers.csv", "officer_id,capacity_points\nonly-a-to-d,8\nsecond,8\n"),
        ("supervisors.csv", "supervisor_id,areas\ndefault,\n"),
    ]);
    workshop.run(&format!("allocate {FILES} --as-at 2022-01-20 --steps 1000 --out result")).exits(0);
    assert_eq!(workshop.read("result/holding.csv").lines().count(), 2, "exactly one case waits");
    workshop
}

fn check(workshop: &Workshop) -> Run {
    workshop.run(&format!("check {FILES} --result result"))
}

/// Edits a file of the answer, and expects the check to say so.
#[track_caller]
fn check_tampered(file: &str, tamper: impl FnOnce(&str) -> String, fault: &str) {
    let workshop = solved();
    let name = format!("result/{file}");
    let before = workshop.read(&name);
    let after = tamper(&before);
    assert_ne!(before, after, "nothing was tampered with");
    workshop.write(&name, &after);
    check(&workshop).exits(1).says("wrong with this answer").says(fault);
}

/// Edits result.json.
#[track_caller]
fn check_tampered_record(tamper: impl FnOnce(&mut Value), fault: &str) {
    let edit = |text: &str| {
        let mut record: Value = serde_json::from_str(text).unwrap();
        tamper(&mut record);
        serde_json::to_string_pretty(&record).unwrap()
    };
    check_tampered("result.json", edit, fault);
}

fn raise(value: &mut Value) {
    *value = Value::from(value.as_i64().unwrap() + 1);
}

#[test]
fn an_answer_as_it_was_written_is_fine() {
    let run = check(&solved()).exits(0);
    run.says("1 child without an officer")
        .says("proved within 0 %")
        .says("5 cases: 4 with one officer each, 1 waiting");
}

#[test]
fn a_case_moved_over_a_cap() {
    let tamper = |text: &str| text.replacen(",second", ",only-a-to-d", 1);
    check_tampered("allocation.csv", tamper, "officer only-a-to-d has 12 points; the limit is 8");
}

#[test]
fn a_case_dropped() {
    let tamper =
        |text: &str| text.lines().filter(|line| !line.starts_with("b,")).map(|line| format!("{line}\n")).collect();
    check_tampered("allocation.csv", tamper, "case b is neither with an officer nor on the holding list");
}

#[test]
fn a_case_given_twice() {
    check_tampered("allocation.csv", |text| format!("{text}b,second,,false\n"), "case b is in the answer twice");
    check_tampered("holding.csv", |text| format!("{text}b,,,,,,,\n"), "case b is in the answer twice");
}

#[test]
fn a_case_or_officer_that_does_not_exist() {
    check_tampered(
        "allocation.csv",
        |text| format!("{text}zz,second,,false\n"),
        "case zz is in the answer but not in the backlog",
    );
    let tamper = |text: &str| text.replacen(",second", ",third", 1);
    check_tampered("allocation.csv", tamper, "is with officer third, who is not in the backlog");
}

#[test]
fn a_case_that_should_not_wait() {
    // The most urgent case waits instead of the one that may: allowed, but at another price.
    let workshop = solved();
    let swap = |text: &str| text.replace("\ne,", "\n@,").replace("\na,", "\ne,").replace("\n@,", "\na,");
    for name in ["result/allocation.csv", "result/holding.csv"] {
        let swapped = swap(&workshop.read(name));
        workshop.write(name, &swapped);
    }
    check(&workshop).exits(1).says("the objective of this allocation is");
}

#[test]
fn a_bound_raised_by_one() {
    check_tampered_record(|record| raise(&mut record["price_bound"]), "the proof gives a price bound of");
    check_tampered_record(|record| raise(&mut record["count_bound"]), "the proof gives a count bound of 1, not 2");
    check_tampered_record(|record| raise(&mut record["bound"]), "is said to be the price bound");
    check_tampered_record(|record| raise(&mut record["objective"]), "the objective of this allocation is");
}

#[test]
fn a_price_of_the_proof_changed() {
    let price = |record: &mut Value, price: i64| record["proof"]["officers"][0]["point"] = Value::from(price);
    check_tampered_record(|record| price(record, 1 << 40), "the proof gives a price bound of");
    check_tampered_record(|record| price(record, -1), "officer only-a-to-d is -1; prices are 0 or more");
    check_tampered_record(
        |record| record["proof"]["officers"][0]["officer_id"] = Value::from("third"),
        "the proof prices officer third, who is not in the backlog",
    );
}

#[test]
fn a_caseload_or_change_listed_wrongly() {
    let fewer = |text: &str| text.replacen(",8,8,false", ",4,8,false", 1);
    check_tampered("caseloads.csv", fewer, "caseloads.csv says 2 cases and 4 of 8 points, within the caps");
    let without_last = |text: &str| text.lines().take(2).map(|line| format!("{line}\n")).collect();
    check_tampered("caseloads.csv", without_last, "caseloads.csv lacks officer second");
    check_tampered("changes.csv", without_last, "changes.csv lacks case b, from nobody to ");
    let other = |text: &str| text.replacen(",,second,", ",,only-a-to-d,", 1);
    check_tampered("changes.csv", other, "to second; changes.csv says from nobody to only-a-to-d");
    check_tampered("changes.csv", |text| format!("{text}e,,second,first_officer\n"), "which does not change officer");
}

#[test]
fn what_only_highs_claims_is_said_to_be_a_claim() {
    let workshop = solved();
    let mut record: Value = serde_json::from_str(&workshop.read("result/result.json")).unwrap();
    // Without prices the officers are no limit, and every case could have one at no cost.
    record["proof"]["officers"] = Value::Array(Vec::new());
    record.as_object_mut().unwrap().remove("gap_items");
    record["price_bound"] = Value::from(0);
    record["bound_source"] = serde_json::json!({ "highs": { "version": "1.16.0" } });
    workshop.write("result/result.json", &record.to_string());
    check(&workshop).exits(0).says("proved within 100 % by the prices; HiGHS 1.16.0 claims 0 %");
}

#[test]
fn another_programs_answer_has_no_bound_to_check() {
    let workshop = solved();
    for name in ["result.json", "holding.csv", "caseloads.csv", "changes.csv"] {
        std::fs::remove_file(workshop.path(&format!("result/{name}"))).unwrap();
    }
    let files = format!("check {FILES} --result result --as-at 2022-01-20");
    workshop
        .run(&files)
        .exits(0)
        .says("no bound to check")
        .says("objective")
        .says("1 case that allocation.csv lacks counts as waiting");
    let tampered = workshop.read("result/allocation.csv").replacen(",second", ",only-a-to-d", 1);
    workshop.write("result/allocation.csv", &tampered);
    workshop.run(&files).exits(1).says("officer only-a-to-d has 12 points; the limit is 8");
}

#[test]
fn other_files_than_those_of_the_answer_are_noticed() {
    let workshop = solved();
    let without = workshop.run("check --cases cases.csv --officers officers.csv --result result");
    without.exits(0).says("proved within").says("no --supervisors were given");
    workshop.write("rules.toml", "waiting_price = 7\n");
    workshop.run(&format!("check {FILES} --rules rules.toml --result result")).exits(1).says("see --rules");
    workshop.run(&format!("check {FILES} --as-at 2022-01-21 --result result")).exits(1).says("see --as-at");
}

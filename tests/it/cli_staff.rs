//! `caseload staff` from outside: files in, a picture, files out, and the same again.

use crate::cli_fixture::Workshop;

const BACKLOG: &str = "--cases backlog/cases.csv --officers backlog/officers.csv --as-at 2025-01-16 --steps 300";
const ANY: &str = "--profile any:skills=assessment+early-years+post-16+tribunal";

fn council() -> Workshop {
    let workshop = Workshop::new();
    workshop.run("generate --council Rutland --officers 2 --allocated 50 --seed 3").exits(0);
    workshop
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn number(value: &serde_json::Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("{field} is no number in {value}"))
}

#[test]
fn how_many_officers_is_answered_with_a_proof_and_put_to_the_test() {
    let workshop = council();
    let command = format!("staff plan {ANY} --max-cases 60 --no-points-cap {BACKLOG}");
    let run = workshop.run(&format!("{command} --out first")).exits(0);
    assert!(run.stdout.starts_with("HOW MANY OFFICERS\n"), "{}", run.stdout);
    let run = run.says("Put to the test: 0 children without an officer, 0 officers above a cap");
    run.says("under the rules you entered").says("nothing of whether work").says("The answer is in first.");
    let told = json(&workshop.run(&format!("{command} --threads 1 --json --out second")).exits(0).stdout);
    assert_eq!(workshop.files("first"), workshop.files("second"));
    assert_eq!(told, json(&workshop.read("first/staffing.json")));
    let names: Vec<String> = workshop.files("first").into_keys().collect();
    assert_eq!(names, ["allocation.csv", "caseloads.csv", "hires.csv", "out_of_reach.csv", "staffing.json"]);
    // 60 each: as many as the cases need, and not one less.
    let least = (number(&told, "case_count") + 59) / 60 - 2;
    assert_eq!((number(&told, "hire_count"), number(&told, "hire_count_at_least")), (least, least));
    assert_eq!(workshop.read("first/caseloads.csv").lines().count() as i64, 1 + 2 + least);
    let rows = workshop.read("first/allocation.csv").lines().count() as i64;
    assert_eq!(rows, 1 + number(&told, "case_count"));
    let with_forecast = workshop.run(&format!("{command} --forecast")).exits(0);
    with_forecast.says("DEADLINES MISSED, BESIDE IT").says("as today");
}

#[test]
fn hires_that_could_hold_no_waiting_case_are_not_called_unneeded() {
    let workshop = council();
    let asked = format!("staff plan --profile nobody:areas=moon --max-cases 60 --no-points-cap {BACKLOG}");
    let run = workshop.run(&asked).exits(0);
    run.says("No hire of these profiles helps").says("More of these hires would change nothing: gap 0.");
}

#[test]
fn a_cap_below_the_lowest_is_proved_to_be_too_low() {
    let workshop = council();
    let run = workshop.run(&format!("staff lowest-cap {BACKLOG} --out caps")).exits(0);
    run.says("THE LOWEST CAP THAT THE PRESENT TEAM CAN MEET")
        .says("Proved: under less than")
        .says("under the rules you entered");
    let told = json(&workshop.read("caps/lowest_caps.json"));
    let first = &told["lowest_caps"][0];
    assert_eq!((first["of"].as_str(), first["with_other_cap"].as_bool()), (Some("cases"), Some(false)));
    let cap = number(first, "cap");
    assert!(number(first, "cap_at_least") <= cap);
    // Under it nobody has to be hired; under less somebody has.
    for (cap, expected) in [(cap, 0), (number(first, "cap_at_least") - 1, 1)] {
        let asked = format!("staff plan {ANY} --max-cases {cap} --no-points-cap --json {BACKLOG}");
        let plan = json(&workshop.run(&asked).exits(0).stdout);
        assert!((number(&plan, "hire_count") > 0) == (expected > 0), "{cap}: {plan}");
    }
    assert_eq!(workshop.read("caps/lowest_caps.csv").lines().count(), 1 + 4);
}

#[test]
fn what_one_more_officer_brings_is_what_is_found_beside_the_most_it_could_be() {
    let workshop = council();
    let nobody = "--profile nobody:areas=moon";
    let run = workshop.run(&format!("staff worth {ANY} {nobody} {BACKLOG} --out worth")).exits(0);
    let run =
        run.says("WHAT ONE MORE OFFICER BRINGS").says("One more nobody brings nothing: no case has an area and skills");
    run.says("Profile nobody has area moon, which no case needs.");
    let told = json(&workshop.read("worth/worth.json"));
    let gap = number(&told, "baseline_gap");
    for hire in told["hires"].as_array().unwrap() {
        assert!(number(hire, "objective_gain") <= number(hire, "price_value") + gap, "{hire}");
        assert!(number(hire, "children_gain") <= number(hire, "children_gain_at_most"), "{hire}");
    }
    assert_eq!(told["hires"][1]["why_nothing"], "no_case");
    assert_eq!(workshop.read("worth/worth.csv").lines().count(), 1 + 2);
}

#[test]
fn what_lacks_room_is_told_with_who_could_hold_it_and_of_one_case_what_would_have_to_change() {
    let workshop = council();
    let run = workshop.run(&format!("staff why --max-cases 60 {BACKLOG} --case case-000001 --out why")).exits(0);
    let run = run.says("WHY IT DOES NOT FIT").says("who may hold any of them").says("CASE CASE-000001");
    run.says("under the rules you entered").says("Who may hold them: officer-001, officer-002.");
    let names: Vec<String> = workshop.files("why").into_keys().collect();
    assert_eq!(names, ["groups.csv", "officers.csv", "sets.csv", "shortages.json"]);
    let told = json(&workshop.read("why/shortages.json"));
    for set in told["sets"].as_array().unwrap() {
        assert!(number(set, "need") > number(set, "room"), "{set}");
    }
    workshop.run(&format!("staff why --case nobody {BACKLOG}")).exits(65).complains("which is no case of the backlog");
}

#[test]
fn what_cannot_be_asked_is_named() {
    let workshop = council();
    workshop.run(&format!("staff plan {BACKLOG}")).exits(2).complains("--profile");
    workshop.run(&format!("staff plan --profile x:moon=1 {BACKLOG}")).exits(2).complains("is no key of a profile");
    let run = workshop.run(&format!("staff plan --profile x:hours=-5,cost=0 --max-cases 0 --leave 95 {BACKLOG}"));
    let run = run.exits(65).complains("4 violations in the question").complains("profiles[0].fte_percent: is -5");
    run.complains("max_case_count: is 0; must be 1 to").complains("leave_percent: is 95");
    workshop.write("profiles.toml", "[[profile]]\ncode = \"x\"\nhours = 3\n");
    let run = workshop.run(&format!("staff plan --profiles profiles.toml {BACKLOG}")).exits(65);
    run.complains("profiles.toml").complains("hours");
    workshop.write("profiles.toml", "[[profile]]\ncode = \"x\"\nskills = [\"tribunal\"]\nfte_percent = 60\n");
    workshop.run(&format!("staff worth --profiles profiles.toml {BACKLOG}")).exits(0).says("one more: x");
}

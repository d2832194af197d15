//! `what-if scenarios`, `leavers` and `handovers` from outside: files in, a picture, files out, and the same again.

use serde_json::Value;

use crate::cli_fixture::Workshop;

const BACKLOG: &str = "--cases cases.csv --officers officers.csv --as-at 2026-09-01 --steps 500";

/// One officer over the cap, one with room; four cases held, two that nobody holds.
fn team() -> Workshop {
    Workshop::with(&[
        (
            "cases.csv",
            "case_id,weight_points,current_officer_id,skills,kind,stage,due_date\n\
             a,10,o1,,,,2026-12-01\nb,10,o1,,,,2026-11-01\nc,10,o1,,appeal,appeal,2026-08-01\n\
             d,10,o1,law,,,2026-10-01\ne,10,,,,,2026-09-10\nf,10,,law,,,2026-09-20\n",
        ),
        ("officers.csv", "officer_id,capacity_points,skills\no1,30,law;tribunal\no2,30,tribunal\n"),
    ])
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn scenarios_are_compared_with_the_team_as_it_is() {
    let workshop = team();
    workshop.write("south-cases.csv", "case_id,weight_points\ns,10\n");
    workshop.write("south-officers.csv", "officer_id,capacity_points\nos,5\n");
    workshop.write(
        "scenarios.toml",
        r#"
[[scenario]]
name = "nothing"

[[scenario]]
name = "a lawyer joins"
adjustments = [{ officers_join = { capacity_points = 20, skills = ["law"] } }]

[[scenario]]
name = "o1 leaves"
adjustments = [{ officers_leave = ["o1"] }]

[[scenario]]
name = "south joins"
joining_team = { cases = "south-cases.csv", officers = "south-officers.csv" }
"#,
    );
    let run = workshop.run(&format!("what-if scenarios --scenarios scenarios.toml {BACKLOG} --out first")).exits(0);
    assert!(run.stdout.starts_with("CHILDREN WITHOUT AN OFFICER\n  as it is"), "{}", run.stdout);
    let run = run.says("nothing: no allocation gives more children an officer").says("Nothing is changed.");
    run.says("Better than any allocation of the team as it is.").says("None of this says whether work");

    let again = format!("what-if scenarios --scenarios scenarios.toml {BACKLOG} --out second --threads 1 --json");
    let told = json(&workshop.run(&again).exits(0).stdout);
    assert_eq!(workshop.files("first"), workshop.files("second"), "whatever the number of threads");
    let names: Vec<String> = workshop.files("first").into_keys().collect();
    assert_eq!(names, ["changes.csv", "comparison.json", "officers.csv", "scenarios.csv"]);
    assert_eq!(told, json(&workshop.read("first/comparison.json")));
    let of = |position: usize, field: &str| told["scenarios"][position]["figures"][field].as_i64().unwrap();
    // Nobody but o1 knows the law, and o1 is over the cap.
    assert_eq!(told["baseline"]["figures"]["children_without_officer_count"], 1);
    assert_eq!(
        (told["scenarios"][0]["verdict"].as_str(), of(0, "objective")),
        (Some("same"), told["baseline"]["figures"]["objective"].as_i64().unwrap())
    );
    assert_eq!(
        (told["scenarios"][1]["verdict"].as_str(), of(1, "children_without_officer_count")),
        (Some("proven_better"), 0)
    );
    // Of five cases o2 has room for three, of which none needs the law; the appeal is overdue.
    assert_eq!((of(2, "left_behind_count"), of(2, "children_without_officer_count")), (4, 3));
    assert_eq!(told["scenarios"][2]["inherited_appeals"]["all"], told["scenarios"][2]["inherited_overdue"]["all"]);
    // Its officer is too small for its case.
    assert_eq!((of(3, "case_count"), of(3, "officer_count")), (7, 3));
    assert_eq!(told["scenarios"][3]["verdict"], "not_comparable");
}

#[test]
fn what_cannot_be_is_refused_by_its_path_and_nothing_is_run() {
    let workshop = team();
    workshop.write(
        "bad.toml",
        "[[scenario]]\nname = \"good\"\n[[scenario]]\nname = \"bad\"\nadjustments = [{ officers_leave = [\"o9\"] }, { demand_grows = { percent = -101 } }]\n",
    );
    let run = workshop.run(&format!("what-if scenarios --scenarios bad.toml {BACKLOG} --out out")).exits(65);
    let run = run
        .complains("2 violations in the scenarios:")
        .complains("scenarios[1].adjustments[0].officers_leave[0]: is o9");
    run.complains("scenarios[1].adjustments[1].demand_grows.percent: is -101; must be -100 to 1000")
        .complains("None was run.");
    assert!(!workshop.path("out").exists());
    workshop.write("typo.toml", "[[scenario]]\nname = \"x\"\nadjustmants = []\n");
    let run = workshop.run(&format!("what-if scenarios --scenarios typo.toml {BACKLOG}")).exits(65);
    run.complains("typo.toml").complains("adjustmants");
    workshop.write("wrong-cases.csv", "case_id,weight_points\ns,heavy\n");
    workshop.write("wrong-officers.csv", "officer_id,capacity_points\nos,much\n");
    let joins = |name: &str, file: &str| {
        let officers = if file == "cases.csv" { "wrong-officers.csv" } else { "officers.csv" };
        format!("[[scenario]]\nname = \"{name}\"\njoining_team = {{ cases = \"{file}\", officers = \"{officers}\" }}\n")
    };
    workshop.write("teams.toml", &format!("{}{}", joins("x", "wrong-cases.csv"), joins("y", "cases.csv")));
    let run = workshop.run(&format!("what-if scenarios --scenarios teams.toml {BACKLOG}")).exits(65);
    run.complains("wrong-cases.csv line 2").complains("wrong-officers.csv line 2");
    let run = workshop.run(&format!("what-if scenarios --scenarios nowhere.toml {BACKLOG}")).exits(74);
    run.complains("nowhere.toml");
}

#[test]
fn leavers_hand_on_their_cases_the_most_urgent_first() {
    let workshop = team();
    let run = workshop.run(&format!("what-if leavers --leaver o1 {BACKLOG} --out out")).exits(0);
    let run = run.says("4 cases; 2 of them nobody can take.").says("law: nobody; 2 cases need it.");
    assert!(
        run.stdout.find("\n  c, due 2026-08-01: o1 -> o2") < run.stdout.find("\n  d, due 2026-10-01: o1 -> nobody"),
        "{}",
        run.stdout
    );
    let rows = workshop.read("out/left_behind.csv");
    let ids: Vec<&str> = rows.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(ids, ["c", "d", "b", "a"]);
    let told = json(&workshop.run(&format!("what-if leavers --leaver o1 {BACKLOG} --json")).exits(0).stdout);
    assert_eq!(told["scarce_skills"][0]["case_count"], 2);
    workshop
        .run(&format!("what-if leavers --leaver o7 {BACKLOG}"))
        .exits(65)
        .complains("--leaver[0]: is o7, who is no officer of this team");
}

#[test]
fn handovers_are_worth_what_they_take_off_the_caps() {
    let workshop = team();
    let run = workshop.run(&format!("what-if handovers {BACKLOG} --limits 0,1 --out out")).exits(0);
    let run = run.says("at most 0").says("at most 1").says("1 handover in all gain");
    run.says("what a change of officer means to a family");
    let steps = workshop.read("out/steps.csv");
    let over: Vec<&str> = steps.lines().skip(1).filter_map(|row| row.split(',').nth(5)).collect();
    assert_eq!(over, ["10", "0"], "{steps}");
    assert_eq!(workshop.read("out/handovers.csv").lines().count(), 2, "one handover, in the second step");
    workshop
        .run(&format!("what-if handovers {BACKLOG} --limits=-1"))
        .exits(65)
        .complains("--limits[0]: is -1; must be 0 to");
}

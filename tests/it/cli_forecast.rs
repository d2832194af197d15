//! `forecast` and `what-if waves` from outside: files in, a picture, files out, and the same again.

use crate::cli_fixture::Workshop;

const BACKLOG: &str = "--cases backlog/cases.csv --officers backlog/officers.csv --as-at 2025-01-16 --steps 500";

fn council() -> Workshop {
    let workshop = Workshop::new();
    workshop.run("generate --council Rutland --officers 2 --allocated 50 --seed 3").exits(0);
    workshop
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_forecast_tells_ranges_marks_and_assumptions_and_is_the_same_again() {
    let workshop = council();
    let run = workshop.run(&format!("forecast {BACKLOG} --new request-received=1.5 --out first")).exits(0);
    assert!(run.stdout.starts_with("DEADLINES THAT WILL BE MISSED IN 52 WEEKS FROM 2025-01-16\n"), "{}", run.stdout);
    let run = run.says("as today").says("as proposed").says("nothing done").says("before 15 February").says("August");
    run.says("seed 0").says("not calibrated").says("1.5 request-received").says("none is the best in general");
    let again = format!("forecast {BACKLOG} --new request-received=1.5 --threads 1 --out second --json");
    let told = json(&workshop.run(&again).exits(0).stdout);
    assert_eq!(workshop.files("first"), workshop.files("second"));
    let names: Vec<String> = workshop.files("first").into_keys().collect();
    assert_eq!(names, ["by_case.csv", "forecast.csv", "forecast.json", "kinds.csv"]);
    assert_eq!(told, json(&workshop.read("first/forecast.json")));
    assert_eq!(told["path_count"], 100);
    // Three assignments of 52 weeks each, and as many as in the total.
    let rows = workshop.read("first/forecast.csv");
    assert_eq!(rows.lines().count(), 1 + 3 * 52);
    for outlook in told["outlooks"].as_array().unwrap() {
        let count = |value: &serde_json::Value, order: &str| value["missed"][order]["middle"].as_i64().unwrap();
        let due = outlook["total"]["due"]["middle"].as_i64().unwrap();
        for order in ["earliest_due", "fewest_late", "first_come"] {
            assert!((0..=due).contains(&count(&outlook["total"], order)), "{outlook}");
        }
        assert!(count(&outlook["total"], "fewest_late") <= count(&outlook["total"], "first_come"));
    }
    let obligations = workshop.read("first/by_case.csv");
    assert!(obligations.lines().skip(1).count() > 100, "{obligations}");
    assert_ne!(
        json(&workshop.run(&format!("forecast {BACKLOG} --new request-received=1.5 --seed 1 --json")).exits(0).stdout),
        told
    );
}

#[test]
fn an_extract_is_forecast_obligation_by_obligation() {
    let workshop = Workshop::new();
    workshop.run("generate --council Rutland --officers 3 --format sen2-csv --seed 3 --out extract").exits(0);
    let import = "import sen2 extract --key council.key --officers extract/officers.csv --owners extract/owners.csv --out backlog";
    workshop.run(import).exits(0);
    let obligations = "--obligations backlog/obligations.csv";
    let run = workshop.run(&format!("forecast {BACKLOG} {obligations} --weeks 26 --paths 20")).exits(0);
    run.says("annual-review").says("final-plan").says("20 paths");
    workshop.write("waits.csv", "case_id,obligation,until\nnobody,moon,\n");
    let bad = workshop.run(&format!("forecast {BACKLOG} --waits waits.csv")).exits(65);
    let bad = bad.complains("waits.csv row 1, column case_id: `nobody` is no case of the backlog");
    bad.complains("waits.csv row 1, column obligation_code: `moon` is no clock of the catalogue");
    let case = workshop.read("backlog/cases.csv").lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    workshop.write("waits.csv", &format!("case_id,obligation,until\n{case},,\n"));
    workshop.run(&format!("forecast {BACKLOG} {obligations} --waits waits.csv")).exits(0);
    workshop.write("bad.csv", "case_id,obligation,due_date\nx,moon,2025-13-01\n");
    workshop
        .run(&format!("forecast {BACKLOG} --obligations bad.csv"))
        .exits(65)
        .complains("bad.csv line 2, column due_date");
}

#[test]
fn bad_options_of_a_forecast_are_told_all_at_once() {
    let workshop = council();
    let bad = "--weeks 53 --paths 0 --new request-received=-1 --new moon=2";
    let run = workshop.run(&format!("forecast {BACKLOG} {bad}")).exits(65);
    let run = run.complains("4 violations in the options").complains("--weeks: is 53; must be 1 to 52");
    let run = run
        .complains("--paths: is 0; must be 1 to 1000")
        .complains("--new request-received: is -1; must be 0 to 10000");
    run.complains("--new moon: `moon` is no event of the catalogue");
    workshop.write(
        "effort.toml",
        "name = 'n'\nnote = ''\ndated-work-percent = 150\nother = { points = -1, lead-weeks = 1 }\n",
    );
    let run = workshop.run(&format!("forecast {BACKLOG} --effort effort.toml")).exits(65);
    run.complains("effort.toml dated_work_percent: is 150; must be 0 to 100")
        .complains("effort.toml other_points: is -1");
    workshop.write("effort.toml", "name = 'n'\nmoon = 1\n");
    workshop.run(&format!("forecast {BACKLOG} --effort effort.toml")).exits(65).complains("moon");
    workshop.run(&format!("forecast {BACKLOG} --effort none.toml")).exits(74).complains("cannot read none.toml");
    workshop.run(&format!("forecast {BACKLOG} --new moon")).exits(2);
    workshop.run("forecast --format gap x.txt").exits(2).complains("this question is about a backlog");
}

#[test]
fn waves_name_every_case_once_and_keep_the_limit() {
    let workshop = council();
    let run = workshop.run(&format!("what-if waves {BACKLOG} --intake 20 --without-caps --out first")).exits(0);
    run.says("until every child has an officer").says("Under the rules you entered").says("in time, well, or lawfully");
    let told = json(
        &workshop
            .run(&format!("what-if waves {BACKLOG} --intake 20 --without-caps --out second --json"))
            .exits(0)
            .stdout,
    );
    assert_eq!(workshop.files("first"), workshop.files("second"));
    assert_eq!(told["never_case_count"], 0);
    let weeks = told["week_count"].as_u64().unwrap();
    let waiting = told["waiting_before_count"].as_u64().unwrap();
    assert!(told["week_count_at_least"].as_u64().unwrap() >= waiting.div_ceil(2 * 20) && weeks * 2 * 20 >= waiting);
    let mut counts = std::collections::BTreeMap::new();
    let mut cases = std::collections::BTreeSet::new();
    for row in workshop.read("first/waves.csv").lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        *counts.entry((cells[0].to_owned(), cells[3].to_owned())).or_insert(0) += 1;
        assert!(cases.insert(cells[2].to_owned()), "{row}");
    }
    assert_eq!(cases.len() as u64, waiting, "nobody who has an officer moves here");
    assert!(counts.values().all(|&count| count <= 20), "{counts:?}");
    // Under the caps some wait for ever, and are named.
    let run = workshop.run(&format!("what-if waves {BACKLOG} --intake 20 --out capped")).exits(0);
    run.says("stay on the holding list");
    let held =
        workshop.read("capped/waves.csv").lines().count() + workshop.read("capped/never.csv").lines().count() - 2;
    assert_eq!(held as u64, waiting);
}

#[test]
fn waves_need_a_limit() {
    let workshop = council();
    let run = workshop.run(&format!("what-if waves {BACKLOG}")).exits(65);
    run.complains("officers[0].intake_limit: is missing for officer officer-001").complains("with --intake");
    workshop
        .run(&format!("what-if waves {BACKLOG} --intake 0"))
        .exits(65)
        .complains("--intake: is 0; must be 1 to 10000");
    workshop.run("what-if").exits(2);
}

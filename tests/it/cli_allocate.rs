//! `generate` and `allocate` from outside: files in, files out, and the same again.

use std::collections::{BTreeMap, HashMap};

use crate::cli_fixture::Workshop;

const BACKLOG: &str = "--cases backlog/cases.csv --officers backlog/officers.csv --supervisors backlog/supervisors.csv";

fn council() -> Workshop {
    let workshop = Workshop::new();
    workshop.run("generate --council Rutland --officers 2 --allocated 50 --seed 3").exits(0);
    workshop
}

/// `{a line's first value: the line's other values}` of a CSV file without quotation marks.
fn rows(text: &str) -> BTreeMap<&str, Vec<&str>> {
    text.lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',');
            (cells.next().unwrap(), cells.collect())
        })
        .collect()
}

fn summary(stdout: &str) -> serde_json::Value {
    serde_json::from_str(stdout).unwrap()
}

#[test]
fn an_allocation_of_a_council_names_every_case_once_and_checks() {
    let workshop = council();
    let run = workshop.run(&format!("allocate {BACKLOG} --as-at 2025-01-16 --steps 2000 --out result")).exits(0);
    assert!(run.stdout.starts_with("CHILDREN WITHOUT AN OFFICER\n"), "{}", run.stdout);
    run.says("more child").says("illustrative points, not calibrated");

    let files = workshop.files("result");
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["allocation.csv", "caseloads.csv", "changes.csv", "holding.csv", "result.json"]);
    let (cases, held, waiting) =
        (workshop.read("backlog/cases.csv"), rows(&files["allocation.csv"]), rows(&files["holding.csv"]));
    let mut named: Vec<_> = held.keys().chain(waiting.keys()).copied().collect();
    named.sort_unstable();
    assert_eq!(named, rows(&cases).into_keys().collect::<Vec<_>>());
    assert!(!held.is_empty() && !waiting.is_empty(), "a team of 2 holds some of the cases, not all");
    assert!(waiting.values().all(|row| row[1].starts_with("supervisor-")), "somebody owns every waiting case");
    for (officer, row) in rows(&files["caseloads.csv"]) {
        let count = held.values().filter(|cells| cells[0] == officer).count();
        assert_eq!(row[0], count.to_string(), "{officer}");
        assert!(row[1].parse::<i64>().unwrap() <= row[2].parse().unwrap(), "{officer} is over the cap: {row:?}");
    }
    workshop.run(&format!("check {BACKLOG} --result result")).exits(0).says("proved within");
}

#[test]
fn the_summary_in_json_has_what_scripts_need() {
    let workshop = council();
    let run = workshop.run(&format!("allocate {BACKLOG} --as-at 2025-01-16 --steps 2000 --json --out result")).exits(0);
    let summary = summary(&run.stdout);
    let result = self::summary(&workshop.read("result/result.json"));
    for field in ["objective", "bound", "price_bound", "count_bound", "rules_version", "input_digest", "as_at"] {
        assert_eq!(summary[field], result[field], "{field}");
    }
    let count = |field: &str| summary[field].as_i64().unwrap();
    assert_eq!(count("allocated_count") + count("waiting_count"), count("case_count"));
    assert_eq!(count("waiting_count"), rows(&workshop.read("result/holding.csv")).len() as i64);
    let gap = (count("objective") - count("bound")) as f64 / count("objective") as f64;
    assert!((summary["gap"].as_f64().unwrap() - gap).abs() < 1e-12);
    assert!(summary["seconds"].as_f64().unwrap() > 0.0);
    assert!(summary["termination"].is_string());
    assert_eq!(summary["peak_memory_bytes"].is_u64(), cfg!(target_os = "linux"));
    assert!(!workshop.read("result/result.json").contains("seconds"), "times are not part of an answer");
}

#[test]
fn the_order_of_rows_and_the_threads_change_no_byte() {
    let workshop = council();
    workshop.run(&format!("allocate {BACKLOG} --as-at 2025-01-16 --steps 3000 --out first")).exits(0);
    for name in ["cases", "officers", "supervisors"] {
        let text = workshop.read(&format!("backlog/{name}.csv"));
        let (header, rest) = text.split_once('\n').unwrap();
        let reversed: Vec<_> = rest.lines().rev().collect();
        workshop.write(&format!("backlog/{name}.csv"), &format!("{header}\n{}\n", reversed.join("\n")));
    }
    workshop.run(&format!("allocate {BACKLOG} --as-at 2025-01-16 --steps 3000 --threads 1 --out second")).exits(0);
    assert_eq!(workshop.files("first"), workshop.files("second"));
}

#[test]
fn plain_rules_cost_exactly_the_pairs_and_the_waiting() {
    let workshop = Workshop::new();
    workshop.run("generate --shape casework --cases 150 --officers 6 --ratio 0.8 --seed 2").exits(0);
    let files = "--cases backlog/cases.csv --officers backlog/officers.csv --pairs backlog/pairs.csv --rules plain";
    let run = workshop.run(&format!("allocate {files} --steps 2000 --json --out result")).exits(0);

    let (held_text, pairs_text) = (workshop.read("result/allocation.csv"), workshop.read("backlog/pairs.csv"));
    let costs: HashMap<_, i64> = pairs_text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|cells| ((cells[0], cells[1]), cells[2].parse().unwrap()))
        .collect();
    let paired: i64 = rows(&held_text).into_iter().map(|(case, row)| costs[&(case, row[0])]).sum();
    let cases_text = workshop.read("backlog/cases.csv");
    let position = cases_text.lines().next().unwrap().split(',').position(|name| name == "holding_price").unwrap() - 1;
    let cases = rows(&cases_text);
    let holding_text = workshop.read("result/holding.csv");
    let holding = rows(&holding_text);
    assert!(!holding.is_empty(), "with caps of 80 % of the demand some cases wait");
    let waiting: i64 = holding.keys().map(|case| cases[case][position].parse::<i64>().unwrap()).sum();
    assert_eq!(summary(&run.stdout)["objective"], paired + waiting);
    workshop.run(&format!("check {files} --result result")).exits(0).says("proved within");
}

#[test]
fn an_answer_is_explained_for_the_cases_asked_for() {
    let workshop = council();
    let command = format!("allocate {BACKLOG} --as-at 2025-01-16 --steps 100");
    workshop.run(&format!("{command} --explain nobody")).exits(2).complains("--explain nobody: no such case");
    let cases = workshop.read("backlog/cases.csv");
    let case = cases.lines().nth(1).unwrap().split(',').next().unwrap();
    workshop.run(&format!("{command} --explain {case}")).exits(0).says(&format!("\nCase {case}\n  "));
    let run = workshop.run(&format!("{command} --explain {case} --json")).exits(0);
    let explanation = &summary(&run.stdout)["explanations"][0];
    assert_eq!(explanation["case_id"], case);
    assert!(explanation["eligible_officer_count"].as_i64().unwrap() > 0);
    assert!(explanation["candidates"][0]["officer_id"].as_str().unwrap().starts_with("officer-"));
}

#[test]
fn no_line_of_the_picture_is_wider_than_a_terminal() {
    let workshop = council();
    let run = workshop.run(&format!("allocate {BACKLOG} --as-at 2025-01-16 --steps 100")).exits(0);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
}

#[test]
fn the_same_options_draw_the_same_files() {
    let workshop = Workshop::new();
    for folder in ["a", "b"] {
        workshop.run(&format!("generate --council Rutland --officers 5 --seed 9 --out {folder}")).exits(0);
    }
    workshop.run("generate --council Rutland --officers 5 --seed 10 --out c").exits(0);
    assert_eq!(workshop.files("a"), workshop.files("b"));
    assert_ne!(workshop.files("a"), workshop.files("c"));
}

#[test]
fn the_command_that_generate_prints_works_as_printed() {
    let workshop = Workshop::new();
    for options in ["--council Rutland --officers 4", "--shape casework --cases 60 --officers 4"] {
        let run = workshop.run(&format!("generate {options}")).exits(0);
        let command = run.stdout.lines().find_map(|line| line.trim().strip_prefix("caseload ")).unwrap().to_owned();
        workshop.run(&format!("{command} --steps 500")).exits(0).says("CHILDREN WITHOUT AN OFFICER");
    }
}

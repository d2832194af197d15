//! `bench` and the traces of solves, on instances that take no time.

use serde_json::Value;

use crate::cli_fixture::{Run, Workshop};

/// Every field that is always there.
const FIELDS: &[&str] = &[
    "instance",
    "size",
    "cases",
    "officers",
    "pairs",
    "pair_bytes",
    "seed",
    "ratio_percent",
    "threads",
    "limit_seconds",
    "build_seconds",
    "seconds",
    "first_answer_seconds",
    "lp_bound_seconds",
    "gap_1_percent_seconds",
    "gap_0_1_percent_seconds",
    "gap_0_025_percent_seconds",
    "objective",
    "bound",
    "price_bound",
    "bound_source",
    "gap",
    "waiting",
    "count_bound",
    "termination",
    "steps",
    "peak_memory_bytes",
    "targets",
    "state",
];

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn measured(workshop: &Workshop, args: &str) -> (Run, Vec<Value>) {
    let run = workshop.run(&format!("bench {args} --json")).exits(0);
    let records = lines(&run.stdout);
    (run, records)
}

fn check_points(points: &[Value]) {
    assert!(points.len() > 2);
    let of = |point: &Value, field: &str| point[field].as_f64().unwrap();
    assert!(points.is_sorted_by_key(|point| of(point, "seconds")));
    assert!(points.iter().all(|point| of(point, "bound") <= of(point, "objective")), "{points:?}");
    assert_eq!((&points[0]["stage"], &points.last().unwrap()["stage"]), (&"greedy".into(), &"end".into()));
}

#[test]
fn a_record_has_all_fields_and_they_agree() {
    let workshop = Workshop::new();
    let (run, records) = measured(
        &workshop,
        "--cases 300 --officers 8 --ratio 110,95 --seeds 2,5 --time-limit 1 --threads 1 --trace trace.jsonl",
    );
    assert_eq!(run.stderr, "");
    let names: Vec<_> = records.iter().map(|record| record["instance"].as_str().unwrap()).collect();
    assert_eq!(names, ["300x8-r110-s2", "300x8-r110-s5", "300x8-r95-s2", "300x8-r95-s5"]);
    for record in &records {
        for field in FIELDS {
            assert!(record.get(field).is_some(), "{field} is missing: {record}");
        }
        let integer = |field: &str| record[field].as_i64().unwrap_or_else(|| panic!("{field}: {record}"));
        assert_eq!((integer("cases"), integer("officers"), integer("threads")), (300, 8, 1));
        assert!(integer("pairs") > 300 && integer("pair_bytes") == 4 * integer("pairs"));
        let (objective, bound) = (integer("objective"), integer("bound"));
        assert!(0 < integer("price_bound") && integer("price_bound") <= bound && bound <= objective);
        let gap = (objective - bound) as f64 / objective as f64;
        assert!((record["gap"].as_f64().unwrap() - gap).abs() < 1e-12);
        assert!(integer("count_bound") <= integer("waiting"));
        assert!(integer("waiting") > 0 || record["ratio_percent"] == 110, "short caps leave cases without an officer");
        assert_eq!((record["state"].as_str(), &record["targets"]), (Some("no target"), &Value::Array(Vec::new())));
        let seconds = |field: &str| record[field].as_f64();
        let end = seconds("seconds").unwrap();
        assert!(seconds("first_answer_seconds").unwrap() <= seconds("lp_bound_seconds").unwrap());
        assert!(seconds("lp_bound_seconds").unwrap() <= end);
        let is_reached = seconds("gap_1_percent_seconds").is_some_and(|reached| reached <= end);
        assert!(is_reached || gap > 0.01, "{record}");
        assert!(record.get("warm").is_none());

        let trace = lines(&workshop.read("trace.jsonl"));
        let mine: Vec<_> = trace.into_iter().filter(|point| point["instance"] == record["instance"]).collect();
        check_points(&mine);
        let last = mine.last().unwrap();
        assert_eq!((&last["objective"], &last["bound"]), (&record["objective"], &record["bound"]));
    }
}

#[test]
fn warm_starts_prove_again_and_move_nobody_for_nothing() {
    let (_, records) = measured(&Workshop::new(), "--cases 300 --officers 8 --time-limit 1 --warm");
    let warm = records[0]["warm"].as_array().unwrap();
    let changes: Vec<_> = warm.iter().map(|warm| warm["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["unchanged", "one new case", "one officer gone", "one cap down 10 %"]);
    for warm in warm {
        let integer = |field: &str| warm[field].as_i64().unwrap();
        assert!(0 < integer("bound") && integer("bound") <= integer("objective"), "{warm}");
        let gap = (integer("objective") - integer("bound")) as f64 / integer("objective") as f64;
        assert!(
            (warm["gap"].as_f64().unwrap() - gap).abs() < 1e-12 && warm["seconds"].as_f64().unwrap() < 1.0,
            "{warm}"
        );
    }
    assert_eq!(warm[0]["moved_count"], 0);
    assert_eq!((&warm[0]["objective"], &warm[0]["bound"]), (&records[0]["objective"], &records[0]["bound"]));
    assert_ne!(warm[1]["objective"], warm[0]["objective"]);
    assert_ne!(warm[2]["objective"], warm[0]["objective"]);
}

#[test]
fn a_table_for_people() {
    let run = Workshop::new().run("bench --cases 200 --officers 6 --time-limit 0.3 --warm").exits(0);
    let run = run.says("200x6-r110-s1").says("0.025 %").says("after unchanged").says("nobody moved").says("TARGETS");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
}

#[test]
fn targets_are_told_where_there_are_some() {
    let (_, records) = measured(&Workshop::new(), "--size 12k --time-limit 0.1");
    let targets = records[0]["targets"].as_array().unwrap();
    let target = |position: usize, field: &str| targets[position][field].as_str().unwrap();
    assert_eq!(target(0, "target"), "proven gap <= 0.1 % in 2 s");
    assert_eq!((targets.len(), target(2, "target")), (3, "peak memory < 200 MB"));
    assert!(["pass", "not run"].contains(&target(0, "state")), "0.1 s is too little to miss it");
}

#[test]
fn sizes_are_listed_and_others_refused() {
    let run = Workshop::new().run("bench --list").exits(0).says("650k").says("Birmingham in January 2022, 95 officers");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
    let refused = |args: &str, text: &str| Workshop::new().run(&format!("bench {args}")).exits(2).complains(text);
    refused("--size huge", "no such size; there are 1k, 12k, 50k, 650k, england, england-153, 10m, S-14");
    refused("--cases 300", "--officers");
    refused("--size 1k --cases 300 --officers 8", "cannot be used with");
    refused("--seeds none", "neither a number of seeds");
    refused("--ratio 0", "--ratio");
    Workshop::new()
        .run("bench --cases 9 --officers 3 --trace none/trace.jsonl")
        .exits(74)
        .complains("none/trace.jsonl");
}

#[test]
fn allocate_traces_a_backlog_and_a_published_instance() {
    let workshop = Workshop::new();
    workshop.run("generate --shape casework --cases 200 --officers 6 --out in").exits(0);
    let files = "--cases in/cases.csv --officers in/officers.csv --pairs in/pairs.csv --rules plain --as-at 2025-01-16";
    let run = workshop.run(&format!("allocate {files} --steps 200 --trace trace.jsonl --json")).exits(0);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    let points = lines(&workshop.read("trace.jsonl"));
    check_points(&points);
    assert!(points.iter().all(|point| point.get("instance").is_none()));
    let last = points.last().unwrap();
    assert_eq!((&last["objective"], &last["bound"]), (&answer["objective"], &answer["bound"]));

    workshop.write("tiny.txt", "2 3\n4 1 3\n2 5 3\n2 3 4\n3 2 2\n5 5\n");
    workshop.run("allocate --format gap tiny.txt --sense max --steps 1000 --trace trace.jsonl").exits(0);
    let points = lines(&workshop.read("trace.jsonl"));
    let last = points.last().unwrap();
    assert_eq!(
        (last["stage"].as_str(), last["objective"].as_i64(), last["bound"].as_i64()),
        (Some("end"), Some(12), Some(12))
    );
    let is_published = |point: &Value| point["bound"].as_i64().is_none_or(|bound| bound >= 12);
    assert!(points.iter().all(is_published), "a maximum is bounded from above: {points:?}");
}

//! `--format gap` from outside: a published instance in, an answer in its own words and sense out, and checked.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::cli_fixture::{Run, Workshop};

/// Two agents, three jobs. The least total cost is 6, the greatest 12.
const TINY: &str = "2 3\n4 1 3\n2 5 3\n2 3 4\n3 2 2\n5 5\n";
/// No agent has room for two of the three jobs.
const TOO_TIGHT: &str = "2 3\n1 2 3\n4 5 6\n2 2 2\n2 2 2\n3 2\n";

fn tiny() -> Workshop {
    Workshop::with(&[("tiny.txt", TINY), ("tight.txt", TOO_TIGHT)])
}

/// Without the time, which is never the same.
fn timeless(text: &str) -> String {
    let line = |line: &str| match line.split_once(" after ") {
        Some((before, _)) => format!("{before} after ... s.\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn check_run(command: &str, code: i32, expected: Expect) -> Workshop {
    let workshop = tiny();
    let run = workshop.run(command).exits(code);
    assert_eq!(run.stderr, "");
    expected.assert_eq(&timeless(&run.stdout));
    workshop
}

#[test]
fn a_minimum() {
    let workshop = check_run(
        "allocate --format gap tiny.txt --steps 1000 --out result",
        0,
        expect![[r#"
        GENERALISED ASSIGNMENT PROBLEM
          3 jobs, 2 agents; the least total cost is the best.

        HOW GOOD THE ANSWER IS
          Every job has an agent.
          Objective 6; no solution can cost less than 6: proved within 0 %.
          Seed 0. The search found the best there is after ... s.

        NOTES
          the answer is in result; solution.txt has the objective, then the agent of each job.
    "#]],
    );
    assert_eq!(workshop.read("result/solution.txt"), "6\n2 1 2\n");
    assert_eq!(workshop.read("result/allocation.csv"), "case_id,officer_id\n1,2\n2,1\n3,2\n");
    let names: Vec<_> = workshop.files("result").into_keys().collect();
    assert_eq!(names, ["allocation.csv", "caseloads.csv", "changes.csv", "holding.csv", "result.json", "solution.txt"]);
    let run = workshop.run("check --format gap tiny.txt --result result").exits(0);
    expect![[r#"
        Every job has an agent, and no agent has more weight than its capacity.
        Objective 6; no solution can cost less than 6: proved within 0 %.
    "#]]
    .assert_eq(&run.stdout);
}

#[test]
fn a_maximum_is_told_in_its_own_sense() {
    let workshop = check_run(
        "allocate --format gap tiny.txt --sense max --steps 1000 --out result",
        0,
        expect![[r#"
        GENERALISED ASSIGNMENT PROBLEM
          3 jobs, 2 agents; the greatest total cost is the best.

        HOW GOOD THE ANSWER IS
          Every job has an agent.
          Objective 12; no solution can cost more than 12: proved within 0 %.
          Seed 0. The search found the best there is after ... s.

        NOTES
          the answer is in result; solution.txt has the objective, then the agent of each job.
    "#]],
    );
    assert_eq!(workshop.read("result/solution.txt"), "12\n1 2 2\n");
    let record: Value = serde_json::from_str(&workshop.read("result/result.json")).unwrap();
    assert_eq!(record["published"]["objective"], 12);
    assert_eq!(record["objective"], 15 - 12, "the proof is about what 5, the largest cost, is above each cost");
    let run = workshop.run("check --format gap tiny.txt --sense max --result result").exits(0);
    expect![[r#"
        Every job has an agent, and no agent has more weight than its capacity.
        Objective 12; no solution can cost more than 12: proved within 0 %.
    "#]]
    .assert_eq(&run.stdout);
    let run = workshop.run("check --format gap tiny.txt --result result").exits(1);
    run.says("the objective of this answer is 12, not 3 as result.json says").says("see --sense");
}

#[test]
fn no_solution_is_said_and_proved_and_none_is_written() {
    let command = "allocate --format gap tight.txt --steps 1000 --out result";
    let workshop = tiny();
    workshop.run("allocate --format gap tiny.txt --steps 1000 --out result").exits(0);
    let run = workshop.run(command).exits(1);
    expect![[r#"
        GENERALISED ASSIGNMENT PROBLEM
          3 jobs, 2 agents; the least total cost is the best.

        HOW GOOD THE ANSWER IS
          No solution: 1 of 3 jobs has no agent (job 3).
          There is none, and that is proved: look at capacities and weights.
          Seed 0. The search found the best there is after ... s.

        NOTES
          what was found is in result; there is no solution.txt, for it is no solution.
    "#]]
    .assert_eq(&timeless(&run.stdout));
    assert!(!workshop.path("result/solution.txt").exists(), "that of the earlier answer must go");
    let run = workshop.run("check --format gap tight.txt --result result").exits(1);
    expect![[r#"
        1 thing is wrong with this answer:
          No solution: 1 of 3 jobs has no agent (job 3).
        There is none, and that is proved: look at capacities and weights.
    "#]]
    .assert_eq(&run.stdout);
    let json: Value = serde_json::from_str(&workshop.run(&format!("{command} --json")).exits(1).stdout).unwrap();
    assert_eq!((&json["objective"], &json["gap"]), (&Value::Null, &Value::Null));
    assert_eq!((&json["has_solution"], &json["waiting_count"]), (&json!(false), &json!(1)));
}

#[test]
fn the_summary_in_json() {
    let run = tiny().run("allocate --format gap tiny.txt --sense max --steps 1000 --json").exits(0);
    let mut json: Value = serde_json::from_str(&run.stdout).unwrap();
    let fields = json.as_object_mut().unwrap();
    for field in ["seconds", "solve_seconds"] {
        assert!(fields.remove(field).unwrap().as_f64().unwrap() > 0.0, "{field}");
    }
    assert_eq!(fields.remove("peak_memory_bytes").unwrap().is_u64(), cfg!(target_os = "linux"));
    assert!(fields.remove("input_digest").unwrap().as_str().unwrap().starts_with("sha256:"));
    assert!(fields.remove("step_count").unwrap().is_u64());
    expect![[r#"
        {
          "allocated_count": 3,
          "bound": 12,
          "bound_source": "prices",
          "case_count": 3,
          "gap": 0.0,
          "has_solution": true,
          "objective": 12,
          "price_bound": 12,
          "rules_version": "plain-1",
          "seed": 0,
          "sense": "max",
          "termination": "optimal",
          "waiting_count": 0
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json).unwrap());
}

/// So many jobs and agents, each job with one agent that suits it, and room for one job an agent.
fn matching(agents_of_jobs: &[usize]) -> String {
    let count = agents_of_jobs.len();
    let cost = |agent| agents_of_jobs.iter().map(move |&own| if own == agent { "1 " } else { "9 " });
    let costs: String = (1..=count).flat_map(cost).collect();
    format!("{count} {count}\n{costs}\n{}\n{}\n", "1 ".repeat(count * count), "1 ".repeat(count))
}

#[test]
fn jobs_and_agents_keep_their_published_order() {
    // As texts 10, 11 and 12 come before 2.
    let agents = [12, 3, 10, 1, 2, 11, 4, 9, 5, 8, 6, 7];
    let workshop = Workshop::with(&[("gap.txt", &matching(&agents))]);
    workshop.run("allocate --format gap gap.txt --steps 10000 --out result").exits(0);
    assert_eq!(workshop.read("result/solution.txt"), "12\n12 3 10 1 2 11 4 9 5 8 6 7\n");
    workshop.run("check --format gap gap.txt --result result").exits(0);
}

/// Five agents, forty jobs, tight capacities: the figures are arbitrary, but always the same.
fn hard() -> String {
    let mut state = 1_u64;
    let mut number = |least: u64, most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        least + (state >> 33) % (most - least + 1)
    };
    let costs: String = (0..200).map(|_| format!("{} ", number(10, 50))).collect();
    let weights: String = (0..200).map(|_| format!("{} ", number(5, 25))).collect();
    format!("5 40\n{costs}\n{weights}\n110 110 110 110 110\n")
}

#[test]
fn the_gap_asked_for_is_that_of_the_published_costs() {
    let workshop = Workshop::with(&[("gap.txt", &hard())]);
    for sense in ["min", "max"] {
        let solved = |options: &str| -> Value {
            let command = format!("allocate --format gap gap.txt --sense {sense} --steps 100000 --json {options}");
            serde_json::from_str(&workshop.run(&command).exits(0).stdout).unwrap()
        };
        let (near, best) = (solved("--gap 0.03"), solved(""));
        assert_eq!((&near["termination"], &best["termination"]), (&json!("gap_reached"), &json!("optimal")), "{sense}");
        let (objective, bound) = (near["objective"].as_f64().unwrap(), near["bound"].as_f64().unwrap());
        let gap = near["gap"].as_f64().unwrap();
        assert!((gap - (bound - objective).abs() / objective).abs() < 1e-12, "{near}");
        assert!(0.0 < gap && gap <= 0.03, "{near}");
        let best = best["objective"].as_f64().unwrap();
        assert!((objective.min(bound)..=objective.max(bound)).contains(&best), "{best} in {near}");
    }
}

/// Checks an answer of another program to the tiny instance.
#[track_caller]
fn check_other(files: &[(&str, &str)], code: i32, expected: Expect) {
    let workshop = tiny();
    fs::create_dir(workshop.path("other")).unwrap();
    files.iter().for_each(|(name, content)| workshop.write(&format!("other/{name}"), content));
    let Run { stdout, stderr, .. } = workshop.run("check --format gap tiny.txt --result other").exits(code);
    expected.assert_eq(&format!("{stdout}{stderr}"));
}

#[test]
fn another_programs_answer_is_checked_without_a_proof() {
    let allocation = "case_id,officer_id\n3,2\n1,2\n2,1\n";
    check_other(
        &[("allocation.csv", allocation)],
        0,
        expect![[r#"
        Every job has an agent, and no agent has more weight than its capacity.
        Objective 6; no bound to check.
    "#]],
    );
    check_other(
        &[("solution.txt", "6\n2 1 2\n")],
        0,
        expect![[r#"
        Every job has an agent, and no agent has more weight than its capacity.
        Objective 6; no bound to check.
    "#]],
    );
    check_other(
        &[("solution.txt", "6 2\n1 2"), ("allocation.csv", allocation)],
        0,
        expect![[r#"
        Every job has an agent, and no agent has more weight than its capacity.
        Objective 6; no bound to check.
    "#]],
    );
}

#[test]
fn whatever_is_wrong_with_another_programs_answer_is_named() {
    check_other(
        &[("solution.txt", "5\n2 1 2\n")],
        1,
        expect![[r#"
        1 thing is wrong with this answer:
          the objective of this answer is 6, not 5 as solution.txt says
    "#]],
    );
    check_other(
        &[("solution.txt", "9\n2 1 1\n")],
        1,
        expect![[r#"
        2 things are wrong with this answer:
          agent 1 has jobs of weight 7; the capacity is 5
          the objective of this answer is 6, not 9 as solution.txt says
    "#]],
    );
    check_other(
        &[("solution.txt", "9\n2 0 3\n")],
        1,
        expect![[r#"
        2 things are wrong with this answer:
          job 2 is with agent 0; the agents are 1 to 2
          job 3 is with agent 3; the agents are 1 to 2
    "#]],
    );
    check_other(
        &[("solution.txt", "9\n2 1\n")],
        65,
        expect![[r#"
        caseload: 1 violation in the files:
          solution.txt: has 3 numbers; must have 4: the objective and the agent of each of 3 jobs
    "#]],
    );
    check_other(
        &[("allocation.csv", "case_id,officer_id\n1,2\n2,1\n")],
        1,
        expect![[r#"
        1 thing is wrong with this answer:
          No solution: 1 of 3 jobs has no agent (job 3).
    "#]],
    );
    check_other(
        &[("allocation.csv", "case_id,officer_id\n1,2\n1,1\n4,1\n02,1\n3,x\n")],
        1,
        expect![[r#"
        4 things are wrong with this answer:
          job 1 is in the answer twice
          job 4 is in the answer; the jobs are 1 to 3
          job 02 is in the answer; the jobs are 1 to 3
          job 3 is with agent x; the agents are 1 to 2
    "#]],
    );
    let files = [("solution.txt", "6\n2 1 2\n"), ("allocation.csv", "case_id,officer_id\n1,2\n2,2\n")];
    check_other(
        &files,
        1,
        expect![[r#"
        2 things are wrong with this answer:
          job 2 has agent 2 in allocation.csv and agent 1 in solution.txt
          job 3 has no agent in allocation.csv and agent 2 in solution.txt
    "#]],
    );
    check_other(
        &[("holding.csv", "case_id\n1\n")],
        74,
        expect![[r#"
        caseload: other has neither allocation.csv nor solution.txt; name the folder of an answer with --result
    "#]],
    );
}

#[test]
fn an_answer_tampered_with() {
    let check = |tamper: &dyn Fn(&mut Value), fault: &str| {
        let workshop = tiny();
        workshop.run("allocate --format gap tiny.txt --sense max --steps 1000 --out result").exits(0);
        let mut record: Value = serde_json::from_str(&workshop.read("result/result.json")).unwrap();
        tamper(&mut record);
        workshop.write("result/result.json", &record.to_string());
        workshop.run("check --format gap tiny.txt --sense max --result result").exits(1).says(fault);
    };
    check(&|record| record["objective"] = json!(4), "the objective of this answer is 12, not 11 as result.json says");
    check(
        &|record| record["price_bound"] = json!(2),
        "in prices (what the largest cost is above each cost): the proof",
    );
    check(&|record| record["count_bound"] = json!(1), "0 jobs have no agent; the count bound says 1");
    check(&|record| record["published"]["bound"] = json!(11), "`published` in result.json is not what");
    check(&|record| record["proof"]["officers"][0]["officer_id"] = json!("3"), "the proof prices officer 3");
    check(&|record| record["objective"] = json!(i64::MIN), "`published` in result.json is not what");
    let workshop = tiny();
    workshop.run("allocate --format gap tiny.txt --steps 1000 --out result").exits(0);
    let tampered = workshop.read("result/caseloads.csv").replacen("2,5,5,false", "1,5,5,false", 1);
    workshop.write("result/caseloads.csv", &tampered);
    workshop.run("check --format gap tiny.txt --result result").exits(1).says("caseloads.csv says 1 cases");
}

#[test]
fn an_instance_as_mps_says_how_to_get_back_to_published_costs() {
    let workshop = tiny();
    let run = workshop.run("export mps --format gap tiny.txt --sense max --out tiny.mps").exits(0);
    expect![[r#"
        the problem is in tiny.mps
        a job without an agent (column JOB;) costs 10; a solution has none
        published objective = 15 - the objective of this file
    "#]]
    .assert_eq(&run.stdout);
    let text = workshop.read("tiny.mps");
    assert!(text.starts_with("* a job without an agent"), "{text}");
    assert!(text.contains("\n 2;2 cost 0\n"), "5 is the largest cost:\n{text}");
    let run = workshop.run("export mps --format gap tiny.txt --out -").exits(0);
    assert!(run.stdout.contains("\n 2;2 cost 5\n") && run.stdout.ends_with("ENDATA\n"), "{}", run.stdout);
}

#[test]
fn arguments_that_do_not_go_together() {
    let workshop = tiny();
    let refused = |args: &str, text: &str| workshop.run(args).exits(2).complains(text);
    for (arguments, named) in [
        ("--cases tiny.txt", "--cases <FILE>"),
        ("--officers tiny.txt", "--officers <FILE>"),
        ("--supervisors tiny.txt", "--supervisors <FILE>"),
        ("--pairs tiny.txt", "--pairs <FILE>"),
        ("--rules plain", "--rules <FILE|PRESET>"),
        ("--as-at 2025-06-02", "--as-at <DATE>"),
        ("--explain 1", "--explain <CASE_ID>"),
    ] {
        let run = refused(&format!("allocate --format gap tiny.txt {arguments}"), named);
        run.complains("cannot be used with").complains("allocate [OPTIONS] --format gap <FILE>");
    }
    refused("allocate tiny.txt", "--format <FORMAT>");
    refused("allocate --format gap", "<FILE>");
    refused("allocate --format mps tiny.txt", "possible values: gap");
    refused("allocate --format gap tiny.txt --sense most", "possible values: min, max");
    refused("allocate --cases a --officers b --sense max", "--format <FORMAT>");
    refused("check --format gap tiny.txt", "--result <DIR>");
    refused("export mps --format gap tiny.txt", "--out <FILE>");
    refused("export", "mps");
}

#[test]
fn files_that_cannot_be_used() {
    let workshop = tiny();
    let run = workshop.run("allocate --format gap none.txt").exits(74);
    assert!(run.stderr.starts_with("caseload: cannot read none.txt: "), "{}", run.stderr);
    workshop.write("tiny.txt", "2 3\n4 one 3\n2 5 3\n2 3 4\n3 2 2\n5 -5\n");
    let run = workshop.run("allocate --format gap tiny.txt").exits(65);
    expect![[r#"
        caseload: 2 violations in the files:
          tiny.txt line 2: number 4, the cost of job 2 with agent 1, is "one"; must be a whole number, 0 to 100000000000
          tiny.txt line 6: number 16, the capacity of agent 2, is -5; must be 0 to 1000000000
    "#]]
    .assert_eq(&run.stderr);
    workshop
        .run("export mps --format gap tight.txt --out tiny.txt/below.mps")
        .exits(74)
        .complains("cannot write tiny.txt");
}

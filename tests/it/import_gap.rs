//! Published instances and solutions as text: what is read, what is refused and in which words.

use caseload::import::{GapSolution, Sense, read_gap, read_gap_solution};
use caseload::model::{PRICE_MAX, Problem, Rules, WEIGHT_POINTS_MAX};
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Two agents, three jobs.
const TINY: &str = "2 3\n 4 1 3\n 2 5 3\n 2 3 4\n 3 2 2\n 5 6\n";

#[test]
fn an_instance_is_read_agent_by_agent() {
    let instance = read_gap("tiny.txt", TINY.as_bytes(), Sense::Min).unwrap();
    assert_eq!((instance.agent_count(), instance.job_count()), (2, 3));
    let row = |of: &dyn Fn(usize, usize) -> i64, agent| (0..3).map(|job| of(agent, job)).collect::<Vec<_>>();
    let (cost, weight) = (|agent, job| instance.cost(agent, job), |agent, job| instance.weight(agent, job));
    assert_eq!([row(&cost, 0), row(&cost, 1)], [[4, 1, 3], [2, 5, 3]]);
    assert_eq!([row(&weight, 0), row(&weight, 1)], [[2, 3, 4], [3, 2, 2]]);
    assert_eq!([instance.capacity(0), instance.capacity(1)], [5, 6]);

    let backlog = instance.backlog();
    let pairs = backlog.pairs.unwrap();
    let pair = pairs.iter().find(|pair| pair.case_id.as_str() == "3" && pair.officer_id.as_str() == "1").unwrap();
    assert_eq!((pair.cost, pair.weight_points), (3, Some(4)));
    assert_eq!(backlog.officers[1].capacity_points, Some(6));
    assert!(backlog.cases.iter().all(|case| case.holding_price == Some(4 + 5 + 3 + 1)));
}

#[test]
fn line_breaks_and_a_byte_order_mark_mean_nothing() {
    let instance = read_gap("tiny.txt", TINY.as_bytes(), Sense::Min).unwrap();
    let one_line = TINY.replace('\n', " ");
    let one_a_line = format!("\u{feff}{}", TINY.split_whitespace().collect::<Vec<_>>().join("\r\n"));
    for text in [one_line, one_a_line] {
        assert_eq!(read_gap("tiny.txt", text.as_bytes(), Sense::Min).unwrap(), instance, "{text:?}");
    }
}

#[test]
fn a_maximum_is_turned_round_and_back() {
    let instance = read_gap("tiny.txt", TINY.as_bytes(), Sense::Max).unwrap();
    let backlog = instance.backlog();
    let prices: Vec<i64> = backlog.pairs.unwrap().iter().map(|pair| pair.cost).collect();
    assert_eq!(prices, [1, 4, 2, 3, 0, 2], "what 5, the largest cost, is above each");
    assert_eq!(instance.holding_price(), 3 + 4 + 2 + 1);
    // Jobs 1 and 3 with agent 1, job 2 with agent 2: 4 + 5 + 3 as published.
    assert_eq!(instance.published(1 + 2), Some(12));
    assert_eq!(instance.published(12), Some(3));
    assert_eq!(instance.published(i64::MIN), None);
}

#[track_caller]
fn check_refused(text: &str, expected: Expect) {
    expected.assert_eq(&read_gap("gap.txt", text.as_bytes(), Sense::Min).unwrap_err().to_string());
}

#[test]
fn sizes_that_make_no_instance() {
    check_refused(
        " \n",
        expect!["gap.txt: has no number; it must begin with the number of agents and the number of jobs"],
    );
    check_refused(
        "5",
        expect!["gap.txt: has only one number; it must begin with the number of agents and the number of jobs"],
    );
    check_refused(
        "0 3\n",
        expect![[r#"gap.txt line 1: number 1, the number of agents, is "0"; must be a whole number, at least 1"#]],
    );
    check_refused(
        "\nfive -3\n",
        expect![[r#"
        gap.txt line 2: number 1, the number of agents, is "five"; must be a whole number, at least 1
        gap.txt line 2: number 2, the number of jobs, is "-3"; must be a whole number, at least 1"#]],
    );
}

#[test]
fn too_few_and_too_many_numbers() {
    check_refused(
        "2 3 4 1 3 2",
        expect![
            "gap.txt: has too few numbers: 2 agents and 3 jobs need 16 numbers in all, and it ends after 6, where the cost of job 2 with agent 2 should stand; complete it, or correct the two sizes at its beginning"
        ],
    );
    check_refused(
        TINY.strip_suffix(" 6\n").unwrap(),
        expect![
            "gap.txt: has too few numbers: 2 agents and 3 jobs need 16 numbers in all, and it ends after 15, where the capacity of agent 2 should stand; complete it, or correct the two sizes at its beginning"
        ],
    );
    check_refused(
        "9223372036854775807 9223372036854775807 1",
        expect![
            "gap.txt: has too few numbers: 9223372036854775807 agents and 9223372036854775807 jobs need 170141183460469231704017187605319778307 numbers in all, and it ends after 3, where the cost of job 2 with agent 1 should stand; complete it, or correct the two sizes at its beginning"
        ],
    );
    check_refused(
        &format!("{TINY}\n7 8\n"),
        expect![[
            r#"gap.txt line 8: has too many numbers: 2 agents and 3 jobs need 16 numbers in all, and it has 18; the first too many is number 17, "7"; take them out, correct the two sizes at its beginning, or write each instance to a file of its own"#
        ]],
    );
}

#[test]
fn numbers_that_cannot_be_used_all_at_once() {
    check_refused(
        "2 3\n4 -1 3.5\n2 100000000001 3\n2 3 x\n3 1000001 2\n-5 1000000001\n",
        expect![[r#"
        gap.txt line 2: number 4, the cost of job 2 with agent 1, is -1; must be 0 to 100000000000; add the same to all costs of the job
        gap.txt line 2: number 5, the cost of job 3 with agent 1, is "3.5"; must be a whole number, 0 to 100000000000
        gap.txt line 3: number 7, the cost of job 2 with agent 2, is 100000000001; must be 0 to 100000000000
        gap.txt line 4: number 11, the weight of job 3 with agent 1, is "x"; must be a whole number, 0 to 1000000
        gap.txt line 5: number 13, the weight of job 2 with agent 2, is 1000001; must be 0 to 1000000
        gap.txt line 6: number 15, the capacity of agent 1, is -5; must be 0 to 1000000000
        gap.txt line 6: number 16, the capacity of agent 2, is 1000000001; must be 0 to 1000000000"#]],
    );
    // Where the count is wrong, a number may stand for something else: only what is no number is told.
    check_refused(
        "2 3\n4,1,3\n2 5 3\n2 3 4\n3 2 -2\n5 6\n",
        expect![[r#"
        gap.txt: has too few numbers: 2 agents and 3 jobs need 16 numbers in all, and it ends after 14, where the capacity of agent 1 should stand; complete it, or correct the two sizes at its beginning
        gap.txt line 2: number 3, the cost of job 1 with agent 1, is "4,1,3"; must be a whole number, 0 to 100000000000"#]],
    );
}

#[test]
fn costs_that_add_up_to_too_much() {
    let large = PRICE_MAX / 2;
    check_refused(
        &format!("1 2 {large} {large} 1 1 1"),
        expect![
            "gap.txt: the largest costs of the jobs add up to 100000000000; must be less than 100000000000; divide all costs by a common factor"
        ],
    );
    assert!(read_gap("gap.txt", format!("1 2 {large} {} 1 1 1", large - 1).as_bytes(), Sense::Min).is_ok());
    let max = |text: &str| read_gap("gap.txt", text.as_bytes(), Sense::Max);
    let error = max(&format!("2 2 {PRICE_MAX} 0 0 0 1 1 1 1 1 1")).unwrap_err();
    expect!["gap.txt: the distances of the smallest cost of each job from the largest cost of all add up to 200000000000; must be less than 100000000000; divide all costs by a common factor"].assert_eq(&error.to_string());
    assert!(max(&format!("1 2 {PRICE_MAX} {PRICE_MAX} 1 1 1")).is_ok());
    // The distances are small, but the largest cost of so many jobs is not.
    let jobs = 100_000;
    let costs = format!("{PRICE_MAX} ").repeat(jobs);
    let error = max(&format!("1 {jobs} {costs} {} 1", "0 ".repeat(jobs))).unwrap_err();
    expect!["gap.txt: has costs so large that the prices of its 100000 jobs could add up to 10000000000000000; at most 9007199254740991 fits; divide all costs by a common factor"].assert_eq(&error.to_string());
}

#[test]
fn a_solution_reads_back() {
    let solution = GapSolution { objective: 336, agents: vec![2, 11, 1] };
    assert_eq!(solution.to_string(), "336\n2 11 1\n");
    assert_eq!(read_gap_solution("solution.txt", solution.to_string().as_bytes(), 3).unwrap(), solution);
    let refused = |text: &str| read_gap_solution("solution.txt", text.as_bytes(), 3).unwrap_err().to_string();
    expect!["solution.txt: has 0 numbers; must have 4: the objective and the agent of each of 3 jobs"]
        .assert_eq(&refused(""));
    expect!["solution.txt: has 5 numbers; must have 4: the objective and the agent of each of 3 jobs"]
        .assert_eq(&refused("336\n2 11 1 1\n"));
    expect![[r#"
        solution.txt line 1: number 1, the objective, is "336.5"; must be a whole number
        solution.txt line 2: number 3, the agent of job 2, is "two"; must be a whole number"#]]
    .assert_eq(&refused("336.5\n2 two 1\n"));
}

/// A text that is nearly an instance: a word here or there is another.
fn nearly_an_instance() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        60 => (0..30_i64).prop_map(|number| number.to_string()),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => (0..=PRICE_MAX).prop_map(|number| number.to_string()),
        1 => (0..=WEIGHT_POINTS_MAX).prop_map(|number| number.to_string()),
        1 => "[0-9a-z+.-]{1,4}",
    ];
    (1..4_usize, 1..5_usize).prop_flat_map(move |(agents, jobs)| {
        let count = 2 * agents * jobs + agents;
        (proptest::collection::vec(word.clone(), count), proptest::sample::select(vec![" ", "\n", " \r\n"]), 0..3_usize)
            .prop_map(move |(words, between, more)| {
                format!("{agents} {jobs}{between}{}{}", words.join(between), " 7".repeat(more.saturating_sub(1)))
            })
    })
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for sense in [Sense::Min, Sense::Max] {
            let _ = read_gap("gap.txt", &bytes, sense);
            let _ = read_gap("gap.txt", &[b"2 1 ".as_slice(), &bytes].concat(), sense);
        }
        let _ = read_gap_solution("solution.txt", &bytes, 3);
    }

    #[test]
    fn what_is_read_is_a_problem(text in nearly_an_instance(), is_max in any::<bool>()) {
        let sense = if is_max { Sense::Max } else { Sense::Min };
        if let Ok(instance) = read_gap("gap.txt", text.as_bytes(), sense) {
            prop_assert!(Problem::new(instance.backlog(), Rules::plain()).is_ok());
            let whole = instance.holding_price() - 1;
            prop_assert!(instance.published(whole).is_some_and(|cost| cost >= 0));
        }
    }
}

//! What the program says when it is asked wrongly, and when it is asked what it can do.

use expect_test::expect;

use crate::cli_fixture::Workshop;

const FILES: &str = "--cases cases.csv --officers officers.csv";

fn team() -> Workshop {
    Workshop::with(&[
        ("cases.csv", "case_id,weight_points\na,4\n"),
        ("officers.csv", "officer_id,capacity_points\no,8\n"),
    ])
}

#[test]
fn help() {
    let run = Workshop::new().run("--help").exits(0);
    expect![[r#"
        Give every open case a named officer under a caseload cap, and prove how good the answer is

        Usage: caseload <COMMAND>

        Commands:
          serve        Serve allocations over gRPC
          demo         Show the main job at work: Birmingham's January 2022, for 19 officers and for 95
          allocate     Allocate the cases of a backlog to its officers, from files; with --team, by a
                       service
          forecast     Show which deadlines will be missed, week by week: as things are, as `allocate` would
                       have it, and if nothing is done
          what-if      Ask what would be, without changing anything
          staff        Ask how many officers it takes, which cap the team can meet, what a hire is worth,
                       and why it does not fit
          commit       Make a proposal the team's current assignment
          assign       Give new cases officers at once, where there is room, and move nobody
          reassign     Give a case to the officer you name, and move no other
          close        Close cases: they leave the assignment. The room that this makes is given to nobody
                       yet
          explain      Say why a case has its officer, or none, who would be next, and what would have to
                       change
          versions     List the versions of a team's assignment: who committed what, when and by which way
          replay       Make a version again from what is kept with it: exit code 0 if it is the same, byte
                       for byte, 1 if not
          erase        Erase the token of a closed case, or of a child without open cases, from every
                       version and proposal
          check        Check an answer: are the rules kept, what does it cost, how near the best is it
          status       Show how a team stands: children without an officer, what waits, what is due, who has
                       too much
          reconcile    Compare a fresh extract with a team's current assignment: who is in one and not in
                       the other
          import       Read a council's own extract, and write a backlog that `allocate` reads
          relabel      Turn the tokens in a file back into the council's own numbers
          export       Write the whole problem for another solver
          rules        Show a stage catalogue, or check a file of rules or stages
          generate     Write an invented backlog: a council's from published figures, or abstract casework
          bench        Measure the engine: seconds to the first answer, to the bound and to proven gaps, and
                       peak memory
          health       Ask a service whether it is ready: exit code 0 if so, 69 if not
          completions  Print a completion script for a shell

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Exit codes:
           0  done; of `check`: nothing is wrong with the answer
           1  of `check`: something is wrong with the answer; of `allocate --format gap`: no solution was
              found; otherwise: the run failed
           2  an argument is missing or cannot be understood
           3  of `reconcile`: extract and assignment differ
          64  bad configuration: no such rules, or the service's configuration cannot be used
          65  bad input: every violation is listed with its file, line and column
          69  the service's address or store cannot be had
          74  a file cannot be read or written
    "#]]
    .assert_eq(&run.stdout);
    let bare = Workshop::new().run("").exits(2);
    assert_eq!(bare.stderr, run.stdout, "without a command the help is shown");
}

#[test]
fn every_command_has_help() {
    let for_teams = ["commit", "assign", "reassign", "close", "explain", "versions", "replay", "erase"];
    let others = ["allocate", "check", "export mps", "generate", "bench", "completions"];
    for command in others.into_iter().chain(for_teams) {
        let run = Workshop::new().run(&format!("{command} --help")).exits(0);
        assert!(run.stdout.contains("For example:"), "{command}:\n{}", run.stdout);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{command}:\n{}", run.stdout);
    }
}

#[test]
fn version_and_completions() {
    Workshop::new().run("--version").exits(0).says(concat!("caseload ", env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        Workshop::new().run(&format!("completions {shell}")).exits(0).says("allocate").says("generate");
    }
}

#[test]
fn violations_are_listed_all_at_once_with_their_lines() {
    let workshop = Workshop::with(&[
        ("cases.csv", "case_id,weight_points,current_officer_id\na,-1,\nb,4,gone\na,4,\n"),
        ("officers.csv", "officer_id,capacity_points\no,8\no,-8\n"),
    ]);
    let run = workshop.run(&format!("allocate {FILES}")).exits(65);
    assert_eq!(run.stdout, "");
    expect![[r#"
        caseload: 5 violations in the files:
          cases.csv line 2, column weight_points: is -1; must be 0 to 1000000
          cases.csv line 3, column current_officer_id: names officer `gone`, who is not among the officers; add them (with available_until, if they left) or clear it
          cases.csv line 4, column case_id: `a` is already in the list; ids must be unique
          officers.csv line 3, column capacity_points: is -8; must be 0 to 1000000000
          officers.csv line 3, column officer_id: `o` is already in the list; ids must be unique
    "#]].assert_eq(&run.stderr);
}

#[test]
fn a_file_that_cannot_be_read_as_a_table() {
    let workshop = team();
    workshop.write("cases.csv", "case_id,colour\na,red\n");
    workshop.run(&format!("allocate {FILES}")).exits(65).complains("cases.csv line 1").complains("colour");
}

#[test]
fn no_more_than_fifty_violations_are_printed() {
    let workshop = team();
    let rows: String = (0..80).map(|row| format!("case-{row},-1\n")).collect();
    workshop.write("cases.csv", &format!("case_id,weight_points\n{rows}"));
    let run = workshop.run(&format!("allocate {FILES}")).exits(65).complains("80 violations").complains("and 30 more");
    assert_eq!(run.stderr.lines().count(), 52);
}

#[test]
fn files_that_are_not_there_or_cannot_be_written() {
    let workshop = team();
    workshop
        .run("allocate --cases none.csv --officers neither.csv")
        .exits(74)
        .complains("none.csv")
        .complains("neither.csv");
    workshop.run(&format!("check {FILES} --result nowhere")).exits(74).complains("nowhere/allocation.csv");
    // A file where the folder should be.
    workshop.run(&format!("allocate {FILES} --steps 10 --out cases.csv")).exits(74).complains("cannot write cases.csv");
    workshop.run("generate --council Rutland --officers 1 --out cases.csv/below").exits(74).complains("cannot write");
    assert_eq!(workshop.read("cases.csv"), "case_id,weight_points\na,4\n");
}

#[test]
fn rules_that_do_not_exist_or_cannot_be_used() {
    let workshop = team();
    workshop
        .run(&format!("allocate {FILES} --rules strict"))
        .exits(64)
        .complains("strict is neither a preset (standard, plain)");
    workshop.write("rules.toml", "preset = \"standard\"\nwaiting_prize = 3\n");
    workshop.run(&format!("allocate {FILES} --rules rules.toml")).exits(65).complains("rules.toml line 2");
    workshop.write("rules.toml", "preset = \"standard\"\nwaiting_price = 300\n");
    let run = workshop.run(&format!("allocate {FILES} --rules rules.toml --steps 10 --as-at 2022-01-20")).exits(0);
    assert!(!run.stdout.contains("not calibrated"), "own rules are not stamped:\n{}", run.stdout);
}

#[test]
fn arguments_that_cannot_be_understood() {
    let workshop = team();
    let refused = |args: &str, text: &str| workshop.run(args).exits(2).complains(text);
    refused("allocate --cases cases.csv", "--officers");
    refused(&format!("allocate {FILES} --gap 1.5"), "not a gap from 0 to 1");
    refused(&format!("allocate {FILES} --time-limit soon"), "not a number of seconds");
    refused(&format!("allocate {FILES} --time-limit NaN"), "not a number of seconds");
    refused(&format!("allocate {FILES} --as-at yesterday"), "--as-at");
    refused(&format!("allocate {FILES} --threads 0"), "--threads");
    refused("generate --officers 3", "--council");
    refused("generate --council Birmingam --officers 3", "did you mean Birmingham?");
    refused("generate --council Rutland --officers 0", "--officers");
    refused("generate --council Rutland --officers 3 --overdue 101", "--overdue");
    refused("generate --shape casework --officers 3", "--cases");
    refused("generate --shape casework --cases 9 --officers 3 --ratio 110", "not a ratio from 0.01 to 10");
    refused("generate --shape casework --cases 9 --officers 3 --council Rutland", "cannot be used with");
    refused("allocated", "allocate");
}

#[test]
fn without_a_time_the_steps_alone_count_and_a_time_of_nothing_still_answers() {
    let workshop = team();
    let command = format!("allocate {FILES} --as-at 2022-01-20 --time-limit 0 --json");
    workshop.run(&command).exits(0).says("\"allocated_count\": 1");
}

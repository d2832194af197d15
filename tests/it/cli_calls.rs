//! From day to day on the command line, over a store of its own and over a service that runs.

use serde_json::Value;

use crate::cli_fixture::{Run, Workshop};
use crate::support_program::Program;

const ALLOCATE: &str =
    "allocate --cases cases.csv --officers officers.csv --supervisors supervisors.csv --as-at 2026-09-01 --team north";

fn workshop() -> Workshop {
    Workshop::with(&[
        ("cases.csv", "case_id,weight_points,current_officer_id\na,1,o1\nb,1,o1\nc,1,o2\n"),
        ("officers.csv", "officer_id,capacity_points\no1,2\no2,2\n"),
        ("supervisors.csv", "supervisor_id\ns1\n"),
        ("new.csv", "case_id,weight_points\nd,1\ne,1\n"),
    ])
}

/// One workshop, and where its commands find a service.
struct Team {
    workshop: Workshop,
    service: String,
}

impl Team {
    fn run(&self, command: &str) -> Run {
        self.workshop.run(&format!("{command} {}", self.service))
    }

    fn json(&self, command: &str) -> Value {
        serde_json::from_str(&self.run(&format!("{command} --json")).exits(0).stdout).unwrap()
    }
}

fn a_day(team: &Team) {
    // A proposal, and its commit.
    let proposed = team.json(ALLOCATE);
    assert_eq!((&proposed["is_committed"], &proposed["totals"]["allocated_count"]), (&false.into(), &3.into()));
    let id = proposed["allocation_id"].as_str().unwrap();
    team.run(&format!("commit --team north {id}")).exits(0).says("Team north is at version 1");

    let assigned = team.json("assign --team north new.csv --as-at 2026-09-02");
    assert_eq!(assigned["assignment"]["version"], 2);
    assert_eq!(
        (&assigned["held_cases"][0]["case_id"], &assigned["held_cases"][0]["officer_id"]),
        (&"d".into(), &"o2".into())
    );
    assert_eq!(
        (&assigned["holdings"][0]["case_id"], &assigned["holdings"][0]["reason"]),
        (&"e".into(), &"displaced_by_urgency".into())
    );
    team.run("explain --team north --case e").exits(0).says("needs 1 more points of room under the points cap");
    team.run("explain --team north --case a --version 1").exits(0).says("Officer o1 has it");

    team.run("reassign --team north a o2 --reason continuity").exits(1).complains("o2 needs 1 more points of room");
    team.run("reassign --team north a o2 --reason because").exits(2).complains("officer_away");
    team.run("reassign --team north a o2 --reason officer_away --allow-over-cap --keep-pinned")
        .exits(0)
        .says("Case a went from officer o1 to officer o2");
    // Whoever looked at an older version is told.
    team.run("close --team north a --etag 2").exits(1).complains("etag `2` is stale");
    team.run("close --team north a d").exits(0).says("2 cases are closed").says("version 4");
    team.run("assign --team north new.csv").exits(65).complains("line 3, column case_id: `e` is already in the list");

    team.run("versions --team north").exits(0).says("case_reassigned").says("cases_closed").says("officer_away");
    let newest = team.json("versions --team north --limit 1");
    assert_eq!((&newest["versions"][0]["version"], &newest["has_more"]), (&4.into(), &true.into()));
    assert_eq!(newest["versions"][0]["committed_by"], "unverified");
    for version in 1..=4 {
        team.run(&format!("replay {version} --team north")).exits(0).says("is the same, byte for byte");
    }

    team.run("erase --team north --case b").exits(1).complains("close them first");
    team.run("erase --team north --case a").exits(0).says("Erased from 4 versions and 1 proposal;");
    team.run("replay 2 --team north").exits(1).complains("1 token was erased from version 2");

    // The next allocation, at once.
    team.workshop.write("cases.csv", "case_id\nb\nc\nf\n");
    team.run(&format!("{ALLOCATE} --commit"))
        .exits(1)
        .complains("cases of the current assignment are not in the backlog");
    team.run(&format!("{ALLOCATE} --commit --closed e")).exits(0).says("Team north is at version 6");
    team.run("versions --team south").exits(1).complains("team south has no assignment");
}

#[test]
fn a_day_over_a_store_of_this_machine() {
    a_day(&Team { workshop: workshop(), service: "--data-dir data".to_owned() });
}

#[test]
fn a_day_over_a_service() {
    let mut program = Program::new(None, &[]);
    let address = program.start();
    a_day(&Team { workshop: workshop(), service: format!("--server {address}") });
}

#[test]
fn a_store_that_is_in_use_and_a_service_that_is_not_there() {
    let team = Team { workshop: workshop(), service: "--server 127.0.0.1:1".to_owned() };
    team.run("versions --team north").exits(69).complains("nothing answers on http://127.0.0.1:1");
    team.workshop.write("bad.toml", "queue_depth = 0\n");
    let bad = Team { workshop: team.workshop, service: "--config bad.toml --data-dir data".to_owned() };
    bad.run("versions --team north").exits(64).complains("queue_depth");
    let folder = bad.workshop.path("data");
    std::fs::create_dir(&folder).unwrap();
    let _open = caseload::store::EmbeddedStore::open(&folder, caseload::store::Retention::default()).unwrap();
    let busy = Team { workshop: bad.workshop, service: "--data-dir data".to_owned() };
    busy.run("versions --team north").exits(69).complains("name it with --server");
}

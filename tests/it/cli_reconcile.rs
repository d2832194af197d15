//! `caseload reconcile` and `caseload status` as a person uses them: what differs, what would mend it, and that it does.

use expect_test::expect;

use crate::cli_fixture::{Run, Workshop};

const CASES: &str = "\
case_id,child_id,kind,stage,weight_points,current_officer_id,due_date
c-1,k-1,plan,,10,o-1,2026-09-20
c-2,k-2,plan,,10,o-2,2026-08-20
c-3,k-3,plan,,10,o-1,2026-12-01
";
const OFFICERS: &str = "officer_id,capacity_points\no-1,100\no-2,100\n";
const SUPERVISORS: &str = "supervisor_id\ns-1\n";

/// A folder with an extract `fresh`, and team `north` allocated by it.
fn allocated() -> Workshop {
    let workshop = Workshop::new();
    std::fs::create_dir(workshop.path("fresh")).unwrap();
    for (name, content) in [("cases.csv", CASES), ("officers.csv", OFFICERS), ("supervisors.csv", SUPERVISORS)] {
        workshop.write(&format!("fresh/{name}"), content);
    }
    let files = "--cases fresh/cases.csv --officers fresh/officers.csv --supervisors fresh/supervisors.csv";
    workshop.run(&format!("allocate {files} --as-at 2026-09-01 --team north --commit --data-dir store")).exits(0);
    workshop
}

fn reconcile(workshop: &Workshop, more: &str) -> Run {
    workshop.run(&format!("reconcile fresh --team north --as-at 2026-09-01 --data-dir store{more}"))
}

#[test]
fn what_differs_is_listed_and_the_calls_proposed_mend_it() {
    let workshop = allocated();
    reconcile(&workshop, "").exits(0).says("Extract and assignment agree: team north, version 1.");

    let fresh = CASES.replace("c-3,k-3,plan,,10,o-1,2026-12-01\n", "c-4,k-4,assessment,request,,,2026-09-30\n");
    workshop.write("fresh/cases.csv", &fresh);
    let told = reconcile(&workshop, " --out report").exits(3);
    expect![[r#"
        2 differences between the extract and team north, version 1

        1 open case that nobody has
          c-4
          Nobody has this case: assign it.

        1 case not in the extract
          c-3  (with o-1)
          An officer holds this case, and the extract does not know it: close it, or find out why it is
          missing.

        All of them are in report/differences.csv. What would mend them here:
          caseload assign --team north report/assign.csv
          xargs caseload close --team north < report/close.txt
    "#]]
    .assert_eq(&told.stdout);
    expect![[r#"
        difference,case_ids,child_id,assigned_officer_id,extract_officer_id,what_to_do
        not_assigned,c-4,k-4,,,Nobody has this case: assign it.
        not_in_extract,c-3,,o-1,,"An officer holds this case, and the extract does not know it: close it, or find out why it is missing."
    "#]].assert_eq(&workshop.read("report/differences.csv"));
    expect![[r#"
        case_id,child_id,weight_points,holding_price,area,setting_code,skills,current_officer_id,held_since,required_officer_id,pinned,group_id,due_date,waiting_since,barred_officer_ids,kind,stage,events,add_ons,obligations,stay_extension
        c-4,k-4,,,,,,,,,false,,2026-09-30,,,assessment,request,,,,
    "#]].assert_eq(&workshop.read("report/assign.csv"));
    assert_eq!(workshop.read("report/close.txt"), "c-3\n");
    assert!(workshop.read("report/reconciliation.json").contains("\"close_case_ids\": [\n    \"c-3\"\n  ]"));

    workshop.run("assign --team north report/assign.csv --as-at 2026-09-01 --data-dir store").exits(0);
    // The catalogue said what the new case weighs; replayed, it says so again.
    workshop.run("replay 2 --team north --data-dir store").exits(0).says("is the same, byte for byte");
    workshop.write("unknown.csv", "case_id,kind,stage\nc-5,assessment,nonsense\n");
    let refused = workshop.run("assign --team north unknown.csv --as-at 2026-09-01 --data-dir store").exits(65);
    refused.complains("line 2, column stage").complains("no stage `nonsense`");
    workshop.run("close --team north c-3 --as-at 2026-09-01 --data-dir store").exits(0);
    reconcile(&workshop, "").exits(0).says("version 3");
}

#[test]
fn a_status_shows_children_first_and_what_is_late() {
    let workshop = allocated();
    let status = workshop.run("status --team north --as-at 2026-09-01 --data-dir store").exits(0);
    expect![[r#"
        CHILDREN WITHOUT AN OFFICER
          north          0  every child has an officer
          3 open cases; version 1, allocated as at 2026-09-01, looked at on 2026-09-01.

        WAITING
          nothing waits

        DUE
                  1  missed deadline, with an officer: c-2
                  1  due within 4 weeks, with an officer: c-1

        OFFICERS
          nobody is over a cap
          Who was over 110 % for 4 weeks cannot be told: the versions that are kept begin with 2026-09-01.

        MONTH BY MONTH
          last version      without     open  waiting   missed  officers
          of the month   an officer    cases    cases            over a cap
          2026-09-01              0        3        0        1         0
    "#]]
    .assert_eq(&status.stdout);
    let json = workshop.run("status --team north --as-at 2026-09-01 --json --data-dir store").exits(0);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["missed"]["held_case_ids"], serde_json::json!(["c-2"]));
    assert_eq!(json["due_soon"]["held_case_ids"], serde_json::json!(["c-1"]));
}

#[test]
fn what_cannot_be_reconciled_is_said() {
    let workshop = allocated();
    reconcile(&workshop, " --team south").exits(2);
    workshop.run("reconcile fresh --team south --data-dir store").exits(1).complains("team south has no assignment");
    workshop.run("reconcile nowhere --team north --data-dir store").exits(74).complains("nowhere/cases.csv");
    workshop.write("fresh/cases.csv", "case_id,weight_points\nc-1,many\n");
    reconcile(&workshop, "").exits(65).complains("cases.csv line 2, column weight_points");
}

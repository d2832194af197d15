//! `caseload rules`: the catalogue as a table, and files that cannot be used.

use expect_test::expect;

use crate::cli_fixture::Workshop;

#[test]
fn the_shipped_catalogue_is_shown_with_sources_and_what_is_unverified() {
    let run = Workshop::new().run("rules show").exits(0);
    for text in [
        "SPECIAL EDUCATIONAL NEEDS CASEWORK IN ENGLAND\n",
        "  decide-whether-to-assess\n      Decide whether to assess, and notify\n",
        "      30 tribunal working days from appeal-received\n",
        "      2 months from decision-sent\n      or, if later, 1 month from certificate-issued\n",
        "      before 15 February in the year of phase-transfer\n",
        "not read ?\n",
        "      lifts decide-not-to-issue, final-plan, reassessment-final-plan\n",
        "      12  review (plan): Review",
        "     +20  handover: Handover to a new officer, for 4 weeks\n",
    ] {
        assert!(run.stdout.contains(text), "{text:?} is not in:\n{}", run.stdout);
    }
    let longest = run.stdout.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(100), "{longest:?} characters in a line");
}

#[test]
fn entries_are_shown_as_they_hold_on_a_day() {
    let workshop = Workshop::with(&[("ours.toml", OURS)]);
    let shown = |arguments: &str| workshop.run(&format!("rules show ours.toml {arguments}")).exits(0).stdout;
    assert!(shown("").contains("   25  open (case): Open; to 2025-08-31\n"), "{}", shown(""));
    assert!(shown("").contains("   30  open (case): Open; from 2025-09-01\n"), "{}", shown(""));
    assert!(!shown("--as-at 2025-08-31").contains("   30  open"));
    assert!(!shown("--as-at 2025-09-01").contains("   25  open"));
}

#[test]
fn a_file_is_checked_whatever_it_is() {
    let broken = OURS.replace("points = 25", "points = -25").replace("2025-09-01", "2025-08-31");
    let workshop = Workshop::with(&[
        ("ours.toml", OURS),
        ("broken.toml", &broken),
        ("rules.toml", "preset = \"standard\"\nhandover_limit = 50\n"),
        ("bad-rules.toml", "handover_limit = \"many\"\n"),
    ]);
    workshop
        .run("rules check ours.toml")
        .exits(0)
        .says("ours.toml: nothing is wrong with catalogue ours, version ours-1: 0 clocks, 0 exemptions, 2 stages");
    workshop
        .run("rules check rules.toml")
        .exits(0)
        .says("rules.toml: nothing is wrong with the rules, version standard-1");
    let run = workshop.run("rules check broken.toml").exits(65);
    expect![[r#"
        caseload: 2 violations in the files:
          broken.toml line 14: points: -25 is not within 0 to 1000000
          broken.toml line 26: effective-from: open holds twice at a time: another entry of that name holds to 2025-08-31; end it the day before this begins
    "#]].assert_eq(&run.stderr);
    workshop.run("rules check bad-rules.toml").exits(65).complains("bad-rules.toml line 1: handover_limit = \"many\"");
    workshop.run("rules check nowhere.toml").exits(64).complains("nowhere.toml");
    workshop.run("rules show nowhere.toml").exits(64).complains("neither a catalogue (send-england, probation");
}

/// What a case of a kind weighs, and when it is due, is what the council's own catalogue says, its bank holidays too.
#[test]
fn a_council_works_by_its_own_catalogue() {
    let clock = r#"
[[clock]]
code = "reply"
title = "Reply"
kind = "limit"
whose = "ours"
runs = [{ from = ["asked"], within = "2 working days" }]
source = "our charter"
"#;
    let ours = OURS.replace("points = 30", "points = 30\nclocks = [\"reply\"]") + clock;
    let with_holiday = ours.replace("note = ", "bank-holidays = [2025-10-02]\nnote = ");
    let workshop = Workshop::with(&[
        ("ours.toml", &ours),
        ("holiday.toml", &with_holiday),
        ("cases.csv", "case_id,kind,stage,events\nc1,case,open,asked:2025-10-01\n"),
        ("officers.csv", "officer_id,capacity_points\no1,100\n"),
    ]);
    let allocated = |catalogue: &str| {
        let command = format!(
            "allocate --cases cases.csv --officers officers.csv --as-at 2025-10-01 --steps 1 --catalogue {catalogue} --out out"
        );
        workshop.run(&command).exits(0);
        (workshop.read("out/allocation.csv"), workshop.read("out/caseloads.csv"))
    };
    let (held, caseloads) = allocated("ours.toml");
    assert!(held.contains("c1,o1,2025-10-03"), "{held}");
    assert!(caseloads.contains("o1,1,30,100"), "{caseloads}");
    // A day on which nobody works, and another digest: the same file under another catalogue is another input.
    let digest = workshop.read("out/result.json");
    assert!(allocated("holiday.toml").0.contains("c1,o1,2025-10-06"));
    assert_ne!(digest, workshop.read("out/result.json"));
    workshop.run("rules show holiday.toml").exits(0).says("instead of those of England: 2025-10-02.");

    let wrong = with_holiday.replace("2025-10-02", "\"2 October\"");
    workshop.write("wrong.toml", &wrong);
    workshop.run("rules check wrong.toml").exits(65).complains("line 5: bank-holidays: ");
}

const OURS: &str = r#"[catalogue]
name = "ours"
version = "ours-1"
title = "Our service"
note = "made up"
full-time-points = 1800
full-time-tenth-hours = 370
urgency = [{ days-left = 0, percent = 100 }]

[[stage]]
code = "open"
title = "Open"
case-kind = "case"
points = 25
longest-stay = "5 working days"
source = "a study"
effective-to = 2025-08-31

[[stage]]
code = "open"
title = "Open"
case-kind = "case"
points = 30
longest-stay = "5 working days"
source = "a study"
effective-from = 2025-09-01
"#;

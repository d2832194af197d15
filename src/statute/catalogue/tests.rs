use std::fmt::Write as _;

use expect_test::{Expect, expect};
use jiff::civil::date;

use super::*;

/// A small catalogue of everything.
const SMALL: &str = r#"[catalogue]
name = "small"
version = "small-1"
title = "A small service"
note = "made up"
full-time-points = 1800
full-time-tenth-hours = 370
urgency = [{ days-left = 84, percent = 0 }, { days-left = 0, percent = 100 }, { days-left = -34, percent = 140 }]

[[clock]]
code = "decide"
title = "Decide"
kind = "limit"
whose = "ours"
runs = [{ from = ["asked"], within = "6 weeks" }]
source = "a law"

[[exemption]]
code = "absent"
title = "Away"
lifts = ["decide"]
source = "a law"

[[stage]]
code = "open"
title = "Open"
case-kind = "case"
points = 25
window = { clock = "decide", weeks = 6 }
clocks = ["decide"]
longest-stay = "5 working days"
source = "a study"

[[add-on]]
code = "moving"
title = "Moving"
points = 20
weeks = 4
source = "a study"
"#;

/// The faults of the small catalogue with some texts replaced, or text added at the end.
fn check(changes: &[(&str, &str)], expected: Expect) {
    let mut text = SMALL.to_owned();
    for (old, new) in changes {
        if old.is_empty() {
            text.push_str(new);
        } else {
            assert!(text.contains(old), "{old}");
            text = text.replacen(old, new, 1);
        }
    }
    let mut found = String::new();
    match Catalogue::read(&text) {
        Ok(_) => found.push_str("nothing is wrong\n"),
        Err(faults) => {
            for fault in faults {
                let _ = writeln!(found, "{fault}");
            }
        }
    }
    expected.assert_eq(&found);
}

#[test]
fn what_is_shipped_can_be_read() {
    for (name, _) in PRESETS {
        let catalogue = Catalogue::preset(name).unwrap();
        assert_eq!(catalogue.about.name, name);
    }
    assert_eq!(Catalogue::preset("send-france"), None);
    check(
        &[],
        expect![[r#"
        nothing is wrong
    "#]],
    );
}

#[test]
fn what_cannot_be_read_is_named_by_line_and_field() {
    check(
        &[("[catalogue]", "[catalogue")],
        expect![[r#"
        line 1: unclosed table, expected `]`
    "#]],
    );
    check(
        &[("[catalogue]", "[about]")],
        expect![[r#"
        line 1: unknown field `about`, expected one of `catalogue`, `clock`, `exemption`, `stage`, `add-on`
    "#]],
    );
    check(
        &[("", "[[stages]]\ncode = \"x\"\n")],
        expect![[r#"
        line 40: unknown field `stages`, expected one of `catalogue`, `clock`, `exemption`, `stage`, `add-on`
    "#]],
    );
    check(
        &[
            ("kind = \"limit\"", "kind = \"deadline\""),
            ("within = \"6 weeks\"", "within = \"six weeks\""),
            ("points = 25", "points = \"many\"\ncolour = \"red\""),
            ("title = \"Away\"\n", ""),
            ("weeks = 4", "weeks = 4.5"),
        ],
        expect![[r#"
            line 13, kind: unknown variant `deadline`, expected one of `limit`, `floor`, `window`, `advice`, `undated`
            line 15, runs: "six weeks" is no length of time: write a number up to 36525 and one of days, weeks, months, working days, tribunal working days
            line 18, title: this exemption has no title
            line 27, points: invalid type: string "many", expected i64
            line 28, colour: unknown field `colour`, expected one of `code`, `title`, `case-kind`, `points`, `window`, `clocks`, `skills`, `planned-transfer`, `barred-to-officers-of`, `longest-stay`, `urgency`, `source`, `effective-from`, `effective-to`
            line 38, weeks: invalid type: floating point `4.5`, expected i64
        "#]],
    );
}

#[test]
fn what_does_not_fit_together_is_named_by_line_and_field() {
    check(
        &[
            ("full-time-points = 1800", "full-time-points = 0"),
            ("{ days-left = 0, percent = 100 }", "{ days-left = 90, percent = -1 }"),
            ("lifts = [\"decide\"]", "lifts = [\"decide\", \"decides\"]"),
            ("code = \"open\"", "code = \"Open case\""),
            ("points = 25", "points = -1"),
            ("window = { clock = \"decide\", weeks = 6 }", "window = { clock = \"x\", weeks = 0 }"),
            ("longest-stay = \"5 working days\"", "longest-stay = \"0 days\""),
            ("weeks = 4", "weeks = 0\neffective-from = 2020-01-02\neffective-to = 2020-01-01"),
        ],
        expect![[r#"
            line 6, full-time-points: 0 is not within 1 to 1000000000
            line 8, urgency: -1 is not within 0 to 1000
            line 8, urgency: days-left 90 comes after 84: begin far from the due date and come nearer with every step
            line 21, lifts: decides is no clock of this catalogue
            line 25, code: "Open case" is no code: write small letters, digits and -, 64 at most
            line 28, points: -1 is not within 0 to 1000000
            line 29, window: x is no clock of this catalogue
            line 29, window: 0 is not within 1 to 520
            line 31, longest-stay: no time at all: give the days or weeks that a case may wait in this stage
            line 38, weeks: 0 is not within 1 to 520
            line 40, effective-to: 2020-01-01 is before effective-from, 2020-01-02
        "#]],
    );
    let run = "runs = [{ from = [\"asked\"], within = \"6 weeks\" }]";
    check(
        &[(run, "runs = [{ from = [], within = \"6 weeks\", before-day = \"02-15\" }]")],
        expect![[r#"
        line 15, runs: a run starts from no event: name one in from
        line 15, runs: a run has within, or it has at-least or before-day: one of the two
    "#]],
    );
    check(
        &[(run, "runs = [{ from = [\"asked\"], before-day = \"02-30\", beginning-with = true }]")],
        expect![[r#"
        line 15, runs: "02-30" is no day of every year: write month and day, such as 02-15
    "#]],
    );
    check(
        &[(run, "runs = [{ from = [\"asked\"], before-day = \"02-15\", beginning-with = true }]")],
        expect![[r#"
        line 15, runs: beginning-with says how within is counted: there is no within
    "#]],
    );
    check(
        &[(run, "runs = []")],
        expect![[r#"
        line 15, runs: nothing says how long it is: give runs, or the kind "undated"
    "#]],
    );
    check(
        &[("kind = \"limit\"", "kind = \"undated\"")],
        expect![[r#"
        line 15, runs: an undated clock has no runs: leave them out, or give another kind
    "#]],
    );
}

#[test]
fn entries_of_one_name_must_not_hold_at_the_same_time() {
    let again = |dates: &str| {
        let stage = "[[stage]]\ncode = \"open\"\ntitle = \"Open\"\ncase-kind = \"case\"\npoints = 30\n";
        format!("{stage}longest-stay = \"1 week\"\nsource = \"a study\"\n{dates}\n")
    };
    check(
        &[("", &again(""))],
        expect![[r#"
        line 40, effective-from: open holds twice at a time: another entry of that name has no last day; end it the day before this begins
    "#]],
    );
    let ends = "points = 25\neffective-to = 2025-08-31";
    check(
        &[("points = 25", ends), ("", &again("effective-from = 2025-08-31"))],
        expect![[r#"
        line 48, effective-from: open holds twice at a time: another entry of that name holds to 2025-08-31; end it the day before this begins
    "#]],
    );
    check(
        &[("points = 25", ends), ("", &again("effective-from = 2025-09-01"))],
        expect![[r#"
        nothing is wrong
    "#]],
    );

    let text = SMALL.replacen("points = 25", ends, 1) + &again("effective-from = 2025-09-01");
    let catalogue = Catalogue::read(&text).unwrap();
    let points = |day| catalogue.stage(&Code::from("open"), day).map(|stage| stage.points);
    assert_eq!((points(date(2025, 8, 31)), points(date(2025, 9, 1))), (Some(25), Some(30)));
}

#[test]
fn urgency_runs_straight_between_its_corners() {
    let catalogue = Catalogue::read(SMALL).unwrap();
    let stage = &catalogue.stages[0];
    let percents: Vec<i64> =
        [400, 84, 42, 1, 0, -17, -34, -400].map(|days| catalogue.urgency_percent(stage, days)).to_vec();
    assert_eq!(percents, [0, 0, 50, 98, 100, 120, 140, 140]);
}

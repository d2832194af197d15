//! Caps, what is kept above them today, intake, and the balance price.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::team::problem;

/// `o1: points <= 10, cases <= 5, new <= 2, balance 8:1`; a limit that does not exist is left out.
fn check(text: &str, expected: Expect) {
    let problem = problem(text);
    let mut found = String::new();
    for (officer, limits) in problem.backlog().officers.iter().zip(problem.instance().limits()) {
        let _ = write!(found, "{}:", officer.id);
        let named = [("points", limits.load_limit), ("cases", limits.case_limit), ("new", limits.intake_limit)];
        for (what, limit) in named {
            if let Some(limit) = limit {
                let _ = write!(found, " {what} <= {limit}");
            }
        }
        if !limits.balance.is_empty() {
            let _ = write!(found, " balance");
            for segment in &limits.balance {
                let _ = write!(found, " {}:{}", segment.from_points, segment.slope);
            }
        }
        let _ = writeln!(found);
    }
    if let Some(limit) = problem.instance().handover_limit() {
        let _ = writeln!(found, "handovers <= {limit}");
    }
    for note in problem.notes().iter().map(ToString::to_string) {
        if note.contains("cap of their own") || note.contains("handover") {
            let _ = writeln!(found, "{note}");
        }
    }
    expected.assert_eq(&found);
}

#[test]
fn caps_as_given() {
    check(
        "case a weight=2\n officer o1 capacity=10\n officer o2 capacity=10 max=4 intake=2",
        expect![[r#"
        o1: points <= 10 balance 8:1 9:2
        o2: points <= 10 cases <= 4 new <= 2 balance 8:1 9:2
    "#]],
    );
}

#[test]
fn an_officer_without_any_cap_gets_the_default() {
    check(
        "case a weight=2\n officer o1\n officer o2\n officer o3 max=7",
        expect![[r#"
        o1: cases <= 180
        o2: cases <= 180
        o3: cases <= 7
        2 officers have no cap of their own: 180 cases each is assumed. Give capacity_points or max_case_count to change it.
    "#]],
    );
    check(
        "rules default_max_case_count=50\n case a weight=2\n officer o1 intake=1",
        expect![[r#"
            o1: cases <= 50 new <= 1
            1 officer has no cap of their own: 50 cases each is assumed. Give capacity_points or max_case_count to change it.
        "#]],
    );
}

#[test]
fn where_every_case_weighs_1_a_case_cap_is_a_points_cap() {
    check(
        "case a\n officer o1 max=10",
        expect![[r#"
        o1: points <= 10 cases <= 10 balance 8:1 9:2
    "#]],
    );
    check(
        "case a\n officer o1 max=10\n rules handover_points=1",
        expect![[r#"
        o1: cases <= 10
    "#]],
    );
    check(
        "case a\n officer o1 max=10\n pair a o1",
        expect![[r#"
        o1: cases <= 10
    "#]],
    );
}

#[test]
fn no_capacity_is_a_cap_of_zero() {
    check(
        "case a\n officer o1 capacity=0",
        expect![[r#"
            o1: points <= 0 new <= 0 balance 0:1 0:2
        "#]],
    );
}

#[test]
fn over_the_points_cap_today() {
    check(
        "officer o1 capacity=5 intake=3
         officer o2 capacity=6 intake=3
         case a weight=6 held=o1
         case b weight=6 held=o2",
        expect![[r#"
            o1: points <= 6 new <= 0 balance 4:1 4:2 5:102
            o2: points <= 6 new <= 3 balance 4:1 5:2
        "#]],
    );
}

#[test]
fn over_the_case_cap_today() {
    check(
        "officer o1 max=1 capacity=9
         officer o2 max=1
         case a weight=2 held=o1
         case b weight=2 held=o1
         case c weight=2 held=o2
         case d weight=2",
        expect![[r#"
            o1: points <= 9 cases <= 2 new <= 0 balance 7:1 8:2
            o2: cases <= 1
        "#]],
    );
}

#[test]
fn over_a_cap_by_a_pin() {
    check(
        "officer o1 capacity=4 intake=0
         case a weight=3 held=o1
         case b weight=3 required=o1
         case c weight=3",
        expect![[r#"
            o1: points <= 6 new <= 1 balance 3:1 3:2 4:102
        "#]],
    );
}

#[test]
fn a_case_that_was_barred_or_whose_officer_left_is_not_kept() {
    check(
        "officer o1 capacity=1
         officer gone until=-1 capacity=1
         case a weight=2 held=o1 barred=o1
         case b weight=2 held=gone",
        expect![[r#"
            gone: points <= 1 new <= 0 balance 0:1 0:2
            o1: points <= 1 balance 0:1 0:2
        "#]],
    );
}

#[test]
fn a_short_absence_takes_no_new_case() {
    check(
        "officer back from=+41 capacity=9 intake=5\n case a weight=2 held=back\n case b required=back",
        expect![[r#"
            back: points <= 9 new <= 1 balance 7:1 8:2
        "#]],
    );
}

#[test]
fn intake_of_the_last_7_days_counts() {
    check(
        "officer o1 capacity=99 intake=3
         case a weight=2 held=o1 since=-6
         case b weight=2 held=o1 since=-7
         case c weight=2 held=o1 since=+0
         case d weight=2 held=o1",
        expect![[r#"
            o1: points <= 99 new <= 1 balance 79:1 94:2
        "#]],
    );
    check(
        "officer o1 capacity=99 intake=1
         case a weight=2 held=o1 since=-1
         case b weight=2 held=o1 since=-1",
        expect![[r#"
            o1: points <= 99 new <= 0 balance 79:1 94:2
        "#]],
    );
}

#[test]
fn a_pinned_new_case_is_let_in_whatever_the_intake() {
    check(
        "officer o1 capacity=99 intake=1\n case a weight=2 required=o1\n case b required=o1",
        expect![[r#"
        o1: points <= 99 new <= 2 balance 79:1 94:2
    "#]],
    );
}

#[test]
fn handover_points_weigh_on_the_new_officer_of_a_pin() {
    check(
        "rules handover_points=2
         officer o1 capacity=4
         officer o2 capacity=4
         case a weight=3 held=o1 required=o2",
        expect![[r#"
            o1: points <= 4 balance 3:1 3:2
            o2: points <= 5 new <= 1 balance 3:1 3:2 4:102
        "#]],
    );
}

#[test]
fn pins_raise_the_handover_limit() {
    let team = "officer o1\n officer o2\n case a held=o1 required=o2\n case b held=o1 required=o2\n case c held=o1";
    check(
        &format!("{team}\n rules handover_limit=1"),
        expect![[r#"
        o1: points <= 180 cases <= 180 balance 144:1 171:2
        o2: points <= 180 cases <= 180 balance 144:1 171:2
        handovers <= 2
        2 officers have no cap of their own: 180 cases each is assumed. Give capacity_points or max_case_count to change it.
        pins alone cause 2 handovers; the limit of 1 was raised to that.
    "#]],
    );
    check(
        &format!("{team}\n rules handover_limit=2"),
        expect![[r#"
        o1: points <= 180 cases <= 180 balance 144:1 171:2
        o2: points <= 180 cases <= 180 balance 144:1 171:2
        handovers <= 2
        2 officers have no cap of their own: 180 cases each is assumed. Give capacity_points or max_case_count to change it.
    "#]],
    );
    check(
        &format!("{team}\n rules handover_limit=3"),
        expect![[r#"
        o1: points <= 180 cases <= 180 balance 144:1 171:2
        o2: points <= 180 cases <= 180 balance 144:1 171:2
        handovers <= 3
        2 officers have no cap of their own: 180 cases each is assumed. Give capacity_points or max_case_count to change it.
    "#]],
    );
}

#[test]
fn balance_steps_add_up_from_shares_of_the_cap() {
    check(
        "officer o1 capacity=15\n case a weight=2\n rules balance=95:3,50:2,50:1,20:0",
        expect![[r#"
        o1: points <= 15 balance 7:1 7:3 14:6
    "#]],
    );
}

#[test]
fn the_balance_price_is_the_sum_of_slopes_times_what_lies_above() {
    let problem = problem("officer o1 capacity=10\n case a weight=2\n rules balance=50:2,80:3");
    let price = |load| problem.instance().limits()[0].balance_price(load);
    assert_eq!([0, 5, 6, 8, 9, 10, 12].map(price), [0, 0, 2, 6, 11, 16, 26]);
}

#[test]
fn capacity_follows_from_hours_and_reductions_where_it_is_not_given() {
    check(
        "officer o1 fte=60
         officer o2 fte=60 reductions=duties:10%,new_starter:80::
         officer o3 capacity=7 fte=60
         officer o4 reductions=duties:100%
         rules balance=none full_time=1000
         case a weight=2",
        expect![[r#"
            o1: points <= 600
            o2: points <= 460
            o3: points <= 7
            o4: points <= 0 new <= 0
        "#]],
    );
}

#[test]
fn intake_counts_what_was_given_and_is_no_longer_held() {
    // The window is 7 days: the 6 before today, and today.
    check(
        "officer o1 intake=5 former=-8,-7,-6,-6,+0
         case a held=o1 since=-6
         rules balance=none",
        expect![[r#"
            o1: points <= 180 cases <= 180 new <= 1
            1 officer has no cap of their own: 180 cases each is assumed. Give capacity_points or max_case_count to change it.
        "#]],
    );
}

//! Prices of pairs, of handovers and of waiting.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::team::{name, problem};

/// `a: o1 12 (3 points), waits 400`; then the notes about waiting.
fn check(text: &str, expected: Expect) {
    let problem = problem(text);
    let mut found = String::new();
    for unit_index in problem.instance().unit_indices() {
        let _ = write!(found, "{}:", name(&problem, unit_index));
        for pair in problem.instance().pairs(unit_index) {
            let officer = &problem.backlog().officers[pair.officer.get()].id;
            let _ = write!(found, " {officer} {} ({} points),", pair.cost, pair.weight_points);
        }
        let unit = problem.instance().unit(unit_index);
        match unit.waiting_price {
            Some(price) => {
                let _ = write!(found, " waits {price}");
            }
            None => {
                let _ = write!(found, " never waits");
            }
        }
        if unit.release_count > 0 {
            let _ = write!(found, " ({} released)", unit.release_count);
        }
        let _ = writeln!(found);
    }
    for note in problem.notes().iter().map(ToString::to_string) {
        if note.contains("waiting price") || note.contains("due") {
            let _ = writeln!(found, "{note}");
        }
    }
    expected.assert_eq(&found);
}

#[test]
fn area_rank_and_setting() {
    check(
        "officer o1 areas=n,s settings=hill
         officer o2 areas=s,w,n
         officer o3
         case a area=n setting=hill due=+84
         case b area=s due=+84
         case c area=w held=o1 due=+84",
        expect![[r#"
            a: o1 0 (1 points), o2 34 (1 points), o3 10 (1 points), waits 210
            b: o1 12 (1 points), o2 0 (1 points), o3 0 (1 points), waits 210
            c: o1 24 (1 points), o2 43 (1 points), o3 31 (1 points), never waits
        "#]],
    );
}

#[test]
fn a_handover_costs_by_case_and_point_and_more_than_balance_could_gain() {
    let team = "officer o1\n officer o2\n case a weight=3 held=o1\n case b weight=3 due=+84";
    check(
        team,
        expect![[r#"
            a: o1 0 (3 points), o2 43 (3 points), never waits
            b: o1 0 (3 points), o2 0 (3 points), waits 330
            1 case has no due date and counts as due today: a. Give due_date to change it.
        "#]],
    );
    check(
        &format!("rules balance_may_move\n {team}"),
        expect![[r#"
            a: o1 0 (3 points), o2 37 (3 points), never waits
            b: o1 0 (3 points), o2 0 (3 points), waits 330
            1 case has no due date and counts as due today: a. Give due_date to change it.
        "#]],
    );
    check(
        &format!("rules handover_points=2\n {team}"),
        expect![[r#"
            a: o1 0 (3 points), o2 43 (5 points), never waits
            b: o1 0 (3 points), o2 0 (3 points), waits 330
            1 case has no due date and counts as due today: a. Give due_date to change it.
        "#]],
    );
}

#[test]
fn a_case_whose_officer_left_is_no_handover() {
    check(
        "officer gone until=-1\n officer o2\n case a weight=3 held=gone due=+84",
        expect![[r#"
        a: o2 0 (3 points), waits 330
    "#]],
    );
}

#[test]
fn explicit_pairs_are_priced_as_given_plus_the_handover() {
    check(
        "rules plain handover_price=7
         officer o1
         officer o2 areas=s
         case a weight=3 area=n held=o1 price=50
         case b weight=3 price=0
         pair a o1 cost=5
         pair a o2 cost=6 weight=2
         pair b o2 cost=9 weight=0",
        expect![[r#"
            a: o1 5 (3 points), o2 13 (2 points), never waits
            b: o2 9 (0 points), waits 0
        "#]],
    );
}

#[test]
fn waiting_rises_with_weight_and_urgency_up_to_1400_thousandths() {
    check(
        "case a weight=0 due=+84
         case b weight=2 due=+84
         case c weight=2 due=+200
         case d weight=2 due=+42
         case e weight=2 due=+0
         case f weight=2
         case g weight=2 due=-33
         case h weight=2 due=-34
         case i weight=2 due=2001-01-01",
        expect![[r#"
            a: waits 150
            b: waits 270
            c: waits 270
            d: waits 510
            e: waits 750
            f: waits 750
            g: waits 938
            h: waits 942
            i: waits 942
            1 case has no due date and counts as due today: f. Give due_date to change it.
        "#]],
    );
}

#[test]
fn waiting_rises_with_full_weeks_waited_up_to_52() {
    check(
        "rules longest_stay_days=3660
         case a weight=2 due=+84 waiting=-6
         case b weight=2 due=+84 waiting=-7
         case c weight=2 due=+84 waiting=-364
         case d weight=2 due=+84 waiting=-3000
         case e weight=2 due=+84 waiting=+30",
        expect![[r#"
            a: waits 270
            b: waits 290
            c: waits 1310
            d: waits 1310
            e: waits 270
        "#]],
    );
}

#[test]
fn a_price_that_is_given_counts_as_given() {
    check(
        "case a price=1 weight=9\n case b price=0",
        expect![[r#"
            a: waits 1
            b: waits 0
            2 cases have no due date and count as due today: a, b. Give due_date to change it.
        "#]],
    );
}

#[test]
fn waiting_is_raised_above_every_price_of_having_an_officer() {
    check(
        "officer o1 areas=w,n capacity=9
         officer o2 areas=n
         case a area=n price=3 weight=2
         case b area=n price=500 weight=2",
        expect![[r#"
            a: o1 12 (2 points), o2 0 (2 points), waits 17
            b: o1 12 (2 points), o2 0 (2 points), waits 500
            the waiting price of 1 case was raised above every price of having an officer, so that no case waits while there is room.
            2 cases have no due date and count as due today: a, b. Give due_date to change it.
        "#]],
    );
    check(
        "rules raise=no\n officer o1 areas=w,n\n case a area=n price=3",
        expect![[r#"
            a: o1 12 (1 points), waits 3
            1 case has no due date and counts as due today: a. Give due_date to change it.
        "#]],
    );
}

#[test]
fn a_release_costs_the_handover_besides() {
    check(
        "rules release\n officer o1\n case a held=o1 weight=2 due=+84\n case b weight=2 due=+84",
        expect![[r#"
        a: o1 0 (2 points), waits 303 (1 released)
        b: o1 0 (2 points), waits 270
    "#]],
    );
    check(
        "rules release\n officer o1\n case a held=o1 required=o1",
        expect![[r#"
            a: o1 0 (1 points), never waits
            1 case has no due date and counts as due today: a. Give due_date to change it.
        "#]],
    );
}

#[test]
fn a_unit_sums_over_its_cases() {
    check(
        "rules release handover_points=1
         officer o1 settings=hill
         officer o2
         case a group=g weight=2 held=o1 setting=hill due=+84
         case b group=g weight=3 held=o1 due=+84",
        expect![[r#"
            a+b: o1 0 (5 points), o2 90 (7 points), waits 670 (2 released)
        "#]],
    );
}

#[test]
fn a_stay_that_has_run_out_costs_more_than_any_other_and_two_pairs() {
    // The dearest other waits for 364, the dearest pair costs 12 + 2 x 2 points of balance: 364 + 16 + 1 more a lightest weight.
    let team = "officer o1 areas=w,n capacity=9\n case a weight=2 due=+84 area=n\n case b weight=1 due=+30 area=w";
    check(
        &format!("{team}\n case c weight=1 due=+84 waiting=-140"),
        expect![[r#"
        a: o1 12 (2 points), waits 270
        b: o1 0 (1 points), waits 364
        c: o1 0 (1 points), waits 410
    "#]],
    );
    check(
        &format!("{team}\n case c weight=1 due=+84 waiting=-141\n case d weight=3 due=+84 waiting=-141"),
        expect![[r#"
        a: o1 12 (2 points), waits 270
        b: o1 0 (1 points), waits 364
        c: o1 0 (1 points), waits 791
        d: o1 0 (3 points), waits 2073
    "#]],
    );
    // Who has an officer has no stay; nor does anybody under rules that take prices as they are.
    check(
        "rules release\n officer o1\n case a held=o1 due=+84 waiting=-141\n case b due=+84",
        expect![[r#"
        a: o1 0 (1 points), waits 439 (1 released)
        b: o1 0 (1 points), waits 210
    "#]],
    );
    check(
        "rules raise=no\n case a due=+84 waiting=-141\n case b due=+84",
        expect![[r#"
        a: waits 410
        b: waits 210
    "#]],
    );
}

#[test]
fn an_extension_is_counted_and_never_shortens() {
    check(
        "case a due=+84 waiting=-141 extended=+3\n case b due=+84",
        expect![[r#"
        a: waits 410
        b: waits 210
    "#]],
    );
    check(
        "case a due=+84 waiting=-141 extended=-1\n case b due=+84",
        expect![[r#"
        a: waits 621
        b: waits 210
    "#]],
    );
    check(
        "case a due=+84 waiting=-140 extended=-90\n case b due=+84",
        expect![[r#"
        a: waits 410
        b: waits 210
    "#]],
    );
}

#[test]
fn a_free_case_is_drawn_to_who_has_the_childs_other_cases() {
    let officers = "officer o1\n officer o2\n officer o3";
    check(
        &format!("{officers}\n case a child=x held=o2 due=+84\n case b child=x due=+84\n case c due=+84"),
        expect![[r#"
        a: o1 31 (1 points), o2 0 (1 points), o3 31 (1 points), never waits
        b: o1 15 (1 points), o2 0 (1 points), o3 15 (1 points), waits 210
        c: o1 0 (1 points), o2 0 (1 points), o3 0 (1 points), waits 210
    "#]],
    );
    check(
        &format!(
            "{officers}\n case a child=x held=o2 due=+84\n case b child=x held=o1 due=+84\n case c child=x due=+84"
        ),
        expect![[r#"
            a: o1 31 (1 points), o2 0 (1 points), o3 31 (1 points), never waits
            b: o1 0 (1 points), o2 31 (1 points), o3 31 (1 points), never waits
            c: o1 0 (1 points), o2 0 (1 points), o3 15 (1 points), waits 210
        "#]],
    );
    // Nobody moves for it, and nobody draws who is not there.
    check(
        &format!("{officers}\n officer gone until=-1\n case a child=x held=gone due=+84\n case b child=x due=+84"),
        expect![[r#"
            a: o1 0 (1 points), o2 0 (1 points), o3 0 (1 points), waits 210
            b: o1 0 (1 points), o2 0 (1 points), o3 0 (1 points), waits 210
        "#]],
    );
}

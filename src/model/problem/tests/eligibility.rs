//! Who may hold what: areas, skills, bars, dates, pins, explicit pairs.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::team::{name, problem};

/// `a: o1, o2`: officers who may hold each unit, and `held` or `pinned` where it is anchored.
fn check(text: &str, expected: Expect) {
    let problem = problem(text);
    let mut found = String::new();
    for unit in problem.instance().unit_indices() {
        let _ = write!(found, "{}:", name(&problem, unit));
        for pair in problem.instance().pairs(unit) {
            let _ = write!(found, " {}", problem.backlog().officers[pair.officer.get()].id);
            let marks = [(pair.new_case_count, "new"), (pair.handover_count, "handover")];
            let marks: Vec<&str> = marks.iter().filter(|(count, _)| *count > 0).map(|(_, mark)| *mark).collect();
            if !marks.is_empty() {
                let _ = write!(found, "({})", marks.join(","));
            }
        }
        let _ =
            writeln!(found, "{}", if problem.instance().unit(unit).waiting_price.is_some() { " or waits" } else { "" });
    }
    expected.assert_eq(&found);
}

#[test]
fn areas() {
    check(
        "officer any
         officer north areas=n
         officer both areas=s,n
         case a area=n
         case b area=s
         case c
         case d area=w",
        expect![[r#"
            a: any(new) both(new) north(new) or waits
            b: any(new) both(new) or waits
            c: any(new) both(new) north(new) or waits
            d: any(new) or waits
        "#]],
    );
}

#[test]
fn required_skills_are_a_subset() {
    check(
        "officer none
         officer one skills=asd
         officer two skills=asd,hi
         case a skills=asd
         case b skills=hi,asd
         case c
         case d skills=asd,asd
         case e skills=vi",
        expect![[r#"
            a: one(new) two(new) or waits
            b: two(new) or waits
            c: none(new) one(new) two(new) or waits
            d: one(new) two(new) or waits
            e: or waits
        "#]],
    );
}

#[test]
fn a_barred_officer_may_not_hold_it_not_even_the_holder() {
    check(
        "officer o1
         officer o2
         case a barred=o1
         case b held=o1 barred=o1
         case c barred=o1,o2",
        expect![[r#"
            a: o2(new) or waits
            b: o2(new) or waits
            c: or waits
        "#]],
    );
}

#[test]
fn dates_of_officers() {
    check(
        "officer gone until=-1
         officer last until=+0
         officer here from=+0
         officer soon from=+1
         officer back from=+41
         officer away from=+42
         case a
         case b held=gone
         case c held=soon
         case d held=back
         case e held=away",
        expect![[r#"
            a: here(new) last(new) or waits
            b: here(new) last(new) or waits
            c: here(new,handover) last(new,handover) soon
            d: back here(new,handover) last(new,handover)
            e: here(new) last(new) or waits
        "#]],
    );
}

#[test]
fn whoever_holds_a_case_may_keep_it_outside_area_and_skills() {
    check(
        "officer o1 areas=n
         officer o2 areas=s skills=asd
         case a area=s skills=asd held=o1
         case b area=s skills=asd",
        expect![[r#"
            a: o1 o2(new,handover)
            b: o2(new) or waits
        "#]],
    );
}

#[test]
fn a_pin_overrides_area_and_skill() {
    check(
        "officer o1 areas=n
         officer o2 areas=s skills=asd
         officer back from=+10
         case a area=s skills=asd required=o1
         case b area=s skills=asd held=o2 required=o1
         case c held=o1 pinned
         case d required=back",
        expect![[r#"
            a: o1(new)
            b: o1(new,handover)
            c: o1
            d: back(new)
        "#]],
    );
}

#[test]
fn holders_keep_or_hand_over_but_never_wait_unless_released() {
    let team = "officer o1\n officer o2\n case a held=o1\n case b";
    check(
        team,
        expect![[r#"
        a: o1 o2(new,handover)
        b: o1(new) o2(new) or waits
    "#]],
    );
    check(
        &format!("rules release\n {team}"),
        expect![[r#"
        a: o1 o2(new,handover) or waits
        b: o1(new) o2(new) or waits
    "#]],
    );
}

#[test]
fn explicit_pairs_alone_say_who_may_take_what_less_bars_and_dates() {
    check(
        "officer o1 areas=n
         officer o2
         officer soon from=+1
         officer gone until=-1
         case a area=s skills=asd barred=o2
         case b held=soon
         case c
         pair a o1
         pair a o2
         pair a soon
         pair a gone
         pair b soon
         pair b o2",
        expect![[r#"
            a: o1(new) or waits
            b: o2(new,handover) soon
            c: or waits
        "#]],
    );
}

#[test]
fn an_absence_of_less_than_6_weeks_leaves_the_caseload_and_a_longer_one_does_not() {
    check(
        "officer here away=-50..-1,+1..+90
         officer short away=-30..+10
         officer long away=-30..+11
         officer joined away=-30..-1,+0..+11
         case a held=here
         case b held=short
         case c held=long
         case d held=joined",
        expect![[r#"
            a: here
            b: here(new,handover) short
            c: here(new) or waits
            d: here(new) or waits
        "#]],
    );
}

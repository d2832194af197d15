//! Groups: together where one officer can have all of it, apart with a note where not. Children of units.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::team::{name, problem};
use crate::model::Anchor;

/// Units with anchor, children and officers; then the notes about groups.
fn check(text: &str, expected: Expect) {
    let problem = problem(text);
    let officer = |index: crate::model::OfficerIndex| problem.backlog().officers[index.get()].id.as_str();
    let mut found = String::new();
    for unit_index in problem.instance().unit_indices() {
        let unit = problem.instance().unit(unit_index);
        let anchor = match unit.anchor {
            Anchor::None => "free".to_owned(),
            Anchor::Held(holder) => format!("held by {}", officer(holder)),
            Anchor::Pinned(pin) => format!("pinned to {}", officer(pin)),
        };
        let pairs: Vec<String> = problem
            .instance()
            .pairs(unit_index)
            .map(|pair| format!("{} {}", officer(pair.officer), pair.cost))
            .collect();
        let _ = writeln!(
            found,
            "{}: {anchor}, {} children: {}",
            name(&problem, unit_index),
            unit.child_count,
            pairs.join(", ")
        );
    }
    for note in problem.notes().iter().map(ToString::to_string).filter(|note| note.starts_with("group")) {
        let _ = writeln!(found, "{note}");
    }
    expected.assert_eq(&found);
}

#[test]
fn a_group_is_one_unit() {
    check(
        "officer o1 capacity=9
         case c group=g
         case a group=g
         case b",
        expect![[r#"
            a+c: free, 2 children: o1 0
            b: free, 1 children: o1 0
        "#]],
    );
}

#[test]
fn a_group_held_by_one_officer_stays_a_unit() {
    check(
        "officer o1\n officer o2\n case a group=g held=o1\n case b group=g held=o1",
        expect![[r#"
        a+b: held by o1, 2 children: o1 0, o2 62
    "#]],
    );
}

#[test]
fn a_pin_holds_what_its_officer_has_of_the_group() {
    check(
        "officer o1\n officer o2\n case a group=g held=o1 pinned\n case b group=g held=o1",
        expect![[r#"
        a+b: pinned to o1, 2 children: o1 0
    "#]],
    );
}

#[test]
fn a_group_held_apart_is_split_and_its_free_part_is_drawn_to_either() {
    check(
        "officer o1
         officer o2
         officer o3
         case a group=g held=o1
         case b group=g held=o2
         case c group=g
         case d group=g",
        expect![[r#"
            a: held by o1, 1 children: o1 0, o2 31, o3 31
            b: held by o2, 1 children: o1 31, o2 0, o3 31
            c+d: free, 2 children: o1 0, o2 0, o3 40
            group g was split: its cases are with different officers today, or only some have one.
        "#]],
    );
}

#[test]
fn a_group_partly_held_is_split() {
    check(
        "officer o1\n officer o2\n case a group=g held=o1\n case b group=g",
        expect![[r#"
        a: held by o1, 1 children: o1 0, o2 31
        b: free, 1 children: o1 0, o2 20
        group g was split: its cases are with different officers today, or only some have one.
    "#]],
    );
}

#[test]
fn a_group_whose_officer_left_is_one_unit() {
    check(
        "officer gone until=-1\n officer o2\n case a group=g held=gone\n case b group=g",
        expect![[r#"
        a+b: free, 2 children: o2 0
    "#]],
    );
}

#[test]
fn a_group_that_nobody_may_take_whole_is_split() {
    check(
        "officer o1 skills=asd
         officer o2 skills=hi
         case a group=g skills=asd
         case b group=g skills=hi",
        expect![[r#"
            a: free, 1 children: o1 0
            b: free, 1 children: o2 0
            group g was split: no officer can take all of its cases.
        "#]],
    );
}

#[test]
fn a_group_too_heavy_for_everyone_is_split() {
    check(
        "officer o1 capacity=5\n case a group=g weight=3\n case b group=g weight=3",
        expect![[r#"
        a: free, 1 children: o1 0
        b: free, 1 children: o1 0
        group g was split: no officer can take all of its cases.
    "#]],
    );
    check(
        "officer o1 capacity=6\n case a group=g weight=3\n case b group=g weight=3",
        expect![[r#"
        a+b: free, 2 children: o1 0
    "#]],
    );
}

#[test]
fn a_group_of_more_cases_than_anyone_may_have_is_split() {
    check(
        "officer o1 max=1\n case a group=g\n case b group=g",
        expect![[r#"
        a: free, 1 children: o1 0
        b: free, 1 children: o1 0
        group g was split: no officer can take all of its cases.
    "#]],
    );
    check(
        "officer o1 intake=1\n case a group=g\n case b group=g",
        expect![[r#"
        a: free, 1 children: o1 0
        b: free, 1 children: o1 0
        group g was split: no officer can take all of its cases.
    "#]],
    );
}

#[test]
fn a_child_counts_once_in_the_unit_of_its_first_case() {
    check(
        "officer o1
         case a child=k
         case b child=k group=g
         case c child=l group=g
         case d
         case e",
        expect![[r#"
            a: free, 1 children: o1 0
            b+c: free, 1 children: o1 0
            d: free, 1 children: o1 0
            e: free, 1 children: o1 0
        "#]],
    );
}

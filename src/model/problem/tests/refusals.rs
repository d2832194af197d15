//! Every rule that a field can break, with its path, its value and what to do.

use expect_test::{Expect, expect};

use super::team::{team, violations};

fn check(text: &str, expected: Expect) {
    let (backlog, rules) = team(text);
    expected.assert_eq(&violations(backlog, rules));
}

#[test]
fn a_valid_team_is_not_refused() {
    check(
        "officer o1\n case a",
        expect![[r#"
        none
    "#]],
    );
}

#[test]
fn a_backlog_without_cases() {
    check(
        "officer o1",
        expect![[r#"
        backlog.cases [] has no case; send at least one open case
    "#]],
    );
}

#[test]
fn cases_without_officers_are_a_backlog() {
    check(
        "case a",
        expect![[r#"
        none
    "#]],
    );
}

#[test]
fn numbers_of_a_case() {
    check(
        "officer o1
         case a weight=-1 price=-1
         case b weight=1000001 price=100000000001
         case c weight=1000000 price=100000000000
         case d weight=0 price=0",
        expect![[r#"
            backlog.cases[0].weight_points [-1] is -1; must be 0 to 1000000
            backlog.cases[0].holding_price [-1] is -1; must be 0 to 100000000000
            backlog.cases[1].weight_points [1000001] is 1000001; must be 0 to 1000000
            backlog.cases[1].holding_price [100000000001] is 100000000001; must be 0 to 100000000000
        "#]],
    );
}

#[test]
fn numbers_of_an_officer_and_a_supervisor() {
    check(
        "case a
         officer o1 capacity=-1 max=-1 intake=-1
         officer o2 capacity=1000000001 max=1000000001 intake=1000000001
         officer o3 capacity=1000000000 max=1000000000 intake=1000000000
         officer o4 capacity=0 max=0 intake=0
         supervisor s1 areas=n max=-1
         supervisor s2 areas=s max=1000000001
         supervisor s3 areas=w max=0",
        expect![[r#"
            backlog.supervisors[0].max_holding_count [-1] is -1; must be 0 to 1000000000
            backlog.supervisors[1].max_holding_count [1000000001] is 1000000001; must be 0 to 1000000000
            backlog.officers[0].capacity_points [-1] is -1; must be 0 to 1000000000
            backlog.officers[0].max_case_count [-1] is -1; must be 0 to 1000000000
            backlog.officers[0].intake_limit [-1] is -1; must be 0 to 1000000000
            backlog.officers[1].capacity_points [1000000001] is 1000000001; must be 0 to 1000000000
            backlog.officers[1].max_case_count [1000000001] is 1000000001; must be 0 to 1000000000
            backlog.officers[1].intake_limit [1000000001] is 1000000001; must be 0 to 1000000000
        "#]],
    );
}

#[test]
fn numbers_of_a_pair() {
    check(
        "officer o1
         officer o2
         case a
         pair a o1 cost=-1 weight=-1
         pair a o2 cost=100000000001 weight=1000001",
        expect![[r#"
            backlog.pairs[0].cost [-1] is -1; must be 0 to 100000000000
            backlog.pairs[0].weight_points [-1] is -1; must be 0 to 1000000
            backlog.pairs[1].cost [100000000001] is 100000000001; must be 0 to 100000000000
            backlog.pairs[1].weight_points [1000001] is 1000001; must be 0 to 1000000
        "#]],
    );
}

#[test]
fn duplicates_in_every_list() {
    check(
        "supervisor s1
         supervisor s1 areas=n
         officer o1
         officer o1
         case a
         case a
         pair a o1
         pair a o1",
        expect![[r#"
            backlog.supervisors[1].supervisor_id [s1] `s1` is already in the list; ids must be unique
            backlog.officers[1].officer_id [o1] `o1` is already in the list; ids must be unique
            backlog.cases[1].case_id [a] `a` is already in the list; ids must be unique
            backlog.pairs[1] [] the pair of case `a` and officer `o1` is already in the list
        "#]],
    );
}

#[test]
fn two_default_supervisors_and_an_area_of_two() {
    check(
        "case a\n supervisor s1\n supervisor s2\n supervisor s3 areas=n\n supervisor s4 areas=n,n",
        expect![[r#"
        backlog.supervisors[1].areas [] supervisors `s1` and `s2` both have no areas; only one can be the default supervisor
        backlog.supervisors[3].areas [n] area `n` already belongs to supervisor `s3`; a waiting case needs exactly one
        backlog.supervisors[3].areas [n] area `n` already belongs to supervisor `s3`; a waiting case needs exactly one
    "#]],
    );
}

#[test]
fn references_to_nobody() {
    check(
        "officer o1 supervisor=s9
         case a held=o9
         case b required=o8
         case c barred=o1,o7
         pair a o6
         pair z o1",
        expect![[r#"
            backlog.officers[0].supervisor_id [s9] names supervisor `s9`, who is not among the supervisors; add them or leave it empty
            backlog.cases[0].current_officer_id [o9] names officer `o9`, who is not among the officers; add them (with available_until, if they left) or clear it
            backlog.cases[1].required_officer_id [o8] names officer `o8`, who is not among the officers; add them (with available_until, if they left) or clear it
            backlog.cases[2].barred_officer_ids [o7] names officer `o7`, who is not among the officers; add them (with available_until, if they left) or clear it
            backlog.pairs[0].officer_id [o6] names officer `o6`, who is not among the officers; add them (with available_until, if they left) or clear it
            backlog.pairs[1].case_id [z] names case `z`, which is not among the cases
        "#]],
    );
}

#[test]
fn dates_of_an_officer_the_wrong_way_round() {
    check(
        "case a\n officer o1 from=2025-02-01 until=2025-01-31\n officer o2 from=+0 until=+0",
        expect![[r#"
        backlog.officers[0].available_until [2025-01-31] is 2025-01-31, before available_from 2025-02-01; swap or clear one of them
    "#]],
    );
}

#[test]
fn a_pin_without_an_officer() {
    check(
        "officer o1\n case a pinned",
        expect![[r#"
        backlog.cases[0].pinned [true] pins the case to its current officer, but it has none; give current_officer_id or required_officer_id
    "#]],
    );
}

#[test]
fn a_pin_to_two_officers() {
    check(
        "officer o1\n officer o2\n case a pinned held=o1 required=o2\n case b pinned held=o1 required=o1",
        expect![[r#"
            backlog.cases[0].required_officer_id [o2] is `o2`, but the case is also pinned to its current officer `o1`; keep one of the two
        "#]],
    );
}

#[test]
fn a_pin_to_a_barred_officer() {
    check(
        "officer o1\n case a required=o1 barred=o1\n case b pinned held=o1 barred=o1",
        expect![[r#"
        backlog.cases[0].required_officer_id [o1] pins the case to officer `o1`, who is barred from it; remove the pin or the bar
        backlog.cases[1].pinned [o1] pins the case to officer `o1`, who is barred from it; remove the pin or the bar
    "#]],
    );
}

#[test]
fn a_pin_to_an_officer_who_is_not_in_service() {
    check(
        "officer gone until=-1
         officer last until=+0
         officer away from=+42
         officer back from=+41
         case a required=gone
         case b required=last
         case c required=away
         case d pinned held=back
         case e pinned held=away",
        expect![[r#"
            backlog.cases[0].required_officer_id [gone] pins the case to officer `gone`, who is not in service on 2025-06-02; remove the pin or change the officer's dates
            backlog.cases[2].required_officer_id [away] pins the case to officer `away`, who is not in service on 2025-06-02; remove the pin or change the officer's dates
            backlog.cases[4].pinned [away] pins the case to officer `away`, who is not in service on 2025-06-02; remove the pin or change the officer's dates
        "#]],
    );
}

#[test]
fn two_pins_in_a_group() {
    check(
        "officer o1
         officer o2
         case a group=g required=o1
         case b group=g pinned held=o2
         case c group=g
         case d group=g required=o1",
        expect![[r#"
            backlog.cases[1].pinned [o2] pins group `g` to officer `o2`, but another of its cases is pinned to `o1`; a group has one officer
        "#]],
    );
}

#[test]
fn plain_rules_derive_no_price_of_waiting() {
    check(
        "rules plain
         officer o1
         case a
         case b price=0
         case c required=o1",
        expect![[r#"
            backlog.cases[0].holding_price [] is missing; these rules derive no price of waiting, so every case needs its own
            backlog.cases[2].holding_price [] is missing; these rules derive no price of waiting, so every case needs its own
        "#]],
    );
}

#[test]
fn rules_that_raise_or_derive_prices_need_none() {
    check(
        "rules plain raise=yes\n case a",
        expect![[r#"
        none
    "#]],
    );
    check(
        "rules plain waiting_price=1\n case a",
        expect![[r#"
        none
    "#]],
    );
    check(
        "rules plain waiting_price_per_point=1\n case a",
        expect![[r#"
        none
    "#]],
    );
    check(
        "rules plain urgency_price_per_point=1\n case a",
        expect![[r#"
        backlog.cases[0].holding_price [] is missing; these rules derive no price of waiting, so every case needs its own
    "#]],
    );
}

#[test]
fn the_holder_and_the_pin_need_a_pair() {
    check(
        "officer o1
         officer o2
         officer gone until=-1
         case a held=o1
         case b required=o1
         case c held=o1 required=o2
         case d held=gone
         case e held=o1 barred=o1
         case f held=o1
         pair c o2
         pair f o1",
        expect![[r#"
            backlog.cases[0].current_officer_id [o1] is `o1`, but there is no pair of case `a` with them; add one
            backlog.cases[1].required_officer_id [o1] is `o1`, but there is no pair of case `b` with them; add one
            backlog.cases[2].current_officer_id [o1] is `o1`, but there is no pair of case `c` with them; add one
        "#]],
    );
}

#[test]
fn an_empty_list_of_pairs_is_a_list_of_pairs() {
    check(
        "officer o1\n case a held=o1\n case b\n pairs",
        expect![[r#"
        backlog.cases[0].current_officer_id [o1] is `o1`, but there is no pair of case `a` with them; add one
    "#]],
    );
}

#[test]
fn numbers_of_the_rules() {
    check(
        "case a
         rules area_rank_price=-1 setting_price=-1 handover_price=-1 handover_price_per_point=-1 handover_points=-1
         rules group_apart_price=-1 waiting_price=-1 waiting_price_per_point=-1 urgency_price_per_point=-1
         rules urgency_days=0 waited_price_per_point_week=-1 over_cap_price_per_point=-1 handover_limit=-1
         rules default_max_case_count=0 check_by_days=0 longest_stay_days=0 balance=-1:-1,101:1000001 version=",
        expect![[r#"
            rules.area_rank_price [-1] is -1; must be 0 to 1000000000
            rules.setting_price [-1] is -1; must be 0 to 1000000000
            rules.handover_price [-1] is -1; must be 0 to 1000000000
            rules.handover_price_per_point [-1] is -1; must be 0 to 1000000000
            rules.handover_points [-1] is -1; must be 0 to 1000000
            rules.group_apart_price [-1] is -1; must be 0 to 1000000000
            rules.waiting_price [-1] is -1; must be 0 to 1000000000
            rules.waiting_price_per_point [-1] is -1; must be 0 to 1000000000
            rules.urgency_price_per_point [-1] is -1; must be 0 to 1000000000
            rules.urgency_days [0] is 0; must be 1 to 3660
            rules.waited_price_per_point_week [-1] is -1; must be 0 to 1000000000
            rules.over_cap_price_per_point [-1] is -1; must be 0 to 1000000000
            rules.handover_limit [-1] is -1; must be 0 to 1000000000
            rules.default_max_case_count [0] is 0; must be 1 to 1000000000
            rules.check_by_days [0] is 0; must be 1 to 366
            rules.longest_stay_days [0] is 0; must be 1 to 3660
            rules.balance.percent [-1] is -1; must be 0 to 100
            rules.balance.slope [-1] is -1; must be 0 to 1000000
            rules.balance.percent [101] is 101; must be 0 to 100
            rules.balance.slope [1000001] is 1000001; must be 0 to 1000000
            rules.version [] must be 1 to 64 bytes long
        "#]],
    );
    check(
        "case a
         rules area_rank_price=1000000001 setting_price=1000000001 handover_price=1000000001
         rules handover_price_per_point=1000000001 handover_points=1000001 group_apart_price=1000000001
         rules waiting_price=1000000001 waiting_price_per_point=1000000001 urgency_price_per_point=1000000001
         rules urgency_days=3661 waited_price_per_point_week=1000000001 over_cap_price_per_point=1000000001
         rules handover_limit=1000000001 default_max_case_count=1000000001 check_by_days=367 longest_stay_days=3661
         rules balance=1:1,2:1,3:1,4:1,5:1,6:1,7:1,8:1,9:1,10:1,11:1",
        expect![[r#"
            rules.area_rank_price [1000000001] is 1000000001; must be 0 to 1000000000
            rules.setting_price [1000000001] is 1000000001; must be 0 to 1000000000
            rules.handover_price [1000000001] is 1000000001; must be 0 to 1000000000
            rules.handover_price_per_point [1000000001] is 1000000001; must be 0 to 1000000000
            rules.handover_points [1000001] is 1000001; must be 0 to 1000000
            rules.group_apart_price [1000000001] is 1000000001; must be 0 to 1000000000
            rules.waiting_price [1000000001] is 1000000001; must be 0 to 1000000000
            rules.waiting_price_per_point [1000000001] is 1000000001; must be 0 to 1000000000
            rules.urgency_price_per_point [1000000001] is 1000000001; must be 0 to 1000000000
            rules.urgency_days [3661] is 3661; must be 1 to 3660
            rules.waited_price_per_point_week [1000000001] is 1000000001; must be 0 to 1000000000
            rules.over_cap_price_per_point [1000000001] is 1000000001; must be 0 to 1000000000
            rules.handover_limit [1000000001] is 1000000001; must be 0 to 1000000000
            rules.default_max_case_count [1000000001] is 1000000001; must be 1 to 1000000000
            rules.check_by_days [367] is 367; must be 1 to 366
            rules.longest_stay_days [3661] is 3661; must be 1 to 3660
            rules.balance [11] is 11; must be 0 to 10
        "#]],
    );
}

#[test]
fn a_group_of_more_than_a_thousand_cases() {
    let cases: String = (0..1_002).map(|number| format!("case c{number} group=g\n")).collect();
    check(
        &cases,
        expect![[r#"
        backlog.cases[1000].group_id [g] group `g` has more than 1000 cases; a school is a setting, not a group
    "#]],
    );
    let cases: String = (0..1_000).map(|number| format!("case c{number} group=g\n")).collect();
    check(
        &cases,
        expect![[r#"
        none
    "#]],
    );
}

#[test]
fn prices_that_add_up_to_too_much() {
    let cases: String = (0..90_072).map(|number| format!("case c{number} price=100000000000\n")).collect();
    check(
        &cases,
        expect![[r#"
        backlog [9007200000000000] has prices that add up to 9007200000000000, more than 9007199254740991; divide all prices by a common factor
    "#]],
    );
}

#[test]
fn a_group_whose_waiting_prices_are_more_than_64_bits() {
    let cases: String =
        (0..200).map(|number| format!("case c{number} group=g weight=1000000 waiting=2000-01-01\n")).collect();
    let rules = "rules waiting_price_per_point=1000000000 waited_price_per_point_week=1000000000\n";
    check(
        &(rules.to_owned() + "officer o1 capacity=1000000000\n" + &cases),
        expect![[r#"
            backlog [9223372037254775807] has prices that add up to 9223372037254775807, more than 9007199254740991; divide all prices by a common factor
        "#]],
    );
}

#[test]
fn all_violations_at_once_in_the_order_of_the_input() {
    check(
        "rules check_by_days=0
         supervisor s1 max=-1
         officer o2 capacity=-1
         officer o1 supervisor=s9
         case b weight=-1
         case a held=o9
         pair a o2 cost=-1",
        expect![[r#"
            rules.check_by_days [0] is 0; must be 1 to 366
            backlog.supervisors[0].max_holding_count [-1] is -1; must be 0 to 1000000000
            backlog.officers[0].capacity_points [-1] is -1; must be 0 to 1000000000
            backlog.officers[1].supervisor_id [s9] names supervisor `s9`, who is not among the supervisors; add them or leave it empty
            backlog.cases[0].weight_points [-1] is -1; must be 0 to 1000000
            backlog.cases[1].current_officer_id [o9] names officer `o9`, who is not among the officers; add them (with available_until, if they left) or clear it
            backlog.pairs[0].cost [-1] is -1; must be 0 to 100000000000
        "#]],
    );
}

#[test]
fn the_error_counts_its_violations_and_names_the_first() {
    let message = |text: &str| {
        let (backlog, rules) = team(text);
        crate::model::Problem::new(backlog, rules).unwrap_err().to_string()
    };
    expect!["1 violation in the backlog; the first: backlog.cases[0].weight_points: is -1; must be 0 to 1000000"]
        .assert_eq(&message("case a weight=-1"));
    expect!["2 violations in the backlog; the first: backlog.cases[0].weight_points: is -1; must be 0 to 1000000"]
        .assert_eq(&message("case a weight=-1 price=-1"));
}

#[test]
fn hours_absences_and_extensions() {
    check(
        "officer o1 fte=101 away=+3..+2
         officer o2 fte=-1 reductions=duties:101%,duties:-1,duties:5:2026-02-01:2026-01-01
         supervisor head
         case a extended=+3",
        expect![[r#"
            backlog.officers[0].fte_percent [101] is 101; must be 0 to 100
            backlog.officers[0].absences [2025-06-04] ends on 2025-06-04, before it begins on 2025-06-05; swap the two days
            backlog.officers[1].fte_percent [-1] is -1; must be 0 to 100
            backlog.officers[1].reductions [101] is 101; must be 0 to 100
            backlog.officers[1].reductions [-1] is -1; must be 0 to 1000000000
            backlog.officers[1].reductions [2026-01-01] ends on 2026-01-01, before it begins on 2026-02-01; swap the two days
            backlog.cases[0].stay_extension [head] is by `head`, who owns the case while it waits; somebody else has to decide that it may wait longer
        "#]],
    );
}

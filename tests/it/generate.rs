//! Invented backlogs: the published totals, the shape that was asked for, and the same again from the same seed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use caseload::generate::{
    CaseworkOptions, Census, CouncilOptions, casework, casework_instance, casework_pools_instance, council,
    council_names, council_pools,
};
use caseload::model::{Backlog, Case, EligiblePair, Officer, OfficerId, OfficerIndex, Problem, Rules, input_digest};
use expect_test::{Expect, expect};
use jiff::civil::date;

fn birmingham(officers: usize) -> CouncilOptions {
    CouncilOptions {
        council: "Birmingham".to_owned(),
        census: Census::January2022,
        officers,
        overdue_percent: 40,
        allocated_percent: 0,
        seed: 1,
    }
}

fn points(cases: &[Case]) -> i64 {
    cases.iter().map(|case| case.weight_points.unwrap()).sum()
}

fn may_take(officer: &Officer, case: &Case) -> bool {
    officer.areas.contains(case.area.as_ref().unwrap())
        && case.skills.iter().all(|skill| officer.skills.contains(skill))
        && !case.barred_officer_ids.contains(&officer.id)
}

#[test]
fn birmingham_2022_has_its_cases_and_points() {
    for seed in 1..=5 {
        let backlog = council(&CouncilOptions { seed, ..birmingham(95) }).unwrap();
        assert_eq!((backlog.cases.len(), backlog.as_at), (11_300, date(2022, 1, 20)));
        let total = points(&backlog.cases);
        assert!((148_500..=157_500).contains(&total), "seed {seed}: {total} points, 153,000 expected within 3 %");
        let is_plan =
            |case: &&Case| !case.skills.iter().any(|skill| ["assessment", "tribunal"].contains(&skill.as_str()));
        let plans: Vec<_> = backlog.cases.iter().filter(is_plan).cloned().collect();
        let mean = points(&plans) as f64 / plans.len() as f64;
        assert!((9.0..9.8).contains(&mean), "seed {seed}: an average plan has {mean} points, 9.2 expected");
        let in_flight =
            backlog.cases.iter().filter(|case| case.skills.iter().any(|skill| skill.as_str() == "assessment"));
        assert_eq!(in_flight.count(), 811);
    }
}

/// Cases, officers, areas and schools of a council.
fn check_council(name: &str, census: Census, expected: Expect) {
    let backlog = council(&CouncilOptions { council: name.to_owned(), census, ..birmingham(30) }).unwrap();
    let schools: BTreeSet<_> = backlog.cases.iter().filter_map(|case| case.setting_code.as_ref()).collect();
    let supervisors = backlog.supervisors.len();
    expected.assert_eq(&format!(
        "{} cases, {} officers, {} schools, {supervisors} supervisors, as at {}",
        backlog.cases.len(),
        backlog.officers.len(),
        schools.len(),
        backlog.as_at
    ));
}

#[test]
fn councils_by_name_and_code() {
    check_council(
        "birmingham",
        Census::January2022,
        expect!["11300 cases, 30 officers, 318 schools, 11 supervisors, as at 2022-01-20"],
    );
    check_council(
        "E08000025",
        Census::January2025,
        expect!["12881 cases, 30 officers, 366 schools, 12 supervisors, as at 2025-01-16"],
    );
    check_council(
        "Bristol, City of",
        Census::January2025,
        expect!["5545 cases, 30 officers, 136 schools, 6 supervisors, as at 2025-01-16"],
    );
    check_council(
        "KENT",
        Census::January2025,
        expect!["22173 cases, 30 officers, 619 schools, 21 supervisors, as at 2025-01-16"],
    );
    check_council(
        "isles of scilly",
        Census::January2025,
        expect!["17 cases, 30 officers, 0 schools, 2 supervisors, as at 2025-01-16"],
    );
}

#[test]
fn every_council_can_be_drawn() {
    let names = council_names();
    assert_eq!(names.len(), 153);
    for name in names {
        let options = CouncilOptions { council: name.clone(), census: Census::January2025, ..birmingham(3) };
        let backlog = council(&options).unwrap();
        for case in &backlog.cases {
            assert!(backlog.officers.iter().any(|officer| may_take(officer, case)), "{name}: nobody may take {case:?}");
        }
    }
}

fn check_refused(options: &CouncilOptions, expected: Expect) {
    expected.assert_eq(&council(options).unwrap_err().to_string());
}

#[test]
fn options_that_cannot_be_met() {
    let of = |name: &str, census| CouncilOptions { council: name.to_owned(), census, ..birmingham(19) };
    check_refused(
        &of("Birmingam", Census::January2022),
        expect![[r#"no council "Birmingam" in the published figures; did you mean Birmingham?"#]],
    );
    check_refused(
        &of("bristol", Census::January2022),
        expect![[r#"no council "bristol" in the published figures; did you mean Bristol, City of?"#]],
    );
    check_refused(
        &of("Atlantis", Census::January2022),
        expect![[
            r#"no council "Atlantis" in the published figures; give the name of an English council, or its code such as E08000025"#
        ]],
    );
    check_refused(
        &of("", Census::January2022),
        expect![[
            r#"no council "" in the published figures; give the name of an English council, or its code such as E08000025"#
        ]],
    );
    check_refused(
        &of("Cumberland", Census::January2022),
        expect!["Cumberland has no published plans for January 2022; take January 2025"],
    );
    check_refused(&birmingham(0), expect!["officers is 0; must be at least 1"]);
    check_refused(
        &CouncilOptions { overdue_percent: 101, ..birmingham(19) },
        expect!["overdue_percent is 101; must be 0 to 100"],
    );
}

#[test]
fn every_needed_skill_of_every_area_has_several_officers() {
    for officers in [19, 45, 95] {
        let backlog = council(&birmingham(officers)).unwrap();
        assert_eq!(backlog.officers.len(), officers);
        let needed: BTreeSet<_> =
            backlog.cases.iter().map(|case| (case.area.clone().unwrap(), case.skills.clone())).collect();
        let areas: BTreeSet<_> = needed.iter().map(|(area, _)| area).collect();
        assert_eq!(areas.len(), 10);
        assert!(needed.len() > 40, "every area needs every skill");
        for (area, skills) in &needed {
            let able = |officer: &&Officer| {
                officer.areas.contains(area) && skills.iter().all(|skill| officer.skills.contains(skill))
            };
            let count = backlog.officers.iter().filter(able).count();
            assert!(count >= 3, "{officers} officers: {count} for {area} {skills:?}");
        }
        for officer in &backlog.officers {
            assert!((2..=3).contains(&officer.areas.len()), "{officer:?}");
            assert_eq!((officer.capacity_points, officer.max_case_count), (Some(1_800), Some(180)));
        }
        let lacking = backlog.officers.iter().filter(|officer| officer.skills.len() < 4).count();
        assert!(lacking * 2 > officers, "skills must matter: only {lacking} officers lack one");
    }
}

/// How many cases stay without an officer when each in turn, those that fewest may take first, goes to the eligible
/// officer with most room, to one whose first area it is before others.
fn left_over_by_hand(backlog: &Backlog) -> usize {
    let able: Vec<Vec<_>> = backlog
        .cases
        .iter()
        .map(|case| (0..backlog.officers.len()).filter(|&officer| may_take(&backlog.officers[officer], case)).collect())
        .collect();
    let mut room: Vec<_> = backlog
        .officers
        .iter()
        .map(|officer| (officer.capacity_points.unwrap(), officer.max_case_count.unwrap()))
        .collect();
    let mut order: Vec<_> = (0..backlog.cases.len()).collect();
    order.sort_by_key(|&case| (able[case].len(), -backlog.cases[case].weight_points.unwrap()));
    let mut left_over = 0;
    for case in order {
        let weight = backlog.cases[case].weight_points.unwrap();
        let with_room = able[case].iter().copied().filter(|&officer| room[officer].0 >= weight && room[officer].1 > 0);
        let at_home = |officer: usize| backlog.officers[officer].areas.first() == backlog.cases[case].area.as_ref();
        match with_room.max_by_key(|&officer| (at_home(officer), room[officer].0)) {
            Some(officer) => {
                room[officer].0 -= weight;
                room[officer].1 -= 1;
            }
            None => left_over += 1,
        }
    }
    left_over
}

#[test]
fn a_team_of_95_can_hold_every_case_and_one_of_19_cannot() {
    for seed in 1..=5 {
        assert_eq!(left_over_by_hand(&council(&CouncilOptions { seed, ..birmingham(95) }).unwrap()), 0, "seed {seed}");
        assert!(
            left_over_by_hand(&council(&CouncilOptions { seed, ..birmingham(19) }).unwrap()) > 7_000,
            "seed {seed}"
        );
    }
}

#[test]
fn overdue_and_allocated_shares_are_exact() {
    for (overdue_percent, allocated_percent) in [(0, 0), (35, 60), (60, 100), (100, 1)] {
        let backlog = council(&CouncilOptions { overdue_percent, allocated_percent, ..birmingham(62) }).unwrap();
        let overdue = backlog.cases.iter().filter(|case| case.due_date.unwrap() < backlog.as_at).count();
        let held = backlog.cases.iter().filter(|case| case.current_officer_id.is_some()).count();
        assert_eq!((overdue, held), (113 * usize::from(overdue_percent), 113 * usize::from(allocated_percent)));
    }
}

#[test]
fn lateness_changes_no_points() {
    let total =
        |overdue_percent| points(&council(&CouncilOptions { overdue_percent, ..birmingham(19) }).unwrap().cases);
    let (none, most) = (total(0), total(60));
    assert!((none - most).abs() * 100 < none, "{none} points without late cases, {most} with 60 %");
}

#[test]
fn who_holds_a_case_may_hold_it_and_who_waits_waited_18_months_at_most() {
    let backlog = council(&CouncilOptions { allocated_percent: 50, ..birmingham(62) }).unwrap();
    let officers: HashMap<_, _> = backlog.officers.iter().map(|officer| (&officer.id, officer)).collect();
    let mut waited = Vec::new();
    for case in &backlog.cases {
        match (&case.current_officer_id, case.waiting_since) {
            (Some(officer_id), None) => {
                assert!(may_take(officers[officer_id], case), "{case:?}");
                assert!(case.held_since.unwrap() < backlog.as_at);
            }
            (None, Some(since)) => waited.push((backlog.as_at - since).get_days()),
            other => panic!("{}: both or neither of {other:?}", case.id),
        }
    }
    assert!(waited.iter().all(|days| (0..=548).contains(days)));
    assert!(waited.iter().max() > Some(&540) && waited.iter().min() < Some(&8));
}

#[test]
fn siblings_share_an_area_and_some_officers_are_barred() {
    let backlog = council(&birmingham(62)).unwrap();
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for case in &backlog.cases {
        if let Some(group_id) = &case.group_id {
            groups.entry(group_id).or_default().push(case);
        }
    }
    assert!((100..400).contains(&groups.len()), "{} groups", groups.len());
    for (group_id, cases) in groups {
        assert_eq!((cases.len(), &cases[0].area), (2, &cases[1].area), "{group_id}");
    }
    let officer_ids: HashSet<_> = backlog.officers.iter().map(|officer| &officer.id).collect();
    let barred: Vec<_> = backlog.cases.iter().flat_map(|case| &case.barred_officer_ids).collect();
    assert!((5..60).contains(&barred.len()), "{} barred pairs", barred.len());
    assert!(barred.iter().all(|officer_id| officer_ids.contains(officer_id)));
}

fn small_casework(seed: u64) -> CaseworkOptions {
    CaseworkOptions { cases: 12_000, officers: 150, ratio_percent: 110, seed, as_at: date(2025, 1, 16) }
}

#[test]
fn the_same_seed_gives_the_same_backlog_everywhere() {
    let digest = |backlog: &Backlog| input_digest(backlog, &Rules::plain());
    let of_council =
        |seed| digest(&council(&CouncilOptions { seed, allocated_percent: 70, ..birmingham(62) }).unwrap());
    let of_casework =
        |seed| digest(&casework(&CaseworkOptions { cases: 500, officers: 60, ..small_casework(seed) }).unwrap());
    assert_ne!(of_council(1), of_council(2));
    assert_ne!(of_casework(1), of_casework(2));
    // A changed digest means that results on generated backlogs can no longer be compared with earlier ones.
    expect!["sha256:68a8d3768c22feeff4c99f1292bebee64f4ffd6876f377809b57ae34e7def909"].assert_eq(&of_council(1));
    expect!["sha256:970695136958d6cb0081443c83a515e4ba3c318df09038afa0172032720b8726"].assert_eq(&of_casework(1));
}

#[test]
fn casework_has_the_shape_it_should() {
    for seed in 1..=3 {
        let backlog = casework(&small_casework(seed)).unwrap();
        let pairs = backlog.pairs.as_ref().unwrap();
        assert_eq!((backlog.cases.len(), backlog.officers.len()), (12_000, 150));
        let per_case = pairs.len() as f64 / 12_000.0;
        assert!((41.0..=52.0).contains(&per_case), "seed {seed}: {per_case} eligible officers a case");

        let share = |count: usize, of: usize| count as f64 / of as f64;
        for (weight, expected) in [(1, 0.22), (2, 0.30), (3, 0.24), (5, 0.16), (8, 0.08)] {
            let found = share(backlog.cases.iter().filter(|case| case.weight_points == Some(weight)).count(), 12_000);
            assert!((found - expected).abs() < 0.015, "seed {seed}: {found} of the cases weigh {weight}");
        }
        let held = share(backlog.cases.iter().filter(|case| case.current_officer_id.is_some()).count(), 12_000);
        assert!((0.64..0.68).contains(&held), "seed {seed}: {held} held, 66.5 % expected");
    }
}

#[test]
fn casework_caps_add_up_and_nobody_is_over_one() {
    for (ratio_percent, count_percent) in [(110, 115), (95, 100)] {
        let backlog = casework(&CaseworkOptions { ratio_percent, ..small_casework(1) }).unwrap();
        let sum = |cap: fn(&Officer) -> Option<i64>| {
            backlog.officers.iter().map(|officer| cap(officer).unwrap()).sum::<i64>()
        };
        assert_eq!(sum(|officer| officer.capacity_points), points(&backlog.cases) * i64::from(ratio_percent) / 100);
        assert_eq!(sum(|officer| officer.max_case_count), 120 * count_percent);
        let mut loads: HashMap<&OfficerId, (i64, i64)> = HashMap::new();
        for case in &backlog.cases {
            if let Some(officer_id) = &case.current_officer_id {
                let load = loads.entry(officer_id).or_default();
                *load = (load.0 + case.weight_points.unwrap(), load.1 + 1);
            }
        }
        let over = backlog.officers.iter().find(|officer| {
            let load = loads.get(&officer.id).copied().unwrap_or_default();
            load.0 > officer.capacity_points.unwrap() || load.1 > officer.max_case_count.unwrap()
        });
        assert_eq!(over, None);
        let fullest = loads.values().max().unwrap();
        let least = loads.values().min().unwrap();
        assert!(fullest.0 > 3 * least.0, "who holds cases today should be skewed: {least:?} to {fullest:?}");
    }
}

#[test]
fn casework_prices() {
    let backlog = casework(&small_casework(1)).unwrap();
    let cases: HashMap<_, _> = backlog.cases.iter().map(|case| (&case.id, case)).collect();
    let mut seen = HashSet::new();
    let (mut least_kept, mut least_handed_over) = (i64::MAX, i64::MAX);
    for pair in backlog.pairs.as_ref().unwrap() {
        let case = cases[&pair.case_id];
        let points = case.weight_points.unwrap();
        assert_eq!(pair.weight_points, Some(points));
        assert!(seen.insert((&pair.case_id, &pair.officer_id)), "{pair:?} is there twice");
        match &case.current_officer_id {
            Some(holder) if *holder != pair.officer_id => {
                assert!(pair.cost >= 25 + 4 * points, "{pair:?}");
                least_handed_over = least_handed_over.min(pair.cost - 4 * points);
            }
            _ => least_kept = least_kept.min(pair.cost),
        }
        // 1.5 a km over three areas, 12, 10, two grades, 5, and the handover.
        assert!(pair.cost <= 60 + 12 + 10 + 16 + 5 + 25 + 4 * points, "{pair:?}");
    }
    assert!(least_kept <= 3 && least_handed_over <= 28, "{least_kept}, {least_handed_over}");
    for case in &backlog.cases {
        if let Some(holder) = &case.current_officer_id {
            assert!(seen.contains(&(&case.id, holder)), "{} has no pair with its officer", case.id);
        }
        let (price, points) = (case.holding_price.unwrap(), case.weight_points.unwrap());
        assert!((150 + 60 * points..=550 + 396 * points).contains(&price), "{case:?}");
    }
}

#[test]
fn casework_of_any_size() {
    let of = |cases, officers| casework(&CaseworkOptions { cases, officers, ..small_casework(1) });
    assert_eq!(of(0, 1).unwrap().pairs, Some(Vec::new()));
    assert_eq!(of(7, 1).unwrap().cases.len(), 7);
    let per_case = of(1_000, 20).unwrap().pairs.unwrap().len() as f64 / 1_000.0;
    assert!((12.0..18.0).contains(&per_case), "one area: {per_case}");
    expect!["officers is 0; must be at least 1"].assert_eq(&of(5, 0).unwrap_err().to_string());
    let bad_ratio = casework(&CaseworkOptions { ratio_percent: 0, ..small_casework(1) });
    expect!["ratio_percent is 0; must be 1 to 1000"].assert_eq(&bad_ratio.unwrap_err().to_string());
}

/// Everything that can be seen of the instance is that of the problem made from names.
fn same_instance(options: &CaseworkOptions) {
    let problem = Problem::new(casework(options).unwrap(), Rules::plain()).unwrap();
    let (named, bare) = (problem.instance(), casework_instance(options).unwrap());
    assert_eq!(bare.units(), named.units(), "{options:?}");
    assert_eq!(bare.limits(), named.limits(), "{options:?}");
    assert_eq!(bare.handover_limit(), named.handover_limit());
    assert_eq!((bare.pair_count(), bare.pair_bytes()), (named.pair_count(), named.pair_bytes()), "{options:?}");
    for unit in named.unit_indices() {
        assert!(bare.pairs(unit).eq(named.pairs(unit)), "unit {unit:?} of {options:?}");
    }
}

#[test]
fn casework_without_names_is_the_same_instance() {
    for seed in 1..=6 {
        for (cases, officers, ratio_percent) in [(2_000, 60, 110), (500, 30, 95), (40, 1, 30)] {
            same_instance(&CaseworkOptions { cases, officers, ratio_percent, ..small_casework(seed) });
        }
    }
}

#[test]
fn pools_as_large_as_councils_share_nobody() {
    let whole = CaseworkOptions { cases: 20_000, officers: 600, ..small_casework(3) };
    let pools = council_pools(&whole).unwrap();
    assert_eq!(pools.len(), 153);
    assert_eq!(pools.iter().map(|pool| pool.cases).sum::<usize>(), 20_000);
    assert_eq!(pools.iter().map(|pool| pool.officers).sum::<usize>(), 600);
    assert!(pools.iter().all(|pool| pool.officers >= 1));
    // Kent has 20,635 of England's 638,745 plans.
    assert_eq!(pools.iter().map(|pool| pool.cases).max(), Some(646));

    let instance = casework_pools_instance(&pools).unwrap();
    assert_eq!((instance.units().len(), instance.officer_count()), (20_000, 600));
    let mut units = instance.unit_indices();
    let mut first_officer = 0;
    for pool in &pools {
        let alone = casework_instance(pool).unwrap();
        let officers = first_officer..first_officer + pool.officers;
        assert_eq!(&instance.limits()[officers.clone()], alone.limits());
        for alone_unit in alone.unit_indices() {
            let unit = units.next().unwrap();
            assert!(instance.pairs(unit).all(|pair| officers.contains(&pair.officer.get())), "{unit:?} of {pool:?}");
            assert!(instance.unit(unit).anchor.officer().is_none_or(|officer| officers.contains(&officer.get())));
            let shifted = alone
                .pairs(alone_unit)
                .map(|pair| EligiblePair { officer: OfficerIndex::new(pair.officer.get() + first_officer), ..pair });
            assert!(instance.pairs(unit).eq(shifted), "as if the pool were alone");
        }
        first_officer = officers.end;
    }
    assert_eq!(units.len(), 0);
    assert!(council_pools(&CaseworkOptions { officers: 152, ..whole }).is_err(), "fewer officers than councils");
}

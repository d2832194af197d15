use std::fmt::Write as _;

use expect_test::{Expect, expect};
use jiff::{ToSpan as _, civil::date};

use super::*;
use crate::{
    model::{Backlog, Case, Officer, Rules},
    solve::{Options, solve},
    statute::Catalogue,
};

/// Officers `o1:points`, with more than two parts `:skills`; cases `a:stage:days-to-due-date[:holder]`.
fn given(officers: &str, cases: &str) -> Given {
    let as_at = date(2025, 1, 20);
    let officer = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        Officer {
            capacity_points: parts[1].parse().ok(),
            skills: parts.get(2).into_iter().map(|skill| Code::from(*skill)).collect(),
            ..Officer::new(parts[0].into())
        }
    };
    let case = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        let days: i64 = parts[2].parse().unwrap();
        Case {
            stage: Some(parts[1]).filter(|stage| !stage.is_empty()).map(Code::from),
            weight_points: Some(1),
            due_date: Some(as_at.saturating_add(days.days())),
            current_officer_id: parts.get(3).map(|id| (*id).into()),
            ..Case::new(parts[0].into())
        }
    };
    let backlog = Backlog {
        as_at,
        cases: cases.split_whitespace().map(case).collect(),
        officers: officers.split_whitespace().map(officer).collect(),
        supervisors: Vec::new(),
        pairs: None,
    };
    let statute = Statute::of(Catalogue::preset("send-england").unwrap());
    Given { backlog, rules: Rules::standard(), statute }
}

/// No chance, and 100 points for every obligation, in all of an officer's time.
fn plain(given: &Given) -> ForecastOptions {
    let mut options = ForecastOptions::of(&given.statute);
    options.efforts.dated_work_percent = 100;
    options.efforts.follows.clear();
    options.efforts.obligations.clear();
    options.efforts.other.points = 100;
    options.efforts.other.lead_weeks = 52;
    options
}

fn run(given: &Given, options: &ForecastOptions) -> Forecast {
    let proposed = solve(&given.problem().unwrap(), &Options::default(), &Budget::steps(200), &mut |_| ()).unwrap();
    forecast(given, &proposed, options, 2, &Budget::default(), &mut |_| ()).unwrap()
}

fn of(found: &Forecast, assignment: Assignment) -> &Outlook {
    found.outlooks.iter().find(|outlook| outlook.assignment == assignment).unwrap()
}

/// Weeks in which something is due, for each assignment.
fn check(found: &Forecast, expected: &Expect) {
    let mut text = format!("{} paths, {} missed before\n", found.path_count, found.missed_before_count);
    for outlook in &found.outlooks {
        let title = outlook.assignment.code();
        writeln!(
            text,
            "{title}: {} held, worst {:?}",
            outlook.held_case_count,
            outlook.worst_late_weeks.map(|w| w.middle)
        )
        .unwrap();
        for (week, counts) in outlook.weeks.iter().enumerate().filter(|(_, counts)| counts.due.high > 0) {
            let missed = counts.missed.map(|missed| missed.middle);
            let (others, unheld) = (counts.waits_on_others.middle, counts.unheld.middle);
            writeln!(
                text,
                "  week {week}: due {}, missed {missed:?}, others {others}, unheld {unheld}",
                counts.due.middle
            )
            .unwrap();
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn missed_obligations_are_a_range_over_the_orders() {
    // A long one that came first, and 3 short ones: 100 points a week. Two weeks late from the beginning: e.
    let given = given("o1:100", "a:request:7:o1 b:request:8:o1 c:drafting:6:o1 d:drafting:12:o1 e:request:-14:o1 f::3");
    let mut options = plain(&given);
    options.efforts = Efforts::read(
        "name = 't'\nnote = 't'\ndated-work-percent = 100\nother = { points = 100, lead-weeks = 52 }\n\
         [[obligation]]\ncode = 'decide-whether-to-assess'\npoints = 100\nlead-weeks = 6\n\
         [[obligation]]\ncode = 'final-plan'\npoints = 50\nlead-weeks = 4\n",
    )
    .unwrap();
    check(
        &run(&given, &options),
        &expect![[r#"
        1 paths, 1 missed before
        current: 5 held, worst [52, 52, 52]
          week 0: due 2, missed [2, 1, 2], others 0, unheld 1
          week 1: due 3, missed [3, 1, 2], others 0, unheld 0
        proposed: 6 held, worst [3, 5, 4]
          week 0: due 2, missed [2, 1, 1], others 0, unheld 0
          week 1: due 3, missed [3, 1, 3], others 0, unheld 0
        do_nothing: 5 held, worst [52, 52, 52]
          week 0: due 2, missed [2, 1, 2], others 0, unheld 1
          week 1: due 3, missed [3, 1, 2], others 0, unheld 0
    "#]],
    );
}

#[test]
fn what_waits_on_others_is_counted_apart_and_only_if_it_is_late_by_them() {
    let given = given("o1:1000", "a:request:7:o1 b:request:8:o1 c:request:9:o1 d:request:10:o1");
    let mut options = plain(&given);
    let wait = |case: &str, until: Option<Date>| Wait { case_id: case.into(), code: None, until };
    let other = Wait { code: Some(Code::from("final-plan")), ..wait("d", None) };
    // a: for good; b: until after its day; c: until the day before; d: another obligation.
    options.waits =
        vec![wait("a", None), wait("b", Some(date(2025, 2, 14))), wait("c", Some(date(2025, 1, 28))), other];
    let found = run(&given, &options);
    let total = of(&found, Assignment::Current).total;
    assert_eq!((total.due.middle, total.waits_on_others.middle, total.range()), (4, 2, (0, 0)));
    let counted: Vec<(i64, i64)> =
        found.obligations.iter().map(|obligation| obligation.missed_path_counts[0]).collect();
    assert_eq!(counted, [(1, 1), (1, 1), (0, 0), (0, 0)]);
    options.waits.clear();
    options.efforts.obligations = vec![super::super::Effort {
        code: Code::from("decide-whether-to-assess"),
        points: 1,
        lead_weeks: 52,
        waits_on_others_percent: 100,
        source: String::new(),
    }];
    assert_eq!(of(&run(&given, &options), Assignment::Proposed).total.waits_on_others.middle, 4);
}

#[test]
fn new_demand_is_shared_out_or_left_to_nobody() {
    let given = given("o1:9000:assessment o2:9000:tribunal", "a:request:7:o1 b:review:400:o2");
    let mut options = plain(&given);
    options.demand = vec![Demand { event: Code::from("request-received"), per_week_hundredths: 300 }];
    options.path_count = 40;
    let found = run(&given, &options);
    assert_eq!(found.path_count, 40);
    let (current, nothing) = (of(&found, Assignment::Current), of(&found, Assignment::DoNothing));
    // Of 3 a week each has an obligation after 6, 16 and 20 weeks: 46, 36 and 32 weeks of them within the year.
    let due = current.total.due;
    assert!((300..=380).contains(&due.middle) && due.low < due.high, "{due:?}");
    assert_eq!(current.total.due, nothing.total.due, "the same chance");
    assert_eq!(current.total.range(), (0, 0), "one officer has the skill, and points enough");
    assert_eq!(nothing.total.unheld.middle, due.middle - 1);
    assert_eq!(found, run(&given, &options), "the same seed, the same answer");
    let mut turned = given.clone();
    turned.backlog.cases.reverse();
    turned.backlog.officers.reverse();
    assert_eq!(found, run(&turned, &options), "whatever the order of the input");
    options.seed = 1;
    assert_ne!(of(&run(&given, &options), Assignment::Current).total.due, due);
    // Nobody has the skill: nobody does the work.
    options.demand[0].event = Code::from("move-learned");
    assert_eq!(of(&run(&given, &options), Assignment::Current).total.range(), (0, 0));
}

#[test]
fn fixed_days_and_the_tribunals_august_are_seen() {
    let given = given("o1:100", "a:transfer:25:o1");
    let found = run(&given, &plain(&given));
    let marked: Vec<String> = found
        .weeks
        .iter()
        .enumerate()
        .filter(|(_, week)| !week.marks.is_empty())
        .map(|(number, week)| format!("{number} {} {}", week.begin, week.marks.join(", ")))
        .collect();
    expect![[r#"
        3 2025-02-10 before 15 February
        9 2025-03-24 before 31 March
        10 2025-03-31 31 March itself
        28 2025-08-04 August: no day counts before the tribunal
        29 2025-08-11 August: no day counts before the tribunal
        30 2025-08-18 August: no day counts before the tribunal
        31 2025-08-25 August: no day counts before the tribunal"#]]
    .assert_eq(&marked.join("\n"));
}

#[test]
fn an_officer_without_points_is_named_and_does_nothing() {
    let given = given("o1:0 o2:100", "a:request:7:o1 b:request:7:o2");
    let found = run(&given, &plain(&given));
    assert_eq!(of(&found, Assignment::Current).total.range(), (1, 1));
    let note = "Officer o1 holds 1 case today and has no points for dated work: nothing is done in them.";
    assert!(found.notes.iter().any(|found| found == note), "{:?}", found.notes);
}

#[test]
fn more_points_never_miss_more_in_the_order_of_due_dates() {
    let cases: Vec<String> = (0..40).map(|n| format!("c{n}:request:{}:o1", (n * 37) % 90)).collect();
    let mut before = i64::MAX;
    for points in ["50", "100", "200", "400"] {
        let given = given(&format!("o1:{points}"), &cases.join(" "));
        let (low, high) = of(&run(&given, &plain(&given)), Assignment::Current).total.range();
        assert!(low <= high && low <= before, "{points}");
        before = low;
    }
    assert_eq!(before, 0);
}

#[test]
fn bad_options_are_told_all_at_once_by_path() {
    let given = given("o1:100", "a:request:7:o1");
    let mut options = plain(&given);
    (options.week_count, options.path_count) = (53, 0);
    options.efforts.dated_work_percent = -1;
    options.demand = ["request-received", "moon", "request-received", "hearing"]
        .map(|event| Demand { event: event.into(), per_week_hundredths: 1 })
        .to_vec();
    options.demand[0].per_week_hundredths = -150;
    options.waits = vec![Wait { case_id: "x".into(), code: Some("sun".into()), until: None }];
    let text: Vec<String> = options.faults(&given).iter().map(ToString::to_string).collect();
    expect![[r#"
        week_count: is 53; must be 1 to 52
        path_count: is 0; must be 1 to 1000
        demand[0].per_week: is -1.5; must be 0 to 10000 a week
        demand[1].event_code: `moon` is no event of the catalogue; `caseload rules show` lists them
        demand[2].event_code: `request-received` is given twice; add the rates up
        demand[3].event_code: no deadline of ours runs from `hearing`; name the event with which cases begin
        waits[0].case_id: `x` is no case of the backlog
        waits[0].obligation_code: `sun` is no clock of the catalogue; `caseload rules show` lists them
        efforts.dated_work_percent: is -1; must be 0 to 100"#]]
    .assert_eq(&text.join("\n"));
    let proposed = solve(&given.problem().unwrap(), &Options::default(), &Budget::steps(9), &mut |_| ()).unwrap();
    assert!(forecast(&given, &proposed, &options, 1, &Budget::default(), &mut |_| ()).is_err());
}

#[test]
fn no_officer_or_nothing_due_is_no_failure() {
    let found = run(&given("", "a:request:7"), &plain(&given("", "")));
    assert_eq!(of(&found, Assignment::Proposed).total.unheld.middle, 1);
    let far = given("o1:100", "a:request:900:o1");
    let found = run(&far, &plain(&far));
    assert_eq!((found.path_count, found.obligations.len(), found.outlooks.len()), (1, 0, 3));
}

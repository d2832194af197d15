//! A team as text, one entry a line, and a problem as text.
//!
//! ```text
//! officer o1 capacity=10 max=3 intake=2 areas=n,s settings=hill skills=asd supervisor=s1 from=DATE until=DATE
//! case a weight=3 price=500 area=n setting=hill skills=asd held=o1 since=DATE required=o1 pinned group=g
//!        child=k due=DATE waiting=DATE barred=o1,o2
//! supervisor s1 areas=n max=4
//! pair a o1 cost=5 weight=2
//! pairs
//! rules plain handover_price=7 balance=80:1,95:1
//! ```
//!
//! `pairs` alone gives an empty list of pairs; a DATE may be days from the day of the allocation: `+5`, `-1`.

use jiff::{
    ToSpan as _,
    civil::{Date, date},
};

use crate::model::{
    Absence, Backlog, BalanceStep, Case, CaseIndex, Code, InvalidProblem, Officer, OfficerId, Pair, Problem, Rules,
    StayExtension, StayReason, Supervisor, UnitIndex,
};

/// The day of every allocation here.
pub(super) const TODAY: Date = date(2025, 6, 2);

/// Reads a team. The rules are the standard ones, unless a `rules` line says otherwise.
pub(super) fn team(text: &str) -> (Backlog, Rules) {
    let mut backlog =
        Backlog { as_at: TODAY, cases: Vec::new(), officers: Vec::new(), supervisors: Vec::new(), pairs: None };
    let mut rules = Rules::standard();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "officer" => backlog.officers.push(officer(words[1], &words[2..])),
            "case" => backlog.cases.push(case(words[1], &words[2..])),
            "supervisor" => backlog.supervisors.push(supervisor(words[1], &words[2..])),
            "pairs" => backlog.pairs = Some(Vec::new()),
            "pair" => backlog.pairs.get_or_insert_default().push(pair(words[1], words[2], &words[3..])),
            "rules" => change_rules(&mut rules, &words[1..]),
            other => panic!("no entry {other}: {line}"),
        }
    }
    (backlog, rules)
}

/// The problem of a team that must be valid.
pub(super) fn problem(text: &str) -> Problem {
    let (backlog, rules) = team(text);
    Problem::new(backlog, rules).unwrap_or_else(|error| panic!("{}", listed(&error)))
}

/// The violations of a team, a line each.
pub(super) fn violations(backlog: Backlog, rules: Rules) -> String {
    match Problem::new(backlog, rules) {
        Ok(_) => "none\n".to_owned(),
        Err(error) => listed(&error),
    }
}

/// A line a violation: path, value in brackets, message.
pub(super) fn listed(error: &InvalidProblem) -> String {
    let line = |violation: &crate::model::Violation| {
        format!("{} [{}] {}\n", violation.place, violation.value, violation.message)
    };
    error.violations.iter().map(line).collect()
}

/// `a+b`: the cases of a unit.
pub(super) fn name(problem: &Problem, unit: UnitIndex) -> String {
    let id = |case: &CaseIndex| problem.backlog().cases[case.get()].id.as_str();
    problem.cases_of(unit).iter().map(id).collect::<Vec<_>>().join("+")
}

fn fields<'a>(words: &[&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    words.iter().map(|word| word.split_once('=').unwrap_or((word, ""))).collect::<Vec<_>>().into_iter()
}

fn codes(value: &str) -> Vec<Code> {
    value.split(',').map(Code::from).collect()
}

fn day(value: &str) -> Option<Date> {
    let relative = value.starts_with(['+', '-']).then(|| value.parse::<i64>().unwrap());
    Some(relative.map_or_else(|| value.parse().unwrap(), |days| TODAY + days.days()))
}

fn number(value: &str) -> Option<i64> {
    Some(value.parse().unwrap())
}

fn officer(id: &str, words: &[&str]) -> Officer {
    let mut officer = Officer::new(id.into());
    for (field, value) in fields(words) {
        match field {
            "capacity" => officer.capacity_points = number(value),
            "max" => officer.max_case_count = number(value),
            "intake" => officer.intake_limit = number(value),
            "areas" => officer.areas = codes(value),
            "settings" => officer.setting_codes = codes(value),
            "skills" => officer.skills = codes(value),
            "supervisor" => officer.supervisor_id = Some(value.into()),
            "from" => officer.available_from = day(value),
            "until" => officer.available_until = day(value),
            "fte" => officer.fte_percent = number(value),
            "reductions" => officer.reductions = value.split(',').map(|part| part.parse().unwrap()).collect(),
            "away" => {
                let absence = |part: &str| {
                    let (from, until) = part.split_once("..").unwrap();
                    Absence { from: day(from).unwrap(), until: day(until).unwrap() }
                };
                officer.absences = value.split(',').map(absence).collect();
            }
            "former" => officer.former_intake = value.split(',').map(|part| day(part).unwrap()).collect(),
            other => panic!("no field {other} of an officer"),
        }
    }
    officer
}

fn case(id: &str, words: &[&str]) -> Case {
    let mut case = Case::new(id.into());
    for (field, value) in fields(words) {
        match field {
            "weight" => case.weight_points = number(value),
            "price" => case.holding_price = number(value),
            "area" => case.area = Some(value.into()),
            "setting" => case.setting_code = Some(value.into()),
            "skills" => case.skills = codes(value),
            "held" => case.current_officer_id = Some(value.into()),
            "since" => case.held_since = day(value),
            "required" => case.required_officer_id = Some(value.into()),
            "pinned" => case.pinned = true,
            "group" => case.group_id = Some(value.into()),
            "child" => case.child_id = Some(value.into()),
            "due" => case.due_date = day(value),
            "waiting" => case.waiting_since = day(value),
            "extended" => {
                let until = day(value).unwrap();
                let extension = StayExtension { until, reason: StayReason::OfficerExpected, by: "head".into() };
                case.stay_extension = Some(Box::new(extension));
            }
            "barred" => case.barred_officer_ids = value.split(',').map(OfficerId::from).collect(),
            other => panic!("no field {other} of a case"),
        }
    }
    case
}

fn supervisor(id: &str, words: &[&str]) -> Supervisor {
    let mut supervisor = Supervisor { id: id.into(), areas: Vec::new(), max_holding_count: None };
    for (field, value) in fields(words) {
        match field {
            "areas" => supervisor.areas = codes(value),
            "max" => supervisor.max_holding_count = number(value),
            other => panic!("no field {other} of a supervisor"),
        }
    }
    supervisor
}

fn pair(case_id: &str, officer_id: &str, words: &[&str]) -> Pair {
    let mut pair = Pair { case_id: case_id.into(), officer_id: officer_id.into(), cost: 0, weight_points: None };
    for (field, value) in fields(words) {
        match field {
            "cost" => pair.cost = value.parse().unwrap(),
            "weight" => pair.weight_points = number(value),
            other => panic!("no field {other} of a pair"),
        }
    }
    pair
}

fn change_rules(rules: &mut Rules, words: &[&str]) {
    for (field, value) in fields(words) {
        let number = || value.parse().unwrap();
        match field {
            "plain" => *rules = Rules::plain(),
            "version" => value.clone_into(&mut rules.version),
            "area_rank_price" => rules.area_rank_price = number(),
            "setting_price" => rules.setting_price = number(),
            "handover_price" => rules.handover_price = number(),
            "handover_price_per_point" => rules.handover_price_per_point = number(),
            "handover_points" => rules.handover_points = number(),
            "group_apart_price" => rules.group_apart_price = number(),
            "waiting_price" => rules.waiting_price = number(),
            "waiting_price_per_point" => rules.waiting_price_per_point = number(),
            "urgency_price_per_point" => rules.urgency_price_per_point = number(),
            "urgency_days" => rules.urgency_days = number(),
            "waited_price_per_point_week" => rules.waited_price_per_point_week = number(),
            "raise" => rules.raise_waiting_prices = value == "yes",
            "balance" => rules.balance = steps(value),
            "balance_may_move" => rules.balance_may_move = true,
            "over_cap_price_per_point" => rules.over_cap_price_per_point = number(),
            "handover_limit" => rules.handover_limit = Some(number()),
            "release" => rules.release_to_holding = true,
            "default_max_case_count" => rules.default_max_case_count = number(),
            "check_by_days" => rules.check_by_days = number(),
            "longest_stay_days" => rules.longest_stay_days = number(),
            "full_time" => rules.full_time_capacity_points = number(),
            other => panic!("no rule {other}"),
        }
    }
}

/// `80:1,95:2`; `none` = no step.
fn steps(value: &str) -> Vec<BalanceStep> {
    let step = |text: &str| {
        let (percent, slope) = text.split_once(':').unwrap();
        BalanceStep { percent: percent.parse().unwrap(), slope: slope.parse().unwrap() }
    };
    value.split(',').filter(|text| *text != "none").map(step).collect()
}

//! `caseload staff plan`: how many officers.

use std::fmt::Write as _;

use clap::Args;

use super::{NOT_SHOWN, needs, profiles, profiles::ProfileArgs, refused};
use crate::{
    cli::{
        exit::Outcome,
        files::{staffing_json, write_staffing},
        input::InputArgs,
        picture::{Bar, bars, counted, grouped, heading, wrapped},
        question::AnswerArgs,
        search::{SearchArgs, show},
        working::Working,
    },
    plan::{Allowances, Lower, OutOfReach, OutOfReachReason, StaffingOptions, StaffingPlan, TargetCaps, staffing},
};

/// Groups of cases that the picture lists.
const LISTED_MAX: usize = 12;

/// Say how many officers it takes, and of which profiles, so that every case has an officer within the caps
///
/// The fewest, or where profiles have costs the cheapest; beside it what is proved: that no fewer are enough. The answer is
/// put to the test by giving every case an officer with it. Whoever holds a case today may keep it.
#[derive(Debug, Args)]
#[command(override_usage = "caseload staff plan [OPTIONS] --profile <PROFILE>... --cases <FILE> --officers <FILE>")]
#[command(after_long_help = format!("\
{}

Files in DIR (the same for the same input, seed and steps):
  hires.csv          a row a profile: how many, cost, caps of each, cases and points that they hold
  caseloads.csv      a row an officer, hires included: cases, points, caps
  allocation.csv     case_id, officer_id: the allocation that puts the answer to the test
  out_of_reach.csv   cases that no hire of these profiles helps: reason, area, skills, cases, points
  staffing.json      everything but the single cases

For example, for 180 cases each whatever they weigh, and under the points cap too:
  caseload staff plan --profile any:skills=assessment+early-years+post-16+tribunal --max-cases 180 \\
    --no-points-cap --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20
  caseload staff plan --profiles profiles.toml --max-cases 180 --leave 12 --vacancies 5 --forecast \\
    --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20 --out staffing", profiles::HELP))]
pub(super) struct PlanArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    profiles: ProfileArgs,
    #[command(flatten)]
    caps: CapArgs,
    #[command(flatten)]
    allowances: AllowanceArgs,
    /// Show the deadlines that would be missed beside it (see `caseload forecast`)
    #[arg(long)]
    forecast: bool,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    answer: AnswerArgs,
}

#[derive(Debug, Args)]
pub(super) struct CapArgs {
    /// Cases that a full-time officer may hold, of present officers and hires; their own caps if not given
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_cases: Option<i64>,
    /// Leave out points caps
    #[arg(long)]
    no_points_cap: bool,
}

impl CapArgs {
    pub(super) fn target(&self) -> TargetCaps {
        TargetCaps { max_case_count: self.max_cases, without_points_cap: self.no_points_cap }
    }
}

#[derive(Debug, Args)]
pub(super) struct AllowanceArgs {
    /// Per cent of hires' caps to take off for leave, sickness and training
    #[arg(long, value_name = "P", default_value_t = 0, allow_negative_numbers = true)]
    leave: i64,
    /// Per cent to take off for posts that are vacant
    #[arg(long, value_name = "P", default_value_t = 0, allow_negative_numbers = true)]
    vacancies: i64,
    /// Take --leave and --vacancies off the present team's caps, too
    #[arg(long)]
    for_all: bool,
    /// Look at the week of the next 52 in which all cases together have most points (cases with stages)
    #[arg(long)]
    pub(super) peak: bool,
}

impl AllowanceArgs {
    pub(super) fn allowances(&self) -> Allowances {
        Allowances { leave_percent: self.leave, vacancy_percent: self.vacancies, for_all: self.for_all }
    }
}

pub(in crate::cli) fn run(args: &PlanArgs) -> Outcome {
    let source = args.input.backlog()?;
    let working = Working::new();
    let wanted = StaffingOptions {
        profiles: args.profiles.read()?,
        caps: args.caps.target(),
        allowances: args.allowances.allowances(),
        in_peak_week: args.allowances.peak,
        with_forecast: args.forecast,
    };
    let given = source.given(&working)?;
    let running = args.search.start(&working);
    let found = staffing(&given, &wanted, &args.search.options(), &running.budget, &mut show(&working));
    let found = found.map_err(refused)?;
    drop(running);
    args.answer.tell(working, |folder| write_staffing(folder, &found), || staffing_json(&found), || text(&found, args))
}

fn text(found: &StaffingPlan, args: &PlanArgs) -> String {
    let mut text = heading("How many officers");
    let mut lines = vec![Bar { name: "the present team".to_owned(), count: found.present_officer_count }];
    lines.extend(
        found.hires.iter().map(|hires| Bar { name: format!("hire: {}", hires.profile_code), count: hires.count }),
    );
    text.push_str(&bars(&lines));
    text.push_str(&wrapped("  ", &answer(found, args)));
    text.push_str(&wrapped("  ", &proof(found)));
    if let Some(why) = &found.unfinished {
        text.push_str(&wrapped("  ", &format!("Not put to the test: {why}.")));
    }
    text.push_str(&reach(found));
    text.push_str(&held(found));
    if let Some(missed) = &found.missed {
        let range = |(fewest, most): (i64, i64)| match fewest == most {
            true => grouped(most),
            false => format!("{} to {}", grouped(fewest), grouped(most)),
        };
        let _ = write!(text, "\n{}", heading("Deadlines missed, beside it"));
        text.push_str(&wrapped(
            "  ",
            &format!(
                "Of {} due in {} weeks: {} as today, {} with the hires, by the order in which officers work. Illustrative efforts, not calibrated: see `caseload forecast`.",
                grouped(missed.due_count),
                missed.week_count,
                range(missed.as_today),
                range(missed.with_hires),
            ),
        ));
    }
    let _ = write!(text, "\n{}", heading("What this does not show"));
    text.push_str(&wrapped("  ", NOT_SHOWN));
    for note in &found.notes {
        text.push_str(&wrapped("  ", note));
    }
    let _ = writeln!(text, "  Rules {}, as at {}, seed {}.", found.rules_version, found.as_at, found.seed);
    text
}

fn answer(found: &StaffingPlan, args: &PlanArgs) -> String {
    let caps = match (args.caps.max_cases, args.caps.no_points_cap) {
        (Some(most), true) => format!("with at most {} cases each, whatever they weigh", grouped(most)),
        (Some(most), false) => format!("with at most {} cases each and under the points caps", grouped(most)),
        (None, true) => "under the case-count caps, whatever cases weigh".to_owned(),
        (None, false) => "under the caps of points and cases".to_owned(),
    };
    let week = found.peak_week.map_or_else(String::new, |week| format!(" in the heaviest week, from {week}"));
    let cost =
        if found.cost == found.hire_count { String::new() } else { format!(", at a cost of {}", grouped(found.cost)) };
    let beside = match found.out_of_reach_count() {
        0 => String::new(),
        count => format!(", but for {} out of reach of these profiles", counted(count, "case", "cases")),
    };
    match (found.hire_count, found.out_of_reach_count()) {
        (0, 0) => format!("No hire is needed: the present team can hold {} {caps}{week}.", all_cases(found)),
        (0, out_of_reach) => format!(
            "No hire of these profiles helps: the present team can hold {} {caps}{week}, and {} stay without an officer whom none of them could take, see below.",
            all_cases(found),
            counted(out_of_reach, "case", "cases"),
        ),
        (count, _) => format!(
            "{}{cost}, {} in all: then {} of {} can have an officer {caps}{week}{beside}.",
            counted(count, "hire", "hires"),
            counted(found.officer_count(), "officer", "officers"),
            all_cases(found),
            counted(found.child_count, "child", "children"),
        ),
    }
}

fn all_cases(found: &StaffingPlan) -> String {
    counted(found.case_count - found.out_of_reach_count(), "case", "cases")
}

fn proof(found: &StaffingPlan) -> String {
    let costs = found.cost != found.hire_count || found.cost_at_least.value() != found.hire_count_at_least;
    let count = match found.hire_count_at_least {
        0 => "Proved: nothing beyond the present team is needed by the bound.".to_owned(),
        least if least == found.hire_count => format!(
            "Proved: with {} at least one child would be without an officer, or an officer above a cap, however cases are given out, under the rules you entered. Gap 0.",
            counted(least - 1, "hire", "hires"),
        ),
        least => format!(
            "Proved: at least {} {} needed, however cases are given out, under the rules you entered; found are {}. Gap {}.",
            counted(least, "hire", "hires"),
            if least == 1 { "is" } else { "are" },
            grouped(found.hire_count),
            grouped(found.hire_count - least),
        ),
    };
    if !costs || found.hire_count == 0 {
        return match (found.hire_count, found.out_of_reach_count()) {
            (0, 0) => "Nothing less can be needed: gap 0.".to_owned(),
            (0, _) => "More of these hires would change nothing: gap 0.".to_owned(),
            _ => count,
        };
    }
    let cost = match found.cost_at_least {
        Lower::Proved(least) => format!("No hires that cost less than {} are enough: proved.", grouped(least)),
        Lower::Claimed(least) => format!(
            "No hires that cost less than {} are enough: proved; HiGHS claims the same of {}.",
            grouped(found.cost_proved),
            grouped(least),
        ),
    };
    format!("{cost} Gap of the cost {}. {count}", grouped(found.gap()))
}

fn reach(found: &StaffingPlan) -> String {
    if found.out_of_reach.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}", heading("Out of reach of these profiles"));
    let mut listed: Vec<&OutOfReach> = found.out_of_reach.iter().collect();
    listed.sort_by_key(|entry| std::cmp::Reverse(entry.cases.case_count));
    for entry in listed.into_iter().take(LISTED_MAX) {
        let why = match entry.reason {
            OutOfReachReason::Nobody => "nobody may take them, within the caps",
            OutOfReachReason::NoRoom => "only present officers may take them, who have no room",
        };
        let count = counted(entry.cases.case_count, "case", "cases");
        text.push_str(&wrapped("  ", &format!("{count}: {}; {why}.", needs(&entry.cases))));
    }
    if found.out_of_reach.len() > LISTED_MAX {
        let more = found.out_of_reach.len() - LISTED_MAX;
        let _ = writeln!(text, "  ... and {more} more groups: see out_of_reach.csv, with --out");
    }
    text.push_str(&wrapped("  ", "Add a profile with these areas and skills, or change what the cases need. Cases of a group that stay together are out of reach together."));
    text
}

fn held(found: &StaffingPlan) -> String {
    let mut text = format!("\n{}", heading("Who would hold what"));
    let cap = |cap: Option<i64>| cap.map_or_else(|| "no cap".to_owned(), grouped);
    let _ = writeln!(
        text,
        "  {:<24}{:>9}{:>12}{:>12}{:>14}{:>14}",
        "", "officers", "cases", "points", "cases, cap", "points, cap"
    );
    let width = |name: &str| {
        if name.chars().count() > 23 {
            format!("{} ", name.chars().take(22).collect::<String>())
        } else {
            name.to_owned()
        }
    };
    let mut hired = (0, 0);
    for hires in &found.hires {
        hired = (hired.0 + hires.case_count, hired.1 + hires.points);
        let _ = writeln!(
            text,
            "  {:<24}{:>9}{:>12}{:>12}{:>14}{:>14}",
            width(hires.profile_code.as_str()),
            grouped(hires.count),
            grouped(hires.case_count),
            grouped(hires.points),
            cap(hires.max_case_count),
            cap(hires.capacity_points),
        );
    }
    let Some(allocation) = &found.allocation else {
        text.push_str("  Who holds what is not known: there is no allocation.\n");
        return text;
    };
    let all = &allocation.caseloads;
    let (cases, points) = all.iter().fold((0, 0), |sum, of| (sum.0 + of.case_count, sum.1 + of.load_points));
    let _ = writeln!(
        text,
        "  {:<24}{:>9}{:>12}{:>12}{:>14}{:>14}",
        "the present team",
        grouped(found.present_officer_count),
        grouped(cases - hired.0),
        grouped(points - hired.1),
        "own",
        "own",
    );
    let most = all.iter().map(|of| of.case_count).max().unwrap_or(0);
    let least = all.iter().map(|of| of.case_count).min().unwrap_or(0);
    text.push_str(&wrapped(
        "  ",
        &format!(
            "Put to the test: {} without an officer, {} above a cap; {} to {} cases each. {} would change officer.",
            counted(allocation.totals.children_without_officer_count, "child", "children"),
            counted(allocation.totals.over_cap_officer_count, "officer", "officers"),
            grouped(least),
            grouped(most),
            counted(found.handover_count, "case", "cases"),
        ),
    ));
    text
}

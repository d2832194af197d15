//! `caseload staff lowest-cap`: which cap the present team can meet.

use std::fmt::Write as _;

use clap::Args;

use super::{NOT_SHOWN, needs, plan::AllowanceArgs, refused};
use crate::{
    cli::{
        exit::Outcome,
        files::{lowest_caps_json, write_lowest_caps},
        input::InputArgs,
        picture::{Bar, bars, counted, grouped, heading, wrapped},
        question::AnswerArgs,
        search::{SearchArgs, show},
        working::Working,
    },
    plan::{CapKind, LowestCap, LowestCapOptions, lowest_cap},
};

/// Say the lowest cap that the present team can meet: of cases, with and without the points caps, and of points
///
/// Each with what is proved: under any lower cap somebody has no officer within it, however cases are given out.
#[derive(Debug, Args)]
#[command(override_usage = "caseload staff lowest-cap [OPTIONS] --cases <FILE> --officers <FILE>")]
#[command(after_long_help = "\
Files in DIR (the same for the same input, seed and steps):
  lowest_caps.csv   a row a question: what is capped, the lowest cap found, what is proved
  lowest_caps.json  the same with what is left out

--leave and --vacancies are taken off what everybody can hold under the cap.

For example:
  caseload staff lowest-cap --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20")]
pub(super) struct LowestCapArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    allowances: AllowanceArgs,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    answer: AnswerArgs,
}

/// The questions, in the order in which they are told.
const QUESTIONS: [(CapKind, bool); 4] =
    [(CapKind::Cases, false), (CapKind::Cases, true), (CapKind::Points, false), (CapKind::Points, true)];

pub(in crate::cli) fn run(args: &LowestCapArgs) -> Outcome {
    let source = args.input.backlog()?;
    let working = Working::new();
    let given = source.given(&working)?;
    let running = args.search.start(&working);
    let mut all = Vec::new();
    for (of, with_other_cap) in QUESTIONS {
        let wanted = LowestCapOptions {
            of,
            with_other_cap,
            allowances: args.allowances.allowances(),
            in_peak_week: args.allowances.peak,
        };
        let found = lowest_cap(&given, &wanted, &args.search.options(), &running.budget, &mut show(&working));
        all.push(found.map_err(refused)?);
    }
    drop(running);
    args.answer.tell(working, |folder| write_lowest_caps(folder, &all), || lowest_caps_json(&all), || text(&all))
}

fn title(found: &LowestCap) -> &'static str {
    match (found.of, found.with_other_cap) {
        (CapKind::Cases, false) => "cases each, whatever they weigh",
        (CapKind::Cases, true) => "cases each, under the points caps",
        (CapKind::Points, false) => "points each, however many cases",
        (CapKind::Points, true) => "points each, under the case-count caps",
    }
}

/// The title, and what it is not about.
fn named(found: &LowestCap) -> String {
    match found.out_of_reach_count() {
        0 => title(found).to_owned(),
        count => format!("{}, {} left out", title(found), counted(count, "case", "cases")),
    }
}

fn text(all: &[LowestCap]) -> String {
    let mut text = heading("The lowest cap that the present team can meet");
    // Cases and points each to their own scale, in one column.
    let width = all.iter().map(|found| named(found).chars().count()).max().unwrap_or(0);
    for of in [CapKind::Cases, CapKind::Points] {
        let found = all.iter().filter(|found| found.of == of);
        let line = |found: &LowestCap| Some(Bar { name: format!("{:<width$}", named(found)), count: found.cap? });
        text.push_str(&bars(&found.filter_map(line).collect::<Vec<_>>()));
    }
    text.push('\n');
    for found in all {
        text.push_str(&wrapped("  ", &sentence(found)));
    }
    let listed: Vec<&LowestCap> = all.iter().filter(|found| !found.out_of_reach.is_empty()).collect();
    if !listed.is_empty() {
        let _ = write!(text, "\n{}", heading("Left out: nobody, or no room whatever the cap"));
        for found in listed {
            let most: Vec<String> = found
                .out_of_reach
                .iter()
                .take(3)
                .map(|entry| format!("{}: {}", needs(&entry.cases), counted(entry.cases.case_count, "case", "cases")))
                .collect();
            let more = found.out_of_reach.len().saturating_sub(3);
            let more = if more == 0 { String::new() } else { format!("; and {more} more groups, see --json") };
            text.push_str(&wrapped("  ", &format!("{}: {}{more}.", title(found), most.join("; "))));
        }
    }
    let _ = write!(text, "\n{}", heading("What this does not show"));
    text.push_str(&wrapped("  ", NOT_SHOWN));
    if let Some(found) = all.first() {
        let week = found.peak_week.map_or_else(String::new, |week| format!(", in the heaviest week, from {week}"));
        let _ = writeln!(text, "  Rules {}, as at {}{week}, seed {}.", found.rules_version, found.as_at, found.seed);
    }
    text
}

fn sentence(found: &LowestCap) -> String {
    let left = match found.out_of_reach_count() {
        0 => String::new(),
        count => {
            format!(" All of this without the {} that nobody has room for, see below.", counted(count, "case", "cases"))
        }
    };
    let found_cap = match (found.cap, &found.unfinished) {
        (Some(cap), _) => format!("{} {}", grouped(cap), title(found)),
        (None, why) => format!("No cap for {}: {}", title(found), why.as_deref().unwrap_or("none was found")),
    };
    let gap = found.cap.map_or_else(String::new, |cap| format!(" Gap {}.", grouped(cap - found.at_least)));
    format!(
        "{found_cap}. Proved: under less than {} at least one child has no officer within the cap, however cases are given out, under the rules you entered.{gap}{left}",
        grouped(found.at_least),
    )
}

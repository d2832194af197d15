//! `caseload rules`: what the rules and the stage catalogue say, and whether a file of either can be used.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::exit::{Code, Outcome};
use super::input::unusable_rules;
use super::output;
use super::picture::wrapped;
use crate::import::{is_catalogue, read_catalogue, read_rules};
use crate::model::{Code as Name, Rules};
use crate::statute::{Catalogue, Clock, Kind, Party, Stage};

/// Before whatever is said of an entry.
const INDENT: &str = "      ";

/// Show a stage catalogue, or check a file of rules or stages
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(ShowArgs),
    Check(CheckArgs),
}

/// Show a stage catalogue: clocks, exemptions, stages and points, each with its source
#[derive(Debug, Args)]
#[command(after_long_help = "\
For example:
  caseload rules show
  caseload rules show probation-england-wales
  caseload rules show ours.toml --as-at 2029-09-01")]
struct ShowArgs {
    /// A catalogue that is shipped (send-england, probation-england-wales), or a TOML file
    #[arg(value_name = "CATALOGUE", default_value = "send-england")]
    catalogue: String,
    /// Only what holds on this day; without it, everything, with its dates
    #[arg(long, value_name = "DATE")]
    as_at: Option<Date>,
}

/// Check a file of rules or a stage catalogue: everything that is wrong with it, by line and field
///
/// A file with a table `catalogue` is a stage catalogue; any other file holds allocation rules, as for `--rules`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
For example:
  caseload rules check ours.toml")]
struct CheckArgs {
    /// The file
    #[arg(value_name = "FILE")]
    file: String,
}

pub(super) fn run(args: &RulesArgs) -> Outcome {
    match &args.action {
        Action::Show(args) => show(args),
        Action::Check(args) => check(args),
    }
}

fn check(args: &CheckArgs) -> Outcome {
    let unusable = |error| unusable_rules(&args.file, "", &error);
    let text = if is_catalogue(&args.file) {
        let catalogue = read_catalogue(&args.file).map_err(unusable)?;
        format!(
            "{}: nothing is wrong with catalogue {}, version {}: {} clocks, {} exemptions, {} stages, {} add-ons\n",
            args.file,
            catalogue.about.name,
            catalogue.about.version,
            catalogue.clocks.len(),
            catalogue.exemptions.len(),
            catalogue.stages.len(),
            catalogue.add_ons.len()
        )
    } else {
        let rules = read_rules(&args.file).map_err(unusable)?;
        let preset = [Rules::standard(), Rules::plain()].into_iter().any(|preset| preset == rules);
        let same = if preset { ": the same as the preset" } else { "" };
        format!("{}: nothing is wrong with the rules, version {}{same}\n", args.file, rules.version)
    };
    output::say(&text)?;
    Ok(Code::Fine)
}

fn show(args: &ShowArgs) -> Outcome {
    let unusable = |error| unusable_rules(&args.catalogue, "", &error);
    let catalogue = read_catalogue(&args.catalogue).map_err(unusable)?;
    output::say(&picture(&catalogue, args.as_at))?;
    Ok(Code::Fine)
}

/// The catalogue as a person reads it, in lines of at most 100 characters where the texts allow.
fn picture(catalogue: &Catalogue, as_at: Option<Date>) -> String {
    let about = &catalogue.about;
    let holds = |from: Option<Date>, to: Option<Date>| {
        as_at.is_none_or(|day| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to))
    };
    let mut text = format!("{}\n", about.title.to_uppercase());
    text.push_str(&wrapped("", &format!("Catalogue {}, version {}: {}.", about.name, about.version, about.note)));
    let _ = writeln!(
        text,
        "A full-time officer ({}.{} hours a week) carries {} points.",
        about.full_time_tenth_hours / 10,
        about.full_time_tenth_hours % 10,
        about.full_time_points
    );

    if let Some(days) = &about.bank_holidays {
        let days: Vec<String> = days.iter().map(Date::to_string).collect();
        let days = if days.is_empty() { "none".to_owned() } else { days.join(", ") };
        text.push_str(&wrapped("", &format!("Bank holidays, instead of those of England: {days}.")));
    }

    text.push_str("\nCLOCKS  (? = not read in the primary text: to be confirmed)\n");
    for clock in catalogue.clocks.iter().filter(|clock| holds(clock.effective_from, clock.effective_to)) {
        entry(&mut text, clock.code.as_str(), &clock.title, clock.effective_from, clock.effective_to);
        for (position, run) in clock.runs.iter().enumerate() {
            let or = if position == 0 { "" } else { "or, if later, " };
            text.push_str(&wrapped(INDENT, &format!("{or}{run}")));
        }
        text.push_str(&wrapped(INDENT, &format!("{}{}", meaning(clock), sourced(&clock.source, clock.verified))));
    }
    text.push_str("\nEXEMPTIONS  (a person decides, with this code and their own; the duty stays)\n");
    for exemption in catalogue.exemptions.iter().filter(|entry| holds(entry.effective_from, entry.effective_to)) {
        entry(&mut text, exemption.code.as_str(), &exemption.title, exemption.effective_from, exemption.effective_to);
        let lifted: Vec<&str> = exemption.lifts.iter().map(Name::as_str).collect();
        text.push_str(&wrapped("      lifts ", &lifted.join(", ")));
        text.push_str(&wrapped(INDENT, &sourced(&exemption.source, exemption.verified)));
    }
    text.push_str("\nSTAGES\n  points  stage\n");
    for stage in catalogue.stages.iter().filter(|stage| holds(stage.effective_from, stage.effective_to)) {
        let dates = dates(stage.effective_from, stage.effective_to);
        let named = format!("{} ({}): {}{dates}", stage.code, stage.case_kind, stage.title);
        text.push_str(&wrapped(&format!("  {:>6}  ", stage.points), &named));
        text.push_str(&wrapped("          ", &conditions(stage)));
    }
    text.push_str("\nADD-ONS\n  points  fact\n");
    for add_on in catalogue.add_ons.iter().filter(|add_on| holds(add_on.effective_from, add_on.effective_to)) {
        let time = add_on.weeks.map_or_else(|| "while true".to_owned(), |weeks| format!("for {weeks} weeks"));
        let dates = dates(add_on.effective_from, add_on.effective_to);
        let _ = writeln!(text, "  {:>+6}  {}: {}, {time}{dates}", add_on.points, add_on.code, add_on.title);
    }
    text
}

fn entry(text: &mut String, code: &str, title: &str, from: Option<Date>, to: Option<Date>) {
    let _ = writeln!(text, "  {code}");
    text.push_str(&wrapped(INDENT, &format!("{title}{}", dates(from, to))));
}

fn dates(from: Option<Date>, to: Option<Date>) -> String {
    match (from, to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("; from {from}"),
        (None, Some(to)) => format!("; to {to}"),
        (Some(from), Some(to)) => format!("; {from} to {to}"),
    }
}

fn meaning(clock: &Clock) -> String {
    let mut text = match (clock.kind, clock.whose) {
        (Kind::Limit, Party::Ours) => "deadline of the service".to_owned(),
        (Kind::Limit, Party::Family) => "deadline of the family".to_owned(),
        (Kind::Limit, Party::Other) => "deadline of another body".to_owned(),
        (Kind::Floor, _) => "time that must be given: not before it is over".to_owned(),
        (Kind::Window, _) => "time that others have: shown, never missed by the service".to_owned(),
        (Kind::Advice, _) => "advice, not law".to_owned(),
        (Kind::Undated, _) => "a duty without a number of days".to_owned(),
    };
    if let Some(extension) = clock.extension {
        let _ = write!(text, ", {extension} more for a good reason");
    }
    if !clock.requires.is_empty() {
        let events: Vec<&str> = clock.requires.iter().map(Name::as_str).collect();
        let _ = write!(text, ", only after {}", events.join(" and "));
    }
    if !clock.ended_by.is_empty() {
        let events: Vec<&str> = clock.ended_by.iter().map(Name::as_str).collect();
        let _ = write!(text, ", done by {}", events.join(" or "));
    }
    if clock.rolls_over_tribunal_breaks {
        text.push_str(", past August and Christmas");
    }
    text.push_str("; ");
    text
}

fn sourced(source: &str, is_verified: bool) -> String {
    format!("{source}{}", if is_verified { "" } else { " ?" })
}

fn conditions(stage: &Stage) -> String {
    let mut text = match &stage.window {
        Some(window) => format!("in the {} weeks before {} ends; ", window.weeks, window.clock),
        None => String::new(),
    };
    if !stage.skills.is_empty() {
        let skills: Vec<&str> = stage.skills.iter().map(Name::as_str).collect();
        let _ = write!(text, "needs {}; ", skills.join(", "));
    }
    if stage.planned_transfer && !stage.skills.is_empty() {
        text.push_str("coming into it is no handover; ");
    }
    if !stage.barred_to_officers_of.is_empty() {
        let stages: Vec<&str> = stage.barred_to_officers_of.iter().map(Name::as_str).collect();
        let _ = write!(text, "not by who has {}; ", stages.join(", "));
    }
    let _ = write!(text, "waits {} at most; {}", stage.longest_stay, stage.source);
    text
}

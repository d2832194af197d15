//! `caseload staff`: how many officers, which cap, what a hire is worth, why it does not fit; from files, nothing is kept.

mod lowest_cap;
mod plan;
mod profiles;
mod why;
mod worth;

use clap::{Args, Subcommand};

use super::{
    exit::{Failure, Outcome},
    question::unanswerable,
};
use crate::plan::{CaseGroup, Unanswerable};

/// Ask how many officers it takes, which cap the team can meet, what a hire is worth, and why it does not fit
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct StaffArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    Plan(Box<plan::PlanArgs>),
    LowestCap(Box<lowest_cap::LowestCapArgs>),
    Worth(Box<worth::WorthArgs>),
    Why(Box<why::WhyArgs>),
}

pub(super) fn run(args: &StaffArgs) -> Outcome {
    match &args.question {
        Question::Plan(args) => plan::run(args),
        Question::LowestCap(args) => lowest_cap::run(args),
        Question::Worth(args) => worth::run(args),
        Question::Why(args) => why::run(args),
    }
}

/// What every such answer does not show.
const NOT_SHOWN: &str = "This is about cases held within caps, under the rules you entered. It says nothing of whether work is done in time, well, or lawfully.";

/// Why a question has no answer; what is wrong with it by its path, positions from 0.
fn refused(error: Unanswerable) -> Failure {
    unanswerable(error, ToString::to_string)
}

/// `area-03, skills tribunal, post-16`.
fn needs(group: &CaseGroup) -> String {
    let area = group.area.as_ref().map_or_else(|| "any area".to_owned(), ToString::to_string);
    let skills: Vec<&str> = group.skills.iter().map(crate::model::Code::as_str).collect();
    match &skills[..] {
        [] => format!("{area}, no skill needed"),
        [one] => format!("{area}, skill {one}"),
        more => format!("{area}, skills {}", more.join(", ")),
    }
}

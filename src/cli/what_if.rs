//! `caseload what-if`: managers' questions about a backlog, answered from files; nothing is kept or committed.

mod comparison;
mod handovers;
mod leavers;
mod scenarios;
mod waves;

use clap::{Args, Subcommand};

use serde_json::Value;

use super::{
    exit::{Code, Failure, Outcome},
    input::listed,
    output,
};
use crate::plan::{BadEntry, Unanswerable};

/// Ask what would be, without changing anything
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct WhatIfArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    Scenarios(Box<scenarios::ScenariosArgs>),
    Leavers(Box<leavers::LeaversArgs>),
    Handovers(Box<handovers::HandoversArgs>),
    Waves(Box<waves::WavesArgs>),
}

pub(super) fn run(args: &WhatIfArgs) -> Outcome {
    match &args.question {
        Question::Scenarios(args) => scenarios::run(args),
        Question::Leavers(args) => leavers::run(args),
        Question::Handovers(args) => handovers::run(args),
        Question::Waves(args) => waves::run(args),
    }
}

/// Why a question has no answer; what is wrong with it in these words.
pub(super) fn unanswerable(error: Unanswerable, in_words: impl Fn(&BadEntry) -> String) -> Failure {
    match error {
        Unanswerable::Invalid(faults) => listed("in the question", faults.iter().map(in_words), faults.len()),
        Unanswerable::Problem(error) => Failure::from_error(Code::Data, &error),
        Unanswerable::Faulty(error) => Failure::of_defect(&error),
    }
}

/// Prints the one JSON object, where it is wanted; else the picture.
pub(super) fn tell(json: Option<Value>, picture: impl FnOnce() -> String) -> Outcome {
    let text = match json {
        Some(json) => serde_json::to_string_pretty(&json).expect("names and numbers are always JSON") + "\n",
        None => picture(),
    };
    output::say(&text)?;
    Ok(Code::Fine)
}

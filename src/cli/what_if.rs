//! `caseload what-if`: managers' questions about a backlog, answered from files; nothing is kept or committed.

mod comparison;
mod handovers;
mod leavers;
mod scenarios;
mod waves;

use clap::{Args, Subcommand};

use super::exit::Outcome;

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

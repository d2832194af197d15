//! The binary: parse, dispatch.

use std::process::ExitCode;

use caseload::cli::serve::{ServeArgs, serve};
use clap::{Parser, Subcommand};

/// Gives every open case a named officer under a caseload cap, and proves how good the answer is.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(ServeArgs),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(args) => serve(&args),
    }
}

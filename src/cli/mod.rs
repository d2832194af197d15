//! The command line: one file a command. It may call everything; nothing calls it but the binary.
//!
//! What is shared: `exit` (codes and failures), `input` (files to a problem), `search` (how long, of managers' questions), `working` (progress, time limit, Ctrl-C),
//! `trace` (how a solve went), `figures` and `picture` (what people see of an answer), `gap` (the same of a published
//! instance), `files` (folders that are written and read back); of the commands that talk to a service, `session` (which,
//! and how) and `team` (whose assignment).

mod allocate;
mod assign;
mod bench;
mod check;
mod close;
mod commit;
mod completions;
mod demo;
mod erase;
mod exit;
mod explain;
mod export;
mod figures;
pub mod files;
mod forecast;
mod gap;
mod generate;
mod health;
mod import;
mod input;
mod memory;
mod message;
mod output;
mod paint;
mod picture;
mod question;
mod reassign;
mod reconcile;
mod relabel;
mod replay;
mod rules;
mod search;
mod serve;
mod session;
mod sparkline;
mod staff;
mod status;
mod summary;
mod team;
mod trace;
mod versions;
mod what_if;
mod working;

use clap::{Parser, Subcommand};

use exit::{Failure, Outcome};

/// Give every open case a named officer under a caseload cap, and prove how good the answer is.
#[derive(Debug, Parser)]
#[command(name = "caseload", version, after_help = exit::HELP, max_term_width = 100)]
#[command(arg_required_else_help = true, subcommand_required = true, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Allocate(Box<allocate::AllocateArgs>),
    Forecast(Box<forecast::ForecastArgs>),
    WhatIf(what_if::WhatIfArgs),
    Staff(staff::StaffArgs),
    Commit(commit::CommitArgs),
    Assign(assign::AssignArgs),
    Reassign(reassign::ReassignArgs),
    Close(close::CloseArgs),
    Explain(explain::ExplainArgs),
    Versions(versions::VersionsArgs),
    Replay(replay::ReplayArgs),
    Erase(erase::EraseArgs),
    Check(check::CheckArgs),
    Status(status::StatusArgs),
    Reconcile(reconcile::ReconcileArgs),
    Import(import::ImportArgs),
    Relabel(relabel::RelabelArgs),
    Export(export::ExportArgs),
    Rules(rules::RulesArgs),
    Generate(generate::GenerateArgs),
    Bench(bench::BenchArgs),
    Health(health::HealthArgs),
    Completions(completions::CompletionsArgs),
}

/// Runs the program with the arguments of the process, and answers with its exit code.
#[must_use]
pub fn run() -> u8 {
    match Cli::try_parse() {
        Ok(cli) => dispatch(cli.command),
        Err(error) => usage(&error),
    }
}

fn dispatch(command: Command) -> u8 {
    match command {
        Command::Serve(args) => ended(serve::run(&args)),
        Command::Demo(args) => ended(demo::run(&args)),
        Command::Allocate(args) => ended(allocate::run(&args)),
        Command::Forecast(args) => ended(forecast::run(&args)),
        Command::WhatIf(args) => ended(what_if::run(&args)),
        Command::Staff(args) => ended(staff::run(&args)),
        Command::Commit(args) => ended(commit::run(&args)),
        Command::Assign(args) => ended(assign::run(&args)),
        Command::Reassign(args) => ended(reassign::run(&args)),
        Command::Close(args) => ended(close::run(&args)),
        Command::Explain(args) => ended(explain::run(&args)),
        Command::Versions(args) => ended(versions::run(&args)),
        Command::Replay(args) => ended(replay::run(&args)),
        Command::Erase(args) => ended(erase::run(&args)),
        Command::Check(args) => ended(check::run(&args)),
        Command::Status(args) => ended(status::run(&args)),
        Command::Reconcile(args) => ended(reconcile::run(&args)),
        Command::Import(args) => ended(import::run(&args)),
        Command::Relabel(args) => ended(relabel::run(&args)),
        Command::Export(args) => ended(export::run(&args)),
        Command::Rules(args) => ended(rules::run(&args)),
        Command::Generate(args) => ended(generate::run(&args)),
        Command::Bench(args) => ended(bench::run(&args)),
        Command::Health(args) => ended(health::run(&args)),
        Command::Completions(args) => ended(completions::run(&args)),
    }
}

fn ended(outcome: Outcome) -> u8 {
    let code = outcome.unwrap_or_else(|Failure { code, message }| {
        output::complain(&message);
        code
    });
    code.number()
}

/// Help and version go to standard output and are no failure; a wrong argument is.
fn usage(error: &clap::Error) -> u8 {
    // Nobody is left to tell where the terminal is gone.
    let _ = error.print();
    let code = if error.use_stderr() { exit::Code::Usage } else { exit::Code::Fine };
    code.number()
}

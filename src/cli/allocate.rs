//! `caseload allocate`: files in, an allocation out, without a service; or, with --team, to a service.

mod gap;
mod team;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;

use super::exit::{Code, Failure, Outcome};
use super::figures::Before;
use super::files::{ResultMeta, write_result};
use super::input::{BacklogSource, InputArgs, Source};
use super::session::{ServiceArgs, WriteArgs};
use super::summary::{self, Run};
use super::trace::{Point, Trace};
use super::working::{TimeLimit, Working, stop_on_interrupt};
use crate::model::{Allocation, CaseId, Problem};
use crate::solve::{Budget, Options, Progress, explain, solve};

const TIME_LIMIT_SECONDS: f64 = 10.0;

/// Allocate the cases of a backlog to its officers, from files; with --team, by a service
///
/// Ctrl-C stops the search, which answers with the best it has; a second Ctrl-C ends the program.
#[derive(Debug, Args)]
#[command(override_usage = "caseload allocate [OPTIONS] --cases <FILE> --officers <FILE>
       caseload allocate [OPTIONS] --format gap <FILE>")]
#[command(after_long_help = "\
Files in DIR (the same for the same input, seed and steps):
  allocation.csv  case_id, officer_id, due_date, named_contact (the officer the child's family turns to)
  holding.csv     case_id, reason, supervisor_id, check_by, longest_stay_until, waiting_since,
                  due_date, named_contact
  caseloads.csv   officer_id, case_count, load_points, capacity_points, over, max_case_count,
                  peak_week, peak_points (the heaviest of the next 52 weeks; empty: all weigh the same)
  changes.csv     case_id, from_officer_id, to_officer_id, reason
  result.json     objective, bounds and their proof, rules version, digest of the input
  solution.txt    with --format gap, where every job has an agent: the objective as published on the
                  first line, the agent (1 to m) of each job in turn on the second

With --format gap the cases are the jobs 1 to n and the officers the agents 1 to m. Where no
solution was found, the exit code is 1.

For example:
  caseload generate --council Birmingham --census 2022 --officers 95 --out backlog
  caseload allocate --cases backlog/cases.csv --officers backlog/officers.csv \\
    --supervisors backlog/supervisors.csv --as-at 2022-01-20 --out result
  caseload allocate --format gap gap12-1.txt --sense max --time-limit 60 --out result
  caseload allocate --cases cases.csv --officers officers.csv --trace trace.jsonl
  caseload allocate --cases cases.csv --officers officers.csv --supervisors supervisors.csv \\
    --team north --commit")]
pub(super) struct AllocateArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Seconds that the search may take; 10 if not given, unless --steps is
    #[arg(long, value_name = "S", value_parser = seconds)]
    time_limit: Option<Duration>,
    /// Steps that the search may take: the same answer, however fast the machine
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Stop when the answer is proved to be so near the best: 0.01 is 1 %
    #[arg(long, value_name = "X", default_value = "0", value_parser = gap)]
    gap: f64,
    /// Seed of the search
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads to use; as many as there are cores if not given. The answer does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Explain why this case has its officer, or none (may be given several times)
    #[arg(long, value_name = "CASE_ID", conflicts_with = "format")]
    explain: Vec<String>,
    /// Write the answer to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write how objective and bound came nearer to each other to this file: JSON lines of seconds, stage, objective and
    /// bound, the last of which is the answer (stage `end`); with --format gap in published costs
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Print one JSON object instead of the picture (peak_memory_bytes is null where the system does not tell it)
    #[arg(long)]
    json: bool,
    /// Send the files to a service, which keeps a proposal for this team (or commits it, with --commit); held_since is not
    /// sent. Without it nothing is sent anywhere
    #[arg(long, value_name = "TEAM", conflicts_with_all = ["format", "out", "trace", "explain", "threads"])]
    team: Option<String>,
    /// With --team: make the answer the team's current assignment
    #[arg(long, requires = "team")]
    commit: bool,
    /// With --team: a case of the current assignment that is closed, and so not in the files (may be given several times)
    #[arg(long, value_name = "CASE_ID", requires = "team")]
    closed: Vec<String>,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    service: ServiceArgs,
}

/// A number of seconds, with a fraction or without.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let error = || format!("`{text}` is not a number of seconds from 0 to 1000000");
    let number: f64 = text.parse().map_err(|_| error())?;
    if !(0.0..=1e6).contains(&number) {
        return Err(error());
    }
    Ok(Duration::from_secs_f64(number))
}

pub(super) fn gap(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(gap) if (0.0..=1.0).contains(&gap) => Ok(gap),
        _ => Err(format!("`{text}` is not a gap from 0 to 1 (0.01 is 1 %)")),
    }
}

impl AllocateArgs {
    fn time_limit(&self) -> Option<Duration> {
        // A clock beside the steps would make the answer depend on the machine.
        self.time_limit.or_else(|| self.steps.is_none().then(|| Duration::from_secs_f64(TIME_LIMIT_SECONDS)))
    }

    fn budget(&self) -> Budget {
        Budget { step_limit: self.steps, ..Budget::default() }
    }

    fn options(&self) -> Options {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Options {
            seed: self.seed,
            threads: self.threads.map_or_else(cores, usize::from),
            gap_limit: self.gap,
            start: None,
        }
    }
}

pub(super) fn run(args: &AllocateArgs) -> Outcome {
    match args.input.source() {
        Source::Backlog(source) => match &args.team {
            Some(team_id) => team::allocate(args, team_id, &source),
            None => allocate(args, &source),
        },
        Source::Gap(source) => gap::allocate(args, &source),
    }
}

fn allocate(args: &AllocateArgs, source: &BacklogSource<'_>) -> Outcome {
    let begin = Instant::now();
    let working = Working::new();
    let input = source.read(None, &working)?;
    let problem = &input.problem;
    let explained: Vec<_> = args.explain.iter().map(|id| CaseId::from(id.as_str())).collect();
    if let Some(unknown) = explained.iter().find(|id| problem.case_index(id).is_none()) {
        return Err(Failure::new(
            Code::Usage,
            format!("--explain {unknown}: no such case in {}; give one of its case ids", source.cases.display()),
        ));
    }

    let mut trace = Trace::create(args.trace.as_deref())?;
    let mut show = |elapsed, progress: Progress| {
        working.show(progress.stage, Some(progress.objective), progress.bound);
        trace.write(None, &Point::of(elapsed, progress));
    };
    let (allocation, solve_elapsed) = search(args, problem, &args.options(), &args.budget(), &working, &mut show)?;
    let evidence = &allocation.evidence;
    trace.write(None, &Point::end(solve_elapsed, Some(evidence.objective), Some(evidence.bound)));
    trace.close()?;
    let explanations = explain(problem, &allocation, &explained);
    if let Some(folder) = &args.out {
        working.phase("writing the answer");
        let meta = ResultMeta { input_digest: input.digest.clone() };
        write_result(folder, &allocation, &meta).map_err(|error| Failure::from_error(Code::Files, &error))?;
    }
    drop(working);
    let run = Run {
        allocation: &allocation,
        explanations: &explanations,
        input_digest: &input.digest,
        elapsed: begin.elapsed(),
        solve_elapsed,
        seed: args.seed,
    };
    if args.json {
        summary::json(&run)?;
    } else {
        let mut further = Vec::new();
        if input.has_unnamed_supervisors {
            further.push("officers name supervisors, but no file of them was given: give --supervisors.".to_owned());
        }
        if let Some(folder) = &args.out {
            further.push(format!("the answer is in {}.", folder.display()));
        }
        summary::people(&run, &Before::of(problem), input.is_preset, &further)?;
    }
    Ok(Code::Fine)
}

/// Solves until the budget, the time limit or Ctrl-C ends it; and how long that took. `show` hears of progress, and when.
fn search(
    args: &AllocateArgs,
    problem: &Problem,
    options: &Options,
    budget: &Budget,
    working: &Working,
    show: &mut dyn FnMut(Duration, Progress),
) -> Result<(Allocation, Duration), Failure> {
    // Without it Ctrl-C still ends the program.
    let _ = stop_on_interrupt(budget);
    working.solving(args.time_limit());
    let begin = Instant::now();
    let time_limit = args.time_limit().map(|limit| TimeLimit::start(limit, budget));
    let mut show = |progress| show(begin.elapsed(), progress);
    let allocation = solve(problem, options, budget, &mut show).map_err(|error| Failure::of_defect(&error))?;
    drop(time_limit);
    Ok((allocation, begin.elapsed()))
}

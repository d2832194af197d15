//! `caseload export`: the whole problem for another solver.

use std::io;
use std::path::Path;

use clap::{Args, Subcommand};

use super::exit::{Code, Failure, Outcome};
use super::files::write_file;
use super::input::{InputArgs, Source};
use super::output;
use super::working::Working;
use crate::export::write_mps;
use crate::import::{GapInstance, Sense};

/// Write the whole problem for another solver
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct ExportArgs {
    #[command(subcommand)]
    language: Language,
}

#[derive(Debug, Subcommand)]
enum Language {
    Mps(MpsArgs),
}

/// Write the problem as an integer program in free MPS, for HiGHS, SCIP, OR-Tools and others
///
/// A minimisation with all that caseload itself minds: prices, caps, intake and handover limits, groups, pins and balance.
/// Its optimum is the least objective of `allocate`.
#[derive(Debug, Args)]
#[command(override_usage = "caseload export mps [OPTIONS] --cases <FILE> --officers <FILE> --out <FILE>
       caseload export mps [OPTIONS] --format gap <FILE> --out <FILE>")]
#[command(after_long_help = "\
Columns:
  CASE;OFFICER    1 where the officer holds the case (of cases that stay together: the first by id)
  CASE;           1 where it waits
  ;OFFICER;K      points of the officer's load in the K-th segment of the balance price

For example:
  caseload export mps --cases backlog/cases.csv --officers backlog/officers.csv \\
    --as-at 2022-01-20 --out backlog.mps
  caseload export mps --format gap gap12-1.txt --sense max --out gap12-1.mps
  highs --time_limit 60 gap12-1.mps")]
struct MpsArgs {
    #[command(flatten)]
    input: InputArgs,
    /// File to write to; `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: String,
}

pub(super) fn run(args: &ExportArgs) -> Outcome {
    match &args.language {
        Language::Mps(args) => mps(args),
    }
}

fn mps(args: &MpsArgs) -> Outcome {
    let working = Working::new();
    let (problem, comments) = match args.input.source() {
        Source::Backlog(source) => (source.read(None, &working)?.problem, Vec::new()),
        Source::Gap(source) => {
            let input = source.read(&working)?;
            let comments = comments(&input.instance);
            (input.problem, comments)
        }
    };
    let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
    working.phase("writing the problem");
    if args.out == "-" {
        drop(working);
        output::stream(|out| write_mps(&problem, &comments, out))?;
        return Ok(Code::Fine);
    }
    write_file(Path::new(&args.out), |out| write_mps(&problem, &comments, out))
        .map_err(|error| Failure::from_error(code(&error.source), &error))?;
    drop(working);
    let mut text = format!("the problem is in {}\n", args.out);
    for comment in comments {
        text.push_str(&format!("{comment}\n"));
    }
    output::say(&text)?;
    Ok(Code::Fine)
}

/// How the file's objective is turned into the published one.
fn comments(instance: &GapInstance) -> Vec<String> {
    let mut comments =
        vec![format!("a job without an agent (column JOB;) costs {}; a solution has none", instance.holding_price())];
    if instance.sense() == Sense::Max {
        comments.push(format!("published objective = {} - the objective of this file", instance.offset()));
    }
    comments
}

/// An id that cannot be written is a matter of the input, anything else of the file.
fn code(error: &io::Error) -> Code {
    if error.kind() == io::ErrorKind::InvalidInput { Code::Data } else { Code::Files }
}

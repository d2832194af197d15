//! `caseload generate`: invented backlogs as files.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::civil::{Date, date};

use super::exit::{Code, Failure, Outcome};
use super::files::{write_backlog, write_sen2};
use super::output;
use super::picture::{STAMP, grouped};
use super::working::Working;
use crate::generate::{
    CaseworkOptions, Census, CouncilOptions, Sen2CouncilOptions, Sen2Form, casework, council, sen2_council,
};
use crate::model::Backlog;

/// The day of abstract casework, so that the same options give the same files on every day.
pub(super) const CASEWORK_DAY: Date = date(2025, 1, 16);

/// Write an invented backlog: a council's from published figures, or abstract casework
///
/// No child is in it: published are only counts of whole councils, and everything else is drawn from the seed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Files in DIR: cases.csv, officers.csv, supervisors.csv; with --shape casework also pairs.csv. With --format sen2-csv or
sen2-xml: the extract, and beside it officers.csv, supervisors.csv, owners.csv and areas.csv, for `import sen2`.

For example:
  caseload generate --council Birmingham --census 2022 --officers 19 --allocated 0
  caseload generate --council Birmingham --census 2022 --officers 75 --format sen2-csv --dirty 2 --out extract
  caseload generate --shape casework --cases 10000 --officers 200 --ratio 1.1 --out casework")]
pub(super) struct GenerateArgs {
    /// Council, by name or code: Birmingham, or E08000025
    #[arg(long, value_name = "NAME", required_unless_present = "shape", conflicts_with = "shape")]
    council: Option<String>,
    /// Abstract casework instead of a council
    #[arg(long, value_name = "SHAPE", requires = "cases")]
    shape: Option<Shape>,
    /// Officers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    officers: u32,
    /// Seed: the same seed gives the same files
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Of a council: cases past their due date, in per cent
    #[arg(long, value_name = "P", default_value_t = 30, value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "shape")]
    overdue: u8,
    /// Of a council: cases with an officer today, in per cent
    #[arg(long, value_name = "P", default_value_t = 70, value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "shape")]
    allocated: u8,
    /// Of a council: the January whose count of plans is taken
    #[arg(long, value_name = "YEAR", default_value = "2025", conflicts_with = "shape")]
    census: Year,
    /// Of casework: open cases
    #[arg(long, value_name = "N", conflicts_with = "council", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    cases: Option<u32>,
    /// Of casework: what the points caps add up to, as a ratio to what is needed; 1.1 is tight, 0.95 short
    #[arg(long, value_name = "R", default_value = "1.1", value_parser = ratio_percent, conflicts_with = "council")]
    ratio: u16,
    /// Of a council: a backlog for `allocate`, or a SEN2 return for `import sen2`
    #[arg(long, value_name = "FORMAT", default_value = "backlog", conflicts_with = "shape")]
    format: Format,
    /// Of a SEN2 return: children whose records are broken, in per cent, in more than 40 ways
    #[arg(long, value_name = "P", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "shape")]
    dirty: u8,
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = "backlog")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Files for `allocate`
    Backlog,
    /// The CSV export of the SEN2 return
    Sen2Csv,
    /// The SEN2 return as XML
    Sen2Xml,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shape {
    /// Sparse eligible pairs with prices; for the rules preset `plain`
    Casework,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Year {
    /// January 2022
    #[value(name = "2022")]
    Of2022,
    /// January 2025
    #[value(name = "2025")]
    Of2025,
}

/// A ratio in whole per cent.
fn ratio_percent(text: &str) -> Result<u16, String> {
    let error = || format!("`{text}` is not a ratio from 0.01 to 10 in steps of 0.01 (1.1 is 110 %)");
    let ratio: f64 = text.parse().map_err(|_| error())?;
    let percent = (ratio * 100.0).round();
    if !(1.0..=1_000.0).contains(&percent) || (ratio * 100.0 - percent).abs() > 1e-6 {
        return Err(error());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number from 1 to 1000")]
    Ok(percent as u16)
}

pub(super) fn run(args: &GenerateArgs) -> Outcome {
    let form = match args.format {
        Format::Sen2Csv => Some(Sen2Form::Csv),
        Format::Sen2Xml => Some(Sen2Form::Xml),
        Format::Backlog if args.dirty > 0 => {
            return Err(Failure::new(Code::Usage, "--dirty is of a SEN2 return: give --format sen2-csv or sen2-xml"));
        }
        Format::Backlog => None,
    };
    if let Some(form) = form {
        return sen2(args, form);
    }
    let working = Working::new();
    working.phase("drawing the backlog");
    let backlog = draw(args)?;
    working.phase("writing the files");
    write_backlog(&args.out, &backlog).map_err(|error| Failure::from_error(Code::Files, &error))?;
    drop(working);
    output::say(&told(&args.out, &backlog, args.shape.is_some()))?;
    Ok(Code::Fine)
}

fn draw(args: &GenerateArgs) -> Result<Backlog, Failure> {
    let officers = args.officers as usize;
    match (&args.council, args.cases) {
        (None, Some(cases)) => casework(&CaseworkOptions {
            cases: cases as usize,
            officers,
            ratio_percent: args.ratio,
            seed: args.seed,
            as_at: CASEWORK_DAY,
        })
        .map_err(|error| Failure::new(Code::Usage, error.to_string())),
        _ => council(&council_options(args)).map_err(|error| Failure::new(Code::Usage, error.to_string())),
    }
}

fn council_options(args: &GenerateArgs) -> CouncilOptions {
    CouncilOptions {
        council: args.council.clone().unwrap_or_default(),
        census: match args.census {
            Year::Of2022 => Census::January2022,
            Year::Of2025 => Census::January2025,
        },
        officers: args.officers as usize,
        overdue_percent: args.overdue,
        allocated_percent: args.allocated,
        seed: args.seed,
    }
}

/// A return as files, with the lists that go with it.
fn sen2(args: &GenerateArgs, form: Sen2Form) -> Outcome {
    let working = Working::new();
    working.phase("drawing the return");
    let options = Sen2CouncilOptions { council: council_options(args), dirty_percent: args.dirty, first_number: 1 };
    let council = sen2_council(&options).map_err(|error| Failure::new(Code::Usage, error.to_string()))?;
    working.phase("writing the files");
    write_sen2(&args.out, &council, form).map_err(|error| Failure::from_error(Code::Files, &error))?;
    drop(working);
    let file = |name: &str| quoted(&args.out.join(name));
    output::say(&format!(
        "a SEN2 return of {} cases, as at {}, {} rejects expected: in {}\n({STAMP})\nTo import it:\n  caseload import sen2 {} \
         --key council.key --officers {} --supervisors {} --owners {} --areas {} --out backlog\n",
        grouped(council.backlog.cases.len() as i64),
        council.backlog.as_at,
        grouped(council.expected_rejects(form).len() as i64),
        args.out.display(),
        quoted(&args.out),
        file("officers.csv"),
        file("supervisors.csv"),
        file("owners.csv"),
        file("areas.csv"),
    ))?;
    Ok(Code::Fine)
}

/// What was written, and what to do with it.
fn told(folder: &Path, backlog: &Backlog, is_casework: bool) -> String {
    let held = backlog.cases.iter().filter(|case| case.current_officer_id.is_some()).count() as i64;
    let mut text = format!(
        "{} cases ({} with an officer today), {} officers, {} supervisors, as at {}: in {}\n({STAMP})\nTo allocate them:\n",
        grouped(backlog.cases.len() as i64),
        grouped(held),
        grouped(backlog.officers.len() as i64),
        grouped(backlog.supervisors.len() as i64),
        backlog.as_at,
        folder.display(),
    );
    text.push_str(&format!("  {}\n", allocate_command(folder, backlog.as_at, is_casework)));
    text
}

/// A command that allocates a folder of generated files.
fn allocate_command(folder: &Path, as_at: Date, is_casework: bool) -> String {
    let file = |name: &str| quoted(&folder.join(name));
    let mut command = format!(
        "caseload allocate --cases {} --officers {} --supervisors {}",
        file("cases.csv"),
        file("officers.csv"),
        file("supervisors.csv"),
    );
    if is_casework {
        command.push_str(&format!(" --pairs {} --rules plain", file("pairs.csv")));
    }
    command.push_str(&format!(" --as-at {as_at} --out result"));
    command
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+,:=@%".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

//! `caseload forecast`: which deadlines will be missed, week by week, from files and without a service.

mod picture;
mod read;

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    exit::{Code, Failure, Outcome},
    files::{forecast_json, write_forecast},
    input::{InputArgs, listed},
    question::AnswerArgs,
    search::{SearchArgs, show},
    working::Working,
};
use crate::{
    model::Code as Name,
    plan::{BadEntry, Demand, ForecastOptions, forecast},
    solve::solve,
};

/// Show which deadlines will be missed, week by week: as things are, as `allocate` would have it, and if nothing is done
///
/// Late counts depend on the order in which officers work, so they are told as a range over three orders, none of which is the
/// best in general. New cases, and what comes of reviews, are drawn from the seed.
#[derive(Debug, Args)]
#[command(override_usage = "caseload forecast [OPTIONS] --cases <FILE> --officers <FILE>")]
#[command(after_long_help = "\
Files in DIR (the same for the same input, seed and steps):
  forecast.csv    week by week and assignment: due, missed in each order, waiting on others, of
                  cases that nobody holds; each in 1 path of 10, in the middle one, in 9 of 10
  kinds.csv       the same by kind of obligation
  by_case.csv     every obligation of the backlog that falls due: who holds it, and the share of
                  paths that miss it, in the order that misses it least and most often
  forecast.json   everything but the single obligations, with all assumptions

FILE of --effort is TOML, as src/plan/presets/effort-send-england.toml. FILE of --waits is CSV:
case_id, obligation (empty = all of the case), until (empty = not within these weeks).

For example:
  caseload forecast --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20 \\
    --new request-received=41.6 --out forecast
  caseload forecast --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20 \\
    --obligations backlog/obligations.csv --weeks 26")]
pub(super) struct ForecastArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    search: SearchArgs,
    /// Weeks to look at, 1 to 52
    #[arg(long, value_name = "N", default_value_t = 52, allow_negative_numbers = true)]
    weeks: i64,
    /// Paths of chance, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 100, allow_negative_numbers = true)]
    paths: i64,
    /// New cases a week on average, by the event with which they begin, such as request-received=41.6 (may be given several
    /// times); none if not given
    #[arg(long, value_name = "EVENT=RATE", value_parser = demand)]
    new: Vec<Demand>,
    /// What obligations take of an officer's points, and which share of them waits on others: a TOML file; if not given, a table of
    /// illustrative efforts
    #[arg(long, value_name = "FILE")]
    effort: Option<PathBuf>,
    /// Obligations that wait on others (advice, a school): a CSV file
    #[arg(long, value_name = "FILE")]
    waits: Option<PathBuf>,
    /// What is due, obligation by obligation: obligations.csv of `import sen2`
    #[arg(long, value_name = "FILE")]
    obligations: Option<PathBuf>,
    #[command(flatten)]
    answer: AnswerArgs,
}

/// `request-received=41.6`
fn demand(text: &str) -> Result<Demand, String> {
    let wanted = || format!("`{text}` is no event and rate; write such as request-received=41.6, at most two decimals");
    let (event, rate) = text.split_once('=').ok_or_else(wanted)?;
    let (sign, digits) = rate.strip_prefix('-').map_or((1, rate), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if event.is_empty()
        || whole.is_empty()
        || whole.len() > 12
        || part.len() > 2
        || !is_number(whole)
        || !is_number(part)
    {
        return Err(wanted());
    }
    let number = |digits: &str| digits.parse::<i64>().map_err(|_| wanted());
    let per_week_hundredths = sign * (number(whole)? * 100 + number(&format!("{part:0<2}"))?);
    Ok(Demand { event: Name::from(event), per_week_hundredths })
}

pub(super) fn run(args: &ForecastArgs) -> Outcome {
    let source = args.input.backlog()?;
    let working = Working::new();
    let mut given = source.given(&working)?;
    let mut further = Vec::new();
    if let Some(file) = &args.obligations {
        further.extend(read::obligations(file, &mut given)?);
    }
    let mut options = ForecastOptions::of(&given.statute);
    if let Some(file) = &args.effort {
        options.efforts = read::efforts(file)?;
    }
    if let Some(file) = &args.waits {
        options.waits = read::waits(file)?;
    }
    (options.week_count, options.path_count) = (args.weeks, args.paths);
    (options.seed, options.demand) = (args.search.seed, args.new.clone());
    let faults = options.faults(&given);
    if !faults.is_empty() {
        return Err(listed("in the options", faults.iter().map(|fault| in_words(args, fault)), faults.len()));
    }
    let problem = given.problem().map_err(|error| Failure::from_error(Code::Data, &error))?;
    let running = args.search.start(&working);
    let search = args.search.options();
    let proposed = solve(&problem, &search, &running.budget, &mut show(&working));
    let proposed = proposed.map_err(|error| Failure::of_defect(&error))?;
    let mut tell = |done| working.phase(&format!("{done} of {} paths", args.paths));
    let found = forecast(&given, &proposed, &options, search.threads, &running.budget, &mut tell)
        .expect("options without faults are answered");
    drop(running);
    let write = |folder: &Path| write_forecast(folder, &found);
    args.answer.tell(working, write, || forecast_json(&found), || picture::text(&found, &further))
}

/// A fault with the option, or the file, that it is in.
fn in_words(args: &ForecastArgs, fault: &BadEntry) -> String {
    let name = |file: &Option<PathBuf>, option: &str| {
        file.as_ref().map_or_else(|| option.to_owned(), |file| file.display().to_string())
    };
    let path = fault.path.as_str();
    let entry = |list: &str| {
        let (number, field) = path.strip_prefix(list)?.strip_prefix('[')?.split_once("].")?;
        Some((number.parse::<usize>().ok()?, field))
    };
    let place = match path {
        "week_count" => "--weeks".to_owned(),
        "path_count" => "--paths".to_owned(),
        _ => match (entry("demand"), entry("waits"), path.strip_prefix("efforts.")) {
            (Some((at, _)), ..) => format!("--new {}", args.new.get(at).map_or("", |demand| demand.event.as_str())),
            (_, Some((at, field)), _) => format!("{} row {}, column {field}", name(&args.waits, "--waits"), at + 1),
            (.., Some(field)) => format!("{} {field}", name(&args.effort, "--effort")),
            _ => path.to_owned(),
        },
    };
    format!("{place}: {}", fault.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_two_decimals_at_most() {
        let read = |text: &str| demand(text).map(|demand| demand.per_week_hundredths).ok();
        assert_eq!(read("a=41.6"), Some(4_160));
        assert_eq!(read("a=0.05"), Some(5));
        assert_eq!(read("a=3"), Some(300));
        assert_eq!(read("a=-1.5"), Some(-150), "told by path with all else that is wrong");
        for bad in ["a", "a=", "=1", "a=1.234", "a=1e3", "a=--1", "a=9999999999999", "a=."] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

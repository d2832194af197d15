//! `caseload bench`: how long the engine takes to answers and bounds of known quality, on instances of known sizes.
//!
//! Each instance is measured in a process of its own, so that its peak memory is its own.

mod measure;
mod record;
mod series;
mod sizes;
mod table;
mod targets;
mod warm;

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use clap::Args;

use record::Record;
use sizes::{Named, Planned, Shape, Size};

use super::allocate::seconds;
use super::exit::{Code, Outcome};
use super::output;
use super::trace::Trace;
use super::working::stop_on_interrupt;
use crate::solve::Budget;

/// How often a measurement is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Measure the engine: seconds to the first answer, to the bound and to proven gaps, and peak memory
///
/// Instances are abstract casework of growing size, and councils; each runs in a process of its own, its problem built
/// before the clock starts. Ctrl-C ends the search that is going on, prints what there is, and begins no other.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Columns: seconds until the first complete answer; until the bound was within 0.001 % of the last
price bound (that of the linear program, if the time was enough for its prices); until the proven
gap was 1, 0.1 and 0.025 %. With --json one object an instance has all of it, and what became of its
targets.

For example:
  caseload bench --list
  caseload bench --size 12k --ratio 110,95 --seeds 3
  caseload bench --size 650k --warm --json --trace trace.jsonl > results.jsonl
  caseload bench --cases 2000 --officers 40 --time-limit 5")]
pub(super) struct BenchArgs {
    /// Size by name, see --list; S, M and L are all of theirs (may be given several times)
    #[arg(long, value_name = "NAME", value_parser = sizes::named, conflicts_with_all = ["cases", "officers"])]
    size: Vec<Named>,
    /// Casework of a size of your own: cases
    #[arg(long, value_name = "N", requires = "officers", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    cases: Option<u32>,
    /// And officers
    #[arg(long, value_name = "N", requires = "cases", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    officers: Option<u32>,
    /// How many seeds of each size, from 1 on; or a list of them: 4,7 (one alone: 4,)
    #[arg(long, value_name = "N", default_value = "1", value_parser = seeds)]
    seeds: Seeds,
    /// Of casework: what the points caps add up to, in per cent of what is needed; 110 is tight, 95 short
    #[arg(long, value_name = "P", default_value = "110", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=1000))]
    ratio: Vec<u16>,
    /// Seconds that each search may take; if not given, those of its size
    #[arg(long, value_name = "S", value_parser = seconds)]
    time_limit: Option<Duration>,
    /// Threads to use; as many as there are cores if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Then start from the answer again: unchanged, with one new case, one officer gone, one cap down 10 %
    #[arg(long)]
    warm: bool,
    /// Write how objective and bound came nearer to each other to this file: JSON lines of instance, seconds, stage,
    /// objective and bound
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Print one JSON object an instance instead of the table
    #[arg(long)]
    json: bool,
    /// List the sizes with their targets, and measure nothing
    #[arg(long)]
    list: bool,
    /// Measure the one instance in this process, print its JSON object, and stop when standard input ends
    #[arg(long, hide = true)]
    here: bool,
}

#[derive(Clone, Debug)]
struct Seeds(Vec<u64>);

/// A count, or a list with commas.
fn seeds(text: &str) -> Result<Seeds, String> {
    const COUNT_MAX: u64 = 1_000;
    let error = || format!("`{text}` is neither a number of seeds from 1 to {COUNT_MAX} nor a list such as 4,7");
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| error());
    if !text.contains(',') {
        let count = number(text)?;
        return if (1..=COUNT_MAX).contains(&count) { Ok(Seeds((1..=count).collect())) } else { Err(error()) };
    }
    let list = text.strip_suffix(',').unwrap_or(text).split(',').map(number).collect::<Result<_, _>>()?;
    Ok(Seeds(list))
}

impl BenchArgs {
    /// Every instance in turn.
    fn planned(&self) -> Vec<Planned> {
        let sizes: Vec<Size> = match (self.cases, self.officers) {
            (Some(cases), Some(officers)) => vec![Size::of(cases as usize, officers as usize)],
            _ if self.size.is_empty() => sizes::all().iter().filter(|size| size.is_quick).copied().collect(),
            _ => self.size.iter().flat_map(|Named(sizes)| sizes.clone()).collect(),
        };
        let mut planned = Vec::new();
        for size in sizes {
            let ratios = match size.shape {
                Shape::Casework { .. } | Shape::Pools { .. } => self.ratio.iter().copied().map(Some).collect(),
                Shape::Council { .. } => vec![None],
            };
            let limit = self.time_limit.unwrap_or(Duration::from_secs(size.limit_seconds.into()));
            for ratio_percent in ratios {
                planned.extend(self.seeds.0.iter().map(|&seed| Planned { size, ratio_percent, seed, limit }));
            }
        }
        planned
    }

    fn threads(&self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(cores, usize::from)
    }
}

pub(super) fn run(args: &BenchArgs) -> Outcome {
    if args.list {
        output::say(&table::sizes())?;
        return Ok(Code::Fine);
    }
    let planned = args.planned();
    if let (true, [one]) = (args.here, &planned[..]) {
        let trace = Trace::append(args.trace.as_deref())?;
        let record = measure::measure(one, args.threads(), args.warm, trace)?;
        output::say(&json(&record))?;
        return Ok(Code::Fine);
    }
    measure_all(args, &planned)
}

fn measure_all(args: &BenchArgs, planned: &[Planned]) -> Outcome {
    Trace::create(args.trace.as_deref())?.close()?;
    // Its stop flag says that somebody pressed Ctrl-C. Without it Ctrl-C still ends the program.
    let budget = Budget::default();
    let _ = stop_on_interrupt(&budget);
    if !args.json {
        output::say(&table::head())?;
    }
    let mut records = Vec::new();
    let mut code = Code::Fine;
    for planned in planned {
        if budget.is_stopped() {
            break;
        }
        match in_process_of_its_own(args, planned, &budget) {
            Ok(record) => {
                output::say(&if args.json { json(&record) } else { table::line(&record) })?;
                records.push(record);
            }
            Err(why) => {
                output::complain(&format!("{}: {why}", planned.name()));
                code = Code::Wrong;
            }
        }
    }
    if !args.json {
        output::say(&format!("\n{}", table::targets(&records)))?;
    }
    Ok(code)
}

fn json(record: &Record) -> String {
    let text = serde_json::to_string(record).expect("words and numbers are always JSON");
    format!("{text}\n")
}

/// Starts this program again for one instance, and reads what it says of it.
///
/// # Errors
/// Why there is nothing: it could not be started, or ended without an answer.
fn in_process_of_its_own(args: &BenchArgs, planned: &Planned, budget: &Budget) -> Result<Record, String> {
    let mut process = command(args, planned)
        .and_then(|mut command| command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn())
        .map_err(|error| format!("cannot start this program again: {error}"))?;
    let text = answer_of(&mut process, budget)?;
    serde_json::from_str(&text).map_err(|error| format!("what was measured cannot be read: {error}"))
}

fn command(args: &BenchArgs, planned: &Planned) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bench", "--here", "--seeds", &format!("{},", planned.seed)]);
    match (args.cases, args.officers) {
        (Some(cases), Some(officers)) => {
            command.args(["--cases", &cases.to_string(), "--officers", &officers.to_string()])
        }
        _ => command.args(["--size", &planned.size.name()]),
    };
    if let Some(ratio) = planned.ratio_percent {
        command.args(["--ratio", &ratio.to_string()]);
    }
    command.args(["--time-limit", &planned.limit.as_secs_f64().to_string()]);
    command.args(["--threads", &args.threads().to_string()]);
    if args.warm {
        command.arg("--warm");
    }
    if let Some(path) = &args.trace {
        command.arg("--trace").arg(path);
    }
    Ok(command)
}

/// Waits for what it says. Its standard input is closed on Ctrl-C: at a terminal it hears of that itself, elsewhere it does
/// not.
fn answer_of(process: &mut Child, budget: &Budget) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("cannot follow it: {error}");
    let mut input = process.stdin.take();
    // One line is less than a pipe holds, so it never waits for its reader.
    let status = loop {
        if let Some(status) = process.try_wait().map_err(cannot)? {
            break status;
        }
        if budget.is_stopped() {
            input = None;
        }
        thread::sleep(LOOK);
    };
    drop(input);
    let mut text = String::new();
    if let Some(mut out) = process.stdout.take() {
        out.read_to_string(&mut text).map_err(cannot)?;
    }
    if status.success() { Ok(text) } else { Err(format!("ended without an answer: {status}")) }
}

#[cfg(test)]
mod tests {
    use super::seeds;

    #[test]
    fn seeds_are_a_count_or_a_list() {
        let read = |text| seeds(text).map(|seeds| seeds.0);
        assert_eq!(read("3"), Ok(vec![1, 2, 3]));
        assert_eq!(read("4,7"), Ok(vec![4, 7]));
        assert_eq!(read("4,"), Ok(vec![4]));
        for text in ["", "0", ",", "4,x", "-1", "1001"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}

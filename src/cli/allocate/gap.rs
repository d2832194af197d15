//! `allocate --format gap`: a published instance in, an answer in its own words and sense out.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{AllocateArgs, search};
use crate::cli::exit::{Code, Failure, Outcome};
use crate::cli::figures::ended;
use crate::cli::files::{PublishedRecord, ResultMeta, SOLUTION_FILE, write_gap_result};
use crate::cli::gap::{GapInput, GapSource, Standing, headline, relative_gap};
use crate::cli::picture::{counted, heading, wrapped};
use crate::cli::summary::seconds;
use crate::cli::trace::{Point, Trace};
use crate::cli::working::Working;
use crate::cli::{memory, output};
use crate::import::{GapInstance, GapSolution, Sense};
use crate::model::{Allocation, BoundSource, Termination};
use crate::solve::{Options, Progress};

pub(super) fn allocate(args: &AllocateArgs, source: &GapSource<'_>) -> Outcome {
    let begin = Instant::now();
    let working = Working::new();
    let GapInput { instance, problem, digest } = source.read(&working)?;
    let budget = args.budget();
    let mut trace = Trace::create(args.trace.as_deref())?;
    let mut watch = |elapsed, progress: Progress| {
        let Progress { stage, objective, bound, .. } = progress;
        let is_solution = objective < instance.holding_price();
        let objective = instance.published(objective).filter(|_| is_solution);
        let published = instance.published(bound);
        trace.write(None, &Point { objective, bound: published, ..Point::of(elapsed, progress) });
        let bound = published.unwrap_or(bound);
        working.show(stage, objective, bound);
        let gap = objective.and_then(|objective| relative_gap(objective, bound));
        if args.gap > 0.0 && gap.is_some_and(|gap| gap <= args.gap) {
            budget.interrupt();
        }
    };
    // The solver measures its gap in prices that are not the published costs: it is watched here instead.
    let options = Options { gap_limit: 0.0, ..args.options() };
    let (allocation, solve_elapsed) = search(args, &problem, &options, &budget, &working, &mut watch)?;

    let agents = agents(&instance, &allocation);
    let waiting: Vec<usize> = (0..).zip(&agents).filter(|(_, agent)| agent.is_none()).map(|(job, _)| job).collect();
    let standing = Standing::of(&instance, &allocation.evidence, waiting.is_empty());
    trace.write(None, &Point::end(solve_elapsed, standing.objective, standing.bound));
    trace.close()?;
    let solution = standing.objective.zip(agents.into_iter().collect());
    let solution = solution.map(|(objective, agents)| GapSolution { objective, agents });
    if let Some(folder) = &args.out {
        working.phase("writing the answer");
        let meta = ResultMeta { input_digest: digest.clone() };
        let published = PublishedRecord {
            sense: instance.sense(),
            objective: standing.objective,
            bound: standing.bound,
            price_bound: standing.price_bound,
        };
        write_gap_result(folder, &allocation, &meta, published, solution.as_ref())
            .map_err(|error| Failure::from_error(Code::Files, &error))?;
    }
    drop(working);
    let run = Run {
        termination: match allocation.evidence.termination {
            Termination::Optimal => Termination::Optimal,
            _ if standing.gap().is_some_and(|gap| gap <= args.gap) => Termination::GapReached,
            other => other,
        },
        instance: &instance,
        allocation: &allocation,
        standing: &standing,
        headline: headline(&instance, &waiting),
        input_digest: &digest,
        elapsed: begin.elapsed(),
        solve_elapsed,
    };
    output::say(&if args.json { run.json(args) } else { run.text(args) })?;
    Ok(if standing.objective.is_some() { Code::Fine } else { Code::Wrong })
}

/// The agent of each job, numbered from 1; `None` = it has none.
fn agents(instance: &GapInstance, allocation: &Allocation) -> Vec<Option<i64>> {
    let mut agents = vec![None; instance.job_count()];
    for held in &allocation.held {
        let number = |id: &str| id.parse::<usize>().expect("the ids of an instance are numbers");
        agents[number(held.case_id.as_str()) - 1] = Some(number(held.officer_id.as_str()) as i64);
    }
    agents
}

/// What is told of an answer.
struct Run<'a> {
    termination: Termination,
    instance: &'a GapInstance,
    allocation: &'a Allocation,
    standing: &'a Standing,
    headline: String,
    input_digest: &'a str,
    elapsed: Duration,
    solve_elapsed: Duration,
}

/// The fields of `--json`: those of a backlog's answer that mean something here, and `sense` and `has_solution`.
#[derive(Serialize)]
struct Json<'a> {
    objective: Option<i64>,
    bound: Option<i64>,
    price_bound: Option<i64>,
    bound_source: &'a BoundSource,
    gap: Option<f64>,
    sense: Sense,
    has_solution: Option<bool>,
    termination: &'static str,
    seconds: f64,
    solve_seconds: f64,
    case_count: i64,
    allocated_count: i64,
    waiting_count: i64,
    step_count: u64,
    seed: u64,
    rules_version: &'a str,
    input_digest: &'a str,
    peak_memory_bytes: Option<u64>,
}

impl Run<'_> {
    fn json(&self, args: &AllocateArgs) -> String {
        let (evidence, totals) = (&self.allocation.evidence, &self.allocation.totals);
        let json = Json {
            objective: self.standing.objective,
            bound: self.standing.bound,
            price_bound: self.standing.price_bound,
            bound_source: &evidence.bound_source,
            gap: self.standing.gap(),
            sense: self.instance.sense(),
            has_solution: self.standing.has_solution(),
            termination: self.termination.code(),
            seconds: self.elapsed.as_secs_f64(),
            solve_seconds: self.solve_elapsed.as_secs_f64(),
            case_count: totals.case_count,
            allocated_count: totals.allocated_count,
            waiting_count: totals.waiting_count,
            step_count: evidence.step_count,
            seed: args.seed,
            rules_version: &self.allocation.rules_version,
            input_digest: self.input_digest,
            peak_memory_bytes: memory::peak_memory_bytes(),
        };
        let text = serde_json::to_string_pretty(&json).expect("names and numbers are always JSON");
        format!("{text}\n")
    }

    fn text(&self, args: &AllocateArgs) -> String {
        let mut text = heading("Generalised assignment problem");
        let _ = writeln!(
            text,
            "  {}, {}; the {} total cost is the best.",
            counted(self.instance.job_count() as i64, "job", "jobs"),
            counted(self.instance.agent_count() as i64, "agent", "agents"),
            match self.instance.sense() {
                Sense::Min => "least",
                Sense::Max => "greatest",
            },
        );
        let _ = write!(text, "\n{}", heading("How good the answer is"));
        text.push_str(&wrapped("  ", &self.headline));
        text.push_str(&wrapped("  ", &self.standing.sentence()));
        let ended = ended(self.termination);
        let _ = writeln!(text, "  Seed {}. The search {ended} after {} s.", args.seed, seconds(self.solve_elapsed));
        if let Some(folder) = &args.out {
            let folder = folder.display();
            let what = match self.standing.objective {
                Some(_) => {
                    format!("the answer is in {folder}; {SOLUTION_FILE} has the objective, then the agent of each job.")
                }
                None => format!("what was found is in {folder}; there is no {SOLUTION_FILE}, for it is no solution."),
            };
            let _ = write!(text, "\n{}{}", heading("Notes"), wrapped("  ", &what));
        }
        text
    }
}

//! Generalised assignment problems as the OR-Library publishes them: text to a backlog, and the way back to jobs and
//! agents. Pure: bytes in, values out.
//!
//! An instance is whole numbers between white space: the number of agents and of jobs, then for each agent a row with
//! its cost for each job, for each agent a row with the weight of each job, and the capacity of each agent. Rows may go
//! on over several lines. Jobs become cases `1` to n, agents officers `1` to m, in the published order.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::{Errors, ImportError, quoted};
use crate::model::{
    Backlog, CAPACITY_POINTS_MAX, Case, CaseId, Officer, OfficerId, PRICE_MAX, Pair, Rules, WEIGHT_POINTS_MAX,
};

/// Most that all prices may add up to where every job waits or costs its most: what [`Problem::new`] allows.
///
/// [`Problem::new`]: crate::model::Problem::new
const PRICE_SUM_MAX: i64 = i64::MAX / 1_024;

/// What the published costs are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    /// The least total cost is the best.
    Min,
    /// The greatest total cost is the best.
    Max,
}

/// One instance. Jobs and agents are meant by position, from 0; in texts and files they are numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapInstance {
    sense: Sense,
    job_count: usize,
    /// Agent by agent, at least one; each list has `job_count` entries, at least one.
    agents: Vec<Agent>,
    /// The largest cost of the instance.
    cost_max: i64,
}

/// An agent as published.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Agent {
    costs: Vec<i64>,
    weights: Vec<i64>,
    capacity: i64,
}

impl GapInstance {
    /// What the costs are for.
    #[must_use]
    pub fn sense(&self) -> Sense {
        self.sense
    }

    /// Number of jobs, at least 1.
    #[must_use]
    pub fn job_count(&self) -> usize {
        self.job_count
    }

    /// Number of agents, at least 1.
    #[must_use]
    pub fn agent_count(&self) -> usize {
        self.agents.len()
    }

    /// Published cost of a job with an agent.
    #[must_use]
    pub fn cost(&self, agent: usize, job: usize) -> i64 {
        self.agents[agent].costs[job]
    }

    /// Weight of a job with an agent.
    #[must_use]
    pub fn weight(&self, agent: usize, job: usize) -> i64 {
        self.agents[agent].weights[job]
    }

    /// Most weight of an agent.
    #[must_use]
    pub fn capacity(&self, agent: usize) -> i64 {
        self.agents[agent].capacity
    }

    /// Price of a job with an agent, which is always to be minimised: the cost, or what the largest cost is above it.
    fn price(&self, agent: usize, job: usize) -> i64 {
        match self.sense {
            Sense::Min => self.cost(agent, job),
            Sense::Max => self.cost_max - self.cost(agent, job),
        }
    }

    /// Price of a job without an agent: more than every job with its dearest agent, so that the price of an answer is at
    /// least this if and only if the answer is no solution.
    #[must_use]
    pub fn holding_price(&self) -> i64 {
        i64::try_from(self.dearest_sum() + 1).expect("checked when the instance was read")
    }

    fn dearest_sum(&self) -> i128 {
        let agents = || 0..self.agent_count();
        let dearest = |job| agents().map(|agent| i128::from(self.price(agent, job))).max().unwrap_or(0);
        (0..self.job_count).map(dearest).sum()
    }

    /// What the price of all jobs with an agent, or a bound on it, is in published costs; and what published costs are as
    /// a price. `None` = beyond 64 bits, which no price or cost of a solution is.
    #[must_use]
    pub fn published(&self, price: i64) -> Option<i64> {
        match self.sense {
            Sense::Min => Some(price),
            Sense::Max => self.offset().checked_sub(price),
        }
    }

    /// Of a maximisation, what price and published cost of a solution add up to.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.cost_max * self.job_count as i64
    }

    /// The instance as cases and officers, for plain rules. Dates play no part; its day is always the same.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        let case_ids: Vec<CaseId> = (1..=self.job_count).map(|number| CaseId::new(number.to_string())).collect();
        let officer_ids: Vec<_> = (1..=self.agent_count()).map(|number| OfficerId::new(number.to_string())).collect();
        let holding_price = self.holding_price();
        let mut pairs = Vec::with_capacity(case_ids.len() * officer_ids.len());
        for (agent, officer_id) in officer_ids.iter().enumerate() {
            pairs.extend(case_ids.iter().enumerate().map(|(job, case_id)| Pair {
                case_id: case_id.clone(),
                officer_id: officer_id.clone(),
                cost: self.price(agent, job),
                weight_points: Some(self.weight(agent, job)),
            }));
        }
        let officers = officer_ids.into_iter().zip(&self.agents);
        Backlog {
            as_at: day(),
            cases: case_ids
                .into_iter()
                .map(|id| Case { holding_price: Some(holding_price), ..Case::new(id) })
                .collect(),
            officers: officers
                .map(|(id, agent)| Officer { capacity_points: Some(agent.capacity), ..Officer::new(id) })
                .collect(),
            supervisors: Vec::new(),
            pairs: Some(pairs),
        }
    }
}

/// The day of every instance: the first of the rules it is read under.
fn day() -> Date {
    Rules::plain().effective_from
}

/// Reads one instance. `file` is its name in messages. Linear in its length.
///
/// # Errors
/// Everything that is wrong with the text, at once, each with its line, which number it is and what was expected: sizes
/// below 1, too few or too many numbers, what is no whole number, a cost, weight or capacity outside the model's limits,
/// costs whose sum is.
pub fn read_gap(file: &str, bytes: &[u8], sense: Sense) -> Result<GapInstance, ImportError> {
    let text = String::from_utf8_lossy(bytes);
    let mut errors = Errors::default();
    let Some(layout) = read_layout(file, &text, &mut errors) else {
        return Err(errors.into_result(()).expect_err("without a layout there is an error"));
    };
    let found_count = words(&text).count() as u128;
    let is_whole = found_count == layout.number_count();
    if !is_whole {
        count_error(file, &text, layout, found_count, &mut errors);
    }
    let mut numbers = Vec::new();
    for (position, (line, word)) in (0..layout.number_count()).zip(words(&text)).skip(SIZES) {
        let what = layout.what(position);
        match word.parse::<i64>() {
            // In a file of the wrong length the number may stand for something else.
            Ok(number) if !is_whole || (0..=what.max()).contains(&number) => numbers.push(number),
            Ok(number) => errors.push(file, Some(line), "", || {
                let hint = match what {
                    What::Cost { .. } if number < 0 => "; add the same to all costs of the job",
                    _ => "",
                };
                format!("number {}, the {what}, is {number}; must be 0 to {}{hint}", position + 1, what.max())
            }),
            Err(_) => errors.push(file, Some(line), "", || {
                let max = what.max();
                format!("number {}, the {what}, is {}; must be a whole number, 0 to {max}", position + 1, quoted(word))
            }),
        }
    }
    let numbers = errors.into_result(numbers)?;
    let instance = layout.instance(&numbers, sense);
    let mut errors = Errors::default();
    sum_errors(file, &instance, &mut errors);
    errors.into_result(instance)
}

/// The words of a text, each with its line from 1.
fn words(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines()).flat_map(|(number, line)| line.split_whitespace().map(move |word| (number, word)))
}

/// Numbers before the first cost.
const SIZES: usize = 2;

/// Which number stands where. Positions count from 0; sizes of 64 bits keep all of this far inside 128.
#[derive(Clone, Copy)]
struct Layout {
    agent_count: u128,
    job_count: u128,
}

/// What a number stands for; agents and jobs from 1.
#[derive(Clone, Copy)]
enum What {
    Cost { agent: u128, job: u128 },
    Weight { agent: u128, job: u128 },
    Capacity { agent: u128 },
}

impl What {
    fn max(self) -> i64 {
        match self {
            Self::Cost { .. } => PRICE_MAX,
            Self::Weight { .. } => WEIGHT_POINTS_MAX,
            Self::Capacity { .. } => CAPACITY_POINTS_MAX,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cost { agent, job } => write!(f, "cost of job {job} with agent {agent}"),
            Self::Weight { agent, job } => write!(f, "weight of job {job} with agent {agent}"),
            Self::Capacity { agent } => write!(f, "capacity of agent {agent}"),
        }
    }
}

impl Layout {
    fn number_count(self) -> u128 {
        SIZES as u128 + 2 * self.agent_count * self.job_count + self.agent_count
    }

    /// What stands at a position after the sizes.
    fn what(self, position: u128) -> What {
        let cell = position - SIZES as u128;
        let (row, job) = (cell / self.job_count, cell % self.job_count + 1);
        if row < self.agent_count {
            What::Cost { agent: row + 1, job }
        } else if row < 2 * self.agent_count {
            What::Weight { agent: row - self.agent_count + 1, job }
        } else {
            What::Capacity { agent: cell - 2 * self.agent_count * self.job_count + 1 }
        }
    }

    /// The numbers after the sizes, as many as there must be, as an instance.
    fn instance(self, numbers: &[i64], sense: Sense) -> GapInstance {
        let fits = "as many numbers as the sizes say were read";
        let agent_count = usize::try_from(self.agent_count).expect(fits);
        let job_count = usize::try_from(self.job_count).expect(fits);
        let (costs, others) = numbers.split_at(agent_count * job_count);
        let (weights, capacities) = others.split_at(agent_count * job_count);
        let rows = costs.chunks_exact(job_count).zip(weights.chunks_exact(job_count));
        let agents = rows.zip(capacities).map(|((costs, weights), &capacity)| Agent {
            costs: costs.to_vec(),
            weights: weights.to_vec(),
            capacity,
        });
        let cost_max = costs.iter().copied().max().unwrap_or(0);
        GapInstance { sense, job_count, agents: agents.collect(), cost_max }
    }
}

/// The two sizes at the beginning; `None` where one of them is wrong or missing, and said in `errors`.
fn read_layout(file: &str, text: &str, errors: &mut Errors) -> Option<Layout> {
    let sizes: Vec<_> = words(text).take(SIZES).collect();
    let &[agents, jobs] = &sizes[..] else {
        errors.push(file, None, "", || {
            let found = if sizes.is_empty() { "no number" } else { "only one number" };
            format!("has {found}; it must begin with the number of agents and the number of jobs")
        });
        return None;
    };
    let mut size = |position: usize, of: &str, (line, word): (u64, &str)| match word.parse::<i64>() {
        Ok(size @ 1..) => Some(u128::from(size.unsigned_abs())),
        _ => {
            errors.push(file, Some(line), "", || {
                let found = quoted(word);
                format!("number {position}, the number of {of}, is {found}; must be a whole number, at least 1")
            });
            None
        }
    };
    let (agent_count, job_count) = (size(1, "agents", agents), size(2, "jobs", jobs));
    Some(Layout { agent_count: agent_count?, job_count: job_count? })
}

fn count_error(file: &str, text: &str, layout: Layout, found_count: u128, errors: &mut Errors) {
    let Layout { agent_count, job_count } = layout;
    let needed_count = layout.number_count();
    let sizes = format!("{agent_count} agents and {job_count} jobs need {needed_count} numbers in all");
    if found_count < needed_count {
        errors.push(file, None, "", || {
            let what = layout.what(found_count);
            format!(
                "has too few numbers: {sizes}, and it ends after {found_count}, where the {what} should stand; \
                 complete it, or correct the two sizes at its beginning"
            )
        });
    } else {
        let position = usize::try_from(needed_count).expect("fewer than the words of a text in memory");
        let (line, word) = words(text).nth(position).expect("there are more words than that");
        errors.push(file, Some(line), "", || {
            format!(
                "has too many numbers: {sizes}, and it has {found_count}; the first too many is number {}, {}; take them \
                 out, correct the two sizes at its beginning, or write each instance to a file of its own",
                needed_count + 1,
                quoted(word)
            )
        });
    }
}

/// Sums that the model has no room for.
fn sum_errors(file: &str, instance: &GapInstance, errors: &mut Errors) {
    let sum = instance.dearest_sum();
    let of = match instance.sense {
        Sense::Min => "the largest costs of the jobs",
        Sense::Max => "the distances of the smallest cost of each job from the largest cost of all",
    };
    // Each job waits, or costs the most of all.
    let most = instance.job_count as i128 * (sum + 1).max(i128::from(instance.cost_max));
    if sum >= i128::from(PRICE_MAX) {
        errors.push(file, None, "", || {
            format!("{of} add up to {sum}; must be less than {PRICE_MAX}; divide all costs by a common factor")
        });
    } else if most > i128::from(PRICE_SUM_MAX) {
        errors.push(file, None, "", || {
            format!(
                "has costs so large that the prices of its {} jobs could add up to {most}; at most {PRICE_SUM_MAX} \
                 fits; divide all costs by a common factor",
                instance.job_count
            )
        });
    }
}

/// A solution as its file has it: not checked but that it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapSolution {
    /// What the jobs cost in all, as published.
    pub objective: i64,
    /// The agent of each job, numbered from 1.
    pub agents: Vec<i64>,
}

impl fmt::Display for GapSolution {
    /// The file: the objective on the first line, the agents on the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.objective)?;
        for (job, agent) in self.agents.iter().enumerate() {
            write!(f, "{}{agent}", if job == 0 { "" } else { " " })?;
        }
        writeln!(f)
    }
}

/// Reads a solution: the objective, then the agent of each job, between white space. `file` is its name in messages.
///
/// # Errors
/// Everything that is wrong with the text, at once: what is no whole number, too few or too many of them.
pub fn read_gap_solution(file: &str, bytes: &[u8], job_count: usize) -> Result<GapSolution, ImportError> {
    let text = String::from_utf8_lossy(bytes);
    let mut errors = Errors::default();
    let mut numbers = Vec::new();
    for (position, (line, word)) in words(&text).enumerate() {
        match word.parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) => errors.push(file, Some(line), "", || {
                let what =
                    if position == 0 { "the objective".to_owned() } else { format!("the agent of job {position}") };
                format!("number {}, {what}, is {}; must be a whole number", position + 1, quoted(word))
            }),
        }
    }
    let found_count = words(&text).count();
    if found_count != job_count + 1 {
        errors.push(file, None, "", || {
            format!(
                "has {found_count} numbers; must have {}: the objective and the agent of each of {job_count} jobs",
                job_count + 1
            )
        });
    }
    let numbers = errors.into_result(numbers)?;
    let (&objective, agents) = numbers.split_first().expect("at least the objective was read");
    Ok(GapSolution { objective, agents: agents.to_vec() })
}

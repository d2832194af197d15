//! A published instance of the generalised assignment problem on the command line: read, and what people see of an answer
//! to it, in the words and the sense of the publication.

use std::fs;
use std::path::Path;

use super::exit::{Code, Failure};
use super::figures::Quality;
use super::input::{listed, unusable_files};
use super::picture::{counted, grouped};
use super::working::Working;
use crate::import::{GapInstance, Sense, file_name, read_gap};
use crate::model::{BoundSource, Evidence, Problem, Rules, input_digest};

/// Most jobs that are named in a line.
const NAMED_MAX: usize = 10;

/// The file of an instance, and how it is to be read.
pub(super) struct GapSource<'a> {
    pub(super) file: &'a Path,
    pub(super) sense: Sense,
}

/// An instance, and the problem that it is.
pub(super) struct GapInput {
    pub(super) instance: GapInstance,
    pub(super) problem: Problem,
    pub(super) digest: String,
}

impl GapSource<'_> {
    /// Reads and checks the file.
    pub(super) fn read(&self, working: &Working) -> Result<GapInput, Failure> {
        working.phase("reading the file");
        let name = file_name(self.file);
        let instance = read_gap(&name, &bytes_of(self.file)?, self.sense).map_err(|error| unusable_files(&error))?;
        let (backlog, rules) = (instance.backlog(), Rules::plain());
        let digest = input_digest(&backlog, &rules);
        let problem = Problem::new(backlog, rules).map_err(|error| {
            listed(&format!("in {name}"), error.violations.iter().map(ToString::to_string), error.violations.len())
        })?;
        Ok(GapInput { instance, problem, digest })
    }
}

/// The whole of a file.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| {
        let message = format!("cannot read {}: {error}; check the path and who may read it", path.display());
        Failure::new(Code::Files, message)
    })
}

/// How good an answer is, in published costs.
pub(super) struct Standing {
    sense: Sense,
    /// What the solution costs in all; `None` = it is none.
    pub(super) objective: Option<i64>,
    /// No solution is better; `None` = there is no solution.
    pub(super) bound: Option<i64>,
    /// The part of the bound that the proof certifies; `None` = it certifies that there is no solution.
    pub(super) price_bound: Option<i64>,
    highs_version: Option<String>,
}

impl Standing {
    /// From evidence in prices; of a solution every job has an agent.
    pub(super) fn of(instance: &GapInstance, evidence: &Evidence, is_solution: bool) -> Self {
        // A bound at which a job waits says that one does in every answer.
        let published = |bound: i64| {
            let is_solvable = evidence.count_bound <= 0 && bound < instance.holding_price();
            is_solvable.then(|| instance.published(bound)).flatten()
        };
        Self {
            sense: instance.sense(),
            objective: if is_solution { instance.published(evidence.objective) } else { None },
            bound: published(evidence.bound),
            price_bound: published(evidence.price_bound),
            highs_version: match &evidence.bound_source {
                BoundSource::Prices => None,
                BoundSource::Highs { version } => Some(version.clone()),
            },
        }
    }

    /// Distance of the objective from the bound, as a part of the objective; `None` = no solution, or an objective of 0
    /// that is not the best.
    pub(super) fn gap(&self) -> Option<f64> {
        relative_gap(self.objective?, self.bound?)
    }

    /// True = here is one; false = there is none, as the bound has it; `None` = nobody knows.
    pub(super) fn has_solution(&self) -> Option<bool> {
        match (self.objective, self.bound) {
            (Some(_), _) => Some(true),
            (None, None) => Some(false),
            (None, Some(_)) => None,
        }
    }

    /// What is proved and claimed, a sentence; where there is no solution, also what to do.
    pub(super) fn sentence(&self) -> String {
        match (self.objective, self.bound, self.price_bound) {
            (Some(objective), Some(bound), Some(price_bound)) => {
                let quality = Quality { objective, bound, price_bound, highs_version: self.highs_version.clone() };
                format!(
                    "Objective {}; no solution can cost {} than {}: {}.",
                    grouped(objective),
                    self.better(),
                    grouped(bound),
                    quality.in_words()
                )
            }
            (_, _, None) => "There is none, and that is proved: look at capacities and weights.".to_owned(),
            (_, None, Some(_)) => format!(
                "HiGHS {} claims that there is none: look at capacities and weights.",
                self.highs_version.as_deref().unwrap_or_default()
            ),
            (None, Some(bound), Some(_)) => format!(
                "Whether there is one is not known; none can cost {} than {}. Allow more time (--time-limit, --steps).",
                self.better(),
                grouped(bound)
            ),
        }
    }

    fn better(&self) -> &'static str {
        match self.sense {
            Sense::Min => "less",
            Sense::Max => "more",
        }
    }
}

/// |objective - bound| / |objective|; 0 where they are the same, `None` where only the objective is 0.
pub(super) fn relative_gap(objective: i64, bound: i64) -> Option<f64> {
    match (objective.abs_diff(bound), objective.unsigned_abs()) {
        (0, _) => Some(0.0),
        (_, 0) => None,
        (distance, objective) => Some(distance as f64 / objective as f64),
    }
}

/// Whether every job has an agent, or which have none, by position.
pub(super) fn headline(instance: &GapInstance, waiting: &[usize]) -> String {
    let Some((first, others)) = waiting.split_first() else { return "Every job has an agent.".to_owned() };
    let (jobs, have) = if others.is_empty() { ("job", "has") } else { ("jobs", "have") };
    let mut named = format!("{jobs} {}", first + 1);
    for job in others.iter().take(NAMED_MAX - 1) {
        named.push_str(&format!(", {}", job + 1));
    }
    let count = waiting.len();
    if count > NAMED_MAX {
        named.push_str(&format!(" and {} more", grouped((count - NAMED_MAX) as i64)));
    }
    let all = counted(instance.job_count() as i64, "job", "jobs");
    format!("No solution: {} of {all} {have} no agent ({named}).", grouped(count as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(objective: Option<i64>, bound: Option<i64>, price_bound: Option<i64>) -> Standing {
        let highs_version = (bound != price_bound).then(|| "1.2.3".to_owned());
        Standing { sense: Sense::Max, objective, bound, price_bound, highs_version }
    }

    #[test]
    fn what_is_proved_is_not_what_is_claimed_or_unknown() {
        let check = |standing: Standing, has_solution, gap, sentence: &str| {
            assert_eq!(standing.sentence(), sentence);
            assert_eq!((standing.has_solution(), standing.gap()), (has_solution, gap), "{sentence}");
        };
        check(
            standing(Some(1_000), Some(1_010), Some(1_020)),
            Some(true),
            Some(0.01),
            "Objective 1,000; no solution can cost more than 1,010: proved within 2 % by the prices; HiGHS 1.2.3 claims 1 %.",
        );
        check(
            standing(Some(0), Some(7), Some(7)),
            Some(true),
            None,
            "Objective 0; no solution can cost more than 7: proved within 7.",
        );
        check(
            standing(None, Some(1_010), Some(1_010)),
            None,
            None,
            "Whether there is one is not known; none can cost more than 1,010. Allow more time (--time-limit, --steps).",
        );
        check(
            standing(None, None, Some(1_010)),
            Some(false),
            None,
            "HiGHS 1.2.3 claims that there is none: look at capacities and weights.",
        );
        check(
            standing(None, None, None),
            Some(false),
            None,
            "There is none, and that is proved: look at capacities and weights.",
        );
    }

    #[test]
    fn a_line_names_so_many_jobs_and_counts_the_rest() {
        let text = format!("1 20 {} {} 3", "1 ".repeat(20), "1 ".repeat(20));
        let instance = read_gap("gap.txt", text.as_bytes(), Sense::Min).expect("an instance");
        let check = |waiting: &[usize], expected| assert_eq!(headline(&instance, waiting), expected);
        check(&[], "Every job has an agent.");
        check(&[19], "No solution: 1 of 20 jobs has no agent (job 20).");
        check(&[0, 4], "No solution: 2 of 20 jobs have no agent (jobs 1, 5).");
        let many: Vec<usize> = (3..20).collect();
        check(&many, "No solution: 17 of 20 jobs have no agent (jobs 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 7 more).");
    }
}

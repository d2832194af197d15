//! `check --format gap`: an answer to a published instance, ours or another program's. Agents, weights and costs are
//! recomputed from the published numbers, not from the problem that they were turned into; only the proof is about that.

use std::path::{Path, PathBuf};

use super::{evidence, faulty, listed};
use crate::cli::exit::{Code, Failure, Outcome};
use crate::cli::files::{Listed, PublishedRecord, ResultFiles, ResultRecord, SOLUTION_FILE, read_listed, read_result};
use crate::cli::gap::{GapInput, GapSource, Standing, bytes_of, headline};
use crate::cli::input::unusable_files;
use crate::cli::output;
use crate::cli::picture::grouped;
use crate::cli::working::Working;
use crate::import::{GapInstance, GapSolution, ImportError, Sense, read_gap_solution};
use crate::model::{OfficerId, OfficerIndex};
use crate::solve::verify::{bound_faults, identity_fault, unit_officers};

pub(super) fn check(folder: &Path, source: &GapSource<'_>) -> Outcome {
    let working = Working::new();
    let input = source.read(&working)?;
    working.phase("checking the answer");
    let answer = Answer::read(folder, &input.instance)?;
    let report = Report::of(&input, &answer);
    drop(working);
    output::say(&report.text())?;
    Ok(if report.faults.is_empty() { Code::Fine } else { Code::Wrong })
}

/// The files of an answer: at least one of the first two.
struct Answer {
    files: Option<ResultFiles>,
    solution: Option<GapSolution>,
    listed: Listed,
}

impl Answer {
    fn read(folder: &Path, instance: &GapInstance) -> Result<Self, Failure> {
        let existing = |name: &str| Some(folder.join(name)).filter(|path| path.exists());
        let has_files = existing("allocation.csv").or(existing("result.json")).is_some();
        let solution = existing(SOLUTION_FILE);
        if !has_files && solution.is_none() {
            let message = format!(
                "{} has neither allocation.csv nor {SOLUTION_FILE}; name the folder of an answer with --result",
                folder.display()
            );
            return Err(Failure::new(Code::Files, message));
        }
        let unusable = |error: ImportError| unusable_files(&error);
        let files = if has_files { Some(read_result(folder).map_err(unusable)?) } else { None };
        // Another program may give files of these names another meaning.
        let listed = match &files {
            Some(ResultFiles { result: Some(_), .. }) => read_listed(folder).map_err(unusable)?,
            _ => Listed { caseloads: None, changes: None },
        };
        let read_solution =
            |path: PathBuf| read_gap_solution(SOLUTION_FILE, &bytes_of(&path)?, instance.job_count()).map_err(unusable);
        let solution = solution.map(read_solution).transpose()?;
        Ok(Self { files, solution, listed })
    }

    fn record(&self) -> Option<&ResultRecord> {
        self.files.as_ref()?.result.as_ref()
    }
}

/// What a check finds.
struct Report {
    faults: Vec<String>,
    /// In published costs; `None` = a fault, or no solution.
    objective: Option<i64>,
    /// `None` = an answer without proof.
    standing: Option<Standing>,
    hint: Option<String>,
}

impl Report {
    fn of(input: &GapInput, answer: &Answer) -> Self {
        let instance = &input.instance;
        let mut faults = Vec::new();
        let allocated = answer.files.as_ref().map(|files| allocated(instance, files, &mut faults));
        let solved = answer.solution.as_ref().map(|solution| solved(instance, solution, &mut faults));
        if let (Some(allocated), Some(solved)) = (&allocated, &solved) {
            difference_faults(allocated, solved, &mut faults);
        }
        let agents = allocated.or(solved).expect("an answer has one of the two");
        let mut report = Self { faults: Vec::new(), objective: None, standing: None, hint: None };
        let mut units = None;
        let waiting: Vec<usize> = (0..).zip(&agents).filter(|(_, agent)| agent.is_none()).map(|(job, _)| job).collect();
        if faults.is_empty() {
            capacity_faults(instance, &agents, &mut faults);
            let officers = officers(input, &agents);
            faults.extend(listed::faults(&input.problem, &officers, &answer.listed));
            units = faults.is_empty().then(|| unit_officers(&input.problem, &officers));
            report.objective = total_cost(instance, &agents);
            let stated = answer.solution.as_ref().map(|solution| solution.objective);
            objective_fault(report.objective, stated, SOLUTION_FILE, &mut faults);
            if !waiting.is_empty() {
                faults.push(headline(instance, &waiting));
            }
        }
        if let Some(record) = answer.record() {
            report.check_record(input, units.as_deref(), record, waiting.len(), &mut faults);
            if record.input_digest != input.digest {
                let note =
                    "note: the answer was made from another instance than this, or in another sense: see --sense";
                report.hint = Some(note.to_owned());
            }
        }
        report.faults = faults;
        report
    }

    /// Everything that result.json says, against what was recomputed.
    fn check_record(
        &mut self,
        input: &GapInput,
        units: Option<&[Option<OfficerIndex>]>,
        record: &ResultRecord,
        waiting_count: usize,
        faults: &mut Vec<String>,
    ) {
        let (instance, problem) = (&input.instance, &input.problem);
        let ids = || problem.backlog().officers.iter().map(|officer| &officer.id);
        let (proof, count_proof) = match (record.proof.to_proof(ids()), record.count_proof.to_proof(ids())) {
            (Ok(proof), Ok(count_proof)) => (proof, count_proof),
            (Err(error), _) | (_, Err(error)) => {
                faults.push(error.to_string());
                return;
            }
        };
        let items = record.gap_items.as_ref().map(|items| items.to_items(ids()));
        let evidence = evidence(record, proof, count_proof, items.unwrap_or_default());
        let mut of_bounds = Vec::new();
        bound_faults(problem, &evidence, &mut of_bounds);
        if let (Some(units), true) = (units, record.gap_items.is_some()) {
            of_bounds.extend(identity_fault(problem.instance(), units, &evidence.proof, &evidence.gap_items));
        }
        let stated_in = match instance.sense() {
            Sense::Min => "",
            Sense::Max => "in prices (what the largest cost is above each cost): ",
        };
        faults.extend(of_bounds.into_iter().map(|fault| format!("{stated_in}{fault}")));
        if (waiting_count as i64) < record.count_bound {
            faults.push(format!("{waiting_count} jobs have no agent; the count bound says {}", record.count_bound));
        }
        let standing = Standing::of(instance, &evidence, waiting_count == 0);
        objective_fault(self.objective, standing.objective, "result.json", faults);
        let published = PublishedRecord {
            sense: instance.sense(),
            objective: standing.objective,
            bound: standing.bound,
            price_bound: standing.price_bound,
        };
        if record.published.as_ref().is_some_and(|stated| *stated != published) {
            faults.push("`published` in result.json is not what its prices come to in published costs".to_owned());
        }
        if waiting_count > 0 {
            self.hint = Some(standing.sentence());
        }
        self.standing = Some(standing);
    }

    fn text(&self) -> String {
        if !self.faults.is_empty() {
            return faulty(&self.faults, self.hint.as_deref());
        }
        let mut text = "Every job has an agent, and no agent has more weight than its capacity.\n".to_owned();
        match (&self.standing, self.objective) {
            (Some(standing), _) => text.push_str(&format!("{}\n", standing.sentence())),
            (None, Some(objective)) => {
                text.push_str(&format!("Objective {}; no bound to check.\n", grouped(objective)));
            }
            (None, None) => {}
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("{hint}\n"));
        }
        text
    }
}

/// The agent of each job by `allocation.csv` and `holding.csv`.
fn allocated(instance: &GapInstance, files: &ResultFiles, faults: &mut Vec<String>) -> Vec<Option<usize>> {
    let (job_count, agent_count) = (instance.job_count(), instance.agent_count());
    let mut agents = vec![None; job_count];
    let mut is_named = vec![false; job_count];
    let held = files.allocation.iter().map(|row| (&row.case_id, Some(&row.officer_id)));
    let waiting = files.holding.iter().flatten().map(|row| (&row.case_id, None));
    for (case_id, officer_id) in held.chain(waiting) {
        let Some(job) = position(case_id.as_str(), job_count) else {
            faults.push(format!("job {case_id} is in the answer; the jobs are 1 to {job_count}"));
            continue;
        };
        if std::mem::replace(&mut is_named[job], true) {
            faults.push(format!("job {case_id} is in the answer twice"));
        }
        if let Some(officer_id) = officer_id {
            agents[job] = position(officer_id.as_str(), agent_count);
            if agents[job].is_none() {
                faults.push(format!("job {case_id} is with agent {officer_id}; the agents are 1 to {agent_count}"));
            }
        }
    }
    agents
}

/// The agent of each job by `solution.txt`.
fn solved(instance: &GapInstance, solution: &GapSolution, faults: &mut Vec<String>) -> Vec<Option<usize>> {
    let agent_count = instance.agent_count();
    let mut agents = Vec::with_capacity(solution.agents.len());
    for (job, number) in (1..).zip(&solution.agents) {
        let agent = position(&number.to_string(), agent_count);
        if agent.is_none() {
            faults.push(format!("job {job} is with agent {number}; the agents are 1 to {agent_count}"));
        }
        agents.push(agent);
    }
    agents
}

/// The position of what is numbered from 1 to `count`; `None` = it is none of these.
fn position(number: &str, count: usize) -> Option<usize> {
    let position = number.parse::<usize>().ok()?.checked_sub(1)?;
    // 01 and +1 are other ids than 1.
    (position < count && (position + 1).to_string() == number).then_some(position)
}

fn difference_faults(allocated: &[Option<usize>], solved: &[Option<usize>], faults: &mut Vec<String>) {
    let shown =
        |agent: Option<usize>| agent.map_or_else(|| "no agent".to_owned(), |agent| format!("agent {}", agent + 1));
    for (job, (&allocated, &solved)) in (1..).zip(allocated.iter().zip(solved)) {
        if allocated != solved {
            faults.push(format!(
                "job {job} has {} in allocation.csv and {} in {SOLUTION_FILE}",
                shown(allocated),
                shown(solved)
            ));
        }
    }
}

fn capacity_faults(instance: &GapInstance, agents: &[Option<usize>], faults: &mut Vec<String>) {
    let mut loads = vec![0_i64; instance.agent_count()];
    for (job, agent) in agents.iter().enumerate() {
        if let Some(agent) = *agent {
            loads[agent] += instance.weight(agent, job);
        }
    }
    for (agent, load) in loads.into_iter().enumerate() {
        let capacity = instance.capacity(agent);
        if load > capacity {
            faults.push(format!("agent {} has jobs of weight {load}; the capacity is {capacity}", agent + 1));
        }
    }
}

/// What all jobs cost, as published; `None` = a job has no agent.
fn total_cost(instance: &GapInstance, agents: &[Option<usize>]) -> Option<i64> {
    agents.iter().enumerate().map(|(job, agent)| agent.map(|agent| instance.cost(agent, job))).sum()
}

/// Says so where an objective is not what a file states.
fn objective_fault(found: Option<i64>, stated: Option<i64>, file: &str, faults: &mut Vec<String>) {
    if let (Some(found), Some(stated)) = (found, stated)
        && found != stated
    {
        faults.push(format!("the objective of this answer is {found}, not {stated} as {file} says"));
    }
}

/// The agents as officers of the problem, which has both sorted by id.
fn officers(input: &GapInput, agents: &[Option<usize>]) -> Vec<Option<OfficerIndex>> {
    let officer = |agent: usize| input.problem.officer_index(&OfficerId::new((agent + 1).to_string()));
    let jobs = input.problem.backlog().cases.iter().map(|case| position(case.id.as_str(), agents.len()));
    jobs.map(|job| job.and_then(|job| agents[job]).and_then(officer)).collect()
}

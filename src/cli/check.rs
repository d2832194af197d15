//! `caseload check`: is an answer what it says it is? From the files alone, and with none of the solver's code.

mod gap;
mod listed;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::exit::{Code, Outcome};
use super::figures::Quality;
use super::files::{Listed, ResultFiles, ResultRecord, read_listed, read_result};
use super::input::{BacklogSource, Input, InputArgs, Source, readable, unusable_files};
use super::output;
use super::picture::{counted, grouped, more_children};
use super::working::Working;
use crate::model::{BoundSource, CaseId, Evidence, GapItems, OfficerId, OfficerIndex, Problem, Proof, Termination};
use crate::solve::verify::{assignment_faults, bound_faults, identity_fault, objective, read_officers, unit_officers};

/// Most faults that are printed.
const PRINTED_MAX: usize = 50;

/// Check an answer: are the rules kept, what does it cost, how near the best is it
///
/// Everything is recomputed from the files. An answer of another program (allocation.csv alone, or with holding.csv)
/// has no proof; then the rest is checked.
#[derive(Debug, Args)]
#[command(override_usage = "caseload check [OPTIONS] --cases <FILE> --officers <FILE> --result <DIR>
       caseload check [OPTIONS] --format gap <FILE> --result <DIR>")]
#[command(after_long_help = "\
With --format gap another program's answer may also be a solution.txt alone: the objective as
published, then the agent (1 to m) of each job in turn.

For example:
  caseload check --cases backlog/cases.csv --officers backlog/officers.csv \\
    --supervisors backlog/supervisors.csv --result result
  caseload check --format gap gap12-1.txt --sense max --result result")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Folder with the answer: allocation.csv, and where there are any holding.csv and result.json
    #[arg(long, value_name = "DIR")]
    result: PathBuf,
}

pub(super) fn run(args: &CheckArgs) -> Outcome {
    match args.input.source() {
        Source::Backlog(source) => check(args, &source),
        Source::Gap(source) => gap::check(&args.result, &source),
    }
}

fn check(args: &CheckArgs, source: &BacklogSource<'_>) -> Outcome {
    let working = Working::new();
    working.phase("reading the answer");
    readable([&args.result.join("allocation.csv")].into_iter())?;
    let answer = read_result(&args.result).map_err(|error| unusable_files(&error))?;
    // Another program may give files of these names another meaning.
    let listed = match &answer.result {
        Some(_) => read_listed(&args.result).map_err(|error| unusable_files(&error))?,
        None => Listed { caseloads: None, changes: None },
    };
    let recorded = answer.result.as_ref().map(|result| result.as_at);
    let input = source.read(recorded, &working)?;
    working.phase("checking the answer");
    let report = Report::of(&input, &answer, &listed);
    drop(working);
    let hint = answer.result.as_ref().and_then(|result| other_input(args, &input, result));
    output::say(&report.text(hint.as_deref()))?;
    Ok(if report.faults.is_empty() { Code::Fine } else { Code::Wrong })
}

/// What a check finds.
struct Report {
    faults: Vec<String>,
    case_count: i64,
    waiting_count: i64,
    children_without_officer_count: i64,
    objective: Option<i64>,
    /// `None` = an answer without proof.
    proved: Option<(Quality, i64)>,
    /// Cases in none of the files of an answer without holding.csv.
    assumed_waiting_count: i64,
}

impl Report {
    fn of(input: &Input, answer: &ResultFiles, listed: &Listed) -> Self {
        let problem = &input.problem;
        let mut faults = Vec::new();
        let (officers, assumed_waiting_count) = officers_of(problem, answer, &mut faults);
        let mut report = Self {
            faults: Vec::new(),
            case_count: problem.backlog().cases.len() as i64,
            waiting_count: 0,
            children_without_officer_count: 0,
            objective: None,
            proved: None,
            assumed_waiting_count,
        };
        let mut units = None;
        if let Some(officers) = officers {
            assignment_faults(problem, &officers, &mut faults);
            report.waiting_count = officers.iter().filter(|officer| officer.is_none()).count() as i64;
            report.children_without_officer_count = children_without_officer(problem, &officers);
            if faults.is_empty() {
                let officers = unit_officers(problem, &officers);
                match objective(problem.instance(), &officers).map(i64::try_from) {
                    Some(Ok(found)) => (report.objective, units) = (Some(found), Some(officers)),
                    Some(Err(_)) => faults.push("the objective is beyond any price".to_owned()),
                    None => faults.push("a case is with an officer who may not hold it, or may not wait".to_owned()),
                }
            }
            if faults.is_empty() {
                faults.extend(listed::faults(problem, &officers, listed));
            }
        }
        if let Some(result) = &answer.result {
            report.check_record(problem, units.as_deref(), result, &mut faults);
        }
        report.faults = faults;
        report
    }

    /// Everything that result.json says, against what was recomputed.
    fn check_record(
        &mut self,
        problem: &Problem,
        units: Option<&[Option<OfficerIndex>]>,
        result: &ResultRecord,
        faults: &mut Vec<String>,
    ) {
        if let Some(found) = self.objective.filter(|&found| found != result.objective) {
            faults.push(format!(
                "the objective of this allocation is {found}, not {} as result.json says",
                result.objective
            ));
        }
        let ids = || problem.backlog().officers.iter().map(|officer| &officer.id);
        let (proof, count_proof) = match (result.proof.to_proof(ids()), result.count_proof.to_proof(ids())) {
            (Ok(proof), Ok(count_proof)) => (proof, count_proof),
            (Err(error), _) | (_, Err(error)) => {
                faults.push(error.to_string());
                return;
            }
        };
        let items = result.gap_items.as_ref().map(|items| items.to_items(ids()));
        let evidence = evidence(result, proof, count_proof, items.clone().unwrap_or_default());
        bound_faults(problem, &evidence, faults);
        if let (Some(units), true) = (units, items.is_some()) {
            faults.extend(identity_fault(problem.instance(), units, &evidence.proof, &evidence.gap_items));
        }
        let without = self.children_without_officer_count;
        if self.objective.is_some() && without < result.count_bound {
            faults.push(format!(
                "{without} children are without an officer, fewer than the count bound of {} allows",
                result.count_bound
            ));
        }
        let quality = Quality {
            objective: result.objective,
            bound: result.bound,
            price_bound: result.price_bound,
            highs_version: match &result.bound_source {
                BoundSource::Prices => None,
                BoundSource::Highs { version } => Some(version.clone()),
            },
        };
        self.proved = Some((quality, (without - result.count_bound).max(0)));
    }

    fn text(&self, hint: Option<&str>) -> String {
        if !self.faults.is_empty() {
            return faulty(&self.faults, hint);
        }
        let mut text = String::new();
        let _ =
            writeln!(text, "{} without an officer", counted(self.children_without_officer_count, "child", "children"));
        let _ = writeln!(
            text,
            "{}: {} with one officer each, {} waiting; every rule and cap is kept",
            counted(self.case_count, "case", "cases"),
            grouped(self.case_count - self.waiting_count),
            grouped(self.waiting_count),
        );
        if self.assumed_waiting_count > 0 {
            let cases = counted(self.assumed_waiting_count, "case", "cases");
            let count = if self.assumed_waiting_count == 1 { "counts" } else { "count" };
            let _ = writeln!(text, "there is no holding.csv: {cases} that allocation.csv lacks {count} as waiting");
        }
        if let Some(objective) = self.objective {
            let _ = writeln!(text, "objective {}", grouped(objective));
        }
        match &self.proved {
            None => text.push_str("no bound to check\n"),
            Some((quality, more)) => {
                let _ = writeln!(text, "price bound {}", grouped(quality.price_bound));
                let _ = writeln!(text, "{}", quality.in_words());
                let _ = writeln!(text, "{}", more_children(self.children_without_officer_count, *more));
            }
        }
        if let Some(hint) = hint {
            let _ = writeln!(text, "{hint}");
        }
        text
    }
}

/// What is wrong with an answer, at least one thing, and a hint.
fn faulty(faults: &[String], hint: Option<&str>) -> String {
    let count = faults.len();
    let mut text = match count {
        1 => "1 thing is wrong with this answer:\n".to_owned(),
        count => format!("{count} things are wrong with this answer:\n"),
    };
    for fault in faults.iter().take(PRINTED_MAX) {
        let _ = writeln!(text, "  {fault}");
    }
    if count > PRINTED_MAX {
        let _ = writeln!(text, "  ... and {} more", count - PRINTED_MAX);
    }
    if let Some(hint) = hint {
        let _ = writeln!(text, "{hint}");
    }
    text
}

/// The officer of every case; `None` where the answer does not name every case once. And how many cases count as
/// waiting because no file of an answer without holding.csv names them.
fn officers_of(
    problem: &Problem,
    answer: &ResultFiles,
    faults: &mut Vec<String>,
) -> (Option<Vec<Option<OfficerIndex>>>, i64) {
    let held = answer.allocation.iter().map(|row| (&row.case_id, Some(&row.officer_id)));
    match &answer.holding {
        Some(holding) => {
            let waiting = holding.iter().map(|row| (&row.case_id, None));
            (read_officers(problem, held.chain(waiting), faults), 0)
        }
        None => {
            let named: HashSet<&CaseId> = answer.allocation.iter().map(|row| &row.case_id).collect();
            let others: Vec<_> =
                problem.backlog().cases.iter().map(|case| &case.id).filter(|id| !named.contains(id)).collect();
            let waiting = others.iter().map(|&id| (id, None::<&OfficerId>));
            (read_officers(problem, held.chain(waiting), faults), others.len() as i64)
        }
    }
}

fn children_without_officer(problem: &Problem, officers: &[Option<OfficerIndex>]) -> i64 {
    let mut seen = HashSet::new();
    let waiting = problem.backlog().cases.iter().zip(officers).filter(|(_, officer)| officer.is_none());
    waiting.filter(|(case, _)| case.child_id.as_ref().is_none_or(|child| seen.insert(child))).count() as i64
}

/// What result.json says of the answer's quality. How the search ended is not recorded, and plays no part.
fn evidence(result: &ResultRecord, proof: Proof, count_proof: Proof, gap_items: GapItems) -> Evidence {
    Evidence {
        objective: result.objective,
        bound: result.bound,
        price_bound: result.price_bound,
        bound_source: result.bound_source.clone(),
        proof,
        gap_items,
        count_bound: result.count_bound,
        count_proof,
        termination: Termination::Exhausted,
        step_count: 0,
        cut_calls: Vec::new(),
    }
}

/// A sentence where the answer was made from other input than this. By itself no fault: what counts is recomputed.
fn other_input(args: &CheckArgs, input: &Input, result: &ResultRecord) -> Option<String> {
    let rules_version = &input.problem.rules().version;
    let as_at = input.problem.backlog().as_at;
    if *rules_version != result.rules_version {
        return Some(format!(
            "note: the answer was made under the rules {}, and checked under {rules_version}: see --rules",
            result.rules_version
        ));
    }
    if as_at != result.as_at {
        return Some(format!(
            "note: the answer was made as at {}, and checked as at {as_at}: see --as-at",
            result.as_at
        ));
    }
    if input.digest == result.input_digest {
        return None;
    }
    let cause = if args.input.supervisors.is_none() {
        "no --supervisors were given, which the digest counts, or a file has changed"
    } else {
        "a file has changed, or --pairs or --supervisors is missing"
    };
    Some(format!("note: these are not the files that the answer was made from ({cause})"))
}

//! `caseload what-if scenarios`: what would be if, compared with the team as it is.

use std::path::PathBuf;

use clap::Args;

use super::comparison;
use crate::{
    cli::{
        exit::{Code, Outcome},
        input::{InputArgs, readable, unusable_files},
        question::AnswerArgs,
        search::SearchArgs,
        working::Working,
    },
    import::read_scenarios,
    plan::{Adjustment, Scenario},
};

/// Compare scenarios with the team as it is: officers, caps, rules, demand, areas, teams
///
/// All are checked before any is run. The team as it is is allocated first, to the gap of --gap, then the scenarios, each from
/// its answer.
#[derive(Debug, Args)]
#[command(override_usage = "caseload what-if scenarios [OPTIONS] --scenarios <FILE> --cases <FILE> --officers <FILE>")]
#[command(after_long_help = "\
A file of scenarios, at most 64:
  [[scenario]]
  name = \"five leave, three join\"
  adjustments = [
    { officers_leave = [\"officer-001\", \"officer-002\"] },
    { officers_join = { count = 3, areas = [\"north\"], skills = [\"tribunal\"], fte_percent = 100 } },
    { officer_changes = { officer_id = \"officer-007\", fte_percent = 60, skills = [\"post-16\"] } },
    { officer_away = { officer_id = \"officer-008\", from = \"2026-10-01\", until = \"2026-12-31\" } },
    { caps_change = { max_case_count = 180 } },             # of every officer with capacity
    { rules_change = { handover_limit = 50 } },             # any field of the rules
    { demand_grows = { percent = 20, stage = \"request\" } }, # or area, kind, skill; -100 and up
    { area_closes = { area = \"north\", goes_to = \"east\" } },
  ]
  joining_team = { cases = \"south/cases.csv\", officers = \"south/officers.csv\" }
  split_by_areas = [[\"north\", \"east\"], [\"south\"]]          # each part allocated by itself

Files in DIR (the same for the same input, seed and steps):
  scenarios.csv    a row a scenario, the team as it is first
  officers.csv     scenario, officer_id, cases, points, cap, what comes from other officers
  changes.csv      scenario, case_id, from_officer_id, to_officer_id, reason
  comparison.json  all figures and verdicts

For example:
  caseload what-if scenarios --scenarios scenarios.toml --cases backlog/cases.csv \\
    --officers backlog/officers.csv --supervisors backlog/supervisors.csv --as-at 2022-01-20")]
pub(super) struct ScenariosArgs {
    #[command(flatten)]
    input: InputArgs,
    /// The scenarios: a TOML file
    #[arg(long, value_name = "FILE", required = true)]
    scenarios: PathBuf,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    answer: AnswerArgs,
}

pub(in crate::cli) fn run(args: &ScenariosArgs) -> Outcome {
    let source = args.input.backlog()?;
    readable([&args.scenarios].into_iter())?;
    let working = Working::new();
    let given = source.given(&working)?;
    let read =
        read_scenarios::<Scenario>(&args.scenarios, given.backlog.as_at).map_err(|error| unusable_files(&error))?;
    let join = |(mut scenario, team): (Scenario, Option<_>)| {
        scenario.adjustments.extend(team.map(|team| Adjustment::TeamJoins(Box::new(team))));
        scenario
    };
    let scenarios: Vec<Scenario> = read.into_iter().map(join).collect();
    let running = args.search.start(&working);
    let comparison::Compared { all, failure } = comparison::run(&given, &scenarios, &args.search, &running, &working)?;
    drop(running);
    args.answer.tell(
        working,
        |folder| comparison::write(folder, &all, args.search.seed),
        || comparison::as_json(&all, args.search.seed),
        || comparison::text(&all),
    )?;
    failure.map_or(Ok(Code::Fine), Err)
}

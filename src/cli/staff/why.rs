//! `caseload staff why`: why it does not fit.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::{
    NOT_SHOWN, needs,
    plan::{AllowanceArgs, CapArgs},
    refused,
};
use crate::{
    cli::{
        exit::{Code, Failure, Outcome},
        files::{shortages_json, write_shortages},
        input::InputArgs,
        picture::{counted, grouped, heading, wrapped},
        question::AnswerArgs,
        search::{SearchArgs, show},
        working::Working,
    },
    model::{Allocation, CaseId, OfficerId},
    plan::{CapKind, CaseGroup, Given, Shortage, ShortageOptions, Shortages, shortages},
    solve::{Budget, NeededChange, needed_changes, solve},
};

/// Groups of cases, and officers, that the picture lists of one set.
const LISTED_MAX: usize = 10;

/// Say why it does not fit: the cases whose eligible officers together lack the room; or, of one case, what would have to change
///
/// A set that lacks room is its own proof: whoever may hold one of its cases is named, and their room is less than it needs.
#[derive(Debug, Args)]
#[command(override_usage = "caseload staff why [OPTIONS] --cases <FILE> --officers <FILE>")]
#[command(after_long_help = "\
Files in DIR (the same for the same input, seed and steps):
  sets.csv        a row a set: points or cases, what it needs, the room of its officers, children
  groups.csv      the cases of each set by area and skills
  officers.csv    the officers of each set
  shortages.json  all of it

For example:
  caseload staff why --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20
  caseload staff why --case case-000001 --cases backlog/cases.csv --officers backlog/officers.csv \\
    --as-at 2022-01-20")]
pub(super) struct WhyArgs {
    #[command(flatten)]
    input: InputArgs,
    /// One case: allocate, and say the smallest changes that would give it another officer, or any
    #[arg(long, value_name = "CASE_ID")]
    case: Option<String>,
    #[command(flatten)]
    caps: CapArgs,
    #[command(flatten)]
    allowances: AllowanceArgs,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    answer: AnswerArgs,
}

pub(in crate::cli) fn run(args: &WhyArgs) -> Outcome {
    let source = args.input.backlog()?;
    let working = Working::new();
    let given = source.given(&working)?;
    let wanted = ShortageOptions {
        caps: args.caps.target(),
        allowances: args.allowances.allowances(),
        in_peak_week: args.allowances.peak,
    };
    let one = match &args.case {
        Some(id) => {
            let running = args.search.start(&working);
            Some(of_one(&given, &CaseId::from(id.as_str()), args, &running.budget, &working)?)
        }
        None => None,
    };
    working.phase("looking for what lacks room");
    let found = shortages(&given, &wanted).map_err(refused)?;
    let json = || {
        let mut value = shortages_json(&found);
        value["case"] = one.as_ref().map_or(Value::Null, OneCase::json);
        value
    };
    let picture = || one.as_ref().map_or_else(String::new, OneCase::text) + &text(&found);
    args.answer.tell(working, |folder| write_shortages(folder, &found), json, picture)
}

/// What becomes of one case in an allocation, and what would have to change.
struct OneCase {
    case_id: CaseId,
    officer_id: Option<OfficerId>,
    /// Why it waits.
    reason: Option<&'static str>,
    changes: Vec<NeededChange>,
}

fn of_one(
    given: &Given,
    case_id: &CaseId,
    args: &WhyArgs,
    budget: &Budget,
    working: &Working,
) -> Result<OneCase, Failure> {
    let problem = given.problem().map_err(|error| Failure::from_error(Code::Data, &error))?;
    if problem.case_index(case_id).is_none() {
        let message = format!("--case is {case_id}, which is no case of the backlog; see column case_id of --cases");
        return Err(Failure::new(Code::Data, message));
    }
    let found: Allocation = solve(&problem, &args.search.options(), budget, &mut show(working))
        .map_err(|error| Failure::of_defect(&error))?;
    let held = found.held.iter().find(|held| held.case_id == *case_id);
    let waits = found.holdings.iter().find(|holding| holding.case_id == *case_id);
    Ok(OneCase {
        officer_id: held.map(|held| held.officer_id.clone()),
        reason: waits.map(|holding| holding.reason.sentence()),
        changes: needed_changes(&problem, &found, case_id),
        case_id: case_id.clone(),
    })
}

impl OneCase {
    fn text(&self) -> String {
        let mut text = heading(&format!("Case {}", self.case_id));
        let now = match (&self.officer_id, self.reason) {
            (Some(officer_id), _) => format!("It would be with officer {officer_id}. For another to have it:"),
            (None, Some(reason)) => {
                format!("It would wait: {reason} For an officer to have it, the smallest change first:")
            }
            (None, None) => "It would wait. For an officer to have it, the smallest change first:".to_owned(),
        };
        text.push_str(&wrapped("  ", &now));
        for change in &self.changes {
            let obstacles: Vec<String> = change.obstacles.iter().map(ToString::to_string).collect();
            let what =
                if obstacles.is_empty() { "could have it as things are".to_owned() } else { obstacles.join("; and ") };
            text.push_str(&wrapped("  ", &format!("{} {what}.", change.officer_id)));
        }
        text.push('\n');
        text
    }

    fn json(&self) -> Value {
        let change = |change: &NeededChange| {
            let obstacles: Vec<Value> = change
                .obstacles
                .iter()
                .map(|obstacle| json!({ "code": obstacle.code(), "more": obstacle.more(), "sentence": obstacle.to_string() }))
                .collect();
            json!({ "officer_id": change.officer_id, "obstacles": obstacles })
        };
        json!({
            "case_id": self.case_id,
            "officer_id": self.officer_id,
            "needed_changes": self.changes.iter().map(change).collect::<Vec<_>>(),
        })
    }
}

fn text(found: &Shortages) -> String {
    let mut text = heading("Why it does not fit");
    if found.sets.is_empty() && found.nobody.is_empty() {
        text.push_str(&wrapped(
            "  ",
            "No set of cases is above the room of those who may hold them, neither in points nor in cases. What still waits, waits because whole cases do not pack, because \
             both caps together are in the way, or because of intake and handover limits: see `caseload allocate`.",
        ));
    }
    for set in &found.sets {
        text.push_str(&wrapped("  ", &sentence(set)));
    }
    for group in &found.nobody {
        let count = counted(group.case_count, "case", "cases");
        text.push_str(&wrapped("  ", &format!("{count} that nobody may hold within the caps: {}.", needs(group))));
    }
    let mut before: Option<&Shortage> = None;
    for set in &found.sets {
        let what = kind(set.of);
        if before.is_some_and(|before| before.groups == set.groups && before.officer_ids == set.officer_ids) {
            text.push_str(&wrapped("  ", &format!("The same cases lack {what}, with the same officers.")));
            continue;
        }
        before = Some(set);
        let _ = write!(text, "\n{}", heading(&format!("What lacks {what}, by area and skills")));
        let _ = writeln!(text, "  {:<56}{:>12}{:>12}", "", "cases", "points");
        let mut groups: Vec<&CaseGroup> = set.groups.iter().collect();
        groups.sort_by_key(|group| (std::cmp::Reverse(group.points), group.area.clone(), group.skills.clone()));
        for group in groups.iter().take(LISTED_MAX) {
            let _ =
                writeln!(text, "  {:<56}{:>12}{:>12}", needs(group), grouped(group.case_count), grouped(group.points));
        }
        if let Some(rest) = groups.get(LISTED_MAX..).filter(|rest| !rest.is_empty()) {
            let sum = |of: fn(&CaseGroup) -> i64| grouped(rest.iter().map(|group| of(group)).sum());
            let name = format!("{} more groups: see --json or groups.csv", rest.len());
            let _ =
                writeln!(text, "  {name:<56}{:>12}{:>12}", sum(|group| group.case_count), sum(|group| group.points));
        }
        let mut who: Vec<&str> = set.officer_ids.iter().take(LISTED_MAX).map(OfficerId::as_str).collect();
        let more = format!("{} more", set.officer_ids.len().saturating_sub(LISTED_MAX));
        if set.officer_ids.len() > LISTED_MAX {
            who.push(&more);
        }
        text.push_str(&wrapped("  ", &format!("Who may hold them: {}.", who.join(", "))));
    }
    let _ = write!(text, "\n{}", heading("What this does not show"));
    text.push_str(&wrapped("  ", NOT_SHOWN));
    let week = found.peak_week.map_or_else(String::new, |week| format!(", in the heaviest week, from {week}"));
    let _ = writeln!(text, "  Rules {}, as at {}{week}.", found.rules_version, found.as_at);
    text
}

fn kind(of: CapKind) -> &'static str {
    match of {
        CapKind::Cases => "room for cases",
        CapKind::Points => "points",
    }
}

fn sentence(set: &Shortage) -> String {
    let (need, room) = match set.of {
        CapKind::Points => (counted(set.need, "point", "points"), counted(set.room, "point", "points")),
        CapKind::Cases => (format!("room for {}", grouped(set.need)), format!("room for {}", grouped(set.room))),
    };
    let children = counted(set.children_without_officer_at_least, "child has", "children have");
    format!(
        "{} need {need}, and all {} who may hold any of them have {room} within their caps: {} short. So at least {children} no officer within the caps, \
         however cases are given out, under the rules you entered.",
        counted(set.case_count, "case", "cases"),
        counted(set.officer_ids.len() as i64, "officer", "officers"),
        grouped(set.lacking()),
    )
}

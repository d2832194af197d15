//! `caseload what-if waves`: who takes whom in which week, and how long it takes.

use std::fmt::Write as _;

use clap::Args;

use crate::{
    cli::{
        exit::Outcome,
        files::{waves_json, write_waves},
        input::InputArgs,
        paint,
        picture::{Without, children, counted, heading, more_children, wrapped},
        question::{AnswerArgs, unanswerable},
        search::{SearchArgs, show},
        sparkline::sparkline,
        working::Working,
    },
    plan::{BadEntry, WaveOptions, Waves, waves},
};

/// Weeks that have a line of their own; of more, those at the same distance.
const LINES_MAX: usize = 16;

/// Plan who takes whom in which week, the most urgent first, where officers can take on only so many new cases a week
///
/// It looks for the fewest weeks, and proves how few there can be. What finds no room under the caps stays on the holding list.
#[derive(Debug, Args)]
#[command(override_usage = "caseload what-if waves [OPTIONS] --cases <FILE> --officers <FILE>")]
#[command(after_long_help = "\
Files in DIR (the same for the same input, seed and steps):
  waves.csv    week, begin, case_id, officer_id, held_until_then (by an officer who stays)
  weeks.csv    how many are taken on in each week, and how many still wait at its end
  never.csv    cases that get no officer
  waves.json   the figures, the bound and the notes

For example:
  caseload what-if waves --cases backlog/cases.csv --officers backlog/officers.csv \\
    --as-at 2022-01-20 --intake 25
  caseload what-if waves --cases backlog/cases.csv --officers backlog/officers.csv \\
    --as-at 2022-01-20 --intake 25 --without-caps --out waves")]
pub(super) struct WavesArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    search: SearchArgs,
    /// New cases that each officer can take a week; if not given, each officer's own intake_limit
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    intake: Option<i64>,
    /// Leave out caps on points and cases: how long until every child has an officer, however full the officers get
    #[arg(long)]
    without_caps: bool,
    #[command(flatten)]
    answer: AnswerArgs,
}

pub(in crate::cli) fn run(args: &WavesArgs) -> Outcome {
    let source = args.input.backlog()?;
    let working = Working::new();
    let given = source.given(&working)?;
    let running = args.search.start(&working);
    let wanted = WaveOptions { intake_limit: args.intake, without_caps: args.without_caps };
    let found = waves(&given, &wanted, &args.search.options(), &running.budget, &mut show(&working));
    let found = found.map_err(|error| unanswerable(error, in_words))?;
    drop(running);
    args.answer.tell(working, |folder| write_waves(folder, &found), || waves_json(&found), || text(&found))
}

fn in_words(fault: &BadEntry) -> String {
    match fault.path.strip_prefix("backlog.") {
        Some(path) => format!("{path}: {} with --intake", fault.message),
        None => format!("--intake: {}", fault.message),
    }
}

fn text(found: &Waves) -> String {
    let every = found.weeks.len().div_ceil(LINES_MAX).max(1);
    let shown = found
        .weeks
        .iter()
        .enumerate()
        .filter(|(number, _)| (number + 1) % every == 0 || number + 1 == found.weeks.len());
    let shown: Vec<(String, i64)> = shown
        .map(|(number, week)| {
            (format!("after week {}, {}", number + 1, week.begin), week.children_without_officer_count)
        })
        .collect();
    let mut lines = vec![Without { when: "today", count: found.children_before_count }];
    lines.extend(shown.iter().map(|(when, count)| Without { when, count: *count }));
    let mut text = children(&lines, found.child_count);
    let taken: Vec<i64> = found.weeks.iter().map(|week| week.taken_count).collect();
    let _ = writeln!(
        text,
        "  {} taken on, week by week: {}",
        counted(found.taken.len() as i64, "case", "cases"),
        sparkline(&taken)
    );
    let _ = write!(text, "\n{}", heading("How long it takes"));
    let weeks = counted(found.weeks.len() as i64, "week", "weeks");
    let whom = if found.never.is_empty() {
        "every child has an officer"
    } else {
        "every child for whom there is room has an officer"
    };
    let _ = writeln!(text, "  {}", paint::bold(&format!("{weeks} until {whom}.")));
    let bound = match found.gap_weeks() {
        0 => "Under the rules you entered no way to give out these cases needs fewer".to_owned(),
        gap => format!(
            "Under the rules you entered no way to give out these cases needs fewer than {}: at most {} could be saved",
            found.week_count_at_least,
            counted(gap, "week", "weeks")
        ),
    };
    text.push_str(&wrapped(
        "  ",
        &format!("{bound}. That says nothing of whether work is done in time, well, or lawfully."),
    ));
    if !found.never.is_empty() {
        let never = format!(
            "{} of {} stay on the holding list for want of room, skills or areas.",
            counted(found.never.len() as i64, "case", "cases"),
            counted(found.never_child_count, "child", "children"),
        );
        text.push_str(&wrapped("  ", &never));
        text.push_str(&wrapped("  ", &more_children(found.never_child_count, found.more_children_at_most_count)));
    }
    let _ = writeln!(
        text,
        "  Rules {}, as at {}, seed {}, {}.",
        found.rules_version,
        found.as_at,
        found.seed,
        counted(found.search_count, "search", "searches")
    );
    for note in &found.notes {
        text.push_str(&wrapped("  ", note));
    }
    text
}

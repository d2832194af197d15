//! `caseload staff worth`: what one more officer brings.

use std::fmt::Write as _;

use clap::Args;

use super::{NOT_SHOWN, profiles, profiles::ProfileArgs, refused};
use crate::{
    cli::{
        exit::Outcome,
        files::{worth_json, write_worth},
        input::InputArgs,
        picture::{Without, children, counted, grouped, heading, wrapped},
        question::AnswerArgs,
        search::{SearchArgs, show},
        working::Working,
    },
    plan::{HireWorth, Worth, WorthOptions, worth},
};

/// Say what one more officer of each profile brings: children with an officer, load off those above caps, deadlines met
///
/// Profiles are ranked by what they could be worth at most, by the prices of the team's allocation; what is shown is what an
/// allocation with one of them comes to.
#[derive(Debug, Args)]
#[command(override_usage = "caseload staff worth [OPTIONS] --profile <PROFILE>... --cases <FILE> --officers <FILE>")]
#[command(after_long_help = format!("\
{}

Files in DIR (the same for the same input, seed and steps):
  worth.csv   a row a profile: what it brings, and the most that it could
  worth.json  the same, with the allocation of the team as it is

For example:
  caseload staff worth --profile tribunal:skills=tribunal --profile any --forecast \\
    --cases backlog/cases.csv --officers backlog/officers.csv --as-at 2022-01-20", profiles::HELP))]
pub(super) struct WorthArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    profiles: ProfileArgs,
    /// Show the deadlines that would be missed, too (see `caseload forecast`)
    #[arg(long)]
    forecast: bool,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    answer: AnswerArgs,
}

pub(in crate::cli) fn run(args: &WorthArgs) -> Outcome {
    let source = args.input.backlog()?;
    let working = Working::new();
    let wanted = WorthOptions { profiles: args.profiles.read()?, with_forecast: args.forecast };
    let given = source.given(&working)?;
    let running = args.search.start(&working);
    let found =
        worth(&given, &wanted, &args.search.options(), &running.budget, &mut show(&working)).map_err(refused)?;
    drop(running);
    args.answer.tell(working, |folder| write_worth(folder, &found), || worth_json(&found), || text(&found))
}

fn text(found: &Worth) -> String {
    let names: Vec<String> = found.hires.iter().map(|hire| format!("one more: {}", hire.profile_code)).collect();
    let mut lines = vec![Without { when: "the team as it is", count: found.baseline.children_without_officer_count }];
    lines.extend(
        names
            .iter()
            .zip(&found.hires)
            .map(|(when, hire)| Without { when, count: hire.figures.children_without_officer_count }),
    );
    let mut text = children(&lines, found.child_count);
    let _ = write!(text, "\n{}", heading("What one more officer brings, the most that it could be worth first"));
    let _ = writeln!(
        text,
        "  {:<18}{:>10}{:>9}{:>13}{:>12}{:>8}{:>13}{:>13}",
        "", "children", "at most", "points over", "cases over", "holds", "price", "at most"
    );
    let (before, gap) = (&found.baseline, found.gap());
    for hire in &found.hires {
        let name: String = hire.profile_code.as_str().chars().take(17).collect();
        let _ = writeln!(
            text,
            "  {name:<18}{:>10}{:>9}{:>13}{:>12}{:>8}{:>13}{:>13}",
            signed(hire.children_gain),
            grouped(hire.children_gain_at_most),
            signed(hire.figures.over_cap_points - before.over_cap_points),
            signed(hire.figures.over_cap_case_count - before.over_cap_case_count),
            grouped(hire.holds.0),
            grouped(hire.gain),
            grouped(hire.price_value + gap),
        );
    }
    text.push_str(&wrapped(
        "  ",
        "children: more who have an officer, as found, and at most, proved; points over, cases over: what officers hold above their caps; holds: cases of the newcomer; \
         price: what the objective falls by, and at most, proved.",
    ));
    for hire in &found.hires {
        text.push_str(&wrapped("  ", &sentence(hire, gap)));
    }
    let _ = write!(text, "\n{}", heading("What this does not show"));
    text.push_str(&wrapped("  ", NOT_SHOWN));
    for note in &found.notes {
        text.push_str(&wrapped("  ", note));
    }
    let _ = writeln!(text, "  Rules {}, as at {}, seed {}.", found.rules_version, found.as_at, found.seed);
    text
}

fn signed(number: i64) -> String {
    if number > 0 { format!("+{}", grouped(number)) } else { grouped(number) }
}

fn sentence(hire: &HireWorth, gap: i64) -> String {
    let children = match (hire.children_gain, hire.why_nothing) {
        (_, Some(why)) => format!("One more {} brings nothing: {}.", hire.profile_code, why.sentence()),
        (0, None) => format!(
            "One more {} gives no further child an officer, and takes load off those above caps.",
            hire.profile_code
        ),
        (gain, None) => {
            format!("One more {} gives {} an officer.", hire.profile_code, counted(gain, "more child", "more children"))
        }
    };
    let deadlines = hire.missed.map_or_else(String::new, |missed| {
        let range = |(fewest, most): (i64, i64)| match fewest == most {
            true => grouped(most),
            false => format!("{} to {}", grouped(fewest), grouped(most)),
        };
        format!(
            " Of {} deadlines in {} weeks {} are missed with them, {} without (by the order of work; illustrative efforts, not calibrated).",
            grouped(missed.due_count),
            missed.week_count,
            range(missed.with_hires),
            range(missed.as_today),
        )
    });
    format!(
        "{children} No allocation with them gives more than {} an officer, or is better by more than {} ({} by prices and a gap of {}), under the rules you entered.{deadlines}",
        counted(hire.children_gain_at_most, "more child", "more children"),
        grouped(hire.price_value + gap),
        grouped(hire.price_value),
        grouped(gap),
    )
}

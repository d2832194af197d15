//! The picture of the demo: before, after with 19 officers, after with 95. Drawn from what the service said.

use std::fmt::Write as _;

use super::ReadBack;
use crate::cli::figures::{Figures, Owner, Quality, ended};
use crate::cli::picture::{self, Column, Without, counted, grouped};
use crate::cli::summary::seconds;
use crate::model::{Backlog, Termination, load_percent};
use crate::rpc::proto;

/// Everything a manager should see of both teams.
pub(super) fn picture(backlog: &Backlog, crisis: &ReadBack, enough: &ReadBack) -> String {
    let [crisis_title, enough_title] = [crisis, enough].map(|team| format!("{} officers", team.caseloads.len()));
    let [crisis_figures, enough_figures] = [crisis, enough].map(figures);
    let child_count = crisis_figures.child_count;

    let mut text = String::from("\n");
    text.push_str(&picture::children(
        &[
            Without { when: "before", count: child_count },
            Without { when: &crisis_title, count: crisis_figures.children_without_officer_count },
            Without { when: &enough_title, count: enough_figures.children_without_officer_count },
        ],
        child_count,
    ));
    text.push('\n');

    // What 500 to 600 plans an officer was: everything dealt out evenly, whatever the cap.
    let officer_count = backlog.officers.len().max(1) as i64;
    let each = (crisis_figures.case_count + officer_count / 2) / officer_count;
    let dealt_out: Vec<_> =
        backlog.officers.iter().map(|officer| load_percent(0, each, None, officer.max_case_count)).collect();
    let dealt_out_title = "before, if dealt out";
    text.push_str(&picture::caseloads(&[
        Column { title: dealt_out_title, shares: &dealt_out },
        Column { title: &format!("after: {crisis_title}"), shares: &crisis_figures.shares },
        Column { title: &format!("after: {enough_title}"), shares: &enough_figures.shares },
    ]));
    let _ = writeln!(
        text,
        "  Cap: {} cases and {} points. Before, nobody held any of the {}; dealt out, {each} each.",
        cap(&crisis.caseloads, |caseload| caseload.max_case_count),
        cap(&crisis.caseloads, |caseload| caseload.capacity_points),
        grouped(crisis_figures.case_count),
    );

    for (title, figures, team) in [(&crisis_title, &crisis_figures, crisis), (&enough_title, &enough_figures, enough)] {
        let waiting = picture::waiting(figures, &format!(", with {title}"));
        if !waiting.is_empty() {
            let _ = write!(text, "\n{waiting}{}", looked_at(team));
        }
    }
    let _ = write!(
        text,
        "\n{}",
        comparison(&[(&crisis_title, &crisis_figures, crisis), (&enough_title, &enough_figures, enough)])
    );
    let _ = writeln!(text, "\n  {}", picture::STAMP.to_uppercase());
    text
}

fn cap(caseloads: &[proto::Caseload], of: impl Fn(&proto::Caseload) -> Option<i64>) -> String {
    caseloads.iter().filter_map(of).max().map_or_else(|| "any number of".to_owned(), grouped)
}

/// Until when supervisors look at what waits.
fn looked_at(team: &ReadBack) -> String {
    let as_at = &team.assignment.as_at_date;
    // ISO dates sort as text.
    let check_by = team.holdings.iter().map(|holding| &holding.check_by_date).max();
    let overstayed = team.holdings.iter().filter(|holding| holding.longest_stay_until_date < *as_at).count();
    let mut text = String::new();
    if let Some(check_by) = check_by {
        let _ = writeln!(text, "  Their supervisors look at each again by {check_by}.");
    }
    if overstayed > 0 {
        let _ = writeln!(
            text,
            "  {} waited longer than the rules allow before this day.",
            counted(overstayed as i64, "case has", "cases have")
        );
    }
    text
}

/// Both teams side by side, then the gap of each in words.
fn comparison(teams: &[(&String, &Figures, &ReadBack)]) -> String {
    let mut text = picture::heading("How good the answers are");
    let mut row = |name: &str, of: &dyn Fn(&Figures, &ReadBack) -> String| {
        let _ = write!(text, "  {name:<44}");
        for (_, figures, team) in teams {
            let _ = write!(text, "{:>18}", of(figures, team));
        }
        text.push('\n');
    };
    row("", &|_, team| format!("{} officers", team.caseloads.len()));
    row("children without an officer", &|figures, _| grouped(figures.children_without_officer_count));
    row("  more who could have one, at most", &|figures, _| grouped(figures.more_children_at_most_count));
    row("cases with an officer", &|figures, _| grouped(figures.allocated_count));
    row("handovers (children who change officer)", &|figures, _| grouped(figures.handover_count));
    row("objective (price of the allocation)", &|figures, _| grouped(figures.quality.objective));
    row("bound (no allocation can cost less)", &|figures, _| grouped(figures.quality.bound));
    row("seconds", &|_, team| seconds(team.elapsed));
    for (title, figures, _) in teams {
        let _ = writeln!(
            text,
            "  With {title}: {}. The search {}.\n    {}",
            figures.quality.in_words(),
            figures.termination,
            picture::more_children(figures.children_without_officer_count, figures.more_children_at_most_count),
        );
    }
    text
}

/// The figures of what was read back.
fn figures(team: &ReadBack) -> Figures {
    let assignment = &team.assignment;
    let totals = assignment.totals.unwrap_or_default();
    let evidence = assignment.evidence.clone().unwrap_or_default();
    let owned = assignment.supervisor_holdings.iter().filter(|supervisor| supervisor.holding_count > 0);
    Figures {
        child_count: totals.child_count,
        children_without_officer_count: totals.children_without_officer_count,
        case_count: totals.case_count,
        allocated_count: team.caseloads.iter().map(|caseload| caseload.case_count).sum(),
        waiting_count: team.holdings.len() as i64,
        handover_count: totals.handover_count,
        release_count: totals.release_count,
        more_children_at_most_count: evidence.more_children_at_most_count,
        termination: ended(termination(evidence.termination())),
        quality: Quality {
            objective: evidence.objective,
            bound: evidence.bound,
            price_bound: evidence.price_bound,
            highs_version: Some(evidence.highs_version).filter(|version| !version.is_empty()),
        },
        reasons: assignment
            .holding_reason_counts
            .iter()
            .map(|reason| (reason.case_count, reason.sentence.clone()))
            .collect(),
        owners: owned
            .map(|supervisor| Owner {
                supervisor_id: supervisor.supervisor_id.clone(),
                holding_count: supervisor.holding_count,
                max_holding_count: supervisor.max_holding_count,
            })
            .collect(),
        shares: team
            .caseloads
            .iter()
            .map(|load| load_percent(load.load_points, load.case_count, load.capacity_points, load.max_case_count))
            .collect(),
        notes: Vec::new(),
    }
}

fn termination(termination: proto::Termination) -> Termination {
    match termination {
        proto::Termination::Optimal => Termination::Optimal,
        proto::Termination::GapReached => Termination::GapReached,
        proto::Termination::Exhausted | proto::Termination::Unspecified => Termination::Exhausted,
        proto::Termination::TimeLimit => Termination::TimeLimit,
        proto::Termination::StepLimit => Termination::StepLimit,
        proto::Termination::Interrupted => Termination::Interrupted,
    }
}

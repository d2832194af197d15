//! `caseload status`: how a team stands, asked of a service: children without an officer first.

use std::fmt::Write as _;

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use super::{
    exit::{Code, Outcome},
    input::today,
    paint,
    picture::{Without, children, counted, grouped, heading, wrapped},
    session::{refused, with_service},
    team::{TeamArgs, holding_reason, tell},
};
use crate::rpc::proto;

/// Most ids that are printed of a list.
const IDS_MAX: usize = 10;

/// Show how a team stands: children without an officer, what waits, what is due, who has too much
#[derive(Args, Debug)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    team: TeamArgs,
    /// The day on which the team is looked at; today if not given
    #[arg(long, value_name = "DATE")]
    as_at: Option<Date>,
}

pub(super) fn run(args: &StatusArgs) -> Outcome {
    let as_at = args.as_at.map_or_else(today, Ok)?;
    let request = proto::GetTeamStatusRequest { team_id: args.team.team.clone(), as_at_date: as_at.to_string() };
    with_service(&args.team.service, async |session| {
        let answer = session.assignments.get_team_status(request).await.map_err(|status| refused(&status))?;
        let status = answer.into_inner().status.unwrap_or_default();
        tell(&args.team, &text(&status), &status_json(&status))?;
        Ok(Code::Fine)
    })
}

/// The whole status in JSON.
fn status_json(status: &proto::TeamStatus) -> serde_json::Value {
    let due = |due: &Option<proto::DueCases>| {
        let due = due.clone().unwrap_or_default();
        json!({"held_case_ids": due.held_case_ids, "waiting_case_ids": due.waiting_case_ids})
    };
    let month = |month: &proto::MonthEnd| {
        json!({
            "as_at": month.as_at_date,
            "children_without_officer_count": month.children_without_officer_count,
            "case_count": month.case_count,
            "waiting_count": month.waiting_count,
            "missed_count": month.missed_count,
            "over_cap_officer_count": month.over_cap_officer_count,
        })
    };
    let reason = |reason: &proto::HoldingReasonCount| json!({"reason": holding_reason(reason.reason()), "case_count": reason.case_count});
    let age = |age: &proto::HoldingAge| json!({"from_weeks": age.from_weeks, "case_count": age.case_count});
    let supervisor = |holdings: &proto::SupervisorHoldings| {
        json!({
            "supervisor_id": holdings.supervisor_id,
            "holding_count": holdings.holding_count,
            "max_holding_count": holdings.max_holding_count,
            "over": holdings.over,
        })
    };
    let over = |caseload: &proto::Caseload| {
        json!({
            "officer_id": caseload.officer_id,
            "case_count": caseload.case_count,
            "load_points": caseload.load_points,
            "load_percent": caseload.load_percent,
        })
    };
    json!({
        "children_without_officer_count": status.children_without_officer_count,
        "child_count": status.child_count,
        "case_count": status.case_count,
        "team_id": status.team_id,
        "version": status.version,
        "allocated_as_at": status.allocated_as_at_date,
        "as_at": status.as_at_date,
        "holding_reasons": status.holding_reason_counts.iter().map(reason).collect::<Vec<_>>(),
        "holding_ages": status.holding_ages.iter().map(age).collect::<Vec<_>>(),
        "supervisors": status.supervisor_holdings.iter().map(supervisor).collect::<Vec<_>>(),
        "overdue_check_case_ids": status.overdue_check_case_ids,
        "run_out_case_ids": status.run_out_case_ids,
        "missed": due(&status.missed),
        "due_soon": due(&status.due_soon),
        "undated_case_ids": status.undated_case_ids,
        "over_officers": status.over_caseloads.iter().map(over).collect::<Vec<_>>(),
        "excessive_officer_ids": status.excessive_known.then_some(&status.excessive_officer_ids),
        "known_since": status.known_since_date,
        "trend": status.trend.iter().map(month).collect::<Vec<_>>(),
    })
}

/// The status as a person reads it, in lines of at most 100 characters. Nothing is said by colour alone.
pub(super) fn text(status: &proto::TeamStatus) -> String {
    let mut text = children(
        &[Without { when: &status.team_id, count: status.children_without_officer_count }],
        status.child_count,
    );
    let _ = writeln!(
        text,
        "  {}; version {}, allocated as at {}, looked at on {}.",
        counted(status.case_count, "open case", "open cases"),
        status.version,
        status.allocated_as_at_date,
        status.as_at_date
    );
    waiting(status, &mut text);
    due(status, &mut text);
    officers(status, &mut text);
    trend(status, &mut text);
    text
}

fn waiting(status: &proto::TeamStatus, text: &mut String) {
    let _ = write!(text, "\n{}", heading("Waiting"));
    if status.holding_reason_counts.is_empty() {
        let _ = writeln!(text, "  {}", paint::good("nothing waits"));
        return;
    }
    for reason in &status.holding_reason_counts {
        text.push_str(&wrapped(&format!("  {:>9}  ", grouped(reason.case_count)), &reason.sentence));
    }
    let ends = status.holding_ages.iter().skip(1).map(|band| Some(band.from_weeks)).chain([None]);
    for (band, end) in status.holding_ages.iter().zip(ends).filter(|(band, _)| band.case_count > 0) {
        let time = match end {
            Some(end) => format!("waited {} to {end} weeks", band.from_weeks),
            None => format!("waited {} weeks or more", band.from_weeks),
        };
        let _ = writeln!(text, "  {:>9}  {time}", grouped(band.case_count));
    }
    for supervisor in status.supervisor_holdings.iter().filter(|entry| entry.holding_count > 0) {
        let of = supervisor.max_holding_count.map_or_else(String::new, |max| format!(" of {} at most", grouped(max)));
        let line = format!("with {}{of}", supervisor.supervisor_id);
        let line = if supervisor.over { paint::bad(&format!("{line}: over the maximum")) } else { line };
        let _ = writeln!(text, "  {:>9}  {line}", grouped(supervisor.holding_count));
    }
    worry(text, &status.overdue_check_case_ids, "to be looked at by a supervisor before today");
    worry(text, &status.run_out_case_ids, "longest stay run out");
}

fn due(status: &proto::TeamStatus, text: &mut String) {
    let _ = write!(text, "\n{}", heading("Due"));
    let (missed, soon) = (status.missed.clone().unwrap_or_default(), status.due_soon.clone().unwrap_or_default());
    worry(text, &missed.held_case_ids, "missed deadline, with an officer");
    worry(text, &missed.waiting_case_ids, "missed deadline, waiting");
    if missed.held_case_ids.is_empty() && missed.waiting_case_ids.is_empty() {
        let _ = writeln!(text, "  {}", paint::good("no deadline is missed"));
    }
    listed(text, &soon.held_case_ids, "due within 4 weeks, with an officer", str::to_owned);
    listed(text, &soon.waiting_case_ids, "due within 4 weeks, waiting", str::to_owned);
    listed(text, &status.undated_case_ids, "no due date: counts as due today", str::to_owned);
}

fn officers(status: &proto::TeamStatus, text: &mut String) {
    let _ = write!(text, "\n{}", heading("Officers"));
    if status.over_caseloads.is_empty() {
        let _ = writeln!(text, "  {}", paint::good("nobody is over a cap"));
    }
    for caseload in &status.over_caseloads {
        let percent = match (caseload.load_percent, caseload.capacity_points, caseload.max_case_count) {
            (_, Some(0), _) | (_, _, Some(0)) => "no capacity".to_owned(),
            (Some(percent), ..) => format!("{} %", grouped(percent)),
            (None, ..) => "no cap".to_owned(),
        };
        let held = counted(caseload.case_count, "case", "cases");
        let line = format!("{}: {held}, {} points", caseload.officer_id, grouped(caseload.load_points));
        let _ = writeln!(text, "  {}  {line}", paint::bad(&format!("{percent:>11}")));
    }
    match (status.excessive_known, status.excessive_officer_ids.is_empty()) {
        (true, true) => text.push_str("  Nobody was over 110 % for the last 4 weeks.\n"),
        (true, false) => {
            let ids = first_ids(&status.excessive_officer_ids);
            text.push_str(&wrapped("  ", &paint::bad(&format!("Over 110 % for the last 4 weeks: {ids}."))));
        }
        (false, _) => text.push_str(&wrapped(
            "  ",
            &format!(
                "Who was over 110 % for 4 weeks cannot be told: the versions that are kept begin with {}.",
                status.known_since_date
            ),
        )),
    }
}

fn trend(status: &proto::TeamStatus, text: &mut String) {
    let _ = write!(text, "\n{}", heading("Month by month"));
    let _ = writeln!(text, "  last version      without     open  waiting   missed  officers");
    let _ = writeln!(text, "  of the month   an officer    cases    cases            over a cap");
    for month in &status.trend {
        let _ = writeln!(
            text,
            "  {:<12}{:>13}{:>9}{:>9}{:>9}{:>10}",
            month.as_at_date,
            grouped(month.children_without_officer_count),
            grouped(month.case_count),
            grouped(month.waiting_count),
            grouped(month.missed_count),
            grouped(month.over_cap_officer_count),
        );
    }
}

/// Cases that somebody should worry about; nothing for none.
fn worry(text: &mut String, case_ids: &[String], what: &str) {
    listed(text, case_ids, what, paint::bad);
}

fn listed(text: &mut String, case_ids: &[String], what: &str, painted: fn(&str) -> String) {
    if !case_ids.is_empty() {
        let count = format!("{:>9}", grouped(case_ids.len() as i64));
        let lines = wrapped(&format!("  {count}  "), &format!("{what}: {}", first_ids(case_ids)));
        // Colour comes after the lines are cut: it takes no room.
        text.push_str(&lines.replacen(&count, &painted(&count), 1).replacen(what, &painted(what), 1));
    }
}

fn first_ids(ids: &[String]) -> String {
    let shown = ids.iter().take(IDS_MAX).cloned().collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(IDS_MAX) {
        0 => shown,
        more => format!("{shown} and {} more", grouped(more as i64)),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn ids(prefix: &str, count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("{prefix}{number}")).collect()
    }

    fn month(as_at: &str, without: i64) -> proto::MonthEnd {
        proto::MonthEnd {
            as_at_date: as_at.to_owned(),
            children_without_officer_count: without,
            case_count: 1_200,
            waiting_count: without + 1,
            missed_count: 7,
            over_cap_officer_count: 2,
        }
    }

    #[test]
    fn a_team_in_trouble() {
        let caseload = |id: &str, percent, capacity| proto::Caseload {
            officer_id: id.to_owned(),
            case_count: 12,
            load_points: 1_440,
            load_percent: Some(percent),
            capacity_points: Some(capacity),
            ..Default::default()
        };
        let status = proto::TeamStatus {
            children_without_officer_count: 34,
            child_count: 1_100,
            case_count: 1_200,
            team_id: "north".to_owned(),
            version: 41,
            allocated_as_at_date: "2026-09-01".to_owned(),
            as_at_date: "2026-09-07".to_owned(),
            holding_reason_counts: vec![proto::HoldingReasonCount {
                reason: proto::HoldingReason::AllFull.into(),
                case_count: 35,
                sentence: crate::model::HoldingReason::AllFull.sentence().to_owned(),
            }],
            holding_ages: [(0, 20), (1, 10), (4, 0), (12, 3), (20, 2)]
                .map(|(from_weeks, case_count)| proto::HoldingAge { from_weeks, case_count })
                .to_vec(),
            supervisor_holdings: [("s-north", 30, Some(20), true), ("s-rest", 5, None, false)]
                .map(|(id, holding_count, max_holding_count, over)| proto::SupervisorHoldings {
                    supervisor_id: id.to_owned(),
                    holding_count,
                    max_holding_count,
                    over,
                })
                .to_vec(),
            overdue_check_case_ids: ids("c", 3),
            run_out_case_ids: ids("case-with-a-long-name-", 12),
            missed: Some(proto::DueCases { held_case_ids: ids("m", 2), waiting_case_ids: ids("w", 1) }),
            due_soon: Some(proto::DueCases { held_case_ids: ids("d", 1_234), waiting_case_ids: Vec::new() }),
            undated_case_ids: ids("u", 1),
            over_caseloads: vec![caseload("o-away", 10_000, 0), caseload("o-7", 120, 1_200)],
            excessive_officer_ids: ids("o-", 1),
            excessive_known: true,
            known_since_date: "2026-01-05".to_owned(),
            trend: vec![month("2026-09-01", 34), month("2026-08-31", 40)],
        };
        expect![[r#"
            CHILDREN WITHOUT AN OFFICER
              north         34  █▌ of 1,100
              1,200 open cases; version 41, allocated as at 2026-09-01, looked at on 2026-09-07.

            WAITING
                     35  Every eligible officer is full with cases they keep: more capacity is needed.
                     20  waited 0 to 1 weeks
                     10  waited 1 to 4 weeks
                      3  waited 12 to 20 weeks
                      2  waited 20 weeks or more
                     30  with s-north of 20 at most: over the maximum
                      5  with s-rest
                      3  to be looked at by a supervisor before today: c1, c2, c3
                     12  longest stay run out: case-with-a-long-name-1, case-with-a-long-name-2,
                         case-with-a-long-name-3, case-with-a-long-name-4, case-with-a-long-name-5,
                         case-with-a-long-name-6, case-with-a-long-name-7, case-with-a-long-name-8,
                         case-with-a-long-name-9, case-with-a-long-name-10 and 2 more

            DUE
                      2  missed deadline, with an officer: m1, m2
                      1  missed deadline, waiting: w1
                  1,234  due within 4 weeks, with an officer: d1, d2, d3, d4, d5, d6, d7, d8, d9, d10 and 1,224
                         more
                      1  no due date: counts as due today: u1

            OFFICERS
              no capacity  o-away: 12 cases, 1,440 points
                    120 %  o-7: 12 cases, 1,440 points
              Over 110 % for the last 4 weeks: o-1.

            MONTH BY MONTH
              last version      without     open  waiting   missed  officers
              of the month   an officer    cases    cases            over a cap
              2026-09-01             34    1,200       35        7         2
              2026-08-31             40    1,200       41        7         2
        "#]]
        .assert_eq(&text(&status));
    }

    #[test]
    fn a_new_team_in_which_all_is_well() {
        let status = proto::TeamStatus {
            child_count: 3,
            case_count: 3,
            team_id: "south".to_owned(),
            version: 1,
            allocated_as_at_date: "2026-09-01".to_owned(),
            as_at_date: "2026-09-01".to_owned(),
            known_since_date: "2026-09-01".to_owned(),
            trend: vec![month("2026-09-01", 0)],
            ..Default::default()
        };
        expect![[r#"
            CHILDREN WITHOUT AN OFFICER
              south          0  every child has an officer
              3 open cases; version 1, allocated as at 2026-09-01, looked at on 2026-09-01.

            WAITING
              nothing waits

            DUE
              no deadline is missed

            OFFICERS
              nobody is over a cap
              Who was over 110 % for 4 weeks cannot be told: the versions that are kept begin with 2026-09-01.

            MONTH BY MONTH
              last version      without     open  waiting   missed  officers
              of the month   an officer    cases    cases            over a cap
              2026-09-01              0    1,200        1        7         2
        "#]]
        .assert_eq(&text(&status));
    }
}

//! A forecast of missed deadlines to its message.

use super::to_proto::each;
use crate::{
    app::{Assignment, Counts, Forecast, Interval, ObligationKind, Outlook, Week},
    rpc::proto,
};

pub(in crate::rpc) fn forecast(found: &Forecast) -> proto::MissedDeadlinesForecast {
    proto::MissedDeadlinesForecast {
        as_at_date: found.as_at.to_string(),
        seed: i64::try_from(found.seed).unwrap_or(i64::MAX),
        path_count: found.path_count,
        rules_version: found.rules_version.clone(),
        efforts_name: found.efforts_name.clone(),
        missed_before_count: found.missed_before_count,
        weeks: each(&found.weeks, week),
        kinds: each(&found.kinds, kind),
        outlooks: each(&found.outlooks, outlook),
        notes: found.notes.clone(),
    }
}

fn week(week: &Week) -> proto::ForecastWeek {
    proto::ForecastWeek { begin_date: week.begin.to_string(), marks: week.marks.clone() }
}

fn kind(kind: &ObligationKind) -> proto::ForecastObligationKind {
    proto::ForecastObligationKind {
        code: kind.code.as_ref().map(ToString::to_string).unwrap_or_default(),
        title: kind.title.clone(),
        points: kind.points,
    }
}

fn outlook(outlook: &Outlook) -> proto::MissedDeadlinesOutlook {
    proto::MissedDeadlinesOutlook {
        assignment: match outlook.assignment {
            Assignment::Current => proto::ForecastAssignment::Current,
            Assignment::Proposed => proto::ForecastAssignment::Proposed,
            Assignment::DoNothing => proto::ForecastAssignment::DoNothing,
        }
        .into(),
        held_case_count: outlook.held_case_count,
        unheld_case_count: outlook.unheld_case_count,
        total: Some(counts(&outlook.total)),
        worst_late_weeks: Some(ordered(&outlook.worst_late_weeks)),
        weeks: each(&outlook.weeks, counts),
        kinds: each(&outlook.kinds, counts),
    }
}

fn counts(counts: &Counts) -> proto::DeadlineCounts {
    proto::DeadlineCounts {
        due: Some(interval(counts.due)),
        missed: Some(ordered(&counts.missed)),
        waits_on_others: Some(interval(counts.waits_on_others)),
        unheld: Some(interval(counts.unheld)),
    }
}

/// In the order of `Order::ALL`.
fn ordered([earliest_due, fewest_late, first_come]: &[Interval; 3]) -> proto::OrderedCounts {
    proto::OrderedCounts {
        earliest_due: Some(interval(*earliest_due)),
        fewest_late: Some(interval(*fewest_late)),
        first_come: Some(interval(*first_come)),
    }
}

fn interval(found: Interval) -> proto::CountInterval {
    proto::CountInterval { low: found.low, middle: found.middle, high: found.high }
}

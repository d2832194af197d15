//! Waves to their message.

use crate::{
    app::{Wave, Waves},
    rpc::proto,
};

pub(in crate::rpc) fn waves(found: &Waves) -> proto::WavesPlan {
    let week = |(number, week): (usize, &Wave)| {
        // They are listed by week.
        let from = found.taken.partition_point(|taken| taken.week < number);
        let until = found.taken.partition_point(|taken| taken.week <= number);
        proto::Wave {
            begin_date: week.begin.to_string(),
            taken: found.taken[from..until]
                .iter()
                .map(|taken| proto::WaveCase {
                    case_id: taken.case_id.to_string(),
                    officer_id: taken.officer_id.to_string(),
                    held_until_then: taken.is_held_until_then,
                })
                .collect(),
            waiting_count: week.waiting_count,
            children_without_officer_count: week.children_without_officer_count,
        }
    };
    proto::WavesPlan {
        as_at_date: found.as_at.to_string(),
        rules_version: found.rules_version.clone(),
        seed: i64::try_from(found.seed).unwrap_or(i64::MAX),
        waiting_before_count: found.waiting_before_count,
        children_without_officer_before_count: found.children_before_count,
        child_count: found.child_count,
        weeks: found.weeks.iter().enumerate().map(week).collect(),
        week_count_at_least: found.week_count_at_least,
        never_case_ids: found.never.iter().map(ToString::to_string).collect(),
        never_child_count: found.never_child_count,
        more_children_at_most_count: found.more_children_at_most_count,
        search_count: found.search_count,
        notes: found.notes.clone(),
    }
}

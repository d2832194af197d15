use jiff::civil::date;

use super::*;

const TODAY: Date = date(2026, 9, 1);

fn past_of(as_at: Date, heavy: &[&str]) -> Past {
    let figures = MonthEnd {
        as_at,
        children_without_officer_count: i64::from(as_at.day()),
        case_count: 0,
        waiting_count: 0,
        missed_count: 0,
        over_cap_officer_count: 0,
    };
    Past { figures, heavy: heavy.iter().map(|&id| id.into()).collect() }
}

fn allocation(percents: &[(&str, i64)]) -> Allocation {
    let mut allocation: Allocation = serde_json::from_value(serde_json::json!({
        "as_at": TODAY.to_string(), "rules_version": "r", "held": [], "holdings": [], "caseloads": [], "supervisors": [],
        "changes": [], "notes": [], "has_default_supervisor": true,
        "totals": crate::model::Totals::default(),
        "evidence": {
            "objective": 0, "bound": 0, "price_bound": 0, "bound_source": "prices", "count_bound": 0,
            "proof": {"officers": [], "handover": 0}, "count_proof": {"officers": [], "handover": 0},
            "termination": "optimal", "step_count": 0, "cut_calls": []
        }
    }))
    .unwrap();
    let caseload = |&(id, percent): &(&str, i64)| Caseload {
        officer_id: id.into(),
        supervisor_id: None,
        case_count: 1,
        load_points: percent,
        capacity_points: Some(100),
        max_case_count: None,
        new_case_count: 0,
        over: percent > 100,
        peak: None,
        former_intake: Vec::new(),
    };
    allocation.caseloads = percents.iter().map(caseload).collect();
    allocation
}

fn excessive_of(history: &[Past]) -> Option<Vec<String>> {
    let allocation = allocation(&[("a", 111), ("b", 110), ("c", 150)]);
    let all: Vec<Past> = [past_of(TODAY, &["a", "c"])].into_iter().chain(history.iter().map(copy)).collect();
    excessive(&allocation, &all, TODAY).map(|found| found.iter().map(ToString::to_string).collect())
}

fn copy(past: &Past) -> Past {
    Past { figures: past.figures.clone(), heavy: past.heavy.clone() }
}

#[test]
fn excessive_is_above_110_per_cent_in_every_version_of_4_weeks() {
    let found = |expected: &[&str]| Some(expected.iter().map(|&id| id.to_owned()).collect::<Vec<_>>());
    // The version made on 4 August was current on that day: 28 days.
    assert_eq!(excessive_of(&[past_of(date(2026, 8, 4), &["a", "b", "c"])]), found(&["a", "c"]));
    assert_eq!(excessive_of(&[past_of(date(2026, 8, 5), &["a", "c"])]), None, "27 days are known");
    let dip = [past_of(date(2026, 8, 20), &["c"]), past_of(date(2026, 7, 1), &["a", "c"])];
    assert_eq!(excessive_of(&dip), found(&["c"]));
    // What was before the version that was current 28 days ago does not matter.
    let late = [past_of(date(2026, 8, 1), &["a"]), past_of(date(2026, 7, 1), &["c"])];
    assert_eq!(excessive_of(&late), found(&["a"]));
}

#[test]
fn the_trend_has_the_last_version_of_each_month() {
    let days = [TODAY, date(2026, 8, 31), date(2026, 8, 2), date(2026, 6, 30), date(2026, 6, 29)];
    let history: Vec<Past> = days.into_iter().map(|day| past_of(day, &[])).collect();
    let found: Vec<Date> = trend(&history).iter().map(|month| month.as_at).collect();
    assert_eq!(found, [TODAY, date(2026, 8, 31), date(2026, 6, 30)]);
}

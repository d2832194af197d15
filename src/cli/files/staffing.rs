//! Folders of the questions about staffing: how many officers, which cap, what lacks room, what a hire is worth.

use std::{io::Write as _, path::Path};

use serde_json::{Value, json};

use super::folder::{Folder, Rows, WriteError};
use crate::{
    model::Code,
    plan::{
        CaseGroup, HireWorth, Lower, LowestCap, Shortage, Shortages, StaffingPlan, WhyNothing, Worth, WorthFigures,
    },
};

/// Writes the files. Where there is no allocation, `caseloads.csv` and `allocation.csv` have no rows.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_staffing(folder: &Path, found: &StaffingPlan) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("hires.csv", |out| {
        let names = ["profile_code", "hire_count", "cost", "max_case_count", "capacity_points", "case_count", "points"];
        let mut rows = Rows::new(out, names)?;
        for hires in &found.hires {
            rows.text(hires.profile_code.as_str())?;
            for number in [
                Some(hires.count),
                Some(hires.cost),
                hires.max_case_count,
                hires.capacity_points,
                Some(hires.case_count),
                Some(hires.points),
            ] {
                rows.integer(number)?;
            }
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("caseloads.csv", |out| {
        let names = ["officer_id", "case_count", "load_points", "max_case_count", "capacity_points"];
        let mut rows = Rows::new(out, names)?;
        for caseload in found.allocation.iter().flat_map(|allocation| &allocation.caseloads) {
            rows.text(caseload.officer_id.as_str())?;
            rows.integer(Some(caseload.case_count))?;
            rows.integer(Some(caseload.load_points))?;
            rows.integer(caseload.max_case_count)?;
            rows.integer(caseload.capacity_points)?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("allocation.csv", |out| {
        let mut rows = Rows::new(out, ["case_id", "officer_id"])?;
        for held in found.allocation.iter().flat_map(|allocation| &allocation.held) {
            rows.text(held.case_id.as_str())?;
            rows.text(held.officer_id.as_str())?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("out_of_reach.csv", |out| {
        let mut rows = Rows::new(out, ["reason", "area", "skills", "case_count", "points"])?;
        for entry in &found.out_of_reach {
            rows.text(entry.reason.code())?;
            group_row(&mut rows, &entry.cases)?;
        }
        rows.end()
    })?;
    files.write("staffing.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &staffing_json(found))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// Area, skills, cases and points, and the end of the row.
pub(super) fn group_row(rows: &mut Rows<'_>, group: &CaseGroup) -> std::io::Result<()> {
    rows.optional(group.area.as_ref().map(Code::as_str))?;
    rows.list(group.skills.iter().map(Code::as_str))?;
    rows.integer(Some(group.case_count))?;
    rows.integer(Some(group.points))?;
    rows.end_row()
}

/// Area, skills, cases and points.
pub(super) fn group_json(group: &CaseGroup) -> Value {
    json!({
        "area": group.area,
        "skills": group.skills,
        "case_count": group.case_count,
        "points": group.points,
    })
}

/// Everything but the single cases.
#[must_use]
pub fn staffing_json(found: &StaffingPlan) -> Value {
    let hires: Vec<Value> = found
        .hires
        .iter()
        .map(|hires| {
            json!({
                "profile_code": hires.profile_code,
                "hire_count": hires.count,
                "cost": hires.cost,
                "max_case_count": hires.max_case_count,
                "capacity_points": hires.capacity_points,
                "case_count": hires.case_count,
                "points": hires.points,
            })
        })
        .collect();
    let out_of_reach: Vec<Value> = found
        .out_of_reach
        .iter()
        .map(|entry| json!({ "reason": entry.reason.code(), "cases": group_json(&entry.cases) }))
        .collect();
    let missed = found.missed.map(|missed| {
        let range = |(fewest, most): (i64, i64)| json!({ "fewest": fewest, "most": most });
        json!({
            "due_count": missed.due_count,
            "week_count": missed.week_count,
            "as_today": range(missed.as_today),
            "with_hires": range(missed.with_hires),
        })
    });
    let totals = found.allocation.as_ref().map(|allocation| &allocation.totals);
    json!({
        "as_at": found.as_at.to_string(),
        "rules_version": found.rules_version,
        "seed": found.seed,
        "peak_week": found.peak_week.map(|week| week.to_string()),
        "case_count": found.case_count,
        "child_count": found.child_count,
        "points": found.points,
        "present_officer_count": found.present_officer_count,
        "officer_count": found.officer_count(),
        "hire_count": found.hire_count,
        "hire_count_at_least": found.hire_count_at_least,
        "cost": found.cost,
        "cost_at_least": found.cost_at_least.value(),
        "cost_at_least_source": match found.cost_at_least {
            Lower::Proved(_) => "prices",
            Lower::Claimed(_) => "highs",
        },
        "cost_at_least_proved": found.cost_proved,
        "hires": hires,
        "out_of_reach": out_of_reach,
        "is_put_to_the_test": found.is_complete(),
        "unfinished": found.unfinished,
        "children_without_officer_count": totals.map(|totals| totals.children_without_officer_count),
        "over_cap_officer_count": totals.map(|totals| totals.over_cap_officer_count),
        "cases_that_change_officer_count": found.handover_count,
        "missed_deadlines": missed,
        "notes": found.notes,
    })
}

/// Writes `lowest_caps.csv` and `lowest_caps.json`.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_lowest_caps(folder: &Path, all: &[LowestCap]) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("lowest_caps.csv", |out| {
        let names = ["of", "with_other_cap", "cap", "cap_at_least", "out_of_reach_case_count", "search_count"];
        let mut rows = Rows::new(out, names)?;
        for found in all {
            rows.text(found.of.code())?;
            rows.flag(found.with_other_cap)?;
            rows.integer(found.cap)?;
            rows.integer(Some(found.at_least))?;
            rows.integer(Some(found.out_of_reach_count()))?;
            rows.integer(Some(found.search_count))?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("lowest_caps.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &lowest_caps_json(all))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// One object a question.
#[must_use]
pub fn lowest_caps_json(all: &[LowestCap]) -> Value {
    let one = |found: &LowestCap| {
        let out_of_reach: Vec<Value> = found
            .out_of_reach
            .iter()
            .map(|entry| json!({ "reason": entry.reason.code(), "cases": group_json(&entry.cases) }))
            .collect();
        json!({
            "of": found.of.code(),
            "with_other_cap": found.with_other_cap,
            "as_at": found.as_at.to_string(),
            "rules_version": found.rules_version,
            "seed": found.seed,
            "peak_week": found.peak_week.map(|week| week.to_string()),
            "cap": found.cap,
            "cap_at_least": found.at_least,
            "unfinished": found.unfinished,
            "search_count": found.search_count,
            "out_of_reach": out_of_reach,
        })
    };
    json!({ "lowest_caps": all.iter().map(one).collect::<Vec<_>>() })
}

/// Writes `sets.csv`, `groups.csv`, `officers.csv` and `shortages.json`. Sets are numbered from 1; `groups.csv` also has, as set 0, what nobody may
/// hold.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_shortages(folder: &Path, found: &Shortages) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("sets.csv", |out| {
        let names = [
            "set",
            "of",
            "case_count",
            "need",
            "officer_count",
            "room",
            "lacking",
            "children_without_officer_at_least_count",
        ];
        let mut rows = Rows::new(out, names)?;
        for (number, set) in (1..).zip(&found.sets) {
            rows.integer(Some(number))?;
            rows.text(set.of.code())?;
            for count in [
                set.case_count,
                set.need,
                set.officer_ids.len() as i64,
                set.room,
                set.lacking(),
                set.children_without_officer_at_least,
            ] {
                rows.integer(Some(count))?;
            }
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("groups.csv", |out| {
        let mut rows = Rows::new(out, ["set", "area", "skills", "case_count", "points"])?;
        let of_nobody = found.nobody.iter().map(|group| (0, group));
        let of_sets =
            (1..).zip(&found.sets).flat_map(|(number, set)| set.groups.iter().map(move |group| (number, group)));
        for (number, group) in of_nobody.chain(of_sets) {
            rows.integer(Some(number))?;
            group_row(&mut rows, group)?;
        }
        rows.end()
    })?;
    files.write("officers.csv", |out| {
        let mut rows = Rows::new(out, ["set", "officer_id"])?;
        for (number, set) in (1..).zip(&found.sets) {
            for officer_id in &set.officer_ids {
                rows.integer(Some(number))?;
                rows.text(officer_id.as_str())?;
                rows.end_row()?;
            }
        }
        rows.end()
    })?;
    files.write("shortages.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &shortages_json(found))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// All of it.
#[must_use]
pub fn shortages_json(found: &Shortages) -> Value {
    let set = |set: &Shortage| {
        json!({
            "of": set.of.code(),
            "case_count": set.case_count,
            "need": set.need,
            "room": set.room,
            "lacking": set.lacking(),
            "children_without_officer_at_least_count": set.children_without_officer_at_least,
            "officer_ids": set.officer_ids,
            "groups": set.groups.iter().map(group_json).collect::<Vec<_>>(),
        })
    };
    json!({
        "as_at": found.as_at.to_string(),
        "rules_version": found.rules_version,
        "peak_week": found.peak_week.map(|week| week.to_string()),
        "case_count": found.case_count,
        "officer_count": found.officer_count,
        "sets": found.sets.iter().map(set).collect::<Vec<_>>(),
        "nobody": found.nobody.iter().map(group_json).collect::<Vec<_>>(),
    })
}

/// Writes `worth.csv` and `worth.json`.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_worth(folder: &Path, found: &Worth) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("worth.csv", |out| {
        let names = [
            "profile_code",
            "eligible_case_count",
            "children_gain",
            "children_gain_at_most",
            "children_without_officer_count",
            "over_cap_points",
            "over_cap_case_count",
            "holds_case_count",
            "holds_points",
            "objective_gain",
            "price_value",
            "objective_gain_at_most",
            "objective",
            "bound",
            "why_nothing",
        ];
        let mut rows = Rows::new(out, names)?;
        for hire in &found.hires {
            rows.text(hire.profile_code.as_str())?;
            for number in [
                hire.eligible_case_count,
                hire.children_gain,
                hire.children_gain_at_most,
                hire.figures.children_without_officer_count,
                hire.figures.over_cap_points,
                hire.figures.over_cap_case_count,
                hire.holds.0,
                hire.holds.1,
                hire.gain,
                hire.price_value,
                hire.price_value + found.gap(),
                hire.figures.objective,
                hire.figures.bound,
            ] {
                rows.integer(Some(number))?;
            }
            rows.optional(hire.why_nothing.map(WhyNothing::code))?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("worth.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &worth_json(found))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

/// All of it.
#[must_use]
pub fn worth_json(found: &Worth) -> Value {
    let figures = |figures: &WorthFigures| {
        json!({
            "children_without_officer_count": figures.children_without_officer_count,
            "over_cap_points": figures.over_cap_points,
            "over_cap_case_count": figures.over_cap_case_count,
            "objective": figures.objective,
            "bound": figures.bound,
        })
    };
    let hire = |hire: &HireWorth| {
        let missed = hire.missed.map(|missed| {
            let range = |(fewest, most): (i64, i64)| json!({ "fewest": fewest, "most": most });
            json!({
                "due_count": missed.due_count,
                "week_count": missed.week_count,
                "without": range(missed.as_today),
                "with": range(missed.with_hires),
            })
        });
        json!({
            "profile_code": hire.profile_code,
            "eligible_case_count": hire.eligible_case_count,
            "children_gain": hire.children_gain,
            "children_gain_at_most": hire.children_gain_at_most,
            "holds_case_count": hire.holds.0,
            "holds_points": hire.holds.1,
            "objective_gain": hire.gain,
            "price_value": hire.price_value,
            "objective_gain_at_most": hire.price_value + found.gap(),
            "figures": figures(&hire.figures),
            "why_nothing": hire.why_nothing.map(WhyNothing::code),
            "missed_deadlines": missed,
        })
    };
    json!({
        "as_at": found.as_at.to_string(),
        "rules_version": found.rules_version,
        "seed": found.seed,
        "child_count": found.child_count,
        "baseline": figures(&found.baseline),
        "baseline_gap": found.gap(),
        "hires": found.hires.iter().map(hire).collect::<Vec<_>>(),
        "notes": found.notes,
    })
}

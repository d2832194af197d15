//! The folder of a forecast: `forecast.csv`, `kinds.csv`, `by_case.csv` and `forecast.json`.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use serde_json::{Value, json};

use super::folder::{Folder, Rows, WriteError};
use crate::plan::{Assignment, Counts, Forecast, Interval, Order, Outlook};

/// Writes the four files.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_forecast(folder: &Path, found: &Forecast) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("forecast.csv", |out| {
        let header = [strings(&["assignment", "week", "begin", "marks"]), count_columns()].concat();
        let mut rows = Rows::new(out, header.iter().map(String::as_str))?;
        for outlook in &found.outlooks {
            for ((number, week), counts) in (1..).zip(&found.weeks).zip(&outlook.weeks) {
                rows.text(outlook.assignment.code())?;
                rows.integer(Some(number))?;
                rows.date(Some(week.begin))?;
                rows.list(week.marks.iter().map(String::as_str))?;
                write_counts(&mut rows, counts)?;
                rows.end_row()?;
            }
        }
        rows.end()
    })?;
    files.write("kinds.csv", |out| {
        let header = [strings(&["assignment", "obligation", "points"]), count_columns()].concat();
        let mut rows = Rows::new(out, header.iter().map(String::as_str))?;
        for outlook in &found.outlooks {
            for (kind, counts) in found.kinds.iter().zip(&outlook.kinds) {
                rows.text(outlook.assignment.code())?;
                rows.optional(kind.code.as_ref().map(|code| code.as_str()))?;
                rows.integer(Some(kind.points))?;
                write_counts(&mut rows, counts)?;
                rows.end_row()?;
            }
        }
        rows.end()
    })?;
    files.write("by_case.csv", |out| write_by_case(out, found))?;
    files.write("forecast.json", |out| {
        serde_json::to_writer_pretty(&mut *out, &forecast_json(found))?;
        out.write_all(b"\n")
    })?;
    files.commit(&[])
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn count_columns() -> Vec<String> {
    let missed = Order::ALL.map(|order| format!("missed_{}", order.code()));
    let names = [strings(&["due"]), missed.to_vec(), strings(&["waits_on_others", "nobody_holds"])].concat();
    names.iter().flat_map(|name| [format!("{name}_low"), name.clone(), format!("{name}_high")]).collect()
}

fn write_counts(rows: &mut Rows<'_>, counts: &Counts) -> io::Result<()> {
    let [first, second, third] = counts.missed;
    for Interval { low, middle, high } in [counts.due, first, second, third, counts.waits_on_others, counts.unheld] {
        for value in [low, middle, high] {
            rows.integer(Some(value))?;
        }
    }
    Ok(())
}

fn write_by_case(out: &mut BufWriter<File>, found: &Forecast) -> io::Result<()> {
    let of_assignment = |assignment: Assignment| {
        let code = assignment.code();
        [format!("{code}_missed_percent_least"), format!("{code}_missed_percent_most")]
    };
    let shares: Vec<String> = Assignment::ALL.into_iter().flat_map(of_assignment).collect();
    let names = ["case_id", "obligation", "due_date", "current_officer_id", "proposed_officer_id"];
    let mut rows = Rows::new(out, names.into_iter().chain(shares.iter().map(String::as_str)))?;
    for obligation in &found.obligations {
        rows.text(obligation.case_id.as_str())?;
        rows.optional(obligation.code.as_ref().map(|code| code.as_str()))?;
        rows.date(Some(obligation.due_date))?;
        let [current, proposed, _] = &obligation.officer_ids;
        rows.optional(current.as_ref().map(|id| id.as_str()))?;
        rows.optional(proposed.as_ref().map(|id| id.as_str()))?;
        for (least, most) in obligation.missed_path_counts {
            for count in [least, most] {
                rows.integer(Some(count * 100 / found.path_count))?;
            }
        }
        rows.end_row()?;
    }
    rows.end()
}

/// Everything but the single obligations.
#[must_use]
pub fn forecast_json(found: &Forecast) -> Value {
    let weeks = |outlook: &Outlook| -> Vec<Value> {
        let with_begin = |(week, counts): (&crate::plan::Week, &Counts)| {
            let mut value = counts_json(counts);
            value["begin"] = json!(week.begin.to_string());
            value["marks"] = json!(week.marks);
            value
        };
        found.weeks.iter().zip(&outlook.weeks).map(with_begin).collect()
    };
    let kinds = |outlook: &Outlook| -> Vec<Value> {
        let with_code = |(kind, counts): (&crate::plan::ObligationKind, &Counts)| {
            let mut value = counts_json(counts);
            value["obligation"] = json!(kind.code.as_ref().map(|code| code.as_str()));
            value["title"] = json!(kind.title);
            value["points"] = json!(kind.points);
            value
        };
        found.kinds.iter().zip(&outlook.kinds).map(with_code).collect()
    };
    let outlooks: Vec<Value> = found
        .outlooks
        .iter()
        .map(|outlook| {
            let worst = Order::ALL.into_iter().zip(outlook.worst_late_weeks);
            json!({
                "assignment": outlook.assignment.code(),
                "held_case_count": outlook.held_case_count,
                "unheld_case_count": outlook.unheld_case_count,
                "total": counts_json(&outlook.total),
                "worst_late_weeks": worst.map(|(order, weeks)| (order.code().to_owned(), interval_json(weeks))).collect::<serde_json::Map<_, _>>(),
                "weeks": weeks(outlook),
                "kinds": kinds(outlook),
            })
        })
        .collect();
    json!({
        "as_at": found.as_at.to_string(),
        "seed": found.seed,
        "path_count": found.path_count,
        "rules_version": found.rules_version,
        "efforts": found.efforts_name,
        "missed_before_count": found.missed_before_count,
        "orders": Order::ALL.map(|order| json!({"code": order.code(), "title": order.title()})),
        "outlooks": outlooks,
        "notes": found.notes,
    })
}

fn counts_json(counts: &Counts) -> Value {
    let missed = Order::ALL.into_iter().zip(counts.missed);
    json!({
        "due": interval_json(counts.due),
        "missed": missed.map(|(order, found)| (order.code().to_owned(), interval_json(found))).collect::<serde_json::Map<_, _>>(),
        "waits_on_others": interval_json(counts.waits_on_others),
        "nobody_holds": interval_json(counts.unheld),
    })
}

fn interval_json(found: Interval) -> Value {
    json!({"low": found.low, "middle": found.middle, "high": found.high})
}

//! A backlog as the four files that the importer reads.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::import::{CASE_COLUMNS, ColumnSpec, OFFICER_COLUMNS, PAIR_COLUMNS, SUPERVISOR_COLUMNS};
use crate::model::{Backlog, Case, ChildId, Code, GroupId, Officer, OfficerId, Pair, Supervisor, SupervisorId};

use super::folder::{Folder, Rows, WriteError};

/// Writes `cases.csv`, `officers.csv`, `supervisors.csv` and, where the backlog has explicit pairs, `pairs.csv`, such
/// that reading them as at the same day gives the same backlog. Files of these names are replaced; a `pairs.csv` is
/// taken away where the backlog has none, as it would be read with the others. Linear in the size of the backlog.
///
/// # Errors
/// A file that cannot be written, or an id or code that would not read back as it is (empty, with white space around
/// it or a line break in it, or in a list with `;` in it). Then the folder holds what it held.
pub fn write_backlog(folder: &Path, backlog: &Backlog) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    files.write("cases.csv", |out| write_rows(out, CASE_COLUMNS, &backlog.cases, write_case))?;
    write_team(&mut files, backlog)?;
    match &backlog.pairs {
        Some(pairs) => {
            files.write("pairs.csv", |out| write_rows(out, PAIR_COLUMNS, pairs, write_pair))?;
            files.commit(&[])
        }
        None => files.commit(&["pairs.csv"]),
    }
}

/// Writes `officers.csv` and `supervisors.csv`.
pub(super) fn write_team(files: &mut Folder, backlog: &Backlog) -> Result<(), WriteError> {
    files.write("officers.csv", |out| write_rows(out, OFFICER_COLUMNS, &backlog.officers, write_officer))?;
    files.write("supervisors.csv", |out| write_rows(out, SUPERVISOR_COLUMNS, &backlog.supervisors, write_supervisor))
}

/// Writes the values of a row in the order of the columns.
pub(super) type WriteRow<T> = fn(&mut Rows<'_>, &T) -> io::Result<()>;

pub(super) fn write_rows<T>(
    out: &mut BufWriter<File>,
    columns: &[ColumnSpec],
    records: &[T],
    write_row: WriteRow<T>,
) -> io::Result<()> {
    let mut rows = Rows::new(out, columns.iter().map(|column| column.name))?;
    for record in records {
        write_row(&mut rows, record)?;
        rows.end_row()?;
    }
    rows.end()
}

// The patterns name every field on purpose: a new one does not compile until it is written.

pub(super) fn write_case(rows: &mut Rows<'_>, case: &Case) -> io::Result<()> {
    let Case {
        id,
        child_id,
        weight_points,
        holding_price,
        area,
        setting_code,
        skills,
        current_officer_id,
        held_since,
        required_officer_id,
        pinned,
        group_id,
        due_date,
        waiting_since,
        barred_officer_ids,
        kind,
        stage,
        events,
        add_ons,
        obligations,
        stay_extension,
        derived: _,
    } = case;
    rows.text(id.as_str())?;
    rows.optional(child_id.as_ref().map(ChildId::as_str))?;
    rows.integer(*weight_points)?;
    rows.integer(*holding_price)?;
    rows.optional(area.as_ref().map(Code::as_str))?;
    rows.optional(setting_code.as_ref().map(Code::as_str))?;
    rows.list(skills.iter().map(Code::as_str))?;
    rows.optional(current_officer_id.as_ref().map(OfficerId::as_str))?;
    rows.date(*held_since)?;
    rows.optional(required_officer_id.as_ref().map(OfficerId::as_str))?;
    rows.flag(*pinned)?;
    rows.optional(group_id.as_ref().map(GroupId::as_str))?;
    rows.date(*due_date)?;
    rows.date(*waiting_since)?;
    rows.list(barred_officer_ids.iter().map(OfficerId::as_str))?;
    rows.optional(kind.as_ref().map(Code::as_str))?;
    rows.optional(stage.as_ref().map(Code::as_str))?;
    rows.shown_list(events)?;
    rows.shown_list(add_ons)?;
    rows.shown_list(obligations)?;
    rows.shown_list(stay_extension.as_slice())
}

fn write_officer(rows: &mut Rows<'_>, officer: &Officer) -> io::Result<()> {
    let Officer {
        id,
        capacity_points,
        max_case_count,
        intake_limit,
        areas,
        setting_codes,
        skills,
        supervisor_id,
        available_from,
        available_until,
        fte_percent,
        reductions,
        absences,
        former_intake: _,
    } = officer;
    rows.text(id.as_str())?;
    rows.integer(*capacity_points)?;
    rows.integer(*max_case_count)?;
    rows.integer(*intake_limit)?;
    rows.list(areas.iter().map(Code::as_str))?;
    rows.list(setting_codes.iter().map(Code::as_str))?;
    rows.list(skills.iter().map(Code::as_str))?;
    rows.optional(supervisor_id.as_ref().map(SupervisorId::as_str))?;
    rows.date(*available_from)?;
    rows.date(*available_until)?;
    rows.integer(*fte_percent)?;
    rows.shown_list(reductions)?;
    rows.shown_list(absences)
}

fn write_supervisor(rows: &mut Rows<'_>, supervisor: &Supervisor) -> io::Result<()> {
    let Supervisor { id, areas, max_holding_count } = supervisor;
    rows.text(id.as_str())?;
    rows.list(areas.iter().map(Code::as_str))?;
    rows.integer(*max_holding_count)
}

fn write_pair(rows: &mut Rows<'_>, pair: &Pair) -> io::Result<()> {
    let Pair { case_id, officer_id, cost, weight_points } = pair;
    rows.text(case_id.as_str())?;
    rows.text(officer_id.as_str())?;
    rows.integer(Some(*cost))?;
    rows.integer(*weight_points)
}

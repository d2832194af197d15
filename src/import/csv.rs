//! The four files of a backlog: their columns, and what a row of each becomes.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::Hash;
use std::path::Path;

use crate::model::{Case, CaseId, ChildId, Code, GroupId, Officer, OfficerId, Pair, Supervisor, SupervisorId};

use super::error::Errors;
use super::lines::Lines;
use super::table::{ColumnSpec, Row, Table, optional, required};

pub(crate) const CASE_COLUMNS: &[ColumnSpec] = &[
    required("case_id"),
    optional("child_id"),
    optional("weight_points"),
    optional("holding_price"),
    optional("area"),
    optional("setting_code"),
    optional("skills"),
    optional("current_officer_id"),
    optional("held_since"),
    optional("required_officer_id"),
    optional("pinned"),
    optional("group_id"),
    optional("due_date"),
    optional("waiting_since"),
    optional("barred_officer_ids"),
    optional("kind"),
    optional("stage"),
    optional("events"),
    optional("add_ons"),
    optional("obligations"),
    optional("stay_extension"),
];

pub(crate) const OFFICER_COLUMNS: &[ColumnSpec] = &[
    required("officer_id"),
    optional("capacity_points"),
    optional("max_case_count"),
    optional("intake_limit"),
    optional("areas"),
    optional("setting_codes"),
    optional("skills"),
    optional("supervisor_id"),
    optional("available_from"),
    optional("available_until"),
    optional("fte_percent"),
    optional("reductions"),
    optional("absences"),
];

pub(crate) const SUPERVISOR_COLUMNS: &[ColumnSpec] =
    &[required("supervisor_id"), optional("areas"), optional("max_holding_count")];

pub(crate) const PAIR_COLUMNS: &[ColumnSpec] =
    &[required("case_id"), required("officer_id"), required("cost"), optional("weight_points")];

/// The records of one file with the line of each.
pub(super) type Read<T> = (Vec<T>, Lines);

pub(super) fn read_cases(path: &Path, errors: &mut Errors) -> Read<Case> {
    let Some(table) = Table::open(path, CASE_COLUMNS, errors) else { return Read::default() };
    let case_id = table.column("case_id");
    let child_id = table.column("child_id");
    let weight_points = table.column("weight_points");
    let holding_price = table.column("holding_price");
    let area = table.column("area");
    let setting_code = table.column("setting_code");
    let skills = table.column("skills");
    let current_officer_id = table.column("current_officer_id");
    let held_since = table.column("held_since");
    let required_officer_id = table.column("required_officer_id");
    let pinned = table.column("pinned");
    let group_id = table.column("group_id");
    let due_date = table.column("due_date");
    let waiting_since = table.column("waiting_since");
    let barred_officer_ids = table.column("barred_officer_ids");
    let kind = table.column("kind");
    let stage = table.column("stage");
    let events = table.column("events");
    let add_ons = table.column("add_ons");
    let obligations = table.column("obligations");
    let stay_extension = table.column("stay_extension");
    read_rows(table, |row| Case {
        id: CaseId::from(row.required(case_id)),
        child_id: row.text(child_id).map(ChildId::from),
        weight_points: row.integer(weight_points),
        holding_price: row.integer(holding_price),
        area: row.text(area).map(Code::from),
        setting_code: row.text(setting_code).map(Code::from),
        skills: row.list(skills),
        current_officer_id: row.text(current_officer_id).map(OfficerId::from),
        held_since: row.date(held_since),
        required_officer_id: row.text(required_officer_id).map(OfficerId::from),
        pinned: row.flag(pinned),
        group_id: row.text(group_id).map(GroupId::from),
        due_date: row.date(due_date),
        waiting_since: row.date(waiting_since),
        barred_officer_ids: row.list(barred_officer_ids),
        kind: row.text(kind).map(Code::from),
        stage: row.text(stage).map(Code::from),
        events: row.parsed_list(events),
        add_ons: row.parsed_list(add_ons),
        obligations: row.parsed_list(obligations),
        stay_extension: row.parsed_list(stay_extension).into_iter().next().map(Box::new),
        derived: None,
    })
}

pub(super) fn read_officers(path: &Path, errors: &mut Errors) -> Read<Officer> {
    let Some(table) = Table::open(path, OFFICER_COLUMNS, errors) else { return Read::default() };
    let officer_id = table.column("officer_id");
    let capacity_points = table.column("capacity_points");
    let max_case_count = table.column("max_case_count");
    let intake_limit = table.column("intake_limit");
    let areas = table.column("areas");
    let setting_codes = table.column("setting_codes");
    let skills = table.column("skills");
    let supervisor_id = table.column("supervisor_id");
    let available_from = table.column("available_from");
    let available_until = table.column("available_until");
    let fte_percent = table.column("fte_percent");
    let reductions = table.column("reductions");
    let absences = table.column("absences");
    read_rows(table, |row| Officer {
        id: OfficerId::from(row.required(officer_id)),
        capacity_points: row.integer(capacity_points),
        max_case_count: row.integer(max_case_count),
        intake_limit: row.integer(intake_limit),
        areas: row.list(areas),
        setting_codes: row.list(setting_codes),
        skills: row.list(skills),
        supervisor_id: row.text(supervisor_id).map(SupervisorId::from),
        available_from: row.date(available_from),
        available_until: row.date(available_until),
        fte_percent: row.integer(fte_percent),
        reductions: row.parsed_list(reductions),
        absences: row.parsed_list(absences),
        former_intake: Vec::new(),
    })
}

pub(super) fn read_supervisors(path: &Path, errors: &mut Errors) -> Read<Supervisor> {
    let Some(table) = Table::open(path, SUPERVISOR_COLUMNS, errors) else { return Read::default() };
    let supervisor_id = table.column("supervisor_id");
    let areas = table.column("areas");
    let max_holding_count = table.column("max_holding_count");
    read_rows(table, |row| Supervisor {
        id: SupervisorId::from(row.required(supervisor_id)),
        areas: row.list(areas),
        max_holding_count: row.integer(max_holding_count),
    })
}

pub(super) fn read_pairs(path: &Path, errors: &mut Errors) -> Read<Pair> {
    let Some(table) = Table::open(path, PAIR_COLUMNS, errors) else { return Read::default() };
    let case_id = table.column("case_id");
    let officer_id = table.column("officer_id");
    let cost = table.column("cost");
    let weight_points = table.column("weight_points");
    let (mut cases, mut officers) = (HashSet::new(), HashSet::new());
    read_rows(table, |row| Pair {
        case_id: shared(&mut cases, row.required(case_id)),
        officer_id: shared(&mut officers, row.required(officer_id)),
        cost: row.required_integer(cost),
        weight_points: row.integer(weight_points),
    })
}

/// The id of that token: one copy of it, however many rows name it.
fn shared<T: Clone + Eq + Hash + Borrow<str> + for<'a> From<&'a str>>(known: &mut HashSet<T>, token: &str) -> T {
    if let Some(id) = known.get(token) {
        return id.clone();
    }
    let id = T::from(token);
    known.insert(id.clone());
    id
}

fn read_rows<T>(mut table: Table<'_>, mut record: impl FnMut(&mut Row<'_>) -> T) -> Read<T> {
    let (mut records, mut lines) = Read::default();
    while let Some(mut row) = table.next_row() {
        lines.push(records.len(), row.line);
        records.push(record(&mut row));
    }
    (records, lines)
}

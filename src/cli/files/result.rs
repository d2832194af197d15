//! The folder of a result: `allocation.csv`, `holding.csv`, `caseloads.csv`, `changes.csv` and `result.json`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::import::{ColumnSpec, Errors, GapSolution, ImportError, Sense, Table, optional, required};
use crate::model::{
    Allocation, BoundSource, CaseId, GapItems, HoldingReason, OfficerGap, OfficerId, OfficerPrices, Proof, SupervisorId,
};

use super::folder::{Folder, Rows, WriteError};
use super::listed::CASELOAD_COLUMNS;

const ALLOCATION_COLUMNS: &[ColumnSpec] =
    &[required("case_id"), required("officer_id"), optional("due_date"), optional("named_contact")];
/// As many of them as a published instance has: its jobs have no dates and no families.
const PUBLISHED_COLUMN_COUNT: usize = 2;

const HOLDING_COLUMNS: &[ColumnSpec] = &[
    required("case_id"),
    optional("reason"),
    optional("supervisor_id"),
    optional("check_by"),
    optional("longest_stay_until"),
    optional("waiting_since"),
    optional("due_date"),
    optional("named_contact"),
];

const RESULT_FILE: &str = "result.json";

/// Name of the file with a solution of a published instance.
pub const SOLUTION_FILE: &str = "solution.txt";

/// What a result folder says beyond the allocation itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultMeta {
    /// Digest of the backlog and rules that the allocation answers, as [`input_digest`](crate::model::input_digest)
    /// gives it.
    pub input_digest: String,
}

/// `result.json`: how good the allocation is, and what anyone needs to recompute that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRecord {
    /// The day the allocation is made for.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Digest of the backlog and rules.
    pub input_digest: String,
    /// Price of the assignment.
    pub objective: i64,
    /// No allocation under these rules costs less.
    pub bound: i64,
    /// The part of the bound that `proof` certifies.
    pub price_bound: i64,
    /// Which of the two `bound` is.
    pub bound_source: BoundSource,
    /// No allocation under these rules leaves fewer children without an officer.
    pub count_bound: i64,
    /// Prices that give `price_bound`.
    pub proof: ProofRecord,
    /// Prices that give `count_bound`.
    pub count_proof: ProofRecord,
    /// objective - price bound, item by item; `None` in files of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_items: Option<GapRecord>,
    /// The same of a published instance; `None` of a backlog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedRecord>,
}

/// What an answer to a published instance is in its own sense and costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedRecord {
    /// What the costs are for.
    pub sense: Sense,
    /// What the jobs cost in all; `None` = a job has no agent, so this is no solution.
    pub objective: Option<i64>,
    /// No solution is better; `None` = there is no solution.
    pub bound: Option<i64>,
    /// The part of the bound that the proof certifies.
    pub price_bound: Option<i64>,
}

/// A [`Proof`] that names its officers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRecord {
    /// Price of a handover, in units of 1/2^16.
    pub handover: i64,
    /// Prices of officers' limits; an officer who is not here has prices of 0.
    pub officers: Vec<OfficerPricesRecord>,
}

/// [`OfficerPrices`] with the officer; each price in units of 1/2^16.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerPricesRecord {
    /// The officer.
    pub officer_id: OfficerId,
    /// Per point of capacity.
    pub point: i64,
    /// Per case of the case-count cap.
    pub case: i64,
    /// Per new case of the intake limit.
    pub new_case: i64,
}

/// [`GapItems`] that name their officers, in units of 1/2^16.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapRecord {
    /// What units that wait cost more than each unit's cheapest option.
    pub waiting_regret: i64,
    /// Handovers that have a price and were not made.
    pub handover: i64,
    /// Every officer's.
    pub officers: Vec<OfficerGapRecord>,
}

/// [`OfficerGap`] with the officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerGapRecord {
    /// The officer.
    pub officer_id: OfficerId,
    /// Where the gap sits.
    #[serde(flatten)]
    pub gap: OfficerGap,
}

impl GapRecord {
    fn new(items: &GapItems, officer_ids: &[&OfficerId]) -> Self {
        let officers = items.officers.iter().zip(officer_ids);
        Self {
            waiting_regret: items.waiting_regret,
            handover: items.handover,
            officers: officers
                .map(|(&gap, &officer_id)| OfficerGapRecord { officer_id: officer_id.clone(), gap })
                .collect(),
        }
    }

    /// The items with their officers in the given order, which is that of a problem (by id). An officer who is not here has
    /// none.
    pub fn to_items<'a>(&self, officer_ids: impl IntoIterator<Item = &'a OfficerId>) -> GapItems {
        let by_id: BTreeMap<&OfficerId, OfficerGap> =
            self.officers.iter().map(|record| (&record.officer_id, record.gap)).collect();
        GapItems {
            officers: officer_ids.into_iter().map(|id| by_id.get(id).copied().unwrap_or_default()).collect(),
            waiting_regret: self.waiting_regret,
            handover: self.handover,
        }
    }
}

/// A proof prices an officer whom the backlog does not have, or the same officer twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the proof prices officer {officer_id}, who is not in the backlog or is in the proof twice; it belongs to another backlog"
)]
pub struct UnknownOfficer {
    /// The first such officer, by id.
    pub officer_id: OfficerId,
}

impl ProofRecord {
    fn new(proof: &Proof, officer_ids: &[&OfficerId]) -> Self {
        assert_eq!(proof.officers.len(), officer_ids.len(), "a proof has one entry an officer");
        let officers = proof.officers.iter().zip(officer_ids).map(|(prices, &officer_id)| OfficerPricesRecord {
            officer_id: officer_id.clone(),
            point: prices.point,
            case: prices.case,
            new_case: prices.new_case,
        });
        Self { handover: proof.handover, officers: officers.collect() }
    }

    /// The proof with its officers in the given order, which is that of a problem (by id).
    ///
    /// # Errors
    /// [`UnknownOfficer`] where a price would have nobody to belong to.
    pub fn to_proof<'a>(&self, officer_ids: impl IntoIterator<Item = &'a OfficerId>) -> Result<Proof, UnknownOfficer> {
        let mut by_id: BTreeMap<&OfficerId, OfficerPrices> = BTreeMap::new();
        for prices in &self.officers {
            let OfficerPricesRecord { officer_id, point, case, new_case } = prices;
            let twice = by_id.insert(officer_id, OfficerPrices { point: *point, case: *case, new_case: *new_case });
            if twice.is_some() {
                return Err(UnknownOfficer { officer_id: officer_id.clone() });
            }
        }
        let officers = officer_ids.into_iter().map(|id| by_id.remove(id).unwrap_or_default()).collect();
        match by_id.into_keys().next() {
            Some(officer_id) => Err(UnknownOfficer { officer_id: officer_id.clone() }),
            None => Ok(Proof { officers, handover: self.handover }),
        }
    }
}

/// Writes the five files of a result, replacing those of an earlier one. An earlier `result.json` goes first and the
/// new one comes last, so that a folder with a `result.json` holds the files that belong to it.
///
/// # Errors
/// A file that cannot be written.
///
/// # Panics
/// If the proofs do not have one entry for each caseload of the allocation, which is a bug of the solver.
pub fn write_result(folder: &Path, allocation: &Allocation, meta: &ResultMeta) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    write_files(&mut files, allocation, &result_record(allocation, meta))?;
    files.commit(&[RESULT_FILE])
}

/// Writes the files of a result for a published instance: the five, and `solution.txt` where there is a solution; one of
/// an earlier result goes in any case.
///
/// # Errors
/// As [`write_result`].
///
/// # Panics
/// As [`write_result`].
pub fn write_gap_result(
    folder: &Path,
    allocation: &Allocation,
    meta: &ResultMeta,
    published: PublishedRecord,
    solution: Option<&GapSolution>,
) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    if let Some(solution) = solution {
        files.write(SOLUTION_FILE, |out| write!(out, "{solution}"))?;
    }
    let record = ResultRecord { published: Some(published), ..result_record(allocation, meta) };
    write_files(&mut files, allocation, &record)?;
    files.commit(&[RESULT_FILE, SOLUTION_FILE])
}

/// The five files, `result.json` last.
fn write_files(files: &mut Folder, allocation: &Allocation, record: &ResultRecord) -> Result<(), WriteError> {
    files.write("allocation.csv", |out| {
        let is_backlog = record.published.is_none();
        let column_count = if is_backlog { ALLOCATION_COLUMNS.len() } else { PUBLISHED_COLUMN_COUNT };
        let mut rows = Rows::new(out, ALLOCATION_COLUMNS[..column_count].iter().map(|column| column.name))?;
        for held in &allocation.held {
            rows.text(held.case_id.as_str())?;
            rows.text(held.officer_id.as_str())?;
            if is_backlog {
                rows.date(held.due_date)?;
                rows.flag(held.named_contact)?;
            }
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("holding.csv", |out| {
        let mut rows = Rows::new(out, HOLDING_COLUMNS.iter().map(|column| column.name))?;
        for holding in &allocation.holdings {
            rows.text(holding.case_id.as_str())?;
            rows.text(holding.reason.code())?;
            rows.optional(holding.supervisor_id.as_ref().map(SupervisorId::as_str))?;
            rows.date(Some(holding.check_by))?;
            rows.date(Some(holding.longest_stay_until))?;
            rows.date(Some(holding.waiting_since))?;
            rows.date(holding.due_date)?;
            rows.flag(holding.named_contact)?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("caseloads.csv", |out| {
        let mut rows = Rows::new(out, CASELOAD_COLUMNS.iter().map(|column| column.name))?;
        for caseload in &allocation.caseloads {
            rows.text(caseload.officer_id.as_str())?;
            rows.integer(Some(caseload.case_count))?;
            rows.integer(Some(caseload.load_points))?;
            rows.integer(caseload.capacity_points)?;
            rows.flag(caseload.over)?;
            rows.integer(caseload.max_case_count)?;
            rows.date(caseload.peak.map(|peak| peak.week))?;
            rows.integer(caseload.peak.map(|peak| peak.points))?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write("changes.csv", |out| {
        let mut rows = Rows::new(out, ["case_id", "from_officer_id", "to_officer_id", "reason"])?;
        for change in &allocation.changes {
            rows.text(change.case_id.as_str())?;
            rows.optional(change.from_officer_id.as_ref().map(OfficerId::as_str))?;
            rows.optional(change.to_officer_id.as_ref().map(OfficerId::as_str))?;
            rows.text(change.reason.code())?;
            rows.end_row()?;
        }
        rows.end()
    })?;
    files.write(RESULT_FILE, |out| {
        serde_json::to_writer_pretty(&mut *out, record)?;
        out.write_all(b"\n")
    })
}

fn result_record(allocation: &Allocation, meta: &ResultMeta) -> ResultRecord {
    let officer_ids: Vec<_> = allocation.caseloads.iter().map(|caseload| &caseload.officer_id).collect();
    let evidence = &allocation.evidence;
    ResultRecord {
        as_at: allocation.as_at,
        rules_version: allocation.rules_version.clone(),
        input_digest: meta.input_digest.clone(),
        objective: evidence.objective,
        bound: evidence.bound,
        price_bound: evidence.price_bound,
        bound_source: evidence.bound_source.clone(),
        count_bound: evidence.count_bound,
        proof: ProofRecord::new(&evidence.proof, &officer_ids),
        count_proof: ProofRecord::new(&evidence.count_proof, &officer_ids),
        gap_items: Some(GapRecord::new(&evidence.gap_items, &officer_ids)),
        published: None,
    }
}

/// A row of `allocation.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationRow {
    /// The case.
    pub case_id: CaseId,
    /// Its officer.
    pub officer_id: OfficerId,
    /// Its line in the file.
    pub line: u64,
}

/// A row of `holding.csv`. Another program's answer may give no more than the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingRow {
    /// The case.
    pub case_id: CaseId,
    /// Why it waits.
    pub reason: Option<HoldingReason>,
    /// Who owns it while it waits.
    pub supervisor_id: Option<SupervisorId>,
    /// The supervisor looks at it again by this day.
    pub check_by: Option<Date>,
    /// Last day it may stay on the holding list.
    pub longest_stay_until: Option<Date>,
    /// Its line in the file.
    pub line: u64,
}

/// An answer to be checked: ours, or another program's, which proves nothing. Nothing in it is checked but that it can
/// be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultFiles {
    /// `allocation.csv`, in the order of the file.
    pub allocation: Vec<AllocationRow>,
    /// `holding.csv`; `None` where there is no such file.
    pub holding: Option<Vec<HoldingRow>>,
    /// `result.json`; `None` where there is no such file: another program's answer, or a result half-written.
    pub result: Option<ResultRecord>,
}

/// Reads a result folder. `allocation.csv` must be there; `holding.csv` and `result.json` may be.
///
/// # Errors
/// Everything that is wrong with any of the files, at once.
pub fn read_result(folder: &Path) -> Result<ResultFiles, ImportError> {
    let mut errors = Errors::default();
    let allocation = read_allocation(&folder.join("allocation.csv"), &mut errors);
    let holding_path = folder.join("holding.csv");
    let holding = holding_path.exists().then(|| read_holding(&holding_path, &mut errors));
    let result_path = folder.join(RESULT_FILE);
    let result = if result_path.exists() { read_record(&result_path, &mut errors) } else { None };
    errors.into_result(ResultFiles { allocation, holding, result })
}

fn read_allocation(path: &Path, errors: &mut Errors) -> Vec<AllocationRow> {
    let Some(mut table) = Table::open(path, ALLOCATION_COLUMNS, errors) else { return Vec::new() };
    let case_id = table.column("case_id");
    let officer_id = table.column("officer_id");
    let mut rows = Vec::new();
    while let Some(mut row) = table.next_row() {
        rows.push(AllocationRow {
            case_id: CaseId::from(row.required(case_id)),
            officer_id: OfficerId::from(row.required(officer_id)),
            line: row.line,
        });
    }
    rows
}

fn read_holding(path: &Path, errors: &mut Errors) -> Vec<HoldingRow> {
    let Some(mut table) = Table::open(path, HOLDING_COLUMNS, errors) else { return Vec::new() };
    let case_id = table.column("case_id");
    let reason = table.column("reason");
    let supervisor_id = table.column("supervisor_id");
    let check_by = table.column("check_by");
    let longest_stay_until = table.column("longest_stay_until");
    let known = HoldingReason::ALL.map(HoldingReason::code).join(", ");
    let wanted = format!("a reason; known are {known}");
    let parse_reason = |text: &str| HoldingReason::ALL.into_iter().find(|reason| reason.code() == text);
    let mut rows = Vec::new();
    while let Some(mut row) = table.next_row() {
        rows.push(HoldingRow {
            case_id: CaseId::from(row.required(case_id)),
            reason: row.parsed(reason, parse_reason, &wanted),
            supervisor_id: row.text(supervisor_id).map(SupervisorId::from),
            check_by: row.date(check_by),
            longest_stay_until: row.date(longest_stay_until),
            line: row.line,
        });
    }
    rows
}

fn read_record(path: &Path, errors: &mut Errors) -> Option<ResultRecord> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            errors.push(RESULT_FILE, None, "", || format!("cannot be read: {error}"));
            return None;
        }
    };
    let read = serde_json::from_str(&text);
    if let Err(error) = &read {
        let message = error.to_string();
        // The place is in the text too, in the library's own words.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        errors.push(RESULT_FILE, Some(error.line() as u64), &error.column().to_string(), || {
            format!("{message}; take the file away to check the answer without its proof")
        });
    }
    read.ok()
}

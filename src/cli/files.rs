//! Folders of files: a backlog written as the importer reads it, and the result of a solve, written and read back.
//!
//! The same values always give the same bytes. A file appears under its name only when it is complete and on disk.

mod backlog;
mod comparison;
mod folder;
mod forecast;
mod handovers;
mod imported;
mod listed;
mod reconciliation;
mod result;
mod sen2;
mod staffing;
mod waves;

pub use backlog::write_backlog;
pub use comparison::{write_comparison, write_left_behind};
pub use folder::{WriteError, write_file};
pub use forecast::{forecast_json, write_forecast};
pub use handovers::{handovers_json, write_handovers};
pub use imported::{ImportRecord, extract_date, write_imported};
pub use listed::{CaseloadRow, ChangeRow, Listed, read_listed};
pub use reconciliation::{DifferenceRow, write_reconciliation};
pub use result::{
    AllocationRow, HoldingRow, OfficerPricesRecord, ProofRecord, PublishedRecord, ResultFiles, ResultMeta,
    ResultRecord, SOLUTION_FILE, UnknownOfficer, read_result, write_gap_result, write_result,
};
pub use sen2::write_sen2;
pub use staffing::{
    lowest_caps_json, shortages_json, staffing_json, worth_json, write_lowest_caps, write_shortages, write_staffing,
    write_worth,
};
pub use waves::{waves_json, write_waves};

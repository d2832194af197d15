//! What was measured of one instance: the fields of `--json`.

use serde::{Deserialize, Serialize};

use super::targets::{State, Verdict};
use super::warm::WarmRecord;
use crate::model::{BoundSource, Termination};

/// Seconds count from the call of the solver, whose problem is built by then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) instance: String,
    pub(super) size: String,
    pub(super) cases: u64,
    pub(super) officers: usize,
    pub(super) pairs: usize,
    /// What the eligible pairs take in memory.
    pub(super) pair_bytes: usize,
    pub(super) seed: u64,
    /// Points caps in per cent of demand; `null` for a council.
    pub(super) ratio_percent: Option<u16>,
    pub(super) threads: usize,
    pub(super) limit_seconds: f64,
    pub(super) build_seconds: f64,
    /// The whole solve, with the check of its answer.
    pub(super) seconds: f64,
    pub(super) first_answer_seconds: Option<f64>,
    /// Until the bound was within 0.001 % of the last price bound.
    pub(super) lp_bound_seconds: Option<f64>,
    /// Until the proven gap was at most 1 %, 0.1 %, 0.025 %; `null` = it never was.
    pub(super) gap_1_percent_seconds: Option<f64>,
    pub(super) gap_0_1_percent_seconds: Option<f64>,
    pub(super) gap_0_025_percent_seconds: Option<f64>,
    pub(super) objective: i64,
    pub(super) bound: i64,
    pub(super) price_bound: i64,
    pub(super) bound_source: BoundSource,
    /// (objective - bound) / objective.
    pub(super) gap: f64,
    /// Cases without an officer.
    pub(super) waiting: u64,
    /// Children who wait in any allocation.
    pub(super) count_bound: i64,
    pub(super) termination: Termination,
    pub(super) steps: u64,
    /// Of the process, before any warm start; `null` where the system does not tell.
    pub(super) peak_memory_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) warm: Vec<WarmRecord>,
    pub(super) targets: Vec<Verdict>,
    pub(super) state: State,
}

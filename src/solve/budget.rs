//! How long a solve may go on, and what its caller sees of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What a solve is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Seed of the search: same problem, seed and steps, same answer.
    pub seed: u64,
    /// Threads to use, at least 1; the answer does not depend on it.
    pub threads: usize,
    /// Relative gap at which to stop, `0.0..=1.0`; 0 = go on until the optimum is proved.
    pub gap_limit: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 0, threads: 2, gap_limit: 0.0 }
    }
}

/// Limits of a solve. The clock may stop a solve, never steer it: it enters only as the stop flag.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    /// Raised by a timer or by a caller who went away; looked at before every step.
    pub stop: Arc<AtomicBool>,
    /// The stop flag was raised by a time limit (rather than by a caller who went away).
    pub out_of_time: Arc<AtomicBool>,
    /// Most steps; `None` = no limit.
    pub step_limit: Option<u64>,
    /// Calls to HiGHS, by ordinal, that count as "no result": those that the clock cut off in the solve to replay.
    pub cut_calls: Vec<u32>,
}

impl Budget {
    /// A budget of steps alone, which gives the same answer on every machine.
    #[must_use]
    pub fn steps(step_limit: u64) -> Self {
        Self { step_limit: Some(step_limit), ..Self::default() }
    }

    /// The stop flag is up.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Raises the stop flag because time is up.
    pub fn time_is_up(&self) {
        self.out_of_time.store(true, Ordering::Relaxed);
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Raises the stop flag because the caller went away.
    pub fn interrupt(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// A stage of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Building a first complete answer.
    Greedy,
    /// Finding officer prices: the bound.
    Prices,
    /// Local search.
    Improve,
    /// Exact search with HiGHS.
    Milp,
}

/// How far a solve has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What it does now.
    pub stage: Stage,
    /// Steps taken.
    pub step_count: u64,
    /// Price of the best answer so far.
    pub objective: i64,
    /// Best bound so far.
    pub bound: i64,
}

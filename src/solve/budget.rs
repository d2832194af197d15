//! How long a solve may go on, and what its caller sees of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{milp::Deadline, start::Start};

/// What a solve is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Seed of the search: same problem, seed and steps, same answer.
    pub seed: u64,
    /// Threads to use, at least 1; the answer does not depend on it.
    pub threads: usize,
    /// An earlier answer to start from.
    pub start: Option<Arc<Start>>,
    /// Relative gap at which to stop, `0.0..=1.0`; 0 = go on until the optimum is proved.
    pub gap_limit: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 0, threads: 2, gap_limit: 0.0, start: None }
    }
}

/// Limits of a solve. The clock may stop a solve, never steer it: it enters only as the stop flag.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    /// Raised by a timer or by a caller who went away; looked at before every step.
    pub stop: Arc<AtomicBool>,
    /// The stop flag was raised by a time limit (rather than by a caller who went away).
    pub out_of_time: Arc<AtomicBool>,
    /// When the time limit will raise the stop flag: HiGHS, which sees no flag, ends by then too. And the end of this share of the time.
    pub deadline: Deadline,
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

    /// One of so many equal parts of the time that is left, for one of several searches behind a question. Without a
    /// deadline all of it, which only the stop flag ends.
    #[must_use]
    pub fn share(&self, parts: usize) -> Self {
        Self { deadline: self.deadline.share(parts), ..self.clone() }
    }

    /// The stop flag is up, or this share of the time is over.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.deadline.is_share_over()
    }

    /// Stopped because time is up.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        self.out_of_time.load(Ordering::Relaxed) || self.deadline.is_share_over()
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
    /// Making an earlier answer fit.
    Start,
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

/// Counts the steps of one solve against its budget.
pub(super) struct Steps<'a> {
    budget: &'a Budget,
    taken: u64,
    calls: u32,
    cut_calls: Vec<u32>,
    end: Option<End>,
}

/// Why no further step is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The stop flag is up.
    Stopped,
    /// The step limit is reached.
    Steps,
}

impl<'a> Steps<'a> {
    pub(super) fn new(budget: &'a Budget) -> Self {
        Self { budget, taken: 0, calls: 0, cut_calls: Vec::new(), end: None }
    }

    /// Takes one step, if the budget allows it. Once it does not, it never does again.
    pub(super) fn take(&mut self) -> bool {
        if !self.is_over() {
            if self.budget.step_limit.is_some_and(|limit| self.taken >= limit) {
                self.end = Some(End::Steps);
            } else {
                self.taken += 1;
            }
        }
        self.end.is_none()
    }

    /// A step was refused, or the stop flag is up: what only serves further steps need not be done.
    ///
    /// A step limit that is reached does not show here before a step is refused: a search that needs none beyond it has not
    /// been ended by it.
    pub(super) fn is_over(&mut self) -> bool {
        if self.end.is_none() && self.budget.is_stopped() {
            self.end = Some(End::Stopped);
        }
        self.end.is_some()
    }

    /// The last step was cut off by the stop flag and left nothing behind: it does not count, so that a replay does not take
    /// it either.
    pub(super) fn cut_off(&mut self) {
        self.taken -= 1;
        self.end = Some(End::Stopped);
    }

    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Counts only so many of the steps taken: what came after them did not enter the answer.
    pub(super) fn forget_after(&mut self, taken: u64) {
        self.taken = self.taken.min(taken);
    }

    /// Numbers a call to HiGHS; `None` = it counts as "no result", because the clock cut it off in the solve to replay.
    pub(super) fn number_call(&mut self) -> Option<u32> {
        let ordinal = self.calls;
        self.calls += 1;
        if self.budget.cut_calls.contains(&ordinal) {
            self.cut_calls.push(ordinal);
            return None;
        }
        Some(ordinal)
    }

    /// Notes that the clock cut a call off. If only the call was waited for, that is what ends the solve.
    pub(super) fn cut(&mut self, ordinal: u32) {
        self.cut_calls.push(ordinal);
        self.is_over();
    }

    pub(super) fn cut_calls(&self) -> &[u32] {
        &self.cut_calls
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.budget.is_stopped()
    }

    /// The budget, for a thread of its own.
    pub(super) fn budget(&self) -> Budget {
        self.budget.clone()
    }

    pub(super) fn is_out_of_time(&self) -> bool {
        self.budget.is_out_of_time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solve_that_only_waits_for_a_call_ends_with_the_stop_that_cuts_it_off() {
        let budget = Budget::default();
        let mut steps = Steps::new(&budget);
        let (first, second) = (steps.number_call().unwrap(), steps.number_call().unwrap());
        // HiGHS had no time left, but nobody has stopped the solve.
        steps.cut(first);
        assert_eq!(steps.end(), None);
        budget.interrupt();
        steps.cut(second);
        assert_eq!((steps.end(), steps.cut_calls()), (Some(End::Stopped), &[first, second][..]));
    }
}

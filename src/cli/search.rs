//! How long the searches behind a manager's question go on, and how.

use std::time::Duration;

use clap::Args;

use super::{
    allocate::{gap, seconds},
    working::{TimeLimit, Working, stop_on_interrupt},
};
use crate::solve::{Budget, Options, Progress};

const TIME_LIMIT_SECONDS: f64 = 10.0;

/// As in `allocate`, but a search that is proved within 1 % has done its part.
#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// Seconds that searching may take in all; 10 if not given, unless --steps is
    #[arg(long, value_name = "S", value_parser = seconds)]
    time_limit: Option<Duration>,
    /// Steps that each search may take: the same answer, however fast the machine
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Stop a search when its answer is proved to be so near the best: 0.01 is 1 %
    #[arg(long, value_name = "X", default_value = "0.01", value_parser = gap)]
    gap: f64,
    /// Seed of searches and of all chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
    /// Threads to use; as many as there are cores if not given. The answer does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// A budget whose time runs, until this is dropped.
pub(super) struct Running {
    pub(super) budget: Budget,
    _time_limit: Option<TimeLimit>,
}

impl SearchArgs {
    pub(super) fn options(&self) -> Options {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.map_or_else(cores, usize::from);
        Options { seed: self.seed, threads, gap_limit: self.gap, start: None }
    }

    /// The clock runs from now on, and Ctrl-C ends the searches.
    pub(super) fn start(&self, working: &Working) -> Running {
        let budget = Budget { step_limit: self.steps, ..Budget::default() };
        // Without it Ctrl-C still ends the program.
        let _ = stop_on_interrupt(&budget);
        // A clock beside the steps would make the answer depend on the machine.
        let limit =
            self.time_limit.or_else(|| self.steps.is_none().then(|| Duration::from_secs_f64(TIME_LIMIT_SECONDS)));
        working.solving(limit);
        Running { _time_limit: limit.map(|limit| TimeLimit::start(limit, &budget)), budget }
    }
}

/// Shows how far a search has come.
pub(super) fn show(working: &Working) -> impl FnMut(Progress) + '_ {
    |progress| working.show(progress.stage, Some(progress.objective), progress.bound)
}

//! Until when a call to HiGHS may last.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

/// When a time limit will end the solve. Not known at first, and never if there is no time limit.
///
/// It is for HiGHS alone, which sees no stop flag: a call that nobody waits for any more would go on to its last node.
#[derive(Clone, Debug, Default)]
pub struct Deadline(Arc<OnceLock<Instant>>);

impl Deadline {
    /// Makes it known to all clones. The first word counts.
    pub fn set(&self, ends: Instant) {
        self.0.get_or_init(|| ends);
    }

    /// Time until then; `None` = not known, or none.
    pub(super) fn time_left(&self) -> Option<Duration> {
        self.0.get().map(|ends| ends.saturating_duration_since(Instant::now()))
    }
}

//! Until when a search may last, and with it a call to HiGHS.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

/// When a time limit will end the solve. Not known at first, and never if there is no time limit.
///
/// It is for HiGHS, which sees no stop flag: a call that nobody waits for any more would go on to its last node; and
/// for questions that share their time among several searches.
#[derive(Clone, Debug, Default)]
pub struct Deadline {
    whole: Arc<OnceLock<Instant>>,
    share: Option<Instant>,
}

impl Deadline {
    /// Makes it known to all clones. The first word counts.
    pub fn set(&self, ends: Instant) {
        self.whole.get_or_init(|| ends);
    }

    /// The end of one of so many equal parts of the time that is left; if nothing is known of that, no other end.
    pub(in crate::solve) fn share(&self, parts: usize) -> Self {
        let parts = u32::try_from(parts).unwrap_or(u32::MAX).max(1);
        let share = self.time_left().and_then(|left| Instant::now().checked_add(left / parts));
        Self { whole: Arc::clone(&self.whole), share }
    }

    /// Time until then, or until the end of this share; `None` = not known, or none.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let ends = [self.whole.get().copied(), self.share].into_iter().flatten().min();
        ends.map(|ends| ends.saturating_duration_since(Instant::now()))
    }

    /// This is a share of the time, and over.
    pub(in crate::solve) fn is_share_over(&self) -> bool {
        self.share.is_some_and(|ends| ends <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_ends_before_the_whole_and_without_a_deadline_not_by_the_clock() {
        let whole = Deadline::default();
        assert_eq!((whole.time_left(), whole.share(3).time_left()), (None, None));
        whole.set(Instant::now() + Duration::from_secs(3_000));
        let third = whole.share(3);
        assert!(third.time_left().unwrap() <= Duration::from_secs(1_000) && !third.is_share_over());
        assert!(third.share(2).time_left().unwrap() <= Duration::from_secs(500), "shares of shares");
        let over = Deadline { share: Some(Instant::now()), ..whole.clone() };
        assert!(over.is_share_over() && !whole.is_share_over());
        assert_eq!(over.time_left(), Some(Duration::ZERO));
    }
}

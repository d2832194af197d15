//! Fork and join: the same pieces of work in the same order, by as many threads as are allowed. What a piece computes does
//! not depend on who computes it, so no answer depends on the number of threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Cores that this process may use: for work whose caller names no number of threads.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// `work(0), ..., work(count - 1)`, in that order. A free thread takes the next piece.
///
/// # Panics
/// If a piece of work panics.
pub(crate) fn map<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    map_until(threads, count, &|| false, work).expect("never told to stop")
}

/// [`map`], given up once told to stop: `None`.
///
/// # Panics
/// If a piece of work panics.
pub(super) fn map_until<T: Send>(
    threads: usize,
    count: usize,
    is_stopped: &(dyn Fn() -> bool + Sync),
    work: impl Fn(usize) -> T + Sync,
) -> Option<Vec<T>> {
    if threads <= 1 || count <= 1 {
        return (0..count).map(|index| (!is_stopped()).then(|| work(index))).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count || is_stopped() {
                return;
            }
            let result = work(index);
            done.lock().expect("no thread panics while it holds the list").push((index, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done.into_inner().expect("no thread panics while it holds the list");
    if done.len() < count {
        return None;
    }
    done.sort_unstable_by_key(|&(index, _)| index);
    Some(done.into_iter().map(|(_, result)| result).collect())
}

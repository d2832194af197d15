//! The solver pool: a few long-lived, named OS threads and a bounded queue before them. A full queue refuses at once:
//! a refused request is better than a slow one, and whoever waits here waits with a backlog in memory.
//!
//! A caller holds a [`Ticket`]. Dropping it (tonic drops the handler of a caller who went away) raises the stop flag of
//! its budget, and what has not begun by then never does.

use std::{
    io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::AtomicBool,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use tokio::{
    sync::{oneshot, watch},
    time::Instant,
};

use super::error::AllocateError;
use crate::solve::Budget;

type Solve = Box<dyn FnOnce() + Send>;

/// Solver threads and their queue. Dropping the pool ends the threads when they have done what was queued.
pub struct Pool {
    queue: SyncSender<Solve>,
    queue_depth: usize,
    queued: watch::Sender<usize>,
    running: watch::Sender<usize>,
    /// Stop flags of what is queued or running. The lock is held for a push and a sweep of a short list.
    stops: Mutex<Vec<Weak<AtomicBool>>>,
}

impl Pool {
    /// Starts `threads` threads, `caseload-solver-0` and so on, before a queue of `queue_depth`.
    ///
    /// # Errors
    /// If the operating system gives no more threads.
    pub fn start(threads: NonZeroUsize, queue_depth: NonZeroUsize) -> io::Result<Self> {
        let (queue, receiver) = sync_channel(queue_depth.get());
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads.get() {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new().name(format!("caseload-solver-{number}")).spawn(move || run(&receiver))?;
        }
        let (queued, running) = (watch::Sender::new(0), watch::Sender::new(0));
        Ok(Self { queue, queue_depth: queue_depth.get(), queued, running, stops: Mutex::default() })
    }

    /// Queues a solve that looks at this budget's stop flag.
    ///
    /// # Errors
    /// [`AllocateError::QueueFull`].
    pub fn submit<T: Send + 'static>(
        &self,
        budget: &Budget,
        solve: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Ticket<T>, AllocateError> {
        let (begin, begun) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        let flag = Arc::clone(&budget.stop);
        let (queued, running, stop) = (self.queued.clone(), self.running.clone(), budget.clone());
        let run: Solve = Box::new(move || {
            queued.send_modify(|count| *count -= 1);
            if stop.is_stopped() {
                return;
            }
            let _ = begin.send(());
            running.send_modify(|count| *count += 1);
            // A panic is our defect; it must not take the thread with it, or the pool would shrink unseen.
            let answer = catch_unwind(AssertUnwindSafe(solve));
            running.send_modify(|count| *count -= 1);
            let _ = finish.send(answer.map_err(|_| AllocateError::Panicked("solver")));
        });
        // Before it is sent: a thread may take it at once.
        self.queued.send_modify(|count| *count += 1);
        self.queue.try_send(run).map_err(|refused| {
            self.queued.send_modify(|count| *count -= 1);
            match refused {
                TrySendError::Full(_) => AllocateError::QueueFull { depth: self.queue_depth },
                TrySendError::Disconnected(_) => AllocateError::ShuttingDown,
            }
        })?;
        let mut stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        stops.retain(|stop| stop.strong_count() > 0);
        stops.push(Arc::downgrade(&flag));
        drop(stops);
        Ok(Ticket { begun, finished, stop_on_drop: StopOnDrop(budget.clone()) })
    }

    /// How many solves wait for a thread now.
    #[must_use]
    pub fn queued(&self) -> watch::Receiver<usize> {
        self.queued.subscribe()
    }

    /// How many solves run now.
    #[must_use]
    pub fn running(&self) -> watch::Receiver<usize> {
        self.running.subscribe()
    }

    /// Raises every stop flag: what runs answers with the best it has, what waits never begins.
    pub fn interrupt_all(&self) {
        let stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        for stop in stops.iter().filter_map(Weak::upgrade) {
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

fn run(receiver: &Mutex<Receiver<Solve>>) {
    loop {
        // The lock is held while waiting, so that threads queue for the next solve one behind the other.
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(solve) => solve(),
            Err(_) => return,
        }
    }
}

/// A place in the queue, and then the answer.
pub struct Ticket<T> {
    begun: oneshot::Receiver<()>,
    finished: oneshot::Receiver<Result<T, AllocateError>>,
    stop_on_drop: StopOnDrop,
}

struct StopOnDrop(Budget);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

/// How long a solve may take.
#[derive(Clone, Copy, Debug)]
pub struct SearchTime {
    /// From when it begins.
    pub longest: std::time::Duration,
    /// No later than this, since after it nobody waits for the answer.
    pub until: Option<Instant>,
}

impl<T> Ticket<T> {
    /// Waits for the answer, and raises the stop flag when the time is up: a solve then answers with what it has.
    ///
    /// # Errors
    /// [`AllocateError::OutOfTime`] if no thread was free in time, [`AllocateError::ShuttingDown`] if the pool was told
    /// to stop first, [`AllocateError::Panicked`].
    pub async fn answer(mut self, time: SearchTime) -> Result<T, AllocateError> {
        tokio::select! {
            begun = &mut self.begun => begun.map_err(|_| AllocateError::ShuttingDown)?,
            () = reached(time.until) => return Err(AllocateError::OutOfTime),
        }
        let ends = Instant::now() + time.longest;
        let ends = time.until.map_or(ends, |until| until.min(ends));
        self.stop_on_drop.0.deadline.set(ends.into_std());
        let answer = tokio::select! {
            answer = &mut self.finished => answer,
            () = tokio::time::sleep_until(ends) => {
                self.stop_on_drop.0.time_is_up();
                (&mut self.finished).await
            }
        };
        answer.unwrap_or(Err(AllocateError::Panicked("solver")))
    }
}

async fn reached(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Far more than anything here takes: passing it is a failure, not a measurement.
    const LONG: SearchTime = SearchTime { longest: Duration::from_secs(60), until: None };

    fn pool(queue_depth: usize) -> Pool {
        Pool::start(NonZeroUsize::MIN, NonZeroUsize::new(queue_depth).unwrap()).unwrap()
    }

    /// Runs until its stop flag is raised.
    fn until_stopped(budget: &Budget) -> impl FnOnce() -> bool + Send + 'static {
        let budget = budget.clone();
        move || {
            while !budget.is_stopped() {
                thread::yield_now();
            }
            budget.out_of_time.load(std::sync::atomic::Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let pool = pool(1);
        let budget = Budget::default();
        let mut running = pool.running();
        let first = pool.submit(&budget, until_stopped(&budget)).unwrap();
        running.wait_for(|count| *count == 1).await.unwrap();
        let waiting = pool.submit(&Budget::default(), || 7).unwrap();
        let refused = pool.submit(&Budget::default(), || 8).err().unwrap();
        assert_eq!(refused.to_string(), "as many requests wait for a solver as may, 1; wait and retry");
        budget.interrupt();
        assert!(!first.answer(LONG).await.unwrap());
        assert_eq!(waiting.answer(LONG).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_caller_who_goes_away_stops_what_runs_and_what_waits() {
        let pool = pool(2);
        let mut running = pool.running();
        let (budget, other) = (Budget::default(), Budget::default());
        let runs = pool.submit(&budget, until_stopped(&budget)).unwrap();
        running.wait_for(|count| *count == 1).await.unwrap();
        let waits = pool.submit(&other, || panic!("nobody waits for this")).unwrap();
        let last = pool.submit(&Budget::default(), || 7).unwrap();
        drop(waits);
        drop(runs);
        assert_eq!(last.answer(LONG).await.unwrap(), 7);
        assert!(budget.is_stopped());
    }

    #[tokio::test]
    async fn the_clock_stops_a_solve_which_then_answers() {
        let budget = Budget::default();
        let pool = pool(1);
        let ticket = pool.submit(&budget, until_stopped(&budget)).unwrap();
        let short = SearchTime { longest: Duration::from_millis(1), until: None };
        assert!(ticket.answer(short).await.unwrap(), "it knows that it was the time");
    }

    #[tokio::test]
    async fn a_deadline_that_passes_in_the_queue_is_out_of_time() {
        let pool = pool(1);
        let budget = Budget::default();
        let mut running = pool.running();
        let first = pool.submit(&budget, until_stopped(&budget)).unwrap();
        running.wait_for(|count| *count == 1).await.unwrap();
        let waiting = pool.submit(&Budget::default(), || ()).unwrap();
        let passed = SearchTime { until: Some(Instant::now()), ..LONG };
        assert!(matches!(waiting.answer(passed).await, Err(AllocateError::OutOfTime)));
        drop(first);
    }

    #[tokio::test]
    async fn a_panic_is_one_answer_and_costs_no_thread() {
        let pool = pool(1);
        let ticket: Ticket<()> = pool.submit(&Budget::default(), || panic!("on purpose")).unwrap();
        assert!(matches!(ticket.answer(LONG).await, Err(AllocateError::Panicked("solver"))));
        let ticket = pool.submit(&Budget::default(), || thread::current().name().map(ToOwned::to_owned)).unwrap();
        assert_eq!(ticket.answer(LONG).await.unwrap().as_deref(), Some("caseload-solver-0"));
    }

    #[tokio::test]
    async fn shutting_down_interrupts_what_runs_and_refuses_what_waits() {
        let pool = pool(1);
        let budget = Budget::default();
        let mut running = pool.running();
        let runs = pool.submit(&budget, until_stopped(&budget)).unwrap();
        running.wait_for(|count| *count == 1).await.unwrap();
        let waits = pool.submit(&Budget::default(), || ()).unwrap();
        pool.interrupt_all();
        assert!(!runs.answer(LONG).await.unwrap(), "not the time");
        assert!(matches!(waits.answer(LONG).await, Err(AllocateError::ShuttingDown)));
    }
}

//! Long-lived, named threads that HiGHS runs on. A caller waits for an answer only until it is told to stop; a thread that
//! HiGHS keeps is left behind and replaced. (HiGHS may ignore every limit in presolve: its issues 1501 and 2226.)

use std::{
    sync::{
        Mutex,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use super::model::Unsolved;

/// How often a waiting caller looks at its stop flag.
const LOOK: Duration = Duration::from_millis(5);
/// Most threads: those that HiGHS keeps count, too. Beyond it no exact search is done.
const THREADS_MAX: usize = 64;

/// Something to solve, which knows where to send what comes of it.
type Order = Box<dyn FnOnce() + Send>;

/// Hears of one thing solved; false = nobody waits for more.
pub(super) type Tell<'t, T> = dyn FnMut(Result<T, Unsolved>) -> bool + 't;

/// Threads that wait for an order, and how many there are in all.
struct Threads {
    idle: Vec<Sender<Order>>,
    count: usize,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads { idle: Vec::new(), count: 0 });

/// Things that are being solved.
pub(super) struct Running<T> {
    thread: Sender<Order>,
    answers: Receiver<Result<T, Unsolved>>,
    /// What has come, in order, and how many are to come.
    come: Vec<Result<T, Unsolved>>,
    wanted: usize,
}

/// Starts to solve so many things, one after the other, on a thread of their own. `None` = no thread to be had.
pub(super) fn start<T: Send + 'static>(
    wanted: usize,
    solve: impl FnOnce(&mut Tell<'_, T>) + Send + 'static,
) -> Option<Running<T>> {
    let (answer, answers) = channel();
    let thread = take_thread()?;
    // A caller who has stopped waiting is not an error.
    let order: Order = Box::new(move || solve(&mut |solved| answer.send(solved).is_ok()));
    thread.send(order).ok()?;
    Some(Running { thread, answers, come: Vec::with_capacity(wanted), wanted })
}

impl<T> Running<T> {
    /// Everything has come.
    pub(super) fn is_done(&mut self) -> bool {
        self.come.extend(self.answers.try_iter());
        self.come.len() >= self.wanted
    }

    /// Waits for what is still to come, until told to stop. What has come by then is a prefix of it.
    pub(super) fn wait(mut self, is_stopped: &dyn Fn() -> bool) -> Vec<Result<T, Unsolved>> {
        while !self.is_done() {
            if is_stopped() {
                return self.come;
            }
            match self.answers.recv_timeout(LOOK) {
                Ok(solved) => self.come.push(solved),
                Err(RecvTimeoutError::Timeout) => {}
                // The thread died with its work: as good as a failure of HiGHS.
                Err(RecvTimeoutError::Disconnected) => {
                    self.come.resize_with(self.wanted, || Err(Unsolved::Failed));
                    return self.come;
                }
            }
        }
        lock().idle.push(self.thread);
        self.come
    }
}

/// Threads that HiGHS is busy on, or keeps although its caller has gone.
pub(in crate::solve) fn busy() -> usize {
    let threads = lock();
    threads.count - threads.idle.len()
}

fn lock() -> std::sync::MutexGuard<'static, Threads> {
    // Held for a push or a pop; nobody panics in between.
    THREADS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn take_thread() -> Option<Sender<Order>> {
    let mut threads = lock();
    if let Some(thread) = threads.idle.pop() {
        return Some(thread);
    }
    if threads.count >= THREADS_MAX {
        return None;
    }
    let (orders, inbox) = channel();
    let name = format!("caseload-highs-{}", threads.count);
    thread::Builder::new().name(name).spawn(move || work(&inbox)).ok()?;
    threads.count += 1;
    Some(orders)
}

/// Follows one order after the other. When its caller has gone away, the sender is dropped after the work in hand, and the
/// thread ends and makes way for another.
fn work(inbox: &Receiver<Order>) {
    for order in inbox {
        order();
    }
    lock().count -= 1;
}

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

use super::model::{Limits, Solved, Unsolved, solve};
use crate::solve::{budget::Budget, part::Part};

/// How often a waiting caller looks at its stop flag.
const LOOK: Duration = Duration::from_millis(5);
/// Most threads: those that HiGHS keeps count, too. Beyond it no exact search is done.
const THREADS_MAX: usize = 64;

/// Parts to solve one after the other, each with so many nodes, and where to send what comes of each.
struct Order {
    parts: Vec<(Part, i32)>,
    budget: Budget,
    answer: Sender<Result<Solved, Unsolved>>,
}

/// Threads that wait for an order, and how many there are in all.
struct Threads {
    idle: Vec<Sender<Order>>,
    count: usize,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads { idle: Vec::new(), count: 0 });

/// Parts that are being solved.
pub(super) struct Running {
    thread: Sender<Order>,
    answers: Receiver<Result<Solved, Unsolved>>,
    /// What has come, in the order of the parts, and how many are to come.
    come: Vec<Result<Solved, Unsolved>>,
    wanted: usize,
}

/// Starts to solve the parts, one after the other, on a thread of their own. `None` = no thread to be had.
pub(super) fn start(parts: Vec<(Part, i32)>, budget: Budget) -> Option<Running> {
    let (answer, answers) = channel();
    let thread = take_thread()?;
    let wanted = parts.len();
    thread.send(Order { parts, budget, answer }).ok()?;
    Some(Running { thread, answers, come: Vec::with_capacity(wanted), wanted })
}

impl Running {
    /// Everything has come.
    pub(super) fn is_done(&mut self) -> bool {
        self.come.extend(self.answers.try_iter());
        self.come.len() >= self.wanted
    }

    /// Waits for what is still to come, until told to stop. What has come by then is a prefix of the parts.
    pub(super) fn wait(mut self, is_stopped: &dyn Fn() -> bool) -> Vec<Result<Solved, Unsolved>> {
        while !self.is_done() {
            if is_stopped() {
                return self.come;
            }
            match self.answers.recv_timeout(LOOK) {
                Ok(solved) => self.come.push(solved),
                Err(RecvTimeoutError::Timeout) => {}
                // The thread died with its part: as good as a failure of HiGHS.
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

/// Solves one part after the other. When its caller has gone away, the sender is dropped after the part in hand, and the
/// thread ends and makes way for another.
fn work(inbox: &Receiver<Order>) {
    for Order { parts, budget, answer } in inbox {
        for (part, nodes_max) in &parts {
            let limits = Limits { nodes: *nodes_max, time_left: budget.deadline.time_left() };
            // A caller who has stopped waiting is not an error.
            if budget.is_stopped() || answer.send(solve(part, limits)).is_err() {
                break;
            }
        }
    }
    lock().count -= 1;
}

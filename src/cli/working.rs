//! What goes on beside a long run: a progress bar, the time limit, and Ctrl-C.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{exit::Failure, output};
use crate::solve::{Budget, Stage};

/// Nothing is shown of what takes no longer than this.
const SILENT: Duration = Duration::from_secs(1);
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// A progress bar on standard error, after a second, and only on a terminal. Dropped, it is wiped away.
pub(super) struct Working {
    bar: ProgressBar,
    /// Dropped with the rest, which ends the thread that redraws.
    _end: Sender<()>,
}

impl Working {
    pub(super) fn new() -> Self {
        Self::on("")
    }

    /// With these words before all others.
    pub(super) fn on(what: &str) -> Self {
        let bar =
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style("{spinner} {msg}"));
        bar.set_prefix(if what.is_empty() { String::new() } else { format!("{what}  ") });
        let (end, ended) = mpsc::channel();
        let drawn = bar.clone();
        thread::spawn(move || {
            let mut wait = SILENT;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                if drawn.is_hidden() && wait == SILENT {
                    // Hidden for good where standard error is no terminal.
                    drawn.set_draw_target(ProgressDrawTarget::stderr());
                }
                wait = REDRAW_INTERVAL;
                if drawn.length().is_some() {
                    drawn.set_position(u64::try_from(drawn.elapsed().as_millis()).unwrap_or(u64::MAX));
                }
                drawn.tick();
            }
        });
        Self { bar, _end: end }
    }

    /// Writes a line to standard output, above the bar.
    pub(super) fn tell(&self, line: &str) -> Result<(), Failure> {
        self.bar.suspend(|| output::say(&format!("{line}\n")))
    }

    /// Writes a line to standard error, above the bar.
    pub(super) fn warn(&self, line: &str) {
        self.bar.suspend(|| output::complain(line));
    }

    /// Says what is being done now.
    pub(super) fn phase(&self, what: &str) {
        self.bar.set_style(style("{spinner} {msg} ({elapsed})"));
        self.bar.unset_length();
        self.bar.set_message(what.to_owned());
    }

    /// From now on the bar fills until the time limit.
    pub(super) fn solving(&self, time_limit: Option<Duration>) {
        if let Some(limit) = time_limit {
            self.bar.set_style(style("{spinner} [{bar:30}] {elapsed} {msg}"));
            self.bar.reset_elapsed();
            self.bar.set_length(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        }
        self.bar.set_message("solving");
    }

    /// How far the solve has come. `objective` is `None` where there is no answer yet that counts.
    pub(super) fn show(&self, stage: Stage, objective: Option<i64>, bound: i64) {
        let stage = match stage {
            Stage::Start => "earlier answer",
            Stage::Greedy => "first answer",
            Stage::Prices => "finding the bound",
            Stage::Improve => "improving",
            Stage::Milp => "exact search",
        };
        let objective =
            objective.map_or_else(|| "no solution".to_owned(), |objective| format!("objective {objective}"));
        self.bar.set_message(format!("{stage}: {objective}, bound {bound}"));
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(&format!("{{prefix}}{template}"))
        .expect("the templates are well formed")
        .progress_chars("=> ")
}

/// Raises the stop flag when the time is up. Dropped before that, it never does.
pub(super) struct TimeLimit(#[expect(dead_code, reason = "dropped, it ends the timer")] Sender<()>);

impl TimeLimit {
    pub(super) fn start(limit: Duration, budget: &Budget) -> Self {
        let (end, ended) = mpsc::channel();
        if let Some(ends) = Instant::now().checked_add(limit) {
            budget.deadline.set(ends);
        }
        let budget = budget.clone();
        thread::spawn(move || {
            if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                budget.time_is_up();
            }
        });
        Self(end)
    }
}

/// From now on the first Ctrl-C stops the solve, which then answers with the best it has; the second ends the program.
///
/// # Errors
/// The system refuses the thread or the signal; then Ctrl-C ends the program, as ever.
pub(super) fn stop_on_interrupt(budget: &Budget) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let budget = budget.clone();
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                budget.interrupt();
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                // What is half-written has a temporary name. 128 and the number of the signal, as shells report it;
                // and no destructors of C++ under a running search, as at the end of main.
                signal_hook::low_level::exit(130);
            }
        });
    })?;
    Ok(())
}

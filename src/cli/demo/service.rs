//! A service in this process, on a port and a store of its own.

use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::{Limits, Pool, Scheduler};
use crate::cli::exit::{Code, Failure};
use crate::cli::session::InProcess;
use crate::rpc::ServeOptions;
use crate::store::{EmbeddedStore, Retention, system_clock};

const SOLVER_THREADS: NonZeroUsize = NonZeroUsize::new(2).expect("2 is not 0");
const QUEUE_DEPTH: NonZeroUsize = NonZeroUsize::new(8).expect("8 is not 0");

pub(super) struct Service {
    pub(super) address: SocketAddr,
    folder: Folder,
    inner: InProcess,
}

impl Service {
    pub(super) async fn start(listen: SocketAddr, data_dir: Option<&Path>) -> Result<Self, Failure> {
        let folder = Folder::new(data_dir)?;
        let store = EmbeddedStore::open(&folder.path, Retention::default())
            .map_err(|error| Failure::from_error(Code::Files, &error))?;
        let pool = Pool::start(SOLVER_THREADS, QUEUE_DEPTH)
            .map_err(|error| Failure::new(Code::Wrong, format!("no solver threads can be started: {error}")))?;
        let scheduler = Scheduler::new(Arc::new(store), Arc::new(pool), Limits::default(), system_clock());
        let unheard = |error: std::io::Error| {
            Failure::new(Code::Unavailable, format!("cannot listen on {listen}: {error}; choose another with --listen"))
        };
        let inner = InProcess::start(listen, Arc::new(scheduler), ServeOptions::default()).await.map_err(unheard)?;
        Ok(Self { address: inner.address, folder, inner })
    }

    pub(super) fn data_dir(&self) -> &Path {
        &self.folder.path
    }

    /// Ends in good order.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        self.inner.stop().await
    }

    /// Serves until Ctrl-C or SIGTERM.
    pub(super) async fn serve_until_told_to_stop(self) -> Result<(), Failure> {
        told_to_stop()
            .await
            .map_err(|error| Failure::new(Code::Wrong, format!("no signal handler can be set: {error}")))?;
        self.stop().await
    }
}

/// Resolves at the first Ctrl-C or SIGTERM.
#[cfg(unix)]
pub(super) async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Resolves at the first Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn told_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// A folder that is given and kept, or temporary and taken away.
struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    fn new(given: Option<&Path>) -> Result<Self, Failure> {
        let is_temporary = given.is_none();
        let path = given
            .map_or_else(|| std::env::temp_dir().join(format!("caseload-demo-{}", std::process::id())), Path::to_owned);
        // A temporary folder must be new: another's would be taken away with it.
        let made = if is_temporary { fs::create_dir(&path) } else { fs::create_dir_all(&path) };
        made.map_err(|error| Failure::new(Code::Files, format!("cannot make the folder {}: {error}", path.display())))?;
        Ok(Self { path, is_temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // Best effort: it is small, and in the folder for what may go.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

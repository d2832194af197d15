//! `caseload serve`: the gRPC service, until it is told to stop.

use std::{fs, io::Write as _, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use tokio::{net::TcpListener, runtime::Runtime};
use tracing::info;

use super::exit::{Code, Failure, Outcome};
use super::input::unusable_rules;
use crate::{
    app::{Pool, Scheduler, error::chain},
    config::{Config, Flags, StoreChoice},
    import::read_catalogue,
    rpc::{self, Drained},
    statute::Catalogue,
    store::{EmbeddedStore, RedisOptions, RedisStore, Store, system_clock},
    telemetry,
};

/// How long threads that still write get once everything else is done.
const RUNTIME_SHUTDOWN: Duration = Duration::from_secs(5);

/// Serve allocations over gRPC.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ServeArgs {
    /// Configuration file in TOML [env: CASELOAD_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:7070] [env: CASELOAD_LISTEN]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// `embedded`, or a redis:// or rediss:// URL [default: embedded] [env: CASELOAD_STORE]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// Directory of the embedded store [default: ~/.local/share/caseload] [env: CASELOAD_DATA_DIR]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<String>,
    /// Allow an address that is not of this machine, in plain text and without log-in
    #[arg(long)]
    insecure_plaintext: bool,
    /// error, warn, info, debug or trace [default: info] [env: CASELOAD_LOG_LEVEL]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// text or json [default: text] [env: CASELOAD_LOG_FORMAT]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Any other setting, such as queue_depth=16; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

impl ServeArgs {
    /// # Errors
    /// The `--set` without a value.
    fn flags(&self) -> Result<Flags, String> {
        let mut settings = Vec::new();
        for text in &self.settings {
            let (key, value) = text.split_once('=').ok_or_else(|| format!("--set {text}: write it as KEY=VALUE"))?;
            settings.push((key.to_owned(), value.to_owned()));
        }
        let named = [
            ("listen", &self.listen),
            ("store", &self.store),
            ("data_dir", &self.data_dir),
            ("log_level", &self.log_level),
            ("log_format", &self.log_format),
        ];
        for (key, value) in named {
            settings.extend(value.iter().map(|value| (key.to_owned(), value.clone())));
        }
        if self.insecure_plaintext {
            settings.push(("insecure_plaintext".to_owned(), "true".to_owned()));
        }
        Ok(Flags { config: self.config.clone(), settings })
    }
}

/// Serves until SIGTERM or SIGINT. Fine after a drain in good order, wrong if connections had to be cut.
///
/// # Errors
/// A configuration that cannot stand, or an address or store that cannot be had.
pub(super) fn run(args: &ServeArgs) -> Outcome {
    let configured = |problem| Failure::new(Code::Configuration, problem);
    let flags = args.flags().map_err(configured)?;
    let variable = |name: &str| std::env::var(name).ok();
    let config = Config::load(&flags, variable, |file| fs::read_to_string(file))
        .map_err(|error| Failure::from_error(Code::Configuration, &error))?;
    let catalogue =
        read_catalogue(&config.catalogue).map_err(|error| unusable_rules(&config.catalogue, "catalogue ", &error))?;
    telemetry::start(config.log);
    let runtime = Runtime::new().map_err(|error| unavailable(format!("no threads can be started: {error}")))?;
    let ended = runtime.block_on(serve(&config, catalogue));
    runtime.shutdown_timeout(RUNTIME_SHUTDOWN);
    match ended.map_err(unavailable)? {
        Drained::Wholly => Ok(Code::Fine),
        Drained::TimedOut => Ok(Code::Wrong),
    }
}

fn unavailable(problem: String) -> Failure {
    Failure::new(Code::Unavailable, problem)
}

async fn serve(config: &Config, catalogue: Catalogue) -> Result<Drained, String> {
    let store = open_store(config)?;
    let pool = Pool::start(config.solver_threads, config.queue_depth);
    let pool = pool.map_err(|error| format!("no solver threads can be started: {error}"))?;
    let scheduler = Scheduler::new(store, Arc::new(pool), config.limits.clone(), system_clock());
    let scheduler = scheduler.with_catalogue(catalogue);
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        format!("cannot listen on {}: {error}. Choose another address with --listen", config.listen)
    })?;
    let address =
        listener.local_addr().map_err(|error| format!("the address of the listener is not known: {error}"))?;
    let stop = stop_signal().map_err(|error| format!("no signal handler can be set: {error}"))?;
    say(&format!("caseload serves gRPC on {address}; its store is {}", config.store));
    let ended = rpc::serve(listener, Arc::new(scheduler), config.serve.clone(), stop).await;
    let drained = ended.map_err(|error| chain(&error))?;
    info!("stopped");
    Ok(drained)
}

/// The store that is configured.
pub(super) fn open_store(config: &Config) -> Result<Arc<dyn Store>, String> {
    match &config.store {
        StoreChoice::Embedded { data_dir } => {
            create_private(data_dir)
                .map_err(|error| format!("data directory {} cannot be made: {error}", data_dir.display()))?;
            let store = EmbeddedStore::open(data_dir, config.retention).map_err(|error| chain(&error))?;
            Ok(Arc::new(store))
        }
        StoreChoice::Redis { url, ca_file } => {
            let read =
                |file: &PathBuf| fs::read(file).map_err(|error| format!("store_ca_file {}: {error}", file.display()));
            let root_certificate = ca_file.as_ref().map(read).transpose()?;
            let options = RedisOptions { root_certificate, ..RedisOptions::default() };
            let store = RedisStore::open(url, options, config.retention).map_err(|error| chain(&error))?;
            Ok(Arc::new(store))
        }
    }
}

/// Who works on which case is nobody else's business on this machine.
fn create_private(directory: &PathBuf) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Resolves at the first SIGINT or SIGTERM.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at the first Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn say(line: &str) {
    // Nobody may be reading; the service serves all the same.
    let _ = writeln!(std::io::stdout(), "{line}");
}

//! A service to talk to, for every command that does: one that runs elsewhere, or one in this process over the store that
//! is configured here. Either way the command is a gRPC client.

use std::{env, fs, io, net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Args;
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot, task::JoinHandle};
use tonic::{
    Code as Grpc, Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt as _;

use super::{
    exit::{Code, Failure, Outcome},
    serve::open_store,
};
use crate::{
    app::{Pool, Scheduler},
    config::{Config, Flags},
    rpc::{
        self, Drained, ServeError, ServeOptions,
        proto::{
            Assignment, GetAssignmentRequest, allocation_service_client::AllocationServiceClient,
            assignment_service_client::AssignmentServiceClient,
        },
    },
    store::system_clock,
    telemetry,
};

/// Largest answer that is taken: what a service can be configured to send.
const MESSAGE_BYTES_MAX: usize = 1 << 30;
/// Lines of details of a refusal that are shown.
const DETAILS_MAX: usize = 50;

/// Which service, and which team.
#[derive(Args, Clone, Debug)]
pub(super) struct ServiceArgs {
    /// The service to talk to, such as http://127.0.0.1:7070 [env: CASELOAD_SERVER]; if not given, the
    /// store that is configured on this machine is used, as `caseload serve` would
    #[arg(long, value_name = "URL", help_heading = "Service")]
    server: Option<String>,
    /// Without --server: configuration file in TOML [env: CASELOAD_CONFIG]
    #[arg(long, value_name = "FILE", help_heading = "Service")]
    config: Option<PathBuf>,
    /// Without --server: `embedded`, or a redis:// or rediss:// URL [env: CASELOAD_STORE]
    #[arg(long, value_name = "STORE", help_heading = "Service")]
    store: Option<String>,
    /// Without --server: directory of the embedded store [env: CASELOAD_DATA_DIR]
    #[arg(long, value_name = "DIRECTORY", help_heading = "Service")]
    data_dir: Option<String>,
}

/// How a call that changes the assignment is guarded and repeated.
#[derive(Args, Clone, Debug)]
pub(super) struct WriteArgs {
    /// Etag of the assignment that you have looked at: refused if another is current. If not given, whatever is
    /// current is changed
    #[arg(long, value_name = "ETAG")]
    etag: Option<String>,
    /// Id of the request, a UUID: repeated with the same id, it is done once. A new one if not given
    #[arg(long, value_name = "UUID")]
    request_id: Option<String>,
}

/// Clients of one service.
pub(super) struct Session {
    pub(super) allocations: AllocationServiceClient<Channel>,
    pub(super) assignments: AssignmentServiceClient<Channel>,
    in_process: Option<InProcess>,
}

/// What guards a write.
pub(super) struct Guard {
    /// The etag to send.
    pub(super) etag: String,
    /// The request id to send.
    pub(super) request_id: String,
    /// The current assignment as it was read; `None` = the team has none.
    pub(super) current: Option<Assignment>,
}

/// Does something with a service, and ends it if it runs in this process.
pub(super) fn with_service(args: &ServiceArgs, work: impl AsyncFnOnce(&mut Session) -> Outcome) -> Outcome {
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Code::Wrong, format!("no threads can be started: {error}")))?;
    runtime.block_on(async {
        let mut session = Session::open(args).await?;
        let outcome = work(&mut session).await;
        let Session { allocations, assignments, in_process } = session;
        // Connections that are still open would hold up the end.
        drop((allocations, assignments));
        match in_process {
            Some(in_process) => in_process.stop().await.and(outcome),
            None => outcome,
        }
    })
}

impl Session {
    async fn open(args: &ServiceArgs) -> Result<Self, Failure> {
        let server =
            args.server.clone().or_else(|| env::var("CASELOAD_SERVER").ok()).filter(|server| !server.is_empty());
        let (url, in_process) = match server {
            Some(server) if server.contains("://") => (server, None),
            Some(server) => (format!("http://{server}"), None),
            None => {
                let in_process = args.start().await?;
                (format!("http://{}", in_process.address), Some(in_process))
            }
        };
        let endpoint = Endpoint::from_shared(url.clone()).map_err(|error| {
            Failure::new(Code::Usage, format!("--server {url}: {error}; write it as http://127.0.0.1:7070"))
        })?;
        let channel = endpoint.connect().await.map_err(|error| {
            let error = Failure::from_error(Code::Unavailable, &error).message;
            Failure::new(Code::Unavailable, format!("nothing answers on {url}: {error}"))
        })?;
        Ok(Self {
            allocations: AllocationServiceClient::new(channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX),
            assignments: AssignmentServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX),
            in_process,
        })
    }

    /// The team's current assignment; `None` = it has none.
    pub(super) async fn current(&mut self, team_id: &str) -> Result<Option<Assignment>, Failure> {
        let request = GetAssignmentRequest { team_id: team_id.to_owned(), version: 0 };
        match self.assignments.get_assignment(request).await {
            Ok(answer) => Ok(answer.into_inner().assignment),
            Err(status) if status.code() == Grpc::NotFound => Ok(None),
            Err(status) => Err(refused(&status)),
        }
    }

    /// What to send with a write.
    pub(super) async fn guard(&mut self, team_id: &str, args: &WriteArgs) -> Result<Guard, Failure> {
        let current = self.current(team_id).await?;
        let known = current.as_ref().map(|current| current.etag.clone()).unwrap_or_default();
        Ok(Guard {
            etag: args.etag.clone().unwrap_or(known),
            request_id: args.request_id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
            current,
        })
    }
}

impl Guard {
    /// Why a write was not done, and how to repeat it where it may have been.
    pub(super) fn refused(&self, status: &Status) -> Failure {
        let mut failure = refused(status);
        if matches!(status.code(), Grpc::Unavailable | Grpc::DeadlineExceeded | Grpc::Unknown | Grpc::Cancelled) {
            let Self { etag, request_id, .. } = self;
            failure.message.push_str(&format!(
                "\nit may have been done all the same; repeat it with --request-id {request_id} --etag {etag}, and it is done once"
            ));
        }
        failure
    }
}

impl ServiceArgs {
    /// A service in this process, on a free port of this machine.
    async fn start(&self) -> Result<InProcess, Failure> {
        // What the service has to say goes to standard error, if it is more than that a call was done.
        let mut settings =
            vec![("listen".to_owned(), "127.0.0.1:0".to_owned()), ("log_level".to_owned(), "warn".to_owned())];
        for (key, value) in [("store", &self.store), ("data_dir", &self.data_dir)] {
            settings.extend(value.iter().map(|value| (key.to_owned(), value.clone())));
        }
        let flags = Flags { config: self.config.clone(), settings };
        let config = Config::load(&flags, |name| env::var(name).ok(), |file| fs::read_to_string(file))
            .map_err(|error| Failure::from_error(Code::Configuration, &error))?;
        telemetry::start(config.log);
        let store = open_store(&config).map_err(|problem| {
            Failure::new(Code::Unavailable, format!("{problem}. If a service runs there, name it with --server"))
        })?;
        let unavailable =
            |error: io::Error| Failure::new(Code::Unavailable, format!("no service can be started: {error}"));
        let pool = Pool::start(config.solver_threads, config.queue_depth).map_err(unavailable)?;
        let scheduler = Scheduler::new(store, Arc::new(pool), config.limits.clone(), system_clock());
        InProcess::start(config.listen, Arc::new(scheduler), config.serve.clone()).await.map_err(unavailable)
    }
}

/// A service in this process.
pub(super) struct InProcess {
    pub(super) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<Drained, ServeError>>,
}

impl InProcess {
    /// Starts it.
    ///
    /// # Errors
    /// The address cannot be had.
    pub(super) async fn start(
        listen: SocketAddr,
        scheduler: Arc<Scheduler>,
        options: ServeOptions,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // Also where the sender is gone, which says the same.
            let _ = stopped.await;
        };
        let ended = tokio::spawn(rpc::serve(listener, scheduler, options, stopped));
        Ok(Self { address, stop, ended })
    }

    /// Ends it in good order.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        let _ = self.stop.send(());
        let failed = |cause: String| Failure::new(Code::Wrong, format!("the service ended badly: {cause}"));
        match self.ended.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failed(Failure::from_error(Code::Wrong, &error).message)),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

/// Why a call was refused, with every field or condition that the service names.
pub(super) fn refused(status: &Status) -> Failure {
    let code = match status.code() {
        Grpc::InvalidArgument => Code::Data,
        Grpc::Unavailable => Code::Unavailable,
        _ => Code::Wrong,
    };
    let details = status.get_error_details();
    let fields = details.bad_request().map(|detail| detail.field_violations.as_slice()).unwrap_or_default();
    let conditions = details.precondition_failure().map(|detail| detail.violations.as_slice()).unwrap_or_default();
    let fields = fields.iter().map(|entry| format!("{} {}", entry.field, entry.description));
    let conditions = conditions.iter().map(|entry| format!("{} {}", entry.subject, entry.description));
    let mut message = status.message().to_owned();
    for line in fields.chain(conditions).take(DETAILS_MAX) {
        message.push_str(&format!("\n  {line}"));
    }
    Failure::new(code, message)
}

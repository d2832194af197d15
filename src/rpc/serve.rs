//! The server: services, health, reflection, and an end that cannot hang.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::oneshot, time::Instant};
use tonic::{
    server::NamedService,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tracing::{info, warn};

use super::{
    allocation_service::Allocations,
    assignment_service::Assignments,
    calls::CallsLayer,
    planning_service::Planning,
    proto::{
        DESCRIPTORS, allocation_service_server::AllocationServiceServer,
        assignment_service_server::AssignmentServiceServer, planning_service_server::PlanningServiceServer,
    },
};
use crate::app::Scheduler;

type AllocationServer = AllocationServiceServer<Allocations>;
type AssignmentServer = AssignmentServiceServer<Assignments>;
type PlanningServer = PlanningServiceServer<Planning>;

/// How often a silent connection is asked whether it still is one. Clients may object to less than a minute or so.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(75);
/// How long the answer may take.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// After this a connection is ended in good order, so that clients spread over replicas that came later.
const CONNECTION_AGE_MAX: Duration = Duration::from_secs(3600);

/// How to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// Largest message, in both directions.
    pub message_bytes_max: usize,
    /// How often the store is asked whether it is there, for health.
    pub store_check_interval: Duration,
    /// How long to go on as usual after health says NOT_SERVING, so that balancers notice first.
    pub drain_delay: Duration,
    /// How long calls may then take to end. Solves are interrupted after half of it: they answer with what they have.
    pub drain_timeout: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            message_bytes_max: 64 << 20,
            store_check_interval: Duration::from_secs(5),
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(30),
        }
    }
}

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every call was answered and every connection closed.
    Wholly,
    /// The drain timeout passed with connections still open; they are cut when the process ends.
    TimedOut,
}

/// The server could not be built or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The descriptors for reflection cannot be read: a defect of this program.
    #[error("reflection cannot be set up")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the gRPC server failed")]
    Transport(#[source] tonic::transport::Error),
}

/// Serves until `shutdown` resolves and then ends in good order. The caller owns the socket and the stop signal.
///
/// Health: the empty service name says that the process runs and is not going down; the names of the services say
/// in addition that the store can be used.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    listener: TcpListener,
    scheduler: Arc<Scheduler>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
) -> Result<Drained, ServeError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    set_services(&health, ServingStatus::Serving).await;
    let limit = options.message_bytes_max;
    let allocations = AllocationServer::new(Allocations(Arc::clone(&scheduler)))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let assignments = AssignmentServer::new(Assignments(Arc::clone(&scheduler)))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let planning = PlanningServer::new(Planning(Arc::clone(&scheduler)))
        .max_decoding_message_size(limit)
        .max_encoding_message_size(limit);
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .max_connection_age(CONNECTION_AGE_MAX)
        .max_connection_age_grace(options.drain_timeout)
        .layer(CallsLayer { message_bytes_max: limit })
        .add_service(allocations)
        .add_service(assignments)
        .add_service(planning)
        .add_service(health_service)
        .add_service(reflection().build_v1().map_err(ServeError::Reflection)?)
        .add_service(reflection().build_v1alpha().map_err(ServeError::Reflection)?)
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), async {
            let _ = stopped.await;
        });
    let mut server = pin!(server);
    tokio::select! {
        ended = &mut server => return ended.map(|()| Drained::Wholly).map_err(ServeError::Transport),
        () = watch_store(&scheduler, &health, options.store_check_interval) => unreachable!("the store is watched for ever"),
        () = shutdown => {}
    }
    info!("shutting down");
    health.set_service_status("", ServingStatus::NotServing).await;
    set_services(&health, ServingStatus::NotServing).await;
    if let Ok(ended) = tokio::time::timeout(options.drain_delay, &mut server).await {
        return ended.map(|()| Drained::Wholly).map_err(ServeError::Transport);
    }
    let _ = stop.send(());
    let begin = Instant::now();
    if let Ok(ended) = tokio::time::timeout_at(begin + options.drain_timeout / 2, &mut server).await {
        return ended.map(|()| Drained::Wholly).map_err(ServeError::Transport);
    }
    scheduler.interrupt_all();
    // Graceful shutdown may wait for ever on a half-open connection (hyper#4170): it gets only this long.
    match tokio::time::timeout_at(begin + options.drain_timeout, &mut server).await {
        Ok(ended) => ended.map(|()| Drained::Wholly).map_err(ServeError::Transport),
        Err(_) => {
            warn!("connections are still open after the drain timeout; they are cut");
            Ok(Drained::TimedOut)
        }
    }
}

async fn set_services(health: &HealthReporter, status: ServingStatus) {
    health.set_service_status(AllocationServer::NAME, status).await;
    health.set_service_status(AssignmentServer::NAME, status).await;
    health.set_service_status(PlanningServer::NAME, status).await;
}

/// Keeps the health of the services what the store's is.
async fn watch_store(scheduler: &Scheduler, health: &HealthReporter, interval: Duration) {
    let mut was_there = true;
    loop {
        let is_there = match scheduler.ping().await {
            Ok(()) => true,
            Err(error) => {
                if was_there {
                    warn!("the store cannot be used: {error}; health says NOT_SERVING until it can");
                }
                false
            }
        };
        if is_there != was_there {
            let status = if is_there { ServingStatus::Serving } else { ServingStatus::NotServing };
            set_services(health, status).await;
        }
        was_there = is_there;
        tokio::time::sleep(interval).await;
    }
}

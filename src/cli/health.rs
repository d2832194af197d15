//! `caseload health`: is the service on this machine ready? For container health checks.

use std::{
    env,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use clap::Args;
use tonic::transport::Endpoint;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use super::{
    exit::{Code, Failure, Outcome},
    output,
};

/// Longest wait for the answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Ask a service whether it is ready: exit code 0 if so, 69 if not
#[derive(Args, Debug)]
pub(super) struct HealthArgs {
    /// Address of the service; an address of all interfaces means this machine
    /// [default: 127.0.0.1:7070] [env: CASELOAD_LISTEN]
    #[arg(long, value_name = "ADDRESS")]
    address: Option<SocketAddr>,
}

pub(super) fn run(args: &HealthArgs) -> Outcome {
    let address = match args.address {
        Some(address) => address,
        None => from_environment()?,
    };
    let address = reachable(address);
    let not_ready = |problem: String| {
        Failure::new(Code::Unavailable, format!("the service on {address} is not ready: {problem}. See its log"))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| not_ready(format!("nothing can be asked: {error}")))?;
    let status = runtime.block_on(ask(address)).map_err(not_ready)?;
    if status != ServingStatus::Serving {
        return Err(not_ready(format!("it says {}", status.as_str_name())));
    }
    output::say(&format!("the service on {address} is ready\n"))?;
    Ok(Code::Fine)
}

fn from_environment() -> Result<SocketAddr, Failure> {
    let text = env::var("CASELOAD_LISTEN").unwrap_or_else(|_| "127.0.0.1:7070".to_owned());
    text.parse().map_err(|_| {
        Failure::new(Code::Usage, format!("CASELOAD_LISTEN is `{text}`; must be an address such as 127.0.0.1:7070"))
    })
}

/// A service that listens on all interfaces is asked on the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn ask(address: SocketAddr) -> Result<ServingStatus, String> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(|error| error.to_string())?;
    let channel = endpoint.connect_timeout(TIMEOUT).timeout(TIMEOUT).connect().await;
    let mut client = HealthClient::new(channel.map_err(|_| "nothing answers there".to_owned())?);
    let answer = client.check(HealthCheckRequest { service: String::new() }).await;
    Ok(answer.map_err(|status| status.message().to_owned())?.into_inner().status())
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn all_interfaces_are_asked_on_loopback() {
        assert_eq!(reachable("0.0.0.0:7070".parse().unwrap()), "127.0.0.1:7070".parse().unwrap());
        assert_eq!(reachable("[::]:7070".parse().unwrap()), "[::1]:7070".parse().unwrap());
        assert_eq!(reachable("10.0.0.1:1".parse().unwrap()), "10.0.0.1:1".parse().unwrap());
    }
}

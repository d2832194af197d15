//! `caseload demo`: the main job at work. A service of its own, a real council's backlog from published figures, and a
//! picture drawn from what the service says over gRPC.

mod client;
mod report;
mod service;
mod try_next;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::exit::{Code, Failure, Outcome};
use super::picture::grouped;
use super::working::Working;
use super::{allocate, output};
use crate::generate::{Census, CouncilOptions, council};
use crate::model::Backlog;
use client::{Client, ReadBack};
use service::Service;

/// The teams: a name, and how many officers. 17 to 21 is what 500 to 600 plans an officer come to; 95 can hold all.
const TEAMS: [(&str, usize); 2] = [("birmingham-crisis", 19), ("birmingham-95", 95)];
/// Cases past their due date, in per cent: an assumption.
const OVERDUE_PERCENT: u8 = 40;
const SEED: u64 = 1;

/// Show the main job at work: Birmingham's January 2022, for 19 officers and for 95
///
/// Starts a service, builds the council's open cases from published figures, sends them to the service over gRPC,
/// commits each answer to a team of its own, and draws what the service then says. Goes on serving until Ctrl-C.
#[derive(Debug, Args)]
#[command(after_long_help = "\
For example:
  caseload demo --exit
  caseload demo --listen 127.0.0.1:7070 --data-dir demo-data")]
pub(super) struct DemoArgs {
    /// End after the picture
    #[arg(long)]
    exit: bool,
    /// Address and port to listen on; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Folder of the store, which is kept; if not given a temporary one, which is not
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Seconds that the search may take for each team
    #[arg(long, value_name = "S", default_value = "5", value_parser = allocate::seconds)]
    time_limit: Duration,
}

pub(super) fn run(args: &DemoArgs) -> Outcome {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::new(
            Code::Usage,
            format!("--listen {}: the demo is for this machine only, without log-in; use 127.0.0.1", args.listen),
        ));
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(Code::Wrong, format!("no threads can be started: {error}")))?;
    runtime.block_on(show(args))
}

async fn show(args: &DemoArgs) -> Outcome {
    let service = tokio::select! {
        shown = picture(args) => shown?,
        // Dropped half-way the service ends, and its temporary folder goes.
        _ = service::told_to_stop() => {
            return Err(Failure::new(Code::Wrong, "interrupted before the picture was drawn"));
        }
    };
    if args.exit {
        service.stop().await?;
    } else {
        output::say(&try_next::commands(service.address, TEAMS[0].0))?;
        service.serve_until_told_to_stop().await?;
    }
    Ok(Code::Fine)
}

/// Starts the service, puts it to work, and draws what it says.
async fn picture(args: &DemoArgs) -> Result<Service, Failure> {
    let working = Working::new();
    working.tell("Birmingham, January 2022: 10,489 plans as published, 811 cases assumed in flight, held by nobody")?;
    let backlogs = TEAMS.map(|(_, officers)| backlog(officers));
    let service = Service::start(args.listen, args.data_dir.as_deref()).await?;
    working.tell(&format!("serving gRPC on {}; the store is in {}", service.address, service.data_dir().display()))?;

    let mut client = Client::connect(service.address).await?;
    let mut teams = Vec::new();
    for ((team, _), backlog) in TEAMS.into_iter().zip(&backlogs) {
        working.tell(&format!(
            "team {team}: sending {} cases and {} officers, searching for up to {} s",
            grouped(backlog.cases.len() as i64),
            backlog.officers.len(),
            args.time_limit.as_secs_f64()
        ))?;
        working.phase("waiting for the service");
        teams.push(client.allocate_and_commit(team, backlog, args.time_limit).await?);
    }
    drop(working);
    let [crisis, enough] = teams.as_slice() else { unreachable!("one answer a team") };
    output::say(&report::picture(&backlogs[0], crisis, enough))?;
    Ok(service)
}

fn backlog(officers: usize) -> Backlog {
    council(&CouncilOptions {
        council: "Birmingham".to_owned(),
        census: Census::January2022,
        officers,
        overdue_percent: OVERDUE_PERCENT,
        allocated_percent: 0,
        seed: SEED,
    })
    .expect("Birmingham is in the published figures, and the options are in range")
}

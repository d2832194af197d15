//! Commands to try while the demo serves. Each works as pasted into a terminal in the same folder.

use std::env;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::cli::{generate::quoted, picture};

/// Where `make` puts buf, below the project's folder.
const MAKE_BUF: &str = "target/tools/buf/node_modules/.bin/buf";

pub(super) fn commands(address: SocketAddr, team: &str) -> String {
    let caseload = quoted(&shortened(env::current_exe().unwrap_or_else(|_| PathBuf::from("caseload"))));
    let (buf, hint) = buf();
    let call = |method: &str, message: &str| {
        let options = "--protocol grpc --http2-prior-knowledge";
        format!("{buf} curl {options} \\\n    http://{address}/caseload.v1.{method} \\\n    -d '{message}'")
    };
    let files = "--cases demo-backlog/cases.csv --officers demo-backlog/officers.csv \\\n    \
                 --supervisors demo-backlog/supervisors.csv";
    let options = "--council Birmingham --census 2022 --officers 60 \\\n    --overdue 40 --allocated 0";
    let entries = [
        ("the current assignment", call("AssignmentService/GetAssignment", &format!(r#"{{"teamId":"{team}"}}"#))),
        (
            "what one officer holds",
            call("AssignmentService/ListCaseloads", &format!(r#"{{"teamId":"{team}","officerId":"officer-001"}}"#)),
        ),
        (
            "what waits with one supervisor",
            call("AssignmentService/ListHoldings", &format!(r#"{{"teamId":"{team}","supervisorId":"supervisor-10"}}"#)),
        ),
        ("three children for one officer with room for two", call("AllocationService/Allocate", TINY)),
        ("the same council in files", format!("{caseload} generate {options} --out demo-backlog")),
        (
            "an allocation without a service",
            format!("{caseload} allocate {files} \\\n    --as-at 2022-01-20 --time-limit 3 --out demo-result"),
        ),
        ("is it what it says?", format!("{caseload} check {files} \\\n    --result demo-result")),
    ];
    let mut text = format!("\n{}{hint}", picture::heading("Try next").trim_end());
    text.push('\n');
    for (what, command) in entries {
        let _ = writeln!(text, "\n  # {what}\n  {command}");
    }
    let _ = writeln!(text, "\nServing on {address} until Ctrl-C.");
    text
}

/// The smallest backlog that shows something.
const TINY: &str = r#"{"teamId":"my-team","backlog":{"asAtDate":"2026-09-01",
      "cases":[{"caseId":"a"},{"caseId":"b"},{"caseId":"c"}],
      "officers":[{"officerId":"o1","maxCaseCount":2}],
      "supervisors":[{"supervisorId":"s1"}]}}"#;

/// A command that runs buf, and what to say where there is none.
fn buf() -> (String, &'static str) {
    let paths = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&paths).any(|folder| folder.join("buf").is_file()) {
        ("buf".to_owned(), "")
    } else if Path::new(MAKE_BUF).is_file() {
        (MAKE_BUF.to_owned(), "")
    } else {
        ("buf".to_owned(), " (the calls need buf, which `make lint` brings, or a client like it)")
    }
}

/// The path as seen from here, where it is below.
fn shortened(path: PathBuf) -> PathBuf {
    let Ok(here) = env::current_dir() else { return path };
    path.strip_prefix(here).map(Path::to_owned).unwrap_or(path)
}

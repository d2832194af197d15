//! The demo from outside: its picture, the commands it prints, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::cli_fixture::Workshop;

#[test]
fn the_picture_shows_before_and_after() {
    let workshop = Workshop::new();
    let run = workshop.run("demo --exit --time-limit 0.1 --data-dir store").exits(0);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{}", run.stdout);
    let after = |label: &str| {
        let line =
            lines.iter().find(|line| line.starts_with(label)).unwrap_or_else(|| panic!("{label}: {}", run.stdout));
        line[label.len()..].split_whitespace().next().unwrap().replace(',', "").parse::<i64>().unwrap()
    };
    assert_eq!(after("  before "), 11_300);
    let crisis = after("  19 officers ");
    assert!((7_000..11_300).contains(&crisis), "19 officers with room for 180 cases each leave {crisis} without");
    assert_eq!(after("  95 officers "), 0, "95 officers can hold all");
    let first = lines.iter().position(|line| !line.is_empty() && line.to_uppercase() == **line).unwrap();
    assert_eq!(lines[first], "CHILDREN WITHOUT AN OFFICER", "the first figure is that");
    run.says("over 300 %")
        .says("could have an officer under the rules you entered")
        .says("proved within")
        .says("ILLUSTRATIVE POINTS, NOT CALIBRATED");
    assert!(std::fs::read_dir(workshop.path("store")).unwrap().count() > 0, "a store that was asked for is kept");
}

#[test]
fn a_store_that_is_used_again_keeps_its_assignment() {
    let workshop = Workshop::new();
    let shown = || {
        let run = workshop.run("demo --exit --time-limit 0.1 --data-dir store").exits(0);
        run.stdout.lines().find(|line| line.contains("objective (price")).unwrap().to_owned()
    };
    assert_eq!(shown(), shown(), "the same input is answered with what is current");
}

#[test]
fn an_address_that_cannot_be_had() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let run = Workshop::new().run(&format!("demo --exit --listen {address}")).exits(69);
    run.complains(&format!("cannot listen on {address}"));
    Workshop::new().run("demo --exit --listen 0.0.0.0:0").exits(2).complains("this machine only");
}

/// Ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[test]
fn every_command_that_is_printed_works_and_a_signal_ends_it() {
    let workshop = Workshop::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseload"));
    command.args(["demo", "--time-limit", "0.1"]).current_dir(workshop.path(""));
    command.env("TMPDIR", workshop.path("")).stdout(Stdio::piped());
    let mut demo = Running(command.spawn().unwrap());
    let mut output = BufReader::new(demo.0.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("until Ctrl-C.") {
        assert_ne!(output.read_line(&mut text).unwrap(), 0, "the demo ended early:\n{text}");
    }

    let printed = text.split("TRY NEXT").nth(1).unwrap();
    let mut ran = 0;
    for entry in printed.split("\n  # ").skip(1) {
        let (what, command) = entry.split_once('\n').unwrap();
        let command = command.split("\n\n").next().unwrap().replace("--time-limit 3", "--time-limit 0.2");
        let command = match (command.trim_start().starts_with("buf "), std::env::var("CASELOAD_TEST_BUF")) {
            (false, _) => command,
            (true, Ok(buf)) => command.replacen("buf ", &format!("{buf} "), 1),
            (true, Err(_)) => {
                eprintln!("skipped without CASELOAD_TEST_BUF: {what}");
                continue;
            }
        };
        let run = Command::new("sh").args(["-c", &command]).current_dir(workshop.path("")).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success() && !out.is_empty(), "{what}\n{command}\n{out}\n{err}");
        ran += 1;
    }
    assert!(ran >= 3, "generate, allocate and check need nothing but this program:\n{printed}");

    let id = demo.0.id().to_string();
    assert!(Command::new("kill").arg(&id).status().unwrap().success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(demo.0.wait().unwrap().success(), "{rest}");
    let folder = workshop.path(&format!("caseload-demo-{id}"));
    assert!(!folder.exists(), "the temporary store is left behind in {}", folder.display());
}

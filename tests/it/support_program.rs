//! The program itself as a child process: started on a free port, killed as a power cut or an operating system short of
//! memory would, and started again on what it left.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use tempfile::TempDir;

/// Far more than a start ever takes: passing it is a failure, not a measurement.
const START_MAX: Duration = Duration::from_secs(60);
/// Lines of the log that are shown when a test fails.
const LOG_LINES_SHOWN: usize = 40;

/// `caseload serve`, killed when dropped. Its log is shown if that is because the test failed.
pub(crate) struct Program {
    folder: TempDir,
    arguments: Vec<String>,
    process: Option<Child>,
}

impl Program {
    /// Not started yet. `store` = its address; `None` = embedded, in a folder that lives as long as this.
    pub(crate) fn new(store: Option<&str>, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data").display().to_string();
        let mut arguments = vec!["--listen", "127.0.0.1:0", "--log-level", "warn", "--data-dir", &data_dir];
        arguments.extend(store.iter().flat_map(|store| ["--store", store]));
        arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        let arguments = arguments.into_iter().map(str::to_owned).collect();
        Self { folder, arguments, process: None }
    }

    /// Starts it, with nothing of the test's own environment, and waits for the line that says where it serves.
    pub(crate) fn start(&mut self) -> SocketAddr {
        assert!(self.process.is_none(), "it still runs");
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_caseload"));
        command.arg("serve").args(&self.arguments).env_clear();
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        // From here on a panic, too, ends with the process killed.
        self.process = Some(process);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = output.read_line(&mut line);
            let _ = sender.send(line);
        });
        let line = receiver.recv_timeout(START_MAX).expect("the program says nothing");
        let address = line.strip_prefix("caseload serves gRPC on ").and_then(|rest| rest.split(';').next());
        let address = address.unwrap_or_else(|| panic!("the program did not start: {line:?}\n{}", self.log()));
        address.parse().unwrap()
    }

    /// Kills it with SIGKILL. When this returns it has gone, and with it the lock on its file.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("our own child can be killed");
            process.wait().expect("our own child can be waited for");
        }
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            say(&format!("the end of the program's log:\n{}", self.log()));
        }
    }
}

#[expect(clippy::print_stdout, reason = "the test harness shows it where a test fails")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

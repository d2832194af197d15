//! A real redis-server on a free port, with its files in a folder of its own, and a proxy that can lose what it says.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Far more than a start ever takes: passing it is a failure, not a measurement.
const START_SECONDS_MAX: u64 = 60;

/// A running server, killed when dropped. Every write is on its disk before it is acknowledged.
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts a server and waits until it answers.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Another program may take the port between our asking for a free one and the server's binding it.
        for _ in 0..20 {
            let probe = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let port = probe.local_addr().expect("a bound port").port();
            drop(probe);
            if let Some(process) = spawn(&folder, port) {
                return Self { folder, port, process: Some(process) };
            }
        }
        panic!("redis-server did not start on any of 20 free ports:\n{}", log(&folder));
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills the server as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("our own child can be killed");
            process.wait().expect("our own child can be waited for");
        }
    }

    /// Starts it again on the same port with the files it left.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "the server still runs");
        // A client that looks for it may hold the port for a moment: as its own end of a connection.
        self.process = (0..20).find_map(|_| spawn(&self.folder, self.port));
        assert!(self.process.is_some(), "redis-server did not start:\n{}", log(&self.folder));
    }

    /// A connection that knows nothing of stores: to look and to do damage.
    pub fn connection(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).expect("a valid URL");
        client.get_connection().expect("the server runs")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `None` if the server ended before it answered.
fn spawn(folder: &TempDir, port: u16) -> Option<Child> {
    let log = File::options().create(true).append(true).open(folder.path().join("log")).expect("a log file");
    let mut process = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .stderr(log.try_clone().expect("a second handle"))
        .stdout(log)
        .spawn()
        .unwrap_or_else(|error| match error.kind() {
            ErrorKind::NotFound => panic!("these tests need redis-server: install it (Debian: apt-get install redis)"),
            _ => panic!("redis-server cannot be started: {error}"),
        });
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).expect("a valid URL");
    let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
    loop {
        if process.try_wait().expect("our own child can be asked").is_some() {
            return None;
        }
        // While it loads its log it answers with an error.
        if let Ok(mut connection) = client.get_connection()
            && redis::cmd("PING").query::<String>(&mut connection).is_ok()
        {
            return Some(process);
        }
        assert!(Instant::now() < deadline, "redis-server does not answer");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn log(folder: &TempDir) -> String {
    std::fs::read_to_string(folder.path().join("log")).unwrap_or_default()
}

const FORWARD: u8 = 0;
const LOSE_ONE: u8 = 1;
const SWALLOW: u8 = 2;

/// Stands between a store and a server.
pub struct Proxy {
    port: u16,
    switch: Arc<AtomicU8>,
    lost: Arc<AtomicUsize>,
    /// Answers that still come through before all are swallowed.
    left: Arc<AtomicUsize>,
}

impl Proxy {
    /// Forwards everything until told otherwise. Its threads end with the connections they serve.
    pub fn to(server: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let proxy = Self {
            port: listener.local_addr().expect("a bound port").port(),
            switch: Arc::default(),
            lost: Arc::default(),
            left: Arc::new(AtomicUsize::new(usize::MAX)),
        };
        let (switch, lost, server_port) = (Arc::clone(&proxy.switch), Arc::clone(&proxy.lost), server.port());
        let left = Arc::clone(&proxy.left);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)) else { continue };
                let (mut to_server, mut from_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from_client, &mut to_server);
                    let _ = to_server.shutdown(Shutdown::Both);
                });
                let (switch, lost, left) = (Arc::clone(&switch), Arc::clone(&lost), Arc::clone(&left));
                std::thread::spawn(move || {
                    answer(server, &client, &switch, &lost, &left);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The next answer of the server is lost, and the connection with it.
    pub fn lose_one_answer(&self) {
        self.switch.store(LOSE_ONE, Ordering::SeqCst);
    }

    /// No answer comes through, and no connection breaks.
    pub fn swallow_answers(&self) {
        self.switch.store(SWALLOW, Ordering::SeqCst);
    }

    /// So many answers come through, and then none, until told otherwise.
    pub fn swallow_answers_after(&self, count: usize) {
        self.left.store(count, Ordering::SeqCst);
    }

    pub fn forward(&self) {
        self.left.store(usize::MAX, Ordering::SeqCst);
        self.switch.store(FORWARD, Ordering::SeqCst);
    }

    /// Answers that were lost so far.
    pub fn lost_count(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

fn answer(mut server: TcpStream, mut client: &TcpStream, switch: &AtomicU8, lost: &AtomicUsize, left: &AtomicUsize) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        if switch.compare_exchange(LOSE_ONE, FORWARD, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            lost.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let is_over = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err();
        if is_over || switch.load(Ordering::SeqCst) == SWALLOW {
            lost.fetch_add(1, Ordering::SeqCst);
        } else if client.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

//! Configuration: defaults, under a TOML file, under environment variables, under flags. Everything is read and checked
//! before a port is opened.
//!
//! A setting has one name everywhere: `queue_depth` in the file is `CASELOAD_QUEUE_DEPTH` in the environment and
//! `--set queue_depth=...` on the command line (the most used have flags of their own). [`SETTINGS`] lists them all.
//! Nothing here looks at the process's environment or at files: the caller passes both.

mod value;

use std::{
    collections::HashMap,
    fmt, io,
    net::SocketAddr,
    num::{NonZeroU64, NonZeroUsize},
    path::{Path, PathBuf},
};

use crate::{
    app::Limits,
    rpc::ServeOptions,
    store::Retention,
    telemetry::{LogFormat, LogLevel, LogOptions},
};

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the file, and in `--set`.
    pub key: &'static str,
    /// Its default as it would be written; empty = none, or derived.
    pub default: &'static str,
    /// What its values must be: completes the sentence "must be ...".
    pub must_be: &'static str,
    /// What it does, and why it is what it is.
    pub help: &'static str,
}

macro_rules! settings {
    ($($key:ident = $default:literal, $must_be:literal, $help:literal;)*) => {
        /// All settings, in the order in which they are documented.
        pub const SETTINGS: &[Setting] = &[$(
            Setting { key: stringify!($key), default: $default, must_be: $must_be, help: $help },
        )*];
    };
}

settings! {
    listen = "127.0.0.1:7070", "an address and a port, such as 127.0.0.1:7070",
        "Where to listen. Port 0 takes a free one.";
    insecure_plaintext = "false", "true or false",
        "Allows an address that is not of this machine: calls are in plain text, and there is no log-in.";
    store = "embedded", "`embedded`, or a redis:// or rediss:// URL",
        "Where proposals and assignments live: a file in data_dir, or a Redis that several processes share.";
    store_ca_file = "", "a file in PEM format",
        "The certificate authority of a rediss:// server, instead of the public ones.";
    data_dir = "", "a directory",
        "Of the embedded store. Default: $XDG_DATA_HOME/caseload, else $HOME/.local/share/caseload.";
    case_count_max = "200000", "a whole number from 1 to 1000000",
        "Most cases of one request: some 30 MB of backlog.";
    officer_count_max = "10000", "a whole number from 1 to 1000000",
        "Most officers of one request.";
    pair_count_max = "5000000", "a whole number from 1 to 100000000",
        "Most eligible pairs of one request, sent or derived: 24 bytes each, and some more while solving.";
    message_bytes_max = "67108864", "a whole number from 1024 to 1073741824",
        "Largest message in both directions.";
    solver_threads = "", "a whole number from 1 to 256",
        "Solves at the same time. Default: half the processors, at least 1.";
    threads_per_solve = "2", "a whole number from 1 to 64",
        "Threads of one solve; the answer does not depend on it.";
    queue_depth = "8", "a whole number from 1 to 10000",
        "Requests that may wait for a solver, each with its backlog in memory; beyond it they are refused at once.";
    time_limit_default = "10s", "a duration such as 500ms, 10s or 5m",
        "The time to search where the request names none.";
    time_limit_max = "60s", "a duration such as 500ms, 10s or 5m",
        "The longest time to search.";
    time_limit_min = "50ms", "a duration such as 500ms, 10s or 5m",
        "The shortest time to search that is worth starting; requests with less are refused.";
    proposal_ttl = "7d", "a duration such as 12h or 7d",
        "How long a proposal is kept.";
    request_ttl = "7d", "a duration such as 12h or 7d",
        "How long a request_id is known.";
    versions_max = "100", "a whole number from 1 to 1000000",
        "Newest versions kept of each team's assignment.";
    store_check_interval = "5s", "a duration such as 500ms, 10s or 5m",
        "How often the store is asked whether it is there, for health.";
    drain_delay = "0s", "a duration such as 500ms, 10s or 5m",
        "How long to serve on after health says NOT_SERVING at the end, so that balancers notice first.";
    drain_timeout = "30s", "a duration such as 500ms, 10s or 5m",
        "How long calls may take to end; solves are interrupted after half of it and answer with what they have.";
    catalogue = "send-england", "`send-england`, `probation-england-wales`, or a TOML file",
        "The stage catalogue: what cases of a kind or stage weigh, and when they are due.";
    log_level = "info", "`error`, `warn`, `info`, `debug` or `trace`",
        "What is logged to standard error. Ids of cases, officers and children are not, below debug.";
    log_format = "text", "`text` or `json`",
        "How it is logged.";
}

/// The store to use.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// A file in this directory.
    Embedded {
        /// The directory; it is created if it does not exist.
        data_dir: PathBuf,
    },
    /// A Redis server.
    Redis {
        /// Its URL, which may hold a password: never shown.
        url: String,
        /// Its certificate authority in PEM.
        ca_file: Option<PathBuf>,
    },
}

impl fmt::Display for StoreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { data_dir } => write!(f, "embedded in {}", data_dir.display()),
            Self::Redis { url, .. } => write!(f, "{}", value::without_password(url)),
        }
    }
}

impl fmt::Debug for StoreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreChoice({self})")
    }
}

/// Everything `caseload serve` needs to know. Checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The store to use.
    pub store: StoreChoice,
    /// What one request may ask for.
    pub limits: Limits,
    /// Solves at the same time.
    pub solver_threads: NonZeroUsize,
    /// Requests that may wait for a solver.
    pub queue_depth: NonZeroUsize,
    /// How to serve.
    pub serve: ServeOptions,
    /// The stage catalogue: a name or a file, which the caller reads.
    pub catalogue: String,
    /// How long things are kept in the store.
    pub retention: Retention,
    /// What is logged.
    pub log: LogOptions,
}

/// What the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// Settings and their values as text, the later ones stronger.
    pub settings: Vec<(String, String)>,
}

/// A configuration that cannot stand: one line that says which setting, where it was set, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("configuration file {} cannot be read: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("configuration file {} is not TOML: {problem}", file.display())]
    NotToml {
        /// The file.
        file: PathBuf,
        /// What and where.
        problem: String,
    },
    /// No setting of that name.
    #[error("`{key}` ({source_name}) is no setting; the settings are {}", known_keys())]
    Unknown {
        /// As written.
        key: String,
        /// Where it was set.
        source_name: String,
    },
    /// A value that cannot stand.
    #[error("`{key}` is `{value}` ({source_name}); it must be {must_be}")]
    Invalid {
        /// The setting.
        key: &'static str,
        /// The value; of a store only what is no secret.
        value: String,
        /// Where it was set.
        source_name: String,
        /// What it must be.
        must_be: String,
    },
}

fn known_keys() -> String {
    SETTINGS.iter().map(|setting| setting.key).collect::<Vec<_>>().join(", ")
}

impl Config {
    /// Reads and checks everything. `variable` looks up an environment variable, `read` a file.
    ///
    /// # Errors
    /// [`ConfigError`] for the first setting that cannot stand.
    pub fn load(
        flags: &Flags,
        variable: impl Fn(&str) -> Option<String>,
        read: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, ConfigError> {
        let mut values = Values::default();
        let file = flags.config.clone().or_else(|| variable("CASELOAD_CONFIG").map(PathBuf::from));
        if let Some(file) = file {
            values.read_file(&file, &read)?;
        }
        for setting in SETTINGS {
            // Other variables that begin with CASELOAD_ may be there: Kubernetes makes some for a service of that name.
            let name = format!("CASELOAD_{}", setting.key.to_uppercase());
            if let Some(value) = variable(&name) {
                values.set(setting.key, value, &name)?;
            }
        }
        for (key, value) in &flags.settings {
            values.set(key, value.clone(), "on the command line")?;
        }
        values.into_config(&variable)
    }
}

/// What was set, and where.
#[derive(Default)]
struct Values(HashMap<&'static str, (String, String)>);

impl Values {
    fn set(&mut self, key: &str, value: String, source_name: &str) -> Result<(), ConfigError> {
        let setting = SETTINGS.iter().find(|setting| setting.key == key);
        let unknown = || ConfigError::Unknown { key: key.to_owned(), source_name: source_name.to_owned() };
        self.0.insert(setting.ok_or_else(unknown)?.key, (value, source_name.to_owned()));
        Ok(())
    }

    fn read_file(&mut self, file: &Path, read: impl Fn(&Path) -> io::Result<String>) -> Result<(), ConfigError> {
        let text = read(file).map_err(|source| ConfigError::File { file: file.to_owned(), source })?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
            ConfigError::NotToml { file: file.to_owned(), problem: format!("{}, line {line}", error.message()) }
        })?;
        for (key, value) in table {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
                    let problem = format!("`{key}` must be a text, a whole number, true or false");
                    return Err(ConfigError::NotToml { file: file.to_owned(), problem });
                }
            };
            self.set(&key, value, &file.display().to_string())?;
        }
        Ok(())
    }

    fn into_config(self, variable: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let limits = Limits {
            case_count_max: self.number("case_count_max", 1..=1_000_000)?,
            officer_count_max: self.number("officer_count_max", 1..=1_000_000)?,
            pair_count_max: self.number("pair_count_max", 1..=100_000_000)?,
            time_limit_default: self.value("time_limit_default", value::duration)?,
            time_limit_max: self.value("time_limit_max", value::duration)?,
            time_limit_min: self.value("time_limit_min", value::duration)?,
            threads_per_solve: self.number("threads_per_solve", 1..=64)?,
            proposal_ttl: self.value("proposal_ttl", value::positive_duration)?,
        };
        if limits.time_limit_default > limits.time_limit_max {
            return Err(self.invalid("time_limit_default", "at most time_limit_max"));
        }
        if limits.time_limit_min > limits.time_limit_default {
            return Err(self.invalid("time_limit_min", "at most time_limit_default"));
        }
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let solver_threads = match self.text("solver_threads") {
            "" => (processors / 2).max(1),
            _ => self.number("solver_threads", 1..=256)?,
        };
        let non_zero = |number| NonZeroUsize::new(number).expect("the range of the setting begins at 1");
        let versions_max = self.number("versions_max", 1..=1_000_000)?;
        Ok(Config {
            listen: self.listen()?,
            store: self.store(variable)?,
            limits,
            solver_threads: non_zero(solver_threads),
            queue_depth: non_zero(self.number("queue_depth", 1..=10_000)?),
            serve: ServeOptions {
                message_bytes_max: self.number("message_bytes_max", 1024..=(1 << 30))?,
                store_check_interval: self.value("store_check_interval", value::positive_duration)?,
                drain_delay: self.value("drain_delay", value::duration)?,
                drain_timeout: self.value("drain_timeout", value::duration)?,
            },
            catalogue: self.text("catalogue").to_owned(),
            retention: Retention {
                request_ttl: self.value("request_ttl", value::positive_duration)?,
                versions_max: NonZeroU64::from(
                    u32::try_from(versions_max).ok().and_then(std::num::NonZeroU32::new).expect("1 to 1,000,000"),
                ),
            },
            log: LogOptions {
                level: self.value("log_level", LogLevel::from_word)?,
                format: self.value("log_format", LogFormat::from_word)?,
            },
        })
    }

    fn listen(&self) -> Result<SocketAddr, ConfigError> {
        let address: SocketAddr = self.value("listen", |text| text.parse().ok())?;
        let is_insecure_allowed: bool = self.value("insecure_plaintext", |text| text.parse().ok())?;
        if !address.ip().is_loopback() && !is_insecure_allowed {
            return Err(self.invalid(
                "listen",
                "an address of this machine, such as 127.0.0.1:7070, since calls are in plain text and there is no \
                 log-in; to open it to a network that you trust, set insecure_plaintext",
            ));
        }
        Ok(address)
    }

    fn store(&self, variable: impl Fn(&str) -> Option<String>) -> Result<StoreChoice, ConfigError> {
        let ca_file = Some(self.text("store_ca_file")).filter(|file| !file.is_empty()).map(PathBuf::from);
        let store = self.text("store");
        if store.starts_with("redis://") || store.starts_with("rediss://") {
            return Ok(StoreChoice::Redis { url: store.to_owned(), ca_file });
        }
        if store != "embedded" {
            return Err(self.invalid("store", self.setting("store").must_be));
        }
        let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|directory| directory.is_absolute());
        let data_dir = match self.text("data_dir") {
            "" => absolute("XDG_DATA_HOME")
                .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
                .map(|directory| directory.join("caseload"))
                .ok_or_else(|| {
                    self.invalid("data_dir", "set: neither XDG_DATA_HOME nor HOME says where it could be")
                })?,
            given => PathBuf::from(given),
        };
        Ok(StoreChoice::Embedded { data_dir })
    }

    fn setting(&self, key: &str) -> &'static Setting {
        SETTINGS.iter().find(|setting| setting.key == key).expect("only settings of the table are read")
    }

    fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or(self.setting(key).default, |(value, _)| value)
    }

    fn value<T>(&self, key: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, ConfigError> {
        read(self.text(key)).ok_or_else(|| self.invalid(key, self.setting(key).must_be))
    }

    fn number(&self, key: &'static str, range: std::ops::RangeInclusive<usize>) -> Result<usize, ConfigError> {
        self.value(key, |text| text.parse().ok().filter(|number| range.contains(number)))
    }

    fn invalid(&self, key: &'static str, must_be: &str) -> ConfigError {
        let source_name = self.0.get(key).map_or("the default", |(_, source_name)| source_name);
        let value = if key == "store" { value::without_password(self.text(key)) } else { self.text(key).to_owned() };
        ConfigError::Invalid { key, value, source_name: source_name.to_owned(), must_be: must_be.to_owned() }
    }
}

#[cfg(test)]
mod tests;

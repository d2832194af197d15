//! What the service says about itself: log lines to standard error. Lines are readable alone, and values are fields as
//! well. Ids of cases, officers and children are logged at debug at most, and names never: no message has room for one.

use std::io::IsTerminal as _;
use tracing::level_filters::LevelFilter;

use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt as _};

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Someone must act.
    Error,
    /// Also what is degraded but served.
    Warn,
    /// Also starts, stops, commits and refusals.
    Info,
    /// Also what a developer wants to know; with ids.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The level of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            "debug" => Some(Self::Debug),
            "trace" => Some(Self::Trace),
            _ => None,
        }
    }

    fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

impl LogFormat {
    /// The format of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// How much.
    pub level: LogLevel,
    /// How.
    pub format: LogFormat,
}

/// Starts logging to standard error. A second call in one process changes nothing.
pub fn start(options: LogOptions) {
    // Libraries speak only when something is wrong: at debug, h2 alone would drown everything else.
    let level = options.level.filter();
    let libraries = level.min(LevelFilter::WARN);
    let filter = EnvFilter::new(format!("{libraries},caseload={level}"));
    // Colours are for eyes: a log file gets none.
    let is_terminal = std::io::stderr().is_terminal();
    let subscriber = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_terminal);
    // The error says that a subscriber is there already, which is what was asked for.
    let _ = match options.format {
        LogFormat::Text => subscriber.finish().try_init(),
        LogFormat::Json => subscriber.json().finish().try_init(),
    };
}

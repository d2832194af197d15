use std::time::Duration;

use super::*;

/// What the configuration is made of: flags, variables and the file.
#[derive(Default)]
struct Given<'a> {
    flags: &'a [(&'a str, &'a str)],
    variables: &'a [(&'a str, &'a str)],
    file: Option<&'a str>,
}

fn load(given: &Given<'_>) -> Result<Config, ConfigError> {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let flags = Flags {
        config: given.file.map(|_| PathBuf::from("caseload.toml")),
        settings: given.flags.iter().map(own).collect(),
    };
    let variable = |name: &str| {
        let found = given.variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned()).or_else(|| (name == "HOME").then(|| "/home/o".to_owned()))
    };
    Config::load(&flags, variable, |_| given.file.map(ToOwned::to_owned).ok_or(io::ErrorKind::NotFound.into()))
}

fn refusal(given: &Given<'_>) -> String {
    let text = load(given).unwrap_err().to_string();
    assert!(!text.contains('\n'), "one line: {text:?}");
    text
}

#[test]
fn the_defaults_are_those_of_the_types() {
    let config = load(&Given::default()).unwrap();
    assert_eq!(config.listen, "127.0.0.1:7070".parse().unwrap());
    assert_eq!(config.store.to_string(), "embedded in /home/o/.local/share/caseload");
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.serve, ServeOptions::default());
    assert_eq!(config.retention, Retention::default());
    assert_eq!(config.log, LogOptions { level: LogLevel::Info, format: LogFormat::Text });
}

#[test]
fn flags_are_stronger_than_variables_and_those_than_the_file() {
    let file = "queue_depth = 1\nsolver_threads = 1\nversions_max = 1\nlog_format = \"json\"";
    let variables = [("CASELOAD_QUEUE_DEPTH", "2"), ("CASELOAD_SOLVER_THREADS", "2")];
    let config = load(&Given { flags: &[("queue_depth", "3")], variables: &variables, file: Some(file) }).unwrap();
    let found = (config.queue_depth.get(), config.solver_threads.get(), config.retention.versions_max.get());
    assert_eq!(found, (3, 2, 1));
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn the_file_may_be_named_by_a_variable() {
    let variable = |name: &str| match name {
        "CASELOAD_CONFIG" => Some("/etc/caseload.toml".to_owned()),
        "HOME" => Some("/home/o".to_owned()),
        _ => None,
    };
    let read = |file: &Path| {
        assert_eq!(file, Path::new("/etc/caseload.toml"));
        Ok("time_limit_max = \"2m\"".to_owned())
    };
    let config = Config::load(&Flags::default(), variable, read).unwrap();
    assert_eq!(config.limits.time_limit_max, Duration::from_secs(120));
}

#[test]
fn the_data_directory_is_the_users() {
    let xdg = [("XDG_DATA_HOME", "/data")];
    let config = load(&Given { variables: &xdg, ..Given::default() }).unwrap();
    assert_eq!(config.store, StoreChoice::Embedded { data_dir: "/data/caseload".into() });
    let error = Config::load(&Flags::default(), |_| None, |_| Ok(String::new())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`data_dir` is `` (the default); it must be set: neither XDG_DATA_HOME nor HOME says where it could be"
    );
}

#[test]
fn a_value_that_cannot_stand_is_named_with_its_source() {
    let check = |flags: &[(&str, &str)], expected: &str| {
        assert_eq!(refusal(&Given { flags, ..Given::default() }), expected);
    };
    check(
        &[("queue_depth", "0")],
        "`queue_depth` is `0` (on the command line); it must be a whole number from 1 to 10000",
    );
    check(
        &[("time_limit_max", "1s")],
        "`time_limit_default` is `10s` (the default); it must be at most time_limit_max",
    );
    check(
        &[("store", "postgres://u:secret@h")],
        "`store` is `postgres://h` (on the command line); it must be `embedded`, or a redis:// or rediss:// URL",
    );
    let variables = [("CASELOAD_LISTEN", "localhost")];
    assert_eq!(
        refusal(&Given { variables: &variables, ..Given::default() }),
        "`listen` is `localhost` (CASELOAD_LISTEN); it must be an address and a port, such as 127.0.0.1:7070"
    );
    assert_eq!(
        refusal(&Given { file: Some("log_level = \"loud\""), ..Given::default() }),
        "`log_level` is `loud` (caseload.toml); it must be `error`, `warn`, `info`, `debug` or `trace`"
    );
}

#[test]
fn every_setting_refuses_nonsense() {
    for setting in SETTINGS.iter().filter(|setting| !matches!(setting.key, "data_dir" | "store_ca_file" | "catalogue"))
    {
        let text = refusal(&Given { flags: &[(setting.key, "?!")], ..Given::default() });
        assert!(text.starts_with(&format!("`{}` is `?!`", setting.key)), "{text}");
    }
}

#[test]
fn a_setting_that_does_not_exist_is_refused_where_someone_wrote_it() {
    let text = refusal(&Given { file: Some("que_depth = 3"), ..Given::default() });
    assert!(text.starts_with("`que_depth` (caseload.toml) is no setting; the settings are listen, "), "{text}");
    let text = refusal(&Given { flags: &[("port", "3")], ..Given::default() });
    assert!(text.starts_with("`port` (on the command line) is no setting"), "{text}");
    // Kubernetes sets this for a service named caseload.
    assert!(load(&Given { variables: &[("CASELOAD_PORT", "tcp://10.0.0.1:7070")], ..Given::default() }).is_ok());
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let flags = Flags { config: Some("x.toml".into()), settings: Vec::new() };
    let error = Config::load(&flags, |_| None, |_| Err(io::Error::other("gone"))).unwrap_err();
    assert_eq!(error.to_string(), "configuration file x.toml cannot be read: gone");
    let text = refusal(&Given { file: Some("listen = 1\nqueue_depth = ="), ..Given::default() });
    assert!(text.starts_with("configuration file caseload.toml is not TOML: ") && text.ends_with("line 2"), "{text}");
    let text = refusal(&Given { file: Some("queue_depth = [1]"), ..Given::default() });
    assert!(text.contains("`queue_depth` must be a text"), "{text}");
}

#[test]
fn plain_text_beyond_this_machine_needs_a_word() {
    let open = ("listen", "0.0.0.0:7070");
    let text = refusal(&Given { flags: &[open], ..Given::default() });
    assert!(text.contains("set insecure_plaintext"), "{text}");
    let config = load(&Given { flags: &[open, ("insecure_plaintext", "true")], ..Given::default() }).unwrap();
    assert_eq!(config.listen, "0.0.0.0:7070".parse().unwrap());
    assert!(load(&Given { flags: &[("listen", "[::1]:0")], ..Given::default() }).is_ok());
}

#[test]
fn a_password_is_shown_nowhere() {
    let flags = [("store", "rediss://user:secret@store.internal:6380/0")];
    let config = load(&Given { flags: &flags, ..Given::default() }).unwrap();
    assert_eq!(config.store.to_string(), "rediss://store.internal:6380/0");
    assert!(!format!("{config:?}").contains("secret"));
}

//! Rules from a preset, or from a TOML file that says what differs from one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};
use toml::{Spanned, Table, Value};

use crate::model::Rules;

use super::error::{Errors, ImportError, cut};
use super::table::file_name;

/// Names of the presets, for messages.
const PRESETS: &str = "standard, plain";

/// The rules that `--rules` names: a preset (`standard`, `plain`), else a TOML file.
///
/// A file may name the `preset` it starts from (`standard` if it does not) and any field of [`Rules`] that differs.
/// One that changes something but gives no `version` of its own gets the preset's version and a digest of what the
/// rules now are, such as `standard-1+5f0c9a1e`, so that two different rules never carry the same version.
///
/// # Errors
/// A file that cannot be read or is not TOML, an unknown preset, an unknown key, a value of the wrong kind: all at
/// once, each with its line. Ranges are checked by `Problem::new`.
pub fn read_rules(preset_or_file: &str) -> Result<Rules, ImportError> {
    if let Some(rules) = Rules::preset(preset_or_file) {
        return Ok(rules);
    }
    let path = Path::new(preset_or_file);
    let file = file_name(path);
    match std::fs::read_to_string(path) {
        Ok(text) => parse_rules(&file, &text),
        Err(error) => {
            let mut errors = Errors::default();
            errors.push(&file, None, "", || {
                format!("{} is neither a preset ({PRESETS}) nor a file that can be read: {error}", path.display())
            });
            errors.into_result(Rules::standard())
        }
    }
}

fn parse_rules(file: &str, text: &str) -> Result<Rules, ImportError> {
    let mut errors = Errors::default();
    let line_of = |span: std::ops::Range<usize>| {
        Some(1 + text.as_bytes().iter().take(span.start).filter(|&&byte| byte == b'\n').count() as u64)
    };
    let given: BTreeMap<Spanned<String>, Spanned<Value>> = match toml::from_str(text) {
        Ok(given) => given,
        Err(error) => {
            let line = error.span().and_then(line_of);
            errors.push(file, line, "", || format!("is not TOML: {}", error.message()));
            return errors.into_result(Rules::standard());
        }
    };

    let preset = match given.get("preset").map(|value| (value.get_ref(), value.span())) {
        None => Rules::standard(),
        Some((value, span)) => value.as_str().and_then(Rules::preset).unwrap_or_else(|| {
            errors.push(file, line_of(span), "", || format!("preset = {value}: no such preset; known are {PRESETS}"));
            Rules::standard()
        }),
    };
    let as_table =
        |rules: &Rules| Table::try_from(rules).expect("rules are names, numbers and flags, which TOML can hold");

    // Key by key, so that every error has its line: a key is good if the preset with only that key changed is.
    let mut by_line: Vec<_> = given.iter().filter(|(key, _)| key.get_ref() != "preset").collect();
    by_line.sort_by_key(|(key, _)| key.span().start);
    let mut changed = as_table(&preset);
    for (key, value) in by_line {
        let mut alone = as_table(&preset);
        for table in [&mut alone, &mut changed] {
            table.insert(key.get_ref().clone(), plain(value.get_ref()));
        }
        if let Err(error) = alone.try_into::<Rules>() {
            errors.push(file, line_of(key.span()), "", || {
                format!("{} = {}: {}", key.get_ref(), cut(&value.get_ref().to_string()), error.message())
            });
        }
    }
    errors.into_result(())?;
    let mut rules: Rules = changed.try_into().expect("every key was tried");
    if rules != preset && !given.contains_key("version") {
        rules.version = versioned(&rules);
    }
    Ok(rules)
}

/// A date that TOML knows as one, as the text that the rules expect; anything else as it is.
fn plain(value: &Value) -> Value {
    match value {
        Value::Datetime(date) if date.time.is_none() => Value::String(date.to_string()),
        other => other.clone(),
    }
}

fn versioned(rules: &Rules) -> String {
    let json = serde_json::to_string(rules).expect("rules are names, numbers and flags, which JSON can hold");
    let mut version = format!("{}+", rules.version);
    for byte in Sha256::digest(json).into_iter().take(4) {
        write!(version, "{byte:02x}").expect("writing to a string cannot fail");
    }
    version
}

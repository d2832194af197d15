//! `caseload import`: a council's own extract to a backlog that `allocate` reads.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use jiff::{Unit, civil::Date};

use super::exit::{Code, Failure, Outcome};
use super::files::{ImportRecord, write_backlog, write_imported};
use super::generate::quoted;
use super::input::{readable, today, unusable_files, unusable_rules};
use super::output;
use super::picture::{grouped, wrapped};
use super::working::Working;
use crate::import::{
    Action, FRESH_DAYS, Form, KeyFile, RejectCode, Sen2Import, Sen2Options, TokenSource, Tokeniser, read_catalogue,
    read_or_make_key, read_sen2,
};
use crate::statute::Catalogue;
use crate::telemetry::{self, LogFormat, LogLevel, LogOptions};

/// Codes of rejects that the summary names; all are in the report.
const CODES_SHOWN: usize = 8;

/// Read a council's own extract, and write a backlog that `allocate` reads
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct ImportArgs {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Sen2(Sen2Args),
}

/// Read the Department for Education's person-level SEN2 return, as CSV export or XML
///
/// No name, date of birth, sex, ethnicity, postcode, pupil or learner number leaves this command: children become tokens
/// under a key that stays with the council. What is wrong with single records is listed in rejects.csv and never ends it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Files in DIR: cases.csv, officers.csv, supervisors.csv for allocate; rejects.csv (what was wrong), obligations.csv
(what is due, case by case), import.json (where it all comes from).

owners.csv says who holds what, as the return does not: person_key (the council's number of the child) or child_id
or case_id; officer_id; case_kind (plan, assessment; empty = both); since; pinned.
areas.csv: postcode_district (such as B23), area.

For example:
  caseload import sen2 extract --key council.key --officers officers.csv --owners owners.csv --out backlog
  caseload import sen2 sen2-return.xml --key council.key --officers officers.csv --out backlog")]
struct Sen2Args {
    /// Folder of a CSV export (Blade-Export_DD-MM-YYYY_person.csv and its like), or an XML return
    #[arg(value_name = "EXTRACT")]
    extract: PathBuf,
    /// The key for tokens: made on first use, readable by you alone. Keep it: with another, all tokens change
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Officers: officers.csv of a backlog
    #[arg(long, value_name = "FILE")]
    officers: PathBuf,
    /// Supervisors: supervisors.csv of a backlog. Without it waiting cases have no owner
    #[arg(long, value_name = "FILE")]
    supervisors: Option<PathBuf>,
    /// Who holds what: a CSV file. Without it nobody holds anything
    #[arg(long, value_name = "FILE")]
    owners: Option<PathBuf>,
    /// Areas by postcode district: a CSV file. Without it areas stay unknown, and any officer's will do
    #[arg(long, value_name = "FILE")]
    areas: Option<PathBuf>,
    /// The day of the backlog; if not given, that of the extract
    #[arg(long, value_name = "DATE")]
    as_at: Option<Date>,
    /// What day it is, to tell whether the extract is old; today if not given
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    /// What tokens are made from; if not given: native-id where the export has it, else person-table-id; of XML, upn
    #[arg(long, value_name = "FIELD")]
    token_from: Option<TokenFrom>,
    /// Stage catalogue: a shipped one, or a TOML file
    #[arg(long, value_name = "CATALOGUE", default_value = "send-england")]
    catalogue: String,
    /// How much is logged to standard error
    #[arg(long, value_name = "LEVEL", default_value = "warn", value_parser = log_level)]
    log_level: LogLevel,
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = "backlog")]
    out: PathBuf,
}

/// Fields that tokens can be made from.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TokenFrom {
    /// The council's own number
    NativeId,
    /// The number of the person in the export
    PersonTableId,
    /// The Unique Pupil Number, else the learner number
    Upn,
}

impl From<TokenFrom> for TokenSource {
    fn from(from: TokenFrom) -> Self {
        match from {
            TokenFrom::NativeId => Self::NativeId,
            TokenFrom::PersonTableId => Self::PersonTableId,
            TokenFrom::Upn => Self::Upn,
        }
    }
}

fn log_level(word: &str) -> Result<LogLevel, String> {
    LogLevel::from_word(word).ok_or_else(|| "write error, warn, info, debug or trace".to_owned())
}

pub(super) fn run(args: &ImportArgs) -> Outcome {
    match &args.source {
        Source::Sen2(args) => sen2(args),
    }
}

fn sen2(args: &Sen2Args) -> Outcome {
    telemetry::start(LogOptions { level: args.log_level, format: LogFormat::Text });
    let today = args.today.map_or_else(today, Ok)?;
    let working = Working::new();
    let unusable = |error| unusable_rules(&args.catalogue, "--catalogue ", &error);
    let catalogue = read_catalogue(&args.catalogue).map_err(unusable)?;
    let lists = [Some(&args.officers), args.supervisors.as_ref(), args.owners.as_ref(), args.areas.as_ref()];
    readable(lists.into_iter().flatten())?;
    exists(&args.extract)?;
    let key = read_or_make_key(&args.key, &args.out).map_err(|error| Failure::new(Code::Files, error.to_string()))?;
    working.phase("reading the extract");
    let options = Sen2Options {
        extract: args.extract.clone(),
        officers: args.officers.clone(),
        supervisors: args.supervisors.clone(),
        owners: args.owners.clone(),
        areas: args.areas.clone(),
        as_at: args.as_at,
        token_source: args.token_from.map(TokenSource::from),
    };
    let import = read_sen2(&options, &Tokeniser::new(&key.bytes), &catalogue, &catalogue.holidays())
        .map_err(|error| unusable_files(&error))?;
    working.phase("writing the files");
    let warning = age_warning(&import, today);
    let files_error = |error| Failure::from_error(Code::Files, &error);
    write_backlog(&args.out, &import.backlog).map_err(files_error)?;
    let record = record(&import, &catalogue, today, warning.clone());
    write_imported(&args.out, &import, &record).map_err(files_error)?;
    drop(working);
    output::say(&told(args, &import, &key, &catalogue, warning.as_deref()))?;
    Ok(Code::Fine)
}

/// A sentence for whatever is made from an old extract.
fn age_warning(import: &Sen2Import, today: Date) -> Option<String> {
    let Some(day) = import.extract_date else {
        return Some("the extract does not say when it was made: it may be old".to_owned());
    };
    let days = day.until((Unit::Day, today)).map_or(0, |span| span.get_days());
    let text = || {
        format!(
            "OLD DATA: the extract is of {day}, {days} days before {today}; cases opened or decided since are not as they are"
        )
    };
    (days > FRESH_DAYS).then(text)
}

fn record<'a>(
    import: &'a Sen2Import,
    catalogue: &'a Catalogue,
    today: Date,
    warning: Option<String>,
) -> ImportRecord<'a> {
    ImportRecord {
        program: concat!("caseload ", env!("CARGO_PKG_VERSION")),
        form: match import.form {
            Form::Csv => "csv",
            Form::Xml => "xml",
        },
        council_code: import.council_code.as_deref(),
        as_at: import.backlog.as_at,
        extract_date: import.extract_date,
        today,
        warning,
        token_made_from: import.token_source.title(),
        key_name: &import.key_name,
        catalogue: &catalogue.about.version,
        note: &catalogue.about.note,
        person_count: import.counts.persons,
        case_count: import.backlog.cases.len(),
        held_count: import.counts.held,
        undated_count: import.counts.undated,
        exempt_count: import.counts.exempt,
        rejects: import.rejects.counts().into_iter().map(|(code, count)| (code.name(), count)).collect(),
        more_reject_count: import.rejects.more_count(),
    }
}

/// What was read, what was wrong, and what to do with it.
fn told(args: &Sen2Args, import: &Sen2Import, key: &KeyFile, catalogue: &Catalogue, warning: Option<&str>) -> String {
    let counts = &import.counts;
    let number = |count: usize| grouped(count as i64);
    let mut text = String::new();
    if let Some(warning) = warning {
        text.push_str(&wrapped("", warning));
    }
    let council = import.council_code.as_deref().unwrap_or("(no code)");
    let _ = writeln!(
        text,
        "council {council}, as at {}: {} children and young people, {} open cases ({} plans, {} requests and assessments)",
        import.backlog.as_at,
        number(counts.persons),
        number(import.backlog.cases.len()),
        number(counts.plans),
        number(counts.assessments),
    );
    let _ = writeln!(
        text,
        "{} with an officer; {} without a due date, {} of them as an exemption lifts it",
        number(counts.held),
        number(counts.undated),
        number(counts.exempt)
    );
    let _ = writeln!(text, "tokens are made from {}, with key {}", import.token_source.title(), import.key_name);
    if key.is_new {
        let made = format!(
            "A NEW KEY was made: {}. Keep it safe and secret: only it gives the same children the same tokens again, and only it leads back.",
            args.key.display()
        );
        text.push_str(&wrapped("", &made));
    }
    let _ = writeln!(text, "({}, {})", catalogue.about.version, catalogue.about.note);
    for (count, what) in [
        (
            counts.phase_skill_left_out,
            "cases of children under 5 or over 15 ask for no skill: no officer has early-years, or post-16",
        ),
        (
            counts.unweighed_disputes,
            "cases have been to mediation or the tribunal; the return says no more, and the catalogue has no points for that",
        ),
    ] {
        if count > 0 {
            let _ = writeln!(text, "{} {what}", number(count));
        }
    }
    text.push_str(&rejects(import));
    let file = |name: &str| quoted(&args.out.join(name));
    let _ = write!(
        text,
        "written to {}\nTo allocate them:\n  caseload allocate --cases {} --officers {}{} --as-at {} --out result\n",
        args.out.display(),
        file("cases.csv"),
        file("officers.csv"),
        if args.supervisors.is_some() { format!(" --supervisors {}", file("supervisors.csv")) } else { String::new() },
        import.backlog.as_at,
    );
    text
}

fn rejects(import: &Sen2Import) -> String {
    let mut counts: Vec<(RejectCode, usize)> = import.rejects.counts().into_iter().collect();
    if counts.is_empty() {
        return "nothing was wrong with it\n".to_owned();
    }
    counts.sort_by_key(|&(code, count)| (code.action() != Action::Rejected, std::cmp::Reverse(count)));
    let of = |action: Action| {
        let matching = counts.iter().filter(|(code, _)| code.action() == action);
        grouped(matching.map(|(_, count)| *count as i64).sum())
    };
    let mut text = format!(
        "{} records left out and {} repaired, one by one in rejects.csv:\n",
        of(Action::Rejected),
        of(Action::Repaired)
    );
    for (code, count) in counts.iter().take(CODES_SHOWN) {
        let _ = writeln!(text, "  {:>7}  {} ({})", grouped(*count as i64), code.name(), code.action().word());
    }
    if counts.len() > CODES_SHOWN {
        let _ = writeln!(text, "  ... and {} more ways", counts.len() - CODES_SHOWN);
    }
    if import.rejects.more_count() > 0 {
        let _ = writeln!(text, "  {} more are not in the file", grouped(import.rejects.more_count() as i64));
    }
    text
}

/// An extract is there.
pub(super) fn exists(path: &Path) -> Result<(), Failure> {
    match path.exists() {
        true => Ok(()),
        false => {
            let message = format!("cannot read {}: there is no such file or folder", path.display());
            Err(Failure::new(Code::Files, message))
        }
    }
}

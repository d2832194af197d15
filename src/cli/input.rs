//! From file names on the command line to a problem, or to everything that is wrong with the files.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::{ToSpan as _, ZonedDateTime, civil::Date, tz::TimeZone};

use super::exit::{Code, Failure};
use super::files::extract_date;
use super::gap::GapSource;
use super::working::Working;
use crate::import::{
    BacklogFiles, BacklogPlaces, FRESH_DAYS, ImportError, ReadBacklog, Sense, read_backlog, read_catalogue, read_rules,
};
use crate::model::{Note, Problem, Rules, Violation, input_digest};
use crate::plan::Given;
use crate::statute::{Catalogue, Statute};

/// Most violations that are printed; a file with more is wrong as a whole.
const PRINTED_MAX: usize = 50;

#[derive(Debug, Args)]
pub(super) struct InputArgs {
    /// Open cases: a CSV file with a column case_id, and what else is known of them
    #[arg(long, value_name = "FILE", required_unless_present_any = ["format", "file"], conflicts_with = "format")]
    cases: Option<PathBuf>,
    /// Officers: a CSV file with a column officer_id, caps, areas, skills and dates
    #[arg(long, value_name = "FILE", required_unless_present_any = ["format", "file"], conflicts_with = "format")]
    officers: Option<PathBuf>,
    /// Supervisors, who own waiting cases: a CSV file. Without it waiting cases have no owner
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub(super) supervisors: Option<PathBuf>,
    /// Eligible pairs with their prices: a CSV file. Without it areas, skills, dates and bars say who may take what
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pairs: Option<PathBuf>,
    /// The allocation rules: `standard`, `plain` (pair costs and holding prices only), or a TOML file
    #[arg(long, value_name = "FILE|PRESET", default_value = "standard", conflicts_with = "format")]
    rules: String,
    /// The stage catalogue, which says of cases with a kind or stage what they weigh and when they are due: one that is shipped
    /// (`send-england`, `probation-england-wales`), or a TOML file
    #[arg(long, value_name = "FILE|NAME", default_value = "send-england", conflicts_with = "format")]
    catalogue: String,
    /// The day the allocation is made for, such as 2022-01-20; today if not given (of `check`: that of the answer)
    #[arg(long, value_name = "DATE", conflicts_with = "format")]
    as_at: Option<Date>,
    /// Read FILE, a published problem, instead of a backlog: `gap`, the OR-Library's generalised assignment problem
    #[arg(long, value_name = "FORMAT", requires = "file")]
    format: Option<Format>,
    /// With --format: the sense in which FILE is published; objective and bound are told in the same
    #[arg(long, value_name = "SENSE", default_value = "min", requires = "format")]
    sense: SenseArg,
    /// With --format: one instance (agents and jobs, costs and weights agent by agent, capacities)
    #[arg(value_name = "FILE", requires = "format")]
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A generalised assignment problem as the OR-Library publishes it
    Gap,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SenseArg {
    /// The least total cost is the best
    Min,
    /// The greatest total cost is the best
    Max,
}

/// What the arguments name: clap sees to it that it is one or the other.
pub(super) enum Source<'a> {
    /// Files of a backlog.
    Backlog(BacklogSource<'a>),
    /// A published instance.
    Gap(GapSource<'a>),
}

/// The files of a backlog, and what they are read with.
pub(super) struct BacklogSource<'a> {
    pub(super) cases: &'a Path,
    officers: &'a Path,
    args: &'a InputArgs,
}

/// What the files say, each by itself.
struct Unchecked {
    given: Given,
    places: BacklogPlaces,
    is_preset: bool,
    has_unnamed_supervisors: bool,
}

/// A problem, and what an answer must say of where it came from.
pub(super) struct Input {
    pub(super) problem: Problem,
    pub(super) digest: String,
    /// The rules are a preset as it stands: prices that nobody has calibrated.
    pub(super) is_preset: bool,
    /// Officers named supervisors, but no file of supervisors was given.
    pub(super) has_unnamed_supervisors: bool,
}

impl InputArgs {
    /// The files of a backlog, for what is about nothing else.
    pub(super) fn backlog(&self) -> Result<BacklogSource<'_>, Failure> {
        match self.source() {
            Source::Backlog(source) => Ok(source),
            Source::Gap(_) => {
                Err(Failure::new(Code::Usage, "this question is about a backlog: give --cases and --officers"))
            }
        }
    }

    /// What is to be read.
    pub(super) fn source(&self) -> Source<'_> {
        match (self.format, &self.file, &self.cases, &self.officers) {
            (Some(Format::Gap), Some(file), ..) => {
                let sense = match self.sense {
                    SenseArg::Min => Sense::Min,
                    SenseArg::Max => Sense::Max,
                };
                Source::Gap(GapSource { file, sense })
            }
            (_, _, Some(cases), Some(officers)) => Source::Backlog(BacklogSource { cases, officers, args: self }),
            _ => unreachable!("clap asks for --format and a file, or for --cases and --officers"),
        }
    }
}

impl BacklogSource<'_> {
    /// Reads and checks the files as at the day of the arguments, else as at `recorded`, else today.
    pub(super) fn read(&self, recorded: Option<Date>, working: &Working) -> Result<Input, Failure> {
        let Unchecked { given: Given { backlog, rules, statute }, places, is_preset, has_unnamed_supervisors } =
            self.read_unchecked(recorded, working)?;
        working.phase("checking the backlog");
        let digest = input_digest(&backlog, &rules);
        let note = old_extract(self.cases)?;
        let problem = statute.problem(backlog, rules).map_err(|error| violations(&error.violations, &places))?;
        let problem = problem.with_notes(note.into_iter().collect());
        Ok(Input { problem, digest, is_preset, has_unnamed_supervisors })
    }

    /// Reads and checks the files for questions about them, as at the day of the arguments, else today. Says so if they come from
    /// an old extract: whatever the answer, it is as old.
    pub(super) fn given(&self, working: &Working) -> Result<Given, Failure> {
        let Unchecked { given, places, .. } = self.read_unchecked(None, working)?;
        if let Some(note) = old_extract(self.cases)? {
            working.warn(&note.to_string());
        }
        working.phase("checking the backlog");
        given.problem().map_err(|error| violations(&error.violations, &places))?;
        Ok(given)
    }

    fn read_unchecked(&self, recorded: Option<Date>, working: &Working) -> Result<Unchecked, Failure> {
        let as_at = self.args.as_at.or(recorded).map_or_else(today, Ok)?;
        working.phase("reading the files");
        let mut rules = self.read_rules()?;
        let is_preset = [Rules::standard(), Rules::plain()].contains(&rules);
        let catalogue = self.read_catalogue(&rules)?;
        // Before the digest: the same input under another catalogue is another input.
        rules.catalogue = catalogue.stamp();
        let files = BacklogFiles {
            cases: self.cases.to_owned(),
            officers: self.officers.to_owned(),
            supervisors: self.args.supervisors.clone(),
            pairs: self.args.pairs.clone(),
        };
        let paths = [Some(&files.cases), Some(&files.officers), files.supervisors.as_ref(), files.pairs.as_ref()];
        readable(paths.into_iter().flatten())?;
        let ReadBacklog { mut backlog, places } =
            read_backlog(&files, as_at).map_err(|error| unusable_files(&error))?;
        let mut has_unnamed_supervisors = false;
        if self.args.supervisors.is_none() {
            // Who supervises whom matters only to who owns waiting cases, and nobody can.
            for officer in &mut backlog.officers {
                has_unnamed_supervisors |= officer.supervisor_id.take().is_some();
            }
        }
        let statute = Statute::of(catalogue);
        Ok(Unchecked { given: Given { backlog, rules, statute }, places, is_preset, has_unnamed_supervisors })
    }

    /// The one that the rules name, else the one of the arguments.
    fn read_catalogue(&self, rules: &Rules) -> Result<Catalogue, Failure> {
        let given = &self.args.catalogue;
        let own = read_catalogue(given).map_err(|error| unusable_rules(given, "--catalogue ", &error))?;
        own.named(&rules.catalogue).ok_or_else(|| {
            let message = format!(
                "the rules name catalogue `{}`, which is neither {given} nor shipped; give it with --catalogue",
                rules.catalogue
            );
            Failure::new(Code::Configuration, message)
        })
    }

    fn read_rules(&self) -> Result<Rules, Failure> {
        let rules = &self.args.rules;
        read_rules(rules).map_err(|error| unusable_rules(rules, "--rules ", &error))
    }
}

/// Whether the cases were imported from an extract that is old by now.
fn old_extract(cases: &Path) -> Result<Option<Note>, Failure> {
    let folder = cases.parent().unwrap_or(Path::new(""));
    let extract_date = extract_date(folder).map_err(|problem| Failure::new(Code::Data, problem))?;
    let fresh_from = today()?.saturating_sub(FRESH_DAYS.days());
    Ok(extract_date.filter(|day| *day < fresh_from).map(|extract_date| Note::OldExtract { extract_date }))
}

/// Today where the councils are.
pub(super) fn today() -> Result<Date, Failure> {
    let london = TimeZone::get("Europe/London").map_err(|error| {
        Failure::new(Code::Wrong, format!("cannot tell today's date: {error}; give the day with --as-at"))
    })?;
    Ok(ZonedDateTime::now().with_time_zone(london).date())
}

/// All files can be opened; else one failure that names each which cannot.
pub(super) fn readable<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<(), Failure> {
    let unreadable: Vec<_> = paths
        .filter_map(|path| {
            let problem = match File::open(path) {
                Ok(_) if path.is_dir() => "it is a folder".to_owned(),
                Ok(_) => return None,
                Err(error) => error.to_string(),
            };
            Some(format!("cannot read {}: {problem}; check the path and who may read it", path.display()))
        })
        .collect();
    if unreadable.is_empty() { Ok(()) } else { Err(Failure::new(Code::Files, unreadable.join("\n"))) }
}

pub(super) fn unusable_files(error: &ImportError) -> Failure {
    let sentences = error.errors.iter().map(ToString::to_string);
    listed("in the files", sentences, error.errors.len() + error.more_count)
}

/// Rules or a catalogue, by the name that was given: a file with faults, or nothing that could be found.
pub(super) fn unusable_rules(name: &str, option: &str, error: &ImportError) -> Failure {
    match Path::new(name).exists() {
        true => unusable_files(error),
        false => Failure::new(Code::Configuration, format!("{option}{error}")),
    }
}

fn violations(found: &[Violation], places: &BacklogPlaces) -> Failure {
    listed("in the files", found.iter().map(|violation| places.locate(violation)), found.len())
}

pub(super) fn listed(place: &str, sentences: impl Iterator<Item = String>, count: usize) -> Failure {
    let mut message = match count {
        1 => format!("1 violation {place}:"),
        count => format!("{count} violations {place}:"),
    };
    for sentence in sentences.take(PRINTED_MAX) {
        message.push_str(&format!("\n  {sentence}"));
    }
    if count > PRINTED_MAX {
        message.push_str(&format!("\n  ... and {} more", count - PRINTED_MAX));
    }
    Failure::new(Code::Data, message)
}

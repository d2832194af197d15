//! A council's own extract: the Department for Education's person-level SEN2 return, as CSV export or XML, to a backlog.
//!
//! Order of reading: header (council, day) -> persons, each at once reduced to a token, an age phase and an area -> their records
//! -> what is wrong between them (`cases`) -> weight, due dates, skills (`derive`) -> who holds what (`owners`). Identifying
//! values are looked at in `tables::Door` and nowhere else; names, sex, ethnicity and needs are not looked at at all.

mod cases;
mod derive;
mod export;
mod fields;
mod key;
mod labels;
mod owners;
mod records;
mod rejects;
mod row;
mod tables;
mod token;
mod xml;

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::csv::{read_officers, read_supervisors};
use super::error::{Errors, ImportError};
use super::table::file_name;
use crate::model::{Backlog, Case, CaseId, ChildId, Code, Officer, OfficerId, Supervisor};
use crate::statute::{Catalogue, Holidays};
pub use cases::CaseKind;
use cases::open_cases;
use derive::Deriver;
pub use derive::{Derived, Obligation};
use export::ExportFiles;
pub use fields::{Field, Module};
pub use key::{KeyError, KeyFile, read_key, read_or_make_key};
pub use labels::{Labels, Relabelled, read_labels, relabel};
use owners::Owners;
pub use rejects::{Action, REJECTS_MAX, Reject, RejectCode, Rejects};
use tables::{Door, Phase, Tables};
use token::KnownTokens;
pub use token::{TokenSource, Tokeniser};
use xml::Header;

/// Largest file that is read.
const FILE_BYTES_MAX: u64 = 16 << 30;
/// Days after which an extract is called old.
pub const FRESH_DAYS: i32 = 14;

/// What to read.
#[derive(Clone, Debug)]
pub struct Sen2Options {
    /// Folder of a CSV export, folder with one XML return, or an XML file.
    pub extract: PathBuf,
    /// Officers, as `officers.csv` of a backlog.
    pub officers: PathBuf,
    /// Supervisors, as `supervisors.csv` of a backlog; `None` = none, and officers' own are left out.
    pub supervisors: Option<PathBuf>,
    /// Who holds what; `None` = nobody holds anything.
    pub owners: Option<PathBuf>,
    /// Postcode districts and their areas; `None` = areas stay unknown.
    pub areas: Option<PathBuf>,
    /// The day of the backlog; `None` = the extract's own.
    pub as_at: Option<Date>,
    /// What tokens are made from; `None` = `NativeId` where the export has it, else `persontableid`; of XML, the pupil number.
    pub token_source: Option<TokenSource>,
}

/// Which form an extract has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// CSV files.
    Csv,
    /// One XML file.
    Xml,
}

/// Cases, what follows from the extract of each, and what was wrong with it.
#[derive(Clone, Debug)]
pub struct Sen2Import {
    /// Which form it was.
    pub form: Form,
    /// Code of the council in the header, which names the team.
    pub council_code: Option<String>,
    /// The day on which the extract was made, as far as it says.
    pub extract_date: Option<Date>,
    /// What tokens were made from.
    pub token_source: TokenSource,
    /// Name of the key that they were made with.
    pub key_name: String,
    /// The backlog.
    pub backlog: Backlog,
    /// What follows of each case of the backlog, in its order.
    pub derived: Vec<Arc<Derived>>,
    /// What was wrong.
    pub rejects: Rejects,
    /// Names of the files that rejects are about.
    pub files: BTreeMap<Module, String>,
    /// Counts for people.
    pub counts: Counts,
}

/// Counts of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Children and young people with a token, whether or not anything is open.
    pub persons: usize,
    /// Cases of plans.
    pub plans: usize,
    /// Cases of requests and assessments.
    pub assessments: usize,
    /// Cases of them that an officer holds.
    pub held: usize,
    /// Cases without a due date.
    pub undated: usize,
    /// Of these, cases whose limits an exemption lifts.
    pub exempt: usize,
    /// Cases of children under 5 and over 15 for whom no officer has the skill, which is therefore not asked for.
    pub phase_skill_left_out: usize,
    /// Cases that have been to mediation or the tribunal, and weigh no more for it.
    pub unweighed_disputes: usize,
}

/// Where an extract is, and what form it has.
enum Source {
    Csv(ExportFiles),
    Xml(PathBuf),
}

impl Source {
    fn find(path: &Path) -> Result<Self, String> {
        if !path.is_dir() {
            return Ok(Self::Xml(path.to_owned()));
        }
        if let Some(files) = ExportFiles::find(path)? {
            return Ok(Self::Csv(files));
        }
        let entries = fs::read_dir(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let mut returns: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml")))
            .collect();
        match (returns.pop(), returns.is_empty()) {
            (Some(path), true) => Ok(Self::Xml(path)),
            (Some(_), false) => Err(format!("{} has several XML files; name one of them", path.display())),
            (None, _) => Err(format!(
                "{} has neither Blade-Export_DD-MM-YYYY_person.csv and its like nor an XML return; give the folder of the extract",
                path.display()
            )),
        }
    }

    fn paths(&self) -> Vec<&PathBuf> {
        match self {
            Self::Csv(files) => Module::EXPORTED.into_iter().filter_map(|module| files.path(module)).collect(),
            Self::Xml(path) => vec![path],
        }
    }

    fn token_source(&self, wanted: Option<TokenSource>) -> io::Result<TokenSource> {
        Ok(match (wanted, self) {
            (Some(wanted), _) => wanted,
            (None, Self::Xml(_)) => TokenSource::Upn,
            (None, Self::Csv(files)) if files.has_person_column(Field::NativeId)? => TokenSource::NativeId,
            (None, Self::Csv(_)) => TokenSource::PersonTableId,
        })
    }

    fn header(&self, rejects: &mut Rejects) -> io::Result<Header> {
        match self {
            Self::Csv(files) => files.read_header(rejects),
            Self::Xml(path) => xml::read_header(open(path)?, rejects),
        }
    }

    fn tables(&self, door: &mut Door<'_>, rejects: &mut Rejects) -> io::Result<Tables> {
        match self {
            Self::Csv(files) => files.read(door, rejects),
            Self::Xml(path) => xml::read(open(path)?, door, rejects),
        }
    }
}

fn failure(path: &Path, message: String) -> ImportError {
    let mut errors = Errors::default();
    errors.push(&file_name(path), None, "", || message);
    errors.into_error()
}

fn open(path: &Path) -> io::Result<BufReader<File>> {
    let file = File::open(path)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display())))?;
    Ok(BufReader::with_capacity(1 << 18, file))
}

/// Reads an extract. Linear in its size; in memory, some hundred bytes a person.
///
/// What is wrong with single records never ends it: see [`Sen2Import::rejects`].
///
/// # Errors
/// No extract there, files that cannot be read, officers or supervisors that are wrong, no day to be found, a catalogue that
/// lacks a stage.
pub fn read_sen2(
    options: &Sen2Options,
    tokeniser: &Tokeniser,
    catalogue: &Catalogue,
    holidays: &Holidays,
) -> Result<Sen2Import, ImportError> {
    let source = Source::find(&options.extract).map_err(|message| failure(&options.extract, message))?;
    let place = match &source {
        Source::Csv(_) => &options.extract,
        Source::Xml(path) => path,
    };
    let failed = |message: String| failure(place, message);
    let unreadable = |error: io::Error| failed(error.to_string());
    let lists = [options.owners.as_ref(), options.areas.as_ref()];
    for path in source.paths().into_iter().chain(lists.into_iter().flatten()) {
        let bytes =
            fs::metadata(path).map_err(|error| failed(format!("cannot read {}: {error}", path.display())))?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(failed(format!("{} has {bytes} bytes; {FILE_BYTES_MAX} at most are read", path.display())));
        }
    }
    let (officers, supervisors) = team(options)?;

    let mut rejects = Rejects::default();
    let header = source.header(&mut rejects).map_err(unreadable)?;
    let export_day = match &source {
        Source::Csv(files) => files.day,
        Source::Xml(_) => None,
    };
    let Some(as_at) = options.as_at.or(header.reference_date).or(export_day) else {
        return Err(failed("the extract does not say of which day it is; give the day with --as-at".to_owned()));
    };
    let (areas, area_codes) = match &options.areas {
        Some(path) => owners::read_areas(path, &mut rejects).map(|(areas, codes)| (Some(areas), codes)),
        None => Ok((None, Vec::new())),
    }
    .map_err(unreadable)?;
    let token_source = source.token_source(options.token_source).map_err(unreadable)?;
    let mut door =
        Door { tokeniser, source: token_source, as_at, areas: areas.as_ref(), known: KnownTokens::default() };
    let tables = source.tables(&mut door, &mut rejects).map_err(unreadable)?;
    let known = door.known;

    let mut deriver = Deriver::new(catalogue, holidays, as_at);
    let officer_ids: HashSet<OfficerId> = officers.iter().map(|officer| officer.id.clone()).collect();
    let mut counts = Counts { persons: tables.persons.len(), ..Counts::default() };
    let phase_skills = PhaseSkills::of(&officers);
    let mut cases: Vec<Case> = Vec::with_capacity(tables.persons.len());
    let mut derived = Vec::with_capacity(tables.persons.len());
    let mut who: Vec<(u32, CaseKind)> = Vec::with_capacity(tables.persons.len());
    let mut has_case = vec![[false; 2]; tables.persons.len()];
    let mut open_now = Vec::new();
    for (position, person) in (0_u32..).zip(&tables.persons) {
        open_cases(&tables, position, as_at, &mut rejects, &mut open_now);
        for open in open_now.drain(..) {
            let follows = deriver.derive(open.facts).map_err(|error| failed(error.to_string()))?;
            let token = person.token.to_string();
            let mut case = Case::new(CaseId::new(format!("{token}-{}", open.kind.name())));
            case.child_id = Some(ChildId::new(token));
            case.kind = Some(Code::new(open.kind.name()));
            case.stage = Some(follows.stage.clone());
            case.weight_points = Some(follows.weight_points);
            case.due_date = follows.due_date;
            case.skills = follows.skills.clone();
            case.skills.extend(phase_skills.skill(open.phase, &mut counts).cloned());
            case.area = person.area.map(|area| area_codes[usize::from(area)].clone());
            case.setting_code = (open.urn > 0).then(|| Code::new(format!("urn-{}", open.urn)));
            case.waiting_since = open.received;
            count(&mut counts, open.kind, &follows);
            has_case[position as usize][open.kind as usize] = true;
            who.push((position, open.kind));
            cases.push(case);
            derived.push(follows);
        }
    }
    drop(tables);
    if let Some(path) = &options.owners {
        let owners = Owners {
            tokeniser,
            source: token_source,
            as_at,
            officers: &officer_ids,
            known: &known,
            has_case: &has_case,
        };
        let held = owners.read(path, &mut rejects).map_err(unreadable)?;
        for (case, who) in cases.iter_mut().zip(&who) {
            if let Some(owner) = held.get(who) {
                case.current_officer_id = Some(owner.officer.clone());
                case.held_since = owner.since;
                case.pinned = owner.is_pinned;
                case.waiting_since = None;
                counts.held += 1;
            }
        }
    }
    rejects.sort();
    tracing::debug!(
        persons = counts.persons,
        cases = cases.len(),
        rejects = rejects.kept().len() + rejects.more_count(),
        "read a SEN2 extract"
    );
    Ok(Sen2Import {
        form: if matches!(source, Source::Csv(_)) { Form::Csv } else { Form::Xml },
        council_code: header.lea,
        extract_date: export_day.or(header.reference_date),
        token_source,
        key_name: tokeniser.key_name(),
        backlog: Backlog { as_at, cases, officers, supervisors, pairs: None },
        derived,
        files: file_names(&source, options),
        rejects,
        counts,
    })
}

/// Officers and supervisors, as far as they can be read; what they mean together is checked when they are allocated to.
fn team(options: &Sen2Options) -> Result<(Vec<Officer>, Vec<Supervisor>), ImportError> {
    let mut errors = Errors::default();
    let (mut officers, _) = read_officers(&options.officers, &mut errors);
    let supervisors = options.supervisors.as_ref().map(|path| read_supervisors(path, &mut errors).0);
    if supervisors.is_none() {
        officers.iter_mut().for_each(|officer| officer.supervisor_id = None);
    }
    errors.into_result((officers, supervisors.unwrap_or_default()))
}

fn file_names(source: &Source, options: &Sen2Options) -> BTreeMap<Module, String> {
    let mut names = BTreeMap::new();
    for module in Module::EXPORTED {
        let name = match source {
            Source::Csv(files) => files.path(module).map(|path| file_name(path)),
            Source::Xml(path) => Some(file_name(path)),
        };
        names.insert(module, name.unwrap_or_else(|| format!("({} is missing)", module.name())));
    }
    for (module, path) in [(Module::Owners, &options.owners), (Module::Areas, &options.areas)] {
        names.extend(path.as_ref().map(|path| (module, file_name(path))));
    }
    names
}

fn count(counts: &mut Counts, kind: CaseKind, follows: &Derived) {
    match kind {
        CaseKind::Plan => counts.plans += 1,
        CaseKind::Assessment => counts.assessments += 1,
    }
    if follows.due_date.is_none() {
        counts.undated += 1;
        counts.exempt += usize::from(!follows.obligations.is_empty());
    }
    counts.unweighed_disputes += usize::from(follows.has_unweighed_dispute);
}

/// Skills for the youngest and the oldest, asked for only where some officer has them.
struct PhaseSkills {
    early_years: (Code, bool),
    post_16: (Code, bool),
}

impl PhaseSkills {
    fn of(officers: &[Officer]) -> Self {
        let with = |code: &str| {
            let code = Code::from(code);
            let is_there = officers.iter().any(|officer| officer.skills.contains(&code));
            (code, is_there)
        };
        Self { early_years: with("early-years"), post_16: with("post-16") }
    }

    fn skill(&self, phase: Option<Phase>, counts: &mut Counts) -> Option<&Code> {
        let (code, is_there) = match phase? {
            Phase::EarlyYears => &self.early_years,
            Phase::Post16 => &self.post_16,
            Phase::School => return None,
        };
        counts.phase_skill_left_out += usize::from(!is_there);
        is_there.then_some(code)
    }
}

//! The CSV export: a file a module, whose rows are joined by table ids.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::fields::{Field, Module};
use super::records::Records;
use super::rejects::{RejectCode, Rejects};
use super::row::Row;
use super::tables::{Door, Tables};
use super::xml::Header;

/// Bytes read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Positions of records by table id; `None` = a record that another of the same id, or its parent, keeps out.
type Ids = HashMap<Box<[u8]>, u32>;

/// The files of an export in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExportFiles {
    files: Vec<(Module, PathBuf)>,
    /// The day on which it was made, by its file names.
    pub(super) day: Option<Date>,
}

impl ExportFiles {
    /// The export in a folder: `Blade-Export_DD-MM-YYYY_person.csv` and its like. `None` = there is none.
    ///
    /// # Errors
    /// A folder that cannot be read, or that has exports of several days.
    pub(super) fn find(folder: &Path) -> Result<Option<Self>, String> {
        let unreadable = |error: io::Error| format!("cannot read {}: {error}", folder.display());
        let mut found: Vec<(Option<Date>, Module, PathBuf)> = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            let Some(rest) = name.strip_suffix(".csv").and_then(|name| name.strip_prefix("blade-export_")) else {
                continue;
            };
            let Some((day, module)) = rest.rsplit_once('_') else { continue };
            if let Some(module) = Module::EXPORTED.into_iter().find(|known| known.name() == module) {
                found.push((super::row::parse_date(day.replace('-', "/").as_bytes()), module, path));
            }
        }
        let Some(day) = found.first().map(|(day, ..)| *day) else { return Ok(None) };
        if found.iter().any(|(other, ..)| *other != day) {
            return Err(format!("{} has exports of several days; leave one in it", folder.display()));
        }
        Ok(Some(Self { files: found.into_iter().map(|(_, module, path)| (module, path)).collect(), day }))
    }

    /// Path of a module's file.
    pub(super) fn path(&self, module: Module) -> Option<&PathBuf> {
        self.files.iter().find(|(known, _)| *known == module).map(|(_, path)| path)
    }

    fn open(&self, module: Module, rejects: &mut Rejects) -> io::Result<Option<Records<BufReader<File>>>> {
        let Some(path) = self.path(module) else {
            rejects.push(module, 0, None, RejectCode::FileMissing);
            return Ok(None);
        };
        open_records(module, path, rejects)
    }

    /// The header of the return.
    pub(super) fn read_header(&self, rejects: &mut Rejects) -> io::Result<Header> {
        let mut header = Header::default();
        if let Some(mut records) = self.open(Module::Header, rejects)?
            && let Some(row) = records.next(rejects)?
        {
            header.read(&row, rejects);
        }
        Ok(header)
    }

    /// The person file has a column of that name.
    pub(super) fn has_person_column(&self, field: Field) -> io::Result<bool> {
        let records = self.open(Module::Person, &mut Rejects::default())?;
        Ok(records.is_some_and(|records| records.has(field)))
    }

    /// Every person, with the position it has been given.
    pub(super) fn read_persons(
        &self,
        rejects: &mut Rejects,
        mut each: impl FnMut(&Row<'_>, &mut Rejects),
    ) -> io::Result<()> {
        let Some(mut records) = self.open(Module::Person, rejects)? else { return Ok(()) };
        while let Some(row) = records.next(rejects)? {
            each(&row, rejects);
        }
        Ok(())
    }

    /// All modules, parents first.
    pub(super) fn read(&self, door: &mut Door<'_>, rejects: &mut Rejects) -> io::Result<Tables> {
        let mut tables = Tables::default();
        let mut persons = Ids::new();
        self.read_persons(rejects, |row, rejects| {
            if let Some(id) = new_id(row, &persons, rejects) {
                let id = Box::from(id);
                if let Some(person) = door.admit(row, &mut tables, rejects) {
                    persons.insert(id, person);
                }
            }
        })?;
        let requests = self.children(Module::Requests, &persons, &mut tables, rejects)?;
        drop(persons);
        let assessments = self.children(Module::Assessment, &requests, &mut tables, rejects)?;
        self.children(Module::NamedPlan, &assessments, &mut tables, rejects)?;
        drop(assessments);
        let active_plans = self.children(Module::ActivePlans, &requests, &mut tables, rejects)?;
        drop(requests);
        self.children(Module::PlacementDetail, &active_plans, &mut tables, rejects)?;
        tables.sort();
        Ok(tables)
    }

    /// The rows of a module, each below the record that it names.
    fn children(&self, module: Module, parents: &Ids, tables: &mut Tables, rejects: &mut Rejects) -> io::Result<Ids> {
        let mut ids = Ids::new();
        let Some(mut records) = self.open(module, rejects)? else { return Ok(ids) };
        let (_, parent_field) = module.parent().expect("only persons have no parent");
        while let Some(row) = records.next(rejects)? {
            let id = match module.table_id() {
                Some(_) => match new_id(&row, &ids, rejects) {
                    Some(id) => Some(id),
                    None => continue,
                },
                None => None,
            };
            let Some(&parent) = parents.get(row.value(parent_field)) else {
                row.reject(Some(parent_field), RejectCode::Orphan, rejects);
                continue;
            };
            let position = tables.reserve(module);
            tables.fill(position, parent, &row, rejects);
            if let Some(id) = id {
                ids.insert(Box::from(id), position);
            }
        }
        Ok(ids)
    }
}

/// The table id of a row, if it has one that no other row of the file has.
fn new_id<'r>(row: &'r Row<'_>, known: &Ids, rejects: &mut Rejects) -> Option<&'r [u8]> {
    let field = row.module.table_id()?;
    let id = row.value(field);
    let code = match () {
        () if id.is_empty() => RejectCode::IdMissing,
        () if known.contains_key(id) => RejectCode::IdTwice,
        () => return Some(id),
    };
    row.reject(Some(field), code, rejects);
    None
}

/// Opens a CSV file of that module.
pub(super) fn open_records(
    module: Module,
    path: &Path,
    rejects: &mut Rejects,
) -> io::Result<Option<Records<BufReader<File>>>> {
    let in_file = |error: io::Error| io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display()));
    let file = File::open(path).map_err(in_file)?;
    Records::open(module, BufReader::with_capacity(BUFFER_BYTES, file), rejects).map_err(in_file)
}

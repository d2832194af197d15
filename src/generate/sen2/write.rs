//! The two forms of a return, the lists beside it, and what an import must report of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use jiff::civil::Date;

use super::child::Child;
use super::flaws::OwnerFlaw;
use super::record::{Damage, Record, Sen2Module, Value, records};
use super::{ExpectedReject, Sen2Council};

/// More than a record may have.
const LONG_CELL_BYTES: usize = 70_000;

/// Which form a return has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sen2Form {
    /// CSV files, joined by table ids.
    Csv,
    /// One XML file.
    Xml,
}

impl Sen2Council {
    /// Name of a module's file in the CSV export.
    #[must_use]
    pub fn csv_name(&self, module: Sen2Module) -> String {
        let day = self.as_at;
        format!("Blade-Export_{:02}-{:02}-{:04}_{}.csv", day.day(), day.month(), day.year(), module.name())
    }

    /// Writes a module of the CSV export.
    ///
    /// # Errors
    /// What the writer answers with.
    pub fn write_csv(&self, module: Sen2Module, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(csv_header(module).as_bytes())?;
        self.write_csv_rows(module, out)
    }

    /// Writes the rows of a module without its header, as further rows of a file.
    ///
    /// # Errors
    /// What the writer answers with.
    pub fn write_csv_rows(&self, module: Sen2Module, out: &mut dyn Write) -> io::Result<()> {
        let mut line = Vec::new();
        if module == Sen2Module::Header {
            csv_row(&mut line, &self.header(), Ids { own: 1, parent: None }, 1);
            return out.write_all(&line);
        }
        for child in &self.children {
            for (record, ids) in rows(&self.person(child, Sen2Form::Csv), child, module) {
                line.clear();
                csv_row(&mut line, &record, ids, 1);
                out.write_all(&line)?;
            }
        }
        Ok(())
    }

    /// Writes the XML return.
    ///
    /// # Errors
    /// What the writer answers with.
    pub fn write_xml(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Message>\n".to_owned();
        xml_element(&mut text, &self.header(), 1);
        text.push_str("  <Persons>\n");
        out.write_all(text.as_bytes())?;
        for child in &self.children {
            text.clear();
            let person = self.person(child, Sen2Form::Xml);
            xml_element(&mut text, &person, 2);
            if is_twice(child, Sen2Form::Xml) {
                xml_element(&mut text, &person.alone(), 2);
            }
            out.write_all(text.as_bytes())?;
        }
        out.write_all(b"  </Persons>\n</Message>\n")
    }

    /// Writes who holds what, by the number that tokens are made from in that form.
    ///
    /// # Errors
    /// What the writer answers with.
    pub fn write_owners(&self, form: Sen2Form, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"person_key,case_kind,officer_id,since,pinned\n")?;
        for child in &self.children {
            for row in owner_rows(child, form, self.as_at) {
                writeln!(out, "{}", row.join(","))?;
            }
        }
        Ok(())
    }

    /// Writes the areas of the postcode districts.
    ///
    /// # Errors
    /// What the writer answers with.
    pub fn write_areas(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"postcode_district,area\n")?;
        let areas: std::collections::BTreeSet<&str> = self.children.iter().map(|child| child.area.as_str()).collect();
        for area in areas {
            let number: u32 = area.trim_start_matches("area-").parse().unwrap_or(0);
            writeln!(out, "ZQ{number},{area}")?;
        }
        Ok(())
    }

    /// Everything that an import must report of that form, each once, in order.
    #[must_use]
    pub fn expected_rejects(&self, form: Sen2Form) -> Vec<ExpectedReject> {
        let mut expected = Vec::new();
        let mut before: BTreeMap<Sen2Module, usize> = BTreeMap::new();
        let mut owner_line = 2;
        let short = |count: usize| u32::try_from(count).expect("fewer than 2^32 rows");
        for child in &self.children {
            let person = self.person(child, form);
            let at = |module: Sen2Module, nth: usize| {
                let (first, module) = if form == Sen2Form::Csv { (2, module) } else { (1, Sen2Module::Person) };
                let nth = if form == Sen2Form::Csv || nth == 0 || is_twice(child, form) { nth } else { 0 };
                short(before.get(&module).copied().unwrap_or(0) + first + nth)
            };
            let flaw = child.flaw.filter(|flaw| flaw.is_of(form));
            for &(module, nth, field, code) in flaw.iter().flat_map(|flaw| flaw.expected) {
                expected.push(ExpectedReject { module: module.name(), at: at(module, nth), field, code });
            }
            if let (Some(top), Sen2Form::Csv) = (flaw.and_then(|flaw| flaw.orphans), form) {
                for (module, field) in [
                    (Sen2Module::Requests, "persontableid"),
                    (Sen2Module::Assessment, "requeststableid"),
                    (Sen2Module::NamedPlan, "assessmenttableid"),
                    (Sen2Module::ActivePlans, "requeststableid"),
                    (Sen2Module::PlacementDetail, "activeplanstableid"),
                ] {
                    let is_below = module > top && (top == Sen2Module::Person || module.parent() == Some(top));
                    let count = if is_below { rows(&person, child, module).len() } else { 0 };
                    let orphans = (0..count).map(|nth| at(module, nth));
                    expected.extend(orphans.map(|at| ExpectedReject {
                        module: module.name(),
                        at,
                        field,
                        code: "orphan",
                    }));
                }
            }
            let owner_rows = owner_rows(child, form, self.as_at).len();
            let owner = |field, code, row: usize| {
                let at = short(owner_line + row);
                ExpectedReject { module: "owners", at, field, code }
            };
            if owner_rows > 0 && flaw.is_some_and(|flaw| flaw.loses_case) {
                expected.push(owner("person_key", "owner-unknown-person", 0));
            }
            if let Some(flaw) = flaw.and_then(|flaw| flaw.owner) {
                let (field, code) = flaw.expected();
                expected.push(owner(field, code, owner_rows - 1));
            }
            owner_line += owner_rows;
            for module in Sen2Module::ALL {
                *before.entry(module).or_default() += rows(&person, child, module).len();
            }
        }
        expected.sort();
        expected.dedup();
        expected
    }

    fn header(&self) -> Record {
        Record::new(Sen2Module::Header)
            .text("Collection", "SEN2")
            .text("Year", self.as_at.year().to_string())
            .date("ReferenceDate", self.as_at)
            .text("SourceLevel", "L")
            .text("SoftwareCode", "invented")
            .text("SerialNo", "1")
            .text("LEA", &*self.council_code)
    }

    /// The records of a child as they are written: broken, if they are.
    fn person(&self, child: &Child, form: Sen2Form) -> Record {
        let mut person = records(child);
        if let Some(flaw) = child.flaw {
            flaw.break_in(form, &mut person, child, self.as_at);
        }
        person
    }
}

fn is_twice(child: &Child, form: Sen2Form) -> bool {
    child.flaw.is_some_and(|flaw| flaw.is_twice && flaw.is_of(form))
}

/// The rows of a child's owner: one, none, or two.
fn owner_rows(child: &Child, form: Sen2Form, as_at: Date) -> Vec<[String; 5]> {
    let Some(officer) = &child.officer else { return Vec::new() };
    let key = if form == Sen2Form::Csv { child.native_id() } else { child.upn() };
    let since = child.held_since.map_or_else(String::new, |since| since.to_string());
    let row = [key, String::new(), officer.to_string(), since, "no".to_owned()];
    let mut rows = vec![row];
    match child.flaw.filter(|flaw| flaw.is_of(form)).and_then(|flaw| flaw.owner) {
        None => {}
        Some(OwnerFlaw::UnknownPerson) => rows[0][0] = "nobody".to_owned(),
        Some(OwnerFlaw::UnknownOfficer) => rows[0][2] = "officer-unknown".to_owned(),
        Some(OwnerFlaw::NoOfficer) => rows[0][2].clear(),
        Some(OwnerFlaw::Twice) => rows.push(rows[0].clone()),
        Some(OwnerFlaw::UnknownKind) => rows[0][1] = "complaint".to_owned(),
        Some(OwnerFlaw::Future) => rows[0][3] = as_at.tomorrow().unwrap_or(as_at).to_string(),
    }
    rows
}

/// Table ids of a row.
#[derive(Clone, Copy)]
struct Ids {
    own: u64,
    parent: Option<u64>,
}

/// The rows of a module that a child has.
fn rows(person: &Record, child: &Child, module: Sen2Module) -> Vec<(Record, Ids)> {
    let mut found = Vec::new();
    let mut counts = BTreeMap::new();
    collect(person, child.number, None, module, &mut counts, &mut found);
    if module == Sen2Module::Person && child.flaw.is_some_and(|flaw| flaw.is_twice) {
        let (record, ids) = found[0].clone();
        found.push((record, Ids { own: ids.own + 1, ..ids }));
    }
    found
}

fn collect(
    record: &Record,
    number: u32,
    parent: Option<u64>,
    module: Sen2Module,
    counts: &mut BTreeMap<Sen2Module, u64>,
    found: &mut Vec<(Record, Ids)>,
) {
    let nth = counts.entry(record.module).or_default();
    let own = u64::from(number) * 10 + *nth;
    *nth += 1;
    if record.module == module {
        found.push((record.alone(), Ids { own, parent: parent.or(Some(1)) }));
    }
    for child in &record.children {
        collect(child, number, Some(own), module, counts, found);
    }
}

fn csv_header(module: Sen2Module) -> String {
    let name = module.name();
    let mut header = format!("{name}tableid,NativeId,{name}orderseqcolumn,sourceid");
    if let Some(parent) = module.parent() {
        let _ = write!(header, ",{}tableid", parent.name());
    }
    for field in module.fields() {
        let _ = write!(header, ",{}", field.to_lowercase());
    }
    header.push('\n');
    header
}

/// No value has a comma, a quotation mark or a line break in it, but those that are broken on purpose.
fn csv_row(line: &mut Vec<u8>, record: &Record, ids: Ids, order: usize) {
    let text = |value: Option<&Value>| match value {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Date(date)) => date.strftime("%Y-%b-%d 00:00:00").to_string(),
    };
    let own = match record.damage {
        Some(Damage::NoId) => String::new(),
        Some(Damage::SameId) => (ids.own - 1).to_string(),
        Some(Damage::OpenQuote) => format!("\"{}", ids.own),
        _ => ids.own.to_string(),
    };
    let mut cells = vec![own, text(record.get("NativeId")), order.to_string(), "1".to_owned()];
    if record.module.parent().is_some() {
        let parent = if record.damage == Some(Damage::NoParent) { Some(0) } else { ids.parent };
        cells.push(parent.map_or_else(String::new, |id| id.to_string()));
    }
    cells.extend(record.module.fields().iter().map(|field| text(record.get(field))));
    match record.damage {
        Some(Damage::ExtraCell) => cells.push("Plantedname".to_owned()),
        Some(Damage::LongCell) => cells.push("Plantedname".repeat(LONG_CELL_BYTES / 11 + 1)),
        _ => {}
    }
    line.extend_from_slice(cells.join(",").as_bytes());
    if record.damage == Some(Damage::Latin1)
        && let Some(at) = line.windows(11).position(|word| word == b"Plantedname")
    {
        // A letter of Windows-1252 in the name.
        line.splice(at + 11..at + 11, [0xe9]);
    }
    line.push(b'\n');
}

fn xml_element(text: &mut String, record: &Record, depth: usize) {
    let (indent, name) = ("  ".repeat(depth), record.module.element());
    let _ = writeln!(text, "{indent}<{name}>");
    for field in record.module.fields() {
        let value = match record.get(field) {
            None => continue,
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Date(date)) => date.to_string(),
        };
        let is_broken = |damage: Damage, place: &str| record.damage == Some(damage) && *field == place;
        let value = if is_broken(Damage::Entity, "Surname") { format!("{value}&bomb;") } else { value };
        let end = if is_broken(Damage::WrongEnd, "RYA") { "RequestRYA" } else { field };
        let _ = writeln!(text, "{indent}  <{field}>{value}</{end}>");
    }
    for child in &record.children {
        xml_element(text, child, depth + 1);
    }
    let _ = writeln!(text, "{indent}</{name}>");
}

//! An invented SEN2 return as files, with the lists that go with it.

use std::path::Path;

use super::backlog::write_team;
use super::folder::{Folder, WriteError};
use crate::generate::{Sen2Council, Sen2Form, Sen2Module};

/// Name of the XML file.
const XML_FILE: &str = "sen2-return.xml";

/// Writes the return in that form, and `officers.csv`, `supervisors.csv`, `owners.csv`, `areas.csv`. Of the other form's files none
/// stays in the folder, so that there is one extract in it.
///
/// # Errors
/// A file that cannot be written. Then the folder holds what it held.
pub fn write_sen2(folder: &Path, council: &Sen2Council, form: Sen2Form) -> Result<(), WriteError> {
    let mut files = Folder::create(folder)?;
    let names: Vec<(Sen2Module, String)> =
        Sen2Module::ALL.into_iter().map(|module| (module, council.csv_name(module))).collect();
    match form {
        Sen2Form::Csv => {
            for (module, name) in &names {
                files.write(name, |out| council.write_csv(*module, out))?;
            }
        }
        Sen2Form::Xml => files.write(XML_FILE, |out| council.write_xml(out))?,
    }
    write_team(&mut files, &council.backlog)?;
    files.write("owners.csv", |out| council.write_owners(form, out))?;
    files.write("areas.csv", |out| council.write_areas(out))?;
    match form {
        Sen2Form::Csv => files.commit(&[XML_FILE]),
        Sen2Form::Xml => files.commit(&names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>()),
    }
}

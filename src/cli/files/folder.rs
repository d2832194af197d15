//! Several files written to one folder as one step, as far as a file system allows.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

/// Bytes written at once.
const BUFFER_BYTES: usize = 1 << 18;

/// A file or folder that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct WriteError {
    /// What was to be written.
    pub path: PathBuf,
    /// Why it could not be.
    #[source]
    pub source: io::Error,
}

/// Writes one file as a whole: it has its name when it is complete and on disk. Its folder is made where it is not there.
///
/// # Errors
/// A file that cannot be written, or whatever `content` answers with. Then a file of that name is as it was.
pub fn write_file(path: &Path, content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), WriteError> {
    let error = |source| WriteError { path: path.to_owned(), source };
    let name = path.file_name().ok_or_else(|| error(io::ErrorKind::IsADirectory.into()))?;
    let name = name.to_str().ok_or_else(|| error(io::ErrorKind::InvalidFilename.into()))?;
    // The path of a bare name has an empty parent.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files = Folder::create(folder)?;
    files.write(name, content)?;
    files.commit(&[])
}

/// Files on their way into a folder: each is written and flushed to disk under a temporary name, and all get their
/// names at the end. Dropped before that, nothing has changed but that the folder exists.
pub(super) struct Folder {
    path: PathBuf,
    /// (temporary name, name), in the order of writing.
    pending: Vec<(PathBuf, PathBuf)>,
}

impl Folder {
    /// The folder, made where it is not there yet.
    pub(super) fn create(path: &Path) -> Result<Self, WriteError> {
        fs::create_dir_all(path).map_err(|source| WriteError { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), pending: Vec::new() })
    }

    /// Writes one file under a temporary name.
    pub(super) fn write(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let path = self.path.join(name);
        // The process id keeps two that write to one folder at the same time from mixing their bytes.
        let temporary = self.path.join(format!(".{name}.{}.partial", std::process::id()));
        self.pending.push((temporary.clone(), path.clone()));
        let write = || {
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, File::create(&temporary)?);
            content(&mut out)?;
            out.flush()?;
            out.get_ref().sync_all()
        };
        write().map_err(|source| WriteError { path, source })
    }

    /// Takes the stale files away, then gives the written ones their names, in the order of writing.
    pub(super) fn commit(mut self, stale: &[&str]) -> Result<(), WriteError> {
        for name in stale {
            let path = self.path.join(name);
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(WriteError { path, source }),
                _ => {}
            }
        }
        while let Some((temporary, path)) = self.pending.first().cloned() {
            fs::rename(&temporary, &path).map_err(|source| WriteError { path, source })?;
            self.pending.remove(0);
        }
        // The names themselves must be on disk too.
        File::open(&self.path)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| WriteError { path: self.path.clone(), source })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for (temporary, _) in &self.pending {
            // Best effort: the error that led here is the one to report.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Writes rows of cells, without an allocation a cell.
pub(super) struct Rows<'o> {
    csv: csv::Writer<&'o mut BufWriter<File>>,
    cell: String,
}

impl<'o> Rows<'o> {
    /// Starts with the header.
    pub(super) fn new<'n>(out: &'o mut BufWriter<File>, header: impl IntoIterator<Item = &'n str>) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(header)?;
        Ok(Self { csv, cell: String::new() })
    }

    /// A value. One that would not read back as it is (empty, with white space around it or a line break in it) is
    /// refused.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() || text.trim() != text || text.contains('\n') {
            return Err(unwritable(text, "is empty, has white space around it or a line break in it"));
        }
        Ok(self.csv.write_field(text)?)
    }

    /// A value, or nothing.
    pub(super) fn optional(&mut self, text: Option<&str>) -> io::Result<()> {
        match text {
            Some(text) => self.text(text),
            None => Ok(self.csv.write_field("")?),
        }
    }

    /// A number, or nothing.
    pub(super) fn integer(&mut self, value: Option<i64>) -> io::Result<()> {
        self.shown(value)
    }

    /// A date, or nothing.
    pub(super) fn date(&mut self, date: Option<Date>) -> io::Result<()> {
        self.shown(date)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, flag: bool) -> io::Result<()> {
        Ok(self.csv.write_field(if flag { "true" } else { "false" })?)
    }

    /// Values separated by `;`.
    pub(super) fn list<'n>(&mut self, parts: impl IntoIterator<Item = &'n str>) -> io::Result<()> {
        self.cell.clear();
        for part in parts {
            if part.is_empty() || part.trim() != part || part.contains([';', '\n']) {
                return Err(unwritable(
                    part,
                    "is empty, has white space around it, or a semicolon or line break in it",
                ));
            }
            if !self.cell.is_empty() {
                self.cell.push(';');
            }
            self.cell.push_str(part);
        }
        Ok(self.csv.write_field(&self.cell)?)
    }

    /// Values with a text form of their own, separated by `;`.
    pub(super) fn shown_list<T: ToString>(&mut self, parts: &[T]) -> io::Result<()> {
        let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        self.list(parts.iter().map(String::as_str))
    }

    /// Ends the row.
    pub(super) fn end_row(&mut self) -> io::Result<()> {
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.csv.flush()
    }

    fn shown<T: std::fmt::Display>(&mut self, value: Option<T>) -> io::Result<()> {
        use std::fmt::Write as _;
        self.cell.clear();
        if let Some(value) = value {
            write!(self.cell, "{value}").expect("writing to a string cannot fail");
        }
        Ok(self.csv.write_field(&self.cell)?)
    }
}

fn unwritable(value: &str, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{value:?} {why}, and would not read back as it is"))
}

//! The key file: 32 bytes of the operating system's randomness, in hexadecimal, readable by its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of a key, and least bytes of one that was made elsewhere.
const KEY_BYTES: usize = 32;
/// Largest key file.
const KEY_FILE_BYTES_MAX: u64 = 4_096;

/// A key as it was read or made.
pub struct KeyFile {
    /// The key.
    pub bytes: Vec<u8>,
    /// It was made now.
    pub is_new: bool,
}

impl std::fmt::Debug for KeyFile {
    /// Nothing of the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyFile {{ is_new: {} }}", self.is_new)
    }
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It would be given away with what it protects.
    #[error("the key file {} is inside the output folder {}; keep it elsewhere, where only the council can read it", key.display(), folder.display())]
    InsideOutput {
        /// The key file.
        key: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// It cannot be read, or made.
    #[error("cannot {what} the key file {}: {source}", key.display())]
    Unusable {
        /// The key file.
        key: PathBuf,
        /// `read` or `make`.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Too short, or too long, for a key.
    #[error("the key file {} holds no key: {found} bytes, where {KEY_BYTES} to {KEY_FILE_BYTES_MAX} are needed; give another, or take it away to have one made (then all tokens change)", key.display())]
    BadLength {
        /// The key file.
        key: PathBuf,
        /// Bytes found.
        found: u64,
    },
    /// Others can read it.
    #[error("the key file {} can be read by others (mode {mode:o}); run: chmod 600 {}", key.display(), key.display())]
    Open {
        /// The key file.
        key: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not there, where it must be.
    #[error("there is no key file {}; give the one that the tokens were made with", key.display())]
    Missing {
        /// The key file.
        key: PathBuf,
    },
}

/// Reads the key, or makes one where there is no such file. `output` = a folder that it must not be in.
///
/// # Errors
/// A file that cannot be read or made, is no key, is readable by others or inside the output folder.
pub fn read_or_make_key(path: &Path, output: &Path) -> Result<KeyFile, KeyError> {
    refuse_inside(path, output)?;
    match read_key(path) {
        Ok(bytes) => Ok(KeyFile { bytes, is_new: false }),
        Err(KeyError::Missing { .. }) => make(path),
        Err(error) => Err(error),
    }
}

/// Reads a key that must be there.
///
/// # Errors
/// A file that is not there, cannot be read, is no key or is readable by others.
pub fn read_key(path: &Path) -> Result<Vec<u8>, KeyError> {
    let unusable = |source| KeyError::Unusable { key: path.to_owned(), what: "read", source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(KeyError::Missing { key: path.to_owned() });
        }
        Err(error) => return Err(unusable(error)),
    };
    let about = file.metadata().map_err(unusable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = about.permissions().mode() & 0o777;
        if about.is_file() && mode & 0o077 != 0 {
            return Err(KeyError::Open { key: path.to_owned(), mode });
        }
    }
    let bad_length = |found| KeyError::BadLength { key: path.to_owned(), found };
    if about.len() > KEY_FILE_BYTES_MAX {
        return Err(bad_length(about.len()));
    }
    let bytes = fs::read(path).map_err(unusable)?.trim_ascii().to_vec();
    if bytes.len() < KEY_BYTES { Err(bad_length(bytes.len() as u64)) } else { Ok(bytes) }
}

fn make(path: &Path) -> Result<KeyFile, KeyError> {
    let unusable = |source| KeyError::Unusable { key: path.to_owned(), what: "make", source };
    let mut random = [0; KEY_BYTES];
    getrandom::fill(&mut random).map_err(|error| unusable(io::Error::other(error.to_string())))?;
    let bytes: Vec<u8> = random.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(unusable)?;
    file.write_all(&bytes).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all()).map_err(unusable)?;
    Ok(KeyFile { bytes, is_new: true })
}

/// By what the folders are, whatever they are called: also through links and `..`.
fn refuse_inside(path: &Path, output: &Path) -> Result<(), KeyError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(parent), Ok(folder)) = (parent.canonicalize(), output.canonicalize()) else { return Ok(()) };
    if parent.starts_with(&folder) {
        return Err(KeyError::InsideOutput { key: path.to_owned(), folder: output.to_owned() });
    }
    Ok(())
}

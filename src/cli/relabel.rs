//! `caseload relabel`: the council's own numbers instead of tokens, for those who hold the key.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

use clap::Args;

use super::exit::{Code, Failure, Outcome};
use super::files::write_file;
use super::import::{TokenFrom, exists};
use super::input::{readable, unusable_files};
use super::output;
use super::picture::grouped;
use super::working::Working;
use crate::import::{Relabelled, TokenSource, Tokeniser, read_key, read_labels, relabel};

/// Turn the tokens in a file back into the council's own numbers
///
/// Needs the key and the extract that the tokens come from, and nothing else: no network, no service. What it writes says
/// who the children are: keep it as you keep the casework system.
#[derive(Debug, Args)]
#[command(after_long_help = "\
For example:
  caseload relabel result/allocation.csv --key council.key --extract extract --out allocation-ours.csv")]
pub(super) struct RelabelArgs {
    /// File with tokens: CSV, JSON or any text
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key that the tokens were made with
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The extract, as it was given to `import sen2`
    #[arg(long, value_name = "EXTRACT")]
    extract: PathBuf,
    /// What the tokens were made from, if `import sen2` was told
    #[arg(long, value_name = "FIELD")]
    token_from: Option<TokenFrom>,
    /// New file to write; one that is there stays as it is
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &RelabelArgs) -> Outcome {
    readable([&args.file].into_iter())?;
    exists(&args.extract)?;
    if args.out.exists() {
        let message = format!("{} is there already; name a new file", args.out.display());
        return Err(Failure::new(Code::Files, message));
    }
    let key = read_key(&args.key).map_err(|error| Failure::new(Code::Files, error.to_string()))?;
    let working = Working::new();
    working.phase("reading the extract");
    let tokeniser = Tokeniser::new(&key);
    let labels = read_labels(&args.extract, &tokeniser, args.token_from.map(TokenSource::from))
        .map_err(|error| unusable_files(&error))?;
    working.phase("replacing tokens");
    let mut counts = Relabelled::default();
    write_file(&args.out, |out| {
        keep_private(out.get_ref())?;
        counts = relabel(BufReader::new(File::open(&args.file)?), out, &labels)?;
        Ok(())
    })
    .map_err(|error| Failure::from_error(Code::Files, &error))?;
    drop(working);
    let number = |count: u64| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let mut text = format!(
        "{} {} replaced by {}; {} not known",
        number(counts.replaced),
        if counts.replaced == 1 { "token" } else { "tokens" },
        labels.source.title(),
        number(counts.unknown)
    );
    if counts.unknown > 0 {
        text.push_str(&format!(
            " ({} different; the extract or the key is another: this key is {})",
            grouped(counts.distinct_unknown as i64),
            tokeniser.key_name()
        ));
    }
    if counts.unsafe_number > 0 {
        let unsafe_number = number(counts.unsafe_number);
        text.push_str(&format!(
            "; {unsafe_number} left, as their number has a comma, quotation mark or the like in it"
        ));
    }
    text.push_str(&format!("\nwritten to {}: it says who the children are\n", args.out.display()));
    output::say(&text)?;
    Ok(Code::Fine)
}

/// Before anything is in it, a file that only its owner can read.
fn keep_private(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

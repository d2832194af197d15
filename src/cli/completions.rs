//! `caseload completions`: a script that lets a shell complete the command line.

use clap::{Args, CommandFactory as _};

use super::{
    Cli,
    exit::{Code, Outcome},
    output,
};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
For example:
  bash:  caseload completions bash > ~/.local/share/bash-completion/completions/caseload
  zsh:   caseload completions zsh > a folder of $fpath, as _caseload
  fish:  caseload completions fish > ~/.config/fish/completions/caseload.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "caseload", &mut script);
    output::say(&String::from_utf8_lossy(&script))?;
    Ok(Code::Fine)
}

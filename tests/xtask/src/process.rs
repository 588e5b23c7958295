//! Running other programs.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// What a captured program answered.
pub(crate) struct Answer {
    /// Whether it exited with 0.
    pub(crate) ok: bool,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
}

impl Answer {
    /// Both outputs, for showing.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err).trim_end().to_owned()
    }
}

/// The root of the repository that this program was built from.
pub(crate) fn root() -> &'static Path {
    // The manifest is at tests/xtask/Cargo.toml, two folders below the root.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."))
}

/// Cargo's target directory, wherever configuration or environment have put it: this program is `<target>/debug/xtask`.
pub(crate) fn target() -> PathBuf {
    env::current_exe()
        .ok()
        .and_then(|program| program.ancestors().nth(2).map(Path::to_path_buf))
        .filter(|folder| folder.join("debug").is_dir())
        .unwrap_or_else(|| root().join("target"))
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program to run at the root of the repository, without standard input: nothing here may wait for an answer.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs a program with its output shown as it comes. The error says which command failed.
pub(crate) fn show(command: &mut Command, remedy: &str) -> Result<(), Failure> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status})", spelled(command)), remedy))
}

/// Like [`show`], and hands each line of the standard output to `see` after showing it.
pub(crate) fn show_and_read(command: &mut Command, remedy: &str, mut see: impl FnMut(&str)) -> Result<(), Failure> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            // A closed terminal is no reason to stop reading: the program would block.
            let _ = io::stdout().write_all(&line);
            see(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status})", spelled(command)), remedy))
}

/// Runs a program and takes its output. An error means that it could not be started at all.
pub(crate) fn ask(command: &mut Command) -> Result<Answer, Failure> {
    let output = command.output().map_err(|error| cannot_start(command, &error))?;
    Ok(Answer {
        ok: output.status.success(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs a program whose output matters only when it fails; then the output is the failure.
pub(crate) fn quietly(command: &mut Command, remedy: &str) -> Result<(), Failure> {
    let answer = ask(command)?;
    if answer.ok {
        return Ok(());
    }
    Err(Failure::new(format!("{}\n`{}` failed", answer.all(), spelled(command)), remedy))
}

/// Whether a program of that name is on the `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The command as one would type it.
pub(crate) fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let line = words.join(" ");
    match line.strip_prefix(&*env::var("CARGO").unwrap_or_default()) {
        Some(arguments) if !arguments.is_empty() && arguments.len() < line.len() => {
            format!("cargo{arguments}")
        }
        _ => line,
    }
}

fn cannot_start(command: &Command, error: &io::Error) -> Failure {
    Failure::new(format!("cannot run `{}`: {error}", spelled(command)), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
        assert!(target().is_dir());
    }

    #[test]
    fn each_line_is_seen_and_a_failure_names_the_command() {
        let mut seen = Vec::new();
        let mut script = command("sh");
        script.args(["-c", "echo one; echo two; exit 3"]);
        let failure = show_and_read(&mut script, "look", |line| seen.push(line.trim().to_owned()));
        assert_eq!(seen, ["one", "two"]);
        let failure = failure.unwrap_err().to_string();
        assert!(failure.contains("sh -c") && failure.ends_with("what to do: look"), "{failure}");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure_and_not_a_panic() {
        assert!(ask(&mut command("leadhand-no-such-program")).is_err());
        assert!(on_path("leadhand-no-such-program").is_none());
        assert!(on_path("sh").is_some());
    }
}

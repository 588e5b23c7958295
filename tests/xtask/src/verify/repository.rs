//! The repository as a reader finds it: what lies at the top, how long a file is, whether links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::links;
use crate::failure::Failure;
use crate::process;
use crate::tools::Tools;

/// All that may lie at the top, beside dotfiles.
const TOP: [&str; 10] =
    ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "buf.yaml", "k8s", "libs", "proto", "services", "tests"];

/// Lines that a source file may have, tests included.
const LONGEST_SOURCE: usize = 400;
/// Lines that a program's `src/main.rs` may have: it starts what its library assembles. A test's `main.rs` is a source file
/// like any other.
const LONGEST_MAIN: usize = 15;
/// What counts as a source file.
const SOURCES: [&str; 3] = ["rs", "lua", "proto"];

pub(super) fn check(_: &Tools) -> Result<String, Failure> {
    let root = process::root();
    let files = files()?;
    let mut problems = at_the_top(&files);
    for file in &files {
        // A file that is staged but deleted is listed all the same.
        let Ok(bytes) = fs::read(root.join(file)) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        problems.extend(too_long(file, text.lines().count()));
        if file.extension().is_some_and(|extension| extension == "md") {
            problems.extend(links::dead(root, file, &text));
        }
    }
    if problems.is_empty() {
        return Ok(format!("{} files", files.len()));
    }
    Err(Failure::list(&problems, "mend what is named above"))
}

/// What git tracks or would track.
fn files() -> Result<Vec<PathBuf>, Failure> {
    let mut git = process::command("git");
    let list = git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let answer = process::ask(list)?;
    if !answer.ok {
        return Err(Failure::new(answer.all(), "run this in a git checkout"));
    }
    Ok(answer.out.split_terminator('\0').map(PathBuf::from).collect())
}

fn at_the_top(files: &[PathBuf]) -> Vec<String> {
    let names: BTreeSet<_> =
        files.iter().filter_map(|file| Some(file.components().next()?.as_os_str().to_string_lossy())).collect();
    let unexpected = names
        .iter()
        .filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_ref()))
        .map(|name| format!("{name}: does not belong at the top of the repository"));
    let missing = TOP
        .iter()
        .filter(|name| !names.contains(**name))
        .map(|name| format!("{name}: is missing at the top of the repository"));
    unexpected.chain(missing).collect()
}

fn too_long(file: &Path, lines: usize) -> Option<String> {
    let extension = file.extension()?.to_str()?;
    let longest = match file.file_name()?.to_str()? {
        "main.rs" if file.parent().is_some_and(|folder| folder.ends_with("src")) => LONGEST_MAIN,
        _ if SOURCES.contains(&extension) => LONGEST_SOURCE,
        _ => return None,
    };
    (lines > longest).then(|| format!("{}: {lines} lines, {longest} at most", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn only_the_known_names_and_dotfiles_lie_at_the_top() {
        let mut files = paths(&TOP);
        files.extend(paths(&[".ci/run", ".rustfmt.toml", "libs/kit/src/lib.rs"]));
        assert_eq!(at_the_top(&files), Vec::<String>::new());
        files.extend(paths(&["notes.txt", "scratch/a"]));
        assert_eq!(
            at_the_top(&files),
            [
                "notes.txt: does not belong at the top of the repository",
                "scratch: does not belong at the top of the repository",
            ]
        );
        assert_eq!(at_the_top(&paths(&TOP[1..])), ["Cargo.lock: is missing at the top of the repository"]);
    }

    #[test]
    fn sources_and_mains_have_their_length() {
        let long = |name: &str, lines| too_long(Path::new(name), lines);
        assert_eq!(long("libs/kit/src/clock.rs", 400), None);
        assert_eq!(long("libs/kit/src/clock.rs", 401).unwrap(), "libs/kit/src/clock.rs: 401 lines, 400 at most");
        assert_eq!(long("services/pool/src/main.rs", 16).unwrap(), "services/pool/src/main.rs: 16 lines, 15 at most");
        assert_eq!(long("tests/tests/faults/main.rs", 400), None);
        assert!(long("tests/tests/faults/main.rs", 401).is_some());
        assert!(long("libs/store/lua/commit.lua", 500).is_some());
        assert_eq!(long("Cargo.lock", 5000), None);
        assert_eq!(long("LICENSE", 500), None);
    }
}

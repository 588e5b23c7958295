//! Why a command stopped, and what the reader can do about it.

use std::fmt;

/// What was found and what to do about it. Shown to a person at a terminal, so both are whole sentences or commands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    found: String,
    remedy: String,
    exit_code: u8,
}

impl Failure {
    /// A check that failed, or a tool that is missing. An empty remedy is not shown.
    pub(crate) fn new(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { found: found.into(), remedy: remedy.into(), exit_code: 1 }
    }

    /// A command line that makes no sense.
    pub(crate) fn usage(found: impl Into<String>) -> Self {
        Self { found: found.into(), remedy: String::new(), exit_code: 2 }
    }

    /// One problem a line, and what to do about them all.
    pub(crate) fn list(problems: &[String], remedy: &str) -> Self {
        Self::new(problems.join("\n"), remedy)
    }

    /// Several at once, so that the reader need not meet them one after another; none when there are none.
    pub(crate) fn all(failures: Vec<Self>) -> Option<Self> {
        let exit_code = failures.iter().map(Self::exit_code).max()?;
        let lines = |part: fn(&Self) -> &str| {
            failures.iter().map(part).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
        };
        Some(Self { found: lines(|failure| &failure.found), remedy: lines(|failure| &failure.remedy), exit_code })
    }

    /// The process' exit code: 1 for a failed check, 2 for a command line that makes no sense.
    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.found)?;
        if !self.remedy.is_empty() {
            let gap = if self.remedy.contains('\n') { '\n' } else { ' ' };
            write!(f, "\n\nwhat to do:{gap}{}", self.remedy)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failure_says_what_to_do() {
        let failure = Failure::new("not formatted", "cargo fmt");
        assert_eq!(failure.to_string(), "not formatted\n\nwhat to do: cargo fmt");
        assert_eq!(failure.exit_code(), 1);
    }

    #[test]
    fn several_failures_are_said_at_once() {
        assert_eq!(Failure::all(Vec::new()), None);
        let failures = ["a", "b"].map(|tool| Failure::new(format!("no {tool}"), format!("get {tool}")));
        let all = Failure::all(failures.into()).unwrap();
        assert_eq!(all.to_string(), "no a\nno b\n\nwhat to do:\nget a\nget b");
    }

    #[test]
    fn a_senseless_command_line_has_its_own_exit_code() {
        let failure = Failure::usage("there is no step `x`");
        assert_eq!(failure.to_string(), "there is no step `x`");
        assert_eq!(failure.exit_code(), 2);
    }
}

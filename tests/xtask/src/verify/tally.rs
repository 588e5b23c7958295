//! Counting tests over all of a workspace's test programs.

use std::fmt;

/// The sum of all `test result:` lines seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    /// Examples marked `ignore` in the test program whose result is yet to come.
    examples: u64,
}

impl Tally {
    /// Takes note of a line of `cargo test`'s output; other lines than results change nothing. An example in a comment
    /// that is marked `ignore` is prose and no test: it does not count as ignored.
    pub(super) fn see(&mut self, line: &str) {
        let line = line.trim_end();
        if line.starts_with("test ") && line.contains(" (line ") && line.ends_with("ignored") {
            self.examples += 1;
        }
        let Some((_, counts)) = line.strip_prefix("test result:").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split(';') {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what.trim() {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number.saturating_sub(std::mem::take(&mut self.examples)),
                _ => {}
            }
        }
    }

    /// Why a run that exited with 0 shows nothing all the same.
    pub(super) fn flaw(&self) -> Option<String> {
        match self {
            Self { passed: 0, .. } => Some("no test ran".to_owned()),
            Self { ignored: 0, .. } => None,
            Self { ignored, .. } => Some(format!("{ignored} tests are ignored")),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tests: {} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} skipped", self.ignored)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(output: &str) -> Tally {
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally.see(line));
        tally
    }

    #[test]
    fn results_of_all_programs_are_added() {
        let tally = tally(
            "running 2 tests\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test something ... ok\n\
             test result: FAILED. 40 passed; 1 failed; 3 ignored; 0 measured; 9 filtered out; finished in 1.20s\n",
        );
        assert_eq!(tally.to_string(), "tests: 42 passed, 1 failed, 3 skipped");
        assert_eq!(tally.flaw().unwrap(), "3 tests are ignored");
    }

    #[test]
    fn an_example_marked_ignore_is_prose() {
        let good = tally(
            "test libs/kit/src/lib.rs - (line 5) ... ignored\n\
             test libs/kit/src/lib.rs - clock (line 9) ... ok\n\
             test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        );
        assert_eq!(good.to_string(), "tests: 2 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn a_run_without_any_test_is_a_flaw() {
        let empty = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(tally(empty).flaw().unwrap(), "no test ran");
        assert_eq!(tally("").flaw().unwrap(), "no test ran");
    }

    #[test]
    fn a_good_run_has_no_flaw() {
        let good = tally("test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
        assert_eq!((good.flaw(), good.to_string()), (None, "tests: 7 passed, 0 failed".to_owned()));
    }
}

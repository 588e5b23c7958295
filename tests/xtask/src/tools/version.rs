//! Versions as programs print them.

use std::fmt;

/// Major and minor, which is all that a requirement here is about, and the rest for showing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
    patch: Option<u32>,
}

impl Version {
    /// A lower bound to compare with.
    pub(crate) const fn at_least(major: u32, minor: u32) -> Self {
        Self { major, minor, patch: None }
    }

    /// The first version in a text: two or three numbers with dots between them.
    pub(crate) fn find(text: &str) -> Option<Self> {
        text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
            let mut numbers = word.split('.').map(|number| number.parse().ok());
            let (major, minor) = (numbers.next()??, numbers.next()??);
            Some(Self { major, minor, patch: numbers.next().flatten() })
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        for (text, version) in [
            ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "7.0.15"),
            ("Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", "1.32.4"),
            ("Client Version: version.Info{Major:\"1\", Minor:\"20\", GitVersion:\"v1.20.2\"", "1.20.2"),
            ("Python 3.11.7", "3.11.7"),
            ("1.75.0\n", "1.75.0"),
            ("tool 9.1", "9.1"),
        ] {
            assert_eq!(Version::find(text).unwrap().to_string(), version, "{text}");
        }
        assert_eq!(Version::find("no version, only 7 and ..."), None);
    }

    #[test]
    fn versions_compare_by_number() {
        let version = |text| Version::find(text).unwrap();
        assert!(version("1.9.0") < version("1.27.0"));
        assert!(version("1.27.0") >= Version::at_least(1, 27));
        assert!(version("6.2.7") < Version::at_least(7, 0));
    }
}

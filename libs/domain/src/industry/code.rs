//! Industry codes: NAICS 2022 and SIC 1987, from the tables in `data/` (its README says where they come from).
//!
//! Both are trees by prefix: 54 is above 5415 above 541511. A NAICS sector that spans several numbers is written as a
//! range, and its parts can stand alone as well: 31 is a part of 31-33.

use std::fmt;
use std::sync::LazyLock;

use crate::fold;

/// Who made the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// The North American Industry Classification System of 2022: 2 to 6 digits.
    Naics,
    /// The Standard Industrial Classification of 1987: 2 to 4 digits.
    Sic,
}

impl System {
    /// The system of that name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Naics, Self::Sic].into_iter().find(|system| system.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Naics => "naics",
            Self::Sic => "sic",
        }
    }

    /// Codes and titles, sorted by code.
    fn table(self) -> &'static [(&'static str, &'static str)] {
        static NAICS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| rows(include_str!("../../data/naics.tsv")));
        static SIC: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| rows(include_str!("../../data/sic.tsv")));
        match self {
            Self::Naics => &NAICS,
            Self::Sic => &SIC,
        }
    }
}

fn rows(table: &'static str) -> Vec<(&'static str, &'static str)> {
    table.lines().filter_map(|line| line.split_once('\t')).collect()
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A code that its system has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    system: System,
    digits: &'static str,
    title: &'static str,
}

impl Code {
    /// The code with these digits, or with this range of a sector.
    pub fn find(system: System, digits: &str) -> Option<Self> {
        let table = system.table();
        let place = table.binary_search_by(|(code, _)| (*code).cmp(digits)).ok()?;
        let (digits, title) = table[place];
        Some(Self { system, digits, title })
    }

    /// Who made the code.
    pub fn system(self) -> System {
        self.system
    }

    /// The digits, or a sector's range (`31-33`).
    pub fn digits(self) -> &'static str {
        self.digits
    }

    /// What the code stands for, in English.
    pub fn title(self) -> &'static str {
        self.title
    }

    /// Whether the other code is this one or above it.
    pub fn is_under(self, other: Self) -> bool {
        if self.system != other.system {
            return false;
        }
        match (self.range(), other.range()) {
            (None, None) => self.digits.starts_with(other.digits),
            (None, Some((first, last))) => self.digits.get(..2).is_some_and(|sector| (first..=last).contains(&sector)),
            (Some(_), _) => self == other,
        }
    }

    /// How many digits narrow it down; a range is one step above its two.
    pub(super) fn depth(self) -> u8 {
        match self.range() {
            Some(_) => 1,
            None => u8::try_from(self.digits.len()).unwrap_or(u8::MAX),
        }
    }

    fn range(self) -> Option<(&'static str, &'static str)> {
        self.digits.split_once('-')
    }
}

/// As a policy writes it: `naics:541511`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.system, self.digits)
    }
}

/// The code that a field holds: `541511`, `NAICS 541511`, `SIC Code: 7372`, `31–33`, `54 | Services`; `None` when it holds
/// anything else. Bare digits are NAICS.
pub(super) fn read(text: &str) -> Option<Code> {
    let (system, rest) = named(text);
    let rest = rest.trim_start();
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at(length);
    let whole = |code: &Code, rest: &str| system.is_some() || is_behind(rest) || is_title(rest, *code);
    let system_or_naics = system.unwrap_or(System::Naics);
    if let Some((last, rest)) = range_end(rest) {
        let range = Code::find(system_or_naics, &format!("{digits}-{last}")).filter(|code| whole(code, rest));
        if range.is_some() {
            return range;
        }
    }
    Code::find(system_or_naics, digits).filter(|code| whole(code, rest) && !rest.starts_with(is_word))
}

/// What a code's system is called before it, and what follows.
fn named(text: &str) -> (Option<System>, &str) {
    for system in [System::Naics, System::Sic] {
        let name = system.name();
        if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            let rest = text[name.len()..].trim_start();
            let rest = rest.get(..4).filter(|word| word.eq_ignore_ascii_case("code")).map_or(rest, |_| &rest[4..]);
            return (Some(system), rest.trim_start_matches([' ', ':', '-', '#', '.']));
        }
    }
    (None, text)
}

/// The second number of a range, and what follows it.
fn range_end(rest: &str) -> Option<(&str, &str)> {
    let last = rest.trim_start().strip_prefix(['-', '–', '—'])?.trim_start();
    let length = last.bytes().take_while(u8::is_ascii_digit).count();
    (length > 0).then(|| last.split_at(length))
}

/// Whether nothing follows the digits, or a title behind a separator.
fn is_behind(rest: &str) -> bool {
    let rest = rest.trim();
    rest.is_empty() || (rest.starts_with(['-', '–', '—', ':', '|', ',']) && rest.contains(char::is_alphabetic))
}

/// Whether the code's own title follows the digits.
fn is_title(rest: &str, code: Code) -> bool {
    fold::words(rest) == fold::words(code.title)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

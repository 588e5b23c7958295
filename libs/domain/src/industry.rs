//! A lead's industry, a code or a text, and what a policy writes to match it.
//!
//! Codes are NAICS 2022 and SIC 1987 ([`code`]). Platforms that export codes export NAICS mostly, and many numbers of
//! four digits are in both with different meanings (5411 is legal services in NAICS, grocery stores in SIC), so a bare
//! number is NAICS and SIC must be named: `SIC 5411`. What is no known code is a text, also a malformed code: it is kept
//! as it came, and keywords still match it. Nothing translates between the systems.

pub mod code;

use std::fmt;

use crate::fold;
use crate::invalid::Invalid;
use code::{Code, System};

/// What an industry field or a keyword may hold, in characters.
const MAX_LENGTH: usize = 100;

/// A lead's industry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Industry {
    code: Option<Code>,
    title: String,
    /// The title's words, as [`fold::words`] writes them.
    words: String,
}

impl Industry {
    /// Reads an industry: a NAICS code of 2 to 6 digits or a sector's range (`31-33`), either after `NAICS` or bare, a SIC
    /// code of 2 to 4 digits after `SIC`, a code with its title behind it (`541511 - Custom Computer Programming`), or any
    /// text. `None` when it is empty: unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let code = code::read(text);
        let title = code.map_or(text, |code| code.title());
        Some(Self { code, title: title.to_owned(), words: fold::words(title) })
    }

    /// The code, when it is one.
    pub fn code(&self) -> Option<Code> {
        self.code
    }

    /// The code's title, or the text as it came.
    pub fn title(&self) -> &str {
        &self.title
    }
}

/// What a policy writes to match industries: `naics:54`, `naics:31-33`, `sic:73`, or a keyword (`health care`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Code(Code),
    /// Its words, as [`fold::words`] writes them.
    Keyword(String),
}

impl Pattern {
    /// Reads a pattern; what could never match is refused: a code that the system does not have, and a code without its
    /// system.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.chars().count() > MAX_LENGTH {
            return Err(Invalid::new(format!("at most {MAX_LENGTH} characters")));
        }
        if let Some((system, digits)) = text.split_once(':') {
            let Some(system) = System::named(system.trim()) else {
                return Err(Invalid::new("a code is written `naics:541511` or `sic:7372`, a keyword without a colon"));
            };
            return match Code::find(system, digits.trim()) {
                Some(code) => Ok(Self(Kind::Code(code))),
                None => Err(Invalid::new(format!("{system} has no such code"))),
            };
        }
        let words = fold::words(text);
        if !words.contains(char::is_alphabetic) || code::read(text).is_some() {
            return Err(Invalid::new("a code such as `naics:541511` or `sic:7372`, or a keyword with a letter in it"));
        }
        Ok(Self(Kind::Keyword(words)))
    }

    /// Whether the industry is meant: a code by every code under it, a keyword by its words, whole and in this order, in
    /// the text or in the code's own title. Neither case nor accents matter.
    pub fn matches(&self, industry: &Industry) -> bool {
        match &self.0 {
            Kind::Code(pattern) => industry.code.is_some_and(|code| code.is_under(*pattern)),
            Kind::Keyword(words) => industry.words.contains(words.as_str()),
        }
    }

    /// Whether every industry that this pattern matches is matched by `other` too.
    pub fn is_within(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Code(code), Kind::Code(other)) => code.is_under(*other),
            (Kind::Keyword(words), Kind::Keyword(other)) => words.contains(other.as_str()),
            _ => false,
        }
    }

    /// How narrow the pattern is, for choosing among those that match: 12 to 16 for a code of 2 to 6 digits, 11 for a
    /// sector that spans several numbers, and less for any keyword, one for each of its words, at most 10.
    pub fn specificity(&self) -> u8 {
        match &self.0 {
            Kind::Code(code) => 10 + code.depth(),
            Kind::Keyword(words) => u8::try_from(words.split_whitespace().count()).unwrap_or(u8::MAX).min(10),
        }
    }
}

/// As a policy writes it, with a keyword folded.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Code(code) => write!(f, "{code}"),
            Kind::Keyword(words) => f.write_str(words.trim()),
        }
    }
}

#[cfg(test)]
mod tests;

//! Searching pooled leads by words, as people type them: by the beginnings of words, whatever their case and accents.

use crate::fold;
use crate::invalid::{self, Invalid};
use crate::lead::{Lead, Person};

/// The longest text that is searched for, in characters.
pub const MAX_TEXT: usize = 200;

/// The most words that are searched for.
pub const MAX_WORDS: usize = 8;

/// What of a lead is searched, its words folded: the company's name, the industry, the contact's name and title, the source. Each
/// word has a space before and after it.
pub fn searched(lead: &Lead, person: &Person) -> String {
    let parts = [
        &lead.facts.company.name,
        &lead.facts.company.industry,
        &person.name,
        &person.title,
        lead.facts.source.as_str(),
    ];
    let mut text = String::from(" ");
    for words in parts.map(fold::words) {
        text.push_str(words.trim_start());
    }
    text
}

/// The words of a text made by [`searched`].
pub fn words(searched: &str) -> impl Iterator<Item = &str> {
    searched.split_ascii_whitespace()
}

/// What is searched for: every word of it, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Each folded, with a space before it.
    words: Vec<String>,
}

impl Query {
    /// Reads what was typed; nothing finds everything.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = invalid::text(text, MAX_TEXT)?;
        let folded = fold::words(&text);
        let mut words: Vec<_> = words(&folded).map(|word| format!(" {word}")).collect();
        words.sort_unstable();
        words.dedup();
        match words.len() {
            0 if !text.is_empty() => Err(Invalid::new("without a letter or digit to search for")),
            0..=MAX_WORDS => Ok(Self { words }),
            _ => Err(Invalid::new(format!("at most {MAX_WORDS} words"))),
        }
    }

    /// Whether it finds everything.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The folded words with which words of a lead have to begin.
    pub fn beginnings(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.trim_start())
    }

    /// Whether a text made by [`searched`] is found.
    pub fn finds(&self, searched: &str) -> bool {
        self.words.iter().all(|word| searched.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginnings_in_any_order() {
        let text = format!(" {}", fold::words("Müller & Söhne GmbH").trim_start());
        let finds = |typed: &str| Query::parse(typed).unwrap().finds(&text);
        for found in ["", " ", "muller", "MÜL", "gmbh sohne", "Söhne, mü", "&", "s"] {
            assert!(finds(found), "{found:?}");
        }
        for other in ["uller", "mullers", "gmbh ag", "ohne"] {
            assert!(!finds(other), "{other:?}");
        }
    }

    #[test]
    fn a_query_is_bounded_and_has_a_word() {
        let fault = |typed: &str| Query::parse(typed).unwrap_err().0;
        assert_eq!(fault("?!"), "without a letter or digit to search for");
        assert_eq!(fault("a b c d e f g h i"), "at most 8 words");
        assert_eq!(fault(&"x".repeat(201)), "at most 200 characters");
        assert_eq!(fault("a\0"), "control characters are not allowed");
        assert_eq!(Query::parse("b A b a").unwrap().beginnings().collect::<Vec<_>>(), ["a", "b"]);
    }
}

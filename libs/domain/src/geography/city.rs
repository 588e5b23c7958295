//! City names, as people type them.

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::Text;

/// A city's name in the form that compares: `München`, `munchen` and `MUNCHEN` are one, as are `St. Louis` and `st louis`.
///
/// Accents, case, dots and apostrophes do not count; spaces, hyphens, commas and slashes are one space; compatibility forms
/// and the letters that Unicode does not decompose (ß ss, æ ae, œ oe, ø o, ł l, đ d, ı i, þ th) are written in plain ones.
/// Another spelling is another name: `Muenchen` and `Munich` are not `München`; a policy lists those it means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct City(Text);

impl City {
    /// Brings a name into that form; `None` when nothing is left of it.
    pub fn fold(name: &str) -> Option<Self> {
        let decompose = DecomposingNormalizerBorrowed::new_nfkd();
        let mut folded = String::with_capacity(name.len());
        let mut gap = false;
        for c in decompose.normalize_iter(name.chars()).flat_map(char::to_lowercase) {
            if is_ignored(c) {
                continue;
            }
            if is_gap(c) {
                gap = true;
                continue;
            }
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            match plain(c) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(c),
            }
        }
        (!folded.is_empty()).then(|| Self(folded.into()))
    }

    /// The folded name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The combining accents of Latin, Greek and Cyrillic letters; other scripts' marks tell words apart and stay.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '.' | '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{2bb}' | '\u{2bc}')
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | ',' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Letters without a decomposition in Unicode; the final sigma is one only at the end of a word.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

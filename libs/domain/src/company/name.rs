//! A company's name in the one form in which names are compared: without its legal form.
//!
//! The rule, in order:
//! 1. Case, accents and typography are folded: `Müller` is `muller`, `L'Oréal` `loreal`, `㈱` the same as `(株)`.
//! 2. `&`, a `+` between blanks, and between words `und`, `et`, `og`, `och` become `and`; a `+` on a word becomes `plus`.
//!    Every other character that is no letter or digit parts words, but dots and slashes between single letters join
//!    them (`S.p.A.` is `spa`, `A/S` is `as`), and so do blanks (`I B M` is `ibm`).
//! 3. Legal forms are taken off the end, again and again (`GmbH & Co. KG`), with the `and` before them; a few also off
//!    the start, where that is usual (`OOO`, `PT`, `UAB`). So is `the` at either end. A form that is also a word or a
//!    place must show what it is: `Enel SpA` loses it, `Day Spa` keeps it; `data/condense.py` has the list.
//! 4. Something always stays: `The AG` is `ag`.
//!
//! What says what a company is or does stays: `holding`, `group`, `bank`, `maschinenbau`. Two names that differ in a word
//! are two companies; a match missed costs a look-up, a wrong one gives somebody else's lead away.
//!
//! **Two spellings.** People without the key write `ü` as `ue`, and others as `u`. Folding `ue` to `u` everywhere would
//! merge names that only look alike (`Blue`, `Blu`), so a name with such a letter has a second key: `Müller` has `muller`
//! and `mueller`, and is the same as either, while `Muller` and `Mueller` remain two.

mod form;
mod token;

use std::ops::Range;

use form::Place;
use token::Token;

/// A company's name for comparing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    key: String,
    spelled_out: Option<String>,
}

impl Name {
    /// Reads a name as people write it. `None` without any letter or digit. Taking the [`Name::key`] for a name again
    /// changes nothing.
    pub fn of(text: &str) -> Option<Self> {
        let tokens = stripped(token::read(text));
        let line = |text: fn(&Token) -> &str| tokens.iter().map(text).collect::<Vec<_>>().join(" ");
        let key = line(|token| &token.text);
        if key.is_empty() {
            return None;
        }
        let spelled_out = Some(line(|token| &token.spelled_out)).filter(|spelled_out| *spelled_out != key);
        Some(Self { key, spelled_out })
    }

    /// The name's words, with a blank between.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Every key that this name may be found under: [`Name::key`], and the one with `ä ö ü å ø` spelled as two letters.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key()).chain(self.spelled_out.as_deref())
    }

    /// Whether both may be the same company's: whether they share a key. Not transitive.
    pub fn is_same(&self, other: &Self) -> bool {
        self.keys().any(|key| other.keys().any(|others| key == others))
    }
}

/// The words without legal forms; at least one stays of those there were.
fn stripped(mut words: Vec<Token>) -> Vec<Token> {
    let mut name = 0..words.len();
    while let Some(left) = strip(&mut words[name.clone()]) {
        name = name.start + left.start..name.start + left.end;
    }
    words.truncate(name.end);
    // What a form was glued to may be a single letter beside another.
    token::joined(words.split_off(name.start))
}

/// What is left after taking one thing off, the first that the rule finds; `None` when there is nothing more.
fn strip(words: &mut [Token]) -> Option<Range<usize>> {
    let all = words.len();
    let is = |place: usize, word: &str| all > 1 && words[place].is(word);
    if is(0, "the") {
        return Some(1..all);
    }
    if is(all.checked_sub(1)?, "the") || is(all - 1, "and") {
        return Some(0..all - 1);
    }
    if let Some(length) = form::longest(words, Place::End) {
        let end = all - length;
        // "y Cía", "e Cia": words of their own, so only where a form stood behind them.
        let joins = end > 1 && (words[end - 1].is("y") || words[end - 1].is("e"));
        return Some(0..if joins { end - 1 } else { end });
    }
    if let Some(length) = form::longest(words, Place::Start) {
        return Some(length..all);
    }
    let shorter = words[all - 1].shorten(form::before_glued) || words[0].shorten(form::after_glued);
    shorter.then_some(0..all)
}

#[cfg(test)]
mod tests;

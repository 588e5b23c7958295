//! The words of a name, and how each was written.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::fold;

/// A word of a name.
#[derive(Debug, Clone, Default)]
pub(super) struct Token {
    /// Folded.
    pub(super) text: String,
    /// Folded, after `ä ö ü å ø` were spelled as two letters.
    pub(super) spelled_out: String,
    /// Whether every letter was a capital.
    pub(super) capitals: bool,
    /// Whether it was written with dots or slashes inside, or with a capital that is not the first letter alone.
    pub(super) marked: bool,
    /// Whether it is one letter.
    single: bool,
    /// Whether a dot or a slash follows at once.
    point_after: bool,
    /// Whether only a dot or a slash stands between it and the word before.
    point_before: bool,
}

impl Token {
    fn of(word: &str) -> Option<Self> {
        let text = folded(word);
        if text.is_empty() {
            return None;
        }
        let capitals = !word.chars().any(char::is_lowercase);
        let marked = !capitals && word.chars().skip(1).any(char::is_uppercase);
        let spelled_out = if word.contains(TWO_LETTERS) { folded(&spell_out(word)) } else { text.clone() };
        let single = is_single(&text);
        Some(Self { text, spelled_out, capitals, marked, single, ..Self::default() })
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.text == word
    }

    /// Keeps only the part of the word that `part` finds; false when it finds none.
    pub(super) fn shorten(&mut self, part: fn(&str) -> Option<&str>) -> bool {
        let Some(text) = part(&self.text).map(str::to_owned) else { return false };
        self.spelled_out = part(&self.spelled_out).unwrap_or(&text).to_owned();
        self.single = is_single(&text);
        self.text = text;
        true
    }

    fn append(&mut self, next: &Self) {
        self.text.push_str(&next.text);
        self.spelled_out.push_str(&next.spelled_out);
        self.capitals &= next.capitals;
        // A run of more than one letter stays marked only while each is followed by a point.
        self.marked = self.point_after && (self.single || self.marked);
        self.single = false;
        self.point_after = next.point_after;
    }
}

/// Whether it is one letter that stays itself beside another: marks and Hangul's parts do not.
fn is_single(text: &str) -> bool {
    let mut letters = text.chars();
    let whole = |c: char| c.is_alphabetic() && !is_combining_mark(c) && !matches!(c, '\u{1100}'..='\u{11FF}');
    letters.next().is_some_and(whole) && letters.next().is_none()
}

const TWO_LETTERS: [char; 10] = ['ä', 'ö', 'ü', 'å', 'ø', 'Ä', 'Ö', 'Ü', 'Å', 'Ø'];

fn spell_out(word: &str) -> String {
    let mut spelled = String::with_capacity(word.len() + 2);
    for c in word.chars() {
        match c {
            'ä' | 'Ä' => spelled.push_str("ae"),
            'ö' | 'Ö' | 'ø' | 'Ø' => spelled.push_str("oe"),
            'ü' | 'Ü' => spelled.push_str("ue"),
            'å' | 'Å' => spelled.push_str("aa"),
            _ => spelled.push(c),
        }
    }
    spelled
}

fn folded(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold::plain(word).chars().filter(|c| fold::in_word(*c)).for_each(|c| fold::push(&mut folded, c));
    folded
}

/// The words of a name, with one word for `and`, and single letters joined: first those with only a dot or a slash
/// between, then runs of those that still stand alone, so that `S.A. S.L.` remains two words and `S. A.` becomes one.
pub(super) fn read(text: &str) -> Vec<Token> {
    let mut tokens = joined(join(parted(text), |before, next| before.point_after && next.point_before));
    // Only between two words: at the end, OG is an Austrian legal form.
    if let [_, between @ .., _] = tokens.as_mut_slice() {
        for token in between.iter_mut().filter(|token| matches!(&*token.text, "und" | "et" | "og" | "och")) {
            *token = Token { text: "and".to_owned(), spelled_out: "and".to_owned(), ..Token::default() };
        }
    }
    tokens
}

/// Joins runs of single letters.
pub(super) fn joined(tokens: Vec<Token>) -> Vec<Token> {
    join(tokens, |_, _| true)
}

fn parted(text: &str) -> Vec<Token> {
    // Before unifying, which makes a blank and an accent of `´`.
    let kept = text.chars().filter(|c| !fold::apostrophe(*c) && !fold::invisible(*c));
    let text: String = if text.is_ascii() { kept.collect() } else { kept.nfkc().collect() };
    let mut tokens: Vec<Token> = Vec::new();
    let mut word = String::new();
    let mut point_before = false;
    let mut before = ' ';
    let mut chars = text.chars().chain([' ']).peekable();
    while let Some(c) = chars.next() {
        let on_word = !before.is_whitespace() || chars.peek().is_some_and(|next| fold::in_word(*next));
        before = c;
        if fold::in_word(c) {
            word.push(c);
        }
        if fold::in_word(c) || fold::apostrophe(c) {
            continue;
        }
        let ends_word = !word.is_empty();
        let point_after = ends_word && matches!(c, '.' | '/');
        tokens.extend(Token::of(&word).map(|token| Token { point_before, point_after, ..token }));
        word.clear();
        point_before = point_after;
        tokens.extend(match c {
            '&' => Token::of("and"),
            '+' => Token::of(if on_word { "plus" } else { "and" }),
            _ => None,
        });
    }
    tokens
}

/// Joins runs of single letters where `next` allows it.
fn join(tokens: Vec<Token>, next: fn(&Token, &Token) -> bool) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut in_run = false;
    for token in tokens {
        match joined.last_mut() {
            Some(last) if in_run && token.single && next(last, &token) => last.append(&token),
            _ => {
                in_run = token.single;
                joined.push(token);
            }
        }
    }
    joined
}

//! One form of words that differ only in case, accents or typography, for comparing what people write.
//!
//! Compatibility forms are unified (Unicode NFKD and NFKC: `㈱`, `Ａ`, `ﬁ`), accents of Latin, Greek and Cyrillic letters
//! dropped, letters that Unicode does not take apart replaced (`ß` ss, `ø` o, `æ` ae, `ł` l), and case folded by going to
//! upper case and back, which also unifies `ς` with `σ`. Marks that make another letter (Japanese `ガ`, Indic vowels) stay.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text without accents, compatibility forms and apostrophes, its case and other punctuation kept.
pub(crate) fn plain(text: &str) -> String {
    // Apostrophes twice: `´` would become a blank and an accent, and `ŉ` brings one.
    let kept = text.chars().filter(|c| !apostrophe(*c) && !invisible(*c));
    if text.is_ascii() {
        return kept.collect();
    }
    // U+0300 to U+036F are the accents; vowel signs and voicing marks of other scripts lie elsewhere.
    kept.nfkd().filter(|c| !matches!(c, '\u{300}'..='\u{36F}') && !apostrophe(*c)).nfkc().collect()
}

/// Appends one character of a plain text in its folded case.
pub(crate) fn push(folded: &mut String, c: char) {
    match c {
        'ß' | 'ẞ' => folded.push_str("ss"),
        'ø' | 'Ø' => folded.push('o'),
        'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
        'ł' | 'Ł' => folded.push('l'),
        'æ' | 'Æ' => folded.push_str("ae"),
        'œ' | 'Œ' => folded.push_str("oe"),
        'þ' | 'Þ' => folded.push_str("th"),
        'ħ' | 'Ħ' => folded.push('h'),
        'ı' => folded.push('i'),
        _ if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
        _ => folded.extend(c.to_uppercase().flat_map(char::to_lowercase)),
    }
}

/// Whether the character is part of a word: a letter, a digit, or a mark on one.
pub(crate) fn in_word(c: char) -> bool {
    !apostrophe(c) && (c.is_alphanumeric() || is_combining_mark(c))
}

/// Whether the character may stand inside a word without parting it: `McDonald's` is one word.
pub(crate) fn apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | 'ʻ' | '′')
}

/// Characters that only steer how text is set.
pub(crate) fn invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// The words of a text, folded, each with a space before and after it: ` oil and gas `. `&` is the word `and`. Whether a
/// phrase stands in a text as whole words is then whether the one contains the other. Without a word: empty.
pub(crate) fn words(text: &str) -> String {
    let mut words = String::from(" ");
    for c in plain(text).chars() {
        match c {
            '&' => {
                part(&mut words);
                words.push_str("and ");
            }
            _ if in_word(c) => push(&mut words, c),
            _ => part(&mut words),
        }
    }
    part(&mut words);
    if words == " " {
        words.clear();
    }
    words
}

fn part(words: &mut String) {
    if !words.ends_with(' ') {
        words.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        let mut folded = String::new();
        plain(text).chars().for_each(|c| push(&mut folded, c));
        folded
    }

    /// Every character of the planes that have letters with case or accents.
    #[test]
    fn folding_twice_changes_nothing() {
        for c in '\0'..='\u{1FFFF}' {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "{c:?}");
        }
    }

    #[test]
    fn words_are_parted_by_what_is_no_letter() {
        assert_eq!(words("Oil & Gas, (Étranger)"), " oil and gas etranger ");
        assert_eq!(words("R&D"), " r and d ");
        assert_eq!(words("Men's  wear"), " mens wear ");
        assert_eq!(words("İstanbul Straße Łódź ΑΘΗΝΑΣ αθηνας"), " istanbul strasse lodz αθηνασ αθηνασ ");
        assert_eq!(words("ガス カス"), " ガス カス ");
        assert_eq!(words(" - ,"), "");
        assert_eq!(words(""), "");
    }
}

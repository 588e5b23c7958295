//! The legal forms that are taken off a name: `data/legal_forms.tsv`, chosen and written by `data/condense.py`.

use std::sync::LazyLock;

use super::token::Token;

static LISTED: &str = include_str!("../../../data/legal_forms.tsv");

/// Which end of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the name.
    Start,
    /// After it.
    End,
}

/// How a form must be written to be one, where it is also a common word, a name or a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Any,
    Capitals,
    Marked,
}

#[derive(Debug)]
struct Form {
    /// Folded, without blanks: however a form is parted into words, together they spell this.
    text: &'static str,
    at_start: bool,
    at_end: bool,
    writing: Writing,
}

#[derive(Debug, Default)]
struct Forms {
    /// Sorted by text.
    words: Vec<Form>,
    /// Written without a blank before or after the name, the longest first.
    glued: Vec<&'static str>,
    /// The length of the longest of `words`, in bytes.
    longest: usize,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let mut forms = Forms::default();
    for line in LISTED.lines() {
        let mut columns = line.split('\t');
        let (Some(text), Some(place), Some(writing)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let writing = match writing {
            "capitals" => Writing::Capitals,
            "marked" => Writing::Marked,
            _ => Writing::Any,
        };
        if place == "glued" {
            forms.glued.push(text);
        }
        // What can be glued to a name can also stand beside it.
        let (at_start, at_end) = (place != "end", place != "start");
        forms.longest = forms.longest.max(text.len());
        forms.words.push(Form { text, at_start, at_end, writing });
    }
    forms.glued.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms
});

/// How many words at that end of a name are a legal form: as many as can be, so that of `limited liability company` not
/// only the last is taken; never all.
pub(super) fn longest(words: &[Token], place: Place) -> Option<usize> {
    let forms = &*FORMS;
    let mut text = String::new();
    let mut found = None;
    for length in 1..words.len() {
        let taken = match place {
            Place::Start => {
                text.push_str(&words[length - 1].text);
                &words[..length]
            }
            Place::End => {
                text.insert_str(0, &words[words.len() - length].text);
                &words[words.len() - length..]
            }
        };
        if text.len() > forms.longest {
            break;
        }
        let known = forms.words.binary_search_by(|form| form.text.cmp(&text)).ok().map(|at| &forms.words[at]);
        let here = |form: &&Form| if place == Place::Start { form.at_start } else { form.at_end };
        if known.filter(here).is_some_and(|form| written(form, taken)) {
            found = Some(length);
        }
    }
    found
}

fn written(form: &Form, words: &[Token]) -> bool {
    let marked = words.iter().any(|word| word.marked);
    match form.writing {
        Writing::Any => true,
        Writing::Capitals => marked || words.iter().all(|word| word.capitals),
        Writing::Marked => marked,
    }
}

/// What of a word stands before a legal form glued to its end.
pub(super) fn before_glued(word: &str) -> Option<&str> {
    FORMS.glued.iter().find_map(|form| word.strip_suffix(form)).filter(|rest| !rest.is_empty())
}

/// What of a word stands after a legal form glued to its start.
pub(super) fn after_glued(word: &str) -> Option<&str> {
    FORMS.glued.iter().find_map(|form| word.strip_prefix(form)).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::name::Name;

    #[test]
    fn the_table_is_sorted_whole_and_folded() {
        assert!(FORMS.words.is_sorted_by(|a, b| a.text < b.text));
        assert_eq!(FORMS.words.len(), LISTED.lines().count());
        let has_glued = |form: &&Form| FORMS.glued.iter().any(|glued| *glued != form.text && form.text.contains(glued));
        for form in FORMS.words.iter().filter(|form| !has_glued(form)) {
            assert_eq!(Name::of(form.text).unwrap().key(), form.text, "alone, a form stays");
        }
    }

    #[test]
    fn every_form_comes_off_where_it_belongs_and_only_there() {
        for Form { text, at_start, at_end, writing } in &FORMS.words {
            let shown: String = match writing {
                Writing::Any => (*text).to_owned(),
                Writing::Capitals => text.to_uppercase(),
                Writing::Marked => text.chars().flat_map(|c| [c, '.']).collect(),
            };
            let key = |name: String| Name::of(&name).unwrap().key().to_owned();
            assert_eq!(key(format!("Zyx Wvut {shown}")) == "zyx wvut", *at_end, "{text} after");
            assert_eq!(key(format!("{shown} Zyx Wvut")) == "zyx wvut", *at_start, "{text} before");
            if *writing != Writing::Any {
                assert_eq!(key(format!("Zyx {text}")), format!("zyx {text}"));
            }
        }
    }
}

//! Bytes into content lines (RFC 5545 3.1), unfolded and numbered.

use std::borrow::Cow;

use crate::fault::{Fault, Reason};
use crate::limit;

/// One content line, unfolded.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// The number of its first line in the file.
    pub(crate) number: u64,
    /// What it begins with of letters, digits and dashes.
    pub(crate) name: &'a str,
    /// Everything after the name, with the `:` or `;` that ends it.
    pub(crate) rest: &'a str,
}

impl<'a> Line<'a> {
    fn of(number: u64, text: &'a str) -> Self {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let (name, rest) = text.split_at(text.find(|c| !is_name(c)).unwrap_or(text.len()));
        Self { number, name, rest }
    }

    /// Whether it is a name with a value. That is asked of every line, so that text which a sender forgot to fold is found
    /// out.
    pub(crate) fn is_well_formed(&self) -> bool {
        !self.name.is_empty() && self.rest.starts_with([':', ';']) && self.rest.contains(':')
    }
}

/// Splits a text into lines. Both CRLF and LF end one.
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
    /// The number of the line that `rest` begins with.
    number: u64,
    /// The line at hand.
    text: Cow<'a, [u8]>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        let rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        Self { rest, number: 1, text: Cow::Borrowed(&[]) }
    }

    /// The number of the last line that was read.
    pub(crate) fn last(&self) -> u64 {
        self.number.saturating_sub(1).max(1)
    }

    /// The next line that is not empty; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Result<Line<'_>, Fault>> {
        let number = loop {
            let number = self.number;
            self.text = Cow::Borrowed(self.physical()?);
            // Unfolded as bytes: a fold may cut a character in two. An empty line before one comes of converting line ends
            // twice.
            self.skip_empty();
            while matches!(self.rest.first(), Some(b' ' | b'\t')) {
                let more = self.physical().unwrap_or_default();
                self.text.to_mut().extend_from_slice(&more[1..]);
                self.skip_empty();
                if self.text.len() > limit::LINE_BYTES {
                    return Some(Err(Reason::TooLarge.at(number)));
                }
            }
            if !self.text.is_empty() {
                break number;
            }
        };
        if self.text.len() > limit::LINE_BYTES {
            return Some(Err(Reason::TooLarge.at(number)));
        }
        let Ok(text) = str::from_utf8(&self.text) else { return Some(Err(Reason::NotUtf8.at(number))) };
        Some(Ok(Line::of(number, text)))
    }

    /// One line of the file, without its end.
    fn physical(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|b| *b == b'\n');
        let (line, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        self.number += 1;
        let length = line.iter().rev().skip_while(|b| **b == b'\r').count();
        Some(&line[..length])
    }

    /// Passes over empty lines.
    fn skip_empty(&mut self) {
        loop {
            let returns = self.rest.iter().take_while(|b| **b == b'\r').count();
            if self.rest.get(returns) != Some(&b'\n') {
                return;
            }
            self.rest = &self.rest[returns + 1..];
            self.number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<Result<(u64, String, bool), Fault>> {
        let mut lines = Lines::new(text);
        let mut found = Vec::new();
        while let Some(line) = lines.next() {
            found.push(line.map(|line| (line.number, format!("{}{}", line.name, line.rest), line.is_well_formed())));
        }
        found
    }

    #[test]
    fn a_fold_is_taken_out_even_inside_a_character() {
        let found = all(b"\xef\xbb\xbfA:1\r\n 2\n\t3\r\r\n\r\nB:\xc3\r\n\r\n \xa4");
        assert_eq!(found, [Ok((1, "A:123".into(), true)), Ok((5, "B:\u{e4}".into(), true))]);
    }

    #[test]
    fn what_is_no_line_is_told_by_its_number() {
        assert_eq!(
            all(b"A:1\nnothing\nB:\xff"),
            [Ok((1, "A:1".into(), true)), Ok((2, "nothing".into(), false)), Err(Reason::NotUtf8.at(3))]
        );
        for bad in ["A", "A;B", ":1", "A B:1", " A:1", "\u{e4}:1"] {
            assert_eq!(all(bad.as_bytes()), [Ok((1, bad.to_owned(), false))]);
        }
        let long = [b"A:1\nB:".as_slice(), &vec![b'x'; limit::LINE_BYTES]].concat();
        assert_eq!(all(&long).last(), Some(&Err(Reason::TooLarge.at(2))));
    }
}

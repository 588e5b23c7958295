//! The parser's part: CEL's grammar, with its complaints put into our words.

use cel::ParseError;
use cel::common::ast::{IdedExpr, SourceInfo};
use cel::parser::Parser;

use super::{Check, Fault};
use crate::expression::scan::Token;

/// The parser's tree, or the first thing that is no CEL: what it says after that are mostly consequences.
pub(super) fn parse(source: &str, tokens: &[Token]) -> Result<(IdedExpr, SourceInfo), Fault> {
    // One attempt to go on after a fault: only the first is told.
    let parsed = Parser::new().error_recovery_limit(1).parse_with_source_info(source);
    parsed.map_err(|errors| match errors.errors.iter().min_by_key(|error| error.pos) {
        Some(error) => fault(source, tokens, error),
        None => Fault::at(source, 0, "not an expression"),
    })
}

fn fault(source: &str, tokens: &[Token], error: &ParseError) -> Fault {
    let offset = offset(source, error.pos);
    let message = if error.msg.starts_with("Syntax error") {
        match tokens.iter().find(|token| token.end > offset) {
            Some(token) => format!("unexpected {}", token.shown(source)),
            None => "the expression ends too early".to_owned(),
        }
    } else if let Some(word) = error.msg.strip_prefix("reserved identifier: ") {
        format!("`{word}` is a reserved word")
    } else if error.msg.starts_with("invalid argument to has") {
        "`has()` takes a field, as in `has(lead.score)`".to_owned()
    } else if error.msg.starts_with("invalid int") {
        "a whole number beyond 64 bits".to_owned()
    } else if error.msg.starts_with("invalid double") {
        "a number beyond the range of a double".to_owned()
    } else if error.msg.starts_with("invalid string") {
        "a text has an escape that is no character".to_owned()
    } else {
        "not an expression that is supported".to_owned()
    };
    Fault::at(source, offset, message)
}

/// Where a line and a column are, in bytes; the end of the text when they are nowhere.
fn offset(source: &str, (line, column): (isize, isize)) -> usize {
    let (Ok(line), Ok(column)) = (usize::try_from(line - 1), usize::try_from(column - 1)) else { return 0 };
    let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1));
    let start = starts.take(line + 1).last().unwrap_or(0);
    source[start..].char_indices().nth(column).map_or(source.len(), |(at, _)| start + at)
}

impl Check<'_> {
    /// The start of the word before the one at `at`: a function's name, when that is its bracket.
    pub(super) fn before(&self, at: usize) -> usize {
        self.tokens.iter().rev().find(|token| token.start < at).map_or(at, |token| token.start)
    }

    /// The start of the word after the one at `at`: a field's name, when that is its dot.
    pub(super) fn after(&self, at: usize) -> usize {
        self.tokens.iter().find(|token| token.start > at).map_or(at, |token| token.start)
    }

    /// The word at `at`.
    pub(super) fn word(&self, at: usize) -> &str {
        let token = self.tokens.iter().find(|token| token.start == at);
        token.map_or("", |token| &self.source[token.start..token.end])
    }
}

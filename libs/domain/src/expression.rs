//! A condition on a lead, in the syntax and with the meaning of CEL (the Common Expression Language, cel.dev).
//!
//! ```text
//! lead.company.country in ["DE", "AT", "CH"] && lead.score >= 80 && now - lead.captured_at < duration("2h")
//! ```
//!
//! The `cel` crate parses the text; it does not evaluate it. Its evaluator finds a type error only when a lead comes by,
//! bounds no cost, and wants a context for each lead. So an expression is checked against the typed lead once, when the
//! policy is, and lowered to a tree of our own, in which each node has a type. Evaluating that tree cannot meet a type
//! error, and reads the lead in place. In tests the crate's evaluator is the oracle that ours is compared with.
//!
//! **The lead.** [`Field`] lists the fields; none of them says who the person is. `lead.attributes` is a map from text to
//! text, for whoever may see attributes ([`Lead`]). `now` is the moment of the decision. A field that is not known is
//! absent, an empty text included: `has(lead.score)` and `"utm" in lead.attributes` ask for presence.
//!
//! **The language.** `== != < <= > >= && || ! ?:`, `in` with a list of literals or values, `+ - * / %` on numbers (of one
//! type; `int()` and `double()` convert), moments and durations; functions as
//! `FUNCTIONS` in `check/function.rs` lists them.
//! Moments are of millisecond precision. Patterns are those of the `regex` crate: linear in time, without back references,
//! `\w`, `\d`, `\s` and `\b` by Unicode. Comprehensions (`exists`, `map`, …), maps, messages, bytes, unsigned numbers
//! and `null` are refused. A constant that a field can never have, such as `lead.stage == "new"`, is refused as well.
//!
//! **What is absent** makes the outcome [`Outcome::Missing`], unless the rest decides without it: as errors do in CEL,
//! `false && absent` is false, `true || absent` is true, and everything else that is absent in part is absent.
//!
//! **Bounds.** The text, its words and its nesting are capped before anything recursive reads it ([`scan`]). Nothing
//! loops: an evaluation visits each node at most once, and a node costs at most the length of a text times, for
//! `matches`, the pattern's size, which is capped. Memory is taken only for texts that `lowerAscii` or `upperAscii` change,
//! and by a pattern that is first used on a thread (at most 2 MB, the `regex` crate's own limit).

use std::fmt;
use std::sync::Arc;

use crate::time::Millis;

mod check;
mod field;
mod requires;
mod scan;
mod tree;

pub use field::{Field, Lead};
pub use requires::{Constant, Equality};
pub use tree::Failure;

/// The longest text of an expression, in bytes.
pub const MAX_SOURCE: usize = 2_048;

/// The most words and signs of an expression: a list of 200 countries has 400.
pub const MAX_TOKENS: usize = 600;

/// The most brackets inside each other. The parser, when it is not optimised, overflows a stack of 2 MB, which is what
/// threads get, at about a dozen; optimised, the deepest that passes fits into 256 kB.
pub const MAX_NESTING: usize = 8;

/// The most operators, selections, calls and brackets that each wait for the one before, on any path into the
/// expression. Chains of `&&` and `||` and items of a list do not count: they stand side by side.
pub const MAX_DEPTH: usize = 32;

/// The most patterns of an expression.
pub const MAX_PATTERNS: usize = 8;

/// A condition on a lead, checked. Two are equal when their texts are.
#[derive(Clone)]
pub struct Expression {
    source: Arc<str>,
    root: Arc<tree::Truth>,
}

/// What an expression says about a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The lead is as the expression asks.
    Matches,
    /// It is not.
    Differs,
    /// It depends on a field that the lead does not have; of several the first. Such a lead does not match.
    Missing(Field),
    /// It cannot be computed for this lead. Such a lead does not match.
    Failed(Failure),
}

/// Where an expression stands: what it may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// In a policy: everything but the person.
    Policy,
    /// In the request of who browses a pool: what a preview shows, and no attributes. A filter on anything else would tell it.
    List,
}

/// What is wrong with an expression, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In bytes, from 0.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong. Names of fields and functions are quoted, texts are not.
    pub message: String,
}

impl Fault {
    fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        Self { offset, line, column, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl Expression {
    /// Checks a text. Everything that is wrong with fields and types is reported at once, in the order of the text; a text
    /// that is too large, or no CEL, has one fault.
    pub fn parse(source: &str) -> Result<Self, Vec<Fault>> {
        Self::parse_in(source, Scope::Policy)
    }

    /// The same of a text by which a pool's list is filtered: it sees the fields of the preview, and `lead.pooled_at`.
    pub fn parse_for_list(source: &str) -> Result<Self, Vec<Fault>> {
        Self::parse_in(source, Scope::List)
    }

    fn parse_in(source: &str, scope: Scope) -> Result<Self, Vec<Fault>> {
        let tokens = scan::scan(source).map_err(|fault| vec![fault])?;
        let root = check::check(source, &tokens, scope)?;
        Ok(Self { source: source.into(), root: Arc::new(root) })
    }

    /// The text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the expression says about a lead at a moment.
    pub fn evaluate(&self, lead: &Lead<'_>, now: Millis) -> Outcome {
        match self.root.holds(tree::Scene { lead: *lead, now }) {
            Ok(true) => Outcome::Matches,
            Ok(false) => Outcome::Differs,
            Err(tree::Stop::Missing(field)) => Outcome::Missing(field.clone()),
            Err(tree::Stop::Failed(failure)) => Outcome::Failed(failure),
        }
    }

    /// Conditions that hold for every lead that matches, of the form that an index can look up. There may be others that
    /// it does not find.
    pub fn requires(&self) -> Vec<Equality> {
        requires::requires(&self.root)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

#[cfg(test)]
mod tests;

//! The lowered expression: a tree in which every node has a type, and how it is evaluated.
//!
//! Its depth is bounded by [`MAX_DEPTH`](super::MAX_DEPTH), so evaluating it may recurse.

use std::borrow::Cow;
use std::cmp::Ordering;

use regex::Regex;

use super::field::{Field, Lead};
use crate::time::Millis;

mod number;
mod time;

pub(super) use number::{Arithmetic, Real, Whole};
pub(super) use time::{Length, Moment, Part};

/// What an expression is evaluated against.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) lead: Lead<'a>,
    pub(super) now: Millis,
}

/// Why a node has no value.
#[derive(Clone, Copy)]
pub(super) enum Stop<'a> {
    Missing(&'a Field),
    Failed(Failure),
}

/// Why an expression cannot be computed for a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A whole number divided by 0.
    #[error("a division by zero")]
    DivisionByZero,
    /// A whole number beyond 64 bits, or a moment beyond the years 1 to 9999.
    #[error("a number or moment out of range")]
    OutOfRange,
    /// `int()` or `double()` of a text that is no number.
    #[error("a text that is not a number")]
    NotANumber,
}

pub(super) type Answer<'a, T> = Result<T, Stop<'a>>;

/// A node of any type.
pub(super) trait Term {
    type Value<'a>: PartialOrd
    where
        Self: 'a;

    fn value<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, Self::Value<'a>>;
}

/// A truth value.
pub(super) enum Truth {
    Constant(bool),
    Has(Field),
    Not(Box<Truth>),
    /// `&&`, of two or more.
    All(Vec<Truth>),
    /// `||`, of two or more.
    Any(Vec<Truth>),
    If(Box<Branch<Truth>>),
    Truths(Box<Compare<Truth>>),
    Wholes(Box<Compare<Whole>>),
    Reals(Box<Compare<Real>>),
    Mixed(Order, Box<(Whole, Real)>),
    Texts(Box<Compare<Text>>),
    Moments(Box<Compare<Moment>>),
    Lengths(Box<Compare<Length>>),
    /// Whether a text is one of these, which are sorted.
    OneOf(Text, Vec<Box<str>>),
    AmongTexts(Box<(Text, Vec<Text>)>),
    AmongWholes(Box<(Whole, Vec<Whole>)>),
    AmongReals(Box<(Real, Vec<Real>)>),
    Within(Within, Box<(Text, Text)>),
    Fits(Box<Text>, Regex),
}

/// How a text may be found in another.
#[derive(Clone, Copy)]
pub(super) enum Within {
    Start,
    End,
    Anywhere,
}

impl Truth {
    pub(super) fn holds<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, bool> {
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Has(field) => Ok(scene.lead.has(field)),
            Self::Not(truth) => truth.holds(scene).map(|holds| !holds),
            Self::All(truths) => decided(truths, false, scene),
            Self::Any(truths) => decided(truths, true, scene),
            Self::If(branch) => branch.chosen(scene)?.holds(scene),
            Self::Truths(compare) => compare.holds(scene),
            Self::Wholes(compare) => compare.holds(scene),
            Self::Reals(compare) => compare.holds(scene),
            Self::Mixed(order, sides) => {
                Ok(order.allows(number::compare(sides.0.value(scene)?, sides.1.value(scene)?)))
            }
            Self::Texts(compare) => compare.holds(scene),
            Self::Moments(compare) => compare.holds(scene),
            Self::Lengths(compare) => compare.holds(scene),
            Self::OneOf(text, known) => {
                let text = text.value(scene)?;
                Ok(known.binary_search_by(|item| (**item).cmp(&text)).is_ok())
            }
            Self::AmongTexts(sides) => among(&sides.0, &sides.1, scene),
            Self::AmongWholes(sides) => among(&sides.0, &sides.1, scene),
            Self::AmongReals(sides) => among(&sides.0, &sides.1, scene),
            Self::Within(within, sides) => {
                let (text, part) = (sides.0.value(scene)?, sides.1.value(scene)?);
                Ok(match within {
                    Within::Start => text.starts_with(&*part),
                    Within::End => text.ends_with(&*part),
                    Within::Anywhere => text.contains(&*part),
                })
            }
            Self::Fits(text, pattern) => Ok(pattern.is_match(&text.value(scene)?)),
        }
    }
}

impl Term for Truth {
    type Value<'a> = bool;

    fn value<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, bool> {
        self.holds(scene)
    }
}

/// `decisive` when any of them is that, whatever else is absent or fails; else the first stop; else the opposite.
fn decided<'a>(truths: &'a [Truth], decisive: bool, scene: Scene<'a>) -> Answer<'a, bool> {
    let mut stopped = None;
    for truth in truths {
        match truth.holds(scene) {
            Ok(value) if value == decisive => return Ok(decisive),
            Ok(_) => {}
            Err(stop) => stopped = stopped.or(Some(stop)),
        }
    }
    stopped.map_or(Ok(!decisive), Err)
}

/// Whether a value equals one of the items. As in CEL the whole list is made first: an absent item stops it.
fn among<'a, T: Term>(value: &'a T, items: &'a [T], scene: Scene<'a>) -> Answer<'a, bool> {
    let value = value.value(scene)?;
    let mut found = false;
    for item in items {
        found |= item.value(scene)? == value;
    }
    Ok(found)
}

/// `test ? yes : no`; only the chosen one is evaluated.
pub(super) struct Branch<T> {
    pub(super) test: Truth,
    pub(super) yes: T,
    pub(super) no: T,
}

impl<T> Branch<T> {
    fn chosen<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, &'a T> {
        Ok(if self.test.holds(scene)? { &self.yes } else { &self.no })
    }
}

/// A comparison of two nodes of one type.
pub(super) struct Compare<T> {
    pub(super) order: Order,
    pub(super) left: T,
    pub(super) right: T,
}

impl<T: Term> Compare<T> {
    fn holds<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, bool> {
        Ok(self.order.allows(self.left.value(scene)?.partial_cmp(&self.right.value(scene)?)))
    }
}

/// What a comparison asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Differs,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Order {
    /// Whether the order found is the one asked for. What is not a number (`None`) only differs.
    fn allows(self, found: Option<Ordering>) -> bool {
        match self {
            Self::Equal => found == Some(Ordering::Equal),
            Self::Differs => found != Some(Ordering::Equal),
            Self::Less => found == Some(Ordering::Less),
            Self::AtMost => matches!(found, Some(Ordering::Less | Ordering::Equal)),
            Self::More => found == Some(Ordering::Greater),
            Self::AtLeast => matches!(found, Some(Ordering::Greater | Ordering::Equal)),
        }
    }

    /// The same with the sides exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
            same => same,
        }
    }
}

/// A text.
pub(super) enum Text {
    Constant(Box<str>),
    Field(Field),
    Lower(Box<Text>),
    Upper(Box<Text>),
    If(Box<Branch<Text>>),
}

impl Term for Text {
    type Value<'a> = Cow<'a, str>;

    fn value<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, Cow<'a, str>> {
        match self {
            Self::Constant(text) => Ok(Cow::Borrowed(text)),
            Self::Field(field) => scene.lead.text(field).map(Cow::Borrowed).ok_or(Stop::Missing(field)),
            Self::Lower(text) => {
                let text = text.value(scene)?;
                let changes = text.bytes().any(|b| b.is_ascii_uppercase());
                Ok(if changes { Cow::Owned(text.to_ascii_lowercase()) } else { text })
            }
            Self::Upper(text) => {
                let text = text.value(scene)?;
                let changes = text.bytes().any(|b| b.is_ascii_lowercase());
                Ok(if changes { Cow::Owned(text.to_ascii_uppercase()) } else { text })
            }
            Self::If(branch) => branch.chosen(scene)?.value(scene),
        }
    }
}

//! Numbers: whole ones of 64 bits, which fail on overflow, and IEEE doubles, which do not.

use std::cmp::Ordering;

use super::time::{Length, Moment, Part};
use super::{Answer, Branch, Failure, Scene, Stop, Term, Text};
use crate::expression::Field;

/// An operation on two numbers.
#[derive(Clone, Copy)]
pub(in crate::expression) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A whole number.
pub(in crate::expression) enum Whole {
    Constant(i64),
    Field(Field),
    Negative(Box<Whole>),
    Of(Arithmetic, Box<(Whole, Whole)>),
    /// How many characters a text has.
    Size(Box<Text>),
    FromText(Box<Text>),
    FromReal(Box<Real>),
    /// A part of a moment's date or time in a zone.
    Part(Box<(Part, Moment, jiff::tz::TimeZone)>),
    /// How many whole units of so many milliseconds a length has.
    Units(i64, Box<Length>),
    If(Box<Branch<Whole>>),
}

impl Term for Whole {
    type Value<'a> = i64;

    fn value<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, i64> {
        let out_of_range = Stop::Failed(Failure::OutOfRange);
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Field(field) => scene.lead.number(field).ok_or(Stop::Missing(field)),
            Self::Negative(whole) => whole.value(scene)?.checked_neg().ok_or(out_of_range),
            Self::Of(arithmetic, sides) => {
                let (left, right) = (sides.0.value(scene)?, sides.1.value(scene)?);
                let result = match arithmetic {
                    Arithmetic::Add => left.checked_add(right),
                    Arithmetic::Subtract => left.checked_sub(right),
                    Arithmetic::Multiply => left.checked_mul(right),
                    Arithmetic::Divide | Arithmetic::Remainder if right == 0 => {
                        return Err(Stop::Failed(Failure::DivisionByZero));
                    }
                    Arithmetic::Divide => left.checked_div(right),
                    Arithmetic::Remainder => left.checked_rem(right),
                };
                result.ok_or(out_of_range)
            }
            Self::Size(text) => Ok(i64::try_from(text.value(scene)?.chars().count()).unwrap_or(i64::MAX)),
            Self::FromText(text) => text.value(scene)?.parse().map_err(|_| Stop::Failed(Failure::NotANumber)),
            Self::FromReal(real) => {
                let value = real.value(scene)?;
                // As CEL has it, -2^63 itself is out as well. Both ends are powers of two, which a double has exactly.
                let fits = value > -TWO_TO_63 && value < TWO_TO_63;
                #[expect(clippy::cast_possible_truncation, reason = "`int()` of CEL cuts the fraction off")]
                if fits { Ok(value as i64) } else { Err(out_of_range) }
            }
            Self::Part(part) => part.0.of(part.1.value(scene)?, &part.2),
            Self::Units(unit, length) => Ok(length.value(scene)?.0 / unit),
            Self::If(branch) => branch.chosen(scene)?.value(scene),
        }
    }
}

/// A number with a fraction.
pub(in crate::expression) enum Real {
    Constant(f64),
    Negative(Box<Real>),
    Of(Arithmetic, Box<(Real, Real)>),
    FromText(Box<Text>),
    FromWhole(Box<Whole>),
    If(Box<Branch<Real>>),
}

impl Term for Real {
    type Value<'a> = f64;

    fn value<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, f64> {
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Negative(real) => real.value(scene).map(|value| -value),
            Self::Of(arithmetic, sides) => {
                let (left, right) = (sides.0.value(scene)?, sides.1.value(scene)?);
                Ok(match arithmetic {
                    Arithmetic::Add => left + right,
                    Arithmetic::Subtract => left - right,
                    Arithmetic::Multiply => left * right,
                    Arithmetic::Divide => left / right,
                    Arithmetic::Remainder => left % right,
                })
            }
            Self::FromText(text) => text.value(scene)?.parse().map_err(|_| Stop::Failed(Failure::NotANumber)),
            #[expect(clippy::cast_precision_loss, reason = "`double()` of CEL gives the nearest double")]
            Self::FromWhole(whole) => whole.value(scene).map(|value| value as f64),
            Self::If(branch) => branch.chosen(scene)?.value(scene),
        }
    }
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// Compares as on one line of numbers, exactly, without making the whole number a double.
pub(super) fn compare(whole: i64, real: f64) -> Option<Ordering> {
    if real.is_nan() {
        return None;
    }
    if real >= TWO_TO_63 {
        return Some(Ordering::Less);
    }
    if real < -TWO_TO_63 {
        return Some(Ordering::Greater);
    }
    #[expect(clippy::cast_possible_truncation, reason = "it has just been checked to fit")]
    let floor = real.floor() as i64;
    let above = if real > real.floor() { Ordering::Less } else { Ordering::Equal };
    Some(whole.cmp(&floor).then(above))
}

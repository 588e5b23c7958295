//! Moments and lengths of time, in milliseconds.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Answer, Arithmetic, Branch, Failure, Scene, Stop, Term};
use crate::expression::field::Field;
use crate::time::{Millis, Span};

/// The years 1 to 9999, which is what CEL's timestamps have.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// A moment.
pub(in crate::expression) enum Moment {
    Constant(Millis),
    Now,
    CapturedAt,
    PooledAt,
    /// So much later, or with [`Arithmetic::Subtract`] earlier.
    Shifted(Arithmetic, Box<(Moment, Length)>),
    If(Box<Branch<Moment>>),
}

impl Term for Moment {
    type Value<'a> = Millis;

    fn value<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, Millis> {
        match self {
            Self::Constant(moment) => Ok(*moment),
            Self::Now => Ok(scene.now),
            Self::CapturedAt => Ok(scene.lead.facts.captured_at),
            Self::PooledAt => scene.lead.pooled_at.ok_or(Stop::Missing(&Field::PooledAt)),
            Self::Shifted(arithmetic, sides) => {
                let shifted = sum(*arithmetic, sides.0.value(scene)?.0, sides.1.value(scene)?.0)?;
                if RANGE.contains(&shifted) { Ok(Millis(shifted)) } else { Err(Stop::Failed(Failure::OutOfRange)) }
            }
            Self::If(branch) => branch.chosen(scene)?.value(scene),
        }
    }
}

/// A length of time.
pub(in crate::expression) enum Length {
    Constant(Span),
    /// From the second moment to the first.
    Between(Box<(Moment, Moment)>),
    /// A sum or a difference.
    Of(Arithmetic, Box<(Length, Length)>),
    If(Box<Branch<Length>>),
}

impl Term for Length {
    type Value<'a> = Span;

    fn value<'a>(&'a self, scene: Scene<'a>) -> Answer<'a, Span> {
        match self {
            Self::Constant(length) => Ok(*length),
            Self::Between(moments) => {
                sum(Arithmetic::Subtract, moments.0.value(scene)?.0, moments.1.value(scene)?.0).map(Span)
            }
            Self::Of(arithmetic, sides) => sum(*arithmetic, sides.0.value(scene)?.0, sides.1.value(scene)?.0).map(Span),
            Self::If(branch) => branch.chosen(scene)?.value(scene),
        }
    }
}

fn sum<'a>(arithmetic: Arithmetic, left: i64, right: i64) -> Answer<'a, i64> {
    let result = match arithmetic {
        Arithmetic::Subtract => left.checked_sub(right),
        _ => left.checked_add(right),
    };
    result.ok_or(Stop::Failed(Failure::OutOfRange))
}

/// A part of a date and time, counted as CEL does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::expression) enum Part {
    Year,
    /// From 0.
    Month,
    /// From 1.
    Date,
    /// From 0.
    DayOfMonth,
    /// From 0, which is a Sunday.
    DayOfWeek,
    /// From 0.
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl Part {
    pub(super) fn of<'a>(self, moment: Millis, zone: &TimeZone) -> Answer<'a, i64> {
        let moment = Timestamp::from_millisecond(moment.0).map_err(|_| Stop::Failed(Failure::OutOfRange))?;
        let civil = zone.to_datetime(moment);
        Ok(match self {
            Self::Year => civil.year().into(),
            Self::Month => i64::from(civil.month()) - 1,
            Self::Date => civil.day().into(),
            Self::DayOfMonth => i64::from(civil.day()) - 1,
            Self::DayOfWeek => civil.weekday().to_sunday_zero_offset().into(),
            Self::DayOfYear => i64::from(civil.day_of_year()) - 1,
            Self::Hours => civil.hour().into(),
            Self::Minutes => civil.minute().into(),
            Self::Seconds => civil.second().into(),
            Self::Milliseconds => civil.millisecond().into(),
        })
    }
}

//! Calls of functions.

use cel::common::ast::CallExpr;
use jiff::tz::TimeZone;

use super::name::{closest, did_you_mean};
use super::{Check, Typed, constant};
use crate::expression::tree::{Length, Moment, Part, Real, Text, Truth, Whole, Within};

/// The functions, each with how it is used. A `TEXT` is one in quotes.
pub(super) const FUNCTIONS: [(&str, &str); 22] = [
    ("has", "has(lead.FIELD)"),
    ("size", "size(string)"),
    ("startsWith", "string.startsWith(string)"),
    ("endsWith", "string.endsWith(string)"),
    ("contains", "string.contains(string)"),
    ("matches", "string.matches(TEXT)"),
    ("lowerAscii", "string.lowerAscii()"),
    ("upperAscii", "string.upperAscii()"),
    ("int", "int(string), int(double)"),
    ("double", "double(string), double(int)"),
    ("timestamp", "timestamp(TEXT)"),
    ("duration", "duration(TEXT)"),
    ("getFullYear", "timestamp.getFullYear()"),
    ("getMonth", "timestamp.getMonth()"),
    ("getDate", "timestamp.getDate()"),
    ("getDayOfMonth", "timestamp.getDayOfMonth()"),
    ("getDayOfWeek", "timestamp.getDayOfWeek()"),
    ("getDayOfYear", "timestamp.getDayOfYear()"),
    ("getHours", "timestamp.getHours(), timestamp.getHours(ZONE), duration.getHours()"),
    ("getMinutes", "timestamp.getMinutes(), duration.getMinutes()"),
    ("getSeconds", "timestamp.getSeconds(), duration.getSeconds()"),
    ("getMilliseconds", "timestamp.getMilliseconds(), duration.getMilliseconds()"),
];

/// CEL's macros, which the parser only expands with the arguments it expects.
const MACROS: [&str; 6] = ["all", "exists", "exists_one", "existsOne", "filter", "map"];

impl Check<'_> {
    /// `at` is the bracket.
    pub(super) fn function(&mut self, call: &CallExpr, at: usize) -> Option<Typed> {
        let name = call.func_name.as_str();
        let at = self.before(at);
        let places: Vec<_> = call.target.as_deref().into_iter().chain(&call.args).map(|arg| self.place(arg)).collect();
        let mut operands = Vec::with_capacity(places.len());
        for operand in call.target.as_deref().into_iter().chain(&call.args) {
            operands.push(self.typed(operand));
        }
        let Some((_, usage)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            return self.unknown_function(name, at);
        };
        let operands: Vec<_> = operands.into_iter().collect::<Option<_>>()?;
        let last = places.last().copied().unwrap_or(at);
        let mut operands = operands.into_iter();
        let given = (operands.next(), operands.next(), operands.next());
        let method = call.target.is_some();
        Some(match (name, method, given) {
            ("size", _, (Some(Typed::Text(text)), None, _)) => Typed::Whole(Whole::Size(Box::new(text))),
            ("startsWith", true, (Some(Typed::Text(text)), Some(Typed::Text(part)), None)) => {
                Typed::Truth(Truth::Within(Within::Start, Box::new((text, part))))
            }
            ("endsWith", true, (Some(Typed::Text(text)), Some(Typed::Text(part)), None)) => {
                Typed::Truth(Truth::Within(Within::End, Box::new((text, part))))
            }
            ("contains", true, (Some(Typed::Text(text)), Some(Typed::Text(part)), None)) => {
                Typed::Truth(Truth::Within(Within::Anywhere, Box::new((text, part))))
            }
            ("matches", _, (Some(Typed::Text(text)), Some(Typed::Text(Text::Constant(pattern))), None)) => {
                self.pattern(text, &pattern, last)?
            }
            ("lowerAscii", true, (Some(Typed::Text(text)), None, _)) => Typed::Text(Text::Lower(Box::new(text))),
            ("upperAscii", true, (Some(Typed::Text(text)), None, _)) => Typed::Text(Text::Upper(Box::new(text))),
            ("int", false, (Some(Typed::Text(text)), None, _)) => Typed::Whole(Whole::FromText(Box::new(text))),
            ("int", false, (Some(Typed::Real(real)), None, _)) => Typed::Whole(Whole::FromReal(Box::new(real))),
            ("double", false, (Some(Typed::Text(text)), None, _)) => Typed::Real(Real::FromText(Box::new(text))),
            ("double", false, (Some(Typed::Whole(whole)), None, _)) => Typed::Real(Real::FromWhole(Box::new(whole))),
            ("timestamp", false, (Some(Typed::Text(Text::Constant(text))), None, _)) => match constant::moment(&text) {
                Some(moment) => Typed::Moment(Moment::Constant(moment)),
                None => return self.fault(last, "not a moment to the millisecond, such as 2026-01-31T09:00:00Z"),
            },
            ("duration", false, (Some(Typed::Text(Text::Constant(text))), None, _)) => match constant::length(&text) {
                Some(length) => Typed::Length(Length::Constant(length)),
                None => return self.fault(last, "not a duration to the millisecond, in h, m, s and ms, such as 1h30m"),
            },
            (_, true, (Some(Typed::Moment(moment)), zone, None)) if let Some(part) = part(name) => {
                let zone = match zone {
                    None => TimeZone::UTC,
                    Some(Typed::Text(Text::Constant(name))) => match constant::zone(&name) {
                        Some(zone) => zone,
                        None => return self.fault(last, "not a time zone of the IANA database, such as Europe/Berlin"),
                    },
                    Some(_) => return self.misused(name, usage, at),
                };
                Typed::Whole(Whole::Part(Box::new((part, moment, zone))))
            }
            (_, true, (Some(Typed::Length(length)), None, _)) if let Some(unit) = unit(name) => {
                Typed::Whole(Whole::Units(unit, Box::new(length)))
            }
            _ => return self.misused(name, usage, at),
        })
    }

    fn pattern(&mut self, text: Text, pattern: &str, at: usize) -> Option<Typed> {
        self.patterns += 1;
        if self.patterns > super::MAX_PATTERNS {
            return self.fault(at, format!("an expression has at most {} patterns", super::MAX_PATTERNS));
        }
        match constant::pattern(pattern) {
            Some(pattern) => Some(Typed::Truth(Truth::Fits(Box::new(text), pattern))),
            None => self.fault(at, "not a regular expression, or too large a one"),
        }
    }

    fn misused<T>(&mut self, name: &str, usage: &str, at: usize) -> Option<T> {
        self.fault(at, format!("`{name}` is used as `{usage}`"))
    }

    fn unknown_function<T>(&mut self, name: &str, at: usize) -> Option<T> {
        if MACROS.contains(&name) {
            return self.fault(at, format!("comprehensions such as `{name}` are not supported"));
        }
        let hint = closest(name, FUNCTIONS.iter().map(|(known, _)| (*known, *known)));
        self.fault(at, format!("no function `{name}`{}", did_you_mean(hint)))
    }
}

fn part(name: &str) -> Option<Part> {
    Some(match name {
        "getFullYear" => Part::Year,
        "getMonth" => Part::Month,
        "getDate" => Part::Date,
        "getDayOfMonth" => Part::DayOfMonth,
        "getDayOfWeek" => Part::DayOfWeek,
        "getDayOfYear" => Part::DayOfYear,
        "getHours" => Part::Hours,
        "getMinutes" => Part::Minutes,
        "getSeconds" => Part::Seconds,
        "getMilliseconds" => Part::Milliseconds,
        _ => return None,
    })
}

/// The unit in milliseconds that a function counts in a duration.
fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "getHours" => 3_600_000,
        "getMinutes" => 60_000,
        "getSeconds" => 1_000,
        "getMilliseconds" => 1,
        _ => return None,
    })
}

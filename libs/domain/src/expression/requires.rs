//! What an expression needs to match, in a form that an index can look up.

use std::sync::Arc;

use super::field::{Field, Lead};
use super::tree::{Compare, Order, Text, Truth, Whole};

/// A condition that an expression needs to match: the field has one of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equality {
    /// The field.
    pub field: Field,
    /// Its possible values, in order, each once.
    pub values: Vec<Constant>,
}

/// A constant of an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Constant {
    /// A text.
    Text(Arc<str>),
    /// A whole number.
    Number(i64),
}

impl Equality {
    /// Whether the lead has the field with one of the values.
    pub fn holds(&self, lead: &Lead<'_>) -> bool {
        let is = |value: &Constant| match value {
            Constant::Text(text) => lead.text(&self.field) == Some(text),
            Constant::Number(number) => lead.number(&self.field) == Some(*number),
        };
        self.values.iter().any(is)
    }
}

pub(super) fn requires(root: &Truth) -> Vec<Equality> {
    match root {
        Truth::All(truths) => truths.iter().filter_map(equality).collect(),
        other => equality(other).into_iter().collect(),
    }
}

/// The condition that a part is, or is as good as: `a == 1 || a == 2` is `a in [1, 2]`.
fn equality(truth: &Truth) -> Option<Equality> {
    let (field, values) = match truth {
        Truth::Texts(compare) => match &**compare {
            Compare { order: Order::Equal, left: Text::Field(field), right: Text::Constant(value) }
            | Compare { order: Order::Equal, left: Text::Constant(value), right: Text::Field(field) } => {
                (field, vec![Constant::Text((&**value).into())])
            }
            _ => return None,
        },
        Truth::Wholes(compare) => match &**compare {
            Compare { order: Order::Equal, left: Whole::Field(field), right: Whole::Constant(value) }
            | Compare { order: Order::Equal, left: Whole::Constant(value), right: Whole::Field(field) } => {
                (field, vec![Constant::Number(*value)])
            }
            _ => return None,
        },
        Truth::OneOf(Text::Field(field), values) => {
            (field, values.iter().map(|value| Constant::Text((&**value).into())).collect())
        }
        Truth::AmongWholes(sides) => match &**sides {
            (Whole::Field(field), items) => {
                let number = |item: &Whole| match item {
                    Whole::Constant(value) => Some(Constant::Number(*value)),
                    _ => None,
                };
                (field, items.iter().map(number).collect::<Option<_>>()?)
            }
            _ => return None,
        },
        Truth::Any(truths) => {
            let equalities: Vec<_> = truths.iter().map(equality).collect::<Option<_>>()?;
            let (first, rest) = equalities.split_first()?;
            if rest.iter().any(|other| other.field != first.field) {
                return None;
            }
            let values = equalities.iter().flat_map(|equality| equality.values.clone()).collect();
            return Some(sorted(first.field.clone(), values));
        }
        _ => return None,
    };
    Some(sorted(field.clone(), values))
}

fn sorted(field: Field, mut values: Vec<Constant>) -> Equality {
    values.sort();
    values.dedup();
    Equality { field, values }
}

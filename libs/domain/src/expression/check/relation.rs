//! Comparisons and `in`.

use cel::common::ast::operators as op;
use cel::common::ast::{Expr, IdedExpr};

use super::{Check, Typed};
use crate::expression::tree::{Compare, Order, Text, Truth};

pub(super) fn order_of(operator: &str) -> Option<Order> {
    Some(match operator {
        op::EQUALS => Order::Equal,
        op::NOT_EQUALS => Order::Differs,
        op::LESS => Order::Less,
        op::LESS_EQUALS => Order::AtMost,
        op::GREATER => Order::More,
        op::GREATER_EQUALS => Order::AtLeast,
        _ => return None,
    })
}

impl Check<'_> {
    pub(super) fn compare(&mut self, order: Order, left: &IdedExpr, right: &IdedExpr, at: usize) -> Option<Typed> {
        let equality = matches!(order, Order::Equal | Order::Differs);
        let (left_at, right_at) = (self.place(left), self.place(right));
        let (left, right) = (self.typed(left), self.typed(right));
        Some(Typed::Truth(match (left?, right?) {
            (Typed::Truth(left), Typed::Truth(right)) if equality => {
                Truth::Truths(Box::new(Compare { order, left, right }))
            }
            (Typed::Whole(left), Typed::Whole(right)) => Truth::Wholes(Box::new(Compare { order, left, right })),
            (Typed::Real(left), Typed::Real(right)) => Truth::Reals(Box::new(Compare { order, left, right })),
            (Typed::Whole(left), Typed::Real(right)) => Truth::Mixed(order, Box::new((left, right))),
            (Typed::Real(left), Typed::Whole(right)) => Truth::Mixed(order.turned(), Box::new((right, left))),
            (Typed::Text(left), Typed::Text(right)) => {
                if equality {
                    self.vocabulary(&left, &right, right_at)?;
                    self.vocabulary(&right, &left, left_at)?;
                }
                Truth::Texts(Box::new(Compare { order, left, right }))
            }
            (Typed::Moment(left), Typed::Moment(right)) => Truth::Moments(Box::new(Compare { order, left, right })),
            (Typed::Length(left), Typed::Length(right)) => Truth::Lengths(Box::new(Compare { order, left, right })),
            (left, right) => return self.no_overload(&left, &right, at),
        }))
    }

    /// Refuses a constant that the field on the other side never has.
    fn vocabulary(&mut self, field: &Text, constant: &Text, at: usize) -> Option<()> {
        if let (Text::Field(field), Text::Constant(constant)) = (field, constant)
            && let Some(why) = field.never(constant)
        {
            return self.fault(at, why);
        }
        Some(())
    }

    pub(super) fn membership(&mut self, left: &IdedExpr, right: &IdedExpr, at: usize) -> Option<Typed> {
        let Expr::List(list) = &right.expr else {
            return self.attribute_named(left, right);
        };
        let left_at = self.place(left);
        let left = self.typed(left);
        if list.elements.is_empty() {
            return self.fault(self.place(right), "nothing is `in` an empty list");
        }
        let items: Vec<_> = list.elements.iter().map(|item| (self.place(item), self.typed(item))).collect();
        Some(Typed::Truth(match left? {
            Typed::Text(text) => {
                let items = self.items("string", items, |item| match item {
                    Typed::Text(text) => Ok(text),
                    other => Err(other),
                })?;
                for (at, item) in &items {
                    self.vocabulary(&text, item, *at);
                    self.vocabulary(item, &text, left_at);
                }
                one_of(text, items.into_iter().map(|(_, item)| item).collect())
            }
            Typed::Whole(whole) => {
                let items = self.items("int", items, |item| match item {
                    Typed::Whole(whole) => Ok(whole),
                    other => Err(other),
                })?;
                Truth::AmongWholes(Box::new((whole, items.into_iter().map(|(_, item)| item).collect())))
            }
            Typed::Real(real) => {
                let items = self.items("double", items, |item| match item {
                    Typed::Real(real) => Ok(real),
                    other => Err(other),
                })?;
                Truth::AmongReals(Box::new((real, items.into_iter().map(|(_, item)| item).collect())))
            }
            other => return self.fault(at, format!("no `in` for {}", other.kind())),
        }))
    }

    /// The items, when all are of the type of what is looked for.
    fn items<T>(
        &mut self,
        kind: &str,
        items: Vec<(usize, Option<Typed>)>,
        take: fn(Typed) -> Result<T, Typed>,
    ) -> Option<Vec<(usize, T)>> {
        let mut kept = Some(Vec::with_capacity(items.len()));
        for (at, item) in items {
            let item = match item.map(take) {
                Some(Ok(item)) => Some(item),
                Some(Err(other)) => self.fault(at, format!("no `in` between {kind} and {}", other.kind())),
                None => None,
            };
            kept = kept.zip(item).map(|(mut kept, item)| {
                kept.push((at, item));
                kept
            });
        }
        kept
    }
}

/// Texts that are known beforehand are looked up in order.
fn one_of(text: Text, items: Vec<Text>) -> Truth {
    let constants: Option<Vec<_>> = items
        .iter()
        .map(|item| match item {
            Text::Constant(constant) => Some(constant.clone()),
            _ => None,
        })
        .collect();
    match constants {
        Some(mut constants) => {
            constants.sort();
            constants.dedup();
            Truth::OneOf(text, constants)
        }
        None => Truth::AmongTexts(Box::new((text, items))),
    }
}

//! Names: the lead's fields, and what was meant by an unknown one.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, SelectExpr};

use super::{Check, Typed};
use crate::expression::Scope;
use crate::expression::field::{FIELDS, Field, POOLED_AT};
use crate::expression::tree::{Moment, Text, Truth, Whole};
use crate::id::Source;

const ATTRIBUTES: [&str; 2] = ["lead", "attributes"];

/// What has fields but is none.
const GROUPS: [&str; 4] = ["lead", "lead.company", "lead.qualification", "lead.attributes"];

/// What an expression must not see, by the names people may try.
const PERSONAL: [&str; 6] = ["contact", "person", "email", "phone", "title", "notes"];

/// The segments of a name, with their places.
type Path<'e> = Vec<(&'e str, usize)>;

impl Check<'_> {
    /// `a.b.c`, when the node is that.
    fn path<'e>(&self, mut expr: &'e IdedExpr) -> Option<Path<'e>> {
        let mut path = Vec::new();
        loop {
            let at = self.place(expr);
            match &expr.expr {
                Expr::Ident(name) => {
                    path.push((name.as_str(), at));
                    path.reverse();
                    return Some(path);
                }
                Expr::Select(SelectExpr { operand, field, test: false }) => {
                    path.push((field, self.after(at)));
                    expr = operand;
                }
                _ => return None,
            }
        }
    }

    pub(super) fn named(&mut self, expr: &IdedExpr) -> Option<Typed> {
        let Some(path) = self.path(expr) else {
            return self.fault(self.place(expr), "only `lead` has fields");
        };
        if let [("now", _)] = path[..] {
            return Some(Typed::Moment(Moment::Now));
        }
        Some(match self.field(&path)? {
            field @ (Field::Employees | Field::Score) => Typed::Whole(Whole::Field(field)),
            Field::CapturedAt => Typed::Moment(Moment::CapturedAt),
            Field::PooledAt => Typed::Moment(Moment::PooledAt),
            field => Typed::Text(Text::Field(field)),
        })
    }

    /// `has(a.b.c)`; `at` is the bracket.
    pub(super) fn presence(&mut self, operand: &IdedExpr, field: &str, at: usize) -> Option<Typed> {
        let Some(mut path) = self.path(operand) else {
            return self.fault(self.after(at), "`has()` takes a field, as in `has(lead.score)`");
        };
        path.push((field, self.after(at)));
        Some(Typed::Truth(Truth::Has(self.field(&path)?)))
    }

    /// `lead.attributes["name"]`.
    pub(super) fn attribute(&mut self, operand: &IdedExpr, name: &IdedExpr, at: usize) -> Option<Typed> {
        if !self.is_attributes(operand) {
            return self.fault(at, "only `lead.attributes` is indexed");
        }
        Some(Typed::Text(Text::Field(self.attribute_name(name)?)))
    }

    /// `"name" in lead.attributes`.
    pub(super) fn attribute_named(&mut self, name: &IdedExpr, map: &IdedExpr) -> Option<Typed> {
        if !self.is_attributes(map) {
            return self.fault(self.place(map), "`in` is followed by a list in brackets or `lead.attributes`");
        }
        Some(Typed::Truth(Truth::Has(self.attribute_name(name)?)))
    }

    fn is_attributes(&self, expr: &IdedExpr) -> bool {
        self.path(expr).is_some_and(|path| path.iter().map(|(name, _)| *name).eq(ATTRIBUTES))
    }

    fn attribute_name(&mut self, name: &IdedExpr) -> Option<Field> {
        match &name.expr {
            Expr::Literal(LiteralValue::String(text)) if Source::parse(text.inner()).is_ok() => {
                self.seen(Field::Attribute(text.inner().into()), self.place(name))
            }
            Expr::Literal(LiteralValue::String(_)) => {
                self.fault(self.place(name), "an attribute's name has 1 to 64 characters of a-z 0-9 _ -")
            }
            _ => self.fault(self.place(name), "an attribute's name is a text in quotes"),
        }
    }

    fn field(&mut self, path: &[(&str, usize)]) -> Option<Field> {
        let mut name = String::new();
        for (place, (segment, at)) in path.iter().enumerate() {
            if name == ATTRIBUTES.join(".") && path.len() == place + 1 && Source::parse(segment).is_ok() {
                return self.seen(Field::Attribute((*segment).into()), *at);
            }
            if place > 0 {
                name.push('.');
            }
            name.push_str(segment);
            if let Some((_, field)) = FIELDS.iter().chain([&POOLED_AT]).find(|(known, _)| *known == name) {
                return match path.get(place + 1) {
                    None => self.seen(field.clone(), *at),
                    Some((_, at)) => self.fault(*at, format!("`{name}` has no fields")),
                };
            }
            if !GROUPS.contains(&name.as_str()) {
                return self.unknown_field(&name, segment, *at);
            }
        }
        self.fault(path.last().map_or(0, |(_, at)| *at), format!("`{name}` is a group of fields: name one of them"))
    }

    /// The field, if an expression of this scope may see it.
    fn seen(&mut self, field: Field, at: usize) -> Option<Field> {
        match self.scope {
            Scope::List if !field.in_preview() => {
                self.fault(at, format!("`{field}` is not in the preview, by which lists are filtered"))
            }
            Scope::Policy if field == Field::PooledAt => {
                self.fault(at, format!("`{field}` is known where a pool is listed only"))
            }
            _ => Some(field),
        }
    }

    fn unknown_field<T>(&mut self, name: &str, last: &str, at: usize) -> Option<T> {
        if PERSONAL.contains(&last) {
            return self.fault(at, format!("`{name}` is personal data, which expressions do not see"));
        }
        let paths = FIELDS.iter().map(|(path, _)| *path);
        let hint = closest(last, paths.map(|path| (path.rsplit('.').next().unwrap_or(path), path)));
        self.fault(at, format!("no field `{name}`{}", did_you_mean(hint)))
    }
}

/// The second of the pair whose first is most like `name`, if any is alike.
pub(super) fn closest<'a>(name: &str, known: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).clamp(1, 3);
    let distances = known.map(|(word, meant)| (strsim::osa_distance(name, word), meant));
    distances.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, meant)| meant)
}

pub(super) fn did_you_mean(hint: Option<&str>) -> String {
    hint.map(|hint| format!(": did you mean `{hint}`")).unwrap_or_default()
}

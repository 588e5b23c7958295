//! From the parser's tree to ours: names, types and constants are checked here, and every fault is collected on the way.

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo};

use super::scan::Token;
use super::tree::{Arithmetic, Branch, Length, Moment, Real, Text, Truth, Whole};
use super::{Fault, MAX_PATTERNS, Scope};

mod constant;
mod function;
mod name;
mod relation;
mod syntax;

/// Parses, checks and lowers a text whose words have passed the caps.
pub(super) fn check(source: &str, tokens: &[Token], scope: Scope) -> Result<Truth, Vec<Fault>> {
    let (expr, info) = syntax::parse(source, tokens).map_err(|fault| vec![fault])?;
    let mut check = Check { source, tokens, scope, info: &info, faults: Vec::new(), patterns: 0 };
    let root = match check.typed(&expr) {
        Some(Typed::Truth(root)) => Some(root),
        Some(other) => check.fault(tokens[0].start, format!("a condition is bool, not {}", other.kind())),
        None => None,
    };
    match root {
        Some(root) if check.faults.is_empty() => Ok(root),
        _ => {
            check.faults.sort_by_key(|fault| fault.offset);
            Err(check.faults)
        }
    }
}

/// A lowered node with its type.
enum Typed {
    Truth(Truth),
    Whole(Whole),
    Real(Real),
    Text(Text),
    Moment(Moment),
    Length(Length),
}

impl Typed {
    /// The type's name in CEL.
    fn kind(&self) -> &'static str {
        match self {
            Self::Truth(_) => "bool",
            Self::Whole(_) => "int",
            Self::Real(_) => "double",
            Self::Text(_) => "string",
            Self::Moment(_) => "timestamp",
            Self::Length(_) => "duration",
        }
    }
}

/// The state of a check. Whatever answers `None` has noted a fault.
struct Check<'a> {
    source: &'a str,
    tokens: &'a [Token],
    scope: Scope,
    info: &'a SourceInfo,
    faults: Vec<Fault>,
    patterns: usize,
}

impl Check<'_> {
    fn fault<T>(&mut self, offset: usize, message: impl Into<String>) -> Option<T> {
        self.faults.push(Fault::at(self.source, offset, message));
        None
    }

    /// Where the parser says the node is: a literal or a name itself, else its operator, dot or bracket.
    fn place(&self, expr: &IdedExpr) -> usize {
        self.info.offset_for(expr.id).map_or(0, |(start, _)| start as usize)
    }

    fn typed(&mut self, expr: &IdedExpr) -> Option<Typed> {
        let at = self.place(expr);
        match &expr.expr {
            Expr::Literal(literal) => self.literal(literal, at),
            Expr::Ident(_) => self.named(expr),
            Expr::Select(SelectExpr { test: false, .. }) => self.named(expr),
            Expr::Select(SelectExpr { operand, field, test: true }) => self.presence(operand, field, at),
            Expr::Call(call) => self.call(call, at),
            Expr::List(_) => self.fault(at, "a list only stands on the right of `in`"),
            Expr::Comprehension(_) => {
                self.fault(self.before(at), "comprehensions such as `exists`, `all` and `map` are not supported")
            }
            Expr::Map(_) | Expr::Struct(_) => self.fault(at, "maps and messages are not supported"),
            Expr::Unspecified => self.fault(at, "not an expression"),
        }
    }

    fn literal(&mut self, literal: &LiteralValue, at: usize) -> Option<Typed> {
        Some(match literal {
            LiteralValue::Boolean(value) => Typed::Truth(Truth::Constant(*value.inner())),
            LiteralValue::Int(value) => Typed::Whole(Whole::Constant(*value.inner())),
            LiteralValue::Double(value) => Typed::Real(Real::Constant(*value.inner())),
            LiteralValue::String(value) => Typed::Text(Text::Constant(value.inner().into())),
            LiteralValue::Null => {
                return self.fault(at, "`null` is not supported: `has()` asks whether a field is known");
            }
            LiteralValue::Bytes(_) => return self.fault(at, "bytes are not supported"),
            LiteralValue::UInt(_) => return self.fault(at, "unsigned numbers are not supported"),
        })
    }

    fn call(&mut self, call: &CallExpr, at: usize) -> Option<Typed> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND, [left, right]) => self.both(left, right, at, true),
            (op::LOGICAL_OR, [left, right]) => self.both(left, right, at, false),
            (op::LOGICAL_NOT, [operand]) => match self.typed(operand)? {
                Typed::Truth(truth) => Some(Typed::Truth(Truth::Not(Box::new(truth)))),
                other => self.fault(at, format!("no `!` of {}", other.kind())),
            },
            (op::NEGATE, [operand]) => match self.typed(operand)? {
                Typed::Whole(Whole::Constant(value)) if value > i64::MIN => Some(Typed::Whole(Whole::Constant(-value))),
                Typed::Whole(whole) => Some(Typed::Whole(Whole::Negative(Box::new(whole)))),
                Typed::Real(real) => Some(Typed::Real(Real::Negative(Box::new(real)))),
                other => self.fault(at, format!("no `-` of {}", other.kind())),
            },
            (op::CONDITIONAL, [test, yes, no]) => self.conditional(test, yes, no, at),
            (op::IN, [left, right]) => self.membership(left, right, at),
            (op::INDEX, [operand, name]) => self.attribute(operand, name, at),
            (name, [left, right]) if let Some(order) = relation::order_of(name) => self.compare(order, left, right, at),
            (name, [left, right]) if let Some(arithmetic) = arithmetic_of(name) => {
                self.arithmetic(arithmetic, left, right, at)
            }
            _ => self.function(call, at),
        }
    }

    fn both(&mut self, left: &IdedExpr, right: &IdedExpr, at: usize, all: bool) -> Option<Typed> {
        let (left, right) = (self.typed(left), self.typed(right));
        match (left?, right?) {
            (Typed::Truth(left), Typed::Truth(right)) => {
                let mut truths = Vec::new();
                for truth in [left, right] {
                    match truth {
                        Truth::All(inner) if all => truths.extend(inner),
                        Truth::Any(inner) if !all => truths.extend(inner),
                        other => truths.push(other),
                    }
                }
                Some(Typed::Truth(if all { Truth::All(truths) } else { Truth::Any(truths) }))
            }
            (left, right) => self.no_overload(&left, &right, at),
        }
    }

    fn conditional(&mut self, test: &IdedExpr, yes: &IdedExpr, no: &IdedExpr, at: usize) -> Option<Typed> {
        let test = match self.typed(test) {
            Some(Typed::Truth(test)) => Some(test),
            Some(other) => self.fault(at, format!("`?` follows bool, not {}", other.kind())),
            None => None,
        };
        let (yes, no) = (self.typed(yes), self.typed(no));
        let test = test?;
        Some(match (yes?, no?) {
            (Typed::Truth(yes), Typed::Truth(no)) => Typed::Truth(Truth::If(Box::new(Branch { test, yes, no }))),
            (Typed::Whole(yes), Typed::Whole(no)) => Typed::Whole(Whole::If(Box::new(Branch { test, yes, no }))),
            (Typed::Real(yes), Typed::Real(no)) => Typed::Real(Real::If(Box::new(Branch { test, yes, no }))),
            (Typed::Text(yes), Typed::Text(no)) => Typed::Text(Text::If(Box::new(Branch { test, yes, no }))),
            (Typed::Moment(yes), Typed::Moment(no)) => Typed::Moment(Moment::If(Box::new(Branch { test, yes, no }))),
            (Typed::Length(yes), Typed::Length(no)) => Typed::Length(Length::If(Box::new(Branch { test, yes, no }))),
            (yes, no) => {
                return self.fault(at, format!("`?` chooses between {} and {}", yes.kind(), no.kind()));
            }
        })
    }

    fn arithmetic(&mut self, of: Arithmetic, left: &IdedExpr, right: &IdedExpr, at: usize) -> Option<Typed> {
        let (left, right) = (self.typed(left), self.typed(right));
        let shifts = matches!(of, Arithmetic::Add | Arithmetic::Subtract);
        Some(match (left?, right?) {
            (Typed::Whole(left), Typed::Whole(right)) => Typed::Whole(Whole::Of(of, Box::new((left, right)))),
            (Typed::Real(left), Typed::Real(right)) if !matches!(of, Arithmetic::Remainder) => {
                Typed::Real(Real::Of(of, Box::new((left, right))))
            }
            (Typed::Moment(left), Typed::Moment(right)) if matches!(of, Arithmetic::Subtract) => {
                Typed::Length(Length::Between(Box::new((left, right))))
            }
            (Typed::Moment(left), Typed::Length(right)) if shifts => {
                Typed::Moment(Moment::Shifted(of, Box::new((left, right))))
            }
            (Typed::Length(left), Typed::Moment(right)) if matches!(of, Arithmetic::Add) => {
                Typed::Moment(Moment::Shifted(of, Box::new((right, left))))
            }
            (Typed::Length(left), Typed::Length(right)) if shifts => {
                Typed::Length(Length::Of(of, Box::new((left, right))))
            }
            (left, right) => return self.no_overload(&left, &right, at),
        })
    }

    /// `at` is the operator.
    fn no_overload<T>(&mut self, left: &Typed, right: &Typed, at: usize) -> Option<T> {
        let sign = self.word(at);
        let hint = match (left, right) {
            (Typed::Whole(_), Typed::Real(_)) | (Typed::Real(_), Typed::Whole(_)) => {
                ": `double()` makes an int a double"
            }
            (Typed::Text(_), Typed::Text(_)) if sign == "+" => ": texts cannot be joined",
            _ => "",
        };
        let message = format!("no `{sign}` between {} and {}{hint}", left.kind(), right.kind());
        self.fault(at, message)
    }
}

fn arithmetic_of(operator: &str) -> Option<Arithmetic> {
    Some(match operator {
        op::ADD => Arithmetic::Add,
        op::SUBSTRACT => Arithmetic::Subtract,
        op::MULTIPLY => Arithmetic::Multiply,
        op::DIVIDE => Arithmetic::Divide,
        op::MODULO => Arithmetic::Remainder,
        _ => return None,
    })
}

//! Malformed input, field by field.

/// What is wrong with one value. The text never repeats the value: it may be personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    /// A fault described in lower case, without a full stop.
    pub fn new(description: impl Into<String>) -> Self {
        Self(description.into())
    }
}

/// A malformed field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field's path, as the caller spells it: `lead.contact.email`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

/// Collects every malformed field of a request, so that one answer names them all.
#[derive(Debug, Default)]
pub struct Fields {
    violations: Vec<Violation>,
}

impl Fields {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value, or `None` after noting what is wrong with `field`.
    pub fn take<T>(&mut self, field: &str, value: Result<T, Invalid>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(Invalid(description)) => {
                self.add(field, description);
                None
            }
        }
    }

    /// Notes what is wrong with `field`.
    pub fn add(&mut self, field: &str, description: impl Into<String>) {
        self.violations.push(Violation { field: field.to_owned(), description: description.into() });
    }

    /// Notes what is wrong with the fields of the message under `field`.
    pub fn extend(&mut self, field: &str, violations: Vec<Violation>) {
        for violation in violations {
            self.add(&format!("{field}.{}", violation.field), violation.description);
        }
    }

    /// `value` when nothing was wrong, else every violation.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Violation>> {
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            _ => Err(self.violations),
        }
    }
}

/// A text of at most `max` characters without control characters, trimmed; empty is fine.
pub fn text(value: &str, max: usize) -> Result<String, Invalid> {
    let value = value.trim();
    if value.chars().count() > max {
        return Err(Invalid::new(format!("at most {max} characters")));
    }
    if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Invalid::new("control characters are not allowed"));
    }
    Ok(value.to_owned())
}

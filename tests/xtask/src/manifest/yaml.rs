//! The nodes of a YAML text, as the rules look at them.

use serde_json::Value;

/// One node of a document. Scalars are text: a rule that wants a number says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Yaml {
    /// Nothing was written.
    Null,
    /// A scalar's text, without its quotes.
    Text(String),
    /// A sequence.
    List(Vec<Yaml>),
    /// A mapping.
    Map(Vec<(String, Yaml)>),
}

static NULL: Yaml = Yaml::Null;

impl From<Value> for Yaml {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Text(value.to_string()),
            Value::Number(value) => Self::Text(value.to_string()),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
        }
    }
}

impl Yaml {
    /// The node at a path of keys, `spec.template.spec`; null where there is none. Keys with dots need [`Self::get`].
    pub(crate) fn at(&self, path: &str) -> &Yaml {
        path.split('.').fold(self, |node, key| node.get(key))
    }

    /// The value of a key; null where there is none.
    pub(crate) fn get(&self, key: &str) -> &Yaml {
        self.entries().iter().find(|(name, _)| name == key).map_or(&NULL, |(_, value)| value)
    }

    /// The entries of a mapping; none of anything else.
    pub(crate) fn entries(&self) -> &[(String, Yaml)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    /// The items of a sequence; none of anything else.
    pub(crate) fn items(&self) -> &[Yaml] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// A scalar's text; empty for anything else.
    pub(crate) fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// A scalar as a number.
    pub(crate) fn number(&self) -> Option<u64> {
        self.text().parse().ok()
    }

    /// Whether anything was written.
    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// Reads all documents of a text; an error says what was refused, and where.
pub(crate) fn read(text: &str) -> Result<Vec<Yaml>, String> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| error.without_snippet().to_string())?;
    Ok(documents.into_iter().map(Yaml::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendered_manifest_is_read() {
        let documents = read("a:\n  b.c: 'x'\n  ports:\n  - 7600\n  own: false\n  none: null\n---\nkind: B\n").unwrap();
        let manifest = documents[0].get("a");
        assert_eq!(manifest.get("b.c").text(), "x");
        assert_eq!(manifest.get("ports").items()[0].number(), Some(7600));
        assert_eq!(manifest.get("own").text(), "false");
        assert!(manifest.get("none").is_null() && documents[0].at("no.such.thing").is_null());
        assert_eq!(documents[1].at("kind").text(), "B");
    }

    #[test]
    fn what_is_refused_is_said_with_its_place() {
        for text in ["a: 1\na: 2\n", "a: 1\nb: 'open\n", "a: 1\nword\n"] {
            let said = read(text).unwrap_err();
            assert!(said.contains("line 2") || said.contains("line 3"), "{text:?}: {said}");
        }
    }
}

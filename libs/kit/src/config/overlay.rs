//! A configuration as a tree, so that variables can be put into it, and back from the tree into a type.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde_json::Value;

/// One place in the tree.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A scalar of the file.
    Scalar(Value),
    /// The text of a variable, whose kind only the field that it is for knows.
    Text(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

impl Node {
    pub(super) fn empty() -> Node {
        Node::Map(BTreeMap::new())
    }

    /// Puts the text of a variable where `keys` lead.
    pub(super) fn put(&mut self, keys: &[String], text: &str) {
        match keys {
            [] => *self = Node::Text(text.to_owned()),
            [key, rest @ ..] => {
                if !matches!(self, Node::Map(_)) {
                    *self = Node::empty();
                }
                if let Node::Map(map) = self {
                    map.entry(key.clone()).or_insert_with(Node::empty).put(rest, text);
                }
            }
        }
    }

    /// The text read as YAML, for a field that is a list or a map.
    fn from_yaml(text: &str) -> Result<Node, Error> {
        serde_saphyr::from_str::<Value>(text).map(Node::from).map_err(|_| Error::custom("expected YAML"))
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(items) => Node::List(items.into_iter().map(Node::from).collect()),
            Value::Object(fields) => Node::Map(fields.into_iter().map(|(key, value)| (key, value.into())).collect()),
            scalar => Node::Scalar(scalar),
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Node {
    type Deserializer = Node;

    fn into_deserializer(self) -> Node {
        self
    }
}

fn read<T: FromStr>(text: &str, kind: &str) -> Result<T, Error> {
    text.trim().parse().map_err(|_| Error::custom(format_args!("expected {kind}")))
}

/// A scalar of the file is what it is; a variable's text is read as what the field asks for.
macro_rules! parsed {
    ($($method:ident $visit:ident $kind:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self {
                Node::Text(text) => visitor.$visit(read::<$kind>(&text, stringify!($kind))?),
                node => node.deserialize_any(visitor),
            }
        }
    )*};
}

/// A variable's text is read as YAML.
macro_rules! nested {
    ($($method:ident ($($argument:ident: $kind:ty),*),)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, Error> {
            $(let _ = $argument;)*
            match self {
                Node::Text(text) => Node::from_yaml(&text)?.deserialize_any(visitor),
                node => node.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Scalar(value) => value.deserialize_any(visitor).map_err(Error::custom),
            Node::Text(text) => visitor.visit_string(text),
            Node::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
            Node::Map(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
        }
    }

    parsed! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
    }

    nested! {
        deserialize_seq(),
        deserialize_tuple(_len: usize),
        deserialize_tuple_struct(_name: &'static str, _len: usize),
        deserialize_map(),
        deserialize_struct(_name: &'static str, _fields: &'static [&'static str]),
    }

    /// YAML reads `007` or `yes` where a string is asked for as that string.
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Scalar(scalar @ (Value::Bool(_) | Value::Number(_))) => visitor.visit_string(scalar.to_string()),
            node => node.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    /// An empty variable is none.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Node::Scalar(Value::Null) => visitor.visit_none(),
            Node::Text(text) if text.is_empty() => visitor.visit_none(),
            node => visitor.visit_some(node),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Node::Text(text) | Node::Scalar(Value::String(text)) => {
                let text: serde::de::value::StringDeserializer<Error> = text.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            Node::Map(fields) => MapAccessDeserializer::new(MapDeserializer::new(fields.into_iter()))
                .deserialize_enum(name, variants, visitor),
            node => node.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct identifier ignored_any
    }
}

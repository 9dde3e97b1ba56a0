//! Any JSON value, read to its last byte and forgotten but for what says of which format it is.
//!
//! Not `serde_json::Value`: where another crate of the program switches on that library's `raw_value`, a member by the
//! name of `$serde_json::private::RawValue` makes it read another document out of a text, and a verdict must not depend
//! on what else is built.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// What is kept of a value.
pub(super) enum Outline {
    /// A text.
    Text(String),
    /// An object.
    Object {
        /// The text in its member `format`: of several members by that name the last.
        format: Option<String>,
    },
    /// Anything else.
    Other,
}

impl Outline {
    /// Whether this is an object of that format.
    pub(super) fn is_of_format(&self, name: &str) -> bool {
        matches!(self, Self::Object { format: Some(format) } if format == name)
    }
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Outline;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Outline, E> {
        Ok(Outline::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Outline, E> {
        Ok(Outline::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Outline, E> {
        Ok(Outline::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Outline, E> {
        Ok(Outline::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Outline, E> {
        Ok(Outline::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Outline, E> {
        Ok(Outline::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Outline, A::Error> {
        while items.next_element::<Outline>()?.is_some() {}
        Ok(Outline::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Outline, A::Error> {
        let mut format = None;
        while let Some((name, value)) = members.next_entry::<String, Outline>()? {
            if name == "format" {
                format = if let Outline::Text(text) = value { Some(text) } else { None };
            }
        }
        Ok(Outline::Object { format })
    }
}

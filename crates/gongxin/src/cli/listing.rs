//! Listing and showing nouns: the same two verbs for every one of them.

use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Acting, Context};
use crate::failure::Failure;
use crate::output::{self, Format};

/// `list`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// At most so many items
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: usize,
    /// Where the page before ended
    #[arg(long)]
    pub(crate) cursor: Option<String>,
}

/// `show`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    /// Its identifier
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Lists one page of a noun.
pub(crate) async fn list(
    arguments: &ListArgs,
    context: &Context,
    path: &str,
    filter: &[(&str, Option<String>)],
    columns: &[&str],
) -> Result<(), Failure> {
    let desk = arguments.acting.open(context).await?;
    let mut query = format!("limit={}", arguments.limit);
    let cursor = ("cursor", arguments.cursor.clone());
    for (name, value) in filter.iter().chain([&cursor]) {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    let page = desk.get(&format!("{path}?{query}")).await?;
    match context.format {
        Format::Json => output::print(Format::Json, &page, columns),
        Format::Table => {
            output::print(Format::Table, page.get("items").unwrap_or(&Value::Null), columns);
            let word = |name: &str| page.get(name).map(plain).unwrap_or_default();
            output::note(&format!("as of block {}, {}", word("height"), word("time")));
            if let Some(Value::String(next)) = page.get("next") {
                output::note(&format!("more: --cursor {next}"));
            }
        }
    }
    Ok(())
}

/// Shows one noun.
pub(crate) async fn show(arguments: &ShowArgs, context: &Context, path: &str) -> Result<(), Failure> {
    let desk = arguments.acting.open(context).await?;
    let document = desk.get(&format!("{path}/{}", arguments.id)).await?;
    output::print(context.format, &document, &[]);
    Ok(())
}

/// The noun in a document that a gateway answered, or that `show` printed: as of which block it was so is no part of it.
pub(crate) fn noun<T: DeserializeOwned>(mut document: Value) -> Result<T, serde_json::Error> {
    if let Some(fields) = document.as_object_mut() {
        fields.remove("height");
        fields.remove("time");
    }
    serde_json::from_value(document)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Percent-encodes what may stand in a query value.
pub(crate) fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// A member of what a gateway answered.
pub(crate) fn member<T: DeserializeOwned>(document: &Value, name: &str) -> Result<T, Failure> {
    let value = document.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| Failure::unreachable(format_args!("`{name}`: {error}")))
}

//! What a command prints: a table for people, one JSON document for programs.

use std::io::Write as _;

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// `--output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// Prints a document: an array of objects as a table with these columns, an object as two columns.
pub(crate) fn print(format: Format, document: &Value, columns: &[&str]) {
    match format {
        Format::Json => line(&serde_json::to_string_pretty(document).unwrap_or_default()),
        Format::Table => line(&table(document, columns)),
    }
}

/// Writes a line to standard output; a reader that went away is no error of ours.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _closed_pipe = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Writes a line to standard error.
pub(crate) fn note(text: &str) {
    let _closed_pipe = writeln!(std::io::stderr().lock(), "{text}");
}

/// A table of rows with these columns.
pub(crate) fn table(document: &Value, columns: &[&str]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    match document {
        Value::Array(rows) => {
            table.set_header(columns.iter().map(|column| column.replace('_', " ")));
            for row in rows {
                table.add_row(columns.iter().map(|column| cell(lookup(row, column))));
            }
            if rows.is_empty() {
                return "nothing here yet".into();
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                table.add_row([name.replace('_', " "), cell(value)]);
            }
        }
        other => return cell(other),
    }
    table.to_string()
}

/// `a.b` names a field within a field.
fn lookup<'a>(row: &'a Value, column: &str) -> &'a Value {
    column.split('.').fold(row, |value, name| value.get(name).unwrap_or(&Value::Null))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(fields) => match (fields.get("zh"), fields.get("en")) {
            (Some(Value::String(zh)), Some(Value::String(en))) => format!("{zh} {en}"),
            _ => value.to_string(),
        },
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            items.iter().map(cell).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

//! What every connector shares: bindings, columns, tickets, comparison, and their vectors in `conformance`.
#![expect(clippy::unwrap_used, reason = "tests stop where something is not so")]

mod attribution;
mod binding;
mod columns;
mod compare;
mod key;
mod throttle;
mod tickets;

fn pretty(cases: &[serde_json::Value]) -> String {
    let mut text = serde_json::to_string_pretty(cases).unwrap();
    text.push('\n');
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

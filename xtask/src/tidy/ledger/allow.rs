//! The reviewed list of places on the ledger that hold text.

use super::{ALLOWED, RULE};
use crate::finding::Finding;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A spelling too narrow for a sentence.
    Code,
    /// A type that is itself a bounded official text.
    Text,
    /// A place where an official public text stands.
    Official,
    /// A type that goes from party to party and never into a block, which is checked.
    OffLedger,
}

pub(super) struct Allowed {
    /// Counted from 1.
    pub(super) line: usize,
    /// `Type.field`, `Enum::Variant.field` or `macro!.body`.
    pub(super) place: String,
    pub(super) kind: Kind,
}

/// The entries, and a finding for each line that is none. `#` opens a comment line.
pub(super) fn parse(text: &str) -> (Vec<Allowed>, Vec<Finding>) {
    let mut entries = Vec::new();
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match entry(line, index + 1) {
            Some(entry) => entries.push(entry),
            None => findings.push(Finding::new(
                ALLOWED,
                index + 1,
                RULE,
                "not `Type.field code|text|official|off-ledger reason`",
            )),
        }
    }
    (entries, findings)
}

fn entry(text: &str, line: usize) -> Option<Allowed> {
    let mut words = text.split_whitespace();
    let place = words.next()?.to_owned();
    let kind = match words.next()? {
        "code" => Kind::Code,
        "text" => Kind::Text,
        "official" => Kind::Official,
        "off-ledger" => Kind::OffLedger,
        _ => return None,
    };
    // A place without a reason was not reviewed.
    words.next()?;
    Some(Allowed { line, place, kind })
}

//! What departments' databases and their administrators hand over: messages of a stream, tickets, bindings.

use gongxin_connector_api::Cell;
use gongxin_connector_api::decimal;
use gongxin_connector_api::limits::TICKET_BYTES_MAX;
use gongxin_connector_api::{Registers, Ticket};
use gongxin_connector_postgres::pgoutput::{self as messages, Datum, Message, Old};
use gongxin_connector_postgres::value::Kind;

use crate::Outcome;

/// Every built-in type that a value may claim, and one that has no canonical form.
const OIDS: [u32; 11] = [16, 20, 21, 23, 25, 1042, 1043, 1082, 1114, 1184, 1700];

/// A message of `pgoutput`, and each of its values as every type: what is claimed is within the message, and a decimal that
/// comes out is one.
pub(crate) fn pgoutput(bytes: &[u8]) -> Outcome {
    let Ok(message) = messages::decode(bytes) else {
        return Outcome::Refused;
    };
    let tuples = match &message {
        Message::Insert { new, .. } => vec![new],
        Message::Update { old: Some(Old::Key(old) | Old::Full(old)), new, .. } => vec![old, new],
        Message::Update { old: None, new, .. } => vec![new],
        Message::Delete { old: Old::Key(old) | Old::Full(old), .. } => vec![old],
        _ => vec![],
    };
    let mut sum = 0;
    for datum in tuples.into_iter().flatten() {
        let (Datum::Binary(value) | Datum::Text(value)) = datum else { continue };
        sum += value.len();
        for oid in OIDS {
            let mut written = String::new();
            if let Cell::Decimal(text) = Kind::of(oid).cell(value, &mut written) {
                assert!(text.len() > 64 || decimal::canonical(text, 0).is_some() || text.contains('.'), "`{text}`");
            }
        }
    }
    assert!(sum <= bytes.len(), "values beyond the message");
    Outcome::Accepted
}

/// A ticket; what is accepted has no second encoding.
pub(crate) fn ticket(bytes: &[u8]) -> Outcome {
    let Ok(ticket) = Ticket::from_bytes(bytes) else {
        return Outcome::Refused;
    };
    assert!(bytes.len() <= TICKET_BYTES_MAX);
    assert_eq!(ticket.to_bytes(), bytes, "a ticket has two encodings");
    Outcome::Accepted
}

/// Databases and registers in TOML; every error is a sentence.
pub(crate) fn registers(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Outcome::Refused;
    };
    match Registers::parse(text) {
        Ok(registers) => {
            // A name can be quoted, and stays within its quotes.
            for register in &registers.register {
                assert_eq!(register.table.name.quoted().matches('"').count(), 2);
            }
            Outcome::Accepted
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            Outcome::Refused
        }
    }
}

//! `conformance/tickets.json`: the exact bytes of tickets (docs/spec/ticket.md), and what is none.

use expect_test::expect_file;
use gongxin_connector_api::contract::{key, row, sample, ticket_for};
use gongxin_connector_api::ticket::{TicketAct, row_digest};
use gongxin_connector_api::{Author, Ticket};
use gongxin_crypto::Suite;
use gongxin_types::codec;
use serde_json::json;

use crate::hex;

const SUITE: Suite = Suite::Intl;

fn cases() -> Vec<(&'static str, &'static str, Ticket, Option<gongxin_types::row::Row>)> {
    let one = row("浦东", 7, "one");
    let rare = sample().remove(0);
    let officer = {
        let secret = SUITE.secret_from_seed(&[7; 32]);
        let mut body = ticket_for(TicketAct::Update, &key(&one), Some(&one), 2).body;
        body.author = Author::Officer("000102030405060708090a0b0c0d0e0f".parse().unwrap());
        let signature = secret.sign(&body.message(SUITE));
        Ticket { body, signature }
    };
    let altered = {
        let mut ticket = ticket_for(TicketAct::Create, &key(&one), Some(&one), 5);
        ticket.body.legal_basis = "another-law".parse().unwrap();
        ticket
    };
    vec![
        (
            "create",
            "a service makes a row",
            ticket_for(TicketAct::Create, &key(&one), Some(&one), 1),
            Some(one.clone()),
        ),
        ("update", "an officer changes it", officer, Some(one.clone())),
        ("delete", "it is taken out", ticket_for(TicketAct::Delete, &key(&one), None, 3), None),
        ("rare-han", "a key of rare Han", ticket_for(TicketAct::Create, &key(&rare), Some(&rare), 4), Some(rare)),
        ("altered", "another law than the one that was signed for", altered, Some(one)),
    ]
}

/// The committed tickets are the ones made here.
#[test]
fn tickets_are_those_committed() {
    let vectors: Vec<_> = cases()
        .into_iter()
        .map(|(name, why, ticket, row)| {
            let body = codec::encode(&ticket.body);
            json!({
                "name": name,
                "why": why,
                "bytes": hex(&ticket.to_bytes()),
                "row": row.as_ref().map(|row| hex(&codec::encode(row))),
                "row_digest": row.as_ref().map(|row| row_digest(SUITE, row)),
                "body_digest": SUITE.tagged("gongxin-ticket-1", &[&body]),
                "message": hex(&ticket.body.message(SUITE)),
                "valid": ticket.check_signature(SUITE).is_ok(),
                "covers": ticket.covers(SUITE, row.as_ref()),
            })
        })
        .collect();
    let path = format!("{}/../../conformance/tickets.json", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&crate::pretty(&vectors));
}

/// Read and written again a ticket is the same; any byte changed, it is none, or it was signed by nobody.
#[test]
fn one_changed_byte_is_noticed() {
    for (name, _, ticket, _) in cases().into_iter().filter(|(name, ..)| *name != "altered") {
        let bytes = ticket.to_bytes();
        assert_eq!(Ticket::from_bytes(&bytes).unwrap(), ticket);
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let held = Ticket::from_bytes(&changed).is_ok_and(|ticket| ticket.check_signature(SUITE).is_ok());
            assert!(!held, "{name}: byte {place}");
        }
        assert!(Ticket::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Ticket::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }
}

/// A deletion that names a row, a change that names none, another version, too many bytes: none of them is a ticket.
#[test]
fn contradictions_are_refused() {
    let one = row("a", 1, "one");
    let refused = |ticket: Ticket| Ticket::from_bytes(&ticket.to_bytes()).unwrap_err().to_string();
    assert!(refused(ticket_for(TicketAct::Delete, &key(&one), Some(&one), 1)).contains("a deletion has no row"));
    assert!(refused(ticket_for(TicketAct::Update, &key(&one), None, 1)).contains("a deletion has no row"));
    let mut later = ticket_for(TicketAct::Create, &key(&one), Some(&one), 1);
    later.body.version = 2;
    assert!(refused(later).contains("version 2"));
    assert!(Ticket::from_bytes(&vec![0; 9_000]).unwrap_err().to_string().contains("at most 8192"));
}

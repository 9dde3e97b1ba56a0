//! Sealed responses, sealed parts and names.

use crate::support::{SUITE, contains, office};
use gongxin_types::access::SealedPart;
use gongxin_types::{List, OfficerId, RequestId, Time};
use gongxin_vault::{Item, Kept, Lookup, Response, VaultError};
use rusqlite::Connection;

const EVE: OfficerId = OfficerId::new([7; 16]);
const REQUEST: RequestId = RequestId::new([9; 16]);

fn response(request: &[u8], sealed: &[u8]) -> Response {
    Response {
        officer: EVE,
        request: REQUEST,
        request_digest: SUITE.hash(&[request]),
        sealed: sealed.to_vec(),
        leaf: b"leaf".to_vec(),
        transaction: b"first transaction".to_vec(),
        expires: None,
    }
}

/// Eve asks twice under one identifier: the first sealed bytes count; another question under it is a conflict.
#[test]
fn the_first_response_to_a_request_counts() {
    let office = office();
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Absent);
    let first = response(b"question", b"sealed once");
    assert_eq!(office.vault.put_response(&first).unwrap(), Kept::New);
    let office = office.restart();
    let again = office.vault.put_response(&response(b"question", b"sealed twice")).unwrap();
    assert_eq!(again, Kept::Earlier(first.clone()));
    let other = office.vault.put_response(&response(b"another question", b"sealed"));
    assert!(matches!(other, Err(VaultError::RequestConflict { request: REQUEST })));
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Present(first));
    assert!(!contains(&office.bytes_on_disk(), b"sealed once"));
}

/// The first transaction expired and another carries the same leaf; after finality the release ends by consensus time,
/// and the request stays known.
#[test]
fn a_release_ends_and_its_request_stays_known() {
    let office = office();
    office.vault.put_response(&response(b"question", b"sealed")).unwrap();
    assert!(office.vault.resubmit_response(&EVE, &REQUEST, b"second transaction").unwrap());
    let unfinished = office.vault.unfinished_responses().unwrap();
    assert_eq!(unfinished.len(), 1);
    assert_eq!(
        (unfinished[0].transaction.as_slice(), unfinished[0].sealed.as_slice()),
        (&b"second transaction"[..], &b"sealed"[..])
    );

    assert!(office.vault.finish_response(&EVE, &REQUEST, Time::from_millis(1_000)).unwrap());
    assert!(office.vault.unfinished_responses().unwrap().is_empty());
    assert_eq!(office.vault.end_responses(Time::from_millis(999)).unwrap(), 0);
    assert_eq!(office.vault.end_responses(Time::from_millis(1_000)).unwrap(), 1);
    let request_digest = SUITE.hash(&[b"question"]);
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Ended { request_digest });
    assert_eq!(office.vault.put_response(&response(b"question", b"sealed anew")).unwrap(), Kept::Ended);
    let conflict = office.vault.put_response(&response(b"another question", b"sealed"));
    assert!(matches!(conflict, Err(VaultError::RequestConflict { .. })), "the identifier stays used");
}

/// A response altered on disk is named, not served.
#[test]
fn an_altered_response_is_not_served() {
    let office = office();
    office.vault.put_response(&response(b"question", b"sealed")).unwrap();
    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute("UPDATE responses SET request_digest = ?1", [SUITE.hash(&[b"forged"]).as_bytes()]).unwrap();
    let forged = office.vault.response(&EVE, &REQUEST);
    assert!(matches!(forged, Err(VaultError::Damaged { item: Item::Response { .. } })));
}

/// The sealed part of a reading is kept once; a name is replaced and erased.
#[test]
fn sealed_parts_and_names() {
    let office = office();
    let part = SealedPart { salt: [4; 32], case: Some("case-17".parse().unwrap()), fields: List::empty() };
    office.vault.put_sealed_part(&EVE, &REQUEST, &part).unwrap();
    office.vault.put_sealed_part(&EVE, &REQUEST, &SealedPart { case: None, ..part.clone() }).unwrap();
    assert_eq!(office.vault.sealed_part(&EVE, &REQUEST).unwrap(), Some(part));

    office.vault.put_name(&EVE, "Eve Wang").unwrap();
    office.vault.put_name(&EVE, "王夏娃").unwrap();
    office.vault.rotate().unwrap();
    assert_eq!(office.vault.name(&EVE).unwrap().as_deref(), Some("王夏娃"));
    assert!(office.vault.erase_name(&EVE).unwrap());
    assert_eq!(office.vault.name(&EVE).unwrap(), None);
}

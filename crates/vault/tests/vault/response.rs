//! Sealed responses, sealed parts and names.

use crate::support::{Office, SUITE, contains, office, transaction};
use gongxin_types::access::SealedPart;
use gongxin_types::{List, OfficerId, RequestId, Time};
use gongxin_vault::{Carried, Carrier, Item, Kept, Lookup, Response, VaultError};
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

fn part(salt: u8) -> SealedPart {
    SealedPart { salt: [salt; 32], case: Some("case-17".parse().unwrap()), fields: List::empty() }
}

/// The transaction of this number, valid for so many milliseconds.
fn carrier(number: u64, valid_until: u64) -> Carrier {
    Carrier { transaction: transaction(number), valid_until: Time::from_millis(valid_until) }
}

#[expect(clippy::result_large_err, reason = "an error ends the test")]
fn put(office: &Office, response: &Response) -> Result<Kept, VaultError> {
    office.vault.put_response(response, &carrier(1, 100), &part(4))
}

/// Eve asks twice under one identifier: the first sealed bytes count; another question under it is a conflict.
#[test]
fn the_first_response_to_a_request_counts() {
    let office = office();
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Absent);
    let first = response(b"question", b"sealed once");
    assert_eq!(put(&office, &first).unwrap(), Kept::New);
    let office = office.restart();
    let again = put(&office, &response(b"question", b"sealed twice")).unwrap();
    assert_eq!(again, Kept::Earlier(first.clone()));
    let other = put(&office, &response(b"another question", b"sealed"));
    assert!(matches!(other, Err(VaultError::RequestConflict { request: REQUEST })));
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Present(first));
    assert!(!contains(&office.bytes_on_disk(), b"sealed once"));
}

/// The first transaction expired and another carries the same leaf; after finality the release ends by consensus time,
/// and the request stays known.
#[test]
fn a_release_ends_and_its_request_stays_known() {
    let office = office();
    put(&office, &response(b"question", b"sealed")).unwrap();
    let first = response(b"question", b"sealed");
    let changed = office.vault.resubmit_response(&first, b"second transaction", &carrier(2, 200)).unwrap();
    assert_eq!(changed, Carried::Changed);
    let unfinished = office.vault.unfinished_responses().unwrap();
    assert_eq!(unfinished.iter().map(|one| one.carrier).collect::<Vec<_>>(), [carrier(2, 200)]);

    assert!(office.vault.finish_response(&EVE, &REQUEST, Time::from_millis(1_000)).unwrap());
    assert!(office.vault.unfinished_responses().unwrap().is_empty());
    assert_eq!(office.vault.end_responses(Time::from_millis(999)).unwrap(), 0);
    assert_eq!(office.vault.end_responses(Time::from_millis(1_000)).unwrap(), 1);
    let request_digest = SUITE.hash(&[b"question"]);
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Ended { request_digest });
    assert_eq!(put(&office, &response(b"question", b"sealed anew")).unwrap(), Kept::Ended);
    let conflict = put(&office, &response(b"another question", b"sealed"));
    assert!(matches!(conflict, Err(VaultError::RequestConflict { .. })), "the identifier stays used");
}

/// A response altered on disk is named, not served.
#[test]
fn an_altered_response_is_not_served() {
    let office = office();
    put(&office, &response(b"question", b"sealed")).unwrap();
    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute("UPDATE responses SET request_digest = ?1", [SUITE.hash(&[b"forged"]).as_bytes()]).unwrap();
    let forged = office.vault.response(&EVE, &REQUEST);
    assert!(matches!(forged, Err(VaultError::Damaged { item: Item::Response { .. } })));
}

/// Two fetches of one request see the same transaction expire: one puts the leaf into a new one, and the other learns of
/// that one instead of making a third.
#[test]
fn of_two_who_resubmit_one_does() {
    let office = office();
    let seen = response(b"question", b"sealed");
    put(&office, &seen).unwrap();
    let resubmit = |bytes: &[u8], number| office.vault.resubmit_response(&seen, bytes, &carrier(number, 200)).unwrap();
    assert_eq!(resubmit(b"mine", 2), Carried::Changed);
    let expected = Response { transaction: b"mine".to_vec(), ..seen.clone() };
    assert_eq!(resubmit(b"yours", 3), Carried::Other(expected.clone()));
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Present(expected));
    assert_eq!(office.vault.unfinished_responses().unwrap()[0].carrier, carrier(2, 200));
}

/// A response nobody asked for again is forgotten with its sealed part, unless it was put into another transaction since it
/// was looked at; the next answer to the request brings its own.
#[test]
fn a_response_and_its_sealed_part_come_and_go_together() {
    let office = office();
    let seen = response(b"question", b"sealed");
    put(&office, &seen).unwrap();
    let again = office.vault.put_response(&response(b"question", b"sealed twice"), &carrier(9, 900), &part(5)).unwrap();
    assert!(matches!(again, Kept::Earlier(_)));
    assert_eq!(office.vault.sealed_part(&EVE, &REQUEST).unwrap(), Some(part(4)), "the first answer's own");

    let looked_at = office.vault.unfinished_responses().unwrap()[0];
    office.vault.resubmit_response(&seen, b"second", &carrier(2, 200)).unwrap();
    assert!(!office.vault.forget_response(&looked_at).unwrap());
    let looked_at = office.vault.unfinished_responses().unwrap()[0];
    assert!(office.vault.forget_response(&looked_at).unwrap());
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Absent);
    assert_eq!(office.vault.sealed_part(&EVE, &REQUEST).unwrap(), None);
    assert_eq!(office.vault.put_response(&seen, &carrier(3, 300), &part(6)).unwrap(), Kept::New);
    assert_eq!(office.vault.sealed_part(&EVE, &REQUEST).unwrap(), Some(part(6)));
}

/// A crash between response and sealed part leaves neither.
#[test]
fn a_response_without_its_sealed_part_is_not_stored() {
    let office = office();
    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute_batch(
        "CREATE TRIGGER crash BEFORE INSERT ON sealed_parts BEGIN SELECT raise(ABORT, 'power cut'); END",
    )
    .unwrap();
    put(&office, &response(b"question", b"sealed")).unwrap_err();
    assert_eq!(office.vault.response(&EVE, &REQUEST).unwrap(), Lookup::Absent);
}

/// A name is replaced and erased.
#[test]
fn names_are_replaced_and_erased() {
    let office = office();
    office.vault.put_name(&EVE, "Eve Wang").unwrap();
    office.vault.put_name(&EVE, "王夏娃").unwrap();
    office.vault.rotate().unwrap();
    assert_eq!(office.vault.name(&EVE).unwrap().as_deref(), Some("王夏娃"));
    assert!(office.vault.erase_name(&EVE).unwrap());
    assert_eq!(office.vault.name(&EVE).unwrap(), None);
}

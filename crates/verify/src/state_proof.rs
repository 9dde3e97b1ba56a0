//! Check that a page stands under a key of the state, or that nothing does, at one height (docs/spec/state-proof.md).
//!
//! Written from that page, without the engine's code: this runs in a browser, and it is a second opinion on the engine.

mod operation;
mod read;
mod tree;

use gongxin_types::receipt::{Key, Page, Table};
use gongxin_types::{Certificate, Header};

use crate::TrustedNetwork;
use crate::headers::{self, HeadersError};
use operation::Operation;
use read::Reader;
use tree::Opening;

/// Why a proof does not prove what it is said to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateProofError {
    /// The headers do not lead to a quorum's votes.
    #[error(transparent)]
    Headers(#[from] HeadersError),
    /// The header names no such database.
    #[error("the header names no root of this database")]
    Database,
    /// The objects prove presence only.
    #[error("nobody can prove that a key is not in the objects")]
    AbsenceUnprovable,
    /// Bytes that are no proof: cut off, too many, or numbers that contradict each other.
    #[error("the bytes are no proof: {0}")]
    Malformed(&'static str),
    /// The operation was overtaken by a newer one.
    #[error("the operation is not the newest of its key")]
    Inactive,
    /// The key does not lie in the gap that is proven to be empty.
    #[error("the key does not lie between the two that are proven to be neighbours")]
    NotBetween,
    /// The proof leads elsewhere.
    #[error("the proof does not lead to the header's state root")]
    Root,
}

/// What is claimed, with everything it rests on.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Headers from the one whose state is meant to the first certified one, each the parent of the next.
    pub headers: &'a [Header],
    /// Finality of the last of them.
    pub certificate: &'a Certificate,
    /// The key.
    pub key: &'a Key,
    /// Its page, or none.
    pub page: Option<&'a Page>,
    /// The proof bytes.
    pub proof: &'a [u8],
}

/// Checks a claim with the network's public keys alone. It is true as of the first header's height and time.
///
/// # Errors
/// See [`StateProofError`].
pub fn check(network: &TrustedNetwork, claim: &Claim<'_>) -> Result<(), StateProofError> {
    headers::check_chain(claim.headers, claim.certificate, network)?;
    let header = claim.headers.first().ok_or(HeadersError::Empty)?;
    let place = match claim.key.table {
        Table::Objects => 0,
        Table::Lists => 1,
    };
    let root = header.state.get(place).ok_or(StateProofError::Database)?.root;
    check_against(&root, claim.key, claim.page, claim.proof)
}

/// Checks proof bytes against the root of the key's database.
///
/// # Errors
/// See [`StateProofError`].
pub fn check_against(root: &[u8; 32], key: &Key, page: Option<&Page>, proof: &[u8]) -> Result<(), StateProofError> {
    let mut reader = Reader(proof);
    let (opening, operation) = match (key.table, page) {
        (Table::Objects, None) => return Err(StateProofError::AbsenceUnprovable),
        (Table::Objects, Some(page)) => {
            let opening = Opening::read(&mut reader)?;
            (opening, Operation::of_object(&key.key, &page.0))
        }
        (Table::Lists, Some(page)) => {
            let opening = Opening::read(&mut reader)?;
            let next = reader.array()?;
            (opening, Operation::of_list(&key.key, &page.0, &next))
        }
        (Table::Lists, None) => absence(&mut reader, &key.key)?,
    };
    reader.end()?;
    if opening.root(&operation)? == *root { Ok(()) } else { Err(StateProofError::Root) }
}

/// What an absence rests on: the neighbours around the key, or a database that holds none.
fn absence(reader: &mut Reader<'_>, key: &[u8; 32]) -> Result<(Opening, Operation), StateProofError> {
    match reader.byte()? {
        0 => {
            let opening = Opening::read(reader)?;
            let (before, page, next) = (reader.array()?, reader.array()?, reader.array()?);
            if !lies_between(&before, key, &next) {
                return Err(StateProofError::NotBetween);
            }
            Ok((opening, Operation::of_list(&before, &page, &next)))
        }
        1 => {
            let opening = Opening::read(reader)?;
            if reader.byte()? != 0 {
                return Err(StateProofError::Malformed("an empty database has no value"));
            }
            let commit = Operation::commit_of_lists(opening.location());
            Ok((opening, commit))
        }
        _ => Err(StateProofError::Malformed("an unknown kind of absence")),
    }
}

/// Whether a key lies strictly between two neighbours; the last one's neighbour is the first.
fn lies_between(before: &[u8; 32], key: &[u8; 32], next: &[u8; 32]) -> bool {
    if before < next { before < key && key < next } else { key != before && (before < key || key < next) }
}

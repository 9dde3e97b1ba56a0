//! The digest of a body as a header (RFC 9530 §2): `sha-256=:base64:`.

use sfv::{BareItem, DictSerializer, Dictionary, KeyRef, ListEntry, Parser};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{CONTENT_DIGEST, ReadError, fields};

/// The value of `Content-Digest` for this body.
pub fn content_digest(body: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(body).into();
    let mut dictionary = DictSerializer::new();
    let _ = dictionary.bare_item(name(), digest.as_slice());
    dictionary.finish().unwrap_or_default()
}

/// The sha-256 among the digests of this header; others may stand beside it.
pub(super) fn read(text: &str) -> Result<[u8; 32], ReadError> {
    let dictionary: Dictionary =
        Parser::new(text).parse().map_err(|_| fields::header(CONTENT_DIGEST, "is no dictionary of digests"))?;
    match dictionary.get(name()) {
        Some(ListEntry::Item(item)) => match &item.bare_item {
            BareItem::ByteSequence(bytes) => <[u8; 32]>::try_from(bytes.as_slice()).ok(),
            _ => None,
        },
        _ => None,
    }
    .ok_or_else(|| fields::header(CONTENT_DIGEST, "has no `sha-256` of 32 bytes"))
}

pub(super) fn matches(digest: &[u8; 32], body: &[u8]) -> bool {
    let own: [u8; 32] = Sha256::digest(body).into();
    own.ct_eq(digest).into()
}

fn name() -> &'static KeyRef {
    sfv::key_ref("sha-256")
}

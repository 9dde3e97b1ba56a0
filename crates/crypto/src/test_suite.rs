//! The test suite's disguise: Ed25519 with a prefix before the key and padding behind the signature.
//!
//! Its only use is to find code that assumes the lengths of suite `intl`. The padding is 0 to 7 bytes, as many as the
//! message's hash says and taken from it, so that a signature's length varies yet each signature has one form.

use sha2::{Digest as _, Sha384};

use crate::SignatureError;

/// The byte before the 32 of the Ed25519 key.
pub(crate) const KEY_PREFIX: u8 = 0x7e;

/// Bytes of padding that follow a signature of `message`.
pub(crate) fn padding(message: &[u8]) -> Vec<u8> {
    let hash = Sha384::new_with_prefix(b"gongxin-test-padding-1").chain_update(message).finalize();
    let length = hash.first().map_or(0, |byte| usize::from(byte & 7));
    hash.iter().skip(1).take(length).copied().collect()
}

/// The Ed25519 key and signature inside, when prefix and padding are right.
pub(crate) fn undress<'a>(
    key: &'a [u8],
    message: &[u8],
    signature: &'a [u8],
) -> Result<(&'a [u8], &'a [u8]), SignatureError> {
    let key = key.strip_prefix(&[KEY_PREFIX]).ok_or(SignatureError::Invalid)?;
    let signature = signature.strip_suffix(padding(message).as_slice()).ok_or(SignatureError::Invalid)?;
    Ok((key, signature))
}

//! Authenticate bytes with a shared key (HMAC, RFC 2104, with the suite's hash).
//!
//! Also the salts of single fields are made this way: `HMAC(salt of the version, field)`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hash::from_output;
use crate::{Digest, Suite};

/// The authentication code of the concatenated parts.
pub fn mac(suite: Suite, key: &[u8], parts: &[&[u8]]) -> Digest {
    match suite {
        Suite::Intl => compute::<Hmac<Sha256>>(key, parts),
        #[cfg(feature = "test-suite")]
        Suite::Test => compute::<Hmac<sha2::Sha384>>(key, parts),
    }
}

/// Whether `code` authenticates the concatenated parts; takes the same time wherever it differs.
pub fn verify(suite: Suite, key: &[u8], parts: &[&[u8]], code: &Digest) -> bool {
    mac(suite, key, parts).equals_in_constant_time(code)
}

impl Suite {
    /// The authentication code (HMAC) of the concatenated parts under `key`, of any length.
    pub fn mac(self, key: &[u8], parts: &[&[u8]]) -> Digest {
        mac(self, key, parts)
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn compute<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Digest {
    let mut state = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
    parts.iter().for_each(|part| state.update(part));
    from_output(&state.finalize().into_bytes())
}

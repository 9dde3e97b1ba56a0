//! Encrypt with a shared key and notice any change (AES-256-GCM, NIST SP 800-38D).
//!
//! **A nonce must never serve twice under one key**: the caller keeps that promise, by a counter or by a key per message.
//! All suites use this cipher until one brings its own.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use crate::Suite;
use crate::random::{OperatingSystem, RandomError, Randomness};

/// Bytes that the authentication tag adds to a ciphertext.
pub const OVERHEAD_LENGTH: usize = 16;

/// A secret key of 32 bytes for [`Suite::aead_seal`]; wiped when dropped, never printed.
#[derive(Clone)]
pub struct AeadKey(Box<Zeroizing<[u8; 32]>>);

/// A ciphertext was changed, or key, nonce or associated data are others than it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ciphertext does not open: it was changed, or the key is another")]
pub struct OpenError;

impl AeadKey {
    /// Take these bytes as a key.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Box::new(Zeroizing::new(*bytes)))
    }

    /// A new random key.
    pub fn generate() -> Result<Self, RandomError> {
        Self::generate_of(&OperatingSystem)
    }

    /// A new random key of a machine's own randomness.
    pub fn generate_of(machine: &dyn Randomness) -> Result<Self, RandomError> {
        let mut key = Box::new(Zeroizing::new([0; 32]));
        machine.fill(&mut **key)?;
        Ok(Self(key))
    }

    /// The secret bytes, to be wrapped under another key. Keep them wrapped.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AeadKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AeadKey(…)")
    }
}

impl Suite {
    /// Encrypt; the result is 16 bytes longer than `plaintext`. `aad` is authenticated, not encrypted.
    #[expect(clippy::expect_used, reason = "AES-GCM refuses only plaintexts above 64 GiB, which no memory here holds")]
    pub fn aead_seal(self, key: &AeadKey, nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        cipher(key)
            .encrypt(&Nonce::from(*nonce), Payload { msg: plaintext, aad })
            .expect("a plaintext of less than 64 GiB")
    }

    /// Decrypt what [`Suite::aead_seal`] made with the same key, nonce and `aad`.
    pub fn aead_open(
        self,
        key: &AeadKey,
        nonce: &[u8; 12],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let payload = Payload { msg: ciphertext, aad };
        cipher(key).decrypt(&Nonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| OpenError)
    }
}

fn cipher(key: &AeadKey) -> Aes256Gcm {
    Aes256Gcm::new(key.expose().into())
}

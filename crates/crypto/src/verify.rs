//! Verify signatures, one by one or many at once, always with the same verdict.
//!
//! **Promise.** Ed25519 by the rules of ZIP-215: any encoding of R and of the key that decompresses counts, canonical or
//! not, of small order or not; `s` must be canonical; the equation is multiplied by the cofactor. Under these rules a
//! batch accepts exactly what single verification accepts, which other rules do not give; on a ledger a difference
//! between two validators would be a fork.
//!
//! A batch checks a random linear combination. [`Suite::verify_each`] and [`Suite::verify_all`] draw its coefficients from a hash of all keys,
//! signatures and messages of the batch: whoever wants to slip a wrong signature in must hit one chance in 2¹²⁸ by trying
//! hashes, and no operating system's randomness is needed, so that simulations and wasm take the same path.

use ed25519_zebra::{Signature as Ed25519Signature, VerificationKeyBytes, batch};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::derived_random::DerivedRandom;
use crate::limits::{BATCH_LENGTH_MAX, SEARCH_LENGTH_MIN};
use crate::{PublicKey, Signature, SignatureError, Suite};

impl Suite {
    /// Whether `key` signed `message`. Key and signature must be of this suite's algorithm.
    pub fn verify(self, key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let item = self.prepare(key, message, signature)?;
        item.verify_single().map_err(|_| SignatureError::Invalid)
    }

    /// The verdict of [`Suite::verify`] on each item, in order, for less than half the work when most signatures are good.
    ///
    /// A failing batch is halved until the wrong signatures are found: even a flood of wrong ones costs at most about
    /// twice what verifying one by one would.
    pub fn verify_each(self, items: &[(&PublicKey, &[u8], &Signature)]) -> Vec<bool> {
        let mut verdicts = Vec::with_capacity(items.len());
        for chunk in items.chunks(BATCH_LENGTH_MAX) {
            let mut random = DerivedRandom::new(seed_of_batch(chunk));
            let prepared: Vec<Option<batch::Item>> =
                chunk.iter().map(|(key, message, signature)| self.prepare(key, message, signature).ok()).collect();
            judge(&prepared, &mut random, &mut verdicts);
        }
        verdicts
    }

    /// Whether every item stands, in one equation per 512: for lists that are refused as a whole.
    pub fn verify_all(self, items: &[(&PublicKey, &[u8], &Signature)]) -> Result<(), SignatureError> {
        items.chunks(BATCH_LENGTH_MAX).try_for_each(|chunk| {
            let mut batch = self.batch();
            chunk.iter().for_each(|(key, message, signature)| batch.add(key, message, signature));
            batch.verify(DerivedRandom::new(seed_of_batch(chunk)))
        })
    }

    /// Start a batch that is accepted or refused as a whole.
    pub fn batch(self) -> BatchVerifier {
        BatchVerifier { suite: self, verifier: batch::Verifier::new(), refused: None }
    }

    /// What the Ed25519 equation needs of one signature, after everything the suite itself demands was checked.
    fn prepare(self, key: &PublicKey, message: &[u8], signature: &Signature) -> Result<batch::Item, SignatureError> {
        self.check_key(key)?;
        self.check_signature(signature)?;
        match self {
            Self::Intl => ed25519_item(key.as_bytes(), message, signature.as_bytes()),
            #[cfg(feature = "test-suite")]
            Self::Test => {
                let (key, signature) = crate::test_suite::undress(key.as_bytes(), message, signature.as_bytes())?;
                ed25519_item(key, message, signature)
            }
        }
    }
}

/// Signatures gathered to be verified in one equation: all stand, or the batch is refused.
pub struct BatchVerifier {
    suite: Suite,
    verifier: batch::Verifier,
    // The first reason met while adding; it decides the batch whatever the equation says.
    refused: Option<SignatureError>,
}

impl BatchVerifier {
    /// Add one signature.
    pub fn add(&mut self, key: &PublicKey, message: &[u8], signature: &Signature) {
        match self.suite.prepare(key, message, signature) {
            Ok(item) => self.verifier.queue(item),
            Err(error) => self.refused = self.refused.or(Some(error)),
        }
    }

    /// Whether every signature added stands. `random` must be unpredictable to whoever made the signatures.
    pub fn verify(self, random: impl CryptoRng) -> Result<(), SignatureError> {
        match self.refused {
            Some(error) => Err(error),
            None => self.verifier.verify(random).map_err(|_| SignatureError::Invalid),
        }
    }
}

impl std::fmt::Debug for BatchVerifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("BatchVerifier").field("suite", &self.suite).finish_non_exhaustive()
    }
}

/// Append the verdicts on `items`.
fn judge(items: &[Option<batch::Item>], random: &mut DerivedRandom, verdicts: &mut Vec<bool>) {
    match items {
        [] => {}
        [_] => judge_singly(items, verdicts),
        _ if holds(items, random) => accept(items, verdicts),
        _ => search(items, random, verdicts),
    }
}

/// Append the verdicts on `items`, of which at least one is known to be wrong.
///
/// When both halves fail, wrong signatures are many and every one is verified alone: so nobody can make us pay for more
/// than two equations over all and one verification each.
fn search(items: &[Option<batch::Item>], random: &mut DerivedRandom, verdicts: &mut Vec<bool>) {
    if items.len() <= SEARCH_LENGTH_MIN {
        return judge_singly(items, verdicts);
    }
    let (left, right) = items.split_at(items.len() / 2);
    if holds(left, random) {
        accept(left, verdicts);
        search(right, random, verdicts);
    } else if holds(right, random) {
        search(left, random, verdicts);
        accept(right, verdicts);
    } else {
        judge_singly(items, verdicts);
    }
}

/// Whether one equation over all well-formed items holds.
fn holds(items: &[Option<batch::Item>], random: &mut DerivedRandom) -> bool {
    let mut verifier = batch::Verifier::new();
    items.iter().flatten().cloned().for_each(|item| verifier.queue(item));
    verifier.verify(random).is_ok()
}

/// The equation held: everything that was part of it stands.
fn accept(items: &[Option<batch::Item>], verdicts: &mut Vec<bool>) {
    verdicts.extend(items.iter().map(Option::is_some));
}

fn judge_singly(items: &[Option<batch::Item>], verdicts: &mut Vec<bool>) {
    verdicts.extend(items.iter().map(|item| item.clone().is_some_and(|item| item.verify_single().is_ok())));
}

/// The hash of all that the makers of a batch could vary. Messages must be in it: with keys and signatures alone an
/// adversary who knows the coefficients could choose messages that cancel each other (a generalised birthday).
fn seed_of_batch(items: &[(&PublicKey, &[u8], &Signature)]) -> Zeroizing<[u8; 32]> {
    let mut hash = Sha256::new_with_prefix(b"gongxin-batch-1");
    for (key, message, signature) in items {
        for part in [key.as_bytes(), signature.as_bytes(), message] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
    }
    Zeroizing::new(hash.finalize().into())
}

fn ed25519_item(key: &[u8], message: &[u8], signature: &[u8]) -> Result<batch::Item, SignatureError> {
    let key = VerificationKeyBytes::try_from(key).map_err(|_| SignatureError::Invalid)?;
    let signature = Ed25519Signature::from_slice(signature).map_err(|_| SignatureError::Invalid)?;
    Ok(batch::Item::from((key, signature, message)))
}

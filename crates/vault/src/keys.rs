//! The keys of a vault: master, periods, one per item; and the blind index.
//!
//! A data key encrypts one thing once, so its nonce may be constant. Period keys and the master wrap many keys, each under
//! a random nonce of 96 bits: with at most 2³² wraps under one key the chance of a repeated nonce stays below 2⁻³²
//! (NIST SP 800-38D §8.3); a period of 30 days at 1,000 items a second has less.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use gongxin_crypto::cipher::OVERHEAD_LENGTH;
use gongxin_crypto::{AeadKey, Digest, Randomness, Suite, random};
use gongxin_types::{ResourceId, codec};
use zeroize::Zeroizing;

use crate::{Item, VaultError};

/// Length of a nonce.
const NONCE_LENGTH: usize = 12;
/// Length of a wrapped key: nonce, key, tag.
const WRAP_LENGTH: usize = NONCE_LENGTH + 32 + OVERHEAD_LENGTH;
/// The nonce of a key that serves once.
const ONCE: [u8; NONCE_LENGTH] = [0; NONCE_LENGTH];

/// An encrypted item, as its row holds it.
pub(crate) struct Sealed {
    /// Which period key wraps its data key.
    pub(crate) period: i64,
    /// The wrapped data key.
    pub(crate) wrap: Vec<u8>,
    /// The ciphertext.
    pub(crate) sealed: Vec<u8>,
}

/// All keys of an open vault.
pub(crate) struct KeyRing {
    suite: Suite,
    master: AeadKey,
    index: AeadKey,
    periods: RwLock<BTreeMap<i64, AeadKey>>,
    randomness: Arc<dyn Randomness>,
}

impl KeyRing {
    /// The ring of a vault whose index key is known; periods are added.
    pub(crate) fn new(suite: Suite, master: AeadKey, index: AeadKey, randomness: Arc<dyn Randomness>) -> Self {
        Self { suite, master, index, periods: RwLock::default(), randomness }
    }

    /// The network's suite.
    pub(crate) fn suite(&self) -> Suite {
        self.suite
    }

    /// Adds a period; the highest number is the current one.
    pub(crate) fn add_period(&self, period: i64, key: AeadKey) {
        self.periods.write().unwrap_or_else(PoisonError::into_inner).insert(period, key);
    }

    /// Forgets all periods but the current one.
    pub(crate) fn keep_current_period(&self) {
        let mut periods = self.periods.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = periods.last_key_value().map(|(period, _)| *period) {
            periods.retain(|period, _| *period == current);
        }
    }

    /// A new period key, with its wrap under the master.
    pub(crate) fn new_period(&self, period: i64) -> Result<(AeadKey, Vec<u8>), VaultError> {
        let key = AeadKey::generate_of(&*self.randomness)?;
        let context = Item::PeriodKey { period }.associated_data();
        let wrap = wrap(&*self.randomness, self.suite, &self.master, &context, &key)?;
        Ok((key, wrap))
    }

    /// Opens the wrap of a period key.
    pub(crate) fn open_period(&self, period: i64, wrapped: &[u8]) -> Result<AeadKey, VaultError> {
        let item = Item::PeriodKey { period };
        unwrap(self.suite, &self.master, &item.associated_data(), wrapped).ok_or(VaultError::Damaged { item })
    }

    /// Encrypts an item under a new data key and the current period.
    pub(crate) fn seal(&self, item: &Item, plaintext: &[u8]) -> Result<Sealed, VaultError> {
        let key = AeadKey::generate_of(&*self.randomness)?;
        let (period, wrap) = self.wrap(&key)?;
        let sealed = self.suite.aead_seal(&key, &ONCE, &item.associated_data(), plaintext);
        Ok(Sealed { period, wrap, sealed })
    }

    /// Decrypts an item, or reports it damaged.
    pub(crate) fn open(&self, item: Item, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let opened = self
            .unwrap(sealed.period, &sealed.wrap)
            .and_then(|key| self.suite.aead_open(&key, &ONCE, &item.associated_data(), &sealed.sealed).ok());
        opened.ok_or(VaultError::Damaged { item })
    }

    /// Wraps a data key under the current period.
    pub(crate) fn wrap(&self, key: &AeadKey) -> Result<(i64, Vec<u8>), VaultError> {
        let periods = self.periods.read().unwrap_or_else(PoisonError::into_inner);
        let none = || VaultError::Damaged { item: Item::PeriodKey { period: 0 } };
        let (period, period_key) = periods.last_key_value().ok_or_else(none)?;
        Ok((*period, wrap(&*self.randomness, self.suite, period_key, &data_key_context(*period), key)?))
    }

    /// Opens the wrap of a data key, if it is whole and its period known.
    pub(crate) fn unwrap(&self, period: i64, wrapped: &[u8]) -> Option<AeadKey> {
        let periods = self.periods.read().unwrap_or_else(PoisonError::into_inner);
        unwrap(self.suite, periods.get(&period)?, &data_key_context(period), wrapped)
    }

    /// Where the rows with these key columns are found: `HMAC(index key, resource ‖ columns)`, both canonical.
    pub(crate) fn blind_index(&self, resource: &ResourceId, key: &[String]) -> Digest {
        let named = Zeroizing::new(codec::encode(&(resource, key)));
        self.suite.mac(self.index.expose(), &[&named])
    }
}

/// Wraps the index key of a new vault.
pub(crate) fn wrap_index_key(
    randomness: &dyn Randomness,
    suite: Suite,
    master: &AeadKey,
    network: &Digest,
    key: &AeadKey,
) -> Result<Vec<u8>, VaultError> {
    wrap(randomness, suite, master, &Item::IndexKey { network: *network }.associated_data(), key)
}

/// Opens the index key: with it the master shows that it is this vault's.
pub(crate) fn unwrap_index_key(suite: Suite, master: &AeadKey, network: &Digest, wrapped: &[u8]) -> Option<AeadKey> {
    unwrap(suite, master, &Item::IndexKey { network: *network }.associated_data(), wrapped)
}

fn data_key_context(period: i64) -> Vec<u8> {
    codec::encode(&("gongxin-vault-data-key-1", period))
}

fn wrap(
    randomness: &dyn Randomness,
    suite: Suite,
    outer: &AeadKey,
    context: &[u8],
    key: &AeadKey,
) -> Result<Vec<u8>, VaultError> {
    let nonce: [u8; NONCE_LENGTH] = random::array_of(randomness)?;
    let mut wrapped = Vec::with_capacity(WRAP_LENGTH);
    wrapped.extend_from_slice(&nonce);
    wrapped.extend_from_slice(&suite.aead_seal(outer, &nonce, context, key.expose()));
    Ok(wrapped)
}

fn unwrap(suite: Suite, outer: &AeadKey, context: &[u8], wrapped: &[u8]) -> Option<AeadKey> {
    let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LENGTH>()?;
    let opened = suite.aead_open(outer, nonce, context, sealed).ok()?;
    let key: &[u8; 32] = opened.as_slice().try_into().ok()?;
    Some(AeadKey::new(key))
}

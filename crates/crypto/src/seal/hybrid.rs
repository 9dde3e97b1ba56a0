//! Seal and open with HPKE, and the secret half of a sealing key.

use std::fmt;

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use super::{SealingPublic, X25519_LENGTH};
use crate::algorithm::ALGORITHM_X25519;
use crate::derived_random::DerivedRandom;
use crate::random::{OperatingSystem, RandomError, Randomness};

/// Bytes a sealed message is longer than its plaintext: encapsulated key and authentication tag.
pub const OVERHEAD_LENGTH: usize = X25519_LENGTH + 16;

/// A message cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The public key is of small order: whatever was sealed to it, anyone could read.
    #[error("sealing key is not a usable point")]
    BadKey,
    /// The message was changed or cut, or was sealed to another key or for another use.
    #[error("sealed message does not open: it was changed, or sealed to another key or for another use")]
    DoesNotOpen,
    /// The operating system gave no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A secret key that opens what was sealed to its public half; wiped when dropped.
#[derive(Clone)]
pub struct SealingSecret(Box<Zeroizing<[u8; X25519_LENGTH]>>);

impl SealingSecret {
    /// A new random key.
    pub fn generate() -> Result<Self, RandomError> {
        Self::generate_of(&OperatingSystem)
    }

    /// A new random key of a machine's own randomness.
    pub fn generate_of(machine: &dyn Randomness) -> Result<Self, RandomError> {
        let mut seed = Box::new(Zeroizing::new([0; X25519_LENGTH]));
        machine.fill(&mut **seed)?;
        Ok(Self(seed))
    }

    /// The key that these 32 bytes are (RFC 7748 §5): for key files, tests and simulations.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Box::new(Zeroizing::new(*seed)))
    }

    /// The public key that others seal to.
    #[expect(clippy::expect_used, reason = "an X25519 public key has 32 bytes")]
    pub fn public(&self) -> SealingPublic {
        let public = X25519HkdfSha256::sk_to_pk(&self.private()).to_bytes();
        SealingPublic::new(ALGORITHM_X25519, &public).expect("32 bytes")
    }

    /// The 32 secret bytes, for a key file. Keep them wrapped.
    pub fn expose_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(**self.0)
    }

    #[expect(clippy::expect_used, reason = "any 32 bytes are an X25519 secret key")]
    fn private(&self) -> <X25519HkdfSha256 as Kem>::PrivateKey {
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&**self.0).expect("32 bytes")
    }
}

impl fmt::Debug for SealingSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealingSecret(of {})", self.public())
    }
}

/// Seal `plaintext` to `public`. `info` says what for, `aad` is authenticated; both are needed to open.
pub fn seal(public: &SealingPublic, info: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    seal_of(&OperatingSystem, public, info, aad, plaintext)
}

/// The same with a machine's own randomness.
pub fn seal_of(
    machine: &dyn Randomness,
    public: &SealingPublic,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, SealError> {
    let mut seed = Zeroizing::new([0; 32]);
    machine.fill(&mut *seed)?;
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public.as_bytes()).map_err(|_| SealError::BadKey)?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        plaintext,
        aad,
        &mut DerivedRandom::new(seed),
    )
    .map_err(|_| SealError::BadKey)?;
    Ok([encapsulated.to_bytes().as_slice(), &ciphertext].concat())
}

/// Open a message sealed to the public half of `secret` with the same `info` and `aad`.
pub fn open(secret: &SealingSecret, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (encapsulated, ciphertext) = sealed.split_at_checked(X25519_LENGTH).ok_or(SealError::DoesNotOpen)?;
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealError::DoesNotOpen)?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.private(),
        &encapsulated,
        info,
        ciphertext,
        aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| SealError::DoesNotOpen)
}

//! Hash, sign, seal: the cryptographic suite that a network fixes at genesis.
//!
//! **Promises.** A [`Suite`] names one signature algorithm, one hash and one cipher; everything else in the house asks it
//! and assumes no lengths. Verification follows ZIP-215 exactly, alone and in batches, so that every validator and every
//! offline verifier reaches the same verdict. Secrets are wiped when dropped, never printed, compared in constant time,
//! and rest on disk only encrypted and readable by their owner alone. Bad input is refused with an error, never a panic.
//!
//! **Leaves to others.** What is signed and hashed, and under which tag, is said by `types` and `state`; who may sign is
//! a matter of `policy`. Consensus votes and transport stay with the engine's own keys.
//!
//! Feature `signing` (default) holds all that needs a secret or randomness. Without it only hashing, message
//! authentication, verification and Merkle trees remain: that part builds for wasm32 and without a C compiler. Feature
//! `test-suite` adds `Suite::Test`, whose keys, digests and signatures have other lengths; it must never be shipped.

pub mod digest;
pub mod hash;
pub mod key;
pub mod limits;
pub mod mac;
pub mod merkle;
pub mod signature;
pub mod suite;
pub mod verify;

#[cfg(feature = "signing")]
pub mod cipher;
#[cfg(all(feature = "signing", unix))]
pub mod key_file;
#[cfg(all(feature = "signing", unix))]
pub mod passphrase;
#[cfg(feature = "signing")]
pub mod random;
pub mod seal;
#[cfg(feature = "signing")]
pub mod secret;
#[cfg(all(feature = "signing", unix))]
pub mod secret_file;

mod algorithm;
mod derived_random;
mod inline;
#[cfg(feature = "test-suite")]
mod test_suite;
mod text;

pub use algorithm::{ALGORITHM_ED25519, ALGORITHM_TEST, ALGORITHM_X25519};
pub use digest::Digest;
pub use hash::{Hasher, Tag};
pub use inline::LengthError;
pub use key::{KeyError, PublicKey};
pub use seal::SealingPublic;
pub use signature::{Signature, SignatureError};
pub use suite::{Suite, UnknownSuite};
pub use text::ParseError;
pub use verify::BatchVerifier;

#[cfg(feature = "signing")]
pub use cipher::{AeadKey, OpenError};
#[cfg(all(feature = "signing", unix))]
pub use passphrase::Passphrase;
#[cfg(feature = "signing")]
pub use random::{OperatingSystem, RandomError, Randomness};
#[cfg(feature = "signing")]
pub use seal::SealingSecret;
#[cfg(feature = "signing")]
pub use secret::SecretKey;

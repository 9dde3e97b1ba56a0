//! The secret half of a signing key: sign, and give the public half.
//!
//! It is wiped when dropped, and its `Debug` shows the public key alone.

use std::fmt;

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use zeroize::Zeroizing;

use crate::random::{self, RandomError};
use crate::{PublicKey, Signature, Suite};

/// A secret signing key of a suite.
#[derive(Clone)]
pub struct SecretKey {
    suite: Suite,
    // Boxed so that moving a `SecretKey` leaves no copy of the secret behind on the stack.
    key: Box<Zeroizing<SigningKey>>,
}

impl SecretKey {
    /// The suite this key signs for.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Sign `message`. Deterministic (RFC 8032 §5.1.6): the same message gives the same signature.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature = self.key.sign(message).to_bytes();
        match self.suite {
            Suite::Intl => of_right_length(Signature::new(self.suite.algorithm(), &signature)),
            #[cfg(feature = "test-suite")]
            Suite::Test => {
                let dressed = [signature.as_slice(), &crate::test_suite::padding(message)].concat();
                of_right_length(Signature::new(self.suite.algorithm(), &dressed))
            }
        }
    }

    /// The public key that verifies what this key signs.
    pub fn public(&self) -> PublicKey {
        let key: [u8; 32] = VerificationKeyBytes::from(&**self.key).into();
        match self.suite {
            Suite::Intl => of_right_length(PublicKey::new(self.suite.algorithm(), &key)),
            #[cfg(feature = "test-suite")]
            Suite::Test => {
                let dressed = [[crate::test_suite::KEY_PREFIX].as_slice(), &key].concat();
                of_right_length(PublicKey::new(self.suite.algorithm(), &dressed))
            }
        }
    }

    /// The 32 secret bytes, for a key file or for the consensus engine's own key type. Keep them wrapped.
    pub fn expose_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey(of {})", self.public())
    }
}

impl Suite {
    /// A new random signing key.
    pub fn generate(self) -> Result<SecretKey, RandomError> {
        let mut seed = Zeroizing::new([0; 32]);
        random::fill(&mut *seed)?;
        Ok(self.secret_from_seed(&seed))
    }

    /// The signing key that 32 bytes determine: for key files, tests and simulations. As secret as its seed.
    pub fn secret_from_seed(self, seed: &[u8; 32]) -> SecretKey {
        SecretKey { suite: self, key: Box::new(Zeroizing::new(SigningKey::from_bytes(seed))) }
    }
}

#[expect(clippy::expect_used, reason = "keys and signatures made here have their algorithm's length")]
fn of_right_length<T>(made: Result<T, crate::KeyError>) -> T {
    made.expect("a key or signature of its algorithm's length")
}

//! Keep a secret key in an encrypted file that `openssl` opens too.
//!
//! PKCS#8 in PEM (RFC 5958, RFC 7468, RFC 8410), encrypted by PBES2 (RFC 8018) with scrypt (RFC 7914) and AES-256-CBC:
//! `openssl pkey -in key.pem -passin file:passphrase` reads it. Files that `openssl` made with PBKDF2 are read as well;
//! unencrypted ones, and ones that others than their owner can read, are refused. PBES2 does not authenticate: a changed
//! file may open to another key, so whoever opens one compares the public key with the one on the ledger.

use std::path::{Path, PathBuf};

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::pem::PemLabel;
use pkcs8::der::{Decode, Encode, SecretDocument};
use pkcs8::pkcs5::pbes2;
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::limits::{KEY_FILE_LENGTH_MAX, KEY_FILE_ROUNDS_MAX, KEY_FILE_SCRYPT_COST, KEY_FILE_SCRYPT_WORK_MAX};
use crate::random::{self, RandomError};
use crate::secret_file::{self, SecretFileError, Sharing};
use crate::{Passphrase, SealingSecret, SecretKey, Suite};

/// Ed25519 (RFC 8410 §3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// X25519 (RFC 8410 §3).
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
/// The test suite's disguised Ed25519, in the arc for experiments.
#[cfg(feature = "test-suite")]
const TEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.3.255");

/// A key file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file itself: absent, present, open to others, too long.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// Not an encrypted PKCS#8 key in PEM.
    #[error("`{}` is not an encrypted private key in PEM (`BEGIN ENCRYPTED PRIVATE KEY`)", .0.display())]
    NotAKeyFile(PathBuf),
    /// Encrypted in a way that is not accepted, or so that opening would take too long.
    #[error("`{}` is encrypted with an algorithm or cost that is not accepted", .0.display())]
    NotAccepted(PathBuf),
    /// Another passphrase, or a changed file.
    #[error("`{}` does not open with this passphrase", .0.display())]
    WrongPassphrase(PathBuf),
    /// A key for something else.
    #[error("`{}` does not hold {expected}", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// The kind that was looked for, in words.
        expected: &'static str,
    },
    /// The key cannot be encoded or encrypted.
    #[error("the key cannot be encrypted")]
    NotEncrypted,
    /// The operating system gave no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Write a signing key to a new file at `path`, encrypted under `passphrase`.
pub fn write_signing_key(path: &Path, key: &SecretKey, passphrase: &Passphrase) -> Result<(), KeyFileError> {
    let kind = match key.suite() {
        Suite::Intl => ED25519,
        #[cfg(feature = "test-suite")]
        Suite::Test => TEST,
    };
    write(path, kind, &key.expose_seed(), passphrase)
}

/// Read a signing key from an encrypted key file.
pub fn read_signing_key(path: &Path, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
    let (kind, seed) = read(path, passphrase)?;
    match kind {
        ED25519 => Ok(Suite::Intl.secret_from_seed(&seed)),
        #[cfg(feature = "test-suite")]
        TEST => Ok(Suite::Test.secret_from_seed(&seed)),
        _ => Err(KeyFileError::WrongKind { path: path.to_owned(), expected: "a signing key" }),
    }
}

/// Write a sealing key to a new file at `path`, encrypted under `passphrase`.
pub fn write_sealing_key(path: &Path, key: &SealingSecret, passphrase: &Passphrase) -> Result<(), KeyFileError> {
    write(path, X25519, &key.expose_seed(), passphrase)
}

/// Read a sealing key from an encrypted key file.
pub fn read_sealing_key(path: &Path, passphrase: &Passphrase) -> Result<SealingSecret, KeyFileError> {
    match read(path, passphrase)? {
        (X25519, seed) => Ok(SealingSecret::from_seed(&seed)),
        _ => Err(KeyFileError::WrongKind { path: path.to_owned(), expected: "a sealing key" }),
    }
}

fn write(path: &Path, kind: ObjectIdentifier, seed: &[u8; 32], passphrase: &Passphrase) -> Result<(), KeyFileError> {
    let parameters = new_parameters()?;
    let pem = encrypt(kind, seed, passphrase, parameters).map_err(|_| KeyFileError::NotEncrypted)?;
    Ok(secret_file::write_new(path, pem.as_bytes())?)
}

fn encrypt(
    kind: ObjectIdentifier,
    seed: &[u8; 32],
    passphrase: &Passphrase,
    parameters: pbes2::Parameters,
) -> Result<Zeroizing<String>, pkcs8::Error> {
    // RFC 8410 §7: the private key is an octet string within the octet string.
    let inner = Zeroizing::new(OctetStringRef::new(seed)?.to_der()?);
    let algorithm = AlgorithmIdentifierRef { oid: kind, parameters: None };
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner)?);
    let encrypted = info.encrypt_with_params(parameters, passphrase.expose())?;
    Ok(encrypted.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?)
}

fn new_parameters() -> Result<pbes2::Parameters, KeyFileError> {
    let salt = pbes2::Salt::new(random::array::<16>()?).map_err(|_| KeyFileError::NotEncrypted)?;
    let kdf = pbes2::ScryptParams {
        salt,
        cost_parameter: KEY_FILE_SCRYPT_COST,
        block_size: 8,
        parallelization: 1,
        key_length: None,
    };
    let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: random::array()? };
    Ok(pbes2::Parameters { kdf: kdf.into(), encryption })
}

/// The kind of key in the file and its 32 secret bytes.
fn read(path: &Path, passphrase: &Passphrase) -> Result<(ObjectIdentifier, Zeroizing<[u8; 32]>), KeyFileError> {
    let bytes = secret_file::read(path, KEY_FILE_LENGTH_MAX, Sharing::OwnerOnly)?;
    let not_a_key_file = || KeyFileError::NotAKeyFile(path.to_owned());
    let pem = std::str::from_utf8(&bytes).map_err(|_| not_a_key_file())?;
    let (label, document) = SecretDocument::from_pem(pem).map_err(|_| not_a_key_file())?;
    if label != EncryptedPrivateKeyInfoRef::PEM_LABEL {
        return Err(not_a_key_file());
    }
    let encrypted = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|_| not_a_key_file())?;
    if !encrypted.encryption_algorithm.pbes2().is_some_and(is_accepted) {
        return Err(KeyFileError::NotAccepted(path.to_owned()));
    }
    // Bad padding and bad structure inside both mean another passphrase: neither is told apart from the other.
    let wrong_passphrase = || KeyFileError::WrongPassphrase(path.to_owned());
    let opened = encrypted.decrypt(passphrase.expose()).map_err(|_| wrong_passphrase())?;
    let info = PrivateKeyInfoRef::from_der(opened.as_bytes()).map_err(|_| wrong_passphrase())?;
    let other_kind = || KeyFileError::WrongKind { path: path.to_owned(), expected: "an Ed25519 or X25519 key" };
    let inner = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| other_kind())?;
    let seed = <&[u8; 32]>::try_from(inner.as_bytes()).map_err(|_| other_kind())?;
    Ok((info.algorithm.oid, Zeroizing::new(*seed)))
}

/// A key file is a local file, but a wrong one must not occupy memory and processor for minutes.
fn is_accepted(parameters: &pbes2::Parameters) -> bool {
    let cost_is_bounded = match &parameters.kdf {
        pbes2::Kdf::Scrypt(scrypt) => {
            let work = u64::from(scrypt.block_size)
                .checked_mul(scrypt.parallelization.into())
                .and_then(|width| width.checked_mul(scrypt.cost_parameter));
            work.is_some_and(|work| work <= KEY_FILE_SCRYPT_WORK_MAX)
        }
        pbes2::Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= KEY_FILE_ROUNDS_MAX,
        _ => false,
    };
    cost_is_bounded && matches!(parameters.encryption, pbes2::EncryptionScheme::Aes256Cbc { .. })
}

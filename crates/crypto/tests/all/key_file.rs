//! Key files open with the right passphrase only, in our hands and in `openssl`'s,
//! and only while nobody else can read them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gongxin_crypto::key_file::{self, KeyFileError};
use gongxin_crypto::secret_file::SecretFileError;
use gongxin_crypto::{Passphrase, PublicKey, SealingSecret, Suite};
use tempfile::TempDir;

use crate::key;

/// A directory with a passphrase file, as an operator has it.
struct Desk {
    directory: TempDir,
    passphrase: Passphrase,
}

impl Desk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::generate().unwrap();
        passphrase.write_new(&directory.path().join("passphrase")).unwrap();
        Self { directory, passphrase }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn openssl(&self, arguments: &str) -> Output {
        Command::new("openssl").current_dir(&self.directory).args(arguments.split(' ')).output().unwrap()
    }

    /// Run `openssl` and give its standard output.
    fn openssl_ok(&self, arguments: &str) -> Vec<u8> {
        let output = self.openssl(arguments);
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

/// The last 32 bytes of a SubjectPublicKeyInfo of Ed25519 or X25519.
fn last_32(spki: &[u8]) -> &[u8] {
    &spki[spki.len() - 32..]
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// We write a key; `openssl pkey` opens it with the passphrase file and names the same public key; not with another.
#[test]
fn openssl_opens_our_key_files() {
    let desk = Desk::new();
    let (signing, sealing) = (Suite::Intl.generate().unwrap(), SealingSecret::generate().unwrap());
    key_file::write_signing_key(&desk.path("sign.pem"), &signing, &desk.passphrase).unwrap();
    key_file::write_sealing_key(&desk.path("seal.pem"), &sealing, &desk.passphrase).unwrap();
    let public = desk.openssl_ok("pkey -in sign.pem -passin file:passphrase -pubout -outform DER");
    assert_eq!(last_32(&public), signing.public().as_bytes());
    let public = desk.openssl_ok("pkey -in seal.pem -passin file:passphrase -pubout -outform DER");
    assert_eq!(last_32(&public), sealing.public().as_bytes());
    assert!(!desk.openssl("pkey -in sign.pem -passin pass:wrong -noout").status.success());
}

/// `openssl` made the key, with PBKDF2: we read it and sign, and `openssl pkeyutl` verifies; one byte off, it does not.
#[test]
fn openssl_and_we_sign_and_verify_for_each_other() {
    let desk = Desk::new();
    desk.openssl_ok("genpkey -algorithm ed25519 -aes-256-cbc -pass file:passphrase -out key.pem");
    std::fs::set_permissions(desk.path("key.pem"), PermissionsExt::from_mode(0o600)).unwrap();
    let secret = key_file::read_signing_key(&desk.path("key.pem"), &desk.passphrase).unwrap();
    let public = desk.openssl_ok("pkey -in key.pem -passin file:passphrase -pubout -outform DER");
    assert_eq!(last_32(&public), secret.public().as_bytes());

    std::fs::write(desk.path("message"), b"resolved: the record stands").unwrap();
    let signature = secret.sign(b"resolved: the record stands");
    std::fs::write(desk.path("ours"), signature.as_bytes()).unwrap();
    desk.openssl_ok("pkey -in key.pem -passin file:passphrase -pubout -out public.pem");
    let verify = "pkeyutl -verify -rawin -pubin -inkey public.pem -in message -sigfile ours";
    desk.openssl_ok(verify);
    std::fs::write(desk.path("message"), b"resolved: the record falls").unwrap();
    assert!(!desk.openssl(verify).status.success());

    let theirs = desk.openssl_ok("pkeyutl -sign -rawin -inkey key.pem -passin file:passphrase -in message");
    let theirs = gongxin_crypto::Signature::new(1, &theirs).unwrap();
    let public = PublicKey::new(1, last_32(&public)).unwrap();
    assert_eq!(Suite::Intl.verify(&public, b"resolved: the record falls", &theirs), Ok(()));
}

/// Written and read back, in every suite; the file is its owner's alone, names no secret, and is never written over.
#[test]
fn a_key_file_keeps_its_key() {
    let desk = Desk::new();
    for suite in Suite::ALL {
        let (path, secret) = (desk.path(suite.name()), key(*suite, 0x41));
        key_file::write_signing_key(&path, &secret, &desk.passphrase).unwrap();
        let read = key_file::read_signing_key(&path, &desk.passphrase).unwrap();
        assert_eq!((read.suite(), read.public()), (*suite, secret.public()));
        assert_eq!(mode(&path), 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{text}");
        let again = key_file::write_signing_key(&path, &key(*suite, 1), &desk.passphrase);
        assert!(matches!(again, Err(KeyFileError::File(SecretFileError::Exists(_)))), "{again:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

/// The same key written twice gives different files: salt and initialization vector are fresh each time.
#[test]
fn two_files_of_one_key_differ() {
    let desk = Desk::new();
    for name in ["one", "two"] {
        key_file::write_signing_key(&desk.path(name), &key(Suite::Intl, 1), &desk.passphrase).unwrap();
    }
    assert_ne!(std::fs::read(desk.path("one")).unwrap(), std::fs::read(desk.path("two")).unwrap());
}

/// A sealing key is no signing key, and an RSA key is neither: the error says what was looked for.
#[test]
fn another_kind_of_key_is_refused() {
    let desk = Desk::new();
    key_file::write_sealing_key(&desk.path("seal"), &SealingSecret::from_seed(&[1; 32]), &desk.passphrase).unwrap();
    key_file::write_signing_key(&desk.path("sign"), &key(Suite::Intl, 1), &desk.passphrase).unwrap();
    desk.openssl_ok("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -aes-256-cbc -pass file:passphrase -out rsa");
    std::fs::set_permissions(desk.path("rsa"), PermissionsExt::from_mode(0o600)).unwrap();
    let signing = |name| key_file::read_signing_key(&desk.path(name), &desk.passphrase).unwrap_err();
    assert!(signing("seal").to_string().ends_with("does not hold a signing key"));
    assert!(signing("rsa").to_string().ends_with("does not hold an Ed25519 or X25519 key"));
    let sealing = key_file::read_sealing_key(&desk.path("sign"), &desk.passphrase).unwrap_err();
    assert!(sealing.to_string().ends_with("does not hold a sealing key"));
}

/// Another passphrase, a file others can read, an unencrypted key, an absurd cost, rubbish: each has its own error.
#[test]
fn unusable_files_say_what_is_wrong() {
    let desk = Desk::new();
    key_file::write_signing_key(&desk.path("key"), &key(Suite::Intl, 1), &desk.passphrase).unwrap();
    let read = |name| key_file::read_signing_key(&desk.path(name), &desk.passphrase).unwrap_err();

    // A wrong passphrase is noticed by its padding or by the structure inside, whichever breaks.
    for wrong in [b"a".as_slice(), b"b", b"c", b"d"] {
        let other = key_file::read_signing_key(&desk.path("key"), &Passphrase::from_bytes(wrong).unwrap());
        assert!(matches!(other, Err(KeyFileError::WrongPassphrase(_))), "{other:?}");
    }
    assert!(matches!(read("absent"), KeyFileError::File(SecretFileError::NotFound(_))));

    std::fs::set_permissions(desk.path("key"), PermissionsExt::from_mode(0o640)).unwrap();
    assert!(read("key").to_string().contains("is open to others (mode 0640)"));

    desk.openssl_ok("genpkey -algorithm ed25519 -out plain");
    std::fs::set_permissions(desk.path("plain"), PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(read("plain"), KeyFileError::NotAKeyFile(_)));

    desk.openssl_ok("pkcs8 -topk8 -in plain -out slow -v2 aes-256-cbc -iter 5000000 -passout file:passphrase");
    desk.openssl_ok("pkcs8 -topk8 -in plain -out weak -v2 des3 -passout file:passphrase");
    for name in ["slow", "weak"] {
        std::fs::set_permissions(desk.path(name), PermissionsExt::from_mode(0o600)).unwrap();
    }
    assert!(matches!(read("slow"), KeyFileError::NotAccepted(_)), "{:?}", read("slow"));
    assert!(matches!(read("weak"), KeyFileError::NotAccepted(_) | KeyFileError::NotAKeyFile(_)), "{:?}", read("weak"));
}

/// Cut anywhere it is refused; with any byte changed it gets an answer, and the process goes on.
#[test]
fn damaged_files_never_panic() {
    let desk = Desk::new();
    // A low cost, so that hundreds of openings take no time.
    desk.openssl_ok("genpkey -algorithm ed25519 -out plain");
    desk.openssl_ok("pkcs8 -topk8 -in plain -out key -v2 aes-256-cbc -iter 1 -passout file:passphrase");
    let whole = std::fs::read(desk.path("key")).unwrap();
    let write = |bytes: &[u8]| {
        std::fs::write(desk.path("damaged"), bytes).unwrap();
        std::fs::set_permissions(desk.path("damaged"), PermissionsExt::from_mode(0o600)).unwrap();
        key_file::read_signing_key(&desk.path("damaged"), &desk.passphrase)
    };
    assert!(write(&whole).is_ok());
    for at in 0..whole.len() - 1 {
        assert!(write(&whole[..at]).is_err(), "cut at {at}");
        let mut changed = whole.clone();
        changed[at] ^= 1;
        // CBC does not authenticate: a changed byte may pass. What is promised is an answer.
        let _ = write(&changed);
    }
    assert!(write(&[0xff; 300]).is_err());
    assert!(write(&vec![b'A'; 9000]).is_err());
}

//! What is sealed opens for its reader alone, for its purpose alone, unchanged alone.

use std::process::Command;

use gongxin_crypto::seal::{OVERHEAD_LENGTH, SealError, open, seal};
use gongxin_crypto::{ALGORITHM_X25519, AeadKey, Passphrase, SealingPublic, SealingSecret, Suite, key_file};

/// Sealed, opened; and with any one thing other, not opened.
#[test]
fn only_the_reader_opens() {
    let (reader, other) = (SealingSecret::from_seed(&[1; 32]), SealingSecret::from_seed(&[2; 32]));
    let sealed = seal(&reader.public(), b"response", b"aad", b"value").unwrap();
    assert_eq!(sealed.len(), b"value".len() + OVERHEAD_LENGTH);
    assert_eq!(open(&reader, b"response", b"aad", &sealed).unwrap().as_slice(), b"value");
    assert_eq!(open(&other, b"response", b"aad", &sealed), Err(SealError::DoesNotOpen));
    assert_eq!(open(&reader, b"request", b"aad", &sealed), Err(SealError::DoesNotOpen));
    assert_eq!(open(&reader, b"response", b"", &sealed), Err(SealError::DoesNotOpen));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(open(&reader, b"response", b"aad", &changed), Err(SealError::DoesNotOpen), "byte {at}");
        assert_eq!(open(&reader, b"response", b"aad", &sealed[..at]), Err(SealError::DoesNotOpen), "cut at {at}");
    }
}

/// The same text sealed twice looks different: nobody sees that two answers are equal.
#[test]
fn sealing_is_randomized() {
    let reader = SealingSecret::generate().unwrap().public();
    assert_ne!(seal(&reader, b"", b"", b"value").unwrap(), seal(&reader, b"", b"", b"value").unwrap());
}

/// A public key of small order would make every message readable to everyone: nothing is sealed to it.
#[test]
fn small_order_keys_are_refused() {
    for y in [0, 1] {
        let mut bytes = [0; 32];
        bytes[0] = y;
        let public = SealingPublic::new(ALGORITHM_X25519, &bytes).unwrap();
        assert_eq!(seal(&public, b"", b"", b"value"), Err(SealError::BadKey));
    }
}

/// A sealed message opened step by step as RFC 9180 writes it, with the Diffie-Hellman by `openssl`.
#[test]
fn a_sealed_message_is_what_rfc_9180_says() {
    let reader = SealingSecret::from_seed(&[3; 32]);
    let sealed = seal(&reader.public(), b"info", b"aad", b"by the book").unwrap();
    let (encapsulated, ciphertext) = sealed.split_at(32);
    let dh = agree_by_openssl(&reader, encapsulated);

    let kem = [b"KEM".as_slice(), &[0, 0x20]].concat();
    let extracted = extract(&kem, b"", b"eae_prk", &dh);
    let context = [encapsulated, reader.public().as_bytes()].concat();
    let shared = expand(&kem, &extracted, b"shared_secret", &context, 32);

    let hpke = [b"HPKE".as_slice(), &[0, 0x20, 0, 1, 0, 2]].concat();
    let (psk, info) = (extract(&hpke, b"", b"psk_id_hash", b""), extract(&hpke, b"", b"info_hash", b"info"));
    let context = [&[0], psk.as_slice(), &info].concat();
    let secret = extract(&hpke, &shared, b"secret", b"");
    let key = AeadKey::new(&expand(&hpke, &secret, b"key", &context, 32).try_into().unwrap());
    let nonce = expand(&hpke, &secret, b"base_nonce", &context, 12).try_into().unwrap();
    let opened = Suite::Intl.aead_open(&key, &nonce, b"aad", ciphertext).unwrap();
    assert_eq!(opened.as_slice(), b"by the book");
}

/// RFC 9180 §4, `LabeledExtract`.
fn extract(suite_id: &[u8], salt: &[u8], label: &[u8], material: &[u8]) -> Vec<u8> {
    Suite::Intl.mac(salt, &[b"HPKE-v1", suite_id, label, material]).as_bytes().to_vec()
}

/// RFC 9180 §4, `LabeledExpand`, for at most 32 bytes.
fn expand(suite_id: &[u8], secret: &[u8], label: &[u8], info: &[u8], length: u8) -> Vec<u8> {
    let code = Suite::Intl.mac(secret, &[&[0, length], b"HPKE-v1", suite_id, label, info, &[1]]);
    code.as_bytes()[..usize::from(length)].to_vec()
}

fn agree_by_openssl(secret: &SealingSecret, peer: &[u8]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let passphrase = Passphrase::generate().unwrap();
    passphrase.write_new(&at("passphrase")).unwrap();
    key_file::write_sealing_key(&at("key.pem"), secret, &passphrase).unwrap();
    // SubjectPublicKeyInfo of an X25519 key (RFC 8410 §4).
    let spki = [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00".as_slice(), peer].concat();
    std::fs::write(at("peer.der"), spki).unwrap();
    let output = Command::new("openssl")
        .current_dir(directory.path())
        .args("pkeyutl -derive -inkey key.pem -passin file:passphrase -peerkey peer.der -peerform DER".split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

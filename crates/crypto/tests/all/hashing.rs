//! Hashes and authentication codes are the standard ones, and tags keep meanings apart.

use gongxin_crypto::{Suite, Tag, mac};

use crate::unhex;

/// FIPS 180-4's "abc", given whole and in pieces.
#[test]
fn hashes_are_the_standard_ones() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Suite::Intl.hash(&[b"abc"]).to_string(), abc);
    assert_eq!(Suite::Intl.hash(&[b"a", b"", b"bc"]).to_string(), abc);
    let mut hasher = Suite::Intl.hasher();
    b"abc".chunks(1).for_each(|byte| hasher.update(byte));
    assert_eq!(hasher.finish().to_string(), abc);
    let abc = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";
    assert_eq!(Suite::Test.hash(&[b"abc"]).to_string(), abc);
    for suite in Suite::ALL {
        assert_eq!(suite.hash(&[]).len(), suite.digest_length());
    }
}

/// The tag's length stands before it: no text moves between tag and content unnoticed.
#[test]
fn tags_separate_meanings() {
    const TAG: Tag = Tag::new("gongxin-test-1");
    let suite = Suite::Intl;
    let tagged = suite.tagged("gongxin-test-1", &[b"body"]);
    assert_eq!(tagged, suite.hash(&[&[14], b"gongxin-test-1", b"body"]));
    assert_eq!(tagged, TAG.hash(suite, &[b"bo", b"dy"]));
    assert_ne!(tagged, suite.tagged("gongxin-test-1b", &[b"ody"]));
    assert_ne!(tagged, suite.tagged("gongxin-test-2", &[b"body"]));
}

/// RFC 4231, cases 2 and 6 (a key longer than a block).
#[test]
fn authentication_codes_are_the_standard_ones() {
    let code = |suite: Suite, key: &[u8], text: &[u8]| suite.mac(key, &[text]).to_string();
    let (jefe, what) = (b"Jefe", b"what do ya want for nothing?");
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(code(Suite::Intl, jefe, what), expected);
    let expected = "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649";
    assert_eq!(code(Suite::Test, jefe, what), expected);
    let (long, text) = ([0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
    assert_eq!(code(Suite::Intl, &long, text), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/// A code of other bytes, another key, or cut short does not verify.
#[test]
fn authentication_codes_verify() {
    for suite in Suite::ALL {
        let code = suite.mac(b"key", &[b"message"]);
        assert!(mac::verify(*suite, b"key", &[b"mess", b"age"], &code));
        assert!(!mac::verify(*suite, b"key", &[b"message!"], &code));
        assert!(!mac::verify(*suite, b"other", &[b"message"], &code));
        let cut = gongxin_crypto::Digest::new(&code.as_bytes()[..16]).unwrap();
        assert!(!mac::verify(*suite, b"key", &[b"message"], &cut));
    }
}

/// AES-256-GCM, test case 14 of McGrew and Viega's specification, and everything that must not open.
#[test]
fn cipher_is_the_standard_one() {
    use gongxin_crypto::AeadKey;
    let (suite, key, nonce) = (Suite::Intl, AeadKey::new(&[0; 32]), [0; 12]);
    let sealed = suite.aead_seal(&key, &nonce, b"", &[0; 16]);
    assert_eq!(sealed, unhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
    let sealed = suite.aead_seal(&key, &nonce, b"for", b"secret");
    assert_eq!(suite.aead_open(&key, &nonce, b"for", &sealed).unwrap().as_slice(), b"secret");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(suite.aead_open(&key, &nonce, b"for", &changed).is_err());
        assert!(suite.aead_open(&key, &nonce, b"for", &sealed[..at]).is_err());
    }
    assert!(suite.aead_open(&key, &nonce, b"four", &sealed).is_err());
    assert!(suite.aead_open(&key, &[1; 12], b"for", &sealed).is_err());
    assert!(suite.aead_open(&AeadKey::new(&[1; 32]), &nonce, b"for", &sealed).is_err());
    assert_ne!(AeadKey::generate().unwrap().expose(), AeadKey::generate().unwrap().expose());
    assert_eq!(format!("{:?}", AeadKey::new(&[0xab; 32])), "AeadKey(…)");
}

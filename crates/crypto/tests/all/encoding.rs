//! Digests, keys, signatures and suites have one encoding and one text each; anything else is refused.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, KeyError, ParseError, PublicKey, SealingPublic, SealingSecret, Signature, Suite};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::key;

/// Encode, decode, print and parse a value; then every cut, extended or flipped encoding is refused or means another.
fn check<T>(value: T, encoded: &[u8], text: &str)
where
    T: BorshSerialize + BorshDeserialize + Serialize + DeserializeOwned,
    T: Display + Debug + FromStr<Err: Debug + Display> + PartialEq + Copy,
{
    assert_eq!(borsh::to_vec(&value).unwrap(), encoded);
    assert_eq!(T::try_from_slice(encoded).unwrap(), value);
    assert_eq!(value.to_string(), text);
    assert_eq!(text.parse::<T>().unwrap(), value);
    assert_eq!(serde_json::to_string(&value).unwrap(), format!("\"{text}\""));
    assert_eq!(serde_json::from_str::<T>(&format!("\"{text}\"")).unwrap(), value);
    for cut in 0..encoded.len() {
        assert!(T::try_from_slice(&encoded[..cut]).is_err());
        let mut changed = encoded.to_vec();
        changed[cut] ^= 0x80;
        assert!(T::try_from_slice(&changed).is_ok_and(|other| other == value).eq(&false));
    }
    assert!(T::try_from_slice(&[encoded, &[0]].concat()).is_err());
    for wrong in [format!("{text} "), format!(" {text}"), format!("{text}0"), text.to_uppercase(), String::new()] {
        assert!(wrong.parse::<T>().is_err(), "`{wrong}` must not be read");
    }
    assert!(serde_json::from_str::<T>("7").is_err());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `u8 length ‖ bytes` and lowercase hexadecimal.
#[test]
fn digests() {
    for suite in Suite::ALL {
        let digest = suite.hash(&[b"digest"]);
        check(digest, &[&[digest.len() as u8], digest.as_bytes()].concat(), &hex(digest.as_bytes()));
        assert!(suite.check_digest(&digest).is_ok());
        assert!(suite.check_digest(&Digest::new(&[1; 20]).unwrap()).is_err());
    }
    check(Digest::new(&[0xab]).unwrap(), &[1, 0xab], "ab");
    check(Digest::new(&[0xab; 64]).unwrap(), &[[64].as_slice(), &[0xab; 64]].concat(), &"ab".repeat(64));
    for length in [0, 65, 255, 1000] {
        assert!(Digest::new(&vec![1; length]).is_err());
        assert!("ab".repeat(length).parse::<Digest>().is_err());
        assert!(Digest::try_from_slice(&[vec![length as u8], vec![1; length]].concat()).is_err());
    }
}

/// `u8 algorithm ‖ u8 length ‖ bytes` and `algorithm:hex`.
#[test]
fn keys_and_signatures() {
    for (suite, id, name, key_length) in [(Suite::Intl, 1, "ed25519", 32), (Suite::Test, 255, "test", 33)] {
        let (public, signature) = (key(suite, 3).public(), key(suite, 3).sign(b"message"));
        assert_eq!(public.as_bytes().len(), key_length);
        assert_eq!((public.algorithm(), signature.algorithm()), (id, id));
        let encoded = |bytes: &[u8]| [&[id, bytes.len() as u8], bytes].concat();
        let text = |bytes: &[u8]| format!("{name}:{}", hex(bytes));
        check(public, &encoded(public.as_bytes()), &text(public.as_bytes()));
        check(signature, &encoded(signature.as_bytes()), &text(signature.as_bytes()));
    }
    let sealing = SealingSecret::from_seed(&[9; 32]).public();
    let bytes = sealing.as_bytes();
    check(sealing, &[&[1, 32], bytes].concat(), &format!("x25519:{}", hex(bytes)));
}

/// A wrong length or an unknown algorithm is refused at the door, and the error says which.
#[test]
fn wrong_lengths_and_algorithms() {
    assert_eq!(PublicKey::new(7, &[1; 32]), Err(KeyError::UnknownAlgorithm(7)));
    assert_eq!(PublicKey::new(1, &[1; 33]).unwrap_err().to_string(), "public key of 33 bytes, expected 32");
    assert_eq!(Signature::new(1, &[1; 65]).unwrap_err().to_string(), "signature of 65 bytes, expected 64");
    assert_eq!(Signature::new(255, &[1; 72]).unwrap_err().to_string(), "signature of 72 bytes, expected 64 to 71");
    assert_eq!(SealingPublic::new(1, &[1; 31]).unwrap_err().to_string(), "sealing key of 31 bytes, expected 32");
    assert!(PublicKey::try_from_slice(&[[1, 200].as_slice(), &[1; 200]].concat()).is_err());
    let parse = |text: &str| text.parse::<PublicKey>().unwrap_err();
    assert_eq!(parse(&"ab".repeat(32)), ParseError::NoAlgorithm);
    assert_eq!(parse(&format!("rsa:{}", "ab".repeat(32))).to_string(), "algorithm `rsa` is not known here");
    assert_eq!(parse(&format!("ed25519:{}", "ab".repeat(31))).to_string(), "public key of 31 bytes, expected 32");
    assert_eq!(parse(&format!("ed25519:{}", "AB".repeat(32))), ParseError::NotHex);
    assert_eq!(parse("\u{202e}ed25519:").to_string(), "algorithm `\\u{202e}ed25519` is not known here");
}

/// A suite is one byte in encodings and a word for people.
#[test]
fn suites() {
    check(Suite::Intl, &[1], "intl");
    check(Suite::Test, &[255], "test");
    assert_eq!(Suite::from_id(2).unwrap_err().to_string(), "cryptographic suite `2` is not known here");
    assert_eq!(Suite::from_name("intl "), Err(gongxin_crypto::UnknownSuite("intl ".into())));
    assert!(serde_json::from_str::<Suite>("1").is_err());
}

/// Order and equality look at the bytes alone, so that lists sort the same everywhere.
#[test]
fn digests_sort_by_their_bytes() {
    let digest = |bytes: &[u8]| Digest::new(bytes).unwrap();
    let mut digests = [digest(&[2]), digest(&[1, 0]), digest(&[1]), digest(&[1, 0, 0]), digest(&[0xff; 64])];
    digests.sort();
    assert_eq!(digests.map(|digest| digest.to_string())[..4], ["01", "0100", "010000", "02"]);
    assert!(digest(&[1; 32]).equals_in_constant_time(&digest(&[1; 32])));
    assert!(!digest(&[1; 32]).equals_in_constant_time(&digest(&[1; 31])));
}

proptest! {
    /// Whatever bytes come: a decoder refuses them or gives a value that encodes to exactly these bytes.
    #[test]
    fn decoders_take_only_what_encoders_give(tag in prop::sample::select(vec![0_u8, 1, 2, 32, 33, 48, 64, 255]), length: u8, mut bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        bytes.splice(0..0, [tag, length]);
        fn canonical<T: BorshDeserialize + BorshSerialize>(bytes: &[u8]) -> bool {
            T::try_from_slice(bytes).map_or(true, |value| borsh::to_vec(&value).is_ok_and(|again| again == bytes))
        }
        for bytes in [bytes.as_slice(), &bytes[1..], &bytes[..bytes.len().min(2 + usize::from(length))]] {
            prop_assert!(canonical::<Digest>(bytes) && canonical::<PublicKey>(bytes) && canonical::<Signature>(bytes));
            prop_assert!(canonical::<SealingPublic>(bytes) && canonical::<Suite>(bytes));
        }
    }

    /// Whatever text comes: a parser refuses it or gives a value that prints as exactly this text.
    #[test]
    fn parsers_take_only_what_printers_give(text in "(ed25519:|x25519:|test:|)[0-9a-fA-F]{0,144}|\\PC{0,20}") {
        fn canonical<T: FromStr + Display>(text: &str) -> bool {
            text.parse::<T>().map_or(true, |value| value.to_string() == text)
        }
        prop_assert!(canonical::<Digest>(&text) && canonical::<PublicKey>(&text) && canonical::<Signature>(&text));
        prop_assert!(canonical::<SealingPublic>(&text) && canonical::<Suite>(&text));
    }
}

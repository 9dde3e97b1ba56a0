//! Secret keys sign what their public keys verify, and do not show themselves.

use gongxin_crypto::{Suite, random};

use crate::{key, unhex};

/// RFC 8032 §7.1, test 2: our Ed25519 is everyone's.
#[test]
fn signatures_are_the_standard_ones() {
    let seed = unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let secret = Suite::Intl.secret_from_seed(&seed.clone().try_into().unwrap());
    let public = "ed25519:3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    assert_eq!(secret.public().to_string(), public);
    let signature = "ed25519:92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                     085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    assert_eq!(secret.sign(&[0x72]).to_string(), signature);
    assert_eq!(secret.expose_seed().as_slice(), seed);
}

/// The test suite's signatures come in every length from 64 to 71, always verify, and have one form only.
#[test]
fn test_suite_signatures_vary_in_length() {
    let secret = key(Suite::Test, 5);
    let mut lengths = std::collections::BTreeSet::new();
    for number in 0..200_u8 {
        let signature = secret.sign(&[number]);
        lengths.insert(signature.as_bytes().len());
        assert_eq!(Suite::Test.verify(&secret.public(), &[number], &signature), Ok(()));
        let (last, rest) = signature.as_bytes().split_last().unwrap();
        for other in [rest.to_vec(), [signature.as_bytes(), &[*last]].concat()] {
            if let Ok(other) = gongxin_crypto::Signature::new(signature.algorithm(), &other) {
                assert!(Suite::Test.verify(&secret.public(), &[number], &other).is_err());
            }
        }
    }
    assert_eq!(lengths, (64..=71).collect());
}

/// Two fresh keys differ, and each signs for its own suite.
#[test]
fn generated_keys() {
    for suite in Suite::ALL {
        let (one, other) = (suite.generate().unwrap(), suite.generate().unwrap());
        assert_ne!(one.public(), other.public());
        assert_eq!(one.suite(), *suite);
        assert_eq!(suite.verify(&one.public(), b"m", &one.clone().sign(b"m")), Ok(()));
        assert!(suite.verify(&other.public(), b"m", &one.sign(b"m")).is_err());
    }
    assert_ne!(random::array::<32>().unwrap(), random::array::<32>().unwrap());
}

/// A secret key printed by mistake shows its public half.
#[test]
fn debug_shows_no_secret() {
    let secret = Suite::Intl.secret_from_seed(&[0xab; 32]);
    let shown = format!("{secret:?}");
    assert!(shown.contains(&secret.public().to_string()) && !shown.contains("abab"), "{shown}");
}

//! Single verification, batches and `verify_each` agree with each other, with ZIP-215 and with Wycheproof.

use std::sync::LazyLock;

use gongxin_crypto::{ALGORITHM_ED25519, PublicKey, Signature, SignatureError, Suite};
use proptest::prelude::*;
use serde_json::Value;

use crate::{data, key, unhex};

#[derive(Clone, Debug)]
struct Case {
    suite: Suite,
    key: PublicKey,
    message: Vec<u8>,
    signature: Signature,
    stands: bool,
}

impl Case {
    fn verdict(&self) -> bool {
        self.suite.verify(&self.key, &self.message, &self.signature).is_ok()
    }
}

fn zip215() -> Vec<(String, Case, bool)> {
    let cases: Vec<Value> = serde_json::from_str(&data("zip215.json")).unwrap();
    let bytes = |case: &Value, field: &str| unhex(case[field].as_str().unwrap());
    let read = |case: &Value| {
        let read = Case {
            suite: Suite::Intl,
            key: PublicKey::new(ALGORITHM_ED25519, &bytes(case, "key")).unwrap(),
            message: bytes(case, "message"),
            signature: Signature::new(ALGORITHM_ED25519, &bytes(case, "signature")).unwrap(),
            stands: case["zip215"].as_bool().unwrap(),
        };
        (case["what"].as_str().unwrap().to_owned(), read, case["rfc8032"].as_bool().unwrap())
    };
    cases.iter().map(read).collect()
}

static CRAFTED: LazyLock<Vec<Case>> = LazyLock::new(|| zip215().into_iter().map(|(_, case, _)| case).collect());

/// Small-order and non-canonical keys and R, mixed-order keys, malleated s: our verdict is that of plain integers, and
/// the cases are hard ones, on which stricter libraries say otherwise.
#[test]
fn crafted_signatures_get_the_verdict_of_zip215() {
    let cases = zip215();
    for (what, case, _) in &cases {
        assert_eq!(case.verdict(), case.stands, "{what}: {case:?}");
    }
    assert!(cases.iter().filter(|(_, case, strict)| case.stands && !strict).count() >= 200);
    assert!(cases.iter().filter(|(_, case, _)| !case.stands).count() >= 40);
}

/// Each crafted signature, alone in a batch, gets the verdict it gets outside one.
#[test]
fn a_batch_of_one_decides_like_single_verification() {
    for case in CRAFTED.iter() {
        let mut batch = case.suite.batch();
        batch.add(&case.key, &case.message, &case.signature);
        assert_eq!(batch.verify(Counter(7)).is_ok(), case.stands, "{case:?}");
    }
}

/// All crafted signatures that stand also stand together in one equation: small-order parts do not spoil a batch.
#[test]
fn accepted_oddities_stand_together() {
    let mut batch = Suite::Intl.batch();
    let standing = CRAFTED.iter().filter(|case| case.stands);
    standing.for_each(|case| batch.add(&case.key, &case.message, &case.signature));
    assert_eq!(batch.verify(Counter(11)), Ok(()));
}

/// Every Wycheproof signature gets its expected verdict, and those of another length cannot even be read. One exception:
/// case 151 encodes R as y = 1 with the sign of a zero x set. RFC 8032 refuses to decode that, ZIP-215 reads it as the
/// neutral element; `zip215.py` finds the same one difference.
#[test]
fn wycheproof() {
    let cases: Vec<Value> = serde_json::from_str(&data("wycheproof_ed25519.json")).unwrap();
    assert_eq!(cases.len(), 151);
    for case in &cases {
        let key = PublicKey::new(ALGORITHM_ED25519, &unhex(case["key"].as_str().unwrap())).unwrap();
        let message = unhex(case["message"].as_str().unwrap());
        let signature = Signature::new(ALGORITHM_ED25519, &unhex(case["signature"].as_str().unwrap()));
        let stands = signature.is_ok_and(|signature| Suite::Intl.verify(&key, &message, &signature).is_ok());
        assert_eq!(stands, case["result"] == "valid" || case["id"] == 151, "{case}");
    }
}

/// A key of one suite never verifies under another, even where the curve inside is the same.
#[test]
fn algorithms_must_match_the_suite() {
    let (ours, theirs) = (key(Suite::Intl, 1), key(Suite::Test, 1));
    let wrong = Err(SignatureError::WrongAlgorithm { suite: "intl" });
    assert_eq!(Suite::Intl.verify(&theirs.public(), b"m", &theirs.sign(b"m")), wrong);
    assert_eq!(Suite::Intl.verify(&ours.public(), b"m", &theirs.sign(b"m")), wrong);
    let mut batch = Suite::Intl.batch();
    batch.add(&ours.public(), b"m", &ours.sign(b"m"));
    batch.add(&theirs.public(), b"m", &theirs.sign(b"m"));
    assert_eq!(batch.verify(Counter(1)), wrong);
}

/// An empty batch holds, and an empty list has no verdicts.
#[test]
fn nothing_to_verify() {
    assert_eq!(Suite::Intl.batch().verify(Counter(1)), Ok(()));
    assert!(Suite::Intl.verify_each(&[]).is_empty());
}

/// Wrong signatures, wherever they stand in a list longer than one equation, are found, and no neighbour suffers for it.
#[test]
fn wrong_ones_among_many() {
    for suite in Suite::ALL {
        let honest: Vec<Case> =
            (0..530_u16).map(|number| honest(*suite, number as u8, &number.to_le_bytes())).collect();
        for wrong in [&[][..], &[0], &[511], &[512], &[529], &[255, 256], &[3, 4, 300], &[520, 529]] {
            let mut cases = honest.clone();
            for at in wrong {
                cases[*at].signature = honest[*at - at.min(&1) + usize::from(*at == 0)].signature;
            }
            let expected: Vec<bool> = (0..cases.len()).map(|at| !wrong.contains(&at)).collect();
            assert_eq!(verify_each(*suite, &cases), expected, "{suite} {wrong:?}");
            assert_eq!(verify_all(*suite, &cases), wrong.is_empty(), "{suite} {wrong:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any mixture of honest, broken and crafted signatures, in any order and number: three ways, one verdict.
    #[test]
    fn batches_accept_exactly_what_single_verification_accepts(cases in prop::collection::vec(any_case(), 0..40)) {
        let single: Vec<bool> = cases.iter().map(Case::verdict).collect();
        let expected: Vec<bool> = cases.iter().map(|case| case.stands).collect();
        prop_assert_eq!(&single, &expected);
        prop_assert_eq!(&verify_each(Suite::Intl, &cases), &single);
        let mut batch = Suite::Intl.batch();
        cases.iter().for_each(|case| batch.add(&case.key, &case.message, &case.signature));
        let all = single.iter().all(|stands| *stands);
        prop_assert_eq!(batch.verify(Counter(3)).is_ok(), all);
        prop_assert_eq!(verify_all(Suite::Intl, &cases), all);
    }

    /// Any one bit of a signature, key or message flipped: it no longer verifies, in either suite.
    #[test]
    fn a_flipped_bit_is_noticed(suite in suite(), number: u8, message in prop::collection::vec(any::<u8>(), 1..50), bit: prop::sample::Index) {
        let secret = key(suite, number);
        let (public, signature) = (secret.public(), secret.sign(&message));
        prop_assert_eq!(suite.verify(&public, &message, &signature), Ok(()));
        let flipped = flip(signature.as_bytes(), bit);
        let changed = Signature::new(signature.algorithm(), &flipped).unwrap();
        prop_assert!(suite.verify(&public, &message, &changed).is_err());
        let changed = PublicKey::new(public.algorithm(), &flip(public.as_bytes(), bit)).unwrap();
        prop_assert!(suite.verify(&changed, &message, &signature).is_err());
        prop_assert!(suite.verify(&public, &flip(&message, bit), &signature).is_err());
    }
}

fn suite() -> impl Strategy<Value = Suite> {
    prop::sample::select(Suite::ALL)
}

fn any_case() -> impl Strategy<Value = Case> {
    let message = prop::collection::vec(any::<u8>(), 0..20);
    prop_oneof![
        8 => (0..20_u8, message.clone()).prop_map(|(number, message)| honest(Suite::Intl, number, &message)),
        4 => prop::sample::select(CRAFTED.as_slice()),
        1 => (0..20_u8, message).prop_map(|(number, message)| {
            let other = key(Suite::Intl, number).sign(&[message.as_slice(), b"!"].concat());
            Case { signature: other, stands: false, ..honest(Suite::Intl, number, &message) }
        }),
    ]
}

fn honest(suite: Suite, number: u8, message: &[u8]) -> Case {
    let secret = key(suite, number);
    let signature = secret.sign(message);
    Case { suite, key: secret.public(), message: message.to_vec(), signature, stands: true }
}

fn verify_each(suite: Suite, cases: &[Case]) -> Vec<bool> {
    let items: Vec<_> = cases.iter().map(|case| (&case.key, case.message.as_slice(), &case.signature)).collect();
    suite.verify_each(&items)
}

fn verify_all(suite: Suite, cases: &[Case]) -> bool {
    let items: Vec<_> = cases.iter().map(|case| (&case.key, case.message.as_slice(), &case.signature)).collect();
    suite.verify_all(&items).is_ok()
}

fn flip(bytes: &[u8], bit: prop::sample::Index) -> Vec<u8> {
    let bit = bit.index(bytes.len() * 8);
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// Coefficients from a counter: enough for a test, whose signatures were not made against it.
struct Counter(u64);

impl rand_core::TryRng for Counter {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|number| number as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in destination.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counter {}

//! One sample of every noun and of every action, always the same for a suite.

use std::fmt::Debug;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{ALGORITHM_X25519, Digest, PublicKey, SealingPublic, SecretKey, Signature, Suite};
use gongxin_types::{Bilingual, List, Time, codec};

mod acts;
mod alerts;
mod ledger;
mod nouns;
mod terms;

/// A noun with its canonical bytes, and its decoder without the type.
pub(crate) struct Sample {
    /// Its name in the golden file.
    pub(crate) name: String,
    /// Its canonical bytes.
    pub(crate) bytes: Vec<u8>,
    /// What the bytes encode to again, once decoded.
    pub(crate) again: fn(&[u8]) -> Option<Vec<u8>>,
}

/// Samples in the making.
pub(crate) struct Samples {
    /// The suite whose lengths they have.
    pub(crate) suite: Suite,
    all: Vec<Sample>,
}

impl Samples {
    /// Adds a noun, which must come back from its bytes as it was.
    pub(crate) fn add<T: BorshSerialize + BorshDeserialize + PartialEq + Debug>(
        &mut self,
        name: impl Into<String>,
        noun: &T,
    ) {
        let (name, bytes) = (name.into(), codec::encode(noun));
        let decoded: T = codec::decode("sample", &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(&decoded, noun, "{name}");
        let again = |bytes: &[u8]| codec::decode::<T>("sample", bytes).ok().map(|noun| codec::encode(&noun));
        self.all.push(Sample { name, bytes, again });
    }

    /// A digest that follows from a label.
    pub(crate) fn digest(&self, label: &str) -> Digest {
        self.suite.hash(&[b"sample ", label.as_bytes()])
    }

    /// A key that follows from a label.
    pub(crate) fn secret(&self, label: &str) -> SecretKey {
        self.suite.secret_from_seed(&bytes(label))
    }

    /// Its public half.
    pub(crate) fn key(&self, label: &str) -> PublicKey {
        self.secret(label).public()
    }

    /// A signature by it.
    pub(crate) fn signature(&self, label: &str) -> Signature {
        self.secret(label).sign(label.as_bytes())
    }
}

/// Every sample.
pub(crate) fn all(suite: Suite) -> Vec<Sample> {
    let mut samples = Samples { suite, all: Vec::new() };
    nouns::add(&mut samples);
    acts::add(&mut samples);
    ledger::add(&mut samples);
    terms::add(&mut samples);
    alerts::add(&mut samples);
    samples.all
}

/// 32 bytes that follow from a label.
pub(crate) fn bytes(label: &str) -> [u8; 32] {
    Suite::Intl.hash(&[b"sample bytes ", label.as_bytes()]).as_bytes().try_into().expect("32 bytes")
}

/// 16 bytes that follow from a label.
pub(crate) fn short(label: &str) -> [u8; 16] {
    bytes(label)[..16].try_into().expect("16 bytes")
}

/// A noun from its text form.
pub(crate) fn text<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a well-formed text")
}

/// A bounded list.
pub(crate) fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("within the bound")
}

/// Official texts in both languages.
pub(crate) fn both<const MAX: usize>(zh: &str, en: &str) -> Bilingual<MAX> {
    Bilingual::new(zh, en).expect("official texts")
}

/// An instant so many seconds after 2026-08-01T09:00:00Z.
pub(crate) fn after(seconds: u64) -> Time {
    Time::from_millis(1_785_574_800_000 + seconds * 1_000)
}

/// A sealing key.
pub(crate) fn sealing_key() -> SealingPublic {
    SealingPublic::new(ALGORITHM_X25519, &bytes("sealing key")).expect("32 bytes")
}

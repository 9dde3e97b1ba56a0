//! Signatures on which Ed25519 verifiers disagree: ZIP-215 decides (<https://zips.z.cash/zip-0215>).

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use gongxin_crypto::Suite;
use gongxin_types::Slug;
use gongxin_types::certificate::Vote;
use gongxin_types::genesis::{ConsensusKey, Validator};
use sha2::{Digest as _, Sha512};

use super::Theme;
use crate::fixture::{World, bytes, list, text};

/// A key and how it signs.
struct Signer {
    key: [u8; 32],
    sign: Box<dyn Fn(&[u8]) -> [u8; 64]>,
}

pub(super) fn make(theme: &mut Theme) {
    for (number, key) in small_order_encodings().into_iter().enumerate() {
        let why = format!(
            "a key of small order, written `{}`: any message is signed by R of small order and S = 0",
            hex(&key)
        );
        let r = small_order_encodings()[(number * 5 + 3) % 14];
        vote_with(theme, &format!("small-order-key-{number}"), &why, true, constant(key, join(r, [0; 32])));
    }
    for (number, point) in EIGHT_TORSION.iter().enumerate().skip(1) {
        let why = "R of an honest key with a part of small order: holds only when multiplied by the cofactor";
        vote_with(theme, &format!("torsion-in-r-{number}"), why, true, torsion(EIGHT_TORSION[0], *point));
    }
    for number in [1, 4, 7] {
        let why = "a key and an R with parts of small order";
        let signer = torsion(EIGHT_TORSION[number], EIGHT_TORSION[(number + 2) % 8]);
        vote_with(theme, &format!("torsion-in-key-{number}"), why, true, signer);
    }
    for (number, r) in [one_plus_p(), negative_zero()].into_iter().enumerate() {
        let why = "R is the neutral element in a writing that is not canonical, S = k·a";
        vote_with(theme, &format!("neutral-r-{number}"), why, true, neutral(r));
    }
    let nowhere = (2..).map(encode).find(|bytes| !is_point(bytes)).expect("half of all numbers");
    let neutral_key = encode(1);
    let refused = [
        ("key-not-on-the-curve", "a key that is no point", nowhere, join(neutral_key, [0; 32])),
        ("r-not-on-the-curve", "an R that is no point", neutral_key, join(nowhere, [0; 32])),
        ("small-order-key-s-1", "S = 1 is not the equation's", neutral_key, join(neutral_key, encode(1))),
        (
            "small-order-key-s-order",
            "S is the group's order, which is zero in another writing",
            neutral_key,
            join(neutral_key, order()),
        ),
        (
            "small-order-key-other-r",
            "R is not of small order",
            neutral_key,
            join(ED25519_BASEPOINT_POINT.compress().0, [0; 32]),
        ),
    ];
    for (name, why, key, signature) in refused {
        vote_with(theme, name, why, false, constant(key, signature));
    }
}

/// A network of four in which one signs with `odd`; its vote is needed for the quorum.
fn vote_with(theme: &mut Theme, name: &str, why: &str, is_good: bool, odd: Signer) {
    let honest = |number: usize| {
        let secret = Suite::Intl.secret_from_seed(&bytes(&format!("zip215 validator {number}")));
        let key = secret.public().as_bytes().try_into().expect("32 bytes");
        Signer { key, sign: Box::new(move |message| secret.sign(message).as_bytes().try_into().expect("64 bytes")) }
    };
    let odd_key = odd.key;
    let mut signers = [honest(0), honest(1), honest(2), odd];
    signers.sort_by_key(|signer| signer.key);
    let mut world = World::new(Suite::Intl, "zip215", 4);
    let validators = signers.iter().enumerate().map(|(number, signer)| Validator {
        name: text::<Slug>(&format!("validator-{number}")),
        organization: text("housing"),
        key: ConsensusKey(signer.key),
    });
    world.head.validators = list(validators.collect());
    let block = world.block(7, vec![world.evidence()]);
    let mut receipt = world.action_bundle_without_votes(&block, 0);
    let message = world.vote_bytes(receipt.certificate.view, &receipt.certificate.header);
    let left_out = signers.iter().position(|signer| signer.key != odd_key).expect("an honest one");
    let votes = signers.iter().enumerate().filter(|(number, _)| *number != left_out).map(|(number, signer)| Vote {
        validator: u16::try_from(number).expect("small"),
        signature: (signer.sign)(&message),
    });
    receipt.certificate.votes = list(votes.collect());
    if is_good {
        theme.accept(name, why, &receipt, &world.file())
    } else {
        theme.refuse(name, why, &receipt, &world.file())
    }
}

fn constant(key: [u8; 32], signature: [u8; 64]) -> Signer {
    Signer { key, sign: Box::new(move |_| signature) }
}

/// An honest secret, with points of small order added to its key and to R.
fn torsion(in_key: EdwardsPoint, in_r: EdwardsPoint) -> Signer {
    let (secret, nonce) = (scalar("secret"), scalar("nonce"));
    let key = (secret * ED25519_BASEPOINT_POINT + in_key).compress().0;
    let r = (nonce * ED25519_BASEPOINT_POINT + in_r).compress().0;
    Signer { key, sign: Box::new(move |message| join(r, (nonce + challenge(&r, &key, message) * secret).to_bytes())) }
}

/// An honest secret with the nonce 0, R written in this way.
fn neutral(r: [u8; 32]) -> Signer {
    let secret = scalar("secret");
    let key = (secret * ED25519_BASEPOINT_POINT).compress().0;
    Signer { key, sign: Box::new(move |message| join(r, (challenge(&r, &key, message) * secret).to_bytes())) }
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new_with_prefix(r).chain_update(key).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

fn scalar(label: &str) -> Scalar {
    Scalar::from_bytes_mod_order(bytes(&format!("zip215 {label}")))
}

/// All 14 writings of the eight points of small order: with y and, where it fits, y + p; of x = 0 with either sign.
fn small_order_encodings() -> Vec<[u8; 32]> {
    let mut all: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|point| point.compress().0).collect();
    let with_sign = |mut bytes: [u8; 32]| {
        bytes[31] |= 0x80;
        bytes
    };
    let minus_one = all[4];
    all.extend([
        negative_zero(),
        one_plus_p(),
        with_sign(one_plus_p()),
        with_sign(minus_one),
        plus_p(0),
        with_sign(plus_p(0)),
    ]);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 14);
    assert!(all.iter().all(is_point));
    all
}

fn is_point(bytes: &[u8; 32]) -> bool {
    curve25519_dalek::edwards::CompressedEdwardsY(*bytes).decompress().is_some()
}

fn encode(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = number;
    bytes
}

/// y = `number` + p, for numbers below 19.
fn plus_p(number: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + number;
    bytes[31] = 0x7f;
    bytes
}

fn one_plus_p() -> [u8; 32] {
    plus_p(1)
}

/// The neutral element with the sign of x set, although x is zero.
fn negative_zero() -> [u8; 32] {
    let mut bytes = encode(1);
    bytes[31] = 0x80;
    bytes
}

fn order() -> [u8; 32] {
    let mut bytes = (Scalar::ZERO - Scalar::ONE).to_bytes();
    bytes[0] += 1;
    bytes
}

fn join(r: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    [r, s].concat().try_into().expect("64 bytes")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

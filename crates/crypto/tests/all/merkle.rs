//! Trees and proofs agree with the definition in RFC 6962 and with other implementations' vectors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gongxin_crypto::merkle::{self, MerkleError, Tree, verify_inclusion};
use gongxin_crypto::{Digest, Suite};
use proptest::prelude::*;
use serde_json::Value;

use crate::{data, unhex};

/// RFC 6962 §2.1 word by word: split at the largest power of two below the size.
fn by_definition(suite: Suite, leaves: &[Vec<u8>]) -> Digest {
    match leaves {
        [] => suite.hash(&[]),
        [leaf] => suite.hash(&[&[0], leaf]),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            suite.hash(&[&[1], by_definition(suite, left).as_bytes(), by_definition(suite, right).as_bytes()])
        }
    }
}

fn leaves(size: usize) -> Vec<Vec<u8>> {
    (0..size).map(|leaf| vec![leaf as u8; leaf % 5]).collect()
}

fn hashes(suite: Suite, leaves: &[Vec<u8>]) -> Vec<Digest> {
    leaves.iter().map(|leaf| merkle::leaf_hash(suite, leaf)).collect()
}

/// Every size up to 70: the root is the one defined, and every entry's path leads to it.
#[test]
fn roots_and_paths_follow_the_definition() {
    for suite in Suite::ALL {
        for size in 0..=70 {
            let leaves = leaves(size);
            let hashes = hashes(*suite, &leaves);
            let tree = Tree::new(*suite, hashes.clone());
            let root = by_definition(*suite, &leaves);
            assert_eq!(merkle::root(*suite, leaves.iter().map(Vec::as_slice)), root, "{suite} {size}");
            assert_eq!(merkle::root_of_hashes(*suite, &hashes), root);
            assert_eq!((tree.root(), tree.size()), (root, size));
            for (index, hash) in hashes.iter().enumerate() {
                let path = merkle::path(*suite, &hashes, index);
                assert_eq!(tree.path(index).as_ref(), Some(&path));
                assert_eq!(verify_inclusion(*suite, hash, index as u64, size as u64, &path, &root), Ok(()));
            }
            assert_eq!(tree.path(size), None);
            assert!(merkle::path(*suite, &hashes, size).is_empty());
        }
    }
}

/// The eight leaves that Certificate Transparency's own tests use.
#[test]
fn known_roots() {
    let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|leaf| unhex(leaf)).collect();
    let root = |size: usize| merkle::root(Suite::Intl, leaves[..size].iter().map(Vec::as_slice)).to_string();
    assert_eq!(root(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(root(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_eq!(root(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

/// The vectors of transparency-dev/merkle, right and wrong.
#[test]
fn inclusion_vectors() {
    let cases: Vec<Value> = serde_json::from_str(&data("tlog_inclusion.json")).unwrap();
    assert!(cases.iter().filter(|case| case["wantErr"] == true).count() > 80);
    for case in &cases {
        let digest = |value: &Value| Digest::new(&STANDARD.decode(value.as_str().unwrap_or_default()).unwrap());
        let check = || {
            let none = Vec::new();
            let path: Vec<Digest> =
                case["proof"].as_array().unwrap_or(&none).iter().map(digest).collect::<Result<_, _>>()?;
            let (index, size) = (case["leafIdx"].as_u64().unwrap(), case["treeSize"].as_u64().unwrap());
            verify_inclusion(Suite::Intl, &digest(&case["leafHash"])?, index, size, &path, &digest(&case["root"])?)
        };
        let outcome: Result<(), MerkleError> = check();
        assert_eq!(outcome.is_err(), case["wantErr"] == true, "{case}: {outcome:?}");
    }
}

/// Sizes near 2⁶⁴ are answered, not computed with: no overflow, no endless loop.
#[test]
fn enormous_sizes_are_refused_quickly() {
    let leaf = merkle::leaf_hash(Suite::Intl, b"leaf");
    for (index, size) in [(0, u64::MAX), (u64::MAX - 1, u64::MAX), (1 << 63, u64::MAX), (u64::MAX, u64::MAX), (0, 0)] {
        for length in [0, 1, 63, 64, 65, 1000] {
            assert!(verify_inclusion(Suite::Intl, &leaf, index, size, &vec![leaf; length], &leaf).is_err());
        }
    }
}

/// A node's 64 bytes cut elsewhere hash to the same parent: digests of odd lengths are therefore refused by their length.
#[test]
fn a_shifted_boundary_between_neighbours_is_refused() {
    let suite = Suite::Intl;
    let (left, right) = (merkle::leaf_hash(suite, b"left"), merkle::leaf_hash(suite, b"right"));
    let root = merkle::node_hash(suite, &left, &right);
    let both = [left.as_bytes(), right.as_bytes()].concat();
    let (short, long) = (Digest::new(&both[..31]).unwrap(), Digest::new(&both[31..]).unwrap());
    assert_eq!(merkle::node_hash(suite, &short, &long), root);
    let refused = verify_inclusion(suite, &short, 0, 2, &[long], &root);
    assert!(matches!(refused, Err(MerkleError::DigestLength(_))), "{refused:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A proof for one position and size proves no other position, and a longer or shorter path proves nothing.
    #[test]
    fn a_proof_proves_one_thing(size in 1..60_usize, at: prop::sample::Index, other in 0..64_u64, bit: prop::sample::Index) {
        let suite = Suite::Test;
        let index = at.index(size);
        let hashes: Vec<Digest> = (0..size).map(|leaf| merkle::leaf_hash(suite, &[leaf as u8])).collect();
        let tree = Tree::new(suite, hashes.clone());
        let (leaf, path, root) = (hashes[index], tree.path(index).unwrap(), tree.root());
        let verify = |index, size, path: &[Digest]| verify_inclusion(suite, &leaf, index, size, path, &root);
        let (index, size) = (index as u64, size as u64);
        prop_assert_eq!(verify(index, size, &path), Ok(()));
        if other != index {
            prop_assert!(verify(other, size, &path).is_err());
        }
        prop_assert!(verify(index, size, &[path.as_slice(), &[leaf]].concat()).is_err());
        if let Some((_, shorter)) = path.split_last() {
            prop_assert!(verify(index, size, shorter).is_err());
            let mut bytes = path[bit.index(path.len())].as_bytes().to_vec();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            let mut changed = path.clone();
            changed[bit.index(path.len())] = Digest::new(&bytes).unwrap();
            prop_assert_eq!(verify(index, size, &changed), Err(MerkleError::WrongRoot));
        }
    }
}

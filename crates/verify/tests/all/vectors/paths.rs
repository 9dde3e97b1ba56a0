//! Paths of RFC 6962 trees: the leaf in its block, the operation in its batch, the write among its act's.

use gongxin_crypto::{Digest, merkle};
use gongxin_types::bundle::{Bundle, Path, Subject};
use gongxin_types::codec;

use super::Theme;
use crate::fixture::{encoded, list};

pub(super) fn make(theme: &mut Theme) {
    let cases: [(&str, &str, fn(&mut Path)); 14] = [
        ("index-wrong", "the place of another leaf", |path| path.index = 1),
        ("index-outside", "a place behind the last leaf", |path| path.index = path.size),
        ("index-largest", "the largest number there is", |path| path.index = u64::MAX),
        ("size-larger", "a larger tree", |path| path.size = 9),
        ("size-smaller", "a smaller tree", |path| path.size = 4),
        ("size-zero", "a tree without leaves", |path| path.size = 0),
        ("size-one", "a tree of this leaf alone", |path| path.size = 1),
        ("hash-missing", "the last hash left out", |path| {
            let mut hashes = path.hashes.to_vec();
            hashes.pop();
            path.hashes = list(hashes);
        }),
        ("hash-added", "a hash too many", |path| {
            let mut hashes = path.hashes.to_vec();
            hashes.push(hashes[0]);
            path.hashes = list(hashes);
        }),
        ("hashes-exchanged", "two hashes exchanged", |path| {
            let mut hashes = path.hashes.to_vec();
            hashes.swap(0, 1);
            path.hashes = list(hashes);
        }),
        ("hash-changed", "one bit of a hash changed", |path| {
            let mut hashes = path.hashes.to_vec();
            let mut bytes = hashes[1].as_bytes().to_vec();
            bytes[31] ^= 1;
            hashes[1] = Digest::new(&bytes).expect("32 bytes");
            path.hashes = list(hashes);
        }),
        ("hash-shorter", "a hash of 31 bytes", |path| shift(path, 31)),
        ("hash-longer", "a hash of 33 bytes", |path| shift(path, 33)),
        ("hashes-empty", "no hashes at all", |path| path.hashes = list(vec![])),
    ];
    for (name, why, change) in cases {
        theme.change(&format!("leaf-{name}"), why, |receipt| change(&mut receipt.path));
        let network = theme.world.file();
        let mut receipt = theme.world.operation_bundle(&theme.block, 2, 0);
        inner(&mut receipt, true, change);
        theme.refuse(&format!("operation-{name}"), why, &receipt, &network);
        let mut receipt = theme.world.operation_bundle(&theme.block, 2, 0);
        inner(&mut receipt, false, change);
        theme.refuse(&format!("write-{name}"), why, &receipt, &network);
    }
    make_depth(theme);
    make_node_as_leaf(theme);
}

fn inner(receipt: &mut Bundle, of_operation: bool, change: fn(&mut Path)) {
    if let Subject::Operation { operation_path, write_path, .. } = &mut receipt.subject {
        if of_operation { change(operation_path) } else { change(write_path.as_mut().expect("an allowed batch")) }
    }
}

/// Gives the first hash another length, taking or leaving bytes of its own.
fn shift(path: &mut Path, length: usize) {
    let mut hashes = path.hashes.to_vec();
    let mut bytes = hashes[0].as_bytes().to_vec();
    bytes.resize(length, 0);
    hashes[0] = Digest::new(&bytes).expect("1 to 64 bytes");
    path.hashes = list(hashes);
}

/// A tree of 2⁴⁰ leaves has paths of 40 hashes, the longest allowed; nobody has to build it to make one path.
fn make_depth(theme: &mut Theme) {
    let world = theme.world.clone();
    let suite = world.suite;
    for (name, size) in [("path-of-40", 1 << 40), ("path-of-40-unbalanced", (1 << 39) + 1)] {
        let mut receipt = theme.plain();
        let index = size - 1;
        let mut root = merkle::leaf_hash(suite, &receipt.leaf.0);
        let depth = if size == 1 << 40 { 40 } else { 1 };
        let hashes: Vec<Digest> = (0..depth).map(|level: u8| suite.hash(&[b"sibling", &[level]])).collect();
        for hash in &hashes {
            root = merkle::node_hash(suite, hash, &root);
        }
        receipt.path = Path { index, size, hashes: list(hashes) };
        let header = world.header(42, root);
        receipt.headers = list(vec![encoded(&header)]);
        receipt.certificate = world.certify(&header, &[0, 1, 2]);
        theme.accept(name, "the last leaf of a very large tree", &receipt, &world.file());
    }
}

/// Two leaf hashes behind each other are what a node hashes; as a leaf they must not pass.
fn make_node_as_leaf(theme: &mut Theme) {
    let world = theme.world.clone();
    let hashes = theme.block.receipts.leaf_hashes(world.suite);
    let mut receipt = theme.plain();
    let node = [hashes[0].as_bytes(), hashes[1].as_bytes()].concat();
    receipt.leaf = gongxin_types::bundle::Encoded(node);
    receipt.path = Path { index: 0, size: 4, hashes: list(receipt.path.hashes[1..].to_vec()) };
    theme.refuse("node-as-leaf", "an inner node of the tree shown as a leaf", &receipt, &world.file());
    let block_leaf = theme.block.receipts.block_leaf(world.suite);
    let mut receipt = theme.plain();
    receipt.leaf = gongxin_types::bundle::Encoded(codec::encode(&block_leaf));
    receipt.path = crate::fixture::path(world.suite, &hashes, hashes.len() - 1);
    theme.refuse("leaf-of-the-block", "the block's own leaf is no receipt of an act", &receipt, &world.file());
}

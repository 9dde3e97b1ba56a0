//! Commit to a list with one digest and prove that an entry is in it (RFC 6962 §2.1).
//!
//! A leaf is hashed behind a zero byte, a node behind a one, so that neither passes for the other; the empty tree is the
//! hash of nothing. Digests of a length other than the suite's are refused in proofs: two digests of odd lengths could be
//! split elsewhere and still hash to the same node.

use crate::{Digest, LengthError, Suite};

const LEAF_PREFIX: &[u8] = &[0];
const NODE_PREFIX: &[u8] = &[1];

/// A proof does not show that the entry is in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    /// The tree has no such entry.
    #[error("entry {index} is outside a tree of {size}")]
    OutsideTree {
        /// Position claimed, from 0.
        index: u64,
        /// Number of entries claimed.
        size: u64,
    },
    /// The path has more or fewer digests than this position in a tree of this size.
    #[error("path has {length} digests, not as many as this position needs")]
    PathLength {
        /// Digests given.
        length: usize,
    },
    /// A digest is not of the suite's length.
    #[error(transparent)]
    DigestLength(#[from] LengthError),
    /// The path leads to another root.
    #[error("path leads to another root")]
    WrongRoot,
}

/// The root over entries given as bytes.
pub fn root<'a>(suite: Suite, leaves: impl IntoIterator<Item = &'a [u8]>) -> Digest {
    reduce(suite, leaves.into_iter().map(|leaf| leaf_hash(suite, leaf)).collect())
}

/// The root over entries whose leaf hashes are known.
pub fn root_of_hashes(suite: Suite, leaf_hashes: &[Digest]) -> Digest {
    reduce(suite, leaf_hashes.to_vec())
}

/// The hash of one entry: `H(0x00 ‖ leaf)`.
pub fn leaf_hash(suite: Suite, leaf: &[u8]) -> Digest {
    suite.hash(&[LEAF_PREFIX, leaf])
}

/// The hash of two neighbours: `H(0x01 ‖ left ‖ right)`.
pub fn node_hash(suite: Suite, left: &Digest, right: &Digest) -> Digest {
    suite.hash(&[NODE_PREFIX, left.as_bytes(), right.as_bytes()])
}

/// The audit path of entry `index`, from the leaf upwards (RFC 6962 §2.1.1); empty when there is no such entry.
///
/// It hashes the whole tree: for many paths of one tree build a [`Tree`].
pub fn path(suite: Suite, leaf_hashes: &[Digest], index: usize) -> Vec<Digest> {
    Tree::new(suite, leaf_hashes.to_vec()).path(index).unwrap_or_default()
}

/// Check that `leaf_hash` is entry `index` of the `size` entries under `root` (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    suite: Suite,
    leaf_hash: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: &Digest,
) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError::OutsideTree { index, size });
    }
    for digest in path.iter().chain([leaf_hash, root]) {
        suite.check_digest(digest)?;
    }
    let wrong_length = MerkleError::PathLength { length: path.len() };
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf_hash;
    for sibling in path {
        if last == 0 {
            return Err(wrong_length);
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(suite, sibling, &hash);
            // A last node without a right neighbour rises unhashed to the level where it has a left one.
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(suite, &hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    if hash == *root { Ok(()) } else { Err(MerkleError::WrongRoot) }
}

/// All nodes of a tree, for many paths at the cost of hashing it once.
#[derive(Clone, Debug)]
pub struct Tree {
    suite: Suite,
    // Level 0 holds the leaf hashes, the last level one digest; a tree without entries has no levels.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// Build the tree over entries whose leaf hashes are given.
    pub fn new(suite: Suite, leaf_hashes: Vec<Digest>) -> Self {
        let mut levels = Vec::new();
        let mut level = leaf_hashes;
        while level.len() > 1 {
            let above = next_level(suite, &level);
            levels.push(level);
            level = above;
        }
        if !level.is_empty() {
            levels.push(level);
        }
        Self { suite, levels }
    }

    /// The root; of an empty tree the hash of nothing.
    pub fn root(&self) -> Digest {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_else(|| self.suite.hash(&[]))
    }

    /// Number of entries.
    pub fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// The audit path of entry `index`, from the leaf upwards, if there is such an entry.
    pub fn path(&self, index: usize) -> Option<Vec<Digest>> {
        if index >= self.size() {
            return None;
        }
        let siblings = self.levels.iter().enumerate().filter_map(|(height, level)| level.get((index >> height) ^ 1));
        Some(siblings.copied().collect())
    }
}

fn reduce(suite: Suite, leaf_hashes: Vec<Digest>) -> Digest {
    let mut level = leaf_hashes;
    while level.len() > 1 {
        level = next_level(suite, &level);
    }
    level.first().copied().unwrap_or_else(|| suite.hash(&[]))
}

/// Hash neighbours pairwise; a last one without a neighbour rises as it is.
fn next_level(suite: Suite, level: &[Digest]) -> Vec<Digest> {
    let (pairs, rest) = level.as_chunks::<2>();
    pairs.iter().map(|[left, right]| node_hash(suite, left, right)).chain(rest.iter().copied()).collect()
}

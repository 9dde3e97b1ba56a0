//! From one operation of a log to the canonical root of its database: a Merkle mountain range whose nodes of height 8 are
//! joined with the chunk of the activity bitmap that speaks of their 256 operations.

use gongxin_crypto::Suite;

use super::StateProofError;
use super::operation::Operation;
use super::read::Reader;

type Hash = [u8; 32];

/// Operations whose activity one chunk of the bitmap tells.
const CHUNK_OPERATIONS: u64 = 256;
/// Height of the node over the operations of one chunk.
const CHUNK_HEIGHT: u32 = 8;
/// Hashes of a proof at most.
const HASHES_MAX: u64 = 64;
/// Operations of a log at most, so that no position overflows.
const LEAVES_MAX: u64 = 1 << 61;

/// What proves that one operation is the newest of its key.
pub(super) struct Opening {
    location: u64,
    chunk: Hash,
    leaves: u64,
    inactive_peaks: u64,
    hashes: Vec<Hash>,
    partial_chunk: Option<Hash>,
    operations_root: Hash,
}

/// A perfect tree of `2^height` leaves, the first of which is `start`.
#[derive(Clone, Copy)]
struct Peak {
    start: u64,
    height: u32,
}

impl Opening {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, StateProofError> {
        let (location, chunk) = (reader.varint()?, reader.array()?);
        let (leaves, inactive_peaks, count) = (reader.varint()?, reader.varint()?, reader.varint()?);
        if count > HASHES_MAX {
            return Err(StateProofError::Malformed("more hashes than a proof can have"));
        }
        let hashes = (0..count).map(|_| reader.array()).collect::<Result<_, _>>()?;
        let partial_chunk = match reader.byte()? {
            0 => None,
            1 => Some(reader.array()?),
            _ => return Err(StateProofError::Malformed("neither with nor without a partial chunk")),
        };
        let operations_root = reader.array()?;
        Ok(Self { location, chunk, leaves, inactive_peaks, hashes, partial_chunk, operations_root })
    }

    /// The operation's place in the log.
    pub(super) const fn location(&self) -> u64 {
        self.location
    }

    /// The canonical root that this opening leads to from an operation that is marked active.
    pub(super) fn root(&self, operation: &Operation) -> Result<Hash, StateProofError> {
        if self.location >= self.leaves || self.leaves > LEAVES_MAX {
            return Err(StateProofError::Malformed("the operation lies beyond the log"));
        }
        self.check_activity()?;
        let folded = self.fold(operation)?;
        let (leaves, inactive) = (self.leaves.to_be_bytes(), self.inactive_peaks.to_be_bytes());
        let grafted = match self.inactive_peaks {
            0 => hash(&[&[0, 1], &leaves, &folded]),
            _ => hash(&[&[0, 1], &leaves, &inactive, &folded]),
        };
        Ok(match &self.partial_chunk {
            None => hash(&[&self.operations_root, &grafted]),
            Some(partial) => {
                let open = (self.leaves % CHUNK_OPERATIONS).to_be_bytes();
                hash(&[&self.operations_root, &grafted, &open, partial])
            }
        })
    }

    /// The operation's bit is set, and the chunk that is not complete yet, if there is one, is committed to by itself.
    fn check_activity(&self) -> Result<(), StateProofError> {
        let bit = self.location % CHUNK_OPERATIONS;
        let byte = usize::try_from(bit / 8).ok().and_then(|place| self.chunk.get(place));
        if byte.is_none_or(|byte| byte >> (bit % 8) & 1 == 0) {
            return Err(StateProofError::Inactive);
        }
        let is_partial = self.location / CHUNK_OPERATIONS == self.leaves / CHUNK_OPERATIONS;
        match (&self.partial_chunk, self.leaves.is_multiple_of(CHUNK_OPERATIONS)) {
            (None, true) => Ok(()),
            (Some(digest), false) if !is_partial || *digest == hash(&[&self.chunk]) => Ok(()),
            (Some(_), false) => Err(StateProofError::Root),
            (None, false) | (Some(_), true) => {
                Err(StateProofError::Malformed("a partial chunk is there exactly when the log ends within one"))
            }
        }
    }

    /// All peaks folded into one hash: those that hold no active operation from the left, the others from the right.
    fn fold(&self, operation: &Operation) -> Result<Hash, StateProofError> {
        const UNFIT: StateProofError = StateProofError::Malformed("the hashes do not fit the log");
        let peaks = peaks(self.leaves);
        let covers = |peak: &Peak| self.location.wrapping_sub(peak.start) >> peak.height == 0;
        let before = peaks.iter().position(covers).ok_or(UNFIT)?;
        let peak = *peaks.get(before).ok_or(UNFIT)?;
        let after = peaks.len().saturating_sub(before).saturating_sub(1);
        let inactive = usize::try_from(self.inactive_peaks).ok().filter(|count| *count <= peaks.len()).ok_or(UNFIT)?;
        let folded_before = inactive.min(before);
        let alone_after = inactive.saturating_sub(before).saturating_sub(1).min(after);
        let left = usize::from(folded_before > 0) + before.saturating_sub(folded_before);
        let right = alone_after + usize::from(after > alone_after);
        let (left, rest) = self.hashes.split_at_checked(left).ok_or(UNFIT)?;
        let (right, siblings) = rest.split_at_checked(right).ok_or(UNFIT)?;
        let mut siblings = siblings.iter();
        let covering = self.rebuild(peak, operation, &mut siblings).ok_or(UNFIT)?;
        if siblings.next().is_some() {
            return Err(UNFIT);
        }
        let entries: Vec<Hash> = left.iter().chain([&covering]).chain(right).copied().collect();
        let from_left = if folded_before == 0 { inactive } else { inactive - folded_before + 1 };
        let (first, last) = entries.split_at_checked(from_left.max(1)).ok_or(UNFIT)?;
        let folded = first.iter().copied().reduce(|folded, next| hash(&[&folded, &next])).ok_or(UNFIT)?;
        let bag = last.iter().rev().copied().reduce(|bag, entry| hash(&[&entry, &bag]));
        Ok(bag.map_or(folded, |bag| hash(&[&folded, &bag])))
    }

    /// The hash of a tree that covers the operation; its siblings come in depth-first, left-first order.
    fn rebuild<'a>(
        &self,
        tree: Peak,
        operation: &Operation,
        siblings: &mut impl Iterator<Item = &'a Hash>,
    ) -> Option<Hash> {
        let position = position(tree).to_be_bytes();
        let Some(height) = tree.height.checked_sub(1) else {
            return Some(hash(&[&position, &operation.0]));
        };
        let left = Peak { start: tree.start, height };
        let right = Peak { start: tree.start + (1 << height), height };
        let children = if self.location < right.start {
            let child = self.rebuild(left, operation, siblings)?;
            (child, *siblings.next()?)
        } else {
            let sibling = *siblings.next()?;
            (sibling, self.rebuild(right, operation, siblings)?)
        };
        let node = hash(&[&position, &children.0, &children.1]);
        let is_grafted = tree.height == CHUNK_HEIGHT && self.chunk != [0; 32];
        Some(if is_grafted { hash(&[&self.chunk, &node]) } else { node })
    }
}

/// The perfect trees of a log, from the largest to the smallest.
fn peaks(leaves: u64) -> Vec<Peak> {
    let heights = (0..u64::BITS).rev().filter(|height| leaves >> height & 1 == 1);
    let place = |start: &mut u64, height: u32| {
        let peak = Peak { start: *start, height };
        *start += 1 << height;
        Some(peak)
    };
    heights.scan(0, place).collect()
}

/// The number of a tree's top node when all nodes of the log are numbered as they come into being.
fn position(tree: Peak) -> u64 {
    2 * tree.start - u64::from(tree.start.count_ones()) + (1 << (tree.height + 1)) - 2
}

fn hash(parts: &[&[u8]]) -> Hash {
    let digest = Suite::Intl.hash(parts);
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(digest.as_bytes()).for_each(|(byte, of_digest)| *byte = *of_digest);
    bytes
}

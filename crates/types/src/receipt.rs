//! Receipt: what became of each action: decision, effects, events. A refused action has one too.
//!
//! The leaves of a block's receipts tree (RFC 6962) are the canonical bytes of [`ReceiptLeaf`]: one per action, in
//! order, then one for the block itself. Every write to the state is listed under one of them (PROTOCOL 9).

use borsh::{BorshDeserialize, BorshSerialize, io};
use gongxin_crypto::{Digest, Suite, merkle};
use serde::{Deserialize, Serialize};

use crate::{ActionCode, Decision, List, ListKey, TransactionId, codec, codec::invalid, limits, transaction::Sender};

/// Which state database a key belongs to; the number is its place in the header's list of roots.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Table {
    /// Nouns, record slots, replay windows: presence is provable.
    Objects,
    /// Lists of readings, ordered: absence is provable too.
    Lists,
}

/// A key of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Key {
    /// Its database.
    pub table: Table,
    /// SHA-256 of what it names.
    pub key: [u8; 32],
}

/// A fixed-size value of the state databases. Encoded without its trailing zeros: `u8` length and bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Page(pub [u8; limits::PAGE_BYTES]);

impl std::fmt::Debug for Page {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Page({})", hex::encode(self.trimmed()))
    }
}

impl Page {
    fn trimmed(&self) -> &[u8] {
        let length = self.0.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
        self.0.get(..length).unwrap_or(&self.0)
    }
}

impl BorshSerialize for Page {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        let bytes = self.trimmed();
        writer.write_all(&[u8::try_from(bytes.len()).unwrap_or(u8::MAX)])?;
        writer.write_all(bytes)
    }
}

impl BorshDeserialize for Page {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let length = usize::from(u8::deserialize_reader(reader)?);
        let mut page = [0; limits::PAGE_BYTES];
        let target = page.get_mut(..length).ok_or_else(|| invalid("a page above its size"))?;
        reader.read_exact(target)?;
        if target.last() == Some(&0) {
            return Err(invalid("a page with trailing zeros"));
        }
        Ok(Self(page))
    }
}

/// One write to the state: a new page, or none where the key is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Write {
    /// Where.
    pub key: Key,
    /// What stands there now.
    pub page: Option<Page>,
}

/// The RFC 6962 root over the canonical bytes of these writes, in order.
pub fn writes_root(suite: Suite, writes: &[Write]) -> Digest {
    let leaves: Vec<Digest> = writes.iter().map(|write| merkle::leaf_hash(suite, &codec::encode(write))).collect();
    merkle::root_of_hashes(suite, &leaves)
}

/// Something that happened, for those who follow.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Event {
    /// Records were written.
    RecordsWritten {
        /// How many were created.
        created: u32,
        /// How many got a further version.
        updated: u32,
        /// How many ended.
        deleted: u32,
    },
    /// A reading was listed.
    AccessListed {
        /// Under which key.
        list: ListKey,
        /// As which entry, from 1.
        #[serde(with = "crate::json::integer")]
        count: u64,
        /// The head after it.
        head: Digest,
    },
}

/// What became of one action: the leaf that a citizen's receipt proves.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionReceipt {
    /// Encoding version: 1.
    pub version: u8,
    /// Its transaction.
    pub transaction: TransactionId,
    /// Its place among the transaction's actions, from 0.
    pub index: u16,
    /// Who sent it.
    pub sender: Sender,
    /// What it was.
    pub action: ActionCode,
    /// Digest of what it said ([`crate::Action::digest`]).
    pub action_digest: Digest,
    /// Allow or deny, by which policies, and why not.
    pub decision: Decision,
    /// Revision of the policy set that decided.
    pub policy_revision: u32,
    /// Digest of the requests put to the policies, so that the decision can be replayed (PROTOCOL 16).
    pub requests_digest: Digest,
    /// How many writes it made.
    pub writes: u32,
    /// Root of the tree over its writes; of a batch, write `i` belongs to operation `i`.
    pub writes_root: Digest,
    /// What happened.
    pub events: List<Event, { limits::EVENTS_MAX }>,
}

/// The last leaf of a block: writes that belong to no action. What fell due at its height or time, such as an accepted
/// proposal, comes before its transactions; replay windows are written after them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockReceipt {
    /// Encoding version: 1.
    pub version: u8,
    /// How many writes of what fell due, before the first transaction.
    pub due: u32,
    /// Root of the tree over them.
    pub due_root: Digest,
    /// How many writes after the last transaction.
    pub writes: u32,
    /// Root of the tree over them.
    pub writes_root: Digest,
}

/// A leaf of the receipts tree.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "leaf", content = "receipt", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "nearly every leaf is an action's, and few are alive at a time")]
pub enum ReceiptLeaf {
    /// Of one action.
    Action(ActionReceipt),
    /// Of the block itself.
    Block(BlockReceipt),
}

/// Receipt of one action with the writes it lists: what is archived and replayed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ActionResult {
    /// The leaf.
    pub receipt: ActionReceipt,
    /// Its writes, in order.
    pub writes: Vec<Write>,
}

/// Receipts of one transaction, one per action.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TransactionReceipts {
    /// In the order of the actions.
    pub actions: Vec<ActionResult>,
}

/// Everything a block's receipts tree stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockReceipts {
    /// Writes of what fell due, before the first transaction.
    pub due: Vec<Write>,
    /// In the order of the transactions.
    pub transactions: Vec<TransactionReceipts>,
    /// Writes after the last transaction that belong to no action, ascending by key.
    pub writes: Vec<Write>,
}

impl BlockReceipts {
    /// The leaf of the block itself.
    pub fn block_leaf(&self, suite: Suite) -> ReceiptLeaf {
        ReceiptLeaf::Block(BlockReceipt {
            version: 1,
            due: u32::try_from(self.due.len()).unwrap_or(u32::MAX),
            due_root: writes_root(suite, &self.due),
            writes: u32::try_from(self.writes.len()).unwrap_or(u32::MAX),
            writes_root: writes_root(suite, &self.writes),
        })
    }

    /// The leaf hashes of the receipts tree: one per action, in order, then the block's.
    pub fn leaf_hashes(&self, suite: Suite) -> Vec<Digest> {
        let actions = self.transactions.iter().flat_map(|receipts| &receipts.actions);
        let mut hashes: Vec<Digest> = actions.map(|result| result.receipt.leaf_hash(suite)).collect();
        hashes.push(merkle::leaf_hash(suite, &codec::encode(&self.block_leaf(suite))));
        hashes
    }

    /// The receipts root.
    pub fn root(&self, suite: Suite) -> Digest {
        merkle::root_of_hashes(suite, &self.leaf_hashes(suite))
    }

    /// The place of an action's leaf among all leaves.
    pub fn leaf_index(&self, transaction: usize, action: usize) -> Option<usize> {
        let before: usize = self.transactions.get(..transaction)?.iter().map(|receipts| receipts.actions.len()).sum();
        (action < self.transactions.get(transaction)?.actions.len()).then(|| before.saturating_add(action))
    }
}

impl ActionReceipt {
    /// Its leaf hash in the receipts tree.
    pub fn leaf_hash(&self, suite: Suite) -> Digest {
        // The same bytes as `ReceiptLeaf::Action(self.clone())`, without the clone.
        let mut bytes = vec![0];
        bytes.extend_from_slice(&codec::encode(self));
        merkle::leaf_hash(suite, &bytes)
    }
}

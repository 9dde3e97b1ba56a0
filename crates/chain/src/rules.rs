//! stand-in for gongxin_state
use std::collections::{BTreeMap, BTreeSet};
use gongxin_crypto::{Digest, PublicKey, Signature, Suite, merkle};
use gongxin_types::receipt::{BlockReceipts, Key, Page, Table, Write};
use gongxin_types::{Genesis, Height, Time, Transaction};

#[derive(Default)]
pub(crate) struct View(BTreeMap<Key, Option<Page>>);
impl View {
    pub(crate) fn new() -> Self { Self::default() }
    pub(crate) fn insert(&mut self, key: Key, page: Option<Page>) { self.0.insert(key, page); }
}
pub(crate) struct BlockContext { pub(crate) suite: Suite, pub(crate) network: Digest, pub(crate) protocol_version: u16, pub(crate) height: Height, pub(crate) time: Time }
#[derive(Default)]
pub(crate) struct Caches;
#[derive(Debug, Clone)]
pub(crate) struct Executed { pub(crate) receipts: BlockReceipts, pub(crate) writes: BTreeMap<Key, Option<Page>>, pub(crate) receipts_root: Digest }
#[derive(Debug)]
pub(crate) enum ExecuteError { Missing(BTreeSet<Key>), Invalid { index: usize, reason: String } }
pub(crate) fn needs(_: Suite, _: &[Transaction]) -> BTreeSet<Key> { BTreeSet::new() }
pub(crate) fn execute(context: &BlockContext, _: &Caches, view: &mut View, transactions: &[Transaction]) -> Result<Executed, ExecuteError> {
    let _ = (&view.0, context.network, context.protocol_version, context.height, context.time);
    let mut writes = BTreeMap::new();
    for transaction in transactions {
        let id = transaction.id(context.suite);
        let mut key = [0; 32];
        key.copy_from_slice(id.0.as_bytes().get(..32).unwrap_or(&[0; 32]));
        let mut page = [0; 128];
        page[..32].copy_from_slice(&key);
        writes.insert(Key { table: Table::Objects, key }, Some(Page(page)));
        writes.insert(Key { table: Table::Lists, key }, Some(Page(page)));
    }
    let receipts = BlockReceipts { transactions: Vec::new(), writes: writes.iter().map(|(key, page)| Write { key: *key, page: *page }).collect() };
    let receipts_root = receipts.root(context.suite);
    Ok(Executed { receipts, writes, receipts_root })
}
pub(crate) fn genesis(_: &Genesis) -> Result<BTreeMap<Key, Page>, String> {
    Ok(BTreeMap::from([(Key { table: Table::Objects, key: [7; 32] }, Page([1; 128]))]))
}
pub(crate) struct SignatureCheck { pub(crate) key: PublicKey, pub(crate) message: Vec<u8>, pub(crate) signature: Signature }
pub(crate) fn signature_checks(suite: Suite, transaction: &Transaction) -> Vec<SignatureCheck> {
    let id = transaction.id(suite);
    vec![SignatureCheck { key: transaction.body.sender.key, message: Transaction::message(&id), signature: transaction.signature }]
}
pub(crate) fn weight(_: &Transaction) -> u64 { 20 }
pub(crate) fn admissible(transaction: &Transaction, network: &Digest, time: Time) -> Result<(), String> {
    if transaction.body.network != *network { return Err("another network".into()); }
    if transaction.body.valid_until <= time { return Err("expired".into()); }
    if transaction.body.valid_until > time.plus_millis(600_000) { return Err("too far ahead".into()); }
    Ok(())
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness { Fresh, Used, TooOld }
pub(crate) fn replay_key(_: Suite, transaction: &Transaction) -> Key {
    let mut key = [9; 32];
    let bytes = transaction.body.sender.key.as_bytes();
    let n = bytes.len().min(30);
    key[..n].copy_from_slice(&bytes[..n]);
    Key { table: Table::Objects, key }
}
pub(crate) fn freshness(_: Option<&Page>, _: &Transaction) -> Freshness { Freshness::Fresh }
pub(crate) fn unused() { let _ = (merkle::leaf_hash(Suite::Intl, &[]), Freshness::Used, Freshness::TooOld, ExecuteError::Missing(BTreeSet::new()), ExecuteError::Invalid { index: 0, reason: String::new() }); }

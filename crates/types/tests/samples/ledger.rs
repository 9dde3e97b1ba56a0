//! Transactions, receipts, headers, certificates and whole blocks.

use gongxin_types::certificate::Vote;
use gongxin_types::header::{EngineContext, StateRoot};
use gongxin_types::receipt::{BlockReceipts, Event, Key, Page, Table, writes_root};
use gongxin_types::transaction::Actor;
use gongxin_types::{
    Action, ActionCode, ActionReceipt, ActionResult, Atomicity, Body, Certificate, Decision, Effect, EpochChange,
    FinalizedBlock, GatewayId, Header, HeaderDigest, Height, ListKey, OfficerId, RecordId, Refusal, Sender,
    Transaction, TransactionReceipts, Write, limits,
};

use super::acts::{access, evidence};
use super::nouns::validator_set;
use super::{Samples, after, bytes, list, short, text};

pub(super) fn add(samples: &mut Samples) {
    let transaction = transaction(samples);
    let id = transaction.id(samples.suite);
    samples.add("Body", &transaction.body);
    samples.add("Transaction", &transaction);
    samples.add("TransactionId", &id);
    samples.add("transaction, signed bytes", &Transaction::message(&id));
    samples.add("transaction, leaf", &Transaction::leaf(&id, &transaction.signature));
    samples.add("Refusal", &Refusal::ALL.to_vec());
    samples.add("Decision", &decision());
    for write in writes() {
        samples.add(format!("Write to {:?}", write.key.table), &write);
    }
    for event in events(samples) {
        let kind = format!("{event:?}").split_whitespace().next().unwrap_or_default().to_owned();
        samples.add(format!("Event {kind}"), &event);
    }
    let result = result(samples);
    samples.add("ActionReceipt", &result.receipt);
    samples.add("ReceiptLeaf Action", &gongxin_types::ReceiptLeaf::Action(result.receipt.clone()));
    samples.add("receipt leaf hash", &result.receipt.leaf_hash(samples.suite));
    samples.add("ActionResult", &result);
    let receipts = BlockReceipts {
        due: writes(),
        transactions: vec![TransactionReceipts { actions: vec![result] }],
        writes: writes(),
    };
    samples.add("ReceiptLeaf Block", &receipts.block_leaf(samples.suite));
    samples.add("BlockReceipts", &receipts);
    samples.add("receipts root", &receipts.root(samples.suite));
    let header = header(samples);
    samples.add("Header", &header);
    samples.add("HeaderDigest", &header.digest());
    let certificate = certificate(header.digest());
    samples.add("Certificate", &certificate);
    let block = FinalizedBlock { header, certificate: Some(certificate), transactions: vec![transaction], receipts };
    samples.add("FinalizedBlock", &block);
    samples.add("EpochChange", &epoch_change(samples));
}

fn sender(samples: &Samples) -> Sender {
    let actor = Actor::Officer(OfficerId::new(short("officer")));
    Sender { organization: text("civil-affairs"), actor, key: samples.key("officer") }
}

fn transaction(samples: &Samples) -> Transaction {
    let body = Body {
        version: 1,
        network: samples.digest("network"),
        sender: Sender { actor: Actor::Gateway(GatewayId::new(short("gateway"))), ..sender(samples) },
        lane: 63,
        sequence: u64::MAX,
        valid_until: after(600),
        atomicity: Atomicity::EachOnItsOwn,
        actions: list(vec![Action::NotariseEvidence(evidence(samples)), Action::RecordAccess(access(samples))]),
    };
    let signature = samples.secret("officer").sign(&Transaction::message(&body.id(samples.suite)));
    Transaction { body, signature }
}

fn decision() -> Decision {
    Decision {
        effect: Effect::Deny,
        policies: list(vec![text("freeze"), text("weekdays")]),
        refusal: Some(Refusal::GrantExpired),
    }
}

fn writes() -> Vec<Write> {
    let mut page = [0; limits::PAGE_BYTES];
    page[..3].copy_from_slice(&[1, 0, 2]);
    vec![
        Write { key: Key { table: Table::Objects, key: bytes("object") }, page: Some(Page(page)) },
        Write { key: Key { table: Table::Lists, key: bytes("list") }, page: None },
    ]
}

fn events(samples: &Samples) -> [Event; 2] {
    let list = ListKey::Record { record: RecordId::new(short("record")) };
    [
        Event::RecordsWritten { created: 1, updated: 2, deleted: 3 },
        Event::AccessListed { list, count: 7, head: samples.digest("list head") },
    ]
}

fn result(samples: &Samples) -> ActionResult {
    let receipt = ActionReceipt {
        version: 1,
        transaction: transaction(samples).id(samples.suite),
        index: 1,
        sender: sender(samples),
        action: ActionCode::AccessRead,
        action_digest: samples.digest("action"),
        decision: decision(),
        policy_revision: 1,
        requests_digest: samples.digest("requests"),
        writes: 2,
        writes_root: writes_root(samples.suite, &writes()),
        events: list(events(samples).into()),
    };
    ActionResult { receipt, writes: writes() }
}

pub(super) fn header(samples: &Samples) -> Header {
    let root =
        |label: &str| StateRoot { root: bytes(label), operations_root: bytes("operations"), start: 1, end: u64::MAX };
    Header {
        version: 1,
        network: samples.digest("network"),
        protocol_version: 1,
        height: Height::new(42),
        parent: HeaderDigest(bytes("parent")),
        time: after(42),
        transactions_root: samples.digest("transactions"),
        receipts_root: samples.digest("receipts"),
        state: list(vec![root("objects"), root("lists")]),
        epoch: 0,
        validators_root: samples.digest("validators"),
        next_validators_root: samples.digest("next validators"),
        engine: EngineContext(list(vec![1, 2, 3])),
    }
}

fn epoch_change(samples: &Samples) -> EpochChange {
    let header = header(samples);
    let certificate = certificate(header.digest());
    EpochChange { header, certificate, validators: validator_set(samples).validators }
}

pub(super) fn certificate(header: HeaderDigest) -> Certificate {
    let vote = |validator| Vote { validator, signature: [7; 64] };
    Certificate { epoch: 0, view: 300, parent_view: 299, header, votes: list(vec![vote(0), vote(2), vote(3)]) }
}

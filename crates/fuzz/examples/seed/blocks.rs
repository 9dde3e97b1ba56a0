//! Nouns of the ledger, from a sandbox with real rules: a batch of records, a notarised document, a refused act.

use gongxin_archive::snapshot::{Head, Operation, TableKind, Writer};
use gongxin_crypto::{Digest, Suite, merkle};
use gongxin_state::page;
use gongxin_test_support::cast::DEPARTMENTS;
use gongxin_test_support::validators::Validators;
use gongxin_test_support::world::list;
use gongxin_test_support::{Reading, Sandbox};
use gongxin_types::alert::{Finding, NewAlert, RejectionCode};
use gongxin_types::bundle::{BUNDLE_FORMAT, Encoded, Epoch, Path, Subject};
use gongxin_types::fault::{CertifiedHeader, TwoCertificates};
use gongxin_types::genesis::validators_root;
use gongxin_types::header::StateRoot;
use gongxin_types::peer::Message;
use gongxin_types::receipt::Page;
use gongxin_types::{
    AccessAuthority, Action, Bundle, Certificate, EpochChange, Evidence, FaultEvidence, FinalizedBlock, GrantId,
    Header, List, ListKey, Network, ReceiptLeaf, Role, Transaction, codec, proposed_block,
};
use gongxin_verify::bundle;

use super::{put, put_hostile, replaced};

pub(super) fn write() {
    let mut sandbox = Sandbox::new();
    let transactions = transactions(&sandbox);
    let block = sandbox.block(transactions.clone()).expect("a block");
    let empty = sandbox.block(Vec::new()).expect("a block");
    write_transactions(&transactions);
    write_blocks(&sandbox, &block, &empty);
    write_peers(&block, &empty);
    write_proofs(&sandbox, &block);
    write_faults(&sandbox, &block);
    write_pages(&sandbox);
    write_snapshot(&sandbox, &block);
}

/// The state after the block, such as an engine might have: three operations on objects, two on lists.
fn write_snapshot(sandbox: &Sandbox, block: &FinalizedBlock) {
    let root = |end| StateRoot { root: [1; 32], operations_root: [2; 32], start: 0, end };
    let mut block = block.clone();
    block.header.state = list([root(3), root(2)]);
    let validators = Validators::new(sandbox.seed);
    let header = &block.header;
    let head = &sandbox.genesis.head;
    block.certificate = Some(validators.certify(head, header.height, header.digest(), validators.quorum()));
    let page = Page([3; gongxin_types::limits::PAGE_BYTES]);
    let objects = [
        Operation::Written { key: [5; 32], page },
        Operation::Removed { key: [5; 32] },
        Operation::Committed { floor: 0 },
    ];
    let lists = [Operation::Linked { key: [7; 32], page, next: [7; 32] }, Operation::Committed { floor: 0 }];
    let written = |network, certified: bool, lists: &[Operation]| {
        let mut block = block.clone();
        if !certified {
            block.certificate = None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("snapshot");
        let head = Head { version: 1, network, epochs: 0, objects: List::empty(), lists: List::empty() };
        let mut file = Writer::begin(&path, &head, &[], &codec::encode(&block)).expect("a file");
        file.operations(TableKind::Objects, &objects).expect("operations");
        file.operations(TableKind::Lists, lists).expect("operations");
        file.finish().expect("a whole file");
        std::fs::read(&path).expect("a file")
    };
    let network = sandbox.network();
    let good = written(network, true, &lists);
    put("snapshot", "good-five-operations", &good);
    put("snapshot", "bad-without-certificate", written(network, false, &lists));
    put("snapshot", "bad-one-operation-missing", written(network, true, &lists[..1]));
    put("snapshot", "bad-of-another-network", written(sandbox.suite.hash(&[b"another"]), true, &lists));
    let mut changed = good.clone();
    if let Some(byte) = changed.last_mut() {
        *byte ^= 1;
    }
    put("snapshot", "bad-one-byte-changed", changed);
    put_hostile("snapshot", &good);
}

fn transactions(sandbox: &Sandbox) -> Vec<Transaction> {
    let steward = sandbox.officer("civil-affairs", Role::DataSteward);
    let batch = sandbox.batch([
        sandbox.create("110101", "东城区"),
        sandbox.create("110103", "崇文区"),
        sandbox.update("110101", "东城", 1),
    ]);
    let evidence = Action::NotariseEvidence(Evidence {
        digest: sandbox.suite.hash(&[b"document"]),
        media_type: "application/pdf".parse().expect("a media type"),
        legal_basis: "sharing-regulation-art-20".parse().expect("a code"),
    });
    let reader = sandbox.officer("housing", Role::CaseOfficer);
    let authority = AccessAuthority::Grant { grant: GrantId::new([7; 16]) };
    let reading = Reading::of_division(sandbox.network(), sandbox.suite, reader, authority, "110101", "no grant");
    let gateway = sandbox.cast.gateway("civil-affairs");
    let list = ListKey::Record { record: sandbox.record_id("110101") };
    let access = Action::RecordAccess(reading.answered(sandbox.suite, gateway, [list]));
    vec![
        sandbox.sign(steward, [batch]),
        sandbox.sign_whole(steward, [evidence, Action::RevokeGrant(GrantId::new([9; 16]))]),
        sandbox.sign(gateway, [access]),
    ]
}

fn write_transactions(transactions: &[Transaction]) {
    let names = ["good-batch", "good-all-or-nothing", "good-reading"];
    for (name, transaction) in names.iter().zip(transactions) {
        put("transaction", name, codec::encode(transaction));
    }
    let bytes = transactions.first().map(codec::encode).unwrap_or_default();
    put_hostile("transaction", &bytes);
    put("transaction", "bad-slug-in-upper-case", replaced(&bytes, b"civil-affairs", b"Civil-affairs"));
    put("transaction", "bad-operations-claimed", replaced(&bytes, &[3, 0, 0, 0, 0], &[0xff, 0xff, 0xff, 0xff, 0]));
    put("transaction", "bad-above-its-size", vec![0; gongxin_types::limits::TRANSACTION_BYTES_MAX / 64]);
}

fn write_faults(sandbox: &Sandbox, block: &FinalizedBlock) {
    let (validators, head) = (&sandbox.validators, &sandbox.genesis.head);
    let fault = FaultEvidence::Equivocation(validators.equivocation(head, "housing", (0, 300)));
    let bytes = codec::encode(&fault);
    put("fault_evidence", "good-equivocation", &bytes);
    put(
        "fault_evidence",
        "good-of-another-epoch",
        codec::encode(&FaultEvidence::Equivocation(validators.equivocation(head, "housing", (7, 1)))),
    );
    put(
        "fault_evidence",
        "good-proposal",
        codec::encode(&FaultEvidence::Proposal(validators.proposal(head, "housing", (0, 5), "bad"))),
    );
    let certified = |millis: u64| {
        let header = Header { time: block.header.time.plus_millis(millis), ..block.header.clone() };
        CertifiedHeader { certificate: validators.certify(head, header.height, header.digest(), 3), header }
    };
    let two = FaultEvidence::TwoCertificates(Box::new(TwoCertificates::new(certified(0), certified(1))));
    put("fault_evidence", "good-two-certificates", codec::encode(&two));
    put_hostile("fault_evidence", &bytes);
    put("fault_evidence", "bad-of-no-kind", [&[3], bytes.get(1..).unwrap_or_default()].concat());
    put("noun_json", "good-fault-evidence", serde_json::to_string(&fault).expect("JSON"));
    let raise = Action::RaiseAlert(NewAlert {
        version: 1,
        finding: Finding::InvalidProposal {
            proposal: validators.proposal(head, "housing", (0, 5), "bad"),
            reason: RejectionCode::State,
        },
    });
    let transaction = sandbox.sign(sandbox.cast.gateway("civil-affairs"), [raise]);
    put("transaction", "good-alert", codec::encode(&transaction));
    let findings = serde_json::json!({ "watching": true, "findings": [{ "kind": "silent-validator", "finding": { "validator": "0a".repeat(32) } }], "next": null });
    put("validator_answer", "good-findings", findings.to_string());
}

fn write_blocks(sandbox: &Sandbox, block: &FinalizedBlock, empty: &FinalizedBlock) {
    let bytes = codec::encode(block);
    put("block", "good-three-transactions", &bytes);
    put("block", "good-empty", codec::encode(empty));
    put("block", "good-without-certificate", codec::encode(&FinalizedBlock { certificate: None, ..empty.clone() }));
    put_hostile("block", &codec::encode(empty));
    put("header", "good-first", codec::encode(&block.header));
    put("header", "good-second", codec::encode(&empty.header));
    put_hostile("header", &codec::encode(&empty.header));
    put("header", "bad-suite-of-another-length", replaced(&codec::encode(&empty.header), &[32], &[64]));

    let genesis = codec::encode(&sandbox.genesis);
    let mut small = sandbox.genesis.clone();
    let objects = &mut small.objects;
    (objects.parameters.legal_bases, objects.parameters.purposes) = (List::empty(), List::empty());
    (objects.policy_set.policies, objects.officers, objects.gateways) = (List::empty(), List::empty(), List::empty());
    objects.policy_set.schema = gongxin_types::policy_set::Source::new("entity Officer;").expect("short");
    put("genesis", "bad-objects-of-another-head", codec::encode(&small));
    small.head.objects = small.objects.digest(small.head.suite);
    put("genesis", "good-small", codec::encode(&small));
    put_hostile("genesis", &codec::encode(&small));
    small.head.time_scale = 0;
    put("genesis", "bad-time-stands-still", codec::encode(&small));
    put("genesis", "bad-cut-in-the-policies", genesis.split_at(4_000).0);

    let leaves = block.receipts.transactions.iter().flat_map(|receipts| &receipts.actions);
    for (name, result) in ["good-batch", "good-evidence", "good-refusal", "good-reading"].into_iter().zip(leaves) {
        put("receipt_leaf", name, codec::encode(&ReceiptLeaf::Action(result.receipt.clone())));
    }
    let leaf = codec::encode(&ReceiptLeaf::Block(match block.receipts.block_leaf(sandbox.suite) {
        ReceiptLeaf::Block(leaf) => leaf,
        ReceiptLeaf::Action(_) => panic!("the block's own leaf"),
    }));
    put("receipt_leaf", "good-of-the-block", &leaf);
    put_hostile("receipt_leaf", &leaf);
}

fn write_peers(block: &FinalizedBlock, empty: &FinalizedBlock) {
    let encoded: Vec<Vec<u8>> = block.transactions.iter().map(codec::encode).collect();
    let transactions = Message::Transactions(encoded.iter().map(Vec::as_slice).collect()).encode();
    put("peer_message", "good-transactions", &transactions);
    put("peer_message", "good-view", Message::Position { epoch: 1, view: Some(300) }.encode());
    put("peer_message", "good-view-not-known", Message::Position { epoch: 0, view: None }.encode());
    put("peer_message", "good-epoch-ended", Message::Ended { epoch: 3 }.encode());
    put("peer_message", "good-holds", Message::Holds { from: 70_000, all: false }.encode());
    put("peer_message", "good-wanted", Message::Wanted { height: 42, offset: 786_432 }.encode());
    let part = Message::Part { height: 42, total: 12, offset: 8, bytes: b"last" }.encode();
    put("peer_message", "good-last-part", &part);
    put("peer_message", "bad-empty", []);
    put("peer_message", "bad-unknown-kind", [4, 0, 0, 0, 0]);
    put("peer_message", "bad-no-transactions", [0]);
    put("peer_message", "bad-transaction-of-no-bytes", [0, 0, 0, 0, 0]);
    put("peer_message", "bad-four-gigabytes-claimed", [0, 0xff, 0xff, 0xff, 0xff, 1]);
    put("peer_message", "bad-view-cut", [1, 0, 0, 0, 0, 0, 0, 0]);
    put(
        "peer_message",
        "bad-wanted-and-a-byte",
        [Message::Wanted { height: 42, offset: 0 }.encode(), vec![0]].concat(),
    );
    put("peer_message", "bad-part-of-no-bytes", Message::Part { height: 42, total: 0, offset: 0, bytes: b"" }.encode());
    put("peer_message", "bad-part-behind-the-end", [&part[..], b"!"].concat());
    let overflow = Message::Part { height: 1, total: u32::MAX, offset: u32::MAX, bytes: b"x" }.encode();
    put("peer_message", "bad-part-offset-overflows", overflow);

    let whole = proposed_block::encode(&block.header, &encoded);
    put("proposed_block", "good-three-transactions", &whole);
    put("proposed_block", "good-empty", proposed_block::encode::<Vec<u8>>(&empty.header, &[]));
    put("proposed_block", "bad-transaction-left-out", proposed_block::encode(&block.header, encoded.split_at(1).0));
    let swapped: Vec<&Vec<u8>> = encoded.iter().rev().collect();
    put("proposed_block", "bad-other-order", proposed_block::encode(&block.header, &swapped));
    put("proposed_block", "bad-length-understated", replaced(&whole, whole.split_at(4).0, &[1, 0, 0, 0]));
    let head = codec::encode(&empty.header);
    let claims = |count: u32| {
        let body = [&u32::try_from(head.len()).expect("short").to_le_bytes()[..], &head, &count.to_le_bytes()].concat();
        [&u32::try_from(body.len()).expect("short").to_le_bytes()[..], &body].concat()
    };
    put("proposed_block", "bad-many-transactions-claimed", claims(8_192));
    put("proposed_block", "bad-too-many-transactions-claimed", claims(u32::MAX));
    put("proposed_block", "bad-header-too-long", [&[0, 16, 0, 0, 252, 15, 0, 0][..], &[0; 4092]].concat());
    put_hostile("proposed_block", &whole);

    let frame = |block: &FinalizedBlock| gongxin_client::frame::encode(&codec::encode(block)).expect("short").to_vec();
    let chunked = |size: u8, frames: &[Vec<u8>]| [&[size][..], &frames.concat()].concat();
    put("block_frames", "good-two-in-one-chunk", chunked(255, &[frame(empty), frame(empty)]));
    put("block_frames", "good-byte-by-byte", chunked(1, &[frame(empty)]));
    put("block_frames", "good-in-chunks-of-97", chunked(97, &[frame(block), frame(empty)]));
    put("block_frames", "bad-giant", chunked(7, &[vec![0xff; 4]]));
    put("block_frames", "bad-cut", chunked(7, &[frame(empty).split_at(100).0.to_vec()]));
    put("block_frames", "bad-frame-without-block", chunked(7, &[vec![0, 0, 0, 0]]));
    put("block_frames", "bad-empty", []);
}

fn write_proofs(sandbox: &Sandbox, block: &FinalizedBlock) {
    let certificate = block.certificate.clone().expect("a certificate");
    let bytes = codec::encode(&certificate);
    put("certificate", "good-three-of-four", &bytes);
    let mut votes = certificate.votes.to_vec();
    votes.truncate(2);
    let fewer = Certificate { votes: List::new(votes.clone()).expect("two"), ..certificate.clone() };
    put("certificate", "good-but-too-few", codec::encode(&fewer));
    votes.extend(votes.clone());
    let twice = Certificate { votes: List::new(votes).expect("four"), ..certificate.clone() };
    put("certificate", "good-but-each-twice", codec::encode(&twice));
    put("certificate", "bad-too-many-votes-claimed", replaced(&bytes, &[3, 0, 0, 0, 0, 0], &[65, 0, 0, 0, 0, 0]));
    put_hostile("certificate", &bytes);

    let act = bundle::to_bytes(&receipt(sandbox, block, 1));
    let operation = bundle::to_bytes(&of_operation(sandbox, block));
    put("receipt", "good-act", &act);
    put("receipt", "good-operation", &operation);
    put("receipt", "bad-empty", []);
    put("receipt", "bad-other-leaf", replaced(&act, b"\"leaf\":\"A", b"\"leaf\":\"B"));
    put("receipt", "bad-space", replaced(&act, b",\"format\"", b", \"format\""));
    put("receipt", "bad-place-in-the-tree", replaced(&act, b"\"index\":1", b"\"index\":2"));
    put("receipt", "bad-view", replaced(&act, b"\"view\":1", b"\"view\":2"));
    put("receipt", "bad-cut", act.split_at(act.len() - 1).0);

    let network = bundle::network_to_bytes(&Network::of(&sandbox.genesis.head));
    put("network", "good-four-validators", &network);
    put("network", "bad-another-identity", replaced(&network, b"\"time_scale\":1", b"\"time_scale\":2"));
    put("network", "bad-name", replaced(&network, b"\"sandbox\"", b"\"Sandbox\""));
    put("network", "bad-trailing-newline", [&network[..], b"\n"].concat());
    put("network", "bad-empty", []);
    write_epochs(sandbox, &receipt(sandbox, block, 1));
}

/// A fifth validator joins, and one of the first leaves.
fn write_epochs(sandbox: &Sandbox, act: &Bundle) {
    let mut validators = Validators::new(sandbox.seed);
    let mut header = sandbox.header().clone();
    let mut changes: Vec<EpochChange> = Vec::new();
    let [first, others @ ..] = DEPARTMENTS;
    for leaver in [None, Some(first)] {
        let stay = leaver.is_none().then_some(first).into_iter().chain(others);
        let next = validators.next(&stay.chain(["data-bureau"]).collect::<Vec<_>>());
        header = Header {
            height: header.height.next(),
            parent: header.digest(),
            time: header.time.plus_millis(100),
            epoch: header.next_epoch(),
            validators_root: header.next_validators_root,
            next_validators_root: validators_root(sandbox.suite, &next.validators),
            ..header
        };
        let head = &sandbox.genesis.head;
        let certificate = validators.certify(head, header.height, header.digest(), validators.quorum());
        changes.push(EpochChange { header: header.clone(), certificate, validators: next.validators.clone() });
        validators.hand_over(&next);
    }
    let epochs: Vec<Epoch> = changes.iter().map(Epoch::from).collect();
    let file = Network { epochs: list(epochs.clone()), ..Network::of(&sandbox.genesis.head) };
    let file = bundle::network_to_bytes(&file);
    put("network", "good-two-changes", &file);
    put("network", "bad-vote-of-another", replaced(&file, b"\"validator\":1}", b"\"validator\":3}"));
    put("network", "bad-epoch-of-the-votes", replaced(&file, b"\"epoch\":1", b"\"epoch\":0"));
    put("network", "bad-validator-renamed", replaced(&file, b"\"name\":\"data-bureau\"", b"\"name\":\"data-thief!\""));
    let receipt = Bundle { epochs: list(epochs), ..act.clone() };
    put("receipt", "good-two-changes", bundle::to_bytes(&receipt));
    let [first, second] = changes.as_slice() else { panic!("two changes") };
    put("epoch_change", "bad-header-alone", codec::encode(&first.header));
    put("epoch_change", "good-but-not-the-next", codec::encode(second));
    let first = codec::encode(first);
    put("epoch_change", "good-fifth-joins", &first);
    put("epoch_change", "good-but-another-name", replaced(&first, b"data-bureau", b"data-thieve"));
    put_hostile("epoch_change", &first);
}

/// The receipt of this act of the block, counted over all of its transactions.
fn receipt(sandbox: &Sandbox, block: &FinalizedBlock, place: usize) -> Bundle {
    let acts = block.transactions.iter().flat_map(|transaction| transaction.body.actions.iter());
    let action = acts.clone().nth(place).expect("an act");
    let results = block.receipts.transactions.iter().flat_map(|receipts| &receipts.actions);
    let result = results.clone().nth(place).expect("a receipt");
    Bundle {
        format: BUNDLE_FORMAT.into(),
        network: sandbox.network(),
        leaf: Encoded(codec::encode(&ReceiptLeaf::Action(result.receipt.clone()))),
        subject: Subject::Action { action: Encoded(codec::encode(action)) },
        path: path(sandbox.suite, &block.receipts.leaf_hashes(sandbox.suite), place),
        headers: List::new(vec![Encoded(codec::encode(&block.header))]).expect("one"),
        certificate: block.certificate.clone().expect("a certificate"),
        epochs: List::empty(),
    }
}

/// The receipt of the first operation of the batch that is the block's first act.
fn of_operation(sandbox: &Sandbox, block: &FinalizedBlock) -> Bundle {
    let act = block.transactions.first().and_then(|transaction| transaction.body.actions.first());
    let Some(Action::WriteRecords(batch)) = act else { panic!("the first act is a batch") };
    let result = block.receipts.transactions.first().and_then(|receipts| receipts.actions.first()).expect("a receipt");
    let suite = sandbox.suite;
    let hashes =
        |leaves: Vec<Vec<u8>>| -> Vec<Digest> { leaves.iter().map(|leaf| merkle::leaf_hash(suite, leaf)).collect() };
    let operations = hashes(batch.operations.iter().map(codec::encode).collect());
    let writes = hashes(result.writes.iter().map(codec::encode).collect());
    let write = result.writes.first().map(|write| Encoded(codec::encode(write)));
    let subject = Subject::Operation {
        batch: Encoded(codec::encode(&batch.head(suite))),
        operation: Encoded(batch.operations.first().map(codec::encode).unwrap_or_default()),
        operation_path: path(suite, &operations, 0),
        write_path: write.as_ref().map(|_| path(suite, &writes, 0)),
        write,
    };
    Bundle { subject, ..receipt(sandbox, block, 0) }
}

fn path(suite: Suite, leaves: &[Digest], place: usize) -> Path {
    Path {
        index: u64::try_from(place).expect("small"),
        size: u64::try_from(leaves.len()).expect("small"),
        hashes: List::new(merkle::path(suite, leaves, place)).expect("short"),
    }
}

fn write_pages(sandbox: &Sandbox) {
    let resource = codec::encode(&gongxin_test_support::world::divisions());
    let bytes = |noun: &[u8]| page::split(noun).expect("a noun").iter().flat_map(|page| page.0).collect::<Vec<u8>>();
    put("state_pages", "good-resource", bytes(&resource));
    put("state_pages", "good-empty-noun", [0; 128]);
    // Chunks of something large only look like pages of a noun.
    let is_slot = |page: &&gongxin_state::Page| page::length(page) < 100 && page::join(&[**page]).is_some();
    let slots = sandbox.pages.values().find(is_slot).expect("a slot");
    put("state_pages", "good-slot", slots.0);
    let mut claims = [0; 128];
    claims[0] = 200;
    put("state_pages", "bad-longer-than-its-pages", claims);
    let mut behind = [0; 128];
    behind[127] = 1;
    put("state_pages", "bad-byte-behind-the-noun", behind);
    put("state_pages", "bad-half-a-page", [0; 200]);
    put("state_pages", "bad-empty", []);
}

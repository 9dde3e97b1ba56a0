//! A small network that always makes the same blocks: keys, times and identifiers follow from labels.

use gongxin_crypto::{Digest, SecretKey, Suite, merkle};
use gongxin_types::access::{AccessAuthority, ListKey};
use gongxin_types::bundle::{Bundle, Encoded, Network, Path, Subject, BUNDLE_FORMAT};
use gongxin_types::certificate::Vote;
use gongxin_types::genesis::{ConsensusKey, NetworkHead, Validator};
use gongxin_types::header::{EngineContext, StateRoot};
use gongxin_types::receipt::{ActionResult, BlockReceipts, Event, Key, Page, Table, TransactionReceipts, writes_root};
use gongxin_types::record::{HistoryEntry, RecordSlot};
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{
    Access, AccessOutcome, Action, ActionReceipt, Certificate, Decision, Effect, Evidence, Grant, GatewayId, GrantId,
    Header, HeaderDigest, Height, List, OfficerId, RecordBatch, RecordId, RecordOp, Refusal, RequestId, Time,
    TransactionId, Write, codec,
};
use gongxin_verify::certificate::vote_message;

/// 2026-08-01T09:00:00.000Z.
const START: u64 = 1_785_574_800_000;

/// 32 bytes that follow from a label.
pub(crate) fn bytes(label: &str) -> [u8; 32] {
    Suite::Intl.hash(&[b"gongxin conformance ", label.as_bytes()]).as_bytes().try_into().expect("32 bytes")
}

/// 16 bytes that follow from a label.
pub(crate) fn short(label: &str) -> [u8; 16] {
    bytes(label)[..16].try_into().expect("16 bytes")
}

pub(crate) fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("within the bound")
}

pub(crate) fn text<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a well-formed text")
}

/// The network and the secrets of its members.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) suite: Suite,
    /// Secrets of the validators, in the order of the head.
    pub(crate) voters: Vec<SecretKey>,
    pub(crate) head: NetworkHead,
}

/// One act with what became of it.
pub(crate) struct Act {
    pub(crate) action: Action,
    pub(crate) result: ActionResult,
}

/// A block of [`Act`]s.
pub(crate) struct Block {
    pub(crate) acts: Vec<Act>,
    pub(crate) receipts: BlockReceipts,
    pub(crate) header: Header,
}

impl World {
    /// The network of `count` validators.
    pub(crate) fn new(suite: Suite, name: &str, count: usize) -> Self {
        let organizations = ["civil-affairs", "public-security", "social-security", "housing"];
        let mut voters: Vec<SecretKey> =
            (0..count).map(|number| Suite::Intl.secret_from_seed(&bytes(&format!("{name} validator {number}")))).collect();
        voters.sort_by_key(|voter| voter.public().as_bytes().to_vec());
        let validators = voters.iter().enumerate().map(|(number, voter)| Validator {
            name: text(&format!("validator-{}", number + 1)),
            organization: text(organizations[number % organizations.len()]),
            key: ConsensusKey(voter.public().as_bytes().try_into().expect("32 bytes")),
        });
        let head = NetworkHead {
            version: 1,
            name: text(name),
            suite,
            protocol_version: 1,
            time: Time::from_millis(START),
            time_scale: 1,
            validators: list(validators.collect()),
            objects: suite.hash(&[&bytes("genesis objects")]),
        };
        Self { suite, voters, head }
    }

    pub(crate) fn id(&self) -> Digest {
        self.head.id()
    }

    pub(crate) fn file(&self) -> Network {
        Network::of(&self.head)
    }

    /// What a validator's vote for `header` in this view signs.
    pub(crate) fn vote_bytes(&self, view: u64, header: &HeaderDigest) -> Vec<u8> {
        vote_message(&self.id(), 0, view, view.saturating_sub(1), header)
    }

    /// Votes of these validators for a header.
    pub(crate) fn certify(&self, header: &Header, voters: &[usize]) -> Certificate {
        self.certify_in_view(header, voters, 100 + header.height.get())
    }

    pub(crate) fn certify_in_view(&self, header: &Header, voters: &[usize], view: u64) -> Certificate {
        let digest = header.digest();
        let message = self.vote_bytes(view, &digest);
        let votes = voters.iter().map(|voter| Vote {
            validator: u16::try_from(*voter).expect("small"),
            signature: self.voters[*voter].sign(&message).as_bytes().try_into().expect("64 bytes"),
        });
        Certificate { epoch: 0, view, parent_view: view.saturating_sub(1), header: digest, votes: list(votes.collect()) }
    }

    /// A block of these acts; each is the only one of its transaction.
    pub(crate) fn block(&self, height: u64, acts: Vec<Act>) -> Block {
        let results = acts.iter().map(|act| TransactionReceipts { actions: vec![act.result.clone()] });
        let replay = Write { key: Key { table: Table::Objects, key: bytes("replay window") }, page: Some(page(&[7, 1])) };
        let receipts = BlockReceipts { transactions: results.collect(), writes: vec![replay] };
        let header = self.header(height, receipts.root(self.suite));
        Block { acts, receipts, header }
    }

    pub(crate) fn header(&self, height: u64, receipts_root: Digest) -> Header {
        let root = |label: &str| StateRoot {
            root: bytes(&format!("{label} {height}")),
            operations_root: bytes(&format!("{label} operations {height}")),
            start: height,
            end: height * 5,
        };
        Header {
            version: 1,
            network: self.id(),
            protocol_version: 1,
            height: Height::new(height),
            parent: HeaderDigest(bytes(&format!("header {}", height - 1))),
            time: Time::from_millis(START + height * 650),
            transactions_root: self.suite.hash(&[&bytes(&format!("transactions {height}"))]),
            receipts_root,
            state: list(vec![root("objects"), root("lists")]),
            epoch: 0,
            validators_root: self.head.validators_root(),
            next_validators_root: self.head.validators_root(),
            engine: EngineContext(list(bytes(&format!("engine {height}")).to_vec())),
        }
    }

    /// The header after `parent`, of a block without acts.
    pub(crate) fn child(&self, parent: &Header) -> Header {
        let empty = BlockReceipts { transactions: vec![], writes: vec![] };
        Header { parent: parent.digest(), ..self.header(parent.height.get() + 1, empty.root(self.suite)) }
    }

    /// The receipt of act `number` of a block, with this subject.
    pub(crate) fn bundle(&self, block: &Block, number: usize, subject: Subject, headers: &[Header], votes: Certificate) -> Bundle {
        let leaf = gongxin_types::ReceiptLeaf::Action(block.acts[number].result.receipt.clone());
        Bundle {
            format: BUNDLE_FORMAT.into(),
            network: self.id(),
            leaf: encoded(&leaf),
            subject,
            path: path(self.suite, &block.receipts.leaf_hashes(self.suite), number),
            headers: list(headers.iter().map(encoded).collect()),
            certificate: votes,
            epochs: List::empty(),
        }
    }

    /// The receipt of a whole act.
    pub(crate) fn action_bundle(&self, block: &Block, number: usize) -> Bundle {
        let subject = Subject::Action { action: encoded(&block.acts[number].action) };
        self.bundle(block, number, subject, std::slice::from_ref(&block.header), self.certify(&block.header, &[0, 1, 2]))
    }

    /// The same without votes, for networks of another size.
    pub(crate) fn action_bundle_without_votes(&self, block: &Block, number: usize) -> Bundle {
        let subject = Subject::Action { action: encoded(&block.acts[number].action) };
        self.bundle(block, number, subject, std::slice::from_ref(&block.header), self.certify(&block.header, &[]))
    }

    /// The receipt of one operation of a batch.
    pub(crate) fn operation_bundle(&self, block: &Block, number: usize, operation: usize) -> Bundle {
        let Act { action: Action::WriteRecords(batch), result } = &block.acts[number] else { panic!("not a batch") };
        let operations: Vec<Digest> =
            batch.operations.iter().map(|one| merkle::leaf_hash(self.suite, &codec::encode(one))).collect();
        let writes: Vec<Digest> = result.writes.iter().map(|one| merkle::leaf_hash(self.suite, &codec::encode(one))).collect();
        let write = result.writes.get(operation);
        let subject = Subject::Operation {
            batch: encoded(&batch.head(self.suite)),
            operation: encoded(&batch.operations[operation]),
            operation_path: path(self.suite, &operations, operation),
            write: write.map(encoded),
            write_path: write.map(|_| path(self.suite, &writes, operation)),
        };
        self.bundle(block, number, subject, std::slice::from_ref(&block.header), self.certify(&block.header, &[0, 1, 2]))
    }

    /// An act that an officer of `organization` sent, with its decision.
    pub(crate) fn act(&self, label: &str, organization: &str, action: Action, decision: Decision, writes: Vec<Write>, events: Vec<Event>) -> Act {
        let key = self.suite.secret_from_seed(&bytes(&format!("officer of {organization}"))).public();
        let receipt = ActionReceipt {
            version: 1,
            transaction: TransactionId(self.suite.hash(&[label.as_bytes()])),
            index: 0,
            sender: Sender {
                organization: text(organization),
                actor: Actor::Officer(OfficerId::new(short(&format!("officer of {organization}")))),
                key,
            },
            action: action.code(),
            action_digest: action.digest(self.suite),
            decision,
            policy_revision: 1,
            requests_digest: self.suite.hash(&[b"requests ", label.as_bytes()]),
            writes: u32::try_from(writes.len()).expect("few"),
            writes_root: writes_root(self.suite, &writes),
            events: list(events),
        };
        Act { action, result: ActionResult { receipt, writes } }
    }

    pub(crate) fn evidence(&self) -> Act {
        let evidence = Evidence {
            digest: self.suite.hash(&[b"a document"]),
            media_type: text("application/pdf"),
            legal_basis: text("sharing-regulation-art-20"),
        };
        let write = Write { key: Key { table: Table::Objects, key: bytes("evidence") }, page: Some(page(&bytes("evidence"))) };
        self.act("evidence", "civil-affairs", Action::NotariseEvidence(evidence), allow(&["officers-notarise"]), vec![write], vec![])
    }

    pub(crate) fn grant(&self) -> Act {
        let grant = Grant {
            version: 1,
            id: GrantId::new(short("grant")),
            resource: text("civil-affairs/divisions"),
            reader: text("housing"),
            fields: list(vec![text("code"), text("name")]),
            purpose: text("eligibility-check"),
            legal_basis: text("sharing-regulation-art-20"),
            until: Time::from_millis(START + 86_400_000),
            revoked: None,
        };
        self.act("grant", "housing", Action::IssueGrant(grant), deny(&[], Refusal::Policy), vec![], vec![])
    }

    pub(crate) fn batch(&self, count: usize, decision: Decision) -> Act {
        let record = |number: usize| RecordId::new(short(&format!("record {number}")));
        let commitment = |number: usize| self.suite.hash(&[&bytes(&format!("commitment {number}"))]);
        let operations: Vec<RecordOp> = (0..count)
            .map(|number| match number % 3 {
                0 => RecordOp::Create { record: record(number), commitment: commitment(number) },
                1 => RecordOp::Update { record: record(number), expected_version: 4, commitment: commitment(number) },
                _ => RecordOp::Delete { record: record(number), expected_version: 2 },
            })
            .collect();
        let basis = "sharing-regulation-art-20";
        let effective = text("2024-12-31");
        let write = |operation: &RecordOp| {
            let version = match operation {
                RecordOp::Create { .. } => 1,
                RecordOp::Update { expected_version, .. } | RecordOp::Delete { expected_version, .. } => expected_version + 1,
            };
            let entry = HistoryEntry { version, operation: operation.clone(), legal_basis: text(basis), effective };
            let history = entry.chain(self.suite, &HistoryEntry::origin(self.suite));
            let slot = RecordSlot { version, commitment: operation.commitment(), history };
            let key = bytes(&format!("slot of {}", operation.record()));
            Write { key: Key { table: Table::Objects, key }, page: Some(page(&codec::encode(&slot))) }
        };
        let is_allowed = decision.effect == Effect::Allow;
        let writes = if is_allowed { operations.iter().map(write).collect() } else { vec![] };
        let created = u32::try_from(count.div_ceil(3)).expect("few");
        let events = vec![Event::RecordsWritten { created, updated: u32::try_from(count / 3).expect("few"), deleted: 0 }];
        let action = Action::WriteRecords(RecordBatch {
            resource: text("civil-affairs/divisions"),
            legal_basis: text(basis),
            effective,
            operations: list(operations),
        });
        self.act("batch", "civil-affairs", action, decision, writes, if is_allowed { events } else { vec![] })
    }

    /// A reading, signed by an officer of housing and the gateway of civil-affairs.
    pub(crate) fn access(&self, authority: AccessAuthority, lists: Vec<ListKey>, outcome: AccessOutcome) -> Access {
        let officer = self.suite.secret_from_seed(&bytes("officer of housing"));
        let gateway = self.suite.secret_from_seed(&bytes("gateway of civil-affairs"));
        let mut access = Access {
            request_id: RequestId::new(short("request")),
            resource: text("civil-affairs/divisions"),
            authority,
            reader: text("housing"),
            officer: OfficerId::new(short("officer of housing")),
            officer_key: officer.public(),
            purpose: text("eligibility-check"),
            legal_basis: text("sharing-regulation-art-20"),
            lists: list(lists),
            request_digest: self.suite.hash(&[b"request"]),
            outcome,
            sealed_digest: self.suite.hash(&[b"sealed part"]),
            gateway: GatewayId::new(short("gateway of civil-affairs")),
            gateway_key: gateway.public(),
            officer_signature: officer.sign(b""),
            gateway_signature: gateway.sign(b""),
        };
        access.officer_signature = officer.sign(&access.claim(self.id()).message());
        access.gateway_signature = gateway.sign(&access.gateway_message(&self.id()));
        access
    }

    pub(crate) fn usual_access(&self) -> Access {
        let record = RecordId::new(short("record 0"));
        let response_digest = self.suite.hash(&[b"response"]);
        self.access(granted(), vec![ListKey::Record { record }], AccessOutcome::Answered { response_digest })
    }

    pub(crate) fn reading(&self, access: Access, decision: Decision) -> Act {
        let lists = if decision.effect == Effect::Allow { access.lists.to_vec() } else { vec![] };
        let head = self.suite.hash(&[b"list head"]);
        let events = lists.iter().map(|list| Event::AccessListed { list: *list, count: 3, head }).collect();
        let write = |number| Write { key: Key { table: Table::Lists, key: bytes(&format!("list {number}")) }, page: Some(page(&[3; 40])) };
        let writes = (0..lists.len()).map(write).collect();
        self.act("reading", "civil-affairs", Action::RecordAccess(access), decision, writes, events)
    }

    /// A block of every sort: evidence, a denied grant, a batch, a reading, a denied batch, a batch of one.
    pub(crate) fn usual_block(&self) -> Block {
        let allowed = || allow(&["steward-writes-own-records"]);
        self.block(42, vec![
            self.evidence(),
            self.grant(),
            self.batch(7, allowed()),
            self.reading(self.usual_access(), allow(&["reader-under-grant", "weekdays"])),
            self.batch(3, deny(&["freeze"], Refusal::VersionMismatch)),
            self.batch(1, allowed()),
        ])
    }
}

pub(crate) fn granted() -> AccessAuthority {
    AccessAuthority::Grant { grant: GrantId::new(short("grant")) }
}

pub(crate) fn allow(policies: &[&str]) -> Decision {
    let policies = list(policies.iter().map(|policy| text(policy)).collect());
    Decision { effect: Effect::Allow, policies, refusal: None }
}

pub(crate) fn deny(policies: &[&str], refusal: Refusal) -> Decision {
    Decision { effect: Effect::Deny, refusal: Some(refusal), ..allow(policies) }
}

pub(crate) fn page(bytes: &[u8]) -> Page {
    let mut page = [0; gongxin_types::limits::PAGE_BYTES];
    page[..bytes.len()].copy_from_slice(bytes);
    Page(page)
}

pub(crate) fn encoded<T: borsh::BorshSerialize>(noun: &T) -> Encoded {
    Encoded(codec::encode(noun))
}

pub(crate) fn path(suite: Suite, leaves: &[Digest], index: usize) -> Path {
    Path {
        index: index as u64,
        size: leaves.len() as u64,
        hashes: list(merkle::path(suite, leaves, index)),
    }
}

//! A small network in the test's hand: validators that vote, blocks whose receipts list what was written. What a real
//! `state` would write is written here by hand, for a handful of actions.

use gongxin_crypto::{Digest, SecretKey, Suite, merkle};
use gongxin_projection::{Offered, Projection};
use gongxin_types::access::ListSlot;
use gongxin_types::certificate::Vote;
use gongxin_types::evidence::EvidenceSlot;
use gongxin_types::genesis::{ConsensusKey, GenesisObjects, Validator};
use gongxin_types::header::EngineContext;
use gongxin_types::policy_set::Source;
use gongxin_types::receipt::{BlockReceipts, Event, Key, Page, Table, writes_root};
use gongxin_types::record::{HistoryEntry, RecordSlot};
use gongxin_types::transaction::Actor;
use gongxin_types::*;
use gongxin_verify::certificate::vote_message;

pub(crate) const SUITE: Suite = Suite::Intl;

/// The network and the blocks it has made.
pub(crate) struct Chain {
    pub(crate) genesis: Genesis,
    voters: Vec<SecretKey>,
    pub(crate) blocks: Vec<FinalizedBlock>,
    slots: std::collections::BTreeMap<RecordId, RecordSlot>,
    lists: std::collections::BTreeMap<ListKey, ListSlot>,
    duties: std::collections::BTreeMap<DutyId, u32>,
    sequence: u64,
}

/// A projection in a directory that goes away.
pub(crate) struct Copy {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) projection: Projection,
}

impl Copy {
    pub(crate) fn of(chain: &Chain) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let projection = Projection::open(directory.path(), &chain.genesis).unwrap();
        Self { directory, projection }
    }

    /// A copy that has taken every block of the chain.
    pub(crate) fn complete(chain: &Chain) -> Self {
        let copy = Self::of(chain);
        chain.blocks.iter().for_each(|block| assert!(copy.projection.offer(block.clone()).is_ok()));
        copy
    }

    pub(crate) fn offer(&self, block: &FinalizedBlock) -> Offered {
        self.projection.offer(block.clone()).unwrap()
    }
}

pub(crate) fn bilingual<const MAX: usize>(text: &str) -> Bilingual<MAX> {
    Bilingual::new(text, text).unwrap()
}

pub(crate) fn organization(name: &str) -> Organization {
    Organization {
        version: 1,
        id: name.parse().unwrap(),
        name: bilingual(name),
        kind: OrganizationKind::Department,
        parent: None,
        level: organization::Level::Province,
        division: "310000".parse().unwrap(),
        expelled: None,
    }
}

pub(crate) fn divisions() -> ResourceId {
    "civil-affairs/divisions".parse().unwrap()
}

pub(crate) fn duty(revision: u32) -> Duty {
    Duty {
        version: 1,
        id: "civil-affairs/divisions".parse().unwrap(),
        title: bilingual("行政区划"),
        // Long enough for several pages, of which an amendment writes only some.
        description: bilingual(&format!("{}{revision}", "设立、变更行政区划 ".repeat(20))),
        legal_basis: "law".parse().unwrap(),
        revision,
        withdrawn: None,
    }
}

pub(crate) fn record(number: u8) -> RecordId {
    RecordId::new([number; 16])
}

pub(crate) fn batch(operations: Vec<RecordOp>) -> Action {
    Action::WriteRecords(RecordBatch {
        resource: divisions(),
        legal_basis: "law".parse().unwrap(),
        effective: Date::new(2024, 12, 31).unwrap(),
        operations: List::new(operations).unwrap(),
    })
}

pub(crate) fn create(number: u8) -> RecordOp {
    RecordOp::Create { record: record(number), commitment: SUITE.hash(&[b"row", &[number]]) }
}

pub(crate) fn update(number: u8, expected_version: u32) -> RecordOp {
    RecordOp::Update {
        record: record(number),
        expected_version,
        commitment: SUITE.hash(&[&[number], &expected_version.to_le_bytes()]),
    }
}

pub(crate) fn delete(number: u8, expected_version: u32) -> RecordOp {
    RecordOp::Delete { record: record(number), expected_version }
}

pub(crate) const EVE: OfficerId = OfficerId::new([7; 16]);

/// Eve of housing reads; the answer stands in these lists.
pub(crate) fn access(network: Digest, request: u8, lists: Vec<ListKey>) -> Action {
    let secret = SUITE.secret_from_seed(&[1; 32]);
    let mut access = Access {
        request_id: RequestId::new([request; 16]),
        resource: divisions(),
        authority: AccessAuthority::Grant { grant: GrantId::new([1; 16]) },
        reader: "housing".parse().unwrap(),
        officer: EVE,
        officer_key: secret.public(),
        purpose: "eligibility-check".parse().unwrap(),
        legal_basis: "law".parse().unwrap(),
        lists: List::new(lists).unwrap(),
        request_digest: SUITE.hash(&[&[request]]),
        outcome: AccessOutcome::Answered { response_digest: SUITE.hash(&[b"sealed"]) },
        sealed_digest: SUITE.hash(&[b"part"]),
        gateway: GatewayId::new([2; 16]),
        gateway_key: secret.public(),
        officer_signature: secret.sign(b"unsigned yet"),
        gateway_signature: secret.sign(b"unsigned yet"),
    };
    access.officer_signature = secret.sign(&access.claim(network).message());
    access.gateway_signature = secret.sign(&access.gateway_message(&network));
    Action::RecordAccess(access)
}

fn genesis(voters: &[SecretKey], name: &str) -> Genesis {
    let parameters = Parameters {
        version: 1,
        release_lifetime_ms: 86_400_000,
        grant_term_ms_max: 1,
        pending_term_ms: 1,
        independence_ms: 1,
        legal_bases: List::empty(),
        purposes: List::empty(),
    };
    let policy_set = PolicySet { version: 1, revision: 1, schema: Source::new("").unwrap(), policies: List::empty() };
    let objects = GenesisObjects {
        parameters,
        policy_set,
        organizations: List::new(vec![organization("civil-affairs"), organization("housing")]).unwrap(),
        officers: List::empty(),
        gateways: List::empty(),
        duties: List::empty(),
        resources: List::empty(),
        grants: List::empty(),
        calendar: gongxin_types::Calendar::plain(),
    };
    let validators = voters.iter().enumerate().map(|(index, voter)| Validator {
        name: format!("validator-{index}").parse().unwrap(),
        organization: "civil-affairs".parse().unwrap(),
        key: ConsensusKey(voter.public().as_bytes().try_into().unwrap()),
    });
    let head = NetworkHead {
        version: 1,
        name: name.parse().unwrap(),
        suite: SUITE,
        protocol_version: 1,
        time: Time::from_millis(1_000),
        time_scale: 1,
        validators: List::new(validators.collect()).unwrap(),
        objects: objects.digest(SUITE),
    };
    Genesis { head, objects }
}

impl Chain {
    pub(crate) fn new(name: &str) -> Self {
        let mut voters: Vec<SecretKey> = (1..=4).map(|seed| SUITE.secret_from_seed(&[seed; 32])).collect();
        voters.sort_by_key(|voter| voter.public().as_bytes().to_vec());
        let genesis = genesis(&voters, name);
        let (slots, lists, duties) = Default::default();
        Self { genesis, voters, blocks: Vec::new(), slots, lists, duties, sequence: 0 }
    }

    /// Makes one certified block with one transaction for each list of actions.
    pub(crate) fn block(&mut self, transactions: Vec<Vec<Action>>) -> &mut Self {
        self.uncertified(transactions);
        self.certify()
    }

    /// Makes a block that no certificate of its own.
    pub(crate) fn uncertified(&mut self, transactions: Vec<Vec<Action>>) -> &mut Self {
        let mut receipts = BlockReceipts::default();
        let mut signed = Vec::new();
        let parent = self.tip();
        let time = parent.time.plus_millis(100);
        for actions in transactions {
            let transaction = self.sign(actions);
            let id = transaction.id(SUITE);
            let results = transaction.body.actions.iter().enumerate();
            let results = results.map(|(index, action)| self.execute(&transaction, id, index, action, time)).collect();
            receipts.transactions.push(TransactionReceipts { actions: results });
            signed.push(transaction);
        }
        let leaves: Vec<Digest> = signed
            .iter()
            .map(|transaction| {
                merkle::leaf_hash(SUITE, &Transaction::leaf(&transaction.id(SUITE), &transaction.signature))
            })
            .collect();
        let header = Header {
            height: parent.height.next(),
            parent: parent.digest(),
            time,
            transactions_root: merkle::root_of_hashes(SUITE, &leaves),
            receipts_root: receipts.root(SUITE),
            ..parent
        };
        self.blocks.push(FinalizedBlock { header, certificate: None, transactions: signed, receipts });
        self
    }

    /// Gives the last block a certificate.
    pub(crate) fn certify(&mut self) -> &mut Self {
        let certificate = self.blocks.last().map(|block| self.votes(&block.header, &[0, 1, 3])).unwrap();
        self.blocks.last_mut().unwrap().certificate = Some(certificate);
        self
    }

    /// The votes of these validators for a header.
    pub(crate) fn votes(&self, header: &Header, validators: &[u16]) -> Certificate {
        let (view, digest) = (header.height.get() + 5, header.digest());
        let message = vote_message(&header.network, 0, view, view - 1, &digest);
        let votes = validators.iter().map(|validator| Vote {
            validator: *validator,
            signature: self.voters[usize::from(*validator)].sign(&message).as_bytes().try_into().unwrap(),
        });
        let votes = List::new(votes.collect()).unwrap();
        Certificate { epoch: 0, view, parent_view: view - 1, header: digest, votes }
    }

    pub(crate) fn tip(&self) -> Header {
        let head = &self.genesis.head;
        let genesis = || Header {
            version: 1,
            network: head.id(),
            protocol_version: 1,
            height: Height::GENESIS,
            parent: HeaderDigest([0; 32]),
            time: head.time,
            transactions_root: SUITE.hash(&[]),
            receipts_root: BlockReceipts::default().root(SUITE),
            state: List::empty(),
            epoch: 0,
            validators_root: head.validators_root(),
            next_validators_root: head.validators_root(),
            engine: EngineContext(List::empty()),
        };
        self.blocks.last().map_or_else(genesis, |block| block.header.clone())
    }

    fn sign(&mut self, actions: Vec<Action>) -> Transaction {
        self.sequence += 1;
        let secret = SUITE.secret_from_seed(&[9; 32]);
        let organization = "civil-affairs".parse().unwrap();
        let body = Body {
            version: 1,
            network: self.genesis.head.id(),
            sender: transaction::Sender {
                organization,
                actor: Actor::Officer(OfficerId::new([3; 16])),
                key: secret.public(),
            },
            lane: 0,
            sequence: self.sequence,
            valid_until: Time::from_millis(600_000),
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(actions).unwrap(),
        };
        let signature = secret.sign(&Transaction::message(&body.id(SUITE)));
        Transaction { body, signature }
    }

    fn execute(
        &mut self,
        transaction: &Transaction,
        id: TransactionId,
        index: usize,
        action: &Action,
        time: Time,
    ) -> ActionResult {
        let done = match action {
            Action::WriteRecords(batch) => self.write_records(batch).map(|writes| (writes, Vec::new())),
            Action::RecordAccess(access) => Some(self.list(access)),
            Action::RegisterDuty(duty) => Some((self.duty(duty, None), Vec::new())),
            Action::AmendDuty(duty) => Some((self.duty(duty, Some(duty.revision - 1)), Vec::new())),
            Action::NotariseEvidence(evidence) => {
                let id = EvidenceId::of(SUITE, &transaction.body.sender.organization, &evidence.digest);
                let slot = EvidenceSlot { time, officer: OfficerId::new([3; 16]) };
                Some((pages(7, &codec::encode(&id), &codec::encode(&slot)), Vec::new()))
            }
            _ => None,
        };
        let refusal = done.is_none().then_some(Refusal::Policy);
        let (writes, events) = done.unwrap_or_default();
        let effect = if refusal.is_some() { Effect::Deny } else { Effect::Allow };
        let receipt = ActionReceipt {
            version: 1,
            transaction: id,
            index: index.try_into().unwrap(),
            sender: transaction.body.sender.clone(),
            action: action.code(),
            action_digest: action.digest(SUITE),
            decision: Decision { effect, policies: List::empty(), refusal },
            policy_revision: 1,
            requests_digest: SUITE.hash(&[]),
            writes: writes.len().try_into().unwrap(),
            writes_root: writes_root(SUITE, &writes),
            events: List::new(events).unwrap(),
        };
        ActionResult { receipt, writes }
    }

    /// Refuses the whole batch when a version is not the expected one.
    fn write_records(&mut self, batch: &RecordBatch) -> Option<Vec<Write>> {
        let mut slots = self.slots.clone();
        let mut writes = Vec::new();
        for operation in &batch.operations {
            let before = slots.get(&operation.record());
            let expected = match operation {
                RecordOp::Create { .. } => before.is_none(),
                RecordOp::Update { expected_version, .. } | RecordOp::Delete { expected_version, .. } => {
                    before.is_some_and(|slot| slot.version == *expected_version && slot.commitment.is_some())
                }
            };
            if !expected {
                return None;
            }
            let (version, head) = before.map_or((0, HistoryEntry::origin(SUITE)), |slot| (slot.version, slot.history));
            let (legal_basis, effective) = (batch.legal_basis.clone(), batch.effective);
            let entry = HistoryEntry { version: version + 1, operation: operation.clone(), legal_basis, effective };
            let slot = RecordSlot {
                version: version + 1,
                commitment: operation.commitment(),
                history: entry.chain(SUITE, &head),
            };
            writes.extend(pages(6, &codec::encode(&(&batch.resource, operation.record())), &codec::encode(&slot)));
            slots.insert(operation.record(), slot);
        }
        self.slots = slots;
        Some(writes)
    }

    fn list(&mut self, access: &Access) -> (Vec<Write>, Vec<Event>) {
        let events = access.lists.iter().map(|list| {
            let before = self.lists.get(list).cloned().unwrap_or_else(|| ListSlot::empty(SUITE));
            let after = before.with(SUITE, &access.digest(SUITE));
            self.lists.insert(*list, after.clone());
            Event::AccessListed { list: *list, count: after.count, head: after.head }
        });
        (Vec::new(), events.collect())
    }

    /// The pages of a duty that differ from those of the revision before.
    fn duty(&mut self, duty: &Duty, before: Option<u32>) -> Vec<Write> {
        self.duties.insert(duty.id.clone(), duty.revision);
        let id = codec::encode(&duty.id);
        let old = before.map(|revision| pages(4, &id, &codec::encode(&self::duty(revision)))).unwrap_or_default();
        pages(4, &id, &codec::encode(duty)).into_iter().filter(|write| !old.contains(write)).collect()
    }
}

/// The writes of a noun, as docs/spec/state.md gives them.
fn pages(kind: u8, id: &[u8], noun: &[u8]) -> Vec<Write> {
    let bytes = [&u16::try_from(noun.len()).unwrap().to_le_bytes(), noun].concat();
    let write = |(index, chunk): (usize, &[u8])| {
        let mut page = [0; 128];
        page[..chunk.len()].copy_from_slice(chunk);
        let index = u32::try_from(index).unwrap().to_le_bytes();
        let key = SUITE.tagged("gongxin-key-1", &[&[kind], id, &index]).as_bytes().try_into().unwrap();
        Write { key: Key { table: Table::Objects, key }, page: Some(Page(page)) }
    };
    bytes.chunks(128).enumerate().map(write).collect()
}

/// A chain with something of everything in it.
pub(crate) fn story() -> Chain {
    let mut chain = Chain::new("story");
    let network = chain.genesis.head.id();
    let evidence = Evidence {
        digest: SUITE.hash(&[b"a document"]),
        media_type: "application/pdf".parse().unwrap(),
        legal_basis: "law".parse().unwrap(),
    };
    let (first, second) = (ListKey::Record { record: record(1) }, ListKey::Record { record: record(2) });
    chain.block(vec![vec![Action::RegisterDuty(duty(1))], vec![batch((1..=9).map(create).collect())]]);
    chain.block(vec![]);
    chain.uncertified(vec![vec![access(network, 1, vec![first]), batch(vec![update(1, 1), delete(2, 1)])]]);
    chain.uncertified(vec![vec![batch(vec![update(1, 1)])], vec![Action::NotariseEvidence(evidence)]]);
    chain.block(vec![vec![access(network, 2, vec![first, second])], vec![Action::AmendDuty(duty(2))]]);
    chain.block(vec![vec![batch(vec![update(1, 2)]), access(network, 3, vec![first])]]);
    chain
}

//! A small network that always makes the same blocks: keys, times and identifiers follow from labels.

use gongxin_crypto::{Digest, SecretKey, Suite, merkle};
use gongxin_types::bundle::{BUNDLE_FORMAT, Bundle, Encoded, Network, Path, Subject};
use gongxin_types::certificate::Vote;
use gongxin_types::genesis::{ConsensusKey, NetworkHead, Validator};
use gongxin_types::header::{EngineContext, StateRoot};
use gongxin_types::receipt::{ActionResult, BlockReceipts, Key, Page, Table, TransactionReceipts};
use gongxin_types::{Action, Certificate, Header, HeaderDigest, Height, List, Time, Write, codec};
use gongxin_verify::certificate::vote_message;

mod acts;
mod epochs;

pub(crate) use acts::{allow, deny, granted, slot_write};
pub(crate) use epochs::Serving;

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
        let mut voters: Vec<SecretKey> = (0..count)
            .map(|number| Suite::Intl.secret_from_seed(&bytes(&format!("{name} validator {number}"))))
            .collect();
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
        Certificate {
            epoch: 0,
            view,
            parent_view: view.saturating_sub(1),
            header: digest,
            votes: list(votes.collect()),
        }
    }

    /// A block of these acts; each is the only one of its transaction.
    pub(crate) fn block(&self, height: u64, acts: Vec<Act>) -> Block {
        let results = acts.iter().map(|act| TransactionReceipts { actions: vec![act.result.clone()] });
        let replay =
            Write { key: Key { table: Table::Objects, key: bytes("replay window") }, page: Some(page(&[7, 1])) };
        let receipts = BlockReceipts { due: vec![], transactions: results.collect(), writes: vec![replay] };
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
            parent: HeaderDigest(bytes(&format!("header {}", height.saturating_sub(1)))),
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
        let empty = BlockReceipts::default();
        Header { parent: parent.digest(), ..self.header(parent.height.get() + 1, empty.root(self.suite)) }
    }

    /// The receipt of act `number` of a block, with this subject.
    pub(crate) fn bundle(
        &self,
        block: &Block,
        number: usize,
        subject: Subject,
        headers: &[Header],
        votes: Certificate,
    ) -> Bundle {
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
        self.bundle(
            block,
            number,
            subject,
            std::slice::from_ref(&block.header),
            self.certify(&block.header, &[0, 1, 2]),
        )
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
        let writes: Vec<Digest> =
            result.writes.iter().map(|one| merkle::leaf_hash(self.suite, &codec::encode(one))).collect();
        let write = result.writes.get(operation);
        let subject = Subject::Operation {
            batch: encoded(&batch.head(self.suite)),
            operation: encoded(&batch.operations[operation]),
            operation_path: path(self.suite, &operations, operation),
            write: write.map(encoded),
            write_path: write.map(|_| path(self.suite, &writes, operation)),
        };
        self.bundle(
            block,
            number,
            subject,
            std::slice::from_ref(&block.header),
            self.certify(&block.header, &[0, 1, 2]),
        )
    }
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
    Path { index: index as u64, size: leaves.len() as u64, hashes: list(merkle::path(suite, leaves, index)) }
}

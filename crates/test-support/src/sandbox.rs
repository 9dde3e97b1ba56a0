//! The sandbox: a ledger in memory that executes with the real rules.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use gongxin_crypto::{Digest, Suite};
use gongxin_state::{BlockContext, Caches, ExecuteError, Executed, Key, Page};
use gongxin_types::genesis::validators_root;
use gongxin_types::header::EngineContext;
use gongxin_types::receipt::BlockReceipts;
use gongxin_types::row::{CellText, Row, Salt, Value};
use gongxin_types::transaction::Body;
use gongxin_types::{
    Action, ActionReceipt, Atomicity, FieldName, FinalizedBlock, Genesis, Grant, GrantId, Header, HeaderDigest, Height,
    List, RecordBatch, RecordId, RecordOp, Role, Time, Transaction,
};

use crate::cast::{Cast, Person, bytes};
use crate::pages;
use crate::validators::Validators;
use crate::world::{self, DIVISIONS, DIVISIONS_BASIS, list};

/// How long after its parent a block comes, unless a test lets time pass.
pub const BLOCK_INTERVAL_MS: u64 = 100;

/// Compiling the default policies takes longer than most tests. What stands behind a digest never changes.
static CACHES: LazyLock<Arc<Caches>> = LazyLock::new(Arc::default);

/// A ledger in memory.
#[derive(Debug)]
pub struct Sandbox {
    /// The network's suite.
    pub suite: Suite,
    /// What everything follows from.
    pub seed: u64,
    /// Who acts.
    pub cast: Cast,
    /// Who votes.
    pub validators: Validators,
    /// What it began with.
    pub genesis: Genesis,
    /// The state: every page.
    pub pages: BTreeMap<Key, Page>,
    /// Finalized blocks from height 1.
    pub blocks: Vec<FinalizedBlock>,
    /// Rounds of loading that the last block needed.
    pub rounds: usize,
    caches: Arc<Caches>,
    header: Header,
    waited_ms: u64,
    sequence: AtomicU64,
}

impl Sandbox {
    /// A network with the production suite.
    pub fn new() -> Self {
        Self::with(Suite::Intl, 1)
    }

    /// A network of this suite and seed.
    pub fn with(suite: Suite, seed: u64) -> Self {
        let (cast, validators) = (Cast::new(suite, seed), Validators::new(seed));
        let genesis = world::genesis(suite, &cast, &validators, seed);
        Self::of(genesis, cast, validators, seed)
    }

    /// A network of a genesis that a test has changed. Its head is made to name its objects.
    pub fn of(mut genesis: Genesis, cast: Cast, validators: Validators, seed: u64) -> Self {
        let suite = genesis.head.suite;
        genesis.head.objects = genesis.objects.digest(suite);
        let pages = gongxin_state::genesis(&genesis).expect("a sound genesis");
        let header = genesis_header(&genesis);
        Self {
            suite,
            seed,
            cast,
            validators,
            genesis,
            pages,
            blocks: Vec::new(),
            rounds: 0,
            caches: Arc::clone(&CACHES),
            header,
            waited_ms: 0,
            sequence: AtomicU64::new(1),
        }
    }

    /// The network's identity.
    pub fn network(&self) -> Digest {
        self.genesis.head.id()
    }

    /// The latest header; that of genesis at first.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Consensus time of the next block.
    pub fn now(&self) -> Time {
        self.header.time.plus_millis(BLOCK_INTERVAL_MS.max(self.waited_ms))
    }

    /// Lets time pass before the next block, as a run of empty blocks would.
    pub fn wait(&mut self, millis: u64) {
        self.waited_ms = self.waited_ms.saturating_add(millis);
    }

    /// Decodes parameters and policies anew, as a restarted node does.
    pub fn forget_caches(&mut self) {
        self.caches = Arc::default();
    }

    /// The officer of this organization with this role.
    pub fn officer(&self, organization: &str, role: Role) -> &Person {
        self.cast.officer(organization, role)
    }

    /// A signed transaction under the next sequence number, each action on its own, valid for five minutes.
    pub fn sign(&self, person: &Person, actions: impl IntoIterator<Item = Action>) -> Transaction {
        sign(self.suite, person, self.body(person, actions))
    }

    /// A signed transaction that is all or nothing.
    pub fn sign_whole(&self, person: &Person, actions: impl IntoIterator<Item = Action>) -> Transaction {
        let body = Body { atomicity: Atomicity::AllOrNothing, ..self.body(person, actions) };
        sign(self.suite, person, body)
    }

    /// A body under the next sequence number.
    pub fn body(&self, person: &Person, actions: impl IntoIterator<Item = Action>) -> Body {
        Body {
            version: 1,
            network: self.network(),
            sender: person.sender(),
            lane: 0,
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed),
            valid_until: self.now().plus_millis(300_000),
            atomicity: Atomicity::EachOnItsOwn,
            actions: list(actions),
        }
    }

    /// Executes transactions as the next block, with a certificate of a quorum.
    ///
    /// # Errors
    /// When one of them may not stand in the block; then nothing happened.
    pub fn block(&mut self, transactions: Vec<Transaction>) -> Result<FinalizedBlock, ExecuteError> {
        self.block_of(transactions, true)
    }

    /// The same without a certificate: the next certified block makes it final.
    ///
    /// # Errors
    /// See [`Sandbox::block`].
    pub fn block_uncertified(&mut self, transactions: Vec<Transaction>) -> Result<FinalizedBlock, ExecuteError> {
        self.block_of(transactions, false)
    }

    /// One action of one sender in a block of its own; what became of it.
    pub fn act(&mut self, transaction: Transaction) -> ActionReceipt {
        let block = self.block(vec![transaction]).expect("a transaction that may be included");
        let results = block.receipts.transactions.into_iter().flat_map(|receipts| receipts.actions);
        results.into_iter().next().expect("a receipt").receipt
    }

    /// Executes without keeping anything, with the pages loaded as asked for.
    ///
    /// # Errors
    /// When a transaction may not stand in the block.
    pub fn execute(&self, time: Time, transactions: &[Transaction]) -> Result<(Executed, usize), ExecuteError> {
        match pages::execute(&self.pages, &self.caches, &self.context(time), transactions) {
            Err(ExecuteError::Missing(wanted)) => panic!("still missing pages in the last round: {}", wanted.len()),
            executed => executed,
        }
    }

    /// The context of the next block at this time.
    pub fn context(&self, time: Time) -> BlockContext {
        BlockContext { suite: self.suite, network: self.network(), height: self.header.height.next(), time }
    }

    fn block_of(&mut self, transactions: Vec<Transaction>, certified: bool) -> Result<FinalizedBlock, ExecuteError> {
        let time = self.now();
        let (executed, rounds) = self.execute(time, &transactions)?;
        self.rounds = rounds;
        pages::apply(&mut self.pages, &executed);
        let next = executed.validators.as_ref().map(|set| validators_root(self.suite, &set.validators));
        let header = Header {
            epoch: self.header.next_epoch(),
            protocol_version: executed.protocol_version,
            validators_root: self.header.next_validators_root,
            next_validators_root: next.unwrap_or(self.header.next_validators_root),
            height: self.header.height.next(),
            parent: self.header.digest(),
            time,
            transactions_root: gongxin_state::transactions_root(self.suite, &transactions),
            receipts_root: executed.receipts_root,
            engine: EngineContext(list(self.header.height.next().get().to_le_bytes())),
            ..self.header.clone()
        };
        let voters = if certified { self.validators.quorum() } else { 0 };
        let certificate = self.validators.certify(&self.genesis.head, header.height, header.digest(), voters);
        if let Some(set) = &executed.validators {
            self.validators.hand_over(set);
        }
        self.header = header.clone();
        self.waited_ms = 0;
        let certificate = certified.then_some(certificate);
        let block = FinalizedBlock { header, certificate, transactions, receipts: executed.receipts };
        self.blocks.push(block.clone());
        Ok(block)
    }

    /// A record identifier that follows from the seed and a label.
    pub fn record_id(&self, label: &str) -> RecordId {
        RecordId::new(bytes(self.seed, "record", label))
    }

    /// A version of a division's row: its salt and the row.
    pub fn division(&self, code: &str, name: &str) -> (Salt, Row) {
        let value = |text: &str| Value::Text(CellText::new(text).expect("a value"));
        (Salt(bytes(self.seed, "salt", &format!("{code}/{name}"))), Row(list([value(code), value(name)])))
    }

    /// The commitment of a version of a division's row.
    pub fn commitment(&self, code: &str, name: &str) -> Digest {
        let (salt, row) = self.division(code, name);
        row.commitment(self.suite, &salt, &world::divisions())
    }

    /// The creation of a division as the record named by its code.
    pub fn create(&self, code: &str, name: &str) -> RecordOp {
        RecordOp::Create { record: self.record_id(code), commitment: self.commitment(code, name) }
    }

    /// A further version of the record named by the code.
    pub fn update(&self, code: &str, name: &str, expected_version: u32) -> RecordOp {
        RecordOp::Update { record: self.record_id(code), expected_version, commitment: self.commitment(code, name) }
    }

    /// The end of the record named by the code.
    pub fn delete(&self, code: &str, expected_version: u32) -> RecordOp {
        RecordOp::Delete { record: self.record_id(code), expected_version }
    }

    /// A batch of operations on the divisions.
    pub fn batch(&self, operations: impl IntoIterator<Item = RecordOp>) -> Action {
        Action::WriteRecords(RecordBatch {
            resource: DIVISIONS.parse().expect("a resource's name"),
            legal_basis: DIVISIONS_BASIS.parse().expect("a legal basis"),
            effective: gongxin_types::Date::new(2024, 12, 31).expect("a date"),
            operations: list(operations),
        })
    }

    /// A grant of the divisions to this reader, for handling cases, until this time.
    pub fn grant(&self, label: &str, reader: &str, fields: &[&str], until: Time) -> Grant {
        let fields = fields.iter().map(|name| name.parse::<FieldName>().expect("a field's name"));
        Grant {
            version: 1,
            id: GrantId::new(bytes(self.seed, "grant", label)),
            resource: DIVISIONS.parse().expect("a resource's name"),
            reader: reader.parse().expect("an organization's name"),
            fields: list(fields),
            purpose: "case-handling".parse().expect("a purpose"),
            legal_basis: "sharing-regulation-art-20".parse().expect("a legal basis"),
            until,
            revoked: None,
        }
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Signs a body.
pub fn sign(suite: Suite, person: &Person, body: Body) -> Transaction {
    let signature = person.secret.sign(&Transaction::message(&body.id(suite)));
    Transaction { body, signature }
}

/// The header of genesis: every node derives it, none certifies it.
pub fn genesis_header(genesis: &Genesis) -> Header {
    let head = &genesis.head;
    let nothing = BlockReceipts::default();
    Header {
        version: 1,
        network: head.id(),
        protocol_version: head.protocol_version,
        height: Height::GENESIS,
        parent: HeaderDigest([0; 32]),
        time: head.time,
        transactions_root: gongxin_state::transactions_root(head.suite, &[]),
        receipts_root: nothing.root(head.suite),
        state: List::empty(),
        epoch: 0,
        validators_root: head.validators_root(),
        next_validators_root: head.validators_root(),
        engine: EngineContext(List::empty()),
    }
}

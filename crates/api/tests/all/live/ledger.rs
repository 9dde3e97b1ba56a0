//! A ledger of one validator: real rules, real certificates, and blocks that come when the test says so.

use std::{
    future,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use gongxin_api::{
    ValidatorPort, validator,
    validator_port::{
        Answer, Found, Position, ProofError, StateProof, Submission, SubmitError, TransactionState, WaitOutcome,
    },
};
use gongxin_client::wire::{OperatorReport, StatusReport};
use gongxin_state::Freshness;
use gongxin_test_support::Sandbox;
use gongxin_types::{
    FinalizedBlock, Height, Network, Transaction, TransactionId, alert::Finding, codec, genesis::ConsensusKey,
    receipt::Key,
};
use tokio::{net::TcpListener, sync::watch, time::timeout};

/// How long a test waits for what must happen: a machine under load is slow, and no test waits in vain.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Beyond the term of everything that an office signs by itself.
const TERM_MS: u64 = 61_000;

/// The ledger, as the test holds it.
pub(crate) struct Ledger {
    state: Arc<Mutex<State>>,
    progress: watch::Sender<Progress>,
}

struct State {
    sandbox: Sandbox,
    waiting: Vec<Transaction>,
    /// Whether a transaction becomes a block as soon as it is handed in.
    running: bool,
    /// What its validator says that it has found out.
    found: Found,
    /// Says no to whatever is handed in.
    refusing: bool,
}

/// What others wait for.
#[derive(Clone, Copy)]
struct Progress {
    height: Height,
    waiting: usize,
    /// How often something was handed in.
    handed_in: usize,
}

impl Ledger {
    /// A ledger that runs.
    pub(crate) fn new() -> Arc<Self> {
        let state = State {
            sandbox: Sandbox::new(),
            waiting: Vec::new(),
            running: true,
            found: Found::default(),
            refusing: false,
        };
        let progress = watch::Sender::new(Progress { height: Height::GENESIS, waiting: 0, handed_in: 0 });
        Arc::new(Self { state: Arc::new(Mutex::new(state)), progress })
    }

    /// Serves it on a free port; its base URL.
    pub(crate) async fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(gongxin_api::serve(listener, validator::router(self.clone()), future::pending()));
        base
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// From now on its validator says that it has found this out.
    pub(crate) fn finds(&self, findings: Vec<Finding>) {
        self.state().found = Found { watching: true, findings };
    }

    /// Looks at the sandbox behind it.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&Sandbox) -> T) -> T {
        at(&self.state().sandbox)
    }

    /// From now on whatever is handed in waits until the test makes a block.
    pub(crate) fn halt(&self) {
        self.state().running = false;
    }

    /// It runs again: whatever is handed in becomes a block at once.
    pub(crate) fn run(&self) {
        self.state().running = true;
    }

    /// From now on, or no longer, whatever is handed in is refused as if its sequence number had been used.
    pub(crate) fn refuses(&self, refusing: bool) {
        self.state().refusing = refusing;
    }

    /// The validator dies with what waits at it, and comes back with nothing.
    pub(crate) fn forgets(&self) {
        let mut state = self.state();
        state.waiting.clear();
        self.progressed(&state);
    }

    /// Time passes, in a block of nothing else.
    pub(crate) fn passes(&self, millis: u64) -> Height {
        let mut state = self.state();
        state.sandbox.wait(millis);
        self.append(&mut state, Vec::new()).header.height
    }

    /// A block of everything that waits, behind these.
    pub(crate) fn block(&self, first: Vec<Transaction>) -> FinalizedBlock {
        let mut state = self.state();
        let mut transactions = first;
        transactions.append(&mut state.waiting);
        self.append(&mut state, transactions)
    }

    /// A block in which nothing of what waits stands.
    pub(crate) fn block_of_others(&self) -> Height {
        self.append(&mut self.state(), Vec::new()).header.height
    }

    /// Time passes until what waits can never become final: no block takes it.
    pub(crate) fn outlast(&self) -> Height {
        let mut state = self.state();
        state.waiting.clear();
        state.sandbox.wait(TERM_MS);
        self.append(&mut state, Vec::new()).header.height
    }

    /// How many transactions wait.
    pub(crate) fn waiting(&self) -> usize {
        self.progress.borrow().waiting
    }

    /// Returns when so many transactions wait.
    pub(crate) async fn holds(&self, count: usize) {
        let mut progress = self.progress.subscribe();
        let held = progress.wait_for(|progress| progress.waiting == count);
        timeout(PATIENCE, held).await.expect("nothing was handed in").unwrap();
    }

    /// Returns when the sandbox behind it is as described.
    pub(crate) async fn becomes(&self, so: impl Fn(&Sandbox) -> bool) {
        let mut progress = self.progress.subscribe();
        let there = async {
            while !self.look(&so) {
                progress.changed().await.unwrap();
            }
        };
        timeout(PATIENCE, there).await.expect("it does not become so");
    }

    /// How often something was handed in.
    pub(crate) fn handed_in(&self) -> usize {
        self.progress.borrow().handed_in
    }

    /// Returns when something has been handed in so often.
    pub(crate) async fn was_handed_in(&self, times: usize) {
        let mut progress = self.progress.subscribe();
        let handed_in = progress.wait_for(|progress| progress.handed_in >= times);
        timeout(PATIENCE, handed_in).await.expect("nothing was handed in").unwrap();
    }

    fn append(&self, state: &mut State, transactions: Vec<Transaction>) -> FinalizedBlock {
        let block = state.sandbox.block(transactions).expect("transactions that may stand in a block");
        self.progressed(state);
        block
    }

    fn progressed(&self, state: &State) {
        let (height, waiting) = (state.sandbox.header().height, state.waiting.len());
        self.progress.send_modify(|progress| (progress.height, progress.waiting) = (height, waiting));
    }

    /// What every validator checks before a transaction may wait: its form, its term, every signature in it, and that its
    /// sequence number was not used.
    fn take(&self, bytes: &Bytes) -> Result<Submission, SubmitError> {
        let invalid = |reason: String| SubmitError::Invalid { reason };
        let transaction = Transaction::from_bytes(bytes).map_err(|error| invalid(error.to_string()))?;
        let mut state = self.state();
        self.progress.send_modify(|progress| progress.handed_in += 1);
        if state.refusing {
            return Err(SubmitError::Conflict);
        }
        let (sandbox, suite) = (&state.sandbox, state.sandbox.suite);
        let id = transaction.id(suite);
        if let Some(position) = position(sandbox, id) {
            return Ok(Submission { id, position: Some(position) });
        }
        let context = sandbox.context(sandbox.header().time);
        gongxin_state::admissible(&transaction, &context).map_err(|error| invalid(error.to_string()))?;
        for check in gongxin_state::signature_checks(suite, &transaction) {
            let good = suite.verify(&check.key, &check.message, &check.signature);
            good.map_err(|_| invalid("a signature of the transaction does not verify".into()))?;
        }
        let window = sandbox.pages.get(&gongxin_state::replay_key(&transaction.body));
        if gongxin_state::freshness(window, transaction.body.sequence) != Freshness::Fresh {
            return Err(SubmitError::Conflict);
        }
        if state.waiting.iter().all(|one| one.id(suite) != id) {
            state.waiting.push(transaction);
        }
        if state.running {
            let transactions = std::mem::take(&mut state.waiting);
            self.append(&mut state, transactions);
        }
        self.progressed(&state);
        Ok(Submission { id, position: position(&state.sandbox, id) })
    }
}

/// The canonical bytes of a block.
fn bytes(state: &Mutex<State>, height: Height) -> Option<Bytes> {
    let index = usize::try_from(height.get()).unwrap().checked_sub(1)?;
    state.lock().unwrap().sandbox.blocks.get(index).map(|block| codec::encode(block).into())
}

/// Where a final transaction stands.
fn position(sandbox: &Sandbox, id: TransactionId) -> Option<Position> {
    let is = |transaction: &Transaction| transaction.id(sandbox.suite) == id;
    sandbox.blocks.iter().find_map(|block| {
        let index = block.transactions.iter().position(is)?;
        Some(Position { height: block.header.height, index: u32::try_from(index).unwrap() })
    })
}

fn ready<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(future::ready(answer))
}

impl ValidatorPort for Ledger {
    fn submit(&self, bytes: Bytes) -> Answer<'_, Result<Submission, SubmitError>> {
        ready(self.take(&bytes))
    }

    fn wait_final(&self, id: TransactionId, _: Duration) -> Answer<'_, WaitOutcome> {
        ready(self.look(|sandbox| position(sandbox, id)).map_or(WaitOutcome::Timeout, WaitOutcome::Final))
    }

    fn transaction(&self, id: TransactionId) -> Answer<'_, TransactionState> {
        let state = self.state();
        let waits = state.waiting.iter().any(|one| one.id(state.sandbox.suite) == id);
        ready(match position(&state.sandbox, id) {
            Some(position) => TransactionState::Final(position),
            None if waits => TransactionState::Pending,
            None => TransactionState::Unknown,
        })
    }

    fn block(&self, height: Height) -> Answer<'_, Option<Bytes>> {
        ready(bytes(&self.state, height))
    }

    fn follow(&self, from: Height) -> BoxStream<'static, Bytes> {
        let (state, progress) = (self.state.clone(), self.progress.subscribe());
        stream::unfold((state, progress, from), |(state, mut progress, next)| async move {
            progress.wait_for(|progress| progress.height >= next).await.ok()?;
            let bytes = bytes(&state, next)?;
            Some((bytes, (state, progress, next.next())))
        })
        .boxed()
    }

    fn state_proof(&self, _: Key) -> Answer<'_, Result<StateProof, ProofError>> {
        ready(Err(ProofError::NotNow { reason: "headers of this ledger name no state".into() }))
    }

    fn network(&self) -> Network {
        self.look(|sandbox| Network::of(&sandbox.genesis.head))
    }

    fn status(&self) -> StatusReport {
        let state = self.state();
        let header = state.sandbox.header();
        StatusReport {
            network: header.network,
            role: "validator".into(),
            height: header.height,
            time: Some(header.time),
            header: Some(header.digest()),
            view: header.height.get(),
            epoch: 0,
            leader: true,
            leader_key: None,
            key: ConsensusKey([1; 32]),
            peers: 0,
            mempool_transactions: 0,
            mempool_bytes: 0,
            syncing: false,
            voting: true,
            clock_fault: false,
            operator: OperatorReport::default(),
        }
    }

    fn findings(&self) -> Found {
        self.state().found.clone()
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn metrics(&self) -> Answer<'_, String> {
        ready(String::new())
    }
}

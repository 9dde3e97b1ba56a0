//! Execute a block: what is due, then every transaction in order, every action with its receipt.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use gongxin_crypto::{Digest, Suite, merkle};
use gongxin_types::receipt::{BlockReceipts, Key, Page, Write, writes_root};
use gongxin_types::{
    Action, ActionReceipt, ActionResult, Atomicity, Decision, Effect, List, PolicyId, Refusal, Transaction,
    TransactionId, TransactionReceipts, ValidatorSet, codec, limits::DECIDING_POLICIES_MAX,
};

use crate::act::act;
use crate::admission::{self, BlockContext, InvalidTransaction};
use crate::agenda::{self, Begun};
use crate::caches::Caches;
use crate::needs;
use crate::policy::Request;
use crate::protocol::{self, PROTOCOL_VERSIONS};
use crate::replay::{self, Freshness, ReplayWindow};
use crate::scene::{Scene, Stage, Trace};
use crate::stop::{Halt, Judged, Stop};
use crate::term;
use crate::view::View;

/// What a block did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Receipts of every action, and the writes that belong to none.
    pub receipts: BlockReceipts,
    /// What stands in the state after the block where it wrote.
    pub writes: BTreeMap<Key, Option<Page>>,
    /// Root of the receipts tree.
    pub receipts_root: Digest,
    /// Who serves from the next block on, if others than now.
    pub validators: Option<ValidatorSet>,
    /// Version of the rules that executed it.
    pub protocol_version: u16,
}

/// Why a block could not be executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// These pages must be inserted into the view first; then call again.
    #[error("{} pages are not loaded yet", .0.len())]
    Missing(BTreeSet<Key>),
    /// A transaction that may not stand in this block: the block is invalid for ever.
    #[error("transaction {index} may not be included: {reason}")]
    Invalid {
        /// Its place.
        index: usize,
        /// Why.
        reason: InvalidTransaction,
    },
    /// Rules that this program does not have: nothing can be said of the block.
    #[error(
        "it needs version {0} of the rules, and this program has {first} to {last}: start a newer program",
        first = PROTOCOL_VERSIONS.start(),
        last = PROTOCOL_VERSIONS.end()
    )]
    UnknownVersion(u16),
    /// The state contradicts itself: a broken promise of our own, or damaged storage.
    #[error("the state is damaged: `{0}` does not decode")]
    Corrupt(&'static str),
}

/// Executes transactions over the pages of the view. Signatures were checked before.
///
/// # Errors
/// See [`ExecuteError`]; after `Missing` the same call with the pages inserted goes on.
pub fn execute(
    context: &BlockContext,
    caches: &Caches,
    view: &mut View,
    transactions: &[Transaction],
) -> Result<Executed, ExecuteError> {
    view.reset();
    match run(context, caches, view, transactions) {
        Ok(Ran { receipts, validators, protocol_version }) if !view.is_missing_any() => {
            let receipts_root = receipts.root(context.suite);
            Ok(Executed { receipts, writes: view.writes(), receipts_root, validators, protocol_version })
        }
        Ok(_) | Err(Failure::Missing) => {
            needs::touch(context.suite, transactions, view);
            Err(ExecuteError::Missing(view.take_missing()))
        }
        Err(Failure::Corrupt(what)) => Err(ExecuteError::Corrupt(what)),
        Err(Failure::UnknownVersion(version)) => Err(ExecuteError::UnknownVersion(version)),
        Err(Failure::Invalid { index, reason }) => Err(ExecuteError::Invalid { index, reason }),
    }
}

/// The root of the transactions tree.
pub fn transactions_root(suite: Suite, transactions: &[Transaction]) -> Digest {
    let leaves: Vec<Digest> = transactions
        .iter()
        .map(|transaction| {
            let id = transaction.id(suite);
            merkle::leaf_hash(suite, &Transaction::leaf(&id, &transaction.signature))
        })
        .collect();
    merkle::root_of_hashes(suite, &leaves)
}

struct Ran {
    receipts: BlockReceipts,
    validators: Option<ValidatorSet>,
    protocol_version: u16,
}

enum Failure {
    Missing,
    Corrupt(&'static str),
    UnknownVersion(u16),
    Invalid { index: usize, reason: InvalidTransaction },
}

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Missing => Self::Missing,
            Halt::Corrupt(what) => Self::Corrupt(what),
        }
    }
}

fn run(context: &BlockContext, caches: &Caches, view: &mut View, transactions: &[Transaction]) -> Result<Ran, Failure> {
    // All is begun before anything that is missing ends the pass, so that it is asked for at once. A calendar that takes effect
    // now changes no day that has begun.
    let (proposals, today) = (agenda::begin(context, view), caches.today(context, view));
    let protocol_version = protocol::in_force(view);
    let terms = today.and_then(|today| term::begin(view, today));
    let in_force = (!transactions.is_empty()).then(|| (caches.parameters(view), caches.rules(view)));
    let (Begun { writes: mut due, validators }, today, protocol_version) = (proposals?, today?, protocol_version?);
    if !PROTOCOL_VERSIONS.contains(&protocol_version) {
        return Err(Failure::UnknownVersion(protocol_version));
    }
    due.extend(terms?);
    let Some((parameters, rules)) = in_force else {
        let receipts = BlockReceipts { due, transactions: Vec::new(), writes: Vec::new() };
        return Ok(Ran { receipts, validators, protocol_version });
    };
    let (parameters, rules) = (parameters?, rules?);
    let stage = Stage { block: context, protocol_version, parameters: &parameters, rules: &rules, today };
    let mut block = Block { stage, windows: BTreeMap::new(), nothing: requests_digest(context.suite, &[]) };
    let mut receipts = Vec::with_capacity(transactions.len());
    for (index, transaction) in transactions.iter().enumerate() {
        match block.admit(view, transaction) {
            Ok(()) => {}
            // While pages are missing a key may only seem unknown: an earlier transaction of the block may register it.
            Err(Failure::Missing) => continue,
            Err(Failure::Invalid { .. }) if view.is_missing_any() => continue,
            Err(Failure::Invalid { reason, .. }) => return Err(Failure::Invalid { index, reason }),
            Err(failure @ (Failure::Corrupt(_) | Failure::UnknownVersion(_))) => return Err(failure),
        }
        receipts.push(block.transaction(view, transaction)?);
        view.commit();
    }
    let writes = block.close(view)?;
    let receipts = BlockReceipts { due, transactions: receipts, writes };
    Ok(Ran { receipts, validators, protocol_version })
}

/// The requests digest of a receipt (PROTOCOL 16).
fn requests_digest(suite: Suite, requests: &[Request]) -> Digest {
    codec::digest(suite, "gongxin-policy-requests-1", &requests)
}

struct Block<'a> {
    stage: Stage<'a>,
    windows: BTreeMap<Key, ReplayWindow>,
    // The requests digest where the rules were not asked.
    nothing: Digest,
}

impl Block<'_> {
    /// Whether the transaction may stand in the block; uses its sequence number.
    fn admit(&mut self, view: &mut View, transaction: &Transaction) -> Result<(), Failure> {
        let invalid = |reason| Failure::Invalid { index: 0, reason };
        admission::admissible(transaction, self.stage.block).map_err(invalid)?;
        let body = &transaction.body;
        let owner = view.page(&admission::sender_key(&body.sender)).map(|page| page.copied());
        let key = replay::replay_key(body);
        if let Entry::Vacant(vacant) = self.windows.entry(key)
            && let Some(window) = view.slot::<ReplayWindow>(&key)?
        {
            vacant.insert(window);
        }
        if !admission::is_registered(owner?.as_ref(), &body.sender) {
            return Err(invalid(InvalidTransaction::UnknownKey));
        }
        let Some(window) = self.windows.get_mut(&key) else {
            self.windows.insert(key, ReplayWindow::first(body.sequence));
            return Ok(());
        };
        match window.check(body.sequence) {
            Freshness::Fresh => window.mark(body.sequence),
            Freshness::Used => return Err(invalid(InvalidTransaction::SequenceUsed(body.sequence))),
            Freshness::TooOld => return Err(invalid(InvalidTransaction::SequenceTooOld(body.sequence))),
        }
        Ok(())
    }

    fn transaction(&self, view: &mut View, transaction: &Transaction) -> Result<TransactionReceipts, Failure> {
        let body = &transaction.body;
        let id = transaction.id(self.stage.block.suite);
        let start = view.savepoint();
        let mut actions = Vec::with_capacity(body.actions.len());
        let mut sunk = None;
        for (index, action) in body.actions.iter().enumerate() {
            let act = Act { id, index, action, transaction };
            let result = self.action(view, &act)?;
            // While pages are missing an action only seems refused: the others say what they need in the same pass.
            let refused = result.receipt.decision.effect == Effect::Deny && !view.is_missing_any();
            actions.push(result);
            if refused && body.atomicity == Atomicity::AllOrNothing {
                sunk = Some(index);
                break;
            }
        }
        if let Some(culprit) = sunk {
            view.roll_back(start);
            let rolled_back = |(index, action)| self.rolled_back(&Act { id, index, action, transaction });
            let culprit_result = actions.pop();
            let before = body.actions.iter().enumerate().take(culprit).map(rolled_back);
            let after = body.actions.iter().enumerate().skip(culprit.saturating_add(1)).map(rolled_back);
            actions = before.chain(culprit_result).chain(after).collect();
        }
        Ok(TransactionReceipts { actions })
    }

    fn action(&self, view: &mut View, action: &Act<'_>) -> Result<ActionResult, Failure> {
        let savepoint = view.savepoint();
        let mut trace = Trace::default();
        match self.judge(view, action, &mut trace) {
            Ok(()) => Ok(self.result(action, Effect::Allow, None, trace, view.writes_since(savepoint))),
            Err(stop) => {
                view.roll_back(savepoint);
                match stop {
                    Stop::Refused(refusal) => Ok(self.refused(action, refusal, trace)),
                    // Go on, to learn of further missing pages; the receipts of this pass are thrown away.
                    Stop::Halted(Halt::Missing) => Ok(self.rolled_back(action)),
                    Stop::Halted(Halt::Corrupt(what)) => Err(Failure::Corrupt(what)),
                }
            }
        }
    }

    fn judge(&self, view: &mut View, action: &Act<'_>, trace: &mut Trace) -> Judged {
        let mut scene = Scene::open(self.stage, view, &action.transaction.body.sender, trace)?;
        act(&mut scene, action.action)
    }

    fn refused(&self, action: &Act<'_>, refusal: Refusal, mut trace: Trace) -> ActionResult {
        trace.events.clear();
        if refusal != Refusal::Policy {
            // Policies that allowed it did not decide the refusal.
            trace.policies.clear();
        }
        self.result(action, Effect::Deny, Some(refusal), trace, Vec::new())
    }

    fn rolled_back(&self, action: &Act<'_>) -> ActionResult {
        self.refused(action, Refusal::RolledBack, Trace::default())
    }

    fn result(
        &self,
        action: &Act<'_>,
        effect: Effect,
        refusal: Option<Refusal>,
        trace: Trace,
        writes: Vec<Write>,
    ) -> ActionResult {
        let suite = self.stage.block.suite;
        let policies: Vec<PolicyId> = trace.policies.into_iter().take(DECIDING_POLICIES_MAX).collect();
        let requests_digest =
            if trace.requests.is_empty() { self.nothing } else { requests_digest(suite, &trace.requests) };
        let receipt = ActionReceipt {
            version: 1,
            transaction: action.id,
            index: u16::try_from(action.index).unwrap_or(u16::MAX),
            sender: action.transaction.body.sender.clone(),
            action: action.action.code(),
            action_digest: action.action.digest(suite),
            decision: Decision { effect, policies: List::new(policies).unwrap_or_default(), refusal },
            policy_revision: self.stage.rules.revision,
            requests_digest,
            writes: u32::try_from(writes.len()).unwrap_or(u32::MAX),
            writes_root: writes_root(suite, &writes),
            events: List::new(trace.events).unwrap_or_default(),
        };
        ActionResult { receipt, writes }
    }

    /// Writes the replay windows, which belong to no action.
    fn close(self, view: &mut View) -> Result<Vec<Write>, Failure> {
        let savepoint = view.savepoint();
        for (key, window) in &self.windows {
            view.put_slot(*key, window)?;
        }
        Ok(view.writes_since(savepoint))
    }
}

/// One action on its way.
struct Act<'a> {
    id: TransactionId,
    index: usize,
    action: &'a Action,
    transaction: &'a Transaction,
}

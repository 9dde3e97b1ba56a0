//! Apply one block: everything it says goes into the tables in one database transaction.

use gongxin_crypto::{Digest, Suite};
use gongxin_types::{
    Action, ActionReceipt, ActionResult, Effect as Outcome, FinalizedBlock, Genesis, Grant, Height, Pending, Proposal,
    Transaction, ValidatorSet, Write, codec,
};
use rusqlite::{Connection, params};

use crate::noun::{self, Noun, Place};
use crate::pages::Pages;
use crate::store::{insert, number};
use crate::{
    ActionLocation, Location, ProjectionError, access, alert, evidence, grant, header, obligation, pending, proposal,
    record, refusal,
};

/// One action with what became of it.
pub(crate) struct Effect<'a> {
    pub(crate) database: &'a Connection,
    pub(crate) suite: Suite,
    pub(crate) at: ActionLocation,
    pub(crate) receipt: &'a ActionReceipt,
    pub(crate) writes: &'a [Write],
}

impl Effect<'_> {
    /// The columns `height, position, action`.
    pub(crate) fn columns(&self) -> (i64, u32, u16) {
        (number(self.at.height().get()), self.at.transaction.transaction, self.at.action)
    }
}

/// Puts in the nouns of genesis, as of height 0.
pub(crate) fn genesis(database: &Connection, genesis: &Genesis) -> Result<(), ProjectionError> {
    const ACTION: &str = "put in genesis";
    fn all<N: Noun>(database: &Connection, nouns: &[N]) -> Result<(), ProjectionError> {
        nouns
            .iter()
            .try_for_each(|noun| noun::put(database, noun, Place::Genesis))
            .map_err(ProjectionError::storage(ACTION))
    }
    header::put(database, &header::of_genesis(genesis)).map_err(ProjectionError::storage(ACTION))?;
    let objects = &genesis.objects;
    all(database, std::slice::from_ref(&objects.parameters))?;
    all(database, std::slice::from_ref(&objects.policy_set))?;
    all(database, std::slice::from_ref(&objects.calendar))?;
    let validators = genesis.head.validators.clone();
    all(database, &[ValidatorSet { version: 1, epoch: 0, validators }])?;
    all(database, &objects.organizations)?;
    all(database, &objects.officers)?;
    all(database, &objects.gateways)?;
    all(database, &objects.duties)?;
    all(database, &objects.resources)?;
    all(database, &objects.grants)?;
    objects.grants.iter().try_for_each(|noun| grant::index(database, noun)).map_err(ProjectionError::storage(ACTION))
}

/// Puts in a block that was checked.
pub(crate) fn block(database: &Connection, suite: Suite, block: &FinalizedBlock) -> Result<(), ProjectionError> {
    const ACTION: &str = "apply a block";
    let height = block.header.height;
    put_block(database, suite, block).map_err(ProjectionError::storage(ACTION))?;
    proposal::due(database, block)?;
    obligation::due(database, block)?;
    let pairs = block.transactions.iter().zip(&block.receipts.transactions);
    for (position, (transaction, receipts)) in (0_u32..).zip(pairs) {
        let location = Location { height, transaction: position };
        let id = receipts.actions.first().map_or_else(|| transaction.id(suite), |result| result.receipt.transaction);
        put_transaction(database, location, &id.0, transaction).map_err(ProjectionError::storage(ACTION))?;
        for (index, (action, result)) in (0_u16..).zip(transaction.body.actions.iter().zip(&receipts.actions)) {
            let at = location.action(index);
            put_result(database, at, result).map_err(ProjectionError::storage(ACTION))?;
            let effect = Effect { database, suite, at, receipt: &result.receipt, writes: &result.writes };
            apply(&effect, action)?;
        }
    }
    Ok(())
}

/// Sends an action to the room of its noun.
fn apply(effect: &Effect<'_>, action: &Action) -> Result<(), ProjectionError> {
    if let Action::RecordAccess(leaf) = action {
        access::apply(effect, leaf)?;
    }
    if effect.receipt.decision.effect == Outcome::Deny {
        return refusal::apply(effect);
    }
    match action {
        Action::RegisterOrganization(noun) | Action::AmendOrganization(noun) => change(effect, noun),
        Action::RegisterOfficer(noun) => change(effect, noun),
        Action::AmendOfficer(officer) => change_by_id::<gongxin_types::Officer>(effect, &officer.id),
        Action::DismissOfficer(id)
        | Action::AddOfficerKey(id, _)
        | Action::RevokeOfficerKey(id, _)
        | Action::RevokeOfficerKeys(id) => change_by_id::<gongxin_types::Officer>(effect, id),
        Action::RegisterDuty(noun) | Action::AmendDuty(noun) => change(effect, noun),
        Action::WithdrawDuty(id) => change_by_id::<gongxin_types::Duty>(effect, id),
        Action::PublishResource(noun) | Action::AmendResource(noun) => change(effect, noun),
        Action::WithdrawResource(id) => change_by_id::<gongxin_types::Resource>(effect, id),
        Action::WriteRecords(batch) => record::apply(effect, batch),
        Action::NotariseEvidence(noun) => evidence::apply(effect, noun),
        Action::IssueGrant(noun) => {
            change(effect, noun)?;
            grant::index(effect.database, noun).map_err(ProjectionError::storage("index a grant"))
        }
        Action::RevokeGrant(id) => change_by_id::<Grant>(effect, id),
        Action::RegisterGateway(noun) | Action::AmendGateway(noun) => change(effect, noun),
        Action::RevokeGateway(id) => change_by_id::<gongxin_types::Gateway>(effect, id),
        Action::RecordAccess(_) => Ok(()),
        Action::OpenProposal(new) => change_by_id::<Proposal>(effect, &new.id),
        Action::CastVote(vote) => change_by_id::<Proposal>(effect, &vote.proposal),
        Action::WithdrawProposal(id) => change_by_id::<Proposal>(effect, id),
        Action::OpenObligation(new) => obligation::apply(effect, &new.id),
        Action::SuspendObligation(id, _)
        | Action::ResumeObligation(id)
        | Action::ExtendObligation(id, _)
        | Action::FulfilObligation(id)
        | Action::WithdrawObligation(id) => obligation::apply(effect, id),
        Action::OpenPending(new) => change_by_id::<Pending>(effect, &new.id),
        Action::ApprovePending(approval) => pending::approved(effect, &approval.pending),
        Action::WithdrawPending(id) => change_by_id::<Pending>(effect, id),
        Action::RaiseAlert(new) => alert::raised(effect, &new.finding),
        Action::EndAlert(id) => alert::ended(effect, id),
    }
}

fn change<N: Noun>(effect: &Effect<'_>, noun: &N) -> Result<(), ProjectionError> {
    change_by_id::<N>(effect, &noun.id())
}

/// The noun after the action is what its writes make of the noun before.
fn change_by_id<N: Noun>(effect: &Effect<'_>, id: &N::Id) -> Result<(), ProjectionError> {
    noun::apply::<N>(effect.database, id, &Pages::new(effect.writes), Place::Action(effect.at)).map(|_| ())
}

fn put_block(database: &Connection, suite: Suite, block: &FinalizedBlock) -> rusqlite::Result<()> {
    header::put(database, &block.header)?;
    let height = block.header.height;
    if let Some(certificate) = &block.certificate {
        header::put_certificate(database, height, certificate)?;
    }
    let leaves = codec::encode(&block.receipts.leaf_hashes(suite));
    let transactions = u32::try_from(block.transactions.len()).unwrap_or(u32::MAX);
    let query = "INSERT INTO blocks (height, transactions, leaves, due, writes) VALUES (?1, ?2, ?3, ?4, ?5)";
    let (due, writes) = (codec::encode(&block.receipts.due), codec::encode(&block.receipts.writes));
    insert(database, query, params![number(height.get()), transactions, leaves, due, writes])
}

fn put_transaction(
    database: &Connection,
    at: Location,
    id: &Digest,
    transaction: &Transaction,
) -> rusqlite::Result<()> {
    let query = "INSERT INTO transactions (height, position, id, body) VALUES (?1, ?2, ?3, ?4)";
    let Location { height, transaction: position }: Location = at;
    insert(database, query, params![row_height(height), position, id.as_bytes(), codec::encode(transaction)])
}

fn put_result(database: &Connection, at: ActionLocation, result: &ActionResult) -> rusqlite::Result<()> {
    let query = "INSERT INTO results (height, position, action, receipt, writes) VALUES (?1, ?2, ?3, ?4, ?5)";
    let (receipt, writes) = (codec::encode(&result.receipt), codec::encode(&result.writes));
    insert(database, query, params![row_height(at.height()), at.transaction.transaction, at.action, receipt, writes])
}

fn row_height(height: Height) -> i64 {
    number(height.get())
}

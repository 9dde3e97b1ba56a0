//! One key, one living record: what the ledger cannot see, because it knows commitments and no keys.
//!
//! A creation is refused while a living record has its key, or while a transaction is under way that would give it to
//! another one; an update is refused that changes a key column: what has another key is another record. A batch may end a
//! record and then create the next one with its key, because a batch takes effect as a whole; so may the batches of a
//! transaction that is all or nothing.
//!
//! That a key is taken depends on the register. It is told to the office's own data stewards alone, who keep it; whoever
//! else sends a batch is refused by the ledger, with a receipt, and learns nothing here.

use std::collections::BTreeMap;

use gongxin_types::{Action, Atomicity, RecordId, RecordOp, ResourceId, Time, Transaction, TransactionId, codec};
use gongxin_vault::NewBody;

use crate::office::{Office, internal};
use crate::port::OfficeError;
use crate::sender;

/// Operations that take effect together, by number.
type Group = u16;

/// Refuses a transaction by which two living records would have one key, or one record two keys.
pub(crate) fn check(office: &Office, transaction: &Transaction, bodies: &[NewBody]) -> Result<(), OfficeError> {
    if !sender::is_steward(office, transaction)? {
        return Ok(());
    }
    let mut keys =
        Keys { office, transaction: transaction.id(office.suite), made: BTreeMap::new(), ended: BTreeMap::new() };
    let mut bodies = bodies.iter().peekable();
    for (action, place) in transaction.body.actions.iter().zip(0_u16..) {
        let Action::WriteRecords(batch) = action else {
            continue;
        };
        let group = match transaction.body.atomicity {
            Atomicity::AllOrNothing => 0,
            Atomicity::EachOnItsOwn => place,
        };
        for (operation, index) in batch.operations.iter().zip(0_u32..) {
            match (operation, bodies.next_if(|body| (body.action, body.operation) == (place, index))) {
                (RecordOp::Delete { record, .. }, _) => keys.end(&batch.resource, *record, group),
                (RecordOp::Create { .. }, Some(body)) => keys.take(body, group)?,
                (RecordOp::Update { .. }, Some(body)) => keys.keep(body, group)?,
                (_, None) => {}
            }
        }
    }
    Ok(())
}

/// The key columns of a resource's record, as text.
type Key<'a> = (&'a ResourceId, &'a [String]);

/// The keys of a transaction, operation by operation.
struct Keys<'a> {
    office: &'a Office,
    transaction: TransactionId,
    /// Who was given a key so far, in which group.
    made: BTreeMap<Key<'a>, Vec<(RecordId, Group)>>,
    /// In which group a record was ended.
    ended: BTreeMap<(&'a ResourceId, RecordId), Group>,
}

impl<'a> Keys<'a> {
    /// A record ends.
    fn end(&mut self, resource: &'a ResourceId, record: RecordId, group: Group) {
        self.ended.insert((resource, record), group);
    }

    /// A record gets a key that it did not have.
    fn take(&mut self, body: &'a NewBody, group: Group) -> Result<(), OfficeError> {
        let ended_in = |record| self.ended.get(&(&body.resource, record)).copied();
        let place = (&body.resource, body.key.as_slice());
        for (other, made_in) in self.made.get(&place).into_iter().flatten() {
            let is_over = ended_in(*other).is_some_and(|ended| ended == group || ended == *made_in);
            if *other != body.record && !is_over {
                return Err(twice(body));
            }
        }
        let vault = &self.office.vault;
        for holder in vault.holders_of_key(&body.resource, &body.key, &self.transaction).map_err(internal)? {
            if holder.record != body.record && ended_in(holder.record) != Some(group) {
                self.refuse_holder(body, holder.record, holder.staged)?;
            }
        }
        self.made.entry(place).or_default().push((body.record, group));
        Ok(())
    }

    /// A record keeps its key.
    fn keep(&mut self, body: &'a NewBody, group: Group) -> Result<(), OfficeError> {
        let mut own = self.made.iter().filter(|((resource, _), made)| {
            **resource == body.resource && made.iter().any(|(record, _)| *record == body.record)
        });
        let known = match own.next() {
            Some(((_, key), _)) => Some(*key == body.key.as_slice()),
            None => self.office.vault.has_key(&body.resource, &body.record, &body.key).map_err(internal)?,
        };
        match known {
            Some(true) => Ok(()),
            Some(false) => Err(OfficeError::KeyChanged { record: body.record }),
            // The key it had was erased with its rows: whatever it gets now must be free.
            None => self.take(body, group),
        }
    }

    /// Refuses a key that another record has, lives or may come to live.
    fn refuse_holder(
        &self,
        body: &NewBody,
        holder: RecordId,
        staged: Option<(TransactionId, Time)>,
    ) -> Result<(), OfficeError> {
        // The time is read before the search: a transaction that is not found beyond its term is in no block.
        let time = self.office.tip().time;
        let slot = self.office.projection.record(&body.resource, &holder).map_err(internal)?.value;
        let lives = slot.map(|fact| fact.slot.commitment.is_some());
        let (resource, record) = (&body.resource, body.record);
        match (lives, staged) {
            (Some(false), _) => Ok(()),
            (Some(true), _) => Err(taken(format!(
                "a living record of `{resource}` has the key of record `{record}`: update that one, or end it before, in \
                 the same batch"
            ))),
            (None, Some((transaction, until))) if until > time && self.may_be_final(&transaction)? => {
                Err(taken(format!(
                    "another record with the key of record `{record}` of `{resource}` is under way: what becomes of it is \
                 known by {until} at the latest"
                )))
            }
            (None, Some(_)) => Ok(()),
            (None, None) => Err(OfficeError::Unavailable {
                reason: "the copy of the ledger is behind the vault: ask again when it has caught up".into(),
            }),
        }
    }

    /// Whether what is under way may take effect: a batch of whoever keeps no register is refused by the ledger.
    fn may_be_final(&self, transaction: &TransactionId) -> Result<bool, OfficeError> {
        let bytes = self.office.vault.staged_bytes(transaction).map_err(internal)?;
        match bytes.map(|bytes| codec::decode::<Transaction>("transaction", &bytes)) {
            Some(Ok(other)) => sender::is_steward(self.office, &other),
            _ => Ok(true),
        }
    }
}

fn twice(body: &NewBody) -> OfficeError {
    taken(format!(
        "two records of this transaction have the key of record `{}` of `{}`: a record that lives must be ended before, in \
         the same batch",
        body.record, body.resource
    ))
}

fn taken(reason: String) -> OfficeError {
    OfficeError::KeyTaken { reason }
}

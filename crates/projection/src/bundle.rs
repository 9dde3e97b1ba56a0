//! Receipts: everything a stranger needs to check one action, or one operation of a batch (docs/spec/receipt.md).

use gongxin_crypto::{Digest, Suite, merkle};
use gongxin_types::bundle::{BUNDLE_FORMAT, Bundle, Encoded, Path, Subject};
use gongxin_types::{
    Action, ActionResult, Certificate, Effect, Height, List, ReceiptLeaf, RecordBatch, Transaction, codec, limits,
};
use rusqlite::params;

use crate::store::{Snapshot, decode, number};
use crate::{ActionLocation, Answer, BundleError, Projection, ProjectionError, header, validator_set};

impl Projection {
    /// The receipt of an action, or of one operation of a batch; of its first one where none is named, because a receipt
    /// never carries a whole batch.
    ///
    /// # Errors
    /// When there is no such action or operation, or when no certificate covers it yet.
    pub fn bundle(&self, at: ActionLocation, operation: Option<u32>) -> Result<Answer<Bundle>, BundleError> {
        self.store.read(|snapshot| {
            let (action, result) = action_at(snapshot, at)?;
            let subject = subject(snapshot.suite, action, &result, operation)?;
            let path = leaf_path(snapshot, at)?;
            let (headers, certificate) = chain(snapshot, at.height())?;
            let first =
                header::header_at(snapshot, at.height())?.ok_or(BundleError::UnknownAction { height: at.height() })?;
            let epochs = validator_set::up_to(snapshot, certificate.epoch)?;
            Ok(Bundle {
                format: BUNDLE_FORMAT.into(),
                network: first.network,
                leaf: Encoded(codec::encode(&ReceiptLeaf::Action(result.receipt))),
                subject,
                path,
                headers,
                certificate,
                epochs,
            })
        })
    }
}

fn action_at(snapshot: &Snapshot<'_>, at: ActionLocation) -> Result<(Action, ActionResult), BundleError> {
    const ACTION: &str = "read an action";
    let unknown = || BundleError::UnknownAction { height: at.height() };
    let (height, position) = (number(at.height().get()), at.transaction.transaction);
    let query = "SELECT body, receipt, writes FROM transactions JOIN results USING (height, position)
                 WHERE height = ?1 AND position = ?2 AND action = ?3";
    let found = snapshot.one(ACTION, query, params![height, position, at.action], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    let (body, receipt, writes) = found.ok_or_else(unknown)?;
    let transaction: Transaction = decode("transaction", &body)?;
    let action = transaction.body.actions.into_iter().nth(usize::from(at.action)).ok_or_else(unknown)?;
    Ok((action, ActionResult { receipt: decode("receipt", &receipt)?, writes: decode("writes", &writes)? }))
}

fn subject(
    suite: Suite,
    action: Action,
    result: &ActionResult,
    operation: Option<u32>,
) -> Result<Subject, BundleError> {
    match (action, operation) {
        (Action::WriteRecords(batch), operation) => of_operation(suite, &batch, result, operation.unwrap_or(0)),
        (_, Some(operation)) => Err(BundleError::UnknownOperation { operation }),
        (action, None) => Ok(Subject::Action { action: Encoded(codec::encode(&action)) }),
    }
}

fn of_operation(
    suite: Suite,
    batch: &RecordBatch,
    result: &ActionResult,
    operation: u32,
) -> Result<Subject, BundleError> {
    let unknown = || BundleError::UnknownOperation { operation };
    let place = usize::try_from(operation).map_err(|_| unknown())?;
    let chosen = batch.operations.get(place).ok_or_else(unknown)?;
    let hash = |bytes: Vec<u8>| merkle::leaf_hash(suite, &bytes);
    let leaves: Vec<Digest> = batch.operations.iter().map(|operation| hash(codec::encode(operation))).collect();
    let allowed = result.receipt.decision.effect == Effect::Allow;
    let write = result.writes.get(place).filter(|_| allowed);
    let write_path = write.map(|_| {
        let leaves: Vec<Digest> = result.writes.iter().map(|write| hash(codec::encode(write))).collect();
        path(suite, leaves, place)
    });
    Ok(Subject::Operation {
        batch: Encoded(codec::encode(&batch.head(suite))),
        operation: Encoded(codec::encode(chosen)),
        operation_path: path(suite, leaves, place)?,
        write: write.map(|write| Encoded(codec::encode(write))),
        write_path: write_path.transpose()?,
    })
}

/// The path of an action's leaf to the receipts root.
fn leaf_path(snapshot: &Snapshot<'_>, at: ActionLocation) -> Result<Path, BundleError> {
    const ACTION: &str = "read the leaves of a block";
    let (height, position) = (number(at.height().get()), at.transaction.transaction);
    let query = "SELECT leaves FROM blocks WHERE height = ?1";
    let leaves: Option<Vec<u8>> = snapshot.one(ACTION, query, [height], |row| row.get(0))?;
    let leaves: Vec<Digest> = decode("leaves", &leaves.ok_or(BundleError::UnknownAction { height: at.height() })?)?;
    let query = "SELECT count(*) FROM results WHERE height = ?1 AND (position, action) < (?2, ?3)";
    let index: Option<u32> = snapshot.one(ACTION, query, params![height, position, at.action], |row| row.get(0))?;
    let index = index.and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
    Ok(path(snapshot.suite, leaves, index)?)
}

fn path(suite: Suite, leaves: Vec<Digest>, index: usize) -> Result<Path, ProjectionError> {
    const DAMAGED: ProjectionError = ProjectionError::Damaged { what: "leaves" };
    let size = number_of(leaves.len());
    let hashes = merkle::Tree::new(suite, leaves).path(index).ok_or(DAMAGED)?;
    Ok(Path { index: number_of(index), size, hashes: List::new(hashes).map_err(|_| DAMAGED)? })
}

fn number_of(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

type Chain = (List<Encoded, { limits::BUNDLE_HEADERS_MAX }>, Certificate);

/// The headers from a height to the first certified one, and its certificate.
fn chain(snapshot: &Snapshot<'_>, height: Height) -> Result<Chain, BundleError> {
    const ACTION: &str = "read headers";
    let not_yet = || BundleError::NotCertifiedYet { height };
    let query = "SELECT header, certificate FROM headers LEFT JOIN certificates USING (height)
                 WHERE height >= ?1 ORDER BY height LIMIT ?2";
    let most = number(number_of(limits::BUNDLE_HEADERS_MAX));
    let rows = snapshot.all(ACTION, query, params![number(height.get()), most], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<Vec<u8>>>(1)?))
    })?;
    let mut headers = List::empty();
    for (header, certificate) in rows {
        headers.push(Encoded(header)).map_err(|_| not_yet())?;
        if let Some(certificate) = certificate {
            return Ok((headers, decode("certificate", &certificate)?));
        }
    }
    Err(not_yet())
}

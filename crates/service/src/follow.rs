//! Following the ledger: every block is offered to the projection, which checks it; bodies are settled as they become
//! final.

use std::sync::Arc;
use std::time::Duration;

use gongxin_projection::Offered;
use gongxin_types::{Effect, FinalizedBlock, TransactionId};

use crate::office::{Office, internal};
use crate::port::OfficeError;
use crate::{decided, limits};

/// Pause after a failure of our own copy, such as a full disk.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows for as long as the office lives.
pub(crate) async fn run(office: Arc<Office>) {
    if let Err(error) = office.blocking(settle_staged).await {
        tracing::error!(%error, "staged bodies could not be settled");
    }
    let mut blocks = office.validators.follow(office.tip().height.next());
    loop {
        let block = blocks.next().await;
        if let Err(error) = apply(&office, block).await {
            let next = office.tip().height.next();
            tracing::warn!(height = next.get(), error = %words(&error), "block not applied");
            blocks.reject(next);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn words(error: &OfficeError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

async fn apply(office: &Arc<Office>, block: FinalizedBlock) -> Result<(), OfficeError> {
    office
        .blocking(move |office| {
            if let Offered::Applied { .. } = office.projection.offer(block).map_err(internal)? {
                // Bodies are settled before anyone hears of the block: who reads then finds them.
                settle_staged(office)?;
                office.advance()?;
                end_releases(office)?;
            }
            Ok(())
        })
        .await
}

/// Destroys sealed responses whose release has ended, now and then.
fn end_releases(office: &Office) -> Result<(), OfficeError> {
    let tip = office.tip();
    if tip.height.get().is_multiple_of(limits::RELEASES_ENDED_EVERY) {
        office.vault.end_responses(tip.time).map_err(internal)?;
    }
    Ok(())
}

/// Settles what was staged and is final now, and forgets what can no longer become final.
fn settle_staged(office: &Office) -> Result<(), OfficeError> {
    let time = office.projection.time().map_err(internal)?;
    for staged in office.vault.staged().map_err(internal)? {
        match decided::find(office, staged.transaction)? {
            Some(decided) => settle(office, staged.transaction, &decided)?,
            None if staged.valid_until <= time => {
                office.vault.forget(&staged.transaction).map_err(internal)?;
            }
            None => {}
        }
    }
    Ok(())
}

fn settle(office: &Office, transaction: TransactionId, decided: &decided::Decided) -> Result<(), OfficeError> {
    let effective: Vec<u16> = decided
        .receipts()
        .filter(|receipt| receipt.decision.effect == Effect::Allow)
        .map(|receipt| receipt.index)
        .collect();
    let place = decided.0.location;
    office.vault.settle(&transaction, place.height, place.transaction, &effective).map_err(internal)?;
    Ok(())
}

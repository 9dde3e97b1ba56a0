//! Following the ledger: every block is offered to the projection, which checks it; bodies are settled as they become
//! final.

use std::sync::{Arc, Weak};
use std::time::Duration;

use gongxin_projection::Offered;
use gongxin_types::FinalizedBlock;

use crate::office::{Office, internal};
use crate::port::OfficeError;
use crate::{limits, settle};

/// Pause after a failure of our own copy, such as a full disk.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows for as long as the office lives.
pub(crate) async fn run(office: Weak<Office>) {
    let Some(mut blocks) = office.upgrade().map(|office| office.validators.follow(office.tip().height.next())) else {
        return;
    };
    loop {
        let block = blocks.next().await;
        let Some(office) = office.upgrade() else {
            return;
        };
        if let Err(error) = apply(&office, block).await {
            let next = office.tip().height.next();
            tracing::warn!(height = next.get(), error = %words(&error), "block not applied");
            blocks.reject(next);
            drop(office);
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// An error with what hides behind it.
pub(crate) fn words(error: &OfficeError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

async fn apply(office: &Arc<Office>, block: FinalizedBlock) -> Result<(), OfficeError> {
    office
        .blocking(move |office| {
            match office.projection.offer(block).map_err(internal)? {
                Offered::Waiting { .. } => return Ok(()),
                // A block is known where it was applied and its bodies could not be settled: then they are now.
                Offered::Applied { .. } | Offered::Known { .. } => {}
            }
            // Bodies are settled before anyone hears of the block: who reads then finds them.
            settle::staged(office)?;
            office.advance()?;
            end_releases(office)
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

//! Following the ledger: every block is offered to the projection, which checks it; bodies are settled as they become
//! final.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use gongxin_projection::{OfferError, Offered};
use gongxin_types::fault::CertifiedHeader;
use gongxin_types::{FinalizedBlock, Height};

use crate::office::{Office, internal};
use crate::port::OfficeError;
use crate::{limits, settle};

/// Pause after a block that could not be applied: a full disk of ours, or validators that lie one after the other.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows for as long as the office lives.
pub(crate) async fn run(office: Weak<Office>) {
    let Some(mut blocks) = office.upgrade().map(|office| office.validators.follow(office.tip().height.next())) else {
        return;
    };
    let mut looked_back = None;
    loop {
        let block = blocks.next().await;
        let Some(office) = office.upgrade() else {
            return;
        };
        let next = block.header.height;
        let certified = block.certificate.clone();
        let certified = certified.map(|certificate| CertifiedHeader { header: block.header.clone(), certificate });
        match apply(&office, block).await {
            Ok(None) => {
                // The block that is looked back at is known; the next one that is applied ends the doubt.
                looked_back = looked_back.filter(|height| *height == next);
                continue;
            }
            // Whoever sends what does not follow may tell another history: then its last block is another one too.
            Ok(Some(OfferError::Headers { .. })) if looked_back.is_none() && office.tip().height > Height::GENESIS => {
                looked_back = Some(office.tip().height);
                blocks.again(office.tip().height);
                continue;
            }
            Ok(Some(false_block)) => {
                looked_back = None;
                if let (OfferError::Conflict { .. }, Some(other)) = (&false_block, certified) {
                    forked(&office, other).await;
                }
                tracing::warn!(height = next.get(), error = %words(&false_block), "block not accepted");
                blocks.reject(office.tip().height.next());
            }
            Err(error) => {
                tracing::error!(height = next.get(), error = %words(&error), "a block cannot be applied here");
                office.trouble.set(true);
                blocks.again(office.tip().height.next());
            }
        }
        let pause = office.machine.sleep(PAUSE);
        drop(office);
        pause.await;
    }
}

/// Whether something keeps this office from applying blocks; what it is stands in the log.
#[derive(Default)]
pub(crate) struct Trouble(AtomicBool);

impl Trouble {
    /// Whether the last block that could have been applied was not.
    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, is_there: bool) {
        self.0.store(is_there, Ordering::Relaxed);
    }
}

/// An error with what hides behind it.
pub(crate) fn words(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Applies a block; what is wrong with it, where it is not what the ledger holds.
async fn apply(office: &Arc<Office>, block: FinalizedBlock) -> Result<Option<OfferError>, OfficeError> {
    office
        .blocking(move |office| {
            match office.projection.offer(block) {
                Ok(Offered::Waiting { .. }) => return Ok(None),
                // A block is known where it was applied and its bodies could not be settled: then they are now.
                Ok(Offered::Applied { .. } | Offered::Known { .. }) => {}
                Err(OfferError::Projection(error)) => return Err(internal(error)),
                Err(false_block) => return Ok(Some(false_block)),
            }
            // Bodies are settled before anyone hears of the block: who reads then finds them.
            settle::staged(office)?;
            office.advance()?;
            end_releases(office)?;
            office.trouble.set(false);
            Ok(None)
        })
        .await
}

/// Keeps what convicts whoever certified another block in the place of one that was applied: it becomes an alert.
async fn forked(office: &Arc<Office>, other: CertifiedHeader) {
    let height = other.header.height;
    let found = office
        .blocking(move |office| {
            let two = office.projection.fork(other).map_err(internal)?;
            Ok(two.map(|two| office.forks.seen(two)).is_some())
        })
        .await;
    if found.is_ok_and(|found| found) {
        tracing::error!(%height, "two blocks of one height are certified: the network has split");
    }
}

/// Destroys sealed responses whose release has ended, now and then.
fn end_releases(office: &Office) -> Result<(), OfficeError> {
    let tip = office.tip();
    if tip.height.get().is_multiple_of(limits::RELEASES_ENDED_EVERY) {
        office.vault.end_responses(tip.time).map_err(internal)?;
    }
    Ok(())
}

//! Following the ledger: every block is offered to the projection, which checks it; bodies are settled as they become
//! final.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use gongxin_projection::{OfferError, Offered};
use gongxin_types::FinalizedBlock;

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
    loop {
        let block = blocks.next().await;
        let Some(office) = office.upgrade() else {
            return;
        };
        let next = block.header.height;
        match apply(&office, block).await {
            Ok(()) => continue,
            Err(NotApplied::False(error)) => {
                tracing::warn!(height = next.get(), error = %chain(&error), "block not accepted");
                blocks.reject(office.tip().height.next());
            }
            Err(NotApplied::Here(error)) => {
                tracing::error!(height = next.get(), error = %words(&error), "a block cannot be applied here");
                office.trouble.set(true);
                blocks.again(office.tip().height.next());
            }
        }
        drop(office);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Why a block was not applied.
enum NotApplied {
    /// It is not what the ledger holds: whoever sent it is left.
    False(OfferError),
    /// Our own copies could not take it.
    Here(OfficeError),
}

impl From<OfferError> for NotApplied {
    fn from(error: OfferError) -> Self {
        match error {
            OfferError::Projection(error) => Self::Here(internal(error)),
            false_block => Self::False(false_block),
        }
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
pub(crate) fn words(error: &OfficeError) -> String {
    chain(error)
}

fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

async fn apply(office: &Arc<Office>, block: FinalizedBlock) -> Result<(), NotApplied> {
    let taken = office
        .blocking(move |office| {
            match office.projection.offer(block).map_err(NotApplied::from) {
                Ok(Offered::Waiting { .. }) => return Ok(Ok(())),
                // A block is known where it was applied and its bodies could not be settled: then they are now.
                Ok(Offered::Applied { .. } | Offered::Known { .. }) => {}
                Err(error) => return Ok(Err(error)),
            }
            // Bodies are settled before anyone hears of the block: who reads then finds them.
            settle::staged(office)?;
            office.advance()?;
            end_releases(office)?;
            office.trouble.set(false);
            Ok(Ok(()))
        })
        .await;
    taken.map_err(NotApplied::Here)?
}

/// Destroys sealed responses whose release has ended, now and then.
fn end_releases(office: &Office) -> Result<(), OfficeError> {
    let tip = office.tip();
    if tip.height.get().is_multiple_of(limits::RELEASES_ENDED_EVERY) {
        office.vault.end_responses(tip.time).map_err(internal)?;
    }
    Ok(())
}

//! Handing in again what is under way and not final, when nobody waits for it: from the start, and every few seconds.
//!
//! A validator that took a transaction may die before it passes it on, and so may this gateway before its caller hears the
//! end. What was acknowledged is kept by the vault; here it is sent again, the same bytes, until it is final or expired.

use std::sync::{Arc, Weak};

use gongxin_types::TransactionId;
use gongxin_vault::Lookup;

use crate::follow::words;
use crate::office::{Office, internal};
use crate::port::OfficeError;
use crate::{decided, limits, settle, submit};

/// One transaction to hand in again.
struct Again {
    id: TransactionId,
    bytes: Vec<u8>,
}

/// Where the next round goes on, so that each has its turn.
#[derive(Clone, Copy, Default)]
struct Turn {
    staged: i64,
    response: i64,
}

/// Hands in again for as long as the office lives.
pub(crate) async fn run(office: Weak<Office>) {
    let mut turn = Turn::default();
    loop {
        let Some(office) = office.upgrade() else {
            return;
        };
        match round(&office, turn).await {
            Ok(next) => turn = next,
            Err(error) => tracing::warn!(error = %words(&error), "what is under way could not be handed in again"),
        }
        let pause = office.machine.sleep(limits::RESEND_AFTER);
        drop(office);
        pause.await;
    }
}

async fn round(office: &Arc<Office>, turn: Turn) -> Result<Turn, OfficeError> {
    let (batch, next) = office.blocking(move |office| under_way(office, turn)).await?;
    for again in batch {
        match submit::hand_over_within(office, again.bytes, limits::RESEND_WITHIN).await {
            Ok(()) => {}
            // Whoever refuses it now may have taken it before: only the ledger says what becomes of it.
            Err(error @ (OfficeError::Conflict { .. } | OfficeError::Invalid { .. })) => {
                tracing::debug!(transaction = %again.id, %error, "not taken again");
            }
            // Nobody takes anything now, or not this one: the next round begins behind it, and it comes again in its turn.
            Err(error) => {
                tracing::warn!(transaction = %again.id, error = %words(&error), "not handed in again");
                break;
            }
        }
    }
    Ok(next)
}

/// What is neither final nor expired, in turn; what is, is concluded on the way.
fn under_way(office: &Office, turn: Turn) -> Result<(Vec<Again>, Turn), OfficeError> {
    let (mut batch, staged) = staged(office, turn.staged)?;
    let (responses, response) = responses(office, turn.response)?;
    batch.extend(responses);
    Ok((batch, Turn { staged, response }))
}

/// Staged transactions behind this number, and behind which number to go on.
fn staged(office: &Office, after: i64) -> Result<(Vec<Again>, i64), OfficeError> {
    let time = office.tip().time;
    let rows = office.vault.staged().map_err(internal)?.rows;
    let waiting: Vec<_> = rows.iter().filter(|row| row.number > after && row.valid_until > time).collect();
    let mut batch = Vec::new();
    for row in waiting.iter().take(limits::RESENT_AT_ONCE) {
        if decided::find(office, row.transaction)?.is_some() {
            continue;
        }
        match office.vault.staged_bytes(&row.transaction) {
            Ok(Some(bytes)) => batch.push(Again { id: row.transaction, bytes }),
            Ok(None) => {}
            Err(error) => tracing::error!(number = row.number, %error, "a staged transaction cannot be sent again"),
        }
    }
    Ok((batch, go_on(waiting.iter().map(|row| row.number))))
}

/// The same of responses.
fn responses(office: &Office, after: i64) -> Result<(Vec<Again>, i64), OfficeError> {
    let unfinished = office.vault.unfinished_responses().map_err(internal)?;
    let waiting: Vec<_> = unfinished.iter().filter(|one| one.number > after).collect();
    let mut batch = Vec::new();
    for one in waiting.iter().take(limits::RESENT_AT_ONCE) {
        if settle::response(office, one)? != settle::Fate::Waits {
            continue;
        }
        match office.vault.response(&one.officer, &one.request) {
            Ok(Lookup::Present(response)) => {
                batch.push(Again { id: one.carrier.transaction, bytes: response.transaction });
            }
            Ok(_) => {}
            Err(_) => tracing::error!(number = one.number, "a response that was altered on disk cannot be sent again"),
        }
    }
    Ok((batch, go_on(waiting.iter().map(|one| one.number))))
}

/// Behind which number the next round goes on: with the first, where this one reached the last.
fn go_on(numbers: impl ExactSizeIterator<Item = i64>) -> i64 {
    if numbers.len() > limits::RESENT_AT_ONCE { numbers.take(limits::RESENT_AT_ONCE).last().unwrap_or(0) } else { 0 }
}

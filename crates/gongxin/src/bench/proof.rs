//! Checks after a run that what was counted really is final: blocks, receipts and votes, against the network file alone.

use gongxin_client::ValidatorClient;
use gongxin_types::genesis::NetworkHead;
use gongxin_types::{FinalizedBlock, Header, Height, TransactionId, limits::BUNDLE_HEADERS_MAX};
use gongxin_verify::{TrustedNetwork, block, headers};

use crate::cli::fail;
use crate::failure::Failure;
use crate::serving::Serving;

/// Transactions looked at after a run.
const SPOT_CHECKS: usize = 20;

/// Fetches the blocks of some transactions, spread over the run, and checks each from the transaction to a quorum's votes.
/// Says how many were checked; the first that does not hold is an error.
pub(super) async fn spot_check(
    clients: &[ValidatorClient],
    placed: &[(TransactionId, Height)],
    network: &NetworkHead,
) -> Result<usize, Failure> {
    let mut serving = Serving::of_genesis(network);
    if let Some(client) = clients.first() {
        // Members may have changed who validates meanwhile; who it is now is signed by those before.
        serving.learn(&client.network().await.map_err(fail)?, "the validators");
    }
    let trusted = serving.trusted();
    let step = (placed.len() / SPOT_CHECKS).max(1);
    let mut checked = 0_usize;
    for ((id, height), client) in placed.iter().step_by(step).take(SPOT_CHECKS).zip(clients.iter().cycle()) {
        let unproven = |why: &dyn std::fmt::Display| {
            Failure::refused(format_args!("transaction {id} is not proven by block {height}: {why}"), None)
        };
        let found = fetch(client, *height).await?;
        block::check(trusted, &found).map_err(|error| unproven(&error))?;
        if !found.transactions.iter().any(|transaction| transaction.id(trusted.suite) == *id) {
            return Err(unproven(&"it is not in it"));
        }
        certify(client, found, trusted).await?.map_err(|error| unproven(&error))?;
        checked = checked.saturating_add(1);
    }
    Ok(checked)
}

/// Follows the headers from a block to the first one that has votes, and checks them.
async fn certify(
    client: &ValidatorClient,
    first: FinalizedBlock,
    trusted: &TrustedNetwork,
) -> Result<Result<(), headers::HeadersError>, Failure> {
    let mut headers: Vec<Header> = Vec::new();
    let mut next = first;
    loop {
        let height = next.header.height;
        headers.push(next.header);
        if let Some(certificate) = next.certificate {
            return Ok(headers::check_chain(&headers, &certificate, trusted));
        }
        if headers.len() >= BUNDLE_HEADERS_MAX {
            return Err(Failure::refused(format_args!("no votes for block {height} or those before it"), None));
        }
        next = fetch(client, height.next()).await?;
    }
}

async fn fetch(client: &ValidatorClient, height: Height) -> Result<FinalizedBlock, Failure> {
    let block = client.block(height).await.map_err(fail)?;
    block.ok_or_else(|| Failure::refused(format_args!("block {height} is gone"), None))
}

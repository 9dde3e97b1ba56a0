//! Receipts of acknowledged transactions: fetched from the gateway, verified with `network.json` alone; the last one by the
//! program, as a stranger would.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gongxin_client::GatewayClient;
use gongxin_types::TransactionId;
use gongxin_verify::bundle;
use tokio::time::timeout;

use crate::clients::Desk;
use crate::history::{Answer, Operation, What};
use crate::limits::RECEIPTS;
use crate::report::Violation;
use crate::town::{Officer, call};
use crate::trouble::{During as _, Trouble};

/// How long the gateway may take for a receipt.
const WITHIN: Duration = Duration::from_secs(20);

/// Verifies receipts of writes spread over the run; how many.
pub(crate) async fn verify(
    desk: &Arc<Desk>,
    steward: Officer,
    operations: &[Operation],
    program: &Path,
    folder: &Path,
) -> Result<u64, Trouble> {
    let acknowledged: Vec<TransactionId> = operations.iter().filter_map(|one| written(&one.what)).collect();
    let client = GatewayClient::new(desk.town.gateway(), steward.id, steward.key).during("the gateway's address")?;
    let client = client.with_patience(WITHIN);
    let step = acknowledged.len().div_ceil(RECEIPTS).max(1);
    let mut count = 0;
    let mut last = None;
    for id in acknowledged.iter().step_by(step) {
        let object = |reason: String| {
            desk.history.object(Violation::Unverified { what: format!("the receipt of transaction {id}"), reason });
        };
        let receipt = match timeout(WITHIN, client.receipt(*id, 0, Some(0))).await {
            Ok(Ok(receipt)) => receipt,
            Ok(Err(error)) => {
                object(error.to_string());
                continue;
            }
            Err(_) => {
                object(format!("there is none within {} s", WITHIN.as_secs()));
                continue;
            }
        };
        let report = bundle::verify(&receipt, &desk.town.network);
        if !report.ok {
            let wrong = report.steps.iter().find(|step| !step.ok);
            object(wrong.map(|step| step.detail.clone()).unwrap_or_default());
        }
        count += 1;
        last = Some(receipt);
    }
    if let Some(receipt) = last {
        let file = folder.join("receipt.json");
        fs::write(&file, receipt).during("a receipt")?;
        let (file, network) = (file.display().to_string(), desk.town.network_file().display().to_string());
        if let Err(Trouble(reason)) = call(program, &["verify", &file, "--network", &network]) {
            desk.history.object(Violation::Unverified { what: "a receipt, by the program".to_owned(), reason });
        }
    }
    Ok(count)
}

/// A write that was acknowledged.
const fn written(what: &What) -> Option<TransactionId> {
    match what {
        What::Write { id, answer: Answer::Final { .. }, .. } => Some(*id),
        _ => None,
    }
}

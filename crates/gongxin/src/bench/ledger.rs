//! `gongxin bench ledger`: signed transactions per second, and how long each takes from handing in to final.
//!
//! Transactions are signed before the clock starts. Closed loop: so many senders, each waiting for finality before the
//! next. Open loop: a fixed rate, whatever the answers; what is late counts from when it was due. After the run some
//! receipts are fetched and verified against the network file.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use gongxin_client::limits::BATCH_TRANSACTIONS_MAX;
use gongxin_client::wire::{BatchItem, TransactionReport, Wait};
use gongxin_client::{ClientError, Submitted, ValidatorClient};
use gongxin_crypto::random;
use gongxin_types::{Action, BasisCode, Evidence, Height, Time, TransactionId, codec, limits::VALID_FOR_MS_MAX};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::measure::{self, Beat, Latencies, Stretch};
use super::proof::spot_check;
use crate::cli::{Acting, Context, Desk, fail};
use crate::failure::Failure;
use crate::records::Signer;

/// Transactions that a validator takes in one call.
const BULK_MAX: i64 = BATCH_TRANSACTIONS_MAX as i64;
/// How long one transaction may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The law under which the bench notarises random digests.
const LEGAL_BASIS: &str = "electronic-signature-law-art-8";

/// How to measure.
#[derive(Args)]
pub(crate) struct LedgerArgs {
    #[command(flatten)]
    acting: Acting,
    /// Seconds of load; at most 240, because what is signed beforehand is valid for five minutes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=240))]
    seconds: u64,
    /// Closed loop: transactions under way at once
    #[arg(long, default_value_t = 4_000, conflicts_with = "rate")]
    concurrency: usize,
    /// Closed loop: transactions handed in with one call, at most 512
    #[arg(long, default_value_t = 1, conflicts_with = "rate", value_parser = clap::value_parser!(u16).range(1..=BULK_MAX))]
    bulk: u16,
    /// Open loop: transactions per second
    #[arg(long)]
    rate: Option<u64>,
    /// Transactions signed beforehand; the run ends when they are used up
    #[arg(long, default_value_t = 100_000)]
    transactions: usize,
    /// Base URL of a validator; may be given several times [default: those of the folder]
    #[arg(long = "validator", value_name = "URL")]
    validators: Vec<String>,
}

/// What is handed in.
struct Signed {
    id: TransactionId,
    bytes: Vec<u8>,
}

struct Outcome {
    latencies: Latencies,
    placed: Vec<(TransactionId, Height)>,
    busy: usize,
    failed: usize,
}

/// Carries the command out.
pub(crate) async fn run(arguments: &LedgerArgs, context: &Context) -> Result<Value, Failure> {
    let desk = arguments.acting.open(context).await?;
    let urls = if arguments.validators.is_empty() { context.home.validators()? } else { arguments.validators.clone() };
    let now = clients_time(&urls).await?;
    let signing = Stretch::begin();
    let signed = sign(&desk, now, arguments.transactions)?;
    let signed_in = signing.end();
    let clients = clients(&urls)?;
    let run = Stretch::begin();
    let seconds = Duration::from_secs(arguments.seconds);
    let outcome = match arguments.rate {
        Some(rate) => open_loop(&clients, signed, rate, seconds).await?,
        None => closed_loop(&clients, signed, arguments, seconds).await?,
    };
    let spent = run.end();
    let elapsed = run.elapsed().as_secs_f64();
    let checked = spot_check(&clients, &outcome.placed, &desk.network).await?;
    let count = outcome.placed.len();
    Ok(json!({
        "bench": "ledger",
        "loop": if arguments.rate.is_some() { "open" } else { "closed" },
        "validators": urls.len(),
        "transactions_per_call": arguments.bulk,
        "transactions": count,
        "per_second": as_number(count) / elapsed,
        "submit_to_final": outcome.latencies.summary(),
        "busy": outcome.busy,
        "failed": outcome.failed,
        "receipts_verified": checked,
        "signing": signed_in,
        "run": spent,
        "machine": measure::machine(),
    }))
}

pub(super) fn as_number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Consensus time of the latest block, by whichever validator answers.
pub(super) async fn clients_time(urls: &[String]) -> Result<Time, Failure> {
    let client = ValidatorClient::new(urls).map_err(fail)?;
    let status = client.status().await.map_err(fail)?;
    status.time.ok_or_else(|| Failure::unreachable("no block is final yet"))
}

/// Transactions that the validators of the folder made final since they started, by the one that counts most.
pub(super) async fn final_transactions(context: &Context) -> Result<u64, Failure> {
    const NAME: &str = "gongxin_finalized_transactions_total ";
    let asked = context.home.validators()?.into_iter().map(|url| async move {
        let text = reqwest::get(format!("{url}/metrics")).await.ok()?.text().await.ok()?;
        text.lines().find_map(|line| line.strip_prefix(NAME)?.trim().parse().ok())
    });
    let counts = futures::future::join_all(asked).await;
    counts.into_iter().flatten().max().ok_or_else(|| Failure::unreachable("no validator tells its metrics"))
}

/// A client for each validator, which goes on to the next one where that one is away, as gateways do.
fn clients(urls: &[String]) -> Result<Vec<ValidatorClient>, Failure> {
    let from = |first: usize| urls.iter().cycle().skip(first).take(urls.len());
    (0..urls.len()).map(|first| ValidatorClient::new(from(first)).map_err(fail)).collect()
}

/// Evidence of random digests, each in a transaction of its own, on lanes in turn.
fn sign(desk: &Desk, now: Time, count: usize) -> Result<Vec<Signed>, Failure> {
    let suite = desk.network.suite;
    let basis: BasisCode = LEGAL_BASIS.parse().map_err(Failure::usage)?;
    let mut signer = Signer::new(desk, now.plus_millis(VALID_FOR_MS_MAX / 2))?;
    let mut signed = Vec::with_capacity(count);
    for _ in 0..count {
        let noise: [u8; 32] = random::array().map_err(Failure::usage)?;
        let evidence = Evidence {
            digest: suite.hash(&[&noise]),
            media_type: "application/octet-stream".parse().map_err(Failure::usage)?,
            legal_basis: basis.clone(),
        };
        let transaction = signer.sign(vec![Action::NotariseEvidence(evidence)])?;
        signed.push(Signed { id: transaction.id(suite), bytes: codec::encode(&transaction) });
    }
    Ok(signed)
}

async fn closed_loop(
    clients: &[ValidatorClient],
    signed: Vec<Signed>,
    arguments: &LedgerArgs,
    seconds: Duration,
) -> Result<Outcome, Failure> {
    let bulk = usize::from(arguments.bulk);
    let queue = Arc::new(std::sync::Mutex::new(signed.into_iter()));
    let deadline = Instant::now() + seconds;
    let mut senders = JoinSet::new();
    for place in 0..arguments.concurrency.div_ceil(bulk) {
        let Some(client) = clients.get(place % clients.len().max(1)).cloned() else {
            continue;
        };
        let queue = Arc::clone(&queue);
        senders.spawn(async move {
            let mut outcome = empty();
            while Instant::now() < deadline {
                let next: Vec<Signed> =
                    queue.lock().map(|mut queue| queue.by_ref().take(bulk).collect()).unwrap_or_default();
                let begun = Instant::now();
                match (next.len(), bulk) {
                    (0, _) => break,
                    (_, 1) => {
                        for one in next {
                            send(&client, one, begun, &mut outcome).await;
                        }
                    }
                    _ => send_many(&client, next, begun, &mut outcome).await,
                }
            }
            outcome
        });
    }
    gather(senders).await
}

async fn open_loop(
    clients: &[ValidatorClient],
    signed: Vec<Signed>,
    rate: u64,
    seconds: Duration,
) -> Result<Outcome, Failure> {
    let beat = Beat::begin(rate);
    let end = beat.due(0) + seconds;
    let mut senders = JoinSet::new();
    for (place, next) in signed.into_iter().enumerate() {
        let due = beat.due(place);
        if due >= end {
            break;
        }
        sleep_until(due).await;
        let Some(client) = clients.get(place % clients.len().max(1)).cloned() else {
            continue;
        };
        senders.spawn(async move {
            let mut outcome = empty();
            send(&client, next, due, &mut outcome).await;
            outcome
        });
    }
    gather(senders).await
}

fn empty() -> Outcome {
    Outcome { latencies: Latencies::default(), placed: Vec::new(), busy: 0, failed: 0 }
}

async fn gather(mut senders: JoinSet<Outcome>) -> Result<Outcome, Failure> {
    let mut all = empty();
    while let Some(one) = senders.join_next().await {
        let one = one.map_err(Failure::usage)?;
        all.latencies.extend(one.latencies);
        all.placed.extend(one.placed);
        all.busy = all.busy.saturating_add(one.busy);
        all.failed = all.failed.saturating_add(one.failed);
    }
    Ok(all)
}

async fn send_many(client: &ValidatorClient, next: Vec<Signed>, begun: Instant, outcome: &mut Outcome) {
    let bytes: Vec<Bytes> = next.into_iter().map(|signed| signed.bytes.into()).collect();
    let Ok(items) = client.submit_batch(&bytes, Wait::Final).await else {
        outcome.failed = outcome.failed.saturating_add(bytes.len());
        return;
    };
    for item in items {
        match item {
            BatchItem::Taken(TransactionReport { id, height: Some(height), .. }) => {
                outcome.latencies.push(begun.elapsed());
                outcome.placed.push((id, height));
            }
            BatchItem::Refused { code, .. } if code == "busy" => outcome.busy = outcome.busy.saturating_add(1),
            BatchItem::Taken(_) | BatchItem::Refused { .. } => outcome.failed = outcome.failed.saturating_add(1),
        }
    }
}

async fn send(client: &ValidatorClient, next: Signed, begun: Instant, outcome: &mut Outcome) {
    match client.submit(next.bytes, Wait::Final, PATIENCE).await {
        Ok(Submitted::Final { height, .. }) => {
            outcome.latencies.push(begun.elapsed());
            outcome.placed.push((next.id, height));
        }
        Err(ClientError::Busy { .. }) => outcome.busy = outcome.busy.saturating_add(1),
        Ok(_) | Err(_) => outcome.failed = outcome.failed.saturating_add(1),
    }
}

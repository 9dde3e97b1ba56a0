//! `gongxin bench batch`: record operations per second in batches of up to 1,000, handed to the validators.
//!
//! The commitments are of random rows whose bodies are thrown away: what is measured is the ledger, not a vault.

use std::time::Duration;

use clap::{Args, ValueEnum};
use gongxin_client::{ClientError, Submitted, ValidatorClient, wire::Wait};
use gongxin_crypto::{Digest, random};
use gongxin_types::{
    Action, BasisCode, Date, Height, List, RecordBatch, RecordId, RecordOp, ResourceId, Transaction, TransactionId,
    codec,
    limits::{BATCH_OPERATIONS_MAX, VALID_FOR_MS_MAX},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::ledger::{as_number, clients_time};
use super::measure::{self, Beat, Latencies, Stretch};
use super::proof::spot_check;
use crate::cli::{Acting, Context, Desk, fail};
use crate::failure::Failure;
use crate::records::Signer;

/// How long one batch may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the batches do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// New records.
    Create,
    /// Further versions of records created first.
    Update,
}

/// How to measure.
#[derive(Args)]
pub(crate) struct BatchArgs {
    #[command(flatten)]
    acting: Acting,
    /// The resource; the officer must be its data steward
    #[arg(long, default_value = "civil-affairs/divisions")]
    resource: ResourceId,
    /// The law the records are written under
    #[arg(long, default_value = "administrative-divisions-regulation-art-17")]
    legal_basis: BasisCode,
    /// What the batches do
    #[arg(long, value_enum, default_value = "create")]
    kind: Kind,
    /// Batches of 1,000 operations
    #[arg(long, default_value_t = 200)]
    batches: usize,
    /// Closed loop: batches under way at once
    #[arg(long, default_value_t = 16, conflicts_with = "rate")]
    concurrency: usize,
    /// Open loop: batches per second
    #[arg(long)]
    rate: Option<u64>,
    /// Base URL of a validator; may be given several times [default: those of the folder]
    #[arg(long = "validator", value_name = "URL")]
    validators: Vec<String>,
}

/// Carries the command out.
pub(crate) async fn run(arguments: &BatchArgs, context: &Context) -> Result<Value, Failure> {
    let desk = arguments.acting.open(context).await?;
    let urls = if arguments.validators.is_empty() { context.home.validators()? } else { arguments.validators.clone() };
    let clients: Vec<ValidatorClient> =
        urls.iter().map(|url| ValidatorClient::new([url.as_str()]).map_err(fail)).collect::<Result<_, _>>()?;
    let records: Vec<Vec<RecordId>> = (0..arguments.batches).map(|_| identifiers()).collect::<Result<_, _>>()?;
    if arguments.kind == Kind::Update {
        // What is updated must exist: created before the clock starts.
        let creations = batches(arguments, &desk, &urls, &records, Kind::Create).await?;
        send_all(&clients, creations, arguments.concurrency, None, &desk).await?;
    }
    let signed = batches(arguments, &desk, &urls, &records, arguments.kind).await?;
    let run = Stretch::begin();
    let (latencies, placed) = send_all(&clients, signed, arguments.concurrency, arguments.rate, &desk).await?;
    let spent = run.end();
    let elapsed = run.elapsed().as_secs_f64();
    let operations = placed.len().saturating_mul(BATCH_OPERATIONS_MAX);
    let checked = spot_check(&clients, &placed, &desk.network).await?;
    Ok(json!({
        "bench": "batch",
        "loop": if arguments.rate.is_some() { "open" } else { "closed" },
        "kind": format!("{:?}", arguments.kind).to_lowercase(),
        "validators": urls.len(),
        "batches": placed.len(),
        "operations": operations,
        "per_second": as_number(operations) / elapsed,
        "submit_to_final": latencies.summary(),
        "receipts_verified": checked,
        "run": spent,
        "machine": measure::machine(),
    }))
}

fn identifiers() -> Result<Vec<RecordId>, Failure> {
    (0..BATCH_OPERATIONS_MAX).map(|_| random::array().map(RecordId::new).map_err(Failure::usage)).collect()
}

async fn batches(
    arguments: &BatchArgs,
    desk: &Desk,
    urls: &[String],
    records: &[Vec<RecordId>],
    kind: Kind,
) -> Result<Vec<Transaction>, Failure> {
    let now = clients_time(urls).await?;
    let mut signer = Signer::new(desk, now.plus_millis(VALID_FOR_MS_MAX / 2))?;
    let effective = Date::new(2026, 1, 1).ok_or_else(|| Failure::usage("no such date"))?;
    let mut signed = Vec::with_capacity(records.len());
    for batch in records {
        let operations = batch.iter().map(|record| operation(desk, *record, kind)).collect::<Result<Vec<_>, _>>()?;
        let batch = RecordBatch {
            resource: arguments.resource.clone(),
            legal_basis: arguments.legal_basis.clone(),
            effective,
            operations: List::new(operations).map_err(Failure::usage)?,
        };
        signed.push(signer.sign(vec![Action::WriteRecords(batch)])?);
    }
    Ok(signed)
}

fn operation(desk: &Desk, record: RecordId, kind: Kind) -> Result<RecordOp, Failure> {
    let noise: [u8; 32] = random::array().map_err(Failure::usage)?;
    let commitment: Digest = desk.network.suite.hash(&[&noise]);
    Ok(match kind {
        Kind::Create => RecordOp::Create { record, commitment },
        Kind::Update => RecordOp::Update { record, expected_version: 1, commitment },
    })
}

type Sent = (Latencies, Vec<(TransactionId, Height)>);

/// Hands batches in: so many at once, or at a rate whatever the answers.
async fn send_all(
    clients: &[ValidatorClient],
    signed: Vec<Transaction>,
    concurrency: usize,
    rate: Option<u64>,
    desk: &Desk,
) -> Result<Sent, Failure> {
    let mut sent = (Latencies::default(), Vec::with_capacity(signed.len()));
    let mut under_way = JoinSet::new();
    let beat = rate.map(Beat::begin);
    for (place, transaction) in signed.into_iter().enumerate() {
        let Some(client) = clients.get(place % clients.len().max(1)).cloned() else {
            break;
        };
        if let Some(beat) = &beat {
            sleep_until(beat.due(place)).await;
        } else if under_way.len() >= concurrency.max(1) {
            note(under_way.join_next().await, &mut sent)?;
        }
        let begun = beat.as_ref().map_or_else(Instant::now, |beat| beat.due(place));
        let id = transaction.id(desk.network.suite);
        let bytes = codec::encode(&transaction);
        under_way.spawn(async move { (id, client.submit(bytes, Wait::Final, PATIENCE).await, begun.elapsed()) });
    }
    while let Some(answer) = under_way.join_next().await {
        note(Some(answer), &mut sent)?;
    }
    Ok(sent)
}

type Handed = (TransactionId, Result<Submitted, ClientError>, Duration);

/// Counts one batch; one that did not become final ends the run.
fn note(answer: Option<Result<Handed, tokio::task::JoinError>>, sent: &mut Sent) -> Result<(), Failure> {
    match answer.transpose().map_err(Failure::usage)? {
        None => Ok(()),
        Some((id, Ok(Submitted::Final { height, .. }), took)) => {
            sent.0.push(took);
            sent.1.push((id, height));
            Ok(())
        }
        Some((id, Ok(_), _)) => Err(Failure::unreachable(format_args!("batch {id} did not become final"))),
        Some((_, Err(error), _)) => Err(fail(error)),
    }
}

//! `gongxin bench batch`: record operations per second in batches of up to 1,000, handed to the validators.
//!
//! The commitments are of random rows whose bodies are thrown away: what is measured is the ledger, not a vault.

use std::time::Duration;

use clap::{Args, ValueEnum};
use gongxin_client::{Submitted, ValidatorClient, wire::Wait};
use gongxin_crypto::{Digest, random};
use gongxin_types::{
    Action, BasisCode, Date, Height, List, RecordBatch, RecordId, RecordOp, ResourceId, Transaction, TransactionId,
    codec,
    limits::{BATCH_OPERATIONS_MAX, VALID_FOR_MS_MAX},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::ledger::{as_number, clients_time, spot_check};
use super::measure::{self, Latencies, Stretch};
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
    /// Batches under way at once
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
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
        send_all(&clients, creations, arguments.concurrency, &desk).await?;
    }
    let signed = batches(arguments, &desk, &urls, &records, arguments.kind).await?;
    let run = Stretch::begin();
    let (latencies, placed) = send_all(&clients, signed, arguments.concurrency, &desk).await?;
    let spent = run.end();
    let elapsed = run.elapsed().as_secs_f64();
    let operations = placed.len().saturating_mul(BATCH_OPERATIONS_MAX);
    let checked = spot_check(&clients, &placed, desk.network.suite).await?;
    Ok(json!({
        "bench": "batch",
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

async fn send_all(
    clients: &[ValidatorClient],
    signed: Vec<Transaction>,
    concurrency: usize,
    desk: &Desk,
) -> Result<Sent, Failure> {
    let mut latencies = Latencies::default();
    let mut placed = Vec::with_capacity(signed.len());
    let mut under_way = JoinSet::new();
    let mut waiting = signed.into_iter().enumerate();
    loop {
        while under_way.len() < concurrency {
            let Some((place, transaction)) = waiting.next() else {
                break;
            };
            let Some(client) = clients.get(place % clients.len().max(1)).cloned() else {
                break;
            };
            let id = transaction.id(desk.network.suite);
            let bytes = codec::encode(&transaction);
            under_way.spawn(async move {
                let begun = Instant::now();
                (id, client.submit(bytes, Wait::Final, PATIENCE).await, begun.elapsed())
            });
        }
        let Some(answer) = under_way.join_next().await else {
            return Ok((latencies, placed));
        };
        match answer.map_err(Failure::usage)? {
            (id, Ok(Submitted::Final { height, .. }), took) => {
                latencies.push(took);
                placed.push((id, height));
            }
            (id, Ok(_), _) => {
                return Err(Failure::unreachable(format_args!("batch {id} did not become final")));
            }
            (_, Err(error), _) => return Err(fail(error)),
        }
    }
}

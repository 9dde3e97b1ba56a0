//! `gongxin bench read`: audited readings, each final on the ledger, verified and opened before it counts.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use gongxin_client::GatewayClient;
use gongxin_types::ResourceId;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::measure::{self, Latencies, Stretch};
use crate::cli::{Acting, Context, Desk};
use crate::failure::Failure;
use crate::reading;

/// How to measure.
#[derive(Args)]
pub(crate) struct ReadArgs {
    #[command(flatten)]
    acting: Acting,
    /// The resource, such as `civil-affairs/divisions`
    #[arg(long, default_value = "civil-affairs/divisions")]
    resource: ResourceId,
    /// Keys to read in turn
    #[arg(long, value_delimiter = ',', default_value = "110101,310101,440103,510104,610102")]
    keys: Vec<String>,
    /// Readings to make
    #[arg(long, default_value_t = 200)]
    readings: usize,
    /// Readings under way at once
    #[arg(long, default_value_t = 1)]
    concurrency: usize,
}

/// Carries the command out.
pub(crate) async fn run(arguments: &ReadArgs, context: &Context) -> Result<Value, Failure> {
    let desk = Arc::new(arguments.acting.open(context).await?);
    let owner = Arc::new(crate::cli::owner_gateway(&arguments.resource, &desk, context).await?);
    let run = Stretch::begin();
    let mut readers = JoinSet::new();
    for place in 0..arguments.concurrency.max(1) {
        let share = arguments.readings / arguments.concurrency.max(1);
        let (desk, owner) = (Arc::clone(&desk), Arc::clone(&owner));
        let keys = arguments.keys.clone();
        let resource = arguments.resource.clone();
        readers.spawn(async move { read_share(&desk, &owner, &resource, &keys, place, share).await });
    }
    let mut latencies = Latencies::default();
    while let Some(one) = readers.join_next().await {
        latencies.extend(one.map_err(Failure::usage)??);
    }
    let spent = run.end();
    let seconds = run.elapsed();
    Ok(json!({
        "bench": "read",
        "concurrency": arguments.concurrency,
        "readings": arguments.readings,
        "per_second": super::ledger::as_number(arguments.readings) / seconds.as_secs_f64(),
        "ask_to_open": latencies.summary(),
        "run": spent,
        "machine": measure::machine(),
    }))
}

async fn read_share(
    desk: &Desk,
    owner: &GatewayClient,
    resource: &ResourceId,
    keys: &[String],
    place: usize,
    share: usize,
) -> Result<Latencies, Failure> {
    let mut latencies = Latencies::default();
    for number in 0..share {
        let Some(key) = keys.get((place + number) % keys.len().max(1)) else {
            break;
        };
        let question = crate::cli::usual_question(desk, resource, key).await?;
        let begun = Instant::now();
        reading::ask(desk, owner, question).await?;
        let took: Duration = begun.elapsed();
        latencies.push(took);
    }
    Ok(latencies)
}

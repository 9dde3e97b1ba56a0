//! `gongxin bench read`: audited readings, each final on the ledger, verified and opened before it counts.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use gongxin_client::GatewayClient;
use gongxin_types::ResourceId;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::measure::{self, Beat, Latencies, Stretch};
use crate::cli::{Acting, Context, Desk};
use crate::failure::Failure;
use crate::reading;

/// How to measure.
#[derive(Args, Clone)]
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
    /// Closed loop: readings under way at once
    #[arg(long, default_value_t = 1, conflicts_with = "rate")]
    concurrency: usize,
    /// Open loop: readings per second
    #[arg(long)]
    rate: Option<u64>,
}

/// Carries the command out.
pub(crate) async fn run(arguments: &ReadArgs, context: &Context) -> Result<Value, Failure> {
    let desk = Arc::new(arguments.acting.open(context).await?);
    let owner = Arc::new(crate::cli::owner_gateway(&arguments.resource, &desk, context).await?);
    let run = Stretch::begin();
    let latencies = match arguments.rate {
        Some(rate) => open_loop(arguments, rate, &desk, &owner).await?,
        None => closed_loop(arguments, &desk, &owner).await?,
    };
    let spent = run.end();
    let seconds = run.elapsed();
    Ok(json!({
        "bench": "read",
        "loop": if arguments.rate.is_some() { "open" } else { "closed" },
        "concurrency": arguments.rate.is_none().then_some(arguments.concurrency),
        "readings": latencies.count(),
        "per_second": super::ledger::as_number(latencies.count()) / seconds.as_secs_f64(),
        "ask_to_open": latencies.summary(),
        "run": spent,
        "machine": measure::machine(),
    }))
}

/// So many readers, each asking again when it has opened the last answer.
async fn closed_loop(arguments: &ReadArgs, desk: &Arc<Desk>, owner: &Arc<GatewayClient>) -> Result<Latencies, Failure> {
    let readers = arguments.concurrency.max(1);
    let mut under_way = JoinSet::new();
    for first in 0..readers {
        let (desk, owner, arguments) = (Arc::clone(desk), Arc::clone(owner), arguments.clone());
        under_way.spawn(async move {
            let mut latencies = Latencies::default();
            for place in (first..arguments.readings).step_by(readers) {
                latencies.push(read(&arguments, &desk, &owner, place, None).await?);
            }
            Ok(latencies)
        });
    }
    gather(under_way).await
}

/// So many readings a second, whatever the answers; what is late counts from when it was due.
async fn open_loop(
    arguments: &ReadArgs,
    rate: u64,
    desk: &Arc<Desk>,
    owner: &Arc<GatewayClient>,
) -> Result<Latencies, Failure> {
    let beat = Beat::begin(rate);
    let mut under_way = JoinSet::new();
    for place in 0..arguments.readings {
        let due = beat.due(place);
        sleep_until(due).await;
        let (desk, owner, arguments) = (Arc::clone(desk), Arc::clone(owner), arguments.clone());
        under_way.spawn(async move {
            let mut latencies = Latencies::default();
            latencies.push(read(&arguments, &desk, &owner, place, Some(due)).await?);
            Ok(latencies)
        });
    }
    gather(under_way).await
}

async fn gather(mut under_way: JoinSet<Result<Latencies, Failure>>) -> Result<Latencies, Failure> {
    let mut latencies = Latencies::default();
    while let Some(one) = under_way.join_next().await {
        latencies.extend(one.map_err(Failure::usage)??);
    }
    Ok(latencies)
}

/// One reading, from asking to opened; from when it was due, where that is given.
async fn read(
    arguments: &ReadArgs,
    desk: &Desk,
    owner: &GatewayClient,
    place: usize,
    due: Option<Instant>,
) -> Result<Duration, Failure> {
    let key = arguments.keys.get(place % arguments.keys.len().max(1));
    let key = key.ok_or_else(|| Failure::usage("there is no key to read"))?;
    let question = crate::cli::usual_question(desk, &arguments.resource, key).await?;
    let begun = due.unwrap_or_else(Instant::now);
    reading::ask(desk, owner, question).await?;
    Ok(begun.elapsed())
}

//! `gongxin bench read`: audited readings, each final on the ledger, verified and opened before it counts.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use gongxin_client::GatewayClient;
use gongxin_types::ResourceId;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::flood::{Flood, FloodArgs};
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
    #[command(flatten)]
    flood: FloodArgs,
}

/// Carries the command out.
pub(crate) async fn run(arguments: &ReadArgs, context: &Context) -> Result<Value, Failure> {
    let desk = Arc::new(arguments.acting.open(context).await?);
    let owner = Arc::new(crate::cli::owner_gateway(&arguments.resource, &desk, context).await?);
    if let Some(officer) = &arguments.flood.flood_by {
        return beside(arguments, officer, context, &desk, &owner).await;
    }
    let run = Stretch::begin();
    let latencies = measured(arguments, &desk, &owner).await?;
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

/// Quiet and flooded in turn, so that whatever else the machine does falls on both.
async fn beside(
    arguments: &ReadArgs,
    officer: &str,
    context: &Context,
    desk: &Arc<Desk>,
    owner: &Arc<GatewayClient>,
) -> Result<Value, Failure> {
    let (mut quiet, mut flooded, mut rounds) = (Latencies::default(), Latencies::default(), Vec::new());
    for _ in 0..arguments.flood.rounds {
        let without = measured(arguments, desk, owner).await?;
        let blocks = super::ledger::final_transactions(context).await?;
        let (mut flood, begun) = (Flood::begin(officer, &arguments.flood, context).await?, Stretch::begin());
        let with = measured(arguments, desk, owner).await?;
        let (went_on, seconds) = (flood.goes_on(), begun.elapsed().as_secs_f64());
        let others = super::ledger::final_transactions(context).await?.saturating_sub(blocks);
        flood.end().await?;
        rounds.push(json!({
            "quiet": without.clone().summary(),
            "flooded": with.clone().summary(),
            "flood_lasted": went_on,
            "final_per_second": super::ledger::as_number(usize::try_from(others).unwrap_or(usize::MAX)) / seconds,
        }));
        quiet.extend(without);
        flooded.extend(with);
    }
    let (quiet, flooded) = (quiet.summary(), flooded.summary());
    let ratio = |name: &str| Some(flooded.get(name)?.as_f64()? / quiet.get(name)?.as_f64()?);
    Ok(json!({
        "bench": "read",
        "flood_by": officer,
        "quiet": quiet,
        "flooded": flooded,
        "p50_ratio": ratio("p50_ms"),
        "p99_ratio": ratio("p99_ms"),
        "rounds": rounds,
        "machine": measure::machine(),
    }))
}

async fn measured(arguments: &ReadArgs, desk: &Arc<Desk>, owner: &Arc<GatewayClient>) -> Result<Latencies, Failure> {
    match arguments.rate {
        Some(rate) => open_loop(arguments, rate, desk, owner).await,
        None => closed_loop(arguments, desk, owner).await,
    }
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

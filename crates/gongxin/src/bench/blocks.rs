//! `gongxin bench blocks`: final blocks as they come, and the time between them.
//!
//! Twice: by the time that stands in them, and by when this client had them. Where the validators or the version of the rules
//! change, the longest gap within some seconds of that block is told apart.

use std::time::Duration;

use clap::Args;
use gongxin_client::ValidatorClient;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::measure::{self, Latencies, Stretch};
use crate::cli::{Context, fail};
use crate::failure::Failure;

/// What counts as the neighbourhood of a change.
const AROUND: Duration = Duration::from_secs(5);

/// How long to look, and where.
#[derive(Args)]
pub(crate) struct BlocksArgs {
    /// Seconds to look
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Base URL of a validator; may be given several times [default: those of the folder]
    #[arg(long = "validator", value_name = "URL")]
    validators: Vec<String>,
}

/// One block, as far as it matters here.
#[derive(Clone, Copy)]
struct Seen {
    height: u64,
    time_ms: u64,
    at: Instant,
    epoch: u64,
    version: u16,
    transactions: usize,
}

/// Carries the command out.
pub(crate) async fn run(arguments: &BlocksArgs, context: &Context) -> Result<Value, Failure> {
    let urls = if arguments.validators.is_empty() { context.home.validators()? } else { arguments.validators.clone() };
    let client = ValidatorClient::new(&urls).map_err(fail)?;
    let tip = client.status().await.map_err(fail)?.height;
    let (run, end) = (Stretch::begin(), Instant::now() + Duration::from_secs(arguments.seconds));
    let mut blocks = client.follow(tip.next());
    let mut seen: Vec<Seen> = Vec::new();
    while let Ok(block) = timeout_at(end, blocks.next()).await {
        let header = &block.header;
        seen.push(Seen {
            height: header.height.get(),
            time_ms: header.time.millis(),
            at: Instant::now(),
            epoch: header.epoch,
            version: header.protocol_version,
            transactions: block.transactions.len(),
        });
    }
    let transactions: usize = seen.iter().map(|block| block.transactions).sum();
    Ok(json!({
        "bench": "blocks",
        "blocks": seen.len(),
        "transactions": transactions,
        "gap_by_block_time": gaps(&seen, by_time).summary(),
        "gap_by_arrival": gaps(&seen, by_arrival).summary(),
        "changes": changes(&seen),
        "run": run.end(),
        "machine": measure::machine(),
    }))
}

fn by_time(before: &Seen, after: &Seen) -> Duration {
    Duration::from_millis(after.time_ms.saturating_sub(before.time_ms))
}

fn by_arrival(before: &Seen, after: &Seen) -> Duration {
    after.at.saturating_duration_since(before.at)
}

fn gaps(seen: &[Seen], between: fn(&Seen, &Seen) -> Duration) -> Latencies {
    let mut gaps = Latencies::default();
    seen.iter().zip(seen.iter().skip(1)).for_each(|(before, after)| gaps.push(between(before, after)));
    gaps
}

/// Where the validators or the rules are others than in the block before, and the longest gap around that.
fn changes(seen: &[Seen]) -> Vec<Value> {
    let pairs = || seen.iter().zip(seen.iter().skip(1));
    let changed = pairs().filter(|(before, after)| before.epoch != after.epoch || before.version != after.version);
    let told = changed.map(|(last, first)| {
        let is_near = |(_, after): &(&Seen, &Seen)| {
            let apart = after.at.saturating_duration_since(first.at).max(first.at.saturating_duration_since(after.at));
            apart <= AROUND
        };
        let longest = |between: fn(&Seen, &Seen) -> Duration| {
            pairs().filter(is_near).map(|(before, after)| between(before, after)).max().map(millis)
        };
        json!({
            "height": first.height,
            "epoch": [last.epoch, first.epoch],
            "protocol_version": [last.version, first.version],
            "gap_ms": { "by_block_time": millis(by_time(last, first)), "by_arrival": millis(by_arrival(last, first)) },
            "longest_around_ms": { "by_block_time": longest(by_time), "by_arrival": longest(by_arrival) },
        })
    });
    told.collect()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! A flood beside a measurement: another process of this program, so that neither waits for the other's core.

use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use gongxin_client::ValidatorClient;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::cli::{Context, fail};
use crate::failure::Failure;

/// How long a flood may take to begin, since it signs before it sends, and what is left of it to become final.
const WITHIN: Duration = Duration::from_secs(60);
/// How often it is looked whether it has begun.
const LOOK: Duration = Duration::from_millis(50);
/// Transactions that wait at a validator once it has.
const BEGUN: u64 = 100;

/// How to flood.
#[derive(Args, Clone)]
pub(crate) struct FloodArgs {
    /// Read without and beside a flood in turn: `bench ledger` by this officer, in a process of its own
    #[arg(long, value_name = "OFFICER")]
    pub(super) flood_by: Option<String>,
    /// Transactions of the flood that are under way at once
    #[arg(long, default_value_t = 4_000, requires = "flood_by")]
    flood_concurrency: usize,
    /// How often, without and beside it in turn
    #[arg(long, default_value_t = 3, requires = "flood_by", value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(super) rounds: u8,
    /// Seconds that each flood lasts at most; what is not read by then is read without it, and counts all the same
    #[arg(long, default_value_t = 60, requires = "flood_by", value_parser = clap::value_parser!(u64).range(1..=240))]
    flood_seconds: u64,
    /// Transactions that each flood signs beforehand
    #[arg(long, default_value_t = 150_000, requires = "flood_by")]
    flood_transactions: usize,
}

/// A flood that has begun.
pub(crate) struct Flood {
    process: Child,
    client: ValidatorClient,
}

impl Flood {
    /// Begins one by this officer, and waits until transactions wait for it at a validator.
    pub(crate) async fn begin(officer: &str, arguments: &FloodArgs, context: &Context) -> Result<Self, Failure> {
        let client = ValidatorClient::new(context.home.validators()?).map_err(fail)?;
        let program = std::env::current_exe().map_err(Failure::usage)?;
        let mut command = Command::new(program);
        command
            .args(["--output", "json", "--home"])
            .arg(context.home.directory())
            .args(["bench", "ledger", "--as", officer]);
        let numbers = [
            ("--seconds", arguments.flood_seconds.to_string()),
            ("--concurrency", arguments.flood_concurrency.to_string()),
            ("--transactions", arguments.flood_transactions.to_string()),
        ];
        for (name, value) in &numbers {
            command.args([*name, value]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn().map_err(Failure::usage)?;
        let begun = tokio::time::timeout(WITHIN, async {
            while client.status().await.map_err(fail)?.mempool_transactions < BEGUN {
                if process.try_wait().map_err(Failure::usage)?.is_some() {
                    return Err(Failure::unreachable("the flood ended before it began"));
                }
                sleep(LOOK).await;
            }
            Ok(())
        });
        begun.await.map_err(|_| Failure::unreachable("the flood did not begin in time"))??;
        Ok(Self { process, client })
    }

    /// Whether it still goes on.
    pub(crate) fn goes_on(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Ends it, and waits until nothing of it waits at the validators any more.
    pub(crate) async fn end(mut self) -> Result<(), Failure> {
        self.process.kill().await.map_err(Failure::usage)?;
        let settled = tokio::time::timeout(WITHIN, async {
            while self.client.status().await.map_err(fail)?.mempool_transactions > 0 {
                sleep(LOOK).await;
            }
            Ok(())
        });
        settled.await.map_err(|_| Failure::unreachable("what was left of the flood did not become final in time"))?
    }
}

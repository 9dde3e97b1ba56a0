//! `gongxin bench`: measure a network: transactions, batches, readings. Machine, versions and percentiles in one document.

mod batch;
mod blocks;
mod flood;
mod ledger;
mod measure;
mod proof;
mod read;

use clap::{Args, Subcommand};

use crate::cli::Context;
use crate::failure::Failure;
use crate::output;

/// What to measure.
#[derive(Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Signed transactions, one act of notarising each, handed to the validators
    Ledger(ledger::LedgerArgs),
    /// Records written in batches, handed to the validators without bodies
    Batch(batch::BatchArgs),
    /// Audited readings of one register, one after another or side by side; with `--flood-by` beside a flood too
    Read(read::ReadArgs),
    /// Final blocks as they come: how far apart they are, and what a change of the validators or of the rules costs
    Blocks(blocks::BlocksArgs),
}

/// Carries the command out.
pub(crate) fn run(arguments: BenchArgs, context: &Context) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(Failure::usage)?;
    let document = runtime.block_on(async {
        match arguments.what {
            What::Ledger(arguments) => ledger::run(&arguments, context).await,
            What::Batch(arguments) => batch::run(&arguments, context).await,
            What::Read(arguments) => read::run(&arguments, context).await,
            What::Blocks(arguments) => blocks::run(&arguments, context).await,
        }
    })?;
    output::print(context.format, &document, &[]);
    Ok(())
}

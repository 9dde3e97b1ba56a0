//! `gongxin access`: readings that happened, as far as the officer may see them.

use clap::{Args, Subcommand};
use gongxin_types::{OrganizationId, RecordId, ResourceId};

use super::{
    Context,
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;

const PATH: &str = "/api/v1/accesses";
const COLUMNS: &[&str] =
    &["place.time", "resource", "reader", "officer", "purpose", "legal_basis", "decision.effect", "place.height"];

/// Readings.
#[derive(Subcommand)]
pub(crate) enum AccessCommand {
    /// List them, oldest first
    List(AccessListArgs),
    /// Show one: officer and request, as `OFFICER/REQUEST`
    Show(ShowArgs),
}

/// Which readings.
#[derive(Args)]
pub(crate) struct AccessListArgs {
    /// Only of this resource
    #[arg(long)]
    resource: Option<ResourceId>,
    /// Only of this record
    #[arg(long)]
    record: Option<RecordId>,
    /// Only by this organization
    #[arg(long)]
    reader: Option<OrganizationId>,
    #[command(flatten)]
    list: ListArgs,
}

/// Carries the command out.
pub(crate) async fn run(command: AccessCommand, context: &Context) -> Result<(), Failure> {
    match command {
        AccessCommand::List(arguments) => {
            let filter = [
                ("resource", arguments.resource.map(|id| id.to_string())),
                ("list", arguments.record.map(|id| format!("record:{id}"))),
                ("reader", arguments.reader.map(|id| id.to_string())),
            ];
            listing::list(&arguments.list, context, PATH, &filter, COLUMNS).await
        }
        AccessCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
    }
}

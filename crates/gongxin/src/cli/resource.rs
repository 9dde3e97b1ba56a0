//! `gongxin resource`: catalogued data sets.

use clap::Subcommand;
use gongxin_types::{Action, ResourceId};

use super::{
    Context,
    acting::{ById, FromFile, act},
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;

const PATH: &str = "/api/v1/resources";
const COLUMNS: &[&str] = &["id", "title", "share.kind", "open.kind", "classification", "update_cycle", "revision"];

/// Catalogued data sets.
#[derive(Subcommand)]
pub(crate) enum ResourceCommand {
    /// List them
    List(ListArgs),
    /// Show one
    Show(ShowArgs),
    /// Publish a resource in the catalogue, as a JSON file describes it
    Publish(FromFile),
    /// Change a resource; key columns stay
    Amend(FromFile),
    /// Take a resource out of the catalogue
    Withdraw(ById<ResourceId>),
}

/// Carries the command out.
pub(crate) async fn run(command: ResourceCommand, context: &Context) -> Result<(), Failure> {
    match command {
        ResourceCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        ResourceCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        ResourceCommand::Publish(arguments) => {
            act(Action::PublishResource(arguments.noun()?), &arguments.how, context).await
        }
        ResourceCommand::Amend(arguments) => {
            act(Action::AmendResource(arguments.noun()?), &arguments.how, context).await
        }
        ResourceCommand::Withdraw(arguments) => {
            act(Action::WithdrawResource(arguments.id), &arguments.how, context).await
        }
    }
}

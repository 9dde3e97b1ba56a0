//! `gongxin org`: members of the network.

use clap::Subcommand;
use gongxin_types::Action;

use super::{
    Context,
    acting::{FromFile, act},
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;

const PATH: &str = "/api/v1/organizations";
const COLUMNS: &[&str] = &["id", "name", "kind", "level", "division", "height"];

/// Members of the network.
#[derive(Subcommand)]
pub(crate) enum OrgCommand {
    /// List them
    List(ListArgs),
    /// Show one
    Show(ShowArgs),
    /// Admit a member, as a JSON file describes it
    Register(FromFile),
    /// Change a member's name, level, division or parent
    Amend(FromFile),
}

/// Carries the command out.
pub(crate) async fn run(command: OrgCommand, context: &Context) -> Result<(), Failure> {
    match command {
        OrgCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        OrgCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        OrgCommand::Register(arguments) => {
            act(Action::RegisterOrganization(arguments.noun()?), &arguments.how, context).await
        }
        OrgCommand::Amend(arguments) => {
            act(Action::AmendOrganization(arguments.noun()?), &arguments.how, context).await
        }
    }
}

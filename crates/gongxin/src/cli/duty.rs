//! `gongxin duty`: statutory tasks.

use clap::Subcommand;
use gongxin_types::{Action, DutyId};

use super::{
    Context,
    acting::{ById, FromFile, act},
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;

const PATH: &str = "/api/v1/duties";
const COLUMNS: &[&str] = &["id", "title", "legal_basis", "revision", "withdrawn"];

/// Statutory tasks.
#[derive(Subcommand)]
pub(crate) enum DutyCommand {
    /// List them
    List(ListArgs),
    /// Show one
    Show(ShowArgs),
    /// Publish a duty, as a JSON file describes it
    Register(FromFile),
    /// Change a duty
    Amend(FromFile),
    /// End a duty
    Withdraw(ById<DutyId>),
}

/// Carries the command out.
pub(crate) async fn run(command: DutyCommand, context: &Context) -> Result<(), Failure> {
    match command {
        DutyCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        DutyCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        DutyCommand::Register(arguments) => act(Action::RegisterDuty(arguments.noun()?), &arguments.how, context).await,
        DutyCommand::Amend(arguments) => act(Action::AmendDuty(arguments.noun()?), &arguments.how, context).await,
        DutyCommand::Withdraw(arguments) => act(Action::WithdrawDuty(arguments.id), &arguments.how, context).await,
    }
}

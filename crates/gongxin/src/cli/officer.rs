//! `gongxin officer`: persons acting for a member, under pseudonyms; their roles and keys.

use clap::{Args, Subcommand};
use gongxin_crypto::PublicKey;
use gongxin_types::{Action, OfficerId, OfficerKey, Time, action::OfficerChange};

use super::{
    Context,
    acting::{ById, FromFile, How, act},
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;

const PATH: &str = "/api/v1/officers";
const COLUMNS: &[&str] = &["id", "organization", "roles", "until", "dismissed"];

/// Persons acting for a member.
#[derive(Subcommand)]
pub(crate) enum OfficerCommand {
    /// List them
    List(ListArgs),
    /// Show one
    Show(ShowArgs),
    /// Appoint an officer, as a JSON file describes one
    Register(FromFile),
    /// Change roles and term: a JSON file of {id, roles, until}
    Amend(FromFile),
    /// End an appointment at once
    Dismiss(ById<OfficerId>),
    /// Add a key
    AddKey(AddKeyArgs),
    /// Revoke a key at once
    RevokeKey(RevokeKeyArgs),
}

/// A new key.
#[derive(Args)]
pub(crate) struct AddKeyArgs {
    /// The officer
    id: OfficerId,
    /// The public key, as `gongxin key show` prints it
    public_key: PublicKey,
    /// When it begins to count [default: at once]
    #[arg(long)]
    from: Option<Time>,
    /// When it no longer counts [default: never]
    #[arg(long)]
    until: Option<Time>,
    #[command(flatten)]
    how: How,
}

/// A key that ends.
#[derive(Args)]
pub(crate) struct RevokeKeyArgs {
    /// The officer
    id: OfficerId,
    /// The public key
    public_key: PublicKey,
    #[command(flatten)]
    how: How,
}

/// Carries the command out.
pub(crate) async fn run(command: OfficerCommand, context: &Context) -> Result<(), Failure> {
    match command {
        OfficerCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        OfficerCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        OfficerCommand::Register(arguments) => {
            act(Action::RegisterOfficer(arguments.noun()?), &arguments.how, context).await
        }
        OfficerCommand::Amend(arguments) => {
            act(Action::AmendOfficer(arguments.noun::<OfficerChange>()?), &arguments.how, context).await
        }
        OfficerCommand::Dismiss(arguments) => act(Action::DismissOfficer(arguments.id), &arguments.how, context).await,
        OfficerCommand::AddKey(arguments) => {
            let key = OfficerKey {
                key: arguments.public_key,
                from: arguments.from.unwrap_or_default(),
                until: arguments.until,
                revoked: None,
            };
            act(Action::AddOfficerKey(arguments.id, key), &arguments.how, context).await
        }
        OfficerCommand::RevokeKey(arguments) => {
            act(Action::RevokeOfficerKey(arguments.id, arguments.public_key), &arguments.how, context).await
        }
    }
}

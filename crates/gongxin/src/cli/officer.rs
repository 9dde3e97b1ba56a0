//! `gongxin officer`: persons acting for a member, under pseudonyms; their roles and keys.

use clap::{Args, Subcommand};
use gongxin_crypto::PublicKey;
use gongxin_types::{
    Action, OfficerId, OfficerKey, Time, action::OfficerChange, officer::Recovery, pending::PendingAct,
};

use super::{
    Context,
    acting::{ById, FromFile, How, act, kept},
    listing::{self, ListArgs, ShowArgs},
    pending,
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
    /// Change your own key: the one that signs gives way to another
    Rotate(RotateArgs),
    /// Revoke every key of an officer at once: a stolen one could sign for another
    Revoke(ById<OfficerId>),
    /// Propose a new key for an officer whose keys are lost; a second person approves it with `pending approve`
    Recover(RecoverArgs),
}

/// One's own new key.
#[derive(Args)]
pub(crate) struct RotateArgs {
    /// The new public key, as `gongxin key show` prints it
    public_key: PublicKey,
    #[command(flatten)]
    how: How,
}

/// A new key in place of lost ones.
#[derive(Args)]
pub(crate) struct RecoverArgs {
    /// The officer
    id: OfficerId,
    /// The new public key, as `gongxin key show` prints it
    public_key: PublicKey,
    #[command(flatten)]
    how: How,
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
                from: arguments.from.unwrap_or_default(),
                until: arguments.until,
                ..new_key(arguments.public_key)
            };
            act(Action::AddOfficerKey(arguments.id, key), &arguments.how, context).await
        }
        OfficerCommand::RevokeKey(arguments) => {
            act(Action::RevokeOfficerKey(arguments.id, arguments.public_key), &arguments.how, context).await
        }
        OfficerCommand::Rotate(arguments) => rotate(&arguments, context).await,
        OfficerCommand::Revoke(arguments) => {
            act(Action::RevokeOfficerKeys(arguments.id), &arguments.how, context).await
        }
        OfficerCommand::Recover(arguments) => {
            let recovery = Recovery { officer: arguments.id, key: new_key(arguments.public_key) };
            pending::open(PendingAct::RecoverOfficer(recovery), &arguments.how, context).await
        }
    }
}

/// Both or neither: nobody is left with two keys or with none.
async fn rotate(arguments: &RotateArgs, context: &Context) -> Result<(), Failure> {
    let desk = arguments.how.acting.open(context).await?;
    let actions = vec![
        Action::AddOfficerKey(desk.officer, new_key(arguments.public_key)),
        Action::RevokeOfficerKey(desk.officer, desk.key.public()),
    ];
    let done = kept(desk.act(actions).await, arguments.how.receipt.as_ref())?;
    done.show(context, arguments.how.receipt.as_ref())
}

/// A key that counts from now on, for ever.
fn new_key(key: PublicKey) -> OfficerKey {
    OfficerKey { key, from: Time::default(), until: None, revoked: None }
}

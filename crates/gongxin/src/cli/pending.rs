//! `gongxin pending`: acts on officers that take two persons: propose one, read it, approve it, take it back.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gongxin_crypto::Digest;
use gongxin_types::pending::{Approval, NewPending, PendingAct};
use gongxin_types::{Action, PendingId};

use super::{
    Context,
    acting::{ById, How, act, kept},
    listing::{self, ListArgs, ShowArgs, member},
};
use crate::failure::Failure;
use crate::files;
use crate::output;
use crate::setup::keys;

const PATH: &str = "/api/v1/pending";
const COLUMNS: &[&str] = &["id", "organization", "act.act", "proposer", "opened", "expires", "status.status", "height"];

/// Acts on officers that take two persons.
#[derive(Subcommand)]
pub(crate) enum PendingCommand {
    /// List them
    List(ListArgs),
    /// Show one in full, with the digest that an approval names
    Show(ShowArgs),
    /// Propose one: JSON file `{"act": "register-officer"|"amend-officer"|"recover-officer", "content": …}`
    Open(OpenArgs),
    /// Approve one that somebody else proposed
    Approve(ApproveArgs),
    /// Take one back, or turn it down
    Withdraw(ById<PendingId>),
}

/// A new pending act.
#[derive(Args)]
pub(crate) struct OpenArgs {
    /// JSON file of the act
    file: PathBuf,
    #[command(flatten)]
    how: How,
}

/// An approval.
#[derive(Args)]
pub(crate) struct ApproveArgs {
    /// The pending act
    id: PendingId,
    /// Digest of the act, as `pending show` printed it: you approve what you have read
    #[arg(long, value_name = "DIGEST")]
    act: Digest,
    #[command(flatten)]
    how: How,
}

/// Carries the command out.
pub(crate) async fn run(command: PendingCommand, context: &Context) -> Result<(), Failure> {
    match command {
        PendingCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        PendingCommand::Show(arguments) => show(&arguments, context).await,
        PendingCommand::Open(arguments) => open(files::noun(&arguments.file)?, &arguments.how, context).await,
        PendingCommand::Approve(arguments) => {
            let approval = Approval { pending: arguments.id, act: arguments.act };
            act(Action::ApprovePending(approval), &arguments.how, context).await
        }
        PendingCommand::Withdraw(arguments) => {
            act(Action::WithdrawPending(arguments.id), &arguments.how, context).await
        }
    }
}

/// Proposes an act under a new identifier, and prints it.
pub(crate) async fn open(act: PendingAct, how: &How, context: &Context) -> Result<(), Failure> {
    let desk = how.acting.open(context).await?;
    let id = PendingId::new(keys::identifier()?);
    let digest = act.digest(desk.network.suite);
    let new = NewPending { version: 1, id, act };
    let mut done = kept(desk.act(vec![Action::OpenPending(new)]).await, how.receipt.as_ref())?;
    if let Some(answer) = done.answer.as_object_mut() {
        answer.insert("pending".into(), id.to_string().into());
        answer.insert("act".into(), digest.to_string().into());
    }
    done.show(context, how.receipt.as_ref())
}

/// Whoever approves has read the act itself: its digest is computed here, whatever a gateway says.
async fn show(arguments: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let desk = arguments.acting.open(context).await?;
    let document = desk.get(&format!("{PATH}/{}", arguments.id)).await?;
    let act: PendingAct = member(&document, "act")?;
    if member::<Digest>(&document, "digest")? != act.digest(desk.network.suite) {
        return Err(Failure::unreachable("the gateway shows another act than the one that waits"));
    }
    output::print(context.format, &document, &[]);
    Ok(())
}

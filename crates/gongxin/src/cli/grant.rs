//! `gongxin grant`: who may read which fields of which resource, for what, until when.

use clap::{Args, Subcommand};
use gongxin_types::{
    Action, BasisCode, FieldName, Grant, GrantId, List, OrganizationId, PurposeCode, ResourceId, Time,
};

use super::{
    Context,
    acting::{ById, How, act, kept},
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;
use crate::setup::keys;

const PATH: &str = "/api/v1/grants";
const COLUMNS: &[&str] = &["id", "resource", "reader", "fields", "purpose", "legal_basis", "until", "revoked"];

/// Grants.
#[derive(Subcommand)]
pub(crate) enum GrantCommand {
    /// List them
    List(ListArgs),
    /// Show one
    Show(ShowArgs),
    /// Grant the reading of fields of one of your resources
    Issue(IssueArgs),
    /// End a grant at once
    Revoke(ById<GrantId>),
}

/// A new grant.
#[derive(Args)]
pub(crate) struct IssueArgs {
    /// What may be read, such as `civil-affairs/divisions`
    resource: ResourceId,
    /// Whose officers may read
    #[arg(long)]
    reader: OrganizationId,
    /// Which fields
    #[arg(long, value_delimiter = ',', required = true)]
    fields: Vec<FieldName>,
    /// For what, by its code in the network's list
    #[arg(long)]
    purpose: PurposeCode,
    /// Under which law, by its code in the network's list
    #[arg(long)]
    legal_basis: BasisCode,
    /// When it ends, such as `2027-08-01T00:00:00Z`
    #[arg(long)]
    until: Time,
    #[command(flatten)]
    how: How,
}

/// Carries the command out.
pub(crate) async fn run(command: GrantCommand, context: &Context) -> Result<(), Failure> {
    match command {
        GrantCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        GrantCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        GrantCommand::Issue(arguments) => issue(arguments, context).await,
        GrantCommand::Revoke(arguments) => act(Action::RevokeGrant(arguments.id), &arguments.how, context).await,
    }
}

async fn issue(arguments: IssueArgs, context: &Context) -> Result<(), Failure> {
    let desk = arguments.how.acting.open(context).await?;
    let mut fields = arguments.fields;
    fields.sort();
    fields.dedup();
    let id = GrantId::new(keys::identifier()?);
    let grant = Grant {
        version: 1,
        id,
        resource: arguments.resource,
        reader: arguments.reader,
        fields: List::new(fields).map_err(Failure::usage)?,
        purpose: arguments.purpose,
        legal_basis: arguments.legal_basis,
        until: arguments.until,
        revoked: None,
    };
    let mut done = kept(desk.act(vec![Action::IssueGrant(grant)]).await, arguments.how.receipt.as_ref())?;
    if let Some(answer) = done.answer.as_object_mut() {
        answer.insert("grant".into(), id.to_string().into());
    }
    done.show(context, arguments.how.receipt.as_ref())
}

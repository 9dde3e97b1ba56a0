//! `gongxin obligation`: what one organization owes another within a term of working days.

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use gongxin_crypto::Digest;
use gongxin_types::limits::TERM_WORKING_DAYS_MAX;
use gongxin_types::obligation::{NewObligation, ObligationKind, SuspensionReason};
use gongxin_types::{Action, BasisCode, ObligationId, OrganizationId};

use super::{
    Context,
    acting::{ById, How, act, kept},
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;
use crate::setup::keys;

const PATH: &str = "/api/v1/obligations";
const COLUMNS: &[&str] = &["id", "kind", "obligor", "obligee", "status.status", "due_date", "overdue", "height"];

/// Obligations.
#[derive(Subcommand)]
pub(crate) enum ObligationCommand {
    /// List them
    List(FilterArgs),
    /// Show one
    Show(ShowArgs),
    /// Set another organization a task with a term; for organizations that oversee others
    Open(OpenArgs),
    /// Let a term stand still
    Suspend(SuspendArgs),
    /// Let it run on
    Resume(ById<ObligationId>),
    /// Give a term more working days, once
    Extend(ExtendArgs),
    /// Report, or confirm, that it is fulfilled
    Fulfil(ById<ObligationId>),
    /// Release from it
    Withdraw(ById<ObligationId>),
}

/// Which obligations.
#[derive(Args)]
pub(crate) struct FilterArgs {
    /// Owed by this organization
    #[arg(long, value_name = "ORGANIZATION")]
    obligor: Option<OrganizationId>,
    /// Owed to this organization
    #[arg(long, value_name = "ORGANIZATION")]
    obligee: Option<OrganizationId>,
    /// Only those that are overdue and not ended
    #[arg(long)]
    overdue: bool,
    #[command(flatten)]
    list: ListArgs,
}

/// A new obligation.
#[derive(Args)]
pub(crate) struct OpenArgs {
    /// Who owes it
    #[arg(long, value_name = "ORGANIZATION")]
    obligor: OrganizationId,
    /// What is owed
    #[arg(long, value_parser = PossibleValuesParser::new(ObligationKind::ALL.iter().map(|kind| kind.code())))]
    kind: String,
    /// Under which law, by its code in the network's list
    #[arg(long)]
    legal_basis: BasisCode,
    /// The term; today does not count
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(TERM_WORKING_DAYS_MAX)))]
    working_days: u16,
    /// Digest of the order that says more, as `evidence digest` prints it
    #[arg(long, value_name = "DIGEST")]
    document: Option<Digest>,
    #[command(flatten)]
    how: How,
}

/// Why a term stands still.
#[derive(Args)]
pub(crate) struct SuspendArgs {
    /// Its identifier
    id: ObligationId,
    /// Why
    #[arg(long, value_parser = PossibleValuesParser::new(SuspensionReason::ALL.iter().map(|reason| reason.code())))]
    reason: String,
    #[command(flatten)]
    how: How,
}

/// More working days.
#[derive(Args)]
pub(crate) struct ExtendArgs {
    /// Its identifier
    id: ObligationId,
    /// How many more, at most as many as the term had
    #[arg(long, value_name = "N")]
    working_days: u16,
    #[command(flatten)]
    how: How,
}

/// Carries the command out.
pub(crate) async fn run(command: ObligationCommand, context: &Context) -> Result<(), Failure> {
    match command {
        ObligationCommand::List(arguments) => list(&arguments, context).await,
        ObligationCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        ObligationCommand::Open(arguments) => open(arguments, context).await,
        ObligationCommand::Suspend(SuspendArgs { id, reason, how }) => {
            let reason = coded(SuspensionReason::ALL, |reason| reason.code(), &reason)?;
            act(Action::SuspendObligation(id, reason), &how, context).await
        }
        ObligationCommand::Resume(arguments) => {
            act(Action::ResumeObligation(arguments.id), &arguments.how, context).await
        }
        ObligationCommand::Extend(ExtendArgs { id, working_days, how }) => {
            act(Action::ExtendObligation(id, working_days), &how, context).await
        }
        ObligationCommand::Fulfil(arguments) => {
            act(Action::FulfilObligation(arguments.id), &arguments.how, context).await
        }
        ObligationCommand::Withdraw(arguments) => {
            act(Action::WithdrawObligation(arguments.id), &arguments.how, context).await
        }
    }
}

async fn list(arguments: &FilterArgs, context: &Context) -> Result<(), Failure> {
    let side = |side: &Option<OrganizationId>| side.as_ref().map(ToString::to_string);
    let filter = [
        ("obligor", side(&arguments.obligor)),
        ("obligee", side(&arguments.obligee)),
        ("overdue", arguments.overdue.then(|| "true".to_owned())),
    ];
    listing::list(&arguments.list, context, PATH, &filter, COLUMNS).await
}

async fn open(arguments: OpenArgs, context: &Context) -> Result<(), Failure> {
    let desk = arguments.how.acting.open(context).await?;
    let id = ObligationId::new(keys::identifier()?);
    let new = NewObligation {
        version: 1,
        id,
        kind: coded(ObligationKind::ALL, |kind| kind.code(), &arguments.kind)?,
        obligor: arguments.obligor,
        legal_basis: arguments.legal_basis,
        document: arguments.document,
        term: arguments.working_days,
    };
    let mut done = kept(desk.act(vec![Action::OpenObligation(new)]).await, arguments.how.receipt.as_ref())?;
    if let Some(answer) = done.answer.as_object_mut() {
        answer.insert("obligation".into(), id.to_string().into());
    }
    done.show(context, arguments.how.receipt.as_ref())
}

fn coded<T: Copy>(all: &[T], code: impl Fn(T) -> &'static str, text: &str) -> Result<T, Failure> {
    let found = all.iter().copied().find(|one| code(*one) == text);
    found.ok_or_else(|| Failure::usage(format!("`{text}` is not a code of the list")))
}

//! `gongxin alert`: what is wrong in the network, who says so, and what proves it.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, builder::PossibleValuesParser};
use gongxin_types::alert::{Finding, NewAlert, RejectionCode};
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::{Action, AlertId, AlertKind, FaultEvidence, OrganizationId};

use super::{
    Context, Desk,
    acting::{ById, How, act, kept},
    listing::{self, ListArgs, ShowArgs},
    validator,
};
use crate::failure::Failure;
use crate::files;

const PATH: &str = "/api/v1/alerts";
const COLUMNS: &[&str] = &["id", "topic.kind", "topic.about", "state.state", "confirmed", "confirmations", "raised"];

/// Alerts.
#[derive(Subcommand)]
pub(crate) enum AlertCommand {
    /// List them
    List(FilterArgs),
    /// Show one: who says so, since when, whom the evidence convicts
    Show(ShowArgs),
    /// Raise one, or confirm it, in the name of one's organization
    Raise(RaiseArgs),
    /// Say that what one's organization raised is over; for those who oversee others: that it was dealt with
    End(ById<AlertId>),
}

/// Which alerts.
#[derive(Args)]
pub(crate) struct FilterArgs {
    /// Only those of this kind
    #[arg(long, value_parser = PossibleValuesParser::new(AlertKind::ALL.iter().map(|kind| kind.code())))]
    kind: Option<String>,
    /// Only those that stand
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    list: ListArgs,
}

/// What was found: evidence, or who is not heard, whose clock is wrong, who is turned away.
#[derive(Args)]
#[command(group = ArgGroup::new("finding").required(true))]
pub(crate) struct RaiseArgs {
    /// What validators signed, as `gongxin verify` checks it; or a line of a validator's `faults.log` or `proposals.log`
    #[arg(long, value_name = "FILE", group = "finding")]
    evidence: Option<PathBuf>,
    /// With the evidence of a proposal: why the block is invalid
    #[arg(
        long,
        requires = "evidence",
        value_parser = PossibleValuesParser::new(RejectionCode::ALL.iter().map(|reason| reason.code()))
    )]
    reason: Option<String>,
    /// This validator is not heard: its name or key
    #[arg(long, value_name = "VALIDATOR", group = "finding")]
    silent: Option<String>,
    /// The clock of this validator of one's own is wrong: its name or key
    #[arg(long, value_name = "VALIDATOR", group = "finding")]
    clock: Option<String>,
    /// This organization is turned away, because its quota is used up
    #[arg(long, value_name = "ORGANIZATION", group = "finding")]
    quota: Option<OrganizationId>,
    #[command(flatten)]
    how: How,
}

/// Carries the command out.
pub(crate) async fn run(command: AlertCommand, context: &Context) -> Result<(), Failure> {
    match command {
        AlertCommand::List(arguments) => list(&arguments, context).await,
        AlertCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        AlertCommand::Raise(arguments) => raise(&arguments, context).await,
        AlertCommand::End(arguments) => act(Action::EndAlert(arguments.id), &arguments.how, context).await,
    }
}

async fn list(arguments: &FilterArgs, context: &Context) -> Result<(), Failure> {
    let filter = [("kind", arguments.kind.clone()), ("open", arguments.open.then(|| "true".to_owned()))];
    listing::list(&arguments.list, context, PATH, &filter, COLUMNS).await
}

async fn raise(arguments: &RaiseArgs, context: &Context) -> Result<(), Failure> {
    let desk = arguments.how.acting.open(context).await?;
    let finding = finding(arguments, &desk).await?;
    let topic = finding.topic();
    let new = NewAlert { version: 1, finding };
    let receipt = arguments.how.receipt.as_ref();
    let mut done = kept(desk.act(vec![Action::RaiseAlert(new)]).await, receipt)?;
    // Which number it has, the ledger says: the newest about this.
    let mut number = 1;
    while desk.get(&format!("{PATH}/{}", topic.id(number + 1))).await.is_ok() {
        number += 1;
    }
    if let Some(answer) = done.answer.as_object_mut() {
        answer.insert("alert".into(), topic.id(number).to_string().into());
    }
    done.show(context, receipt)
}

async fn finding(arguments: &RaiseArgs, desk: &Desk) -> Result<Finding, Failure> {
    if let Some(path) = &arguments.evidence {
        // A line of a validator's own files says what it found, the reason included.
        return match files::noun::<Finding>(path) {
            Ok(finding) => Ok(finding),
            Err(_) => evidenced(files::noun(path)?, arguments.reason.as_deref()),
        };
    }
    if let Some(text) = &arguments.silent {
        return Ok(Finding::SilentValidator { validator: key(text, desk).await? });
    }
    if let Some(text) = &arguments.clock {
        return Ok(Finding::ClockFault { validator: key(text, desk).await? });
    }
    let organization = arguments.quota.clone().ok_or_else(|| Failure::usage("what was found?"))?;
    Ok(Finding::QuotaAbuse { organization })
}

fn evidenced(evidence: FaultEvidence, reason: Option<&str>) -> Result<Finding, Failure> {
    match (evidence, reason) {
        (FaultEvidence::Equivocation(fault), None) => Ok(Finding::Equivocation(fault)),
        (FaultEvidence::TwoCertificates(two), None) => Ok(Finding::TwoCertificates(two)),
        (FaultEvidence::Proposal(proposal), Some(reason)) => {
            let found = RejectionCode::ALL.iter().copied().find(|one| one.code() == reason);
            let reason = found.ok_or_else(|| Failure::usage(format!("`{reason}` is not a code of the list")))?;
            Ok(Finding::InvalidProposal { proposal, reason })
        }
        (FaultEvidence::Proposal(_), None) => {
            Err(Failure::usage("this proves that a leader signed a block: say with `--reason` why it is invalid"))
        }
        (_, Some(_)) => Err(Failure::usage("`--reason` belongs to the evidence of a proposal alone")),
    }
}

/// The key of a validator that serves, by its name or by itself.
async fn key(text: &str, desk: &Desk) -> Result<ConsensusKey, Failure> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let serving = validator::serving(desk).await?;
    let found = serving.validators.iter().find(|validator| validator.name.as_str() == text);
    let unknown = || Failure::usage(format!("no validator that serves is called `{text}`: `gongxin validator list`"));
    found.map(|validator| validator.key).ok_or_else(unknown)
}

//! `gongxin proposal`: what members decide together: put something to the vote, read it, vote, see what came of it.

mod words;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use gongxin_crypto::Digest;
use gongxin_types::calendar::{CalendarChange, notice::Notice};
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote};
use gongxin_types::{Action, BasisCode, Date, Height, List, OrganizationId, ProposalId, Refusal};
use serde_json::Value;

use super::{
    Context, Desk,
    acting::{ById, How, act, kept},
    calendar,
    listing::{self, ListArgs, ShowArgs, member},
    policy, validator,
};
use crate::failure::{Failure, chain};
use crate::files;
use crate::output::{self, Format};
use crate::setup::keys;

const PATH: &str = "/api/v1/proposals";
const COLUMNS: &[&str] = &["id", "organization", "kind", "status.status", "opened", "closes", "needed", "height"];
const DAY_MS: u64 = 86_400_000;
/// Largest file of a notice: those of twenty years have at most 4 KB.
const NOTICE_BYTES_MAX: usize = 64 * 1024;

/// What members decide together.
#[derive(Subcommand)]
pub(crate) enum ProposalCommand {
    /// List them
    List(ListArgs),
    /// Show one in full, with its votes
    Show(ShowArgs),
    /// Put something to the vote of the members
    Open(OpenArgs),
    /// Vote in the name of your organization; a vote is never changed
    Vote(VoteArgs),
    /// Take a proposal of your organization back
    Withdraw(ById<ProposalId>),
}

/// What is proposed; one of these.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct What {
    /// Other rules of access: folder of `*.cedar` files, which replace those in force
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Shut a member out
    #[arg(long, value_name = "ORGANIZATION")]
    expel: Option<OrganizationId>,
    /// Holidays: a notice's days in a JSON file `{"year": …, "papers": […], "days": [{"date": …, "isOffDay": …}]}`
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    /// Other validators: JSON file `[{"name": …, "organization": …, "key": …}, …]` of all that are to serve
    #[arg(long, value_name = "FILE")]
    validators: Option<PathBuf>,
    /// The next version of the rules that execute blocks; every node must run a program that has it by then
    #[arg(long, value_name = "NUMBER")]
    protocol_version: Option<u16>,
    /// Anything: JSON file `{"matter": …, "content": …}`
    #[arg(long, value_name = "FILE")]
    matter: Option<PathBuf>,
}

/// A new proposal.
#[derive(Args)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    what: What,
    /// Under which law, by its code in the network's list
    #[arg(long)]
    legal_basis: BasisCode,
    /// Days until nobody votes any more
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u64).range(1..=92))]
    days: u64,
    /// In force from this block, at the earliest [default: as soon as it is accepted]
    #[arg(long)]
    effective: Option<u64>,
    #[command(flatten)]
    how: How,
}

/// A vote.
#[derive(Args)]
pub(crate) struct VoteArgs {
    /// The proposal
    id: ProposalId,
    /// How to vote
    choice: Word,
    /// Digest of the matter, as `proposal show` printed it: you vote on what you have read
    #[arg(long, value_name = "DIGEST")]
    matter: Digest,
    #[command(flatten)]
    how: How,
}

/// For or against.
#[derive(Clone, Copy, ValueEnum)]
enum Word {
    /// 赞成
    For,
    /// 反对
    Against,
}

/// Carries the command out.
pub(crate) async fn run(command: ProposalCommand, context: &Context) -> Result<(), Failure> {
    match command {
        ProposalCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        ProposalCommand::Show(arguments) => show(&arguments, context).await,
        ProposalCommand::Open(arguments) => open(&arguments, context).await,
        ProposalCommand::Vote(arguments) => vote(&arguments, context).await,
        ProposalCommand::Withdraw(arguments) => {
            act(Action::WithdrawProposal(arguments.id), &arguments.how, context).await
        }
    }
}

async fn open(arguments: &OpenArgs, context: &Context) -> Result<(), Failure> {
    let desk = arguments.how.acting.open(context).await?;
    let matter = matter(&arguments.what, &desk).await?;
    let now = desk.time().await?;
    let id = ProposalId::new(keys::identifier()?);
    let new = NewProposal {
        version: 1,
        id,
        legal_basis: arguments.legal_basis.clone(),
        matter: matter.clone(),
        closes: now.plus_millis(arguments.days.saturating_mul(DAY_MS)),
        effective: Height::new(arguments.effective.unwrap_or(0)),
    };
    let done = kept(desk.act(vec![Action::OpenProposal(new)]).await, arguments.how.receipt.as_ref());
    let mut done = done.map_err(|failure| explained(failure, &matter))?;
    if let Some(answer) = done.answer.as_object_mut() {
        answer.insert("proposal".into(), id.to_string().into());
    }
    done.show(context, arguments.how.receipt.as_ref())
}

/// The ledger says that an invariant is broken; which one, and by which policy, is found here by the same check.
fn explained(failure: Failure, matter: &Matter) -> Failure {
    let code = failure.details().and_then(|details| details.get("code")).and_then(Value::as_str);
    match matter {
        Matter::PolicySet(set) if code == Some(Refusal::BrokenInvariant.code()) => {
            match gongxin_policy::check_invariants(set) {
                Err(error) => failure.with(&chain(&error)),
                Ok(()) => failure,
            }
        }
        _ => failure,
    }
}

async fn matter(what: &What, desk: &Desk) -> Result<Matter, Failure> {
    if let Some(organization) = &what.expel {
        return Ok(Matter::Expulsion(organization.clone()));
    }
    if let Some(path) = &what.matter {
        return files::noun(path);
    }
    if let Some(path) = &what.validators {
        return validator::proposed(path, desk).await.map(Matter::ValidatorSet);
    }
    if let Some(version) = what.protocol_version {
        return known_version(version).map(Matter::ProtocolVersion);
    }
    if let Some(path) = &what.calendar {
        return holidays(path, desk).await;
    }
    let directory = what.policies.as_ref().ok_or_else(|| Failure::usage("what is proposed?"))?;
    let in_force: u32 = member(&desk.get("/api/v1/policies").await?, "revision")?;
    policy::set(directory, in_force.saturating_add(1)).map(Matter::PolicySet)
}

/// A version that this program has: whoever proposes rules that nobody can execute would bring the network to a stand.
fn known_version(version: u16) -> Result<u16, Failure> {
    let known = gongxin_state::PROTOCOL_VERSIONS;
    if known.contains(&version) {
        return Ok(version);
    }
    let (first, last) = (known.start(), known.end());
    Err(Failure::usage(format_args!("this program has versions {first} to {last} of the rules, not {version}")))
}

/// A notice's days to come, beside the calendar in force. What it says of days that have begun is left out, and named.
async fn holidays(path: &Path, desk: &Desk) -> Result<Matter, Failure> {
    let text = files::read(path, NOTICE_BYTES_MAX)?;
    let text = String::from_utf8(text).map_err(|error| Failure::file(path, error))?;
    let notice = Notice::read(&text).map_err(|error| Failure::file(path, error))?;
    let document = desk.get(calendar::PATH).await?;
    let in_force = calendar::of_document(&document)?;
    let (today, revision): (Date, u32) = (member(&document, "today")?, member(&document, "revision")?);
    let taken = notice.take(&in_force, Some(today)).map_err(|error| Failure::file(path, error))?;
    for day in &taken.too_late {
        output::note(&format!("{day} has begun and stays as it is"));
    }
    if taken.years.is_empty() {
        return Err(Failure::file(path, "nothing in it is another than in the calendar in force"));
    }
    let years = List::new(taken.years).map_err(Failure::usage)?;
    Ok(Matter::Calendar(CalendarChange { revision: revision.saturating_add(1), years }))
}

/// For a program the document; for a person the votes, and in words what would be different.
async fn show(arguments: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let desk = arguments.acting.open(context).await?;
    let mut document = desk.get(&format!("{PATH}/{}", arguments.id)).await?;
    let matter: Matter = member(&document, "proposed")?;
    if member::<Digest>(&document, "matter")? != matter.digest(desk.network.suite) {
        return Err(Failure::unreachable("the gateway shows another matter than the one that is voted on"));
    }
    if context.format == Format::Json {
        output::print(Format::Json, &document, &[]);
        return Ok(());
    }
    let votes = document.get_mut("votes").map(Value::take).unwrap_or_default();
    let status = status(document.get("status").unwrap_or(&Value::Null));
    if let Some(members) = document.as_object_mut() {
        members.retain(|name, _| !["proposed", "votes", "version", "length"].contains(&name.as_str()));
        members.insert("status".into(), status.into());
    }
    output::print(Format::Table, &document, &[]);
    if votes.as_array().is_some_and(|votes| !votes.is_empty()) {
        output::print(Format::Table, &votes, &["organization", "choice", "officer", "time"]);
    }
    words::of(&matter, &desk).await?.iter().for_each(|line| output::line(line));
    Ok(())
}

/// `in-force, height 6`
fn status(document: &Value) -> String {
    let members = document.as_object().into_iter().flatten();
    let (own, further): (Vec<_>, Vec<_>) = members.partition(|(name, _)| *name == "status");
    let own = own.into_iter().filter_map(|(_, value)| value.as_str().map(str::to_owned));
    own.chain(further.into_iter().map(|(name, value)| format!("{name} {value}"))).collect::<Vec<_>>().join(", ")
}

/// Votes on the matter that was read: it is named by the digest that `show` computed, whatever a gateway says now.
async fn vote(arguments: &VoteArgs, context: &Context) -> Result<(), Failure> {
    let choice = match arguments.choice {
        Word::For => Choice::For,
        Word::Against => Choice::Against,
    };
    let vote = NewVote { proposal: arguments.id, matter: arguments.matter, choice };
    act(Action::CastVote(vote), &arguments.how, context).await
}

//! `gongxin gateway`: run one, or list and change the registered ones.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use gongxin_types::{Action, GatewayId, OrganizationId};
use serde_json::json;

use super::{
    Context,
    acting::{ById, FromFile, act},
    block_on,
    listing::{self, ListArgs, ShowArgs},
};
use crate::failure::Failure;
use crate::office;
use crate::output::{self, Format};
use crate::setup::gateway::{self as folder, Made, Newcomer};

const PATH: &str = "/api/v1/gateways";
const COLUMNS: &[&str] = &["id", "organization", "address", "until", "revoked"];

/// Run a gateway with `--config`, or name a verb.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(crate) struct GatewayArgs {
    /// Run the gateway of this configuration
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Stop when standard input ends: a parent that dies takes its gateways with it
    #[arg(long, requires = "config", hide = true)]
    stop_with_stdin: bool,
    #[command(subcommand)]
    command: Option<GatewayCommand>,
}

/// Registered gateways.
#[derive(Subcommand)]
enum GatewayCommand {
    /// List them
    List(ListArgs),
    /// Show one
    Show(ShowArgs),
    /// Make the folder of a gateway for a network that runs already, with the file to register it by
    New(NewArguments),
    /// Register a gateway, as a JSON file describes it
    Register(FromFile),
    /// Change a gateway's address, keys or term
    Amend(FromFile),
    /// End a registration at once
    Revoke(ById<GatewayId>),
}

/// A gateway in the making.
#[derive(Args)]
struct NewArguments {
    /// Whom it will serve
    #[arg(long, value_name = "ID")]
    organization: OrganizationId,
    /// Its folder, which must not be there
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Configuration of any gateway of the network, which names genesis and validators
    #[arg(long, value_name = "FILE")]
    like: PathBuf,
    /// Where it will listen for people and systems
    #[arg(long, value_name = "ADDRESS")]
    http: SocketAddr,
    /// Base URL of a validator of one's own, now or to come: what it finds out the gateway raises as alerts
    #[arg(long, value_name = "URL")]
    own_validator: Vec<String>,
}

/// Carries the command out.
pub(crate) fn run(arguments: GatewayArgs, context: &Context) -> Result<(), Failure> {
    match (arguments.config, arguments.command) {
        (Some(config), _) => office::run(&config, arguments.stop_with_stdin),
        (None, Some(command)) => block_on(registered(command, context)),
        (None, None) => Err(Failure::usage("name a configuration with `--config`, or a verb")),
    }
}

async fn registered(command: GatewayCommand, context: &Context) -> Result<(), Failure> {
    match command {
        GatewayCommand::List(arguments) => listing::list(&arguments, context, PATH, &[], COLUMNS).await,
        GatewayCommand::Show(arguments) => listing::show(&arguments, context, PATH).await,
        GatewayCommand::New(arguments) => new(arguments, context.format),
        GatewayCommand::Register(arguments) => {
            act(Action::RegisterGateway(arguments.noun()?), &arguments.how, context).await
        }
        GatewayCommand::Amend(arguments) => act(Action::AmendGateway(arguments.noun()?), &arguments.how, context).await,
        GatewayCommand::Revoke(arguments) => act(Action::RevokeGateway(arguments.id), &arguments.how, context).await,
    }
}

/// Makes one, and says how it is registered and started.
fn new(arguments: NewArguments, format: Format) -> Result<(), Failure> {
    let NewArguments { organization, dir, like, http, own_validator: own } = arguments;
    let newcomer = Newcomer { directory: &dir, organization, like: &like, http, own_validators: &own };
    let Made { gateway, noun, config } = folder::make(&newcomer)?;
    match format {
        Format::Json => output::print(format, &json!({ "gateway": gateway, "noun": noun, "config": config }), &[]),
        Format::Table => {
            output::line(&format!(
                "made; register it with `gongxin gateway register {} --as OPERATOR`",
                noun.display()
            ));
            output::line(&format!("and start it with `gongxin gateway --config {}`", config.display()));
        }
    }
    Ok(())
}

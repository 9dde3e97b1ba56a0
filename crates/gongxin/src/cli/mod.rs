//! The command line: one noun one file, and every noun that exists has all of its verbs.

mod access;
mod acting;
mod alert;
mod calendar;
mod duty;
mod evidence;
mod examples;
mod gateway;
mod grant;
mod key;
mod listing;
mod network;
mod obligation;
mod officer;
mod org;
mod pending;
mod policy;
mod projection;
mod proposal;
mod record;
mod resource;
mod snapshot;
mod validator;
mod vault;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::failure::Failure;
use crate::output::{self, Format};
use crate::{backup, bench, demo, doctor, init, node, status};

pub(crate) use acting::{Acting, Desk, Slot, fail, not_final, sequence, signed};
pub(crate) use listing::{member, noun};
pub(crate) use record::{owner_gateway, usual_question};

/// What every command knows.
pub(crate) struct Context {
    /// `--output`.
    pub(crate) format: Format,
    /// `--home`.
    pub(crate) home: crate::home::Home,
}

/// Public-governance data under written rules, with evidence that anyone entitled can check offline 公信
#[derive(Parser)]
#[command(name = "gongxin", version, propagate_version = true, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t, global = true)]
    output: Format,
    /// Folder of a network: where commands look for what they are not told [default: the demonstration's]
    #[arg(long, env = "GONGXIN_HOME", global = true, value_name = "DIR", hide_env_values = true)]
    home: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  gongxin demo                                             show the whole platform on this machine
  gongxin record history civil-affairs/divisions 310112 --as civil-affairs/clerk
  gongxin record read civil-affairs/divisions 310112 --as housing/clerk --receipt receipt.json
  gongxin verify receipt.json --network network.json       check a receipt, without any server

Exit codes: 0 done · 1 refused (with the reason and the receipt) · 2 usage or unreadable · 3 unreachable, busy or stopped by itself";

#[derive(Subcommand)]
enum Command {
    /// Show the whole platform living on this machine: four validators, their offices' gateways, real records
    Demo(demo::DemoArgs),
    /// Make a new network: keys, genesis, one folder per member
    Init(init::InitArgs),
    /// Run a validator or a follower
    Node(node::NodeArgs),
    /// Run a gateway, or list and change the registered ones
    Gateway(gateway::GatewayArgs),
    /// Show at a glance how the network is, and what needs somebody's attention; live on a terminal 状态
    Status(status::StatusArgs),
    /// Find what is wrong with a configuration, its keys, files, disk, ports and clock, and say what to do 诊断
    Doctor(doctor::DoctorArgs),
    /// Put what cannot be rebuilt from blocks into one sealed file, while its node or gateway goes on 备份
    Backup(backup::make::BackupArgs),
    /// Put a backup back into a folder of its own: checked, and all of it, or nothing 恢复
    Restore(backup::restore::RestoreArgs),
    /// Measure a network: transactions, batches, readings
    Bench(bench::BenchArgs),
    /// Check a receipt, or evidence against validators, with the network's public keys alone
    Verify(verify::VerifyArgs),
    /// Make and show keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Members of the network 机构
    #[command(subcommand)]
    Org(org::OrgCommand),
    /// Persons acting for a member 工作人员
    #[command(subcommand)]
    Officer(officer::OfficerCommand),
    /// Statutory tasks 职责
    #[command(subcommand)]
    Duty(duty::DutyCommand),
    /// Catalogued data sets 数据资源
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// Rows of a resource, as the ledger knows them 记录
    #[command(subcommand)]
    Record(record::RecordCommand),
    /// Notarised digests 存证
    #[command(subcommand)]
    Evidence(evidence::EvidenceCommand),
    /// Who may read what 授权
    #[command(subcommand)]
    Grant(grant::GrantCommand),
    /// Readings that happened 访问
    #[command(subcommand)]
    Access(access::AccessCommand),
    /// What members decide together 提案
    #[command(subcommand)]
    Proposal(proposal::ProposalCommand),
    /// What is wrong in the network, and who says so 预警
    #[command(subcommand)]
    Alert(alert::AlertCommand),
    /// What is owed within a term of working days 限期事项
    #[command(subcommand)]
    Obligation(obligation::ObligationCommand),
    /// Working days 日历
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// Acts on officers that take two persons 待复核
    #[command(subcommand)]
    Pending(pending::PendingCommand),
    /// Rules of access
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// A gateway's verified copy of the ledger
    #[command(subcommand)]
    Projection(projection::ProjectionCommand),
    /// A gateway's encrypted store of rows, salts and sealed responses
    #[command(subcommand)]
    Vault(vault::VaultCommand),
    /// The state of the ledger as one file, which a node begins from 快照
    #[command(subcommand)]
    Snapshot(snapshot::SnapshotCommand),
    /// Who orders and executes 共识节点
    #[command(subcommand)]
    Validator(validator::ValidatorCommand),
    /// Networks and their files
    #[command(subcommand)]
    Network(network::NetworkCommand),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write manual pages, one per command
    Man {
        /// Folder to write them to
        directory: PathBuf,
    },
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let cli = match definitions().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let context = Context { format: cli.output, home: crate::home::Home::new(cli.home.as_ref()) };
    match dispatch(cli.command, &context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match context.format {
                Format::Json => output::note(&failure.to_json().to_string()),
                Format::Table => output::note(&format!("gongxin: {failure}")),
            }
            failure.code()
        }
    }
}

/// The command line with its examples: what parses, explains, completes and fills manual pages.
fn definitions() -> clap::Command {
    examples::teach(Cli::command())
}

/// Help to standard output, errors of the command line to standard error: what hides or reorders in them is made visible.
fn explain(error: &clap::Error) -> ExitCode {
    let visible = |character: char| match character.is_ascii() {
        true => character.to_string(),
        false => character.escape_debug().to_string(),
    };
    let text: String = error.render().to_string().trim_end().chars().map(visible).collect();
    if error.use_stderr() {
        output::note(&text);
        return Failure::usage("").code();
    }
    output::line(&text);
    ExitCode::SUCCESS
}

fn dispatch(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => demo::run(arguments, context),
        Command::Init(arguments) => init::run(&arguments, context),
        Command::Node(arguments) => node::run(&arguments),
        Command::Gateway(arguments) => gateway::run(arguments, context),
        Command::Status(arguments) => block_on(status::run(arguments, context)),
        Command::Doctor(arguments) => doctor::run(&arguments, context),
        Command::Backup(arguments) => backup::make::run(&arguments, context),
        Command::Restore(arguments) => backup::restore::run(&arguments, context),
        Command::Bench(arguments) => bench::run(arguments, context),
        Command::Verify(arguments) => verify::run(&arguments, context),
        Command::Key(command) => key::run(command, context),
        Command::Org(command) => block_on(org::run(command, context)),
        Command::Officer(command) => block_on(officer::run(command, context)),
        Command::Duty(command) => block_on(duty::run(command, context)),
        Command::Resource(command) => block_on(resource::run(command, context)),
        Command::Record(command) => block_on(record::run(command, context)),
        Command::Evidence(command) => block_on(evidence::run(command, context)),
        Command::Grant(command) => block_on(grant::run(command, context)),
        Command::Access(command) => block_on(access::run(command, context)),
        Command::Proposal(command) => block_on(proposal::run(command, context)),
        Command::Alert(command) => block_on(alert::run(command, context)),
        Command::Obligation(command) => block_on(obligation::run(command, context)),
        Command::Calendar(command) => block_on(calendar::run(command, context)),
        Command::Pending(command) => block_on(pending::run(command, context)),
        Command::Policy(command) => policy::run(command, context),
        Command::Projection(command) => projection::run(command, context),
        Command::Vault(command) => vault::run(&command, context),
        Command::Snapshot(command) => snapshot::run(&command, context),
        Command::Validator(command) => block_on(validator::run(command, context)),
        Command::Network(command) => block_on(network::run(command, context)),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut definitions(), "gongxin", &mut std::io::stdout());
            Ok(())
        }
        Command::Man { directory } => {
            std::fs::create_dir_all(&directory).map_err(|error| Failure::file(&directory, error))?;
            clap_mangen::generate_to(definitions(), &directory).map_err(|error| Failure::file(&directory, error))
        }
    }
}

/// Runs a short asynchronous command.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::usage)?;
    runtime.block_on(future)
}

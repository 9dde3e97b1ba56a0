//! `gongxin policy`: try a request against policies, and see the default ones.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gongxin_policy::PolicyFile;
use gongxin_types::PolicySet;
use serde_json::json;

use super::{Acting, Context, block_on};
use crate::failure::Failure;
use crate::{files, output};

/// Largest policy, schema, entity or request file.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// Rules of access.
#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Decide a request by policies in files, in Cedar's own formats
    Check(CheckArgs),
    /// List the policies that a new network begins with
    List,
    /// Show the rules in force, as the ledger has them
    Show(ShowArgs),
}

/// Who asks.
#[derive(Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    acting: Acting,
}

/// What to decide by what.
#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Folder of `*.cedar` files
    #[arg(long, value_name = "DIR")]
    policies: PathBuf,
    /// Cedar schema
    #[arg(long, value_name = "FILE")]
    schema: PathBuf,
    /// Entities, JSON
    #[arg(long, value_name = "FILE")]
    entities: PathBuf,
    /// Request, JSON: principal, action, resource, context
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
}

/// Carries the command out.
pub(crate) fn run(command: PolicyCommand, context: &Context) -> Result<(), Failure> {
    match command {
        PolicyCommand::Check(arguments) => check(&arguments, context),
        PolicyCommand::Show(arguments) => block_on(show(&arguments, context)),
        PolicyCommand::List => {
            let set = gongxin_policy::default_set();
            let rows: Vec<_> = set
                .policies
                .iter()
                .map(
                    |policy| json!({ "id": policy.id, "legal_basis": policy.legal_basis, "sentence": policy.sentence }),
                )
                .collect();
            output::print(context.format, &rows.into(), &["id", "legal_basis", "sentence"]);
            Ok(())
        }
    }
}

async fn show(arguments: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let document = arguments.acting.open(context).await?.get("/api/v1/policies").await?;
    match context.format {
        output::Format::Json => output::print(context.format, &document, &[]),
        output::Format::Table => {
            let policies = document.get("policies").unwrap_or(&serde_json::Value::Null);
            output::print(context.format, policies, &["id", "legal_basis", "sentence"]);
            let revision = document.get("revision").map(ToString::to_string).unwrap_or_default();
            output::note(&format!("revision {revision}"));
        }
    }
    Ok(())
}

/// The set that a folder of `*.cedar` files makes, as this revision.
pub(crate) fn set(directory: &Path, revision: u32) -> Result<PolicySet, Failure> {
    let sources = policy_files(directory)?;
    let files: Vec<_> = sources.iter().map(|(name, text)| PolicyFile { name, text }).collect();
    gongxin_policy::policy_set(&files, revision).map_err(Failure::usage)
}

fn check(arguments: &CheckArgs, context: &Context) -> Result<(), Failure> {
    let sources = policy_files(&arguments.policies)?;
    let policies: Vec<_> = sources.iter().map(|(name, text)| PolicyFile { name, text }).collect();
    let report = gongxin_policy::check_files(
        &policies,
        &text(&arguments.schema)?,
        &text(&arguments.entities)?,
        &text(&arguments.request)?,
    )
    .map_err(Failure::usage)?;
    output::print(context.format, &json!({ "decision": report.decision, "policies": report.policies }), &[]);
    Ok(())
}

fn policy_files(directory: &Path) -> Result<Vec<(String, String)>, Failure> {
    let entries = std::fs::read_dir(directory).map_err(|error| Failure::file(directory, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Failure::file(directory, error))?.path();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            files.push((path.display().to_string(), text(&path)?));
        }
    }
    files.sort();
    if files.is_empty() { Err(Failure::file(directory, "no `*.cedar` file in this folder")) } else { Ok(files) }
}

fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(files::read(path, FILE_BYTES_MAX)?).map_err(|_| Failure::file(path, "not UTF-8"))
}

//! `gongxin network`: what names a network and checks its certificates, and how the newest of it is taken.
//!
//! Two people who compare what `show` prints first (identity, newest epoch, the header that began it) know that they trust the
//! same line of validators (docs/spec/network.md).

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gongxin_types::{Network, limits};
use gongxin_verify::network::NetworkError;
use gongxin_verify::{TrustedNetwork, bundle};
use serde_json::{Value, json};

use super::{Acting, Context};
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::{files, output::line};

/// Where the newest file is asked for.
const PATH: &str = "/api/v1/network";

/// Networks and their files.
#[derive(Subcommand)]
pub(crate) enum NetworkCommand {
    /// Show a network file: identity, suite, the validators it ends with
    Show {
        /// The network's file [default: the folder's]
        #[arg(long, env = "GONGXIN_NETWORK", value_name = "FILE", hide_env_values = true)]
        network: Option<PathBuf>,
    },
    /// Take the newest network file from a gateway, if it continues the one at hand
    Save(SaveArgs),
}

/// Where to take it from, and where to put it.
#[derive(Args)]
pub(crate) struct SaveArgs {
    /// Write it here [default: in place of the one at hand]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    acting: Acting,
}

/// Carries the command out.
pub(crate) async fn run(command: NetworkCommand, context: &Context) -> Result<(), Failure> {
    match command {
        NetworkCommand::Show { network } => show(network.as_ref(), context),
        NetworkCommand::Save(arguments) => save(&arguments, context).await,
    }
}

fn show(file: Option<&PathBuf>, context: &Context) -> Result<(), Failure> {
    let (file, trusted) = files::network_file(&context.home.network_file(file))?;
    let mut document = newest(&trusted);
    if context.format == Format::Json {
        if let Some(members) = document.as_object_mut() {
            members.insert("head".into(), serde_json::to_value(&file.head).map_err(Failure::usage)?);
        }
        output::print(Format::Json, &document, &[]);
        return Ok(());
    }
    let word = |value: Option<&Value>| value.map_or_else(String::new, plain);
    line(&format!("network {}", trusted.network));
    line(&format!("epoch: {}", word(document.get("epoch"))));
    line(&format!("began_after: {}", word(document.get("began_after"))));
    let head = serde_json::to_value(&file.head).map_err(Failure::usage)?;
    for name in ["name", "suite", "protocol_version", "time", "time_scale"] {
        line(&format!("{name}: {}", word(head.get(name))));
    }
    output::print(Format::Table, document.get("validators").unwrap_or(&Value::Null), &["name", "organization", "key"]);
    Ok(())
}

/// What two people compare, and the validators of the newest epoch.
fn newest(trusted: &TrustedNetwork) -> Value {
    let epoch = trusted.newest_epoch();
    let set = trusted.set(epoch);
    json!({
        "network": trusted.network,
        "epoch": epoch,
        "began_after": set.and_then(|set| set.began).map(|began| began.header),
        "height": set.and_then(|set| set.began).map(|began| began.height),
        "validators": set.map(|set| &set.validators),
    })
}

async fn save(arguments: &SaveArgs, context: &Context) -> Result<(), Failure> {
    let at_hand = context.home.network_file(arguments.acting.network.as_ref());
    let (_, trusted) = files::network_file(&at_hand)?;
    let desk = arguments.acting.open(context).await?;
    let offered: Network = serde_json::from_value(desk.get(PATH).await?)
        .map_err(|error| Failure::unreachable(format_args!("the gateway's network file: {error}")))?;
    let newer = trusted.continued_by(&offered).map_err(refused)?;
    let bytes = bundle::network_to_bytes(&offered);
    if bytes.len() > limits::NETWORK_FILE_BYTES_MAX {
        return Err(Failure::unreachable("the gateway's network file is longer than such a file can be"));
    }
    let out = arguments.out.as_ref().unwrap_or(&at_hand);
    files::replace(out, &bytes)?;
    let mut document = newest(&newer);
    if let Some(members) = document.as_object_mut() {
        members.remove("validators");
        members.insert("file".into(), out.display().to_string().into());
        members.insert("epoch_before".into(), trusted.newest_epoch().into());
    }
    output::print(context.format, &document, &[]);
    Ok(())
}

/// What a gateway offers is not taken: the file at hand stays as it is.
fn refused(error: NetworkError) -> Failure {
    let failure = Failure::refused(&error, None);
    match error {
        NetworkError::Older { .. } => failure.with("ask a gateway that has come further; the file at hand was kept"),
        _ => failure.with("the file at hand was kept; keep what this gateway said as evidence, and ask other members"),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

//! `gongxin status`: ask the validators how they are.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::Context;
use crate::failure::Failure;
use crate::output;

/// How long one validator may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Whom to ask.
#[derive(Args)]
pub(crate) struct StatusArgs {
    /// Base URL of a validator; may be given several times [default: those of the folder]
    #[arg(long = "validator", value_name = "URL")]
    validators: Vec<String>,
}

/// Carries the command out.
pub(crate) async fn run(arguments: StatusArgs, context: &Context) -> Result<(), Failure> {
    let urls = if arguments.validators.is_empty() { context.home.validators()? } else { arguments.validators };
    let client = reqwest::Client::builder().timeout(ANSWER_WITHIN).build().map_err(Failure::usage)?;
    let mut rows = Vec::new();
    for url in &urls {
        rows.push(match ask(&client, url).await {
            Ok(mut answer) => {
                if let Some(fields) = answer.as_object_mut() {
                    fields.insert("validator".into(), url.as_str().into());
                    fields.insert("answers".into(), true.into());
                }
                answer
            }
            Err(error) => {
                json!({ "validator": url, "answers": false, "error": error.without_url().to_string() })
            }
        });
    }
    let answering = rows.iter().filter(|row| row.get("answers") == Some(&Value::Bool(true))).count();
    let columns =
        ["validator", "answers", "height", "view", "role", "voting", "syncing", "peers", "mempool_transactions"];
    output::print(context.format, &rows.into(), &columns);
    if answering == 0 { Err(Failure::unreachable("no validator answers")) } else { Ok(()) }
}

async fn ask(client: &reqwest::Client, url: &str) -> Result<Value, reqwest::Error> {
    let bytes = client.get(format!("{url}/v1/status")).send().await?.error_for_status()?.bytes().await?;
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

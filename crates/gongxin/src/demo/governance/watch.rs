//! Waiting for what must come, by asking those who know. What does not come is an error that names it.

use std::time::Duration;

use gongxin_client::{ValidatorClient, wire::StatusReport};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::story::Story;
use super::tool::Tool;
use crate::failure::Failure;

/// How long anything may take, on a machine that does other things too.
const WITHIN: Duration = Duration::from_secs(120);
/// How often is asked.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Asks validators, gateways and, by commands that are not shown, the ledger.
pub(super) struct Watch {
    client: reqwest::Client,
    tool: Tool,
}

impl Watch {
    pub(super) fn new(tool: Tool) -> Self {
        Self { client: reqwest::Client::new(), tool }
    }

    /// How a validator is, if it answers.
    pub(super) async fn status(&self, url: &str) -> Option<StatusReport> {
        ValidatorClient::new([url]).ok()?.status().await.ok()
    }

    /// A number that a process measures of itself.
    pub(super) async fn measure(&self, url: &str, name: &str) -> Option<u64> {
        let text = self.client.get(format!("{url}/metrics")).send().await.ok()?.text().await.ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
    }

    /// What a command answers to a program, if it succeeds.
    pub(super) async fn ask(&self, line: &str) -> Option<Value> {
        self.tool.json(line).await.ok()
    }
}

impl Story<'_> {
    /// Waits until it is so.
    pub(super) async fn until(&mut self, what: &str, so: impl AsyncFn(&Watch) -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + WITHIN;
        while !so(&self.watch).await {
            self.children.fail_if_ended()?;
            if Instant::now() > deadline {
                let within = WITHIN.as_secs();
                return Err(Failure::unreachable(format_args!("waited {within} s in vain: {what}")));
            }
            sleep(ASK_EVERY).await;
        }
        Ok(())
    }

    /// Waits until every gateway has come to the block of an answer: whoever is asked next knows of it.
    pub(super) async fn settled(&mut self, answer: &Value) -> Result<(), Failure> {
        let Some(height) = answer.get("height").and_then(Value::as_u64) else {
            return Ok(());
        };
        let gateways: Vec<_> = self.layout.gateways.iter().map(|one| one.http.clone()).collect();
        for url in gateways {
            let what = format!("the gateway at {url} comes to block {height}");
            self.until(&what, async |watch| watch.measure(&url, "gongxin_gateway_height").await >= Some(height))
                .await?;
        }
        Ok(())
    }

    /// Base URL of a validator.
    pub(super) fn validator(&self, name: &str) -> Result<String, Failure> {
        let found = self.layout.validators.iter().find(|one| one.name.as_str() == name);
        found.map(|one| one.http.clone()).ok_or_else(|| Failure::usage(format_args!("no validator `{name}`")))
    }
}

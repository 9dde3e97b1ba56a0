//! Looks at the nodes from outside: who answers, how high they are, whether they vote.

use std::sync::Arc;
use std::time::Duration;

use gongxin_client::GatewayClient;
use gongxin_client::wire::StatusReport;
use gongxin_types::{Height, Role};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

use crate::clients::Desk;
use crate::limits::VALIDATORS;
use crate::town::OWNER;
use crate::trouble::{During as _, Trouble};

/// One look at one node.
const LOOK: Duration = Duration::from_millis(1_500);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Blocks that a node must add after the last fault.
const BLOCKS: u64 = 3;

/// Somebody who looks.
pub(crate) struct Watch {
    desk: Arc<Desk>,
    gateway: GatewayClient,
}

/// The part of a page that says as of when it is true.
#[derive(Deserialize)]
struct AsOf {
    height: Height,
}

impl Watch {
    pub(crate) fn new(desk: &Arc<Desk>) -> Result<Self, Trouble> {
        let clerk = desk.town.officer(OWNER, Role::CaseOfficer)?;
        let gateway = GatewayClient::new(desk.town.gateway(), clerk.id, clerk.key).during("the gateway's address")?;
        Ok(Self { desk: Arc::clone(desk), gateway })
    }

    /// Keeps the desk's clock up to date, without an end.
    pub(crate) async fn look_on(self) {
        loop {
            for node in 0..VALIDATORS {
                self.status(node).await;
                sleep(PAUSE).await;
            }
        }
    }

    /// Heights of all that answer.
    pub(crate) async fn heights(&self) -> Vec<Height> {
        let mut heights = Vec::new();
        for node in 0..VALIDATORS {
            heights.extend(self.status(node).await.map(|status| status.height));
        }
        heights
    }

    /// Waits until all have a first block.
    pub(crate) async fn ready(&self, within: Duration) -> Result<(), Trouble> {
        let words = self.all(within, |status| status.height > Height::GENESIS, Height::new(1)).await;
        words.map_err(|words| Trouble(format!("the network does not come up: {words}")))
    }

    /// Waits until every validator votes and adds blocks, and the gateway follows.
    pub(crate) async fn alive(&self, within: Duration) -> Result<(), String> {
        let highest = self.heights().await.into_iter().max().unwrap_or(Height::GENESIS);
        let goal = Height::new(highest.get() + BLOCKS);
        self.all(within, |status| status.voting && !status.syncing && status.height >= goal, goal).await
    }

    async fn all(&self, within: Duration, is_so: impl Fn(&StatusReport) -> bool, goal: Height) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let mut missing = Vec::new();
            for node in 0..VALIDATORS {
                match self.status(node).await {
                    Some(status) if is_so(&status) => {}
                    Some(status) => missing.push(format!(
                        "validator {node} is at height {} (goal {goal}), votes: {}, syncs: {}, clock fault: {}",
                        status.height, status.voting, status.syncing, status.clock_fault
                    )),
                    None => missing.push(format!("validator {node} does not answer")),
                }
            }
            match self.gateway_height().await {
                Some(height) if height >= goal => {}
                Some(height) => missing.push(format!("the gateway is at height {height} (goal {goal})")),
                None => missing.push("the gateway does not answer".to_owned()),
            }
            if missing.is_empty() {
                return Ok(());
            }
            if begun.elapsed() > within {
                return Err(missing.join("; "));
            }
            sleep(PAUSE).await;
        }
    }

    async fn status(&self, node: usize) -> Option<StatusReport> {
        let client = self.desk.validators.get(node)?;
        let status = timeout(LOOK, client.status()).await.ok()?.ok()?;
        if let Some(time) = status.time {
            self.desk.saw(time);
        }
        Some(status)
    }

    async fn gateway_height(&self) -> Option<Height> {
        let page = timeout(LOOK, self.gateway.get("/api/v1/organizations?limit=1")).await.ok()?.ok()?;
        page.json::<AsOf>().ok().map(|page| page.height)
    }
}

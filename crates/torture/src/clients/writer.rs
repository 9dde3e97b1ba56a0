//! A writer: gives records further versions, each expecting the version that it has heard of last; sometimes an old one.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gongxin_types::{Effect, RecordOp, TransactionId};
use tokio::time::{sleep, timeout};

use super::desk::{Desk, commitment};
use crate::dice::Dice;
use crate::history::{Answer, What};
use crate::limits::{OPERATION, VALIDATORS};
use crate::town::Officer;
use crate::trouble::Trouble;

/// So many of a hundred writes expect a version that is gone.
const STALE: u64 = 8;
/// How long a writer looks for what became of its write, before it goes on.
const LOOK: Duration = Duration::from_millis(800);

pub(super) struct Writer {
    desk: Arc<Desk>,
    officer: Officer,
    number: u16,
    sequence: u64,
    dice: Dice,
}

impl Writer {
    pub(super) const fn new(desk: Arc<Desk>, officer: Officer, number: u16, dice: Dice) -> Self {
        Self { desk, officer, number, sequence: 0, dice }
    }

    /// Writes until the desk closes.
    pub(super) async fn work(mut self) {
        while !self.desk.is_closed() {
            let (record, node) = (self.dice.place(self.desk.records.len()), self.dice.place(VALIDATORS));
            // What is written is well-formed by construction.
            let _never_fails = self.write(record, node).await;
            sleep(self.dice.millis(10, 120)).await;
        }
    }

    async fn write(&mut self, record: usize, node: usize) -> Result<(), Trouble> {
        self.sequence += 1;
        let newest = self.desk.newest.get(record).map_or(1, |newest| newest.load(Ordering::Relaxed));
        let expected = if newest > 1 && self.dice.percent(STALE) { newest - 1 } else { newest };
        let commitment =
            commitment(self.desk.town.head().time.millis(), &format!("writer {}", self.number), self.sequence);
        let Some(name) = self.desk.records.get(record).copied() else { return Ok(()) };
        let operation = RecordOp::Update { record: name, expected_version: expected, commitment };
        let body = self.desk.body(&self.officer, self.number, self.sequence, Desk::batch(vec![operation])?);
        let (id, bytes) = self.desk.town.sign(&self.officer, body);
        let called = self.desk.history.now();
        let answer = self.desk.hand_in(&bytes, node, OPERATION).await;
        let what = What::Write { record, expected, commitment, id, answer };
        self.desk.history.add(u32::from(self.number), called, what);
        if self.took_effect(id, answer, node).await {
            self.desk.heard_of(record, expected + 1);
        }
        Ok(())
    }

    /// Looks into the block, to know what to expect next time. The verdict on the operation is the judge's.
    async fn took_effect(&self, id: TransactionId, answer: Answer, node: usize) -> bool {
        let (Answer::Final { height, .. }, Some(client)) = (answer, self.desk.validators.get(node)) else {
            return false;
        };
        let Ok(Ok(Some(block))) = timeout(LOOK, client.block(height)).await else { return false };
        self.desk.saw(block.header.time);
        let mut receipts = block.receipts.transactions.iter().flat_map(|receipts| receipts.actions.iter());
        receipts.any(|result| result.receipt.transaction == id && result.receipt.decision.effect == Effect::Allow)
    }
}

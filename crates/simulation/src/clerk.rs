//! Officers who act through a gateway: one transaction after the other, the same bytes again until it is final or expired,
//! or left to the gateway, which has taken it upon itself.

use std::time::Duration;

use futures::FutureExt as _;
use gongxin_crypto::Suite;
use gongxin_service_simulated::port::{OfficeError, OfficePort as _, RecordBody, Submission, Wait};
use gongxin_test_support::cast::Person;
use gongxin_types::transaction::{Atomicity, Body};
use gongxin_types::{Action, List, Time, Transaction, TransactionId, codec};

use crate::offices::{Gateways, Way};
use crate::report::Violation;
use crate::told::Taken;
use crate::town::Town;
use crate::witness::Shared;

/// How often what was left to a gateway is looked for among final blocks.
const LOOK: Duration = Duration::from_millis(300);

/// A signed transaction on its way.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) id: TransactionId,
    bytes: Vec<u8>,
    /// Rows that it commits to; none where it is no batch.
    bodies: Option<Vec<RecordBody>>,
    valid_until: Time,
    /// Whether it is left to the gateway once that has taken it.
    is_left: bool,
}

/// How an officer signs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    pub(crate) lane: u16,
    pub(crate) sequence: u64,
    pub(crate) valid_until: Time,
    pub(crate) is_left: bool,
}

impl Act {
    /// Signs one.
    pub(crate) fn signed(
        town: &Town,
        person: &Person,
        pen: Pen,
        actions: Vec<Action>,
        bodies: Option<Vec<RecordBody>>,
    ) -> Self {
        let body = Body {
            version: 1,
            network: town.genesis.head.id(),
            sender: person.sender(),
            lane: pen.lane,
            sequence: pen.sequence,
            valid_until: pen.valid_until,
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(actions).expect("a few actions"),
        };
        let id = body.id(Suite::Intl);
        let signature = person.secret.sign(&Transaction::message(&id));
        let bytes = codec::encode(&Transaction { body, signature });
        Self { id, bytes, bodies, valid_until: pen.valid_until, is_left: pen.is_left }
    }
}

/// An officer's way to act.
pub(crate) struct Clerk {
    pub(crate) gateways: Gateways,
    pub(crate) gateway: usize,
    pub(crate) way: Way,
    pub(crate) witness: Shared,
}

impl Clerk {
    /// Acts until it is known what became of it: whether it took effect, by the final blocks.
    pub(crate) async fn acts(&self, act: &Act) -> bool {
        loop {
            if let Some(effect) = self.is_over(act) {
                return effect;
            }
            let is_taken = self.witness.with(|witness| witness.told.taken.contains_key(&act.id));
            if act.is_left && is_taken {
                self.way.pause(LOOK).await;
            } else {
                self.hands_in(act).await;
            }
        }
    }

    /// What became of it, once a final block holds it, or none ever will.
    fn is_over(&self, act: &Act) -> Option<bool> {
        self.witness.with(|witness| match witness.told.found(&act.id) {
            Some((_, effect)) => Some(effect),
            None => witness.told.time.is_some_and(|time| time >= act.valid_until).then_some(false),
        })
    }

    /// Hands it in once, and waits a little where that did not help.
    async fn hands_in(&self, act: &Act) {
        let wait = if act.is_left { Wait::No } else { Wait::Final };
        let (bytes, bodies) = (act.bytes.clone(), act.bodies.clone());
        let answer = self.gateways.ask(&self.way, self.gateway, move |office| {
            async move {
                match bodies {
                    Some(bodies) => office.write_records(bytes, bodies, wait).await,
                    None => office.submit(bytes, wait).await,
                }
            }
            .boxed()
        });
        match answer.await {
            Some(Ok(Submission::Final(outcome))) => {
                self.witness.with(|witness| witness.told.finals.push((outcome.id, outcome.height)));
            }
            Some(Ok(Submission::Expired(id))) => {
                self.witness.with(|witness| witness.told.expired.insert(id));
            }
            // Only what is in its vault does a gateway take upon itself.
            Some(Ok(Submission::Pending(id))) if act.bodies.is_some() => {
                self.witness.with(|witness| {
                    let taken = Taken { at: witness.told.time.unwrap_or_default(), valid_until: act.valid_until };
                    witness.told.taken.entry(id).or_insert(taken);
                });
            }
            Some(Err(OfficeError::Internal(error))) => {
                let reason = format!("{error:?}");
                self.witness.with(|witness| {
                    witness.object(Violation::OfficeFailed { gateway: self.gateway, reason });
                });
            }
            Some(Ok(Submission::Pending(_)) | Err(_)) | None => {}
        }
        let pause = self.way.with(|dice| dice.millis(50, 600));
        self.way.pause(pause).await;
    }
}

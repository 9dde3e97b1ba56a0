//! A forger hands in what nobody signed: transactions of a real officer, with a signature of its own making.

use std::sync::Arc;
use std::time::Duration;

use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic::Context};
use gongxin_crypto::Suite;
use gongxin_test_support::cast;
use gongxin_types::officer::Role;
use gongxin_types::{Transaction, codec};

use crate::dice::Dice;
use crate::sender;
use crate::team::Nodes;
use crate::town::Town;

/// Sequence numbers that no officer has come to.
const FIRST_SEQUENCE: u64 = 1 << 40;

/// Forges until the runtime ends.
pub(crate) fn start(runtime: &Context, seed: u64, town: &Arc<Town>, nodes: &Nodes) {
    let (town, nodes) = (Arc::clone(town), nodes.clone());
    runtime.child("forger").spawn(move |context| async move {
        let (mut dice, suite) = (Dice::new(seed, "forger"), Suite::Intl);
        let pen = suite.secret_from_seed(&cast::bytes(seed, "key", "forger"));
        for sequence in FIRST_SEQUENCE.. {
            context.sleep(dice.millis(200, 2_000)).await;
            let (Some(now), Some(node)) = (nodes.newest_time(), nodes.some(dice.place(64))) else { continue };
            let victim = cast::DEPARTMENTS.get(dice.place(cast::DEPARTMENTS.len())).copied().unwrap_or_default();
            let body = sender::body(&town, victim, Role::CaseOfficer, sequence, now.plus_millis(30_000));
            let signature = pen.sign(&Transaction::message(&body.id(suite)));
            let _ = node.submit(codec::encode(&Transaction { body, signature })).await;
            context.sleep(Duration::from_millis(1)).await;
        }
    });
}

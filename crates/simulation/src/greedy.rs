//! A greedy office floods the nodes with transactions of its own, more than their queues hold.

use std::sync::Arc;
use std::time::Duration;

use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic::Context};
use gongxin_crypto::Suite;
use gongxin_test_support::cast::DEPARTMENTS;
use gongxin_types::officer::Role;
use gongxin_types::{Transaction, codec};

use crate::dice::Dice;
use crate::sender;
use crate::team::Nodes;
use crate::town::Town;

/// How many transactions are handed in at a time.
const GULP: u64 = 40;
/// How long a flood lasts, in gulps.
const FLOOD: u64 = 20;

/// Floods now and then until the runtime ends. Its officer is one who sends nothing else.
pub(crate) fn start(runtime: &Context, seed: u64, town: &Arc<Town>, nodes: &Nodes) {
    let (town, nodes) = (Arc::clone(town), nodes.clone());
    runtime.child("greedy").spawn(move |context| async move {
        let mut dice = Dice::new(seed, "greedy");
        let office = DEPARTMENTS.get(dice.place(DEPARTMENTS.len())).copied().unwrap_or_default();
        let officer = town.cast.officer(office, Role::DataSteward);
        // A runtime that begins again after a power cut begins behind what was used.
        let mut sequence =
            context.current().duration_since(std::time::UNIX_EPOCH).map_or(1, |since| since.as_secs() << 16);
        loop {
            context.sleep(dice.millis(4_000, 15_000)).await;
            for _ in 0..FLOOD {
                context.sleep(Duration::from_millis(50)).await;
                let (Some(now), Some(node)) = (nodes.newest_time(), nodes.some(dice.place(64))) else { continue };
                for _ in 0..GULP {
                    sequence += 1;
                    let body = sender::body(&town, office, Role::DataSteward, sequence, now.plus_millis(8_000));
                    let signature = officer.secret.sign(&Transaction::message(&body.id(Suite::Intl)));
                    let bytes = codec::encode(&Transaction { body, signature });
                    let node = node.clone();
                    context.child("gulp").spawn(move |_| async move {
                        let _ = node.submit(bytes).await;
                    });
                }
            }
        }
    });
}

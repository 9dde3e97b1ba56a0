//! A replayer hands in again what became final long ago, to any node.

use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic::Context};
use gongxin_types::codec;

use crate::dice::Dice;
use crate::team::Nodes;
use crate::witness::Shared;

/// Replays until the runtime ends.
pub(crate) fn start(runtime: &Context, seed: u64, nodes: &Nodes, witness: &Shared) {
    let (nodes, witness) = (nodes.clone(), witness.clone());
    runtime.child("replayer").spawn(move |context| async move {
        let mut dice = Dice::new(seed, "replayer");
        loop {
            context.sleep(dice.millis(100, 1_500)).await;
            let turn = dice.place(1 << 20);
            let old = witness.with(|witness| {
                let block = witness.blocks.values().nth(turn.checked_rem(witness.blocks.len())?)?;
                block.transactions.first().map(codec::encode)
            });
            if let (Some(bytes), Some(node)) = (old, nodes.some(dice.place(64))) {
                // Whatever the answer is: what matters is that nothing is executed twice.
                let _ = node.submit(bytes).await;
            }
        }
    });
}

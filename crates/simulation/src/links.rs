//! The links between nodes, as the faults of the moment leave them.

use std::time::Duration;

use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::{Link, Oracle};
use commonware_runtime::deterministic::Context;
use commonware_utils::Probability;

use crate::fault::Fault;

/// What one link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    cut: bool,
    latency: Duration,
    loss_percent: u8,
}

/// Sets every link anew.
pub(crate) async fn set<'a>(
    network: &Oracle<PublicKey, Context>,
    keys: &[PublicKey],
    usual: Duration,
    mute: Option<usize>,
    active: impl Iterator<Item = &'a Fault> + Clone,
) {
    for (from, sender) in keys.iter().enumerate() {
        for (to, receiver) in keys.iter().enumerate().filter(|(to, _)| *to != from) {
            let clear = State { cut: mute == Some(from), latency: usual, loss_percent: 0 };
            let state = active.clone().fold(clear, |state, fault| under(state, fault, from, to));
            let _ = network.remove_link(sender.clone(), receiver.clone()).await;
            if !state.cut {
                let success = 100_u64.saturating_sub(u64::from(state.loss_percent));
                let link = Link {
                    latency: state.latency,
                    jitter: state.latency / 4,
                    success_rate: Probability::new(success, 100).expect("a part of one hundred"),
                };
                let _ = network.add_link(sender.clone(), receiver.clone(), link).await;
            }
        }
    }
}

/// What a fault makes of a link.
fn under(state: State, fault: &Fault, from: usize, to: usize) -> State {
    match fault {
        Fault::Partition { group, .. } => {
            let inside = |node: usize| {
                group.checked_shr(u32::try_from(node).unwrap_or(u32::MAX)).is_some_and(|bits| bits & 1 == 1)
            };
            State { cut: state.cut || inside(from) != inside(to), ..state }
        }
        Fault::OneWayCut { from: deaf, to: mute, .. } => {
            State { cut: state.cut || (from, to) == (*deaf, *mute), ..state }
        }
        Fault::Delay { node, latency, .. } if *node == from || *node == to => {
            State { latency: state.latency.max(*latency), ..state }
        }
        Fault::Loss { percent, .. } => State { loss_percent: state.loss_percent.max(*percent), ..state },
        _ => state,
    }
}

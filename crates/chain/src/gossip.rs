//! What nodes tell each other beside consensus: new transactions, their views, and archived blocks on request.
//!
//! The node a client submitted to sends the transaction to all others, gathered for a few milliseconds; nobody forwards
//! what it got from a peer, because everyone is connected to everyone. What is not final after a while is sent again by
//! its origin. The position is reported every second: validators that may have forgotten votes need it (PROTOCOL 11), and
//! those that missed the end of an epoch see that others are past it. They ask for the changes they lack, one after the
//! other, and believe what the validators of the epoch before have signed.
//!
//! What the messages look like is said by [`gongxin_types::peer`]. A malformed one is dropped; the transport has
//! authenticated its sender.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use commonware_p2p::{Receiver, Recipients, Sender};
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _};
use gongxin_types::peer::{self, Message};
use gongxin_types::{EpochChange, codec};
use tokio::sync::mpsc;

use crate::admission::GossipBatch;
use crate::limits;
use crate::mempool::Checked;
use crate::names::{NodeKey, Runtime};
use crate::node::Node;
use crate::views::Position;

/// Bytes of an archived block sent in one message.
const PART_BYTES_MAX: usize = limits::GOSSIP_BYTES_MAX;
/// Largest message of this channel.
pub(crate) const MESSAGE_BYTES_MAX: usize =
    limits::GOSSIP_BYTES_MAX + gongxin_types::limits::TRANSACTION_BYTES_MAX + 64;

/// A part of an archived block from a peer.
pub(crate) struct Part {
    pub(crate) from: NodeKey,
    pub(crate) height: u64,
    pub(crate) total: u32,
    pub(crate) offset: u32,
    pub(crate) bytes: Bytes,
}

/// Who is told of what is heard.
pub(crate) struct Told {
    /// Parts of archived blocks.
    pub(crate) archived: mpsc::Sender<Part>,
    /// Peers that are in a later epoch than this node, and whose end of ours is known.
    pub(crate) ahead: mpsc::Sender<NodeKey>,
}

/// Asks a peer for a part of an archived block.
pub(crate) fn want<S: Sender<PublicKey = NodeKey>>(sender: &mut S, peer: NodeKey, height: u64, offset: u32) {
    let message = Bytes::from(Message::Wanted { height, offset }.encode());
    let _ = sender.send(Recipients::One(peer), message, false);
}

/// Spreads what was submitted here, and reports the view, until the node stops.
pub(crate) async fn speak<S: Sender<PublicKey = NodeKey>>(
    runtime: Runtime,
    node: Arc<Node>,
    mut sender: S,
    spread: Arc<tokio::sync::Mutex<mpsc::Receiver<Arc<Checked>>>>,
) {
    let mut spread = spread.lock().await;
    let mut gathered = Vec::new();
    let mut last_report = None::<Duration>;
    loop {
        let next_report = last_report.map_or(Duration::ZERO, |at| at.saturating_add(Duration::from_secs(1)));
        let report_due = next_report.saturating_sub(node.clock.steady());
        tokio::select! {
            // The report is the rarer one: transactions cannot put it off.
            biased;
            () = runtime.sleep(report_due) => {
                last_report = Some(node.clock.steady());
                let _ = sender.send(Recipients::All, Bytes::from(position(&node).encode()), false);
                if let Some(holds) = holds(&node) {
                    let _ = sender.send(Recipients::All, Bytes::from(holds.encode()), false);
                }
                let overdue =
                    node.mempool().overdue(node.clock.steady(), limits::GOSSIP_RESEND, limits::ADMISSION_BATCH_MAX * 4);
                send_transactions(&mut sender, &overdue);
            }
            count = spread.recv_many(&mut gathered, limits::ADMISSION_BATCH_MAX * 8) => {
                if count == 0 {
                    return;
                }
                // Those that follow within the window travel together.
                runtime.sleep(limits::GOSSIP_WINDOW).await;
                while gathered.len() < limits::ADMISSION_BATCH_MAX * 8 {
                    let Ok(next) = spread.try_recv() else { break };
                    gathered.push(next);
                }
                send_transactions(&mut sender, &gathered);
                gathered.clear();
            }
        }
    }
}

/// How far this node is.
fn position(node: &Node) -> Message<'static> {
    match node.views.report(node.clock.steady()) {
        Some(Position { epoch, view }) => Message::Position { epoch, view: Some(view) },
        None => Message::Position { epoch: node.epochs.reached(), view: None },
    }
}

/// What this node has of the archive, and whether it keeps all of it.
fn holds(node: &Node) -> Option<Message<'static>> {
    let from = node.archive.extent()?.first;
    Some(Message::Holds { from, all: node.keeps_all })
}

fn send_transactions<S: Sender<PublicKey = NodeKey>>(sender: &mut S, transactions: &[Arc<Checked>]) {
    let mut message = Vec::new();
    for checked in transactions {
        peer::push_transaction(&mut message, &checked.bytes);
        if message.len() >= limits::GOSSIP_BYTES_MAX {
            let _ = sender.send(Recipients::All, Bytes::from(std::mem::take(&mut message)), false);
        }
    }
    if !message.is_empty() {
        let _ = sender.send(Recipients::All, Bytes::from(message), false);
    }
}

/// Hears peers until the node stops.
pub(crate) async fn listen<S, R>(runtime: Runtime, node: Arc<Node>, mut sender: S, mut receiver: R, told: Told)
where
    S: Sender<PublicKey = NodeKey>,
    R: Receiver<PublicKey = NodeKey>,
{
    while let Ok((from, mut message)) = receiver.recv().await {
        let length = message.remaining();
        let message = message.copy_to_bytes(length);
        node.views.heard(&from, None, node.clock.steady());
        match Message::parse(&message) {
            Ok(Message::Transactions(transactions)) => {
                // Copied out, so that one waiting transaction does not keep a whole message in memory.
                let transactions = transactions.into_iter().map(Bytes::copy_from_slice).collect();
                if node.gossip.try_send(GossipBatch { transactions }).is_err() {
                    node.metrics.gossip_dropped_total.add(1);
                }
            }
            Ok(Message::Position { epoch, view }) => {
                let position = view.map(|view| Position::new(epoch, view));
                node.views.heard(&from, position, node.clock.steady());
                if epoch > node.epochs.reached() {
                    catch_up(&node, &mut sender, &told, from, epoch);
                }
            }
            Ok(Message::Ended { epoch }) => {
                if let Some(change) = node.epochs.end_of(epoch) {
                    let change = codec::encode(&change);
                    let message = Bytes::from(Message::EpochChange(&change).encode());
                    let _ = sender.send(Recipients::One(from), message, false);
                }
            }
            Ok(Message::EpochChange(bytes)) => match learn(&node, bytes) {
                Ok(true) => ask_for_end(&node, &mut sender, from),
                Ok(false) => {}
                Err(error) => tracing::debug!(peer = ?from, %error, "an epoch change is not believed"),
            },
            Ok(Message::Holds { from: first, all }) => {
                node.holdings.told(from, first, all, node.clock.steady());
            }
            Ok(Message::Wanted { height, offset }) => {
                let node = Arc::clone(&node);
                let task =
                    runtime.child("archived").shared(true).spawn(move |_| async move { part(&node, height, offset) });
                if let Ok(Some(message)) = task.await {
                    let _ = sender.send(Recipients::One(from), message, false);
                }
            }
            Ok(Message::Part { height, total, offset, bytes }) => {
                let bytes = message.slice_ref(bytes);
                let _ = told.archived.try_send(Part { from, height, total, offset, bytes });
            }
            Err(error) => tracing::debug!(peer = ?from, %error, "malformed message"),
        }
    }
}

/// A peer is in a later epoch: asks it how the newest that is known here ended, and has its last block fetched.
fn catch_up<S: Sender<PublicKey = NodeKey>>(node: &Node, sender: &mut S, told: &Told, peer: NodeKey, epoch: u64) {
    if node.epochs.newest() < epoch {
        ask_for_end(node, sender, peer.clone());
    }
    if node.epochs.newest() > node.epochs.reached() {
        let _ = told.ahead.try_send(peer);
    }
}

fn ask_for_end<S: Sender<PublicKey = NodeKey>>(node: &Node, sender: &mut S, peer: NodeKey) {
    let message = Message::Ended { epoch: node.epochs.newest() }.encode();
    let _ = sender.send(Recipients::One(peer), Bytes::from(message), false);
}

/// Takes in an epoch change; whether it was news.
fn learn(node: &Node, bytes: &[u8]) -> Result<bool, String> {
    let change: EpochChange = codec::decode("epoch change", bytes).map_err(|error| error.to_string())?;
    node.epochs.learn(&change).map_err(|error| error.to_string())
}

fn part(node: &Node, height: u64, offset: u32) -> Option<Bytes> {
    let bytes = node.archive.get(height).ok()??;
    let begin = usize::try_from(offset).ok()?;
    let rest = bytes.get(begin..).filter(|rest| !rest.is_empty())?;
    let piece = rest.get(..rest.len().min(PART_BYTES_MAX))?;
    let total = u32::try_from(bytes.len()).ok()?;
    Some(Bytes::from(Message::Part { height, total, offset, bytes: piece }.encode()))
}

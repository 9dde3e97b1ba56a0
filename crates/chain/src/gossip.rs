//! What nodes tell each other beside consensus: new transactions, their views, and archived blocks on request.
//!
//! The node a client submitted to sends the transaction to all others, gathered for a few milliseconds; nobody forwards
//! what it got from a peer, because everyone is connected to everyone. What is not final after a while is sent again by
//! its origin. A view is reported every second: validators that may have forgotten votes need it (PROTOCOL 11).
//!
//! Messages: `0 ‖ (u32 length ‖ transaction)…` · `1 ‖ u64 view` (all ones: not known yet) · `2 ‖ u64 height ‖ u32 offset` · `3 ‖ u64 height ‖ u32
//! total ‖ u32 offset ‖ bytes` (little-endian). A malformed message is dropped; the transport has authenticated its sender.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use commonware_p2p::{Receiver, Recipients, Sender};
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _};
use tokio::sync::mpsc;

use crate::admission::GossipBatch;
use crate::limits;
use crate::mempool::Checked;
use crate::names::{NodeKey, Runtime};
use crate::node::Node;

const TRANSACTIONS: u8 = 0;
const VIEW: u8 = 1;
const WANTED: u8 = 2;
const PART: u8 = 3;

/// Stands for a view that is not known since the start.
const UNKNOWN: u64 = u64::MAX;
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

/// Asks a peer for a part of an archived block.
pub(crate) fn want<S: Sender<PublicKey = NodeKey>>(sender: &mut S, peer: NodeKey, height: u64, offset: u32) {
    let mut message = BytesMut::with_capacity(13);
    message.put_u8(WANTED);
    message.put_u64_le(height);
    message.put_u32_le(offset);
    let _ = sender.send(Recipients::One(peer), message.freeze(), false);
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
    let mut last_report = None::<std::time::Instant>;
    loop {
        let report_due = last_report.map_or(Duration::ZERO, |at| Duration::from_secs(1).saturating_sub(at.elapsed()));
        tokio::select! {
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
            () = runtime.sleep(report_due) => {
                last_report = Some(std::time::Instant::now());
                let mut message = BytesMut::with_capacity(9);
                message.put_u8(VIEW);
                message.put_u64_le(node.views.report().unwrap_or(UNKNOWN));
                let _ = sender.send(Recipients::All, message.freeze(), false);
                let overdue = node.mempool().overdue(limits::GOSSIP_RESEND, limits::ADMISSION_BATCH_MAX * 4);
                send_transactions(&mut sender, &overdue);
            }
        }
    }
}

fn send_transactions<S: Sender<PublicKey = NodeKey>>(sender: &mut S, transactions: &[Arc<Checked>]) {
    let mut message = BytesMut::new();
    for checked in transactions {
        if message.is_empty() {
            message.put_u8(TRANSACTIONS);
        }
        message.put_u32_le(u32::try_from(checked.bytes.len()).unwrap_or(u32::MAX));
        message.put_slice(&checked.bytes);
        if message.len() >= limits::GOSSIP_BYTES_MAX {
            let _ = sender.send(Recipients::All, message.split().freeze(), false);
        }
    }
    if !message.is_empty() {
        let _ = sender.send(Recipients::All, message.freeze(), false);
    }
}

/// Hears peers until the node stops.
pub(crate) async fn listen<S, R>(
    runtime: Runtime,
    node: Arc<Node>,
    mut sender: S,
    mut receiver: R,
    parts: mpsc::Sender<Part>,
) where
    S: Sender<PublicKey = NodeKey>,
    R: Receiver<PublicKey = NodeKey>,
{
    while let Ok((from, mut message)) = receiver.recv().await {
        let length = message.remaining();
        let mut message = message.copy_to_bytes(length);
        if message.is_empty() {
            continue;
        }
        let kind = message.get_u8();
        node.views.heard(&from, None);
        match kind {
            TRANSACTIONS => {
                let transactions = split(message);
                if !transactions.is_empty() && node.gossip.try_send(GossipBatch { transactions }).is_err() {
                    node.metrics.gossip_dropped_total.add(1);
                }
            }
            VIEW if message.len() == 8 => {
                let view = message.get_u64_le();
                node.views.heard(&from, (view != UNKNOWN).then_some(view));
            }
            WANTED if message.len() == 12 => {
                let (height, offset) = (message.get_u64_le(), message.get_u32_le());
                let node = Arc::clone(&node);
                let task =
                    runtime.child("archived").shared(true).spawn(move |_| async move { part(&node, height, offset) });
                if let Ok(Some(message)) = task.await {
                    let _ = sender.send(Recipients::One(from), message, false);
                }
            }
            PART if message.len() > 16 => {
                let (height, total, offset) = (message.get_u64_le(), message.get_u32_le(), message.get_u32_le());
                let _ = parts.try_send(Part { from, height, total, offset, bytes: message });
            }
            _ => tracing::debug!(peer = ?from, kind, "unknown message"),
        }
    }
}

/// The transactions of one message; nothing if it is malformed.
fn split(mut message: Bytes) -> Vec<Bytes> {
    let mut transactions = Vec::new();
    while message.len() >= 4 {
        let length = usize::try_from(message.get_u32_le()).unwrap_or(usize::MAX);
        if length > message.len() {
            return Vec::new();
        }
        // Copied out, so that one waiting transaction does not keep a whole message in memory.
        transactions.push(Bytes::copy_from_slice(&message.split_to(length)));
    }
    if message.is_empty() { transactions } else { Vec::new() }
}

fn part(node: &Node, height: u64, offset: u32) -> Option<Bytes> {
    let bytes = node.archive.get(height).ok()??;
    let begin = usize::try_from(offset).ok()?;
    let rest = bytes.get(begin..).filter(|rest| !rest.is_empty())?;
    let piece = rest.get(..rest.len().min(PART_BYTES_MAX))?;
    let mut message = BytesMut::with_capacity(piece.len() + 17);
    message.put_u8(PART);
    message.put_u64_le(height);
    message.put_u32_le(u32::try_from(bytes.len()).ok()?);
    message.put_u32_le(offset);
    message.put_slice(piece);
    Some(message.freeze())
}

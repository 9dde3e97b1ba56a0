//! What makes a block permanently invalid, whoever looks and whenever: its header against its parent's, and its limits.
//!
//! Roots of receipts and state are compared after execution; that the transactions are those of the header was checked
//! when the block was decoded.

use gongxin_types::alert::RejectionCode;
use gongxin_types::{Header, limits as ledger_limits};

use crate::block::Block;
use crate::clock;
use crate::execution;
use crate::node::Node;
use crate::planted::Bug;
use crate::rules;

/// What is wrong with a block, for a program and for people.
pub(crate) type Invalid = (RejectionCode, String);

/// Checks a block against its parent.
pub(crate) fn check(node: &Node, block: &Block, parent: &Header) -> Result<(), Invalid> {
    let header = block.header();
    let rules = &node.rules;
    let expect = |holds: bool, otherwise: &str| self::expect(holds, RejectionCode::Header, otherwise);
    expect(header.version == 1, "its header has an unknown version")?;
    expect(header.network == rules.network, "it belongs to another network")?;
    expect(header.height == parent.height.next(), "its height does not follow its parent's")?;
    let forgets = rules.planted.has(Bug::ForgottenEpochCheck);
    expect(header.epoch == parent.next_epoch() || forgets, "its epoch does not follow its parent's")?;
    expect(header.epoch == block.epoch(), "its epoch is not the one it was proposed in")?;
    expect(header.validators_root == parent.next_validators_root, "its validators are not those its parent announced")?;
    expect(clock::admissible(parent.time, header.time), "its time does not follow its parent's within a step")?;
    let expect = |holds: bool, otherwise: &str| self::expect(holds, RejectionCode::Limits, otherwise);
    expect(block.transactions_bytes() <= ledger_limits::BLOCK_BYTES_MAX, "its transactions have too many bytes")?;
    let weight = block.transactions().iter().map(rules::weight).fold(0, u64::saturating_add);
    expect(weight <= ledger_limits::BLOCK_WEIGHT_MAX, "its transactions are too heavy")?;
    let context = execution::context(rules, header.height, header.time);
    for transaction in block.transactions().iter() {
        rules::admissible(transaction, &context).map_err(|error| (RejectionCode::Transaction, error.to_string()))?;
    }
    Ok(())
}

fn expect(holds: bool, code: RejectionCode, otherwise: &str) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err((code, otherwise.to_owned())) }
}

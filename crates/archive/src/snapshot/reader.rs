//! Reading a snapshot, chunk by chunk, and what can be checked of it without an engine.

use std::io::Read;

use gongxin_types::{EpochChange, FinalizedBlock, Header, List, codec};
use gongxin_verify::{TrustedNetwork, block, headers};

use super::chunk::{Kind, Source};
use super::{Head, Operation, SnapshotError, TableKind};
use crate::limits;

/// What stands in a snapshot before its operations; checked.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Its head.
    pub head: Head,
    /// How the validators changed up to its block, oldest first.
    pub epochs: Vec<EpochChange>,
    /// The block after which this is the state, with a certificate of its own.
    pub block: FinalizedBlock,
    /// The same, as it was archived.
    pub block_bytes: Vec<u8>,
}

impl Contents {
    /// The header whose state it is.
    pub fn header(&self) -> &Header {
        &self.block.header
    }

    /// How many operations on a table there are to come.
    pub fn operations(&self, table: TableKind) -> u64 {
        let root = self.block.header.state.get(table.place());
        root.map_or(0, |root| root.end.saturating_sub(root.start))
    }
}

/// Reads the operations of a snapshot.
pub struct Reader<R> {
    source: Source<R>,
    expected: [u64; 2],
    found: [u64; 2],
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// Reads what stands before the operations, and checks that the network's validators signed it.
    ///
    /// # Errors
    /// See [`SnapshotError`].
    pub fn begin(input: R, network: &TrustedNetwork) -> Result<(Self, Contents), SnapshotError> {
        let mut source = Source::begin(input)?;
        let head: Head = part(&mut source, Kind::Head)?;
        if head.version != 1 {
            return Err(SnapshotError::Malformed("its head has an encoding version that this program does not know"));
        }
        if head.network != network.network {
            let (found, expected) = (Box::new(head.network), Box::new(network.network));
            return Err(SnapshotError::OtherNetwork { found, expected });
        }
        let mut network = network.clone();
        let mut epochs = Vec::new();
        for _ in 0..head.epochs {
            let change: EpochChange = part(&mut source, Kind::Epoch)?;
            network.follow(&change).map_err(|error| SnapshotError::Untrusted(error.to_string()))?;
            epochs.push(change);
        }
        let block_bytes = bytes(&mut source, Kind::Block)?;
        let block: FinalizedBlock = codec::decode("block", &block_bytes)
            .map_err(|_| SnapshotError::Malformed("its block is not a canonical one"))?;
        believe(&network, &block)?;
        let mut reader = Self { source, expected: [0; 2], found: [0; 2], ended: false };
        let contents = Contents { head, epochs, block, block_bytes };
        reader.expected = TableKind::ALL.map(|table| contents.operations(table));
        if contents.header().state.len() != 2 || reader.expected.iter().any(|count| *count > limits::OPERATIONS_MAX) {
            return Err(SnapshotError::Malformed("its header does not name two tables"));
        }
        Ok((reader, contents))
    }

    /// The next operations; nothing at the end, where count and checksum were found right.
    ///
    /// # Errors
    /// See [`SnapshotError`].
    pub fn operations(&mut self) -> Result<Option<(TableKind, Vec<Operation>)>, SnapshotError> {
        if self.ended {
            return Ok(None);
        }
        let (kind, bytes) = self.source.next()?;
        let table = match kind {
            Kind::Objects if self.found[1] == 0 => TableKind::Objects,
            Kind::Lists => TableKind::Lists,
            Kind::End => {
                self.complete()?;
                self.source.end()?;
                self.ended = true;
                return Ok(None);
            }
            _ => return Err(SnapshotError::Malformed("its parts are out of order")),
        };
        let operations: List<Operation, { limits::CHUNK_OPERATIONS_MAX }> = codec::decode("operations", &bytes)
            .map_err(|_| SnapshotError::Malformed("operations are not canonical ones"))?;
        let is_own = |operation: &Operation| match operation {
            Operation::Written { .. } => table == TableKind::Objects,
            Operation::Linked { .. } => table == TableKind::Lists,
            Operation::Removed { .. } | Operation::Committed { .. } => true,
        };
        if operations.is_empty() || !operations.iter().all(is_own) {
            return Err(SnapshotError::Malformed("operations stand in the wrong table"));
        }
        if let (Some(found), Some(expected)) = (self.found.get_mut(table.place()), self.expected.get(table.place())) {
            *found = found.saturating_add(operations.len() as u64);
            if *found > *expected {
                let (found, expected) = (*found, *expected);
                return Err(SnapshotError::Incomplete { table: table.name(), found, expected });
            }
        }
        Ok(Some((table, operations.into_inner())))
    }

    fn complete(&self) -> Result<(), SnapshotError> {
        for ((table, found), expected) in TableKind::ALL.iter().zip(self.found).zip(self.expected) {
            if found != expected {
                return Err(SnapshotError::Incomplete { table: table.name(), found, expected });
            }
        }
        Ok(())
    }
}

/// Reads a snapshot to its end and checks all that can be checked without an engine.
///
/// # Errors
/// See [`SnapshotError`].
pub fn check<R: Read>(input: R, network: &TrustedNetwork) -> Result<Contents, SnapshotError> {
    let (mut reader, contents) = Reader::begin(input, network)?;
    while reader.operations()?.is_some() {}
    Ok(contents)
}

/// Whether a block is what its header says, and its header what the validators of its epoch signed.
fn believe(network: &TrustedNetwork, block: &FinalizedBlock) -> Result<(), SnapshotError> {
    let untrusted = |reason: String| SnapshotError::Untrusted(reason);
    block::check(network, block).map_err(|error| untrusted(error.to_string()))?;
    let Some(signed) = &block.certificate else {
        return Err(untrusted("its block has no certificate of its own".to_owned()));
    };
    headers::check_chain(std::slice::from_ref(&block.header), signed, network)
        .map_err(|error| untrusted(error.to_string()))
}

fn bytes<R: Read>(source: &mut Source<R>, expected: Kind) -> Result<Vec<u8>, SnapshotError> {
    match source.next()? {
        (kind, bytes) if kind == expected => Ok(bytes),
        _ => Err(SnapshotError::Malformed("its parts are out of order")),
    }
}

fn part<R: Read, T: borsh::BorshDeserialize>(source: &mut Source<R>, expected: Kind) -> Result<T, SnapshotError> {
    let bytes = bytes(source, expected)?;
    codec::decode("part", &bytes).map_err(|_| SnapshotError::Malformed("a part is not a canonical one"))
}

//! Frames: consecutive blocks compressed together. Idle blocks are nearly alike; state roots and signatures remain.

use std::io;

use crate::limits;
use crate::record::{Record, checksum};

/// Bytes of a frame's line in the table of a sealed segment.
pub(crate) const LINE: usize = 48;

/// Where a frame lies in its file, and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameAt {
    pub(crate) segment: u32,
    /// Height of its first block; the others follow it.
    pub(crate) first: u64,
    pub(crate) blocks: u32,
    /// Time of its first block.
    pub(crate) begins: u64,
    /// Time of its last block.
    pub(crate) ends: u64,
    pub(crate) offset: u64,
    /// Bytes in the file.
    pub(crate) stored: u32,
    /// Bytes once decompressed.
    pub(crate) plain: u32,
    /// CRC-32C of the bytes in the file.
    pub(crate) checksum: u32,
}

impl FrameAt {
    /// Height of its last block.
    pub(crate) fn last(&self) -> u64 {
        self.first.saturating_add(u64::from(self.blocks)).saturating_sub(1)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LINE);
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.begins.to_le_bytes());
        bytes.extend_from_slice(&self.ends.to_le_bytes());
        bytes.extend_from_slice(&self.offset.to_le_bytes());
        bytes.extend_from_slice(&self.blocks.to_le_bytes());
        bytes.extend_from_slice(&self.stored.to_le_bytes());
        bytes.extend_from_slice(&self.plain.to_le_bytes());
        bytes.extend_from_slice(&self.checksum.to_le_bytes());
        bytes
    }

    /// A line that is within the limits.
    pub(crate) fn decode(segment: u32, bytes: &[u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first_chunk::<8>()?;
        let (begins, rest) = rest.split_first_chunk::<8>()?;
        let (ends, rest) = rest.split_first_chunk::<8>()?;
        let (offset, rest) = rest.split_first_chunk::<8>()?;
        let (blocks, rest) = rest.split_first_chunk::<4>()?;
        let (stored, rest) = rest.split_first_chunk::<4>()?;
        let (plain, rest) = rest.split_first_chunk::<4>()?;
        let (checksum, rest) = rest.split_first_chunk::<4>()?;
        let frame = Self {
            segment,
            first: u64::from_le_bytes(*first),
            begins: u64::from_le_bytes(*begins),
            ends: u64::from_le_bytes(*ends),
            offset: u64::from_le_bytes(*offset),
            blocks: u32::from_le_bytes(*blocks),
            stored: u32::from_le_bytes(*stored),
            plain: u32::from_le_bytes(*plain),
            checksum: u32::from_le_bytes(*checksum),
        };
        let fits = (1..=limits::FRAME_BLOCKS_MAX).contains(&(frame.blocks as usize))
            && frame.plain as usize <= limits::FRAME_BYTES_MAX
            && frame.first.checked_add(u64::from(frame.blocks)).is_some();
        (rest.is_empty() && fits).then_some(frame)
    }
}

/// A frame in memory.
pub(crate) struct Frame {
    first: u64,
    plain: Vec<u8>,
    offsets: Vec<usize>,
}

impl Frame {
    /// Decompresses a frame and takes it apart: every block is there, in order, and whole.
    pub(crate) fn open(at: &FrameAt, stored: &[u8]) -> io::Result<Self> {
        let damaged = || {
            let words = format!("blocks {} to {} of the archive are damaged", at.first, at.last());
            io::Error::new(io::ErrorKind::InvalidData, words)
        };
        if checksum(stored) != at.checksum {
            return Err(damaged());
        }
        let plain = zstd::bulk::decompress(stored, at.plain as usize).map_err(|_| damaged())?;
        let (mut offsets, mut rest) = (Vec::with_capacity(at.blocks as usize), plain.as_slice());
        while !rest.is_empty() {
            let expected = at.first.saturating_add(offsets.len() as u64);
            offsets.push(plain.len().saturating_sub(rest.len()));
            let (record, after) = Record::split(rest).ok_or_else(damaged)?;
            if record.header.height != expected {
                return Err(damaged());
            }
            rest = after;
        }
        if offsets.len() != at.blocks as usize || plain.len() != at.plain as usize {
            return Err(damaged());
        }
        Ok(Self { first: at.first, plain, offsets })
    }

    /// A block of it.
    pub(crate) fn record(&self, height: u64) -> Option<Record<'_>> {
        let place = usize::try_from(height.checked_sub(self.first)?).ok()?;
        Record::split(self.plain.get(*self.offsets.get(place)?..)?).map(|(record, _)| record)
    }

    /// All of it, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let heights = self.first..self.first.saturating_add(self.offsets.len() as u64);
        heights.filter_map(|height| self.record(height))
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.plain.len()
    }
}

/// Gathers records until a frame is full.
#[derive(Default)]
pub(crate) struct Gathered {
    first: u64,
    begins: u64,
    ends: u64,
    blocks: u32,
    plain: Vec<u8>,
}

impl Gathered {
    /// Whether this block belongs into another frame.
    pub(crate) fn is_closed_to(&self, height: u64) -> bool {
        let full = self.blocks as usize >= limits::FRAME_BLOCKS_MAX || self.plain.len() >= limits::FRAME_BYTES;
        self.blocks > 0 && (full || height != self.first.saturating_add(u64::from(self.blocks)))
    }

    pub(crate) fn push(&mut self, height: u64, time: u64, record: &[u8]) {
        if self.blocks == 0 {
            (self.first, self.begins) = (height, time);
        }
        self.ends = time;
        self.blocks = self.blocks.saturating_add(1);
        self.plain.extend_from_slice(record);
    }

    /// The frame compressed, for this place in a file, and begun anew; nothing if it is empty.
    pub(crate) fn take(&mut self, segment: u32, offset: u64) -> io::Result<Option<(FrameAt, Vec<u8>)>> {
        if self.blocks == 0 {
            return Ok(None);
        }
        let this = std::mem::take(self);
        let stored = zstd::bulk::compress(&this.plain, limits::ZSTD_LEVEL)?;
        let too_large = |_| io::Error::new(io::ErrorKind::InvalidInput, "a frame is too large");
        let at = FrameAt {
            segment,
            first: this.first,
            blocks: this.blocks,
            begins: this.begins,
            ends: this.ends,
            offset,
            stored: u32::try_from(stored.len()).map_err(too_large)?,
            plain: u32::try_from(this.plain.len()).map_err(too_large)?,
            checksum: checksum(&stored),
        };
        Ok(Some((at, stored)))
    }
}

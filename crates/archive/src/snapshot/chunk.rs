//! Chunks of a snapshot, and the checksum over all of them.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

use super::SnapshotError;
use crate::limits;

/// What every snapshot begins with.
pub(super) const MAGIC: &[u8] = b"gongxin-snapshot-1\n";

/// What a chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    Head,
    Epoch,
    Block,
    Objects,
    Lists,
}

impl Kind {
    const ALL: [Self; 6] = [Self::End, Self::Head, Self::Epoch, Self::Block, Self::Objects, Self::Lists];

    fn of(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    fn code(self) -> u8 {
        Self::ALL.iter().zip(0..).find_map(|(kind, code)| (*kind == self).then_some(code)).unwrap_or_default()
    }

    /// Plain bytes it may have.
    fn bytes_max(self) -> usize {
        match self {
            Self::End => 0,
            Self::Head => 8_192,
            Self::Epoch => gongxin_types::limits::EPOCH_CHANGE_BYTES_MAX,
            Self::Block => limits::BLOCK_BYTES_MAX,
            Self::Objects | Self::Lists => limits::CHUNK_BYTES_MAX,
        }
    }
}

/// Reads chunks and counts their bytes into the checksum.
pub(super) struct Source<R> {
    input: R,
    sum: Sha256,
}

impl<R: Read> Source<R> {
    pub(super) fn begin(mut input: R) -> Result<Self, SnapshotError> {
        let mut magic = [0; MAGIC.len()];
        input.read_exact(&mut magic).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => SnapshotError::NotOne,
            _ => SnapshotError::Io(error),
        })?;
        if magic != MAGIC {
            return Err(SnapshotError::NotOne);
        }
        let mut sum = Sha256::new();
        sum.update(magic);
        Ok(Self { input, sum })
    }

    pub(super) fn next(&mut self) -> Result<(Kind, Vec<u8>), SnapshotError> {
        let mut front = [0; 9];
        self.input.read_exact(&mut front)?;
        self.sum.update(front);
        let [code, a, b, c, d, e, f, g, h] = front;
        let kind = Kind::of(code).ok_or(SnapshotError::Changed)?;
        let (plain, stored) = (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]) as usize);
        // A compressor adds little to what it cannot compress.
        if plain > kind.bytes_max()
            || stored > kind.bytes_max().saturating_add(kind.bytes_max() / 64).saturating_add(64)
        {
            return Err(SnapshotError::Changed);
        }
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(stored as u64).read_to_end(&mut bytes)?;
        if read != stored {
            return Err(SnapshotError::Cut);
        }
        self.sum.update(&bytes);
        if kind == Kind::End {
            return if plain == 0 && stored == 0 { Ok((kind, bytes)) } else { Err(SnapshotError::Changed) };
        }
        let opened = zstd::bulk::decompress(&bytes, plain).map_err(|_| SnapshotError::Changed)?;
        if opened.len() == plain { Ok((kind, opened)) } else { Err(SnapshotError::Changed) }
    }

    /// The checksum, and nothing behind it.
    pub(super) fn end(&mut self) -> Result<(), SnapshotError> {
        let mut found = [0; 32];
        self.input.read_exact(&mut found)?;
        let expected: [u8; 32] = std::mem::take(&mut self.sum).finalize().into();
        if found != expected || self.input.read(&mut [0])? != 0 {
            return Err(SnapshotError::Changed);
        }
        Ok(())
    }
}

/// Writes chunks and their checksum.
pub(super) struct Sink<W> {
    output: W,
    sum: Sha256,
}

impl<W: Write> Sink<W> {
    pub(super) fn begin(output: W) -> io::Result<Self> {
        let mut sink = Self { output, sum: Sha256::new() };
        sink.push(MAGIC)?;
        Ok(sink)
    }

    pub(super) fn chunk(&mut self, kind: Kind, plain: &[u8]) -> io::Result<()> {
        let too_large = || io::Error::new(io::ErrorKind::InvalidInput, "a chunk of a snapshot is too large");
        if plain.len() > kind.bytes_max() {
            return Err(too_large());
        }
        let stored = if kind == Kind::End { Vec::new() } else { zstd::bulk::compress(plain, limits::ZSTD_LEVEL)? };
        let lengths = (u32::try_from(plain.len()).ok(), u32::try_from(stored.len()).ok());
        let (Some(plain), Some(length)) = lengths else { return Err(too_large()) };
        self.push(&[kind.code()])?;
        self.push(&plain.to_le_bytes())?;
        self.push(&length.to_le_bytes())?;
        self.push(&stored)
    }

    /// Writes end and checksum.
    pub(super) fn end(mut self) -> io::Result<W> {
        self.chunk(Kind::End, &[])?;
        let sum: [u8; 32] = std::mem::take(&mut self.sum).finalize().into();
        self.output.write_all(&sum)?;
        Ok(self.output)
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        self.output.write_all(bytes)
    }
}

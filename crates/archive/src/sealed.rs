//! Sealed segments: frames, and a table of them at the end. Written once.
//!
//! ```text
//! "GXS1"
//! frames (zstd), one behind the other
//! table: a line per frame, ascending by height: u64 first ‖ u64 begins ‖ u64 ends ‖ u64 offset ‖ u32 blocks ‖ u32 stored ‖
//!        u32 plain ‖ u32 crc32c of the stored bytes
//! footer: u64 offset of the table ‖ u32 frames ‖ u32 crc32c of the table ‖ "GXSE"
//! ```
//! Integers are little-endian. A frame holds records as a log does ([`crate::record`]), of consecutive heights.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::frame::{Frame, FrameAt, LINE};
use crate::limits;
use crate::record::checksum;
use crate::segment::unusable;

const MAGIC: [u8; 4] = *b"GXS1";
const END: [u8; 4] = *b"GXSE";
const FOOTER: usize = 20;

/// Writes a sealed segment, frame by frame.
pub(crate) struct SealedWriter {
    file: File,
    length: u64,
    table: Vec<FrameAt>,
}

impl SealedWriter {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(&MAGIC)?;
        Ok(Self { file, length: MAGIC.len() as u64, table: Vec::new() })
    }

    /// Where the next frame will lie.
    pub(crate) fn offset(&self) -> u64 {
        self.length
    }

    pub(crate) fn push(&mut self, at: FrameAt, stored: &[u8]) -> io::Result<()> {
        self.file.write_all(stored)?;
        self.length = self.length.saturating_add(stored.len() as u64);
        self.table.push(at);
        Ok(())
    }

    /// Writes table and footer; on disk when this returns.
    pub(crate) fn finish(mut self) -> io::Result<Vec<FrameAt>> {
        let table: Vec<u8> = self.table.iter().flat_map(FrameAt::encode).collect();
        let frames = u32::try_from(self.table.len()).ok().filter(|frames| *frames <= limits::FRAMES_MAX);
        let frames = frames.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "too many frames"))?;
        self.file.write_all(&table)?;
        self.file.write_all(&self.length.to_le_bytes())?;
        self.file.write_all(&frames.to_le_bytes())?;
        self.file.write_all(&checksum(&table).to_le_bytes())?;
        self.file.write_all(&END)?;
        self.file.sync_all()?;
        Ok(self.table)
    }
}

/// The table of a sealed segment; nothing of its frames is read.
pub(crate) fn table(path: &Path, segment: u32) -> io::Result<Vec<FrameAt>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let broken = |offset: u64| unusable(path, offset);
    let footer_at = length.checked_sub(FOOTER as u64).ok_or_else(|| broken(length))?;
    let mut footer = [0; FOOTER];
    file.read_exact_at(&mut footer, footer_at)?;
    let (table_at, rest) = footer.split_first_chunk::<8>().ok_or_else(|| broken(footer_at))?;
    let (frames, rest) = rest.split_first_chunk::<4>().ok_or_else(|| broken(footer_at))?;
    let (sum, end) = rest.split_first_chunk::<4>().ok_or_else(|| broken(footer_at))?;
    let (table_at, frames) = (u64::from_le_bytes(*table_at), u32::from_le_bytes(*frames));
    let bytes = u64::from(frames).saturating_mul(LINE as u64);
    if end != END || frames > limits::FRAMES_MAX || table_at.checked_add(bytes) != Some(footer_at) {
        return Err(broken(footer_at));
    }
    let mut table = vec![0; frames as usize * LINE];
    file.read_exact_at(&mut table, table_at)?;
    if checksum(&table) != u32::from_le_bytes(*sum) {
        return Err(broken(table_at));
    }
    let lines = table.chunks_exact(LINE).map(|line| FrameAt::decode(segment, line).ok_or_else(|| broken(table_at)));
    lines.collect()
}

/// Reads one frame.
pub(crate) fn read(file: &File, at: &FrameAt) -> io::Result<Frame> {
    // What is stored is never much longer than what is plain, whose length is bounded.
    let stored = (at.stored as usize).min(limits::FRAME_BYTES_MAX.saturating_mul(2));
    let mut bytes = vec![0; stored];
    file.read_exact_at(&mut bytes, at.offset)?;
    Frame::open(at, &bytes)
}

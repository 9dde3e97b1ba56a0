//! Every final block with its receipts, by height, in plain files that outlive the engine.
//!
//! **Promise.** What [`Archive::put`] has returned from is on disk; after a crash a record is there whole or not at all.
//! A height is written once; the same height again is ignored. State can be rebuilt from here alone
//! ([`crate::rebuild`]), so a change of engine needs no migration of these files.
//!
//! **Form.** `data-NNNNNNNN.log` holds records `"GXB1" ‖ height u64 ‖ time u64 ‖ length u32 ‖ ids u32 ‖ crc32c u32 ‖
//! payload ‖ ids × 8 bytes` (little-endian; the checksum covers what follows it); the payload is the canonical encoding
//! of a `FinalizedBlock`, the rest the first 8 bytes of each transaction's identifier, so that one is found without
//! decoding blocks. `index` holds 32 bytes per height: `segment u32 ‖ length u32 ‖ offset u64 ‖ time u64 ‖ ids u32 ‖ 1
//! u32`, zeros where nothing is. The index is a cache: what the last segment holds is read again at every start, all of it
//! if the index is missing. An entry is written after its record is on disk; so a broken record without an entry is one
//! that was being written, and is dropped, while one with an entry is damage, and nothing is touched.
//!
//! **Limits.** Reading is by height and by time; which identifiers to look for, and when, is [`crate::recent`]'s. There is no pruning.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use commonware_cryptography::Crc32;

use crate::limits;

mod record;
mod segment;

use record::{ENTRY, Entry, HEADER, RecordHeader};
use segment::{reaches, scan, segment_path, segments, unusable};

/// The archive of one node; safe to share between threads.
pub(crate) struct Archive {
    directory: PathBuf,
    index: File,
    state: Mutex<Writer>,
    readers: Mutex<HashMap<u32, Arc<File>>>,
}

struct Writer {
    segment: u32,
    file: File,
    length: u64,
    first: u64,
    last: u64,
}

/// Where the archive stands: the unbroken range of heights that ends at the newest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Lowest height of the range.
    pub(crate) first: u64,
    /// Highest height.
    pub(crate) last: u64,
}

impl Archive {
    /// Opens or creates the archive in a folder, dropping a half-written last record. Nothing is written to a damaged one.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let index_path = directory.join("index");
        let whole = !index_path.exists();
        let segments = segments(directory)?;
        let newest = segments.last().copied().unwrap_or(0);
        let (mut found, mut length) = (Vec::new(), 0);
        for segment in segments.iter().copied().filter(|segment| whole || *segment == newest) {
            let (entries, end) = scan(directory, segment)?;
            let torn = end < fs::metadata(segment_path(directory, segment))?.len();
            if (torn && segment != newest) || (!whole && segment == newest && reaches(&index_path, segment, end)?) {
                return Err(unusable(directory, segment, end));
            }
            found.extend(entries);
            length = end;
        }
        let index = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&index_path)?;
        for (height, entry) in found {
            index.write_all_at(&entry.encode(), height.saturating_mul(ENTRY as u64))?;
        }
        let file = OpenOptions::new().read(true).append(true).create(true).open(segment_path(directory, newest))?;
        file.set_len(length)?;
        File::open(directory)?.sync_all()?;
        let (first, last) = extent(&index)?;
        let state = Mutex::new(Writer { segment: newest, file, length, first, last });
        Ok(Self { directory: directory.to_path_buf(), index, state, readers: Mutex::new(HashMap::new()) })
    }

    /// Writes a block durably; whether it was new. `ids` are the first 8 bytes of its transactions' identifiers.
    pub(crate) fn put(&self, height: u64, time: u64, payload: &[u8], ids: &[u64]) -> io::Result<bool> {
        let too_large = || io::Error::new(io::ErrorKind::InvalidInput, "block too large to archive");
        let length = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= limits::ARCHIVED_BYTES_MAX);
        let (length, count) = (length.ok_or_else(too_large)?, u32::try_from(ids.len()).map_err(|_| too_large())?);
        let mut writer = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.entry(height)?.is_some() {
            return Ok(false);
        }
        if writer.length >= limits::SEGMENT_BYTES_MAX {
            self.rotate(&mut writer)?;
        }
        let mut tail = Vec::with_capacity(payload.len() + ids.len() * 8);
        tail.extend_from_slice(payload);
        ids.iter().for_each(|id| tail.extend_from_slice(&id.to_le_bytes()));
        let header = RecordHeader { height, time, length, ids: count, checksum: Crc32::checksum(&tail) };
        let mut record = header.encode();
        record.append(&mut tail);
        if let Err(error) = writer.file.write_all(&record).and_then(|()| writer.file.sync_data()) {
            // Whatever part arrived is cut off again, so that a later write does not follow a torn record.
            let _ = writer.file.set_len(writer.length);
            return Err(error);
        }
        let entry = Entry { segment: writer.segment, length, offset: writer.length, time, ids: count };
        self.index.write_all_at(&entry.encode(), height.saturating_mul(ENTRY as u64))?;
        writer.length = writer.length.saturating_add(record.len() as u64);
        self.extend(&mut writer, height)?;
        Ok(true)
    }

    /// The payload at a height, its checksum verified.
    pub(crate) fn get(&self, height: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(entry) = self.entry(height)? else {
            return Ok(None);
        };
        let file = self.reader(entry.segment)?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, entry.offset)?;
        let header = RecordHeader::decode(&header).filter(|header| header.height == height);
        let header = header.ok_or_else(|| damaged(height))?;
        let mut tail = vec![0; usize::try_from(header.tail()).map_err(|_| damaged(height))?];
        file.read_exact_at(&mut tail, entry.offset.saturating_add(HEADER as u64))?;
        if Crc32::checksum(&tail) != header.checksum {
            return Err(damaged(height));
        }
        tail.truncate(header.length as usize);
        Ok(Some(tail))
    }

    /// The first 8 bytes of the identifiers of a block's transactions; hints, not checked against the block.
    pub(crate) fn ids(&self, height: u64) -> io::Result<Vec<u64>> {
        let Some(entry) = self.entry(height)?.filter(|entry| entry.ids > 0) else {
            return Ok(Vec::new());
        };
        let offset = entry.offset.saturating_add(HEADER as u64).saturating_add(u64::from(entry.length));
        let mut bytes = vec![0; entry.ids as usize * 8];
        self.reader(entry.segment)?.read_exact_at(&mut bytes, offset)?;
        Ok(bytes.chunks_exact(8).filter_map(|id| id.first_chunk().map(|id| u64::from_le_bytes(*id))).collect())
    }

    /// The timestamp of the block at a height.
    pub(crate) fn time(&self, height: u64) -> io::Result<Option<u64>> {
        Ok(self.entry(height)?.map(|entry| entry.time))
    }

    /// The unbroken range that ends at the newest block, if there is any block.
    pub(crate) fn extent(&self) -> Option<Extent> {
        let writer = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (writer.last > 0).then_some(Extent { first: writer.first, last: writer.last })
    }

    /// The first height of the unbroken range whose timestamp is at or after `time`.
    pub(crate) fn first_at(&self, time: u64) -> io::Result<Option<u64>> {
        let Some(extent) = self.extent() else {
            return Ok(None);
        };
        let (mut low, mut high) = (extent.first, extent.last.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.time(middle)?.is_some_and(|at| at >= time) { high = middle } else { low = middle + 1 }
        }
        Ok((low <= extent.last).then_some(low))
    }

    fn entry(&self, height: u64) -> io::Result<Option<Entry>> {
        let mut bytes = [0; ENTRY];
        match self.index.read_exact_at(&mut bytes, height.saturating_mul(ENTRY as u64)) {
            Ok(()) => Ok(Entry::decode(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn reader(&self, segment: u32) -> io::Result<Arc<File>> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = readers.get(&segment) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(File::open(segment_path(&self.directory, segment))?);
        if readers.len() >= 16 {
            readers.clear();
        }
        readers.insert(segment, Arc::clone(&file));
        Ok(file)
    }

    fn rotate(&self, writer: &mut Writer) -> io::Result<()> {
        self.index.sync_all()?;
        let segment = writer.segment.saturating_add(1);
        let path = segment_path(&self.directory, segment);
        writer.file = OpenOptions::new().read(true).append(true).create_new(true).open(path)?;
        File::open(&self.directory)?.sync_all()?;
        writer.segment = segment;
        writer.length = 0;
        Ok(())
    }

    /// Grows the unbroken range by a height that was just written.
    fn extend(&self, writer: &mut Writer, height: u64) -> io::Result<()> {
        if height == writer.last.saturating_add(1) && writer.last > 0 {
            writer.last = height;
            return Ok(());
        }
        if height > writer.last {
            writer.last = height;
        } else if height.saturating_add(1) != writer.first {
            return Ok(());
        }
        // What lies right below may have been there before.
        let below = self.entry(height.saturating_sub(1))?.is_some();
        writer.first = if below { lowest_from(&self.index, height)? } else { height };
        Ok(())
    }
}

fn damaged(height: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("archived block {height} is damaged"))
}

/// First and last height of the unbroken range at the end of the index; zeros if there is none.
fn extent(index: &File) -> io::Result<(u64, u64)> {
    let mut last = (index.metadata()?.len() / ENTRY as u64).saturating_sub(1);
    let mut bytes = [0; ENTRY];
    while last > 0 {
        index.read_exact_at(&mut bytes, last.saturating_mul(ENTRY as u64))?;
        if Entry::decode(&bytes).is_some() {
            return Ok((lowest_from(index, last)?, last));
        }
        last -= 1;
    }
    Ok((0, 0))
}

/// The lowest height of the unbroken range that contains `height`, read in chunks.
fn lowest_from(index: &File, height: u64) -> io::Result<u64> {
    const CHUNK: u64 = 16_384;
    let mut lowest = height;
    let mut buffer = vec![0; CHUNK as usize * ENTRY];
    while lowest > 1 {
        let start = lowest.saturating_sub(CHUNK).max(1);
        let count = (lowest - start) as usize;
        let part = buffer.get_mut(..count.saturating_mul(ENTRY)).unwrap_or_default();
        index.read_exact_at(part, start.saturating_mul(ENTRY as u64))?;
        for entry in part.rchunks_exact(ENTRY) {
            if Entry::decode(entry).is_none() {
                return Ok(lowest);
            }
            lowest -= 1;
        }
    }
    Ok(lowest)
}

//! The archive of one node: what is where, and how a block comes in.
//!
//! **Form.** `data-NNNNNNNN.log` holds records `"GXB1" ‖ height u64 ‖ time u64 ‖ length u32 ‖ ids u32 ‖ crc32c u32 ‖
//! payload ‖ ids × 8 bytes` (little-endian; the checksum covers what follows it); the payload is the canonical encoding
//! of a `FinalizedBlock`, the rest the first 8 bytes of each transaction's identifier, so that one is found without
//! decoding blocks. `data-NNNNNNNN.zst` is a sealed segment ([`crate::sealed`]), `kept-from` the height below which
//! blocks were dropped on purpose. What is where is read at every start: logs whole, of sealed segments their tables.
//!
//! A height is written once; the same height again is ignored.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::extent::Extent;
use crate::frame::FrameAt;
use crate::limits;
use crate::read::Readers;
use crate::record::{self, HEADER, RecordHeader};
use crate::sealed;
use crate::segment::{self, Entry, draft_path, ends_path, log_path, numbers, sealed_path, unusable};

/// Name of the file that says what was dropped on purpose.
const KEPT_FROM: &str = "kept-from";

/// The archive of one node; safe to share between threads.
pub struct Archive {
    pub(crate) directory: PathBuf,
    /// After how many blocks and bytes a segment is full.
    full: (u64, u64),
    places: RwLock<Places>,
    writer: Mutex<Writer>,
    pub(crate) readers: Readers,
}

/// What is where.
#[derive(Default)]
pub(crate) struct Places {
    /// Blocks in logs.
    pub(crate) plain: BTreeMap<u64, Entry>,
    /// Frames by their first height.
    pub(crate) frames: BTreeMap<u64, FrameAt>,
    /// Lowest height that is kept on purpose; 1 for all.
    pub(crate) kept_from: u64,
    extent: Option<Extent>,
}

struct Writer {
    segment: u32,
    log: File,
    ends: File,
    length: u64,
    blocks: u64,
}

/// Bytes of an archive on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Of logs.
    pub plain: u64,
    /// Of sealed segments.
    pub sealed: u64,
}

impl Archive {
    /// Opens or creates the archive in a folder, dropping a half-written last record. Nothing is written to a damaged one.
    ///
    /// # Errors
    /// When a file cannot be read or written, or is damaged: then with what to do about it.
    pub fn open(directory: &Path) -> io::Result<Self> {
        Self::open_with(directory, limits::SEGMENT_BLOCKS_MAX)
    }

    /// As [`Archive::open`], with segments of so many blocks.
    ///
    /// # Errors
    /// As there.
    pub fn open_with(directory: &Path, segment_blocks: u64) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let mut places = Places { kept_from: read_kept_from(directory)?, ..Places::default() };
        let sealed = numbers(directory, ".zst")?;
        for number in &sealed {
            let table = sealed::table(&sealed_path(directory, *number), *number)?;
            places.frames.extend(table.into_iter().map(|frame| (frame.first, frame)));
        }
        // A log whose sealed segment is there was read back whole before that one got its name: it is only to be removed.
        let logs: Vec<u32> =
            numbers(directory, ".log")?.into_iter().filter(|number| !sealed.contains(number)).collect();
        let newest = logs.last().copied();
        let (mut last, mut length) = (Vec::new(), 0);
        for number in &logs {
            let scanned = segment::scan(directory, *number)?;
            if scanned.damaged || (scanned.torn && Some(*number) != newest) {
                return Err(unusable(&log_path(directory, *number), scanned.end));
            }
            last = scanned.entries.iter().map(|(_, entry)| *entry).collect();
            length = scanned.end;
            places.plain.extend(scanned.entries);
        }
        let current = newest.unwrap_or_else(|| sealed.last().map_or(0, |number| number.saturating_add(1)));
        clean(directory, &sealed)?;
        let (log, ends) = segment::open(directory, current, length, &last)?;
        File::open(directory)?.sync_all()?;
        places.measure();
        let writer = Writer { segment: current, log, ends, length, blocks: last.len() as u64 };
        Ok(Self {
            directory: directory.to_path_buf(),
            full: (segment_blocks.max(1), limits::SEGMENT_BYTES_MAX),
            places: RwLock::new(places),
            writer: Mutex::new(writer),
            readers: Readers::default(),
        })
    }

    /// Writes a block durably; whether it was new. `ids` are the first 8 bytes of its transactions' identifiers.
    ///
    /// # Errors
    /// When it is too large, or the disk does not take it; nothing of it is there then.
    pub fn put(&self, height: u64, time: u64, payload: &[u8], ids: &[u64]) -> io::Result<bool> {
        let ids: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        let record = record::encode(height, time, payload, &ids)?;
        let header = record.first_chunk::<HEADER>().and_then(RecordHeader::decode);
        let header = header.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "block too large to archive"))?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.places().has(height) {
            return Ok(false);
        }
        if writer.length >= self.full.1 || writer.blocks >= self.full.0 {
            self.rotate(&mut writer)?;
        }
        let entry = Entry { segment: writer.segment, offset: writer.length, header };
        let end = segment::end_of(&entry).to_le_bytes();
        let written = writer.log.write_all(&record).and_then(|()| writer.log.sync_data());
        if let Err(error) = written.and_then(|()| writer.ends.write_all(&end)) {
            // Whatever part arrived is cut off again, so that a later write does not follow a torn record.
            let _ = writer.log.set_len(writer.length);
            return Err(error);
        }
        writer.length = segment::end_of(&entry);
        writer.blocks = writer.blocks.saturating_add(1);
        self.places_mut().add(height, entry);
        Ok(true)
    }

    /// The unbroken range that ends at the newest block, if there is any block.
    pub fn extent(&self) -> Option<Extent> {
        self.places().extent
    }

    /// The lowest height that is kept on purpose: what lies below was dropped, and is not to be fetched again. 1 where
    /// everything is kept.
    pub fn kept_from(&self) -> u64 {
        self.places().kept_from
    }

    /// Bytes on disk.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn sizes(&self) -> io::Result<Sizes> {
        let mut sizes = Sizes::default();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            // A file that is gone in this moment was sealed or dropped.
            let Ok(length) = entry.metadata().map(|meta| meta.len()) else { continue };
            let is_sealed = entry.file_name().to_string_lossy().ends_with(".zst");
            let sum = if is_sealed { &mut sizes.sealed } else { &mut sizes.plain };
            *sum = sum.saturating_add(length);
        }
        Ok(sizes)
    }

    /// Says that blocks below this height are not kept, and drops sealed segments that hold no other; returns how many.
    /// 1 says that everything is kept from now on, and what is missing may be fetched again. The newest block is never
    /// dropped.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn keep_from(&self, height: u64) -> io::Result<usize> {
        let Some(extent) = self.extent() else {
            return Ok(0);
        };
        let height = height.clamp(1, extent.last);
        if self.kept_from() != height {
            // First said, then done: what is dropped must not be taken for lost.
            write_kept_from(&self.directory, height)?;
            self.places_mut().kept_from = height;
        }
        let mut newest: BTreeMap<u32, u64> = BTreeMap::new();
        for frame in self.places().frames.values() {
            let last = newest.entry(frame.segment).or_default();
            *last = (*last).max(frame.last());
        }
        let dropped: Vec<u32> =
            newest.into_iter().filter(|(_, last)| *last < height).map(|(number, _)| number).collect();
        for number in &dropped {
            let mut places = self.places_mut();
            places.frames.retain(|_, frame| frame.segment != *number);
            places.measure();
            drop(places);
            fs::remove_file(sealed_path(&self.directory, *number))?;
            self.readers.forget(*number);
        }
        if !dropped.is_empty() {
            File::open(&self.directory)?.sync_all()?;
        }
        Ok(dropped.len())
    }

    pub(crate) fn places(&self) -> RwLockReadGuard<'_, Places> {
        self.places.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn places_mut(&self) -> RwLockWriteGuard<'_, Places> {
        self.places.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The segment that is being written.
    pub(crate) fn current(&self) -> u32 {
        self.writer().segment
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rotate(&self, writer: &mut Writer) -> io::Result<()> {
        writer.ends.sync_all()?;
        let segment = writer.segment.saturating_add(1);
        let log = log_path(&self.directory, segment);
        writer.log = OpenOptions::new().read(true).append(true).create_new(true).open(log)?;
        writer.ends = File::create(ends_path(&self.directory, segment))?;
        File::open(&self.directory)?.sync_all()?;
        (writer.segment, writer.length, writer.blocks) = (segment, 0, 0);
        Ok(())
    }
}

impl Places {
    /// The frame that holds a height.
    pub(crate) fn frame(&self, height: u64) -> Option<FrameAt> {
        let (_, frame) = self.frames.range(..=height).next_back()?;
        (height <= frame.last()).then_some(*frame)
    }

    fn has(&self, height: u64) -> bool {
        self.plain.contains_key(&height) || self.frame(height).is_some()
    }

    fn add(&mut self, height: u64, entry: Entry) {
        self.plain.insert(height, entry);
        self.extent = match self.extent {
            Some(extent) if height == extent.last.saturating_add(1) => Some(Extent { last: height, ..extent }),
            Some(extent) if height < extent.last && height.saturating_add(1) != extent.first => Some(extent),
            // What lies right below may have been there before.
            other => {
                let last = other.map_or(height, |extent| extent.last.max(height));
                Some(Extent { first: self.lowest_from(height), last })
            }
        };
    }

    /// Finds the unbroken range anew.
    pub(crate) fn measure(&mut self) {
        let plain = self.plain.last_key_value().map(|(height, _)| *height);
        let framed = self.frames.last_key_value().map(|(_, frame)| frame.last());
        self.extent = plain.max(framed).map(|last| Extent { first: self.lowest_from(last), last });
    }

    /// The lowest height of the unbroken range that contains `height`.
    fn lowest_from(&self, height: u64) -> u64 {
        let mut lowest = height;
        while let Some(below) = lowest.checked_sub(1).filter(|below| *below > 0) {
            match self.frame(below) {
                Some(frame) => lowest = frame.first,
                None if self.plain.contains_key(&below) => lowest = below,
                None => break,
            }
        }
        lowest
    }
}

/// Removes what an interrupted sealing left, and the index of earlier versions.
fn clean(directory: &Path, sealed: &[u32]) -> io::Result<()> {
    let drafts = numbers(directory, ".draft")?.into_iter().map(|number| draft_path(directory, number));
    let done = sealed.iter().flat_map(|number| [log_path(directory, *number), ends_path(directory, *number)]);
    for path in drafts.chain(done).chain([directory.join("index")]) {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn read_kept_from(directory: &Path) -> io::Result<u64> {
    let path = directory.join(KEPT_FROM);
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map_err(|_| unusable(&path, 0)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(1),
        Err(error) => Err(error),
    }
}

fn write_kept_from(directory: &Path, height: u64) -> io::Result<()> {
    let (path, draft) = (directory.join(KEPT_FROM), directory.join("kept-from.draft"));
    let mut file = File::create(&draft)?;
    file.write_all(format!("{height}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, &path)?;
    File::open(directory)?.sync_all()
}

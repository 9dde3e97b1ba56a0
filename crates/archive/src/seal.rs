//! Sealing: a full log becomes a compressed segment, and is gone only after that was read back whole.
//!
//! | what breaks | what the next start finds |
//! |---|---|
//! | before the draft has its name | the log, whole; the draft is removed |
//! | after, before the log is removed | both; the log is removed |

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use crate::archive::Archive;
use crate::frame::{FrameAt, Gathered};
use crate::record::{self, HEADER, Record};
use crate::sealed::{self, SealedWriter};
use crate::segment::{Entry, draft_path, ends_path, log_path, sealed_path};
use crate::thin::{self, Traits};

impl Archive {
    /// Seals the oldest log that is full; false if there is none. Takes a second of one core; others read and write on.
    ///
    /// # Errors
    /// When a file cannot be read or written; the log stays as it is then.
    pub fn seal_next(&self) -> io::Result<bool> {
        let current = self.current();
        let mut entries: Vec<Entry> = Vec::new();
        let oldest = self.places().plain.values().map(|entry| entry.segment).filter(|one| *one != current).min();
        let Some(segment) = oldest else {
            return Ok(false);
        };
        entries.extend(self.places().plain.values().filter(|entry| entry.segment == segment));
        // By height: backfill writes downwards, between blocks that are new.
        entries.sort_unstable_by_key(|entry| entry.header.height);
        let draft = draft_path(&self.directory, segment);
        let table = self.write(segment, &entries, &draft)?;
        check(&draft, &table, entries.len())?;
        fs::rename(&draft, sealed_path(&self.directory, segment))?;
        File::open(&self.directory)?.sync_all()?;
        let mut places = self.places_mut();
        places.frames.extend(table.into_iter().map(|frame| (frame.first, frame)));
        places.plain.retain(|_, entry| entry.segment != segment);
        drop(places);
        self.readers.forget(segment);
        fs::remove_file(log_path(&self.directory, segment))?;
        let _ = fs::remove_file(ends_path(&self.directory, segment));
        Ok(true)
    }

    fn write(&self, segment: u32, entries: &[Entry], draft: &std::path::Path) -> io::Result<Vec<FrameAt>> {
        let log = File::open(log_path(&self.directory, segment))?;
        let mut traits = Vec::with_capacity(entries.len());
        for entry in entries {
            let bytes = whole(&log, entry)?;
            let record = split(&bytes, entry)?;
            traits.push(Traits::of(entry.header.height, record.payload, entry.header.ids as usize));
        }
        let (mut gathered, mut writer) = (Gathered::default(), SealedWriter::create(draft)?);
        for (entry, leaves_out) in entries.iter().zip(thin::left_out(&traits)) {
            let (height, time) = (entry.header.height, entry.header.time);
            let bytes = whole(&log, entry)?;
            let record = split(&bytes, entry)?;
            let thinned = if leaves_out { thin::without_certificate(record.payload) } else { None };
            let bytes = match thinned {
                Some(payload) => record::encode(height, time, &payload, record.ids)?,
                None => bytes,
            };
            if gathered.is_closed_to(height) {
                flush(&mut gathered, segment, &mut writer)?;
            }
            gathered.push(height, time, &bytes);
        }
        flush(&mut gathered, segment, &mut writer)?;
        writer.finish()
    }
}

fn flush(gathered: &mut Gathered, segment: u32, writer: &mut SealedWriter) -> io::Result<()> {
    match gathered.take(segment, writer.offset())? {
        Some((at, stored)) => writer.push(at, &stored),
        None => Ok(()),
    }
}

/// A record with its header, from the log.
fn whole(log: &File, entry: &Entry) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; HEADER.saturating_add(entry.header.tail())];
    log.read_exact_at(&mut bytes, entry.offset)?;
    Ok(bytes)
}

fn split<'a>(bytes: &'a [u8], entry: &Entry) -> io::Result<Record<'a>> {
    let record = Record::split(bytes).filter(|(record, _)| record.header == entry.header);
    let height = entry.header.height;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("archived block {height} is damaged"));
    record.map(|(record, _)| record).ok_or_else(damaged)
}

/// Reads a sealed segment back as any reader would.
fn check(path: &std::path::Path, written: &[FrameAt], blocks: usize) -> io::Result<()> {
    let file = File::open(path)?;
    let mut found = 0_usize;
    for at in written {
        found = found.saturating_add(sealed::read(&file, at)?.records().count());
    }
    let segment = written.first().map_or(0, |frame| frame.segment);
    if found == blocks && sealed::table(path, segment)? == written {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "a sealed segment does not read back as it was written"))
}

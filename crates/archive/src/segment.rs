//! Logs: the segments that are still plain. Which there are, and up to where each is whole.
//!
//! Beside `data-NNNNNNNN.log` lies `data-NNNNNNNN.idx`, the end of each record, 8 bytes little-endian. It is a cache, with
//! one use: an entry is written after its record is on disk, so a broken record without an entry is one that was being
//! written, and is dropped, while one with an entry is damage, and nothing is touched.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::record::{HEADER, RecordHeader, checksum};

/// Where a block lies that is not sealed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) header: RecordHeader,
}

/// The log of a segment.
pub(crate) fn log_path(directory: &Path, segment: u32) -> PathBuf {
    directory.join(format!("data-{segment:08}.log"))
}

/// Where the records of a log end.
pub(crate) fn ends_path(directory: &Path, segment: u32) -> PathBuf {
    directory.join(format!("data-{segment:08}.idx"))
}

/// A sealed segment.
pub(crate) fn sealed_path(directory: &Path, segment: u32) -> PathBuf {
    directory.join(format!("data-{segment:08}.zst"))
}

/// A sealed segment under construction.
pub(crate) fn draft_path(directory: &Path, segment: u32) -> PathBuf {
    directory.join(format!("data-{segment:08}.draft"))
}

/// The segments whose file ends like this, ascending.
pub(crate) fn numbers(directory: &Path, ending: &str) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let number = name.strip_prefix("data-").and_then(|rest| rest.strip_suffix(ending));
        found.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// What a log holds.
pub(crate) struct Scanned {
    pub(crate) entries: Vec<(u64, Entry)>,
    /// Up to where it is whole.
    pub(crate) end: u64,
    /// Whether something broken follows.
    pub(crate) torn: bool,
    /// Whether a record that was on disk once is broken now.
    pub(crate) damaged: bool,
}

/// Reads a log through; nothing is written.
pub(crate) fn scan(directory: &Path, segment: u32) -> io::Result<Scanned> {
    let file = File::open(log_path(directory, segment))?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (mut entries, mut offset) = (Vec::new(), 0_u64);
    let (mut header, mut tail) = ([0; HEADER], Vec::new());
    while offset.saturating_add(HEADER as u64) <= length {
        reader.read_exact(&mut header)?;
        let Some(record) = RecordHeader::decode(&header) else { break };
        let next = offset.saturating_add(HEADER as u64).saturating_add(record.tail() as u64);
        if next > length {
            break;
        }
        tail.resize(record.tail(), 0);
        reader.read_exact(&mut tail)?;
        if checksum(&tail) != record.checksum {
            break;
        }
        entries.push((record.height, Entry { segment, offset, header: record }));
        offset = next;
    }
    let known = known_end(&ends_path(directory, segment))?;
    Ok(Scanned { entries, end: offset, torn: offset < length, damaged: known.is_some_and(|known| known > offset) })
}

/// The end of the last record that was on disk, as far as the file beside the log says.
fn known_end(path: &Path) -> io::Result<Option<u64>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(bytes.chunks_exact(8).filter_map(|end| end.first_chunk().map(|end| u64::from_le_bytes(*end))).max())
}

/// The end of a record.
pub(crate) fn end_of(entry: &Entry) -> u64 {
    entry.offset.saturating_add(HEADER as u64).saturating_add(entry.header.tail() as u64)
}

/// Opens a log and its ends to be written on: cut off behind what is whole.
pub(crate) fn open(directory: &Path, segment: u32, end: u64, entries: &[Entry]) -> io::Result<(File, File)> {
    let log = OpenOptions::new().read(true).append(true).create(true).open(log_path(directory, segment))?;
    log.set_len(end)?;
    // Written anew: what the last start knew is known again from the log.
    let mut ends = File::create(ends_path(directory, segment))?;
    let bytes: Vec<u8> = entries.iter().flat_map(|entry| end_of(entry).to_le_bytes()).collect();
    ends.write_all(&bytes)?;
    Ok((log, ends))
}

/// What is said of a damaged file.
pub(crate) fn unusable(path: &Path, offset: u64) -> io::Error {
    let folder = path.parent().unwrap_or(Path::new(".")).display();
    let words = format!(
        "`{}` is damaged at byte {offset}; move folder `{folder}` away and start again: it fills again from the peers",
        path.display()
    );
    io::Error::new(io::ErrorKind::InvalidData, words)
}

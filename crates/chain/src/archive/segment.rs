//! The files of an archive: which there are, and up to where each is whole. Nothing is written here.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use commonware_cryptography::Crc32;

use super::record::{ENTRY, Entry, HEADER, RecordHeader};
use crate::limits;

/// The file of a segment.
pub(super) fn segment_path(directory: &Path, segment: u32) -> PathBuf {
    directory.join(format!("data-{segment:08}.log"))
}

/// The segments of an archive, ascending.
pub(super) fn segments(directory: &Path) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let number = name.strip_prefix("data-").and_then(|rest| rest.strip_suffix(".log"));
        found.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// A segment's records, and the length up to which they are whole.
pub(super) fn scan(directory: &Path, segment: u32) -> io::Result<(Vec<(u64, Entry)>, u64)> {
    let file = File::open(segment_path(directory, segment))?;
    let end = file.metadata()?.len();
    let (mut entries, mut offset) = (Vec::new(), 0_u64);
    let mut header = [0; HEADER];
    let mut tail = Vec::new();
    while offset.saturating_add(HEADER as u64) <= end {
        file.read_exact_at(&mut header, offset)?;
        let Some(record) = RecordHeader::decode(&header) else {
            break;
        };
        let next = offset.saturating_add(HEADER as u64).saturating_add(record.tail());
        if next > end || record.length as usize > limits::ARCHIVED_BYTES_MAX {
            break;
        }
        tail.resize(usize::try_from(record.tail()).unwrap_or(0), 0);
        file.read_exact_at(&mut tail, offset.saturating_add(HEADER as u64))?;
        if Crc32::checksum(&tail) != record.checksum {
            break;
        }
        let entry = Entry { segment, length: record.length, offset, time: record.time, ids: record.ids };
        entries.push((record.height, entry));
        offset = next;
    }
    Ok((entries, offset))
}

/// Whether the index knows a record of a segment at or beyond an offset.
pub(super) fn reaches(index: &Path, segment: u32, offset: u64) -> io::Result<bool> {
    let mut index = io::BufReader::new(File::open(index)?);
    let mut bytes = [0; ENTRY];
    loop {
        match index.read_exact(&mut bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
        if Entry::decode(&bytes).is_some_and(|entry| entry.segment == segment && entry.offset >= offset) {
            return Ok(true);
        }
    }
}

/// What is said of a damaged segment.
pub(super) fn unusable(directory: &Path, segment: u32, offset: u64) -> io::Error {
    let (file, folder) = (segment_path(directory, segment), directory.display());
    let words = format!(
        "`{}` is damaged at byte {offset}; move folder `{folder}` away and start again: it fills again from the peers",
        file.display()
    );
    io::Error::new(io::ErrorKind::InvalidData, words)
}

//! The bytes of one archived record: in a log as in a frame.

use std::io;

use crate::limits;

/// Bytes before a record's payload.
pub(crate) const HEADER: usize = 32;

const MAGIC: [u8; 4] = *b"GXB1";

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) height: u64,
    pub(crate) time: u64,
    pub(crate) length: u32,
    pub(crate) ids: u32,
    pub(crate) checksum: u32,
}

impl RecordHeader {
    pub(crate) fn encode(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let fields: [&[u8]; 6] = [
            &MAGIC,
            &self.height.to_le_bytes(),
            &self.time.to_le_bytes(),
            &self.length.to_le_bytes(),
            &self.ids.to_le_bytes(),
            &self.checksum.to_le_bytes(),
        ];
        let mut rest = bytes.iter_mut();
        for byte in fields.into_iter().flatten() {
            if let Some(place) = rest.next() {
                *place = *byte;
            }
        }
        bytes
    }

    /// A header whose lengths are within the limits.
    pub(crate) fn decode(bytes: &[u8; HEADER]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<4>()?;
        let (height, rest) = rest.split_first_chunk::<8>()?;
        let (time, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (ids, rest) = rest.split_first_chunk::<4>()?;
        let (checksum, _) = rest.split_first_chunk::<4>()?;
        let header = Self {
            height: u64::from_le_bytes(*height),
            time: u64::from_le_bytes(*time),
            length: u32::from_le_bytes(*length),
            ids: u32::from_le_bytes(*ids),
            checksum: u32::from_le_bytes(*checksum),
        };
        let fits = header.length as usize <= limits::BLOCK_BYTES_MAX && header.ids <= limits::BLOCK_IDS_MAX;
        (*magic == MAGIC && fits).then_some(header)
    }

    /// Bytes after the header.
    pub(crate) fn tail(&self) -> usize {
        (self.length as usize).saturating_add((self.ids as usize).saturating_mul(8))
    }
}

/// A record taken apart.
pub(crate) struct Record<'a> {
    pub(crate) header: RecordHeader,
    pub(crate) payload: &'a [u8],
    pub(crate) ids: &'a [u8],
}

impl<'a> Record<'a> {
    /// The record at the beginning of these bytes, its checksum verified, and what follows it.
    pub(crate) fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let header = RecordHeader::decode(header)?;
        let (tail, rest) = rest.split_at_checked(header.tail())?;
        let (payload, ids) = tail.split_at_checked(header.length as usize)?;
        (checksum(tail) == header.checksum).then_some((Self { header, payload, ids }, rest))
    }

    /// The first 8 bytes of each identifier.
    pub(crate) fn prefixes(&self) -> Vec<u64> {
        prefixes(self.ids)
    }
}

/// Identifiers' first 8 bytes from their bytes.
pub(crate) fn prefixes(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).filter_map(|id| id.first_chunk().map(|id| u64::from_le_bytes(*id))).collect()
}

/// The bytes of a record.
pub(crate) fn encode(height: u64, time: u64, payload: &[u8], ids: &[u8]) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::new(io::ErrorKind::InvalidInput, "block too large to archive");
    let length = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= limits::BLOCK_BYTES_MAX);
    let count = u32::try_from(ids.len() / 8).ok().filter(|count| *count <= limits::BLOCK_IDS_MAX);
    let (length, ids_count) = (length.ok_or_else(too_large)?, count.ok_or_else(too_large)?);
    let mut record = vec![0; HEADER];
    record.reserve_exact(payload.len().saturating_add(ids.len()));
    record.extend_from_slice(payload);
    record.extend_from_slice(ids);
    let checksum = checksum(record.get(HEADER..).unwrap_or_default());
    let header = RecordHeader { height, time, length, ids: ids_count, checksum };
    if let Some(place) = record.first_chunk_mut() {
        *place = header.encode();
    }
    Ok(record)
}

/// CRC-32C.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    // The algorithm has 32 bits.
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}

//! The bytes of one archived record and of one index entry.

/// Bytes before a record's payload.
pub(super) const HEADER: usize = 32;
/// Bytes of one index entry.
pub(super) const ENTRY: usize = 32;

const MAGIC: [u8; 4] = *b"GXB1";

/// What stands before a payload.
pub(super) struct RecordHeader {
    pub(super) height: u64,
    pub(super) time: u64,
    pub(super) length: u32,
    pub(super) ids: u32,
    pub(super) checksum: u32,
}

impl RecordHeader {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.height.to_le_bytes());
        bytes.extend_from_slice(&self.time.to_le_bytes());
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.ids.to_le_bytes());
        bytes.extend_from_slice(&self.checksum.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; HEADER]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<4>()?;
        let (height, rest) = rest.split_first_chunk::<8>()?;
        let (time, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (ids, rest) = rest.split_first_chunk::<4>()?;
        let (checksum, _) = rest.split_first_chunk::<4>()?;
        (*magic == MAGIC).then_some(Self {
            height: u64::from_le_bytes(*height),
            time: u64::from_le_bytes(*time),
            length: u32::from_le_bytes(*length),
            ids: u32::from_le_bytes(*ids),
            checksum: u32::from_le_bytes(*checksum),
        })
    }
}

impl RecordHeader {
    /// Bytes after the header.
    pub(super) fn tail(&self) -> u64 {
        u64::from(self.length).saturating_add(u64::from(self.ids).saturating_mul(8))
    }
}

/// Where a height's record lies.
pub(super) struct Entry {
    pub(super) segment: u32,
    pub(super) length: u32,
    pub(super) offset: u64,
    pub(super) time: u64,
    pub(super) ids: u32,
}

impl Entry {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ENTRY);
        bytes.extend_from_slice(&self.segment.to_le_bytes());
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.offset.to_le_bytes());
        bytes.extend_from_slice(&self.time.to_le_bytes());
        bytes.extend_from_slice(&self.ids.to_le_bytes());
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        bytes
    }

    /// An entry, or nothing where no block is.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (segment, rest) = bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (offset, rest) = rest.split_first_chunk::<8>()?;
        let (time, rest) = rest.split_first_chunk::<8>()?;
        let (ids, rest) = rest.split_first_chunk::<4>()?;
        (rest.first() == Some(&1)).then_some(Self {
            ids: u32::from_le_bytes(*ids),
            segment: u32::from_le_bytes(*segment),
            length: u32::from_le_bytes(*length),
            offset: u64::from_le_bytes(*offset),
            time: u64::from_le_bytes(*time),
        })
    }
}

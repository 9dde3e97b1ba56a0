//! Nouns and pages: a value of any length in pages of 128 bytes (PROTOCOL 12).
//!
//! A noun is `u16` length, little-endian, and its canonical bytes; the first page holds the length and 126 bytes, each
//! further one 128. What lies behind the last byte is zero. Something larger than 64 KiB is a blob: its bytes alone, in
//! pages under its digest, and its length in a small head elsewhere.

use borsh::BorshDeserialize;
use gongxin_types::{limits::PAGE_BYTES, receipt::Page};

use crate::limits::OBJECT_BYTES_MAX;

const LENGTH_BYTES: usize = 2;

/// Pages of a noun of so many bytes.
pub fn count(length: usize) -> usize {
    length.saturating_add(LENGTH_BYTES).div_ceil(PAGE_BYTES)
}

/// Length of the noun that begins with this page.
pub fn length(first: &Page) -> usize {
    let [low, high, ..] = first.0;
    usize::from(u16::from_le_bytes([low, high]))
}

/// The pages of a noun, none if it is longer than a noun may be.
pub fn split(noun: &[u8]) -> Option<Vec<Page>> {
    if noun.len() > OBJECT_BYTES_MAX {
        return None;
    }
    let length = u16::try_from(noun.len()).ok()?;
    let mut bytes = Vec::with_capacity(noun.len().saturating_add(LENGTH_BYTES));
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(noun);
    Some(chunks(&bytes))
}

/// The bytes of a noun from all of its pages in order; nothing if there are too few, or if anything stands behind it.
pub fn join(pages: &[Page]) -> Option<Vec<u8>> {
    let length = length(pages.first()?);
    if pages.len() != count(length) {
        return None;
    }
    let bytes: Vec<u8> = pages.iter().flat_map(|page| page.0).collect();
    let (noun, rest) = bytes.get(LENGTH_BYTES..)?.split_at_checked(length)?;
    rest.iter().all(|byte| *byte == 0).then(|| noun.to_vec())
}

/// A noun that fits into one page.
pub fn decode_slot<T: BorshDeserialize>(page: &Page) -> Option<T> {
    let noun = page.0.get(LENGTH_BYTES..LENGTH_BYTES.saturating_add(length(page)))?;
    borsh::from_slice(noun).ok()
}

/// Bytes in pages, the last one filled with zeros.
pub(crate) fn chunks(bytes: &[u8]) -> Vec<Page> {
    let pages = bytes.chunks(PAGE_BYTES).map(|chunk| {
        let mut page = [0; PAGE_BYTES];
        if let Some(head) = page.get_mut(..chunk.len()) {
            head.copy_from_slice(chunk);
        }
        Page(page)
    });
    pages.collect()
}

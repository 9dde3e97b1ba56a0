//! The operations of the state databases' logs, in the engine's bytes.

use gongxin_types::limits::PAGE_BYTES;

const UPDATE: u8 = 0xd2;
const COMMIT: u8 = 0xd3;
/// Bytes of every operation of the lists: tag, key, page, next key.
const LIST_BYTES: usize = 1 + 32 + PAGE_BYTES + 32;

/// One operation.
pub(super) struct Operation(pub(super) Vec<u8>);

impl Operation {
    pub(super) fn of_object(key: &[u8; 32], page: &[u8; PAGE_BYTES]) -> Self {
        Self([&[UPDATE][..], key, page].concat())
    }

    pub(super) fn of_list(key: &[u8; 32], page: &[u8; PAGE_BYTES], next: &[u8; 32]) -> Self {
        Self([&[UPDATE][..], key, page, next].concat())
    }

    /// The commit that keeps an empty database's log alive.
    pub(super) fn commit_of_lists(location: u64) -> Self {
        let mut bytes = [&[COMMIT, 0][..], &[0; PAGE_BYTES], &location.to_be_bytes()].concat();
        bytes.resize(LIST_BYTES, 0);
        Self(bytes)
    }
}

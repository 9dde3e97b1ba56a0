//! Short byte strings of variable length that are copied, not allocated.
//!
//! Unused bytes are always zero, but no comparison looks at them.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};

/// A byte string has a length its kind does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} of {length} bytes, expected {expected}")]
pub struct LengthError {
    /// What was being read, in words.
    pub what: &'static str,
    /// The length given, in bytes.
    pub length: usize,
    /// The length allowed, in words.
    pub expected: &'static str,
}

/// Up to `N` bytes (`N` ≤ 255), compared and hashed as the slice they hold.
#[derive(Clone, Copy)]
pub(crate) struct Inline<const N: usize> {
    // INVARIANT: `length` ≤ N, and the bytes from `length` on are zero.
    length: u8,
    bytes: [u8; N],
}

impl<const N: usize> Inline<N> {
    /// The bytes given, or nothing when there are more than `N`.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let length = u8::try_from(bytes.len()).ok()?;
        let mut held = [0; N];
        held.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { length, bytes: held })
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Write as `u8 length ‖ bytes`.
    pub(crate) fn write(&self, writer: &mut impl Write) -> io::Result<()> {
        writer.write_all(&[self.length])?;
        writer.write_all(self.as_slice())
    }

    /// Read `u8 length ‖ bytes`; a length above `N` is refused before a byte of it is read.
    pub(crate) fn read(reader: &mut impl Read) -> io::Result<Self> {
        let [length] = read_array::<1>(reader)?;
        let mut bytes = [0; N];
        let held = bytes
            .get_mut(..usize::from(length))
            .ok_or_else(|| invalid_data(format!("length {length} is above {N}")))?;
        reader.read_exact(held)?;
        Ok(Self { length, bytes })
    }
}

/// Exactly `N` bytes of `reader`.
pub(crate) fn read_array<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The error of a decoder that met well-sized but wrong bytes.
pub(crate) fn invalid_data(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl<const N: usize> PartialEq for Inline<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<const N: usize> Eq for Inline<N> {}

impl<const N: usize> PartialOrd for Inline<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Inline<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl<const N: usize> Hash for Inline<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

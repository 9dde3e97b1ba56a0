//! Reads proof bytes, strictly: everything is bounded, and nothing may be left over.

use super::StateProofError;

/// What has not been read yet.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], StateProofError> {
        let (taken, rest) = self.0.split_first_chunk::<LENGTH>().ok_or(StateProofError::Malformed("it is cut off"))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, StateProofError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Unsigned LEB128 without padding.
    pub(super) fn varint(&mut self) -> Result<u64, StateProofError> {
        const PADDED: StateProofError = StateProofError::Malformed("a number is padded or too large");
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit.
            if shift == 63 && bits > 1 {
                return Err(PADDED);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(PADDED) } else { Ok(value) };
            }
        }
        Err(PADDED)
    }

    pub(super) fn end(&self) -> Result<(), StateProofError> {
        if self.0.is_empty() { Ok(()) } else { Err(StateProofError::Malformed("bytes are left over")) }
    }
}

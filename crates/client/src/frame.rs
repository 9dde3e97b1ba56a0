//! Frames of the block stream: `u32` length, big-endian, and so many bytes. A frame above its limit is refused by its
//! length alone, before a byte of it is kept.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::limits::FRAME_BYTES_MAX;

const HEAD: usize = 4;

/// A frame that is longer than any block can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {bytes} bytes where at most {FRAME_BYTES_MAX} are allowed")]
pub struct FrameError {
    /// Its length.
    pub bytes: usize,
}

/// The frame of one payload.
///
/// # Errors
/// When it is too long.
pub fn encode(payload: &[u8]) -> Result<Bytes, FrameError> {
    let error = FrameError { bytes: payload.len() };
    let length = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= FRAME_BYTES_MAX).ok_or(error)?;
    let mut frame = BytesMut::with_capacity(payload.len().saturating_add(HEAD));
    frame.put_u32(length);
    frame.put_slice(payload);
    Ok(frame.freeze())
}

/// Cuts a stream of chunks into payloads.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: BytesMut,
}

impl Decoder {
    /// Takes the next chunk of the stream.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// Whether nothing is left that was pushed.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next whole payload, if it has arrived.
    ///
    /// # Errors
    /// When its length is above the limit: the stream is of no use any more.
    pub fn pop(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some(head) = self.buffer.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
        if length > FRAME_BYTES_MAX {
            return Err(FrameError { bytes: length });
        }
        if self.buffer.len().saturating_sub(HEAD) < length {
            return Ok(None);
        }
        self.buffer.advance(HEAD);
        Ok(Some(self.buffer.split_to(length).freeze()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A frame that claims 4 GiB is refused by its head, before anything of it is kept.
    #[test]
    fn a_giant_is_refused_by_its_head() {
        let mut decoder = Decoder::default();
        decoder.push(&u32::MAX.to_be_bytes());
        assert_eq!(decoder.pop(), Err(FrameError { bytes: u32::MAX as usize }));
    }

    proptest! {
        /// However the network cuts the stream, the same payloads come out.
        #[test]
        fn chunks_do_not_matter(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..8), cut in 1_usize..97) {
            let stream: Vec<u8> = payloads.iter().flat_map(|payload| encode(payload).unwrap().to_vec()).collect();
            let mut decoder = Decoder::default();
            let mut found = Vec::new();
            for chunk in stream.chunks(cut) {
                decoder.push(chunk);
                while let Some(payload) = decoder.pop().unwrap() {
                    found.push(payload.to_vec());
                }
            }
            prop_assert_eq!(found, payloads);
        }
    }
}

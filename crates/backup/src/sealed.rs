//! A stream of bytes in sealed chunks: each in its place, and the last one known as the last.
//!
//! The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: *Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance*, 2015): the nonce holds a counter and whether the chunk is the last. The key serves for one file.

use std::io::{self, Read, Write};

use gongxin_crypto::cipher::OVERHEAD_LENGTH;
use gongxin_crypto::{AeadKey, Suite};
use zeroize::Zeroizing;

use crate::limits::CHUNK_BYTES;

fn nonce(counter: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    let [first, .., a, b, c, d, e, f, g, h] = &mut nonce;
    *first = u8::from(last);
    [*a, *b, *c, *d, *e, *f, *g, *h] = counter.to_be_bytes();
    nonce
}

/// Seals what is written to it.
pub(crate) struct Sealing<'a, W> {
    out: W,
    suite: Suite,
    key: &'a AeadKey,
    counter: u64,
    waiting: Zeroizing<Vec<u8>>,
}

impl<'a, W: Write> Sealing<'a, W> {
    pub(crate) fn new(out: W, suite: Suite, key: &'a AeadKey) -> Self {
        Self { out, suite, key, counter: 0, waiting: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)) }
    }

    fn chunk(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.suite.aead_seal(self.key, &nonce(self.counter, last), &[], &self.waiting);
        self.out.write_all(&[u8::from(last)])?;
        self.out.write_all(&u32::try_from(sealed.len()).map_err(io::Error::other)?.to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.waiting.clear();
        self.counter = self.counter.saturating_add(1);
        Ok(())
    }

    /// Writes the last chunk, which may be empty.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.chunk(true)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == CHUNK_BYTES {
            self.chunk(false)?;
        }
        let room = CHUNK_BYTES.saturating_sub(self.waiting.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.waiting.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what [`Sealing`] made. A chunk that does not open is [`io::ErrorKind::InvalidData`].
pub(crate) struct Opening<R> {
    input: R,
    suite: Suite,
    key: AeadKey,
    counter: u64,
    chunk: Zeroizing<Vec<u8>>,
    read: usize,
    was_last: bool,
}

impl<R: Read> Opening<R> {
    pub(crate) fn new(input: R, suite: Suite, key: AeadKey) -> Self {
        Self { input, suite, key, counter: 0, chunk: Zeroizing::default(), read: 0, was_last: false }
    }

    /// What is behind the last chunk, once all of it was read.
    pub(crate) fn rest(&mut self) -> &mut R {
        &mut self.input
    }

    fn next(&mut self) -> io::Result<()> {
        let forged = || io::Error::from(io::ErrorKind::InvalidData);
        let ([mut last], mut length) = ([0; 1], [0; 4]);
        self.input.read_exact(std::slice::from_mut(&mut last))?;
        self.input.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| forged())?;
        if last > 1 || length > CHUNK_BYTES.saturating_add(OVERHEAD_LENGTH) {
            return Err(forged());
        }
        let mut sealed = vec![0; length];
        self.input.read_exact(&mut sealed)?;
        let opened = self.suite.aead_open(&self.key, &nonce(self.counter, last == 1), &[], &sealed);
        self.chunk = opened.map_err(|_| forged())?;
        self.counter = self.counter.saturating_add(1);
        (self.read, self.was_last) = (0, last == 1);
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.chunk.len() && !self.was_last {
            self.next()?;
        }
        let mut waiting = self.chunk.get(self.read..).unwrap_or_default();
        let count = waiting.read(buffer)?;
        self.read = self.read.saturating_add(count);
        Ok(count)
    }
}

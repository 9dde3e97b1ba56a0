//! The whole file: written, checked without a key, opened with one.

use std::io::{self, Read, Write};

use gongxin_crypto::seal::{self, OVERHEAD_LENGTH};
use gongxin_crypto::{AeadKey, Hasher, SealingSecret, Suite};
use zeroize::Zeroizing;

use crate::contents::{self, Digesting};
use crate::sealed::{Opening, Sealing};
use crate::{BackupError, Cover, Entry, Part, limits};

/// The first line.
const MAGIC: &[u8] = b"gongxin-backup-1\n";
/// How the first line of any version begins.
const FAMILY: &[u8] = b"gongxin-backup-";
/// What the data key is sealed for.
const PURPOSE: &[u8] = b"gongxin-backup-1";
/// Length of the data key.
const KEY_LENGTH: usize = 32;
/// Header digests and trailers are SHA-256 whatever the suite.
const TRAILER_SUITE: Suite = Suite::Intl;
/// Length of the trailer.
const TRAILER_LENGTH: usize = 32;

/// Writes a backup. The parts must be those of [`crate::Kind::parts`], in their order.
///
/// # Errors
/// When a part cannot be read or does not belong, or the file cannot be written.
pub fn write(cover: &Cover, parts: &[Part], out: impl Write) -> Result<Vec<Entry>, BackupError> {
    let suite = cover.suite().ok_or(BackupError::NotABackup)?;
    let unread = |source| BackupError::Io { action: "read what is to be backed up", source };
    let entries = parts.iter().map(|part| part.entry(suite)).collect::<io::Result<Vec<_>>>().map_err(unread)?;
    contents::check(cover.of, &entries)?;
    let key = AeadKey::generate()?;
    let head = head(cover)?;
    let sealed_key = seal::seal(&cover.sealed_to, PURPOSE, &head, key.expose())?;
    let mut out = Hashing { inner: out, hasher: TRAILER_SUITE.hasher() };
    let mut begin = || {
        out.write_all(&head)?;
        out.write_all(&sealed_key)
    };
    begin().map_err(BackupError::writing)?;
    let mut sealing = Sealing::new(out, suite, &key);
    let list = json(&entries)?;
    let mut write = || {
        sealing.write_all(&length(&list).to_be_bytes())?;
        sealing.write_all(&list)
    };
    write().map_err(BackupError::writing)?;
    for (part, entry) in parts.iter().zip(&entries) {
        let mut reading = Digesting::new(suite, part.reader().map_err(unread)?);
        io::copy(&mut reading, &mut sealing).map_err(BackupError::writing)?;
        if reading.finish() != (entry.bytes, entry.digest) {
            return Err(BackupError::Part { part: part.name });
        }
    }
    let Hashing { mut inner, hasher } = sealing.finish().map_err(BackupError::writing)?;
    inner.write_all(hasher.finish().as_bytes()).and_then(|()| inner.flush()).map_err(BackupError::writing)?;
    Ok(entries)
}

/// Checks, without any key, that a backup is whole and unchanged; what stands on it. Who changed it on purpose is told by [`open`].
///
/// # Errors
/// [`BackupError::Damaged`] and those of [`open`] that need no key.
pub fn check(mut input: impl Read) -> Result<Cover, BackupError> {
    let (cover, head) = read_head(&mut input)?;
    let mut hasher = TRAILER_SUITE.hasher();
    hasher.update(&head);
    // The last bytes seen are held back: they are the trailer once nothing follows.
    let mut held = Vec::new();
    let mut buffer = vec![0; limits::CHUNK_BYTES];
    loop {
        let count = input.read(&mut buffer).map_err(BackupError::reading)?;
        if count == 0 {
            break;
        }
        held.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let sure = held.len().saturating_sub(TRAILER_LENGTH);
        hasher.update(held.get(..sure).unwrap_or_default());
        held.drain(..sure);
    }
    if hasher.finish().as_bytes() == held { Ok(cover) } else { Err(BackupError::Damaged) }
}

/// An open backup: its parts are read one after the other.
pub struct Opened<R> {
    cover: Cover,
    entries: Vec<Entry>,
    plain: Opening<R>,
    suite: Suite,
}

/// Opens a backup with the secret half of the key that it is sealed to.
///
/// # Errors
/// When it is none, of a newer format, cut short or changed, or sealed to another key.
pub fn open<R: Read>(mut input: R, secret: &SealingSecret) -> Result<Opened<R>, BackupError> {
    let (cover, head) = read_head(&mut input)?;
    let suite = cover.suite().ok_or(BackupError::NotABackup)?;
    if secret.public() != cover.sealed_to {
        let given = Box::new(secret.public());
        return Err(BackupError::OtherKey { sealed_to: Box::new(cover.sealed_to), given });
    }
    let mut sealed_key = [0; KEY_LENGTH + OVERHEAD_LENGTH];
    input.read_exact(&mut sealed_key).map_err(BackupError::reading)?;
    let key = seal::open(secret, PURPOSE, &head, &sealed_key).map_err(|_| BackupError::Forged)?;
    let key: Zeroizing<[u8; KEY_LENGTH]> = Zeroizing::new(key.as_slice().try_into().map_err(|_| BackupError::Forged)?);
    let mut plain = Opening::new(input, suite, AeadKey::new(&key));
    let list = framed(&mut plain, limits::CONTENTS_BYTES_MAX, || BackupError::Forged)?;
    let entries: Vec<Entry> = serde_json::from_slice(&list).map_err(|_| BackupError::Forged)?;
    contents::check(cover.of, &entries)?;
    Ok(Opened { cover, entries, plain, suite })
}

impl<R: Read> Opened<R> {
    /// What stands on it.
    pub fn cover(&self) -> &Cover {
        &self.cover
    }

    /// What is in it.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Hands each part to `take`, in order, which reads it to its end; then makes sure that nothing was cut off or put on.
    /// What was taken counts only once this returned.
    ///
    /// # Errors
    /// Those of the file, and of `take`.
    pub fn each<E: From<BackupError>>(
        mut self,
        mut take: impl FnMut(&Entry, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        for entry in &self.entries {
            let mut reading = Digesting::new(self.suite, (&mut self.plain).take(entry.bytes));
            take(entry, &mut reading)?;
            io::copy(&mut reading, &mut io::sink()).map_err(BackupError::reading)?;
            if reading.finish() != (entry.bytes, entry.digest) {
                return Err(BackupError::Part { part: entry.name }.into());
            }
        }
        let more = io::copy(&mut self.plain, &mut io::sink()).map_err(BackupError::reading)?;
        let trailer = io::copy(&mut self.plain.rest().take(TRAILER_LENGTH as u64 + 1), &mut io::sink());
        if more > 0 || trailer.map_err(BackupError::reading)? != TRAILER_LENGTH as u64 {
            return Err(BackupError::Damaged.into());
        }
        Ok(())
    }
}

/// First line and cover, as they stand in the file.
fn head(cover: &Cover) -> Result<Vec<u8>, BackupError> {
    let cover = json(cover)?;
    Ok([MAGIC, &length(&cover).to_be_bytes(), &cover].concat())
}

fn read_head(input: &mut impl Read) -> Result<(Cover, Vec<u8>), BackupError> {
    let mut magic = [0; MAGIC.len()];
    input.read_exact(&mut magic).map_err(|_| BackupError::NotABackup)?;
    if magic != MAGIC {
        let found = String::from_utf8_lossy(&magic).trim().escape_default().to_string();
        return Err(if magic.starts_with(FAMILY) { BackupError::Newer { found } } else { BackupError::NotABackup });
    }
    let bytes = framed(input, limits::COVER_BYTES_MAX, || BackupError::Damaged)?;
    let cover: Cover = serde_json::from_slice(&bytes).map_err(|_| BackupError::Damaged)?;
    let head = [MAGIC, &length(&bytes).to_be_bytes(), &bytes].concat();
    Ok((cover, head))
}

fn framed(input: &mut impl Read, max: usize, bad: fn() -> BackupError) -> Result<Vec<u8>, BackupError> {
    let mut length = [0; 4];
    input.read_exact(&mut length).map_err(BackupError::reading)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| bad())?;
    if length > max {
        return Err(bad());
    }
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes).map_err(BackupError::reading)?;
    Ok(bytes)
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, BackupError> {
    serde_json::to_vec(value).map_err(|error| BackupError::writing(error.into()))
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Hashes what is written through it.
struct Hashing<W> {
    inner: W,
    hasher: Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

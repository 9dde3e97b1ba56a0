//! Reading an archive: by height and by time.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::archive::Archive;
use crate::frame::{Frame, FrameAt};
use crate::limits;
use crate::record::{self, HEADER};
use crate::sealed;
use crate::segment::{Entry, log_path, sealed_path};

/// Open files, and the frames that were read last.
#[derive(Default)]
pub(crate) struct Readers {
    files: Mutex<HashMap<(u32, bool), Arc<File>>>,
    frames: Mutex<VecDeque<(FrameAt, Arc<Frame>)>>,
}

impl Readers {
    fn file(&self, directory: &Path, segment: u32, is_sealed: bool) -> io::Result<Arc<File>> {
        let mut files = locked(&self.files);
        if let Some(file) = files.get(&(segment, is_sealed)) {
            return Ok(Arc::clone(file));
        }
        let path = if is_sealed { sealed_path(directory, segment) } else { log_path(directory, segment) };
        let file = Arc::new(File::open(path)?);
        if files.len() >= limits::READERS_MAX {
            files.clear();
        }
        files.insert((segment, is_sealed), Arc::clone(&file));
        Ok(file)
    }

    fn frame(&self, directory: &Path, at: &FrameAt) -> io::Result<Arc<Frame>> {
        let kept = locked(&self.frames).iter().find(|(kept, _)| kept == at).map(|(_, frame)| Arc::clone(frame));
        if let Some(frame) = kept {
            return Ok(frame);
        }
        let frame = Arc::new(sealed::read(&*self.file(directory, at.segment, true)?, at)?);
        let mut frames = locked(&self.frames);
        frames.push_back((*at, Arc::clone(&frame)));
        let bytes =
            |frames: &VecDeque<(FrameAt, Arc<Frame>)>| -> usize { frames.iter().map(|(_, frame)| frame.bytes()).sum() };
        while frames.len() > limits::FRAMES_KEPT || (frames.len() > 1 && bytes(&frames) > limits::FRAMES_KEPT_BYTES) {
            frames.pop_front();
        }
        Ok(frame)
    }

    /// Closes the files of a segment: it was sealed or dropped.
    pub(crate) fn forget(&self, segment: u32) {
        let mut files = locked(&self.files);
        files.remove(&(segment, false));
        files.remove(&(segment, true));
        drop(files);
        locked(&self.frames).retain(|(at, _)| at.segment != segment);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a block lies.
enum Place {
    Plain(Entry),
    Sealed(FrameAt),
}

impl Archive {
    /// The payload at a height, its checksum verified.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged.
    pub fn get(&self, height: u64) -> io::Result<Option<Vec<u8>>> {
        self.at(height, |place| match place {
            Place::Plain(entry) => self.plain(height, entry),
            Place::Sealed(at) => {
                let frame = self.readers.frame(&self.directory, at)?;
                Ok(frame.record(height).ok_or_else(|| damaged(height))?.payload.to_vec())
            }
        })
    }

    /// The first 8 bytes of the identifiers of a block's transactions; hints, not checked against the block.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn ids(&self, height: u64) -> io::Result<Vec<u64>> {
        let ids = self.at(height, |place| match place {
            Place::Plain(entry) if entry.header.ids == 0 => Ok(Vec::new()),
            Place::Plain(entry) => {
                let before = (HEADER as u64).saturating_add(u64::from(entry.header.length));
                let mut bytes = vec![0; entry.header.ids as usize * 8];
                let file = self.readers.file(&self.directory, entry.segment, false)?;
                file.read_exact_at(&mut bytes, entry.offset.saturating_add(before))?;
                Ok(record::prefixes(&bytes))
            }
            Place::Sealed(at) => {
                let frame = self.readers.frame(&self.directory, at)?;
                Ok(frame.record(height).ok_or_else(|| damaged(height))?.prefixes())
            }
        });
        Ok(ids?.unwrap_or_default())
    }

    /// The timestamp of the block at a height.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn time(&self, height: u64) -> io::Result<Option<u64>> {
        self.at(height, |place| match place {
            Place::Plain(entry) => Ok(entry.header.time),
            Place::Sealed(at) if height == at.first => Ok(at.begins),
            Place::Sealed(at) if height == at.last() => Ok(at.ends),
            Place::Sealed(at) => {
                let frame = self.readers.frame(&self.directory, at)?;
                Ok(frame.record(height).ok_or_else(|| damaged(height))?.header.time)
            }
        })
    }

    /// The first height of the unbroken range whose timestamp is at or after `time`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn first_at(&self, time: u64) -> io::Result<Option<u64>> {
        let Some(extent) = self.extent() else {
            return Ok(None);
        };
        let (plain, frame) = {
            let places = self.places();
            let mut plain = places.plain.range(extent.first..=extent.last);
            let plain = plain.find(|(_, entry)| entry.header.time >= time).map(|(height, _)| *height);
            let within = |frame: &&FrameAt| frame.last() >= extent.first && frame.ends >= time;
            (plain, places.frames.values().find(within).copied())
        };
        // Times ascend with heights, so the first of both kinds is the first of all.
        let sealed = match frame {
            None => None,
            Some(at) if at.begins >= time => Some(at.first),
            Some(at) => {
                let frame = self.readers.frame(&self.directory, &at)?;
                let mut records = frame.records();
                records.find(|record| record.header.time >= time).map(|record| record.header.height)
            }
        };
        Ok([plain, sealed].into_iter().flatten().min().map(|height| height.max(extent.first)))
    }

    /// Reads where a block lies; once more where it was sealed in between.
    fn at<T>(&self, height: u64, read: impl Fn(&Place) -> io::Result<T>) -> io::Result<Option<T>> {
        let Some(place) = self.place(height) else {
            return Ok(None);
        };
        match read(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.place(height) {
                Some(moved) => read(&moved).map(Some),
                None => Ok(None),
            },
            other => other.map(Some),
        }
    }

    fn place(&self, height: u64) -> Option<Place> {
        let places = self.places();
        let plain = places.plain.get(&height).map(|entry| Place::Plain(*entry));
        plain.or_else(|| places.frame(height).map(Place::Sealed))
    }

    fn plain(&self, height: u64, entry: &Entry) -> io::Result<Vec<u8>> {
        let file = self.readers.file(&self.directory, entry.segment, false)?;
        let mut tail = vec![0; entry.header.tail()];
        file.read_exact_at(&mut tail, entry.offset.saturating_add(HEADER as u64))?;
        if record::checksum(&tail) != entry.header.checksum {
            return Err(damaged(height));
        }
        tail.truncate(entry.header.length as usize);
        Ok(tail)
    }
}

fn damaged(height: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("archived block {height} is damaged"))
}

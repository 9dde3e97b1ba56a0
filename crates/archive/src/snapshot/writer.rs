//! Writing a snapshot: under another name first, so that what has the name is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use borsh::BorshSerialize;
use gongxin_types::{EpochChange, codec};

use super::chunk::{Kind, Sink};
use super::{Head, Operation, TableKind};
use crate::limits;

/// A snapshot under construction. Dropped before its end, it leaves nothing behind.
pub struct Writer {
    sink: Option<Sink<BufWriter<File>>>,
    draft: PathBuf,
    path: PathBuf,
}

impl Writer {
    /// Begins a file: its head, the changes of the validators, oldest first, and the canonical bytes of its block.
    ///
    /// # Errors
    /// When there is a file of this name, or it cannot be written.
    pub fn begin(path: &Path, head: &Head, epochs: &[EpochChange], block: &[u8]) -> io::Result<Self> {
        if path.exists() {
            let words = format!("`{}` is there already", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, words));
        }
        let mut draft = path.as_os_str().to_owned();
        draft.push(".draft");
        let draft = PathBuf::from(draft);
        let sink = Sink::begin(BufWriter::with_capacity(1 << 20, File::create(&draft)?))?;
        let mut writer = Self { sink: Some(sink), draft, path: path.to_path_buf() };
        writer.chunk(Kind::Head, &codec::encode(head))?;
        for change in epochs {
            writer.chunk(Kind::Epoch, &codec::encode(change))?;
        }
        writer.chunk(Kind::Block, block)?;
        Ok(writer)
    }

    /// Adds operations on one table, in their order: all those on the objects first.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn operations(&mut self, table: TableKind, operations: &[Operation]) -> io::Result<()> {
        let kind = match table {
            TableKind::Objects => Kind::Objects,
            TableKind::Lists => Kind::Lists,
        };
        for part in operations.chunks(limits::CHUNK_OPERATIONS_MAX) {
            let mut bytes = Vec::with_capacity(limits::CHUNK_BYTES_MAX);
            part.serialize(&mut bytes)?;
            self.chunk(kind, &bytes)?;
        }
        Ok(())
    }

    /// Ends the file and gives it its name; on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(sink) = self.sink.take() else {
            return Ok(());
        };
        let file = sink.end()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&self.draft, &self.path)?;
        let folder = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    fn chunk(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        self.sink.as_mut().map_or(Ok(()), |sink| sink.chunk(kind, bytes))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Gone already where it got its name.
        let _ = fs::remove_file(&self.draft);
    }
}

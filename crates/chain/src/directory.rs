//! The data directory: whose network it holds, and whether its owner may vote.
//!
//! | file | written | meaning |
//! |---|---|---|
//! | `network` | by [`init`], or at the first start of an empty directory | the network this directory belongs to |
//! | `first-start` | by [`init`] only | this key never voted: one start may vote from genesis on |
//! | `votes` | before the first vote, and of every epoch | voting is allowed from the epoch inside on, above the finalization inside |
//! | `epochs` | when an epoch ends, before its last block is archived | who validates in each epoch ([`crate::epochs`]) |
//! | `engine/` | by the engine | state, vote journal, recent blocks |
//! | `blocks/` | by the archive | every final block with its receipts |
//! | `snapshots/` | by [`crate::keeper`] | the state at some heights |
//! | `restored` | by a restore | the state was put in place and not yet begun from |
//!
//! A directory with neither `first-start` nor vote journal belongs to a wiped or restored validator: it might have voted
//! before and forgotten it, so it follows only (PROTOCOL 11). Every change is synced to disk, directory included, before
//! the function returns. A snapshot of a whole disk that is put back later cannot be told from the original: operators
//! restore backups, which never contain `engine/`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gongxin_types::Genesis;

/// Folder of the engine inside the data directory.
pub(crate) const ENGINE: &str = "engine";
/// Folder of the archive inside the data directory.
pub(crate) const BLOCKS: &str = "blocks";
/// Says that the state was put in place by a restore.
const RESTORED: &str = "restored";
const NETWORK: &str = "network";
const FIRST_START: &str = "first-start";
const VOTES: &str = "votes";
/// Written and removed again by [`check_disk`].
const PROBE: &str = "probe";

/// A data directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It belongs to another network.
    #[error("data directory `{path}` belongs to network `{found}`, not to `{expected}`; choose another directory")]
    OtherNetwork {
        /// The directory.
        path: PathBuf,
        /// The network in it.
        found: String,
        /// The network of the genesis given.
        expected: String,
    },
    /// It is in use already.
    #[error(
        "data directory `{path}` is already initialized; delete it only if this validator may start as a wiped one"
    )]
    Used {
        /// The directory.
        path: PathBuf,
    },
    /// It holds data but does not say of which network.
    #[error(
        "data directory `{path}` holds data without a readable `network` file: it is half-written, or no data directory; choose another one, or move this one away, and the node fills a new one from its peers"
    )]
    HalfWritten {
        /// The directory.
        path: PathBuf,
    },
    /// Too little room to write safely.
    #[error(
        "the disk of data directory `{path}` is full: {free} bytes are free, and {needed} must be (`disk_free_bytes_min`); free {missing} more and start again, nothing final is lost",
        missing = needed.saturating_sub(*free)
    )]
    Full {
        /// The directory.
        path: PathBuf,
        /// Bytes free.
        free: u64,
        /// Bytes needed.
        needed: u64,
    },
    /// The disk does not take what is written.
    #[error(
        "the disk of data directory `{path}` fails; look for its errors in the system's log, replace it if it is broken, and start again, nothing final is lost"
    )]
    Failing {
        /// The directory.
        path: PathBuf,
        /// What a small file written there met.
        source: Box<Self>,
    },
    /// A file could not be read or written.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Partition of the vote journal of an epoch inside [`ENGINE`].
pub(crate) fn journal(epoch: u64) -> String {
    if epoch == 0 { VOTES.to_owned() } else { format!("{VOTES}-{epoch}") }
}

/// Partition of what is followed without voting in an epoch, inside [`ENGINE`].
pub(crate) fn followed(epoch: u64) -> String {
    if epoch == 0 { "follow".to_owned() } else { format!("follow-{epoch}") }
}

/// Whether the owner of a directory may vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VoteRight {
    /// In this epoch above the finalization with these engine bytes, or from its beginning if there is none; and in all
    /// later epochs.
    Above {
        /// The epoch.
        epoch: u64,
        /// The finalization.
        floor: Option<Vec<u8>>,
    },
    /// Not until a finalization after this start shows that nothing forgotten can be contradicted.
    Withheld,
}

/// What a directory remembers of its owner's votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteMemory {
    /// There were none: its first start votes from genesis on.
    FirstStart,
    /// They are there: it votes from its start on.
    Kept,
    /// Nothing: it was wiped or restored, and follows at first (PROTOCOL 11).
    Lost,
}

/// Looks what a directory remembers of votes, and changes nothing. One that is not there remembers nothing.
pub fn vote_memory(directory: &Path) -> VoteMemory {
    match fs::read(directory.join(VOTES)) {
        Ok(bytes) if matches!(granted(directory, &bytes), VoteRight::Above { .. }) => VoteMemory::Kept,
        Ok(_) => VoteMemory::Lost,
        Err(_) if directory.join(FIRST_START).exists() => VoteMemory::FirstStart,
        Err(_) => VoteMemory::Lost,
    }
}

/// What the file of the right to vote says, if the journal of its epoch is still there.
fn granted(directory: &Path, bytes: &[u8]) -> VoteRight {
    let Some((epoch, floor)) = bytes.split_first_chunk::<8>() else {
        return VoteRight::Withheld;
    };
    let epoch = u64::from_le_bytes(*epoch);
    let floor = (!floor.is_empty()).then(|| floor.to_vec());
    let kept = directory.join(ENGINE).join(journal(epoch)).exists();
    if kept { VoteRight::Above { epoch, floor } } else { VoteRight::Withheld }
}

/// Prepares the directory of a validator that has never run: marks its network, and that it may vote from genesis on.
///
/// # Errors
/// When the directory was used before, or cannot be written.
pub fn init(directory: &Path, genesis: &Genesis) -> Result<(), DirectoryError> {
    fs::create_dir_all(directory).map_err(|source| io_error("create", directory, source))?;
    if directory.join(NETWORK).exists() || directory.join(ENGINE).exists() || directory.join(BLOCKS).exists() {
        return Err(DirectoryError::Used { path: directory.to_path_buf() });
    }
    write_durably(directory, FIRST_START, b"this key has not voted yet\n")?;
    write_durably(directory, NETWORK, network_text(genesis).as_bytes())
}

/// Looks whether a node of this network may use a directory, and writes nothing: it is this network's, or empty, or not
/// there yet, and so many bytes are free.
///
/// # Errors
/// When it is another network's or half-written, when its disk is full, or when it cannot be read.
pub fn examine(directory: &Path, genesis: &Genesis, disk_free_bytes: u64) -> Result<(), DirectoryError> {
    is_marked(directory, genesis)?;
    check_room(directory, disk_free_bytes)
}

/// Looks whether a snapshot may be put into a directory, and changes nothing: it holds no state, no blocks and no votes.
#[cfg(not(feature = "simulated"))]
pub(crate) fn may_restore(directory: &Path, genesis: &Genesis) -> Result<(), DirectoryError> {
    is_marked(directory, genesis)?;
    let used = [ENGINE, BLOCKS, VOTES].iter().any(|name| directory.join(name).exists());
    if used { Err(DirectoryError::Used { path: directory.to_path_buf() }) } else { Ok(()) }
}

/// Puts what a restore has built in place. The mark of a first start goes first: what is restored follows until it may vote.
#[cfg(not(feature = "simulated"))]
pub(crate) fn restored(
    directory: &Path,
    draft: &Path,
    genesis: &Genesis,
    epochs: &[gongxin_types::EpochChange],
) -> Result<(), DirectoryError> {
    let mark = directory.join(FIRST_START);
    if mark.exists() {
        fs::remove_file(&mark).map_err(|source| io_error("remove", &mark, source))?;
    }
    write_durably(directory, NETWORK, network_text(genesis).as_bytes())?;
    write_durably(directory, crate::epochs::FILE, &gongxin_types::codec::encode(&epochs.to_vec()))?;
    write_durably(directory, RESTORED, b"the state comes from a snapshot\n")?;
    for name in [ENGINE, BLOCKS] {
        let (from, to) = (draft.join(name), directory.join(name));
        fs::rename(&from, &to).map_err(|source| io_error("move", &to, source))?;
    }
    sync_directory(directory)
}

/// Whether the state was put in place by a restore, and nothing was begun from it yet.
pub(crate) fn is_restored(directory: &Path) -> bool {
    directory.join(RESTORED).exists()
}

/// The state that was put in place has been begun from.
pub(crate) fn forget_restored(directory: &Path) {
    let _ = fs::remove_file(directory.join(RESTORED));
}

/// Opens a directory for one run: refuses another network's, marks an empty one.
pub(crate) fn open(directory: &Path, genesis: &Genesis) -> Result<(), DirectoryError> {
    if is_marked(directory, genesis)? {
        return Ok(());
    }
    fs::create_dir_all(directory).map_err(|source| io_error("create", directory, source))?;
    write_durably(directory, NETWORK, network_text(genesis).as_bytes())
}

/// Whether a directory says that it is this network's; false of an empty one.
fn is_marked(directory: &Path, genesis: &Genesis) -> Result<bool, DirectoryError> {
    let marker = directory.join(NETWORK);
    let expected = network_text(genesis);
    let half_written = || DirectoryError::HalfWritten { path: directory.to_path_buf() };
    match fs::read_to_string(&marker) {
        Ok(found) if found == expected => Ok(true),
        Ok(found) if found.len() != expected.len() => Err(half_written()),
        Ok(found) => Err(DirectoryError::OtherNetwork {
            path: directory.to_path_buf(),
            found: found.trim().to_owned(),
            expected: expected.trim().to_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let has_data = [ENGINE, BLOCKS, VOTES].iter().any(|name| directory.join(name).exists());
            if has_data { Err(half_written()) } else { Ok(false) }
        }
        Err(source) => Err(io_error("read", &marker, source)),
    }
}

/// Says whether this start may vote, and consumes the first-start mark if that is what allows it.
pub(crate) fn vote_right(directory: &Path) -> Result<VoteRight, DirectoryError> {
    let votes = directory.join(VOTES);
    match fs::read(&votes) {
        Ok(bytes) => Ok(granted(directory, &bytes)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error("read", &votes, error)),
        Err(_) => {
            let mark = directory.join(FIRST_START);
            if !mark.exists() {
                return Ok(VoteRight::Withheld);
            }
            // The mark is consumed before the right is written: a crash in between costs this validator its votes for
            // a while, the other order could let a copy of the directory vote twice.
            fs::remove_file(&mark).map_err(|source| io_error("remove", &mark, source))?;
            sync_directory(directory)?;
            grant_votes(directory, 0, None)?;
            Ok(VoteRight::Above { epoch: 0, floor: None })
        }
    }
}

/// Allows votes from an epoch on, in it above a finalization; its journal is a new one and holds no votes.
pub(crate) fn grant_votes(directory: &Path, epoch: u64, floor: Option<&[u8]>) -> Result<(), DirectoryError> {
    let journal = directory.join(ENGINE).join(journal(epoch));
    fs::create_dir_all(&journal).map_err(|source| io_error("create", &journal, source))?;
    sync_directory(&directory.join(ENGINE))?;
    write_durably(directory, VOTES, &[&epoch.to_le_bytes(), floor.unwrap_or_default()].concat())
}

/// Notes that the owner, who may vote, votes in this epoch from now on.
pub(crate) fn votes_in(directory: &Path, epoch: u64) -> Result<(), DirectoryError> {
    match vote_right(directory)? {
        VoteRight::Above { epoch: before, .. } if before < epoch => grant_votes(directory, epoch, None),
        _ => Ok(()),
    }
}

/// Checks that there is room to go on, where the directory is or will be.
pub(crate) fn check_room(directory: &Path, needed: u64) -> Result<(), DirectoryError> {
    let place = directory.ancestors().find(|place| place.exists()).unwrap_or(Path::new("."));
    let stat = nix::sys::statvfs::statvfs(place)
        .map_err(|errno| io_error("ask for the free space of", place, io::Error::from(errno)))?;
    let free = stat.blocks_available().saturating_mul(stat.fragment_size());
    if free < needed {
        return Err(DirectoryError::Full { path: directory.to_path_buf(), free, needed });
    }
    Ok(())
}

/// Checks that the disk takes a small file and keeps it: asked when a node has failed, to tell why.
pub(crate) fn check_disk(directory: &Path) -> Result<(), DirectoryError> {
    let tried = write_durably(directory, PROBE, &[]).and_then(|()| {
        let path = directory.join(PROBE);
        fs::remove_file(&path).map_err(|source| io_error("remove", &path, source))
    });
    tried.map_err(|error| DirectoryError::Failing { path: directory.to_path_buf(), source: Box::new(error) })
}

fn network_text(genesis: &Genesis) -> String {
    format!("{}\n", crate::ledger::network(genesis))
}

/// Writes a small file so that after a crash it is there whole or not at all.
pub(crate) fn write_durably(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), DirectoryError> {
    let path = directory.join(name);
    let draft = directory.join(format!("{name}.draft"));
    let write = || {
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    };
    write().map_err(|source| io_error("write", &path, source))?;
    sync_directory(directory)
}

fn sync_directory(directory: &Path) -> Result<(), DirectoryError> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(|source| io_error("sync", directory, source))
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> DirectoryError {
    DirectoryError::Io { action, path: path.to_path_buf(), source }
}

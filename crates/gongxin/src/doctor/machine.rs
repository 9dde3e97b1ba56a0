//! The machine: its disk, its clock, its limits.

use std::path::Path;

use nix::sys::resource::{Resource, getrlimit};

use super::{Examination, limits};
use crate::disk;

/// Open files that a process may have.
pub(super) fn limits(examination: &mut Examination) {
    let Ok((soft, _)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return;
    };
    if soft < limits::OPEN_FILES_MIN {
        let words = format!("a process may open {soft} files, and a validator needs {}", limits::OPEN_FILES_MIN);
        examination.wrong("open files", words, "`ulimit -n 65536`, or `LimitNOFILE=65536` in its unit");
    } else {
        examination.well("open files", format!("a process may open {soft}"));
    }
}

/// Room on the disk of a directory.
pub(super) fn disk(directory: &Path, floor: u64, examination: &mut Examination) {
    let place = directory.ancestors().find(|place| place.exists()).unwrap_or(Path::new("/"));
    let Some(room) = disk::room(directory, floor) else {
        let words = format!("the free space of `{}` cannot be asked for", place.display());
        return examination.wrong("disk", words, "look whether it is mounted, and readable for this user");
    };
    let words = format!("{} free for `{}`", disk::readable(room.free_bytes), directory.display());
    let todo = "make room there, or give it a larger disk";
    if room.free_bytes < floor {
        let words = format!("{words}, and {} must be", disk::readable(floor));
        examination.wrong("disk", words, todo);
    } else if room.free_bytes < floor.saturating_mul(limits::FLOORS_MIN)
        || room.free_bytes < room.total_bytes / limits::FREE_PART_MIN
    {
        examination.note("disk", format!("{words}; below {} it stops", disk::readable(floor)), todo);
    } else {
        examination.well("disk", words);
    }
    // Some file systems have no number of files, and say 0 of 0.
    let files = nix::sys::statvfs::statvfs(place).ok().filter(|stat| stat.files() > 0);
    if let Some(stat) = files.filter(|stat| stat.files_available() < limits::FREE_FILES_MIN) {
        let words =
            format!("{} more files can be made on the disk of `{}`", stat.files_available(), directory.display());
        examination.wrong("disk", words, "remove small files there, or give it a file system of its own");
    }
}

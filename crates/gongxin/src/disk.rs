//! The disk under a directory: how much may still be written to it.

use std::path::Path;

use gongxin_client::wire::DiskReport;

/// Room on the disk of a directory, or of the nearest folder above it that exists; none where the system does not tell.
pub(crate) fn room(directory: &Path, floor_bytes: u64) -> Option<DiskReport> {
    let place = directory.ancestors().find(|place| place.exists()).unwrap_or(Path::new("/"));
    let stat = nix::sys::statvfs::statvfs(place).ok()?;
    Some(DiskReport {
        free_bytes: stat.blocks_available().saturating_mul(stat.fragment_size()),
        total_bytes: stat.blocks().saturating_mul(stat.fragment_size()),
        floor_bytes,
    })
}

/// A number of bytes as people read it.
pub(crate) fn readable(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        0..MIB => format!("{} KiB", bytes / 1024),
        MIB..0x2_8000_0000 => format!("{} MiB", bytes / MIB),
        _ => format!("{} GiB", bytes / 1024 / MIB),
    }
}

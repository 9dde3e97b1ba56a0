//! A small disk of a validator's own, which can be filled: a file that is mounted, or memory where that cannot be done.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::ground::run;
use crate::limits::DISK_MIB;
use crate::trouble::{During as _, Trouble};

/// The last of the filling is done in small steps: what a file system needs for itself is not told.
const ROUGHLY: u64 = 1_024 * 1_024;

/// A mounted disk. It goes with the mount namespace of the run.
#[derive(Debug)]
pub(crate) struct Disk {
    /// Where it is mounted.
    pub(crate) path: PathBuf,
    /// Why it is memory and no file, if it is.
    pub(crate) in_memory: Option<String>,
}

impl Disk {
    /// Makes and mounts one below this folder.
    pub(crate) fn new(folder: &Path) -> Result<Self, Trouble> {
        let (image, path) = (folder.join("disk.image"), folder.join("disk"));
        fs::create_dir(&path).during("a folder for the small disk")?;
        let (image, place) = (image.display().to_string(), path.display().to_string());
        let size = format!("{DISK_MIB}M");
        let mounted = run(&["truncate", "-s", &size, &image])
            .and_then(|()| run(&["mkfs.ext4", "-q", "-F", "-m", "0", &image]))
            .and_then(|()| run(&["mount", "-o", "loop", &image, &place]));
        let in_memory = match mounted {
            Ok(()) => None,
            Err(Trouble(words)) => {
                run(&["mount", "-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", &place])?;
                Some(words)
            }
        };
        Ok(Self { path, in_memory })
    }

    /// Fills it until so many bytes are free; 0 is every byte.
    pub(crate) fn fill(&self, free: u64) -> Result<(), Trouble> {
        let mut file = fs::File::create(self.filler()).during("a file that fills the disk")?;
        let most = self.free()?.saturating_sub(free).saturating_sub(ROUGHLY);
        let most = i64::try_from(most).unwrap_or(0);
        if most > 0 {
            nix::fcntl::posix_fallocate(&file, 0, most).during("a file that fills the disk")?;
            file.seek(SeekFrom::End(0)).during("a file that fills the disk")?;
        }
        let block = [0_u8; 4 * 1_024];
        while self.free()? > free {
            // Full is what was wanted.
            if file.write_all(&block).is_err() {
                break;
            }
        }
        // What cannot be written any more is not missed.
        let _full = file.sync_data();
        Ok(())
    }

    /// Makes room again.
    pub(crate) fn clear(&self) -> Result<(), Trouble> {
        fs::remove_file(self.filler()).during("the file that fills the disk")
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }

    fn free(&self) -> Result<u64, Trouble> {
        let stat = nix::sys::statvfs::statvfs(&self.path).during("the small disk")?;
        Ok(stat.blocks_available().saturating_mul(stat.fragment_size()))
    }
}

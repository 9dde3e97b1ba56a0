//! A disk that fills up while a validator runs: the process ends in order, with words and the documented exit code.

use std::fs;
use std::path::Path;

use crate::node::Made;

const MIB: u64 = 1_024 * 1_024;

fn free(folder: &Path) -> u64 {
    let stat = nix::sys::statvfs::statvfs(folder).expect("a disk");
    stat.blocks_available() * stat.fragment_size()
}

/// The memory disk, where hardly anybody else writes; where there is none, the disk of temporary files.
fn disk() -> (tempfile::TempDir, u64) {
    match tempfile::tempdir_in("/dev/shm") {
        Ok(folder) if free(folder.path()) >= 60 * MIB => (folder, 16 * MIB),
        _ => (tempfile::tempdir().expect("a folder"), 1_024 * MIB),
    }
}

/// A validator whose disk gets fuller than it was told to let it: it says which directory, how much is missing and what to
/// do, and ends with 3. With room made it starts again on the same data.
#[test]
fn a_disk_that_fills_up_ends_the_process_in_order() {
    let made = Made::new();
    let (folder, room) = disk();
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    for name in ["network", "first-start"] {
        fs::copy(made.node("data").join(name), data.join(name)).expect("copied");
    }
    let floor = free(folder.path()) - room;
    made.configure(|line| match line.split(' ').next() {
        Some("directory") => Some(format!("directory = \"{}\"\ndisk_free_bytes_min = {floor}", data.display())),
        _ => None,
    });
    let node = made.run_node();
    node.says("validator runs");
    let filler = folder.path().join("filler");
    fs::write(&filler, vec![0; usize::try_from(2 * room).expect("small")]).expect("written");
    let (code, said) = node.ended();
    assert_eq!(code, Some(3), "{said}");
    let last = said.lines().last().expect("a last word");
    let told = [&*data.display().to_string(), "is full", &floor.to_string(), "disk_free_bytes_min", "start again"];
    assert!(last.starts_with("gongxin: ") && told.iter().all(|words| last.contains(words)), "{last}");
    assert!(said.contains("validator stopped"), "{said}");

    fs::remove_file(filler).expect("removed");
    let node = made.run_node();
    node.says("node starts");
}

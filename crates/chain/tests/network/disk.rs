//! A disk that fills up: the validator stops in order before it writes halves, the others go on, nothing is lost.

use std::fs;
use std::path::Path;

use gongxin_chain::{Caps, DirectoryError, StartError, SubmitError, ValidatorConfig};

use crate::town::{Town, contents, finish, is_final, reach, stop, until};

const MIB: u64 = 1_024 * 1_024;

fn free(folder: &Path) -> u64 {
    let stat = nix::sys::statvfs::statvfs(folder).unwrap();
    stat.blocks_available() * stat.fragment_size()
}

/// A town on the memory disk, where hardly anybody else writes; where there is none, on the disk of temporary files.
fn town() -> (Town, u64) {
    match tempfile::tempdir_in("/dev/shm") {
        Ok(folder) if free(folder.path()) >= 60 * MIB => (Town::on(folder), 16 * MIB),
        _ => (Town::new(), 1_024 * MIB),
    }
}

/// The disk of one validator fills until less is free than it was told to leave. It stops by itself and says which
/// directory, how much is missing and what to do; it does not start again until there is room or the floor is lowered;
/// then it has everything that anyone was told is final.
#[tokio::test]
async fn a_full_disk_stops_one_validator_and_nothing_is_lost() {
    let (town, room) = town();
    let floor = free(town.directory.path()) - room;
    let with_floor = |disk_free_bytes| {
        let config = town.config(3);
        ValidatorConfig { caps: Caps { disk_free_bytes, ..config.caps }, ..config }
    };
    let mut nodes: Vec<_> = (0..3).map(|node| town.first_start(town.config(node))).collect();
    let tight = town.first_start(with_floor(floor));
    let (first, bytes) = town.evidence(1, "before the disk is full");
    finish(&tight, (first, bytes)).await;
    let (second, bytes) = town.evidence(2, "while it fills up");
    tight.submit(bytes.clone()).await.unwrap();

    let filler = town.directory.path().join("filler");
    fs::write(&filler, vec![0; usize::try_from(2 * room).unwrap()]).unwrap();
    let reason = tokio::time::timeout(crate::town::PATIENCE, tight.wait()).await.unwrap().unwrap_err().reason;
    let told = [&*town.path(3).display().to_string(), "is full", &floor.to_string(), "disk_free_bytes_min", "free "];
    assert!(told.iter().all(|words| reason.contains(words)), "{reason}");
    assert_eq!(tight.submit(bytes.clone()).await, Err(SubmitError::Stopped));

    // The others go on, and the sender gets its second document through by sending the same bytes to one of them.
    nodes[0].submit(bytes).await.unwrap();
    let height = is_final(&nodes[0], second).await;
    let (third, bytes) = town.evidence(3, "after it");
    finish(&nodes[1], (third, bytes)).await;

    let before = contents(&town.path(3));
    let refused = gongxin_chain::start(with_floor(floor)).err().unwrap();
    assert!(matches!(refused, StartError::Directory(DirectoryError::Full { .. })), "{refused}");
    assert_eq!(contents(&town.path(3)), before);

    let back = gongxin_chain::start(with_floor(0)).unwrap();
    for id in [first, second, third] {
        is_final(&back, id).await;
    }
    until(&back, |node| node.status().voting).await;
    assert_eq!(reach(&back, height.get()).await.header, reach(&nodes[0], height.get()).await.header);
    nodes.push(back);
    stop(&nodes).await;
}

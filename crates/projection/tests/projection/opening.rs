//! Which directories are opened, and what is said of the others.

use gongxin_projection::{Finding, Offered, OpenError, Projection, ProjectionError};
use gongxin_types::Height;
use rusqlite::Connection;

use crate::chain::{Chain, Copy, batch, create, divisions, record, story};

/// Another network's projection, a newer program's and a file of noise are refused with what to do, and can be rebuilt.
#[test]
fn a_directory_that_is_not_the_one_meant_is_refused() {
    let chain = story();
    let Copy { directory, projection } = Copy::complete(&chain);
    let content = projection.content().unwrap();
    drop(projection);
    let open = || Projection::open(directory.path(), &chain.genesis);
    let path = directory.path().join("projection.sqlite");

    let elsewhere = Projection::open(directory.path(), &Chain::new("elsewhere").genesis).err().unwrap();
    assert!(
        matches!(elsewhere, OpenError::OtherNetwork { ref found, .. } if **found == chain.genesis.head.id()),
        "{elsewhere}"
    );
    let disk = Connection::open(&path).unwrap();
    disk.execute("UPDATE projection SET version = 6", []).unwrap();
    drop(disk);
    let newer = open().err().unwrap();
    assert!(
        newer.to_string().ends_with("has version 6 and this program makes version 5: rebuild it, nothing is lost"),
        "{newer}"
    );

    Projection::discard(directory.path()).unwrap();
    std::fs::write(&path, vec![0xA5; 8_192]).unwrap();
    assert!(matches!(open().err().unwrap(), OpenError::NotAProjection { .. }));

    Projection::discard(directory.path()).unwrap();
    let rebuilt = open().unwrap();
    chain.blocks.iter().for_each(|block| assert!(rebuilt.offer(block.clone()).is_ok()));
    assert_eq!(rebuilt.content().unwrap(), content);
}

/// The database fails in the middle of a block: nothing of the block is there, and it is taken when offered again.
#[test]
fn a_block_is_applied_whole_or_not_at_all() {
    let mut chain = Chain::new("half");
    chain.block(vec![vec![batch(vec![create(1)])]]).block(vec![vec![batch((2..=50).map(create).collect())]]);
    let copy = Copy::of(&chain);
    copy.offer(&chain.blocks[0]);
    let before = copy.projection.content().unwrap();
    let disk = Connection::open(copy.directory.path().join("projection.sqlite")).unwrap();
    disk.execute_batch(
        "CREATE TRIGGER crash BEFORE INSERT ON records WHEN NEW.operation = 40
                        BEGIN SELECT raise(ABORT, 'power cut'); END",
    )
    .unwrap();
    assert!(copy.projection.offer(chain.blocks[1].clone()).is_err());
    assert_eq!(copy.projection.content().unwrap(), before);
    disk.execute_batch("DROP TRIGGER crash").unwrap();
    assert_eq!(copy.offer(&chain.blocks[1]), Offered::Applied { height: Height::new(2) });
    assert!(copy.projection.record(&divisions(), &record(50)).unwrap().value.is_some());
}

/// A copy whose rows were changed says so, and shows it in its comparison.
#[test]
fn a_changed_copy_is_found_out() {
    let chain = story();
    let (copy, other) = (Copy::complete(&chain), Copy::complete(&chain));
    let disk = Connection::open(copy.directory.path().join("projection.sqlite")).unwrap();
    disk.execute("DELETE FROM history WHERE version = 2 AND record = ?1", [record(1).as_bytes()]).unwrap();
    let findings = copy.projection.check().unwrap().value;
    assert_eq!(findings, [Finding::Record { resource: divisions().to_string(), record: record(1) }]);
    let (one, other) = (copy.projection.content().unwrap().value, other.projection.content().unwrap().value);
    assert_eq!(one.differences(&other), ["history"]);
    disk.execute("UPDATE headers SET header = x'00' WHERE height = 6", []).unwrap();
    assert!(matches!(copy.projection.tip(), Err(ProjectionError::Damaged { what: "header" })));
}

//! The archive: what was put in comes out the same, sealed or not; what a crash tears is mended, what is damaged is
//! neither served nor touched; what is dropped is dropped on purpose.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use gongxin_archive::{Archive, Extent};
use gongxin_crypto::{Digest, Suite};
use gongxin_types::certificate::Vote;
use gongxin_types::header::{EngineContext, StateRoot};
use gongxin_types::receipt::{BlockReceipts, Key, Page, Table, Write};
use gongxin_types::{Certificate, FinalizedBlock, Header, HeaderDigest, Height, List, Time, codec};

const SEGMENT: u64 = 40;

/// Bytes that no compressor shortens.
fn noise(seed: u64, place: u8) -> [u8; 32] {
    let digest = Suite::Intl.hash(&[&seed.to_le_bytes(), &[place]]);
    digest.as_bytes().try_into().unwrap()
}

/// A block as an idle network of four makes them, or one in which something fell due.
fn block(height: u64, is_idle: bool) -> FinalizedBlock {
    let digest = |place| Digest::new(&noise(height, place)).unwrap();
    let root = |place: u8| StateRoot {
        root: noise(height, place),
        operations_root: noise(height, place + 1),
        start: height / 256 * 256,
        end: height * 2,
    };
    let fixed = Suite::Intl.hash(&[b"always"]);
    let header = Header {
        version: 1,
        network: fixed,
        protocol_version: 2,
        height: Height::new(height),
        parent: HeaderDigest(noise(height - 1, 9)),
        time: Time::from_millis(1_790_000_000_000 + height * 650),
        transactions_root: fixed,
        receipts_root: if is_idle { fixed } else { digest(0) },
        state: List::new(vec![root(1), root(3)]).unwrap(),
        epoch: 0,
        validators_root: fixed,
        next_validators_root: fixed,
        engine: EngineContext(List::new([&noise(height % 4, 5)[..], &noise(height - 1, 9)].concat()).unwrap()),
    };
    let vote = |validator: u16| Vote {
        validator,
        signature: [noise(height, 10 + validator as u8), noise(height, 20 + validator as u8)]
            .concat()
            .try_into()
            .unwrap(),
    };
    let certificate = Certificate {
        epoch: 0,
        view: height,
        parent_view: height - 1,
        header: HeaderDigest(noise(height, 9)),
        votes: List::new((0..3).map(vote).collect()).unwrap(),
    };
    let write = Write { key: Key { table: Table::Objects, key: noise(height, 7) }, page: Some(Page([7; 128])) };
    let due = if is_idle { Vec::new() } else { vec![write] };
    let receipts = BlockReceipts { due, ..BlockReceipts::default() };
    FinalizedBlock { header, certificate: Some(certificate), transactions: Vec::new(), receipts }
}

/// Every seventh block has something in it.
fn is_idle(height: u64) -> bool {
    !height.is_multiple_of(7)
}

fn time(height: u64) -> u64 {
    block(height, true).header.time.millis()
}

fn put(archive: &Archive, height: u64) {
    let bytes = codec::encode(&block(height, is_idle(height)));
    let ids: Vec<u64> = if is_idle(height) { Vec::new() } else { vec![height, height + 1] };
    assert!(archive.put(height, time(height), &bytes, &ids).unwrap());
}

fn filled(folder: &Path, heights: impl IntoIterator<Item = u64>) -> Archive {
    let archive = Archive::open_with(folder, SEGMENT).unwrap();
    heights.into_iter().for_each(|height| put(&archive, height));
    archive
}

fn seal(archive: &Archive) {
    while archive.seal_next().unwrap() {}
}

/// Everything is as it was put in; a block in which nothing happened may have lost its certificate, no other.
fn check(archive: &Archive, heights: std::ops::RangeInclusive<u64>) {
    let mut since = 0;
    for height in heights.clone() {
        let bytes = archive.get(height).unwrap().unwrap();
        let (found, wanted) =
            (codec::decode::<FinalizedBlock>("block", &bytes).unwrap(), block(height, is_idle(height)));
        since = if found.certificate.is_some() { 0 } else { since + 1 };
        assert!(since < 16, "too far from a certificate at {height}");
        assert!(found.certificate == wanted.certificate || (is_idle(height) && found.certificate.is_none()));
        assert_eq!(FinalizedBlock { certificate: None, ..found }, FinalizedBlock { certificate: None, ..wanted });
        assert_eq!(archive.time(height).unwrap(), Some(time(height)));
        assert_eq!(archive.ids(height).unwrap().len(), if is_idle(height) { 0 } else { 2 });
        assert_eq!(archive.first_at(time(height)).unwrap(), Some(height));
        assert_eq!(archive.first_at(time(height) - 1).unwrap(), Some(height));
    }
    assert_eq!(archive.extent(), Some(Extent { first: *heights.start(), last: *heights.end() }));
    assert_eq!(archive.first_at(time(*heights.end()) + 1).unwrap(), None);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Sealed segments hold the same blocks in the same places of time, before and after the next start, and a third of the bytes.
#[test]
fn sealed_blocks_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(folder.path(), 1..=130);
    check(&archive, 1..=130);
    let before = archive.sizes().unwrap().plain;
    seal(&archive);
    check(&archive, 1..=130);
    let after = archive.sizes().unwrap();
    assert!(after.sealed * 2 < before, "{before} {after:?}");
    assert!(!archive.seal_next().unwrap());
    assert_eq!(
        names(folder.path()),
        ["data-00000000.zst", "data-00000001.zst", "data-00000002.zst", "data-00000003.idx", "data-00000003.log"]
    );
    drop(archive);
    let archive = Archive::open_with(folder.path(), SEGMENT).unwrap();
    check(&archive, 1..=130);
    put(&archive, 131);
    let again = archive.put(5, time(5), b"other bytes", &[]).unwrap();
    assert!(!again, "a height is written once");
    check(&archive, 1..=131);
}

/// A node that began at block 100 fetches what lies below downwards, between new blocks: sealed, it is one range all the same.
#[test]
fn blocks_that_came_downwards_are_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let mixed = (0..100).flat_map(|step| [100 + step, 99 - step]).filter(|height| *height > 0);
    let archive = filled(folder.path(), mixed);
    seal(&archive);
    check(&archive, 1..=199);
    drop(archive);
    check(&Archive::open_with(folder.path(), SEGMENT).unwrap(), 1..=199);
}

/// A crash in the middle of a record, with and without the file that says where records end, and in the middle of sealing.
#[test]
fn what_a_crash_tears_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 1..=30));
    let log = folder.path().join("data-00000000.log");
    let whole = fs::read(&log).unwrap();
    for has_ends in [true, false] {
        fs::write(&log, [&whole[..], &whole[..200]].concat()).unwrap();
        if !has_ends {
            fs::remove_file(folder.path().join("data-00000000.idx")).unwrap();
        }
        check(&Archive::open_with(folder.path(), SEGMENT).unwrap(), 1..=30);
        assert_eq!(fs::read(&log).unwrap(), whole);
    }
    // Sealed, but the log is still there; and a draft that never came to its name.
    let archive = filled(folder.path(), 31..=60);
    let whole = fs::read(&log).unwrap();
    seal(&archive);
    drop(archive);
    fs::write(&log, whole).unwrap();
    fs::write(folder.path().join("data-00000001.draft"), b"half").unwrap();
    check(&Archive::open_with(folder.path(), SEGMENT).unwrap(), 1..=60);
    assert_eq!(names(folder.path()), ["data-00000000.zst", "data-00000001.idx", "data-00000001.log"]);
}

/// A record that was on disk once and is broken now, in a log or in the table of a sealed segment: the archive is not opened,
/// says what to do, and is not touched.
#[test]
fn what_is_damaged_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(folder.path(), 1..=70);
    seal(&archive);
    drop(archive);
    let (sealed, log) = (folder.path().join("data-00000000.zst"), folder.path().join("data-00000001.log"));
    let refused = |path: &Path, damaged: &[u8]| {
        let whole = fs::read(path).unwrap();
        fs::write(path, damaged).unwrap();
        let words = Archive::open_with(folder.path(), SEGMENT).err().unwrap().to_string();
        assert!(words.contains(&*path.display().to_string()) && words.contains("move folder"), "{words}");
        assert_eq!(fs::read(path).unwrap(), damaged);
        fs::write(path, whole).unwrap();
    };
    let whole = fs::read(&log).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    refused(&log, &changed);
    refused(&log, &whole[..whole.len() / 2]);
    let whole = fs::read(&sealed).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() - 30] ^= 1;
    refused(&sealed, &changed);
    refused(&sealed, &whole[..whole.len() - 1]);
    refused(&sealed, b"");
    check(&Archive::open_with(folder.path(), SEGMENT).unwrap(), 1..=70);
}

/// One changed byte inside a frame: its blocks are not served, by name; all others are.
#[test]
fn a_damaged_frame_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(folder.path(), 1..=70);
    seal(&archive);
    drop(archive);
    let sealed = folder.path().join("data-00000000.zst");
    let mut bytes = fs::read(&sealed).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&sealed, bytes).unwrap();
    let archive = Archive::open_with(folder.path(), SEGMENT).unwrap();
    let words = archive.get(10).unwrap_err().to_string();
    assert!(words.contains("damaged"), "{words}");
    assert!(archive.get(60).unwrap().is_some());
}

/// Whole segments below the height are dropped, no other; the next start knows that it was on purpose, and a full archive
/// takes what was missing again.
#[test]
fn older_blocks_are_dropped_on_purpose() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(folder.path(), 1..=130);
    seal(&archive);
    assert_eq!(archive.kept_from(), 1);
    assert_eq!(archive.keep_from(100).unwrap(), 2);
    check(&archive, 81..=130);
    assert_eq!((archive.get(80).unwrap(), archive.kept_from()), (None, 100));
    drop(archive);
    let archive = Archive::open_with(folder.path(), SEGMENT).unwrap();
    assert_eq!((archive.kept_from(), archive.extent().unwrap().first), (100, 81));
    // The newest block stays whatever is said.
    assert_eq!(archive.keep_from(1_000).unwrap(), 1);
    check(&archive, 121..=130);
    archive.keep_from(1).unwrap();
    (1..=120).rev().for_each(|height| put(&archive, height));
    seal(&archive);
    check(&archive, 1..=130);
}

/// What an idle day of 133,000 blocks takes, from a thousand of them.
#[test]
fn an_idle_day_is_small() {
    const BLOCKS: u64 = 1_024;
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open_with(folder.path(), BLOCKS).unwrap();
    for height in 1..=BLOCKS + 1 {
        archive.put(height, time(height), &codec::encode(&block(height, true)), &[]).unwrap();
    }
    let plain = archive.sizes().unwrap().plain;
    seal(&archive);
    let sealed = archive.sizes().unwrap().sealed;
    assert!(
        sealed / BLOCKS * 133_000 < 50_000_000,
        "{} bytes for each idle block, {} before",
        sealed / BLOCKS,
        plain / BLOCKS
    );
}

//! The corpora, and mutations of them: every decoder bears them, and every entry has the verdict in its name.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says which bytes it was"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gongxin_crypto::Suite;
use gongxin_fuzz::{Outcome, TARGETS, Target, find};

/// Mutations of each entry.
const MUTATIONS: u64 = 256;
/// Of targets whose one execution takes milliseconds: compiling policies, opening key files.
const MUTATIONS_SLOW: u64 = 32;
const SLOW: [&str; 4] = ["key_file", "policy_files", "policy_set", "policy_source"];
/// Largest entry in the repository.
const ENTRY_BYTES_MAX: u64 = 32 * 1024;
/// Most entries of one target.
const ENTRIES_MAX: usize = 32;

/// Corpora of other crates, whose own tests say more about them: replayed here too, whatever their verdict.
const ELSEWHERE: [(&str, &str); 5] = [
    ("block", "../types/tests/corpus/block"),
    ("genesis", "../types/tests/corpus/genesis"),
    ("transaction", "../types/tests/corpus/transaction"),
    ("network", "../verify/tests/corpus/network"),
    ("receipt", "../verify/tests/corpus/receipt"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Names and bytes of the files of a folder, in order of their names.
fn entries(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<(String, Vec<u8>)> = files
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect();
    entries.sort();
    entries
}

/// Every target has a corpus, and every corpus a target; both verdicts are shown, and nothing large has crept in.
#[test]
fn every_target_has_a_corpus() {
    let folders: BTreeSet<String> = fs::read_dir(root())
        .expect("the corpora")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(folders, names);
    assert!(TARGETS.is_sorted_by(|(one, _), (next, _)| one < next), "the table is in order");
    for (name, _) in TARGETS {
        let entries = entries(&root().join(name));
        for verdict in ["good-", "bad-"] {
            assert!(entries.iter().any(|(entry, _)| entry.starts_with(verdict)), "{name}: no entry `{verdict}…`");
        }
        assert!(entries.len() <= ENTRIES_MAX, "{name}: {} entries", entries.len());
        for (entry, bytes) in &entries {
            assert!(bytes.len() as u64 <= ENTRY_BYTES_MAX, "{name}/{entry}: {} bytes", bytes.len());
        }
    }
}

/// Each entry is accepted or refused as its name says.
#[test]
fn entries_have_the_verdict_of_their_name() {
    let mut wrong = Vec::new();
    for (name, target) in TARGETS {
        for (entry, bytes) in entries(&root().join(name)) {
            let expected = match entry.split_once('-') {
                Some(("good", _)) => Outcome::Accepted,
                Some(("bad", _)) => Outcome::Refused,
                _ => panic!("{name}/{entry}: a name begins with `good-` or `bad-`"),
            };
            if target(&bytes) != expected {
                wrong.push(format!("{name}/{entry}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not {wrong:?}: has an encoding changed? then run the example `seed`");
}

/// What was interesting to other tests is borne here too.
#[test]
fn entries_from_elsewhere_are_borne() {
    for (name, folder) in ELSEWHERE {
        let target = find(name).expect("a target");
        for (entry, bytes) in entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            let _ = target(&bytes);
            mutate(name, &entry, &bytes, &[], target, MUTATIONS_SLOW);
        }
    }
}

/// Mutations of every entry, always the same ones, are borne: no panic, no second encoding, no forged proof.
#[test]
fn mutations_are_borne() {
    for (name, target) in TARGETS {
        let count = if SLOW.contains(name) { MUTATIONS_SLOW } else { MUTATIONS };
        let entries = entries(&root().join(name));
        for (entry, bytes) in &entries {
            mutate(name, entry, bytes, &entries, *target, count);
        }
    }
}

/// The test above can fail: a target that takes a changed byte for the same is found out.
#[test]
fn a_careless_target_is_found_out() {
    let careless: Target = |bytes| {
        assert!(!bytes.contains(&0xff), "a promise of this target");
        Outcome::Accepted
    };
    let found = std::panic::catch_unwind(|| mutate("careless", "entry", &[0; 64], &[], careless, MUTATIONS));
    assert!(found.is_err());
}

fn mutate(name: &str, entry: &str, bytes: &[u8], others: &[(String, Vec<u8>)], target: Target, count: u64) {
    for number in 0..count {
        let mut dice = Dice::new(name, entry, number);
        let mut mutated = bytes.to_vec();
        for _ in 0..=dice.below(3) {
            change(&mut mutated, others, &mut dice);
        }
        let run = std::panic::AssertUnwindSafe(|| target(&mutated));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("{name}/{entry}, mutation {number}: {}", mutated.escape_ascii());
            std::panic::resume_unwind(panic);
        }
    }
}

fn change(bytes: &mut Vec<u8>, others: &[(String, Vec<u8>)], dice: &mut Dice) {
    const TELLING: [u8; 12] = [0, 1, 2, 0x7f, 0x80, 0xff, b'"', b'{', b'0', b'/', b'\n', b'='];
    let place = dice.below(bytes.len() + 1);
    let telling = TELLING[dice.below(TELLING.len())];
    let end = (place + 1 + dice.below(8)).min(bytes.len());
    match dice.below(8) {
        0 if place < bytes.len() => bytes[place] ^= 1 << dice.below(8),
        1 if place < bytes.len() => bytes[place] = telling,
        2 if place < bytes.len() => bytes[place..end].fill(0xff),
        3 if place < bytes.len() => drop(bytes.drain(place..end)),
        4 => bytes.insert(place, telling),
        5 => bytes.truncate(place),
        6 if place < bytes.len() => {
            let again = bytes[place..].to_vec();
            bytes.extend(again);
        }
        _ => {
            if let Some((_, other)) = others.get(dice.below(others.len().max(1))) {
                let tail = other.get(dice.below(other.len() + 1)..).unwrap_or_default();
                bytes.truncate(place);
                bytes.extend_from_slice(tail);
            }
        }
    }
}

/// Numbers that follow from the target, the entry and the mutation's number.
struct Dice(u64);

impl Dice {
    fn new(name: &str, entry: &str, number: u64) -> Self {
        let digest = Suite::Intl.hash(&[name.as_bytes(), b"/", entry.as_bytes(), &number.to_le_bytes()]);
        let (head, _) = digest.as_bytes().split_first_chunk::<8>().expect("32 bytes");
        Self(u64::from_le_bytes(*head))
    }

    /// A number below this one, which is not zero (SplitMix64).
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).expect("below")
    }
}

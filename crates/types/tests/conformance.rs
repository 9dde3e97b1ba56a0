//! The canonical encoding does not change unseen: every noun has one, it is pinned, and decoders bear any bytes.
//!
//! `encodings.txt` holds, of one sample of every noun, the length and the SHA-256 of its bytes. A changed line is a change
//! of the ledger's format: old blocks no longer read. Renew it (`UPDATE_EXPECT=1`) only with a decision on record.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests stop at the first surprise, as tests do"
)]

use std::path::Path;

use expect_test::expect_file;
use gongxin_crypto::Suite;
use gongxin_types::{ActionCode, FinalizedBlock, Genesis, Refusal, Transaction, codec};
use proptest::prelude::*;

mod samples;

/// The bytes of every noun are those of the day they were fixed.
#[test]
fn encodings_are_pinned() {
    let line = |sample: samples::Sample| {
        format!("{} {} bytes: {}\n", Suite::Intl.hash(&[&sample.bytes]), sample.bytes.len(), sample.name)
    };
    let lines: String = samples::all(Suite::Intl).into_iter().map(line).collect();
    expect_file!["encodings.txt"].assert_eq(&lines);
}

/// In every suite: bytes decode to what they came from, and neither more nor fewer bytes do.
#[test]
fn encodings_are_exact() {
    for suite in Suite::ALL {
        for sample in samples::all(*suite) {
            let name = &sample.name;
            assert_eq!((sample.again)(&sample.bytes).as_ref(), Some(&sample.bytes), "{suite}: {name}");
            let longer = [&sample.bytes[..], &[0]].concat();
            assert_eq!((sample.again)(&longer), None, "{suite}: {name} and a byte");
            let shorter = &sample.bytes[..sample.bytes.len() - 1];
            assert_eq!((sample.again)(shorter), None, "{suite}: {name} less a byte");
        }
    }
}

/// A count or length that claims four gigabytes costs no memory and is refused, wherever it stands.
#[test]
fn claimed_lengths_are_not_believed() {
    for sample in samples::all(Suite::Intl) {
        for place in 0..sample.bytes.len().saturating_sub(3) {
            let mut changed = sample.bytes.clone();
            changed[place..place + 4].fill(0xff);
            is_refused_or_canonical(&sample, &changed);
        }
    }
}

/// Bytes that once were interesting.
#[test]
fn the_corpus_is_borne() {
    let mut count = 0;
    for target in ["transaction", "block", "genesis"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            let again = match target {
                "transaction" => Transaction::from_bytes(&bytes).ok().map(|noun| codec::encode(&noun)),
                "block" => codec::decode::<FinalizedBlock>("block", &bytes).ok().map(|noun| codec::encode(&noun)),
                _ => codec::decode::<Genesis>("genesis", &bytes).ok().map(|noun| codec::encode(&noun)),
            };
            assert!(again.is_none_or(|again| again == bytes));
            count += 1;
        }
    }
    assert!(count >= 9, "{count} files");
}

/// The page that other verifiers are written from numbers acts, their codes and refusals as the encoding does.
#[test]
fn the_page_says_the_same_numbers() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/receipt.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").collect())
        .collect();
    let has = |cells: &[String]| {
        rows.iter()
            .any(|row| row.len() == cells.len() && row.iter().zip(cells).all(|(cell, own)| cell.starts_with(own)))
    };
    let kinds = samples::all(Suite::Intl).into_iter().filter_map(|sample| {
        let code = sample.name.strip_prefix("Action ")?.to_owned();
        (!code.contains(',')).then(|| (sample.bytes[0], code))
    });
    let mut count = 0;
    for (kind, code) in kinds {
        let number = ActionCode::ALL.iter().position(|one| one.code() == code).expect("a code");
        let cells = [kind.to_string(), format!("`{code}`"), number.to_string()];
        assert!(has(&cells), "{cells:?}");
        assert_eq!(usize::from(kind), count, "{code}");
        count += 1;
    }
    assert_eq!(count, 36);
    for (number, refusal) in Refusal::ALL.iter().enumerate() {
        let cells = [number.to_string(), format!("`{}`", refusal.code())];
        assert!(has(&cells), "{cells:?}");
        assert_eq!(codec::encode(refusal), [u8::try_from(number).expect("few")]);
    }
    assert!(!has(&[Refusal::ALL.len().to_string(), "`".into()]), "the page has a refusal too many");
}

/// What decodes, encodes to the same bytes: there is no second way to write anything.
fn is_refused_or_canonical(sample: &samples::Sample, bytes: &[u8]) {
    if let Some(again) = (sample.again)(bytes) {
        assert_eq!(again, bytes, "{} has two encodings", sample.name);
    }
}

proptest! {
    /// No decoder is surprised by any bytes.
    #[test]
    fn any_bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for sample in samples::all(Suite::Intl) {
            is_refused_or_canonical(&sample, &bytes);
        }
    }

    /// Nor by good bytes with one changed, the likeliest to be believed.
    #[test]
    fn any_changed_byte_is_borne(place in any::<prop::sample::Index>(), new in any::<u8>()) {
        for sample in samples::all(Suite::Intl) {
            let mut changed = sample.bytes.clone();
            *place.get_mut(&mut changed) = new;
            is_refused_or_canonical(&sample, &changed);
        }
    }
}

//! Whatever the files hold, the answer is a report: no panic, no verdict of "verified" for a changed receipt.

use std::path::Path;

use gongxin_crypto::Suite;
use gongxin_types::bundle::{Bundle, Network};
use gongxin_verify::{Outcome, bundle, jcs, network};
use proptest::prelude::*;

use crate::fixture::World;

fn usual_files() -> (Vec<u8>, Vec<u8>) {
    let world = World::new(Suite::Intl, "hostile", 4);
    let receipt = world.operation_bundle(&world.usual_block(), 2, 3);
    (bundle::to_bytes(&receipt), bundle::network_to_bytes(&world.file()))
}

/// Files that once were interesting: each is read without a panic, alone and beside good ones.
#[test]
fn the_corpus_is_answered() {
    let (receipt, network_file) = usual_files();
    let mut count = 0;
    for target in ["receipt", "network"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            let _ = (jcs::read::<Bundle>(&bytes), jcs::read::<Network>(&bytes), network::parse(&bytes));
            assert!(!bundle::verify(&bytes, &network_file).ok);
            assert!(!bundle::verify(&receipt, &bytes).ok);
            count += 1;
        }
    }
    assert!(count >= 10, "{count} files");
}

proptest! {
    /// Any bytes at all are answered.
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (receipt, network_file) = usual_files();
        prop_assert!(!bundle::verify(&bytes, &network_file).ok);
        prop_assert!(!bundle::verify(&receipt, &bytes).ok);
        prop_assert!(network::parse(&bytes).is_err());
    }

    /// A receipt with any byte changed does not verify, and neither does the network file.
    #[test]
    fn any_changed_byte_is_noticed(place in any::<prop::sample::Index>(), new in any::<u8>()) {
        let (receipt, network_file) = usual_files();
        for (which, file) in [&receipt, &network_file].into_iter().enumerate() {
            let mut changed = file.clone();
            let place = place.index(changed.len());
            if changed[place] == new {
                continue;
            }
            changed[place] = new;
            let report = if which == 0 { bundle::verify(&changed, &network_file) } else { bundle::verify(&receipt, &changed) };
            prop_assert_ne!(report.outcome, Outcome::Verified, "byte {} of file {}", place, which);
        }
    }

    /// A receipt cut short does not verify.
    #[test]
    fn any_beginning_is_refused(length in any::<prop::sample::Index>()) {
        let (receipt, network_file) = usual_files();
        let report = bundle::verify(&receipt[..length.index(receipt.len())], &network_file);
        prop_assert_eq!(report.outcome, Outcome::Unreadable);
    }
}

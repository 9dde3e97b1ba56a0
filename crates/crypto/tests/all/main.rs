//! One test program for the whole crate: both suites, all encodings, and what other programs make of our files.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests stop at the first surprise, as tests do"
)]

mod encoding;
mod hashing;
mod key_file;
mod merkle;
mod seal;
mod secret_file;
mod signing;
mod verify;

use std::path::PathBuf;

use gongxin_crypto::{SecretKey, Suite};

/// A file of `tests/data`.
fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The `number`th key of a suite; the same in every run.
fn key(suite: Suite, number: u8) -> SecretKey {
    suite.secret_from_seed(&[number; 32])
}

fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "odd hexadecimal");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

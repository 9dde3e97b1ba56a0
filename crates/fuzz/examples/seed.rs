//! Writes the entries of the corpora that follow from our own encoders: `cargo run -p gongxin-fuzz --example seed`, after an
//! encoding has changed. What was found by fuzzing or written by hand stays as it is, and so do entries made with
//! randomness (`key_file`, `sealed_response`), once they are there.
#![expect(clippy::expect_used, clippy::panic, reason = "it writes everything, or says what it could not")]

#[path = "seed/blocks.rs"]
mod blocks;
#[path = "seed/calls.rs"]
mod calls;
#[path = "seed/documents.rs"]
mod documents;
#[path = "seed/registers.rs"]
mod registers;
#[path = "seed/texts.rs"]
mod texts;

use std::fs;
use std::path::Path;

fn main() {
    blocks::write();
    calls::write();
    documents::write();
    registers::write();
    texts::write();
}

/// An entry of a corpus, in place of what stands there.
fn put(target: &str, name: &str, bytes: impl AsRef<[u8]>) {
    assert!(gongxin_fuzz::find(target).is_some(), "`{target}` is no target");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), bytes).expect("a file");
}

/// An entry that differs with every run: only where there is none.
fn put_once(target: &str, name: &str, bytes: impl FnOnce() -> Vec<u8>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target).join(name);
    if !path.exists() {
        put(target, name, bytes());
    }
}

/// Bytes that no decoder of canonical bytes may take for what they look like: cut, lengthened, with a giant's length.
fn put_hostile(target: &str, bytes: &[u8]) {
    put(target, "bad-empty", []);
    put(target, "bad-zeros", [0; 300]);
    put(target, "bad-ones", [0xff; 300]);
    put(target, "bad-cut", bytes.split_last().map_or(bytes, |(_, rest)| rest));
    put(target, "bad-trailing-byte", [bytes, &[0]].concat());
}

/// The same bytes with these in place of those at the first place where they stand.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let place = bytes.windows(from.len()).position(|window| window == from).expect("the bytes to replace");
    let (before, rest) = bytes.split_at(place);
    [before, to, rest.split_at(from.len()).1].concat()
}

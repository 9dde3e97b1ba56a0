//! What sealing saves and costs: seals a copy of a node's `blocks` folder and prints bytes per block before and after.
//!
//! ```sh
//! cp -r DATA/blocks /tmp/blocks && cargo run --release -p gongxin-archive --example sealing -- /tmp/blocks
//! ```
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for whoever measures")]

use std::time::Instant;

use gongxin_archive::Archive;

fn main() {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let archive = Archive::open_with(&folder, 1).unwrap();
    let Some(extent) = archive.extent() else { return };
    let (blocks, before) = (extent.last - extent.first + 1, archive.sizes().unwrap().plain);
    let transactions: usize = (extent.first..=extent.last).map(|height| archive.ids(height).unwrap().len()).sum();
    // A segment is sealed only when another one was begun.
    archive.put(extent.last + 2, u64::MAX, b"the next segment", &[]).unwrap();
    let begun = Instant::now();
    while archive.seal_next().unwrap() {}
    let (took, after) = (begun.elapsed(), archive.sizes().unwrap().sealed);
    println!("{blocks} blocks, {transactions} transactions: {before} bytes, sealed {after} in {took:?}");
    println!(
        "per block {} -> {}; an idle day of 133,000 blocks {} MB",
        before / blocks,
        after / blocks,
        after * 133 / blocks / 1_000
    );
    if transactions > 0 {
        println!("per transaction {} -> {}", before / transactions as u64, after / transactions as u64);
    }
}

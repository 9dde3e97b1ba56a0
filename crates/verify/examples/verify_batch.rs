//! Verify many receipts in one process: the Rust side of `conformance/check`.
//!
//! Reads lines `{"receipt": …, "network": …}` with the bytes of both files in base64url, and writes for each the exit
//! code that `gongxin verify` would end with. With `--bench N` it verifies the first line N times instead and writes the
//! time of one verification.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use gongxin_types::bundle::Encoded;
use gongxin_verify::bundle;

#[derive(serde::Deserialize)]
struct Line {
    receipt: Encoded,
    network: Encoded,
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: Option<u32> = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => None,
        [flag, rounds] if flag == "--bench" => Some(rounds.parse()?),
        _ => return Err("usage: verify_batch [--bench N] < LINES".into()),
    };
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let Line { receipt, network } = serde_json::from_str(&line?)?;
        let code = bundle::verify(&receipt.0, &network.0).outcome.exit_code();
        match rounds {
            None => writeln!(output, "{code}")?,
            Some(rounds) => {
                let start = Instant::now();
                for _ in 0..rounds {
                    std::hint::black_box(bundle::verify(&receipt.0, &network.0));
                }
                writeln!(output, "{code} {:.1} µs", start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds.max(1)))?;
            }
        }
        output.flush()?;
    }
    Ok(())
}

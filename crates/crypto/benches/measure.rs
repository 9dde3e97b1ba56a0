//! Measure what a block pays for: verifying, hashing, proving, sealing. Prints one line per figure.
//!
//! `cargo bench -p gongxin-crypto`. Each figure is the best of several rounds on one core.
#![expect(clippy::print_stdout, reason = "printing figures is its purpose")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use gongxin_crypto::{AeadKey, Digest, Passphrase, PublicKey, SealingSecret, Signature, Suite, key_file, merkle, seal};

const SUITE: Suite = Suite::Intl;
const ROUNDS: u32 = 15;

fn main() {
    verifying();
    hashing();
    proving();
    sealing();
    key_files();
}

fn verifying() {
    let signed: Vec<(PublicKey, Vec<u8>, Signature)> = (0..1024_u32)
        .map(|number| {
            let mut seed = [7; 32];
            seed.iter_mut().zip(number.to_le_bytes()).for_each(|(seed, byte)| *seed = byte);
            let secret = SUITE.secret_from_seed(&seed);
            let message = vec![number as u8; 300];
            let signature = secret.sign(&message);
            (secret.public(), message, signature)
        })
        .collect();
    let items: Vec<_> = signed.iter().map(|(key, message, signature)| (key, message.as_slice(), signature)).collect();
    let single = best(|| {
        for (key, message, signature) in items.iter().take(64) {
            black_box(SUITE.verify(key, message, signature)).unwrap();
        }
    });
    line("verify, one by one, 300 B", single / 64);
    for length in [1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512, 1024] {
        let batch = &items[..length];
        // One equation over them all, which `verify_each` would cut at its own limit.
        let whole = best(|| {
            let mut verifier = SUITE.batch();
            batch.iter().for_each(|(key, message, signature)| verifier.add(key, message, signature));
            verifier.verify(Fixed(1)).unwrap();
        });
        let each = best(|| assert!(SUITE.verify_each(black_box(batch)).into_iter().all(|verdict| verdict)));
        let count = u32::try_from(length).unwrap();
        line(&format!("one batch of {length}, distinct keys, per signature"), whole / count);
        line(&format!("verify_each of {length}, distinct keys, per signature"), each / count);
    }
    let mut spoiled = items.clone();
    for start in (0..1024).step_by(512) {
        spoiled[start + 200].2 = spoiled[start + 201].2;
    }
    line(
        "verify_each of 1024, one wrong in 512, per signature",
        best(|| _ = SUITE.verify_each(black_box(&spoiled))) / 1024,
    );
    let all_wrong: Vec<_> = items.iter().zip(items.iter().skip(1)).map(|(a, b)| (a.0, a.1, b.2)).collect();
    line("verify_each of 1023, all wrong, per signature", best(|| _ = SUITE.verify_each(black_box(&all_wrong))) / 1023);
    let secret = SUITE.secret_from_seed(&[1; 32]);
    line("sign, 300 B", best(|| _ = black_box(secret.sign(&[1; 300]))));
}

/// Not random: only the cost of the equation is measured.
struct Fixed(u64);

impl rand_core::TryRng for Fixed {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.try_next_u64()? as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in destination.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Fixed {}

fn hashing() {
    for length in [64, 300, 4096] {
        let bytes = vec![5; length];
        line(&format!("hash of {length} B"), repeat(1000, || _ = black_box(SUITE.hash(&[black_box(&bytes)]))));
    }
    line("tagged hash of 300 B", repeat(1000, || _ = black_box(SUITE.tagged("gongxin-measure-1", &[&[5; 300]]))));
    line("mac of 64 B", repeat(1000, || _ = black_box(SUITE.mac(&[5; 32], &[&[5; 64]]))));
}

fn proving() {
    let leaves: Vec<Digest> = (0..1000_u32).map(|leaf| merkle::leaf_hash(SUITE, &leaf.to_le_bytes())).collect();
    let tree = merkle::Tree::new(SUITE, leaves.clone());
    let (root, path) = (tree.root(), tree.path(777).unwrap());
    line("merkle root of 1000 leaf hashes", repeat(20, || _ = black_box(merkle::root_of_hashes(SUITE, &leaves))));
    line(
        "merkle inclusion in 1000",
        repeat(100, || merkle::verify_inclusion(SUITE, &leaves[777], 777, 1000, &path, &root).unwrap()),
    );
}

fn sealing() {
    let secret = SealingSecret::generate().unwrap();
    let public = secret.public();
    let sealed = seal::seal(&public, b"info", b"aad", &[1; 300]).unwrap();
    line("seal 300 B", repeat(20, || _ = black_box(seal::seal(&public, b"info", b"aad", &[1; 300]).unwrap())));
    line("open 300 B", repeat(20, || _ = black_box(seal::open(&secret, b"info", b"aad", &sealed).unwrap())));
    let key = AeadKey::generate().unwrap();
    line("aead seal 300 B", repeat(100, || _ = black_box(SUITE.aead_seal(&key, &[0; 12], b"aad", &[1; 300]))));
}

fn key_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key.pem");
    let passphrase = Passphrase::generate().unwrap();
    key_file::write_signing_key(&path, &SUITE.generate().unwrap(), &passphrase).unwrap();
    line("open a key file", best(|| _ = black_box(key_file::read_signing_key(&path, &passphrase).unwrap())));
}

fn repeat(times: u32, mut work: impl FnMut()) -> Duration {
    best(|| (0..times).for_each(|_| work())) / times
}

fn best(mut work: impl FnMut()) -> Duration {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn line(what: &str, time: Duration) {
    println!("{what:<58} {:>10.2} µs", time.as_secs_f64() * 1e6);
}

//! Every limit of this crate, by name, with the sum behind it.

/// Longest digest in bytes: SHA-512 and the 512-bit hashes beside it. A digest is a value kept inline, not on the heap.
pub const DIGEST_LENGTH_MAX: usize = 64;

/// Longest public key in bytes: an uncompressed point of a 256-bit curve without its prefix (2 × 32).
pub const PUBLIC_KEY_LENGTH_MAX: usize = 64;

/// Longest signature in bytes: twice an ordinary elliptic-curve signature of a 256-bit curve (2 × 64).
pub const SIGNATURE_LENGTH_MAX: usize = 128;

/// Signatures in one batch equation. Measured (`cargo bench -p gongxin-crypto`, one core, distinct keys): alone 38 µs; in
/// an equation of 2 31 µs each, of 8 21, of 64 20, of 128 17, of 512 15.5, of 1024 15. Beyond 512 little is left to gain,
/// and one wrong signature makes more neighbours wait for the search.
pub const BATCH_LENGTH_MAX: usize = 512;

/// A list of this size or less, known to hold a wrong signature, is verified one by one: halving it
/// would save at most one single verification of four.
pub const SEARCH_LENGTH_MIN: usize = 4;

/// Longest tag of a tagged hash in bytes: its length is written as one byte.
pub const TAG_LENGTH_MAX: usize = 255;

/// Memory and time cost N of the key files' scrypt, with r = 8 and p = 1: 128 · N · r = 16 MiB, about 26 ms to open.
/// Twice as much would pass `openssl`'s default memory limit of 32 MiB.
pub const KEY_FILE_SCRYPT_COST: u64 = 1 << 14;

/// Highest scrypt cost N · r · p accepted in a key file made elsewhere: 8 times our own, so
/// 128 MiB and about 0.2 s at most.
pub const KEY_FILE_SCRYPT_WORK_MAX: u64 = (1 << 14) * 8 * 8;

/// Most PBKDF2 rounds accepted in a key file made elsewhere (`openssl` writes 2,048, OWASP asks for 600,000): under 2 s.
pub const KEY_FILE_ROUNDS_MAX: u32 = 4_000_000;

/// Longest key file in bytes: an encrypted Ed25519 key takes about 300, an RSA-4096 key (refused by name) about 3,400.
pub const KEY_FILE_LENGTH_MAX: usize = 8 * 1024;

/// Longest passphrase in bytes: what `openssl -passin file:` reads of a line (its buffer of 1,024 less the final zero).
pub const PASSPHRASE_LENGTH_MAX: usize = 1_023;

/// Longest passphrase file in bytes: the passphrase and one newline.
pub const PASSPHRASE_FILE_LENGTH_MAX: usize = PASSPHRASE_LENGTH_MAX + 1;

//! One sealed file with what cannot be rebuilt: how it is written, checked and opened.
//!
//! Keys, configuration and vault of a node or gateway go into one file, sealed to a public key (X25519) whose secret half
//! is kept elsewhere: a machine that makes a backup every night cannot open the ones of before.
//!
//! ```text
//! "gongxin-backup-1\n"
//! u32 length ‖ cover            JSON, readable by anyone: whose it is, of which network, when it was made, sealed to whom
//! the data key, sealed          HPKE to `sealed_to`, with all of the above as associated data
//! (u8 last ‖ u32 length ‖ ciphertext)…   AES-256-GCM; the nonce counts and says which chunk is the last
//! SHA-256 of all of the above   so that anyone can tell a file that was damaged, without a key
//! ```
//!
//! Within the ciphertext: `u32 length ‖ contents` (JSON: name, length and SHA-256 of each part), then the parts, one behind the
//! other. Integers are big-endian.
//!
//! **Promises.** A file that was cut short, or in which one byte was changed, is refused with a sentence, by [`check`] without a
//! key and by [`open`] with one, before anything of it is believed. Parts have fixed names: no path comes out of a file.
//!
//! **Leaves to others.** Which files are parts, and where they go (the program); a consistent copy of the vault (`vault`).
//! Whoever knows the public key can make a file that opens: whether the keys inside are the network's is asked of the network.

mod contents;
mod cover;
mod error;
mod file;
pub mod limits;
mod sealed;

pub use contents::{Entry, Part, PartName, Source};
pub use cover::{Cover, Kind};
pub use error::BackupError;
pub use file::{Opened, check, open, write};

//! Random-looking bytes from one seed, for libraries that want an endless source that never fails.
//!
//! SHA-512 of seed and counter. As good as the seed: 32 bytes of the operating system, or a hash of everything that an
//! adversary could vary (see [`verify`](crate::verify)).

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

const BLOCK_LENGTH: usize = 64;

/// A stream of bytes that the seed determines.
pub(crate) struct DerivedRandom {
    seed: Zeroizing<[u8; 32]>,
    counter: u64,
    block: Zeroizing<[u8; BLOCK_LENGTH]>,
    // Bytes of `block` already given away.
    used: usize,
}

impl DerivedRandom {
    pub(crate) fn new(seed: Zeroizing<[u8; 32]>) -> Self {
        Self { seed, counter: 0, block: Zeroizing::new([0; BLOCK_LENGTH]), used: BLOCK_LENGTH }
    }

    fn next_byte(&mut self) -> u8 {
        if self.used >= BLOCK_LENGTH {
            let hash = Sha512::new().chain_update(*self.seed).chain_update(self.counter.to_le_bytes());
            hash.finalize_into((&mut *self.block).into());
            self.counter = self.counter.wrapping_add(1);
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        byte
    }
}

impl TryRng for DerivedRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        destination.iter_mut().for_each(|byte| *byte = self.next_byte());
        Ok(())
    }
}

impl TryCryptoRng for DerivedRandom {}

//! Fetch unpredictable bytes from the operating system, or from whatever a machine has in its place.
//!
//! There is one place in the house where it has another: the simulation, whose machines draw theirs from a seed. `cargo
//! xtask tidy` sees to it that [`Randomness`] is implemented nowhere else.

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct RandomError(#[from] getrandom::Error);

/// Where a machine's unpredictable bytes come from.
pub trait Randomness: Send + Sync {
    /// Fill `destination` with them.
    ///
    /// # Errors
    /// When there are none to be had.
    fn fill(&self, destination: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct OperatingSystem;

impl Randomness for OperatingSystem {
    fn fill(&self, destination: &mut [u8]) -> Result<(), RandomError> {
        fill(destination)
    }
}

/// Fill `destination` with unpredictable bytes.
pub fn fill(destination: &mut [u8]) -> Result<(), RandomError> {
    Ok(getrandom::fill(destination)?)
}

/// `N` unpredictable bytes. (For a secret, [`fill`] a buffer that wipes itself.)
pub fn array<const N: usize>() -> Result<[u8; N], RandomError> {
    array_of(&OperatingSystem)
}

/// `N` unpredictable bytes of a machine's own.
pub fn array_of<const N: usize>(machine: &dyn Randomness) -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    machine.fill(&mut bytes)?;
    Ok(bytes)
}

//! Fetch unpredictable bytes from the operating system.

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct RandomError(#[from] getrandom::Error);

/// Fill `destination` with unpredictable bytes.
pub fn fill(destination: &mut [u8]) -> Result<(), RandomError> {
    Ok(getrandom::fill(destination)?)
}

/// `N` unpredictable bytes. (For a secret, [`fill`] a buffer that wipes itself.)
pub fn array<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

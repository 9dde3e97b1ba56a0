//! Where an archive stands.

/// The unbroken range of heights that ends at the newest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Lowest height of the range.
    pub first: u64,
    /// Highest height.
    pub last: u64,
}

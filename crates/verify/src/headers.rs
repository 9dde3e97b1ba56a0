//! Check a chain of headers up to the one that validators voted on: finality certifies recursively (PROTOCOL 7).

use gongxin_crypto::Digest;
use gongxin_types::{Certificate, Header, Height};

use crate::certificate::{self, CertificateError};
use crate::network::{TrustedNetwork, TrustedSet};

/// Why headers do not lead to a certified one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadersError {
    /// No header at all.
    #[error("there is no header")]
    Empty,
    /// A header of an encoding that this version does not know.
    #[error("header {height} has encoding version {version}, this verifier knows 1")]
    Version {
        /// Its height.
        height: Height,
        /// The version.
        version: u8,
    },
    /// A header of another network.
    #[error("header {height} is of network `{network}`")]
    OtherNetwork {
        /// Its height.
        height: Height,
        /// The network it names.
        network: Digest,
    },
    /// A header of other validators.
    #[error(
        "header {height} names epoch {epoch}, which is not known or not the next, or other validators than that epoch's"
    )]
    Validators {
        /// Its height.
        height: Height,
        /// The epoch it names.
        epoch: u64,
    },
    /// A header that is not the next one.
    #[error("header {height} does not follow header {before}")]
    Height {
        /// The height before.
        before: Height,
        /// Its height.
        height: Height,
    },
    /// A header with another parent.
    #[error("header {height} does not name the header before it as its parent")]
    Parent {
        /// Its height.
        height: Height,
    },
    /// Time that does not advance.
    #[error("header {height} is not later than the header before it")]
    Time {
        /// Its height.
        height: Height,
    },
    /// A certificate by the validators of another epoch.
    #[error("the votes for header {height} are of epoch {epoch}, not of the header's own")]
    OtherEpoch {
        /// The height of the header.
        height: Height,
        /// The epoch of the votes.
        epoch: u64,
    },
    /// A certificate of another header.
    #[error("the votes are for another header than header {height}")]
    CertifiedElsewhere {
        /// The height of the last header.
        height: Height,
    },
    /// Votes that do not count.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// Checks that each header is the child of the one before, all of them of this network and its validators, and that the
/// certificate is a quorum's votes for the last.
///
/// # Errors
/// See [`HeadersError`].
pub fn check_chain(
    headers: &[Header],
    certificate: &Certificate,
    network: &TrustedNetwork,
) -> Result<(), HeadersError> {
    check_links(headers, network)?;
    check_certified(headers, certificate, network)
}

/// The part of [`check_chain`] that looks at the headers alone.
///
/// # Errors
/// See [`HeadersError`].
pub fn check_links(headers: &[Header], network: &TrustedNetwork) -> Result<(), HeadersError> {
    if headers.is_empty() {
        return Err(HeadersError::Empty);
    }
    headers.iter().try_for_each(|header| check_alone(header, network))?;
    headers.iter().zip(headers.iter().skip(1)).try_for_each(|(before, header)| check_follows(before, header))
}

/// The part of [`check_chain`] that looks at the last header and its certificate.
///
/// # Errors
/// See [`HeadersError`].
pub fn check_certified(
    headers: &[Header],
    certificate: &Certificate,
    network: &TrustedNetwork,
) -> Result<(), HeadersError> {
    let last = headers.last().ok_or(HeadersError::Empty)?;
    if certificate.header != last.digest() {
        return Err(HeadersError::CertifiedElsewhere { height: last.height });
    }
    if certificate.epoch != last.epoch {
        return Err(HeadersError::OtherEpoch { height: last.height, epoch: certificate.epoch });
    }
    Ok(certificate::check(network, certificate)?)
}

fn check_alone(header: &Header, network: &TrustedNetwork) -> Result<(), HeadersError> {
    let height = header.height;
    if header.version != 1 {
        return Err(HeadersError::Version { height, version: header.version });
    }
    if header.network != network.network {
        return Err(HeadersError::OtherNetwork { height, network: header.network });
    }
    // Former validators keep their keys: what they sign beyond their epoch is nothing.
    let over = network.set(header.epoch.saturating_add(1)).map(|next| next.after);
    let in_time = |set: &TrustedSet| set.after < height || height == Height::GENESIS;
    let serves = |set: &TrustedSet| set.root == header.validators_root && in_time(set);
    if !network.set(header.epoch).is_some_and(serves) || over.is_some_and(|last| last < height) {
        return Err(HeadersError::Validators { height, epoch: header.epoch });
    }
    Ok(())
}

fn check_follows(before: &Header, header: &Header) -> Result<(), HeadersError> {
    let height = header.height;
    if height.get().checked_sub(1) != Some(before.height.get()) {
        return Err(HeadersError::Height { before: before.height, height });
    }
    if header.parent != before.digest() {
        return Err(HeadersError::Parent { height });
    }
    if header.time <= before.time {
        return Err(HeadersError::Time { height });
    }
    if header.validators_root != before.next_validators_root || header.epoch != before.next_epoch() {
        return Err(HeadersError::Validators { height, epoch: header.epoch });
    }
    Ok(())
}

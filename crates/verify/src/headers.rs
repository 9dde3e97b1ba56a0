//! Check a chain of headers up to the one that validators voted on: finality certifies recursively (PROTOCOL 7).
//!
//! A header counts only between the change that began its epoch and the one that ended it: former validators keep their
//! keys, and what they sign beyond their epoch is nothing.

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
    /// A header of validators that are not known.
    #[error("header {height} is of epoch {epoch}, whose validators are not known: take a newer network file")]
    Epoch {
        /// Its height.
        height: Height,
        /// The epoch it names.
        epoch: u64,
    },
    /// A header before its epoch.
    #[error("header {height} is of epoch {epoch}, which began only after header {after}")]
    BeforeEpoch {
        /// Its height.
        height: Height,
        /// The epoch it names.
        epoch: u64,
        /// The last header before that epoch.
        after: Height,
    },
    /// A header after its epoch.
    #[error("header {height} is of epoch {epoch}, which ended with header {last}: its validators count no longer")]
    BeyondEpoch {
        /// Its height.
        height: Height,
        /// The epoch it names.
        epoch: u64,
        /// The last header of that epoch.
        last: Height,
    },
    /// A header in the place of the one that ended its epoch.
    #[error("header {height} is another than the one with which epoch {epoch} ended")]
    OtherEnd {
        /// Its height.
        height: Height,
        /// The epoch it names.
        epoch: u64,
    },
    /// A header of other validators.
    #[error("header {height} names other validators than those of epoch {epoch}, or than the header before announced")]
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

/// Checks that each header is the child of the one before, all of them of this network and the validators of their epoch,
/// and that the certificate is a quorum's votes for the last.
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
    let epoch = header.epoch;
    let set = network.set(epoch).ok_or(HeadersError::Epoch { height, epoch })?;
    if set.root != header.validators_root {
        return Err(HeadersError::Validators { height, epoch });
    }
    check_place(header, set, epoch.checked_add(1).and_then(|next| network.set(next)))
}

/// Checks that a header stands in its epoch, and does not contradict the header before the first or in the place of the last.
fn check_place(header: &Header, set: &TrustedSet, next: Option<&TrustedSet>) -> Result<(), HeadersError> {
    let (height, epoch) = (header.height, header.epoch);
    if let Some(began) = set.began {
        if height <= began.height {
            return Err(HeadersError::BeforeEpoch { height, epoch, after: began.height });
        }
        if height == began.height.next() && header.parent != began.header {
            return Err(HeadersError::Parent { height });
        }
    }
    match next.and_then(|next| next.began) {
        Some(ended) if ended.height < height => Err(HeadersError::BeyondEpoch { height, epoch, last: ended.height }),
        Some(ended) if ended.height == height && ended.header != header.digest() => {
            Err(HeadersError::OtherEnd { height, epoch })
        }
        _ => Ok(()),
    }
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

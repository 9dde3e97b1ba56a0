//! Names of things: slugs that people type, and random identifiers that say nothing.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Serialize};

use crate::{
    codec::{text_borsh, text_serde},
    json, limits,
};

/// A short ASCII name: lower-case letters, digits, single `-` or `_` between them. One spelling, so that no look-alike
/// and no bidirectional character can pass for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Box<str>);

/// Text that is no identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct IdError {
    /// What was given, with anything invisible made visible, cut at 80 characters.
    text: String,
    /// What would have been right.
    expected: &'static str,
}

impl IdError {
    fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.chars().take(80).flat_map(char::escape_debug).collect(), expected }
    }
}

const SLUG: &str = "a name of 1 to 64 lower-case ASCII letters and digits, with single `-` or `_` between them";

impl Slug {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let within = !text.is_empty() && text.len() <= limits::SLUG_BYTES_MAX;
        let words = text.split(['-', '_']);
        let spelled = words.into_iter().all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if within && spelled { Ok(Self(text.into())) } else { Err(IdError::new(text, SLUG)) }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

text_borsh!(Slug, limits::SLUG_BYTES_MAX);
text_serde!(Slug);

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub struct $name(Slug);

        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        text_serde!($name);
    };
}

slug_id!(
    /// A member of the network, such as `civil-affairs`.
    OrganizationId
);
slug_id!(
    /// A column of a resource, such as `code`.
    FieldName
);
slug_id!(
    /// A purpose from the network's list, such as `eligibility-check`.
    PurposeCode
);
slug_id!(
    /// A legal basis from the network's list, such as `sharing-regulation-art-20`.
    BasisCode
);
slug_id!(
    /// A policy of the policy set, such as `steward-writes-own-records`.
    PolicyId
);

macro_rules! owned_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub struct $name {
            /// The organization that owns it.
            pub organization: OrganizationId,
            /// Its name within the organization.
            pub name: Slug,
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = || IdError::new(text, $expected);
                let (organization, name) = text.split_once('/').ok_or_else(error)?;
                Ok(Self {
                    organization: organization.parse().map_err(|_| error())?,
                    name: name.parse().map_err(|_| error())?,
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}/{}", self.organization, self.name)
            }
        }

        text_serde!($name);
    };
}

owned_id!(
    /// A catalogued data set, such as `civil-affairs/divisions`.
    ResourceId,
    "a resource such as `civil-affairs/divisions`"
);
owned_id!(
    /// A statutory task, such as `civil-affairs/administrative-divisions`.
    DutyId,
    "a duty such as `civil-affairs/administrative-divisions`"
);

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The identifier with these bytes.
            pub const fn new(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                json::from_hex(text)
                    .map(Self)
                    .map_err(|_| IdError::new(text, "an identifier of 32 lower-case hexadecimal digits"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        text_serde!($name);
    };
}

random_id!(
    /// A person acting for an organization, under a pseudonym.
    OfficerId
);
random_id!(
    /// A server of one organization.
    GatewayId
);
random_id!(
    /// A row of a resource; random, never derived from its key columns (PROTOCOL 18).
    RecordId
);
random_id!(
    /// A grant.
    GrantId
);
random_id!(
    /// A proposal that members vote on.
    ProposalId
);
random_id!(
    /// Something owed within a term.
    ObligationId
);
random_id!(
    /// An act that waits for its second pair of eyes.
    PendingId
);
random_id!(
    /// An alert; not random, but derived from what it is about, so that all who find the same name it the same.
    AlertId
);
random_id!(
    /// One reading, chosen by the reader.
    RequestId
);

/// A notarised digest: the digest of (organization, what was notarised), so that whoever holds the document finds it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct EvidenceId(pub Digest);

impl EvidenceId {
    /// The identifier of what `organization` notarised under `digest`.
    pub fn of(suite: Suite, organization: &OrganizationId, digest: &Digest) -> Self {
        Self(suite.tagged("gongxin-evidence-1", &[&crate::codec::encode(&(organization, digest))]))
    }
}

impl fmt::Display for EvidenceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for EvidenceId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self).map_err(|_| IdError::new(text, "an evidence identifier in hexadecimal"))
    }
}

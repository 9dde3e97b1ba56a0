//! Gateway 前置机: a server of one organization's people and systems, with the keys it signs and is sealed to.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, PublicKey, SealingPublic};
use serde::{Deserialize, Serialize};

use crate::{
    GatewayId, List, OfficerKey, OrganizationId, Time,
    codec::{text_borsh, text_serde},
    limits,
};

/// Where a gateway is reached: `host:port`, the host a DNS name or an IP address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Box<str>);

/// Text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an address such as `gateway.example.gov.cn:8443` or `127.0.0.1:8443`")]
pub struct AddressError;

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let is_name = |host: &str| {
            host.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            })
        };
        let named = text.rsplit_once(':').is_some_and(|(host, port)| {
            is_name(host) && port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
        });
        let numbered =
            text.parse::<SocketAddr>().is_ok_and(|address| address.port() > 0 && address.to_string() == text);
        if text.len() <= limits::ADDRESS_BYTES_MAX && (named || numbered) {
            Ok(Self(text.into()))
        } else {
            Err(AddressError)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

text_borsh!(Address, limits::ADDRESS_BYTES_MAX);
text_serde!(Address);

/// A server of one organization.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Encoding version: 1.
    pub version: u8,
    /// Its identifier.
    pub id: GatewayId,
    /// Whom it serves.
    pub organization: OrganizationId,
    /// Where it is reached.
    pub address: Address,
    /// Digest of its TLS certificate (DER), once it has one.
    pub tls: Option<Digest>,
    /// Keys it signs transactions and access leaves with, oldest first.
    pub keys: List<OfficerKey, { limits::OFFICER_KEYS_MAX }>,
    /// Key that requests to it may be sealed to.
    pub sealing_key: SealingPublic,
    /// When its registration ends by itself.
    pub until: Option<Time>,
    /// When it was revoked.
    pub revoked: Option<Time>,
}

impl Gateway {
    /// Whether the registration holds at this time.
    pub fn is_active_at(&self, time: Time) -> bool {
        self.until.is_none_or(|until| time < until) && self.revoked.is_none_or(|revoked| time < revoked)
    }

    /// The key, if it is the gateway's and valid at this time.
    pub fn key_at(&self, key: &PublicKey, time: Time) -> Option<&OfficerKey> {
        self.keys.iter().find(|own| own.key == *key && own.is_valid_at(time))
    }
}

//! Genesis: the pages a network begins with. Block 1 writes them before its own transactions.
//!
//! Nobody decides over genesis: who starts the network does. But what stands in it must be as well-formed as what is
//! added later, or the first amendment would be refused.

mod check;

use std::collections::BTreeMap;

use borsh::BorshSerialize;
use gongxin_crypto::{Digest, PublicKey, Suite};
use gongxin_policy::PolicySetError;
use gongxin_types::receipt::{Key, Page};
use gongxin_types::transaction::Actor;
use gongxin_types::{Genesis, LegalClock, OrganizationId, ValidatorSet, codec};

use crate::admission::KeyOwner;
use crate::caches::{Head, parameters_digest};
use crate::calendar::CalendarHead;
use crate::heads::Heads;
use crate::key::{self, Kind, ObjectName};
use crate::noun::Noun;
use crate::page;
use crate::policy::Rules;
use crate::protocol::PROTOCOL_VERSIONS;
use crate::term::{self, Cursor};

/// Why a network cannot begin like this.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// Head and objects do not belong together.
    #[error(transparent)]
    Head(#[from] gongxin_types::genesis::GenesisError),
    /// A noun stands in it twice.
    #[error("the {noun} `{id}` stands in genesis twice")]
    Twice {
        /// Which kind of noun.
        noun: &'static str,
        /// Its identifier.
        id: String,
    },
    /// A noun contradicts itself or refers to what genesis does not hold.
    #[error("the {noun} `{id}` contradicts itself or refers to something that genesis does not hold: {reason}")]
    Malformed {
        /// Which kind of noun.
        noun: &'static str,
        /// Its identifier.
        id: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A key that two officers or gateways share.
    #[error("the key `{0}` belongs to two officers or gateways")]
    SharedKey(PublicKey),
    /// Rules that this program does not have.
    #[error(
        "the network begins with version {0} of the rules, this program has {first} to {last}",
        first = PROTOCOL_VERSIONS.start(),
        last = PROTOCOL_VERSIONS.end()
    )]
    ProtocolVersion(u16),
    /// The policy set does not compile.
    #[error("the policy set of genesis does not compile")]
    Policies(#[source] PolicySetError),
}

/// The pages of genesis.
///
/// # Errors
/// See [`GenesisError`].
pub fn genesis(genesis: &Genesis) -> Result<BTreeMap<Key, Page>, GenesisError> {
    genesis.check()?;
    if !PROTOCOL_VERSIONS.contains(&genesis.head.protocol_version) {
        return Err(GenesisError::ProtocolVersion(genesis.head.protocol_version));
    }
    let mut pages = Pages { suite: genesis.head.suite, pages: BTreeMap::new() };
    let objects = &genesis.objects;
    check::check(genesis.head.suite, objects)?;
    Rules::new(&objects.policy_set).map_err(GenesisError::Policies)?;
    let digest = parameters_digest(pages.suite, &objects.parameters);
    pages.set(Kind::Parameters, 1, digest, &codec::encode(&objects.parameters));
    let digest = objects.policy_set.digest(pages.suite);
    pages.set(Kind::PolicySet, objects.policy_set.revision, digest, &codec::encode(&objects.policy_set));
    pages.calendar(genesis);
    pages.slot(key::of(Kind::ProtocolVersion, &(), 0), &genesis.head.protocol_version);
    let validators = ValidatorSet { version: 1, epoch: 0, validators: genesis.head.validators.clone() };
    pages.noun(&(), &validators, &"")?;
    for noun in &objects.organizations {
        pages.noun(&noun.id, noun, &noun.id)?;
    }
    for noun in &objects.officers {
        pages.noun(&noun.id, noun, &noun.id)?;
        pages.keys(&noun.organization, Actor::Officer(noun.id), noun.keys.iter().map(|own| own.key))?;
    }
    let heads = Heads::of(&objects.officers).ok_or(GenesisError::Malformed {
        noun: "officer",
        id: String::new(),
        reason: "an organization has too many authorities",
    })?;
    for (organization, heads) in heads {
        pages.noun(organization, &heads, organization)?;
    }
    for noun in &objects.gateways {
        pages.noun(&noun.id, noun, &noun.id)?;
        pages.keys(&noun.organization, Actor::Gateway(noun.id), noun.keys.iter().map(|own| own.key))?;
    }
    for noun in &objects.duties {
        pages.noun(&noun.id, noun, &noun.id)?;
    }
    for noun in &objects.resources {
        pages.noun(&noun.id, noun, &noun.id)?;
    }
    for noun in &objects.grants {
        pages.noun(&noun.id, noun, &noun.id)?;
    }
    Ok(pages.pages)
}

struct Pages {
    suite: Suite,
    pages: BTreeMap<Key, Page>,
}

impl Pages {
    fn noun<T: Noun>(&mut self, id: &T::Id, noun: &T, text: &impl ToString) -> Result<(), GenesisError> {
        let name = ObjectName::new(T::KIND, id, 1);
        if self.pages.contains_key(&name.key(0)) {
            return Err(GenesisError::Twice { noun: T::NAME, id: text.to_string() });
        }
        let pages = page::split(&codec::encode(noun)).ok_or_else(|| GenesisError::Malformed {
            noun: T::NAME,
            id: text.to_string(),
            reason: "longer than a noun may be",
        })?;
        for (place, page) in (0_u32..).zip(pages) {
            self.pages.insert(name.key(place), page);
        }
        Ok(())
    }

    fn keys(
        &mut self,
        organization: &OrganizationId,
        actor: Actor,
        keys: impl Iterator<Item = PublicKey>,
    ) -> Result<(), GenesisError> {
        for key in keys {
            let owner = KeyOwner { organization: organization.clone(), actor };
            let pages = page::split(&codec::encode(&owner)).unwrap_or_default();
            let before = pages.first().and_then(|page| self.pages.insert(key::key_owner(&key), *page));
            if before.is_some() {
                return Err(GenesisError::SharedKey(key));
            }
        }
        Ok(())
    }

    /// The calendar and the legal clock; terms are looked at from the day of genesis on.
    fn calendar(&mut self, genesis: &Genesis) {
        let (calendar, clock) = (&genesis.objects.calendar, LegalClock::of(&genesis.head));
        let (digest, bytes) = (calendar.digest(self.suite), codec::encode(calendar));
        let set = Head::new(1, digest, &bytes);
        self.slot(key::of(Kind::Calendar, &(), 0), &CalendarHead { set, clock });
        self.blob(&digest, &bytes);
        let over = calendar.ordinal(clock.date(genesis.head.time).previous());
        self.slot(term::cursor_key(), &Cursor { ordinal: over.plus(1), pages: 0 });
    }

    /// A head, and the pages of what it names.
    fn set(&mut self, kind: Kind, revision: u32, digest: Digest, bytes: &[u8]) {
        self.slot(key::of(kind, &(), 0), &Head::new(revision, digest, bytes));
        self.blob(&digest, bytes);
    }

    fn slot<T: BorshSerialize>(&mut self, key: Key, noun: &T) {
        for page in page::split(&codec::encode(noun)).unwrap_or_default() {
            self.pages.insert(key, page);
        }
    }

    fn blob(&mut self, digest: &Digest, bytes: &[u8]) {
        for (place, page) in (0_u32..).zip(page::chunks(bytes)) {
            self.pages.insert(key::blob(digest, place), page);
        }
    }
}

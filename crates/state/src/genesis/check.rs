//! Whether the nouns of genesis hold together: what is added later is judged by the same measure.

use std::collections::{BTreeMap, BTreeSet};

use gongxin_crypto::Suite;
use gongxin_types::genesis::GenesisObjects;
use gongxin_types::resource::{OpenAttribute, ShareAttribute};
use gongxin_types::{BasisCode, DutyId, OfficerKey, OrganizationId, PurposeCode, Resource, ResourceId};

use super::GenesisError;
use crate::{parameters, resource};

/// Refuses nouns that contradict themselves or refer to what genesis does not hold.
pub(super) fn check(suite: Suite, objects: &GenesisObjects) -> Result<(), GenesisError> {
    let known = Known::of(objects)?;
    known.members(suite, objects)?;
    known.catalogue(objects)?;
    hold(
        objects.calendar.is_sound(),
        "calendar",
        &"",
        "its years must ascend and its days be other than the week says",
    )?;
    known.grants(objects)
}

struct Known<'a> {
    bases: BTreeSet<&'a BasisCode>,
    purposes: BTreeSet<&'a PurposeCode>,
    organizations: BTreeSet<&'a OrganizationId>,
    duties: BTreeSet<&'a DutyId>,
    resources: BTreeMap<&'a ResourceId, &'a Resource>,
}

impl<'a> Known<'a> {
    fn of(objects: &'a GenesisObjects) -> Result<Self, GenesisError> {
        let parameters = &objects.parameters;
        let (bases, purposes) = (&parameters.legal_bases, &parameters.purposes);
        hold(parameters::is_well_formed(parameters), "parameters", &"", "its code lists must ascend")?;
        Ok(Self {
            bases: bases.iter().map(|basis| &basis.code).collect(),
            purposes: purposes.iter().map(|purpose| &purpose.code).collect(),
            organizations: objects.organizations.iter().map(|noun| &noun.id).collect(),
            duties: objects.duties.iter().map(|noun| &noun.id).collect(),
            resources: objects.resources.iter().map(|noun| (&noun.id, noun)).collect(),
        })
    }

    fn members(&self, suite: Suite, objects: &GenesisObjects) -> Result<(), GenesisError> {
        for noun in &objects.organizations {
            let parent = noun.parent.iter().all(|parent| *parent != noun.id && self.organizations.contains(parent));
            hold(noun.version == 1 && parent, "organization", &noun.id, "its parent must be another organization")?;
        }
        for noun in &objects.officers {
            let ascending = noun.roles.is_sorted_by(|one, next| one < next);
            let sound = noun.version == 1
                && ascending
                && are_sound(suite, &noun.keys)
                && noun.admitted_by.is_none()
                && noun.given.is_empty();
            hold(sound, "officer", &noun.id, "its roles must ascend and its keys be of the network's suite")?;
            hold(self.organizations.contains(&noun.organization), "officer", &noun.id, "its organization is unknown")?;
        }
        for noun in &objects.gateways {
            let sound = noun.version == 1 && are_sound(suite, &noun.keys);
            hold(sound, "gateway", &noun.id, "its keys must be of the network's suite")?;
            hold(self.organizations.contains(&noun.organization), "gateway", &noun.id, "its organization is unknown")?;
        }
        Ok(())
    }

    fn catalogue(&self, objects: &GenesisObjects) -> Result<(), GenesisError> {
        for noun in &objects.duties {
            let sound = noun.version == 1 && noun.revision > 0 && self.bases.contains(&noun.legal_basis);
            hold(sound, "duty", &noun.id, "its legal basis must be in the list")?;
            hold(self.organizations.contains(&noun.id.organization), "duty", &noun.id, "its organization is unknown")?;
        }
        for noun in &objects.resources {
            let own = noun.duty.organization == noun.id.organization && self.duties.contains(&noun.duty);
            hold(own, "resource", &noun.id, "its duty must be one of its own organization")?;
            if let Some(refusal) = resource::flaw(noun) {
                hold(false, "resource", &noun.id, refusal.words())?;
            }
            let withheld = match &noun.share {
                ShareAttribute::Withheld { legal_basis } => self.bases.contains(legal_basis),
                ShareAttribute::Unconditional | ShareAttribute::Conditional { .. } => true,
            };
            let closed = match &noun.open {
                OpenAttribute::Closed { legal_basis } => self.bases.contains(legal_basis),
                OpenAttribute::Unconditional | OpenAttribute::Conditional { .. } => true,
            };
            hold(withheld && closed, "resource", &noun.id, "its legal bases must be in the list")?;
        }
        Ok(())
    }

    fn grants(&self, objects: &GenesisObjects) -> Result<(), GenesisError> {
        for noun in &objects.grants {
            let resource = self.resources.get(&noun.resource);
            let shared = resource.is_some_and(|resource| {
                !matches!(resource.share, ShareAttribute::Withheld { .. })
                    && noun.fields.iter().all(|name| resource.field(name).is_some())
            });
            let reader = self.organizations.contains(&noun.reader) && noun.reader != noun.resource.organization;
            hold(shared && reader, "grant", &noun.id, "its resource, fields or reader are unknown")?;
            let codes = self.purposes.contains(&noun.purpose) && self.bases.contains(&noun.legal_basis);
            hold(codes, "grant", &noun.id, "its purpose and legal basis must be in the lists")?;
        }
        Ok(())
    }
}

fn are_sound(suite: Suite, keys: &[OfficerKey]) -> bool {
    !keys.is_empty() && keys.iter().all(|own| suite.check_key(&own.key).is_ok())
}

fn hold(holds: bool, noun: &'static str, id: &impl ToString, reason: &'static str) -> Result<(), GenesisError> {
    if holds { Ok(()) } else { Err(GenesisError::Malformed { noun, id: id.to_string(), reason }) }
}

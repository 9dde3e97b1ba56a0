//! The genesis of a planned network: nouns from the plan, rules and code lists from `policy`.

use gongxin_crypto::{PublicKey, Suite};
use gongxin_types::{
    Bilingual, Gateway, Genesis, List, NetworkHead, Officer, OfficerId, OfficerKey, Organization, Parameters, Role,
    Time, Validator, genesis::GenesisObjects, list::TooMany,
};

use super::plan::{OrganizationPlan, Plan};
use crate::failure::Failure;

/// Version of the rules a new network begins with.
const PROTOCOL_VERSION: u16 = 2;
/// Default of PROTOCOL 21.
const RELEASE_LIFETIME_MS: u64 = 24 * 60 * 60 * 1_000;
/// Five years: the longest term the demonstration's members grant each other.
const GRANT_TERM_MS_MAX: u64 = 5 * 365 * 24 * 60 * 60 * 1_000;

/// Nouns of genesis, gathered while keys are made.
#[derive(Default)]
pub(crate) struct Draft {
    organizations: Vec<Organization>,
    officers: Vec<Officer>,
    gateways: Vec<Gateway>,
    validators: Vec<Validator>,
}

impl Draft {
    /// Adds a member.
    pub(crate) fn organization(&mut self, plan: &OrganizationPlan) -> Result<(), Failure> {
        let name =
            Bilingual::new(&plan.zh, &plan.en).map_err(|error| Failure::usage(format_args!("{}: {error}", plan.id)))?;
        self.organizations.push(Organization {
            version: 1,
            id: plan.id.clone(),
            name,
            kind: plan.kind,
            parent: None,
            level: plan.level,
            division: plan.division.clone(),
            expelled: None,
        });
        Ok(())
    }

    /// Adds an officer of a member.
    pub(crate) fn officer(
        &mut self,
        plan: &OrganizationPlan,
        id: OfficerId,
        key: PublicKey,
        roles: &[Role],
    ) -> Result<(), Failure> {
        let mut roles = roles.to_vec();
        roles.sort_unstable();
        roles.dedup();
        self.officers.push(Officer {
            version: 1,
            id,
            organization: plan.id.clone(),
            roles: bounded(roles)?,
            keys: bounded(vec![first_key(key)])?,
            until: None,
            dismissed: None,
            admitted_by: None,
            given: List::empty(),
        });
        Ok(())
    }

    /// Adds the gateway of a member.
    pub(crate) fn gateway(&mut self, gateway: Gateway) {
        self.gateways.push(gateway);
    }

    /// Adds a validator.
    pub(crate) fn validator(&mut self, validator: Validator) {
        self.validators.push(validator);
    }

    /// The genesis, beginning now.
    pub(crate) fn finish(mut self, plan: &Plan, suite: Suite, now: Time) -> Result<Genesis, Failure> {
        self.organizations.sort_by(|one, other| one.id.cmp(&other.id));
        self.officers.sort_by_key(|officer| officer.id);
        self.gateways.sort_by_key(|gateway| gateway.id);
        self.validators.sort_by_key(|validator| validator.key);
        let objects = GenesisObjects {
            parameters: Parameters {
                version: 1,
                release_lifetime_ms: RELEASE_LIFETIME_MS,
                grant_term_ms_max: GRANT_TERM_MS_MAX,
                pending_term_ms: 7 * 86_400_000,
                independence_ms: 30 * 86_400_000,
                legal_bases: gongxin_policy::default_legal_bases(),
                purposes: gongxin_policy::default_purposes(),
            },
            policy_set: gongxin_policy::default_set(),
            organizations: bounded(self.organizations)?,
            officers: bounded(self.officers)?,
            gateways: bounded(self.gateways)?,
            duties: List::empty(),
            resources: List::empty(),
            grants: List::empty(),
            calendar: gongxin_config::holidays::known().map_err(Failure::usage)?,
        };
        let head = NetworkHead {
            version: 1,
            name: plan.name.clone(),
            suite,
            protocol_version: PROTOCOL_VERSION,
            time: now,
            time_scale: plan.time_scale,
            validators: bounded(self.validators)?,
            objects: objects.digest(suite),
        };
        let genesis = Genesis { head, objects };
        genesis.check().map_err(Failure::usage)?;
        Ok(genesis)
    }
}

/// A key that counts from the beginning, for ever.
pub(crate) fn first_key(key: PublicKey) -> OfficerKey {
    OfficerKey { key, from: Time::from_millis(0), until: None, revoked: None }
}

fn bounded<T, const MAX: usize>(items: Vec<T>) -> Result<List<T, MAX>, Failure> {
    List::new(items).map_err(|error: TooMany| Failure::usage(error))
}

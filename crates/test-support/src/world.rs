//! The world of tests: what stands in genesis.

use gongxin_crypto::Suite;
use gongxin_policy::{default_legal_bases, default_purposes, default_set};
use gongxin_types::calendar::notice::{self, Notice};
use gongxin_types::genesis::{ConsensusKey, GenesisObjects, Validator};
use gongxin_types::organization::Level;
use gongxin_types::resource::{Classification, FieldType, OpenAttribute, ShareAttribute, SubjectKind, UpdateCycle};
use gongxin_types::{
    Bilingual, Calendar, Duty, Field, Gateway, Genesis, List, NetworkHead, Officer, OfficerKey, Organization,
    OrganizationKind, Parameters, Resource, Time,
};

use crate::cast::{self, AUTHORITY, Cast, DEPARTMENTS, Person, SUPERVISOR};
use crate::validators::Validators;

/// Consensus time of genesis: 2026-08-01T09:00:00Z.
pub const BEGINNING: Time = Time::from_millis(1_785_574_800_000);

/// The resource of the sandbox: `{code (key), name}`.
pub const DIVISIONS: &str = "civil-affairs/divisions";

/// The duty it is kept under.
pub const DIVISIONS_DUTY: &str = "civil-affairs/administrative-divisions";

/// The law of the divisions.
pub const DIVISIONS_BASIS: &str = "administrative-divisions-regulation-art-17";

/// The genesis of the sandbox.
pub fn genesis(suite: Suite, cast: &Cast, validators: &Validators, seed: u64) -> Genesis {
    let objects = GenesisObjects {
        parameters: parameters(),
        policy_set: default_set(),
        organizations: list(organizations()),
        officers: list(cast.officers.iter().map(officer)),
        gateways: list(cast.gateways.iter().map(|person| gateway(person, seed))),
        duties: list([duty(DIVISIONS_DUTY, DIVISIONS_BASIS)]),
        resources: list([divisions()]),
        grants: List::empty(),
        calendar: calendar(),
    };
    let members = validators.keys().into_iter().map(|(name, key)| Validator {
        name: name.parse().expect("a name"),
        organization: name.parse().expect("a name"),
        key: ConsensusKey(key),
    });
    let head = NetworkHead {
        version: 1,
        name: "sandbox".parse().expect("a name"),
        suite,
        protocol_version: 1,
        time: BEGINNING,
        time_scale: 1,
        validators: list(members),
        objects: objects.digest(suite),
    };
    Genesis { head, objects }
}

/// The parameters of the sandbox: defaults, grants for at most a year.
pub fn parameters() -> Parameters {
    Parameters {
        version: 1,
        release_lifetime_ms: 86_400_000,
        grant_term_ms_max: 366 * 86_400_000,
        pending_term_ms: 7 * 86_400_000,
        independence_ms: 30 * 86_400_000,
        legal_bases: default_legal_bases(),
        purposes: default_purposes(),
    }
}

/// The working days of the sandbox: as the notices for 2025 and 2026 have them; later years are provisional.
pub fn calendar() -> Calendar {
    let notices = [include_str!("../../../data/holidays/2025.json"), include_str!("../../../data/holidays/2026.json")];
    let notices = notices.map(|text| Notice::read(text).expect("a notice"));
    notice::calendar(&notices).expect("a calendar")
}

fn organizations() -> Vec<Organization> {
    let departments = DEPARTMENTS.into_iter().map(|id| organization(id, OrganizationKind::Department));
    let others = [
        organization(AUTHORITY, OrganizationKind::CompetentAuthority),
        organization(SUPERVISOR, OrganizationKind::Supervisor),
    ];
    departments.chain(others).collect()
}

/// A member of this name and kind.
pub fn organization(id: &str, kind: OrganizationKind) -> Organization {
    Organization {
        version: 1,
        id: id.parse().expect("a name"),
        name: text(id),
        kind,
        parent: None,
        level: Level::Province,
        division: "310000".parse().expect("a division code"),
        expelled: None,
    }
}

/// The officer's noun, with one key that is valid from the beginning.
pub fn officer(person: &Person) -> Officer {
    Officer {
        version: 1,
        id: person.officer_id(),
        organization: person.organization.clone(),
        roles: list(person.roles.iter().copied()),
        keys: list([key(person)]),
        until: None,
        dismissed: None,
        admitted_by: None,
        given: list([]),
    }
}

/// The gateway's noun, with one key that is valid from the beginning.
pub fn gateway(person: &Person, seed: u64) -> Gateway {
    Gateway {
        version: 1,
        id: person.gateway_id(),
        organization: person.organization.clone(),
        address: "127.0.0.1:8443".parse().expect("an address"),
        tls: None,
        keys: list([key(person)]),
        sealing_key: cast::sealing(seed, person.organization.as_str()).public(),
        until: None,
        revoked: None,
    }
}

/// The person's key, valid from the beginning.
pub fn key(person: &Person) -> OfficerKey {
    OfficerKey { key: person.secret.public(), from: BEGINNING, until: None, revoked: None }
}

/// A duty of this name under this law.
pub fn duty(id: &str, basis: &str) -> Duty {
    Duty {
        version: 1,
        id: id.parse().expect("a duty's name"),
        title: text(id),
        description: text(id),
        legal_basis: basis.parse().expect("a legal basis"),
        revision: 1,
        withdrawn: None,
    }
}

/// The register of administrative divisions.
pub fn divisions() -> Resource {
    Resource {
        version: 1,
        id: DIVISIONS.parse().expect("a resource's name"),
        duty: DIVISIONS_DUTY.parse().expect("a duty's name"),
        title: Bilingual::new("县以上行政区划代码", "Codes of administrative divisions at county level and above")
            .expect("a title"),
        description: text("GB/T 2260"),
        fields: list([field("code", true, false), field("name", false, false)]),
        subjects: SubjectKind::None,
        share: ShareAttribute::Unconditional,
        open: OpenAttribute::Unconditional,
        classification: Classification::General1,
        update_cycle: UpdateCycle::Yearly,
        revision: 1,
        withdrawn: None,
    }
}

/// A column of text.
pub fn field(name: &str, key: bool, nullable: bool) -> Field {
    Field {
        name: name.parse().expect("a field's name"),
        title: text(name),
        value: FieldType::Text,
        nullable,
        key,
        classification: Classification::General1,
    }
}

/// A list of these, which must fit.
pub fn list<T, const MAX: usize>(items: impl IntoIterator<Item = T>) -> List<T, MAX> {
    match List::new(items.into_iter().collect()) {
        Ok(list) => list,
        Err(error) => panic!("{error}"),
    }
}

/// The same official text in both languages.
pub fn text<const MAX: usize>(text: &str) -> Bilingual<MAX> {
    Bilingual::new(text, text).expect("an official text")
}

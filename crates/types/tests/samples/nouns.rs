//! Organizations, officers, duties, resources, grants, gateways, parameters, policies, genesis.

use gongxin_types::gateway::Address;
use gongxin_types::genesis::{ConsensusKey, GenesisObjects, NetworkHead, Validator};
use gongxin_types::officer::{Gift, Given, Role};
use gongxin_types::organization::{Level, OrganizationKind};
use gongxin_types::parameters::{LegalBasis, Parameters, Purpose};
use gongxin_types::policy_set::{Policy, Source};
use gongxin_types::resource::{
    Classification, Field, FieldType, OpenAttribute, ShareAttribute, SubjectKind, UpdateCycle,
};
use gongxin_types::{
    Date, Duty, Gateway, GatewayId, Genesis, Grant, GrantId, Height, Officer, OfficerId, OfficerKey, Organization,
    PolicySet, Resource, ValidatorSet,
};

use super::terms::calendar;
use super::{Samples, after, both, bytes, list, sealing_key, short, text};

pub(super) fn add(samples: &mut Samples) {
    samples.add("Height", &Height::new(42));
    samples.add("Time", &after(0));
    samples.add("Date", &text::<Date>("2024-12-31"));
    samples.add("Address of a name", &text::<Address>("gateway.example.gov.cn:8443"));
    samples.add("Address of a number", &text::<Address>("[::1]:8443"));
    samples.add("Role", &Role::ALL.to_vec());
    samples.add("OrganizationKind", &OrganizationKind::ALL.to_vec());
    samples.add("Organization", &organization());
    samples.add("OfficerKey", &officer_key(samples));
    samples.add("Officer", &officer(samples));
    samples.add("Duty", &duty());
    samples.add("Resource", &resource());
    samples.add("Grant", &grant());
    samples.add("Gateway", &gateway(samples));
    samples.add("Parameters", &parameters());
    samples.add("PolicySet", &policy_set());
    let genesis = genesis(samples);
    samples.add("Validator", &genesis.head.validators[0]);
    samples.add("NetworkHead", &genesis.head);
    samples.add("GenesisObjects", &genesis.objects);
    samples.add("Genesis", &genesis);
    samples.add("network identity", &genesis.head.id());
    samples.add("ValidatorSet", &validator_set(samples));
    samples.add("validators root", &genesis.head.validators_root());
}

pub(super) fn validator_set(samples: &Samples) -> ValidatorSet {
    ValidatorSet { version: 1, epoch: 1, validators: genesis(samples).head.validators }
}

pub(super) fn organization() -> Organization {
    Organization {
        version: 1,
        id: text("civil-affairs"),
        name: both("民政局", "Civil Affairs Bureau"),
        kind: OrganizationKind::Department,
        parent: Some(text("people-government")),
        level: Level::County,
        division: text("310101"),
        expelled: None,
    }
}

pub(super) fn officer_key(samples: &Samples) -> OfficerKey {
    OfficerKey { key: samples.key("officer"), from: after(0), until: Some(after(86_400)), revoked: None }
}

pub(super) fn officer(samples: &Samples) -> Officer {
    Officer {
        version: 1,
        id: OfficerId::new(short("officer")),
        organization: text("civil-affairs"),
        roles: list(vec![Role::CaseOfficer, Role::DataSteward]),
        keys: list(vec![officer_key(samples)]),
        until: None,
        dismissed: Some(after(7)),
        admitted_by: Some(OfficerId::new(short("admitting officer"))),
        given: list(vec![Given {
            gift: Gift::Role(Role::DataSteward),
            by: OfficerId::new(short("admitting officer")),
            second: Some(OfficerId::new(short("second officer"))),
            time: after(6),
        }]),
    }
}

pub(super) fn duty() -> Duty {
    Duty {
        version: 1,
        id: text("civil-affairs/administrative-divisions"),
        title: both("行政区划管理", "Administrative divisions"),
        description: both("行政区划的设立、撤销、变更", "Establishing, abolishing and changing divisions"),
        legal_basis: text("divisions-regulation-art-3"),
        revision: 2,
        withdrawn: None,
    }
}

pub(super) fn resource() -> Resource {
    let field = |name: &str, value, key: bool| Field {
        name: text(name),
        title: both("数据项", "a field"),
        value,
        nullable: !key,
        key,
        classification: Classification::General1,
    };
    Resource {
        version: 1,
        id: text("civil-affairs/divisions"),
        duty: text("civil-affairs/administrative-divisions"),
        title: both("行政区划代码", "Division codes"),
        description: both("县以上行政区划代码", "Codes of divisions at and above county level"),
        fields: list(vec![
            field("code", FieldType::Text, true),
            field("population", FieldType::Integer, false),
            field("is_urban", FieldType::Boolean, false),
            field("since", FieldType::Date, false),
        ]),
        subjects: SubjectKind::None,
        share: ShareAttribute::Conditional { condition: both("经主管部门同意", "with the authority's consent") },
        open: OpenAttribute::Closed { legal_basis: text("secrets-law-art-9") },
        classification: Classification::Important,
        update_cycle: UpdateCycle::Yearly,
        revision: 3,
        withdrawn: Some(after(3)),
    }
}

pub(super) fn grant() -> Grant {
    Grant {
        version: 1,
        id: GrantId::new(short("grant")),
        resource: text("civil-affairs/divisions"),
        reader: text("housing"),
        fields: list(vec![text("code"), text("since")]),
        purpose: text("eligibility-check"),
        legal_basis: text("sharing-regulation-art-20"),
        until: after(31_536_000),
        revoked: None,
    }
}

pub(super) fn gateway(samples: &Samples) -> Gateway {
    Gateway {
        version: 1,
        id: GatewayId::new(short("gateway")),
        organization: text("civil-affairs"),
        address: text("gateway.example.gov.cn:8443"),
        tls: Some(samples.digest("certificate")),
        keys: list(vec![officer_key(samples)]),
        sealing_key: sealing_key(),
        until: Some(after(1)),
        revoked: None,
    }
}

pub(super) fn parameters() -> Parameters {
    let title = || both("条例第二十条", "Article 20 of the regulation");
    Parameters {
        version: 1,
        release_lifetime_ms: 86_400_000,
        grant_term_ms_max: 31_536_000_000,
        pending_term_ms: 7 * 86_400_000,
        independence_ms: 30 * 86_400_000,
        legal_bases: list(vec![LegalBasis { code: text("sharing-regulation-art-20"), title: title() }]),
        purposes: list(vec![Purpose { code: text("eligibility-check"), title: title() }]),
    }
}

pub(super) fn policy_set() -> PolicySet {
    let policy = Policy {
        id: text("steward-writes-own-records"),
        source: Source::new("permit (principal, action, resource);").expect("short"),
        legal_basis: text("sharing-regulation-art-20"),
        sentence: both("数据管理员可以更新本机构的记录", "a steward writes the records of the own organization"),
    };
    PolicySet {
        version: 1,
        revision: 1,
        schema: Source::new("entity Officer;").expect("short"),
        policies: list(vec![policy]),
    }
}

fn genesis(samples: &Samples) -> Genesis {
    let objects = GenesisObjects {
        parameters: parameters(),
        policy_set: policy_set(),
        organizations: list(vec![organization()]),
        officers: list(vec![officer(samples)]),
        gateways: list(vec![gateway(samples)]),
        duties: list(vec![duty()]),
        resources: list(vec![resource()]),
        grants: list(vec![grant()]),
        calendar: calendar(),
    };
    let validator = Validator {
        name: text("validator-1"),
        organization: text("civil-affairs"),
        key: ConsensusKey(bytes("validator")),
    };
    let head = NetworkHead {
        version: 1,
        name: text("sample"),
        suite: samples.suite,
        protocol_version: 1,
        time: after(0),
        time_scale: 1,
        validators: list(vec![validator]),
        objects: objects.digest(samples.suite),
    };
    let genesis = Genesis { head, objects };
    genesis.check().expect("a genesis that is consistent");
    genesis
}

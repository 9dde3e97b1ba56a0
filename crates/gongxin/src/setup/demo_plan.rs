//! The plan of the demonstration: four offices that agree, two with gateways, an authority and a supervisor.

use std::net::{Ipv4Addr, SocketAddr};

use gongxin_types::{OrganizationKind, Role, Slug, organization::Level};

use super::plan::{GatewayPlan, OfficerPlan, OrganizationPlan, Plan, ValidatorPlan};
use crate::failure::Failure;

/// Ports from the base on: four for peers, four for clients of validators, then one per gateway.
pub(crate) const PORTS: u16 = 4 + 4 + 6;

struct Member {
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    kind: OrganizationKind,
    officers: &'static [(&'static str, Role)],
    validates: bool,
}

const MEMBERS: [Member; 6] = [
    Member {
        id: "civil-affairs",
        zh: "民政局",
        en: "Civil Affairs Bureau",
        kind: OrganizationKind::Department,
        officers: &[
            ("head", Role::Authority),
            ("steward", Role::DataSteward),
            ("clerk", Role::CaseOfficer),
            ("operator", Role::Operator),
        ],
        validates: true,
    },
    Member {
        id: "public-security",
        zh: "公安局",
        en: "Public Security Bureau",
        kind: OrganizationKind::Department,
        officers: &[
            ("head", Role::Authority),
            ("steward", Role::DataSteward),
            ("clerk", Role::CaseOfficer),
            ("operator", Role::Operator),
        ],
        validates: true,
    },
    Member {
        id: "social-security",
        zh: "人力资源和社会保障局",
        en: "Human Resources and Social Security Bureau",
        kind: OrganizationKind::AuthorisedBody,
        officers: &[
            ("head", Role::Authority),
            ("steward", Role::DataSteward),
            ("clerk", Role::CaseOfficer),
            ("operator", Role::Operator),
        ],
        validates: true,
    },
    Member {
        id: "housing",
        zh: "住房和城乡建设局",
        en: "Housing and Urban-Rural Development Bureau",
        kind: OrganizationKind::Department,
        officers: &[
            ("head", Role::Authority),
            ("steward", Role::DataSteward),
            ("clerk", Role::CaseOfficer),
            ("operator", Role::Operator),
        ],
        validates: true,
    },
    Member {
        id: "data-bureau",
        zh: "数据局",
        en: "Data Bureau",
        kind: OrganizationKind::CompetentAuthority,
        officers: &[("authority", Role::Authority)],
        validates: false,
    },
    Member {
        id: "audit-office",
        zh: "审计局",
        en: "Audit Office",
        kind: OrganizationKind::Supervisor,
        officers: &[("supervisor", Role::Supervisor)],
        validates: false,
    },
];

/// The demonstration on ports from `base` on.
pub(crate) fn demo(base: u16) -> Result<Plan, Failure> {
    let port = |offset: u16| base.checked_add(offset).filter(|_| base > 0 && base.checked_add(PORTS).is_some());
    let at = |offset: u16| {
        port(offset).map(|number| SocketAddr::from((Ipv4Addr::LOCALHOST, number))).ok_or_else(|| {
            Failure::usage(format_args!("`--base-port {base}`: {PORTS} ports from there on do not exist"))
        })
    };
    let mut organizations = Vec::new();
    for (member, place) in MEMBERS.iter().zip(0_u16..) {
        let validator = if member.validates {
            Some(ValidatorPlan { p2p: at(place)?, http: at(place.saturating_add(4))? })
        } else {
            None
        };
        organizations.push(OrganizationPlan {
            id: word(member.id)?,
            zh: member.zh.into(),
            en: member.en.into(),
            kind: member.kind,
            level: Level::Prefecture,
            division: word("310000")?,
            officers: officers(member)?,
            validator,
            gateway: Some(GatewayPlan { http: at(place.saturating_add(8))? }),
        });
    }
    Ok(Plan { name: word::<Slug>("gongxin-demo")?, time_scale: 1, organizations })
}

fn officers(member: &Member) -> Result<Vec<OfficerPlan>, Failure> {
    let plan = |(label, role): &(&str, Role)| Ok(OfficerPlan { label: word(label)?, roles: vec![*role] });
    member.officers.iter().map(plan).collect()
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, Failure>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(Failure::usage)
}

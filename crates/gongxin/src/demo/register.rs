//! What the demonstration puts in the catalogue before it loads: a duty, the register of divisions, and a grant of it.

use gongxin_types::{
    Action, Bilingual, Duty, Field, FieldName, Grant, GrantId, List, Resource, Time,
    resource::{Classification, FieldType, OpenAttribute, ShareAttribute, SubjectKind, UpdateCycle},
};

use crate::failure::Failure;
use crate::setup::keys;

/// The register of administrative divisions.
pub(crate) const RESOURCE: &str = "civil-affairs/divisions";
/// The duty it is kept under.
pub(crate) const DUTY: &str = "civil-affairs/administrative-divisions";
/// The law that gives the duty: 行政区划管理条例 art. 17.
pub(crate) const DUTY_BASIS: &str = "administrative-divisions-regulation-art-17";
/// The law under which it is shared: 政务数据共享条例 art. 20.
pub(crate) const SHARING_BASIS: &str = "sharing-regulation-art-20";
/// What housing reads it for.
pub(crate) const PURPOSE: &str = "case-handling";
/// The office that gets the grant.
pub(crate) const READER: &str = "housing";
/// Term of the grant: two years.
const GRANT_TERM_MS: u64 = 2 * 365 * 24 * 60 * 60 * 1_000;

/// The duty.
pub(crate) fn duty() -> Result<Action, Failure> {
    Ok(Action::RegisterDuty(Duty {
        version: 1,
        id: word(DUTY)?,
        title: text("行政区划管理", "Administrative divisions")?,
        description: text(
            "承办行政区划的设立、命名、变更的审核报批，公布行政区划代码",
            "Examines the creation, naming and change of administrative divisions and publishes their codes",
        )?,
        legal_basis: word(DUTY_BASIS)?,
        revision: 1,
        withdrawn: None,
    }))
}

/// The resource.
pub(crate) fn resource() -> Result<Action, Failure> {
    let field = |name: &str, zh: &str, en: &str, key: bool| {
        Ok::<_, Failure>(Field {
            name: word(name)?,
            title: text(zh, en)?,
            value: FieldType::Text,
            nullable: false,
            key,
            classification: Classification::General1,
        })
    };
    let fields = vec![field("code", "行政区划代码", "Division code", true)?, field("name", "名称", "Name", false)?];
    Ok(Action::PublishResource(Resource {
        version: 1,
        id: word(RESOURCE)?,
        duty: word(DUTY)?,
        title: text("县级以上行政区划代码", "Codes of administrative divisions down to county level")?,
        description: text(
            "1981 年以来县级以上行政区划的代码、名称及其设立、更名、撤销",
            "Codes and names of divisions down to county level since 1981: creations, renamings, abolitions",
        )?,
        fields: List::new(fields).map_err(Failure::usage)?,
        subjects: SubjectKind::None,
        share: ShareAttribute::Unconditional,
        open: OpenAttribute::Unconditional,
        classification: Classification::General1,
        update_cycle: UpdateCycle::Yearly,
        revision: 1,
        withdrawn: None,
    }))
}

/// The grant to housing, from `now` on.
pub(crate) fn grant(now: Time) -> Result<Action, Failure> {
    let fields: Vec<FieldName> = vec![word("code")?, word("name")?];
    Ok(Action::IssueGrant(Grant {
        version: 1,
        id: GrantId::new(keys::identifier()?),
        resource: word(RESOURCE)?,
        reader: word(READER)?,
        fields: List::new(fields).map_err(Failure::usage)?,
        purpose: word(PURPOSE)?,
        legal_basis: word(SHARING_BASIS)?,
        until: now.plus_millis(GRANT_TERM_MS),
        revoked: None,
    }))
}

/// Parses a constant of this file.
pub(crate) fn word<T: std::str::FromStr>(text: &str) -> Result<T, Failure>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(Failure::usage)
}

fn text<const MAX: usize>(zh: &str, en: &str) -> Result<Bilingual<MAX>, Failure> {
    Bilingual::new(zh, en).map_err(Failure::usage)
}

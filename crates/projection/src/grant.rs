//! Grants 授权: who may read what; found by owner, by resource and by reader.

use gongxin_state::key::Kind;
use gongxin_types::{Grant, GrantId, OrganizationId, ResourceId};
use rusqlite::{Connection, params};

use crate::noun::{RawFact, raw};
use crate::page::cut;
use crate::store::{insert, rows};
use crate::{Answer, Cursor, Fact, Noun, Page, PageRequest, Projection, ProjectionError};

impl Noun for Grant {
    type Id = GrantId;
    const KIND: u8 = Kind::Grant as u8;
    const STATE: Option<Kind> = Some(Kind::Grant);
    const NAME: &'static str = "grant";

    fn id(&self) -> GrantId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        Some(&self.resource.organization)
    }
}

/// Which grants are asked for; without any condition all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantFilter {
    /// Of this resource.
    pub resource: Option<ResourceId>,
    /// For this reader.
    pub reader: Option<OrganizationId>,
    /// By this owner.
    pub owner: Option<OrganizationId>,
}

impl Projection {
    /// A grant by its identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn grant(&self, id: &GrantId) -> Result<Answer<Option<Fact<Grant>>>, ProjectionError> {
        self.noun(id)
    }

    /// The grants that meet every condition, ended and revoked ones included.
    ///
    /// # Errors
    /// Those of the database.
    pub fn grants(&self, filter: &GrantFilter, page: &PageRequest) -> Result<Page<Fact<Grant>>, ProjectionError> {
        // Only the conditions that are asked for, so that the database takes the index made for them.
        let asked = |asked: bool, condition: &'static str| if asked { condition } else { "" };
        let query = format!(
            "SELECT nouns.revision, nouns.height, nouns.position, nouns.action, nouns.noun
             FROM grants CROSS JOIN nouns ON nouns.kind = ?1 AND nouns.id = grants.id
             WHERE grants.id > ?2 {} {} {}
             ORDER BY grants.id LIMIT ?6",
            asked(filter.resource.is_some(), "AND grants.resource = ?3"),
            asked(filter.reader.is_some(), "AND grants.reader = ?4"),
            asked(filter.owner.is_some(), "AND nouns.owner = ?5"),
        );
        let answer = self.store.read(|snapshot| {
            let values = params![
                Grant::KIND,
                page.after.as_ref().map_or("", Cursor::id),
                filter.resource.as_ref().map(ResourceId::to_string),
                filter.reader.as_ref().map(OrganizationId::as_str),
                filter.owner.as_ref().map(OrganizationId::as_str),
                rows(page.limit()),
            ];
            let found = snapshot.all("list grants", &query, values, raw)?;
            found.into_iter().map(RawFact::decode).collect::<Result<Vec<Fact<Grant>>, ProjectionError>>()
        })?;
        Ok(cut(answer.value, page.limit(), answer.height, |fact| Cursor::of_id(&fact.noun.id)))
    }
}

/// Makes a grant findable by resource and reader; neither ever changes.
pub(crate) fn index(database: &Connection, grant: &Grant) -> rusqlite::Result<()> {
    let query = "INSERT INTO grants (id, resource, reader) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";
    insert(database, query, params![grant.id.to_string(), grant.resource.to_string(), grant.reader.as_str()])
}

//! Vocabulary: the facts of a request in Cedar's words.
//!
//! Every name here stands in `policies/schema.cedarschema`; a test holds both together by building requests of every
//! kind and validating them against the schema.

use std::collections::{HashMap, HashSet};

use cedar::{Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use cedar_policy as cedar;
use gongxin_types::{
    ActionCode, Role, Time,
    organization::Level,
    resource::{Classification, SubjectKind},
};

use crate::request::{
    Context, DataFacts, OrganizationFacts, Principal, PrincipalKind, Request, ResourceFacts, ResourceKind,
};

/// Entity types that a policy may name a single thing of: organizations, acts, and the code lists.
pub(crate) const NAMEABLE: [&str; 10] = [
    "Action",
    "Classification",
    "Level",
    "Matter",
    "Open",
    "Organization",
    "OrganizationKind",
    "Role",
    "Share",
    "Subjects",
];

/// Sender and noun have no names of their own in the rules.
const NAMELESS: &str = "it";

type Attributes = HashMap<String, RestrictedExpression>;

/// Builds Cedar's requests; holds the parsed type names.
pub(crate) struct Vocabulary {
    action: EntityTypeName,
    organization: EntityTypeName,
    organization_kind: EntityTypeName,
    level: EntityTypeName,
    role: EntityTypeName,
    share: EntityTypeName,
    open: EntityTypeName,
    classification: EntityTypeName,
    subjects: EntityTypeName,
    matter: EntityTypeName,
    officer: EntityTypeName,
    gateway: EntityTypeName,
    nouns: Vec<(ResourceKind, EntityTypeName)>,
}

impl Vocabulary {
    /// The words of the schema.
    ///
    /// # Errors
    /// When one of them is no Cedar name, which would be a mistake in this file.
    pub(crate) fn new() -> Result<Self, Box<cedar::ParseErrors>> {
        let nouns = ResourceKind::ALL.iter().map(|kind| Ok((*kind, kind.entity().parse()?)));
        Ok(Self {
            action: "Action".parse()?,
            organization: "Organization".parse()?,
            organization_kind: "OrganizationKind".parse()?,
            level: "Level".parse()?,
            role: "Role".parse()?,
            share: "Share".parse()?,
            open: "Open".parse()?,
            classification: "Classification".parse()?,
            subjects: "Subjects".parse()?,
            matter: "Matter".parse()?,
            officer: "Officer".parse()?,
            gateway: "Gateway".parse()?,
            nouns: nouns.collect::<Result<_, Box<cedar::ParseErrors>>>()?,
        })
    }

    /// The question and the entities it is about; none where the facts contradict each other.
    pub(crate) fn question(
        &self,
        request: &Request,
        schema: Option<&cedar::Schema>,
    ) -> Option<(cedar::Request, Entities)> {
        let principal = self.principal(&request.principal);
        let resource = self.resource(&request.resource)?;
        let question = cedar::Request::new(
            principal.uid(),
            uid(&self.action, request.action.code()),
            resource.uid(),
            context(&request.context)?,
            schema,
        )
        .ok()?;
        let (own, owner) = (&request.principal.organization, &request.resource.owner);
        let mut entities = vec![principal, resource, self.organization(own)];
        if owner.id != own.id {
            entities.push(self.organization(owner));
        }
        // A cycle of parents is an error here, and thereby a deny.
        let entities = Entities::from_entities(entities, schema).ok()?;
        Some((question, entities))
    }

    /// The act's name in the rules; none for `record.write`, which is asked operation by operation.
    pub(crate) fn action(&self, action: ActionCode) -> Option<EntityUid> {
        ResourceKind::of(action).map(|_| uid(&self.action, action.code()))
    }

    fn principal(&self, principal: &Principal) -> Entity {
        let organization = uid(&self.organization, principal.organization.id.as_str());
        let kind = match principal.kind {
            PrincipalKind::Officer => &self.officer,
            PrincipalKind::Gateway => &self.gateway,
        };
        let mut parents: HashSet<EntityUid> = principal.roles.iter().map(|role| self.role(*role)).collect();
        parents.insert(organization.clone());
        let attributes = [attribute("organization", RestrictedExpression::new_entity_uid(organization))];
        entity(uid(kind, NAMELESS), attributes, parents)
    }

    fn resource(&self, resource: &ResourceFacts) -> Option<Entity> {
        let (_, noun) = self.nouns.iter().find(|(kind, _)| *kind == resource.kind)?;
        let owner = RestrictedExpression::new_entity_uid(uid(&self.organization, resource.owner.id.as_str()));
        let mut attributes = vec![attribute("owner", owner)];
        match resource.kind {
            ResourceKind::Organization => {
                attributes.push(self.code("kind", &self.organization_kind, resource.owner.kind.code()));
            }
            ResourceKind::Officer => {
                let roles = resource.roles.iter().map(|role| RestrictedExpression::new_entity_uid(self.role(*role)));
                attributes.push(attribute("roles", RestrictedExpression::new_set(roles)));
                attributes.push(attribute("is_self", RestrictedExpression::new_bool(resource.is_self)));
            }
            _ => {}
        }
        if let Some(matter) = resource.matter {
            attributes.push(self.code("matter", &self.matter, matter.code()));
        }
        if let Some(data) = &resource.data {
            attributes.extend(self.data(data));
        }
        Some(entity(uid(noun, NAMELESS), attributes, HashSet::new()))
    }

    fn data(&self, data: &DataFacts) -> [(String, RestrictedExpression); 4] {
        [
            self.code("share", &self.share, data.share.code()),
            self.code("open", &self.open, data.open.code()),
            self.code("classification", &self.classification, classification_code(data.classification)),
            self.code("subjects", &self.subjects, subjects_code(data.subjects)),
        ]
    }

    fn organization(&self, facts: &OrganizationFacts) -> Entity {
        let attributes = [
            self.code("kind", &self.organization_kind, facts.kind.code()),
            self.code("level", &self.level, level_code(facts.level)),
        ];
        let parents = facts.parent.iter().map(|parent| uid(&self.organization, parent.as_str())).collect();
        entity(uid(&self.organization, facts.id.as_str()), attributes, parents)
    }

    fn role(&self, role: Role) -> EntityUid {
        uid(&self.role, role.code())
    }

    fn code(&self, name: &str, list: &EntityTypeName, code: &str) -> (String, RestrictedExpression) {
        attribute(name, RestrictedExpression::new_entity_uid(uid(list, code)))
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn attribute(name: &str, value: RestrictedExpression) -> (String, RestrictedExpression) {
    (name.to_owned(), value)
}

/// An entity whose attributes are literals, sets of literals or entities: building one cannot fail, and where it
/// would, the entity without attributes makes every rule that reads one an error, which is a deny.
fn entity(
    uid: EntityUid,
    attributes: impl IntoIterator<Item = (String, RestrictedExpression)>,
    parents: HashSet<EntityUid>,
) -> Entity {
    let attributes: Attributes = attributes.into_iter().collect();
    Entity::new(uid.clone(), attributes, parents).unwrap_or_else(|_| Entity::with_uid(uid))
}

fn context(context: &Context) -> Option<cedar::Context> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let mut pairs = vec![attribute("time", instant(context.time)?)];
    if let Some(purpose) = &context.purpose {
        pairs.push(attribute("purpose", text(purpose.as_str())));
    }
    if let Some(basis) = &context.legal_basis {
        pairs.push(attribute("legal_basis", text(basis.as_str())));
    }
    if let Some(reader) = &context.reader {
        pairs.push(attribute("reader", text(reader.as_str())));
    }
    if let Some(until) = context.until {
        pairs.push(attribute("until", instant(until)?));
    }
    cedar::Context::from_pairs(pairs).ok()
}

/// An instant is a number of milliseconds; one beyond Cedar's integers makes the question unanswerable, a deny.
fn instant(time: Time) -> Option<RestrictedExpression> {
    i64::try_from(time.millis()).ok().map(RestrictedExpression::new_long)
}

/// Every level, from the state down.
pub(crate) const LEVELS: [Level; 5] =
    [Level::State, Level::Province, Level::Prefecture, Level::County, Level::Township];

/// Every classification, ascending.
pub(crate) const CLASSIFICATIONS: [Classification; 6] = [
    Classification::General1,
    Classification::General2,
    Classification::General3,
    Classification::General4,
    Classification::Important,
    Classification::Core,
];

/// Every kind of subjects.
pub(crate) const SUBJECTS: [SubjectKind; 3] = [SubjectKind::None, SubjectKind::Person, SubjectKind::LegalPerson];

/// The code of a level, as in JSON.
pub(crate) const fn level_code(level: Level) -> &'static str {
    match level {
        Level::State => "state",
        Level::Province => "province",
        Level::Prefecture => "prefecture",
        Level::County => "county",
        Level::Township => "township",
    }
}

/// The code of a classification, as in JSON.
pub(crate) const fn classification_code(classification: Classification) -> &'static str {
    match classification {
        Classification::General1 => "general1",
        Classification::General2 => "general2",
        Classification::General3 => "general3",
        Classification::General4 => "general4",
        Classification::Important => "important",
        Classification::Core => "core",
    }
}

/// The code of a kind of subjects, as in JSON.
pub(crate) const fn subjects_code(subjects: SubjectKind) -> &'static str {
    match subjects {
        SubjectKind::None => "none",
        SubjectKind::Person => "person",
        SubjectKind::LegalPerson => "legal-person",
    }
}

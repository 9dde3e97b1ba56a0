//! Words: a request as a person would tell it, for whoever wrote the set that answers it wrongly.

use std::fmt;

use gongxin_types::{Effect, PolicyId};

use crate::{
    request::{OrganizationFacts, PrincipalKind, Request, Roles},
    vocabulary::{classification_code, level_code, subjects_code},
};

/// Who would answer otherwise, and how.
pub(super) fn culprit(must: Effect, policy: Option<&PolicyId>) -> String {
    match (must, policy) {
        (Effect::Allow, Some(policy)) => format!("`{policy}` can refuse"),
        (Effect::Allow, None) => "nothing is sure to permit".into(),
        (Effect::Deny, Some(policy)) => format!("`{policy}` can permit"),
        (Effect::Deny, None) => "nothing is sure to refuse".into(),
    }
}

/// The facts of a request without its context, on one line.
pub(super) struct Words<'a>(pub(super) &'a Request);

impl fmt::Display for Words<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { principal, action, resource, .. } = self.0;
        match principal.kind {
            PrincipalKind::Officer => write!(formatter, "an officer with {}", with(&principal.roles))?,
            PrincipalKind::Gateway => formatter.write_str("a gateway")?,
        }
        write!(formatter, " of {}: `{}`", place(&principal.organization), action.code())?;
        match resource.owner.id == principal.organization.id {
            true => formatter.write_str(" at home")?,
            false => write!(formatter, " at {}", place(&resource.owner))?,
        }
        if let Some(data) = &resource.data {
            let (classification, subjects) = (classification_code(data.classification), subjects_code(data.subjects));
            let (share, open) = (data.share.code(), data.open.code());
            write!(formatter, ", share={share} open={open} classification={classification} subjects={subjects}")?;
        }
        if resource.is_self {
            formatter.write_str(", about itself")?;
        }
        if !resource.roles.is_empty() {
            write!(formatter, ", about {}", with(&resource.roles))?;
        }
        resource.matter.map_or(Ok(()), |matter| write!(formatter, ", matter={}", matter.code()))
    }
}

fn with(roles: &Roles) -> String {
    let codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
    if codes.is_empty() { "no role".into() } else { format!("`{}`", codes.join("`, `")) }
}

fn place(organization: &OrganizationFacts) -> String {
    let OrganizationFacts { id, kind, level, parent } = organization;
    let parent = parent.as_ref().map_or(String::new(), |parent| format!(" below `{parent}`"));
    format!("`{id}` ({}, {}{parent})", kind.code(), level_code(*level))
}

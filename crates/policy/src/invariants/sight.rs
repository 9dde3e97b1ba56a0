//! Sight: which facts of a request a policy can tell apart, read off its JSON form.
//!
//! A rule compares; it cannot count, order or take apart what it is not given. So codes and organizations that it does
//! not name are alike to it, but for being the same or not, and an attribute that it does not read may have any value.
//! That is what lets finitely few questions stand for all. Where a form is ambiguous, more is seen rather than less.

use std::collections::{BTreeMap, BTreeSet};

use gongxin_types::Role;
use serde_json::Value;

/// What a policy, or several together, can tell apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    attributes: BTreeSet<String>,
    /// What it names, by type.
    things: BTreeMap<String, BTreeSet<String>>,
    /// Whether it may ask what an organization belongs to.
    pub(crate) parents: bool,
    /// Whether it may ask which of the sender's roles are among the noun's.
    compares_roles: bool,
    /// Whether it asks which act it is beyond its head, or what kind of noun.
    pub(crate) act: bool,
    /// Whether its evaluation may fail: it calculates, or reads what an organization that it names is.
    pub(crate) may_fail: bool,
    /// Objects of the form; evaluation visits each once at most.
    pub(crate) size: u64,
}

impl Sight {
    /// What a policy in Cedar's JSON form sees.
    pub(crate) fn of(policy: &Value) -> Self {
        let mut sight = Self::default();
        for part in ["principal", "resource", "conditions"] {
            policy.get(part).into_iter().for_each(|part| sight.descend(part));
        }
        sight
    }

    /// What both see together.
    pub(crate) fn join(&mut self, other: &Self) {
        self.attributes.extend(other.attributes.iter().cloned());
        for (kind, ids) in &other.things {
            self.things.entry(kind.clone()).or_default().extend(ids.iter().cloned());
        }
        self.parents |= other.parents;
        self.compares_roles |= other.compares_roles;
        self.act |= other.act;
        self.may_fail |= other.may_fail;
        self.size = self.size.saturating_add(other.size);
    }

    /// Whether it reads this attribute, of whatever.
    pub(crate) fn reads(&self, attribute: &str) -> bool {
        self.attributes.contains(attribute)
    }

    /// Whether it names this thing.
    pub(crate) fn names(&self, kind: &str, id: &str) -> bool {
        self.things.get(kind).is_some_and(|ids| ids.contains(id))
    }

    /// The organizations that it names, ascending.
    pub(crate) fn organizations(&self) -> impl Iterator<Item = &str> {
        self.things.get("Organization").into_iter().flatten().map(String::as_str)
    }

    /// Whether it can tell if the sender has this role.
    pub(crate) fn sees_role(&self, role: Role) -> bool {
        self.compares_roles || self.names("Role", role.code())
    }

    /// A rough measure of how many answers it has: what is narrow is asked first.
    pub(crate) fn breadth(&self) -> usize {
        self.things.values().map(BTreeSet::len).sum::<usize>().saturating_add(self.attributes.len())
    }

    fn descend(&mut self, value: &Value) {
        let Value::Object(members) = value else {
            value.as_array().into_iter().flatten().for_each(|item| self.descend(item));
            return;
        };
        self.size = self.size.saturating_add(1);
        if let Some((kind, id)) = thing(members) {
            self.things.entry(kind.to_owned()).or_default().insert(id.to_owned());
        }
        // The head of a policy writes `in` otherwise than its conditions do.
        if members.get("op").is_some_and(|op| op == "in") {
            self.belongs_to(value);
        }
        for (name, member) in members {
            match name.as_str() {
                "Var" => self.act |= member == "action",
                "has" => self.act = true,
                "entity_type" => self.act |= !PRINCIPALS.contains(&member.as_str().unwrap_or_default()),
                "attr" => self.attributes.extend(texts(member)),
                "in" => self.belongs_to(member.get("right").unwrap_or(member)),
                "." => self.may_fail |= member.get("left").is_some_and(|left| holds(left, &is_organization)),
                "+" | "-" | "*" | "neg" => self.may_fail = true,
                _ => {}
            }
            self.descend(member);
        }
    }

    /// The right side of an `in`: only where nothing but roles by name stands there are parents not seen.
    fn belongs_to(&mut self, right: &Value) {
        let other_thing = |member: &Members| thing(member).is_some_and(|(kind, _)| kind != "Role");
        self.parents |= holds(right, &|members| members.contains_key("Var") || other_thing(members));
        let roles = |text: String| text == "roles";
        self.compares_roles |= holds(right, &|members| members.get("attr").is_some_and(|attr| texts(attr).any(roles)));
    }
}

/// Whose kind is no kind of noun.
const PRINCIPALS: [&str; 2] = ["Officer", "Gateway"];

type Members = serde_json::Map<String, Value>;

/// The type and identifier of a single thing that is named here.
fn thing(members: &Members) -> Option<(&str, &str)> {
    Some((members.get("type")?.as_str()?, members.get("id")?.as_str()?))
}

fn is_organization(members: &Members) -> bool {
    thing(members).is_some_and(|(kind, _)| kind == "Organization")
}

/// Whether this is so anywhere within.
fn holds(value: &Value, is_so: &impl Fn(&Members) -> bool) -> bool {
    match value {
        Value::Object(members) => is_so(members) || members.values().any(|member| holds(member, is_so)),
        Value::Array(items) => items.iter().any(|item| holds(item, is_so)),
        _ => false,
    }
}

/// An attribute's name, or several.
fn texts(value: &Value) -> impl Iterator<Item = String> {
    let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    all.iter().filter_map(Value::as_str).map(ToOwned::to_owned)
}

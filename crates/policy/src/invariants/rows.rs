//! Rows: sentences about who may do what, in the vocabulary of `policies/matrix.csv`, read from its tables.

use gongxin_types::{
    ActionCode, Effect, Role,
    resource::{Classification, SubjectKind},
};

use crate::request::{PrincipalKind, ResourceKind};

/// Whom a row speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Gateways.
    Gateway,
    /// Every officer, whatever roles it holds.
    Anyone,
    /// Officers who hold this role, whatever others they hold.
    Holder(Role),
}

/// One row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its line in the file, counted from 1.
    pub(crate) line: u64,
    pub(crate) who: Who,
    /// The acts, in the order of their codes.
    pub(crate) actions: Vec<ActionCode>,
    pub(crate) effect: Effect,
    pub(crate) zh: String,
    pub(crate) en: String,
    relations: Vec<String>,
    condition: Vec<(String, Vec<String>)>,
}

impl Row {
    /// Whether it speaks of this relation of sender and owner.
    pub(crate) fn relates(&self, relation: &str) -> bool {
        self.relations.iter().any(|one| one == relation || one == "any")
    }

    /// Whether the term of this name, if there is one, lets this value through.
    pub(crate) fn admits(&self, name: &str, value: &str) -> bool {
        self.admits_all(name, std::iter::once(value))
    }

    /// Whether the term of this name, if there is one, lets all of these values through.
    pub(crate) fn admits_all<'a>(&self, name: &str, values: impl Iterator<Item = &'a str> + Clone) -> bool {
        let terms = self.condition.iter().filter(|(term, _)| term == name);
        terms.into_iter().all(|(_, allowed)| values.clone().all(|value| allowed.iter().any(|one| one == value)))
    }

    /// Whether nothing but the sender's role and the act matters.
    #[cfg(test)]
    pub(crate) fn is_about_everything(&self) -> bool {
        self.relations == ["any"] && self.condition.is_empty()
    }
}

/// As conditions on `self` are written.
pub(crate) const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The word of a classification in conditions: the four general ones are one.
pub(crate) const fn classification_word(classification: Classification) -> &'static str {
    match classification {
        Classification::Important => "important",
        Classification::Core => "core",
        _ => "general",
    }
}

/// The word of a kind of subjects in conditions.
pub(crate) const fn subjects_word(subjects: SubjectKind) -> &'static str {
    if matches!(subjects, SubjectKind::Person) { "person" } else { "other" }
}

impl Who {
    /// Whether a sender of this kind with these roles is one of them.
    pub(crate) fn includes(self, kind: PrincipalKind, roles: &[Role]) -> bool {
        match (self, kind) {
            (Self::Gateway, kind) => kind == PrincipalKind::Gateway,
            (_, PrincipalKind::Gateway) => false,
            (Self::Anyone, PrincipalKind::Officer) => true,
            (Self::Holder(role), PrincipalKind::Officer) => roles.contains(&role),
        }
    }

    fn read(code: &str) -> Option<Self> {
        match code {
            "gateway" => Some(Self::Gateway),
            "any" => Some(Self::Anyone),
            role => Role::ALL.into_iter().find(|one| one.code() == role).map(Self::Holder),
        }
    }
}

/// The rows of a table, in the order of the file. Where it has no column `effect`, every row has this one.
///
/// # Errors
/// With the line and what is wrong there.
pub(crate) fn read(table: &str, effect: Option<Effect>) -> Result<Vec<Row>, String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let column = |name: &str| {
            let found = headers.iter().position(|header| header == name).and_then(|place| record.get(place));
            found.ok_or_else(|| format!("line {line}: no column `{name}`"))
        };
        let effect = effect.map_or_else(|| read_effect(column("effect")?), Ok);
        let read = || -> Result<Row, String> {
            Ok(Row {
                line,
                who: Who::read(column("role")?).ok_or("no such role")?,
                actions: read_actions(column("action")?, column("resource_kind")?)?,
                effect: effect?,
                zh: read_sentence(column("zh")?)?,
                en: read_sentence(column("en")?)?,
                relations: read_words(column("relation")?, &["own", "child", "other", "any"])?,
                condition: read_condition(column("condition")?, column("resource_kind")?)?,
            })
        };
        rows.push(read().map_err(|reason| format!("line {line}: {reason}"))?);
    }
    Ok(rows)
}

fn read_effect(code: &str) -> Result<Effect, String> {
    match code {
        "allow" => Ok(Effect::Allow),
        "deny" => Ok(Effect::Deny),
        other => Err(format!("effect `{other}`")),
    }
}

fn read_sentence(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("a sentence is missing".into()) } else { Ok(text.into()) }
}

/// The acts of a row: `any`, `any but` some, or codes divided by `|`, each of which is about the kind that the row names.
fn read_actions(codes: &str, kind: &str) -> Result<Vec<ActionCode>, String> {
    let unknown = || format!("no rule sees `{codes}` of `{kind}`");
    let seen = ActionCode::ALL.iter().filter_map(|action| Some((*action, ResourceKind::of(*action)?)));
    let seen: Vec<ActionCode> =
        seen.filter(|(_, of)| kind == "any" || of.code() == kind).map(|(code, _)| code).collect();
    let named = |codes: &str| -> Result<Vec<ActionCode>, String> {
        let find = |code: &str| seen.iter().find(|action| action.code() == code).copied().ok_or_else(unknown);
        codes.split('|').map(find).collect()
    };
    let mut actions = match codes.strip_prefix("any but ") {
        Some(but) => {
            let but = named(but)?;
            seen.iter().filter(|action| !but.contains(action)).copied().collect()
        }
        None if codes == "any" => seen.clone(),
        None => named(codes)?,
    };
    actions.sort();
    if actions.is_empty() { Err(unknown()) } else { Ok(actions) }
}

fn read_words(text: &str, known: &[&str]) -> Result<Vec<String>, String> {
    let unknown = text.split('|').find(|word| !known.contains(word));
    unknown.map_or_else(
        || Ok(text.split('|').map(ToOwned::to_owned).collect()),
        |word| Err(format!("no such word: `{word}`")),
    )
}

/// Terms `name=value|value`, all of which must hold; each only where the kind of noun has such a fact.
fn read_condition(text: &str, kind: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let is_about_data = ResourceKind::ALL.iter().any(|one| one.is_about_data() && one.code() == kind);
    let kinds = gongxin_types::OrganizationKind::ALL.map(|kind| kind.code());
    let terms = text.split_whitespace().map(|term| {
        let (name, values) = term.split_once('=').ok_or_else(|| format!("`{term}` is no term"))?;
        let roles = Role::ALL.map(|role| role.code());
        let known: &[&str] = match name {
            "sender" | "owner" => &kinds,
            "self" if kind == ResourceKind::Officer.code() => &["yes", "no"],
            "only" if kind == ResourceKind::Officer.code() => &roles,
            "share" if is_about_data => &["unconditional", "conditional", "withheld"],
            "open" if is_about_data => &["unconditional", "conditional", "closed"],
            "classification" if is_about_data => &["general", "important", "core"],
            "subjects" if is_about_data => &["person", "other"],
            _ => return Err(format!("no such condition on `{kind}`: `{name}`")),
        };
        Ok((name.to_owned(), read_words(values, known)?))
    });
    terms.collect()
}

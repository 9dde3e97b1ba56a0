//! Check: what would these rules say to this request, from files alone.
//!
//! The formats are Cedar's own: policies (`.cedar`), a schema in either syntax, entities and request as JSON. The
//! semantics are ours: strict validation first, an evaluation error is a deny, identifiers in bytewise order. Reading
//! files is left to the program.

use std::str::FromStr;

use cedar::{Authorizer, Entities, EntityUid, Schema, ValidationMode, Validator};
use cedar_policy as cedar;
use gongxin_types::Effect;
use serde_json::Value;

use crate::{analysis, compiled::judge, limits};

/// One file of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyFile<'a> {
    /// Its name, for messages and for the order of policies without `@id`.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// What the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// Allow or deny.
    pub decision: Effect,
    /// The policies that decided, bytewise ascending: by `@id`, or `policy0`, `policy1`, … in the order of the files.
    pub policies: Vec<String>,
}

/// Which of the given texts cannot be used, and why.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Longer than any real one.
    #[error("{what} is longer than {} bytes", limits::CHECKED_FILE_BYTES_MAX)]
    TooLong {
        /// Which text.
        what: String,
    },
    /// Not what it should be.
    #[error("{what} cannot be read: {reason}")]
    Unreadable {
        /// Which text.
        what: String,
        /// What the parser says.
        reason: String,
    },
    /// Two policies of one name.
    #[error("two policies are named `{id}`")]
    SameName {
        /// The name.
        id: String,
    },
    /// The policies do not fit the schema.
    #[error("the policies do not fit the schema: {reason}")]
    Invalid {
        /// What the validator says.
        reason: String,
    },
}

/// Asks a folder of policies one question.
///
/// # Errors
/// When a text cannot be read, or does not fit the schema.
pub fn check_files(
    policies: &[PolicyFile<'_>],
    schema: &str,
    entities: &str,
    request: &str,
) -> Result<CheckReport, CheckError> {
    stacker::grow(limits::COMPILATION_STACK_BYTES, || check_here(policies, schema, entities, request))
}

fn check_here(
    policies: &[PolicyFile<'_>],
    schema: &str,
    entities: &str,
    request: &str,
) -> Result<CheckReport, CheckError> {
    let files = policies.iter().map(|file| (format!("`{}`", file.name), file.text));
    let others = [("the schema", schema), ("the entities", entities), ("the request", request)];
    for (what, text) in files.chain(others.map(|(what, text)| (what.to_owned(), text))) {
        if text.len() > limits::CHECKED_FILE_BYTES_MAX {
            return Err(CheckError::TooLong { what });
        }
    }
    let policies = read_policies(policies)?;
    let schema = read_schema(schema)?;
    validate(&policies, &schema)?;
    let entities =
        Entities::from_json_str(entities, Some(&schema)).map_err(|error| unreadable("the entities", error))?;
    let request = read_request(request, &schema)?;
    let (decision, policies) = judge(&Authorizer::new().is_authorized(&request, &policies, &entities));
    Ok(CheckReport { decision, policies })
}

fn unreadable(what: impl Into<String>, error: impl std::error::Error) -> CheckError {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason.push_str(": ");
        reason.push_str(&error.to_string());
        cause = error.source();
    }
    CheckError::Unreadable { what: what.into(), reason }
}

fn read_policies(files: &[PolicyFile<'_>]) -> Result<cedar::PolicySet, CheckError> {
    let mut files = files.to_vec();
    files.sort_unstable_by_key(|file| file.name);
    let mut all = cedar::PolicySet::new();
    let mut unnamed = 0_usize;
    for file in files {
        let what = || format!("`{}`", file.name);
        analysis::source(file.text, limits::CHECKED_TOKENS_MAX).map_err(|_| CheckError::Unreadable {
            what: what(),
            reason: "nested too deeply, or too long a policy".into(),
        })?;
        let set = cedar::PolicySet::from_str(file.text).map_err(|error| unreadable(what(), error))?;
        if set.num_of_templates() > 0 {
            return Err(CheckError::Unreadable { what: what(), reason: "templates are not used here".into() });
        }
        // Cedar numbers the policies of a file in the order of the text, and hands them out in any order.
        let mut policies: Vec<&cedar::Policy> = set.policies().collect();
        policies.sort_unstable_by_key(|policy| (policy.id().to_string().len(), policy.id().to_string()));
        for policy in policies {
            let id = policy.annotation("id").map_or_else(|| format!("policy{unnamed}"), ToOwned::to_owned);
            unnamed = unnamed.saturating_add(1);
            all.add(policy.new_id(cedar::PolicyId::new(&id))).map_err(|_| CheckError::SameName { id })?;
        }
    }
    Ok(all)
}

fn read_schema(text: &str) -> Result<Schema, CheckError> {
    if analysis::schema_depth(text) > limits::SCHEMA_BRACKETS_MAX {
        return Err(CheckError::Unreadable { what: "the schema".into(), reason: "nested too deeply".into() });
    }
    if text.trim_start().starts_with('{') {
        return Schema::from_json_str(text).map_err(|error| unreadable("the schema", error));
    }
    Schema::from_cedarschema_str(text).map(|(schema, _)| schema).map_err(|error| unreadable("the schema", error))
}

fn validate(policies: &cedar::PolicySet, schema: &Schema) -> Result<(), CheckError> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let mut found: Vec<String> = result.validation_errors().map(ToString::to_string).collect();
    found.sort_unstable();
    if found.is_empty() { Ok(()) } else { Err(CheckError::Invalid { reason: found.join("; ") }) }
}

fn read_request(text: &str, schema: &Schema) -> Result<cedar::Request, CheckError> {
    let what = "the request";
    let fault = |reason: &str| CheckError::Unreadable { what: what.into(), reason: reason.into() };
    let value: Value = serde_json::from_str(text).map_err(|error| unreadable(what, error))?;
    let Value::Object(mut members) = value else {
        return Err(fault("not a JSON object"));
    };
    let mut entity = |name: &'static str| {
        let value = members.remove(name).ok_or_else(|| fault(&format!("`{name}` is missing")))?;
        read_entity(value).map_err(|reason| fault(&format!("`{name}`: {reason}")))
    };
    let (principal, action, resource) = (entity("principal")?, entity("action")?, entity("resource")?);
    let context = members.remove("context").unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    if let Some((name, _)) = members.iter().next() {
        return Err(fault(&format!("`{name}` is not a member of a request")));
    }
    let context =
        cedar::Context::from_json_value(context, Some((schema, &action))).map_err(|error| unreadable(what, error))?;
    cedar::Request::new(principal, action, resource, context, Some(schema)).map_err(|error| unreadable(what, error))
}

/// An entity as text (`Officer::"x"`), or as Cedar's JSON, with or without its escape.
fn read_entity(value: Value) -> Result<EntityUid, String> {
    match value {
        Value::String(text) => text.parse().map_err(|error: cedar::ParseErrors| error.to_string()),
        other => EntityUid::from_json(other).map_err(|error| error.to_string()),
    }
}

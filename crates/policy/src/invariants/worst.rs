//! Worst case: what a set says when everything that a rule may ask of the context turns out against an invariant.
//!
//! An answer depends on moment, purpose, legal basis, reader and term; there is no end of them to try. So a policy that
//! reads the context is made to say what is worst for the row at hand, whatever the context:
//!
//! | must be | a permit that reads it | a forbid that reads it |
//! |---|---|---|
//! | allowed | says nothing, or fails where it can fail | says so without what it asks of the context |
//! | denied | says so without what it asks of the context | says nothing |
//!
//! "Without what it asks" leaves its head and those conditions that read no context; none of them where it can fail, as a
//! condition that comes first may have kept the next from failing. An evaluation error is a deny (PROTOCOL 13), so
//! a permit that can fail can forbid. Policies that read no context stay as they are.

use gongxin_types::Effect;
use serde_json::{Value, json};

use crate::analysis;

/// The JSON form of a policy that reads the context, as it is worst for what `must` be; none where it then says nothing.
pub(crate) fn worst(policy: &Value, may_fail: bool, must: Effect) -> Option<Value> {
    let is_permit = policy.get("effect").is_some_and(|effect| effect == "permit");
    match (must, is_permit) {
        (Effect::Allow, true) if may_fail => Some(with(policy, "forbid", json!([]))),
        (Effect::Allow, true) | (Effect::Deny, false) => None,
        (Effect::Allow, false) => Some(with(policy, "forbid", apart_from_context(policy, may_fail))),
        (Effect::Deny, true) => Some(with(policy, "permit", apart_from_context(policy, may_fail))),
    }
}

fn apart_from_context(policy: &Value, may_fail: bool) -> Value {
    let conditions = policy.get("conditions").and_then(Value::as_array).into_iter().flatten();
    let kept = conditions.filter(|condition| !may_fail && !analysis::inspect(condition).reads_context);
    Value::Array(kept.cloned().collect())
}

/// The policy with the same head.
fn with(policy: &Value, effect: &str, conditions: Value) -> Value {
    let head = ["principal", "action", "resource"];
    let mut members: serde_json::Map<String, Value> =
        head.iter().filter_map(|part| Some(((*part).to_owned(), policy.get(*part)?.clone()))).collect();
    members.insert("effect".into(), effect.into());
    members.insert("conditions".into(), conditions);
    Value::Object(members)
}

//! What is refused before a set can ever be asked, each with the reason.

use gongxin_types::{List, PolicySet, policy_set::Source};

use super::arbitrary::{policy, set_of};
use crate::{CompiledSet, default_set};

fn refusal(set: &PolicySet) -> String {
    CompiledSet::compile(set).expect_err("is refused").to_string()
}

/// Each text is refused for its own reason.
#[test]
fn a_policy_that_goes_too_far_is_refused() {
    let when = |condition: &str| format!("permit (principal, action, resource) when {{ {condition} }};");
    let chain = ["context.time < 5"; 60].join(" && ");
    let deep = format!("{}true{}", "(".repeat(20), ")".repeat(20));
    let long = format!("[{}].contains(1)", (0..600).map(|number| number.to_string()).collect::<Vec<_>>().join(", "));
    let table = [
        (when(&chain), "policy `p000` is nested deeper than 96 levels"),
        (when(&deep), "policy `p000` nests more than 16 brackets"),
        (when(&long), "policy `p000` has more than 1024 words and signs"),
        ("permit (principal, action, resource)".into(), "policy `p000` is not one Cedar policy"),
        (when("true").repeat(2), "policy `p000` is not one Cedar policy"),
        ("permit (principal == ?principal, action, resource);".into(), "policy `p000` is not one Cedar policy"),
        (
            when("ip(\"10.0.0.1\") == ip(\"10.0.0.2\")"),
            "policy `p000` calls `ip`: extension functions are not used on the ledger",
        ),
        (
            when("decimal(\"1.0\").lessThan(decimal(\"2.0\"))"),
            "policy `p000` calls `decimal`: extension functions are not used on the ledger",
        ),
        (
            "permit (principal == Officer::\"it\", action, resource);".into(),
            "policy `p000` names a single `Officer`: rules speak of roles, organizations and attributes",
        ),
        (
            when("resource == Duty::\"it\""),
            "policy `p000` names a single `Duty`: rules speak of roles, organizations and attributes",
        ),
        (
            when("[Gateway::\"it\"].contains(principal)"),
            "policy `p000` names a single `Gateway`: rules speak of roles, organizations and attributes",
        ),
        (
            "@id(\"p001\") permit (principal, action, resource);".into(),
            "annotation `@id` of policy `p000` differs from what the set says",
        ),
        (
            "@legal_basis(\"another-law\") permit (principal, action, resource);".into(),
            "annotation `@legal_basis` of policy `p000` differs from what the set says",
        ),
    ];
    for (source, reason) in table {
        let refused = CompiledSet::compile(&set_of([source.as_str()])).err().map(|error| error.to_string());
        assert_eq!(refused.as_deref(), Some(reason), "{source}");
    }
}

/// What does not fit the schema is refused: an unknown attribute, a misspelt code, a rule that can never match.
#[test]
fn a_policy_that_misses_the_schema_is_refused() {
    let table = [
        "permit (principal, action, resource) when { resource.colour == \"red\" };",
        "permit (principal in Role::\"clerk\", action, resource);",
        "permit (principal, action == Action::\"record.write\", resource);",
        "permit (principal, action == Action::\"access.read\", resource) when { resource.share == Share::\"secret\" };",
        "permit (principal, action, resource) when { resource.share == Share::\"withheld\" };",
        "permit (principal, action, resource) when { context.purpose == \"correction\" };",
        "permit (principal, action, resource) when { context.time == \"now\" };",
        "permit (principal is Gateway, action, resource) when { principal in Role::\"operator\" };",
        "permit (principal, action == Action::\"access.read\", resource is Duty);",
    ];
    for source in table {
        let reason = refusal(&set_of([source]));
        assert!(reason.starts_with("the policies do not fit the schema: "), "{source}: {reason}");
    }
}

/// A set is refused for its version, a schema that nobody fills, its order, and more policies than a receipt can name.
#[test]
fn a_set_that_is_not_well_formed_is_refused() {
    let good = set_of(["permit (principal, action, resource);"]);
    assert_eq!(
        refusal(&PolicySet { version: 2, ..good.clone() }),
        "policy set version `2` is not known to this program"
    );
    let schema =
        Source::new("entity Officer; action read appliesTo { principal: Officer, resource: Officer };").unwrap();
    assert_eq!(
        refusal(&PolicySet { schema, ..good.clone() }),
        "the schema is not one that this program supplies facts for"
    );
    let source = "permit (principal, action, resource);";
    for ids in [["b", "a"], ["b", "b"]] {
        let policies = List::new(ids.map(|id| policy(id, source)).to_vec()).unwrap();
        assert!(refusal(&PolicySet { policies, ..good.clone() }).contains("out of order"));
    }
    let crowd = ["permit (principal, action == Action::\"duty.amend\", resource);"; 33];
    assert_eq!(refusal(&set_of(crowd)), "more than 32 policies apply to `duty.amend`");
}

/// Hostile sources are refused or accepted, and never bring the program down.
#[test]
fn hostile_sources_do_no_harm() {
    let longest = gongxin_types::limits::POLICY_BYTES_MAX;
    for unit in [
        "(", "[", "{", "!", "-", "a.", "\"", "\\", "//", "if ", "@a", "1+", "a&&", "\u{202E}", "permit(", ";", "%",
        "a has b.", "\"\\",
    ] {
        let _ = CompiledSet::compile(&set_of([unit.repeat(longest / unit.len()).as_str()]));
        let inside = format!("permit (principal, action, resource) when {{ {} }};", unit.repeat(400 / unit.len()));
        let _ = CompiledSet::compile(&set_of([inside.as_str()]));
    }
}

/// A quotation mark or a comment hides no bracket from the count, and none in them is counted.
#[test]
fn brackets_in_words_do_not_count() {
    let quoted = format!(
        "permit (principal, action, resource) when {{ \"\\\"{}\" != \"\" }}; // {}",
        "(".repeat(40),
        "(".repeat(40)
    );
    assert!(CompiledSet::compile(&set_of([quoted.as_str()])).is_ok());
}

/// The default policies keep every bound with room for as many again.
#[test]
fn the_default_policies_are_well_within_the_bounds() {
    let set = default_set();
    CompiledSet::compile(&set).unwrap();
    assert!(set.policies.len() * 2 < gongxin_types::limits::POLICIES_MAX);
    assert!(
        set.policies.iter().all(|policy| policy.source.as_str().len() * 2 < gongxin_types::limits::POLICY_BYTES_MAX)
    );
    assert!(set.schema.as_str().len() * 2 < gongxin_types::limits::SCHEMA_BYTES_MAX);
}

//! `gongxin policy check`: Cedar's files in, a decision out.

use gongxin_types::Effect;

use crate::{CheckError, CheckReport, PolicyFile, check_files};

const SCHEMA: &str = "entity User in [Group] { age: Long }; entity Group; entity Photo { owner: User };
    action view appliesTo { principal: User, resource: Photo, context: { hour?: Long } };";
const ENTITIES: &str = r#"[
    {"uid": {"type": "User", "id": "ann"}, "attrs": {"age": 9223372036854775807}, "parents": [{"type": "Group", "id": "staff"}]},
    {"uid": {"type": "Group", "id": "staff"}, "attrs": {}, "parents": []},
    {"uid": {"type": "Photo", "id": "p"}, "attrs": {"owner": {"__entity": {"type": "User", "id": "ann"}}}, "parents": []}
]"#;
const REQUEST: &str = r#"{"principal": "User::\"ann\"", "action": "Action::\"view\"", "resource": "Photo::\"p\"", "context": {"hour": 9}}"#;

fn check(policies: &[&str], request: &str) -> Result<CheckReport, CheckError> {
    let names: Vec<String> = (0..policies.len()).map(|place| format!("{place}.cedar")).collect();
    let files: Vec<PolicyFile<'_>> = names.iter().zip(policies).map(|(name, text)| PolicyFile { name, text }).collect();
    check_files(&files, SCHEMA, ENTITIES, request)
}

fn report(decision: Effect, policies: &[&str]) -> CheckReport {
    CheckReport { decision, policies: policies.iter().map(ToString::to_string).collect() }
}

/// Policies are named by `@id` or by their place over all files; those that decided are listed in bytewise order.
#[test]
fn deciding_policies_are_named() {
    let files = [
        "permit (principal, action, resource) when { resource.owner == principal };",
        "@id(\"staff-views\") permit (principal in Group::\"staff\", action, resource); permit (principal, action, resource) when { context has hour };",
    ];
    assert_eq!(check(&files, REQUEST).unwrap(), report(Effect::Allow, &["policy0", "policy2", "staff-views"]));
    let forbid = "@id(\"night\") forbid (principal, action, resource) unless { context has hour && context.hour > 9 };";
    assert_eq!(check(&[files[0], files[1], forbid], REQUEST).unwrap(), report(Effect::Deny, &["night"]));
    assert_eq!(check(&[], REQUEST).unwrap(), report(Effect::Deny, &[]));
}

/// A policy that fails denies and is named, where Cedar alone would go on without it.
#[test]
fn an_error_is_a_deny() {
    let files = [
        "permit (principal, action, resource); @id(\"sum\") permit (principal, action, resource) when { principal.age + 1 > 0 };",
    ];
    assert_eq!(check(&files, REQUEST).unwrap(), report(Effect::Deny, &["sum"]));
}

/// Entities in a request may be written as text or as JSON.
#[test]
fn a_request_may_be_written_in_two_ways() {
    let request = r#"{"principal": {"type": "User", "id": "ann"}, "action": {"__entity": {"type": "Action", "id": "view"}}, "resource": "Photo::\"p\""}"#;
    assert_eq!(check(&["permit (principal, action, resource);"], request).unwrap().decision, Effect::Allow);
}

/// What cannot be used is named, with the reason.
#[test]
fn unusable_texts_are_named() {
    let all = "permit (principal, action, resource);";
    let error = |policies: &[&str], request: &str| check(policies, request).expect_err("is refused").to_string();
    assert!(error(&["permit (principal"], REQUEST).starts_with("`0.cedar` cannot be read: "));
    assert!(error(&["permit (principal == ?principal, action, resource);"], REQUEST).contains("templates"));
    assert!(
        error(&["permit (principal, action, resource) when { principal.name == 1 };"], REQUEST)
            .starts_with("the policies do not fit")
    );
    assert_eq!(error(&[&format!("@id(\"x\") {all} @id(\"x\") {all}")], REQUEST), "two policies are named `x`");
    assert_eq!(error(&[all], "[]"), "the request cannot be read: not a JSON object");
    assert_eq!(error(&[all], "{}"), "the request cannot be read: `principal` is missing");
    assert!(
        error(&[all], &REQUEST.replace("\"context\"", "\"colour\"")).ends_with("`colour` is not a member of a request")
    );
    assert!(error(&[all], &REQUEST.replace("view", "edit")).starts_with("the request cannot be read: "));
    assert!(error(&[all], &REQUEST.replace("9}", "\"x\"}")).starts_with("the request cannot be read: "));
    assert!(error(&[&"(".repeat(100_000)], REQUEST).contains("nested too deeply"));
    let deep = format!("type T = {}Long{};", "Set<".repeat(20_000), ">".repeat(20_000));
    assert!(check_files(&[], &deep, "[]", REQUEST).expect_err("is refused").to_string().contains("nested too deeply"));
    let long = " ".repeat(crate::limits::CHECKED_FILE_BYTES_MAX + 1);
    assert!(
        check_files(&[], &long, "[]", REQUEST).expect_err("is refused").to_string().starts_with("the schema is longer")
    );
}

/// The default policies answer a request written by hand, as in the handbook.
#[test]
fn the_default_policies_can_be_checked_from_files() {
    let files = [
        PolicyFile { name: "bounds.cedar", text: include_str!("../../../../policies/bounds.cedar") },
        PolicyFile { name: "records.cedar", text: include_str!("../../../../policies/records.cedar") },
    ];
    let request = r#"{"principal": "Officer::\"it\"", "action": "Action::\"record.create\"", "resource": "Record::\"it\"", "context": {"time": 1}}"#;
    let entities = |owner: &str| {
        format!(
            r#"[{{"uid": {{"type": "Officer", "id": "it"}}, "attrs": {{"organization": {{"__entity": {{"type": "Organization", "id": "housing"}}}}}},
                 "parents": [{{"type": "Role", "id": "data-steward"}}, {{"type": "Organization", "id": "housing"}}]}},
                {{"uid": {{"type": "Record", "id": "it"}}, "parents": [], "attrs": {{
                    "owner": {{"__entity": {{"type": "Organization", "id": "{owner}"}}}},
                    "share": {{"__entity": {{"type": "Share", "id": "conditional"}}}},
                    "open": {{"__entity": {{"type": "Open", "id": "closed"}}}},
                    "classification": {{"__entity": {{"type": "Classification", "id": "general1"}}}},
                    "subjects": {{"__entity": {{"type": "Subjects", "id": "none"}}}}}}}}]"#
        )
    };
    let check = |owner: &str| check_files(&files, crate::SCHEMA, &entities(owner), request).unwrap();
    assert_eq!(check("housing"), report(Effect::Allow, &["steward-writes-own-records"]));
    assert_eq!(check("civil-affairs"), report(Effect::Deny, &["nobody-writes-records-of-others"]));
}

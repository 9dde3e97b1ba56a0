//! The invariants of every set: which sets may not be proposed, and by which row.

use expect_test::expect;
use gongxin_types::{Effect, List, PolicySet};

use super::arbitrary::{policy, set_of};
use crate::{
    InvariantError, check_invariants, default_set,
    invariants::{
        Cost, Examination, MUST_ALLOW, MUST_DENY, invariants,
        rows::{self, Row},
    },
    limits,
};

/// The default set without these policies, and with these texts.
fn changed(without: &[&str], with: &[&str]) -> PolicySet {
    let mut set = default_set();
    let mut policies = set.policies.to_vec();
    let before = policies.len();
    policies.retain(|policy| !without.contains(&policy.id.as_str()));
    assert_eq!(policies.len() + without.len(), before, "one of {without:?} is not a policy");
    policies.extend(with.iter().enumerate().map(|(place, source)| policy(&format!("zz-added-{place}"), source)));
    set.policies = List::new(policies).unwrap();
    set
}

/// The rows that a set breaks, as `allow 2` and `deny 2`.
fn broken(set: &PolicySet) -> Vec<String> {
    let mut examination = Examination::of(set).unwrap();
    let ask = |row: &Row| match examination.keeps(row) {
        Ok(()) => None,
        Err(InvariantError::Broken { must, line, .. }) => {
            Some(format!("{} {line}", if must == Effect::Allow { "allow" } else { "deny" }))
        }
        Err(error) => panic!("{error}"),
    };
    invariants().iter().filter_map(ask).collect()
}

fn cost(set: &PolicySet) -> Cost {
    let mut examination = Examination::of(set).unwrap();
    invariants().iter().for_each(|row| examination.keeps(row).unwrap());
    examination.cost
}

fn refusal(set: &PolicySet) -> String {
    check_invariants(set).unwrap_err().to_string()
}

/// What a network begins with keeps every row, with few questions: a set ten times as rich could still be asked.
#[test]
fn the_default_set_keeps_every_invariant() {
    check_invariants(&default_set()).unwrap();
    let cost = cost(&default_set());
    assert!((100..1_000).contains(&cost.questions), "{cost:?}");
    assert!(cost.steps * 25 < limits::INVARIANT_STEPS_MAX, "{cost:?}");
}

/// Every row, in the order of the files, with a set that breaks this one and no other.
#[test]
fn each_row_is_broken_by_a_set_of_its_own() {
    let forbid =
        |action: &str, when: &str| format!("forbid (principal, action == Action::\"{action}\", resource) {when};");
    let table: [(&str, &[&str], String); 21] = [
        ("allow 2", &[], forbid("proposal.open", "when { resource.matter == Matter::\"policy-set\" }")),
        ("allow 3", &[], forbid("proposal.vote", "when { principal.organization == Organization::\"housing\" }")),
        ("allow 4", &[], forbid("proposal.withdraw", "when { context.time > 5 }")),
        ("allow 5", &[], forbid("officer.register", "when { resource.owner.level == Level::\"township\" }")),
        ("allow 6", &[], forbid("officer.dismiss", "when { resource.roles.contains(Role::\"supervisor\") }")),
        ("allow 7", &[], forbid("officer.recover", "when { principal in Organization::\"government\" }")),
        ("allow 8", &[], forbid("pending.approve", "when { context.time > 5 }")),
        ("allow 9", &["officer-keeps-own-keys"], forbid("record.delete", "")),
        (
            "deny 2",
            &["gateways-carry-readings-and-alerts"],
            "permit (principal is Gateway, action == Action::\"evidence.notarise\", resource) when { context.time > 5 };".into(),
        ),
        (
            "deny 3",
            &["nobody-writes-records-of-others"],
            "permit (principal, action == Action::\"record.update\", resource) when { context.time > 5 };".into(),
        ),
        ("deny 4", &["nobody-changes-own-appointment"], forbid("record.delete", "")),
        ("deny 5", &["withheld-data-is-not-granted"], forbid("record.delete", "")),
        (
            "deny 6",
            &["withheld-data-is-not-read-by-others"],
            "permit (principal in Role::\"supervisor\", action == Action::\"access.read\", resource) when { resource.owner == Organization::\"housing\" };".into(),
        ),
        (
            "deny 7",
            &["core-data-stays-outside"],
            "forbid (principal, action in [Action::\"resource.publish\", Action::\"resource.amend\"], resource) when { resource.classification == Classification::\"core\" };".into(),
        ),
        ("deny 8", &["core-data-is-not-read-by-others"], forbid("record.delete", "")),
        ("deny 9", &["personal-data-is-not-open-to-all"], forbid("record.delete", "")),
        ("deny 10", &["withheld-data-is-not-open-to-all"], forbid("record.delete", "")),
        ("deny 11", &["important-data-is-not-open-to-all"], forbid("record.delete", "")),
        (
            "deny 12",
            &[],
            "permit (principal in Role::\"authority\", action == Action::\"proposal.withdraw\", resource) when { resource.owner in principal.organization };".into(),
        ),
        (
            "deny 13",
            &[],
            "permit (principal in Role::\"operator\", action == Action::\"alert.raise\", resource) when { resource.owner in principal.organization };".into(),
        ),
        (
            "deny 14",
            &[],
            "permit (principal is Gateway, action == Action::\"alert.end\", resource) when { context.time > 5 };".into(),
        ),
    ];
    assert_eq!(table.len(), invariants().len(), "a row without a set that breaks it");
    for (row, without, with) in table {
        assert_eq!(broken(&changed(without, &[&with])), [row], "{with}");
    }
}

/// Whoever proposes a set reads which sentence it breaks, for whom, and by which policy.
#[test]
fn a_refusal_tells_what_would_happen() {
    let lines = [
        set_of([]),
        set_of(["permit (principal, action, resource);"]),
        set_of(["permit (principal, action, resource);", "forbid (principal, action, resource);"]),
        changed(
            &[],
            &[
                "forbid (principal, action == Action::\"proposal.vote\", resource) when { principal.organization == Organization::\"housing\" };",
            ],
        ),
        changed(&["withheld-data-is-not-granted"], &[]),
        changed(&["nobody-changes-own-appointment"], &[]),
    ];
    expect![[r#"
        line 2 of `must_allow.csv`, `Authorities may propose anything in the name of their organization`, is broken: nothing is sure to permit an officer with `authority` of `here-0` (department, state): `proposal.open` at home, matter=policy-set
        line 2 of `must_deny.csv`, `Gateways do nothing of their own but raise alerts`, is broken: `p000` can permit a gateway of `here-0` (department, state): `organization.register` at home
        line 2 of `must_allow.csv`, `Authorities may propose anything in the name of their organization`, is broken: `p001` can refuse an officer with `authority` of `here-0` (department, state): `proposal.open` at home, matter=policy-set
        line 3 of `must_allow.csv`, `Authorities may vote for their organization on every proposal`, is broken: `zz-added-0` can refuse an officer with `authority` of `housing` (department, state): `proposal.vote` at home, matter=policy-set
        line 5 of `must_deny.csv`, `Withheld data is not granted`, is broken: `steward-keeps-own-grants` can permit an officer with `data-steward` of `here-0` (department, state): `grant.issue` at home, share=withheld open=unconditional classification=general1 subjects=none
        line 4 of `must_deny.csv`, `Nobody changes or ends an appointment of their own`, is broken: `authority-keeps-own-officers` can permit an officer with `authority` of `here-0` (department, state): `officer.amend` at home, about itself"#]].assert_eq(&lines.map(|set| refusal(&set)).join("\n"));
}

/// What a set says of the context counts as it is worst: a permit that reads it allows nothing for certain and everything
/// perhaps, a forbid the other way round; one that can fail forbids.
#[test]
fn context_is_taken_at_its_worst() {
    let vote = |condition: &str| {
        changed(
            &["authority-votes"],
            &[&format!(
                "permit (principal in Role::\"authority\", action == Action::\"proposal.vote\", resource) when {{ {condition} }};"
            )],
        )
    };
    assert_eq!(broken(&vote("context.time > 0")), ["allow 3"]);
    assert_eq!(broken(&vote("context has legal_basis")), ["allow 3"]);
    assert_eq!(
        broken(&vote("resource.owner != principal.organization || resource.owner == principal.organization")),
        [""; 0]
    );

    let beside = |source: &str| broken(&changed(&[], &[source]));
    let fails = "permit (principal, action == Action::\"proposal.vote\", resource) when { context.time * 4611686018427387904 > 0 };";
    assert_eq!(beside(fails), ["allow 3"], "from the third millisecond on nobody could vote");
    let harmless = "permit (principal, action == Action::\"proposal.vote\", resource) when { context.time > 5 };";
    assert_eq!(beside(harmless), ["deny 2"; 0], "gateways are forbidden besides");

    // A forbid that ends one day is none.
    let ending = "forbid (principal, action in [Action::\"record.create\", Action::\"record.update\", Action::\"record.delete\"], resource)
        when { context.time < 9000000000000 } unless { resource.owner == principal.organization };";
    let stranger = "permit (principal in Role::\"data-steward\", action == Action::\"record.create\", resource);";
    assert_eq!(broken(&changed(&["nobody-writes-records-of-others"], &[ending, stranger])), ["deny 3"]);
    // What a policy asks beside the context still holds, where it cannot fail.
    let own = "permit (principal in Role::\"data-steward\", action == Action::\"record.create\", resource)
        when { resource.owner == principal.organization } when { context.time > 5 };";
    assert_eq!(broken(&changed(&["nobody-writes-records-of-others"], &[own])), ["deny 3"; 0]);
    let may_fail = own.replace("context.time > 5", "context.time + 1 > 5");
    assert_eq!(broken(&changed(&["nobody-writes-records-of-others"], &[&may_fail])), ["deny 3"]);
}

/// An office named anywhere is asked about there: as sender, as owner, as parent of either, and where a rule reads what it is.
#[test]
fn named_organizations_are_tried_in_every_place() {
    let opened = |condition: &str| {
        let stranger = format!(
            "permit (principal in Role::\"data-steward\", action == Action::\"record.update\", resource) when {{ {condition} }};"
        );
        broken(&changed(&["nobody-writes-records-of-others"], &[&stranger]))
    };
    for condition in [
        "principal.organization == Organization::\"housing\"",
        "resource.owner == Organization::\"housing\"",
        "principal in Organization::\"housing\"",
        "resource.owner in Organization::\"housing\"",
        "resource.owner in principal.organization",
        "principal.organization in resource.owner",
        "[Organization::\"tax\", Organization::\"housing\"].contains(resource.owner)",
        "principal.organization == Organization::\"housing\" && resource.owner in Organization::\"tax\"",
        "principal.organization in Organization::\"housing\" && resource.owner == Organization::\"tax\" && principal.organization.kind == OrganizationKind::\"firm\"",
        "Organization::\"housing\" in principal.organization",
    ] {
        assert_eq!(opened(condition), ["deny 3"], "{condition}");
    }
    assert_eq!(
        opened("principal.organization == Organization::\"housing\" && resource.owner == principal.organization"),
        [""; 0]
    );

    let reads = "permit (principal, action == Action::\"proposal.vote\", resource) when { Organization::\"housing\".level == Level::\"county\" };";
    assert_eq!(broken(&changed(&[], &[reads])), ["allow 3"], "it fails where housing is neither sender nor owner");
}

/// Roles held together are asked together: a permit for just two of them is found, and so is a forbid for a third.
#[test]
fn every_combination_of_roles_is_tried() {
    let two = "permit (principal in Role::\"operator\", action == Action::\"officer.amend\", resource) when {
        resource.is_self && principal in Role::\"supervisor\" && !(principal in Role::\"authority\") };";
    assert_eq!(
        broken(&changed(&["nobody-changes-own-appointment", "authority-keeps-own-officers"], &[two])).last().unwrap(),
        "deny 4"
    );
    let third = "forbid (principal in Role::\"supervisor\", action == Action::\"proposal.vote\", resource) when { principal in Role::\"operator\" };";
    assert_eq!(broken(&changed(&[], &[third])), ["allow 3"]);
    let shared = "permit (principal, action == Action::\"officer.dismiss\", resource) when { resource.is_self && principal in resource.roles };";
    let without = ["nobody-changes-own-appointment", "authority-keeps-own-officers"];
    assert_eq!(broken(&changed(&without, &[shared])).last().unwrap(), "deny 4");
}

/// What a rule of several acts answers to one of them is not taken for the others, where it asks what the noun has.
#[test]
fn a_rule_of_many_acts_is_asked_for_each_kind_of_noun() {
    for condition in ["resource has share", "resource is Evidence", "action == Action::\"duty.amend\""] {
        let many = format!("permit (principal is Gateway, action, resource) when {{ {condition} }};");
        assert_eq!(broken(&changed(&["gateways-carry-readings-and-alerts"], &[&many])), ["deny 2"], "{condition}");
    }
}

/// A set that names more offices than can be tried, or tells more cases apart than can be asked, is refused whatever it says.
#[test]
fn a_set_that_cannot_be_asked_is_refused() {
    let named: Vec<String> =
        (0..=limits::NAMED_ORGANIZATIONS_MAX).map(|place| format!("Organization::\"office-{place}\"")).collect();
    let forbid = |named: &[String]| {
        format!(
            "forbid (principal, action == Action::\"record.delete\", resource) when {{ [{}].contains(resource.owner) }};",
            named.join(", ")
        )
    };
    assert_eq!(refusal(&changed(&[], &[&forbid(&named)])), "the policies name more than 8 organizations");
    assert!(check_invariants(&changed(&[], &[&forbid(&named[1..])])).is_ok());

    let parents: Vec<String> = named[1..].iter().map(|office| format!("principal.organization in {office}")).collect();
    let wide = format!(
        "forbid (principal, action == Action::\"officer.register\", resource) when {{ ({} || principal in resource.roles) &&
            resource.owner.level == Level::\"county\" && principal.organization.level == Level::\"state\" && resource.is_self &&
            principal.organization.kind == OrganizationKind::\"firm\" && resource.owner.kind == OrganizationKind::\"utility\" }};",
        parents.join(" || ")
    );
    assert_eq!(
        refusal(&changed(&[], &[&wide])),
        "the policies of `officer.register` tell too many cases apart to be checked"
    );
}

/// A set that does not compile is refused as such, before anything is asked.
#[test]
fn an_unsound_set_is_refused_first() {
    let set = set_of(["permit (principal, action, resource) when { resource.colour == \"red\" };"]);
    assert!(matches!(check_invariants(&set), Err(InvariantError::Unsound(_))));
}

/// A table that says what no rule can answer is refused with its line.
#[test]
fn a_table_says_what_is_wrong_with_it() {
    let header = "role,action,resource_kind,relation,condition,zh,en";
    let reason = |row: &str| rows::read(&format!("{header}\n{row},规则,A rule"), Some(Effect::Deny)).unwrap_err();
    let lines = [
        reason("clerk,access.read,access,any,"),
        reason("any,access.write,access,any,"),
        reason("any,access.read,record,any,"),
        reason("any,access.read|record.create,access,any,"),
        reason("any,record.write,record,any,"),
        reason("any,access.read,access,parent,"),
        reason("any,access.read,access,any,share=secret"),
        reason("any,duty.amend,duty,any,share=withheld"),
        reason("any,access.read,access,any,self=yes"),
    ];
    expect![[r#"
        line 2: no such role
        line 2: no rule sees `access.write` of `access`
        line 2: no rule sees `access.read` of `record`
        line 2: no rule sees `access.read|record.create` of `access`
        line 2: no rule sees `record.write` of `record`
        line 2: no such word: `parent`
        line 2: no such word: `secret`
        line 2: no such condition on `duty`: `share`
        line 2: no such condition on `access`: `self`"#]]
    .assert_eq(&lines.join("\n"));
    for table in [MUST_ALLOW, MUST_DENY] {
        assert!(table.starts_with(header));
    }
}

//! The authorization matrix, written by hand, against the default policies: in both directions, over every combination
//! of facts that a rule can see.

use std::collections::{BTreeMap, BTreeSet};

use gongxin_types::{
    ActionCode, Effect, OrganizationKind, Role, Time,
    proposal::MatterCode,
    resource::{Classification, SubjectKind},
};

use super::people::{ORDINARY, child, every_data, every_roles, gateway, officer, organization};
use crate::{
    CompiledSet, Context, OrganizationFacts, Principal, Request, ResourceFacts, ResourceKind, default_set, roles,
};

const MATRIX: &str = include_str!("../../../../policies/matrix.csv");

/// One line of the matrix.
struct Row {
    line: usize,
    relations: Vec<String>,
    condition: Vec<(String, Vec<String>)>,
    effect: Effect,
}

/// What a person reading the matrix compares a row with.
struct Case {
    relation: &'static str,
    request: Request,
}

/// Rows by role and act, in the order of the file: the first that matches decides.
fn rows() -> BTreeMap<(String, ActionCode), Vec<Row>> {
    let mut rows: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(MATRIX.as_bytes());
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>().join(","),
        "role,action,resource_kind,relation,condition,effect,zh,en"
    );
    for (index, record) in reader.records().enumerate() {
        let (line, record) = (index + 2, record.unwrap());
        let action = *ActionCode::ALL
            .iter()
            .find(|action| action.code() == &record[1])
            .unwrap_or_else(|| panic!("line {line}: no such act"));
        let kind = ResourceKind::of(action).unwrap_or_else(|| panic!("line {line}: no rule sees this act"));
        assert_eq!(kind.code(), &record[2], "line {line}");
        assert!(!record[6].is_empty() && !record[7].is_empty(), "line {line}: a sentence is missing");
        let condition = record[4].split_whitespace().map(|term| {
            let (name, values) = term.split_once('=').unwrap_or_else(|| panic!("line {line}: `{term}`"));
            (name.to_owned(), values.split('|').map(ToOwned::to_owned).collect())
        });
        let row = Row {
            line,
            relations: record[3].split('|').map(ToOwned::to_owned).collect(),
            condition: condition.collect(),
            effect: match &record[5] {
                "allow" => Effect::Allow,
                "deny" => Effect::Deny,
                other => panic!("line {line}: effect `{other}`"),
            },
        };
        rows.entry((record[0].to_owned(), action)).or_default().push(row);
    }
    rows
}

fn matches(row: &Row, case: &Case) -> bool {
    let relation = row.relations.iter().any(|relation| relation == "any" || relation == case.relation);
    relation && row.condition.iter().all(|(name, values)| holds(name, values, &case.request, row.line))
}

fn holds(name: &str, values: &[String], request: &Request, line: usize) -> bool {
    let one_of = |code: &str| values.iter().any(|value| value == code);
    let (resource, data) = (&request.resource, request.resource.data.as_ref());
    match name {
        "sender" => one_of(request.principal.organization.kind.code()),
        "owner" => one_of(resource.owner.kind.code()),
        "self" => one_of(if resource.is_self { "yes" } else { "no" }),
        "only" => resource.roles.iter().all(|role| one_of(role.code())),
        "share" => one_of(data.unwrap().share.code()),
        "open" => one_of(data.unwrap().open.code()),
        "classification" => one_of(match data.unwrap().classification {
            Classification::Important => "important",
            Classification::Core => "core",
            _ => "general",
        }),
        "subjects" => one_of(if data.unwrap().subjects == SubjectKind::Person { "person" } else { "other" }),
        other => panic!("line {line}: no such condition: `{other}`"),
    }
}

/// Every relation of a sender to an owner, with every kind that the owner may then have.
fn owners(sender: &OrganizationFacts, kinds: &[OrganizationKind]) -> Vec<(&'static str, OrganizationFacts)> {
    let mut owners = vec![("own", sender.clone())];
    for kind in kinds {
        owners.push(("child", child("below", *kind, sender)));
        owners.push(("other", organization("elsewhere", *kind)));
    }
    owners
}

/// Every case of one act for one kind of sender.
fn cases(action: ActionCode, sender: impl Fn(&OrganizationFacts) -> Principal) -> Vec<Case> {
    let kind = ResourceKind::of(action).unwrap();
    // Attributes of data meet fewer kinds of organizations, so that the product stays in the ten thousands.
    let about_data = [OrganizationKind::Department, OrganizationKind::CompetentAuthority, OrganizationKind::Supervisor];
    let kinds = if kind.is_about_data() { &about_data[..] } else { &OrganizationKind::ALL[..] };
    let mut cases = Vec::new();
    for own in kinds {
        let principal = sender(&organization("here", *own));
        for (relation, owner) in owners(&principal.organization, kinds) {
            let resources: Vec<ResourceFacts> = match kind {
                ResourceKind::Officer => {
                    let selves = if relation == "own" { &[false, true][..] } else { &[false][..] };
                    let pairs =
                        selves.iter().flat_map(|is_self| every_roles().into_iter().map(move |roles| (roles, *is_self)));
                    pairs.map(|(roles, is_self)| ResourceFacts::officer(owner.clone(), roles, is_self)).collect()
                }
                _ if kind.is_about_data() => {
                    every_data().into_iter().map(|data| ResourceFacts::data(kind, owner.clone(), data)).collect()
                }
                ResourceKind::Proposal => {
                    MatterCode::ALL.iter().map(|matter| ResourceFacts::proposal(owner.clone(), *matter)).collect()
                }
                _ => vec![ResourceFacts::owned(kind, owner)],
            };
            cases.extend(resources.into_iter().map(|resource| Case {
                relation,
                request: Request {
                    principal: principal.clone(),
                    action,
                    resource,
                    context: Context::at(Time::from_millis(1)),
                },
            }));
        }
    }
    cases
}

type Sender = Box<dyn Fn(&OrganizationFacts) -> Principal>;

fn senders() -> Vec<(&'static str, Sender)> {
    let mut senders: Vec<(&'static str, Sender)> = vec![("gateway", Box::new(gateway))];
    for role in Role::ALL {
        senders.push((role.code(), Box::new(move |organization| officer([role], organization))));
    }
    senders
}

/// Every act that rules can see stands in the matrix for every role and for gateways, and ends in a row that matches
/// whatever is left.
#[test]
fn every_act_of_every_role_has_a_row() {
    let rows = rows();
    for (role, _) in senders() {
        for action in ActionCode::ALL.iter().filter(|action| **action != ActionCode::RecordWrite) {
            let last = rows.get(&(role.to_owned(), *action)).and_then(|rows| rows.last());
            let last = last.unwrap_or_else(|| panic!("`{}` for `{role}` is in no row", action.code()));
            assert!(
                last.relations == ["any"] && last.condition.is_empty(),
                "line {}: not every case is covered",
                last.line
            );
        }
    }
    let known: BTreeSet<&str> = senders().into_iter().map(|(role, _)| role).collect();
    assert!(rows.keys().all(|(role, _)| known.contains(role.as_str())), "a row for an unknown role");
}

/// What the matrix says, the policies do, and what the policies allow, the matrix says: the first matching row and the
/// verdict agree in every combination of sender, act, relation and attributes. No row is there for nothing.
#[test]
fn matrix_and_policies_agree_in_every_combination() {
    let (rows, set) = (rows(), CompiledSet::compile(&default_set()).unwrap());
    let (mut used, mut asked, mut wrong) = (BTreeSet::new(), 0_usize, Vec::new());
    for (role, sender) in senders() {
        for ((_, action), rows) in rows.iter().filter(|((of, _), _)| of == role) {
            for case in cases(*action, &sender) {
                let row = rows.iter().find(|row| matches(row, &case)).unwrap();
                let verdict = set.decide(&case.request);
                used.insert(row.line);
                asked += 1;
                if verdict.effect != row.effect && wrong.len() < 10 {
                    wrong.push(format!("line {}: {:?} but {verdict:?} for {:?}", row.line, row.effect, case.request));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 100_000, "only {asked} combinations");
    let unused: Vec<usize> = rows.values().flatten().map(|row| row.line).filter(|line| !used.contains(line)).collect();
    assert!(unused.is_empty(), "rows that never decide: lines {unused:?}");
}

/// An officer with two roles may do what either may, and nothing more.
#[test]
fn roles_add_up() {
    let set = CompiledSet::compile(&default_set()).unwrap();
    let here = organization("here", OrganizationKind::CompetentAuthority);
    for action in ActionCode::ALL.iter().filter(|action| **action != ActionCode::RecordWrite) {
        let kind = ResourceKind::of(*action).unwrap();
        for (_, owner) in owners(&here, &[OrganizationKind::Department]) {
            let resource = match kind {
                ResourceKind::Officer => ResourceFacts::officer(owner, roles([Role::CaseOfficer]), false),
                _ if kind.is_about_data() => ResourceFacts::data(kind, owner, ORDINARY),
                ResourceKind::Proposal => ResourceFacts::proposal(owner, MatterCode::Parameters),
                _ => ResourceFacts::owned(kind, owner),
            };
            let ask = |roles: &[Role]| {
                let principal = officer(roles.iter().copied(), &here);
                set.decide(&Request {
                    principal,
                    action: *action,
                    resource: resource.clone(),
                    context: Context::default(),
                })
                .effect
            };
            for roles in every_roles() {
                let alone = roles.iter().any(|role| ask(&[*role]) == Effect::Allow);
                assert_eq!(ask(&roles) == Effect::Allow, alone, "{} by {roles:?}", action.code());
            }
        }
    }
}

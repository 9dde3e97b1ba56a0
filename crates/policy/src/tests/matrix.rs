//! The authorization matrix, written by hand, against the default policies: in both directions, over every combination
//! of facts that a rule can see.

use std::collections::{BTreeMap, BTreeSet};

use gongxin_types::{ActionCode, Effect, OrganizationKind, Role, organization::Level, proposal::MatterCode};

use super::people::{ORDINARY, child, every_roles, matches, officer, organization};
use crate::{
    CompiledSet, Context, OrganizationFacts, PrincipalKind, Request, ResourceFacts, ResourceKind, default_set,
    invariants::{
        rows::{self, Row, Who},
        space::{LISTS, Parent, Space},
    },
    roles,
};

const MATRIX: &str = include_str!("../../../../policies/matrix.csv");

/// Rows by role and act, in the order of the file: the first that matches decides.
fn rows() -> BTreeMap<(Who, ActionCode), Vec<Row>> {
    let mut all: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    for row in rows::read(MATRIX, None).unwrap() {
        let [action] = row.actions[..] else { panic!("line {}: one act in each row", row.line) };
        all.entry((row.who, action)).or_default().push(row);
    }
    all
}

/// Every request of one act by one kind of sender with this role alone.
fn requests(action: ActionCode, who: Who) -> Vec<Request> {
    let mut space = Space::whole(action, &[]).unwrap();
    space.senders.retain(|(kind, roles)| match who {
        Who::Holder(role) => **roles == [role],
        _ => *kind == PrincipalKind::Gateway,
    });
    // Attributes of data meet fewer kinds of organizations, so that the product stays in the hundred thousands.
    let about_data = [OrganizationKind::Department, OrganizationKind::CompetentAuthority, OrganizationKind::Supervisor];
    if ResourceKind::of(action).unwrap().is_about_data() {
        space.home_kinds = about_data.to_vec();
        space.owner_kinds = about_data.to_vec();
    }
    // No default policy asks for levels, nor what the sender's organization belongs to.
    space.home_levels = vec![Level::Prefecture];
    space.owner_levels = vec![Level::Prefecture];
    space.home_parents = vec![Parent::None];
    let points = std::iter::successors(space.first(), |point| space.after(*point, LISTS));
    points.filter_map(|point| space.case(&point).map(|case| case.request())).collect()
}

fn senders() -> impl Iterator<Item = Who> {
    std::iter::once(Who::Gateway).chain(Role::ALL.into_iter().map(Who::Holder))
}

/// Every act that rules can see stands in the matrix for every role and for gateways, and ends in a row that matches
/// whatever is left.
#[test]
fn every_act_of_every_role_has_a_row() {
    let rows = rows();
    for who in senders() {
        for action in ActionCode::ALL.iter().filter(|action| **action != ActionCode::RecordWrite) {
            let last = rows.get(&(who, *action)).and_then(|rows| rows.last());
            let last = last.unwrap_or_else(|| panic!("`{}` for {who:?} is in no row", action.code()));
            assert!(last.is_about_everything(), "line {}: not every case is covered", last.line);
        }
    }
    assert!(rows.keys().all(|(who, _)| *who != Who::Anyone), "a row that is for everyone");
}

/// What the matrix says, the policies do, and what the policies allow, the matrix says: the first matching row and the
/// verdict agree in every combination of sender, act, relation and attributes. No row is there for nothing.
#[test]
fn matrix_and_policies_agree_in_every_combination() {
    let (rows, set) = (rows(), CompiledSet::compile(&default_set()).unwrap());
    let (mut used, mut asked, mut wrong) = (BTreeSet::new(), 0_usize, Vec::new());
    for ((who, action), rows) in &rows {
        for request in requests(*action, *who) {
            let row = rows.iter().find(|row| matches(row, &request)).unwrap();
            let verdict = set.decide(&request);
            used.insert(row.line);
            asked += 1;
            if verdict.effect != row.effect && wrong.len() < 10 {
                wrong.push(format!("line {}: {:?} but {verdict:?} for {request:?}", row.line, row.effect));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 100_000, "only {asked} combinations");
    let unused: Vec<u64> = rows.values().flatten().map(|row| row.line).filter(|line| !used.contains(line)).collect();
    assert!(unused.is_empty(), "rows that never decide: lines {unused:?}");
}

/// An officer with two roles may do what either may, and nothing more.
#[test]
fn roles_add_up() {
    let set = CompiledSet::compile(&default_set()).unwrap();
    let here = organization("here", OrganizationKind::CompetentAuthority);
    let owners = |sender: &OrganizationFacts| {
        let kind = OrganizationKind::Department;
        [sender.clone(), child("below", kind, sender), organization("elsewhere", kind)]
    };
    for action in ActionCode::ALL.iter().filter(|action| **action != ActionCode::RecordWrite) {
        let kind = ResourceKind::of(*action).unwrap();
        for owner in owners(&here) {
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

//! What the check of invariants accepts, held against what `decide` then answers: over random sets, requests and contexts.

use cedar_policy as cedar;
use gongxin_types::{ActionCode, Effect};
use proptest::prelude::*;

use super::{
    arbitrary::{context, policy_set},
    people::matches,
};
use crate::{
    CompiledSet, InvariantError, PolicySetError, Request,
    invariants::{
        Cost, Examination,
        rows::{self, Row},
        sight::Sight,
        space::{LISTS, Space},
    },
};

const DENY: &str = "role,action,resource_kind,relation,condition,zh,en
gateway,any,any,any,,句,A sentence
any,access.read,access,child|other,share=withheld,句,A sentence
any,access.read,access,child,,句,A sentence
any,officer.amend,officer,any,self=yes,句,A sentence
case-officer,duty.amend,duty,other,sender=department|firm,句,A sentence
any,evidence.notarise,evidence,own|child,owner=firm,句,A sentence
";
const ALLOW: &str = "role,action,resource_kind,relation,condition,zh,en
any,access.read,access,own,share=conditional,句,A sentence
data-steward,duty.amend,duty,any,,句,A sentence
data-steward,officer.amend,officer,own,self=no,句,A sentence
any,officer.amend,officer,own,self=yes only=data-steward|case-officer,句,A sentence
gateway,evidence.notarise,evidence,child|other,owner=department,句,A sentence
";

fn all_rows() -> Vec<Row> {
    let mut rows = rows::read(DENY, Some(Effect::Deny)).unwrap();
    rows.extend(rows::read(ALLOW, Some(Effect::Allow)).unwrap());
    rows
}

/// A request that a row speaks of, drawn from everything there is; none where the draw contradicts itself.
fn draw(row: &Row, draw: &[usize; LISTS]) -> Option<Request> {
    let names = ["here", "there", "above"].map(|id| id.parse().unwrap());
    let action = row.actions[draw[0] % row.actions.len()];
    let mut space = Space::whole(action, &names)?;
    space.restrict(row);
    let mut point = *draw;
    for (place, size) in point.iter_mut().zip(space.sizes()) {
        *place = place.checked_rem(size)?;
    }
    // Own nouns have the sender's facts.
    let request = [point, with_own_facts(point)].iter().find_map(|point| space.case(point).map(|case| case.request()));
    request.filter(|request| matches(row, request))
}

fn with_own_facts(mut point: [usize; LISTS]) -> [usize; LISTS] {
    for list in [9, 12, 14] {
        point[list] = 0;
    }
    point
}

/// Whether a set keeps a row, with all steps for this one.
fn keeps_alone(examination: &mut Examination, row: &Row) -> Result<(), InvariantError> {
    examination.cost = Cost::default();
    examination.keeps(row)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Where a row is accepted, no request that it speaks of is answered otherwise, in no context.
    #[test]
    fn what_is_accepted_holds(
        set in policy_set(),
        draws in prop::collection::vec((any::<[usize; LISTS]>(), context()), 100),
    ) {
        let compiled = CompiledSet::compile(&set).unwrap();
        let mut examination = Examination::of(&set).unwrap();
        for row in all_rows().iter().filter(|row| keeps_alone(&mut examination, row).is_ok()) {
            for (point, context) in &draws {
                if let Some(request) = draw(row, point) {
                    let request = Request { context: context.clone(), ..request };
                    prop_assert_eq!(compiled.decide(&request).effect, row.effect, "{:?} {:?}", row, request);
                }
            }
        }
    }

    /// Where a row is refused and no policy of the act reads the context, the request that is named is answered
    /// otherwise indeed, and by that policy.
    #[test]
    fn what_is_refused_is_broken(set in policy_set()) {
        let compiled = CompiledSet::compile(&set).unwrap();
        let mut examination = Examination::of(&set).unwrap();
        for row in all_rows() {
            match keeps_alone(&mut examination, &row) {
                Ok(()) => {}
                Err(InvariantError::Broken { request, policy, must, .. }) => {
                    prop_assert!(matches(&row, &request));
                    if !compiled.reads_context(request.action) {
                        let verdict = compiled.decide(&request);
                        prop_assert_ne!(verdict.effect, must);
                        prop_assert_eq!(policy.is_none(), verdict.policies.is_empty());
                        prop_assert!(policy.is_none_or(|policy| verdict.policies.contains(&policy)));
                    }
                }
                // A set that tells too much apart to be asked may be as good as any other.
                Err(InvariantError::Unsound(PolicySetError::TooManyCases { .. })) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}

fn sight(condition: &str) -> Sight {
    let source = format!("permit (principal, action == Action::\"officer.amend\", resource) when {{ {condition} }};");
    Sight::of(&cedar::Policy::parse(None, source).unwrap().to_json().unwrap())
}

/// What is read off a text: parents, roles compared, the act, and whether it can fail.
#[test]
fn a_text_shows_what_it_tells_apart() {
    let table = [
        ("principal in Role::\"operator\"", ""),
        ("principal in [Role::\"operator\", Role::\"authority\"]", ""),
        ("principal is Officer in Role::\"operator\"", ""),
        ("principal is Officer in Organization::\"a\"", "parents"),
        ("principal in Organization::\"a\"", "parents"),
        ("principal in (if resource.is_self then Role::\"operator\" else Role::\"authority\")", "parents"),
        ("principal.organization in resource.owner", "parents"),
        ("principal in resource.roles", "parents roles"),
        ("principal.organization == Organization::\"a\"", ""),
        ("action == Action::\"officer.amend\"", "act"),
        ("resource has share", "act"),
        ("resource is OfficerEntry", "act"),
        ("principal is Gateway", ""),
        ("[Organization::\"a\"].contains(resource.owner)", ""),
        ("Organization::\"a\".kind == OrganizationKind::\"firm\"", "fails"),
        (
            "(if resource.is_self then Organization::\"a\" else resource.owner).kind == OrganizationKind::\"firm\"",
            "fails",
        ),
        ("{here: Organization::\"a\"}.here.kind == OrganizationKind::\"firm\"", "fails"),
        ("context.time + 1 > 5", "fails"),
        ("-context.time < 5", "fails"),
        ("context.time > -5", ""),
    ];
    for (condition, expected) in table {
        let sight = sight(condition);
        let compares = gongxin_types::Role::ALL.into_iter().all(|role| sight.sees_role(role));
        let shown = [(sight.parents, "parents"), (compares, "roles"), (sight.act, "act"), (sight.may_fail, "fails")];
        let shown: Vec<&str> = shown.into_iter().filter_map(|(shows, word)| shows.then_some(word)).collect();
        assert_eq!(shown.join(" "), expected, "{condition}");
    }
}

/// Every act that rules see has a space; `record.write` is asked operation by operation.
#[test]
fn every_act_has_a_space() {
    for action in ActionCode::ALL {
        assert_eq!(Space::whole(*action, &[]).is_some(), *action != ActionCode::RecordWrite, "{}", action.code());
    }
}

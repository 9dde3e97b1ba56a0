//! The same answer by every way: sliced or whole, remembered or asked, on a small stack or a large one.

use std::{str::FromStr, sync::Arc};

use cedar_policy as cedar;
use gongxin_types::{ActionCode, Effect, PolicySet};
use proptest::prelude::*;

use super::arbitrary::{context, policy_set, request, set_of};
use super::people::{gateway, organization};
use crate::{
    CompiledSet, Context, DecisionCache, OrganizationFacts, Principal, Request, ResourceFacts, ResourceKind, SCHEMA,
    compiled::judge, vocabulary::Vocabulary,
};

/// The whole set asked at once, with facts checked against the schema: what `decide` must agree with.
fn decide_whole(set: &PolicySet, request: &Request) -> (Effect, Vec<String>) {
    let (schema, _) = cedar::Schema::from_cedarschema_str(SCHEMA).unwrap();
    let policies = set.policies.iter().map(|policy| {
        cedar::Policy::parse(Some(cedar::PolicyId::from_str(policy.id.as_str()).unwrap()), policy.source.as_str())
            .unwrap()
    });
    let policies = cedar::PolicySet::from_policies(policies).unwrap();
    let (question, entities) = Vocabulary::new().unwrap().question(request, Some(&schema)).unwrap();
    judge(&cedar::Authorizer::new().is_authorized(&question, &policies, &entities))
}

/// One organization has one set of facts; the random requests may contradict themselves, and those are denied.
fn agrees(request: &Request) -> bool {
    request.principal.organization.id != request.resource.owner.id
        || request.principal.organization == request.resource.owner
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Asking only the policies whose scope names the act changes nothing, and the facts always fit the schema.
    #[test]
    fn a_slice_answers_like_the_whole_set(set in policy_set(), requests in prop::collection::vec(request(), 12)) {
        let compiled = CompiledSet::compile(&set).unwrap();
        for request in requests.iter().filter(|request| agrees(request)) {
            let verdict = compiled.decide(request);
            let ids = verdict.policies.iter().map(ToString::to_string).collect::<Vec<_>>();
            prop_assert_eq!((verdict.effect, ids), decide_whole(&set, request));
        }
    }

    /// A remembered answer is the answer, also between two sets and while old answers are being forgotten.
    #[test]
    fn the_cache_answers_like_the_rules(sets in [policy_set(), policy_set()], requests in prop::collection::vec(request(), 40)) {
        let sets = sets.map(|set| CompiledSet::compile(&set).unwrap());
        let (small, large) = (DecisionCache::new(8), DecisionCache::default());
        for request in requests.iter().chain(&requests) {
            for set in &sets {
                let verdict = set.decide(request);
                prop_assert_eq!(&*small.decide(set, request), &verdict);
                prop_assert_eq!(&*large.decide(set, request), &verdict);
            }
            prop_assert!(small.len() <= 8);
        }
    }

    /// Where no policy of an act reads the context, neither the context nor who exactly asks can change the answer.
    #[test]
    fn what_the_analysis_calls_independent_is(set in policy_set(), request in request(), context in context(), id: [u8; 16]) {
        let compiled = CompiledSet::compile(&set).unwrap();
        if !compiled.reads_context(request.action) {
            let other = Request { principal: Principal { id, ..request.principal.clone() }, context, ..request.clone() };
            prop_assert_eq!(compiled.decide(&request), compiled.decide(&other));
        }
    }
}

fn reading(time: u64) -> Request {
    let here = organization("here", gongxin_types::OrganizationKind::Department);
    Request {
        principal: gateway(&here),
        action: ActionCode::DutyAmend,
        resource: ResourceFacts::owned(ResourceKind::Duty, here),
        context: Context::at(gongxin_types::Time::from_millis(time)),
    }
}

/// A rule that ends at a moment ends at that moment, though the same question was answered before.
#[test]
fn a_rule_with_a_term_is_never_remembered() {
    let set =
        CompiledSet::compile(&set_of(["permit (principal, action, resource) when { context.time < 10 };"])).unwrap();
    let cache = DecisionCache::default();
    let effects = [9, 10, 9].map(|time| cache.decide(&set, &reading(time)).effect);
    assert_eq!(effects, [Effect::Allow, Effect::Deny, Effect::Allow]);
    assert!(cache.is_empty());
}

/// A policy that fails denies, even beside one that permits, and is named.
#[test]
fn an_evaluation_error_is_a_deny() {
    let overflow = "permit (principal, action, resource) when { context.time + 9223372036854775807 > 0 };";
    let set = CompiledSet::compile(&set_of(["permit (principal, action, resource);", overflow])).unwrap();
    let ids = |time| set.decide(&reading(time)).policies.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((set.decide(&reading(0)).effect, ids(0)), (Effect::Allow, vec!["p000".to_owned(), "p001".to_owned()]));
    assert_eq!((set.decide(&reading(1)).effect, ids(1)), (Effect::Deny, vec!["p001".to_owned()]));
}

/// The deepest expression that compiles is decided alike with 64 KiB of stack, where Cedar alone would give up, with
/// just as much as an evaluation is said to need, and with plenty.
#[test]
fn the_stack_of_a_thread_does_not_decide() {
    let chain = format!("permit (principal, action, resource) when {{ {} }};", ["context.time < 5"; 44].join(" && "));
    let sum = format!("permit (principal, action, resource) when {{ {} > 0 }};", ["context.time"; 40].join(" + "));
    let ladder = format!(
        "permit (principal, action, resource) when {{ {}true }};",
        (0..40).map(|step| format!("if context.time > {} then false else ", step + 10)).collect::<String>()
    );
    for source in [chain, sum, ladder] {
        let set = Arc::new(
            CompiledSet::compile(&set_of([source.as_str()])).unwrap_or_else(|error| panic!("{error}: {source}")),
        );
        for stack in [64 << 10, crate::limits::EVALUATION_STACK_BYTES + (96 << 10), 64 << 20] {
            let set = Arc::clone(&set);
            let asked = std::thread::Builder::new().stack_size(stack).spawn(move || set.decide(&reading(1)).effect);
            assert_eq!(asked.unwrap().join().unwrap(), Effect::Allow, "with {stack} bytes of stack: {source}");
        }
    }
}

/// Facts that contradict each other are denied whatever the rules say: another kind of noun, missing attributes, a
/// gateway with roles, one organization with two sets of facts, organizations that belong to each other.
#[test]
fn contradicting_facts_are_denied() {
    let set = CompiledSet::compile(&set_of(["permit (principal, action, resource);"])).unwrap();
    let good = reading(1);
    assert_eq!(set.decide(&good).effect, Effect::Allow);
    let owner = |facts: OrganizationFacts| Request {
        resource: ResourceFacts::owned(ResourceKind::Duty, facts),
        ..good.clone()
    };
    let here = &good.principal.organization;
    let mut cyclic =
        owner(OrganizationFacts { id: "there".parse().unwrap(), parent: Some(here.id.clone()), ..here.clone() });
    cyclic.principal.organization.parent = Some("there".parse().unwrap());
    let mut roled = good.clone();
    roled.principal.roles = crate::roles([gongxin_types::Role::Operator]);
    let wrong = [
        Request { action: ActionCode::AccessRead, ..good.clone() },
        Request { action: ActionCode::RecordWrite, ..good.clone() },
        Request {
            action: ActionCode::GrantIssue,
            resource: ResourceFacts::owned(ResourceKind::Grant, here.clone()),
            ..good.clone()
        },
        owner(OrganizationFacts { level: gongxin_types::organization::Level::State, ..here.clone() }),
        roled,
        cyclic,
    ];
    for request in wrong {
        assert_eq!(set.decide(&request), crate::Verdict::unanswered(), "{request:?}");
    }
}

/// The digest that a receipt names changes with every fact, the sender's identifier and the context included.
#[test]
fn the_digest_covers_every_fact() {
    use gongxin_crypto::Suite;
    let good = reading(1);
    let mut others = vec![reading(2)];
    others.push(Request { action: ActionCode::DutyRegister, ..good.clone() });
    others.push(Request { principal: Principal { id: [1; 16], ..good.principal.clone() }, ..good.clone() });
    let mut context = good.context.clone();
    context.reader = Some("there".parse().unwrap());
    others.push(Request { context, ..good.clone() });
    let digests: std::collections::BTreeSet<_> =
        others.iter().chain([&good]).map(|request| request.digest(Suite::Intl)).collect();
    assert_eq!(digests.len(), others.len() + 1);
    let bytes = gongxin_types::codec::encode(&good);
    assert_eq!(gongxin_types::codec::decode::<Request>("request", &bytes).unwrap(), good);
}

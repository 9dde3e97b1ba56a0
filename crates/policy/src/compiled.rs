//! Compiled set: a policy set, checked once and ready to be asked.
//!
//! Compiling parses every policy, validates it strictly against the schema, and enforces every bound; a set that does
//! not compile must not be proposed or put into genesis. The result is sliced by act: a question meets only the
//! policies whose scope can match it.
//!
//! INVARIANT: whether an evaluation fails never depends on the stack of the thread it happens on. Cedar reports an
//! error when less than 100 KiB of stack are free, so depth is bounded when a set is compiled, and an evaluation that
//! finds less than [`limits::EVALUATION_STACK_BYTES`] free runs on a fresh stack of twice that size.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use cedar::{ActionConstraint, Authorizer, Validator};
use cedar_policy as cedar;
use gongxin_crypto::{Digest, Suite};
use gongxin_types::{
    ActionCode, Decision, Effect, List, PolicyId, PolicySet, Refusal, limits::DECIDING_POLICIES_MAX, policy_set::Policy,
};
use serde_json::Value;

use crate::{
    analysis::{self, SourceFault},
    defaults::SCHEMA,
    error::PolicySetError,
    limits,
    request::{PrincipalKind, Request, ResourceKind},
    vocabulary::Vocabulary,
};

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Allow or deny.
    pub effect: Effect,
    /// The policies that decided, bytewise ascending: those that permit, or those that forbid or failed. Empty where
    /// none applied, which is a deny.
    pub policies: List<PolicyId, DECIDING_POLICIES_MAX>,
}

impl Verdict {
    /// The deny that no policy spoke.
    pub const fn unanswered() -> Self {
        Self { effect: Effect::Deny, policies: List::empty() }
    }

    /// The decision of a receipt, as long as no fixed rule refuses.
    pub fn decision(&self) -> Decision {
        let refusal = (self.effect == Effect::Deny).then_some(Refusal::Policy);
        Decision { effect: self.effect, policies: self.policies.clone(), refusal }
    }
}

/// The policies that can match one act.
struct Slice {
    policies: cedar::PolicySet,
    count: usize,
    reads_context: bool,
}

/// A policy set that can be asked. Cheap to share, never changes.
pub struct CompiledSet {
    fingerprint: Digest,
    vocabulary: Vocabulary,
    authorizer: Authorizer,
    slices: BTreeMap<ActionCode, Slice>,
}

impl fmt::Debug for CompiledSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CompiledSet({})", self.fingerprint)
    }
}

impl CompiledSet {
    /// Parses, bounds, validates and slices a set.
    ///
    /// # Errors
    /// See [`PolicySetError`].
    pub fn compile(set: &PolicySet) -> Result<Self, PolicySetError> {
        stacker::grow(limits::COMPILATION_STACK_BYTES, || Self::compile_here(set))
    }

    /// The same as [`Self::compile`], which is not done again for a set that anybody in this process compiled lately: a node
    /// that starts needs its set twice, and a simulation starts many.
    ///
    /// # Errors
    /// See [`PolicySetError`].
    pub fn shared(set: &PolicySet) -> Result<Arc<Self>, PolicySetError> {
        static LATELY: Mutex<Vec<Arc<CompiledSet>>> = Mutex::new(Vec::new());
        let fingerprint = set.digest(Suite::Intl);
        let lately = || LATELY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lately().iter().find(|known| known.fingerprint == fingerprint) {
            return Ok(Arc::clone(known));
        }
        let compiled = Arc::new(Self::compile(set)?);
        let mut kept = lately();
        kept.push(Arc::clone(&compiled));
        if kept.len() > limits::SHARED_SETS_MAX {
            kept.remove(0);
        }
        Ok(compiled)
    }

    /// Answers a request. The same set and request give the same answer on every machine.
    pub fn decide(&self, request: &Request) -> Verdict {
        let Some(slice) = self.slices.get(&request.action) else {
            return Verdict::unanswered();
        };
        if slice.count == 0 || !is_coherent(request) {
            return Verdict::unanswered();
        }
        let (need, room) = (limits::EVALUATION_STACK_BYTES, limits::EVALUATION_STACK_BYTES.saturating_mul(2));
        stacker::maybe_grow(need, room, || {
            let Some((question, entities)) = self.vocabulary.question(request, None) else {
                return Verdict::unanswered();
            };
            let (effect, ids) = judge(&self.authorizer.is_authorized(&question, &slice.policies, &entities));
            // Every identifier came in as a `PolicyId`, and a slice holds no more than a receipt can name.
            let policies = ids.iter().filter_map(|id| id.parse().ok()).collect();
            List::new(policies).map_or(Verdict::unanswered(), |policies| Verdict { effect, policies })
        })
    }

    /// Whether any policy that can match this act reads the context. Where none does, the answer does not depend on
    /// it, and [`crate::DecisionCache`] may keep the answer.
    pub fn reads_context(&self, action: ActionCode) -> bool {
        self.slices.get(&action).is_some_and(|slice| slice.reads_context)
    }

    /// What names this set in this process: a digest of its canonical bytes, whatever the network's suite.
    pub(crate) const fn fingerprint(&self) -> &Digest {
        &self.fingerprint
    }

    fn compile_here(set: &PolicySet) -> Result<Self, PolicySetError> {
        let parsed = sound(set)?;
        let vocabulary = vocabulary()?;
        let slices = slice(&vocabulary, &parsed)?;
        Ok(Self { fingerprint: set.digest(Suite::Intl), vocabulary, authorizer: Authorizer::new(), slices })
    }
}

/// The effect and the identifiers that decided, bytewise ascending. An evaluation error is a deny by the policy that
/// failed (PROTOCOL 13), unlike Cedar, which would go on without it.
pub(crate) fn judge(response: &cedar::Response) -> (Effect, Vec<String>) {
    let diagnostics = response.diagnostics();
    let reasons = || diagnostics.reason().map(ToString::to_string);
    let mut failed: Vec<String> = diagnostics
        .errors()
        .map(|error| match error {
            cedar::AuthorizationError::PolicyEvaluationError(error) => error.policy_id().to_string(),
        })
        .collect();
    let (effect, mut ids) = match (response.decision(), failed.is_empty()) {
        (cedar::Decision::Allow, true) => (Effect::Allow, reasons().collect()),
        (cedar::Decision::Allow, false) => (Effect::Deny, failed),
        (cedar::Decision::Deny, _) => {
            failed.extend(reasons());
            (Effect::Deny, failed)
        }
    };
    ids.sort_unstable();
    ids.dedup();
    (effect, ids)
}

/// Whether the facts fit the act and each other. `state` builds no other request; one that does not fit is denied.
fn is_coherent(request: &Request) -> bool {
    let (principal, resource) = (&request.principal, &request.resource);
    let is_officer = resource.kind == ResourceKind::Officer;
    ResourceKind::of(request.action) == Some(resource.kind)
        && resource.data.is_some() == resource.kind.is_about_data()
        && resource.matter.is_some() == (resource.kind == ResourceKind::Proposal)
        && (is_officer || (resource.roles.is_empty() && !resource.is_self))
        && (principal.kind == PrincipalKind::Officer || principal.roles.is_empty())
        && (principal.organization.id != resource.owner.id || principal.organization == resource.owner)
}

/// One parsed policy and what its text shows.
pub(crate) struct Parsed {
    pub(crate) id: PolicyId,
    pub(crate) policy: cedar::Policy,
    /// Cedar's JSON form.
    pub(crate) form: Value,
    pub(crate) reads_context: bool,
}

/// The policies of a set that keeps every bound, in its order.
pub(crate) fn sound(set: &PolicySet) -> Result<Vec<Parsed>, PolicySetError> {
    if set.version != 1 {
        return Err(PolicySetError::UnknownVersion { version: set.version });
    }
    if set.schema.as_str() != SCHEMA {
        return Err(PolicySetError::UnknownSchema);
    }
    let mut parsed = Vec::with_capacity(set.policies.len());
    let mut last = None;
    for policy in &set.policies {
        if last >= Some(&policy.id) {
            return Err(PolicySetError::Order { id: policy.id.clone() });
        }
        last = Some(&policy.id);
        parsed.push(parse(policy)?);
    }
    let vocabulary = vocabulary()?;
    for action in ActionCode::ALL {
        let applicable = parsed.iter().filter(|parsed| applies(&parsed.policy, &vocabulary, *action));
        if applicable.count() > DECIDING_POLICIES_MAX {
            return Err(PolicySetError::TooManyForOneAction { action: *action });
        }
    }
    validate(&parsed)?;
    Ok(parsed)
}

pub(crate) fn vocabulary() -> Result<Vocabulary, PolicySetError> {
    Vocabulary::new().map_err(|error| PolicySetError::Schema(error.into()))
}

/// Whether a policy's scope can match an act.
pub(crate) fn applies(policy: &cedar::Policy, vocabulary: &Vocabulary, action: ActionCode) -> bool {
    vocabulary.action(action).is_some_and(|uid| match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(one) => one == uid,
        // The schema has no groups of acts, so that `in` is equality.
        ActionConstraint::In(some) => some.contains(&uid),
    })
}

fn parse(policy: &Policy) -> Result<Parsed, PolicySetError> {
    let id = || policy.id.clone();
    analysis::source(policy.source.as_str(), limits::TOKENS_MAX).map_err(|fault| match fault {
        SourceFault::Brackets => PolicySetError::Brackets { id: id() },
        SourceFault::Tokens => PolicySetError::Tokens { id: id() },
    })?;
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| PolicySetError::Parse { id: id(), source };
    let parsed = cedar::Policy::parse(Some(cedar::PolicyId::new(policy.id.as_str())), policy.source.as_str())
        .map_err(|error| failed(error.into()))?;
    let form = parsed.to_json().map_err(|error| failed(error.into()))?;
    let findings = analysis::inspect(&form);
    if findings.levels > limits::LEVELS_MAX {
        return Err(PolicySetError::Levels { id: id() });
    }
    if let Some(kind) = findings.names {
        return Err(PolicySetError::NamesOneThing { id: id(), kind });
    }
    if let Some(function) = findings.calls {
        return Err(PolicySetError::Extension { id: id(), function });
    }
    let beside = [
        ("id", policy.id.as_str()),
        ("legal_basis", policy.legal_basis.as_str()),
        ("zh", policy.sentence.zh.as_str()),
        ("en", policy.sentence.en.as_str()),
    ];
    for (annotation, field) in beside {
        if parsed.annotation(annotation).is_some_and(|text| text != field) {
            return Err(PolicySetError::Annotation { id: id(), annotation });
        }
    }
    Ok(Parsed { id: id(), policy: parsed, form, reads_context: findings.reads_context })
}

fn validate(parsed: &[Parsed]) -> Result<(), PolicySetError> {
    let (schema, _) =
        cedar::Schema::from_cedarschema_str(SCHEMA).map_err(|error| PolicySetError::Schema(error.into()))?;
    let all = cedar::PolicySet::from_policies(parsed.iter().map(|parsed| parsed.policy.clone()))
        .map_err(|error| PolicySetError::Validation(error.to_string()))?;
    let result = Validator::new(schema).validate(&all, cedar::ValidationMode::Strict);
    let errors = result.validation_errors().map(ToString::to_string);
    // A rule that can never match, or a string that looks like another one, is a mistake or a trap.
    let mut found: Vec<String> = errors.chain(result.validation_warnings().map(ToString::to_string)).collect();
    found.sort_unstable();
    if found.is_empty() { Ok(()) } else { Err(PolicySetError::Validation(found.join("; "))) }
}

/// The policies of each act that rules see.
fn slice(vocabulary: &Vocabulary, parsed: &[Parsed]) -> Result<BTreeMap<ActionCode, Slice>, PolicySetError> {
    let mut slices = BTreeMap::new();
    for action in ActionCode::ALL {
        if vocabulary.action(*action).is_none() {
            continue;
        }
        let applicable: Vec<&Parsed> =
            parsed.iter().filter(|parsed| applies(&parsed.policy, vocabulary, *action)).collect();
        let policies = cedar::PolicySet::from_policies(applicable.iter().map(|parsed| parsed.policy.clone()))
            .map_err(|error| PolicySetError::Validation(error.to_string()))?;
        let reads_context = applicable.iter().any(|parsed| parsed.reads_context);
        slices.insert(*action, Slice { policies, count: applicable.len(), reads_context });
    }
    Ok(slices)
}

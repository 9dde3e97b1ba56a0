//! Rules: a set in its worst case, asked as seldom as possible.
//!
//! Each rule is asked alone, once for everything that it can tell apart; its answers are kept by [`Keys`]. What they come to
//! together is what [`crate::CompiledSet::decide`] says of all at once: one that forbids or fails outweighs every
//! permit, and where none permits the answer is deny.

use std::collections::{BTreeMap, BTreeSet};

use cedar::Authorizer;
use cedar_policy as cedar;
use gongxin_types::{ActionCode, Effect, OrganizationId, PolicyId};

use super::{
    cost::{Cost, Spent},
    keys::Keys,
    sight::Sight,
    space::{Point, Space},
    worst::worst,
};
use crate::{
    compiled::{self, Parsed, judge},
    error::PolicySetError,
    vocabulary::Vocabulary,
};

/// What a rule says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Permits,
    /// It forbids, or fails.
    Denies,
    Silent,
}

/// The answer of all rules.
pub(crate) struct Verdict<'a> {
    pub(crate) effect: Effect,
    /// The rule that made it; none where no rule permits.
    pub(crate) by: Option<&'a PolicyId>,
    /// How many of the space's first lists were looked at: places that agree in those are answered alike.
    pub(crate) depth: usize,
}

struct Rule {
    id: PolicyId,
    alone: cedar::PolicySet,
    sight: Sight,
    acts: BTreeSet<ActionCode>,
    /// Whether it can do nothing but permit: where another permits, it need not be asked.
    only_permits: bool,
    answers: BTreeMap<u64, Answer>,
}

/// A set as it is worst for what must be.
pub(crate) struct Rules {
    vocabulary: Vocabulary,
    authorizer: Authorizer,
    /// The organizations that the set names, ascending.
    named: Vec<OrganizationId>,
    /// Those that can deny first, then by how much they see, then by identifier.
    rules: Vec<Rule>,
}

/// The rules of one act, with their keys to one space.
pub(crate) struct Slice<'a> {
    rules: Vec<(&'a mut Rule, Keys)>,
    vocabulary: &'a Vocabulary,
    authorizer: &'a Authorizer,
}

impl Rules {
    /// The worst case of these policies.
    ///
    /// # Errors
    /// Only where Cedar cannot read what it has written.
    pub(crate) fn of<'a>(
        parsed: impl Iterator<Item = (&'a Parsed, &'a Sight)>,
        must: Effect,
        named: Vec<OrganizationId>,
    ) -> Result<Self, PolicySetError> {
        let vocabulary = compiled::vocabulary()?;
        let mut rules = Vec::new();
        for (policy, sight) in parsed {
            rules.extend(Rule::of(policy, sight, must, &vocabulary)?);
        }
        rules.sort_by_cached_key(|rule: &Rule| (rule.only_permits, rule.sight.breadth(), rule.id.clone()));
        Ok(Self { vocabulary, authorizer: Authorizer::new(), named, rules })
    }

    /// What the rules of an act see together, and the organizations that they name.
    pub(crate) fn sight(&self, action: ActionCode) -> (Sight, Vec<OrganizationId>) {
        let mut sight = Sight::default();
        self.rules.iter().filter(|rule| rule.acts.contains(&action)).for_each(|rule| sight.join(&rule.sight));
        let named = self.named.iter().filter(|id| sight.names("Organization", id.as_str())).cloned().collect();
        (sight, named)
    }

    /// The rules that can answer the questions of a space.
    pub(crate) fn slice(&mut self, space: &Space) -> Slice<'_> {
        let Self { vocabulary, authorizer, named, rules } = self;
        let rules = rules.iter_mut().filter(|rule| rule.acts.contains(&space.action)).map(|rule| {
            let keys = Keys::of(space, &rule.sight, named);
            (rule, keys)
        });
        Slice { rules: rules.collect(), vocabulary, authorizer }
    }
}

impl Rule {
    fn of(
        parsed: &Parsed,
        sight: &Sight,
        must: Effect,
        vocabulary: &Vocabulary,
    ) -> Result<Option<Self>, PolicySetError> {
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| PolicySetError::Parse { id: parsed.id.clone(), source };
        let (policy, sight) = if parsed.reads_context {
            let Some(form) = worst(&parsed.form, sight.may_fail, must) else {
                return Ok(None);
            };
            let sight = Sight::of(&form);
            let id = parsed.policy.id().clone();
            (cedar::Policy::from_json(Some(id), form).map_err(|error| failed(error.into()))?, sight)
        } else {
            (parsed.policy.clone(), sight.clone())
        };
        let applies = |action: &ActionCode| compiled::applies(&policy, vocabulary, *action);
        let acts = ActionCode::ALL.iter().copied().filter(applies).collect();
        let only_permits = policy.effect() == cedar::Effect::Permit && !sight.may_fail;
        let alone = cedar::PolicySet::from_policies([policy]).map_err(|error| failed(error.into()))?;
        Ok(Some(Self { id: parsed.id.clone(), alone, sight, acts, only_permits, answers: BTreeMap::new() }))
    }

    fn ask(&self, space: &Space, point: &Point, vocabulary: &Vocabulary, authorizer: &Authorizer) -> Answer {
        let question = space.case(point).and_then(|case| vocabulary.question(&case.request(), None));
        let Some((question, entities)) = question else {
            return Answer::Denies;
        };
        match judge(&authorizer.is_authorized(&question, &self.alone, &entities)) {
            (Effect::Allow, _) => Answer::Permits,
            (Effect::Deny, ids) if ids.is_empty() => Answer::Silent,
            (Effect::Deny, _) => Answer::Denies,
        }
    }
}

impl Slice<'_> {
    /// What they say to the request at a place of their space.
    ///
    /// # Errors
    /// When all has been spent.
    pub(crate) fn decide(&mut self, space: &Space, point: &Point, cost: &mut Cost) -> Result<Verdict<'_>, Spent> {
        let (mut permit, mut depth) = (None, 0);
        for (place, (rule, keys)) in self.rules.iter_mut().enumerate() {
            if permit.is_some() && rule.only_permits {
                break;
            }
            cost.step()?;
            depth = depth.max(keys.depth);
            let key = keys.at(point);
            let answer = match rule.answers.get(&key) {
                Some(answer) => *answer,
                None => {
                    cost.evaluate(rule.sight.size)?;
                    let answer = rule.ask(space, point, self.vocabulary, self.authorizer);
                    rule.answers.insert(key, answer);
                    answer
                }
            };
            match answer {
                Answer::Denies => return Ok(Verdict { effect: Effect::Deny, by: self.id(place), depth }),
                Answer::Permits => permit = permit.or(Some(place)),
                Answer::Silent => {}
            }
        }
        let effect = if permit.is_some() { Effect::Allow } else { Effect::Deny };
        Ok(Verdict { effect, by: permit.and_then(|place| self.id(place)), depth })
    }

    fn id(&self, place: usize) -> Option<&PolicyId> {
        self.rules.get(place).map(|(rule, _)| &rule.id)
    }
}

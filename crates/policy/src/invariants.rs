//! Invariants: what every set of policies must allow and must deny, checked before it can be proposed.
//!
//! Members vote on new sets. A set that nobody may act under would end the network, one that lets a member into another's
//! register would seize it; both could be voted in by mistake or by stealth. So a set must keep the rows of
//! `policies/invariants/must_allow.csv` and `must_deny.csv` (PROTOCOL 14), which are few and about what no vote should be
//! able to take away: that authorities propose, vote and keep their people, and what the law closes to everyone.
//!
//! # What is promised
//!
//! Where [`check_invariants`] accepts a set, [`crate::CompiledSet::decide`] answers every request that `state` can build and
//! a row speaks of as the row says: in any context, with any roles, for any organizations, whether the set names them or
//! not. The reverse is not promised: a set may be refused for a request that never comes, such as one in a context that
//! cannot be. Better a set that has to be written plainer than one that only looks sound.
//!
//! # How
//!
//! - Policies that read the context are put into their worst case (`worst`).
//! - What the policies of an act can tell apart is read off their text (`sight`). That leaves finitely many requests
//!   (`space`), each of which is asked; for senders that is every set of the roles that are named, as a forbid or a
//!   negation may turn on two roles held together.
//! - A policy is evaluated once for everything that it can tell apart itself (`keys`, `rules`), and where the answer
//!   turns on some of the facts only, the others are passed over.
//!
//! # What is left to others
//!
//! Fixed rules of `state` hold besides, whatever a set says. Two organizations that belong to each other contradict
//! themselves: every request between them is denied under any set, and none is asked here.

mod case;
mod cost;
mod keys;
pub(crate) mod rows;
mod rules;
pub(crate) mod sight;
pub(crate) mod space;
mod words;
mod worst;

use gongxin_types::{ActionCode, Effect, OrganizationId, PolicyId, PolicySet};

pub(crate) use cost::Cost;
use cost::Spent;
use rows::Row;
use rules::Rules;
use sight::Sight;
use space::{CONTRADICTION_DEPTH, Space};

use crate::{
    compiled::{self, Parsed},
    error::PolicySetError,
    limits,
    request::Request,
};

/// What every set must allow: `policies/invariants/must_allow.csv`.
pub(crate) const MUST_ALLOW: &str = include_str!("../../../policies/invariants/must_allow.csv");
/// What every set must deny: `policies/invariants/must_deny.csv`.
pub(crate) const MUST_DENY: &str = include_str!("../../../policies/invariants/must_deny.csv");

/// Why a set cannot be proposed.
#[derive(Debug, thiserror::Error)]
pub enum InvariantError {
    /// It does not compile, or tells too much apart to be checked.
    #[error(transparent)]
    Unsound(#[from] PolicySetError),
    /// It breaks an invariant.
    #[error("line {line} of `{}`, `{en}`, is broken: {} {}", file(*must), words::culprit(*must, policy.as_ref()), words::Words(request))]
    Broken {
        /// What the row says of its requests; the file is `must_allow.csv` or `must_deny.csv`.
        must: Effect,
        /// The row's line in that file, counted from 1.
        line: u64,
        /// The row's sentence in Chinese.
        zh: String,
        /// The row's sentence in English.
        en: String,
        /// A request that would be answered otherwise, in one context at least; its own context is left empty.
        request: Box<Request>,
        /// The policy that would do so; none where none permits what must be allowed.
        policy: Option<PolicyId>,
    },
}

/// Whether a set compiles and keeps every invariant. The first broken row is named, those that must allow come first.
///
/// Every validator does this when a set is proposed: the same set ends at the same question everywhere. For the default set
/// it is about 400 questions and 40 evaluations, less than a tenth of what compiling costs. A policy is evaluated as often
/// as it has cases: twice as often for each role that it names, once more for each other code of a list that it names,
/// about four times for an organization, ten times where it asks what belongs to what. The questions of an act are the
/// product of the cases of its policies, as far as these turn on different facts. Together they are bounded by
/// [`limits::INVARIANT_STEPS_MAX`]; a set whose policies tell more cases apart is refused.
///
/// # Errors
/// See [`InvariantError`].
pub fn check_invariants(set: &PolicySet) -> Result<(), InvariantError> {
    stacker::grow(limits::COMPILATION_STACK_BYTES, || {
        let mut examination = Examination::of(set)?;
        invariants().iter().try_for_each(|row| examination.keeps(row))
    })
}

/// The rows of both files, in their order.
#[expect(clippy::expect_used, reason = "the files are compiled in, and a test reads them")]
pub(crate) fn invariants() -> Vec<Row> {
    let read = |table, must| rows::read(table, Some(must)).expect("the invariants are well-formed");
    let mut rows = read(MUST_ALLOW, Effect::Allow);
    rows.extend(read(MUST_DENY, Effect::Deny));
    rows
}

/// A set in both of its worst cases, ready to be asked.
pub(crate) struct Examination {
    rules_allow: Rules,
    rules_deny: Rules,
    pub(crate) cost: Cost,
}

impl Examination {
    /// Compiles a set and puts it into its worst cases.
    pub(crate) fn of(set: &PolicySet) -> Result<Self, PolicySetError> {
        let parsed: Vec<Parsed> = compiled::sound(set)?;
        let sights: Vec<Sight> = parsed.iter().map(|parsed| Sight::of(&parsed.form)).collect();
        let named = named(&sights)?;
        let rules = |must| Rules::of(parsed.iter().zip(&sights), must, named.clone());
        Ok(Self { rules_allow: rules(Effect::Allow)?, rules_deny: rules(Effect::Deny)?, cost: Cost::default() })
    }

    /// Asks everything that a row says.
    pub(crate) fn keeps(&mut self, row: &Row) -> Result<(), InvariantError> {
        let rules = match row.effect {
            Effect::Allow => &mut self.rules_allow,
            Effect::Deny => &mut self.rules_deny,
        };
        row.actions.iter().try_for_each(|action| keeps(row, *action, rules, &mut self.cost))
    }
}

fn keeps(row: &Row, action: ActionCode, rules: &mut Rules, cost: &mut Cost) -> Result<(), InvariantError> {
    let spent = |Spent| PolicySetError::TooManyCases { action };
    let (sight, named) = rules.sight(action);
    let Some(mut space) = Space::whole(action, &named) else {
        return Ok(());
    };
    space.restrict(row);
    space.reduce(&sight, row.who);
    let mut slice = rules.slice(&space);
    let mut next = space.first();
    while let Some(point) = next {
        cost.step().map_err(spent)?;
        let Some(case) = space.case(&point) else {
            next = space.after(point, CONTRADICTION_DEPTH);
            continue;
        };
        cost.questions = cost.questions.saturating_add(1);
        let verdict = slice.decide(&space, &point, cost).map_err(spent)?;
        if verdict.effect != row.effect {
            return Err(InvariantError::Broken {
                must: row.effect,
                line: row.line,
                zh: row.zh.clone(),
                en: row.en.clone(),
                request: Box::new(case.request()),
                policy: verdict.by.cloned(),
            });
        }
        next = space.after(point, verdict.depth);
    }
    Ok(())
}

/// The organizations that a set names, ascending. A name that no organization can have is none.
fn named(sights: &[Sight]) -> Result<Vec<OrganizationId>, PolicySetError> {
    let mut sight = Sight::default();
    sights.iter().for_each(|one| sight.join(one));
    let named: Vec<OrganizationId> = sight.organizations().filter_map(|id| id.parse().ok()).collect();
    if named.len() > limits::NAMED_ORGANIZATIONS_MAX { Err(PolicySetError::TooManyOrganizations) } else { Ok(named) }
}

/// The file of the rows that say this.
const fn file(must: Effect) -> &'static str {
    match must {
        Effect::Allow => "must_allow.csv",
        Effect::Deny => "must_deny.csv",
    }
}

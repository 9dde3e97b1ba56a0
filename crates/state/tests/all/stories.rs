//! Stories: who does what to whom, and what the ledger says to it. Every story is told with both suites.

mod alerts;
mod catalogue;
mod four_eyes;
mod grants;
pub(crate) mod obligations;
mod people;
mod proposals;
mod readings;
mod records;
mod recovery;
mod reservations;
mod rules;
mod validators;
mod versions;

use gongxin_crypto::Suite;
use gongxin_test_support::{Person, Sandbox, cast, world};
use gongxin_types::pending::{Approval, NewPending, PendingAct};
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote};
use gongxin_types::{AccessAuthority, Action, Evidence, Genesis, Height, Pending, PendingId, ProposalId, Role, codec};

use crate::support::{Story, both_suites_with};

/// A day.
const DAY_MS: u64 = 86_400_000;

/// The notarisation of a document.
pub(crate) fn evidence(sandbox: &Sandbox, document: &str) -> Action {
    Action::NotariseEvidence(Evidence {
        digest: sandbox.suite.hash(&[document.as_bytes()]),
        media_type: "application/pdf".parse().unwrap(),
        legal_basis: "electronic-signature-law-art-8".parse().unwrap(),
    })
}

/// The owner's duty under which its own officers read the divisions.
pub(crate) fn duty() -> AccessAuthority {
    AccessAuthority::Duty { duty: world::DIVISIONS_DUTY.parse().unwrap() }
}

/// Stories of an office with two heads from the beginning: the deputy has a name only in these.
pub(crate) fn with_a_deputy(test: impl Fn(&mut Sandbox)) {
    let add = |genesis: &mut Genesis| {
        let mut officers = genesis.objects.officers.to_vec();
        officers.push(world::officer(&deputy(genesis.head.suite)));
        genesis.objects.officers = world::list(officers);
    };
    both_suites_with(add, test);
}

/// Housing's second head.
pub(crate) fn deputy(suite: Suite) -> Person {
    Person::new(suite, 7, "housing", "deputy", &[Role::Authority])
}

/// The identifier of a pending act.
pub(crate) fn pending_id(label: &str) -> PendingId {
    PendingId::new(cast::bytes(7, "pending", label))
}

/// Proposes an act that takes two.
pub(crate) fn pend(label: &str, act: PendingAct) -> Action {
    Action::OpenPending(NewPending { version: 1, id: pending_id(label), act })
}

/// Approves the act that waits under this label.
pub(crate) fn approve(sandbox: &Sandbox, label: &str) -> Action {
    Action::ApprovePending(Approval { pending: pending_id(label), act: pending(sandbox, label).digest })
}

/// What waits under this label.
pub(crate) fn pending(sandbox: &Sandbox, label: &str) -> Pending {
    noun(sandbox, |page| gongxin_state::key::of(gongxin_state::key::Kind::Pending, &pending_id(label), page))
}

/// A noun of the state.
pub(crate) fn noun<T: borsh::BorshDeserialize>(sandbox: &Sandbox, key: impl Fn(u32) -> gongxin_state::Key) -> T {
    let pages: Vec<_> = (0..).map_while(|page| sandbox.pages.get(&key(page)).copied()).collect();
    codec::decode("noun", &gongxin_state::page::join(&pages).unwrap()).unwrap()
}

/// The identifier of a proposal.
pub(crate) fn proposal_id(label: &str) -> ProposalId {
    ProposalId::new(cast::bytes(7, "proposal", label))
}

/// A matter put to the vote for a fortnight.
pub(crate) fn new_proposal(sandbox: &Sandbox, label: &str, matter: Matter) -> NewProposal {
    NewProposal {
        version: 1,
        id: proposal_id(label),
        legal_basis: "sharing-regulation".parse().unwrap(),
        matter,
        closes: sandbox.now().plus_millis(14 * DAY_MS),
        effective: Height::GENESIS,
    }
}

/// An office puts a matter to the vote.
pub(crate) fn opens(story: &mut Story<'_>, organization: &str, label: &str, matter: &Matter) {
    story.act(organization, Role::Authority, &format!("proposes {label}"), |sandbox| {
        Action::OpenProposal(new_proposal(sandbox, label, matter.clone()))
    });
}

/// An office votes.
pub(crate) fn votes(story: &mut Story<'_>, organization: &str, label: &str, matter: &Matter, choice: Choice) {
    let word = if choice == Choice::For { "for" } else { "against" };
    story.act(organization, Role::Authority, &format!("votes {word} {label}"), |sandbox| {
        Action::CastVote(NewVote { proposal: proposal_id(label), matter: matter.digest(sandbox.suite), choice })
    });
}

/// The same person with a key of this name.
pub(crate) fn with_key(sandbox: &Sandbox, person: &Person, name: &str) -> Person {
    let other = Person::new(sandbox.suite, sandbox.seed, person.organization.as_str(), name, &[]);
    Person { secret: other.secret, actor: person.actor, organization: other.organization, roles: person.roles.clone() }
}

//! The copy beside the real rules where members vote: what took effect at the beginning of a block is in the copy too.

use gongxin_state::key::Kind;
use gongxin_test_support::cast::{DEPARTMENTS, bytes};
use gongxin_test_support::{Person, Sandbox, world};
use gongxin_types::action::OfficerChange;
use gongxin_types::officer::Recovery;
use gongxin_types::proposal::{Admission, Choice, Matter, NewProposal, NewVote, ParametersChange, ProposalStatus};
use gongxin_types::{
    Action, Height, Officer, Organization, OrganizationKind, Parameters, PolicySet, Proposal, ProposalId, Role,
};

use crate::ledger::{agree, copy_of, takes_effect};

/// Civil affairs proposes it, three offices vote for it.
pub(crate) fn passes(sandbox: &mut Sandbox, label: &str, matter: &Matter) -> ProposalId {
    let id = ProposalId::new(bytes(1, "proposal", label));
    let head = Person::new(gongxin_crypto::Suite::Intl, 1, "civil-affairs", "authority", &[Role::Authority]);
    let closes = sandbox.now().plus_millis(86_400_000);
    let legal_basis = "sharing-regulation".parse().unwrap();
    let effective = Height::GENESIS;
    let new = NewProposal { version: 1, id, legal_basis, matter: matter.clone(), closes, effective };
    takes_effect(sandbox, &head, Action::OpenProposal(new));
    DEPARTMENTS[..3].iter().for_each(|organization| votes(sandbox, organization, label, matter));
    id
}

/// One member votes for it.
pub(crate) fn votes(sandbox: &mut Sandbox, organization: &str, label: &str, matter: &Matter) {
    let head = Person::new(gongxin_crypto::Suite::Intl, 1, organization, "authority", &[Role::Authority]);
    let proposal = ProposalId::new(bytes(1, "proposal", label));
    let vote = NewVote { proposal, matter: matter.digest(sandbox.suite), choice: Choice::For };
    takes_effect(sandbox, &head, Action::CastVote(vote));
}

/// One proposal of each kind takes effect, and one is void: nouns, parameters and rules of the copy are those of the state,
/// and a proposal can be read in full.
#[test]
fn what_took_effect_is_in_the_copy() {
    let mut sandbox = Sandbox::new();
    let suite = sandbox.suite;
    let set = PolicySet { revision: 2, ..sandbox.genesis.objects.policy_set.clone() };
    let parameters = Parameters { release_lifetime_ms: 7_200_000, ..sandbox.genesis.objects.parameters.clone() };
    let head = Person::new(suite, 1, "health", "head", &[Role::Authority]);
    let admission = Admission {
        organization: world::organization("health", OrganizationKind::Supervisor),
        head: world::officer(&head),
    };
    let clerk = sandbox.officer("civil-affairs", Role::CaseOfficer).officer_id();
    let change = OfficerChange { id: clerk, roles: world::list([Role::CaseOfficer, Role::Supervisor]), until: None };
    let supervisor = sandbox.officer("audit-office", Role::Supervisor).officer_id();
    let voice = Person::new(suite, 1, "audit-office", "new key", &[]);
    let matters = [
        ("rules", Matter::PolicySet(set.clone())),
        ("parameters", Matter::Parameters(ParametersChange { revision: 2, parameters: parameters.clone() })),
        ("health", Matter::Admission(admission)),
        ("watcher", Matter::Appointment(change)),
        ("voice", Matter::Recovery(Recovery { officer: supervisor, key: world::key(&voice) })),
        ("audit", Matter::Expulsion("audit-office".parse().unwrap())),
    ];
    for (label, matter) in &matters {
        passes(&mut sandbox, label, matter);
    }
    // Health is admitted in the block of this act, and goes again.
    takes_effect(
        &mut sandbox,
        &head,
        Action::RegisterOfficer(world::officer(&Person::new(suite, 1, "health", "clerk", &[Role::CaseOfficer]))),
    );
    let last = passes(&mut sandbox, "health goes", &Matter::Expulsion("health".parse().unwrap()));
    let open = passes_not(&mut sandbox);
    sandbox.block(vec![]).unwrap();

    let (_directory, projection) = copy_of(&sandbox);
    assert_eq!(agree::<Proposal>(&sandbox, &projection, Kind::Proposal).0, 8);
    assert_eq!(agree::<Organization>(&sandbox, &projection, Kind::Organization).0, 7);
    agree::<Officer>(&sandbox, &projection, Kind::Officer);
    let rules = projection.policy_set().unwrap().value;
    assert_eq!((rules.noun, rules.revision, rules.action), (set, 2, None));
    let in_force = projection.parameters().unwrap().value;
    assert_eq!((in_force.noun, in_force.revision), (parameters, 2));
    let expelled = projection.organization(&"health".parse().unwrap()).unwrap().value.unwrap();
    assert!(expelled.noun.expelled.is_some() && expelled.action.is_none());
    let status = |id| projection.proposal(&id).unwrap().value.unwrap().noun.status;
    assert_eq!(status(last), ProposalStatus::InForce { height: expelled.changed });
    assert_eq!(status(open), ProposalStatus::Open);
    let shown = projection.matter(&last).unwrap().value;
    assert_eq!(shown, Some(Matter::Expulsion("health".parse().unwrap())));
    assert_eq!(projection.matter(&ProposalId::new([0; 16])).unwrap().value, None);
}

/// One on which nobody votes.
fn passes_not(sandbox: &mut Sandbox) -> ProposalId {
    let id = ProposalId::new(bytes(1, "proposal", "open"));
    let head = Person::new(sandbox.suite, 1, "housing", "authority", &[Role::Authority]);
    let matter = Matter::Expulsion("data-bureau".parse().unwrap());
    let closes = sandbox.now().plus_millis(86_400_000);
    let legal_basis = "sharing-regulation".parse().unwrap();
    let new = NewProposal { version: 1, id, legal_basis, matter, closes, effective: Height::GENESIS };
    takes_effect(sandbox, &head, Action::OpenProposal(new));
    id
}

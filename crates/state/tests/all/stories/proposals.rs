//! Stories of proposals: members change rules, members and roles by vote, and nobody does it alone.

use expect_test::expect;
use gongxin_policy::default_set;
use gongxin_state::key;
use gongxin_test_support::{Person, Reading, Sandbox, cast, world};
use gongxin_types::action::OfficerChange;
use gongxin_types::policy_set::{Policy, Source};
use gongxin_types::proposal::{Admission, Choice, Matter, NewProposal, NewVote, ParametersChange, ProposalStatus};
use gongxin_types::{
    AccessAuthority, Action, Bilingual, Height, ListKey, Officer, OfficerId, OfficerKey, OrganizationKind, PolicySet,
    Proposal, Role,
};

use super::{DAY_MS, evidence, new_proposal as new, noun, opens, proposal_id as id, votes};
use crate::support::{Story, both_suites, told};

/// Three of four vote for it.
fn passes(story: &mut Story<'_>, label: &str, matter: &Matter) {
    opens(story, "housing", label, matter);
    for organization in &cast::DEPARTMENTS[..3] {
        votes(story, organization, label, matter, Choice::For);
    }
}

fn proposal(sandbox: &Sandbox, label: &str) -> Proposal {
    noun(sandbox, |page| key::of(key::Kind::Proposal, &id(label), page))
}

/// The default rules as revision 2, with one that forbids notarising.
fn no_notary() -> Matter {
    let set = default_set();
    let mut policies = set.policies.to_vec();
    policies.push(Policy {
        id: "nobody-notarises".parse().unwrap(),
        source: Source::new(r#"forbid (principal, action == Action::"evidence.notarise", resource);"#).unwrap(),
        legal_basis: "sharing-regulation".parse().unwrap(),
        sentence: Bilingual::new("不得存证。", "Nobody notarises.").unwrap(),
    });
    policies.sort_by(|one, other| one.id.cmp(&other.id));
    Matter::PolicySet(PolicySet { revision: 2, policies: world::list(policies), ..set })
}

/// Rules change when more than two thirds want it, from the next block on, and its receipts name the new ones.
#[test]
fn members_change_the_rules() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let rules = no_notary();
        story.act("housing", Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "a"));
        story.act("housing", Role::CaseOfficer, "proposes rules", |sandbox| {
            Action::OpenProposal(new(sandbox, "rules", no_notary()))
        });
        opens(&mut story, cast::SUPERVISOR, "rules", &rules);
        opens(&mut story, cast::AUTHORITY, "rules", &rules);
        opens(&mut story, "housing", "rules", &rules);
        votes(&mut story, "civil-affairs", "rules", &rules, Choice::For);
        votes(&mut story, "civil-affairs", "rules", &rules, Choice::Against);
        votes(&mut story, cast::AUTHORITY, "rules", &rules, Choice::For);
        votes(&mut story, "public-security", "rules", &Matter::Expulsion("housing".parse().unwrap()), Choice::For);
        votes(&mut story, "public-security", "rules", &rules, Choice::For);
        story.act("housing", Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "b"));
        votes(&mut story, "housing", "rules", &rules, Choice::For);
        assert_eq!(story.sandbox.blocks.last().unwrap().receipts.due, []);
        story.act("housing", Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "c"));
        let block = story.sandbox.blocks.last().unwrap();
        assert_eq!(block.receipts.transactions[0].actions[0].receipt.policy_revision, 2);
        assert!(!block.receipts.due.is_empty());
        votes(&mut story, "social-security", "rules", &rules, Choice::Against);
        let height = proposal(story.sandbox, "rules").status;
        assert_eq!(height, ProposalStatus::InForce { height: Height::new(13) });
        story.ends(expect![[r#"
            housing's case-officer notarises: done, 1 page (officer-notarises-for-own-organization)
            housing's case-officer proposes rules: refused, policy
            audit-office's authority proposes rules: refused, no-vote
            data-bureau's authority proposes rules: done (authority-proposes)
            housing's authority proposes rules: refused, already-exists
            civil-affairs's authority votes for rules: done (authority-votes)
            civil-affairs's authority votes against rules: refused, already-voted
            data-bureau's authority votes for rules: refused, no-vote
            public-security's authority votes for rules: refused, other-matter
            public-security's authority votes for rules: done (authority-votes)
            housing's case-officer notarises: done, 1 page (officer-notarises-for-own-organization)
            housing's authority votes for rules: done (authority-votes)
            housing's case-officer notarises: refused, policy (nobody-notarises)
            social-security's authority votes against rules: refused, voting-closed
        "#]]);
    });
}

/// A proposal that can no longer be accepted is rejected; one whose time is over, or that was taken back, stays undecided. A
/// vote after that is refused.
#[test]
fn a_proposal_fails() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let rules = no_notary();
        opens(&mut story, "housing", "first", &rules);
        votes(&mut story, "housing", "first", &rules, Choice::For);
        votes(&mut story, "civil-affairs", "first", &rules, Choice::Against);
        votes(&mut story, "public-security", "first", &rules, Choice::Against);
        votes(&mut story, "social-security", "first", &rules, Choice::For);
        assert_eq!(proposal(story.sandbox, "first").status, ProposalStatus::Rejected);

        opens(&mut story, "housing", "second", &rules);
        story.act("civil-affairs", Role::Authority, "takes second back", |_| Action::WithdrawProposal(id("second")));
        story.act("housing", Role::Authority, "takes second back", |_| Action::WithdrawProposal(id("second")));
        votes(&mut story, "housing", "second", &rules, Choice::For);

        opens(&mut story, "housing", "third", &rules);
        votes(&mut story, "housing", "third", &rules, Choice::For);
        votes(&mut story, "civil-affairs", "third", &rules, Choice::For);
        story.wait(14 * DAY_MS);
        votes(&mut story, "public-security", "third", &rules, Choice::For);
        story.act("housing", Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "a"));
        story.ends(expect![[r#"
            housing's authority proposes first: done (authority-proposes)
            housing's authority votes for first: done (authority-votes)
            civil-affairs's authority votes against first: done (authority-votes)
            public-security's authority votes against first: done (authority-votes)
            social-security's authority votes for first: refused, voting-closed
            housing's authority proposes second: done (authority-proposes)
            civil-affairs's authority takes second back: refused, policy
            housing's authority takes second back: done (authority-proposes)
            housing's authority votes for second: refused, voting-closed
            housing's authority proposes third: done (authority-proposes)
            housing's authority votes for third: done (authority-votes)
            civil-affairs's authority votes for third: done (authority-votes)
            20160 minutes pass
            public-security's authority votes for third: refused, voting-closed
            housing's case-officer notarises: done, 1 page (officer-notarises-for-own-organization)
        "#]]);
    });
}

/// A fifth member is admitted with its head, who appoints the others; when it is shut out, none of its people and servers
/// act any more, and its keys are nobody else's.
#[test]
fn a_fifth_member_comes_and_goes() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let head = Person::new(suite, seed, "health", "head", &[Role::Authority]);
        let clerk = Person::new(suite, seed, "health", "clerk", &[Role::CaseOfficer]);
        let admission = Matter::Admission(Admission {
            organization: world::organization("health", OrganizationKind::Supervisor),
            head: world::officer(&head),
        });
        story.unknown(&head, "notarises before the vote", |sandbox| evidence(sandbox, "a"));
        passes(&mut story, "health", &admission);
        story.act("housing", Role::CaseOfficer, "notarises meanwhile", |sandbox| evidence(sandbox, "b"));
        story.act_as(&head, "appoints a clerk", |_| Action::RegisterOfficer(world::officer(&clerk)));
        story.act_as(&clerk, "notarises", |sandbox| evidence(sandbox, "c"));
        story.act_as(&head, "proposes to expel housing", |sandbox| {
            Action::OpenProposal(new(sandbox, "revenge", Matter::Expulsion("housing".parse().unwrap())))
        });
        opens(&mut story, "housing", "health again", &admission);
        opens(&mut story, "housing", "expel housing", &Matter::Expulsion("housing".parse().unwrap()));
        let expulsion = Matter::Expulsion("health".parse().unwrap());
        passes(&mut story, "expel", &expulsion);
        story.act_as(&clerk, "notarises", |sandbox| evidence(sandbox, "d"));
        opens(&mut story, "housing", "expel twice", &expulsion);
        story.ends(expect![[r#"
            health's newcomer notarises before the vote: not included: the signing key is not registered for this sender
            housing's authority proposes health: done (authority-proposes)
            civil-affairs's authority votes for health: done (authority-votes)
            public-security's authority votes for health: done (authority-votes)
            social-security's authority votes for health: done (authority-votes)
            housing's case-officer notarises meanwhile: done, 1 page (officer-notarises-for-own-organization)
            health's newcomer appoints a clerk: done, 3 pages (authority-keeps-own-officers)
            health's newcomer notarises: done, 1 page (officer-notarises-for-own-organization)
            health's newcomer proposes to expel housing: refused, no-vote
            housing's authority proposes health again: refused, already-exists
            housing's authority proposes expel housing: refused, serves-as-validator
            housing's authority proposes expel: done (authority-proposes)
            civil-affairs's authority votes for expel: done (authority-votes)
            public-security's authority votes for expel: done (authority-votes)
            social-security's authority votes for expel: done (authority-votes)
            health's newcomer notarises: refused, expelled
            housing's authority proposes expel twice: refused, expelled
        "#]]);
    });
}

/// Who watches everybody is chosen by all; and the competent authority, which heads the entry of members without a vote,
/// cannot put its own people where the votes are.
#[test]
fn critical_roles_are_given_by_vote() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let eve = Person::new(suite, seed, cast::SUPERVISOR, "eve", &[Role::Supervisor]);
        story.act(cast::SUPERVISOR, Role::Authority, "makes eve a supervisor", |_| {
            Action::RegisterOfficer(world::officer(&eve))
        });
        let clerk = Person { roles: vec![Role::CaseOfficer], secret: eve.secret.clone(), ..eve };
        story.act(cast::SUPERVISOR, Role::Authority, "makes eve a clerk", |_| {
            Action::RegisterOfficer(world::officer(&clerk))
        });
        let id = clerk.officer_id();
        let change = |roles: &[Role]| OfficerChange { id, roles: world::list(roles.to_vec()), until: None };
        story.act(cast::SUPERVISOR, Role::Authority, "gives eve the role", |_| {
            Action::AmendOfficer(change(&[Role::CaseOfficer, Role::Supervisor]))
        });
        passes(&mut story, "eve", &Matter::Appointment(change(&[Role::CaseOfficer, Role::Supervisor])));
        let soon = story.sandbox.now().plus_millis(DAY_MS);
        let until = |until| OfficerChange { until, ..change(&[Role::CaseOfficer, Role::Supervisor]) };
        story.act(cast::SUPERVISOR, Role::Authority, "ends it tomorrow", |_| Action::AmendOfficer(until(Some(soon))));
        story.act(cast::SUPERVISOR, Role::Authority, "lets it last", |_| Action::AmendOfficer(until(None)));
        let voice = Person::new(suite, seed, cast::SUPERVISOR, "another key", &[]);
        story.act(cast::SUPERVISOR, Role::Authority, "gives eve a further key", |sandbox| {
            Action::AddOfficerKey(id, OfficerKey { from: sandbox.now(), ..world::key(&voice) })
        });
        story.act(cast::SUPERVISOR, Role::Authority, "takes the role away", |_| {
            Action::AmendOfficer(change(&[Role::CaseOfficer]))
        });
        opens(&mut story, "housing", "strip", &Matter::Appointment(change(&[Role::Supervisor])));
        let puppet = Person::new(suite, seed, "housing", "puppet", &[Role::Authority]);
        story.act(cast::AUTHORITY, Role::Authority, "makes a head of housing", |_| {
            Action::RegisterOfficer(world::officer(&puppet))
        });
        let real: OfficerId = story.sandbox.officer("housing", Role::Authority).officer_id();
        story.act(cast::AUTHORITY, Role::Authority, "dismisses the head of housing", |_| Action::DismissOfficer(real));
        story.ends(expect![[r#"
            audit-office's authority makes eve a supervisor: refused, vote-required
            audit-office's authority makes eve a clerk: done, 3 pages (authority-keeps-own-officers)
            audit-office's authority gives eve the role: refused, vote-required
            housing's authority proposes eve: done (authority-proposes)
            civil-affairs's authority votes for eve: done (authority-votes)
            public-security's authority votes for eve: done (authority-votes)
            social-security's authority votes for eve: done (authority-votes)
            audit-office's authority ends it tomorrow: done, 2 pages (authority-keeps-own-officers)
            audit-office's authority lets it last: refused, vote-required
            audit-office's authority gives eve a further key: refused, policy
            audit-office's authority takes the role away: done, 2 pages (authority-keeps-own-officers)
            housing's authority proposes strip: refused, other-organization
            data-bureau's authority makes a head of housing: refused, vote-required
            data-bureau's authority dismisses the head of housing: refused, vote-required
        "#]]);
    });
}

/// Of two changes of one revision the second is void and changes nothing; what has a height of its own waits for it.
#[test]
fn changes_that_no_longer_fit_are_void() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let rules = no_notary();
        let other = Matter::PolicySet(PolicySet { revision: 2, ..default_set() });
        let effective = Height::new(20);
        for (label, matter) in [("rules", &rules), ("other", &other)] {
            story.act("housing", Role::Authority, &format!("proposes {label}"), |sandbox| {
                Action::OpenProposal(NewProposal { effective, ..new(sandbox, label, matter.clone()) })
            });
            for organization in &cast::DEPARTMENTS[..3] {
                votes(&mut story, organization, label, matter, Choice::For);
            }
        }
        while story.sandbox.header().height.next() < effective {
            story.sandbox.block(vec![]).unwrap();
        }
        assert_eq!(proposal(story.sandbox, "rules").status, ProposalStatus::Accepted { effective });
        // Nobody sends anything: the blocks themselves let them take effect, the first accepted first.
        for _ in 0..2 {
            assert!(!story.sandbox.block(vec![]).unwrap().receipts.due.is_empty());
        }
        let [one, two] = ["rules", "other"].map(|label| proposal(story.sandbox, label).status);
        let refusal = gongxin_types::Refusal::RevisionMismatch;
        assert_eq!(one, ProposalStatus::InForce { height: effective });
        assert_eq!(two, ProposalStatus::Void { height: effective.next(), refusal });
        story.act("housing", Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "a"));
        story.ends(expect![[r#"
            housing's authority proposes rules: done (authority-proposes)
            civil-affairs's authority votes for rules: done (authority-votes)
            public-security's authority votes for rules: done (authority-votes)
            social-security's authority votes for rules: done (authority-votes)
            housing's authority proposes other: done (authority-proposes)
            civil-affairs's authority votes for other: done (authority-votes)
            public-security's authority votes for other: done (authority-votes)
            social-security's authority votes for other: done (authority-votes)
            housing's case-officer notarises: refused, policy (nobody-notarises)
        "#]]);
    });
}

/// However much falls due at one height, a block stays within its bounds: one proposal takes effect in each, and a validator
/// that has just started needs few rounds of loading for it.
#[test]
fn what_is_due_at_once_takes_turns() {
    both_suites(|sandbox| {
        let (suite, seed) = (sandbox.suite, sandbox.seed);
        let effective = Height::new(60);
        let mut matters: Vec<Matter> = cast::DEPARTMENTS[..3]
            .iter()
            .map(|organization| {
                let id = sandbox.officer(organization, Role::CaseOfficer).officer_id();
                let roles = world::list([Role::CaseOfficer, Role::Supervisor]);
                Matter::Appointment(OfficerChange { id, roles, until: None })
            })
            .collect();
        for member in ["health", "education"] {
            let head = Person::new(suite, seed, member, "head", &[Role::Authority]);
            let keys = (0..8).map(|key| world::key(&Person::new(suite, seed, member, &format!("key {key}"), &[])));
            let head = Officer { keys: world::list(keys.collect::<Vec<_>>()), ..world::officer(&head) };
            let organization = world::organization(member, OrganizationKind::Department);
            matters.push(Matter::Admission(Admission { organization, head }));
        }
        matters.push(no_notary());
        for (number, matter) in matters.iter().enumerate() {
            let label = format!("matter {number}");
            let head = sandbox.officer("housing", Role::Authority);
            let new = NewProposal { effective, ..new(sandbox, &label, matter.clone()) };
            let mut acts = vec![sandbox.sign(head, [Action::OpenProposal(new)])];
            for organization in &cast::DEPARTMENTS[..3] {
                let vote = NewVote { proposal: id(&label), matter: matter.digest(suite), choice: Choice::For };
                acts.push(sandbox.sign(sandbox.officer(organization, Role::Authority), [Action::CastVote(vote)]));
            }
            sandbox.block(acts).unwrap();
        }
        while sandbox.header().height.next() < effective {
            assert_eq!(sandbox.block(vec![]).unwrap().receipts.due, []);
        }
        for number in 0..matters.len() {
            sandbox.forget_caches();
            let transaction = sandbox.sign(sandbox.officer("housing", Role::CaseOfficer), [evidence(sandbox, "a")]);
            sandbox.block(vec![transaction]).unwrap();
            assert!(sandbox.rounds <= 7, "{} rounds for matter {number}", sandbox.rounds);
            let height = sandbox.header().height;
            assert_eq!(proposal(sandbox, &format!("matter {number}")).status, ProposalStatus::InForce { height });
        }
        assert_eq!(sandbox.block(vec![]).unwrap().receipts.due, []);
    });
}

/// Of a member that was shut out nothing goes on: what it proposed finds no more votes, nobody grants to it, and its officers
/// read nothing, whatever grant they had.
#[test]
fn nothing_goes_on_for_who_was_shut_out() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let clerk = Person::new(suite, seed, cast::AUTHORITY, "clerk", &[Role::CaseOfficer]);
        story.act(cast::AUTHORITY, Role::Authority, "appoints a clerk", |_| {
            Action::RegisterOfficer(world::officer(&clerk))
        });
        let until = story.sandbox.now().plus_millis(DAY_MS);
        let granting = |label: &'static str| {
            move |sandbox: &Sandbox| Action::IssueGrant(sandbox.grant(label, cast::AUTHORITY, &["code"], until))
        };
        story.act("civil-affairs", Role::DataSteward, "grants", granting("early"));
        let reads = |story: &mut Story<'_>, label: &str| {
            let sandbox = &*story.sandbox;
            let grant = sandbox.grant("early", cast::AUTHORITY, &["code"], until).id;
            let authority = AccessAuthority::Grant { grant };
            let reading = Reading::of_division(sandbox.network(), suite, &clerk, authority, "310101", label);
            let list = ListKey::of_resource(suite, &world::DIVISIONS.parse().unwrap());
            let leaf = reading.answered(suite, sandbox.cast.gateway("civil-affairs"), [list]);
            story.act_of_gateway("civil-affairs", "answers the clerk", move |_| Action::RecordAccess(leaf.clone()));
        };
        reads(&mut story, "first");
        let rules = no_notary();
        opens(&mut story, cast::AUTHORITY, "rules", &rules);
        passes(&mut story, "expel", &Matter::Expulsion(cast::AUTHORITY.parse().unwrap()));
        votes(&mut story, "housing", "rules", &rules, Choice::For);
        story.act("civil-affairs", Role::DataSteward, "grants again", granting("late"));
        reads(&mut story, "second");
        story.ends(expect![[r#"
            data-bureau's authority appoints a clerk: done, 3 pages (authority-keeps-own-officers)
            civil-affairs's data-steward grants: done, 2 pages (steward-keeps-own-grants)
            civil-affairs's gateway answers the clerk: done, 2 pages, listed as 1 (case-officer-reads-shared-data)
            data-bureau's authority proposes rules: done (authority-proposes)
            housing's authority proposes expel: done (authority-proposes)
            civil-affairs's authority votes for expel: done (authority-votes)
            public-security's authority votes for expel: done (authority-votes)
            social-security's authority votes for expel: done (authority-votes)
            housing's authority votes for rules: refused, voting-closed
            civil-affairs's data-steward grants again: refused, expelled
            civil-affairs's gateway answers the clerk: refused, expelled
        "#]]);
    });
}

/// What would brick the network or hand it to one member cannot even be proposed.
#[test]
fn ruin_cannot_be_proposed() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let set = || PolicySet { revision: 2, ..default_set() };
        let with = |policies: Vec<Policy>| Matter::PolicySet(PolicySet { policies: world::list(policies), ..set() });
        let broken = Policy { source: Source::new("permit (").unwrap(), ..set().policies[0].clone() };
        let revision = |revision| Matter::PolicySet(PolicySet { revision, ..set() });
        let parameters = |change: &dyn Fn(&mut gongxin_types::Parameters)| {
            let mut parameters = world::parameters();
            change(&mut parameters);
            Matter::Parameters(ParametersChange { revision: 2, parameters })
        };
        opens(&mut story, "housing", "no rules", &with(vec![]));
        opens(&mut story, "housing", "broken rules", &with(vec![broken]));
        opens(&mut story, "housing", "old rules", &revision(1));
        opens(&mut story, "housing", "future rules", &revision(3));
        opens(&mut story, "housing", "no laws", &parameters(&|all| all.legal_bases = world::list([])));
        opens(&mut story, "housing", "no lifetime", &parameters(&|all| all.release_lifetime_ms = 0));
        opens(&mut story, "housing", "good ones", &parameters(&|all| all.release_lifetime_ms = 7_200_000));
        opens(&mut story, "housing", "a stranger's end", &Matter::Expulsion("stranger".parse().unwrap()));
        story.act("housing", Role::Authority, "proposes a vote in the past", |sandbox| {
            Action::OpenProposal(NewProposal { closes: sandbox.now(), ..new(sandbox, "late", no_notary()) })
        });
        story.act("housing", Role::Authority, "proposes for the next century", |sandbox| {
            Action::OpenProposal(NewProposal { effective: Height::new(u64::MAX), ..new(sandbox, "far", no_notary()) })
        });
        opens(&mut story, "housing", "good ones", &no_notary());
        story.ends(expect![[r#"
            housing's authority proposes no rules: refused, broken-invariant
            housing's authority proposes broken rules: refused, unsound-policies
            housing's authority proposes old rules: refused, revision-mismatch
            housing's authority proposes future rules: refused, revision-mismatch
            housing's authority proposes no laws: refused, malformed
            housing's authority proposes no lifetime: refused, malformed
            housing's authority proposes good ones: done (authority-proposes)
            housing's authority proposes a stranger's end: refused, not-found
            housing's authority proposes a vote in the past: refused, term-too-long
            housing's authority proposes for the next century: refused, term-too-long
            housing's authority proposes good ones: refused, already-exists
        "#]]);
    });
}

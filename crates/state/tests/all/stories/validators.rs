//! Stories of validators: members change by vote who serves, and cannot bring the network to a stand.

use expect_test::expect;
use gongxin_state::key;
use gongxin_test_support::{Sandbox, cast};
use gongxin_types::genesis::validators_root;
use gongxin_types::proposal::{Choice, Matter, ProposalStatus};
use gongxin_types::{Proposal, ValidatorSet};

use super::{evidence, noun, opens, proposal_id as id, votes};
use crate::support::{Story, both_suites, told};

const FOUR: [&str; 4] = cast::DEPARTMENTS;

fn with(newcomers: &[&'static str]) -> Vec<&'static str> {
    FOUR.iter().chain(newcomers).copied().collect()
}

fn without(name: &str) -> Vec<&'static str> {
    with(&["data-bureau"]).into_iter().filter(|one| *one != name).collect()
}

fn next(sandbox: &Sandbox, names: &[&str]) -> ValidatorSet {
    sandbox.validators.next(names)
}

/// Members of these names vote for it.
fn passes(story: &mut Story<'_>, label: &str, set: &ValidatorSet, voters: &[&str]) {
    let matter = Matter::ValidatorSet(set.clone());
    opens(story, "civil-affairs", label, &matter);
    voters.iter().for_each(|name| votes(story, name, label, &matter, Choice::For));
}

fn status(sandbox: &Sandbox, label: &str) -> ProposalStatus {
    noun::<Proposal>(sandbox, |page| key::of(key::Kind::Proposal, &id(label), page)).status
}

/// A fifth joins and one of the first leaves, each by a vote of those who serve; headers announce who is next, and the
/// block in which it takes effect is the last of those before.
#[test]
fn a_fifth_joins_and_one_leaves() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let five = next(story.sandbox, &with(&["data-bureau"]));
        passes(&mut story, "five", &five, &FOUR[..3]);
        let before = story.sandbox.header().clone();
        assert!(!before.ends_epoch());
        story.act("housing", gongxin_types::Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "a"));
        let last = story.sandbox.header().clone();
        assert_eq!((last.epoch, last.validators_root), (0, before.validators_root));
        let root = validators_root(story.sandbox.suite, &five.validators);
        assert_eq!((last.next_validators_root, last.next_epoch()), (root, 1));
        story.act("housing", gongxin_types::Role::CaseOfficer, "notarises", |sandbox| evidence(sandbox, "b"));
        let first = story.sandbox.header().clone();
        assert_eq!((first.epoch, first.validators_root, first.ends_epoch()), (1, root, false));
        // Four of five decide now; the fifth has a vote.
        let four = next(story.sandbox, &without("housing"));
        passes(&mut story, "four", &four, &["data-bureau", "civil-affairs", "public-security", "housing"]);
        story.sandbox.block(vec![]).unwrap();
        assert!(matches!(status(story.sandbox, "four"), ProposalStatus::InForce { .. }));
        assert_eq!(story.sandbox.validators.keys().len(), 4);
        let present: ValidatorSet = noun(story.sandbox, |page| key::of(key::Kind::ValidatorSet, &(), page));
        assert_eq!(present, four);
        for (epoch, set) in [(0_u64, None), (1, Some(&five))] {
            let former: ValidatorSet = noun(story.sandbox, |page| key::of(key::Kind::FormerValidatorSet, &epoch, page));
            assert_eq!(former.epoch, epoch);
            assert!(set.is_none_or(|set| *set == former));
        }
        // Who does not serve has no vote, and can be shut out.
        let expulsion = Matter::Expulsion("housing".parse().unwrap());
        opens(&mut story, "housing", "expulsion", &expulsion);
        opens(&mut story, "civil-affairs", "expulsion", &expulsion);
        story.ends(expect![[r#"
            civil-affairs's authority proposes five: done (authority-proposes)
            civil-affairs's authority votes for five: done (authority-votes)
            public-security's authority votes for five: done (authority-votes)
            social-security's authority votes for five: done (authority-votes)
            housing's case-officer notarises: done, 1 page (officer-notarises-for-own-organization)
            housing's case-officer notarises: done, 1 page (officer-notarises-for-own-organization)
            civil-affairs's authority proposes four: done (authority-proposes)
            data-bureau's authority votes for four: done (authority-votes)
            civil-affairs's authority votes for four: done (authority-votes)
            public-security's authority votes for four: done (authority-votes)
            housing's authority votes for four: done (authority-votes)
            housing's authority proposes expulsion: refused, no-vote
            civil-affairs's authority proposes expulsion: done (authority-proposes)
        "#]]);
    });
}

/// Whatever is voted, a quorum of the next set serves already, and the set is one that can be checked.
#[test]
fn a_set_that_could_stand_still_cannot_be_proposed() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let mut proposes = |label: &str, change: &dyn Fn(&mut ValidatorSet), names: &[&str]| {
            let mut set = next(story.sandbox, names);
            change(&mut set);
            opens(&mut story, "housing", label, &Matter::ValidatorSet(set));
        };
        let same = |_: &mut ValidatorSet| {};
        proposes("the same", &same, &FOUR);
        proposes("three", &same, &FOUR[1..]);
        proposes("two newcomers of four", &same, &["housing", "civil-affairs", "data-bureau", "audit-office"]);
        proposes("two newcomers of six", &same, &with(&["data-bureau", "audit-office"]));
        proposes("nobody's validator", &same, &with(&["stranger"]));
        proposes("a later epoch", &|set| set.epoch = 2, &with(&["data-bureau"]));
        proposes("an unknown version", &|set| set.version = 2, &with(&["data-bureau"]));
        proposes("a key that is none", &|set| edit(set, |all| all[0].key.0 = [2; 32]), &with(&["data-bureau"]));
        proposes("another order", &|set| edit(set, |all| all.swap(0, 1)), &with(&["data-bureau"]));
        proposes("a name twice", &|set| edit(set, |all| all[0].name = all[1].name.clone()), &with(&["data-bureau"]));
        proposes("a validator twice", &|set| edit(set, |all| all[1] = all[0].clone()), &with(&["data-bureau"]));
        proposes("a newcomer", &same, &with(&["data-bureau"]));
        story.ends(expect![[r#"
            housing's authority proposes the same: refused, already-exists
            housing's authority proposes three: refused, quorum-at-risk
            housing's authority proposes two newcomers of four: refused, quorum-at-risk
            housing's authority proposes two newcomers of six: refused, quorum-at-risk
            housing's authority proposes nobody's validator: refused, not-found
            housing's authority proposes a later epoch: refused, revision-mismatch
            housing's authority proposes an unknown version: refused, malformed
            housing's authority proposes a key that is none: refused, malformed
            housing's authority proposes another order: refused, malformed
            housing's authority proposes a name twice: refused, malformed
            housing's authority proposes a validator twice: refused, malformed
            housing's authority proposes a newcomer: done (authority-proposes)
        "#]]);
    });
}

/// Two sets are accepted for the same block: one takes effect, the other was for another epoch by then and is void.
#[test]
fn of_two_sets_one_takes_effect() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (five, four) = (next(story.sandbox, &with(&["data-bureau"])), next(story.sandbox, &without("housing")));
        for (label, set) in [("five", &five), ("four", &four)] {
            opens(&mut story, "housing", label, &Matter::ValidatorSet(set.clone()));
        }
        // In one block, so that both wait for the next one.
        let ballots: Vec<_> = ["civil-affairs", "public-security", "housing"]
            .iter()
            .map(|name| {
                let person = story.sandbox.officer(name, gongxin_types::Role::Authority);
                let vote = |label: &str, set: &ValidatorSet| {
                    let matter = Matter::ValidatorSet(set.clone()).digest(story.sandbox.suite);
                    gongxin_types::Action::CastVote(gongxin_types::proposal::NewVote {
                        proposal: id(label),
                        matter,
                        choice: Choice::For,
                    })
                };
                story.sandbox.sign(person, [vote("five", &five), vote("four", &four)])
            })
            .collect();
        story.sandbox.block(ballots).unwrap();
        story.sandbox.block(vec![]).unwrap();
        story.sandbox.block(vec![]).unwrap();
        assert!(matches!(status(story.sandbox, "five"), ProposalStatus::InForce { .. }));
        assert!(matches!(
            status(story.sandbox, "four"),
            ProposalStatus::Void { refusal: gongxin_types::Refusal::RevisionMismatch, .. }
        ));
    });
}

fn edit(set: &mut ValidatorSet, change: impl FnOnce(&mut Vec<gongxin_types::Validator>)) {
    let mut validators = set.validators.to_vec();
    change(&mut validators);
    set.validators = gongxin_test_support::world::list(validators);
}

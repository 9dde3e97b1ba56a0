//! What may stand in a block: replay windows, times, lanes, keys, signatures; and what a block without page costs.

use std::collections::BTreeSet;

use crate::support::both_suites;
use gongxin_crypto::Suite;
use gongxin_state::{
    ExecuteError, Freshness, InvalidTransaction, ReplayWindow, freshness, is_registered, replay_key, sender_key,
};
use gongxin_test_support::{Person, Reading, Sandbox, sandbox::sign, world};
use gongxin_types::proposal::{Matter, NewProposal};
use gongxin_types::transaction::Body;
use gongxin_types::{
    AccessAuthority, Action, Evidence, Height, ListKey, PolicySet, ProposalId, Refusal, Role, Transaction,
};
use proptest::prelude::*;

fn evidence(suite: Suite, document: &str) -> Action {
    Action::NotariseEvidence(Evidence {
        digest: suite.hash(&[document.as_bytes()]),
        media_type: "application/pdf".parse().unwrap(),
        legal_basis: "electronic-signature-law-art-8".parse().unwrap(),
    })
}

fn with(sandbox: &Sandbox, change: impl FnOnce(&mut Body)) -> Transaction {
    let clerk = sandbox.officer("housing", Role::CaseOfficer);
    let mut body = sandbox.body(clerk, [evidence(sandbox.suite, "a")]);
    change(&mut body);
    sign(sandbox.suite, clerk, body)
}

fn reason(sandbox: &mut Sandbox, transactions: Vec<Transaction>) -> (usize, InvalidTransaction) {
    match sandbox.block(transactions) {
        Err(ExecuteError::Invalid { index, reason }) => (index, reason),
        other => panic!("included: {other:?}"),
    }
}

/// A transaction that can never be included names why; the others of the block are not to blame.
#[test]
fn what_may_not_be_included() {
    both_suites(|sandbox| {
        let now = sandbox.now();
        let late = now.plus_millis(600_001);
        let hollow = sandbox.batch([]);
        let rules = Action::OpenProposal(NewProposal {
            version: 1,
            id: ProposalId::new([1; 16]),
            legal_basis: "sharing-regulation".parse().unwrap(),
            matter: Matter::PolicySet(PolicySet {
                policies: world::list([]),
                ..sandbox.genesis.objects.policy_set.clone()
            }),
            closes: late,
            effective: Height::GENESIS,
        });
        let heavy = with(sandbox, |body| body.actions = world::list([(); 4].map(|()| rules.clone())));
        let too_heavy = InvalidTransaction::TooHeavy(gongxin_state::weight(&heavy));
        let cases = [
            (with(sandbox, |body| body.version = 2), InvalidTransaction::Version(2)),
            (with(sandbox, |body| body.network = body.sender.key.as_bytes().try_digest()), InvalidTransaction::Network),
            (with(sandbox, |body| body.valid_until = now), InvalidTransaction::Expired(now)),
            (with(sandbox, |body| body.valid_until = late), InvalidTransaction::TooFarAhead(late)),
            (with(sandbox, |body| body.lane = 64), InvalidTransaction::Lane(64)),
            (with(sandbox, |body| body.actions = world::list([])), InvalidTransaction::Empty),
            (with(sandbox, |body| body.actions = world::list([hollow.clone()])), InvalidTransaction::EmptyBatch),
            (with(sandbox, |body| body.actions = world::list([(); 4].map(|()| rules.clone()))), too_heavy),
            (
                with(sandbox, |body| body.sender.organization = "civil-affairs".parse().unwrap()),
                InvalidTransaction::UnknownKey,
            ),
        ];
        for (transaction, expected) in cases {
            let good = with(sandbox, |_| ());
            assert_eq!(reason(sandbox, vec![good, transaction]), (1, expected));
        }
        assert!(sandbox.blocks.is_empty(), "none of these made a block");
    });
}

trait TryDigest {
    fn try_digest(&self) -> gongxin_crypto::Digest;
}

impl TryDigest for [u8] {
    fn try_digest(&self) -> gongxin_crypto::Digest {
        gongxin_crypto::Digest::new(self).unwrap()
    }
}

/// A sequence number counts once per key and lane, in one block and over blocks, whatever became of the transaction.
#[test]
fn a_sequence_number_counts_once() {
    both_suites(|sandbox| {
        let first = with(sandbox, |body| body.sequence = 1_000);
        let same = with(sandbox, |body| body.sequence = 1_000);
        assert_eq!(reason(sandbox, vec![first.clone(), same.clone()]), (1, InvalidTransaction::SequenceUsed(1_000)));
        sandbox.block(vec![first]).unwrap();
        assert_eq!(reason(sandbox, vec![same]), (0, InvalidTransaction::SequenceUsed(1_000)));
        let old = with(sandbox, |body| body.sequence = 1_000 - 512);
        assert_eq!(reason(sandbox, vec![old]), (0, InvalidTransaction::SequenceTooOld(488)));
        let other_lane = with(sandbox, |body| (body.sequence, body.lane) = (1_000, 1));
        let refused = with(sandbox, |body| body.sequence = 489);
        let block = sandbox.block(vec![other_lane, refused.clone()]).unwrap();
        let receipt = &block.receipts.transactions[1].actions[0].receipt;
        assert_eq!(receipt.decision.refusal, Some(Refusal::AlreadyExists));
        assert_eq!(block.receipts.writes.len(), 2, "one window per lane");
        let page = sandbox.pages.get(&replay_key(&refused.body));
        let states = [488, 489, 490, 1_000, 1_001].map(|sequence| freshness(page, sequence));
        assert_eq!(states, [Freshness::TooOld, Freshness::Used, Freshness::Fresh, Freshness::Used, Freshness::Fresh]);
    });
}

/// A key is its holder's for ever, and nobody else's.
#[test]
fn a_key_has_one_holder() {
    both_suites(|sandbox| {
        let clerk = sandbox.officer("housing", Role::CaseOfficer).sender();
        let page = sandbox.pages.get(&sender_key(&clerk)).copied();
        assert!(is_registered(page.as_ref(), &clerk));
        let stranger = Person::new(sandbox.suite, 99, "housing", "stranger", &[Role::CaseOfficer]).sender();
        assert!(!is_registered(sandbox.pages.get(&sender_key(&stranger)), &stranger));
        let borrowed = gongxin_types::transaction::Sender { key: clerk.key, ..stranger };
        assert!(!is_registered(page.as_ref(), &borrowed));
    });
}

/// The signatures of a transaction are its own and those of its readings, and they verify.
#[test]
fn signatures_are_listed() {
    both_suites(|sandbox| {
        let (suite, gateway) = (sandbox.suite, sandbox.cast.gateway("civil-affairs"));
        let officer = sandbox.officer("civil-affairs", Role::CaseOfficer);
        let duty = AccessAuthority::Duty { duty: world::DIVISIONS_DUTY.parse().unwrap() };
        let nothing = ListKey::of_resource(suite, &world::DIVISIONS.parse().unwrap());
        let leaf = |label: &str| {
            let reading = Reading::of_division(sandbox.network(), suite, officer, duty.clone(), "310101", label);
            Action::RecordAccess(reading.answered(suite, gateway, [nothing]))
        };
        let transaction = sandbox.sign(gateway, [leaf("a"), leaf("b")]);
        let checks = gongxin_state::signature_checks(suite, &transaction);
        assert_eq!(checks.len(), 5);
        let items: Vec<_> =
            checks.iter().map(|check| (&check.key, check.message.as_slice(), &check.signature)).collect();
        assert_eq!(suite.verify_each(&items), [true; 5]);
        assert_eq!(gongxin_state::weight(&transaction), 25 + 2 * (15 + 50));
    });
}

/// A block without transactions needs what says that nothing is due, and no more.
#[test]
fn an_empty_block_needs_four_pages() {
    both_suites(|sandbox| {
        // The agenda, the version of the rules, the calendar's head, the cursor of terms; and the calendar itself, once.
        assert_eq!(gongxin_state::needs(sandbox.suite, &[]).len(), 4);
        sandbox.block(Vec::new()).unwrap();
        let block = sandbox.block(Vec::new()).unwrap();
        assert_eq!((sandbox.rounds, block.receipts.leaf_hashes(sandbox.suite).len()), (1, 1));
    });
}

/// An ordinary block is loaded in one round once the sets are known, and in two when a noun is long.
#[test]
fn one_round_is_the_rule() {
    both_suites(|sandbox| {
        sandbox.forget_caches();
        for (number, rounds) in [(0, 2), (1, 1), (2, 1)] {
            let steward = sandbox.officer("civil-affairs", Role::DataSteward);
            let code = format!("31010{number}");
            let write = sandbox.sign(steward, [sandbox.batch([sandbox.create(&code, "甲")])]);
            let clerk = sandbox.officer("housing", Role::CaseOfficer);
            let notarise = sandbox.sign(clerk, [evidence(sandbox.suite, &code)]);
            sandbox.block(vec![write, notarise]).unwrap();
            assert_eq!(sandbox.rounds, rounds, "block {number}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The window says of every number what a list of all used numbers would say.
    #[test]
    fn a_window_is_a_list_of_used_numbers(
        steps in proptest::collection::vec(prop_oneof![0..40_u64, 500..530_u64, 0..2_000_u64], 1..80),
        down in proptest::collection::vec(any::<bool>(), 80),
    ) {
        let mut position = 5_000_u64;
        let mut used: BTreeSet<u64> = BTreeSet::new();
        let mut window: Option<ReplayWindow> = None;
        for (step, down) in steps.iter().zip(down) {
            position = if down { position.saturating_sub(*step) } else { position + step };
            let naive = match used.last() {
                Some(highest) if highest.saturating_sub(position) >= 512 => Freshness::TooOld,
                _ if used.contains(&position) => Freshness::Used,
                _ => Freshness::Fresh,
            };
            let says = window.as_ref().map_or(Freshness::Fresh, |window| window.check(position));
            prop_assert_eq!(says, naive, "at {}", position);
            if naive == Freshness::Fresh {
                match window.as_mut() {
                    Some(window) => window.mark(position),
                    None => window = Some(ReplayWindow::first(position)),
                }
                used.insert(position);
            }
        }
    }
}

/// A transaction that is all or nothing asks for all of its pages at once: as many organizations as it names, no more rounds.
#[test]
fn all_or_nothing_is_loaded_at_once() {
    both_suites(|sandbox| {
        let bureau = sandbox.officer("data-bureau", Role::Authority);
        let names: Vec<String> = (0..24).map(|number| format!("member-{number}")).collect();
        let heads: Vec<Person> = names
            .iter()
            .map(|name| Person::new(sandbox.suite, sandbox.seed, name, "head", &[Role::Authority]))
            .collect();
        let admit = |name: &String| {
            Action::RegisterOrganization(world::organization(name, gongxin_types::OrganizationKind::Department))
        };
        let admissions = sandbox.sign_whole(bureau, names.iter().map(admit));
        let install = |head: &Person| Action::RegisterOfficer(world::officer(head));
        let installations = sandbox.sign_whole(bureau, heads.iter().map(install));
        sandbox.block(vec![admissions]).unwrap();
        sandbox.block(vec![installations]).unwrap();
        let bureau = sandbox.officer("data-bureau", Role::Authority);
        let dismiss = |head: &Person| Action::DismissOfficer(head.officer_id());
        let dismissals = sandbox.sign_whole(bureau, heads.iter().map(dismiss));
        let block = sandbox.block(vec![dismissals]).unwrap();
        assert!(sandbox.rounds <= 4, "{} rounds", sandbox.rounds);
        let refused = |result: &gongxin_types::ActionResult| result.receipt.decision.refusal;
        assert_eq!(block.receipts.transactions[0].actions.iter().filter_map(refused).next(), None);
    });
}

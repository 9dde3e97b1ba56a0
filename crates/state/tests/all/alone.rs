//! What one person can do alone, with every key and every officer of that person's own making: never put anybody in a place
//! from which others are appointed, and never speak with another's voice.

use std::collections::BTreeSet;

use gongxin_crypto::{PublicKey, Suite};
use gongxin_state::key;
use gongxin_test_support::{Person, Sandbox, cast, world};
use gongxin_types::action::OfficerChange;
use gongxin_types::officer::Recovery;
use gongxin_types::pending::{Approval, NewPending, PendingAct};
use gongxin_types::{Action, Officer, OfficerId, OfficerKey, PendingId, Role, codec};
use proptest::prelude::*;

/// Roles an officer of one's own may be given.
const GIFTS: [&[Role]; 5] = [
    &[],
    &[Role::CaseOfficer],
    &[Role::Operator],
    &[Role::Authority],
    &[Role::DataSteward, Role::Authority, Role::Operator],
];

/// In place of a gift: a new key.
const RECOVERY: usize = GIFTS.len();

/// An act of the head, or of somebody whom the head made up; many are refused.
#[derive(Clone, Copy, Debug)]
enum Trick {
    Appoint(usize, usize),
    Amend(usize, usize),
    Dismiss(usize),
    GiveKey(usize),
    Stop(usize),
    Pend(u8, usize, usize),
    Approve(u8),
    Withdraw(u8),
}

fn trick() -> impl Strategy<Value = (usize, Trick)> {
    let trick = prop_oneof![
        1 => (0..2_usize, 0..5_usize).prop_map(|(whom, gift)| Trick::Appoint(whom, gift)),
        1 => (0..6_usize, 0..5_usize).prop_map(|(whom, gift)| Trick::Amend(whom, gift)),
        1 => (0..6_usize).prop_map(Trick::Dismiss),
        1 => (0..6_usize).prop_map(Trick::GiveKey),
        1 => (0..6_usize).prop_map(Trick::Stop),
        3 => (0..3_u8, 0..6_usize, 0..5_usize).prop_map(|(id, whom, gift)| Trick::Pend(id, whom, gift)),
        // The voice of somebody else is the greatest prize.
        3 => (0..3_u8, 2..4_usize).prop_map(|(id, whom)| Trick::Pend(id, whom, RECOVERY)),
        5 => (0..3_u8).prop_map(Trick::Approve),
        1 => (0..3_u8).prop_map(Trick::Withdraw),
    ];
    (0..4_usize, trick)
}

/// Whom the head controls: the head, the head with a second key, two puppets.
fn controlled(sandbox: &Sandbox) -> Vec<Person> {
    let new = |name: &str| Person::new(sandbox.suite, sandbox.seed, "housing", name, &[]);
    let head = sandbox.officer("housing", Role::Authority);
    let twin = Person { actor: head.actor, ..new("twin") };
    let head = Person { actor: head.actor, ..new("authority") };
    vec![head, twin, new("one"), new("two")]
}

/// Everyone of the office: two puppets and four officers of genesis.
fn everyone(sandbox: &Sandbox) -> Vec<OfficerId> {
    let puppets = controlled(sandbox).into_iter().skip(2).map(|one| one.officer_id());
    let roles = [Role::CaseOfficer, Role::DataSteward, Role::Operator, Role::Authority];
    puppets.chain(roles.map(|role| sandbox.officer("housing", role).officer_id())).collect()
}

fn action(sandbox: &Sandbox, trick: Trick, step: usize) -> Action {
    let (people, everyone) = (controlled(sandbox), everyone(sandbox));
    let fresh = Person::new(sandbox.suite, sandbox.seed, "housing", &format!("fresh {step}"), &[]);
    let key = OfficerKey { from: sandbox.now(), ..world::key(&fresh) };
    let of = |whom: usize| *everyone.get(whom).unwrap();
    let gift_of = |gift: usize| GIFTS.get(gift).unwrap().to_vec();
    let change =
        |whom: usize, gift: usize| OfficerChange { id: of(whom), roles: world::list(gift_of(gift)), until: None };
    let appointment = |whom: usize, gift: usize| Officer {
        roles: world::list(gift_of(gift)),
        ..world::officer(people.get(2 + whom % 2).unwrap())
    };
    let act = |whom: usize, gift: usize| match gift {
        RECOVERY => PendingAct::RecoverOfficer(Recovery { officer: of(whom), key: key.clone() }),
        gift if whom < 2 && step.is_multiple_of(2) => PendingAct::RegisterOfficer(appointment(whom, gift)),
        gift => PendingAct::AmendOfficer(change(whom, gift)),
    };
    let id = |number: u8| PendingId::new([number; 16]);
    match trick {
        Trick::Appoint(whom, gift) => Action::RegisterOfficer(appointment(whom, gift)),
        Trick::Amend(whom, gift) => Action::AmendOfficer(change(whom, gift)),
        Trick::Dismiss(whom) => Action::DismissOfficer(of(whom)),
        Trick::GiveKey(whom) => Action::AddOfficerKey(of(whom), key),
        Trick::Stop(whom) => Action::RevokeOfficerKeys(of(whom)),
        Trick::Pend(number, whom, gift) => {
            Action::OpenPending(NewPending { version: 1, id: id(number), act: act(whom, gift) })
        }
        Trick::Approve(number) => {
            let found = pages(sandbox, |page| key::of(key::Kind::Pending, &id(number), page));
            let digest = found.map(|pending: gongxin_types::Pending| pending.digest);
            let digest = digest.unwrap_or_else(|| sandbox.suite.hash(&[]));
            Action::ApprovePending(Approval { pending: id(number), act: digest })
        }
        Trick::Withdraw(number) => Action::WithdrawPending(id(number)),
    }
}

fn pages<T: borsh::BorshDeserialize>(sandbox: &Sandbox, key: impl Fn(u32) -> gongxin_state::Key) -> Option<T> {
    let pages: Vec<_> = (0..).map_while(|page| sandbox.pages.get(&key(page)).copied()).collect();
    Some(codec::decode("noun", &gongxin_state::page::join(&pages)?).unwrap())
}

fn officer(sandbox: &Sandbox, id: OfficerId) -> Option<Officer> {
    pages(sandbox, |page| key::of(key::Kind::Officer, &id, page))
}

fn keys_of(sandbox: &Sandbox, id: OfficerId) -> BTreeSet<PublicKey> {
    officer(sandbox, id).into_iter().flat_map(|officer| officer.keys.to_vec()).map(|own| own.key).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a head does alone within the time that two must be independent: nobody else heads the office, and no officer whom
    /// others appointed has a key that was not the officer's own choice.
    #[test]
    fn nobody_is_two(
        suite in proptest::sample::select(Suite::ALL),
        tricks in proptest::collection::vec(trick(), 1..40),
        waits in 0..28_u64,
    ) {
        let mut sandbox = Sandbox::with(suite, 3);
        let head = sandbox.officer("housing", Role::Authority).officer_id();
        let twin = controlled(&sandbox).swap_remove(1);
        let key = OfficerKey { from: sandbox.now(), ..world::key(&twin) };
        let second_key = sandbox.sign(sandbox.officer("housing", Role::Authority), [Action::AddOfficerKey(head, key)]);
        sandbox.block(vec![second_key]).unwrap();
        let puppet = Officer { roles: world::list([Role::Operator]), ..world::officer(&controlled(&sandbox).swap_remove(2)) };
        let appoint = sandbox.sign(sandbox.officer("housing", Role::Authority), [Action::RegisterOfficer(puppet)]);
        sandbox.block(vec![appoint]).unwrap();
        let others: Vec<OfficerId> = everyone(&sandbox).into_iter().skip(2).filter(|id| *id != head).collect();
        let before: Vec<_> = others.iter().map(|id| keys_of(&sandbox, *id)).collect();
        for (step, (who, trick)) in tricks.into_iter().enumerate() {
            let sender = controlled(&sandbox).swap_remove(who);
            let transaction = sandbox.sign(&sender, [action(&sandbox, trick, step)]);
            // A puppet that was not appointed yet has nobody's key, and no block takes it.
            let _ = sandbox.block(vec![transaction]);
            sandbox.wait(waits * 3_600_000 / 2);
        }
        for id in everyone(&sandbox).into_iter().filter(|id| *id != head) {
            let roles = officer(&sandbox, id).map(|officer| officer.roles.to_vec()).unwrap_or_default();
            prop_assert!(!roles.contains(&Role::Authority));
        }
        for (id, before) in others.into_iter().zip(before) {
            prop_assert_eq!(keys_of(&sandbox, id), before);
        }
        // The stage is not empty: with a second person the same is done.
        let new = NewPending { version: 1, id: PendingId::new([9; 16]), act: PendingAct::RegisterOfficer(Officer {
            roles: world::list([Role::Authority]),
            ..world::officer(&Person::new(suite, 3, "housing", "real", &[]))
        }) };
        let digest = new.act.digest(suite);
        let head = controlled(&sandbox).swap_remove(1);
        let open = sandbox.sign(&head, [Action::OpenPending(new)]);
        if sandbox.act(open).decision.refusal.is_none() {
            let approval = Approval { pending: PendingId::new([9; 16]), act: digest };
            let approve = sandbox.sign(sandbox.officer(cast::AUTHORITY, Role::Authority), [Action::ApprovePending(approval)]);
            prop_assert_eq!(sandbox.act(approve).decision.refusal, None);
        }
    }
}

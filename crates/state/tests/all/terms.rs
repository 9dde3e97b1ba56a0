//! Terms in number: a hundred thousand that run out at one midnight, and whatever is done to some, each is noted once.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use gongxin_crypto::Suite;
use gongxin_state::{Key, Page, key, limits, page};
use gongxin_test_support::{Sandbox, cast, world};
use gongxin_types::limits::{BLOCK_BYTES_MAX, DUE_WEIGHT_MAX, FIRINGS_MAX};
use gongxin_types::obligation::{Cause, ObligationKind, ObligationStatus, SuspensionReason};
use gongxin_types::{Action, Effect, LegalClock, Obligation, ObligationId, OfficerId, Ordinal, Role, codec};
use proptest::prelude::*;

use crate::stories::obligations::{id, obligation, task};

const DAY_MS: u64 = 86_400_000;
const MANY: u32 = 100_000;

fn numbered(number: u32) -> ObligationId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    ObligationId::new(bytes)
}

fn owed(number: u32, due: Ordinal) -> Obligation {
    Obligation {
        version: 1,
        id: numbered(number),
        status: ObligationStatus::Running,
        kind: ObligationKind::Answer,
        obligor: "housing".parse().unwrap(),
        obligee: cast::SUPERVISOR.parse().unwrap(),
        cause: Cause::Supervision { document: None },
        legal_basis: "sharing-regulation-art-21".parse().unwrap(),
        officer: OfficerId::new([1; 16]),
        opened: world::BEGINNING,
        term: 5,
        due,
        extension: None,
    }
}

fn put(sandbox: &mut Sandbox, kind: key::Kind, id: &impl borsh::BorshSerialize, noun: &[u8]) {
    for (number, page) in (0..).zip(page::split(noun).unwrap()) {
        sandbox.pages.insert(key::of(kind, id, number), page);
    }
}

/// The pages that an entry of each of these leaves behind, in this order.
fn enter(sandbox: &mut Sandbox, due: Ordinal, ids: &[ObligationId]) {
    let pages: Vec<&[ObligationId]> = ids.chunks(limits::ENTRIES_PER_PAGE).collect();
    let (last, full) = pages.split_last().unwrap();
    for (number, entries) in (1_u32..).zip(full) {
        let page = page::split(&codec::encode(&entries.to_vec())).unwrap().first().copied().unwrap();
        sandbox.pages.insert(key::of(key::Kind::Term, &due, number), page);
    }
    let open = (u32::try_from(full.len()).unwrap(), last.to_vec());
    put(sandbox, key::Kind::Term, &due, &codec::encode(&open));
}

fn due_in(term: u16) -> Ordinal {
    let calendar = world::calendar();
    calendar.ordinal("2026-08-01".parse().unwrap()).plus(term)
}

fn pages_of(sandbox: &Sandbox, due: Ordinal) -> BTreeMap<Key, Page> {
    let keys = (0..20_000).map(|number| key::of(key::Kind::Term, &due, number));
    keys.filter_map(|key| sandbox.pages.get(&key).map(|page| (key, *page))).collect()
}

/// Pages put in directly, as the next test does, are those that acts leave behind.
#[test]
fn the_index_is_what_acts_make_it() {
    let (mut acted, mut direct) = (Sandbox::with(Suite::Intl, 7), Sandbox::with(Suite::Intl, 7));
    let ids: Vec<_> = (0..30).map(numbered).collect();
    for ids in ids.chunks(11) {
        let tasks = ids.iter().map(|id| {
            Action::OpenObligation(gongxin_types::obligation::NewObligation { id: *id, ..task("", "housing", 5) })
        });
        let transaction = acted.sign(acted.officer(cast::SUPERVISOR, Role::Supervisor), tasks);
        acted.block(vec![transaction]).unwrap();
    }
    enter(&mut direct, due_in(5), &ids);
    assert_eq!(pages_of(&acted, due_in(5)), pages_of(&direct, due_in(5)));
    assert_eq!(pages_of(&acted, due_in(5)).len(), 5);
}

/// 100,000 obligations run out at one midnight: a hundred blocks note them, each once and in order, none above its limits, and
/// the pages of the day are gone. What comes in meanwhile is executed.
#[test]
fn a_hundred_thousand_at_one_midnight() {
    let mut sandbox = Sandbox::with(Suite::Intl, 7);
    let due = due_in(5);
    let ids: Vec<_> = (0..MANY).map(numbered).collect();
    for number in 0..MANY {
        put(&mut sandbox, key::Kind::Obligation, &numbered(number), &codec::encode(&owed(number, due)));
    }
    enter(&mut sandbox, due, &ids);
    let first: BTreeMap<Key, u32> = (0..MANY).map(|number| (key::obligation(&numbered(number)), number)).collect();
    sandbox.wait(7 * DAY_MS);
    let (mut noted, mut blocks) = (Vec::new(), 0);
    loop {
        let officer = sandbox.officer("housing", Role::CaseOfficer);
        let document = format!("{blocks}");
        let transaction = sandbox.sign(officer, [crate::stories::evidence(&sandbox, &document)]);
        let block = sandbox.block(vec![transaction]).unwrap();
        assert_eq!(block.receipts.transactions[0].actions[0].receipt.decision.effect, Effect::Allow);
        let writes = &block.receipts.due;
        if writes.is_empty() {
            break;
        }
        blocks += 1;
        let fired: Vec<u32> = writes.iter().filter_map(|write| first.get(&write.key).copied()).collect();
        assert!(fired.len() <= FIRINGS_MAX && sandbox.rounds <= 6);
        // Every write is listed: one page of each, those of the index, the cursor.
        assert!(writes.len() <= fired.len() + FIRINGS_MAX.div_ceil(limits::ENTRIES_PER_PAGE) + 2);
        assert!(codec::encode(writes).len() < BLOCK_BYTES_MAX / 16);
        noted.extend(fired);
    }
    assert_eq!(noted, (0..MANY).collect::<Vec<_>>());
    assert!((100..=102).contains(&blocks), "{blocks} blocks");
    assert_eq!(pages_of(&sandbox, due), BTreeMap::new());
    let firings = u64::try_from(FIRINGS_MAX).unwrap();
    let pages = firings.div_ceil(limits::ENTRIES_PER_PAGE as u64);
    assert!(firings * limits::WEIGHT_ACTION + pages * limits::WEIGHT_OPERATION <= DUE_WEIGHT_MAX);
}

/// Only test networks scale time, and none faster than blocks can follow; a calendar that contradicts itself begins no network.
#[test]
fn what_no_network_begins_with() {
    let genesis = Sandbox::with(Suite::Intl, 7).genesis;
    let begin = |name: &str, scale| {
        let mut genesis = genesis.clone();
        genesis.head.name = name.parse().unwrap();
        genesis.head.time_scale = scale;
        gongxin_state::genesis(&genesis).err().map_or("begins".to_owned(), |error| error.to_string())
    };
    let told: String = [
        ("city-test", 1),
        ("city-test", 864_000),
        ("city-test", 864_001),
        ("city-test", 0),
        ("city-production", 1),
        ("city-production", 60),
        ("prod", 60),
    ]
    .map(|(name, scale)| format!("{name}, {scale}: {}\n", begin(name, scale)))
    .concat();
    expect![[r#"
        city-test, 1: begins
        city-test, 864000: begins
        city-test, 864001: a time scale of `864001` is not one from 1 to 864000
        city-test, 0: a time scale of `0` is not one from 1 to 864000
        city-production, 1: begins
        city-production, 60: a network named `city-production` serves people: its time scale is 1
        prod, 60: a network named `prod` serves people: its time scale is 1
    "#]]
    .assert_eq(&told);
    let mut unsound = genesis.clone();
    let mut years = unsound.objects.calendar.years.to_vec();
    years.reverse();
    unsound.objects.calendar.years = world::list(years);
    unsound.head.objects = unsound.objects.digest(Suite::Intl);
    assert!(gongxin_state::genesis(&unsound).unwrap_err().to_string().contains("calendar"));
}

/// What somebody does to an obligation, or that days pass.
#[derive(Clone, Debug)]
enum Deed {
    Open(u8, u16),
    Suspend(u8),
    Resume(u8),
    Extend(u8, u16),
    Fulfil(u8),
    Withdraw(u8),
    Wait(u64),
}

fn deed() -> impl Strategy<Value = Deed> {
    let label = || 0..6_u8;
    prop_oneof![
        3 => (label(), 0..8_u16).prop_map(|(label, term)| Deed::Open(label, term)),
        1 => label().prop_map(Deed::Suspend),
        1 => label().prop_map(Deed::Resume),
        1 => (label(), 0..4_u16).prop_map(|(label, days)| Deed::Extend(label, days)),
        1 => label().prop_map(Deed::Fulfil),
        1 => label().prop_map(Deed::Withdraw),
        3 => (0..100_u64).prop_map(Deed::Wait),
    ]
}

fn action(deed: &Deed) -> Option<Action> {
    let id = |label: &u8| id(&label.to_string());
    Some(match deed {
        Deed::Open(label, term) => Action::OpenObligation(task(&label.to_string(), "housing", *term)),
        Deed::Suspend(label) => Action::SuspendObligation(id(label), SuspensionReason::ThirdParty),
        Deed::Resume(label) => Action::ResumeObligation(id(label)),
        Deed::Extend(label, days) => Action::ExtendObligation(id(label), *days),
        Deed::Fulfil(label) => Action::FulfilObligation(id(label)),
        Deed::Withdraw(label) => Action::WithdrawObligation(id(label)),
        Deed::Wait(_) => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done, in whatever order: a due ordinal never falls, what was left of a term is kept while it stands still, an
    /// obligation is noted as overdue at most once, exactly when it is overdue, and never before its midnight.
    #[test]
    fn each_is_noted_once(deeds in proptest::collection::vec(deed(), 1..40)) {
        let mut sandbox = Sandbox::with(Suite::Intl, 7);
        let (calendar, clock) = (world::calendar(), LegalClock::of(&sandbox.genesis.head));
        let (mut known, mut noted) = (BTreeMap::<u8, Obligation>::new(), BTreeSet::new());
        for deed in &deeds {
            let transactions = match (deed, action(deed)) {
                (Deed::Wait(hours), _) => { sandbox.wait(hours * 3_600_000); Vec::new() }
                (_, action) => vec![sandbox.sign(sandbox.officer(cast::SUPERVISOR, Role::Supervisor), action)],
            };
            sandbox.block(transactions).unwrap();
            let now = sandbox.header().time;
            let today = calendar.ordinal(clock.date(now));
            for label in 0..6_u8 {
                let key = key::obligation(&id(&label.to_string()));
                if !sandbox.pages.contains_key(&key) { continue }
                let after = obligation(&sandbox, &label.to_string());
                let before = known.insert(label, after.clone());
                let Some(before) = before else { continue };
                prop_assert!(after.due >= before.due);
                if let ObligationStatus::Suspended { left, .. } = before.status
                    && after.status == ObligationStatus::Running
                {
                    let kept = after.due.since(today);
                    prop_assert!(kept == left || left == 0 && kept <= 1, "{left} left, {kept} kept");
                }
                if after.status == ObligationStatus::Overdue && before.status != ObligationStatus::Overdue {
                    prop_assert!(noted.insert(label), "noted twice");
                    prop_assert!(now >= clock.end(calendar.day(after.due)));
                }
                if after.status == ObligationStatus::Running {
                    prop_assert!(!after.is_overdue_at(now, &calendar, &clock), "overdue and not noted");
                }
            }
        }
    }
}

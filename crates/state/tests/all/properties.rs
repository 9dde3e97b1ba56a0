//! Properties: whatever the order of loading, the cut into blocks and batches, the outcome is the same.

use std::collections::{BTreeMap, BTreeSet};

use gongxin_crypto::{Digest, Suite};
use gongxin_state::{Caches, ExecuteError, Executed, Key, Page, View, key, page};
use gongxin_test_support::{Person, Reading, Sandbox, cast, world};
use gongxin_types::access::ListSlot;
use gongxin_types::action::OfficerChange;
use gongxin_types::obligation::SuspensionReason;
use gongxin_types::officer::Recovery;
use gongxin_types::pending::{Approval, NewPending, PendingAct};
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote, ParametersChange};
use gongxin_types::record::{HistoryEntry, RecordSlot};
use gongxin_types::{
    AccessAuthority, Action, ActionResult, Atomicity, Effect, Evidence, Height, ListKey, Parameters, PendingId,
    ProposalId, RecordOp, Role, Transaction,
};
use proptest::prelude::*;

use crate::stories::obligations;

/// What one sender may try; many of these are refused, as in life.
#[derive(Clone, Debug)]
enum Deed {
    Notarise(u8),
    Write(Vec<(u8, u8, u8)>),
    Grant(u8),
    Revoke(u8),
    Read(u8, u8),
    Both(u8, u8),
    Propose(u8),
    Vote(u8, u8, bool),
    Owe(u8, u8),
    Pend(u8),
    Approve(u8, u8),
    RevokeKeys(u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    let operation = (0..3_u8, 0..6_u8, 1..4_u8);
    prop_oneof![
        1 => (0..4_u8).prop_map(Deed::Notarise),
        1 => proptest::collection::vec(operation, 1..6).prop_map(Deed::Write),
        1 => (0..3_u8).prop_map(Deed::Grant),
        1 => (0..3_u8).prop_map(Deed::Revoke),
        1 => (0..4_u8, 0..12_u8).prop_map(|(grant, request)| Deed::Read(grant, request)),
        1 => (0..4_u8, 0..6_u8).prop_map(|(document, record)| Deed::Both(document, record)),
        1 => (0..4_u8).prop_map(Deed::Propose),
        2 => (0..6_u8, 0..2_u8).prop_map(|(act, label)| Deed::Owe(act, label)),
        1 => (0..4_u8, 0..4_u8, any::<bool>()).prop_map(|(matter, voter, choice)| Deed::Vote(matter, voter, choice)),
        1 => (0..3_u8).prop_map(Deed::Pend),
        2 => (0..3_u8, 0..3_u8).prop_map(|(act, who)| Deed::Approve(act, who)),
        1 => (0..3_u8).prop_map(Deed::RevokeKeys),
        // Members who agree: or next to nothing would ever be accepted.
        6 => (0..3_u8, 0..4_u8).prop_map(|(matter, voter)| Deed::Vote(matter, voter, true)),
    ]
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec(deed(), 1..14)
}

fn suites() -> impl Strategy<Value = Suite> {
    proptest::sample::select(Suite::ALL)
}

fn evidence(sandbox: &Sandbox, number: u8) -> Action {
    Action::NotariseEvidence(Evidence {
        digest: sandbox.suite.hash(&[&[number]]),
        media_type: "text/plain".parse().unwrap(),
        legal_basis: "electronic-signature-law-art-8".parse().unwrap(),
    })
}

fn operation(sandbox: &Sandbox, (kind, record, version): (u8, u8, u8)) -> RecordOp {
    let code = format!("31010{record}");
    match kind {
        0 => sandbox.create(&code, "甲"),
        1 => sandbox.update(&code, "乙", version.into()),
        _ => sandbox.delete(&code, version.into()),
    }
}

fn transaction(sandbox: &Sandbox, deed: &Deed) -> Transaction {
    let steward = sandbox.officer("civil-affairs", Role::DataSteward);
    match deed {
        Deed::Notarise(number) => {
            sandbox.sign(sandbox.officer("housing", Role::CaseOfficer), [evidence(sandbox, *number)])
        }
        Deed::Write(operations) => {
            sandbox.sign(steward, [sandbox.batch(operations.iter().map(|one| operation(sandbox, *one)))])
        }
        Deed::Grant(label) => {
            let until = world::BEGINNING.plus_millis(500 + 500 * u64::from(*label));
            sandbox.sign(
                steward,
                [Action::IssueGrant(sandbox.grant(&label.to_string(), "housing", &["code", "name"], until))],
            )
        }
        Deed::Revoke(label) => {
            let grant = sandbox.grant(&label.to_string(), "housing", &["code"], sandbox.now());
            sandbox.sign(steward, [Action::RevokeGrant(grant.id)])
        }
        Deed::Read(grant, request) => {
            let gateway = sandbox.cast.gateway("civil-affairs");
            sandbox.sign(gateway, [Action::RecordAccess(reading(sandbox, *grant, *request))])
        }
        Deed::Both(number, record) => {
            let batch = sandbox.batch([operation(sandbox, (0, *record, 1))]);
            sandbox.sign_whole(steward, [evidence(sandbox, *number), batch])
        }
        Deed::Propose(number) => {
            let new = NewProposal {
                version: 1,
                id: proposal(*number),
                legal_basis: "sharing-regulation".parse().unwrap(),
                matter: matter(sandbox, *number),
                closes: world::BEGINNING.plus_millis(86_400_000),
                effective: Height::GENESIS,
            };
            sandbox.sign(sandbox.officer("housing", Role::Authority), [Action::OpenProposal(new)])
        }
        Deed::Owe(act, label) => sandbox.sign(sandbox.officer(cast::SUPERVISOR, Role::Supervisor), [owe(*act, *label)]),
        Deed::Vote(number, voter, is_for) => {
            let organization = cast::DEPARTMENTS.get(usize::from(*voter)).unwrap();
            let choice = if *is_for { Choice::For } else { Choice::Against };
            let digest = matter(sandbox, *number).digest(sandbox.suite);
            let vote = NewVote { proposal: proposal(*number), matter: digest, choice };
            sandbox.sign(sandbox.officer(organization, Role::Authority), [Action::CastVote(vote)])
        }
        Deed::Pend(number) => {
            let new = NewPending { version: 1, id: pending(*number), act: act_of_two(sandbox, *number) };
            sandbox.sign(sandbox.officer("housing", Role::Authority), [Action::OpenPending(new)])
        }
        Deed::Approve(number, who) => {
            let organization = ["housing", cast::AUTHORITY, cast::SUPERVISOR].get(usize::from(*who)).unwrap();
            let act = act_of_two(sandbox, *number).digest(sandbox.suite);
            let approval = Approval { pending: pending(*number), act };
            sandbox.sign(sandbox.officer(organization, Role::Authority), [Action::ApprovePending(approval)])
        }
        Deed::RevokeKeys(role) => {
            let roles = [Role::CaseOfficer, Role::DataSteward, Role::Operator];
            let officer = sandbox.officer("housing", *roles.get(usize::from(*role)).unwrap());
            let revoke = Action::RevokeOfficerKeys(officer.officer_id());
            sandbox.sign(sandbox.officer("housing", Role::Authority), [revoke])
        }
    }
}

fn owe(act: u8, label: u8) -> Action {
    let label = label.to_string();
    let id = obligations::id(&label);
    match act {
        0 => Action::OpenObligation(obligations::task(&label, "housing", 5)),
        1 => Action::SuspendObligation(id, SuspensionReason::Hearing),
        2 => Action::ResumeObligation(id),
        3 => Action::ExtendObligation(id, 2),
        4 => Action::FulfilObligation(id),
        _ => Action::WithdrawObligation(id),
    }
}

fn pending(number: u8) -> PendingId {
    PendingId::new([number; 16])
}

/// One of each kind.
fn act_of_two(sandbox: &Sandbox, number: u8) -> PendingAct {
    let of = |role| sandbox.officer("housing", role).officer_id();
    let boss = Person::new(sandbox.suite, sandbox.seed, "housing", "boss", &[Role::Authority]);
    match number {
        0 => PendingAct::RecoverOfficer(Recovery { officer: of(Role::CaseOfficer), key: world::key(&boss) }),
        1 => {
            let roles = world::list([Role::DataSteward, Role::Authority]);
            PendingAct::AmendOfficer(OfficerChange { id: of(Role::DataSteward), roles, until: None })
        }
        _ => PendingAct::RegisterOfficer(world::officer(&boss)),
    }
}

fn proposal(number: u8) -> ProposalId {
    ProposalId::new([number; 16])
}

/// One of each kind but rules of access, which take long to check; two of them exclude each other.
fn matter(sandbox: &Sandbox, number: u8) -> Matter {
    let parameters = |hours: u64| {
        let release_lifetime_ms = hours * 3_600_000;
        let parameters = Parameters { release_lifetime_ms, ..world::parameters() };
        Matter::Parameters(ParametersChange { revision: 2, parameters })
    };
    match number {
        0 => parameters(1),
        1 => parameters(2),
        2 => Matter::Expulsion(cast::SUPERVISOR.parse().unwrap()),
        _ => {
            let id = sandbox.officer("civil-affairs", Role::CaseOfficer).officer_id();
            Matter::Appointment(OfficerChange {
                id,
                roles: world::list([Role::CaseOfficer, Role::Supervisor]),
                until: None,
            })
        }
    }
}

fn reading(sandbox: &Sandbox, grant: u8, request: u8) -> gongxin_types::Access {
    let (reader, authority) = match grant {
        3 => ("civil-affairs", AccessAuthority::Duty { duty: world::DIVISIONS_DUTY.parse().unwrap() }),
        label => {
            let grant = sandbox.grant(&label.to_string(), "housing", &["code"], sandbox.now()).id;
            ("housing", AccessAuthority::Grant { grant })
        }
    };
    let officer = sandbox.officer(reader, Role::CaseOfficer);
    let label = format!("{grant}/{request}");
    let reading = Reading::of_division(sandbox.network(), sandbox.suite, officer, authority, "310101", &label);
    let list = match request % 3 {
        0 => ListKey::of_resource(sandbox.suite, &world::DIVISIONS.parse().unwrap()),
        record => ListKey::Record { record: sandbox.record_id(&format!("31010{record}")) },
    };
    reading.answered(sandbox.suite, sandbox.cast.gateway("civil-affairs"), [list])
}

/// Executes with pages loaded one by one, or by halves, or with everything there is, in an order drawn at random.
fn execute_by(sandbox: &Sandbox, transactions: &[Transaction], step: usize, all: bool, caches: &Caches) -> Executed {
    let context = sandbox.context(sandbox.now());
    let mut view = View::new();
    if all {
        sandbox.pages.iter().rev().for_each(|(key, page)| view.insert(*key, Some(*page)));
    }
    loop {
        match gongxin_state::execute(&context, caches, &mut view, transactions) {
            Ok(executed) => return executed,
            Err(ExecuteError::Missing(keys)) => {
                assert!(!keys.is_empty());
                // Only some of what was asked for, so that many passes see half of the state.
                let keys: Vec<Key> = keys.into_iter().collect();
                let some = keys.len().div_ceil(step.max(1));
                keys.iter().rev().take(some).for_each(|key| view.insert(*key, sandbox.pages.get(key).copied()));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Receipts without what depends on where the block ends.
fn actions(executed: &[&gongxin_types::receipt::BlockReceipts]) -> Vec<ActionResult> {
    let transactions = executed.iter().flat_map(|receipts| &receipts.transactions);
    transactions.flat_map(|receipts| receipts.actions.iter().cloned()).collect()
}

/// What the receipts of all blocks, applied in order, make of genesis.
fn replayed(sandbox: &Sandbox) -> BTreeMap<Key, Page> {
    let mut pages = gongxin_state::genesis(&sandbox.genesis).unwrap();
    for block in &sandbox.blocks {
        let actions = block.receipts.transactions.iter().flat_map(|receipts| &receipts.actions);
        let writes = actions.flat_map(|result| &result.writes).chain(&block.receipts.writes);
        for write in block.receipts.due.iter().chain(writes) {
            match write.page {
                Some(page) => pages.insert(write.key, page),
                None => pages.remove(&write.key),
            };
        }
    }
    pages
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same block has the same outcome, however its pages were loaded, and whether or not sets were cached.
    #[test]
    fn loading_never_changes_the_outcome(suite in suites(), before in deeds(), deeds in deeds(), step in 1..4_usize) {
        let mut sandbox = Sandbox::with(suite, 3);
        let first = before.iter().map(|deed| transaction(&sandbox, deed)).collect();
        sandbox.block(first).unwrap();
        let transactions: Vec<Transaction> = deeds.iter().map(|deed| transaction(&sandbox, deed)).collect();
        let (plain, _) = sandbox.execute(sandbox.now(), &transactions).unwrap();
        let cold = Caches::default();
        prop_assert_eq!(&plain, &execute_by(&sandbox, &transactions, step, false, &cold));
        prop_assert_eq!(&plain, &execute_by(&sandbox, &transactions, 1, true, &cold));
    }

    /// One block or many: receipts of actions and the final state are the same, but for replay windows written once per block.
    /// (Time is held still, because a block's time is an input.)
    #[test]
    fn the_cut_into_blocks_never_changes_the_outcome(suite in suites(), deeds in deeds(), cut in 0..14_usize) {
        let whole = Sandbox::with(suite, 3);
        let mut parts = Sandbox::with(suite, 3);
        let transactions: Vec<Transaction> = deeds.iter().map(|deed| transaction(&whole, deed)).collect();
        let cut = cut.min(transactions.len());
        let time = whole.now();
        let (one, _) = whole.execute(time, &transactions).unwrap();
        let (first, _) = parts.execute(time, &transactions[..cut]).unwrap();
        apply(&mut parts.pages, &first.writes);
        let (second, _) = parts.execute(time, &transactions[cut..]).unwrap();
        apply(&mut parts.pages, &second.writes);
        let mut pages = whole.pages.clone();
        apply(&mut pages, &one.writes);
        prop_assert_eq!(pages, parts.pages);
        prop_assert_eq!(actions(&[&one.receipts]), actions(&[&first.receipts, &second.receipts]));
    }

    /// A batch in one piece or in several leaves the same slots, when every piece is accepted.
    #[test]
    fn the_cut_of_a_batch_never_changes_the_slots(
        suite in suites(),
        operations in proptest::collection::vec((0..3_u8, 0..6_u8, 1..4_u8), 1..30),
        size in 1..8_usize,
    ) {
        let mut whole = Sandbox::with(suite, 3);
        let mut parts = Sandbox::with(suite, 3);
        // What one by one would be accepted.
        let mut versions: BTreeMap<u8, (u32, bool)> = BTreeMap::new();
        let accepted: Vec<RecordOp> = operations.iter().filter_map(|(kind, record, _)| {
            let (version, alive) = versions.get(record).copied().unwrap_or((0, false));
            let kind = if version == 0 { 0 } else if alive { 1 + kind % 2 } else { return None };
            versions.insert(*record, (version + 1, kind != 2));
            Some(operation(&whole, (kind, *record, u8::try_from(version).unwrap())))
        }).collect();
        let receipt = act(&mut whole, vec![accepted.clone()]);
        prop_assert_eq!(receipt, vec![Effect::Allow]);
        let pieces: Vec<Vec<RecordOp>> = accepted.chunks(size).map(<[RecordOp]>::to_vec).collect();
        prop_assert!(act(&mut parts, pieces).iter().all(|effect| *effect == Effect::Allow));
        for record in 0..6_u8 {
            let key = key::record(&world::DIVISIONS.parse().unwrap(), &whole.record_id(&format!("31010{record}")));
            prop_assert_eq!(whole.pages.get(&key), parts.pages.get(&key));
        }
        prop_assert_eq!(histories(&whole, &accepted), slots(&whole));
    }

    /// Receipts list every write: applied in order they make the state; refused actions list none.
    #[test]
    fn receipts_list_every_write(suite in suites(), blocks in proptest::collection::vec(deeds(), 1..4)) {
        let mut sandbox = Sandbox::with(suite, 3);
        let proposals = (0..4).map(|matter| transaction(&sandbox, &Deed::Propose(matter))).collect();
        sandbox.block(proposals).unwrap();
        for deeds in &blocks {
            let transactions = deeds.iter().map(|deed| transaction(&sandbox, deed)).collect();
            let block = sandbox.block(transactions).unwrap();
            for result in actions(&[&block.receipts]) {
                let refused = result.receipt.decision.effect == Effect::Deny;
                prop_assert_eq!(refused, result.receipt.decision.refusal.is_some());
                prop_assert!(!refused || result.writes.is_empty() && result.receipt.events.is_empty());
                prop_assert_eq!(result.receipt.writes as usize, result.writes.len());
            }
            for (transaction, receipts) in block.transactions.iter().zip(&block.receipts.transactions) {
                let allowed = receipts.actions.iter().filter(|result| result.receipt.decision.effect == Effect::Allow).count();
                let whole = transaction.body.atomicity == Atomicity::AllOrNothing;
                prop_assert!(!whole || allowed == 0 || allowed == receipts.actions.len());
            }
        }
        prop_assert_eq!(replayed(&sandbox), sandbox.pages);
    }

    /// A list's head is the fold of the readings that were allowed, in order; a key without a page was never read.
    #[test]
    fn a_list_is_the_fold_of_its_readings(suite in suites(), blocks in proptest::collection::vec(deeds(), 1..4)) {
        let mut sandbox = Sandbox::with(suite, 3);
        let mut lists: BTreeMap<ListKey, ListSlot> = BTreeMap::new();
        let mut asked: BTreeSet<ListKey> = BTreeSet::new();
        for deeds in &blocks {
            let transactions = deeds.iter().map(|deed| transaction(&sandbox, deed)).collect();
            let block = sandbox.block(transactions).unwrap();
            for (transaction, receipts) in block.transactions.iter().zip(&block.receipts.transactions) {
                for (action, result) in transaction.body.actions.iter().zip(&receipts.actions) {
                    let Action::RecordAccess(access) = action else { continue };
                    asked.extend(access.lists.iter().copied());
                    if result.receipt.decision.effect == Effect::Allow {
                        let slot = lists.entry(access.lists[0]).or_insert_with(|| ListSlot::empty(suite));
                        *slot = slot.with(suite, &access.digest(suite));
                    }
                }
            }
        }
        for list in asked {
            let slot: Option<ListSlot> = sandbox.pages.get(&key::list(&list)).and_then(page::decode_slot);
            prop_assert_eq!(slot.as_ref(), lists.get(&list));
        }
    }
}

fn apply(pages: &mut BTreeMap<Key, Page>, writes: &BTreeMap<Key, Option<Page>>) {
    for (key, page) in writes {
        match page {
            Some(page) => pages.insert(*key, *page),
            None => pages.remove(key),
        };
    }
}

fn act(sandbox: &mut Sandbox, batches: Vec<Vec<RecordOp>>) -> Vec<Effect> {
    let steward = sandbox.officer("civil-affairs", Role::DataSteward);
    let transactions = batches.into_iter().map(|batch| sandbox.sign(steward, [sandbox.batch(batch)])).collect();
    let block = sandbox.block(transactions).unwrap();
    actions(&[&block.receipts]).iter().map(|result| result.receipt.decision.effect).collect()
}

/// The slots as they stand.
fn slots(sandbox: &Sandbox) -> Vec<Option<(u32, Digest)>> {
    let resource = world::DIVISIONS.parse().unwrap();
    let slot = |record| {
        let page = sandbox.pages.get(&key::record(&resource, &sandbox.record_id(&format!("31010{record}"))))?;
        page::decode_slot::<RecordSlot>(page).map(|slot| (slot.version, slot.history))
    };
    (0..6_u8).map(slot).collect()
}

/// The slots as a reader of the operations would compute them.
fn histories(sandbox: &Sandbox, operations: &[RecordOp]) -> Vec<Option<(u32, Digest)>> {
    let of = |record: u8| {
        let id = sandbox.record_id(&format!("31010{record}"));
        let mine = operations.iter().filter(|operation| operation.record() == id);
        mine.fold(None, |before: Option<(u32, Digest)>, operation| {
            let (version, head) = before.unwrap_or((0, HistoryEntry::origin(sandbox.suite)));
            let entry = HistoryEntry {
                version: version + 1,
                operation: operation.clone(),
                legal_basis: world::DIVISIONS_BASIS.parse().unwrap(),
                effective: gongxin_types::Date::new(2024, 12, 31).unwrap(),
            };
            Some((version + 1, entry.chain(sandbox.suite, &head)))
        })
    };
    (0..6).map(of).collect()
}

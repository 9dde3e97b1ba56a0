//! What execution costs one core: `cargo bench -p gongxin-state`. Signatures, storage and the engine's tree are not in it.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a measurement needs a clock")]
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement prints, and ends where it cannot be made")]

use std::time::{Duration, Instant};

use gongxin_crypto::Suite;
use gongxin_state::{Caches, ExecuteError, View};
use gongxin_test_support::{Reading, Sandbox, world};
use gongxin_types::{AccessAuthority, Action, Evidence, ListKey, Role, Transaction, codec};

const REPEATS: usize = 15;

fn main() {
    let mut sandbox = Sandbox::new();
    report(&sandbox, "evidence, one per transaction", "transaction", 2_000, &evidence(&sandbox, 2_000));
    report(&sandbox, "creations, 1,000 per batch", "operation", 20_000, &creations(&sandbox, 20));
    for transaction in creations(&sandbox, 20) {
        sandbox.block(vec![transaction]).expect("a block");
    }
    report(&sandbox, "updates, 1,000 per batch", "operation", 20_000, &updates(&sandbox, 20));
    report(&sandbox, "readings, 50 per transaction", "reading", 1_000, &readings(&sandbox, 20));
}

fn evidence(sandbox: &Sandbox, count: u64) -> Vec<Transaction> {
    let clerk = sandbox.officer("housing", Role::CaseOfficer);
    let one = |number: u64| {
        sandbox.sign(
            clerk,
            [Action::NotariseEvidence(Evidence {
                digest: sandbox.suite.hash(&[&number.to_le_bytes()]),
                media_type: "application/pdf".parse().expect("a media type"),
                legal_basis: "electronic-signature-law-art-8".parse().expect("a legal basis"),
            })],
        )
    };
    (0..count).map(one).collect()
}

fn codes(batch: u32) -> impl Iterator<Item = String> {
    (0..1_000).map(move |number| format!("{}", batch * 1_000 + number))
}

fn creations(sandbox: &Sandbox, batches: u32) -> Vec<Transaction> {
    let steward = sandbox.officer("civil-affairs", Role::DataSteward);
    let batch = |number| sandbox.batch(codes(number).map(|code| sandbox.create(&code, "甲")));
    (0..batches).map(|number| sandbox.sign(steward, [batch(number)])).collect()
}

fn updates(sandbox: &Sandbox, batches: u32) -> Vec<Transaction> {
    let steward = sandbox.officer("civil-affairs", Role::DataSteward);
    let batch = |number| sandbox.batch(codes(number).map(|code| sandbox.update(&code, "乙", 1)));
    (0..batches).map(|number| sandbox.sign(steward, [batch(number)])).collect()
}

fn readings(sandbox: &Sandbox, windows: usize) -> Vec<Transaction> {
    let suite = Suite::Intl;
    let (officer, gateway) =
        (sandbox.officer("civil-affairs", Role::CaseOfficer), sandbox.cast.gateway("civil-affairs"));
    let duty = AccessAuthority::Duty { duty: world::DIVISIONS_DUTY.parse().expect("a duty") };
    let leaf = |label: String| {
        let list = ListKey::Record { record: sandbox.record_id("7") };
        let reading = Reading::of_division(sandbox.network(), suite, officer, duty.clone(), "7", &label);
        Action::RecordAccess(reading.answered(suite, gateway, [list]))
    };
    let window = |window: usize| (0..50).map(move |number| format!("{window}/{number}"));
    (0..windows).map(|number| sandbox.sign(gateway, window(number).map(leaf))).collect()
}

/// Executes the block again and again with warm caches; prints the best and the median time per unit.
fn report(sandbox: &Sandbox, what: &str, unit: &str, units: u32, transactions: &[Transaction]) {
    let bytes: usize = transactions.iter().map(|transaction| codec::encode(transaction).len()).sum();
    let context = sandbox.context(sandbox.now());
    let caches = Caches::default();
    let mut view = View::new();
    let started = Instant::now();
    let mut wanted = gongxin_state::needs(sandbox.suite, transactions);
    let needs = started.elapsed();
    let mut times: Vec<Duration> = Vec::new();
    while times.len() < REPEATS {
        wanted.iter().for_each(|key| view.insert(*key, sandbox.pages.get(key).copied()));
        wanted.clear();
        let started = Instant::now();
        match gongxin_state::execute(&context, &caches, &mut view, transactions) {
            Ok(executed) => {
                times.push(started.elapsed());
                assert!(
                    executed
                        .receipts
                        .transactions
                        .iter()
                        .all(|receipts| { receipts.actions.iter().all(|one| one.receipt.decision.refusal.is_none()) })
                );
            }
            Err(ExecuteError::Missing(more)) => wanted = more,
            Err(error) => println!("{error}"),
        }
    }
    times.sort_unstable();
    let per = |time: Duration| time.as_nanos() / u128::from(units);
    let (best, median) =
        (times.first().copied().unwrap_or_default(), times.get(REPEATS / 2).copied().unwrap_or_default());
    println!(
        "{what}: {} ns per {unit} (median {}), needs {} ns, {} bytes per {unit}",
        per(best),
        per(median),
        per(needs),
        bytes / usize::try_from(units).unwrap_or(1)
    );
}

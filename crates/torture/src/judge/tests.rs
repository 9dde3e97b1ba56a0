//! The judge is alive: histories that are wrong, each in one way, and those that only look so.

use gongxin_types::TransactionId;

use super::*;
use crate::clients::commitment;

fn digest(number: u64) -> Digest {
    commitment(1, "test", number)
}

fn step(client: u32, called: i64, answered: i64, seen: Seen) -> Step {
    Step { client, called, answered, seen }
}

fn written(client: u32, called: i64, answered: i64, expected: u32, number: u64) -> Step {
    step(client, called, answered, Seen::Written { expected, commitment: digest(number) })
}

fn read(client: u32, called: i64, answered: i64, version: u32, number: u64) -> Step {
    step(client, called, answered, Seen::Read { version, commitment: digest(number) })
}

fn created() -> Step {
    step(0, 0, 1, Seen::Created { commitment: digest(0) })
}

fn verdict(steps: Vec<Step>) -> Option<Violation> {
    let mut all = vec![created()];
    all.extend(steps);
    linear::check(0, all)
}

/// Writes and reads, some at once: an order explains them.
#[test]
fn a_history_with_an_order_passes() {
    let steps = vec![written(1, 2, 7, 1, 1), read(2, 3, 4, 1, 0), read(2, 5, 6, 2, 1), read(3, 8, 9, 2, 1)];
    assert_eq!(verdict(steps), None);
}

/// Two writers are both told that they made version 2.
#[test]
fn a_lost_update_is_found() {
    assert!(verdict(vec![written(1, 2, 4, 1, 1), written(2, 3, 5, 1, 2)]).is_some());
}

/// A read that begins after a write was acknowledged shows what was before it.
#[test]
fn a_stale_read_is_found() {
    assert!(verdict(vec![written(1, 2, 3, 1, 1), read(2, 4, 5, 1, 0)]).is_some());
    assert_eq!(verdict(vec![written(1, 2, 5, 1, 1), read(2, 3, 4, 1, 0)]), None);
}

/// Of two reads, one after the other, the later one shows the older version.
#[test]
fn time_does_not_go_back_between_reads() {
    assert!(verdict(vec![written(1, 2, 9, 1, 1), read(2, 3, 4, 2, 1), read(3, 5, 6, 1, 0)]).is_some());
}

/// A write without an answer may have happened, much later too, or not; but it happens once.
#[test]
fn an_open_write_may_happen_at_any_time_or_never() {
    let open = || step(1, 2, 3, Seen::Open { expected: 1, commitment: digest(1) });
    assert_eq!(verdict(vec![open(), read(2, 4, 5, 1, 0)]), None);
    assert_eq!(verdict(vec![open(), read(2, 4, 5, 1, 0), read(2, 6, 7, 2, 1)]), None);
    assert_eq!(verdict(vec![open(), written(2, 4, 5, 1, 2), read(2, 6, 7, 2, 2)]), None);
    assert!(verdict(vec![open(), read(2, 4, 5, 2, 1), written(2, 6, 7, 1, 2)]).is_some());
}

/// A write that came too late says that the record had another version.
#[test]
fn too_late_without_a_reason_is_found() {
    let late = |called, answered| step(2, called, answered, Seen::TooLate { expected: 1 });
    assert!(verdict(vec![late(2, 3), written(1, 4, 5, 1, 1)]).is_some());
    assert_eq!(verdict(vec![late(2, 6), written(1, 4, 5, 1, 1)]), None);
}

fn operation(what: What) -> Operation {
    Operation { client: 1, called: 2, answered: 3, what }
}

fn chain(entries: &[(TransactionId, u64, u32)]) -> Chain {
    let entry = |height, index| Entry { height: Height::new(height), index, effect: Effect::Allow, refusal: None };
    let entries = entries.iter().map(|(id, height, index)| (*id, entry(*height, *index))).collect();
    Chain { entries, ..Chain::default() }
}

/// What was acknowledged must stand where it was said to; what was called expired, nowhere.
#[test]
fn promises_are_held_against_the_chain() {
    let (id, index) = (TransactionId(digest(7)), Some(2));
    let told = |answer| judge(&[operation(What::Other { id, answer })], &chain(&[(id, 5, 2)]));
    assert_eq!(told(Answer::Final { height: Height::new(5), index }), []);
    assert_eq!(told(Answer::Open), []);
    assert!(matches!(*told(Answer::Final { height: Height::new(4), index }), [Violation::Lost { .. }]));
    assert!(matches!(*told(Answer::Final { height: Height::new(5), index: Some(0) }), [Violation::Lost { .. }]));
    assert!(matches!(*told(Answer::Expired), [Violation::Revived { .. }]));
    let lost = operation(What::Other { id, answer: Answer::Final { height: Height::new(5), index } });
    assert!(matches!(*judge(&[lost], &chain(&[])), [Violation::Lost { .. }]));
}

/// A proven read that shows another version than the chain has at that height.
#[test]
fn reads_are_held_against_the_chain() {
    let (first, second) = (TransactionId(digest(7)), TransactionId(digest(8)));
    let answer = |height| Answer::Final { height: Height::new(height), index: Some(0) };
    let created = Operation {
        client: 0,
        called: 0,
        answered: 1,
        what: What::Create { record: 0, commitment: digest(0), id: first, answer: answer(3) },
    };
    let write = What::Write { record: 0, expected: 1, commitment: digest(1), id: second, answer: answer(5) };
    let shown = |version, number, height| {
        let commitment = Some(digest(number));
        let what = What::Read { record: 0, version, commitment, height: Height::new(height) };
        let last = Operation { client: 2, called: 4, answered: 5, what };
        judge(&[created, operation(write), last], &chain(&[(first, 3, 0), (second, 5, 0)]))
    };
    assert_eq!(shown(2, 1, 6), []);
    assert_eq!(shown(2, 1, 5), []);
    assert!(shown(1, 0, 5).iter().any(|one| matches!(one, Violation::OtherRead { .. })));
    assert!(shown(2, 0, 5).iter().any(|one| matches!(one, Violation::OtherRead { .. })));
}

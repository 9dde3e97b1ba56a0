//! Promises of writing (PROTOCOL 29): in the ledger's order, once, marked in the same transaction, nothing passed over unseen.

use gongxin_types::row::Row;
use gongxin_types::{Height, codec};

use super::{Department, Step, bound, drain, key, row, ticket_for};
use crate::ticket::TicketAct;
use crate::{Act, NotApplied, OperationId, Ordered, Outcome, Place};

fn ordered(index: u32, number: u8, act: Act) -> Ordered {
    let ticket = match &act {
        Act::Create { row } => ticket_for(TicketAct::Create, &key(row), Some(row), number),
        Act::Update { row, .. } => ticket_for(TicketAct::Update, &key(row), Some(row), number),
        Act::Delete { key, .. } => ticket_for(TicketAct::Delete, key, None, number),
    };
    let place = Place { height: Height::new(7), index };
    Ordered {
        place,
        operation: OperationId([number; 16]),
        resource: bound().resource.id,
        act,
        ticket: ticket.to_bytes(),
    }
}

async fn now(department: &dyn Department, of: &Row) -> Option<Row> {
    department.connector().row(&bound().resource.id, &key(of)).await.expect("a row")
}

/// What is final is in the register, each operation once however often it is handed over, and its change carries its ticket.
///
/// # Panics
/// When the promise is broken.
pub async fn what_is_final_is_applied_once_and_in_order(department: &mut dyn Department) {
    let (first, second, gone) = (row("a", 1, "one"), row("a", 1, "two"), row("a", 3, "gone"));
    let operations = vec![
        ordered(0, 1, Act::Create { row: first.clone() }),
        ordered(1, 2, Act::Update { expected: first.clone(), row: second.clone() }),
        ordered(2, 3, Act::Create { row: gone.clone() }),
        ordered(3, 4, Act::Delete { key: key(&gone), expected: gone.clone() }),
    ];
    let outcomes = department.connector().apply(&operations).await.expect("outcomes");
    assert_eq!(outcomes, vec![Outcome::Applied; 4]);
    assert_eq!(now(department, &second).await, Some(second.clone()));
    assert_eq!(now(department, &gone).await, None);
    let again = department.connector().apply(&operations).await.expect("outcomes");
    assert_eq!(again, vec![Outcome::Earlier; 4]);
    let late = ordered(1, 5, Act::Create { row: row("a", 5, "late") });
    let outcomes = department.connector().apply(std::slice::from_ref(&late)).await.expect("outcomes");
    assert_eq!(outcomes, vec![Outcome::Not(NotApplied::OutOfOrder)]);
    assert_eq!(department.connector().apply(&[late]).await.expect("outcomes"), vec![Outcome::Earlier]);
    let (batches, _) = drain(department.connector(), None, 4).await;
    let changes: Vec<_> = batches.iter().flat_map(|batch| &batch.changes).collect();
    let tickets: Vec<_> = changes.iter().map(|change| change.ticket.as_ref().map(crate::Ticket::to_bytes)).collect();
    assert_eq!(tickets, operations.iter().map(|operation| Some(operation.ticket.clone())).collect::<Vec<_>>());
}

/// A row that is not as the ledger has it is left as it is, and the operation is marked as not applied; what follows is applied.
///
/// # Panics
/// When the promise is broken.
pub async fn diverged_rows_are_left_alone(department: &mut dyn Department) {
    let (ledger, register) = (row("a", 1, "ledger"), row("a", 1, "register"));
    department.commit(vec![Step::Insert(register.clone())]).await;
    let operations = vec![
        ordered(0, 1, Act::Update { expected: ledger.clone(), row: row("a", 1, "new") }),
        ordered(1, 2, Act::Create { row: ledger.clone() }),
        ordered(2, 3, Act::Update { expected: row("a", 2, "x"), row: row("a", 2, "y") }),
        ordered(3, 4, Act::Create { row: row("a", 4, "good") }),
    ];
    let outcomes = department.connector().apply(&operations).await.expect("outcomes");
    let expected = [
        Outcome::Not(NotApplied::Diverged),
        Outcome::Not(NotApplied::KeyTaken),
        Outcome::Not(NotApplied::Missing),
        Outcome::Applied,
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(now(department, &register).await, Some(register));
    assert_eq!(department.connector().apply(&operations).await.expect("outcomes"), vec![Outcome::Earlier; 4]);
}

/// What the application asks for waits, and waits no more once it is settled.
///
/// # Panics
/// When the promise is broken.
pub async fn what_waits_is_listed(department: &mut dyn Department) {
    let wanted = row("a", 1, "wanted");
    let operation = ordered(0, 1, Act::Create { row: wanted.clone() });
    let bytes = codec::encode(&wanted);
    department.commit(vec![Step::Ask([1; 16], operation.ticket.clone(), Some(bytes.clone()))]).await;
    let waiting = department.connector().waiting().await.expect("what waits");
    assert_eq!(waiting.len(), 1);
    let first = waiting.first().expect("one");
    assert_eq!((&first.ticket, first.row.as_ref()), (&operation.ticket, Some(&bytes)));
    assert_eq!(now(department, &wanted).await, None);
    assert_eq!(department.connector().apply(&[operation]).await.expect("outcomes"), vec![Outcome::Applied]);
    assert!(department.connector().waiting().await.expect("what waits").is_empty());
    assert_eq!(now(department, &wanted).await, Some(wanted));
}

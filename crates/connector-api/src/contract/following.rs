//! Promises of following: changes come once and in order, with their tickets, and what is confirmed is forgotten.

use gongxin_crypto::Suite;

use super::{Department, Step, bound, drain, key, row, ticket_for};
use crate::limits::BATCH_CHANGES_MAX;
use crate::ticket::TicketAct;
use crate::{ChangeKind, ConnectorError, NewRow, Ticket};

/// Insert, update, change of key and delete, in three transactions: as what they were, in their order.
///
/// # Panics
/// When the promise is broken.
pub async fn changes_come_once_and_in_order(department: &mut dyn Department) {
    let (first, second) = (row("a", 1, "one"), row("a", 2, "two"));
    let renamed = row("a", 1, "uno");
    let moved = row("b", 1, "uno");
    department.commit(vec![Step::Insert(first.clone()), Step::Insert(second.clone())]).await;
    department.commit(vec![Step::Update(key(&first), renamed.clone())]).await;
    department.commit(vec![Step::Update(key(&first), moved.clone()), Step::Delete(key(&second))]).await;
    let (batches, end) = drain(department.connector(), None, 6).await;
    let kinds: Vec<_> = batches.iter().flat_map(|batch| &batch.changes).map(|change| change.kind.clone()).collect();
    let whole = |row: &gongxin_types::row::Row| NewRow::Whole(row.clone());
    let expected = vec![
        ChangeKind::Created { key: key(&first), row: whole(&first) },
        ChangeKind::Created { key: key(&second), row: whole(&second) },
        ChangeKind::Updated { key: key(&first), row: whole(&renamed) },
        ChangeKind::Deleted { key: key(&first) },
        ChangeKind::Created { key: key(&moved), row: whole(&moved) },
        ChangeKind::Deleted { key: key(&second) },
    ];
    assert_eq!(kinds, expected);
    assert!(batches.iter().flat_map(|batch| &batch.changes).all(|change| change.ticket.is_none()));
    // From the end on there is nothing but what comes later.
    department.commit(vec![Step::Delete(key(&moved))]).await;
    let (batches, _) = drain(department.connector(), Some(end), 1).await;
    let kinds: Vec<_> = batches.iter().flat_map(|batch| &batch.changes).map(|change| change.kind.clone()).collect();
    assert_eq!(kinds, vec![ChangeKind::Deleted { key: key(&moved) }]);
}

/// A ticket goes to the change that it names, in the order in which they stand; one without a change is told, and so is a broken
/// one. Whether it covers the row is seen from its digest.
///
/// # Panics
/// When the promise is broken.
pub async fn a_ticket_goes_with_its_change(department: &mut dyn Department) {
    let (old, new, other) = (row("a", 1, "old"), row("a", 1, "new"), row("a", 2, "other"));
    let create = ticket_for(TicketAct::Create, &key(&old), Some(&old), 1);
    let update = ticket_for(TicketAct::Update, &key(&old), Some(&new), 2);
    let idle = ticket_for(TicketAct::Delete, &key(&other), None, 3);
    let steps = vec![
        Step::Ticket(create.to_bytes()),
        Step::Insert(old.clone()),
        Step::Ticket(update.to_bytes()),
        Step::Ticket(idle.to_bytes()),
        Step::Ticket(b"no ticket".to_vec()),
        Step::Update(key(&old), new.clone()),
        Step::Insert(other.clone()),
    ];
    department.commit(steps).await;
    let (batches, _) = drain(department.connector(), None, 3).await;
    let changes: Vec<_> = batches.iter().flat_map(|batch| &batch.changes).collect();
    let tickets: Vec<Option<&Ticket>> = changes.iter().map(|change| change.ticket.as_ref()).collect();
    assert_eq!(tickets, vec![Some(&create), Some(&update), None]);
    assert!(update.covers(Suite::Intl, Some(&new)) && !update.covers(Suite::Intl, Some(&old)));
    assert!(update.check_signature(Suite::Intl).is_ok());
    let unused: Vec<_> = batches.iter().flat_map(|batch| &batch.unused).collect();
    assert_eq!(unused, vec![&idle]);
    assert_eq!(batches.iter().map(|batch| batch.broken_tickets).sum::<u32>(), 1);
}

/// A transaction longer than a batch comes in parts, each with tickets that stood far before, and may be stored with its last.
///
/// # Panics
/// When the promise is broken.
pub async fn long_transactions_come_in_parts(department: &mut dyn Department) {
    let count = i64::try_from(BATCH_CHANGES_MAX).unwrap_or(0) * 2 + 10;
    let rows: Vec<_> = (0..count).map(|number| row("a", number, "bulk")).collect();
    let last = rows.last().cloned().expect("a row");
    let ticket = ticket_for(TicketAct::Create, &key(&last), Some(&last), 9);
    let mut steps = vec![Step::Ticket(ticket.to_bytes())];
    steps.extend(rows.iter().cloned().map(Step::Insert));
    department.commit(steps).await;
    let (batches, end) = drain(department.connector(), None, rows.len()).await;
    assert!(batches.len() >= 3, "{} batches", batches.len());
    assert_eq!(
        batches.iter().map(|batch| batch.part).collect::<Vec<_>>(),
        (0..batches.len()).map(|part| part as u32).collect::<Vec<_>>()
    );
    assert!(batches.iter().all(|batch| batch.changes.len() <= BATCH_CHANGES_MAX));
    assert!(batches.iter().rev().skip(1).all(|batch| batch.end.is_none()));
    assert_eq!(batches.last().and_then(|batch| batch.end), Some(end));
    let changes: Vec<_> = batches.iter().flat_map(|batch| &batch.changes).collect();
    assert_eq!(changes.len(), rows.len());
    assert_eq!(changes.last().and_then(|change| change.ticket.as_ref()), Some(&ticket));
}

/// What is confirmed comes no more and is asked for in vain; what is not confirmed comes again.
///
/// # Panics
/// When the promise is broken.
pub async fn confirmed_changes_are_forgotten(department: &mut dyn Department) {
    department.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let (_, first) = drain(department.connector(), None, 1).await;
    department.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    // Nothing was confirmed: from the beginning both come.
    let (batches, second) = drain(department.connector(), None, 2).await;
    assert_eq!(batches.iter().map(|batch| batch.changes.len()).sum::<usize>(), 2);
    let mut changes = department.connector().changes(Some(first)).await.expect("changes");
    let event = changes.next().await.expect("an event");
    assert!(matches!(event, crate::Event::Changes(batch) if batch.end == Some(second)));
    changes.confirm(second).await.expect("a confirmation");
    assert!(changes.confirm(crate::Position(u64::MAX)).await.is_err(), "what was not handed out was confirmed");
    // The database forgets in its own time; from then on the first position is a gap.
    loop {
        let health = department.connector().health().await.expect("a look");
        if health.confirmed >= Some(second) {
            break;
        }
        // The look itself is the waiting.
    }
    drop(changes);
    loop {
        match department.connector().changes(Some(first)).await.map(|_| ()) {
            Err(ConnectorError::Gap { from, .. }) => {
                assert_eq!(from, first);
                break;
            }
            // The server has not noticed yet that we are gone.
            Err(ConnectorError::InUse { .. }) => {}
            other => panic!("expected a gap, found {other:?}"),
        }
    }
    department.commit(vec![Step::Insert(row("a", 3, "three"))]).await;
    let (batches, _) = drain(department.connector(), Some(second), 1).await;
    assert_eq!(batches.iter().map(|batch| batch.changes.len()).sum::<usize>(), 1);
    assert_eq!(
        bound().resource.id,
        batches
            .first()
            .and_then(|batch| batch.changes.first())
            .map(|change| change.resource.clone())
            .expect("a change")
    );
}

/// Two cannot follow one register: the second is told who is there.
///
/// # Panics
/// When the promise is broken.
pub async fn one_at_a_time_follows(department: &mut dyn Department) {
    let first = department.connector().changes(None).await.expect("changes");
    let second = department.connector().changes(None).await.map(|_| ());
    assert!(matches!(second, Err(ConnectorError::InUse { .. })), "{second:?}");
    drop(first);
    loop {
        match department.connector().changes(None).await.map(|_| ()) {
            Ok(()) => return,
            Err(ConnectorError::InUse { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

//! Which change a ticket belongs to.

use gongxin_connector_api::contract::{key, resource, row, ticket_for};
use gongxin_connector_api::limits::WAITING_TICKETS_MAX;
use gongxin_connector_api::ticket::TicketAct;
use gongxin_connector_api::{ChangeKind, NewRow, Tickets};

/// Two tickets for one key are taken in their order; another act, another key and another resource take none.
#[test]
fn the_earliest_of_its_name_is_taken() {
    let (one, two) = (row("a", 1, "one"), row("a", 1, "two"));
    let mut tickets = Tickets::default();
    for (number, row) in [(1, &one), (2, &two)] {
        tickets.add(&ticket_for(TicketAct::Update, &key(row), Some(row), number).to_bytes());
    }
    let id = resource().id;
    let update = |row: &gongxin_types::row::Row| ChangeKind::Updated { key: key(row), row: NewRow::Whole(row.clone()) };
    assert_eq!(tickets.take(&id, &ChangeKind::Deleted { key: key(&one) }), None);
    assert_eq!(tickets.take(&id, &update(&row("a", 2, "x"))), None);
    assert_eq!(tickets.take(&"police/people".parse().unwrap(), &update(&one)), None);
    assert_eq!(tickets.take(&id, &ChangeKind::Truncated), None);
    assert_eq!(tickets.take(&id, &update(&one)).unwrap().body.operation.0, [1; 16]);
    assert!(tickets.is_waiting());
    assert_eq!(tickets.take(&id, &update(&two)).unwrap().body.operation.0, [2; 16]);
    assert_eq!(tickets.take(&id, &update(&two)), None);
    assert_eq!(tickets.finish(), (vec![], 0));
}

/// More tickets than may wait are counted and not kept: memory is bounded whatever an application does.
#[test]
fn waiting_tickets_are_bounded() {
    let one = row("a", 1, "one");
    let bytes = ticket_for(TicketAct::Create, &key(&one), Some(&one), 1).to_bytes();
    let mut tickets = Tickets::default();
    (0..WAITING_TICKETS_MAX + 5).for_each(|_| tickets.add(&bytes));
    tickets.add(b"nonsense");
    let (unused, broken) = tickets.finish();
    assert_eq!((unused.len(), broken), (WAITING_TICKETS_MAX, 6));
}

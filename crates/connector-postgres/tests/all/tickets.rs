//! Tickets as rows of an outbox, for applications that cannot call functions.

use gongxin_connector_api::contract::{bound, drain, key, row, ticket_for};
use gongxin_connector_api::ticket::TicketAct;
use gongxin_connector_postgres::{PostgresConnector, install};

use crate::department::{Housing, TABLE, settings};
use crate::server::Server;

/// A row of the outbox, put in and taken out in the change's own transaction, is its ticket; the outbox stays empty.
#[tokio::test]
async fn a_row_of_the_outbox_is_a_ticket() {
    let mut housing = Housing::bare(Server::start().await, TABLE).await;
    let settings = settings(&housing.server, "outbox = \"public.gongxin_outbox\"\n");
    housing.run(&install::statements(&settings, &[bound()])).await;
    housing.connector = PostgresConnector::new(settings, vec![bound()]);
    housing.connector.create_slot().await.unwrap();
    let one = row("a", 1, "one");
    let ticket = ticket_for(TicketAct::Create, &key(&one), Some(&one), 1);
    let digits: String = ticket.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let statements = format!(
        "BEGIN; INSERT INTO gongxin_outbox VALUES ('\\x{digits}'); INSERT INTO estate (district, number) VALUES ('a', 1);
        DELETE FROM gongxin_outbox; INSERT INTO estate (district, number) VALUES ('a', 2); COMMIT"
    );
    housing.run(&statements).await;
    let (batches, _) = drain(&housing.connector, None, 2).await;
    let tickets: Vec<_> =
        batches.iter().flat_map(|batch| &batch.changes).map(|change| change.ticket.as_ref()).collect();
    assert_eq!(tickets, vec![Some(&ticket), None]);
    let faults: Vec<_> = gongxin_connector_api::Connector::check(&housing.connector).await.unwrap();
    assert!(faults.iter().all(|finding| finding.problem != gongxin_connector_api::Problem::Outbox), "{faults:?}");
}

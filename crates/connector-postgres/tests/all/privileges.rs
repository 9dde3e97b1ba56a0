//! The role that follows: what it may, what it may not, and what stands in errors.

use gongxin_connector_api::contract::{Department as _, Step, bound, drain, row};
use gongxin_connector_api::{Bound, Connector as _, ConnectorError, Mode, Problem, Weight};
use gongxin_connector_postgres::PostgresConnector;
use tokio_postgres::NoTls;

use crate::department::{Housing, TABLE, settings};
use crate::server::Server;

fn observed() -> Bound {
    let mut bound = bound();
    bound.binding.mode = Mode::Observe;
    bound
}

/// With exactly what we print for the administrator the role follows and reads the bound columns; it can read no other column,
/// write nowhere, and the check has nothing to say.
#[tokio::test]
async fn the_role_follows_and_reads_and_nothing_else() {
    let mut housing = Housing::bare(Server::start().await, &format!("{TABLE} CREATE TABLE secret (x text)")).await;
    housing.install(&[observed()]).await;
    housing.connector = PostgresConnector::new(settings(&housing.server, ""), vec![observed()]);
    housing.connector.create_slot().await.unwrap();
    assert_eq!(housing.connector.check().await.unwrap(), vec![]);
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let (batches, _) = drain(&housing.connector, None, 1).await;
    assert_eq!(batches.len(), 1);
    let mut config = tokio_postgres::Config::new();
    config.host(housing.server.folder.to_str().unwrap()).user("gongxin").dbname("housing");
    let (role, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(async move { connection.await.ok() });
    for refused in [
        "SELECT note FROM estate",
        "SELECT * FROM secret",
        "UPDATE estate SET name = 'x'",
        "INSERT INTO estate (district, number) VALUES ('x', 1)",
        "DELETE FROM estate",
        "TRUNCATE estate",
        "CREATE TABLE mine (x text)",
        "ALTER PUBLICATION gongxin_housing ADD TABLE secret",
        "CREATE ROLE other",
    ] {
        let code = role.batch_execute(refused).await.unwrap_err().code().map(|code| code.code().to_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{refused}");
    }
}

/// A role that may not follow, may not read a column, or may do too much: each found, with the statement that mends it.
#[tokio::test]
async fn missing_and_excessive_privileges_are_found() {
    let housing = Housing::new().await;
    housing.run("ALTER ROLE gongxin NOREPLICATION CREATEDB; REVOKE SELECT (name) ON estate FROM gongxin").await;
    let findings = housing.connector.check().await.unwrap();
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    for expected in ["ALTER ROLE \"gongxin\" REPLICATION", "GRANT SELECT (\"name\")", "NOCREATEDB"] {
        assert!(texts.iter().any(|text| text.contains(expected)), "{expected}: {texts:?}");
    }
    let problems: Vec<_> =
        findings.iter().filter(|finding| finding.weight == Weight::Fault).map(|finding| finding.problem).collect();
    assert_eq!(problems, vec![Problem::PrivilegeMissing; 2]);
    let refused = housing.connector.changes(None).await.map(|_| ());
    assert!(matches!(refused, Err(ConnectorError::Refused { .. })), "{refused:?}");
}

/// What a server says about a row stays out of our errors: only its code is kept.
#[tokio::test]
async fn errors_quote_no_row() {
    let housing = Housing::new().await;
    housing.run("CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the secret of %', NEW.name USING ERRCODE = '23514'; END $$").await;
    housing.run("CREATE VIEW bad AS SELECT district, number, (name::int)::text AS name, mortgaged, built, area_m2, surveyed, registered FROM estate").await;
    housing
        .run("GRANT SELECT ON bad TO gongxin; INSERT INTO estate (district, number, name) VALUES ('a', 1, 'Zhang San')")
        .await;
    let mut view = observed();
    view.binding.table = "bad".parse().unwrap();
    let connector = PostgresConnector::new(settings(&housing.server, ""), vec![view]);
    let mut snapshot = connector.snapshot(&bound().resource.id, None).await.unwrap();
    let error = snapshot.page().await.unwrap_err();
    let told = format!("{error} {error:?} {:?}", std::error::Error::source(&error).map(ToString::to_string));
    assert!(told.contains("22P02") && !told.contains("Zhang"), "{told}");
}

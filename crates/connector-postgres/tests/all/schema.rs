//! Schemas that do not fit, or stop to: each is found, with what to do, and nothing is lost meanwhile.

use gongxin_connector_api::contract::{Department as _, Step, drain, row};
use gongxin_connector_api::{ChangeKind, Connector as _, ConnectorError, Event, Problem};

use crate::department::{Housing, TABLE};
use crate::server::Server;

/// Tables that lack what the binding needs, one after the other on one server.
#[tokio::test]
async fn what_does_not_fit_is_found() {
    let housing = Housing::new().await;
    let cases = [
        ("CREATE TABLE other (x int)".to_owned(), Problem::TableMissing, "there is no table or view `estate`"),
        (TABLE.replace("built date", "built_on date"), Problem::ColumnMissing, "not bound are: `built_on`, `note`"),
        (TABLE.replace("area_m2 numeric", "area_m2 double precision"), Problem::ColumnType, "`double precision`"),
        (TABLE.replace("number bigint", "number numeric"), Problem::ColumnType, "`numeric`"),
        (TABLE.replace("registered timestamptz", "registered timestamp"), Problem::ColumnType, "`registered`"),
        (TABLE.replace(", PRIMARY KEY (district, number)", ""), Problem::KeyNullable, "`district` may be NULL"),
        (TABLE.replace(", PRIMARY KEY (district, number)", ""), Problem::KeyNotUnique, "two rows may have one key"),
        (TABLE.replace(", PRIMARY KEY (district, number)", ""), Problem::ReplicaIdentity, "replica identity"),
        (format!("{TABLE} ALTER TABLE estate REPLICA IDENTITY NOTHING"), Problem::ReplicaIdentity, "replica identity"),
        (
            TABLE
                .replace("CREATE TABLE estate", "CREATE TABLE t")
                .replace(';', "; CREATE VIEW estate AS SELECT * FROM t"),
            Problem::ReplicaIdentity,
            "a view",
        ),
    ];
    for (table, problem, what) in cases {
        housing.run("DROP VIEW IF EXISTS estate_view CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO gongxin").await;
        housing.run(&table).await;
        let findings = housing.connector.check().await.unwrap();
        let found = findings.iter().any(|finding| finding.problem == problem && finding.to_string().contains(what));
        assert!(found, "{problem:?}: {findings:?}");
    }
}

/// A domain over a bound type and an enumeration are read as what they are; a unique index may be the identity.
#[tokio::test]
async fn domains_enumerations_and_other_identities_fit() {
    let table = TABLE
        .replace("name text", "name kind")
        .replace("number bigint", "number counter")
        .replace(", PRIMARY KEY (district, number)", "");
    let table = format!(
        "CREATE TYPE kind AS ENUM ('flat', 'house'); CREATE DOMAIN counter AS int CHECK (VALUE > 0); {table}
        ALTER TABLE estate ALTER district SET NOT NULL, ALTER number SET NOT NULL; CREATE UNIQUE INDEX by_key ON estate (number, district);
        ALTER TABLE estate REPLICA IDENTITY USING INDEX by_key"
    );
    let mut housing = Housing::installed(Server::start().await, &table).await;
    gongxin_connector_api::contract::schema_that_fits(&mut housing).await;
    housing.commit(vec![Step::Insert(row("a", 1, "house"))]).await;
    housing.run("DELETE FROM estate").await;
    let (batches, _) = drain(&housing.connector, None, 2).await;
    let kinds: Vec<_> = batches.iter().flat_map(|batch| &batch.changes).map(|change| &change.kind).collect();
    assert!(
        matches!(kinds[0], ChangeKind::Created { row: gongxin_connector_api::NewRow::Whole(found), .. } if *found == row("a", 1, "house"))
    );
    assert!(matches!(kinds[1], ChangeKind::Deleted { .. }));
}

/// A column renamed, and one of another type, under a running stream: it stops with the column's name; once the schema is right
/// again it goes on where it stopped.
#[tokio::test]
async fn a_schema_that_changes_stops_the_stream_and_loses_nothing() {
    let mut housing = Housing::new().await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let mut changes = housing.connector.changes(None).await.unwrap();
    let Event::Changes(first) = changes.next().await.unwrap() else { panic!() };
    let end = first.end.unwrap();
    // The list of columns holds a column fast; without it the publication tells all of them.
    housing.run("ALTER PUBLICATION gongxin_housing SET TABLE estate; ALTER TABLE estate RENAME name TO title").await;
    housing.run("INSERT INTO estate (district, number, title) VALUES ('a', 2, 'two')").await;
    let error = loop {
        match changes.next().await {
            Ok(Event::Idle { .. }) => {}
            Ok(event) => panic!("{event:?}"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ConnectorError::Schema { .. }) && error.to_string().contains("`name`"), "{error}");
    drop(changes);
    let findings = housing.connector.check().await.unwrap();
    assert!(
        findings.iter().any(|finding| finding.problem == Problem::ColumnMissing && finding.what.contains("`title`")),
        "{findings:?}"
    );
    // The server tells changes as the table was when they were made: what was written under the other name needs that binding.
    let mut binding = gongxin_connector_api::contract::binding();
    let title = gongxin_connector_api::Registers::parse(
        "[[database]]\nname='d'\n[database.sqlite]\nfile='x'\n[[register]]\nresource='a/b'\ndatabase='d'\ntable='t'\nmode='observe'\n[register.columns]\nname='title'",
    );
    binding.columns.extend(title.unwrap().register.remove(0).columns);
    let bound = gongxin_connector_api::Bound::new(binding, gongxin_connector_api::contract::resource()).unwrap();
    let settings = crate::department::settings(&housing.server, "");
    housing.connector = gongxin_connector_postgres::PostgresConnector::new(settings, vec![bound]);
    let (batches, _) = drain(&housing.connector, Some(end), 1).await;
    assert!(matches!(batches[0].changes[0].kind, ChangeKind::Created { .. }));
}

/// What would harm the department is said before it is done: a table without an identity cannot be updated once it is published.
#[tokio::test]
async fn a_table_without_identity_is_found_before_it_is_published() {
    let table = TABLE.replace(", PRIMARY KEY (district, number)", "");
    let housing = Housing::bare(Server::start().await, &table).await;
    let findings = housing.connector.check().await.unwrap();
    assert!(findings.iter().any(|finding| finding.problem == Problem::ReplicaIdentity), "{findings:?}");
    housing.run("INSERT INTO estate (district, number) VALUES ('a', 1); CREATE PUBLICATION gongxin_housing FOR TABLE estate").await;
    let refused = housing.application.batch_execute("UPDATE estate SET name = 'x'").await;
    assert!(refused.is_err(), "PostgreSQL let it pass");
}

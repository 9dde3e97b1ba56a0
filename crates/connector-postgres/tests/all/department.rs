//! A department with its register in PostgreSQL, the application that writes to it, and a role for us that may follow and read.

use std::path::Path;

use futures::future::BoxFuture;
use gongxin_connector_api::contract::{Department, Step, bound};
use gongxin_connector_api::{Bound, Connector, Key};
use gongxin_connector_postgres::{PostgresConnector, Settings, install};
use gongxin_types::row::{Row, Value};
use postgres_protocol::escape::escape_literal;
use tokio_postgres::Client;

use crate::server::Server;

pub(crate) const TABLE: &str = "CREATE TABLE estate (district varchar(80), number bigint, name text, mortgaged boolean,
    built date, area_m2 numeric, surveyed timestamp, registered timestamptz, note text, PRIMARY KEY (district, number));";

pub(crate) struct Housing {
    pub(crate) connector: PostgresConnector,
    pub(crate) application: Client,
    pub(crate) server: Server,
}

/// How the connector reaches the server: by its socket, as the role that is made for it.
pub(crate) fn settings(server: &Server, more: &str) -> Settings {
    let text = format!(
        "host = \"{}\"\nport = {}\ndatabase = \"housing\"\nuser = \"gongxin\"\ntls = \"off\"\nslot = \"gongxin_housing\"\npublication = \"gongxin_housing\"\n{more}",
        server.folder.display(),
        server.port
    );
    Settings::read(&toml::from_str(&text).unwrap(), Path::new("/")).unwrap()
}

impl Housing {
    /// The table of the contract, made by these statements, with a role for us and nothing else.
    pub(crate) async fn bare(server: Server, table: &str) -> Self {
        let admin = server.admin("postgres").await;
        admin.batch_execute("CREATE DATABASE housing TEMPLATE template0").await.unwrap();
        admin.batch_execute("CREATE ROLE gongxin LOGIN REPLICATION PASSWORD 'a password of the test'").await.unwrap();
        let application = server.admin("housing").await;
        application.batch_execute(table).await.unwrap();
        let connector = PostgresConnector::new(settings(&server, ""), vec![bound()]);
        Self { connector, application, server }
    }

    /// The same with what the department's administrator runs for us, and a slot.
    pub(crate) async fn installed(server: Server, table: &str) -> Self {
        let housing = Self::bare(server, table).await;
        housing.install(&[bound()]).await;
        housing.connector.create_slot().await.unwrap();
        housing
    }

    pub(crate) async fn new() -> Self {
        Self::installed(Server::start().await, TABLE).await
    }

    pub(crate) async fn install(&self, bounds: &[Bound]) {
        let statements = install::statements(&settings(&self.server, ""), bounds);
        self.application.batch_execute(&statements).await.unwrap();
    }

    pub(crate) async fn run(&self, statements: &str) {
        self.application.batch_execute(statements).await.unwrap();
    }

    /// The connector of a gateway that was started anew.
    pub(crate) fn restart(&mut self) {
        self.connector = PostgresConnector::new(settings(&self.server, ""), vec![bound()]);
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        value => escape_literal(&value.key_text()),
    }
}

fn bytes(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("'\\x{digits}'::bytea")
}

fn statement(step: Step) -> String {
    let columns = "district, number, name, mortgaged, built, area_m2, surveyed, registered";
    let values = |row: &Row| row.0.iter().map(literal).collect::<Vec<_>>().join(", ");
    let named =
        |key: &Key| format!("district = {} AND number = {}", literal(&key.values()[0]), literal(&key.values()[1]));
    match step {
        Step::Ticket(ticket) => format!("SELECT pg_logical_emit_message(true, 'gongxin', {})", bytes(&ticket)),
        Step::Insert(row) => format!("INSERT INTO estate ({columns}) VALUES ({})", values(&row)),
        Step::Update(key, row) => {
            format!("UPDATE estate SET ({columns}) = ROW ({}) WHERE {}", values(&row), named(&key))
        }
        Step::Delete(key) => format!("DELETE FROM estate WHERE {}", named(&key)),
        Step::Ask(operation, ticket, row) => format!(
            "INSERT INTO gongxin.pending (operation, ticket, new_row) VALUES ({}, {}, {})",
            bytes(&operation),
            bytes(&ticket),
            row.map_or("NULL".into(), |row| bytes(&row)),
        ),
    }
}

impl Department for Housing {
    fn connector(&self) -> &dyn Connector {
        &self.connector
    }

    fn commit(&mut self, steps: Vec<Step>) -> BoxFuture<'_, ()> {
        let statements: Vec<String> = steps.into_iter().map(statement).collect();
        Box::pin(async move {
            self.application.batch_execute(&format!("BEGIN; {}; COMMIT", statements.join("; "))).await.unwrap();
        })
    }
}

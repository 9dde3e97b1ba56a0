//! A department with its register in a SQLite file, and the application that writes to it.

use std::path::PathBuf;

use futures::future::BoxFuture;
use gongxin_connector_api::contract::{Department, Step, bound};
use gongxin_connector_api::{Connector, Key};
use gongxin_connector_sqlite::{Settings, SqliteConnector};
use gongxin_types::row::{Row, Value};
use rusqlite::types::Value as Parameter;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

pub(crate) const TABLE: &str = "CREATE TABLE estate (district TEXT NOT NULL COLLATE NOCASE, number INTEGER NOT NULL, name TEXT,
    mortgaged BOOLEAN, built DATE, area_m2 TEXT, surveyed TEXT, registered TEXT, note TEXT, PRIMARY KEY (district, number))";

pub(crate) struct Housing {
    pub(crate) connector: SqliteConnector,
    pub(crate) file: PathBuf,
    pub(crate) application: Connection,
    _folder: TempDir,
}

impl Housing {
    /// The table of the contract, made by these statements, with nothing of ours in the file.
    pub(crate) fn bare(table: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("housing.db");
        let application = Connection::open(&file).unwrap();
        application.execute_batch(table).unwrap();
        let connector = SqliteConnector::new(Settings { file: file.clone(), outbox_rows_max: 10_000 }, vec![bound()]);
        Self { connector, file, application, _folder: folder }
    }

    /// The same, installed.
    pub(crate) async fn new() -> Self {
        let housing = Self::bare(TABLE);
        housing.connector.install().await.unwrap();
        housing
    }

    /// The connector of a gateway that was started anew.
    pub(crate) fn restart(&mut self) {
        let settings = Settings { file: self.file.clone(), outbox_rows_max: 10_000 };
        self.connector = SqliteConnector::new(settings, vec![bound()]);
    }
}

fn parameter(value: &Value) -> Parameter {
    match value {
        Value::Null => Parameter::Null,
        Value::Text(text) => Parameter::Text(text.as_str().into()),
        Value::Integer(number) => Parameter::Integer(*number),
        Value::Boolean(yes) => Parameter::Integer((*yes).into()),
        Value::Date(date) => Parameter::Text(date.to_string()),
    }
}

fn run(connection: &Connection, step: Step) {
    let named = |key: &Key| key.values().iter().map(parameter).collect::<Vec<_>>();
    let values = |row: &Row| row.0.iter().map(parameter).collect::<Vec<_>>();
    let columns = "district, number, name, mortgaged, built, area_m2, surveyed, registered";
    let done = match step {
        Step::Ticket(bytes) => {
            connection.execute("INSERT INTO gongxin_outbox (act, ticket) VALUES ('ticket', ?1)", [bytes])
        }
        Step::Insert(row) => {
            let statement = format!("INSERT INTO estate ({columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
            connection.execute(&statement, params_from_iter(values(&row)))
        }
        Step::Update(key, row) => {
            let statement = format!(
                "UPDATE estate SET ({columns}) = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                WHERE district = ?9 COLLATE BINARY AND number = ?10"
            );
            connection.execute(&statement, params_from_iter([values(&row), named(&key)].concat()))
        }
        Step::Delete(key) => connection.execute(
            "DELETE FROM estate WHERE district = ?1 COLLATE BINARY AND number = ?2",
            params_from_iter(named(&key)),
        ),
        Step::Ask(operation, ticket, row) => connection.execute(
            "INSERT INTO gongxin_pending (operation, ticket, new_row) VALUES (?1, ?2, ?3)",
            (operation, ticket, row),
        ),
    };
    done.unwrap();
}

impl Department for Housing {
    fn connector(&self) -> &dyn Connector {
        &self.connector
    }

    fn commit(&mut self, steps: Vec<Step>) -> BoxFuture<'_, ()> {
        let transaction = self.application.transaction().unwrap();
        steps.into_iter().for_each(|step| run(&transaction, step));
        transaction.commit().unwrap();
        Box::pin(async {})
    }
}

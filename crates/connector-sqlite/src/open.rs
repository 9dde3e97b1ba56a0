//! Open: connections to the file, and its errors as ours.

use gongxin_connector_api::ConnectorError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use crate::Settings;
use crate::limits::BUSY_TIMEOUT;

/// Opens the file, which must be there.
pub(crate) fn open(settings: &Settings, write: bool) -> Result<Connection, ConnectorError> {
    let flags = if write { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let failed = |error: Error| ConnectorError::Unreachable {
        database: settings.file.display().to_string(),
        source: Box::new(Quiet::of(&error)),
    };
    let connection =
        Connection::open_with_flags(&settings.file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    // Else a quoted name that is no column would be read as a text: a renamed column would be full of its old name.
    for config in [DbConfig::SQLITE_DBCONFIG_DQS_DML, DbConfig::SQLITE_DBCONFIG_DQS_DDL] {
        connection.set_db_config(config, false).map_err(failed)?;
    }
    // The first read says whether it is a database at all.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
    Ok(connection)
}

/// An error of SQLite's by its code alone: messages may name values.
#[derive(Debug, thiserror::Error)]
#[error("SQLite: {0}")]
pub(crate) struct Quiet(String);

impl Quiet {
    fn of(error: &Error) -> Self {
        match error {
            Error::SqliteFailure(code, _) => Self(code.to_string()),
            // What is wrong with a statement of ours or a schema of theirs names tables and columns.
            Error::SqlInputError { error, msg, .. } => Self(format!("{error}: {msg}")),
            Error::InvalidColumnType(index, name, kind) => Self(format!("column {index} `{name}` is {kind}")),
            _ => Self("an error without a code".to_owned()),
        }
    }
}

/// Whether the database refuses a row by a rule of its own.
pub(crate) fn is_about_rows(error: &Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig))
}

/// Turns an error into ours: what was tried.
pub(crate) fn refused(what: &'static str) -> impl Fn(Error) -> ConnectorError {
    move |error| ConnectorError::Refused { what, source: Box::new(Quiet::of(&error)) }
}

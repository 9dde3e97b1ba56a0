//! The cause of an error, as much of it as may stand in a log: no row, no password.
//!
//! A server's message may quote the row it is about (`Key (id)=(…) already exists`, `invalid input syntax …: "…"`). Of errors
//! about data (SQLSTATE classes 22, 23, 44 and what applications raise themselves) only code and constraint are kept.

use gongxin_connector_api::ConnectorError;
use gongxin_connector_api::error::Cause;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// What the server answered.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{severity} {code}: {message}")]
pub(crate) struct ServerError {
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Classes whose messages name settings, names and states, and never quote a row.
const QUIET: [&str; 11] = ["08", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58"];

impl ServerError {
    /// Takes the parts of a server's answer, and leaves out what may quote a row.
    pub(crate) fn new(severity: &str, code: &str, message: &str, constraint: Option<&str>) -> Self {
        // A value that is no text of this encoding has a class of its own in 22, and the bytes in its message.
        let quiet = code.get(..2).is_some_and(|class| QUIET.contains(&class)) || code == "0A000" || code == "22P05";
        let message = match (quiet, constraint) {
            (true, _) => message.chars().take(400).flat_map(char::escape_debug).collect(),
            (false, Some(constraint)) => format!("constraint `{constraint}`"),
            (false, None) => "the server's message is kept back: it may quote a row".to_owned(),
        };
        Self { severity: severity.to_owned(), code: code.to_owned(), message }
    }
}

/// The cause of a client's error.
fn cause(error: Error) -> Cause {
    match error.as_db_error() {
        Some(server) => {
            Box::new(ServerError::new(server.severity(), server.code().code(), server.message(), server.constraint()))
        }
        // Without a server behind it, it is about the connection or about types: nothing of a row is in it.
        None => Box::new(error),
    }
}

/// Whether the database is out of reach, rather than of another opinion.
fn is_away(error: &Error) -> bool {
    let code = error.code();
    let shutting_down = code.is_some_and(|code| {
        [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
        ]
        .contains(code)
    });
    error.is_closed() || shutting_down || code.is_none()
}

/// Whether the database refuses a row: by a constraint (23, 44), as a value (22), or by a trigger's own word (P0).
pub(crate) fn is_about_rows(error: &Error) -> bool {
    let class = error.code().and_then(|code| code.code().get(..2));
    class.is_some_and(|class| matches!(class, "22" | "23" | "44" | "P0"))
}

/// Turns a client's error into ours: what was tried, against which database.
pub(crate) fn refused(what: &'static str, database: &str) -> impl Fn(Error) -> ConnectorError {
    let database = database.to_owned();
    move |error| {
        if is_away(&error) {
            ConnectorError::Unreachable { database: database.clone(), source: cause(error) }
        } else {
            ConnectorError::Refused { what, source: cause(error) }
        }
    }
}

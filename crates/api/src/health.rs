//! Alive and ready: two questions that an operator's machines ask.

use axum::response::Response;

use crate::{error::Answer, error::ApiError, limits, respond};

const TEXT: &str = "text/plain; charset=utf-8";

/// Media type of the Prometheus text format.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The process answers.
pub(crate) async fn alive() -> Response {
    respond::text(TEXT, "ok\n".into())
}

/// Ready, with what an operator should look at all the same, a line each; or 503 with the reason.
pub(crate) fn ready(state: Result<(), String>, notes: &[String]) -> Answer {
    match state {
        Ok(()) => Ok(respond::text(TEXT, notes.iter().fold("ready\n".into(), |text, note| text + note + "\n"))),
        Err(reason) => Err(ApiError::later("not-ready", reason, limits::RETRY_AFTER_SECONDS.saturating_mul(1_000))),
    }
}

/// Metrics in the Prometheus text format.
pub(crate) fn metrics(text: String) -> Response {
    respond::text(METRICS, text)
}

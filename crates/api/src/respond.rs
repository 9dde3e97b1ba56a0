//! Answer in canonical JSON (RFC 8785), in bytes, or in text.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// JSON as JCS bytes: whatever carries a receipt can be kept as it came.
pub(crate) fn json<T: Serialize>(status: StatusCode, noun: &T) -> Response {
    jcs(status, "application/json", noun)
}

pub(crate) fn jcs<T: Serialize>(status: StatusCode, media_type: &'static str, noun: &T) -> Response {
    match serde_json_canonicalizer::to_vec(noun) {
        Ok(bytes) => bytes_of(status, media_type, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Canonical bytes.
pub(crate) fn octets(bytes: impl Into<Body>) -> Response {
    bytes_of(StatusCode::OK, "application/octet-stream", bytes)
}

/// Text for machines and operators.
pub(crate) fn text(media_type: &'static str, text: String) -> Response {
    bytes_of(StatusCode::OK, media_type, text)
}

fn bytes_of(status: StatusCode, media_type: &'static str, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // An answer is true at one height and for one caller.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

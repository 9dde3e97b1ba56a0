//! Read what a request says: path, query and body, strictly, refusing as problem documents.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Path, Query},
    response::Response,
};
use bytes::Bytes;
use gongxin_client::wire::Wait;
use http::{HeaderMap, header, request};
use serde::{Deserialize, de::DeserializeOwned};

use crate::error::ApiError;

/// Path parameters as text, for [`id`].
pub(crate) struct Names<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Names<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, ApiError> {
        let Path(names) = Path::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::invalid("the path is not UTF-8 text"))?;
        Ok(Self(names))
    }
}

/// The query, every name known.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(ApiError::invalid(format!("query: {}", cause(&rejection)))),
        }
    }
}

/// No query at all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// `?wait=final`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitQuery {
    wait: Option<WaitFor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WaitFor {
    Final,
}

impl WaitQuery {
    pub(crate) const fn wait(&self) -> Wait {
        match self.wait {
            Some(WaitFor::Final) => Wait::Final,
            None => Wait::No,
        }
    }
}

/// One identifier of the path.
pub(crate) fn id<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error: T::Err| ApiError::invalid(error.to_string()))
}

/// A body of JSON, every member known.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, ApiError> {
    media_type(headers, "application/json")?;
    serde_json::from_slice(body).map_err(|error| ApiError::invalid(format!("body: {error}")))
}

/// A body of canonical bytes.
pub(crate) fn octets(headers: &HeaderMap) -> Result<(), ApiError> {
    media_type(headers, "application/octet-stream")
}

fn media_type(headers: &HeaderMap, expected: &str) -> Result<(), ApiError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    let status = http::StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Err(ApiError::new(status, "media-type", format!("this call takes a body with `Content-Type: {expected}`")))
}

/// Whether the client would rather have JSON than bytes.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|text| text.contains("application/json"))
}

/// The innermost cause: the outer ones name types of the library.
fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// What a handler without extractors of its own returns for an unknown route.
pub(crate) async fn unknown_route() -> Result<Response, ApiError> {
    Err(ApiError::not_found("there is nothing at this address"))
}

/// What a known route answers to another method; the router adds `Allow`.
pub(crate) async fn unknown_method() -> Result<Response, ApiError> {
    Err(ApiError::new(
        http::StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "this address does not take this method; see `Allow`",
    ))
}

//! What every request passes: a number, a look at its size, a clock, and one line in the log.

use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use gongxin_crypto::random;
use http::{HeaderName, HeaderValue, StatusCode, request::Parts};

use crate::{error::ApiError, extract, limits};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Adds fallbacks and layers to the routes of a router.
pub(crate) fn finish<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .fallback(extract::unknown_route)
        .method_not_allowed_fallback(extract::unknown_method)
        .layer(middleware::from_fn(observe))
}

async fn observe(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = request_id();
    let method = request.method().clone();
    // The route and not the path: identifiers of records and requests stay out of logs.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = match bounded(request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    tracing::debug!(
        request = %id,
        %method,
        route = route.as_ref().map_or("none", MatchedPath::as_str),
        status = response.status().as_u16(),
        milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request answered"
    );
    response
}

async fn bounded(request: Request, next: Next) -> Result<Response, ApiError> {
    let (head, body) = request.into_parts();
    check_head(&head)?;
    match tokio::time::timeout(limits::REQUEST_TIMEOUT, next.run(Request::from_parts(head, body))).await {
        Ok(response) => Ok(response),
        Err(_) => {
            let message =
                format!("no answer within {} s: ask again with the same request", limits::REQUEST_TIMEOUT.as_secs());
            Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", message))
        }
    }
}

fn check_head(head: &Parts) -> Result<(), ApiError> {
    let uri = head.uri.path_and_query().map_or(0, |text| text.as_str().len());
    if uri > limits::URI_BYTES_MAX {
        let message = format!("the address is longer than {} bytes", limits::URI_BYTES_MAX);
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, "uri-too-long", message));
    }
    let headers: usize = head.headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum();
    if headers > limits::HEADER_BYTES_MAX {
        let message = format!("the headers are larger than {} bytes", limits::HEADER_BYTES_MAX);
        return Err(ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large", message));
    }
    Ok(())
}

/// Random, so that it says nothing about how many requests there are.
fn request_id() -> String {
    let bytes: [u8; 8] = random::array().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(bytes))
}

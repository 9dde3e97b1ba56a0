//! Refuse as a problem document (RFC 9457).

use axum::response::{IntoResponse, Response};
use gongxin_client::{Problem, http_signature, problem};
use gongxin_types::{Bundle, Decision, Height, bundle::Encoded};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{limits, respond};

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    problem: Box<Problem>,
    retry_after_seconds: Option<u64>,
}

/// What a handler answers.
pub(crate) type Answer = Result<Response, ApiError>;

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or_default();
        let problem = Box::new(Problem::new(status.as_u16(), title, code, message));
        let retry_after_seconds = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(limits::RETRY_AFTER_SECONDS);
        Self { status, problem, retry_after_seconds }
    }

    /// 400.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    /// 404.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// 413.
    pub(crate) fn too_large(bytes_max: usize) -> Self {
        let message = match bytes_max {
            0 => "this call takes no body".to_owned(),
            _ => format!("the body is larger than {bytes_max} bytes"),
        };
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
    }

    /// 503, to come back after so many milliseconds: rounded up to whole seconds (RFC 9110 §10.2.3).
    pub(crate) fn later(code: &str, message: impl Into<String>, retry_after_ms: u64) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        error.retry_after_seconds = Some(retry_after_ms.div_ceil(1_000).max(1));
        error
    }

    /// A final decision against the caller, with the receipt that proves it.
    pub(crate) fn decided(decision: &Decision, height: Height, receipt: &Bundle) -> Self {
        let refusal = decision.refusal;
        let code = refusal.map_or("policy", |refusal| refusal.code());
        let words = refusal.map_or("no rule in force allows this act to this sender", |refusal| refusal.words());
        Self::new(StatusCode::FORBIDDEN, code, words).with_decision(decision, height, receipt)
    }

    /// The policies, height and receipt of a decision.
    pub(crate) fn with_decision(mut self, decision: &Decision, height: Height, receipt: &Bundle) -> Self {
        self.problem.policies = decision.policies.to_vec();
        self.problem.height = Some(height);
        self.problem.receipt = serde_json::to_value(receipt).ok();
        self
    }

    /// The sealed response of a reading that found nothing.
    pub(crate) fn with_sealed(mut self, sealed: Vec<u8>) -> Self {
        self.problem.sealed = Some(Encoded(sealed));
        self
    }

    /// The document itself, to stand inside another answer.
    pub(crate) fn into_problem(self) -> Problem {
        *self.problem
    }

    /// Our own fault: the cause is in the log, the caller learns that there is one.
    pub(crate) fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, "a request failed by our own fault");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server failed to answer; the operator finds the cause in the log",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = respond::jcs(self.status, problem::MEDIA_TYPE, &*self.problem);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Signature"));
            let wanted = HeaderValue::from_static(http_signature::ACCEPT_SIGNATURE);
            headers.insert(HeaderName::from_static("accept-signature"), wanted);
        }
        response
    }
}

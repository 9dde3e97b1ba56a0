//! Which target URIs are this gateway's own.
//!
//! A signature covers the target URI. Were any `Host` believed, a call signed for one gateway could be replayed at another
//! that has not seen its nonce.

use http::{StatusCode, header, request::Parts};

use crate::error::ApiError;

/// Base URLs, lower-case, without trailing slash.
pub(super) struct Origins(Vec<String>);

impl Origins {
    pub(super) fn new<T: AsRef<str>>(origins: impl IntoIterator<Item = T>) -> Self {
        Self(origins.into_iter().map(|origin| origin.as_ref().trim_end_matches('/').to_ascii_lowercase()).collect())
    }

    /// The absolute target URI of a request (RFC 9110 §7.1).
    pub(super) fn target_uri(&self, head: &Parts) -> Result<String, ApiError> {
        let host = head.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let host = host.or_else(|| head.uri.authority().map(|authority| authority.as_str()));
        let host = host.ok_or_else(|| ApiError::invalid("the request has no `Host`"))?.to_ascii_lowercase();
        let own = self.0.iter().find(|origin| origin.split_once("://").is_some_and(|(_, authority)| authority == host));
        let own = own.ok_or_else(|| {
            let message = format!("this gateway is not `{}`; it is called {}", host.escape_debug(), self.0.join(", "));
            ApiError::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", message)
        })?;
        Ok(format!("{own}{}", head.uri.path_and_query().map_or("/", |text| text.as_str())))
    }
}

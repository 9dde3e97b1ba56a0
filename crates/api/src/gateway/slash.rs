//! Identifiers with a slash in one piece: `civil-affairs%2Fdivisions` is the same as `civil-affairs/divisions`.
//!
//! A slash in an identifier stands between its parts and nowhere else, so that a client may encode the whole or each part
//! (RFC 3986 §2.2). The routes see parts; the signature covers the address as it was sent.

use std::convert::Infallible;

use axum::{Router, extract::Request};
use http::{Uri, uri::PathAndQuery};
use tower::{ServiceExt, util::MapRequestLayer};

/// The address as the client sent it and signed it.
#[derive(Clone)]
pub(super) struct AsSent(pub(super) Uri);

/// A router that sees parts.
pub(super) fn between_parts(router: Router) -> Router {
    let parts = MapRequestLayer::new(|mut request: Request| {
        if let Some(parted) = parted(request.uri()) {
            let sent = std::mem::replace(request.uri_mut(), parted);
            request.extensions_mut().insert(AsSent(sent));
        }
        request
    });
    let service = tower::Layer::layer(&parts, router).map_err(|error: Infallible| match error {});
    Router::new().fallback_service(service)
}

/// The same address with slashes between the parts; none where it has them already.
fn parted(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.starts_with("/api/v1/") || !path.contains("%2") {
        return None;
    }
    let path = path.replace("%2F", "/").replace("%2f", "/");
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{path}{query}")).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only encoded slashes of the path change, in either spelling; nothing is decoded twice.
    #[test]
    fn what_is_parted() {
        let parted = |uri: &str| parted(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(parted("/api/v1/resources/a%2Fb?x=%2F").as_deref(), Some("/api/v1/resources/a/b?x=%2F"));
        assert_eq!(parted("/api/v1/records/a%2fb%2Fc/history").as_deref(), Some("/api/v1/records/a/b/c/history"));
        assert_eq!(parted("/api/v1/resources/a%252Fb").as_deref(), Some("/api/v1/resources/a%252Fb"));
        assert_eq!(parted("/api/v1/resources/a/b?x=%2F"), None);
        assert_eq!(parted("/healthz%2F"), None);
    }
}

//! Which target URIs are this gateway's own.
//!
//! A signature covers the target URI. Were any `Host` believed, a call signed for one gateway could be replayed at another
//! that has not seen its nonce.

use std::fmt;
use std::str::FromStr;

use http::{StatusCode, header, request::Parts};

use super::slash::AsSent;
use crate::error::ApiError;

/// A base URL under which a gateway is called, such as `https://gateway.example.org:8443`: scheme and authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: &'static str,
    /// Lower-case, without the port that the scheme has anyway.
    authority: String,
}

/// A text that is no base URL of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no base URL such as `https://gateway.example.org:8443`: a scheme, a host, perhaps a port, and no path"
)]
pub struct OriginError(String);

impl FromStr for Origin {
    type Err = OriginError;
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let error = || OriginError(text.escape_debug().to_string());
        let (scheme, authority) = text.split_once("://").ok_or_else(error)?;
        let (scheme, port) = match scheme {
            "http" => ("http", ":80"),
            "https" => ("https", ":443"),
            _ => return Err(error()),
        };
        let authority: http::uri::Authority = authority.trim_end_matches('/').parse().map_err(|_| error())?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(error());
        }
        let authority = authority.as_str().to_ascii_lowercase();
        Ok(Self { scheme, authority: authority.strip_suffix(port).unwrap_or(&authority).to_owned() })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme, self.authority)
    }
}

/// All of a gateway's. Of two with one authority the first counts: what was signed under the other does not verify.
pub(super) struct Origins(Vec<Origin>);

impl Origins {
    pub(super) fn new(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self(origins.into_iter().collect())
    }

    /// The absolute target URI of a request (RFC 9110 §7.1), as its client wrote it.
    pub(super) fn target_uri(&self, head: &Parts) -> Result<String, ApiError> {
        let uri = head.extensions.get::<AsSent>().map_or(&head.uri, |sent| &sent.0);
        let host = head.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let host = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
        let host = host.ok_or_else(|| ApiError::invalid("the request has no `Host`"))?.to_ascii_lowercase();
        let own = self.0.iter().find(|origin| origin.authority == host).ok_or_else(|| {
            let own: Vec<String> = self.0.iter().map(Origin::to_string).collect();
            let message = format!("this gateway is not `{}`; it is called {}", host.escape_debug(), own.join(", "));
            ApiError::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", message)
        })?;
        Ok(format!("{own}{}", uri.path_and_query().map_or("/", |text| text.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A base URL has one spelling, whatever an operator writes; what is none says what one is.
    #[test]
    fn base_urls() {
        let spelt = |text: &str| text.parse::<Origin>().map(|origin| origin.to_string());
        assert_eq!(spelt("https://Gateway.Example.org:443/"), Ok("https://gateway.example.org".into()));
        assert_eq!(spelt("http://[::1]:8001"), Ok("http://[::1]:8001".into()));
        for text in ["gateway.example.org", "ftp://x", "https://", "https://x/api", "https://user@x", "https://x y"] {
            assert_eq!(spelt(text), Err(OriginError(text.into())), "{text}");
        }
    }
}

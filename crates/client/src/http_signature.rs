//! Sign and check HTTP calls (RFC 9421), with the digest of the body (RFC 9530).
//!
//! A signature covers exactly `@method`, `@target-uri` and, where there is a body, `content-digest` (sha-256). Its
//! parameters are exactly `created`, `nonce`, `keyid` (the officer's identifier) and `alg`, in any order. The base is the
//! RFC's own (§2.5), so any conforming library interoperates. One message carries one signature.
//!
//! [`Parsed::read`] needs the head alone, [`Parsed::check_body`] the body: a server knows the caller before it reads a
//! large body. Freshness and replay are the server's to judge: it has the clock and the memory. It also decides which
//! target URI is its own: a call signed for one server must not pass at another.

mod base;
mod digest;
mod fields;
#[cfg(test)]
mod tests;

use gongxin_crypto::{PublicKey, SecretKey, Signature, SignatureError, Suite};
use gongxin_types::OfficerId;
use http::HeaderMap;

pub use digest::content_digest;
use fields::Component;

/// Name of the header with the signature's parameters.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// Name of the header with the signature.
pub const SIGNATURE: &str = "signature";
/// Name of the header with the body's digest.
pub const CONTENT_DIGEST: &str = "content-digest";
/// What a server asks for (RFC 9421 §5.1), as a value of `Accept-Signature`.
pub const ACCEPT_SIGNATURE: &str =
    "call=(\"@method\" \"@target-uri\" \"content-digest\");created;nonce;keyid;alg=\"ed25519\"";

/// The call to be signed or checked.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The method, as on the request line.
    pub method: &'a str,
    /// The absolute target URI (RFC 9110 §7.1), such as `http://127.0.0.1:8443/api/v1/officers?limit=10`.
    pub target_uri: &'a str,
}

/// Who signs, when, and the call's own number.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// Parameter `keyid`.
    pub officer: OfficerId,
    /// The key.
    pub key: &'a SecretKey,
    /// Parameter `created`: seconds since 1970.
    pub created: u64,
    /// Parameter `nonce`: never used before by this officer; printable ASCII without `"` and `\`.
    pub nonce: &'a str,
}

/// The headers that make a call a signed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHeaders {
    /// Value of `Content-Digest`; none without a body.
    pub content_digest: Option<String>,
    /// Value of `Signature-Input`.
    pub signature_input: String,
    /// Value of `Signature`.
    pub signature: String,
}

/// Signs a call; an empty body is none.
pub fn sign(call: Call<'_>, body: &[u8], signer: Signer<'_>) -> SignatureHeaders {
    let content_digest = (!body.is_empty()).then(|| content_digest(body));
    let components = fields::covered(content_digest.is_some());
    let parameters = fields::write_parameters(components, &signer);
    let lines = components.iter().map(|component| (component.name(), component.value(call, content_digest.as_deref())));
    let base = base::write(lines, &parameters);
    let signature = signer.key.sign(base.as_bytes());
    SignatureHeaders {
        content_digest,
        signature_input: format!("{}={parameters}", fields::LABEL),
        signature: fields::write_signature(signature.as_bytes()),
    }
}

/// Whether a call says that it is signed; how well is for [`Parsed::read`] to say.
pub fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key(SIGNATURE_INPUT) || headers.contains_key(SIGNATURE)
}

/// A signed call, read but not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Who says to have signed.
    pub keyid: OfficerId,
    /// When, seconds since 1970, by the signer's clock.
    pub created: u64,
    /// The call's own number.
    pub nonce: String,
    /// What the signature covers, in its order.
    pub covered: Vec<&'static str>,
    /// The bytes under the signature (RFC 9421 §2.5).
    pub base: String,
    /// The signature.
    pub signature: Signature,
    digest: Option<[u8; 32]>,
}

/// Why a call is not signed as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No signature at all.
    #[error("the call is not signed: `Signature-Input` and `Signature` are missing (RFC 9421)")]
    Unsigned,
    /// A header is no structured field, too long, or not one signature.
    #[error("header `{header}` {reason}")]
    Header {
        /// Which.
        header: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A parameter is missing, unknown or wrong.
    #[error("signature parameter `{name}` {reason}")]
    Parameter {
        /// Which, cut to what is printable.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not exactly the components that must be covered.
    #[error("the signature must cover exactly `@method`, `@target-uri` and, with a body, `content-digest`")]
    Covered,
    /// The body is not the one that was signed.
    #[error("the body does not match the signed `Content-Digest`")]
    Body,
}

impl Parsed {
    /// Reads the signature of a call's head.
    ///
    /// # Errors
    /// See [`ReadError`]; never [`ReadError::Body`].
    pub fn read(call: Call<'_>, headers: &HeaderMap) -> Result<Self, ReadError> {
        let input = fields::single(headers, SIGNATURE_INPUT)?;
        let signature = fields::single(headers, SIGNATURE)?;
        let (input, signature) = match (input, signature) {
            (None, None) => return Err(ReadError::Unsigned),
            (Some(input), Some(signature)) => (input, signature),
            (None, _) => return Err(fields::header(SIGNATURE_INPUT, "is missing")),
            (_, None) => return Err(fields::header(SIGNATURE, "is missing")),
        };
        let (label, input) = fields::read_input(&input)?;
        let signature = fields::read_signature(&signature, &label)?;
        let parameters = fields::Parameters::read(&input.params)?;
        let components = fields::read_components(&input.items)?;
        let digest_text = fields::single(headers, CONTENT_DIGEST)?;
        let digest = match (components.contains(&Component::ContentDigest), &digest_text) {
            (true, Some(text)) => Some(digest::read(text)?),
            (true, None) => return Err(fields::header(CONTENT_DIGEST, "is covered and missing")),
            (false, _) => None,
        };
        let lines =
            components.iter().map(|component| (component.name(), component.value(call, digest_text.as_deref())));
        let base = base::write(lines, &fields::serialize(&input));
        let signature = parameters.signature(&signature)?;
        let covered = components.iter().map(|component| component.name()).collect();
        let fields::Parameters { keyid, created, nonce, .. } = parameters;
        Ok(Self { keyid, created, nonce, covered, base, signature, digest })
    }

    /// Whether this key made the signature.
    ///
    /// # Errors
    /// When it did not.
    pub fn verify(&self, suite: Suite, key: &PublicKey) -> Result<(), SignatureError> {
        suite.verify(key, self.base.as_bytes(), &self.signature)
    }

    /// Whether this is the body that was signed; an empty one need not be covered.
    ///
    /// # Errors
    /// [`ReadError::Covered`] when a body is not covered, [`ReadError::Body`] when it is another one.
    pub fn check_body(&self, body: &[u8]) -> Result<(), ReadError> {
        match self.digest {
            None if body.is_empty() => Ok(()),
            None => Err(ReadError::Covered),
            Some(digest) if digest::matches(&digest, body) => Ok(()),
            Some(_) => Err(ReadError::Body),
        }
    }
}

/// Reads a whole call and checks its body; [`Parsed::verify`] with the officer's keys is what remains.
///
/// # Errors
/// See [`ReadError`].
pub fn verify(call: Call<'_>, headers: &HeaderMap, body: &[u8]) -> Result<Parsed, ReadError> {
    let parsed = Parsed::read(call, headers)?;
    parsed.check_body(body)?;
    Ok(parsed)
}

//! Problem documents (RFC 9457): a message for the person, a code for the program, nothing internal.

use gongxin_types::{Height, PolicyId, bundle::Encoded};
use serde::{Deserialize, Serialize};

/// Their media type.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What `type` begins with; the code follows.
pub const TYPE_PREFIX: &str = "urn:gongxin:problem:";

/// A refusal, in JSON (JCS bytes). Members that a reader does not know are ignored (RFC 9457 §3.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:gongxin:problem:CODE`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The status, in words.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The same as `message`, where readers of RFC 9457 look for it.
    #[serde(default)]
    pub detail: String,
    /// For the program.
    #[serde(default)]
    pub code: String,
    /// For the person.
    #[serde(default)]
    pub message: String,
    /// The policies that decided; empty where none did.
    #[serde(default)]
    pub policies: Vec<PolicyId>,
    /// The height of the decision, where it is on the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Height>,
    /// The sealed response of a reading that found nothing: its digest is in the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Encoded>,
    /// The receipt that proves the decision; its canonical form (RFC 8785) is `receipt.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<serde_json::Value>,
}

impl Problem {
    /// A problem with this status, code and message.
    pub fn new(status: u16, title: &str, code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            kind: format!("{TYPE_PREFIX}{code}"),
            title: title.into(),
            status,
            detail: message.clone(),
            code: code.into(),
            message,
            policies: Vec::new(),
            height: None,
            sealed: None,
            receipt: None,
        }
    }

    /// Reads the document of an answer; where it is none, the status alone speaks.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let read = serde_json::from_slice::<Self>(body).ok().filter(|problem| problem.status == status);
        let mut problem = read
            .unwrap_or_else(|| Self::new(status, "", "unknown", format!("the server answered with status {status}")));
        if problem.message.is_empty() {
            problem.message.clone_from(&problem.detail);
        }
        problem
    }

    /// The bytes of `receipt.json`, where there is a receipt.
    pub fn receipt_bytes(&self) -> Option<Vec<u8>> {
        self.receipt.as_ref().and_then(|receipt| serde_json_canonicalizer::to_vec(receipt).ok())
    }
}

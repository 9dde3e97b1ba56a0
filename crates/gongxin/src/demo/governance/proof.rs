//! What a receipt proves, checked as `gongxin verify` checks it: with the network file of the first day and nothing else.

use std::path::Path;

use gongxin_types::{ActionReceipt, Bundle, Decision, Effect, Header, ReceiptLeaf, codec, limits};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::files;

/// What was proven.
pub(super) struct Proven {
    /// The block that decided.
    pub(super) height: u64,
    /// The epoch of its validators.
    pub(super) epoch: u64,
    /// The revision of the rules of access that decided.
    pub(super) rules: u32,
    /// Allow or deny, by which policies, and why.
    pub(super) decision: Decision,
}

impl Proven {
    /// Whether the act took effect.
    pub(super) fn allowed(&self) -> bool {
        self.decision.effect == Effect::Allow
    }

    /// Whether a policy was among those that decided.
    pub(super) fn names(&self, policy: &str) -> bool {
        self.decision.policies.iter().any(|named| named.to_string() == policy)
    }

    /// In a sentence.
    pub(super) fn words(&self) -> String {
        let policies: Vec<String> = self.decision.policies.iter().map(ToString::to_string).collect();
        let by = if policies.is_empty() { String::new() } else { format!(" by `{}`", policies.join("`, `")) };
        let why = self.decision.refusal.map(|refusal| format!(": {}", refusal.words())).unwrap_or_default();
        let decided = if self.allowed() { "allowed" } else { "denied" };
        format!("{decided} in block {}{by}{why}", self.height)
    }

    /// For programs.
    pub(super) fn facts(&self) -> Value {
        json!({ "height": self.height, "epoch": self.epoch, "rules": self.rules, "decision": self.decision })
    }
}

/// Verifies a receipt.
///
/// # Errors
/// When a step does not hold; it is named.
pub(super) fn of(receipt: &Path, network: &Path) -> Result<Proven, Failure> {
    let bytes = files::read(receipt, limits::RECEIPT_FILE_BYTES_MAX)?;
    let report = gongxin_verify::bundle::verify(&bytes, &files::read(network, limits::NETWORK_FILE_BYTES_MAX)?);
    if let Some(step) = report.steps.iter().find(|step| !step.ok) {
        let words = format_args!("`{}` does not verify: {}: {}", receipt.display(), step.name, step.detail);
        return Err(Failure::refused(words, None));
    }
    let unreadable = |error: &dyn std::fmt::Display| Failure::file(receipt, error);
    let bundle: Bundle = gongxin_verify::jcs::read(&bytes).map_err(|error| unreadable(&error))?;
    let leaf = codec::decode("receipt leaf", &bundle.leaf.0).map_err(|error| unreadable(&error))?;
    let first = bundle.headers.first().map(|header| codec::decode::<Header>("header", &header.0));
    match (leaf, first) {
        (ReceiptLeaf::Action(ActionReceipt { decision, policy_revision, .. }), Some(Ok(header))) => {
            Ok(Proven { height: header.height.get(), epoch: header.epoch, rules: policy_revision, decision })
        }
        _ => Err(unreadable(&"it is no act's")),
    }
}

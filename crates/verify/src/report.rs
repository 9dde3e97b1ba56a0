//! What a verification found, step by step, in words for people and in fields for programs.

use gongxin_crypto::Digest;
use gongxin_types::{Decision, Height, Time};
use serde::Serialize;

/// What became of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step holds.
    Verified,
    /// The files were read, and at least one step does not hold.
    Refused,
    /// A file is not one of its format at all.
    Unreadable,
}

impl Outcome {
    /// The exit code of a program that ends with this outcome: 0, 1 or 2.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Refused => 1,
            Self::Unreadable => 2,
        }
    }
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// A word for it, the same in every verifier (docs/spec/receipt.md).
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// What was compared, or why it does not hold.
    pub detail: String,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether every step holds. A valid receipt of a refusal is `true`: see [`Report::decision`].
    pub ok: bool,
    /// The same with more shades.
    pub outcome: Outcome,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The network that was trusted.
    pub network: Option<Digest>,
    /// What the ledger decided.
    pub decision: Option<Decision>,
    /// The height of the block the entry stands in.
    pub height: Option<Height>,
    /// Its consensus time.
    pub time: Option<Time>,
}

impl Report {
    /// A report without steps yet.
    pub(crate) const fn new() -> Self {
        Self {
            ok: true,
            outcome: Outcome::Verified,
            steps: Vec::new(),
            network: None,
            decision: None,
            height: None,
            time: None,
        }
    }

    /// Adds a step: what was compared, or why it does not hold.
    pub(crate) fn push(&mut self, name: &'static str, found: Result<String, String>) {
        let ok = found.is_ok();
        if !ok && self.outcome == Outcome::Verified {
            (self.ok, self.outcome) = (false, Outcome::Refused);
        }
        let detail = found.unwrap_or_else(|reason| reason);
        self.steps.push(Step { name, ok, detail });
    }

    /// Adds a step that leaves nothing to check.
    pub(crate) fn push_unreadable(&mut self, name: &'static str, reason: String) {
        self.push(name, Err(reason));
        self.outcome = Outcome::Unreadable;
    }

    /// The exit code of a program that ends with this report: 0 verified, 1 refused, 2 unreadable.
    pub const fn exit(&self) -> u8 {
        self.outcome.exit_code()
    }

    /// What does not hold, for an error message of one line.
    pub fn failures(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !step.ok)
    }
}

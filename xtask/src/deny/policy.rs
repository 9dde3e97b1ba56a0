//! What `deny.toml` says, as far as licences and bans go; keys meant for cargo-deny alone are passed over.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Policy {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    /// SPDX identifiers, with their exception where they have one.
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
    #[serde(default)]
    clarify: Vec<Clarification>,
}

#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Clarification {
    #[serde(rename = "crate")]
    name: String,
    expression: String,
}

#[derive(Debug, Deserialize)]
struct Bans {
    #[serde(default)]
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

impl Policy {
    /// Whether `package` may be under `license`.
    pub(super) fn allows(&self, package: &str, license: &str) -> bool {
        let excepted = self.licenses.exceptions.iter().filter(|exception| exception.name == package);
        self.licenses
            .allow
            .iter()
            .chain(excepted.flat_map(|exception| &exception.allow))
            .any(|allowed| allowed == license)
    }

    /// The licence that reading its files has shown.
    pub(super) fn clarified(&self, package: &str) -> Option<&str> {
        let clarification = self.licenses.clarify.iter().find(|clarification| clarification.name == package);
        clarification.map(|clarification| clarification.expression.as_str())
    }

    /// Why `package` may not be linked, if it may not.
    pub(super) fn ban(&self, package: &str) -> Option<String> {
        let ban = self.bans.deny.iter().find(|ban| ban.name == package)?;
        Some(format!("`{package}` is banned: {}", ban.reason))
    }
}

//! The vectors of `conformance/vectors`: receipts to accept, to refuse, and files that are no receipts.

use gongxin_crypto::Suite;
use gongxin_types::bundle::{Bundle, Network};
use gongxin_verify::{Outcome, bundle};
use serde_json::{Value, json};

use crate::fixture::{Block, World};

mod accepting;
mod chain;
mod contents;
mod epochs;
mod json_text;
mod networks;
mod paths;
mod votes;
mod zip215;

/// One case: two files and the verdict on them.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) expect: Outcome,
    pub(crate) receipt: Vec<u8>,
    pub(crate) network: Vec<u8>,
}

/// Cases of one theme, with the network and block that most of them start from.
pub(crate) struct Theme {
    pub(crate) world: World,
    pub(crate) block: Block,
    pub(crate) cases: Vec<Vector>,
}

impl Theme {
    fn new() -> Self {
        let world = World::new(Suite::Intl, "conformance", 4);
        let block = world.usual_block();
        Self { world, block, cases: Vec::new() }
    }

    /// The receipt of the evidence, the simplest there is.
    pub(crate) fn plain(&self) -> Bundle {
        self.world.action_bundle(&self.block, 0)
    }

    /// Adds a case of files as bytes.
    pub(crate) fn add(&mut self, name: &str, why: &str, expect: Outcome, receipt: Vec<u8>, network: Vec<u8>) {
        let (name, why) = (name.to_owned(), why.to_owned());
        self.cases.push(Vector { name, why, expect, receipt, network });
    }

    /// Adds a receipt to accept.
    pub(crate) fn accept(&mut self, name: &str, why: &str, receipt: &Bundle, network: &Network) {
        self.add(name, why, Outcome::Verified, bundle::to_bytes(receipt), bundle::network_to_bytes(network));
    }

    /// Adds a receipt to refuse.
    pub(crate) fn refuse(&mut self, name: &str, why: &str, receipt: &Bundle, network: &Network) {
        self.add(name, why, Outcome::Refused, bundle::to_bytes(receipt), bundle::network_to_bytes(network));
    }

    /// Adds the plain receipt after a change, to refuse.
    pub(crate) fn change(&mut self, name: &str, why: &str, change: impl FnOnce(&mut Bundle)) {
        let mut receipt = self.plain();
        change(&mut receipt);
        let network = self.world.file();
        self.refuse(name, why, &receipt, &network);
    }
}

/// All themes, each a file of `conformance/vectors`.
pub(crate) fn all() -> Vec<(&'static str, Vec<Vector>)> {
    let themes: [(&str, fn(&mut Theme)); 9] = [
        ("accepting", accepting::make),
        ("chain", chain::make),
        ("contents", contents::make),
        ("epochs", epochs::make),
        ("json", json_text::make),
        ("networks", networks::make),
        ("paths", paths::make),
        ("votes", votes::make),
        ("zip215", zip215::make),
    ];
    let cases = themes.map(|(name, make)| {
        let mut theme = Theme::new();
        make(&mut theme);
        (name, theme.cases)
    });
    cases.into()
}

/// The text of a vector file.
pub(crate) fn to_text(cases: &[Vector]) -> String {
    let file = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "text": text }),
        Err(_) => json!({ "base64": gongxin_types::json::to_base64(bytes) }),
    };
    let expect = |outcome| match outcome {
        Outcome::Verified => "ok",
        Outcome::Refused => "refused",
        Outcome::Unreadable => "unreadable",
    };
    let cases: Vec<Value> = cases
        .iter()
        .map(|case| {
            json!({
                "name": case.name,
                "why": case.why,
                "expect": expect(case.expect),
                "receipt": file(&case.receipt),
                "network": file(&case.network),
            })
        })
        .collect();
    pretty(&cases)
}

/// A document with its names in order, whatever other crates have switched on in the JSON library.
pub(crate) fn pretty(cases: &impl serde::Serialize) -> String {
    let document = sorted(serde_json::to_value(cases).expect("JSON"));
    serde_json::to_string_pretty(&document).expect("JSON") + "\n"
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(fields) => {
            let fields: std::collections::BTreeMap<String, Value> =
                fields.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            fields.into_iter().collect()
        }
        other => other,
    }
}

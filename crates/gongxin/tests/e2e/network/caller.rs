//! An officer with a pen: signs transactions and calls as the tool does, or wrongly on purpose, and reads every answer.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gongxin_client::http_signature::{self, Call, Signer};
use gongxin_crypto::{Passphrase, SecretKey, key_file};
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{Action, Atomicity, Body, List, NetworkHead, OfficerId, Time, Transaction, codec};
use serde_json::Value;

use super::living::Living;

/// How long a server may take to answer.
const WITHIN: Duration = Duration::from_secs(40);

/// An officer, the gateway and the validator that it speaks to.
pub(crate) struct Caller {
    id: OfficerId,
    organization: String,
    pub(crate) key: SecretKey,
    pub(crate) network: NetworkHead,
    gateway: String,
    pub(crate) validator: String,
    runtime: tokio::runtime::Runtime,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    pub(crate) json: Value,
}

impl Answer {
    /// A refusal in one line; that it is a problem document is checked.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.media_type, "application/problem+json", "{} {}", self.status, self.json);
        assert_eq!(self.json["status"], self.status);
        assert!(self.json["type"].as_str().is_some_and(|kind| kind.starts_with("urn:gongxin:problem:")));
        let (code, message) = (self.json["code"].as_str(), self.json["message"].as_str());
        format!("{} {}: {}", self.status, code.expect("a code"), message.expect("a message"))
    }
}

impl Caller {
    /// The officer with this role of an organization, at that organization's gateway.
    pub(crate) fn new(living: &Living, organization: &str, role: &str) -> Self {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let has_role = |officer: &&Value| {
            let roles = officer["roles"].as_array().expect("roles");
            officer["organization"] == organization && roles.iter().any(|one| one == role)
        };
        let officer = living.ready()["officers"].as_array().expect("officers").iter().find(has_role).expect("one");
        let passphrase = Passphrase::from_file(text(&officer["passphrase_file"]).as_ref()).expect("a passphrase");
        let gateways = living.ready()["gateways"].as_array().expect("gateways");
        let gateway = gateways.iter().find(|gateway| gateway["organization"] == organization).expect("a gateway");
        let network = std::fs::read(living.network()).expect("a network file");
        Self {
            id: text(&officer["id"]).parse().expect("an identifier"),
            organization: organization.to_owned(),
            key: key_file::read_signing_key(text(&officer["key"]).as_ref(), &passphrase).expect("a key"),
            network: gongxin_verify::network::parse(&network).expect("a network").head().clone(),
            gateway: text(&gateway["http"]),
            validator: text(&living.ready()["validators"][0]["http"]),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
        }
    }

    /// A body that is right in every way.
    pub(crate) fn body(&self, sequence: u64, action: Action) -> Body {
        let actor = Actor::Officer(self.id);
        let organization = self.organization.parse().expect("an identifier");
        Body {
            version: 1,
            network: self.network.id(),
            sender: Sender { organization, actor, key: self.key.public() },
            // The tool uses other lanes at other times; these numbers are this test's own.
            lane: 7,
            sequence,
            valid_until: now().plus_millis(120_000),
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(vec![action]).expect("one action"),
        }
    }

    /// The canonical bytes of a body under this officer's signature.
    pub(crate) fn sign(&self, body: Body) -> Vec<u8> {
        let signature = self.key.sign(&Transaction::message(&body.id(self.network.suite)));
        codec::encode(&Transaction { body, signature })
    }

    /// Hands bytes to a validator.
    pub(crate) fn to_validator(&self, bytes: &[u8]) -> Answer {
        let url = format!("{}/v1/transactions?wait=final", self.validator);
        self.send(reqwest::Method::POST, &url, &[("content-type", "application/octet-stream".into())], bytes)
    }

    /// Hands bytes to the gateway, in a call that is signed as it should be.
    pub(crate) fn to_gateway(&self, bytes: &[u8]) -> Answer {
        self.call("POST", "/api/v1/transactions?wait=final", bytes, seconds(now()), &nonce())
    }

    /// A signed call of the gateway, made at a time and with a nonce.
    pub(crate) fn call(&self, method: &str, path: &str, body: &[u8], created: u64, nonce: &str) -> Answer {
        let url = format!("{}{path}", self.gateway);
        let call = Call { method, target_uri: &url };
        let signed = http_signature::sign(call, body, Signer { officer: self.id, key: &self.key, created, nonce });
        let mut headers = vec![("signature-input", signed.signature_input), ("signature", signed.signature)];
        headers.extend(signed.content_digest.map(|digest| ("content-digest", digest)));
        if !body.is_empty() {
            headers.push(("content-type", "application/octet-stream".into()));
        }
        self.send(method.parse().expect("a method"), &url, &headers, body)
    }

    /// A call with these headers and no others.
    pub(crate) fn send(&self, method: reqwest::Method, url: &str, headers: &[(&str, String)], body: &[u8]) -> Answer {
        self.runtime.block_on(async {
            let mut request = reqwest::Client::new().request(method, url).timeout(WITHIN).body(body.to_vec());
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            let answer = request.send().await.expect("an answer");
            let media_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
            let (status, media_type) = (answer.status().as_u16(), media_type.unwrap_or_default().to_owned());
            let bytes = answer.bytes().await.expect("a body");
            Answer { status, media_type, json: serde_json::from_slice(&bytes).unwrap_or_default() }
        })
    }

    /// Base URL of the gateway.
    pub(crate) fn gateway(&self) -> &str {
        &self.gateway
    }
}

/// This machine's time.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Time::from_millis(u64::try_from(since.as_millis()).expect("small"))
}

pub(crate) fn seconds(time: Time) -> u64 {
    time.millis() / 1_000
}

/// A number that no call has had.
pub(crate) fn nonce() -> String {
    let bytes: [u8; 16] = gongxin_crypto::random::array().expect("random");
    gongxin_types::json::to_base64(&bytes)
}

//! Alerts: a validator that is not heard becomes one by itself, and contradictory votes convict whoever signed them.

use std::time::Duration;

use gongxin_crypto::{ALGORITHM_ED25519, Passphrase, PublicKey, SecretKey, key_file};
use gongxin_types::fault::{ConsensusVote, Equivocation, Proposed, SignedVote};
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::{FaultEvidence, HeaderDigest, NetworkHead};
use serde_json::Value;

use super::living::Living;
use crate::command::{complained, json, said};

const OPERATOR: &str = "--as housing/operator";
/// How long a validator must be silent, and then some.
const WITHIN: Duration = Duration::from_secs(150);

fn alerts(living: &Living, kind: &str) -> Vec<Value> {
    living.answer(&format!("alert list --kind {kind} {OPERATOR}"))["items"].as_array().expect("items").clone()
}

/// A validator stands still for a while: the gateways of the others raise it, each for its office, without anybody's help; when it
/// goes on, it ends the same way, and stays on the ledger. `status` shows it at a glance while it stands.
#[test]
fn a_silent_validator_is_an_alert_until_it_is_heard() {
    let living = Living::start();
    living.signal("STOP", &["social-security"]);
    living.until("three offices say so", WITHIN, || {
        let found = alerts(&living, "silent-validator");
        found.iter().any(|alert| alert["confirmations"].as_array().is_some_and(|all| all.len() == 3))
    });
    let found = alerts(&living, "silent-validator");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0]["state"]["state"] == "open" && !found[0]["confirmed"].is_null(), "{found:?}");
    let status = living.call(&["--output", "json", "status"]);
    assert!(said(&status).contains("alerts stand on the ledger"), "{}", said(&status));
    living.signal("CONT", &["social-security"]);
    living.until("it is heard again", WITHIN, || {
        alerts(&living, "silent-validator").iter().all(|alert| alert["state"]["state"] == "ended")
    });
    let id = found[0]["id"].as_str().expect("an identifier");
    let ended = living.answer(&format!("alert show {id} {OPERATOR}"));
    assert!(ended["state"]["ending"]["how"] == "over" && ended["convicted"] == serde_json::json!([]), "{ended}");
}

/// What a validator's key signs in this network.
fn votes(living: &Living, name: &str) -> Equivocation {
    let home = living.home();
    let words = std::fs::read_to_string(home.join(name).join("passphrase")).expect("a passphrase");
    let passphrase = Passphrase::from_bytes(words.trim_end().as_bytes()).expect("a passphrase");
    let secret: SecretKey =
        key_file::read_signing_key(&home.join(name).join("node/consensus.pem"), &passphrase).expect("a key");
    let key: PublicKey = secret.public();
    assert_eq!(key.algorithm(), ALGORITHM_ED25519);
    let file: Value = serde_json::from_slice(&std::fs::read(living.network()).expect("a file")).expect("JSON");
    let head: NetworkHead = serde_json::from_value(file["head"].clone()).expect("a head");
    let network = head.id();
    let vote = |payload: u8| {
        let vote = ConsensusVote::Finalize(Proposed { parent_view: 6, header: HeaderDigest([payload; 32]) });
        let message = gongxin_verify::vote::message(&network, 0, 7, &vote);
        SignedVote { vote, signature: secret.sign(&message).as_bytes().try_into().expect("64 bytes") }
    };
    let validator = ConsensusKey(key.as_bytes().try_into().expect("32 bytes"));
    Equivocation::new(network, (0, 7), validator, vote(1), vote(2))
}

/// Two votes of one validator for two blocks of one view are handed in: the ledger names it, with a receipt that verifies; the file
/// itself convicts without any server. With one byte changed it convicts nobody, here or there.
#[test]
fn contradictory_votes_convict_whoever_signed_them() {
    let living = Living::start();
    let fault = votes(&living, "public-security");
    let (file, forged) = (living.file("fault.json"), living.file("forged.json"));
    let write = |path: &str, fault: &Equivocation| {
        let evidence = FaultEvidence::Equivocation(fault.clone());
        std::fs::write(path, serde_json::to_string_pretty(&evidence).expect("JSON")).expect("written");
    };
    write(&file, &fault);
    let mut changed = fault.clone();
    changed.one.signature[5] ^= 1;
    write(&forged, &changed);

    let checked = living.elsewhere(&["verify", &file, "--network", &living.network()]);
    assert!(checked.status.success() && said(&checked).contains("public-security"), "{}", said(&checked));
    let unconvinced = living.elsewhere(&["verify", &forged, "--network", &living.network()]);
    assert_eq!(unconvinced.status.code(), Some(1), "{}", complained(&unconvinced));
    living.refused(&format!("alert raise --evidence {forged} {OPERATOR}"), "invalid-evidence");
    living.refused(&format!("alert raise --evidence {file} --as housing/clerk"), "policy");

    let receipt = living.file("receipt.json");
    let raised = living.answer(&format!("alert raise --evidence {file} {OPERATOR} --receipt {receipt}"));
    let id = raised["alert"].as_str().expect("an identifier");
    let verified = json(&living.elsewhere(&["--output", "json", "verify", &receipt, "--network", &living.network()]));
    assert_eq!(verified["ok"], true, "{verified}");
    let shown = living.answer(&format!("alert show {id} {OPERATOR}"));
    assert_eq!(shown["convicted"], serde_json::json!([fault.validator]), "{shown}");
    assert!(shown["topic"]["kind"] == "equivocation" && !shown["confirmed"].is_null(), "{shown}");
    living.refused(&format!("alert raise --evidence {file} {OPERATOR}"), "already-raised");
    living.refused(&format!("alert end {id} {OPERATOR}"), "not-over");
    living.until("the supervisor's copy has it", Duration::from_secs(30), || {
        living.call(&["alert", "show", id, "--as", "audit-office/supervisor"]).status.success()
    });
    living.answer(&format!("alert end {id} --as audit-office/supervisor"));
    let settled = living.answer(&format!("alert show {id} --as audit-office/supervisor"));
    assert_eq!(settled["state"]["ending"]["how"], "settled", "{settled}");
}

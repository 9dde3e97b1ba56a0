//! Policies, configurations, nouns in JSON, key files.

use std::process::Command;

use gongxin_backup::{Cover, Kind, Part, PartName};
use gongxin_crypto::{Passphrase, SealingSecret, Suite, key_file};
use gongxin_fuzz::{PASSPHRASE, SEPARATOR, sealing_secret};
use gongxin_policy::default_set;
use gongxin_test_support::{Sandbox, world};
use gongxin_types::{Action, GrantId, List, Role, Time, codec, policy_set::PolicySet, policy_set::Source};

use super::{put, put_hostile, put_once, replaced};

pub(super) fn write() {
    write_policies();
    write_configurations();
    write_nouns();
    write_keys();
    write_backups();
}

fn write_policies() {
    let whole = default_set();
    let first: Vec<_> = whole.policies.iter().take(2).cloned().collect();
    let small = PolicySet { policies: List::new(first.clone()).expect("two"), ..whole.clone() };
    let bytes = codec::encode(&small);
    put("policy_set", "good-two-policies", &bytes);
    let reversed = List::new(first.iter().rev().cloned().collect()).expect("two");
    put("policy_set", "bad-out-of-order", codec::encode(&PolicySet { policies: reversed, ..small.clone() }));
    let schema = Source::new("entity Officer;").expect("short");
    let other = PolicySet { schema, ..small.clone() };
    put("policy_set", "bad-other-schema", codec::encode(&other));
    put("policy_set", "bad-version", codec::encode(&PolicySet { version: 2, ..other.clone() }));
    put_hostile("policy_set", &codec::encode(&other));

    for (name, policy) in ["good-first-of-the-defaults", "good-second-of-the-defaults"].iter().zip(&whole.policies) {
        // Without annotations: they name the policy, and here it has another name.
        let source: Vec<&str> = policy.source.as_str().lines().filter(|line| !line.starts_with('@')).collect();
        put("policy_source", name, source.join("\n"));
    }
    put("policy_source", "good-nobody", "forbid (principal, action, resource);");
    put(
        "policy_source",
        "bad-two-policies",
        "permit (principal, action, resource);permit (principal, action, resource);",
    );
    put("policy_source", "bad-template", "permit (principal == ?principal, action, resource);");
    let nested = format!("permit (principal, action, resource) when {{ {}true{} }};", "(".repeat(40), ")".repeat(40));
    put("policy_source", "bad-forty-brackets", nested);
    let chain = format!("permit (principal, action, resource) when {{ {}true }};", "!".repeat(2_000));
    put("policy_source", "bad-two-thousand-negations", chain);
    let added = format!("permit (principal, action, resource) when {{ 1{} > 0 }};", " + 1".repeat(400));
    put("policy_source", "bad-four-hundred-sums", added);
    put("policy_source", "bad-names-one-officer", "permit (principal == Officer::\"eve\", action, resource);");
    put("policy_source", "bad-extension", "permit (principal, action, resource) when { ip(\"::1\").isLoopback() };");
    put("policy_source", "bad-empty", "");

    let schema = "entity User; entity File; action read appliesTo { principal: User, resource: File };";
    let policies = "@id(\"all\") permit (principal, action, resource);";
    let entities = r#"[{"uid":{"type":"User","id":"a"},"attrs":{},"parents":[]}]"#;
    let request = r#"{"principal":"User::\"a\"","action":"Action::\"read\"","resource":"File::\"f\""}"#;
    let put_files = |name: &str, parts: [&str; 4]| put("policy_files", name, parts.join(SEPARATOR));
    put_files("good-allowed", [policies, schema, entities, request]);
    put_files("good-denied", ["", schema, "[]", request]);
    put_files("bad-request", [policies, schema, entities, "[]"]);
    put_files("bad-entities", [policies, schema, "[{}]", request]);
    put_files("bad-schema", [policies, "entity", entities, request]);
    put_files("bad-deep-schema", [policies, &"{".repeat(1_000), entities, request]);
    put_files("bad-deep-request", [policies, schema, entities, &"[".repeat(1_000)]);
    put_files("bad-two-of-one-name", [&policies.repeat(2), schema, entities, request]);
    put("policy_files", "bad-one-part", policies);
}

fn write_configurations() {
    let peer = |name: &str, number: u16| {
        format!("[[peers]]\nname = \"{name}\"\nkey = \"{}\"\naddress = \"127.0.0.1:{number}\"\n", "0a".repeat(32))
    };
    let paths = "directory = \"data\"\ngenesis = \"../../genesis.borsh\"\nkey = \"key.pem\"\npassphrase_file = \"../passphrase\"\n";
    let node = format!(
        "name = \"civil-affairs\"\n{paths}p2p = \"127.0.0.1:7000\"\nhttp = \"[::1]:7001\"\nsync = \"state\"\n\n{}{}",
        peer("civil-affairs", 7_000),
        peer("housing", 7_002)
    );
    put("node_config", "good-two-peers", &node);
    put("node_config", "good-follower", node.replace("sync = \"state\"", "follower = true"));
    put("node_config", "bad-misspelt-key", node.replace("sync =", "synch ="));
    put("node_config", "bad-port", node.replace("7001", "70001"));
    put("node_config", "bad-key-twice", node.replace("sync =", "name = \"twice\"\nsync ="));
    put("node_config", "bad-consensus-key", node.replace("0a0a", "0A0A"));
    put("node_config", "bad-latin-1", replaced(node.as_bytes(), b"housing", b"hous\xef"));
    put("node_config", "bad-empty", "");
    put("node_config", "bad-deep", format!("sync = {}", "[".repeat(2_000)));

    let gateway = format!(
        "organization = \"civil-affairs\"\nid = \"{}\"\n{paths}http = \"127.0.0.1:8001\"\nvalidators = [\"http://127.0.0.1:7001\"]\n",
        "0d".repeat(16)
    );
    put("gateway_config", "good-one-validator", &gateway);
    put("gateway_config", "good-comments", format!("# 民政局\n{gateway}\n# end"));
    put("gateway_config", "bad-validators-missing", gateway.split("validators").next().unwrap_or_default());
    put("gateway_config", "bad-id", gateway.replace("0d0d", "0d"));
    put("gateway_config", "bad-empty", "");
    put("gateway_config", "bad-dotted-keys", format!("{}a = 1\n", "a.".repeat(2_000)));

    let plan = "name = \"sample\"\n\n[[organizations]]\nid = \"civil-affairs\"\nzh = \"民政局\"\nen = \"Civil Affairs Bureau\"\nkind = \"department\"\nlevel = \"province\"\ndivision = \"310000\"\n\n[[organizations.officers]]\nlabel = \"steward\"\nroles = [\"data-steward\"]\n\n[organizations.validator]\np2p = \"127.0.0.1:7000\"\nhttp = \"127.0.0.1:7001\"\n";
    put("network_plan", "good-one-member", plan);
    put("network_plan", "good-scaled-time", plan.replace("\"sample\"\n", "\"sample\"\ntime_scale = 60\n"));
    put("network_plan", "bad-kind", plan.replace("\"department\"", "\"company\""));
    put("network_plan", "bad-role", plan.replace("data-steward", "emperor"));
    put("network_plan", "bad-time-scale", plan.replace("\"sample\"\n", "\"sample\"\ntime_scale = -1\n"));
    put("network_plan", "bad-empty", "");
}

fn write_nouns() {
    let sandbox = Sandbox::new();
    let steward = sandbox.officer("civil-affairs", Role::DataSteward);
    let json = |noun: &dyn Fn() -> serde_json::Result<String>| noun().expect("JSON");
    let resource = json(&|| serde_json::to_string(&world::divisions()));
    put("noun_json", "good-resource", &resource);
    put("noun_json", "good-officer", json(&|| serde_json::to_string(&world::officer(steward))));
    let gateway = sandbox.cast.gateway("housing");
    put("noun_json", "good-gateway", json(&|| serde_json::to_string(&world::gateway(gateway, 1))));
    let until = sandbox.now().plus_millis(1);
    let grant = json(&|| serde_json::to_string(&sandbox.grant("sample", "housing", &["code"], until)));
    put("noun_json", "good-grant", &grant);
    let revoke = sandbox.sign(steward, [Action::RevokeGrant(GrantId::new([9; 16]))]);
    put("noun_json", "good-transaction", json(&|| serde_json::to_string(&revoke)));
    let batch = sandbox.batch([sandbox.create("110101", "东城区"), sandbox.delete("110103", 1)]);
    put("noun_json", "good-batch", json(&|| serde_json::to_string(&batch)));
    put("noun_json", "bad-unknown-member", resource.replacen("{\"version\"", "{\"owner\":1,\"version\"", 1));
    put("noun_json", "bad-bidirectional-title", resource.replace("GB/T 2260", "GB/T \u{202e}2260"));
    put("noun_json", "bad-instant", grant.replace("2026", "0000"));
    put("noun_json", "bad-version-as-text", grant.replace("\"version\":1", "\"version\":\"1\""));
    put("noun_json", "bad-deep", "{\"a\":".repeat(1_000));
    put("noun_json", "bad-empty", "");
}

fn write_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = Passphrase::from_bytes(PASSPHRASE).expect("a passphrase");
    let written = |name: &str, write: &dyn Fn(&std::path::Path)| {
        let path = folder.path().join(name);
        write(&path);
        std::fs::read(path).expect("a key file")
    };
    let signing = Suite::Intl.secret_from_seed(&[1; 32]);
    put_once("key_file", "good-signing", || {
        written("signing", &|path| key_file::write_signing_key(path, &signing, &passphrase).expect("written"))
    });
    put_once("key_file", "good-sealing", || {
        written("sealing", &|path| key_file::write_sealing_key(path, &sealing_secret(), &passphrase).expect("written"))
    });
    // Quick to open, so that many mutations of them can be tried.
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        let output = command.current_dir(folder.path()).args(arguments.split(' ')).output().expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    std::fs::write(folder.path().join("pass"), PASSPHRASE).expect("a file");
    put_once("key_file", "good-of-openssl-scrypt", || {
        openssl("genpkey -algorithm ed25519 -out plain.pem");
        openssl("pkcs8 -topk8 -in plain.pem -passout file:pass -scrypt -scrypt_N 2 -scrypt_r 1 -scrypt_p 1")
    });
    put_once("key_file", "good-of-openssl-pbkdf2", || {
        openssl("genpkey -algorithm x25519 -out plain.pem");
        openssl("pkcs8 -topk8 -in plain.pem -passout file:pass -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 1")
    });
    put_once("key_file", "bad-not-encrypted", || openssl("genpkey -algorithm ed25519"));
    put_once("key_file", "bad-of-another-curve", || {
        openssl("genpkey -algorithm ed448 -out plain.pem");
        openssl("pkcs8 -topk8 -in plain.pem -passout file:pass -v2 aes-256-cbc -iter 1")
    });
    put_once("key_file", "bad-cipher", || {
        openssl("genpkey -algorithm ed25519 -out plain.pem");
        openssl("pkcs8 -topk8 -in plain.pem -passout file:pass -v2 aes-128-cbc -iter 1")
    });
    put_once("key_file", "bad-passphrase", || {
        openssl("genpkey -algorithm ed25519 -out plain.pem");
        openssl("pkcs8 -topk8 -in plain.pem -passout pass:other -v2 aes-256-cbc -iter 1")
    });
    put("key_file", "bad-label", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    put("key_file", "bad-empty", "");
}

/// Backups of both kinds, and what becomes of one on a bad day.
fn write_backups() {
    let cover = |of, sealed_to| Cover {
        network: Suite::Intl.hash(&[b"network"]),
        suite: Suite::Intl.id(),
        of,
        name: "housing".parse().expect("a name"),
        made: Time::from_millis(1_790_000_000_000),
        program: "0.1.0".into(),
        sealed_to,
        vault_period: matches!(of, Kind::Gateway).then_some(3),
    };
    let made = |of: Kind, sealed_to| {
        let source = |name: PartName| gongxin_backup::Source::Bytes(name.as_str().as_bytes().to_vec().into());
        let parts: Vec<Part> = of.parts().iter().map(|name| Part { name: *name, source: source(*name) }).collect();
        let mut file = Vec::new();
        gongxin_backup::write(&cover(of, sealed_to), &parts, &mut file).expect("written");
        file
    };
    let ours = sealing_secret().public();
    put_once("backup", "good-node", || made(Kind::Node, ours));
    put_once("backup", "good-gateway", || made(Kind::Gateway, ours));
    put_once("backup", "bad-sealed-to-another", || made(Kind::Node, SealingSecret::from_seed(&[9; 32]).public()));
    put_once("backup", "bad-cut-short", || {
        let mut file = made(Kind::Node, ours);
        file.truncate(file.len() - 40);
        file
    });
    put("backup", "bad-newer", "gongxin-backup-2\n");
    put("backup", "bad-empty", "");
}

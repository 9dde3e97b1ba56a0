//! Operators' commands go by who validates now: a fifth was voted in, in the place of one who follows since.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::epochs::{Fifth, WITHIN};
use super::living::Living;
use crate::backup::Kept;
use crate::command::{complained, json, said};

/// What a call says in JSON, whether or not it finds something.
fn told(living: &Living, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = living.call(&[&["--output", "json"], arguments].concat());
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", complained(&output)));
    (output.status.code(), document)
}

/// What the doctor finds by one check in a configuration.
fn found(living: &Living, config: &Path, check: &str) -> Vec<String> {
    let (_, findings) = told(living, &["doctor", "--config", &config.display().to_string()]);
    let findings = findings.as_array().expect("findings").iter().filter(|finding| finding["check"] == check);
    findings.map(|one| format!("{}: {}", one["verdict"].as_str().unwrap_or_default(), one["what"])).collect()
}

/// The folder was made by genesis and the network file is of the first day: status asks who serves and lists the fifth, whom it
/// was not told of; who was voted out follows, and may be stopped; a quorum is one of the new set.
#[test]
fn commands_go_by_who_serves_now() {
    let living = Living::start();
    let fifth = Fifth::follow(&living);
    let role = found(&living, &fifth.config, "role");
    assert!(role.concat().starts_with("note") && role.concat().contains("until members vote it in"), "{role:?}");
    fifth.serve(&living, Some("social-security"));
    status(&living, &fifth);
    doctor(&living, &fifth);
    restore(&living, &fifth);
}

fn status(living: &Living, fifth: &Fifth) {
    living.until("all of the new set vote", WITHIN, || told(living, &["status"]).0 == Some(0));
    let (_, document) = told(living, &["status"]);
    assert_eq!((&document["quorum"], &document["validators_of"]["epoch"]), (&3.into(), &1.into()), "{document:#}");
    assert!(document["validators_of"]["by"].is_string(), "{document:#}");
    let of = |document: &Value, name: &str| {
        let rows = document["validators"].as_array().expect("rows");
        rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name} in {document:#}")).clone()
    };
    let unknown = of(&document, "fifth");
    assert_eq!((&unknown["serves"], &unknown["answers"]), (&true.into(), &false.into()), "{unknown:#}");
    assert!(unknown["error"].as_str().is_some_and(|words| words.ends_with("heard by 4 of 4")), "{unknown:#}");
    assert_eq!(of(&document, "social-security")["serves"], false, "{document:#}");
    let words = said(&living.call(&["status"]));
    assert!(words.contains("epoch 1, 3 of 4 vote, 3 are needed"), "{words}");
    assert!(
        words.contains("validators are those of epoch 1, proven by") && words.contains("follows since epoch 1"),
        "{words}"
    );

    // With its URL the fifth is asked like the others, whoever else is.
    let urls: Vec<String> = ["civil-affairs", "housing", "public-security"]
        .iter()
        .map(|name| of(&document, name)["validator"].as_str().expect("a URL").to_owned())
        .chain([fifth.url.clone()])
        .collect();
    let asked: Vec<&str> = urls.iter().flat_map(|url| ["--validator", url]).collect();
    let (code, document) = told(living, &[&["status"], &asked[..]].concat());
    assert_eq!((code, of(&document, "fifth")["voting"].as_bool()), (Some(0), Some(true)), "{document:#}");
    assert_eq!(document["attention"], serde_json::json!([]), "{document:#}");

    // Who was voted out is stopped: nobody is woken for it.
    living.kill("validators", "name", "social-security");
    let (code, document) = told(living, &["status"]);
    let attention = document["attention"].to_string();
    assert!(
        attention.contains("validates no longer since epoch 1") && !attention.contains("heard by none"),
        "{attention}"
    );
    assert_eq!(code, Some(0), "{document:#}");
}

fn doctor(living: &Living, fifth: &Fifth) {
    let config = living.home().join("housing/node/node.toml");
    let epoch = found(living, &config, "epoch").concat();
    assert!(epoch.starts_with("well") && epoch.contains("epoch 1"), "{epoch}");
    let peers = found(living, &config, "peers");
    assert!(
        peers.iter().all(|one| one.starts_with("note") && one.contains("`social-security` validates no longer")),
        "{peers:?}"
    );
    let text = fs::read_to_string(&config).expect("text");
    fs::write(&config, text.split("\n[[followers]]").next().expect("the rest")).expect("written");
    let peers = found(living, &config, "peers").concat();
    assert!(peers.contains("wrong: \"validator `fifth` is missing, of epoch 1"), "{peers}");
    fs::write(&config, text).expect("written");
    let role = found(living, &fifth.config, "role").concat();
    assert!(role.contains("well: \"validator `fifth` of `data-bureau` in epoch 1"), "{role}");
    let gone = living.home().join("social-security/node/node.toml");
    let role = found(living, &gone, "role").concat();
    assert!(role.starts_with("note") && role.contains("validates no longer since epoch 1"), "{role}");
}

fn restore(living: &Living, fifth: &Fifth) {
    let kept = Kept::new();
    let (joined, left) = (kept.file("fifth.backup"), kept.file("social-security.backup"));
    json(&kept.backup(&fifth.config, &joined));
    json(&kept.backup(&living.home().join("social-security/node/node.toml"), &left));
    let first_day = living.home().join("network.json");
    let refused = kept.restore(&joined, &first_day, &kept.file("refused"));
    assert_eq!(refused.status.code(), Some(2));
    let words = complained(&refused);
    assert!(words.contains("no validator's of the network up to epoch 0") && words.contains("network save"), "{words}");
    let newer = kept.file("network.json");
    living.answer(&format!("network save --out {} --as housing/clerk", newer.display()));
    let told = json(&kept.restore(&joined, &newer, &kept.file("joined")));
    assert!(told["next"].as_str().is_some_and(|next| next.contains("a validator of epoch 1")), "{told}");
    let told = json(&kept.restore(&left, &newer, &kept.file("left")));
    assert!(told["next"].as_str().is_some_and(|next| next.contains("validates no longer since epoch 1")), "{told}");
}

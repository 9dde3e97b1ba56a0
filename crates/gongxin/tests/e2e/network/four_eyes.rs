//! From a lost key to an officer at work, on the command line: one stops the keys, two give another, the officer goes on.

use super::living::Living;
use crate::command::{complained, said};

#[test]
fn from_a_lost_key_to_a_working_officer() {
    let living = Living::start();
    let passphrase = living.file("passphrase");
    living.answer(&format!("key passphrase {passphrase}"));
    let [found, document] = ["found.pem", "contract.pdf"].map(|name| living.file(name));
    let made = living.answer(&format!("key new {found} --passphrase-file {passphrase}"));
    let public = made["public_key"].as_str().expect("a public key").to_owned();
    std::fs::write(&document, b"a contract").expect("written");
    let officers = living.answer("officer list --as housing/head");
    let officers = officers["items"].as_array().expect("officers");
    let is_clerk =
        |officer: &&serde_json::Value| officer["organization"] == "housing" && officer["roles"][0] == "case-officer";
    let clerk = officers.iter().find(is_clerk).expect("a clerk")["id"].as_str().expect("an identifier");

    living.answer(&format!("officer revoke {clerk} --as housing/head"));
    let notarise =
        format!("evidence notarise {document} --legal-basis electronic-signature-law-art-8 --as housing/clerk");
    let output = living.call(&notarise.split(' ').collect::<Vec<_>>());
    assert_ne!(output.status.code(), Some(0), "{notarise}: {}{}", said(&output), complained(&output));
    let waits = living.answer(&format!("officer recover {clerk} {public} --as housing/head"));
    let id = waits["pending"].as_str().expect("an identifier");
    let shown = living.answer(&format!("pending show {id} --as data-bureau/authority"));
    assert_eq!(shown["digest"], waits["act"], "{shown}");
    let approve = format!("pending approve {id} --act {}", shown["digest"].as_str().expect("a digest"));
    living.refused(&format!("{approve} --as housing/head"), "same-person");
    living.answer(&format!("{approve} --as data-bureau/authority"));
    living.answer(&format!("{notarise} --key {found} --passphrase-file {passphrase}"));
    let listed = living.answer("pending list --as housing/head");
    assert_eq!(listed["items"][0]["status"]["status"], "approved", "{listed}");
}

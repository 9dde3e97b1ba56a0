//! Chapter 1, four institutions, one network: who they are, and one ordinary act with its receipt.

use std::fs;

use serde_json::{Value, json};

use super::proof::{self, Proven};
use super::story::{FIRST_DAY, Story};
use super::words;
use crate::cli::member;
use crate::failure::Failure;
use crate::files;
use crate::setup::write::NETWORK;

/// Tells it; the receipt of the ordinary act.
pub(super) async fn tell(story: &mut Story<'_>) -> Result<String, Failure> {
    story.chapter(&words::FOUNDING).await;
    story.step("A network of six offices starts: four validators, and a gateway 前置机 for each office.").await?;
    let (directory, talk) = (story.directory().to_owned(), story.talk());
    story.children.wait_ready(talk).await?;
    talk.ready(&directory, &story.layout, story.children);
    fs::copy(directory.join(NETWORK), directory.join(FIRST_DAY)).map_err(|error| Failure::file(&directory, error))?;
    let listed = story.answer("org list --as audit-office/supervisor").await?;
    for member in listed.get("items").and_then(Value::as_array).into_iter().flatten() {
        let of = |path: &str| member.pointer(path).and_then(Value::as_str).unwrap_or_default();
        story.quoted(&format!("{} {} {}", of("/id"), of("/name/zh"), of("/name/en")));
    }
    let serving = story.answer("validator list --as housing/clerk").await?;
    let count = member::<Vec<Value>>(&serving, "validators")?.len();
    let (epoch, quorum): (u64, u64) = (member(&serving, "epoch")?, member(&serving, "quorum")?);
    let facts = json!({ "validators": count, "votes_needed": quorum, "epoch": epoch });
    story.holds(
        "four validators serve, and three of their votes make a block final",
        (count, quorum, epoch) == (4, 3, 0),
        &facts,
    )?;

    story
        .step("A clerk of housing has a contract notarised 存证: its digest goes on the ledger, the contract stays.")
        .await?;
    let receipt = story.next_receipt("contract");
    let proven = story.notarise("contract", "housing/clerk").await?;
    let rule = "officer-notarises-for-own-organization";
    story.holds(
        "a written rule allowed it, and the receipt names the rule",
        proven.names(rule),
        &json!({ "rule": rule }),
    )?;

    story.step("Anybody checks that receipt with the network's public keys alone; no server is asked.").await?;
    let verified = story.reads(&format!("verify {receipt} --network {FIRST_DAY}")).await?;
    story.quoted(&verified);
    let all = !verified.is_empty() && verified.lines().all(|line| line.starts_with('✓'));
    story.holds("every step of the check holds", all, &json!({ "steps": verified.lines().count() }))?;
    let refused = changed(story, &receipt)?;
    story.holds("with one byte of it changed, the check does not hold", refused, &Value::Null)?;
    Ok(receipt)
}

/// Whether a receipt with one byte changed is refused.
fn changed(story: &Story<'_>, receipt: &str) -> Result<bool, Failure> {
    let whole = story.directory().join(receipt);
    let other = whole.with_file_name("changed.json");
    let mut bytes = fs::read(&whole).map_err(|error| Failure::file(&whole, error))?;
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    files::write(&other, &bytes)?;
    let verified: Result<Proven, Failure> = proof::of(&other, &story.directory().join(FIRST_DAY));
    Ok(verified.is_err())
}

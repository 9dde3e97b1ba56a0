//! Chapter 5, expel a liar: proven (in a room beside), voted out of the set that agrees, shut out of the network, and the network goes on.

use serde_json::{Value, json};

use super::admission::FIFTH;
use super::story::Story;
use super::{lie, stolen, validator, vote, words};
use crate::failure::Failure;

/// The liar.
pub(super) const LIAR: &str = "social-security";

/// Tells it.
pub(super) async fn tell(story: &mut Story<'_>) -> Result<(), Failure> {
    story.chapter(&words::LIAR).await;
    lie::tell(story).await?;
    voted_out(story).await?;
    expelled(story).await?;
    goes_on(story).await
}

/// Its validator goes first; no vote can bring the network to a stand.
async fn voted_out(story: &mut Story<'_>) -> Result<(), Failure> {
    story.step("The members will not have its validator any more. In anger somebody proposes too much.").await?;
    let expel = format!("proposal open --expel {LIAR} --legal-basis sharing-regulation --as civil-affairs/head");
    story.refused("still-serves", &expel, "serves-as-validator").await?;
    let serving = validator::serving(story).await?;
    let without = |names: &[&str]| -> Vec<Value> {
        let is_gone = |one: &&Value| names.iter().any(|name| one.get("name").is_some_and(|own| own == name));
        serving.iter().filter(|one| !is_gone(one)).cloned().collect()
    };
    super::people::write(story, "three.json", &without(&[LIAR, FIFTH]))?;
    let line = "proposal open --validators three.json --legal-basis sharing-regulation --as civil-affairs/head";
    story.refused("three", line, "quorum-at-risk").await?;
    let what =
        "a member is not expelled while its validator serves, and no set is proposed that could not bear a failure";
    story.holds(what, true, &Value::Null)?;

    story
        .step("So one thing after the other: four validators without the liar's, by the votes of the other four.")
        .await?;
    let proposed = validator::propose_set(story, "four.json", &without(&[LIAR])).await?;
    let told = proposed.words.contains(&format!("- {LIAR} of {LIAR}"));
    story.holds("the proposal names who leaves", told, &Value::Null)?;
    for office in ["civil-affairs", "housing", "public-security", FIFTH] {
        vote::cast(story, &proposed, office).await?;
    }
    let height = vote::in_force(story, &proposed).await?;
    validator::known_epoch(story, 2).await?;
    let left = validator::serving(story).await?;
    let gone = left.len() == 4 && left.iter().all(|one| one.get("name").is_some_and(|name| name != LIAR));
    let facts = json!({ "last_block_with_it": height, "epoch": 2, "validators": left.len() });
    story.holds("the liar's validator no longer serves", gone, &facts)
}

/// Then the member, its officers and its gateway.
async fn expelled(story: &mut Story<'_>) -> Result<(), Failure> {
    story.step("Now the member itself: without a validator it has no vote in this.").await?;
    let proposed = vote::open(story, &format!("--expel {LIAR}"), "housing/head", "housing/head").await?;
    story.refused("own-vote", &vote::line(&proposed, "against", LIAR), "no-vote").await?;
    for office in ["civil-affairs", "housing", "public-security"] {
        vote::cast(story, &proposed, office).await?;
    }
    let height = vote::in_force(story, &proposed).await?;
    let shown = story.answer(&format!("org show {LIAR} --as housing/head")).await?;
    let since = shown.get("expelled").cloned().unwrap_or_default();
    story.holds("the member is expelled 除名", since.is_string(), &json!({ "block": height, "since": since }))?;

    story.step("Its officers and its gateway try to go on as before.").await?;
    let line = story.notarising("expelled", &format!("{LIAR}/clerk"))?;
    let turned_away = story.turned_away(&line, "signature-invalid").await?;
    story.holds("no gateway, not even its own, takes its officers' calls", true, &turned_away)?;
    stolen::officers_key(story, &format!("{LIAR}/clerk"), "housing/head", "expelled").await?;
    let gateway = stolen::gateways_key(story, LIAR, "housing/head", "expelled").await?;
    let facts = json!({ "block": gateway.height });
    story.holds(
        "past the gateways the ledger refuses its officers and its gateway, with proof",
        gateway.height >= height,
        &facts,
    )
}

/// Four are left, one of which may fail.
async fn goes_on(story: &mut Story<'_>) -> Result<(), Failure> {
    story
        .step("The network goes on with four. One of them may still fail: the power of public security is cut.")
        .await?;
    let killed = "validator public-security";
    story.done_by_hand("kill -9 of public security's validator");
    story.children.kill(killed).await?;
    let proven = story.notarise("with-three", "civil-affairs/clerk").await?;
    let facts = json!({ "block": proven.height, "epoch": proven.epoch, "validators_left": 3 });
    story.holds("three of four go on without it", proven.epoch == 2, &facts)?;

    story.step("Every receipt of the story is checked once more, with the network file of the first day.").await?;
    let receipts = story.receipts().to_vec();
    for receipt in &receipts {
        story.verified(receipt)?;
    }
    let facts = json!({ "receipts": receipts.len(), "epochs": 3 });
    story.holds("all of them verify, refusals too, through three epochs and two sets of rules", true, &facts)
}

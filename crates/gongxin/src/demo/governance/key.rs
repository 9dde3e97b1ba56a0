//! Chapter 4, lose a key: one stops it, two give another, and neither of the two can be the same person or in the other's debt.

use gongxin_types::pending::PendingAct;
use gongxin_types::{Officer, Role};
use serde_json::{Value, json};

use super::people::{identifier, new_key, newcomer, write};
use super::story::Story;
use super::{stolen, words};
use crate::cli::member;
use crate::failure::Failure;

const CLERK: &str = "housing/clerk";
const HEAD: &str = "housing/head";
const PASSPHRASE: &str = "housing/passphrase";

/// Tells it; `first` is a receipt of what the clerk did on the first day.
pub(super) async fn tell(story: &mut Story<'_>, first: &str) -> Result<(), Failure> {
    story.chapter(&words::KEY).await;
    stopped(story).await?;
    let (pending, act) = proposed(story).await?;
    one_person(story, &pending, &act).await?;
    in_debt(story, &pending, &act).await?;
    works_again(story, &pending, &act, first).await
}

/// One head stops the key at once.
async fn stopped(story: &mut Story<'_>) -> Result<(), Failure> {
    story
        .step(
            "The clerk's key is gone, perhaps stolen. The head of housing alone stops every key of the clerk, at once.",
        )
        .await?;
    let clerk = identifier(story, CLERK)?;
    let revoked = story.act("revoked", &format!("officer revoke {clerk} --as {HEAD}")).await?;

    story
        .step("Whoever found the key tries it: at housing's gateway, and then past it, handed in by somebody else.")
        .await?;
    let line = story.notarising("with-a-found-key", CLERK)?;
    let turned_away = story.turned_away(&line, "signature-invalid").await?;
    story.holds("the gateway does not take a call signed with it", true, &turned_away)?;
    let denied = stolen::officers_key(story, CLERK, "public-security/head", "invalid-key").await?;
    let facts = json!({ "revoked_in_block": revoked.height, "refused_in_block": denied.height });
    story.holds("past the gateway the ledger itself refuses it, and says why", denied.height >= revoked.height, &facts)
}

/// A new key, proposed by one person: it waits.
async fn proposed(story: &mut Story<'_>) -> Result<(String, String), Failure> {
    story.step("The clerk makes a new key. The head proposes it; now it waits 待复核 for a second person.").await?;
    let key = new_key(story, "housing/officers/clerk-2.pem", PASSPHRASE).await?;
    let clerk = identifier(story, CLERK)?;
    let waits = story.answer(&format!("officer recover {clerk} {key} --as {HEAD}")).await?;
    let (pending, act): (String, String) = (member(&waits, "pending")?, member(&waits, "act")?);
    let shown = story.answer(&format!("pending show {pending} --as data-bureau/authority")).await?;
    let waits = shown.pointer("/status/status").is_some_and(|status| status == "open");
    let same = shown.get("digest").is_some_and(|digest| *digest == Value::String(act.clone()));
    story.holds("what waits is exactly what was proposed, by its digest", waits && same, &Value::Null)?;
    Ok((pending, act))
}

/// One person with two keys is one person.
async fn one_person(story: &mut Story<'_>, pending: &str, act: &str) -> Result<(), Failure> {
    story.step("The head takes a second key, and tries to be the second person with it.").await?;
    let file = "housing/officers/head-2.pem";
    let key = new_key(story, file, PASSPHRASE).await?;
    let head = identifier(story, HEAD)?;
    story.act("second-key", &format!("officer add-key {head} {key} --as {HEAD}")).await?;
    let approve =
        format!("pending approve {pending} --act {act} --as {HEAD} --key {file} --passphrase-file {PASSPHRASE}");
    story.refused("same-person", &approve, "same-person").await?;
    story.holds("one person with two keys is one person", true, &Value::Null)
}

/// Whoever owes the proposer their office is no second pair of eyes.
async fn in_debt(story: &mut Story<'_>, pending: &str, act: &str) -> Result<(), Failure> {
    story
        .step(
            "The head appoints a deputy 副职, which itself takes two: the data bureau approves. The deputy tries next.",
        )
        .await?;
    let deputy: Officer = newcomer(story, "housing", "deputy", Role::Authority).await?;
    write(story, "housing/deputy.json", &PendingAct::RegisterOfficer(deputy))?;
    let waits = story.answer(&format!("pending open housing/deputy.json --as {HEAD}")).await?;
    let (other, digest): (String, String) = (member(&waits, "pending")?, member(&waits, "act")?);
    story.act("deputy", &format!("pending approve {other} --act {digest} --as data-bureau/authority")).await?;
    let approve = format!("pending approve {pending} --act {act} --as housing/deputy");
    story.refused("not-independent", &approve, "not-independent").await?;
    story.holds("who owes the proposer their office cannot approve for them", true, &Value::Null)
}

/// The data bureau approves, and the clerk goes on; nothing of the past has changed.
async fn works_again(story: &mut Story<'_>, pending: &str, act: &str, first: &str) -> Result<(), Failure> {
    story.step("The data bureau 数据局 owes nobody at housing anything. It reads the act, and approves it.").await?;
    let approved =
        story.act("recovered", &format!("pending approve {pending} --act {act} --as data-bureau/authority")).await?;
    let line = story.notarising("clerk-again", CLERK)?;
    let line = format!("{line} --key housing/officers/clerk-2.pem --passphrase-file {PASSPHRASE}");
    let works = story.act("clerk-again", &line).await?;
    let facts = json!({ "approved_in_block": approved.height, "works_in_block": works.height });
    story.holds(
        "the clerk works again: same officer, same past, another key",
        works.height >= approved.height,
        &facts,
    )?;
    let past = story.verified(first)?;
    let facts = json!({ "receipt": first, "decision": past.words() });
    story.holds("what the lost key signed on the first day still verifies", past.allowed(), &facts)
}

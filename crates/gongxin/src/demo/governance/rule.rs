//! Chapter 3, change a rule: one more policy by vote, what it decides and from which block on, and what cannot be voted away.

use std::fmt::Write as _;
use std::fs;

use gongxin_types::PolicySet;
use serde_json::{Value, json};

use super::admission::FIFTH;
use super::proof::Proven;
use super::story::Story;
use super::{vote, words};
use crate::cli::noun;
use crate::failure::Failure;
use crate::files;

/// The new rule's name in receipts.
const RULE: &str = "heads-do-not-notarise";
/// The new rule.
const STRICTER: &str = r#"@id("heads-do-not-notarise")
@legal_basis("sharing-regulation")
@zh("机构负责人不得自行存证。")
@en("Heads of offices do not notarise themselves.")
forbid (principal in Role::"authority", action == Action::"evidence.notarise", resource);
"#;
/// Rules that would leave nobody anything, the vote included.
const NOBODY: &str = r#"@id("nobody-does-anything")
@legal_basis("sharing-regulation")
@zh("任何人不得作出任何行为。")
@en("Nobody does anything.")
forbid (principal, action, resource);
"#;

/// Tells it.
pub(super) async fn tell(story: &mut Story<'_>) -> Result<(), Failure> {
    story.chapter(&words::RULE).await;
    let before = allowed_before(story).await?;
    let height = changed(story).await?;
    refused_after(story, &before, height).await?;
    cannot_be_seized(story).await
}

/// Under the rules of the first day a head may do it; the receipt of that.
async fn allowed_before(story: &mut Story<'_>) -> Result<(String, Proven), Failure> {
    story.step("Today the head of civil affairs may notarise a document alone, and does.").await?;
    let receipt = story.next_receipt("head-before");
    let proven = story.notarise("head-before", "civil-affairs/head").await?;
    let facts = json!({ "block": proven.height, "rules": proven.rules });
    story.holds("it is allowed under the first revision of the rules", proven.rules == 1, &facts)?;
    Ok((receipt, proven))
}

/// One more rule, read, voted on and in force: the block from which on it decides.
async fn changed(story: &mut Story<'_>) -> Result<u64, Failure> {
    story.step("Its own head proposes a rule against that: who runs an office shall not be its notary too.").await?;
    rules(story, "rules", STRICTER).await?;
    for line in STRICTER.lines() {
        story.quoted(line);
    }
    let proposed = vote::open(story, "--policies rules", "civil-affairs/head", "housing/head").await?;
    let told = format!("+ {RULE}: 机构负责人不得自行存证。");
    story.holds(
        "the proposal shows one rule more, in Chinese and English",
        proposed.words.contains(&told),
        &Value::Null,
    )?;

    story.step("Civil affairs votes for it, and then tries to take its vote back.").await?;
    vote::cast(story, &proposed, "civil-affairs").await?;
    story.refused("second-vote", &vote::line(&proposed, "against", "civil-affairs"), "already-voted").await?;

    story.step("With the fifth, four of five must want it: three votes are not enough any more.").await?;
    for office in [FIFTH, "housing"] {
        vote::cast(story, &proposed, office).await?;
    }
    let (is_open, votes) = vote::is_open(story, &proposed).await?;
    story.holds("three of five do not decide", is_open, &votes)?;
    let fourth = vote::cast(story, &proposed, "public-security").await?;
    let height = vote::in_force(story, &proposed).await?;
    let facts = json!({ "fourth_vote_in_block": fourth.height, "decides_from_block": height });
    story.holds("four do, and the rule decides from the next block on", height > fourth.height, &facts)?;
    Ok(height)
}

/// What was allowed is refused now, by name; what it does not touch goes on; what was, was.
async fn refused_after(story: &mut Story<'_>, before: &(String, Proven), height: u64) -> Result<(), Failure> {
    story.step("The head tries again, and the clerk does the same.").await?;
    let line = story.notarising("head-after", "civil-affairs/head")?;
    let denied = story.refused("head-after", &line, "policy").await?;
    let facts = json!({ "rule": RULE, "block": denied.height, "rules": denied.rules });
    let by_it = denied.names(RULE) && denied.rules == 2 && denied.height >= height;
    story.holds("what was allowed is refused, and the receipt names the new rule", by_it, &facts)?;
    let clerk = story.notarise("clerk-after", "civil-affairs/clerk").await?;
    story.holds("a clerk still may, under the same rules", clerk.rules == 2, &json!({ "rules": clerk.rules }))?;
    let (receipt, first) = before;
    let again = story.verified(receipt)?;
    let same = again.allowed() && again.rules == first.rules && again.height < height;
    let facts = json!({ "block": again.height, "rules": again.rules });
    story.holds("what the head did before stays allowed: no rule reaches back", same, &facts)
}

/// A set that denies everyone cannot even be proposed.
async fn cannot_be_seized(story: &mut Story<'_>) -> Result<(), Failure> {
    story
        .step("Social security tries to seize the network: rules under which nobody may do anything, votes included.")
        .await?;
    rules(story, "seized", NOBODY).await?;
    let line = "proposal open --policies seized --legal-basis sharing-regulation --as social-security/head";
    story.refused("seized", line, "broken-invariant").await?;
    let shown = story.answer("policy show --as housing/head").await?;
    let revision = shown.get("revision").cloned().unwrap_or_default();
    let what = "such rules cannot even be proposed: the invariants 不变量 say which right may not be taken";
    story.holds(what, revision == 2, &json!({ "rules": revision }))
}

/// A folder with the rules in force and one more.
async fn rules(story: &mut Story<'_>, folder: &str, more: &str) -> Result<(), Failure> {
    let shown = story.answer("policy show --as housing/head").await?;
    let in_force: PolicySet = noun(shown).map_err(Failure::unreachable)?;
    let mut text = String::new();
    for policy in &in_force.policies {
        writeln!(text, "{}\n", policy.source.as_str()).map_err(Failure::usage)?;
    }
    let path = story.directory().join(folder);
    fs::create_dir_all(&path).map_err(|error| Failure::file(&path, error))?;
    story.done_by_hand(&format!("{folder}/ gets those rules in one file, and one more in another"));
    files::write(&path.join("in-force.cedar"), text.as_bytes())?;
    files::write(&path.join("more.cedar"), more.as_bytes())
}

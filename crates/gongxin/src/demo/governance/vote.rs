//! Proposals of the story: opened, read in words, voted on, and awaited.

use serde_json::{Value, json};

use super::proof::Proven;
use super::story::Story;
use crate::cli::member;
use crate::failure::Failure;

/// What is put to the vote.
pub(super) struct Proposed {
    pub(super) id: String,
    matter: String,
    /// What `proposal show` says of it.
    pub(super) words: String,
}

/// Opens a proposal in the name of an office, and reads it as another head would.
pub(super) async fn open(story: &mut Story<'_>, what: &str, by: &str, reader: &str) -> Result<Proposed, Failure> {
    let line = format!("proposal open {what} --legal-basis sharing-regulation --as {by}");
    let opened = story.answer(&line).await?;
    let id: String = member(&opened, "proposal")?;
    let words = story.reads(&format!("proposal show {id} --as {reader}")).await?;
    // Below the tables it is told in words what would be different.
    let told: Vec<&str> = words.lines().rev().take_while(|line| !line.starts_with('─')).collect();
    let words = told.into_iter().rev().collect::<Vec<_>>().join("\n");
    story.quoted(&words);
    let shown = known(story, &id).await?;
    Ok(Proposed { id, matter: member(&shown, "matter")?, words })
}

/// The line of a vote.
pub(super) fn line(proposed: &Proposed, choice: &str, by: &str) -> String {
    format!("proposal vote {} {choice} --matter {} --as {by}/head", proposed.id, proposed.matter)
}

/// An office votes for it.
pub(super) async fn cast(story: &mut Story<'_>, proposed: &Proposed, by: &str) -> Result<Proven, Failure> {
    story.act(&format!("vote-{by}"), &line(proposed, "for", by)).await
}

/// How far it has come, and how many votes it has of those it needs.
pub(super) async fn is_open(story: &mut Story<'_>, proposed: &Proposed) -> Result<(bool, Value), Failure> {
    let shown = known(story, &proposed.id).await?;
    let votes = shown.get("votes").and_then(Value::as_array).map_or(0, Vec::len);
    let needed: usize = member(&shown, "needed")?;
    let is_open = shown.pointer("/status/status").is_some_and(|status| status == "open");
    Ok((is_open, json!({ "votes": votes, "needed": needed })))
}

/// Waits until it is in force, everywhere: the block from which on it is.
pub(super) async fn in_force(story: &mut Story<'_>, proposed: &Proposed) -> Result<u64, Failure> {
    let line = show(&proposed.id);
    let height = |shown: &Value| shown.pointer("/status/height").and_then(Value::as_u64);
    story
        .until("the proposal takes effect", async |watch| {
            watch.ask(&line).await.is_some_and(|shown| height(&shown).is_some())
        })
        .await?;
    let shown = known(story, &proposed.id).await?;
    let is_so = shown.pointer("/status/status").is_some_and(|status| status == "in-force");
    let height = height(&shown).filter(|_| is_so);
    let height = height.ok_or_else(|| Failure::refused("the proposal was void", shown.get("status").cloned()))?;
    story.settled(&json!({ "height": height })).await?;
    Ok(height)
}

async fn known(story: &mut Story<'_>, id: &str) -> Result<Value, Failure> {
    let found = story.watch.ask(&show(id)).await;
    found.ok_or_else(|| Failure::unreachable(format_args!("housing's gateway does not show proposal `{id}`")))
}

fn show(id: &str) -> String {
    format!("proposal show {id} --as housing/head")
}

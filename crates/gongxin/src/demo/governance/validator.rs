//! Chapter 2, second half: the fifth's validator follows, is voted in, and the network needs its vote. And how members change
//! who validates at all, which the last chapter does too.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::admission::{Addresses, FIFTH};
use super::people::write;
use super::story::Story;
use super::vote::{self, Proposed};
use crate::cli::member;
use crate::config::{NodeConfig, PeerConfig};
use crate::failure::Failure;
use crate::setup::{self, ValidatorLayout};

/// Tells it.
pub(super) async fn tell(story: &mut Story<'_>, addresses: Addresses) -> Result<(), Failure> {
    let made = follows(story, addresses).await?;
    let before = voted_in(story, made).await?;
    needed(story, before).await
}

/// A validator that nobody has voted in: it follows.
async fn follows(story: &mut Story<'_>, addresses: Addresses) -> Result<Value, Failure> {
    let Addresses { p2p, http, .. } = addresses;
    story.step("It makes a validator, and the other operators open their doors to it without stopping theirs.").await?;
    let folder = format!("{FIFTH}/node");
    let made = story
        .answer(&format!(
            "validator new {FIFTH} --organization {FIFTH} --dir {folder} --like civil-affairs/node/node.toml --p2p {p2p} --http {http}"
        ))
        .await?;
    let peer: PeerConfig = member(&made, "peer")?;
    let directory = story.directory().to_owned();
    story.done_by_hand("each of the four adds the peer to its node.toml and reloads: systemctl reload gongxin-node@…");
    for place in &story.layout.validators {
        setup::rewrite(&directory.join(&place.config), |node: &mut NodeConfig| node.followers.push(peer.clone()))?;
        story.children.signal(&format!("validator {}", place.name), Signal::SIGHUP)?;
    }
    let place = ValidatorLayout {
        name: FIFTH.parse().map_err(Failure::usage)?,
        http: format!("http://{http}"),
        p2p: p2p.to_string(),
        config: format!("{folder}/node.toml").into(),
    };
    story.typed(&format!("node --config {}", place.config.display()));
    story.children.validator(&directory, &place)?;
    story.started(&format!("validator {FIFTH}"), &place.http);
    let url = place.http.clone();
    story.layout.validators.push(place);
    story.layout.write(&directory)?;
    let others = story.validator("housing")?;
    story
        .until("the fifth validator follows", async |watch| {
            let (own, other) = (watch.status(&url).await, watch.status(&others).await);
            own.zip(other)
                .is_some_and(|(own, other)| !own.syncing && own.height.get() > 0 && own.height >= other.height)
        })
        .await?;
    let own = story.watch.status(&url).await.ok_or_else(|| Failure::unreachable("the fifth validator fell silent"))?;
    let facts = json!({ "block": own.height, "epoch": own.epoch });
    story.holds(
        "it has come as far as the others, and has no vote: nobody voted it in",
        !own.voting && own.epoch == 0,
        &facts,
    )?;
    made.get("validator").cloned().ok_or_else(|| Failure::usage("`validator new` names no validator"))
}

/// From the block that ends the epoch on, five agree.
async fn voted_in(story: &mut Story<'_>, made: Value) -> Result<u64, Failure> {
    story.step("Civil affairs proposes it as a fifth validator.").await?;
    let mut next = serving(story).await?;
    next.push(made);
    let proposed = propose_set(story, "five.json", &next).await?;
    let told = "4 of 5 votes will make a block final; now it takes 3 of 4";
    story.holds("the proposal says what it changes", proposed.words.contains(told), &json!({ "words": told }))?;
    let line = vote::line(&proposed, "for", FIFTH);
    story.refused("no-vote", &line, "no-vote").await?;
    let what = "membership alone gives no vote: the tax bureau may not vote on its own validator";
    story.holds(what, true, &Value::Null)?;

    story.step("Three heads vote for it; the block in which that takes effect is the last of the four.").await?;
    for office in ["civil-affairs", "public-security", "housing"] {
        vote::cast(story, &proposed, office).await?;
    }
    let height = vote::in_force(story, &proposed).await?;
    let url = story.validator(FIFTH)?;
    story
        .until("the fifth validator votes in epoch 1", async |watch| {
            watch.status(&url).await.is_some_and(|own| own.voting && own.epoch == 1)
        })
        .await?;
    known_epoch(story, 1).await?;
    let facts = json!({ "last_block_of_the_four": height, "epoch_before": 0, "epoch": 1 });
    story.holds("a new epoch 届次 began, and the fifth validator votes in it", true, &facts)?;
    Ok(height)
}

/// Its vote counts: with one of the others paused, nothing would be final without it. It leads in its turn.
async fn needed(story: &mut Story<'_>, before: u64) -> Result<(), Failure> {
    story.step("One of the four is paused: now the fifth's vote is needed for every block.").await?;
    let paused = "validator public-security";
    story.children.signal(paused, Signal::SIGSTOP)?;
    let proven = story.notarise("with-the-fifth", "housing/clerk").await?;
    story.children.signal(paused, Signal::SIGCONT)?;
    let facts = json!({ "block": proven.height, "epoch": proven.epoch });
    let is_new = proven.height > before && proven.epoch == 1;
    story.holds("four of five made it final, the newcomer among them", is_new, &facts)?;
    let facts = json!({ "validators_in_the_file": 4, "epoch_of_the_receipt": proven.epoch });
    story.holds("the network file of the first day still checks it: the receipt carries the change", is_new, &facts)?;
    let url = story.validator(FIFTH)?;
    let metric = "gongxin_proposed_blocks_total";
    story.until("the fifth validator leads a block", async |watch| watch.measure(&url, metric).await > Some(0)).await?;
    let led = story.watch.measure(&url, metric).await;
    story.holds("it leads in its turn", led > Some(0), &json!({ "blocks_led": led }))
}

/// Those that serve, as a list that members vote on has them.
pub(super) async fn serving(story: &mut Story<'_>) -> Result<Vec<Value>, Failure> {
    let listed = story.answer("validator list --as civil-affairs/clerk").await?;
    let serving: Vec<Value> = member(&listed, "validators")?;
    let plain = |one: &Value| {
        let of = |name: &str| one.get(name).cloned().unwrap_or_default();
        json!({ "name": of("name"), "organization": of("organization"), "key": of("key") })
    };
    Ok(serving.iter().map(plain).collect())
}

/// Puts other validators to the vote.
pub(super) async fn propose_set(story: &mut Story<'_>, file: &str, set: &[Value]) -> Result<Proposed, Failure> {
    write(story, file, &set)?;
    vote::open(story, &format!("--validators {file}"), "civil-affairs/head", "housing/head").await
}

/// Waits until civil affairs' gateway knows that this epoch has begun.
pub(super) async fn known_epoch(story: &mut Story<'_>, epoch: u64) -> Result<(), Failure> {
    let what = format!("the gateway knows epoch {epoch}");
    story
        .until(&what, async |watch| {
            let listed = watch.ask("validator list --as civil-affairs/clerk").await;
            listed.is_some_and(|listed| listed.get("epoch").and_then(Value::as_u64) == Some(epoch))
        })
        .await
}

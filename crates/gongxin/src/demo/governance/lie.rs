//! Chapter 5, first half: the lie, and what becomes of it. The story plays the liar, for it holds that validator's key; the
//! others do what they would do with anybody's two contradictory votes.

use gongxin_crypto::SecretKey;
use gongxin_types::fault::{ConsensusVote, Equivocation, FaultEvidence, Proposed, SignedVote};
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::{HeaderDigest, NetworkHead};
use serde_json::{Value, json};

use super::liar::LIAR;
use super::people::write;
use super::story::{FIRST_DAY, Story};
use crate::cli::member;
use crate::config::{self, NodeConfig};
use crate::failure::Failure;
use crate::files;
use crate::setup::keys::identifier;

/// Where the two votes are kept.
const VOTES: &str = "two-votes.json";
/// The network file that knows the validators of the epoch in which they were signed.
const NEWEST: &str = "newest.json";
/// Whoever hands them in.
const OPERATOR: &str = "housing/operator";

/// Tells it.
pub(super) async fn tell(story: &mut Story<'_>) -> Result<(), Failure> {
    let key = lied(story).await?;
    convicted(story).await?;
    raised(story, key).await
}

/// Two votes for two blocks of one view, signed with one key.
async fn lied(story: &mut Story<'_>) -> Result<ConsensusKey, Failure> {
    story.step("Social security's validator votes for two blocks in one view. The story plays the liar: it has that key here.").await?;
    let directory = story.directory().to_owned();
    let path = directory.join(LIAR).join("node/node.toml");
    let node: NodeConfig = config::read(&path)?;
    let beside = |file| config::beside(&path, file);
    let (secret, _) = files::own_key(&beside(&node.key), &beside(&node.passphrase_file))?;
    let head = files::network(&directory.join(FIRST_DAY))?;
    let url = story.validator(LIAR)?;
    let status = story.watch.status(&url).await;
    let status = status.ok_or_else(|| Failure::unreachable("social security's validator does not answer"))?;
    let fault = contradiction(&secret, &head, (status.epoch, status.view))?;
    write(story, VOTES, &FaultEvidence::Equivocation(fault.clone()))?;
    story.done_by_hand(&format!("a member that received both votes keeps them in {VOTES}"));
    let facts = json!({ "epoch": fault.epoch, "view": fault.view });
    story.holds("two signatures of one key say two things about one view", fault.one != fault.other, &facts)?;
    Ok(fault.validator)
}

fn contradiction(secret: &SecretKey, head: &NetworkHead, (epoch, view): (u64, u64)) -> Result<Equivocation, Failure> {
    let network = head.id();
    let vote = || -> Result<SignedVote, Failure> {
        // Two blocks that nobody proposed: that there are two is the lie.
        let header = head.suite.hash(&[&identifier()?]);
        let header = HeaderDigest(header.as_bytes().try_into().map_err(Failure::usage)?);
        let vote = ConsensusVote::Finalize(Proposed { parent_view: view.saturating_sub(1), header });
        let signature = secret.sign(&gongxin_verify::vote::message(&network, epoch, view, &vote));
        Ok(SignedVote { vote, signature: signature.as_bytes().try_into().map_err(Failure::usage)? })
    };
    let key = ConsensusKey(secret.public().as_bytes().try_into().map_err(Failure::usage)?);
    Ok(Equivocation::new(network, (epoch, view), key, vote()?, vote()?))
}

/// The file alone convicts, without any server.
async fn convicted(story: &mut Story<'_>) -> Result<(), Failure> {
    story.step("Anybody checks that offline, with a network file that knows the validators of today.").await?;
    story.answer(&format!("network save --as civil-affairs/clerk --out {NEWEST}")).await?;
    let checked = story.reads(&format!("verify {VOTES} --network {NEWEST}")).await?;
    story.quoted(&checked);
    let named = checked.contains(&format!("convicts: {LIAR} of {LIAR}"));
    story.holds("the two votes convict whoever signed them, by name", named, &Value::Null)
}

/// On the ledger, for everybody and for good.
async fn raised(story: &mut Story<'_>, key: ConsensusKey) -> Result<(), Failure> {
    story.step("An operator of housing hands them in, and an alert 预警 stands on the ledger.").await?;
    let receipt = story.next_receipt("alert");
    let line = format!("alert raise --evidence {VOTES} --as {OPERATOR} --receipt {receipt}");
    let raised = story.answer(&line).await?;
    let proven = story.took_effect(receipt)?;
    let id: String = member(&raised, "alert")?;
    let shown = story.answer(&format!("alert show {id} --as audit-office/supervisor")).await?;
    let convicted: Vec<ConsensusKey> = member(&shown, "convicted")?;
    let facts = json!({ "alert": id, "block": proven.height });
    story.holds(
        "the ledger has checked both signatures: the alert is proven, and names the liar",
        convicted == [key],
        &facts,
    )?;
    story.refused("ended-by-the-liar", &format!("alert end {id} --as {LIAR}/operator"), "policy").await?;
    story.refused("taken-back", &format!("alert end {id} --as {OPERATOR}"), "not-over").await?;
    story.holds(
        "the liar cannot end it, nor can whoever raised it: what is proven is not taken back",
        true,
        &Value::Null,
    )
}

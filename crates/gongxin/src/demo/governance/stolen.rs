//! Keys that count no more: the story signs with them as a thief would, or one who was expelled, and hands that in past the
//! gateway that would not take it.

use std::path::Path;

use gongxin_client::wire::Wait;
use gongxin_crypto::SecretKey;
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{Action, Evidence, codec};

use super::proof::Proven;
use super::story::{REFUSAL, Story};
use crate::cli::{Acting, Context, Desk, Slot, fail, sequence, signed};
use crate::config::{self, GatewayConfig};
use crate::failure::Failure;
use crate::files;
use crate::home::Home;
use crate::output::Format;
use crate::setup::keys;

/// How long the thief's transaction may wait.
const VALID_FOR_MS: u64 = 60_000;

/// An act signed with the folder's key of an officer; the refusal that it must meet.
pub(super) async fn officers_key(
    story: &mut Story<'_>,
    officer: &str,
    through: &str,
    reason: &str,
) -> Result<Proven, Failure> {
    let thief = desk(story, officer).await?;
    let sender = Sender {
        organization: thief.organization.clone(),
        actor: Actor::Officer(thief.officer),
        key: thief.key.public(),
    };
    hand_in(story, &thief.key, sender, through, reason).await
}

/// An act signed with the key of an office's gateway; the refusal that it must meet.
pub(super) async fn gateways_key(
    story: &mut Story<'_>,
    organization: &str,
    through: &str,
    reason: &str,
) -> Result<Proven, Failure> {
    let config = story.directory().join(organization).join("gateway/gateway.toml");
    let gateway: GatewayConfig = config::read(&config)?;
    let beside = |path: &Path| config::beside(&config, path);
    let (key, _) = files::own_key(&beside(&gateway.key), &beside(&gateway.passphrase_file))?;
    let sender =
        Sender { organization: gateway.organization.clone(), actor: Actor::Gateway(gateway.id), key: key.public() };
    hand_in(story, &key, sender, through, reason).await
}

/// Signs a harmless act and hands it in at the gateway of somebody who may call it.
async fn hand_in(
    story: &mut Story<'_>,
    key: &SecretKey,
    sender: Sender,
    through: &str,
    reason: &str,
) -> Result<Proven, Failure> {
    let desk = desk(story, through).await?;
    story.done_by_hand(&format!(
        "POST /api/v1/transactions at the gateway of {}, signed with that key",
        desk.organization
    ));
    let act = Action::NotariseEvidence(Evidence {
        digest: desk.network.suite.hash(&[&keys::identifier()?]),
        media_type: "text/plain".parse().map_err(Failure::usage)?,
        legal_basis: "electronic-signature-law-art-8".parse().map_err(Failure::usage)?,
    });
    let valid_until = desk.time().await?.plus_millis(VALID_FOR_MS);
    let slot = Slot { valid_until, lane: 0, sequence: sequence()? };
    let transaction = signed(&desk.network, key, sender, slot, vec![act])?;
    let answer = desk.client.submit(codec::encode(&transaction), Wait::Final).await.map_err(fail);
    let failure = match answer {
        Ok(_) => return Err(Failure::refused("what was signed with the wrong key took effect", None)),
        Err(failure) => failure,
    };
    let details = failure.details().cloned().unwrap_or_default();
    let receipt = story.next_receipt("stolen");
    files::write_receipt(Some(&story.directory().join(&receipt)), details.get("receipt"))?;
    story.quoted(&failure.to_string());
    story.settled(&details).await?;
    let because = |proven: &Proven| proven.decision.refusal.is_some_and(|refusal| refusal.code() == reason);
    story.proven(receipt, REFUSAL, because)
}

async fn desk(story: &Story<'_>, officer: &str) -> Result<Desk, Failure> {
    let context = Context { format: Format::Json, home: Home::new(Some(&story.directory().to_owned())) };
    Acting::of(officer).open(&context).await
}

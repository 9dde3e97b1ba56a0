//! Evidence 存证: notarise a digest with the block's time.
//!
//! The slot says when the organization notarised the digest first, and who did. A second notarisation is refused: the
//! first time is the one that counts.

use gongxin_types::evidence::EvidenceSlot;
use gongxin_types::{ActionCode, Evidence, EvidenceId, Refusal};

use crate::key;
use crate::policy::{Context, ResourceFacts, ResourceKind};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn notarise(scene: &mut Scene<'_>, evidence: &Evidence) -> Judged {
    let officer = scene.officer()?;
    scene.known_digest(&evidence.digest)?;
    scene.known_basis(&evidence.legal_basis)?;
    let owner = scene.principal.organization.clone();
    let context = Context { legal_basis: Some(evidence.legal_basis.clone()), ..scene.at_now() };
    scene.permit(ActionCode::EvidenceNotarise, ResourceFacts::owned(ResourceKind::Evidence, owner), context)?;
    let key = key::evidence(&EvidenceId::of(scene.block.suite, &scene.organization.id, &evidence.digest));
    ensure(scene.view.slot::<EvidenceSlot>(&key)?.is_none(), Refusal::AlreadyExists)?;
    let slot = EvidenceSlot { time: scene.now(), officer };
    Ok(scene.view.put_slot(key, &slot)?)
}

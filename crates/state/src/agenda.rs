//! Agenda: accepted proposals that wait for their height, and the beginning of every block.
//!
//! What falls due at a block takes effect before its first transaction: the block's receipts name the rules that are in
//! force then. One proposal takes effect in a block, so that a block stays within its bounds; of several that are due the
//! one accepted first is first, and the others follow in the blocks after it. What was proposed is checked again; where it
//! no longer fits, the proposal is void and changes nothing.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::proposal::{Matter, ProposalStatus};
use gongxin_types::receipt::Write;
use gongxin_types::{Height, List, Proposal, ProposalId, Refusal, ValidatorSet, codec, limits::AGENDA_MAX};

use crate::admission::BlockContext;
use crate::matter;
use crate::scene::Scene;
use crate::stop::{Halt, Judged, Stop, ensure};
use crate::view::View;

/// One that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub(crate) struct Waiting {
    pub(crate) effective: Height,
    pub(crate) proposal: ProposalId,
}

/// Those that wait, by height, then in the order in which they were accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Agenda {
    pub(crate) waiting: List<Waiting, AGENDA_MAX>,
}

/// Puts an accepted proposal on the agenda.
pub(crate) fn add(scene: &mut Scene<'_>, entry: Waiting) -> Judged {
    let before = scene.view.noun::<Agenda>(&())?.unwrap_or_default();
    ensure(before.waiting.len() < AGENDA_MAX, Refusal::AgendaFull)?;
    let mut waiting = before.waiting.to_vec();
    waiting.push(entry);
    waiting.sort_by_key(|waiting| waiting.effective);
    let waiting = List::new(waiting).map_err(|_| Refusal::AgendaFull)?;
    scene.put(&(), Agenda { waiting })
}

/// What took effect with a block.
#[derive(Default)]
pub(crate) struct Begun {
    /// What was written for it, in order.
    pub(crate) writes: Vec<Write>,
    /// Who serves from the next block on, if others than now.
    pub(crate) validators: Option<ValidatorSet>,
}

/// Lets take effect what is due at this height.
pub(crate) fn begin(block: &BlockContext, view: &mut View) -> Result<Begun, Halt> {
    let Some(agenda) = view.noun::<Agenda>(&())? else {
        return Ok(Begun::default());
    };
    let Some((entry, later)) = agenda.waiting.split_first().filter(|(entry, _)| entry.effective <= block.height) else {
        return Ok(Begun::default());
    };
    let start = view.savepoint();
    let validators = take_effect(block, view, &entry.proposal)?;
    let waiting = List::new(later.to_vec()).map_err(|_| Halt::Corrupt("agenda"))?;
    view.put(&(), Agenda { waiting })?;
    let writes = view.writes_since(start);
    view.commit();
    Ok(Begun { writes, validators })
}

/// Lets one proposal take effect; the validators it brings, if it is about them.
fn take_effect(block: &BlockContext, view: &mut View, id: &ProposalId) -> Result<Option<ValidatorSet>, Halt> {
    let proposal = view.noun::<Proposal>(id)?.ok_or(Halt::Corrupt("a proposal of the agenda"))?;
    let bytes = view.blob(&proposal.matter, proposal.length)?;
    let matter: Matter = codec::decode("matter", &bytes).map_err(|_| Halt::Corrupt("the matter of a proposal"))?;
    let (start, height) = (view.savepoint(), block.height);
    let status = match matter::enact(block, view, &proposal, &matter) {
        Ok(()) => ProposalStatus::InForce { height },
        Err(Stop::Refused(refusal)) => {
            view.roll_back(start);
            ProposalStatus::Void { height, refusal }
        }
        Err(Stop::Halted(halt)) => return Err(halt),
    };
    view.put(id, Proposal { status, ..(*proposal).clone() })?;
    Ok(match (status, matter) {
        (ProposalStatus::InForce { .. }, Matter::ValidatorSet(set)) => Some(set),
        _ => None,
    })
}

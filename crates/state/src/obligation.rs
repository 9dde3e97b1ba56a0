//! Obligation 限期事项: what is owed within a term, and what may become of it.
//!
//! Fixed rules, which rules of access can narrow but not widen: an organization that oversees others sets another a task; the
//! one it is owed to suspends, resumes, extends and withdraws it; either side says that it is fulfilled. A term is extended
//! once, by no more than it was. When it is over it is over: overdue is what the calendar says, not what the ledger has noted
//! already (PROTOCOL 17).
//!
//! The functions on [`Obligation`] below the acts know nothing of senders: other nouns, whose terms the law sets, use them.

use std::sync::Arc;

use gongxin_types::limits::TERM_WORKING_DAYS_MAX;
use gongxin_types::obligation::{Cause, Extension, NewObligation, ObligationStatus, SuspensionReason};
use gongxin_types::{ActionCode, Obligation, ObligationId, OfficerId, Ordinal, Organization, OrganizationId, Refusal};

use crate::calendar::Today;
use crate::policy::{Context, ResourceFacts, ResourceKind};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};
use crate::term;

pub(crate) fn open(scene: &mut Scene<'_>, new: &NewObligation) -> Judged {
    let officer = scene.officer()?;
    scene.known_version(new.version)?;
    scene.known_basis(&new.legal_basis)?;
    if let Some(document) = &new.document {
        scene.known_digest(document)?;
    }
    ensure((1..=TERM_WORKING_DAYS_MAX).contains(&new.term), Refusal::TermOutOfBounds)?;
    let (taken, obligor) = (scene.absent::<Obligation>(&new.id), scene.existing::<Organization>(&new.obligor));
    taken?;
    let obligor = obligor?;
    let owner = scene.principal.organization.clone();
    let context = Context { legal_basis: Some(new.legal_basis.clone()), ..scene.at_now() };
    scene.permit(ActionCode::ObligationOpen, ResourceFacts::owned(ResourceKind::Obligation, owner), context)?;
    ensure(scene.organization.kind.oversees(), Refusal::OverseerRequired)?;
    ensure(obligor.id != scene.organization.id, Refusal::Malformed)?;
    ensure(obligor.expelled.is_none(), Refusal::Expelled)?;
    let obligation = Obligation {
        version: 1,
        id: new.id,
        status: ObligationStatus::Running,
        kind: new.kind,
        obligor: new.obligor.clone(),
        obligee: scene.organization.id.clone(),
        cause: Cause::Supervision { document: new.document },
        legal_basis: new.legal_basis.clone(),
        officer,
        opened: scene.now(),
        term: new.term,
        due: scene.today.ordinal.plus(new.term),
        extension: None,
    };
    begin(scene, obligation)
}

pub(crate) fn suspend(scene: &mut Scene<'_>, id: &ObligationId, reason: SuspensionReason) -> Judged {
    let (before, _) = owed_to_sender(scene, id, ActionCode::ObligationSuspend)?;
    let status = suspended(&before, scene.today, reason, scene.now())?;
    scene.put(id, Obligation { status, ..(*before).clone() })
}

pub(crate) fn resume(scene: &mut Scene<'_>, id: &ObligationId) -> Judged {
    let (before, _) = owed_to_sender(scene, id, ActionCode::ObligationResume)?;
    let due = resumed(&before, scene.today)?;
    move_to(scene, &before, due, |after| after.status = ObligationStatus::Running)
}

pub(crate) fn extend(scene: &mut Scene<'_>, id: &ObligationId, days: u16) -> Judged {
    let (before, officer) = owed_to_sender(scene, id, ActionCode::ObligationExtend)?;
    let due = extended(&before, scene.today, days)?;
    let extension = Extension { days, officer, time: scene.now() };
    move_to(scene, &before, due, |after| after.extension = Some(extension))
}

pub(crate) fn fulfil(scene: &mut Scene<'_>, id: &ObligationId) -> Judged {
    let officer = scene.officer()?;
    let before = scene.existing::<Obligation>(id)?;
    let sides = [&before.obligor, &before.obligee];
    let side = sides.into_iter().find(|side| **side == scene.organization.id).unwrap_or(&before.obligor);
    ask(scene, ActionCode::ObligationFulfil, &before, side)?;
    scene.own(side)?;
    let late = ended(&before, scene.today)?;
    let status = ObligationStatus::Fulfilled { time: scene.now(), officer, late };
    scene.put(id, Obligation { status, ..(*before).clone() })
}

pub(crate) fn withdraw(scene: &mut Scene<'_>, id: &ObligationId) -> Judged {
    let (before, officer) = owed_to_sender(scene, id, ActionCode::ObligationWithdraw)?;
    let late = ended(&before, scene.today)?;
    let status = ObligationStatus::Withdrawn { time: scene.now(), officer, late };
    scene.put(id, Obligation { status, ..(*before).clone() })
}

/// Puts in an obligation whose term begins to run.
pub(crate) fn begin(scene: &mut Scene<'_>, obligation: Obligation) -> Judged {
    term::enter(scene.view, obligation.due, obligation.id)?;
    scene.put(&obligation.id.clone(), obligation)
}

/// Puts in what has become of an obligation that is due on another day now.
fn move_to(scene: &mut Scene<'_>, before: &Obligation, due: Ordinal, change: impl FnOnce(&mut Obligation)) -> Judged {
    let mut after = Obligation { due, ..before.clone() };
    change(&mut after);
    if due != before.due {
        term::enter(scene.view, due, before.id)?;
    }
    scene.put(&before.id, after)
}

/// The suspended status: the day of the suspension counts as used, so that nothing is won by suspending for an hour.
fn suspended(
    before: &Obligation,
    today: Today,
    reason: SuspensionReason,
    now: gongxin_types::Time,
) -> Judged<ObligationStatus> {
    running(before, today)?;
    Ok(ObligationStatus::Suspended { reason, since: now, left: before.due.since(today.ordinal) })
}

/// The day on which what was left is over, if it runs on today. The day of the resumption does not count, as that of a receipt;
/// but whoever had nothing left has until the end of the next working day that is not over.
fn resumed(before: &Obligation, today: Today) -> Judged<Ordinal> {
    ensure(!before.status.is_ended(), Refusal::ObligationEnded)?;
    let ObligationStatus::Suspended { left, .. } = before.status else {
        return Err(Refusal::NotSuspended.into());
    };
    Ok(today.ordinal.plus(left).max(today.over.plus(1)))
}

/// The day on which a term is over that is so much longer.
fn extended(before: &Obligation, today: Today, days: u16) -> Judged<Ordinal> {
    ensure(before.extension.is_none(), Refusal::AlreadyExtended)?;
    running(before, today)?;
    ensure((1..=before.term).contains(&days), Refusal::TermOutOfBounds)?;
    Ok(before.due.plus(days))
}

/// Whether the term of an obligation that ends now was over.
fn ended(before: &Obligation, today: Today) -> Judged<bool> {
    ensure(!before.status.is_ended(), Refusal::ObligationEnded)?;
    let is_running = before.status == ObligationStatus::Running;
    Ok(before.status == ObligationStatus::Overdue || is_running && before.due <= today.over)
}

/// Refuses an obligation whose term does not run.
fn running(before: &Obligation, today: Today) -> Judged {
    ensure(!before.status.is_ended(), Refusal::ObligationEnded)?;
    ensure(before.status != ObligationStatus::Overdue, Refusal::TermOver)?;
    ensure(before.status == ObligationStatus::Running, Refusal::NotRunning)?;
    ensure(before.due > today.over, Refusal::TermOver)
}

/// An obligation that the sender's organization is owed, and the sender.
fn owed_to_sender(
    scene: &mut Scene<'_>,
    id: &ObligationId,
    action: ActionCode,
) -> Judged<(Arc<Obligation>, OfficerId)> {
    let officer = scene.officer()?;
    let before = scene.existing::<Obligation>(id)?;
    ask(scene, action, &before, &before.obligee)?;
    scene.own(&before.obligee)?;
    Ok((before, officer))
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, obligation: &Obligation, owner: &OrganizationId) -> Judged {
    let owner = scene.facts_of(owner)?;
    let context = Context { legal_basis: Some(obligation.legal_basis.clone()), ..scene.at_now() };
    scene.permit(action, ResourceFacts::owned(ResourceKind::Obligation, owner), context)
}

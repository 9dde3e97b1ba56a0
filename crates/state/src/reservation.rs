//! Reservation: names and keys of those whose admission or new key is being decided.
//!
//! Whoever reads an open proposal could otherwise register its officer's identifier or key first, and so make it void. From its
//! opening until it ends nobody else takes them: then a claim takes the reservation's place, or it lapses by itself. It costs one
//! page for each identifier and key, of which an admission has at most ten.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::PublicKey;
use gongxin_types::proposal::ProposalStatus;
use gongxin_types::{Officer, OfficerId, OrganizationId, Pending, PendingId, Proposal, ProposalId, Refusal, Time};

use crate::key::{self, Kind};
use crate::stop::{Judged, ensure};
use crate::view::View;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Name {
    Organization(OrganizationId),
    Officer(OfficerId),
    Key(PublicKey),
}

/// By what it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Holder {
    Proposal(ProposalId),
    Pending(PendingId),
}

/// The names of an officer who is to come.
pub(crate) fn of_officer(officer: &Officer) -> Vec<Name> {
    let keys = officer.keys.iter().map(|own| Name::Key(own.key));
    std::iter::once(Name::Officer(officer.id)).chain(keys).collect()
}

/// Refuses names that are kept for somebody else.
pub(crate) fn free(view: &mut View, time: Time, own: Option<Holder>, names: &[Name]) -> Judged {
    // All are asked for before the first page that is missing ends the search.
    let holders: Vec<_> = names.iter().map(|name| view.slot::<Holder>(&page(name))).collect();
    for holder in holders {
        let Some(holder) = holder?.filter(|holder| Some(*holder) != own) else {
            continue;
        };
        ensure(!is_undecided(view, holder, time)?, Refusal::Reserved)?;
    }
    Ok(())
}

/// Keeps names, which must be free.
pub(crate) fn keep(view: &mut View, holder: Holder, names: &[Name]) -> Judged {
    names.iter().try_for_each(|name| view.put_slot(page(name), &holder))?;
    Ok(())
}

fn is_undecided(view: &mut View, holder: Holder, time: Time) -> Judged<bool> {
    Ok(match holder {
        Holder::Proposal(id) => view.noun::<Proposal>(&id)?.is_some_and(|proposal| {
            proposal.is_open_at(time) || matches!(proposal.status, ProposalStatus::Accepted { .. })
        }),
        Holder::Pending(id) => view.noun::<Pending>(&id)?.is_some_and(|pending| pending.is_open_at(time)),
    })
}

fn page(name: &Name) -> gongxin_types::receipt::Key {
    key::of(Kind::Reservation, name, 0)
}

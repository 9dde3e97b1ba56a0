//! Heads 机构负责人: the authorities of each organization, kept as a list, because the rules ask how many there are.
//!
//! A head appoints others and is the second pair of eyes. Whether an organization ever had one decides who may give it the
//! first, and whether it has two who can sign, whether members may give it another.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::officer::APPROVES;
use gongxin_types::{List, Officer, OfficerId, OrganizationId, Refusal, Time, limits::HEADS_MAX};

use crate::noun::put;
use crate::stop::{Judged, ensure};
use crate::view::View;

/// Those in office, in the order in which they came. It stands, empty, also after the last has gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Heads {
    pub(crate) heads: List<OfficerId, HEADS_MAX>,
}

impl Heads {
    /// Those among these officers, by organization.
    pub(crate) fn of(officers: &[Officer]) -> Option<std::collections::BTreeMap<&OrganizationId, Self>> {
        let mut all = std::collections::BTreeMap::<&OrganizationId, Self>::new();
        for officer in officers.iter().filter(|officer| is_head(officer)) {
            all.entry(&officer.organization).or_default().heads.push(officer.id).ok()?;
        }
        Some(all)
    }
}

/// Asks for the list early, together with other pages.
pub(crate) fn touch(view: &mut View, organization: &OrganizationId) {
    // What is missing is noted by the view; that is all this read is for.
    let _ = view.noun::<Heads>(organization);
}

/// Writes an officer, and whether he or she heads the organization.
pub(crate) fn put_officer(view: &mut View, officer: Officer) -> Judged {
    let before = view.noun::<Heads>(&officer.organization)?;
    let mut heads: Vec<OfficerId> = before.as_deref().map(|known| known.heads.to_vec()).unwrap_or_default();
    let was = heads.contains(&officer.id);
    if is_head(&officer) != was {
        heads.retain(|id| *id != officer.id);
        if !was {
            heads.push(officer.id);
        }
        let heads = List::new(heads).map_err(|_| Refusal::TooManyHeads)?;
        put(view, &officer.organization, Heads { heads })?;
    }
    put(view, &officer.id.clone(), officer)
}

/// Refuses unless the organization never had a head.
pub(crate) fn never_had_one(view: &mut View, organization: &OrganizationId, refusal: Refusal) -> Judged {
    ensure(view.noun::<Heads>(organization)?.is_none(), refusal)
}

/// How many heads of an organization, but for this officer, can sign at this time.
pub(crate) fn others_able(
    view: &mut View,
    organization: &OrganizationId,
    officer: &OfficerId,
    time: Time,
) -> Judged<usize> {
    let heads = view.noun::<Heads>(organization)?.unwrap_or_default();
    // All are asked for before the first that is missing ends the search.
    let others = heads.heads.iter().filter(|id| *id != officer);
    let found: Vec<_> = others.map(|id| view.noun::<Officer>(id)).collect();
    let mut able = 0_usize;
    for head in found {
        let signs = head?.is_some_and(|head| head.is_active_at(time) && head.has_key_at(time));
        able = able.saturating_add(usize::from(signs));
    }
    Ok(able)
}

fn is_head(officer: &Officer) -> bool {
    officer.dismissed.is_none() && officer.roles.contains(&APPROVES)
}

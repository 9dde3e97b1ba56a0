//! Protocol version: which rules execute a block (PROTOCOL 13). Members vote for the next one; it is in force from the
//! block on at which the vote takes effect.
//!
//! Every version that a network may have used stays in the program. A block that needs a later one is not executed: the
//! node ends with words, and goes on where it was when a newer program is started.
//!
//! | version | rules |
//! |---|---|
//! | 1 | those of the beginning |
//! | 2 | a member has at most [`gongxin_types::limits::PROPOSALS_OPEN_MAX`] open proposals |

use std::ops::RangeInclusive;

use gongxin_types::Refusal;

use crate::key::{self, Kind};
use crate::stop::{Halt, Judged, ensure};
use crate::view::View;

/// The versions that this program has.
pub const PROTOCOL_VERSIONS: RangeInclusive<u16> = 1..=2;

/// From which version on a member's open proposals are counted.
pub(crate) const COUNTS_PROPOSALS: u16 = 2;

/// The version in force.
pub(crate) fn in_force(view: &mut View) -> Result<u16, Halt> {
    view.slot(&key::of(Kind::ProtocolVersion, &(), 0))?.ok_or(Halt::Corrupt("protocol version"))
}

/// Refuses another version than the next.
pub(crate) fn check(view: &mut View, next: u16) -> Judged {
    ensure(Some(next) == in_force(view)?.checked_add(1), Refusal::RevisionMismatch)
}

/// Puts the next version in force.
pub(crate) fn enact(view: &mut View, next: u16) -> Judged {
    check(view, next)?;
    Ok(view.put_slot(key::of(Kind::ProtocolVersion, &(), 0), &next)?)
}

//! What a gateway said is final, is; what it said has expired, never was; and what it took upon itself, in its vault, it
//! brings to its end, whatever becomes of it in between.

use gongxin_types::Genesis;

use crate::report::Violation;
use crate::witness::Witness;

/// How long a gateway may take, by consensus time, once nothing is wrong any more.
const WITHIN_MS: u64 = 20_000;

/// Nothing acknowledged by a gateway is lost.
pub(super) fn nothing_is_lost(_: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let told = &witness.told;
    for (id, height) in &told.finals {
        if told.found(id).is_none_or(|(found, _)| found != *height) {
            return Err(Violation::Lost { id: *id, height: *height });
        }
    }
    if let Some(id) = told.expired.iter().find(|id| told.found(id).is_some()) {
        return Err(Violation::NotExpired { id: *id });
    }
    let (Some(healed), Some(end)) = (told.healed, told.time) else {
        return Ok(());
    };
    for (id, taken) in &told.taken {
        let (from, until) = (taken.at.max(healed), taken.valid_until.min(end));
        if told.found(id).is_none() && until.millis().saturating_sub(from.millis()) > WITHIN_MS {
            return Err(Violation::Forgotten { id: *id });
        }
    }
    Ok(())
}

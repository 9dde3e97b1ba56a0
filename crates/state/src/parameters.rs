//! Parameters: whether a network can begin with them, and whether members can go on with them.

use std::ops::RangeInclusive;

use gongxin_types::Parameters;

/// How long a sealed answer may be kept for its reader: an hour at least, so that nobody reads twice for a slow line; a month
/// at most, as what is destroyed is destroyed within that time (PROTOCOL 30).
const RELEASE_LIFETIME_MS: RangeInclusive<u64> = 3_600_000..=30 * 86_400_000;
/// The longest term a grant may have: a day at least, ten years at most.
const GRANT_TERM_MS: RangeInclusive<u64> = 86_400_000..=3_653 * 86_400_000;
/// How long an act waits for its second pair of eyes: an hour at least, so that somebody can be asked; a month at most.
const PENDING_TERM_MS: RangeInclusive<u64> = 3_600_000..=30 * 86_400_000;
/// How long the two of four eyes must be independent of each other: a day at least, a year at most, or a small office would
/// never have two.
const INDEPENDENCE_MS: RangeInclusive<u64> = 86_400_000..=366 * 86_400_000;

/// Whether they are of a version known here, with code lists that ascend, so that a code stands in them once.
pub(crate) fn is_well_formed(parameters: &Parameters) -> bool {
    parameters.version == 1
        && parameters.legal_bases.is_sorted_by(|one, next| one.code < next.code)
        && parameters.purposes.is_sorted_by(|one, next| one.code < next.code)
}

/// Whether members can go on with these: well-formed, and with enough codes left to propose something better.
pub(crate) fn is_sound(parameters: &Parameters) -> bool {
    is_well_formed(parameters)
        && !parameters.legal_bases.is_empty()
        && !parameters.purposes.is_empty()
        && RELEASE_LIFETIME_MS.contains(&parameters.release_lifetime_ms)
        && GRANT_TERM_MS.contains(&parameters.grant_term_ms_max)
        && PENDING_TERM_MS.contains(&parameters.pending_term_ms)
        && INDEPENDENCE_MS.contains(&parameters.independence_ms)
}

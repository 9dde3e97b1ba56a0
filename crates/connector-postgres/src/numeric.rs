//! `numeric` in its binary form, as text: four decimal digits to a group, most significant first.

use crate::limits::NUMERIC_GROUPS_MAX;

/// Sign words of the format (PostgreSQL, `src/backend/utils/adt/numeric.c`).
const NEGATIVE: u16 = 0x4000;

/// The number, written out with every digit it has; none where it is not finite, longer than any decimal of ours, or malformed.
pub fn to_text(bytes: &[u8]) -> Option<String> {
    let (header, digits) = bytes.split_at_checked(8)?;
    let word = |index: usize| header.get(index..index.checked_add(2)?).map(read);
    let (count, weight, sign, scale) = (word(0)?, word(2)?, word(4)?, word(6)?);
    let weight = i32::from(weight.cast_signed());
    let count = usize::from(count);
    if digits.len() != count.checked_mul(2)? || count > NUMERIC_GROUPS_MAX || !matches!(sign, 0 | NEGATIVE) {
        return None;
    }
    if !(-16..=15).contains(&weight) || scale > 64 {
        return None;
    }
    let groups: Vec<u16> = digits.chunks_exact(2).map(read).collect();
    if groups.iter().any(|group| *group > 9_999) {
        return None;
    }
    let group = |position: i32| {
        let index = usize::try_from(weight.checked_sub(position)?).ok()?;
        groups.get(index).copied()
    };
    let mut text = String::from(if sign == NEGATIVE { "-" } else { "" });
    if weight < 0 {
        text.push('0');
    }
    for position in (0..=weight).rev() {
        let group = group(position).unwrap_or(0);
        // Only the leading group is written without its zeros.
        text.push_str(&if position == weight { group.to_string() } else { format!("{group:04}") });
    }
    let mut fraction = String::new();
    for position in 1..=i32::from(scale).checked_add(3)? / 4 {
        fraction.push_str(&format!("{:04}", group(-position).unwrap_or(0)));
    }
    // Digits behind the display scale are always zero; were they not, they would be kept and refused later.
    let scale = usize::from(scale);
    let (shown, hidden) = fraction.split_at_checked(scale)?;
    if hidden.bytes().any(|byte| byte != b'0') || below_fraction(&groups, weight, scale) {
        return None;
    }
    if !shown.is_empty() {
        text.push('.');
        text.push_str(shown);
    }
    Some(text)
}

/// Whether a group stands behind the last that is written, and is not zero.
fn below_fraction(groups: &[u16], weight: i32, scale: usize) -> bool {
    let written = weight.saturating_add(1).saturating_add(i32::try_from(scale.div_ceil(4)).unwrap_or(i32::MAX));
    groups.iter().skip(usize::try_from(written).unwrap_or(0)).any(|group| *group != 0)
}

fn read(pair: &[u8]) -> u16 {
    pair.try_into().map(u16::from_be_bytes).unwrap_or(u16::MAX)
}

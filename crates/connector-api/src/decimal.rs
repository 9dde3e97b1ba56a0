//! Decimals as text: the only way in which a number with a fraction stands in a canonical row.
//!
//! The binding declares how many digits stand behind the point. `12.5` with a scale of two is `12.50`, `-0` is `0.00`: one
//! number, one text. A number with more digits than the scale is refused, never rounded; so are `NaN` and infinities, and
//! binary fractions, which no two programs print alike.

use crate::limits::{DECIMAL_BYTES_MAX, DECIMAL_SCALE_MAX};

/// The text of this number with exactly `scale` digits behind the point; none where it has no such text.
pub fn canonical(text: &str, scale: u8) -> Option<String> {
    if text.len() > DECIMAL_BYTES_MAX || scale > DECIMAL_SCALE_MAX {
        return None;
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits_only(whole) || !digits_only(fraction) || digits.ends_with('.') {
        return None;
    }
    let scale = usize::from(scale);
    let kept = fraction.trim_end_matches('0');
    if kept.len() > scale {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let zero = whole.is_empty() && kept.is_empty();
    let sign = if negative && !zero { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{kept:0<scale$}") })
}

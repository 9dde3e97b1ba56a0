//! The signature base of RFC 9421 §2.5: one line per covered component, then the parameters.

/// Writes the base of these components, as `(identifier, value)`, and these serialized parameters.
pub(super) fn write<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>, parameters: &str) -> String {
    let mut base = String::with_capacity(512);
    for (identifier, value) in lines {
        for part in ["\"", identifier, "\": ", value, "\n"] {
            base.push_str(part);
        }
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(parameters);
    base
}

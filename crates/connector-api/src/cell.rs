//! Cell: one value as a database handed it over, before it is one of ours.

/// What stood in a column. Connectors translate their database's types into these few; [`Column::value`](crate::Column::value)
/// makes canonical values of them, the same for all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// A text, in bytes that should be UTF-8.
    Text(&'a [u8]),
    /// An integer.
    Integer(i64),
    /// An integer beyond 64 bits, an infinite or a year outside 1 to 9999.
    OutOfRange,
    /// Yes or no.
    Boolean(bool),
    /// A civil day, counted from 1970-01-01.
    Days(i64),
    /// An instant without a zone, in microseconds from 1970-01-01T00:00:00.
    Micros(i64),
    /// An instant, in microseconds from 1970-01-01T00:00:00Z.
    MicrosUtc(i64),
    /// A decimal number, written out.
    Decimal(&'a str),
    /// A binary fraction, a blob, or anything else that has no canonical form.
    Other,
}

impl std::fmt::Debug for Cell<'_> {
    // Rows may be about people: their values stay out of logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Null => "Null",
            Self::Text(_) => "Text",
            Self::Integer(_) => "Integer",
            Self::OutOfRange => "OutOfRange",
            Self::Boolean(_) => "Boolean",
            Self::Days(_) => "Days",
            Self::Micros(_) => "Micros",
            Self::MicrosUtc(_) => "MicrosUtc",
            Self::Decimal(_) => "Decimal",
            Self::Other => "Other",
        })
    }
}

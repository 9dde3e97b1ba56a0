//! `pgoutput`, protocol version 1 with messages and binary values: what the server says of each transaction.
//!
//! PostgreSQL 15, documentation, section 55.9, "Logical Replication Message Formats". Messages are decoded in place; a message
//! that is cut short, has something left over, or claims more than a limit allows is an error and never a panic.

use crate::limits::{COLUMNS_MAX, NAME_BYTES_MAX, TRUNCATED_MAX};

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pgoutput message: {0}")]
pub struct DecodeError(pub &'static str);

/// One value of a tuple.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Datum<'a> {
    /// NULL; in an old key also any column that is not of the key.
    Null,
    /// A long value that did not change and is not sent.
    Unchanged,
    /// In the type's text form: it has no binary one.
    Text(&'a [u8]),
    /// In the type's binary form.
    Binary(&'a [u8]),
}

impl std::fmt::Debug for Datum<'_> {
    // Rows may be about people: their values stay out of logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Null => "Null",
            Self::Unchanged => "Unchanged",
            Self::Text(_) => "Text",
            Self::Binary(_) => "Binary",
        })
    }
}

/// The values of a row in the order of the relation's columns.
pub type Tuple<'a> = Vec<Datum<'a>>;

/// What the server tells of the row before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Old<'a> {
    /// The columns of the replica identity.
    Key(Tuple<'a>),
    /// The whole row: `REPLICA IDENTITY FULL`.
    Full(Tuple<'a>),
}

/// One column of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationColumn<'a> {
    /// Whether it is of the replica identity.
    pub identity: bool,
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub oid: u32,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A transaction begins.
    Begin {
        /// Where its commit stands.
        commit: u64,
        /// The server's clock at the commit, in microseconds from 2000.
        micros: i64,
    },
    /// It is over.
    Commit {
        /// Where its commit stands.
        commit: u64,
        /// From where to go on.
        end: u64,
    },
    /// How a table looks from now on.
    Relation {
        /// Its number in this stream.
        id: u32,
        /// The schema.
        schema: &'a str,
        /// The table.
        name: &'a str,
        /// `d`efault, `n`othing, `f`ull or `i`ndex.
        identity: u8,
        /// Its columns.
        columns: Vec<RelationColumn<'a>>,
    },
    /// A new row.
    Insert {
        /// The table.
        relation: u32,
        /// Its values.
        new: Tuple<'a>,
    },
    /// Other values.
    Update {
        /// The table.
        relation: u32,
        /// The row before, where its identity changed or all of it is told.
        old: Option<Old<'a>>,
        /// Its values.
        new: Tuple<'a>,
    },
    /// A row taken out.
    Delete {
        /// The table.
        relation: u32,
        /// The row before.
        old: Old<'a>,
    },
    /// All rows taken out.
    Truncate {
        /// The tables.
        relations: Vec<u32>,
    },
    /// `pg_logical_emit_message`.
    Logical {
        /// Whether it is of the transaction it stands in.
        transactional: bool,
        /// For whom.
        prefix: &'a str,
        /// What it says.
        content: &'a [u8],
    },
    /// The origin of a transaction, or a type: nothing that we need.
    Other,
}

/// Reads exactly one message.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode(bytes: &[u8]) -> Result<Message<'_>, DecodeError> {
    let mut reader = Reader(bytes);
    let message = match reader.u8()? {
        b'B' => {
            let (commit, micros, _transaction) = (reader.u64()?, reader.u64()?.cast_signed(), reader.u32()?);
            Message::Begin { commit, micros }
        }
        b'C' => {
            let (_flags, commit, end, _micros) = (reader.u8()?, reader.u64()?, reader.u64()?, reader.u64()?);
            Message::Commit { commit, end }
        }
        b'R' => relation(&mut reader)?,
        b'I' => {
            let relation = reader.u32()?;
            reader.expect(b'N')?;
            Message::Insert { relation, new: reader.tuple()? }
        }
        b'U' => update(&mut reader)?,
        b'D' => {
            let relation = reader.u32()?;
            let kind = reader.u8()?;
            Message::Delete { relation, old: reader.old(kind)? }
        }
        b'T' => truncate(&mut reader)?,
        b'M' => {
            let (flags, _position) = (reader.u8()?, reader.u64()?);
            let prefix = reader.text()?;
            let length = reader.length()?;
            Message::Logical { transactional: flags & 1 == 1, prefix, content: reader.take(length)? }
        }
        b'O' | b'Y' => return Ok(Message::Other),
        _ => return Err(DecodeError("an unknown kind")),
    };
    if reader.0.is_empty() { Ok(message) } else { Err(DecodeError("something is left over")) }
}

fn relation<'a>(reader: &mut Reader<'a>) -> Result<Message<'a>, DecodeError> {
    let (id, schema, name, identity) = (reader.u32()?, reader.text()?, reader.text()?, reader.u8()?);
    let count = reader.count(COLUMNS_MAX)?;
    let mut columns = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        let (flags, name, oid, _modifier) = (reader.u8()?, reader.text()?, reader.u32()?, reader.u32()?);
        columns.push(RelationColumn { identity: flags & 1 == 1, name, oid });
    }
    // The catalogue's own schema is told as an empty name.
    let schema = if schema.is_empty() { "pg_catalog" } else { schema };
    Ok(Message::Relation { id, schema, name, identity, columns })
}

fn update<'a>(reader: &mut Reader<'a>) -> Result<Message<'a>, DecodeError> {
    let relation = reader.u32()?;
    let old = match reader.u8()? {
        b'N' => None,
        kind => {
            let old = reader.old(kind)?;
            reader.expect(b'N')?;
            Some(old)
        }
    };
    Ok(Message::Update { relation, old, new: reader.tuple()? })
}

fn truncate<'a>(reader: &mut Reader<'a>) -> Result<Message<'a>, DecodeError> {
    let count = reader.length()?;
    let _options = reader.u8()?;
    if count > TRUNCATED_MAX {
        return Err(DecodeError("more tables than a truncation has"));
    }
    let relations = (0..count).map(|_| reader.u32()).collect::<Result<_, _>>()?;
    Ok(Message::Truncate { relations })
}

/// What is left of a message.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, left) = self.0.split_at_checked(count).ok_or(DecodeError("it is cut short"))?;
        self.0 = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.take(N)?.try_into().map_err(|_| DecodeError("it is cut short"))
    }

    fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        usize::try_from(self.u32()?).map_err(|_| DecodeError("a length beyond all memory"))
    }

    fn count(&mut self, max: usize) -> Result<usize, DecodeError> {
        let count = usize::from(self.u16()?);
        if count > max { Err(DecodeError("more columns than a table has")) } else { Ok(count) }
    }

    fn expect(&mut self, kind: u8) -> Result<(), DecodeError> {
        if self.u8()? == kind { Ok(()) } else { Err(DecodeError("another part than expected")) }
    }

    /// A text that ends with a zero byte.
    fn text(&mut self) -> Result<&'a str, DecodeError> {
        let end = self.0.iter().take(NAME_BYTES_MAX).position(|byte| *byte == 0);
        let text = self.take(end.ok_or(DecodeError("a name without an end"))?)?;
        self.take(1)?;
        std::str::from_utf8(text).map_err(|_| DecodeError("a name that is not UTF-8"))
    }

    fn old(&mut self, kind: u8) -> Result<Old<'a>, DecodeError> {
        match kind {
            b'K' => self.tuple().map(Old::Key),
            b'O' => self.tuple().map(Old::Full),
            _ => Err(DecodeError("another part than expected")),
        }
    }

    fn tuple(&mut self) -> Result<Tuple<'a>, DecodeError> {
        let count = self.count(COLUMNS_MAX)?;
        let mut tuple = Vec::with_capacity(count.min(64));
        for _ in 0..count {
            tuple.push(match self.u8()? {
                b'n' => Datum::Null,
                b'u' => Datum::Unchanged,
                kind @ (b't' | b'b') => {
                    let length = self.length()?;
                    let bytes = self.take(length)?;
                    if kind == b't' { Datum::Text(bytes) } else { Datum::Binary(bytes) }
                }
                _ => return Err(DecodeError("an unknown kind of value")),
            });
        }
        Ok(tuple)
    }
}

//! Fault: a row that has no canonical form, named by column and reason, never by its values.

use std::fmt;

use gongxin_types::{FieldName, ResourceId};

use crate::{Identifier, Key};

/// Why a value has no canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Bytes that are not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// A text beyond 64 KiB.
    #[error("the text is longer than {} bytes", gongxin_types::limits::VALUE_BYTES_MAX)]
    TooLong,
    /// A number, date or instant outside what the field can hold.
    #[error("the value is out of range")]
    OutOfRange,
    /// NULL where the catalogue says that there is always a value.
    #[error("the value is missing, and the field is not nullable")]
    Missing,
    /// Another type than the binding says.
    #[error("the value is not of the field's type")]
    WrongType,
    /// A decimal with more digits behind the point than the binding declares.
    #[error("the number does not fit the declared decimal")]
    Decimal,
    /// A text that is no date or instant in the declared form.
    #[error("the text is no date or instant in the declared form")]
    Instant,
    /// The key as a whole is too long.
    #[error("the key is longer than {} bytes", crate::limits::KEY_BYTES_MAX)]
    KeyTooLong,
    /// The row as a whole is too long.
    #[error("the row is longer than {} bytes", crate::limits::ROW_BYTES_MAX)]
    RowTooLong,
}

/// One row that has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The register.
    pub resource: ResourceId,
    /// The field and the column it is read from; none where it is the row as a whole.
    pub at: Option<(FieldName, Identifier)>,
    /// What is wrong.
    pub reason: Reason,
    /// The row's key, where that could be read. Not shown: it may be an identity number.
    pub key: Option<Key>,
    /// Where its key could not be read: the key of the row before it in key order.
    pub after: Option<Key>,
}

impl fmt::Display for RowFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a row of `{}` has no canonical form: ", self.resource)?;
        match &self.at {
            Some((field, column)) => write!(formatter, "field `{field}`, column `{column}`: {}", self.reason),
            None => self.reason.fmt(formatter),
        }
    }
}

impl std::error::Error for RowFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        None
    }
}

//! Why a call to a validator or a gateway brought no answer.

use std::time::Duration;

use crate::Problem;

/// A call that failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server understood and refused; the document says why, and may carry the receipt that proves it.
    #[error("{}", .0.message)]
    Refused(Box<Problem>),
    /// Everyone asked is busy.
    #[error("busy: try again in {} ms", retry_after.as_millis())]
    Busy {
        /// The shortest pause that was asked for.
        retry_after: Duration,
    },
    /// Nobody answered.
    #[error("`{server}` cannot be reached: {reason}")]
    Unreachable {
        /// Whom we tried last.
        server: String,
        /// What the transport said.
        reason: String,
    },
    /// An answer that is not what was agreed.
    #[error("`{server}` gave an answer that cannot be used: {reason}")]
    Answer {
        /// Who.
        server: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The call cannot be made at all: a base URL or path that is none, no randomness, no clock.
    #[error("the call cannot be made: {reason}")]
    Call {
        /// What is wrong with it.
        reason: String,
    },
}

impl ClientError {
    /// The problem document of a refusal.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// Whether the same call may succeed later, as it is.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }
}

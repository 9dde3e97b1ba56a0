//! Why an action stops: it is refused, pages are missing, or the state itself is broken.

use gongxin_types::Refusal;

/// Why a read came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Pages are not loaded yet; the view has noted which.
    Missing,
    /// Pages do not decode: a broken promise of our own.
    Corrupt(&'static str),
}

/// Why an action did not take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is refused, with a receipt.
    Refused(Refusal),
    /// It cannot be judged yet.
    Halted(Halt),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What judging an action comes to.
pub(crate) type Judged<T = ()> = Result<T, Stop>;

/// Refuses unless the condition holds.
pub(crate) fn ensure(holds: bool, refusal: Refusal) -> Judged {
    if holds { Ok(()) } else { Err(Stop::Refused(refusal)) }
}

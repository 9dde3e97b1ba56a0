//! Obligation 限期事项: what one organization owes another within a term of working days.
//!
//! A term begins on the day after the receipt and ends at 24:00 of the working day with the ordinal [`Obligation::due`]
//! (see [`crate::calendar`]). From then on an obligation that still runs *is* overdue, whoever asks; that the ledger has
//! noted it ([`ObligationStatus::Overdue`]) may come some blocks later (PROTOCOL 17). What is owed is said by codes, and by the
//! digest of a document that both sides hold: no text stands here.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Digest;
use serde::{Deserialize, Serialize};

use crate::{BasisCode, Calendar, Date, LegalClock, ObligationId, OfficerId, Ordinal, OrganizationId, Time};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
        )]
        pub enum $name {
            $($(#[$item])* #[serde(rename = $code)] $variant,)*
        }

        impl $name {
            /// Every one, in the order of their discriminants.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code, as in JSON and on command lines.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// What is owed.
    ObligationKind {
        /// An answer 答复.
        Answer = "answer",
        /// Data that was agreed to 提供.
        Provide = "provide",
        /// A verified or corrected record 校核纠错.
        Correct = "correct",
        /// A duty or resource in the catalogue 编目.
        Catalogue = "catalogue",
        /// An account of what happened 说明情况.
        Explain = "explain",
        /// Something put right 整改.
        Rectify = "rectify",
    }
}

codes! {
    /// Why a term stands still.
    SuspensionReason {
        /// Missing material is awaited 补正.
        Supplement = "supplement",
        /// A third party is asked 征求第三方意见.
        ThirdParty = "third-party",
        /// A hearing, an inspection or an expert's review 听证、检验、评审.
        Hearing = "hearing",
    }
}

/// Where an obligation comes from.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "cause", deny_unknown_fields)]
pub enum Cause {
    /// An organization that oversees others set a task 督办.
    Supervision {
        /// Digest of the order, by the network's hash, where there is one.
        document: Option<Digest>,
    },
}

/// A task as it is set, in the name of the sender's organization.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewObligation {
    /// Encoding version: 1.
    pub version: u8,
    /// A new random identifier.
    pub id: ObligationId,
    /// What is owed.
    pub kind: ObligationKind,
    /// Who owes it.
    pub obligor: OrganizationId,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// Digest of the order that says more.
    pub document: Option<Digest>,
    /// Working days, the day of this block not counted.
    pub term: u16,
}

/// Working days that were added to a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// How many.
    pub days: u16,
    /// Who gave them.
    pub officer: OfficerId,
    /// When.
    pub time: Time,
}

/// How far an obligation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "status", deny_unknown_fields)]
pub enum ObligationStatus {
    /// Its term runs; when that is over it is overdue, noted or not.
    Running,
    /// Its term stands still.
    Suspended {
        /// Why.
        reason: SuspensionReason,
        /// Since when.
        since: Time,
        /// Working days that were left, the day of the suspension not counted.
        left: u16,
    },
    /// It was fulfilled.
    Fulfilled {
        /// When.
        time: Time,
        /// Who said so.
        officer: OfficerId,
        /// Whether the term was over.
        late: bool,
    },
    /// Its term ran out, and the ledger has noted it.
    Overdue,
    /// Who it was owed to released from it.
    Withdrawn {
        /// When.
        time: Time,
        /// Who said so.
        officer: OfficerId,
        /// Whether the term was over.
        late: bool,
    },
}

impl ObligationStatus {
    /// The code, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Suspended { .. } => "suspended",
            Self::Fulfilled { .. } => "fulfilled",
            Self::Overdue => "overdue",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Whether nothing is owed any more.
    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Fulfilled { .. } | Self::Withdrawn { .. })
    }
}

/// An obligation as the ledger keeps it. What changes when its term runs out stands in the first page.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// Encoding version: 1.
    pub version: u8,
    /// Its identifier.
    pub id: ObligationId,
    /// How far it has come.
    pub status: ObligationStatus,
    /// What is owed.
    pub kind: ObligationKind,
    /// Who owes it.
    pub obligor: OrganizationId,
    /// Who it is owed to.
    pub obligee: OrganizationId,
    /// Where it comes from.
    pub cause: Cause,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// Who opened it.
    pub officer: OfficerId,
    /// When: the time of the block. That day does not count.
    pub opened: Time,
    /// Working days it was opened with.
    pub term: u16,
    /// The working day with whose end the term is over. While it is suspended: as it was.
    pub due: Ordinal,
    /// Working days it was given besides.
    pub extension: Option<Extension>,
}

impl Obligation {
    /// Whether its term is over, or was over when it ended: true from the due time on, whether or not the ledger has noted it.
    pub fn is_overdue_at(&self, time: Time, calendar: &Calendar, clock: &LegalClock) -> bool {
        match self.status {
            ObligationStatus::Running => is_over(self.due, clock.date(time), calendar),
            ObligationStatus::Suspended { .. } => false,
            ObligationStatus::Overdue => true,
            ObligationStatus::Fulfilled { late, .. } | ObligationStatus::Withdrawn { late, .. } => late,
        }
    }

    /// The last day of its term by this calendar; none while it stands still.
    pub fn due_date(&self, calendar: &Calendar) -> Option<Date> {
        (!matches!(self.status, ObligationStatus::Suspended { .. })).then(|| calendar.day(self.due))
    }
}

/// Whether on this day the working day with that ordinal is over.
pub fn is_over(due: Ordinal, today: Date, calendar: &Calendar) -> bool {
    due <= calendar.ordinal(today.previous())
}

//! Why a policy set is refused, in words for whoever proposes one. None of this reaches a receipt.

use gongxin_types::{ActionCode, PolicyId, limits::DECIDING_POLICIES_MAX};

use crate::limits;

/// Why a policy set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicySetError {
    /// A version of the encoding that this program does not know.
    #[error("policy set version `{version}` is not known to this program")]
    UnknownVersion {
        /// The version.
        version: u8,
    },
    /// The schema is not the one whose facts this program supplies.
    #[error("the schema is not one that this program supplies facts for")]
    UnknownSchema,
    /// The schema does not parse; only possible with a program built wrongly.
    #[error("the schema cannot be read")]
    Schema(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Identifiers not ascending, or one twice.
    #[error("policy `{id}` is out of order: identifiers ascend bytewise, each once")]
    Order {
        /// The later one.
        id: PolicyId,
    },
    /// Too many brackets within each other.
    #[error("policy `{id}` nests more than {} brackets", limits::BRACKETS_MAX)]
    Brackets {
        /// The policy.
        id: PolicyId,
    },
    /// Too long a policy.
    #[error("policy `{id}` has more than {} words and signs", limits::TOKENS_MAX)]
    Tokens {
        /// The policy.
        id: PolicyId,
    },
    /// Too deep an expression.
    #[error("policy `{id}` is nested deeper than {} levels", limits::LEVELS_MAX)]
    Levels {
        /// The policy.
        id: PolicyId,
    },
    /// Not one static Cedar policy.
    #[error("policy `{id}` is not one Cedar policy")]
    Parse {
        /// The policy.
        id: PolicyId,
        /// What the parser says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It names a single officer, record or other thing.
    #[error("policy `{id}` names a single `{kind}`: rules speak of roles, organizations and attributes")]
    NamesOneThing {
        /// The policy.
        id: PolicyId,
        /// What it names.
        kind: String,
    },
    /// It calls an extension function, such as `ip`.
    #[error("policy `{id}` calls `{function}`: extension functions are not used on the ledger")]
    Extension {
        /// The policy.
        id: PolicyId,
        /// The function.
        function: String,
    },
    /// An annotation of the source and the field beside it differ.
    #[error("annotation `@{annotation}` of policy `{id}` differs from what the set says")]
    Annotation {
        /// The policy.
        id: PolicyId,
        /// Which one.
        annotation: &'static str,
    },
    /// More policies may decide one act than a receipt can name.
    #[error("more than {DECIDING_POLICIES_MAX} policies apply to `{}`", action.code())]
    TooManyForOneAction {
        /// The act.
        action: ActionCode,
    },
    /// More organizations than can be tried in every place when the invariants are checked.
    #[error("the policies name more than {} organizations", limits::NAMED_ORGANIZATIONS_MAX)]
    TooManyOrganizations,
    /// The policies of an act tell more cases apart than can be asked when the invariants are checked.
    #[error("the policies of `{}` tell too many cases apart to be checked", action.code())]
    TooManyCases {
        /// The act at which the steps were spent.
        action: ActionCode,
    },
    /// Strict validation found something.
    #[error("the policies do not fit the schema: {0}")]
    Validation(String),
}

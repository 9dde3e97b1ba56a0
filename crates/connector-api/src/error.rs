//! What can go wrong between us and a department's database.

use gongxin_types::ResourceId;

use crate::{Position, RowFault};

/// The cause below, without credentials and without values of rows.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a connector could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectorError {
    /// The database does not answer; trying again later is right.
    #[error("the database `{database}` cannot be reached")]
    Unreachable {
        /// Its name in the configuration.
        database: String,
        /// Why.
        source: Cause,
    },
    /// The database answers, and refuses.
    #[error("the database refuses to {what}")]
    Refused {
        /// What was tried, in words.
        what: &'static str,
        /// Why.
        source: Cause,
    },
    /// The configuration cannot be used.
    #[error("{what}")]
    Config {
        /// What is wrong, and what would be right.
        what: String,
    },
    /// No register of this resource is bound here.
    #[error("no register is bound to `{resource}`")]
    Unbound {
        /// The resource.
        resource: ResourceId,
    },
    /// The schema is not, or no longer, what the binding says. Nothing is lost: changes wait until the binding is right.
    #[error("the register of `{resource}` no longer fits its binding: {what}")]
    Schema {
        /// The resource.
        resource: ResourceId,
        /// What differs.
        what: String,
    },
    /// Nothing keeps changes for us: they were never installed, or somebody removed them.
    #[error("`{name}` keeps no changes for us: install it, then make a full pass over the registers")]
    NotInstalled {
        /// The slot, publication or outbox.
        name: String,
    },
    /// Somebody else reads our changes.
    #[error("`{name}` is in use by another client (process {process}): end it; two cannot follow one register")]
    InUse {
        /// The slot.
        name: String,
        /// The process of the database that serves it.
        process: i64,
    },
    /// Changes after the position we hold are gone: only a full pass finds what they did.
    #[error("changes after {from} are gone, the first that can be had is {found}: make a full pass over the registers")]
    Gap {
        /// The position that was asked for.
        from: Position,
        /// The first that is there.
        found: Position,
    },
    /// The database is at an earlier position than we have seen: an older backup was restored, or it is another one.
    #[error(
        "the database went back from {from} to {found}: a backup was restored, or it is another database; make a full pass over the registers"
    )]
    WentBack {
        /// The position that we have seen.
        from: Position,
        /// Where it is now.
        found: Position,
    },
    /// A row that has no canonical form.
    #[error(transparent)]
    Row(#[from] RowFault),
    /// More than a limit allows.
    #[error("{what}: at most {max}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How much there may be.
        max: usize,
    },
    /// Bytes from the database that are not what its protocol says.
    #[error("the database sent what cannot be read: {what}")]
    Protocol {
        /// What.
        what: String,
    },
}

//! Validator set 共识节点名单: who serves, who served, and the changes from one set to the next with the votes that prove them.
//!
//! **Promise.** What is trusted follows what was applied: the block that ends an epoch is taken only with votes of its own,
//! and only if the validators that it announces are those that the members voted for. After a restart the same line is read
//! from the tables and checked again, vote by vote.

use gongxin_state::key::Kind;
use gongxin_types::bundle::{Epoch, Network};
use gongxin_types::{EpochChange, FinalizedBlock, Height, List, OrganizationId, ValidatorSet, codec, limits};
use gongxin_verify::TrustedNetwork;
use rusqlite::{Connection, params};

use crate::noun::{self, Place};
use crate::parameters::{One, present};
use crate::store::{Snapshot, decode, insert, number, one};
use crate::{Answer, Fact, Noun, Projection, ProjectionError};

/// There is one, under this name.
const ONE: &str = "validator-set";
/// What is damaged if the tables do not prove what they say.
const LINE: ProjectionError = ProjectionError::Damaged { what: "a change of the validators" };

impl Noun for ValidatorSet {
    type Id = One;
    const KIND: u8 = 67;
    const STATE: Option<Kind> = None;
    const NAME: &'static str = "validator set";

    fn id(&self) -> One {
        One(ONE)
    }

    fn owner(&self) -> Option<&OrganizationId> {
        None
    }
}

impl Projection {
    /// The validators whose votes make the next block final.
    ///
    /// # Errors
    /// Those of the database.
    pub fn validator_set(&self) -> Result<Answer<Fact<ValidatorSet>>, ProjectionError> {
        present(self.noun(&One(ONE))?)
    }

    /// The validators whose votes make the block after this height final.
    ///
    /// # Errors
    /// Those of the database.
    pub fn validator_set_at(&self, height: Height) -> Result<Answer<Fact<ValidatorSet>>, ProjectionError> {
        present(self.noun_at(&One(ONE), height)?)
    }

    /// All sets that ever served, from that of genesis on; `changed` is the last block before each one's first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn validator_sets(&self) -> Result<Answer<Vec<Fact<ValidatorSet>>>, ProjectionError> {
        self.noun_revisions(&One(ONE))
    }

    /// How each epoch ended and the next began, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn epoch_changes(&self) -> Result<Answer<Vec<EpochChange>>, ProjectionError> {
        self.store.read(|snapshot| changes(snapshot.database))
    }

    /// `network.json` as of now: the network's head and the changes of the validators since, the first
    /// [`limits::NETWORK_EPOCHS_MAX`] of them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn network_file(&self) -> Result<Answer<Network>, ProjectionError> {
        let Answer { value, height, time } = self.epoch_changes()?;
        let epochs = value.iter().take(limits::NETWORK_EPOCHS_MAX).map(Epoch::from).collect();
        let epochs = List::new(epochs).map_err(|_| LINE)?;
        Ok(Answer { value: Network { epochs, ..Network::of(self.network().head()) }, height, time })
    }
}

/// Takes in a block that ends an epoch: the change is kept, and the network as it is trusted from the next block on given
/// back; nothing for other blocks.
pub(crate) fn hand_over(
    database: &Connection,
    trusted: &TrustedNetwork,
    block: &FinalizedBlock,
) -> Result<Option<TrustedNetwork>, ProjectionError> {
    const ACTION: &str = "keep a change of the validators";
    if !block.header.ends_epoch() {
        return Ok(None);
    }
    let height = block.header.height;
    let not_understood = || ProjectionError::NotUnderstood { height, what: ValidatorSet::NAME };
    let certificate = block.certificate.clone().ok_or_else(not_understood)?;
    let query = "SELECT noun FROM nouns WHERE kind = ?1 AND id = ?2";
    let set: Option<Vec<u8>> =
        one(database, query, (ValidatorSet::KIND, ONE), |row| row.get(0)).map_err(ProjectionError::storage(ACTION))?;
    let set: ValidatorSet = decode(ValidatorSet::NAME, &set.ok_or_else(not_understood)?)?;
    let change = EpochChange { header: block.header.clone(), certificate, validators: set.validators };
    let mut next = trusted.clone();
    next.follow(&change).map_err(|_| not_understood())?;
    let query = "INSERT INTO epoch_changes (epoch, height, change) VALUES (?1, ?2, ?3)";
    insert(database, query, params![number(change.epoch()), number(height.get()), codec::encode(&change)])
        .map_err(ProjectionError::storage(ACTION))?;
    Ok(Some(next))
}

/// Puts in the validators of a proposal that took effect.
pub(crate) fn put(database: &Connection, set: &ValidatorSet, height: Height) -> Result<(), ProjectionError> {
    noun::put(database, set, Place::Due(height)).map_err(ProjectionError::storage("put in validators"))
}

/// Follows the line that was kept, from the network's first validators on.
pub(crate) fn follow(database: &Connection, mut trusted: TrustedNetwork) -> Result<TrustedNetwork, ProjectionError> {
    for change in changes(database)? {
        trusted.follow(&change).map_err(|_| LINE)?;
    }
    Ok(trusted)
}

/// The newest changes up to an epoch, as many as a receipt carries.
pub(crate) fn up_to(
    snapshot: &Snapshot<'_>,
    epoch: u64,
) -> Result<List<Epoch, { limits::BUNDLE_EPOCHS_MAX }>, ProjectionError> {
    const ACTION: &str = "read changes of the validators";
    const QUERY: &str = "SELECT change FROM epoch_changes WHERE epoch <= ?1 ORDER BY epoch DESC LIMIT ?2";
    let most = i64::try_from(limits::BUNDLE_EPOCHS_MAX).unwrap_or(i64::MAX);
    let found = snapshot.all(ACTION, QUERY, params![number(epoch), most], |row| row.get::<_, Vec<u8>>(0))?;
    let newest = found.iter().rev().map(|bytes| read(bytes).map(|change| Epoch::from(&change)));
    List::new(newest.collect::<Result<_, _>>()?).map_err(|_| LINE)
}

fn changes(database: &Connection) -> Result<Vec<EpochChange>, ProjectionError> {
    const QUERY: &str = "SELECT change FROM epoch_changes ORDER BY epoch";
    let read_all = || {
        let mut statement = database.prepare_cached(QUERY)?;
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<Vec<u8>>>>()
    };
    let found = read_all().map_err(ProjectionError::storage("read changes of the validators"))?;
    found.iter().map(|bytes| read(bytes)).collect()
}

fn read(bytes: &[u8]) -> Result<EpochChange, ProjectionError> {
    decode("a change of the validators", bytes)
}

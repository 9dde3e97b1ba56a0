//! Nouns: the latest version of each, and every version it ever had with the action that made it.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_state::key::Kind;
use gongxin_types::{Height, OrganizationId, codec};
use rusqlite::{Connection, Row, params};
use serde::Serialize;

use crate::page::cut;
use crate::pages::Pages;
use crate::store::{self, Snapshot, decode, insert, number, one, rows};
use crate::{ActionLocation, Answer, Cursor, Location, Page, PageRequest, Projection, ProjectionError};

/// A noun of the ledger that the projection keeps by identifier.
pub trait Noun: BorshSerialize + BorshDeserialize + Sized {
    /// What names it; its text orders pages.
    type Id: std::fmt::Display + BorshSerialize;
    /// Its number in the tables; the order is that of `Kind`, others from 64.
    const KIND: u8;
    /// Its number in keys of the state, where it stands there under its identifier.
    const STATE: Option<Kind>;
    /// Its name in errors.
    const NAME: &'static str;
    /// Its identifier.
    fn id(&self) -> Self::Id;
    /// The organization it belongs to, if it belongs to one.
    fn owner(&self) -> Option<&OrganizationId>;
}

/// A noun as it stands, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact<T> {
    /// The noun.
    pub noun: T,
    /// Counts its versions on the ledger, from 1.
    pub revision: u32,
    /// The block of its last change; 0 for what genesis brought.
    pub changed: Height,
    /// The action that made this version; none for what genesis brought, or a proposal that took effect.
    pub action: Option<ActionLocation>,
}

const COLUMNS: &str = "revision, height, position, action, noun";

impl Projection {
    /// The latest version of a noun.
    ///
    /// # Errors
    /// Those of the database.
    pub fn noun<N: Noun>(&self, id: &N::Id) -> Result<Answer<Option<Fact<N>>>, ProjectionError> {
        self.store.read(|snapshot| latest(snapshot, id))
    }

    /// The version of a noun that was in force at the end of a block: what a decision made after it was based on.
    ///
    /// # Errors
    /// Those of the database.
    pub fn noun_at<N: Noun>(&self, id: &N::Id, height: Height) -> Result<Answer<Option<Fact<N>>>, ProjectionError> {
        const ACTION: &str = "read a version of a noun";
        self.store.read(|snapshot| {
            let query = format!(
                "SELECT {COLUMNS} FROM noun_revisions WHERE kind = ?1 AND id = ?2 AND height <= ?3
                 ORDER BY revision DESC LIMIT 1"
            );
            let values = params![N::KIND, id.to_string(), number(height.get())];
            snapshot.one(ACTION, &query, values, raw)?.map(RawFact::decode).transpose()
        })
    }

    /// Every version of a noun, oldest first; at most [`crate::limits::HISTORY_LINES_MAX`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn noun_revisions<N: Noun>(&self, id: &N::Id) -> Result<Answer<Vec<Fact<N>>>, ProjectionError> {
        const ACTION: &str = "read the versions of a noun";
        self.store.read(|snapshot| {
            let query =
                format!("SELECT {COLUMNS} FROM noun_revisions WHERE kind = ?1 AND id = ?2 ORDER BY revision LIMIT ?3");
            let limit = rows(crate::limits::HISTORY_LINES_MAX);
            let found = snapshot.all(ACTION, &query, params![N::KIND, id.to_string(), limit], raw)?;
            found.into_iter().map(RawFact::decode).collect()
        })
    }

    /// The latest versions of all nouns of a kind, by identifier; of one owner if one is named.
    ///
    /// # Errors
    /// Those of the database.
    pub fn nouns<N: Noun>(
        &self,
        owner: Option<&OrganizationId>,
        page: &PageRequest,
    ) -> Result<Page<Fact<N>>, ProjectionError> {
        const ACTION: &str = "list nouns";
        let answer = self.store.read(|snapshot| {
            let after = page.after.as_ref().map_or("", Cursor::id);
            let owned = if owner.is_some() { "AND owner = ?4" } else { "AND ?4 IS NULL" };
            let query = format!("SELECT {COLUMNS} FROM nouns WHERE kind = ?1 AND id > ?2 {owned} ORDER BY id LIMIT ?3");
            let values = params![N::KIND, after, rows(page.limit()), owner.map(OrganizationId::as_str)];
            let found = snapshot.all(ACTION, &query, values, raw)?;
            found.into_iter().map(RawFact::decode).collect::<Result<Vec<Fact<N>>, _>>()
        })?;
        Ok(cut(answer.value, page.limit(), answer.height, |fact| Cursor::of_id(&fact.noun.id())))
    }
}

/// The latest version of a noun.
pub(crate) fn latest<N: Noun>(snapshot: &Snapshot<'_>, id: &N::Id) -> Result<Option<Fact<N>>, ProjectionError> {
    let query = format!("SELECT {COLUMNS} FROM nouns WHERE kind = ?1 AND id = ?2");
    snapshot.one("read a noun", &query, params![N::KIND, id.to_string()], raw)?.map(RawFact::decode).transpose()
}

/// Puts in what an action wrote of a noun; the noun after it, or nothing if the action left it as it was.
pub(crate) fn apply<N: Noun>(
    database: &Connection,
    id: &N::Id,
    pages: &Pages,
    place: Place,
) -> Result<Option<N>, ProjectionError> {
    const ACTION: &str = "change a noun";
    let not_understood = ProjectionError::NotUnderstood { height: place.height(), what: N::NAME };
    let Some(kind) = N::STATE else {
        return Err(not_understood);
    };
    let query = "SELECT noun FROM nouns WHERE kind = ?1 AND id = ?2";
    let before: Option<Vec<u8>> = one(database, query, params![N::KIND, id.to_string()], |row| row.get(0))
        .map_err(ProjectionError::storage(ACTION))?;
    let written = pages.noun(kind, id, before.as_deref());
    let Ok(written) = written else {
        return Err(not_understood);
    };
    let Some(bytes) = written else { return Ok(None) };
    let Ok(noun) = codec::decode::<N>(N::NAME, &bytes) else {
        return Err(not_understood);
    };
    put(database, &noun, place).map_err(ProjectionError::storage(ACTION))?;
    Ok(Some(noun))
}

/// Where a version of a noun was made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In genesis.
    Genesis,
    /// By an action.
    Action(ActionLocation),
    /// At the beginning of this block, where a proposal took effect.
    Due(Height),
}

impl Place {
    fn height(self) -> Height {
        match self {
            Self::Genesis => Height::GENESIS,
            Self::Action(at) => at.height(),
            Self::Due(height) => height,
        }
    }

    fn action(self) -> Option<ActionLocation> {
        match self {
            Self::Action(at) => Some(at),
            Self::Genesis | Self::Due(_) => None,
        }
    }
}

/// Stores a version of a noun as the latest.
pub(crate) fn put<N: Noun>(database: &Connection, noun: &N, place: Place) -> rusqlite::Result<()> {
    let (id, bytes) = (noun.id().to_string(), codec::encode(noun));
    let owner = noun.owner().map_or("", OrganizationId::as_str);
    let (height, at) = (number(place.height().get()), place.action());
    let (position, action) = (at.map(|at| at.transaction.transaction), at.map(|at| at.action));
    let latest = "INSERT INTO nouns (kind, id, owner, revision, height, position, action, noun)
                  VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)
                  ON CONFLICT (kind, id) DO UPDATE
                  SET owner = ?3, revision = revision + 1, height = ?4, position = ?5, action = ?6, noun = ?7";
    insert(database, latest, params![N::KIND, id, owner, height, position, action, bytes])?;
    let revision = "INSERT INTO noun_revisions (kind, id, revision, height, position, action, noun)
                    SELECT kind, id, revision, height, position, action, noun FROM nouns WHERE kind = ?1 AND id = ?2";
    insert(database, revision, params![N::KIND, id])
}

/// A row before its bytes are decoded.
pub(crate) struct RawFact {
    revision: u32,
    changed: Height,
    action: Option<ActionLocation>,
    noun: Vec<u8>,
}

/// Reads the columns `revision, height, position, action, noun`.
pub(crate) fn raw(row: &Row<'_>) -> rusqlite::Result<RawFact> {
    let changed = store::height(row, 1)?;
    let (position, action): (Option<u32>, Option<u16>) = (row.get(2)?, row.get(3)?);
    let action =
        position.zip(action).map(|(transaction, action)| Location { height: changed, transaction }.action(action));
    Ok(RawFact { revision: row.get(0)?, changed, action, noun: row.get(4)? })
}

impl RawFact {
    pub(crate) fn decode<N: Noun>(self) -> Result<Fact<N>, ProjectionError> {
        let noun = decode(N::NAME, &self.noun)?;
        Ok(Fact { noun, revision: self.revision, changed: self.changed, action: self.action })
    }
}

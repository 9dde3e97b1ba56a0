//! Alerts 预警: what is wrong in the network, and who says so.
//!
//! An action names what was found, not which alert that makes: it is the one that was raised last about the same, or the next.

use gongxin_state::key::Kind;
use gongxin_types::alert::{AlertKind, AlertTopic, Finding};
use gongxin_types::fault::{CertifiedHeader, TwoCertificates};
use gongxin_types::{Alert, AlertId, FaultEvidence, OrganizationId, codec};
use rusqlite::{Connection, params};

use crate::apply::Effect;
use crate::noun::{self, Place, RawFact, raw};
use crate::page::cut;
use crate::pages::Pages;
use crate::store::{insert, one, rows};
use crate::{Answer, Cursor, Fact, Noun, Page, PageRequest, Projection, ProjectionError, header};

impl Noun for Alert {
    type Id = AlertId;
    const KIND: u8 = Kind::Alert as u8;
    const STATE: Option<Kind> = Some(Kind::Alert);
    const NAME: &'static str = "alert";

    fn id(&self) -> AlertId {
        self.id
    }

    fn owner(&self) -> Option<&OrganizationId> {
        self.confirmations.first().map(|first| &first.organization)
    }
}

/// Which alerts are asked for; without any condition all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Of this kind.
    pub kind: Option<AlertKind>,
    /// Only those that stand.
    pub is_open: bool,
}

impl Projection {
    /// The alerts that meet every condition, by identifier.
    ///
    /// # Errors
    /// Those of the database.
    pub fn alerts(&self, filter: &AlertFilter, page: &PageRequest) -> Result<Page<Fact<Alert>>, ProjectionError> {
        let asked = |asked: bool, condition: &'static str| if asked { condition } else { "" };
        let query = format!(
            "SELECT nouns.revision, nouns.height, nouns.position, nouns.action, nouns.noun
             FROM alerts CROSS JOIN nouns ON nouns.kind = ?1 AND nouns.id = alerts.id
             WHERE alerts.id > ?2 {} {}
             ORDER BY alerts.id LIMIT ?4",
            asked(filter.kind.is_some(), "AND alerts.code = ?3"),
            asked(filter.is_open, "AND alerts.open = 1"),
        );
        let answer = self.store.read(|snapshot| {
            let after = page.after.as_ref().map_or("", Cursor::id);
            let values = params![Alert::KIND, after, filter.kind.map(AlertKind::code), rows(page.limit())];
            let found = snapshot.all("list alerts", &query, values, raw)?;
            found.into_iter().map(RawFact::decode).collect::<Result<Vec<Fact<Alert>>, _>>()
        })?;
        Ok(cut(answer.value, page.limit(), answer.height, |fact| Cursor::of_id(&fact.noun.id)))
    }

    /// What convicts whoever certified two histories: another certified header of a height that was applied here, where the one
    /// here has votes of its own.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fork(&self, other: CertifiedHeader) -> Result<Option<Box<TwoCertificates>>, ProjectionError> {
        let height = other.header.height;
        let own = self
            .store
            .read(|snapshot| Ok((header::header_at(snapshot, height)?, header::certificate_at(snapshot, height)?)))?;
        let (Some(header), Some(certificate)) = own.value else {
            return Ok(None);
        };
        let two = Box::new(TwoCertificates::new(CertifiedHeader { header, certificate }, other));
        let evidence = FaultEvidence::TwoCertificates(two.clone());
        Ok(gongxin_verify::fault::check(&self.network(), &evidence).is_ok().then_some(two))
    }

    /// How many alerts stand.
    ///
    /// # Errors
    /// Those of the database.
    pub fn open_alerts(&self) -> Result<Answer<u64>, ProjectionError> {
        self.store.read(|snapshot| {
            let query = "SELECT count(*) FROM alerts WHERE open = 1";
            let count: Option<u32> = snapshot.one("count alerts", query, [], |row| row.get(0))?;
            Ok(u64::from(count.unwrap_or(0)))
        })
    }

    /// The alert that was raised last about this, whether it stands or not.
    ///
    /// # Errors
    /// Those of the database.
    pub fn latest_alert(&self, topic: &AlertTopic) -> Result<Answer<Option<Fact<Alert>>>, ProjectionError> {
        const ACTION: &str = "find an alert";
        self.store.read(|snapshot| {
            let query = "SELECT max(number) FROM alerts WHERE topic = ?1";
            let number: Option<Option<u32>> = snapshot.one(ACTION, query, [codec::encode(topic)], |row| row.get(0))?;
            match number.flatten() {
                Some(number) => noun::latest::<Alert>(snapshot, &topic.id(number)),
                None => Ok(None),
            }
        })
    }
}

/// Puts in what somebody found.
pub(crate) fn raised(effect: &Effect<'_>, finding: &Finding) -> Result<(), ProjectionError> {
    let topic = finding.topic();
    let query = "SELECT max(number) FROM alerts WHERE topic = ?1";
    let last: Option<Option<u32>> = one(effect.database, query, [codec::encode(&topic)], |row| row.get(0))
        .map_err(ProjectionError::storage("find an alert"))?;
    let last = last.flatten().unwrap_or(0);
    let is_next = !changed(effect, &topic.id(last))?;
    if is_next && !changed(effect, &topic.id(last.saturating_add(1)))? {
        return Err(ProjectionError::NotUnderstood { height: effect.at.height(), what: Alert::NAME });
    }
    Ok(())
}

/// Puts in that somebody said that it was over.
pub(crate) fn ended(effect: &Effect<'_>, id: &AlertId) -> Result<(), ProjectionError> {
    changed(effect, id).map(|_| ())
}

/// Whether the action changed this alert.
fn changed(effect: &Effect<'_>, id: &AlertId) -> Result<bool, ProjectionError> {
    let pages = Pages::new(effect.writes);
    let after = noun::apply::<Alert>(effect.database, id, &pages, Place::Action(effect.at))?;
    if let Some(after) = &after {
        index(effect.database, after).map_err(ProjectionError::storage("index an alert"))?;
    }
    Ok(after.is_some())
}

/// Makes an alert findable by what it is about, by kind, and by whether it stands.
fn index(database: &Connection, noun: &Alert) -> rusqlite::Result<()> {
    let query = "INSERT INTO alerts (id, topic, number, code, open) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET open = ?5";
    let (topic, code) = (codec::encode(&noun.topic), noun.topic.kind.code());
    insert(database, query, params![noun.id.to_string(), topic, noun.number, code, noun.is_open()])
}

//! Facts of the ledger as the faces ask for them, each as of a height.

use std::collections::BTreeMap;

use gongxin_projection::{
    ActionLocation, Cursor, Fact as Noun, GrantFilter, Notarised, ObligationFact as Owed, ObligationFilter as Filter,
    Page as Found, PageRequest, RecordFact as Slot,
};
use gongxin_types::{Height, RecordId, ResourceId, Time, TransactionId};

use crate::office::{Office, internal};
use crate::port::{
    CalendarFact, EvidenceFact, Fact, FactKey, Facts, HistoryFact, Known, ObligationFact, ObligationFilter,
    OfficeError, Page, ParametersFact, Place, ProposalFact, Question, RecordFact,
};
use crate::{readings, serving};

/// One fact by its identifier.
pub(crate) fn find(office: &Office, key: FactKey) -> Result<Option<Fact>, OfficeError> {
    let copy = &office.projection;
    let fact = match key {
        FactKey::Organization(id) => {
            copy.organization(&id).map_err(internal)?.value.map(|fact| Fact::Organization(known(fact)))
        }
        FactKey::Officer(id) => copy.officer(&id).map_err(internal)?.value.map(|fact| Fact::Officer(known(fact))),
        FactKey::Duty(id) => copy.duty(&id).map_err(internal)?.value.map(|fact| Fact::Duty(known(fact))),
        FactKey::Resource(id) => copy.resource(&id).map_err(internal)?.value.map(|fact| Fact::Resource(known(fact))),
        FactKey::Grant(id) => copy.grant(&id).map_err(internal)?.value.map(|fact| Fact::Grant(known(fact))),
        FactKey::Proposal(id) => match copy.proposal(&id).map_err(internal)?.value {
            Some(fact) => Some(Fact::Proposal(ProposalFact {
                proposal: known(fact),
                proposed: copy.matter(&id).map_err(internal)?.value,
            })),
            None => None,
        },
        FactKey::Pending(id) => copy.pending(&id).map_err(internal)?.value.map(|fact| Fact::Pending(known(fact))),
        FactKey::PolicySet => Some(Fact::PolicySet(known(copy.policy_set().map_err(internal)?.value))),
        FactKey::Parameters => {
            let fact = copy.parameters().map_err(internal)?.value;
            Some(Fact::Parameters(ParametersFact { revision: fact.revision, parameters: known(fact) }))
        }
        FactKey::Calendar => Some(Fact::Calendar(calendar(office)?)),
        FactKey::ValidatorSet => Some(Fact::ValidatorSet(serving::find(office)?)),
        FactKey::Network => Some(Fact::Network(copy.network_file().map_err(internal)?.value)),
        FactKey::Obligation(id) => copy.obligation(&id).map_err(internal)?.value.map(obligation),
        FactKey::Alert(id) => copy.noun(&id).map_err(internal)?.value.map(|fact| Fact::Alert(known(fact))),
        FactKey::Gateway(id) => copy.gateway(&id).map_err(internal)?.value.map(|fact| Fact::Gateway(known(fact))),
        FactKey::Evidence(id) => match copy.evidence(&id).map_err(internal)?.value {
            Some(fact) => evidence(&mut Places::new(office), fact)?.map(Fact::Evidence),
            None => None,
        },
        FactKey::Record(resource, id) => {
            let slot = copy.record(&resource, &id).map_err(internal)?.value;
            slot.map(|slot| Fact::Record(record(&resource, slot)))
        }
        FactKey::Access(officer, request) => readings::find(office, officer, request)?.map(Fact::Access),
    };
    Ok(fact)
}

/// A page of facts of one kind.
pub(crate) fn list(office: &Office, question: Question, page: &Page) -> Result<Facts, OfficeError> {
    // Read before the facts: they may be newer than this height says, and never older.
    let tip = office.tip();
    let (items, next) = found(office, question, page)?;
    Ok(Facts { items, next, tip })
}

/// Facts, and where the next page begins.
pub(crate) type Items = (Vec<Fact>, Option<String>);

fn found(office: &Office, question: Question, page: &Page) -> Result<Items, OfficeError> {
    let copy = &office.projection;
    let request = asked(page)?;
    match question {
        Question::Organizations => Ok(nouns(copy.organizations(&request).map_err(internal)?, Fact::Organization)),
        Question::Officers => Ok(nouns(copy.officers(None, &request).map_err(internal)?, Fact::Officer)),
        Question::Duties => Ok(nouns(copy.duties(None, &request).map_err(internal)?, Fact::Duty)),
        Question::Resources => Ok(nouns(copy.resources(None, &request).map_err(internal)?, Fact::Resource)),
        Question::Grants => Ok(nouns(copy.grants(&GrantFilter::default(), &request).map_err(internal)?, Fact::Grant)),
        Question::Proposals => {
            let listed = |proposal| Fact::Proposal(ProposalFact { proposal, proposed: None });
            Ok(nouns(copy.proposals(None, &request).map_err(internal)?, listed))
        }
        Question::Obligations(ObligationFilter { obligor, obligee, is_overdue }) => {
            let filter = Filter { obligor, obligee, is_overdue };
            let found = copy.obligations(&filter, &request).map_err(internal)?;
            Ok((found.items.into_iter().map(obligation).collect(), cursor(found.next)))
        }
        Question::Alerts(filter) => Ok(nouns(copy.alerts(&filter, &request).map_err(internal)?, Fact::Alert)),
        Question::Pending => Ok(nouns(copy.pending_acts(None, &request).map_err(internal)?, Fact::Pending)),
        Question::Gateways => Ok(nouns(copy.gateways(None, &request).map_err(internal)?, Fact::Gateway)),
        Question::Evidence => {
            let found = copy.evidences(None, &request).map_err(internal)?;
            let mut places = Places::new(office);
            let mut items = Vec::new();
            for fact in found.items {
                items.extend(evidence(&mut places, fact)?.map(Fact::Evidence));
            }
            Ok((items, cursor(found.next)))
        }
        Question::Records { resource: Some(resource) } => {
            let found = copy.records(&resource, &request).map_err(internal)?;
            let items = found.items.into_iter().map(|slot| Fact::Record(record(&resource, slot))).collect();
            Ok((items, cursor(found.next)))
        }
        Question::Records { resource: None } => {
            Err(OfficeError::Invalid { reason: "records are listed by resource: name one with `resource`".into() })
        }
        Question::History { resource, record } => history(office, &resource, record, page),
        Question::Accesses(filter) => readings::list(office, &filter, request),
    }
}

fn calendar(office: &Office) -> Result<CalendarFact, OfficeError> {
    let (copy, clock) = (&office.projection, *office.projection.clock());
    let answer = copy.calendar().map_err(internal)?;
    let (revision, today) = (answer.value.revision, clock.date(answer.time));
    Ok(CalendarFact { revision, today, clock, calendar: known(answer.value) })
}

fn obligation(found: Owed) -> Fact {
    let Owed { fact, due_date, is_provisional, is_overdue } = found;
    let obligation = known(fact);
    Fact::Obligation(ObligationFact { obligation, due_date, provisional: is_provisional, overdue: is_overdue })
}

/// The page asked for, in the copy's own words.
fn asked(page: &Page) -> Result<PageRequest, OfficeError> {
    let after: Option<Cursor> = match &page.after {
        Some(text) => Some(
            text.parse()
                .map_err(|error: gongxin_projection::CursorError| OfficeError::Invalid { reason: error.to_string() })?,
        ),
        None => None,
    };
    Ok(PageRequest { after, limit: page.limit })
}

fn nouns<N>(found: Found<Noun<N>>, wrap: impl Fn(Known<N>) -> Fact) -> Items {
    let items = found.items.into_iter().map(|fact| wrap(known(fact))).collect();
    (items, cursor(found.next))
}

/// Where the next page of the copy begins, in the port's words.
pub(crate) fn cursor(next: Option<Cursor>) -> Option<String> {
    next.map(|cursor| cursor.to_string())
}

fn known<N>(fact: Noun<N>) -> Known<N> {
    Known { noun: fact.noun, height: fact.changed }
}

fn record(resource: &ResourceId, fact: Slot) -> RecordFact {
    RecordFact {
        resource: resource.clone(),
        record: fact.record,
        slot: fact.slot,
        height: fact.operation.action.height(),
    }
}

fn evidence(places: &mut Places<'_>, fact: Noun<Notarised>) -> Result<Option<EvidenceFact>, OfficeError> {
    let Some(at) = fact.action else { return Ok(None) };
    let noun = fact.noun;
    let place = places.of(at, noun.slot.time, None)?;
    Ok(Some(EvidenceFact {
        id: noun.id,
        organization: noun.organization,
        officer: noun.slot.officer,
        evidence: noun.evidence,
        place,
    }))
}

/// A record's history; the cursor is the version of the last line.
fn history(office: &Office, resource: &ResourceId, record: RecordId, page: &Page) -> Result<Items, OfficeError> {
    let after: u32 = match &page.after {
        Some(text) => text.parse().map_err(|_| OfficeError::Invalid { reason: "not a cursor of this list".into() })?,
        None => 0,
    };
    let lines = office.projection.history(resource, &record).map_err(internal)?.value;
    let mut places = Places::new(office);
    let mut items = Vec::new();
    let mut next = None;
    for line in lines.into_iter().filter(|line| line.entry.version > after) {
        if items.len() == page.limit {
            next = items.last().and_then(|fact| match fact {
                Fact::History(last) => Some(last.entry.version.to_string()),
                _ => None,
            });
            break;
        }
        let place = places.of(line.operation.action, line.time, Some(line.operation.operation))?;
        items.push(Fact::History(HistoryFact { entry: line.entry, place }));
    }
    Ok((items, next))
}

/// Places with the identifiers of their transactions, each block looked up once.
pub(crate) struct Places<'a> {
    office: &'a Office,
    blocks: BTreeMap<Height, Vec<TransactionId>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(office: &'a Office) -> Self {
        Self { office, blocks: BTreeMap::new() }
    }

    /// The place of an action, or of one operation of it.
    pub(crate) fn of(&mut self, at: ActionLocation, time: Time, operation: Option<u32>) -> Result<Place, OfficeError> {
        let height = at.height();
        if !self.blocks.contains_key(&height) {
            let ids = self.office.projection.transactions_of(height).map_err(internal)?.value;
            self.blocks.insert(height, ids);
        }
        let ids = self.blocks.get(&height);
        let position = usize::try_from(at.transaction.transaction).unwrap_or(usize::MAX);
        let id = ids.and_then(|ids| ids.get(position)).ok_or_else(|| OfficeError::Unavailable {
            reason: "the copy of the ledger lacks a transaction it refers to: rebuild it".into(),
        })?;
        Ok(Place { height, time, transaction: *id, index: at.action, operation })
    }
}

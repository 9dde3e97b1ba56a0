//! What the copy answers, and at which height.

use gongxin_projection::{Location, PageRequest};
use gongxin_types::access::ListSlot;
use gongxin_types::{DutyId, Effect, EvidenceId, Height, ListKey, RequestId};

use crate::chain::{Chain, Copy, EVE, SUITE, batch, create, delete, divisions, duty, record, story, update};

fn at(height: u64, transaction: u32, action: u16) -> gongxin_projection::ActionLocation {
    Location { height: Height::new(height), transaction }.action(action)
}

/// The organizations of genesis, and a duty with both of its versions; the amendment wrote only some of its pages.
#[test]
fn nouns_have_their_versions() {
    let copy = Copy::complete(&story());
    let organizations = copy.projection.organizations(&PageRequest::default()).unwrap();
    let names: Vec<_> = organizations.items.iter().map(|fact| fact.noun.id.as_str()).collect();
    assert_eq!((names, organizations.height), (vec!["civil-affairs", "housing"], Height::new(6)));
    assert_eq!(organizations.items[0].changed, Height::GENESIS);

    let id: DutyId = "civil-affairs/divisions".parse().unwrap();
    let latest = copy.projection.duty(&id).unwrap().value.unwrap();
    assert_eq!((latest.noun, latest.revision, latest.action), (duty(2), 2, Some(at(5, 1, 0))));
    let then = copy.projection.noun_at::<gongxin_types::Duty>(&id, Height::new(4)).unwrap().value.unwrap();
    assert_eq!((then.noun, then.changed), (duty(1), Height::new(1)));
    assert!(copy.projection.noun_at::<gongxin_types::Duty>(&id, Height::GENESIS).unwrap().value.is_none());
    assert_eq!(copy.projection.noun_revisions::<gongxin_types::Duty>(&id).unwrap().value.len(), 2);
    let owner = "housing".parse().unwrap();
    assert!(copy.projection.duties(Some(&owner), &PageRequest::default()).unwrap().items.is_empty());
    assert_eq!(copy.projection.policy_set().unwrap().value.noun.revision, 1);
    assert_eq!(copy.projection.parameters().unwrap().value.noun.release_lifetime_ms, 86_400_000);
}

/// One record through its life: created, updated twice, one update refused for its version; another one deleted.
#[test]
fn a_history_shows_what_took_effect() {
    let copy = Copy::complete(&story());
    let history = copy.projection.history(&divisions(), &record(1)).unwrap().value;
    let lines: Vec<_> = history.iter().map(|line| (line.entry.version, line.operation)).collect();
    assert_eq!(lines, [(1, at(1, 1, 0).operation(0)), (2, at(3, 0, 1).operation(0)), (3, at(6, 0, 0).operation(0))]);
    assert_eq!(history[2].entry.operation, update(1, 2));
    let slot = copy.projection.record(&divisions(), &record(1)).unwrap().value.unwrap().slot;
    assert_eq!((slot.version, slot.commitment), (3, update(1, 2).commitment()));
    let gone = copy.projection.record(&divisions(), &record(2)).unwrap().value.unwrap();
    assert_eq!((gone.slot.version, gone.slot.commitment, gone.operation), (2, None, at(3, 0, 1).operation(1)));
    assert_eq!(copy.projection.history(&divisions(), &record(2)).unwrap().value[1].entry.operation, delete(2, 1));

    let refusals =
        copy.projection.refusals(Some(&"civil-affairs".parse().unwrap()), &PageRequest::default()).unwrap().items;
    assert_eq!(refusals.iter().map(|refused| refused.at).collect::<Vec<_>>(), [at(4, 0, 0)]);
    assert_eq!(copy.projection.check().unwrap().value, []);
}

/// Who read record 1: the list is complete, because it hashes to the head; and what became of one request.
#[test]
fn a_list_of_readings_is_complete() {
    let copy = Copy::complete(&story());
    let list = ListKey::Record { record: record(1) };
    let page = copy.projection.accesses_by_list(&list, &PageRequest::default()).unwrap();
    assert_eq!(page.items.iter().map(|entry| entry.at).collect::<Vec<_>>(), [at(3, 0, 0), at(5, 0, 0), at(6, 0, 1)]);
    let computed =
        page.items.iter().fold(ListSlot::empty(SUITE), |slot, entry| slot.with(SUITE, &entry.access.digest(SUITE)));
    assert_eq!(copy.projection.access_list(&list).unwrap().value, Some(computed));
    let nobody = ListKey::Record { record: record(5) };
    assert_eq!(copy.projection.access_list(&nobody).unwrap().value, None);

    let entry = copy.projection.access_by_request(&EVE, &RequestId::new([2; 16])).unwrap().value.unwrap();
    assert_eq!((entry.at, entry.decision.effect), (at(5, 0, 0), Effect::Allow));
    assert!(copy.projection.access_by_request(&EVE, &RequestId::new([9; 16])).unwrap().value.is_none());
    let everything = PageRequest::default();
    assert_eq!(copy.projection.accesses(&everything).unwrap().items.len(), 3);
    assert_eq!(copy.projection.accesses_by_resource(&divisions(), &everything).unwrap().items.len(), 3);
    assert_eq!(copy.projection.accesses_by_reader(&"housing".parse().unwrap(), &everything).unwrap().items.len(), 3);
    assert_eq!(copy.projection.accesses_by_officer(&EVE, &everything).unwrap().items.len(), 3);
    assert!(
        copy.projection.accesses_by_reader(&"civil-affairs".parse().unwrap(), &everything).unwrap().items.is_empty()
    );
}

/// A reader goes through pages of two while a block arrives between them: nothing is missed, nothing comes twice.
#[test]
fn a_cursor_stays_valid_while_blocks_arrive() {
    let mut chain = Chain::new("pages");
    chain.block(vec![vec![batch([10, 20, 30, 40, 50].map(create).to_vec())]]);
    let copy = Copy::complete(&chain);
    let mut request = PageRequest { limit: 2, ..PageRequest::default() };
    let mut seen = Vec::new();
    loop {
        let page = copy.projection.records(&divisions(), &request).unwrap();
        seen.extend(page.items.iter().map(|fact| fact.record.as_bytes()[0]));
        if seen.len() == 2 {
            chain.block(vec![vec![batch(vec![create(5), create(60), delete(20, 1)])]]);
            copy.offer(chain.blocks.last().unwrap());
        }
        let Some(next) = page.next else { break };
        request.after = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(seen, [10, 20, 30, 40, 50, 60]);
}

/// A transaction is found by its id, with what it said and what became of each action; a document by its digest.
#[test]
fn transactions_and_documents_are_found() {
    let chain = story();
    let copy = Copy::complete(&chain);
    let sent = &chain.blocks[2].transactions[0];
    let answer = copy.projection.transaction(&sent.id(SUITE)).unwrap();
    assert_eq!(
        (answer.value, answer.height),
        (Some(Location { height: Height::new(3), transaction: 0 }), Height::new(6))
    );
    let fact = copy.projection.transaction_fact(&sent.id(SUITE)).unwrap().value.unwrap();
    assert_eq!((&fact.transaction, fact.actions.len()), (sent, 2));
    assert_eq!(copy.projection.block(Height::new(3)).unwrap().value.as_ref(), Some(&chain.blocks[2]));

    let organization = "civil-affairs".parse().unwrap();
    let id = EvidenceId::of(SUITE, &organization, &SUITE.hash(&[b"a document"]));
    let notarised = copy.projection.evidence(&id).unwrap().value.unwrap();
    assert_eq!((notarised.noun.slot.time, notarised.changed), (chain.blocks[3].header.time, Height::new(4)));
}

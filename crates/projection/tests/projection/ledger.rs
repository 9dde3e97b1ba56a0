//! The copy beside the real rules: whatever `state` does, the copy holds the same nouns, slots and lists.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::Suite;
use gongxin_projection::{GrantFilter, Noun, PageRequest, Projection};
use gongxin_state::key::{self, Kind};
use gongxin_state::page;
use gongxin_test_support::world::{self, BEGINNING, DIVISIONS};
use gongxin_test_support::{Person, Reading, Sandbox};
use gongxin_types::access::ListSlot;
use gongxin_types::action::OfficerChange;
use gongxin_types::record::RecordSlot;
use gongxin_types::{
    AccessAuthority, Action, Duty, Effect, Evidence, Gateway, Grant, GrantId, ListKey, Officer, Organization,
    OrganizationKind, Resource, Role, Time, bundle::Network,
};
use gongxin_verify::bundle;

/// What the state holds of a noun.
pub(crate) fn in_state<T: BorshDeserialize>(sandbox: &Sandbox, kind: Kind, id: &impl BorshSerialize) -> Option<T> {
    let first = sandbox.pages.get(&key::of(kind, id, 0))?;
    let count = u32::try_from(page::count(page::length(first))).unwrap();
    let pages: Vec<_> = (0..count).map(|index| sandbox.pages[&key::of(kind, id, index)]).collect();
    Some(borsh::from_slice(&page::join(&pages).unwrap()).unwrap())
}

/// Compares every noun of a kind; how many there are, and how many changed since genesis.
pub(crate) fn agree<N>(sandbox: &Sandbox, projection: &Projection, kind: Kind) -> (usize, usize)
where
    N: Noun + PartialEq + std::fmt::Debug,
{
    let facts = projection.nouns::<N>(None, &PageRequest::largest()).unwrap().items;
    for fact in &facts {
        assert_eq!(Some(&fact.noun), in_state::<N>(sandbox, kind, &fact.noun.id()).as_ref());
    }
    (facts.len(), facts.iter().filter(|fact| fact.action.is_some()).count())
}

pub(crate) fn takes_effect(sandbox: &mut Sandbox, person: &Person, action: Action) {
    let transaction = sandbox.sign(person, [action]);
    let receipt = sandbox.act(transaction);
    assert_eq!(receipt.decision.effect, Effect::Allow, "{:?}: {:?}", receipt.action, receipt.decision);
}

pub(crate) fn copy_of(sandbox: &Sandbox) -> (tempfile::TempDir, Projection) {
    let directory = tempfile::tempdir().unwrap();
    let projection = Projection::open(directory.path(), &sandbox.genesis).unwrap();
    for block in &sandbox.blocks {
        projection.offer(block.clone()).unwrap();
    }
    (directory, projection)
}

/// Every kind of act that takes effect: members, officers and their keys, gateways, duties, the catalogue, grants,
/// evidence. The copy ends with the nouns that the state holds, field by field.
#[test]
#[expect(clippy::too_many_lines, reason = "one story, act by act")]
fn nouns_are_those_of_the_state() {
    let mut sandbox = Sandbox::new();
    let suite = sandbox.suite;
    let person = |organization, role: Role| Person::new(suite, 1, organization, role.code(), &[role]);
    let (bureau, authority) = (person("data-bureau", Role::Authority), person("civil-affairs", Role::Authority));
    let (steward, operator) = (person("civil-affairs", Role::DataSteward), person("civil-affairs", Role::Operator));

    let member = world::organization("health-commission", OrganizationKind::Department);
    takes_effect(&mut sandbox, &bureau, Action::RegisterOrganization(member));

    let newcomer = Person::new(suite, 1, "civil-affairs", "newcomer", &[Role::CaseOfficer]);
    let (second, id) = (suite.secret_from_seed(&[77; 32]).public(), newcomer.officer_id());
    let appointed = Officer { admitted_by: Some(authority.officer_id()), ..world::officer(&newcomer) };
    takes_effect(&mut sandbox, &authority, Action::RegisterOfficer(appointed));
    let until = Some(Time::from_millis(BEGINNING.millis() + 86_400_000));
    let change = OfficerChange { id, roles: world::list([Role::CaseOfficer, Role::DataSteward]), until };
    takes_effect(&mut sandbox, &authority, Action::AmendOfficer(change));
    let key = gongxin_types::OfficerKey { key: second, ..world::key(&newcomer) };
    takes_effect(&mut sandbox, &newcomer, Action::AddOfficerKey(id, key));
    takes_effect(&mut sandbox, &authority, Action::RevokeOfficerKey(id, newcomer.secret.public()));
    takes_effect(&mut sandbox, &authority, Action::DismissOfficer(id));

    let server = Person::gateway(suite, 1, "civil-affairs", "second gateway");
    let gateway = world::gateway(&server, 1);
    takes_effect(&mut sandbox, &operator, Action::RegisterGateway(gateway.clone()));
    let moved = Gateway { address: "gateway.example.gov.cn:8443".parse().unwrap(), ..gateway };
    takes_effect(&mut sandbox, &operator, Action::AmendGateway(moved));
    takes_effect(&mut sandbox, &operator, Action::RevokeGateway(server.gateway_id()));

    let duty = world::duty("civil-affairs/marriage-registration", world::DIVISIONS_BASIS);
    takes_effect(&mut sandbox, &steward, Action::RegisterDuty(duty.clone()));
    let longer = Duty { description: world::text("登记 ".repeat(80).trim()), revision: 2, ..duty.clone() };
    takes_effect(&mut sandbox, &steward, Action::AmendDuty(longer));
    takes_effect(&mut sandbox, &steward, Action::AmendDuty(Duty { revision: 3, ..duty.clone() }));
    takes_effect(&mut sandbox, &steward, Action::WithdrawDuty(duty.id));

    let resource = Resource { id: "civil-affairs/townships".parse().unwrap(), ..world::divisions() };
    takes_effect(&mut sandbox, &steward, Action::PublishResource(resource.clone()));
    let fields = world::list([
        world::field("code", true, false),
        world::field("name", false, false),
        world::field("seat", false, true),
    ]);
    takes_effect(&mut sandbox, &steward, Action::AmendResource(Resource { fields, revision: 2, ..resource.clone() }));
    takes_effect(&mut sandbox, &steward, Action::WithdrawResource(resource.id));

    let ends = Time::from_millis(BEGINNING.millis() + 3_600_000);
    let (kept, ended) =
        (sandbox.grant("kept", "housing", &["code", "name"], ends), sandbox.grant("ended", "housing", &["name"], ends));
    takes_effect(&mut sandbox, &steward, Action::IssueGrant(kept.clone()));
    takes_effect(&mut sandbox, &steward, Action::IssueGrant(ended.clone()));
    takes_effect(&mut sandbox, &steward, Action::RevokeGrant(ended.id));
    let document = Evidence {
        digest: suite.hash(&[b"a document"]),
        media_type: "application/pdf".parse().unwrap(),
        legal_basis: world::DIVISIONS_BASIS.parse().unwrap(),
    };
    takes_effect(&mut sandbox, &steward, Action::NotariseEvidence(document));

    let (_directory, projection) = copy_of(&sandbox);
    assert_eq!(agree::<Organization>(&sandbox, &projection, Kind::Organization), (7, 1));
    assert_eq!(agree::<Officer>(&sandbox, &projection, Kind::Officer).1, 1);
    assert_eq!(agree::<Gateway>(&sandbox, &projection, Kind::Gateway), (5, 1));
    assert_eq!(agree::<Duty>(&sandbox, &projection, Kind::Duty), (2, 1));
    assert_eq!(agree::<Resource>(&sandbox, &projection, Kind::Resource), (2, 1));
    assert_eq!(agree::<Grant>(&sandbox, &projection, Kind::Grant), (2, 2));
    let revisions = projection.noun_revisions::<Officer>(&id).unwrap().value;
    assert_eq!(revisions.len(), 5);
    assert!(revisions[4].noun.dismissed.is_some() && revisions[3].noun.dismissed.is_none());

    let filter = GrantFilter {
        reader: Some("housing".parse().unwrap()),
        resource: Some(DIVISIONS.parse().unwrap()),
        owner: None,
    };
    assert_eq!(projection.grants(&filter, &PageRequest::default()).unwrap().items.len(), 2);
    let nobody = GrantFilter { reader: Some("social-security".parse().unwrap()), ..filter };
    assert!(projection.grants(&nobody, &PageRequest::default()).unwrap().items.is_empty());
    assert!(projection.grant(&ended.id).unwrap().value.unwrap().noun.revoked.is_some());
    assert_eq!(projection.evidences(None, &PageRequest::default()).unwrap().items.len(), 1);
    assert!(projection.refusals(None, &PageRequest::default()).unwrap().items.is_empty());
}

/// Three years of a register, two readings and a refused one: slots and lists are those of the state, every history hashes
/// to its head, and every receipt verifies with the public keys alone.
#[test]
fn records_and_readings_are_those_of_the_state() {
    let mut sandbox = Sandbox::new();
    let suite = sandbox.suite;
    let steward = Person::new(suite, 1, "civil-affairs", "data-steward", &[Role::DataSteward]);
    let server = Person::gateway(suite, 1, "civil-affairs", "gateway");
    let eve = Person::new(suite, 1, "housing", "case-officer", &[Role::CaseOfficer]);

    let names: Vec<String> = (0..40).map(|number| format!("{}", 310_000 + number)).collect();
    let first = sandbox.batch(names.iter().map(|code| sandbox.create(code, "first name")));
    let second = sandbox.batch(names.iter().step_by(3).map(|code| sandbox.update(code, "second name", 1)));
    let third = sandbox.batch([sandbox.delete("310003", 2), sandbox.update("310006", "third name", 2)]);
    let stale = sandbox.batch([sandbox.update("310006", "nobody sees this", 2)]);
    let ends = Time::from_millis(BEGINNING.millis() + 3_600_000);
    let grant = sandbox.grant("reading", "housing", &["code", "name"], ends);
    let authority = AccessAuthority::Grant { grant: grant.id };
    for actions in [vec![first], vec![second, Action::IssueGrant(grant)], vec![third, stale]] {
        let transaction = sandbox.sign(&steward, actions);
        sandbox.block_uncertified(vec![transaction]).unwrap();
    }
    let list = ListKey::Record { record: sandbox.record_id("310006") };
    let network = sandbox.network();
    let read = |authority: &AccessAuthority, label: &str| {
        let reading = Reading::of_division(network, suite, &eve, authority.clone(), "310006", label);
        Action::RecordAccess(reading.answered(suite, &server, [list]))
    };
    let elsewhere = AccessAuthority::Grant { grant: GrantId::new([9; 16]) };
    let window = sandbox.sign(&server, [read(&authority, "one"), read(&elsewhere, "refused"), read(&authority, "two")]);
    sandbox.block(vec![window]).unwrap();

    let (_directory, projection) = copy_of(&sandbox);
    let resource = DIVISIONS.parse().unwrap();
    let records = projection.records(&resource, &PageRequest::largest()).unwrap().items;
    assert_eq!(records.len(), 40);
    for fact in &records {
        let held: Option<RecordSlot> = in_state(&sandbox, Kind::Record, &(&resource, &fact.record));
        assert_eq!(Some(&fact.slot), held.as_ref());
    }
    assert_eq!(projection.check().unwrap().value, []);
    let held: Option<ListSlot> = sandbox.pages.get(&key::list(&list)).and_then(page::decode_slot);
    assert_eq!(projection.access_list(&list).unwrap().value, held);
    assert_eq!(held.map(|slot| slot.count), Some(2));
    assert_eq!(projection.accesses(&PageRequest::default()).unwrap().items.len(), 3);
    assert_eq!(projection.accesses_by_list(&list, &PageRequest::default()).unwrap().items.len(), 2);
    assert_eq!(projection.refusals(None, &PageRequest::default()).unwrap().items.len(), 2);

    let trusted = bundle::network_to_bytes(&Network::of(&sandbox.genesis.head));
    let refused = projection.refusals(None, &PageRequest::default()).unwrap().items;
    let places = records.iter().map(|fact| (fact.operation.action, Some(fact.operation.operation)));
    for (action, operation) in places.chain(refused.iter().map(|refused| (refused.at, None))) {
        let made = projection.bundle(action, operation).unwrap().value;
        let report = bundle::verify(&bundle::to_bytes(&made), &trusted);
        assert!(report.ok, "{report:?}");
    }
}

/// The suite with other lengths passes the same way through the copy.
#[test]
fn no_length_is_assumed() {
    let mut sandbox = Sandbox::with(Suite::Test, 2);
    let steward = Person::new(Suite::Test, 2, "civil-affairs", "data-steward", &[Role::DataSteward]);
    let batch = sandbox.batch([sandbox.create("310000", "上海市"), sandbox.create("320000", "江苏省")]);
    takes_effect(&mut sandbox, &steward, batch);
    let (_directory, projection) = copy_of(&sandbox);
    let record = projection.record(&DIVISIONS.parse().unwrap(), &sandbox.record_id("320000")).unwrap().value.unwrap();
    let trusted = bundle::network_to_bytes(&Network::of(&sandbox.genesis.head));
    let made = projection.bundle(record.operation.action, Some(record.operation.operation)).unwrap().value;
    assert!(bundle::verify(&bundle::to_bytes(&made), &trusted).ok);
    assert_eq!(projection.check().unwrap().value, []);
}

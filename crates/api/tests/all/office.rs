//! An office that holds a handful of real nouns and says what the test told it to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::Router;
use gongxin_api::{
    gateway,
    office_port::{
        AccessFact, AccessFilter, Answer, Fact, FactKey, Facts, Known, OfficeError, OfficePort, Outcome, Page, Place,
        Question, Reading, ReceiptPlace, RecordBody, Submission, Tip, TransactionState, Wait,
    },
};
use gongxin_crypto::{Digest, SealingPublic, Signature, Suite};
use gongxin_types::{
    Access, AccessAuthority, AccessOutcome, AccessRequest, Action, Bundle, Certificate, Decision, Effect, GatewayId,
    GrantId, Height, List, ListKey, Officer, OfficerId, OfficerKey, OrganizationId, RecordId, Refusal, RequestId,
    ResourceId, Role, Time, TransactionId,
    bundle::{BUNDLE_FORMAT, Encoded, Path, Subject},
    codec,
    header::HeaderDigest,
};

use crate::call::{NOW, ORIGIN, key};

/// Officers by number: their identifier is the number sixteen times, their key that of the number.
pub(crate) const HOUSING: u8 = 1;
pub(crate) const CIVIL_AFFAIRS: u8 = 2;
pub(crate) const FIRE_BRIGADE: u8 = 3;
pub(crate) const SUPERVISOR: u8 = 4;
pub(crate) const DISMISSED: u8 = 5;
/// A second key of housing's officer, and a revoked one.
pub(crate) const SECOND_KEY: u8 = 11;
pub(crate) const REVOKED_KEY: u8 = 12;

type Turn<T> = Mutex<Option<Result<T, OfficeError>>>;
/// What was handed in: a transaction, bodies, and whether to wait.
type Written = (Vec<u8>, Vec<RecordBody>, Wait);

/// The office of civil affairs.
#[derive(Default)]
pub(crate) struct FakeOffice {
    pub(crate) asked: Mutex<Vec<(Question, Page)>>,
    pub(crate) requests: Mutex<Vec<(AccessRequest, Signature)>>,
    pub(crate) written: Mutex<Vec<Written>>,
    pub(crate) reading: Turn<Reading>,
    pub(crate) submission: Turn<Submission>,
    pub(crate) state: Turn<TransactionState>,
    pub(crate) receipt: Mutex<Option<Bundle>>,
    pub(crate) behind: Mutex<Option<String>>,
    pub(crate) notes: Mutex<Vec<String>>,
    /// The gateway's clock, seconds, where it does not stand still.
    pub(crate) clock: Mutex<Option<u64>>,
}

/// The office as the routes hold it.
pub(crate) struct Shared(pub(crate) Arc<FakeOffice>);

impl std::ops::Deref for Shared {
    type Target = FakeOffice;
    fn deref(&self) -> &FakeOffice {
        &self.0
    }
}

/// The router of civil affairs' gateway, and what stands behind it.
pub(crate) fn gateway() -> (Router, Arc<FakeOffice>) {
    gateway_at(ORIGIN)
}

/// The same, called by another name.
pub(crate) fn gateway_at(origin: &str) -> (Router, Arc<FakeOffice>) {
    let office = Arc::new(FakeOffice::default());
    (gateway::router(Shared(office.clone()), [origin.parse().unwrap()]), office)
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn digest(text: &str) -> Digest {
    Suite::Intl.hash(&[text.as_bytes()])
}

pub(crate) fn officer(number: u8) -> Option<Officer> {
    let (organization, role) = match number {
        HOUSING => ("housing", Role::CaseOfficer),
        CIVIL_AFFAIRS | DISMISSED => ("civil-affairs", Role::DataSteward),
        FIRE_BRIGADE => ("fire-brigade", Role::CaseOfficer),
        SUPERVISOR => ("audit-office", Role::Supervisor),
        _ => return None,
    };
    let time = |seconds: u64| Time::from_millis(seconds * 1_000);
    let key_of = |number: u8, revoked| OfficerKey { key: key(number).public(), from: time(0), until: None, revoked };
    let mut keys = vec![key_of(number, None)];
    if number == HOUSING {
        keys.push(key_of(SECOND_KEY, None));
        keys.push(key_of(REVOKED_KEY, Some(time(NOW - 100))));
    }
    Some(Officer {
        version: 1,
        id: OfficerId::new([number; 16]),
        organization: id(organization),
        roles: List::new(vec![role]).unwrap(),
        keys: List::new(keys).unwrap(),
        until: None,
        dismissed: (number == DISMISSED).then(|| time(NOW - 100)),
        admitted_by: None,
        given: List::empty(),
    })
}

/// A reading of a division by housing.
pub(crate) fn access() -> Access {
    Access {
        request_id: RequestId::new([0x0a; 16]),
        resource: id("civil-affairs/divisions"),
        authority: AccessAuthority::Grant { grant: GrantId::new([0x0b; 16]) },
        reader: id("housing"),
        officer: OfficerId::new([HOUSING; 16]),
        officer_key: key(HOUSING).public(),
        purpose: id("eligibility-check"),
        legal_basis: id("sharing-regulation-art-20"),
        lists: List::new(vec![ListKey::Record { record: RecordId::new([0x0c; 16]) }]).unwrap(),
        request_digest: digest("request"),
        outcome: AccessOutcome::Answered { response_digest: digest("response") },
        sealed_digest: digest("sealed"),
        gateway: GatewayId::new([0x0d; 16]),
        gateway_key: key(9).public(),
        officer_signature: key(HOUSING).sign(b"claim"),
        gateway_signature: key(9).sign(b"leaf"),
    }
}

/// A bundle about an action; only its subject is ever looked at here.
pub(crate) fn bundle(action: &Action) -> Bundle {
    Bundle {
        format: BUNDLE_FORMAT.into(),
        network: digest("network"),
        leaf: Encoded(vec![1, 2, 3]),
        subject: Subject::Action { action: Encoded(codec::encode(action)) },
        path: Path { index: 0, size: 1, hashes: List::empty() },
        headers: List::empty(),
        certificate: Certificate {
            epoch: 0,
            view: 1,
            parent_view: 0,
            header: HeaderDigest([0; 32]),
            votes: List::empty(),
        },
        epochs: List::empty(),
    }
}

pub(crate) fn reading_bundle() -> Bundle {
    bundle(&Action::RecordAccess(access()))
}

pub(crate) fn plain_bundle() -> Bundle {
    bundle(&Action::RevokeGrant(GrantId::new([0x0b; 16])))
}

pub(crate) fn allowed() -> Decision {
    Decision { effect: Effect::Allow, policies: List::new(vec![id("reader-with-grant")]).unwrap(), refusal: None }
}

pub(crate) fn denied(refusal: Refusal) -> Decision {
    Decision {
        effect: Effect::Deny,
        policies: List::new(vec![id("no-reading-after-term")]).unwrap(),
        refusal: Some(refusal),
    }
}

pub(crate) fn outcome(decision: Decision, receipt: Bundle) -> Outcome {
    Outcome { id: TransactionId(digest("transaction")), height: Height::new(17), decision, receipt }
}

pub(crate) fn tell<T>(turn: &Turn<T>, answer: Result<T, OfficeError>) {
    *turn.lock().unwrap() = Some(answer);
}

fn take<'a, T: Send + 'a>(turn: &Turn<T>) -> Answer<'a, T> {
    let answer = turn.lock().unwrap().take().expect("the test told the office what to answer");
    Box::pin(async move { answer })
}

fn ready<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(async move { Ok(answer) })
}

impl OfficePort for Shared {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn network(&self) -> Digest {
        digest("network")
    }

    fn organization(&self) -> OrganizationId {
        id("civil-affairs")
    }

    fn clock(&self) -> Time {
        Time::from_millis(self.clock.lock().unwrap().unwrap_or(NOW) * 1_000)
    }

    fn tip(&self) -> Tip {
        Tip { height: Height::new(20), time: Time::from_millis(NOW * 1_000) }
    }

    fn ready(&self) -> Result<(), String> {
        self.behind.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }

    fn metrics(&self) -> String {
        "gongxin_finalized_height 20\n".into()
    }

    fn officer(&self, id: OfficerId) -> Answer<'_, Option<Officer>> {
        ready(officer(id.as_bytes()[0]).filter(|officer| officer.id == id))
    }

    fn find(&self, key: FactKey) -> Answer<'_, Option<Fact>> {
        ready(match key {
            FactKey::Officer(id) => {
                officer(id.as_bytes()[0]).map(|noun| Fact::Officer(Known { noun, height: Height::new(3) }))
            }
            FactKey::Access(officer, request) if officer == access().officer && request == access().request_id => {
                Some(access_fact())
            }
            _ => None,
        })
    }

    fn list(&self, question: Question, page: Page) -> Answer<'_, Facts> {
        let officers: BTreeMap<u8, Fact> = (1..=4)
            .filter_map(|number| {
                Some((number, Fact::Officer(Known { noun: officer(number)?, height: Height::new(3) })))
            })
            .collect();
        let first = page.after.as_ref().map_or(0, |after| after.parse::<u8>().unwrap());
        let items: Vec<(u8, Fact)> =
            officers.into_iter().filter(|(number, _)| *number > first).take(page.limit).collect();
        let next = items.last().map(|(number, _)| number.to_string()).filter(|number| number != "4");
        let items = match question {
            Question::Officers => items.into_iter().map(|(_, fact)| fact).collect(),
            Question::Accesses(AccessFilter { .. }) => vec![access_fact()],
            _ => vec![],
        };
        self.asked.lock().unwrap().push((question, page));
        ready(Facts { items, next, tip: self.tip() })
    }

    fn receipt(&self, _: ReceiptPlace) -> Answer<'_, Option<Bundle>> {
        ready(self.receipt.lock().unwrap().clone())
    }

    fn transaction(&self, _: TransactionId) -> Answer<'_, TransactionState> {
        take(&self.state)
    }

    fn submit(&self, bytes: Vec<u8>, wait: Wait) -> Answer<'_, Submission> {
        self.written.lock().unwrap().push((bytes, vec![], wait));
        take(&self.submission)
    }

    fn write_records(&self, bytes: Vec<u8>, bodies: Vec<RecordBody>, wait: Wait) -> Answer<'_, Submission> {
        self.written.lock().unwrap().push((bytes, bodies, wait));
        take(&self.submission)
    }

    fn read(&self, request: AccessRequest, signature: Signature) -> Answer<'_, Reading> {
        self.requests.lock().unwrap().push((request, signature));
        take(&self.reading)
    }
}

fn access_fact() -> Fact {
    let place = Place {
        height: Height::new(17),
        time: Time::from_millis(NOW * 1_000),
        transaction: TransactionId(digest("transaction")),
        index: 0,
        operation: None,
    };
    Fact::Access(AccessFact { access: access(), decision: allowed(), place })
}

/// The request behind a call of housing's officer, as both sides must see it.
pub(crate) fn request() -> AccessRequest {
    let resource: ResourceId = id("civil-affairs/divisions");
    AccessRequest {
        version: 1,
        network: digest("network"),
        request_id: RequestId::new([0x0a; 16]),
        salt: [0x5a; 32],
        reader: id("housing"),
        officer: OfficerId::new([HOUSING; 16]),
        resource,
        key: List::new(vec![gongxin_types::text::PublicText::new("310000").unwrap()]).unwrap(),
        fields: List::new(vec![id("code"), id("name")]).unwrap(),
        history: false,
        purpose: id("eligibility-check"),
        legal_basis: id("sharing-regulation-art-20"),
        authority: AccessAuthority::Grant { grant: GrantId::new([0x0b; 16]) },
        case: Some(id("case-7")),
        sealing_key: SealingPublic::new(1, &[0x33; 32]).unwrap(),
    }
}

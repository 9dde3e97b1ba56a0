//! The gateway of an office that knows one officer and nothing else, and checks what it is given as a real one does first.

use axum::Router;
use gongxin_api::gateway;
use gongxin_api::office_port::{
    Answer, Fact, FactKey, Facts, OfficeError, OfficePort, Page, Question, Reading, ReceiptPlace, RecordBody,
    Submission, Tip, TransactionState, Wait,
};
use gongxin_crypto::{Digest, SecretKey, Signature, Suite};
use gongxin_types::{
    AccessRequest, Bundle, Height, List, Officer, OfficerId, OfficerKey, OrganizationId, Role, Time, Transaction,
    TransactionId, row::Row,
};

use crate::{canonical, words};

/// How the gateway is called.
pub const ORIGIN: &str = "http://gateway.test:8001";
/// Its clock, seconds since 1970: it stands still.
pub const CLOCK: u64 = 1_785_571_200;

/// The key of the one officer.
pub fn officer_key() -> SecretKey {
    Suite::Intl.secret_from_seed(&[9; 32])
}

/// The gateway's router.
pub(crate) fn router() -> Router {
    gateway::router(Quiet, [ORIGIN.parse().expect("a base URL")])
}

/// The one officer.
pub(crate) fn officer() -> Officer {
    let from = Time::from_millis(0);
    let key = OfficerKey { key: officer_key().public(), from, until: None, revoked: None };
    Officer {
        version: 1,
        id: OfficerId::new([9; 16]),
        organization: organization(),
        roles: List::new(vec![Role::DataSteward]).expect("one role"),
        keys: List::new(vec![key]).expect("one key"),
        until: None,
        dismissed: None,
        admitted_by: None,
        given: List::empty(),
    }
}

fn organization() -> OrganizationId {
    "civil-affairs".parse().expect("a name")
}

struct Quiet;

fn ready<'a, T: Send + 'a>(answer: Result<T, OfficeError>) -> Answer<'a, T> {
    Box::pin(async move { answer })
}

fn invalid(reason: impl ToString) -> OfficeError {
    OfficeError::Invalid { reason: reason.to_string() }
}

fn pending(bytes: &[u8]) -> Result<Submission, OfficeError> {
    let transaction = Transaction::from_bytes(bytes).map_err(invalid)?;
    Ok(Submission::Pending(transaction.id(Suite::Intl)))
}

impl OfficePort for Quiet {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn network(&self) -> Digest {
        Suite::Intl.hash(&[b"network"])
    }

    fn organization(&self) -> OrganizationId {
        organization()
    }

    fn clock(&self) -> Time {
        Time::from_millis(CLOCK * 1_000)
    }

    fn tip(&self) -> Tip {
        Tip { height: Height::new(20), time: Time::from_millis(CLOCK * 1_000) }
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn metrics(&self) -> String {
        "gongxin_gateway_height 20\n".into()
    }

    fn officer(&self, id: OfficerId) -> Answer<'_, Option<Officer>> {
        ready(Ok(Some(officer()).filter(|officer| officer.id == id)))
    }

    fn find(&self, _: FactKey) -> Answer<'_, Option<Fact>> {
        ready(Ok(None))
    }

    fn list(&self, _: Question, page: Page) -> Answer<'_, Facts> {
        assert!((1..=gongxin_api::limits::PAGE_ITEMS_MAX).contains(&page.limit));
        ready(Ok(Facts { items: Vec::new(), next: page.after, tip: self.tip() }))
    }

    fn receipt(&self, _: ReceiptPlace) -> Answer<'_, Option<Bundle>> {
        ready(Ok(None))
    }

    fn transaction(&self, _: TransactionId) -> Answer<'_, TransactionState> {
        ready(Ok(TransactionState::Unknown))
    }

    fn submit(&self, bytes: Vec<u8>, _: Wait) -> Answer<'_, Submission> {
        ready(pending(&bytes))
    }

    fn write_records(&self, bytes: Vec<u8>, bodies: Vec<RecordBody>, _: Wait) -> Answer<'_, Submission> {
        assert!(bodies.len() <= gongxin_api::limits::BODIES_MAX);
        let resource = words::resource();
        for body in &bodies {
            match Row::from_json(&body.row, &resource) {
                Ok(row) => assert_eq!(row.check(&resource), Ok(())),
                Err(error) => return ready(Err(invalid(error))),
            }
        }
        ready(pending(&bytes))
    }

    fn read(&self, request: AccessRequest, _: Signature) -> Answer<'_, Reading> {
        let encoded = gongxin_types::codec::encode(&request);
        assert_eq!(canonical::<AccessRequest>("request", &encoded).as_ref(), Some(&request));
        assert!(!request.key.is_empty() && request.fields.is_sorted_by(|one, next| one < next));
        ready(Err(OfficeError::Pending { retry_after_ms: 250 }))
    }
}

//! Facts of the ledger: pages, single nouns, and who sees which readings.

use expect_test::expect;
use gongxin_api::office_port::{AccessFilter, ObligationFilter, Question};
use gongxin_types::{ListKey, RecordId, RequestId};

use crate::{
    call::Signed,
    office::{self, CIVIL_AFFAIRS, FIRE_BRIGADE, HOUSING, SUPERVISOR, gateway, id, plain_bundle, reading_bundle},
};

/// A list comes in pages that lead to one another, each with the height and time it is true at.
#[tokio::test]
async fn pages_lead_to_one_another() {
    let (router, _) = gateway();
    let first = Signed::get("/api/v1/officers?limit=3", HOUSING).send(&router).await.json();
    assert_eq!((first["items"].as_array().unwrap().len(), &first["height"]), (3, &20.into()));
    assert_eq!(first["time"], "2026-08-01T08:00:00.000Z");
    assert_eq!((&first["items"][0]["organization"], &first["items"][0]["height"]), (&"housing".into(), &3.into()));
    let next = format!("/api/v1/officers?limit=3&cursor={}", first["next"].as_str().unwrap());
    let second = Signed::get(&next, HOUSING).send(&router).await.json();
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (1, &serde_json::Value::Null));
}

/// One noun by its identifier; one that is not there.
#[tokio::test]
async fn one_officer() {
    let (router, _) = gateway();
    let path = format!("/api/v1/officers/{}", "02".repeat(16));
    let answer = Signed::get(&path, HOUSING).send(&router).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["organization"]), (200, &"civil-affairs".into()));
    let path = format!("/api/v1/officers/{}", "77".repeat(16));
    expect!["404 not-found: nothing by this identifier is on the ledger as far as it is known here"]
        .assert_eq(&Signed::get(&path, HOUSING).send(&router).await.problem());
}

/// Lists with filters reach the office as they were asked; identifiers with a slash are two parts of the path.
#[tokio::test]
async fn questions_arrive() {
    let (router, office) = gateway();
    let record = "0c".repeat(16);
    for path in [
        "/api/v1/records?resource=civil-affairs/divisions".to_owned(),
        format!("/api/v1/records/civil-affairs/divisions/{record}/history"),
        format!("/api/v1/accesses?list=record:{record}"),
        "/api/v1/accesses?list=resource:civil-affairs/divisions&reader=housing".to_owned(),
        format!("/api/v1/records/civil-affairs%2Fdivisions%2f{record}/history"),
        "/api/v1/obligations?obligor=housing&overdue=true".to_owned(),
    ] {
        assert_eq!(Signed::get(&path, SUPERVISOR).send(&router).await.status, 200, "{path}");
    }
    let record = RecordId::new([0x0c; 16]);
    let resource: gongxin_types::ResourceId = id("civil-affairs/divisions");
    let all = AccessFilter { within: None, reader: None, resource: None, list: None };
    let found_nothing = ListKey::of_resource(gongxin_crypto::Suite::Intl, &resource);
    let asked: Vec<Question> = office.asked.lock().unwrap().iter().map(|(question, _)| question.clone()).collect();
    assert_eq!(
        asked,
        [
            Question::Records { resource: Some(resource.clone()) },
            Question::History { resource: resource.clone(), record },
            Question::Accesses(AccessFilter { list: Some(ListKey::Record { record }), ..all.clone() }),
            Question::Accesses(AccessFilter { list: Some(found_nothing), reader: Some(id("housing")), ..all }),
            Question::History { resource, record },
            Question::Obligations(ObligationFilter { obligor: Some(id("housing")), obligee: None, is_overdue: true }),
        ]
    );
}

/// A reading is seen by the reader's office, the owner's office and the supervisor; a third office is refused.
#[tokio::test]
async fn who_sees_a_reading() {
    let (router, office) = gateway();
    let path = format!("/api/v1/accesses/{}/{}", office::access().officer, RequestId::new([0x0a; 16]));
    for number in [HOUSING, CIVIL_AFFAIRS, SUPERVISOR] {
        let answer = Signed::get(&path, number).send(&router).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["reader"]), (200, &"housing".into()));
    }
    let refused = Signed::get(&path, FIRE_BRIGADE).send(&router).await;
    assert_eq!(refused.json()["policies"], serde_json::json!([]));
    expect!["403 not-visible: readings are shown to the reader's organization, to the owner of the resource and to supervisors"]
        .assert_eq(&refused.problem());

    // Lists are cut to what the caller may see; asking outright for others' readings is refused.
    Signed::get("/api/v1/accesses", FIRE_BRIGADE).send(&router).await;
    let asked = office.asked.lock().unwrap().pop().unwrap().0;
    let within = Some(id("fire-brigade"));
    assert_eq!(asked, Question::Accesses(AccessFilter { within, reader: None, resource: None, list: None }));
    let others = "/api/v1/accesses?reader=housing&resource=civil-affairs/divisions";
    assert_eq!(Signed::get(others, FIRE_BRIGADE).send(&router).await.status, 403);
}

/// A receipt is the canonical bytes of `receipt.json`; that of a reading is shown to those who may see the reading.
#[tokio::test]
async fn who_sees_a_receipt() {
    let (router, office) = gateway();
    let path = format!("/api/v1/receipts/{}/0", office::digest("transaction"));
    assert_eq!(Signed::get(&path, HOUSING).send(&router).await.status, 404);
    *office.receipt.lock().unwrap() = Some(reading_bundle());
    let answer = Signed::get(&path, HOUSING).send(&router).await;
    assert_eq!(answer.body, serde_json_canonicalizer::to_vec(&reading_bundle()).unwrap());
    assert_eq!(Signed::get(&path, FIRE_BRIGADE).send(&router).await.status, 403);
    *office.receipt.lock().unwrap() = Some(plain_bundle());
    for path in [&path, &format!("{path}/12")] {
        assert_eq!(Signed::get(path, FIRE_BRIGADE).send(&router).await.status, 200);
    }
}

//! The owner alone cannot make up a reading by someone else: the reader's officer signs every claim.

use std::time::Duration;

use gongxin_client::{ValidatorClient, Wait};
use gongxin_test_support::{Reading, Sandbox};
use gongxin_types::{Action, Effect, Refusal, Role, Transaction, codec};

use super::stage::{CASE_OFFICER, CODE, OWNER, STEWARD, Stage};

/// The owner's gateway sends a leaf of this reading, signed as it should be by the gateway.
fn leaf(sandbox: &Sandbox, reading: &Reading) -> Transaction {
    let gateway = sandbox.cast.gateway(OWNER);
    let list = gongxin_types::ListKey::Record { record: sandbox.record_id(CODE) };
    sandbox.sign(gateway, [Action::RecordAccess(reading.answered(sandbox.suite, gateway, [list]))])
}

/// The owner's own key under the officer's name, or the officer's signature from another request: no validator takes the
/// leaf, and it is never final.
#[tokio::test]
async fn a_forged_signature_never_becomes_final() {
    let stage = Stage::open().await;
    let validators = ValidatorClient::new([&stage.validator]).unwrap();
    let genuine = stage.reading(CODE, "genuine");
    let forged = stage.ledger.look(|sandbox| {
        let claim = genuine.request.claim(sandbox.suite).message();
        let signature = sandbox.cast.gateway(OWNER).secret.sign(&claim);
        Reading { signed: (genuine.signed.0, signature), ..genuine.clone() }
    });
    let moved = Reading { signed: genuine.signed, ..stage.reading(CODE, "moved") };
    for reading in [&forged, &moved] {
        let transaction = stage.ledger.look(|sandbox| leaf(sandbox, reading));
        let refused = validators.submit(codec::encode(&transaction), Wait::No, Duration::from_secs(5)).await;
        let problem = refused.unwrap_err().problem().cloned().unwrap();
        assert_eq!((problem.status, problem.message.as_str()), (400, "a signature of the transaction does not verify"));
        // Nor does the gateway make such a leaf of what it is asked.
        let answer = stage.read(reading).await;
        assert_eq!(
            answer.problem(),
            "400 claim-signature: the signature over the access claim is not by a valid key of the officer"
        );
    }
    assert_eq!(stage.ledger.waiting(), 0);
    let height = stage.ledger.block(vec![]).header.height;
    stage.sees(height).await;
    let listed = stage.get("/api/v1/accesses", ("audit-office", Role::Supervisor)).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 0);

    // The same leaf with what the officer did sign is taken: only the signatures were wrong.
    let transaction = stage.ledger.look(|sandbox| leaf(sandbox, &genuine));
    validators.submit(codec::encode(&transaction), Wait::No, Duration::from_secs(5)).await.unwrap();
    assert_eq!(stage.ledger.waiting(), 1);
}

/// A claim that the owner's own steward signs, in the name of housing's officer, is well signed and still not the
/// officer's: the ledger refuses it, and lists nothing under the record.
#[tokio::test]
async fn another_officers_key_speaks_for_nobody_else() {
    let stage = Stage::open().await;
    let genuine = stage.reading(CODE, "one");
    let transaction = stage.ledger.look(|sandbox| {
        let steward = sandbox.officer(STEWARD.0, STEWARD.1);
        leaf(sandbox, &Reading::signed(sandbox.suite, steward, genuine.request.clone()))
    });
    let block = stage.ledger.block(vec![transaction]);
    let receipt = &block.receipts.transactions[0].actions[0].receipt;
    assert_eq!((receipt.decision.effect, receipt.decision.refusal), (Effect::Deny, Some(Refusal::UnknownReader)));
    assert!(receipt.events.is_empty());

    stage.sees(block.header.height).await;
    let record = stage.ledger.look(|sandbox| sandbox.record_id(CODE));
    let path = format!("/api/v1/accesses?list=record:{record}");
    let listed = stage.get(&path, CASE_OFFICER).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 0);
}

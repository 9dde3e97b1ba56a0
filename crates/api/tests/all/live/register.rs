//! One key, one living record: what the owner's gateway refuses before the ledger is asked, because the ledger cannot see it.

use gongxin_types::{Effect, RecordOp, Role};

use super::stage::{CODE, NAME, OWNER, STEWARD, Stage, values};

const NEXT: &str = "310102";

/// While 黄浦 lives no other record gets its code; it is ended, in the batch that begins the next life of the code, and the
/// history by key shows all lives in order.
#[tokio::test]
async fn a_code_that_returns_is_a_new_record() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let before = stage.ledger.look(|sandbox| sandbox.header().height);
    let answer = stage.writes(vec![stage.creates("second", CODE, "另一个区")]).await;
    let record = stage.ledger.look(|sandbox| sandbox.record_id("second"));
    assert_eq!(
        answer.problem(),
        format!(
            "409 key-taken: a living record of `civil-affairs/divisions` has the key of record `{record}`: update that one, \
             or end it before, in the same batch"
        )
    );
    assert_eq!(stage.ledger.look(|sandbox| sandbox.header().height), before, "nothing went to the ledger");
    assert_eq!(staged(&stage), 0);
    // The other way round it is a creation beside a living record, too.
    let wrong_order = vec![stage.creates("second", CODE, "另一个区"), stage.ends(CODE, 1)];
    assert_eq!(stage.writes(wrong_order).await.status, 409);

    let renewed = vec![stage.ends(CODE, 1), stage.creates("second", CODE, "新区")];
    assert_eq!(stage.writes(renewed).await.status, 200);
    assert_eq!(stage.writes(vec![stage.ends("second", 1)]).await.status, 200);
    assert_eq!(stage.writes(vec![stage.creates("third", CODE, "三区")]).await.status, 200);
    assert_eq!(stage.writes(vec![stage.updates("third", 1, CODE, "三新区")]).await.status, 200);

    let mut request = stage.reading(CODE, "lives").request;
    request.history = true;
    let reading = stage.signed_reading(request);
    let response = stage.opened(&reading, "lives", &stage.read(&reading).await);
    let lives: Vec<_> = response.records.iter().map(|life| life.record).collect();
    let expected = [CODE, "second", "third"].map(|label| stage.ledger.look(|sandbox| sandbox.record_id(label)));
    assert_eq!(lives, expected);
    let operations: Vec<_> = response
        .records
        .iter()
        .flat_map(|life| &life.versions)
        .map(|version| match version.entry.operation {
            RecordOp::Create { .. } => "create",
            RecordOp::Update { .. } => "update",
            RecordOp::Delete { .. } => "delete",
        })
        .collect();
    assert_eq!(operations, ["create", "delete", "create", "delete", "create", "update"]);
    assert_eq!(values(&response), [CODE, NAME, CODE, "新区", CODE, "三区", CODE, "三新区"]);
}

/// An update keeps its record's key: what has another key is another record, also where the record is as new as the batch.
#[tokio::test]
async fn an_update_keeps_the_key() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let record = stage.ledger.look(|sandbox| sandbox.record_id(CODE));
    let answer = stage.writes(vec![stage.updates(CODE, 1, NEXT, NAME)]).await;
    assert_eq!(
        answer.problem(),
        format!(
            "422 key-changed: an update may not change a key column: end record `{record}` and create a new one with the \
             new key"
        )
    );
    let at_once = vec![stage.creates("new", NEXT, "徐汇区"), stage.updates("new", 1, "310104", "徐汇区")];
    assert_eq!(stage.writes(at_once).await.status, 422);
    let instead =
        vec![stage.ends(CODE, 1), stage.creates("new", NEXT, "徐汇区"), stage.updates("new", 1, NEXT, "徐汇")];
    assert_eq!(stage.writes(instead).await.status, 200);
    assert_eq!(staged(&stage), 0);
}

/// The same key twice in one batch is refused, unless one ends before the other begins. Batches that take effect each on
/// its own do not count on one another; those of a transaction that is all or nothing do.
#[tokio::test]
async fn what_takes_effect_together_is_judged_together() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let twice = vec![stage.creates("one", NEXT, "a"), stage.creates("two", NEXT, "b")];
    assert_eq!(stage.writes(twice).await.status, 409);
    let in_turn = vec![stage.creates("one", NEXT, "a"), stage.ends("one", 1), stage.creates("two", NEXT, "b")];
    assert_eq!(stage.writes(in_turn).await.status, 200);

    for (whole, status) in [(false, 409), (true, 200)] {
        let batches = vec![vec![stage.ends(CODE, 1)], vec![stage.creates("next", CODE, "next")]];
        let call = stage.batches(STEWARD, batches, whole);
        let answer = stage.post("/api/v1/records?wait=final", STEWARD, &call).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

/// Two stewards create the same division at the same moment: one of them is told that the other was first. The same bytes
/// again are no second creation; once the first is known never to become final, the key is free.
#[tokio::test]
async fn two_at_once() {
    let stage = Stage::open().await;
    let calls = ["one", "two"].map(|label| stage.batch(vec![stage.creates(label, NEXT, label)]));
    let [one, two] = calls.each_ref().map(|call| stage.post("/api/v1/records", STEWARD, call));
    let (one, two) = tokio::join!(one, two);
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    let (first, second) = if one.status == 202 { (&calls[0], &calls[1]) } else { (&calls[1], &calls[0]) };
    let late = if one.status == 202 { two } else { one };
    assert!(late.problem().contains("is under way: what becomes of it is known by"), "{}", late.problem());
    assert_eq!(stage.post("/api/v1/records", STEWARD, first).await.status, 202);
    assert_eq!(stage.post("/api/v1/records", STEWARD, second).await.status, 409);
    assert_eq!((stage.ledger.waiting(), staged(&stage)), (1, 1));

    stage.ledger.forgets();
    let height = stage.ledger.passes(301_000);
    stage.sees(height).await;
    stage.ledger.run();
    assert_eq!(stage.writes(vec![stage.creates("three", NEXT, "three")]).await.status, 200);
}

/// A deletion that is not final yet frees nothing: the ledger may still refuse it.
#[tokio::test]
async fn a_deletion_under_way_frees_no_key() {
    let stage = Stage::open().await;
    assert_eq!(stage.hands_in(vec![stage.ends(CODE, 1)]).await.status, 202);
    assert_eq!(stage.hands_in(vec![stage.creates("next", CODE, "next")]).await.status, 409);
    let height = stage.ledger.block(vec![]).header.height;
    stage.sees(height).await;
    assert_eq!(stage.hands_in(vec![stage.creates("next", CODE, "next")]).await.status, 202);
}

/// Whoever keeps no register learns nothing of its keys here: the ledger refuses, with a receipt, whether the key is taken
/// or not.
#[tokio::test]
async fn whether_a_key_is_taken_is_for_stewards() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let clerk = (OWNER, Role::CaseOfficer);
    for code in [CODE, NEXT] {
        let call = stage.batches(clerk, vec![vec![stage.creates(code, code, "probe")]], false);
        let answer = stage.post("/api/v1/records?wait=final", clerk, &call).await;
        assert_eq!(answer.problem(), "403 policy: no rule in force allows this act to this sender");
        assert_eq!(stage.proven(&answer).effect, Effect::Deny);
    }
    assert_eq!(staged(&stage), 0);
}

/// What somebody hands in who keeps no register holds no key, not even while it is under way: it cannot take effect.
#[tokio::test]
async fn only_stewards_hold_a_key() {
    let stage = Stage::open().await;
    let clerk = (OWNER, Role::CaseOfficer);
    let squatting = stage.batches(clerk, vec![vec![stage.creates("squat", NEXT, "squat")]], false);
    assert_eq!(stage.post("/api/v1/records", clerk, &squatting).await.status, 202);
    assert_eq!((stage.ledger.waiting(), staged(&stage)), (1, 1));
    stage.ledger.run();
    assert_eq!(stage.writes(vec![stage.creates("next", NEXT, "next")]).await.status, 200);
}

/// A transaction that no validator could take leaves nothing in the vault, and so holds no key: a signature changed, a key
/// of nobody, a term that is over.
#[tokio::test]
async fn nothing_is_staged_for_what_cannot_be_final() {
    let stage = Stage::open().await;
    let forged = |change: &dyn Fn(&mut gongxin_types::Transaction)| {
        let mut call = stage.batch(vec![stage.creates("new", NEXT, "new")]);
        let encoded: gongxin_types::bundle::Encoded = serde_json::from_value(call["transaction"].clone()).unwrap();
        let mut transaction = gongxin_types::Transaction::from_bytes(&encoded.0).unwrap();
        change(&mut transaction);
        let encoded = gongxin_types::bundle::Encoded(gongxin_types::codec::encode(&transaction));
        call["transaction"] = serde_json::to_value(encoded).unwrap();
        call
    };
    let stranger = crate::call::key(77).public();
    let calls = [
        (forged(&|one| one.body.sequence += 1), "400 invalid: a signature of the transaction does not verify"),
        (
            forged(&|one| one.body.sender.key = stranger),
            "400 unknown-key: the signing key is not registered for its sender, as of the latest block here",
        ),
        (
            forged(&|one| one.body.valid_until = gongxin_types::Time::from_millis(1)),
            "410 expired: a final block is past its `valid_until` and it is in none: sign a new transaction",
        ),
    ];
    for (call, expected) in calls {
        assert_eq!(stage.post("/api/v1/records", STEWARD, &call).await.problem(), expected);
    }
    assert_eq!((stage.ledger.waiting(), staged(&stage)), (0, 0));
}

/// How many transactions the vault holds that are not settled.
fn staged(stage: &Stage) -> u32 {
    stage.disk().query_row("SELECT count(*) FROM stages", [], |row| row.get(0)).unwrap()
}

//! `conformance/transactions.json`: canonical transactions, identifiers and signatures (docs/spec/transaction.md).

use expect_test::expect_file;
use gongxin_crypto::Suite;
use gongxin_types::transaction::Actor;
use gongxin_types::{Action, Atomicity, Body, GatewayId, OfficerId, Time, Transaction, codec, json as text_forms};
use serde_json::{Value, json};

use crate::fixture::{World, allow, bytes, list, short, text};

/// The committed transactions are the ones made here.
#[test]
fn transactions_are_those_committed() {
    let world = World::new(Suite::Intl, "conformance", 4);
    let officer = Actor::Officer(OfficerId::new(short("officer of civil-affairs")));
    let gateway = Actor::Gateway(GatewayId::new(short("gateway of civil-affairs")));
    let (evidence, grant) = (world.evidence().action, world.grant().action);
    let (batch, access) = (world.batch(5, allow(&[])).action, Action::RecordAccess(world.usual_access()));
    let largest =
        |body: &mut Body| (body.lane, body.sequence, body.valid_until) = (63, u64::MAX, Time::from_millis(u64::MAX));
    let cases = [
        vector("evidence", "one act of an officer", &signed(&world, officer, vec![evidence.clone()], |_| ())),
        vector(
            "window",
            "readings of a gateway, each on its own",
            &signed(&world, gateway, vec![access.clone(), access], |body| {
                body.atomicity = Atomicity::EachOnItsOwn;
            }),
        ),
        vector("batch", "a batch of records", &signed(&world, officer, vec![batch], |_| ())),
        vector("several", "all or nothing", &signed(&world, officer, vec![evidence.clone(), grant], |_| ())),
        vector(
            "largest-numbers",
            "the last lane, the largest sequence and time",
            &signed(&world, officer, vec![evidence.clone()], largest),
        ),
        vector("changed-after-signing", "another sequence than was signed", &{
            let mut transaction = signed(&world, officer, vec![evidence], |_| ());
            transaction.body.sequence += 1;
            transaction
        }),
    ];
    let path = format!("{}/../../conformance/transactions.json", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&crate::vectors::pretty(&cases));
}

fn signed(world: &World, actor: Actor, actions: Vec<Action>, change: impl FnOnce(&mut Body)) -> Transaction {
    let secret = world.suite.secret_from_seed(&bytes("sender"));
    let mut body = Body {
        version: 1,
        network: world.id(),
        sender: gongxin_types::Sender { organization: text("civil-affairs"), actor, key: secret.public() },
        lane: 0,
        sequence: 1,
        valid_until: world.head.time.plus_millis(600_000),
        atomicity: Atomicity::AllOrNothing,
        actions: list(actions),
    };
    change(&mut body);
    let signature = secret.sign(&Transaction::message(&body.id(world.suite)));
    Transaction { body, signature }
}

fn vector(name: &str, why: &str, transaction: &Transaction) -> Value {
    let suite = Suite::Intl;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let id = transaction.id(suite);
    let (bytes, message) = (codec::encode(transaction), Transaction::message(&id));
    assert_eq!(&Transaction::from_bytes(&bytes).expect("canonical"), transaction);
    json!({
        "name": name,
        "why": why,
        "bytes": text_forms::to_base64(&bytes),
        "id": id,
        "message": hex(&message),
        "leaf": hex(&Transaction::leaf(&id, &transaction.signature)),
        "valid": suite.verify(&transaction.body.sender.key, &message, &transaction.signature).is_ok(),
    })
}

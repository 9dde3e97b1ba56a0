//! Transactions and calls that must be refused, at a real validator and a real gateway: each gets a problem document, and
//! both go on.

use expect_test::expect;
use gongxin_crypto::Suite;
use gongxin_types::limits::TRANSACTION_BYTES_MAX;
use gongxin_types::{
    Action, Body, Date, Evidence, Grant, GrantId, List, RecordBatch, RecordId, RecordOp, Time, Transaction, codec,
};

use super::caller::{Answer, Caller, nonce, now, seconds};
use super::living::Living;

fn evidence(document: &str) -> Action {
    Action::NotariseEvidence(Evidence {
        digest: Suite::Intl.hash(&[document.as_bytes()]),
        media_type: "application/pdf".parse().expect("a media type"),
        legal_basis: "administrative-divisions-regulation-art-17".parse().expect("a legal basis"),
    })
}

fn batch(resource: &str, operations: Vec<RecordOp>) -> Action {
    Action::WriteRecords(RecordBatch {
        resource: resource.parse().expect("a resource"),
        legal_basis: "administrative-divisions-regulation-art-17".parse().expect("a legal basis"),
        effective: Date::new(2024, 12, 31).expect("a date"),
        operations: List::new(operations).expect("a few"),
    })
}

/// The bytes with one name in them written with a letter that looks the same, or with one that turns the direction.
fn disguised(bytes: &[u8], name: &str, disguise: &str) -> Vec<u8> {
    assert_eq!(name.len(), disguise.len());
    let place = bytes.windows(name.len()).position(|part| part == name.as_bytes()).expect("the name");
    let mut bytes = bytes.to_vec();
    bytes[place..place + name.len()].copy_from_slice(disguise.as_bytes());
    bytes
}

/// Bytes that can never become final, each with what is wrong with it. Sequence 1 is used before.
fn never(caller: &Caller) -> Vec<(&'static str, Vec<u8>)> {
    let good = || caller.body(2, evidence("good"));
    let change = |change: &dyn Fn(&mut Body)| {
        let mut body = good();
        change(&mut body);
        caller.sign(body)
    };
    let whole = caller.sign(good());
    let mut longer = whole.clone();
    longer.push(0);
    let mut unsigned = whole.clone();
    let end = unsigned.len();
    unsigned[end - 64..].fill(0);
    let stranger = Suite::Intl.secret_from_seed(&[7; 32]);
    let body = good();
    let signature = stranger.sign(&Transaction::message(&body.id(Suite::Intl)));
    vec![
        ("oversized", vec![0; TRANSACTION_BYTES_MAX + 1]),
        ("empty", Vec::new()),
        ("truncated", whole[..end / 2].to_vec()),
        ("re-encoded", longer),
        ("unsigned", unsigned),
        ("another's signature", codec::encode(&Transaction { body, signature })),
        ("a stranger's key", change(&|body| body.sender.key = stranger.public())),
        ("expired", change(&|body| body.valid_until = Time::from_millis(1))),
        ("expiry too far ahead", change(&|body| body.valid_until = now().plus_millis(3_600_000))),
        ("another network", change(&|body| body.network = Suite::Intl.hash(&[b"elsewhere"]))),
        ("no actions", change(&|body| body.actions = List::empty())),
        ("empty batch", caller.sign(caller.body(2, batch("housing/flats", Vec::new())))),
        ("look-alike", disguised(&whole, "civil-affairs", "civil-affai\u{455}")),
        ("bidirectional", disguised(&whole, "civil-affairs", "civil-affa\u{202e}")),
        ("sequence reused", caller.sign(caller.body(1, evidence("another")))),
    ]
}

/// A validator and a gateway refuse each with the same words and the code that belongs to it.
#[test]
fn transactions_that_can_never_be_final() {
    let living = Living::start();
    let caller = Caller::new(&living, "civil-affairs", "case-officer");
    let first = caller.sign(caller.body(1, evidence("first")));
    assert_eq!(caller.to_validator(&first).status, 200);
    let mut told = String::new();
    for (what, bytes) in never(&caller) {
        let (validator, gateway) = (caller.to_validator(&bytes).problem(), caller.to_gateway(&bytes).problem());
        let gateway = if gateway == validator { "the same".to_owned() } else { gateway };
        told += &format!("{what}: {}\n  gateway: {gateway}\n", unnumbered(&validator));
    }
    expect![[r#"
        oversized: 413 too-large: the body is larger than 524288 bytes
          gateway: the same
        empty: 400 invalid: not a canonical `transaction`: Unexpected length of input
          gateway: 415 media-type: this call takes a body with `Content-Type: application/octet-stream`
        truncated: 400 invalid: not a canonical `transaction`: failed to fill whole buffer
          gateway: the same
        re-encoded: 400 invalid: not a canonical `transaction`: Not all bytes read
          gateway: the same
        unsigned: 400 invalid: a signature in it is wrong
          gateway: the same
        another's signature: 400 invalid: a signature in it is wrong
          gateway: the same
        a stranger's key: 400 unknown-key: the signing key is not registered for its sender, as of the latest block here
          gateway: the same
        expired: 400 invalid: the transaction expired at TIME
          gateway: the same
        expiry too far ahead: 400 invalid: the transaction is valid until TIME more than ten minutes ahead
          gateway: the same
        another network: 400 invalid: the transaction is for another network
          gateway: the same
        no actions: 400 invalid: the transaction has no action
          gateway: the same
        empty batch: 400 invalid: a batch of the transaction has no operation
          gateway: the same
        look-alike: 400 invalid: not a canonical `transaction`: `civil-affaiѕ` is not a name of 1 to 64 lower-case ASCII letters and digits, with single `-` or `_` between them
          gateway: the same
        bidirectional: 400 invalid: not a canonical `transaction`: `civil-affa\u{202e}` is not a name of 1 to 64 lower-case ASCII letters and digits, with single `-` or `_` between them
          gateway: the same
        sequence reused: 409 conflict: another body was sent under this key, lane and sequence number, or the number is too old
          gateway: the same
    "#]].assert_eq(&told);

    // Both go on: the same bytes get their first answer, and new ones become final.
    let (again, new) = (caller.to_validator(&first), caller.sign(caller.body(3, evidence("third"))));
    assert_eq!((again.status, &again.json["status"]), (200, &"final".into()));
    assert_eq!((caller.to_gateway(&new).status, caller.to_gateway(&new).status), (200, 200));
    calls_that_are_not_the_officers(&caller);
    acts_without_the_right(&caller, &living);
}

/// The words without what differs from run to run.
fn unnumbered(words: &str) -> String {
    let is_time =
        |word: &&str| word.contains('T') && word.contains(':') && word.trim_matches([',', '`']).ends_with('Z');
    words.split(' ').map(|word| if is_time(&word) { "TIME" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Calls that are unsigned, stale, early, replayed, moved to another path or signed by someone else: 401.
fn calls_that_are_not_the_officers(caller: &Caller) {
    let path = "/api/v1/organizations";
    let (time, used) = (seconds(now()), nonce());
    assert_eq!(caller.call("GET", path, b"", time, &used).status, 200);
    let unsigned = |url: &str| caller.send(reqwest::Method::GET, url, &[], b"");
    let calls: [(&str, Answer); 5] = [
        ("unsigned", unsigned(&format!("{}{path}", caller.gateway()))),
        ("stale", caller.call("GET", path, b"", time - 120, &nonce())),
        ("early", caller.call("GET", path, b"", time + 120, &nonce())),
        ("replayed", caller.call("GET", path, b"", time, &used)),
        ("no nonce", caller.call("GET", path, b"", time, "")),
    ];
    let mut told = String::new();
    for (what, answer) in calls {
        told += &format!("{what}: {}\n", unnumbered(&answer.problem()));
    }
    expect![[r#"
        unsigned: 401 unsigned: the call is not signed: `Signature-Input` and `Signature` are missing (RFC 9421)
        stale: 401 signature-stale: the signature was not made within 60 s of this gateway's time, TIME
        early: 401 signature-stale: the signature was not made within 60 s of this gateway's time, TIME
        replayed: 401 signature-replayed: this call was made before: sign it anew with another `nonce`
        no nonce: 401 signature-malformed: signature parameter `nonce` must have 8 to 128 characters
    "#]]
    .assert_eq(&told);
}

/// Acts that are final and refused: 403 with policies, height and a receipt that verifies.
fn acts_without_the_right(caller: &Caller, living: &Living) {
    let grant = Grant {
        version: 1,
        id: GrantId::new([9; 16]),
        resource: "civil-affairs/divisions".parse().expect("a resource"),
        reader: "housing".parse().expect("an organization"),
        fields: List::new(vec!["code".parse().expect("a field")]).expect("one field"),
        purpose: "case-handling".parse().expect("a purpose"),
        legal_basis: "sharing-regulation-art-20".parse().expect("a legal basis"),
        until: now().plus_millis(86_400_000),
        revoked: None,
    };
    let delete = RecordOp::Delete { record: RecordId::new([9; 16]), expected_version: 1 };
    let acts = [("wrong role", Action::IssueGrant(grant)), ("unknown resource", batch("housing/flats", vec![delete]))];
    let mut told = String::new();
    for ((what, action), sequence) in acts.into_iter().zip(10..) {
        let answer = caller.to_gateway(&caller.sign(caller.body(sequence, action)));
        told += &format!("{what}: {} {}\n", answer.problem(), answer.json["policies"]);
        let receipt = living.file("refused.json");
        let bytes = gongxin_verify::jcs::to_bytes(&answer.json["receipt"]).expect("JSON");
        std::fs::write(&receipt, bytes).expect("written");
        let verified = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
        assert!(verified.status.success(), "{what}: {}", answer.json);
        assert!(answer.json["height"].is_u64(), "{what}: {}", answer.json);
    }
    expect![[r#"
        wrong role: 403 policy: no rule in force allows this act to this sender []
        unknown resource: 403 unknown-resource: the resource is not in the catalogue []
    "#]]
    .assert_eq(&told);
}

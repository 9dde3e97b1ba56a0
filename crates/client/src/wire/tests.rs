//! The page docs/spec/access.md and this crate say the same.

use gongxin_crypto::Suite;
use gongxin_types::codec;

use super::*;

const PAGE: &str = include_str!("../../../../docs/spec/access.md");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The example of the page: its JSON is read, and gives the digests, the message and the signature that the page shows.
#[test]
fn the_example_of_the_page() {
    let json = PAGE.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let call: AccessCall = serde_json::from_str(json).unwrap();
    let network = Suite::Intl.hash(&[b"network"]);
    let secret = Suite::Intl.secret_from_seed(&[1; 32]);
    let (request, signature) =
        call.clone().into_request(network, "housing".parse().unwrap(), OfficerId::new([1; 16])).unwrap();
    let claim = request.claim(Suite::Intl);
    let shown = [
        ("network", network.to_string()),
        ("request bytes", hex(&codec::encode(&request))),
        ("request digest", request.digest(Suite::Intl).to_string()),
        ("message", hex(&claim.message())),
        ("public key", secret.public().to_string()),
        ("signature", secret.sign(&claim.message()).to_string()),
    ];
    for (name, value) in shown {
        assert!(PAGE.contains(&value), "{name}: {value}");
    }
    Suite::Intl.verify(&secret.public(), &claim.message(), &signature).unwrap();
    assert_eq!(AccessCall::of(&request, signature), call);
}

/// Neither or both of grant and duty, no field, one field twice, no column: refused, each in its own words.
#[test]
fn what_is_no_request() {
    let json = PAGE.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let good: AccessCall = serde_json::from_str(json).unwrap();
    let field = || "name".parse::<FieldName>().unwrap();
    let cases = [
        (AccessCall { grant: None, ..good.clone() }, AccessCallError::Authority),
        (AccessCall { duty: Some("a/b".parse().unwrap()), ..good.clone() }, AccessCallError::Authority),
        (AccessCall { fields: List::empty(), ..good.clone() }, AccessCallError::Fields),
        (AccessCall { fields: List::new(vec![field(), field()]).unwrap(), ..good.clone() }, AccessCallError::Fields),
        (AccessCall { key: KeyColumns::Several(List::empty()), ..good }, AccessCallError::Key),
    ];
    for (call, error) in cases {
        let network = Suite::Intl.hash(&[b"network"]);
        let read = call.into_request(network, "housing".parse().unwrap(), OfficerId::new([1; 16]));
        assert_eq!(read.unwrap_err(), error);
    }
}

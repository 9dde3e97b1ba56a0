//! What the standard says, what we send, and what we refuse.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use gongxin_crypto::{PublicKey, Signature};
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

const GET: Call<'static> = Call { method: "GET", target_uri: "http://127.0.0.1:8001/api/v1/officers?limit=2" };
const POST: Call<'static> = Call { method: "POST", target_uri: "http://127.0.0.1:8001/api/v1/accesses" };
const BODY: &[u8] = br#"{"hello": "world"}"#;
const CREATED: u64 = 1_618_884_473;

fn key() -> SecretKey {
    Suite::Intl.secret_from_seed(&[7; 32])
}

fn officer() -> OfficerId {
    OfficerId::new([0xab; 16])
}

fn signed(call: Call<'_>, body: &[u8]) -> HeaderMap {
    let signer = Signer { officer: officer(), key: &key(), created: CREATED, nonce: "b3k2pp5k7z-50gnwp" };
    let headers = sign(call, body, signer);
    let mut map = HeaderMap::new();
    let mut insert = |name: &'static str, value: &str| {
        map.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    };
    insert(SIGNATURE_INPUT, &headers.signature_input);
    insert(SIGNATURE, &headers.signature);
    if let Some(digest) = headers.content_digest {
        insert(CONTENT_DIGEST, &digest);
    }
    map
}

/// The base of RFC 9421 appendix B.2.6, made from its covered components and parameters, is the one its signature is over.
#[test]
fn the_base_is_the_one_of_the_standard() {
    let components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ];
    let header = r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#;
    let (_, input) = fields::read_input(header).unwrap();
    let base = base::write(components.into_iter(), &fields::serialize(&input));

    let seed = STANDARD.decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=").unwrap();
    let public = STANDARD.decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
    let signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    let signature = STANDARD.decode(signature).unwrap();
    let public = PublicKey::new(1, &public).unwrap();
    Suite::Intl.verify(&public, base.as_bytes(), &Signature::new(1, &signature).unwrap()).unwrap();
    let own = Suite::Intl.secret_from_seed(seed.as_slice().try_into().unwrap());
    assert_eq!(own.public(), public);
    assert_eq!(own.sign(base.as_bytes()).as_bytes(), signature);
}

/// The digest of RFC 9530 appendix D: the body `{"hello": "world"}` and a line feed.
#[test]
fn the_digest_is_the_one_of_the_standard() {
    assert_eq!(content_digest(b"{\"hello\": \"world\"}\n"), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
}

/// What is sent, to the letter.
#[test]
fn headers_and_base_of_a_call() {
    let headers = signed(POST, BODY);
    let parsed = verify(POST, &headers, BODY).unwrap();
    expect_test::expect![[r#"
        "@method": POST
        "@target-uri": http://127.0.0.1:8001/api/v1/accesses
        "content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
        "@signature-params": ("@method" "@target-uri" "content-digest");created=1618884473;nonce="b3k2pp5k7z-50gnwp";keyid="abababababababababababababababab";alg="ed25519""#]]
    .assert_eq(&parsed.base);
    assert_eq!((parsed.keyid, parsed.created, parsed.nonce.as_str()), (officer(), CREATED, "b3k2pp5k7z-50gnwp"));
    assert_eq!(parsed.covered, ["@method", "@target-uri", "content-digest"]);
    parsed.verify(Suite::Intl, &key().public()).unwrap();
}

/// A call without a body covers no digest; its signature stands for that method and target alone.
#[test]
fn a_signature_stands_for_one_call() {
    let headers = signed(GET, b"");
    let parsed = verify(GET, &headers, b"").unwrap();
    assert_eq!(parsed.covered, ["@method", "@target-uri"]);
    parsed.verify(Suite::Intl, &key().public()).unwrap();

    let elsewhere = Call { target_uri: "http://127.0.0.1:8002/api/v1/officers?limit=2", ..GET };
    for call in [Call { method: "DELETE", ..GET }, elsewhere] {
        let parsed = verify(call, &headers, b"").unwrap();
        parsed.verify(Suite::Intl, &key().public()).unwrap_err();
    }
    assert_eq!(verify(GET, &headers, b"slipped in").unwrap_err(), ReadError::Covered);
    assert_eq!(verify(POST, &signed(POST, BODY), b"another").unwrap_err(), ReadError::Body);
}

/// Another library may order components and parameters as it likes: the base follows the order of the header.
#[test]
fn the_order_is_the_signers() {
    let input =
        format!(r#"mine=("@target-uri" "@method");keyid="{}";alg="ed25519";created=5;nonce="12345678""#, officer());
    let base = format!(
        "\"@target-uri\": {}\n\"@method\": GET\n\"@signature-params\": {}",
        GET.target_uri,
        input.strip_prefix("mine=").unwrap()
    );
    let signature = STANDARD.encode(key().sign(base.as_bytes()).as_bytes());
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE_INPUT, input.parse().unwrap());
    headers.insert(SIGNATURE, format!("mine=:{signature}:").parse().unwrap());
    verify(GET, &headers, b"").unwrap().verify(Suite::Intl, &key().public()).unwrap();
}

/// Each way in which a call is not signed as it must be, and what the caller is told.
#[test]
fn what_is_refused() {
    let good = signed(GET, b"");
    let input = good.get(SIGNATURE_INPUT).unwrap().to_str().unwrap().to_owned();
    let check = |from: &str, to: &str| {
        let mut headers = good.clone();
        headers.insert(SIGNATURE_INPUT, input.replace(from, to).parse().unwrap());
        Parsed::read(GET, &headers).unwrap_err().to_string()
    };
    let told = [
        Parsed::read(GET, &HeaderMap::new()).unwrap_err().to_string(),
        check("\"@target-uri\"", ""),
        check("\"@method\"", "\"@method\" \"@method\""),
        check("\"@method\"", "\"@method\";req"),
        check("\"@method\"", "\"@method\" \"date\""),
        check(";alg=\"ed25519\"", ""),
        check("ed25519", "hmac-sha256"),
        check("created=1618884473", "created=-1"),
        check("created=1618884473", "created=\"now\""),
        check("b3k2pp5k7z-50gnwp", "short"),
        check("abab", "zzzz"),
        check(";keyid", ";expires=5;keyid"),
        check("call=", "call=(), call2="),
        check("call=", "other="),
        check("call=", "CALL="),
        check("@method", &"m".repeat(1_100)),
    ];
    expect_test::expect![[r#"
        the call is not signed: `Signature-Input` and `Signature` are missing (RFC 9421)
        the signature must cover exactly `@method`, `@target-uri` and, with a body, `content-digest`
        the signature must cover exactly `@method`, `@target-uri` and, with a body, `content-digest`
        the signature must cover exactly `@method`, `@target-uri` and, with a body, `content-digest`
        the signature must cover exactly `@method`, `@target-uri` and, with a body, `content-digest`
        signature parameter `alg` is missing
        signature parameter `alg` is not `ed25519`, or the signature is not of its length
        signature parameter `created` is not a number of seconds since 1970
        signature parameter `created` is not a number of seconds since 1970
        signature parameter `nonce` must have 8 to 128 characters
        signature parameter `keyid` is no identifier of an officer
        signature parameter `expires` is not one of `created`, `nonce`, `keyid`, `alg`
        header `signature-input` must describe exactly one signature
        header `signature` must hold exactly the signature that `Signature-Input` describes
        header `signature-input` is no dictionary of signatures
        header `signature-input` is too long"#]]
    .assert_eq(&told.join("\n"));
}

proptest! {
    /// Whatever stands in the headers, reading them ends in an error or a value, never a panic.
    #[test]
    fn reading_never_panics(input in any::<Vec<u8>>(), signature in any::<Vec<u8>>(), digest in any::<Vec<u8>>()) {
        let mut headers = HeaderMap::new();
        for (name, bytes) in [(SIGNATURE_INPUT, input), (SIGNATURE, signature), (CONTENT_DIGEST, digest)] {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(name, value);
            }
        }
        let _ = Parsed::read(GET, &headers);
    }

    /// One changed character in any header: refused, or read as something the key did not sign.
    #[test]
    fn a_changed_character_is_noticed(which in 0_usize..3, place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
        let headers = signed(POST, BODY);
        let name = [SIGNATURE_INPUT, SIGNATURE, CONTENT_DIGEST][which];
        let mut bytes = headers.get(name).unwrap().as_bytes().to_vec();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        let mut changed = headers.clone();
        changed.insert(name, HeaderValue::from_bytes(&bytes).unwrap());
        let verdict = verify(POST, &changed, BODY).map(|parsed| (parsed.verify(Suite::Intl, &key().public()), parsed));
        // A label renamed on both sides would still stand; on one side alone it does not.
        if let Ok((Ok(()), parsed)) = verdict {
            prop_assert_eq!(Ok(parsed), verify(POST, &headers, BODY));
        }
    }
}

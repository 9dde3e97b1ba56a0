//! Canonical JSON: written in one way, and read in no other.

use gongxin_types::bundle::Network;
use gongxin_verify::jcs::{self, ReadError};
use gongxin_verify::limits;
use serde_json::json;

/// RFC 8785 §3.2.3: names ascend by UTF-16 code units, numbers and texts have one spelling.
#[test]
fn values_have_one_writing() {
    let value = json!({ "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": [1.0, null, "\u{8}<"] });
    let expected =
        "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":[1,null,\"\\b<\"],\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
    assert_eq!(String::from_utf8(jcs::to_bytes(&value).expect("JSON")).expect("text"), expected);
    assert_eq!(jcs::check(expected.as_bytes()), Ok(()));
}

/// Another order, a name twice, white space, an escape or another number is refused.
#[test]
fn other_writings_are_refused() {
    for text in [
        r#"{"b":1,"a":2}"#,
        r#"{"a":1,"a":1}"#,
        r#"{"a": 1}"#,
        r#"{"\u0061":1}"#,
        "[1.0]",
        "[1e0]",
        "[-0]",
        "[1] ",
        r#"["\/"]"#,
    ] {
        assert_eq!(jcs::check(text.as_bytes()), Err(ReadError::NotCanonical), "{text}");
    }
    for text in ["", "[1,]", "[NaN]", "{'a':1}", "[1]]", "\u{feff}[]"] {
        assert!(jcs::check(text.as_bytes()).is_err_and(|error| error.is_unreadable()), "{text}");
    }
}

/// A file above its bound is refused before it is read.
#[test]
fn a_file_has_a_bound() {
    let long = vec![b' '; limits::NETWORK_FILE_BYTES_MAX + 1];
    let expected = ReadError::TooLong { bytes: long.len(), max: limits::NETWORK_FILE_BYTES_MAX };
    assert_eq!(jcs::read::<Network>(&long).expect_err("too long"), expected);
}

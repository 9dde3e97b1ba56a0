//! Rows, responses, and the text forms of names.

use gongxin_crypto::{Digest, Suite, seal};
use gongxin_fuzz::{SEALING_CONTEXT, resource, sealing_secret};
use gongxin_types::record::HistoryEntry;
use gongxin_types::response::{AccessResponse, FieldDisclosure, RecordDisclosure, SEALING_INFO, VersionDisclosure};
use gongxin_types::row::{CellText, Row, Salt, Value, field_salt};
use gongxin_types::{FieldName, Height, List, RecordId, RecordOp, RequestId, codec};

use super::{put, put_hostile, put_once, replaced};

pub(super) fn write() {
    write_rows();
    write_responses();
    write_words();
}

fn row() -> Row {
    let text = |text: &str| Value::Text(CellText::new(text).expect("short"));
    let since = Value::Date("1981-12-31".parse().expect("a date"));
    Row(List::new(vec![text("310000"), Value::Integer(i64::MIN), Value::Boolean(true), since]).expect("four"))
}

fn write_rows() {
    let bytes = codec::encode(&row());
    put("row", "good-every-type", &bytes);
    put("row", "good-nulls", codec::encode(&Row(List::new(vec![Value::Null; 4]).expect("four"))));
    put("row", "good-none", codec::encode(&Row(List::empty())));
    put("row", "bad-boolean-of-two", replaced(&bytes, &[3, 1], &[3, 2]));
    put("row", "bad-30-february", replaced(&bytes, &[12, 31], &[2, 30]));
    put("row", "bad-not-utf-8", replaced(&bytes, b"310000", b"3100\xff\xfe"));
    put("row", "bad-129-values", [&[129, 0, 0, 0][..], &[0; 129]].concat());
    put_hostile("row", &bytes);
    // No bytes of zeros are refused: four of them are a row of no values, and more have something behind it.

    let json = r#"{"code":"310000","count":-9007199254740991,"open":true,"since":"1981-12-31"}"#;
    put("row_json", "good-every-type", json);
    put("row_json", "good-key-alone", r#"{"code":""}"#);
    put("row_json", "good-large-integer-as-text", json.replace("-9007199254740991", "\"-9223372036854775808\""));
    put("row_json", "good-escapes", r#"{"code":"\u4e0a\u6d77\u0000\ud83c\udfd9"}"#);
    put("row_json", "good-null", r#"{"code":"1","count":null}"#);
    put("row_json", "bad-null-where-none-may-be", r#"{"code":null}"#);
    put("row_json", "bad-unknown-field", r#"{"code":"1","colour":"red"}"#);
    put("row_json", "bad-integer-as-text-with-sign", r#"{"code":"1","count":"+1"}"#);
    put("row_json", "bad-fraction", r#"{"code":"1","count":1.5}"#);
    put("row_json", "bad-too-large", r#"{"code":"1","count":9223372036854775808}"#);
    put("row_json", "bad-date", r#"{"code":"1","since":"1981-02-29"}"#);
    put("row_json", "bad-lone-surrogate", r#"{"code":"\ud83c"}"#);
    put("row_json", "bad-array", r#"["1"]"#);
    put("row_json", "bad-empty", "");
}

fn write_responses() {
    let suite = Suite::Intl;
    let (row, salt, resource) = (row(), Salt([3; 32]), resource());
    let hashes = row.field_hashes(suite, &salt, &resource);
    let name: FieldName = "code".parse().expect("a name");
    let value = row.0.first().cloned().expect("a value");
    let shown = FieldDisclosure::Shown { salt: field_salt(suite, &salt, &name), name, value };
    let hidden = hashes.iter().skip(1).map(|hash: &Digest| FieldDisclosure::Hidden(*hash));
    let (record, commitment) = (RecordId::new([4; 16]), row.commitment(suite, &salt, &resource));
    let entry = HistoryEntry {
        version: 1,
        operation: RecordOp::Create { record, commitment },
        legal_basis: "basis".parse().expect("a code"),
        effective: "1981-12-31".parse().expect("a date"),
    };
    let fields = List::new(std::iter::once(shown).chain(hidden).collect()).expect("four");
    let version = VersionDisclosure { entry, row: Some(row.digest(suite, &salt)), fields };
    assert_eq!(version.check(suite), Ok(()));
    let response = AccessResponse {
        version: 1,
        request_id: RequestId::new([5; 16]),
        request_digest: suite.hash(&[b"request"]),
        height: Height::new(42),
        records: vec![RecordDisclosure { record, versions: vec![version] }],
    };
    let nothing = AccessResponse { records: Vec::new(), ..response.clone() };
    let bytes = codec::encode(&response);
    put("access_response", "good-one-version", &bytes);
    put("access_response", "good-nothing-found", codec::encode(&nothing));
    put_hostile("access_response", &bytes);
    put(
        "access_response",
        "bad-records-claimed",
        replaced(
            &codec::encode(&nothing),
            &[42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[42, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        ),
    );

    let sealed =
        |plain: &[u8]| seal::seal(&sealing_secret().public(), SEALING_INFO, SEALING_CONTEXT, plain).expect("sealed");
    put_once("sealed_response", "good-one-version", || sealed(&bytes));
    put_once("sealed_response", "good-nothing-found", || sealed(&codec::encode(&nothing)));
    put_once("sealed_response", "bad-nonsense-inside", || sealed(b"nonsense"));
    put_once("sealed_response", "bad-cut", || sealed(&bytes).split_at(90).0.to_vec());
    put("sealed_response", "bad-point-of-small-order", [0; 64]);
    put("sealed_response", "bad-shorter-than-its-key", [9; 31]);
    put("sealed_response", "bad-empty", []);
}

fn write_words() {
    let good = [
        ("good-resource", "civil-affairs/divisions"),
        ("good-date", "2024-02-29"),
        ("good-instant", "2026-08-01T09:00:00.000Z"),
        ("good-instant-in-a-zone", "2026-08-01T17:00:00+08:00"),
        ("good-media-type", "application/vnd.ms-excel"),
        ("good-address", "gateway.example.gov.cn:8443"),
        ("good-address-of-ipv6", "[::1]:8443"),
        ("good-cursor", "42-0-1"),
        ("good-slug", "housing_and_urban-rural"),
    ];
    good.iter().for_each(|(name, text)| put("text_forms", name, text));
    let key = Suite::Intl.secret_from_seed(&[1; 32]);
    put("text_forms", "good-key", key.public().to_string());
    put("text_forms", "good-signature", key.sign(b"text").to_string());
    put("text_forms", "good-sealing-key", sealing_secret().public().to_string());
    put("text_forms", "good-digest", Suite::Intl.hash(&[b"text"]).to_string());
    let bad = [
        ("bad-spaces", "civil affairs"),
        ("bad-look-alike", "сivil-affairs"),
        ("bad-bidirectional", "civil\u{202e}affairs"),
        ("bad-address-of-ipv6-with-zeros", "[0::1]:8443"),
        ("bad-instant-before-1970", "1969-12-31T23:59:59.999Z"),
        ("bad-year-10000", "+010000-01-01T00:00:00Z"),
        ("bad-two-slashes", "a.b/c d/e"),
        ("bad-line-end", "housing\n"),
    ];
    bad.iter().for_each(|(name, text)| put("text_forms", name, text));
    put("text_forms", "bad-not-utf-8", [0xff, 0xfe]);
}

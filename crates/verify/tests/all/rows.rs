//! `conformance/rows.json`: canonical rows and their commitments (docs/spec/row.md).

use expect_test::expect_file;
use gongxin_crypto::{Suite, merkle};
use gongxin_types::resource::{
    Classification, Field, FieldType, OpenAttribute, ShareAttribute, SubjectKind, UpdateCycle,
};
use gongxin_types::row::{self, CellText, Row, Salt, Value};
use gongxin_types::{Bilingual, List, Resource, codec};
use serde_json::json;

use crate::fixture::{bytes, list, text as parse};

/// The committed rows are the ones made here.
#[test]
fn rows_are_those_committed() {
    let cases: Vec<serde_json::Value> =
        rows().into_iter().map(|(name, why, values)| vector(name, why, &values)).collect();
    let path = format!("{}/../../conformance/rows.json", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&crate::vectors::pretty(&cases));
}

/// What the page calls different has different commitments, under one salt and one catalogue.
#[test]
fn different_rows_have_different_commitments() {
    let mut seen = std::collections::BTreeMap::new();
    for (name, _, values) in rows() {
        let resource = resource(&values);
        let commitment = Row(list(values)).commitment(Suite::Intl, &Salt(bytes("one salt")), &resource);
        assert_eq!(seen.insert(commitment, name), None, "{name}");
    }
}

fn text(value: &str) -> Value {
    Value::Text(CellText::new(value).expect("within the bound"))
}

type Case = (&'static str, &'static str, Vec<Value>);

fn rows() -> Vec<Case> {
    let mut rows = texts();
    rows.extend(others());
    rows
}

fn texts() -> Vec<Case> {
    vec![
        ("division", "a row of the register of divisions", vec![text("110101"), text("东城区")]),
        ("null", "a missing name", vec![text("110101"), Value::Null]),
        ("empty-text", "an empty name, which is not a missing one", vec![text("110101"), text("")]),
        ("space", "white space is kept", vec![text("110101"), text(" 东城区 ")]),
        ("extension-b", "rare Han of extension B, four bytes of UTF-8 each", vec![text("330106"), text("𠮷野𡈽")]),
        ("extension-g", "rare Han of extension G", vec![text("330106"), text("\u{30EDE}\u{3106C}")]),
        ("extension-h", "rare Han of extension H", vec![text("330106"), text("\u{31350}\u{323AF}")]),
        (
            "compatibility",
            "a compatibility character, which normalisation would replace",
            vec![text("330106"), text("\u{FA1E}\u{2F800}")],
        ),
        ("variation", "a variation selector is part of the text", vec![text("330106"), text("葛\u{E0100}")]),
        ("precomposed", "one code point", vec![text("650100"), text("caf\u{e9}")]),
        ("combining", "the same to the eye, as two code points", vec![text("650100"), text("cafe\u{301}")]),
        ("width", "full-width digits are not digits", vec![text("１１０１０１"), text("东城区")]),
        (
            "private-use",
            "a character of the private use area, as old registers have them",
            vec![text("110101"), text("\u{E000}\u{10FFFD}")],
        ),
        ("zero", "a text may hold U+0000", vec![text("110101"), text("\0")]),
        ("right-to-left", "nothing is taken out of a value", vec![text("110101"), text("\u{202E}abc")]),
        ("emoji", "an emoji of several code points", vec![text("110101"), text("👩\u{200D}💻")]),
    ]
}

fn others() -> Vec<Case> {
    let date = |value: &str| Value::Date(value.parse().expect("a date"));
    vec![
        ("integers-small", "around zero", vec![Value::Integer(-1), Value::Integer(0), Value::Integer(1)]),
        ("integers-limits", "the smallest and the largest", vec![Value::Integer(i64::MIN), Value::Integer(i64::MAX)]),
        (
            "integers-json",
            "beyond what JSON numbers keep",
            vec![Value::Integer((1 << 53) + 1), Value::Integer(-(1 << 53) - 1)],
        ),
        ("integer-and-text", "a number, and the same digits as text", vec![Value::Integer(7), text("7")]),
        ("booleans", "no, yes, unknown", vec![Value::Boolean(false), Value::Boolean(true), Value::Null]),
        ("dates", "the first, the last, a leap day", vec![date("0001-01-01"), date("9999-12-31"), date("2024-02-29")]),
        ("one-field", "a tree of one leaf", vec![text("x")]),
        ("all-null", "nothing is known but the width", vec![Value::Null; 3]),
        (
            "five-fields",
            "a tree that is not full",
            vec![text("a"), Value::Integer(5), Value::Boolean(true), Value::Null, date("2024-12-31")],
        ),
        ("wide", "as many fields as a resource may have", (0..128).map(Value::Integer).collect()),
    ]
}

fn vector(name: &str, why: &str, values: &[Value]) -> serde_json::Value {
    let suite = Suite::Intl;
    let (resource, row, salt) = (resource(values), Row(list(values.to_vec())), Salt(bytes(&format!("salt of {name}"))));
    row.check(&resource).expect("a row of its resource");
    let kind = |kind: FieldType| serde_json::to_value(kind).expect("JSON");
    let fields: Vec<_> =
        resource.fields.iter().map(|field| json!({ "name": field.name, "type": kind(field.value) })).collect();
    let leaves = row.field_hashes(suite, &salt, &resource);
    let salts: Vec<_> =
        resource.fields.iter().map(|field| row::field_salt(suite, &salt, &field.name).to_string()).collect();
    let shown = |value: &Value| match value {
        Value::Integer(number) => number.to_string().into(),
        other => other.to_json(),
    };
    let hex: String = codec::encode(&row).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "name": name,
        "why": why,
        "fields": fields,
        "salt": salt,
        "values": values.iter().map(shown).collect::<Vec<_>>(),
        "row": hex,
        "row_digest": row.digest(suite, &salt),
        "field_salts": salts,
        "field_leaves": leaves,
        "fields_root": merkle::root_of_hashes(suite, &leaves),
        "commitment": row.commitment(suite, &salt, &resource),
    })
}

fn resource(values: &[Value]) -> Resource {
    let kind = |value: &Value| match value {
        Value::Null | Value::Text(_) => FieldType::Text,
        Value::Integer(_) => FieldType::Integer,
        Value::Boolean(_) => FieldType::Boolean,
        Value::Date(_) => FieldType::Date,
    };
    let names = ["code", "name", "since", "remark", "valid_until"];
    let field = |(number, value): (usize, &Value)| Field {
        name: parse(&names.get(number).map_or_else(|| format!("field-{number}"), |name| (*name).to_owned())),
        title: Bilingual::new("项", "field").expect("an official text"),
        value: kind(value),
        nullable: true,
        key: number == 0,
        classification: Classification::General1,
    };
    Resource {
        version: 1,
        id: parse("civil-affairs/divisions"),
        duty: parse("civil-affairs/administrative-divisions"),
        title: Bilingual::new("行政区划", "divisions").expect("an official text"),
        description: Bilingual::new("行政区划", "divisions").expect("an official text"),
        fields: List::new(values.iter().enumerate().map(field).collect()).expect("few"),
        subjects: SubjectKind::None,
        share: ShareAttribute::Unconditional,
        open: OpenAttribute::Unconditional,
        classification: Classification::General1,
        update_cycle: UpdateCycle::Yearly,
        revision: 1,
        withdrawn: None,
    }
}

//! `conformance/columns.json`: what stands in a column, and the text that stands in the canonical row (docs/spec/row.md, 6).

use expect_test::expect_file;
use gongxin_connector_api::contract::bound;
use gongxin_connector_api::{Cell, civil, decimal};
use gongxin_types::row::Value;
use proptest::prelude::*;
use serde_json::json;

/// Decimals: the number as written, the scale, the text or nothing.
const DECIMALS: &[(&str, u8)] = &[
    ("0", 2),
    ("-0", 2),
    ("-0.00", 2),
    ("12.5", 2),
    ("12.50", 2),
    ("12.500", 2),
    ("12.505", 2),
    ("007", 0),
    ("7.0", 0),
    ("7.1", 0),
    ("-3", 3),
    (".5", 2),
    ("5.", 2),
    ("+5", 2),
    ("1e3", 2),
    ("NaN", 2),
    ("Infinity", 2),
    ("", 2),
    ("-", 2),
    ("1 000", 2),
    ("1,5", 2),
    ("１", 2),
    ("99999999999999999999999999999999999999.99", 2),
    ("0.000000000000000001", 18),
    ("00000000000000000000000000000000000000000000000000000000000000001", 0),
];

/// Instants without a zone, then with one.
const INSTANTS: &[(&str, bool)] = &[
    ("2024-05-06T07:08:09", false),
    ("2024-05-06 07:08:09", false),
    ("2024-05-06 07:08:09.5", false),
    ("2024-05-06 07:08:09.123456", false),
    ("2024-05-06 07:08:09.1234567", false),
    ("2024-02-30 00:00:00", false),
    ("2024-05-06 24:00:00", false),
    ("2024-05-06 23:59:60", false),
    ("2024-05-06", false),
    ("2024-05-06T07:08", false),
    ("0001-01-01 00:00:00", false),
    ("9999-12-31 23:59:59.999999", false),
    ("10000-01-01 00:00:00", false),
    ("2024-05-06T07:08:09Z", false),
    ("2024-05-06T07:08:09", true),
    ("2024-05-06T07:08:09Z", true),
    ("2024-05-06T07:08:09+08:00", true),
    ("2024-05-06 07:08:09+08", true),
    ("2024-05-06 07:08:09.25-03:30", true),
    ("2024-03-01T00:30:00+01:00", true),
    ("0001-01-01T00:00:00+08:00", true),
    ("9999-12-31T23:59:59-00:01", true),
    ("2024-05-06T07:08:09+8:00", true),
    ("2024-05-06T07:08:09+16:00", true),
];

fn instant(text: &str, utc: bool) -> Option<String> {
    civil::parse_instant(text, utc).and_then(|micros| civil::instant_text(micros, utc))
}

/// The committed vectors are the ones made here.
#[test]
fn columns_are_those_committed() {
    let decimals = DECIMALS.iter().map(|(from, scale)| json!({ "as": "decimal", "scale": scale, "from": from, "text": decimal::canonical(from, *scale) }));
    let instants = INSTANTS.iter().map(|(from, utc)| {
        json!({ "as": if *utc { "timestamp-utc" } else { "timestamp" }, "from": from, "text": instant(from, *utc) })
    });
    let cases: Vec<serde_json::Value> = decimals.chain(instants).collect();
    let path = format!("{}/../../conformance/columns.json", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&crate::pretty(&cases));
}

/// The first and the last day, leap days, and the day before and after: as the calendar of the ledger has them.
#[test]
fn days_are_those_of_the_calendar() {
    assert_eq!(civil::of_days(-719_162), Some((1, 1, 1)));
    assert_eq!(civil::of_days(-719_163), None);
    assert_eq!(civil::of_days(2_932_896), Some((9999, 12, 31)));
    assert_eq!(civil::of_days(2_932_897), None);
    for days in [0, 59, 10_957, 11_016, 11_017, 19_782] {
        let (year, month, day) = civil::of_days(days.into()).unwrap();
        assert_eq!(gongxin_types::Date::new(year, month, day), Some(gongxin_types::Date::of_number(days)));
    }
}

proptest! {
    /// A canonical decimal and a canonical instant are canonical again.
    #[test]
    fn canonical_texts_stay(whole in any::<i64>(), fraction in 0_u32..1_000_000, scale in 6_u8..18, micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
        let text = decimal::canonical(&format!("{whole}.{fraction:06}"), scale).unwrap();
        prop_assert_eq!(decimal::canonical(&text, scale), Some(text));
        for utc in [false, true] {
            let text = civil::instant_text(micros, utc).unwrap();
            prop_assert_eq!(civil::parse_instant(&text, utc), Some(micros));
        }
    }

    /// Any cell in any column is a value or a reason, and a value fits its field.
    #[test]
    fn any_cell_is_a_value_or_a_reason(bytes in any::<Vec<u8>>(), number in any::<i64>(), text in "\\PC*") {
        let cells = [
            Cell::Null, Cell::Text(&bytes), Cell::Integer(number), Cell::OutOfRange, Cell::Boolean(number > 0), Cell::Days(number),
            Cell::Micros(number), Cell::MicrosUtc(number), Cell::Decimal(&text), Cell::Other,
        ];
        for column in bound().columns() {
            for cell in cells {
                if let Ok(value) = column.value(cell) {
                    prop_assert!(value.fits(column.kind, column.nullable));
                    prop_assert!(column.nullable || value != Value::Null);
                }
            }
        }
    }
}

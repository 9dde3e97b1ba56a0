//! A pass over a register: every kind of difference, and nothing else.

use std::collections::BTreeMap;

use gongxin_connector_api::compare::{Living, OutOfOrder};
use gongxin_connector_api::contract::{bound, key, resource, row};
use gongxin_connector_api::{Comparison, Difference, Expected, Key, KeyedRow, Reason, RowFault};
use gongxin_crypto::{Suite, merkle};
use gongxin_types::row::{Row, Salt};
use proptest::prelude::*;

const SUITE: Suite = Suite::Intl;

fn expected(row: &Row) -> Expected {
    let salt = Salt([9; 32]);
    let fields_root = merkle::root_of_hashes(SUITE, &row.field_hashes(SUITE, &salt, &resource()));
    let commitment = row.commitment(SUITE, &salt, &resource());
    Expected { key: key(row), living: Some(Living { commitment, salt, fields_root }) }
}

fn ended(row: &Row) -> Expected {
    Expected { key: key(row), living: None }
}

fn read(row: &Row) -> Result<KeyedRow, RowFault> {
    Ok(KeyedRow { key: key(row), row: row.clone() })
}

fn compare(rows: &[Result<KeyedRow, RowFault>], expected: Vec<Expected>) -> Result<Vec<Difference>, OutOfOrder> {
    let mut found = Vec::new();
    let mut pass = Comparison::new(SUITE, expected.into_iter().map(Ok::<_, OutOfOrder>));
    for row in rows {
        pass.row(row, &mut |difference| found.push(difference))?;
    }
    assert_eq!(pass.finish(&mut |difference| found.push(difference))?, rows.len() as u64);
    Ok(found)
}

/// Rows 1 to 8: as it should be, changed, missing, added, resurrected, there twice, unreadable, deleted and gone.
#[test]
fn each_difference_is_found_once() {
    let rows: Vec<Row> = (0..9).map(|number| row("a", number, "as it was")).collect();
    let other = row("a", 2, "changed");
    let fault = |key: Option<Key>| RowFault { key, ..bound().fault(None, Reason::NotUtf8) };
    let register = [
        read(&rows[1]),
        read(&other),
        read(&rows[4]),
        read(&rows[5]),
        read(&rows[6]),
        read(&rows[6]),
        Err(fault(Some(key(&rows[7])))),
        Err(fault(None)),
    ];
    let ledger = vec![
        expected(&rows[1]),
        expected(&rows[2]),
        expected(&rows[3]),
        ended(&rows[5]),
        expected(&rows[6]),
        expected(&rows[7]),
        ended(&rows[8]),
    ];
    let found = compare(&register, ledger).unwrap();
    let commitment = |row: &Row| expected(row).living.unwrap().commitment;
    assert!(
        matches!(&found[0], Difference::Changed { key: changed, expected, .. } if *changed == key(&other) && *expected == commitment(&rows[2]))
    );
    let rest = [
        Difference::Missing { key: key(&rows[3]), expected: commitment(&rows[3]) },
        Difference::Added { key: key(&rows[4]) },
        Difference::Resurrected { key: key(&rows[5]) },
        Difference::Duplicated { key: key(&rows[6]) },
        Difference::Unreadable(fault(Some(key(&rows[7])))),
        Difference::Unreadable(fault(None)),
    ];
    assert_eq!(found[1..], rest);
}

/// A side that is out of order proves nothing, and says which.
#[test]
fn a_side_out_of_order_is_refused() {
    let (one, two) = (row("a", 1, "x"), row("a", 2, "x"));
    let rows = compare(&[read(&two), read(&one)], vec![]).unwrap_err();
    assert_eq!(rows.to_string(), "the rows of the register do not come in the order of their keys");
    let ledger = compare(&[read(&two)], vec![expected(&two), expected(&one)]);
    assert!(ledger.is_err() || compare(&[], vec![expected(&two), expected(&one)]).is_err());
    assert!(compare(&[], vec![expected(&one), expected(&one)]).is_err());
}

proptest! {
    /// Against a model: whatever was done to whatever register, each key that differs is named once and no other.
    #[test]
    fn as_a_model_says(register in prop::collection::btree_map(0_i64..30, 0_u8..3, 0..20), ledger in prop::collection::btree_map(0_i64..30, prop::option::of(0_u8..3), 0..20)) {
        let make = |number: i64, version: u8| row("a", number, &version.to_string());
        let rows: Vec<_> = register.iter().map(|(number, version)| read(&make(*number, *version))).collect();
        let sides: Vec<_> = ledger.iter().map(|(number, version)| match version {
            Some(version) => expected(&make(*number, *version)),
            None => ended(&make(*number, 0)),
        }).collect();
        let found = compare(&rows, sides).unwrap();
        let mut model = BTreeMap::new();
        for number in 0..30 {
            let kind = match (register.get(&number), ledger.get(&number)) {
                (Some(is), Some(Some(should))) if is != should => "changed",
                (None, Some(Some(_))) => "missing",
                (Some(_), None) => "added",
                (Some(_), Some(None)) => "resurrected",
                _ => continue,
            };
            model.insert(key(&make(number, 0)), kind);
        }
        let named: Vec<(Key, &str)> = found.into_iter().map(|difference| match difference {
            Difference::Changed { key, .. } => (key, "changed"),
            Difference::Missing { key, .. } => (key, "missing"),
            Difference::Added { key } => (key, "added"),
            Difference::Resurrected { key } => (key, "resurrected"),
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(named, model.into_iter().collect::<Vec<_>>());
    }
}

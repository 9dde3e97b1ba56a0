//! Keys are ordered by their values' bytes and sizes, say nothing in logs, and have one encoding.

use gongxin_connector_api::Key;
use gongxin_connector_api::key::KeyError;
use gongxin_types::codec;
use gongxin_types::row::{CellText, Value};

fn text(text: &str) -> Value {
    Value::Text(CellText::new(text).unwrap())
}

/// Text by its bytes, not by any language; integers by size; the first column first.
#[test]
fn keys_are_ordered() {
    let ordered = [
        vec![text(""), Value::Integer(5)],
        vec![text("A"), Value::Integer(-5)],
        vec![text("A"), Value::Integer(3)],
        vec![text("Z"), Value::Integer(0)],
        vec![text("a"), Value::Integer(0)],
        vec![text("é"), Value::Integer(0)],
        vec![text("中"), Value::Integer(0)],
        vec![text("𠀀"), Value::Integer(0)],
    ];
    assert!(ordered.map(|values| Key::new(values).unwrap()).is_sorted_by(|one, next| one < next));
}

/// No column, too many, NULL, too long: no key, also when decoded.
#[test]
fn what_is_no_key() {
    assert_eq!(Key::new(vec![]), Err(KeyError::Columns));
    assert_eq!(Key::new(vec![Value::Integer(1); 9]), Err(KeyError::Columns));
    assert_eq!(Key::new(vec![Value::Null]), Err(KeyError::Null));
    assert_eq!(Key::new(vec![text(&"x".repeat(4_088))]), Err(KeyError::TooLong));
    let longest = Key::new(vec![text(&"x".repeat(4_087))]).unwrap();
    assert_eq!(codec::encode(&longest).len(), 4_096);
    assert!(codec::decode::<Key>("key", &codec::encode(&vec![Value::Null])).is_err());
    assert!(codec::decode::<Key>("key", &[255, 255, 255, 255]).is_err());
    assert_eq!(codec::decode::<Key>("key", &codec::encode(&longest)).unwrap(), longest);
    assert!(!format!("{:?}", Key::new(vec![text("440301199001011234")]).unwrap()).contains("4403"));
}

//! The register that every connector is tested with: one table with every type of field and every way to read a column.

use gongxin_crypto::Suite;
use gongxin_types::row::{CellText, Row, Value};
use gongxin_types::{Date, List, Resource};

use crate::ticket::{TicketAct, row_digest};
use crate::{Author, Binding, Bound, Key, OperationId, Registers, Ticket, TicketBody};

/// The registers of the cast, as an operator writes them.
const REGISTERS: &str = r#"
[[database]]
name = "housing"
[database.sqlite]
file = "housing.db"

[[register]]
resource = "housing/estates"
database = "housing"
table = "estate"
mode = "ledger-first"
subject = "name"
[register.columns]
district = "district"
number = "number"
name = "name"
mortgaged = "mortgaged"
built = "built"
area = { column = "area_m2", as = "decimal", scale = 2 }
surveyed = { column = "surveyed", as = "timestamp" }
registered = { column = "registered", as = "timestamp-utc" }
"#;

/// The catalogue's entry. District and number are the key.
///
/// # Panics
/// Never: it is a constant.
pub fn resource() -> Resource {
    let bilingual = |text: &str| format!(r#"{{"zh":"{text}","en":"{text}"}}"#);
    let field = |(name, kind, nullable, key): (&str, &str, bool, bool)| {
        let title = bilingual(name);
        format!(
            r#"{{"name":"{name}","title":{title},"value":"{kind}","nullable":{nullable},"key":{key},"classification":"general2"}}"#
        )
    };
    let fields = [
        ("district", "text", false, true),
        ("number", "integer", false, true),
        ("name", "text", true, false),
        ("mortgaged", "boolean", true, false),
        ("built", "date", true, false),
        ("area", "text", true, false),
        ("surveyed", "text", true, false),
        ("registered", "text", true, false),
    ];
    let fields = fields.map(field).join(",");
    let text = bilingual("estates");
    let json = format!(
        r#"{{"version":1,"id":"housing/estates","duty":"housing/titles","title":{text},"description":{text},"fields":[{fields}],
"subjects":"none","share":{{"kind":"unconditional"}},"open":{{"kind":"unconditional"}},"classification":"general2",
"update_cycle":"real-time","revision":1,"withdrawn":null}}"#
    );
    serde_json::from_str(&json).expect("the cast's resource")
}

/// The binding of the cast's register.
///
/// # Panics
/// Never: it is a constant.
pub fn binding() -> Binding {
    Registers::parse(REGISTERS).expect("the cast's registers").register.remove(0)
}

/// Binding and resource together.
///
/// # Panics
/// Never: they are constants.
pub fn bound() -> Bound {
    Bound::new(binding(), resource()).expect("the cast's binding fits")
}

fn text(text: &str) -> Value {
    Value::Text(CellText::new(text).expect("a short text"))
}

/// A row with this key and name, and something in every column.
///
/// # Panics
/// When `name` is too long.
pub fn row(district: &str, number: i64, name: &str) -> Row {
    let values = vec![
        text(district),
        Value::Integer(number),
        text(name),
        Value::Boolean(number % 2 == 0),
        Value::Date(Date::new(1999, 12, 31).expect("a day")),
        text("88.50"),
        text("2024-05-06T07:08:09.123456"),
        text("2024-05-05T23:08:09.000000Z"),
    ];
    Row(List::new(values).expect("eight values"))
}

/// A row's key.
///
/// # Panics
/// When it has none.
pub fn key(of: &Row) -> Key {
    Key::of(of, &resource()).expect("a key")
}

/// Rows that tell one connector from another: rare Han, both normal forms, the ends of every range, NULL beside the empty text.
///
/// # Panics
/// Never: they are constants.
pub fn sample() -> Vec<Row> {
    let null = Value::Null;
    let day = |year, month, day| Value::Date(Date::new(year, month, day).expect("a day"));
    let rows = vec![
        // U+3400 (extension A), U+20000 and U+2A6DF (B), U+30729 (G), U+9FFF: GB 18030-2022 level 3 and beyond the BMP.
        vec![
            text("㐀𠀀𪛟𰜩鿿"),
            Value::Integer(1),
            text("𮕸"),
            Value::Boolean(true),
            day(1, 1, 1),
            text("0.00"),
            null.clone(),
            null.clone(),
        ],
        vec![
            text("é"),
            Value::Integer(i64::MIN),
            text(""),
            null.clone(),
            null.clone(),
            text("-0.01"),
            null.clone(),
            null.clone(),
        ],
        vec![
            text("e\u{301}"),
            Value::Integer(i64::MAX),
            null.clone(),
            null.clone(),
            day(9999, 12, 31),
            null.clone(),
            null.clone(),
            null.clone(),
        ],
        vec![
            text(" trailing "),
            Value::Integer(0),
            text("quote ' and \\ and \" and \u{7f}"),
            Value::Boolean(false),
            day(2000, 2, 29),
            text("12345678901234567890.10"),
            text("0001-01-01T00:00:00.000000"),
            text("9999-12-31T23:59:59.999999Z"),
        ],
        vec![
            text("Z"),
            Value::Integer(-1),
            text("line\nline\ttab"),
            null.clone(),
            day(1969, 12, 31),
            text("1.00"),
            text("1969-12-31T23:59:59.999999"),
            text("1970-01-01T00:00:00.000000Z"),
        ],
    ];
    rows.into_iter().map(|values| Row(List::new(values).expect("eight values"))).collect()
}

/// A ticket for a change, signed by a service of the cast. `number` makes its operation.
///
/// # Panics
/// When the change names no act.
pub fn ticket_for(act: TicketAct, row_key: &Key, row: Option<&Row>, number: u8) -> Ticket {
    let suite = Suite::Intl;
    let secret = suite.secret_from_seed(&[7; 32]);
    let body = TicketBody {
        version: 1,
        network: suite.hash(&[b"the cast's network"]),
        operation: OperationId([number; 16]),
        author: Author::Service("front-desk".parse().expect("a name")),
        key: secret.public(),
        legal_basis: "real-estate-registration-art-14".parse().expect("a code"),
        effective: Date::new(2026, 8, 1).expect("a day"),
        resource: resource().id,
        act,
        row_key: row_key.clone(),
        row: row.map(|row| row_digest(suite, row)),
    };
    let signature = secret.sign(&body.message(suite));
    Ticket { body, signature }
}

//! Bindings as operators write them: what is wrong is said with the name of what it is about.

use expect_test::{Expect, expect};
use gongxin_connector_api::contract::{binding, resource};
use gongxin_connector_api::{Bound, Mapping, Mode, Registers};

const GOOD: &str = r#"
[[database]]
name = "housing"
[database.postgres]
host = "10.1.2.3"
[[register]]
resource = "housing/estates"
database = "housing"
table = "public.estate"
mode = "anchored"
[register.columns]
code = "代码"
area = { column = "area_m2", as = "decimal", scale = 2 }
"#;

/// What is written is what is read.
#[test]
fn a_register_is_read() {
    let registers = Registers::parse(GOOD).unwrap();
    assert!(registers.database[0].postgres.is_some());
    let register = &registers.register[0];
    assert_eq!((register.table.quoted().as_str(), register.mode), ("\"public\".\"estate\"", Mode::Anchored));
    assert_eq!(register.columns.len(), 2);
}

fn refused(from: &str, to: &str, expected: Expect) {
    assert!(GOOD.contains(from), "{from}");
    let error = Registers::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
    expected.assert_eq(error.lines().last().unwrap());
}

/// Each mistake has a sentence.
#[test]
fn mistakes_are_named() {
    refused(
        "host = \"10.1.2.3\"",
        "host = \"10.1.2.3\"\n[database.sqlite]\nfile = \"x\"",
        expect![
            "database `housing` must say where it is in exactly one of `[database.postgres]` and `[database.sqlite]`"
        ],
    );
    refused(
        "database = \"housing\"",
        "database = \"police\"",
        expect!["register `housing/estates` is in database `police`, which is not there"],
    );
    refused(
        "mode = \"anchored\"",
        "mode = \"anchor\"",
        expect!["unknown variant `anchor`, expected one of `observe`, `anchored`, `ledger-first`"],
    );
    refused(
        "\"public.estate\"",
        "\"public.est\\\"ate\"",
        expect![[
            r#"`est\"ate` is no name of a table or column: 1 to 63 bytes, without quotes and control characters"#
        ]],
    );
    refused("as = \"decimal\"", "as = \"money\"", expect!["a column's name, or `{ column = …, as = … }`"]);
    refused(
        "[[register]]",
        "[[database]]\nname = \"housing\"\n[database.sqlite]\n[[register]]",
        expect!["database `housing` is there twice"],
    );
    refused(
        "mode =",
        "colour = \"red\"\nmode =",
        expect![
            "unknown field `colour`, expected one of `resource`, `database`, `table`, `mode`, `subject`, `columns`"
        ],
    );
    let twice = format!(
        "{GOOD}{}",
        GOOD.split_once("[[register]]").map(|(_, register)| format!("[[register]]{register}")).unwrap()
    );
    expect!["register `housing/estates` is there twice"].assert_eq(&Registers::parse(&twice).unwrap_err().to_string());
    let long = format!("{GOOD}#{}", "x".repeat(600_000));
    expect!["600267 bytes where databases and registers have at most 524288"]
        .assert_eq(&Registers::parse(&long).unwrap_err().to_string());
}

/// A binding and the catalogue: every field has a column, nothing else has, and the key can be ordered.
#[test]
fn a_binding_fits_its_resource() {
    let bound = Bound::new(binding(), resource()).unwrap();
    assert_eq!(bound.key_columns().map(|column| column.column.as_str()).collect::<Vec<_>>(), ["district", "number"]);
    assert_eq!(bound.columns()[5].mapping, Mapping::Decimal(2));
    let check = |change: &dyn Fn(&mut gongxin_connector_api::Binding, &mut gongxin_types::Resource),
                 expected: Expect| {
        let (mut binding, mut resource) = (binding(), resource());
        change(&mut binding, &mut resource);
        expected.assert_eq(&Bound::new(binding, resource).unwrap_err().to_string());
    };
    let columns =
        |binding: &gongxin_connector_api::Binding, field: &str| binding.columns[&field.parse().unwrap()].clone();
    check(
        &|binding, _| drop(binding.columns.remove(&"built".parse().unwrap())),
        expect!["field `built` of `housing/estates` has no column: name one under `[register.columns]`"],
    );
    check(
        &|binding, _| drop(binding.columns.insert("colour".parse().unwrap(), columns(binding, "built"))),
        expect!["`colour` is no field of `housing/estates`: take it out of `[register.columns]`"],
    );
    check(
        &|binding, _| drop(binding.columns.insert("number".parse().unwrap(), columns(binding, "area"))),
        expect![
            "field `number` of `housing/estates` cannot be read so: decimals and timestamps are text fields and no keys, a decimal has a `scale` of 0 to 18, nothing else has one"
        ],
    );
    check(
        &|binding, _| drop(binding.columns.insert("district".parse().unwrap(), columns(binding, "area"))),
        expect![
            "field `district` of `housing/estates` cannot be read so: decimals and timestamps are text fields and no keys, a decimal has a `scale` of 0 to 18, nothing else has one"
        ],
    );
    check(
        &|binding, _| binding.subject = Some("number".parse().unwrap()),
        expect!["the subject `number` is no text field of `housing/estates`"],
    );
    check(
        &|_, resource| resource.fields.iter_mut().for_each(|field| field.key = false),
        expect!["`housing/estates` has no usable key: 1 to 8 key fields, none of them nullable"],
    );
    check(
        &|_, resource| resource.id = "police/people".parse().unwrap(),
        expect!["the binding is for `housing/estates`, the resource is `police/people`"],
    );
}

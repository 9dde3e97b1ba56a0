//! Messages of a stream, tickets and bindings.

use gongxin_connector_api::contract::{key, row, ticket_for};
use gongxin_connector_api::ticket::TicketAct;

use crate::{put, put_hostile, replaced};

const REGISTERS: &str = "[[database]]\nname = \"housing\"\n[database.sqlite]\nfile = \"housing.db\"\n\n[[register]]\nresource = \"housing/estates\"\ndatabase = \"housing\"\ntable = \"public.estate\"\nmode = \"observe\"\nsubject = \"owner\"\n[register.columns]\nowner = \"所有人\"\narea = { column = \"area_m2\", as = \"decimal\", scale = 2 }\nsince = { column = \"since\", as = \"timestamp-utc\" }\n";

pub(crate) fn write() {
    tickets();
    messages();
    put("registers", "good-one", REGISTERS);
    put("registers", "good-nothing", "");
    for (name, from, to) in [
        ("bad-quote", "public.estate", "public.est\\\"ate"),
        ("bad-mode", "observe", "watch"),
        ("bad-database", "database = \"housing\"", "database = \"police\""),
        ("bad-unknown", "subject", "colour"),
    ] {
        put("registers", name, replaced(REGISTERS.as_bytes(), from.as_bytes(), to.as_bytes()));
    }
    put("registers", "bad-not-text", [0xff; 20]);
}

fn tickets() {
    let one = row("a", 1, "one");
    let create = ticket_for(TicketAct::Create, &key(&one), Some(&one), 1).to_bytes();
    put("ticket", "good-create", &create);
    put("ticket", "good-delete", ticket_for(TicketAct::Delete, &key(&one), None, 2).to_bytes());
    put("ticket", "bad-delete-with-row", ticket_for(TicketAct::Delete, &key(&one), Some(&one), 3).to_bytes());
    put("ticket", "bad-update-without-row", ticket_for(TicketAct::Update, &key(&one), None, 4).to_bytes());
    let mut later = create.clone();
    later.splice(..1, [2]);
    put("ticket", "bad-version", later);
    put_hostile("ticket", &create);
}

/// One message of each kind, as a server sends it.
fn messages() {
    let text = |text: &str| [text.as_bytes(), &[0]].concat();
    let value =
        |bytes: &[u8]| [&b"b"[..], &u32::try_from(bytes.len()).expect("a short value").to_be_bytes(), bytes].concat();
    // 12345.678 and -0.01 as `numeric`.
    let numeric: Vec<u8> = [3_u16, 1, 0, 3, 1, 2_345, 6_780].iter().flat_map(|word| word.to_be_bytes()).collect();
    let small: Vec<u8> = [1_u16, 0xffff, 0x4000, 2, 100].iter().flat_map(|word| word.to_be_bytes()).collect();
    let tuple = [
        &7_u16.to_be_bytes()[..],
        &value("中".as_bytes()),
        &value(&1_i64.to_be_bytes()),
        &value(&numeric),
        &value(&small),
        b"n",
        b"u",
        &value(&[1]),
    ]
    .concat();
    let relation = 16_384_u32.to_be_bytes();
    let column = |name: &str, oid: u32| [&[1][..], &text(name), &oid.to_be_bytes(), &u32::MAX.to_be_bytes()].concat();
    let begin = [&b"B"[..], &[0; 7], &[9], &[0; 8], &[0, 0, 0, 7]].concat();
    put("pgoutput", "good-begin", &begin);
    put("pgoutput", "good-commit", [&b"C\0"[..], &[0; 24]].concat());
    put(
        "pgoutput",
        "good-relation",
        [
            &b"R"[..],
            &relation,
            &text("public"),
            &text("estate"),
            b"d",
            &2_u16.to_be_bytes(),
            &column("code", 25),
            &column("area", 1700),
        ]
        .concat(),
    );
    let insert = [&b"I"[..], &relation, b"N", &tuple].concat();
    put("pgoutput", "good-insert", &insert);
    put("pgoutput", "good-update", [&b"U"[..], &relation, b"N", &tuple].concat());
    put("pgoutput", "good-update-key", [&b"U"[..], &relation, b"K", &tuple, b"N", &tuple].concat());
    put("pgoutput", "good-update-full", [&b"U"[..], &relation, b"O", &tuple, b"N", &tuple].concat());
    put("pgoutput", "good-delete", [&b"D"[..], &relation, b"K", &tuple].concat());
    put("pgoutput", "good-truncate", [&b"T"[..], &1_u32.to_be_bytes(), &[0], &relation].concat());
    put("pgoutput", "good-message", [&b"M\x01"[..], &[0; 8], &text("gongxin"), &3_u32.to_be_bytes(), b"abc"].concat());
    put("pgoutput", "bad-many-tables", [&b"T"[..], &u32::MAX.to_be_bytes(), &[0], &relation].concat());
    put("pgoutput", "bad-many-columns", [&b"I"[..], &relation, b"N", &u16::MAX.to_be_bytes()].concat());
    put(
        "pgoutput",
        "bad-giant-value",
        [&b"I"[..], &relation, b"N", &1_u16.to_be_bytes(), b"b", &u32::MAX.to_be_bytes(), b"x"].concat(),
    );
    put("pgoutput", "bad-endless-name", [&b"R"[..], &relation, &[b'x'; 300]].concat());
    put_hostile("pgoutput", &insert);
}

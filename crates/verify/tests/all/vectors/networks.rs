//! Network files that are not to be trusted, or are those of another network.

use gongxin_crypto::{Digest, Suite};
use gongxin_types::Time;
use gongxin_types::bundle::Network;
use gongxin_types::genesis::{ConsensusKey, NetworkHead};
use gongxin_verify::{Outcome, bundle};

use super::Theme;
use crate::fixture::{World, encoded, list};

/// Heads that are unusual, but hold.
const ACCEPTED: [&str; 3] = ["objects-of-31-bytes", "validators-of-one-name", "validator-key-nowhere"];

pub(super) fn make(theme: &mut Theme) {
    let other = World::new(Suite::Intl, "elsewhere", 4);
    let plain = theme.plain();
    theme.refuse("another-network", "a good receipt, checked against another network", &plain, &other.file());
    let mut renamed = theme.world.file();
    renamed.network = other.id();
    theme.refuse("identity-wrong", "a network file that names another network than its head", &plain, &renamed);
    let mut head_changed = theme.world.file();
    head_changed.head.protocol_version += 1;
    theme.refuse("head-changed", "a head that does not hash to the identity", &plain, &head_changed);

    let heads: [(&str, &str, fn(&mut NetworkHead)); 9] = [
        ("objects-of-31-bytes", "a digest of another length that is compared with nothing", |head| {
            head.objects = Digest::new(&[7; 31]).expect("1 to 64 bytes");
        }),
        ("validators-of-one-name", "validators differ by their keys, not by their names", |head| {
            let mut validators = head.validators.to_vec();
            validators[1].name = validators[0].name.clone();
            head.validators = list(validators);
        }),
        ("validator-key-nowhere", "the key of a validator who did not vote is no point", |head| {
            let mut validators = head.validators.to_vec();
            let mut key = [0; 32];
            key[..2].fill(0xff);
            validators[3].key = ConsensusKey(key);
            head.validators = list(validators);
        }),
        ("validators-unsorted", "validators not ascending by key", |head| {
            let mut validators = head.validators.to_vec();
            validators.swap(0, 1);
            head.validators = list(validators);
        }),
        ("validator-twice", "one validator twice", |head| {
            let mut validators = head.validators.to_vec();
            validators[1] = validators[0].clone();
            head.validators = list(validators);
        }),
        ("no-validators", "no validators", |head| head.validators = list(vec![])),
        ("time-scale-0", "a clock that stands still", |head| head.time_scale = 0),
        ("head-version-2", "a head of an encoding that is not known", |head| head.version = 2),
        ("genesis-objects-of-another", "a network that began with other objects", |head| {
            head.objects = Suite::Intl.hash(&[b"other objects"]);
        }),
    ];
    for (name, why, change) in heads {
        // All validators stand by it: they sign for the network of that head.
        let mut world = theme.world.clone();
        change(&mut world.head);
        let block = world.usual_block();
        let mut receipt = world.action_bundle_without_votes(&block, 0);
        receipt.certificate = world.certify(&block.header, &[0, 1, 2]);
        let file = Network::of(&world.head);
        if name == "genesis-objects-of-another" {
            theme.accept("network-of-other-objects", why, &receipt, &file);
            theme.refuse(name, "validators with the same keys serve another network", &receipt, &theme.world.file());
        } else if ACCEPTED.contains(&name) {
            theme.accept(name, why, &receipt, &file);
        } else {
            theme.refuse(name, why, &receipt, &file);
        }
    }
    make_texts(theme);
}

fn make_texts(theme: &mut Theme) {
    let receipt = bundle::to_bytes(&theme.plain());
    let network = String::from_utf8(bundle::network_to_bytes(&theme.world.file())).expect("text");
    let key = theme.world.head.validators[0].key.to_string();
    let cases = [
        ("suite-unknown", "a suite that is not known", r#""suite":"intl""#, r#""suite":"sm""#),
        ("suite-number", "the number of a suite instead of its name", r#""suite":"intl""#, r#""suite":1"#),
        ("suite-upper-case", "a suite in upper case", r#""suite":"intl""#, r#""suite":"Intl""#),
        ("name-with-space", "a name that is none", r#""name":"conformance""#, r#""name":"con formance""#),
        (
            "name-bidirectional",
            "a name with a bidirectional override",
            r#""name":"conformance""#,
            "\"name\":\"conform\u{202E}ance\"",
        ),
        (
            "name-look-alike",
            "a name with a Cyrillic letter",
            r#""name":"conformance""#,
            "\"name\":\"c\u{043E}nformance\"",
        ),
        ("time-without-milliseconds", "the same time in another writing", ".000Z", "Z"),
        ("time-with-offset", "the same time in another writing", "T09:00:00.000Z", "T17:00:00.000+08:00"),
        ("time-of-1969", "a time before all times", "2026-08-01T", "1969-08-01T"),
        ("time-of-no-day", "a day that does not exist", "2026-08-01T", "2026-02-30T"),
        ("time-leap-second", "a second 60", "T09:00:00.000Z", "T09:00:60.000Z"),
        ("time-scale-text", "a number in quotation marks", r#""time_scale":1"#, r#""time_scale":"1""#),
        ("time-scale-too-large", "a number above 32 bits", r#""time_scale":1"#, r#""time_scale":4294967296"#),
        ("protocol-version-negative", "a number below zero", r#""protocol_version":1"#, r#""protocol_version":-1"#),
        ("version-256", "a number above 8 bits", r#""version":1}"#, r#""version":256}"#),
        ("key-upper-case", "a key in upper case", key.as_str(), &key.to_uppercase()),
        ("key-too-short", "a key of 31 bytes", key.as_str(), &key[2..]),
        ("epochs-missing", "a field left out", r#""epochs":[],"#, ""),
        ("epochs-null", "null where a list should be", r#""epochs":[]"#, r#""epochs":null"#),
        ("epochs-of-nothing", "a change without any field", r#""epochs":[]"#, r#""epochs":[{}]"#),
        (
            "checkpoint",
            "a point to start from, as no version has it",
            r#""epochs":[],"#,
            r#""checkpoint":null,"epochs":[],"#,
        ),
        ("field-added", "a field that the format does not have", r#""epochs":[],"#, r#""bonus":1,"epochs":[],"#),
    ];
    for (name, why, from, to) in cases {
        assert!(network.contains(from), "{name}: {from}");
        let changed = network.replacen(from, to, 1).into_bytes();
        theme.add(&format!("text-{name}"), why, Outcome::Refused, receipt.clone(), changed);
    }
    for (name, why, changed) in [
        (
            "format-2",
            "a network file of a later format",
            network.replace("gongxin-network-1", "gongxin-network-2").into_bytes(),
        ),
        ("a-receipt", "a receipt where the network file should be", receipt.clone()),
        ("empty", "an empty file", vec![]),
        ("truncated", "a file cut short", network.as_bytes()[..200].to_vec()),
        ("borsh", "the canonical head, not the file", encoded(&theme.world.head).0),
    ] {
        theme.add(&format!("unreadable-{name}"), why, Outcome::Unreadable, receipt.clone(), changed);
    }
    let mut ancient = theme.world.clone();
    ancient.head.time = Time::from_millis(0);
    let plain = ancient.action_bundle(&ancient.usual_block(), 0);
    theme.accept("time-0", "the earliest time there is", &plain, &ancient.file());
}

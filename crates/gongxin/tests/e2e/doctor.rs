//! The doctor: each thing is broken once, alone, and named with what to do about it; healed, it is not named any more.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{complained, gongxin, said};
use crate::fake::Fake;
use crate::node::{Made, contents};

/// What the doctor says of a configuration: exit code and findings.
fn asked(made: &Made, config: &Path) -> (Option<i32>, Vec<Value>) {
    let config = config.display().to_string();
    let output = gongxin(&made.path(), &["--output", "json", "doctor", "--config", &config]);
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", complained(&output)));
    (output.status.code(), findings.as_array().expect("findings").clone())
}

/// That the doctor finds one thing: of this check, in these words, with something to do about it; and nothing else.
fn finds(made: &Made, config: &Path, check: &str, verdict: &str, words: &[&str]) {
    let (code, findings) = asked(made, config);
    let (usual_code, usual) = (Some(0), ["well", "note"]);
    let found: Vec<&Value> =
        findings.iter().filter(|finding| finding["check"] == check && finding["verdict"] == verdict).collect();
    let text = serde_json::to_string_pretty(&findings).expect("JSON");
    let all = found.iter().map(|finding| format!("{} → {}", finding["what"], finding["todo"])).collect::<String>();
    assert!(words.iter().all(|word| all.contains(word)), "{words:?} of `{check}` in {text}");
    assert!(found.iter().any(|finding| finding["todo"] != ""), "nothing to do: {text}");
    if verdict == "wrong" {
        assert_eq!(code, Some(1), "{text}");
        let others =
            findings.iter().filter(|finding| finding["verdict"] == "wrong" && finding["check"] != check).count();
        assert_eq!(others, 0, "only `{check}` is broken: {text}");
    } else {
        assert_eq!(code, usual_code, "{text}");
        assert!(
            findings.iter().all(|finding| usual.contains(&finding["verdict"].as_str().expect("a verdict"))),
            "{text}"
        );
    }
}

/// A file as it was, when this is dropped: bytes, permissions, or its absence.
struct Healed {
    path: PathBuf,
    before: Option<(Vec<u8>, Permissions)>,
}

impl Healed {
    fn later(path: PathBuf) -> Self {
        let before = fs::read(&path).ok().map(|bytes| (bytes, fs::metadata(&path).expect("a file").permissions()));
        Self { path, before }
    }
}

impl Drop for Healed {
    fn drop(&mut self) {
        match &self.before {
            Some((bytes, permissions)) => {
                fs::write(&self.path, bytes).expect("written");
                fs::set_permissions(&self.path, permissions.clone()).expect("as before");
            }
            None => fs::remove_file(&self.path).expect("removed"),
        }
    }
}

/// Replaces text in a file until the result is dropped.
fn replaced(path: PathBuf, from: &str, to: &str) -> Healed {
    let healed = Healed::later(path);
    let text = fs::read_to_string(&healed.path).expect("text");
    assert!(text.contains(from), "`{from}` is in `{}`", healed.path.display());
    fs::write(&healed.path, text.replacen(from, to, 1)).expect("written");
    healed
}

fn mode(path: PathBuf, mode: u32) -> Healed {
    let healed = Healed::later(path);
    fs::set_permissions(&healed.path, Permissions::from_mode(mode)).expect("set");
    healed
}

/// The lines of a validator's configuration, one thing broken at a time.
#[test]
fn a_validator_is_examined() {
    let made = Made::new();
    let config = made.node("node.toml");
    let before = contents(&made.path());
    let (code, findings) = asked(&made, &config);
    assert_eq!(code, Some(0), "{findings:?}");
    assert!(findings.iter().all(|finding| finding["ok"] == true), "{findings:?}");
    assert_eq!(contents(&made.path()), before, "nothing is written");
    let sick = |_healed: Healed, check: &str, words: &[&str]| finds(&made, &config, check, "wrong", words);

    sick(
        replaced(config.clone(), "follower", "followed"),
        "config",
        &["node.toml", "unknown field `followed`", "correct the line"],
    );
    sick(mode(config.clone(), 0o666), "permissions", &["node.toml", "0666", "chmod o-w"]);
    let genesis = Healed::later(made.path().join("genesis.borsh"));
    fs::write(&genesis.path, b"half").expect("written");
    sick(genesis, "genesis", &["genesis.borsh", "copy it from another member"]);
    sick(mode(made.node("consensus.pem"), 0o644), "key", &["consensus.pem", "open to others", "chmod 600"]);
    sick(mode(made.path().join("civil-affairs/passphrase"), 0o644), "key", &["passphrase", "open to others"]);
    sick(
        replaced(config.clone(), "../passphrase", "../../housing/passphrase"),
        "key",
        &["does not open with this passphrase"],
    );
    let other = "key = \"../../housing/node/consensus.pem\"\npassphrase_file = \"../../housing/passphrase\"";
    let own = "key = \"consensus.pem\"\npassphrase_file = \"../passphrase\"";
    // Another validator's key is a validator's; a gateway's is none.
    finds_role(&made, &config, own, &other.replace("node/consensus.pem", "gateway/signing.pem"));
    let text = fs::read_to_string(&config).expect("text");
    let (peer, address) = peer_of(&text, "housing");
    sick(replaced(config.clone(), &peer, &"0".repeat(64)), "peers", &["`housing` is missing", "no validator's"]);
    let twice = peer_of(&text, "social-security").1;
    sick(
        replaced(config.clone(), &format!("address = \"{address}\""), &format!("address = \"{twice}\"")),
        "peers",
        &[&twice, "two peers"],
    );
    let floor = "follower = false\ndisk_free_bytes_min = 9000000000000000000";
    sick(replaced(config.clone(), "follower = false", floor), "disk", &["must be", "larger disk"]);
    let elsewhere = replaced(config.clone(), "p2p = \"127.0.0.1", "p2p = \"203.0.113.7");
    sick(elsewhere, "p2p", &["203.0.113.7", "of this machine"]);
    let network = Healed::later(made.node("data/network"));
    fs::write(&network.path, format!("{}\n", "5".repeat(64))).expect("written");
    sick(network, "data", &["belongs to network", "choose another directory"]);
    let faults = Healed::later(made.node("data/faults.log"));
    fs::write(&faults.path, "conflicting-notarize epoch=0 view=7 validator=2 evidence=00\n").expect("written");
    sick(faults, "faults", &["contradicted itself", "tell the other members"]);
    let (code, findings) = asked(&made, &config);
    assert_eq!(code, Some(0), "all is healed: {findings:?}");
}

fn finds_role(made: &Made, config: &Path, own: &str, other: &str) {
    let _healed = replaced(config.to_owned(), own, other);
    finds(made, config, "role", "wrong", &["no validator's of the network", "follower = true"]);
}

/// Key and address of a peer.
fn peer_of(text: &str, name: &str) -> (String, String) {
    let part = text.split("[[peers]]").find(|part| part.contains(&format!("name = \"{name}\""))).expect("a peer");
    let value = |key: &str| {
        let line = part.lines().find_map(|line| line.strip_prefix(&format!("{key} = \""))).expect("a line");
        line.trim_end_matches('"').to_owned()
    };
    (value("key"), value("address"))
}

/// What goes on, and somebody should know: votes that may be forgotten, and a key that votes though it is to follow.
#[test]
fn a_validator_that_will_follow_first_is_noted() {
    let made = Made::new();
    let config = made.node("node.toml");
    let mark = Healed::later(made.node("data/first-start"));
    fs::remove_file(&mark.path).expect("removed");
    finds(&made, &config, "votes", "note", &["forgotten votes", "no other process runs with its key"]);
    drop(mark);
    let _follower = replaced(config.clone(), "follower = false", "follower = true");
    finds(&made, &config, "role", "note", &["`civil-affairs`", "follow only"]);
}

/// A port that something else uses is wrong; the same port is well while the own process listens there.
#[test]
fn ports_are_told_apart() {
    let made = Made::new();
    let config = made.node("node.toml");
    let text = fs::read_to_string(&config).expect("text");
    let http =
        text.lines().find_map(|line| line.strip_prefix("http = \"")).expect("a port").trim_end_matches('"').to_owned();
    let taken = TcpListener::bind(&http).expect("free");
    finds(&made, &config, "http", "wrong", &[&http, "something else", "ss -ltnp"]);
    drop(taken);
    let node = made.run_node();
    node.says("node starts");
    let (_, findings) = asked(&made, &config);
    let port = findings.iter().find(|finding| finding["check"] == "http").expect("looked at");
    assert_eq!(
        (&port["verdict"], port["what"].as_str().map(|what| what.contains("its process listens"))),
        (&"well".into(), Some(true))
    );
    // Alone of four it does not get far, and its clock is that of this machine.
    assert!(findings.iter().any(|finding| finding["check"] == "clock" && finding["verdict"] == "well"), "{findings:?}");
}

/// The same of a gateway: registration, origins, validators, vault.
#[test]
fn a_gateway_is_examined() {
    let made = Made::new();
    let config = made.gateway("gateway.toml");
    let (code, findings) = asked(&made, &config);
    assert_eq!(code, Some(0), "{findings:?}");
    let sick = |_healed: Healed, check: &str, words: &[&str]| finds(&made, &config, check, "wrong", words);
    let text = fs::read_to_string(&config).expect("text");

    sick(
        replaced(config.clone(), "organization = \"civil-affairs\"", "organization = \"housing\""),
        "registration",
        &["`civil-affairs`", "correct `organization`"],
    );
    let others = "key = \"../node/consensus.pem\"";
    sick(
        replaced(config.clone(), "key = \"signing.pem\"", others),
        "registration",
        &["another key", "gongxin gateway list"],
    );
    // A key that nobody knows yet is one that it may have been given since.
    let (new, passphrase) =
        (made.gateway("signing-2.pem").display().to_string(), made.path().join("civil-affairs/passphrase"));
    let key = ["key", "new", &new, "--passphrase-file", &passphrase.display().to_string()].map(str::to_owned);
    assert!(gongxin(&made.path(), &key.iter().map(String::as_str).collect::<Vec<_>>()).status.success());
    let changed = replaced(config.clone(), "key = \"signing.pem\"", "key = \"signing-2.pem\"");
    finds(&made, &config, "registration", "note", &["another key", "gongxin gateway list"]);
    drop(changed);
    let origin = format!(
        "{}\norigins = [\"gateway.example.org\"]",
        text.lines().find(|line| line.starts_with("http = ")).expect("a line")
    );
    let http = text.lines().find(|line| line.starts_with("http = ")).expect("a line");
    sick(replaced(config.clone(), http, &origin), "origins", &["origins", "https://gateway.example.org"]);
    let list = text.split("validators = [").nth(1).and_then(|rest| rest.split(']').next()).expect("a list").to_owned();
    sick(replaced(config.clone(), &list, ""), "validators", &["none is named"]);
    sick(replaced(config.clone(), &list, "\"no url\""), "validators", &["no url", "correct the URL"]);
    let one = replaced(config.clone(), &list, "\"http://127.0.0.1:9\"");
    finds(&made, &config, "validators", "note", &["1 named", "1 may fail"]);
    drop(one);

    finds(&made, &config, "vault", "note", &["none yet", "gongxin restore"]);
    assert_eq!(made.start_gateway_for_a_moment(), Some(0));
    let (_, findings) = asked(&made, &config);
    assert!(findings.iter().any(|finding| finding["check"] == "vault" && finding["verdict"] == "well"), "{findings:?}");
    let master = Healed::later(made.gateway("data/vault/vault-master.pem"));
    fs::copy(made.node("consensus.pem"), &master.path).expect("copied");
    sick(master, "vault", &["vault-master.pem", "gongxin restore"]);
    let database = Healed::later(made.gateway("data/vault/vault.sqlite"));
    fs::write(&database.path, [0xa5; 8_192]).expect("written");
    sick(database, "vault", &["gongxin restore"]);
}

/// Clock, network and version of those who answer are compared with one's own.
#[test]
fn those_who_answer_are_compared_with() {
    let made = Made::new();
    let config = made.gateway("gateway.toml");
    let text = fs::read_to_string(&config).expect("text");
    let list = text.split("validators = [").nth(1).and_then(|rest| rest.split(']').next()).expect("a list").to_owned();
    let asks = |fake: &Fake| replaced(config.clone(), &list, &format!("\"{}\", \"{}\"", fake.url(), fake.url()));
    let network = made.network();

    let right = Fake::validator(&network, |_| {});
    let healed = asks(&right);
    let (code, findings) = asked(&made, &config);
    assert_eq!(code, Some(0), "{findings:?}");
    assert!(findings.iter().any(|finding| finding["check"] == "clock" && finding["verdict"] == "well"), "{findings:?}");
    drop(healed);
    let late = Fake::validator(&network, |report| report.clock_ahead_ms = 90_000);
    let healed = asks(&late);
    finds(&made, &config, "clock", "wrong", &["behind the others'", "timedatectl"]);
    drop(healed);
    let foreign = Fake::validator(&"5".repeat(64), |_| {});
    let _healed = asks(&foreign);
    finds(&made, &config, "network", "wrong", &["is of network `555", "correct the address"]);
}

/// A network file of another network, and too few open files.
#[test]
fn other_networks_and_tight_limits_are_found() {
    let (made, other) = (Made::new(), Made::new());
    let (config, network) = (made.node("node.toml").display().to_string(), other.path().join("network.json"));
    let output = gongxin(&made.path(), &["doctor", "--config", &config, "--network", &network.display().to_string()]);
    assert_eq!(output.status.code(), Some(1), "{}", complained(&output));
    assert!(said(&output).contains("WRONG network") && said(&output).contains("--network"), "{}", said(&output));
    assert!(complained(&output).contains("one check found something wrong"));

    let line = format!("ulimit -n 200; exec \"$0\" doctor --config {config}");
    let output =
        std::process::Command::new("sh").args(["-c", &line, crate::command::PROGRAM]).output().expect("a shell");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("may open 200 files") && said(&output).contains("LimitNOFILE"), "{}", said(&output));
}

//! The drill: a gateway with its vault and a validator are destroyed in a network in use, and come back from their backups.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::living::{DIVISION, Living};
use crate::backup::Kept;
use crate::command::{complained, gongxin, json, said};
use crate::node::Running;

/// How long a restored process may take to catch up and, a validator, to vote again.
const BACK_WITHIN: Duration = Duration::from_secs(90);

/// What `gongxin status` says of a validator.
fn of(status: &Value, name: &str) -> Value {
    let validators = status["validators"].as_array().expect("validators");
    validators.iter().find(|validator| validator["name"] == name).expect("a validator").clone()
}

fn status(living: &Living) -> Value {
    let output = living.call(&["--output", "json", "status"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Headers at one height are equal to the last bit: parent, transactions, receipts and state roots are in them.
fn heads_are_equal(living: &Living, one: &str, other: &str) -> bool {
    let status = status(living);
    let (one, other) = (of(&status, one), of(&status, other));
    one["header"].is_string() && one["height"] == other["height"] && one["header"] == other["header"]
}

#[test]
fn a_gateway_and_a_validator_come_back_from_their_backups() {
    let living = Living::start();
    let kept = Kept::new();
    let read = |receipt: &str| {
        let line = format!("record read civil-affairs/divisions {DIVISION} --as housing/clerk --receipt {receipt}");
        living.call(&line.split(' ').collect::<Vec<_>>())
    };
    let history =
        |key: &str| living.answer(&format!("record history civil-affairs/divisions {key} --as civil-affairs/clerk"));
    let (before, after) = (living.file("before.json"), living.file("after.json"));
    let first = json(&gongxin(&living.home(), &["--output", "json", "network", "show"]));
    assert!(read(&before).status.success());
    let lives = history("432500");

    // Both are backed up while they run.
    let home = living.home().join("civil-affairs");
    let backups = ["gateway/gateway.toml", "node/node.toml"].map(|config| {
        let file = kept.file(&config.replace('/', "-"));
        let told = json(&kept.backup(&home.join(config), &file));
        assert_eq!(told["network"], first["network"]);
        file
    });

    // Both are destroyed, processes and files; the network goes on with three.
    living.kill("validators", "name", "civil-affairs");
    living.kill("gateways", "organization", "civil-affairs");
    for folder in ["gateway", "node"] {
        fs::remove_dir_all(home.join(folder)).expect("destroyed");
    }
    assert!(!read(&after).status.success(), "the register is away");
    living.until("the others go on", Duration::from_secs(30), || {
        living
            .call(&[
                "evidence",
                "notarise",
                &before,
                "--legal-basis",
                "electronic-signature-law-art-8",
                "--as",
                "housing/clerk",
            ])
            .status
            .success()
    });
    let alone = status(&living);
    let attention = alone["attention"].to_string();
    assert!(attention.contains("does not answer") && attention.contains("no more may fail"), "{attention}");

    // They are put back and started.
    let network = living.home().join("network.json");
    for (file, folder) in backups.iter().zip(["gateway", "node"]) {
        let told = json(&kept.restore(file, &network, &home.join(folder)));
        assert_eq!(told["name"], "civil-affairs", "{told}");
    }
    assert!(!home.join("node/data").exists(), "no votes were restored");
    let node = Running::start(&["node", "--config"], &home.join("node/node.toml"), kept.file("node.log"));
    let gateway =
        Running::start(&["gateway", "--config"], &home.join("gateway/gateway.toml"), kept.file("gateway.log"));
    node.says("node starts");
    assert!(node.said().contains("\"voting\":false"), "it may have forgotten votes: {}", node.said());

    // What was served before is served again, and verifies; the validator catches up, votes, and has the same roots.
    living.until("the register is back", BACK_WITHIN, || read(&after).status.success());
    assert_eq!(history("432500")["versions"], lives["versions"]);
    for receipt in [&before, &after] {
        let verified = living.elsewhere(&["verify", receipt, "--network", &living.network()]);
        assert!(verified.status.success(), "{}", said(&verified));
    }
    living.until("it votes", BACK_WITHIN, || of(&status(&living), "civil-affairs")["voting"] == true);
    living.until("equal heads", BACK_WITHIN, || heads_are_equal(&living, "civil-affairs", "housing"));
    assert_eq!(of(&status(&living), "civil-affairs")["operator"]["faults"], 0);

    gateway.stop();
    nothing_is_missing(&living, &home.join("gateway/gateway.toml"));
    drop(node);
}

/// A gateway's copy of the ledger is the one that the blocks make, and no row of its office is missing.
fn nothing_is_missing(living: &Living, config: &Path) {
    let config = config.display();
    let compared = living.answer(&format!("projection rebuild --config {config} --compare"));
    assert_eq!(compared["equal"], true, "{compared}");
    let checked = living.answer(&format!("vault check --config {config}"));
    let missing = checked["missing"].as_array().map(Vec::len);
    assert!(checked["records"].as_u64() > Some(100) && missing == Some(0), "{checked}");
}

/// An older backup: rows written after it are missing, are named, and nothing else is.
#[test]
fn rows_of_after_the_backup_are_named() {
    let living = Living::start();
    let kept = Kept::new();
    let config = living.home().join("civil-affairs/gateway/gateway.toml");
    let file = kept.file("gateway.backup");
    json(&kept.backup(&config, &file));
    let row = "{\"code\":\"999901\",\"name\":\"新区\"}";
    let create = ["record", "create", "civil-affairs/divisions", "--row", row, "--effective", "2026-08-01"];
    let made = json(&living.call(&[&["--output", "json"], &create[..], &["--as", "civil-affairs/steward"]].concat()));
    living.kill("gateways", "organization", "civil-affairs");
    let restored = kept.file("restored");
    json(&kept.restore(&file, &living.home().join("network.json"), &restored));
    let gateway = Running::start(&["gateway", "--config"], &restored.join("gateway.toml"), kept.file("gateway.log"));
    gateway.says("gateway serves");
    living.until("it has caught up", BACK_WITHIN, || {
        let line = "evidence list --as civil-affairs/clerk";
        let height = || status(&living)["gateways"][0]["lag_s"].as_u64();
        living.call(&line.split(' ').collect::<Vec<_>>()).status.success() && height().is_some_and(|lag| lag < 3)
    });
    gateway.stop();
    let check =
        ["--output", "json", "vault", "check", "--config", &restored.join("gateway.toml").display().to_string()]
            .map(str::to_owned);
    let output = living.call(&check.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1), "{}", complained(&output));
    let checked: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(checked["missing"].as_array().map(Vec::len), Some(1), "{checked} {made}");
    assert!(complained(&output).contains("write each of them anew"), "{}", complained(&output));
}

/// Two processes with one validator key. In one directory the second is refused (`directories::a_second_process_is_refused`). In
/// another, restored from a backup, it gets no hearing while the first has its peers, and does not vote; when the first
/// is gone it follows, and votes once it is safe; and then it is the first that gets no hearing. Nobody contradicts himself.
#[test]
fn two_processes_with_one_key() {
    let living = Living::start();
    let kept = Kept::new();
    let original = living.home().join("civil-affairs/node/node.toml");
    let file = kept.file("node.backup");
    json(&kept.backup(&original, &file));
    let copy = kept.file("copy");
    json(&kept.restore(&file, &living.home().join("network.json"), &copy));
    let text = fs::read_to_string(copy.join("node.toml")).expect("text");
    let ports = crate::node::free_ports(2);
    let moved: Vec<String> = text
        .lines()
        .map(|line| match line.split(' ').next() {
            Some("p2p") => format!("p2p = \"127.0.0.1:{ports}\""),
            Some("http") => format!("http = \"127.0.0.1:{}\"", ports + 1),
            _ => line.to_owned(),
        })
        .collect();
    fs::write(copy.join("node.toml"), moved.join("\n")).expect("written");
    let second = Running::start(&["node", "--config"], &copy.join("node.toml"), kept.file("second.log"));
    second.says("node starts");
    let asks = |config: &Path| {
        let config = config.display().to_string();
        let output = living.call(&["--output", "json", "status", "--config", &config]);
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let height = |status: &Value| status["height"].as_u64().unwrap_or(0);
    let begun = height(&status(&living));
    living.until("the network goes on", BACK_WITHIN, || height(&status(&living)) > begun + 20);
    let deaf = asks(&copy.join("node.toml"));
    assert_eq!(
        (&deaf["validators"][0]["voting"], &deaf["validators"][0]["peers"]),
        (&false.into(), &0.into()),
        "{deaf}"
    );
    let attention = deaf["attention"].to_string();
    assert!(
        attention.contains("hears none of its peers") && attention.contains("another process runs with its key"),
        "{attention}"
    );
    assert_eq!(of(&status(&living), "civil-affairs")["voting"], true);

    living.kill("validators", "name", "civil-affairs");
    // All of its peers: who has none but the second for this key gives the first no hearing.
    living.until("the second votes and hears all", BACK_WITHIN, || {
        let second = asks(&copy.join("node.toml"));
        (&second["validators"][0]["voting"], &second["validators"][0]["peers"]) == (&true.into(), &3.into())
    });
    assert!(second.said().contains("votes again above a view"), "{}", second.said());
    let first = Running::start(&["node", "--config"], &original, kept.file("first.log"));
    first.says("node starts");
    let begun = height(&status(&living));
    living.until("the network goes on", BACK_WITHIN, || height(&status(&living)) > begun + 20);
    let deaf = asks(&original);
    // On a machine that stalls, a peer may lose the second and hear the first: then that one sees that its key is in use.
    let says = deaf["validators"][0]["operator"]["not_voting"].as_str();
    let steps_back = says.is_some_and(|words| words.contains("another process votes with this validator's key"));
    assert!(deaf["validators"][0]["peers"] == 0 || steps_back, "{deaf}");
    let all = status(&living);
    for name in ["public-security", "social-security", "housing"] {
        assert_eq!(of(&all, name)["operator"]["faults"], 0, "{all}");
    }
    for name in ["civil-affairs", "public-security", "social-security", "housing"] {
        assert!(!living.home().join(name).join("node/data/faults.log").exists(), "{name}");
    }
}

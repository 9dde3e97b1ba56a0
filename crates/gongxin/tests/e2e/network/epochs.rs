//! A fifth institution joins: it runs a validator that nobody knows, the others let it in while they run, members vote it in,
//! and the network needs its vote.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::living::Living;
use crate::command::said;
use crate::node::{Running, free_ports};

const NOTARISE: &str = "--legal-basis electronic-signature-law-art-8 --as housing/clerk";
const FIRST: [&str; 4] = ["civil-affairs", "housing", "public-security", "social-security"];
/// How long a validator may take to come up, fetch the state and be voted in.
pub(super) const WITHIN: Duration = Duration::from_secs(60);

/// A validator that was made for a network that runs.
pub(super) struct Fifth {
    /// What the command that made it said.
    pub(super) made: Value,
    pub(super) process: Running,
    pub(super) config: PathBuf,
    pub(super) url: String,
}

impl Fifth {
    /// Makes and starts it, lets it in at the others, and waits until it follows.
    pub(super) fn follow(living: &Living) -> Self {
        let (folder, base) = (living.file("fifth"), free_ports(2));
        let like = living.home().join("housing/node/node.toml");
        let made = living.answer(&format!(
            "validator new fifth --organization data-bureau --dir {folder} --like {} --p2p 127.0.0.1:{base} --http 127.0.0.1:{}",
            like.display(),
            base + 1
        ));
        let config = Path::new(&folder).join("node.toml");
        let process = Running::start(&["node", "--config"], &config, living.file("fifth.log").into());
        for name in FIRST {
            let mut config = OpenOptions::new()
                .append(true)
                .open(living.home().join(name).join("node/node.toml"))
                .expect("a configuration");
            let key = made["peer"]["key"].as_str().expect("a key");
            write!(config, "\n[[followers]]\nname = \"fifth\"\nkey = \"{key}\"\naddress = \"127.0.0.1:{base}\"\n")
                .expect("written");
        }
        living.signal("HUP", &FIRST);
        let fifth = Self { made, process, config, url: format!("http://127.0.0.1:{}", base + 1) };
        fifth.process.says("validator runs");
        living.until("the fifth follows", WITHIN, || {
            fifth.measures(living, "gongxin_syncing 0") && !fifth.measures(living, "gongxin_finalized_height 0")
        });
        fifth
    }

    /// Whether its metrics have this line.
    pub(super) fn measures(&self, living: &Living, line: &str) -> bool {
        living.get_at(&self.url, "/metrics").1.lines().any(|one| one.trim() == line)
    }

    /// Has members vote it in beside those that serve, one of whom may leave; waits until it votes and the gateway knows.
    pub(super) fn serve(&self, living: &Living, instead_of: Option<&str>) {
        let listed = living.answer("validator list --as housing/clerk");
        let serving = listed["validators"].as_array().expect("validators").iter();
        let plain =
            |one: &Value| json!({ "name": one["name"], "organization": one["organization"], "key": one["key"] });
        let staying = serving.filter(|one| one["name"].as_str() != instead_of);
        let next: Vec<Value> = staying.map(plain).chain([self.made["validator"].clone()]).collect();
        let file = living.file("next.json");
        std::fs::write(&file, serde_json::to_vec(&next).expect("JSON")).expect("written");
        let open =
            format!("proposal open --validators {file} --legal-basis sharing-regulation --as civil-affairs/head");
        let id = living.answer(&open)["proposal"].as_str().expect("a proposal").to_owned();
        let shown = living.answer(&format!("proposal show {id} --as housing/head"));
        let matter = shown["matter"].as_str().expect("a digest").to_owned();
        let words = said(&living.call(&["proposal", "show", &id, "--as", "housing/head"]));
        assert!(words.contains("+ fifth of data-bureau"), "{words}");
        for office in ["civil-affairs", "public-security", "housing"] {
            living.answer(&format!("proposal vote {id} for --matter {matter} --as {office}/head"));
        }
        living.until("the fifth votes", WITHIN, || {
            self.measures(living, "gongxin_voting 1") && self.measures(living, "gongxin_epoch 1")
        });
        living.until("the gateway knows", WITHIN, || living.answer("validator list --as housing/clerk")["epoch"] == 1);
    }
}

/// From a folder that is made to a vote that is needed; receipts of the new epoch verify with the network file of the
/// first day.
#[test]
fn a_fifth_institution_joins() {
    let living = Living::start();
    let fifth = Fifth::follow(&living);
    assert!(fifth.measures(&living, "gongxin_voting 0"), "nobody has voted it in");
    fifth.serve(&living, None);

    // Four of five must vote: without the fifth nothing would become final now.
    living.kill("validators", "name", "social-security");
    let document = living.file("contract.pdf");
    std::fs::write(&document, b"a contract").expect("written");
    let receipt = living.file("receipt.json");
    living.answer(&format!("evidence notarise {document} {NOTARISE} --receipt {receipt}"));
    let verified = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
    assert!(verified.status.success() && said(&verified).contains("epoch 1"), "{}", said(&verified));
    assert_eq!(fifth.process.stop(), Some(0));
}

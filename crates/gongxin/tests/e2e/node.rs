//! One validator as a process of its own: a network's folder that nobody runs, and what comes of starting a node of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::command::{PROGRAM, complained, gongxin};

/// How long a process may take for what it is about to do.
const WITHIN: Duration = Duration::from_secs(60);

/// A network that was made and does not run.
pub(crate) struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("net").display().to_string();
        let made = gongxin(folder.path(), &["init", "--dir", &place, "--base-port", &free_ports(14).to_string()]);
        assert!(made.status.success(), "{}", complained(&made));
        Self { folder }
    }

    /// The network's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("net")
    }

    /// A file of civil-affairs' validator.
    pub(crate) fn node(&self, name: &str) -> PathBuf {
        self.path().join("civil-affairs/node").join(name)
    }

    /// A file of civil-affairs' gateway.
    pub(crate) fn gateway(&self, name: &str) -> PathBuf {
        self.path().join("civil-affairs/gateway").join(name)
    }

    /// Changes the validator's configuration, line by line.
    pub(crate) fn configure(&self, change: impl Fn(&str) -> Option<String>) {
        let path = self.node("node.toml");
        let text = fs::read_to_string(&path).expect("a configuration");
        let lines: Vec<String> = text.lines().map(|line| change(line).unwrap_or_else(|| line.to_owned())).collect();
        fs::write(path, lines.join("\n")).expect("written");
    }

    /// Starts the validator and leaves it running.
    pub(crate) fn run_node(&self) -> Running {
        Running::start(&["node", "--config"], &self.node("node.toml"), self.folder.path().join("node.log"))
    }

    /// Starts the node of another configuration and leaves it running.
    pub(crate) fn run_node_of(&self, config: &Path) -> Running {
        Running::start(&["node", "--config"], config, self.folder.path().join("other.log"))
    }

    /// Starts the gateway, without a network, until it serves, and stops it in order: its exit code.
    pub(crate) fn start_gateway_for_a_moment(&self) -> Option<i32> {
        let log = self.folder.path().join("gateway.log");
        let gateway = Running::start(&["gateway", "--config"], &self.gateway("gateway.toml"), log);
        gateway.says("gateway serves");
        gateway.stop()
    }

    /// The same, and what it said.
    pub(crate) fn gateway_log_of_a_moment(&self) -> String {
        assert_eq!(self.start_gateway_for_a_moment(), Some(0));
        fs::read_to_string(self.folder.path().join("gateway.log")).expect("a log")
    }

    /// Names and keys of the validators, in the order of their names in the configuration.
    pub(crate) fn validator_keys(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.node("node.toml")).expect("a configuration");
        let value = |part: &str, key: &str| {
            let line = part.lines().find_map(|line| line.strip_prefix(&format!("{key} = \""))).expect("a line");
            line.trim_end_matches('"').to_owned()
        };
        text.split("[[peers]]").skip(1).map(|part| (value(part, "name"), value(part, "key"))).collect()
    }

    /// The network's identity.
    pub(crate) fn network(&self) -> String {
        let layout = fs::read(self.path().join("layout.json")).expect("a layout");
        let layout: serde_json::Value = serde_json::from_slice(&layout).expect("JSON");
        layout["network"].as_str().expect("an identity").to_owned()
    }

    /// What a start of the validator says that must end by itself: exit code and words.
    pub(crate) fn start_node(&self) -> (Option<i32>, String) {
        self.run_node().ended()
    }

    /// The same while another one runs.
    pub(crate) fn start_node_again(&self) -> (Option<i32>, String) {
        Running::start(&["node", "--config"], &self.node("node.toml"), self.folder.path().join("again.log")).ended()
    }

    /// The same of the gateway.
    pub(crate) fn start_gateway(&self) -> (Option<i32>, String) {
        Running::start(&["gateway", "--config"], &self.gateway("gateway.toml"), self.folder.path().join("gateway.log"))
            .ended()
    }
}

/// A process that this test started, and ends by its id when it is done.
pub(crate) struct Running {
    process: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a process of the program with this configuration; what it says goes to a file.
    pub(crate) fn start(verb: &[&str], config: &Path, log: PathBuf) -> Self {
        let words = File::create(&log).expect("a log");
        let process = Command::new(PROGRAM)
            .args(verb)
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(words)
            .spawn()
            .expect("starts");
        Self { process, log }
    }

    /// Asks it to stop, and waits: its exit code.
    pub(crate) fn stop(self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
        self.ended().0
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has said something.
    pub(crate) fn says(&self, words: &str) {
        let begun = Instant::now();
        while !self.said().contains(words) {
            assert!(begun.elapsed() < WITHIN, "not said: {words}\n{}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it has ended by itself: exit code and words.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a child") {
                return (status.code(), self.said());
            }
            assert!(begun.elapsed() < WITHIN, "still runs: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// All files below a folder with their contents: equal before and after means that nothing was written.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path.clone());
                files.insert(path, Vec::new());
            } else {
                let bytes = fs::read(&path).expect("a file");
                files.insert(path, bytes);
            }
        }
    }
    files
}

/// The first of so many free ports in a row.
pub(crate) fn free_ports(count: u16) -> u16 {
    // Tests that run at once do not take each other's: not those of other processes, and not those of this one.
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let from = 21_000 + u16::try_from(std::process::id() % 400).expect("small") * 20;
    let from = from + TAKEN.fetch_add(1, Ordering::Relaxed) % 400 * 20;
    let bases = (from..40_000).step_by(20);
    let is_free = |base: &u16| (*base..base + count).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
    bases.into_iter().find(is_free).expect("free ports")
}

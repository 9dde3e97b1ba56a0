//! A demonstration that lives as long as a test: started on free ports, with two years of data, and stopped by its own id.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{PROGRAM, complained, gongxin, json};
use crate::node::free_ports;

/// 东城区 of Beijing, in every year of the data.
pub(crate) const DIVISION: &str = "110101";
/// The ports a demonstration takes, from its base on.
const PORTS: u16 = 14;
/// How long a start with its loading may take, on a machine that does other things too.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// A running demonstration.
pub(crate) struct Living {
    folder: tempfile::TempDir,
    process: Child,
    base: u16,
    ready: Value,
}

impl Living {
    /// Starts one and waits until its data is in.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let base = free_ports(PORTS);
        copy_years(folder.path(), &["1981", "1982"]);
        let (process, ready) = launch(folder.path(), base);
        Self { folder, process, base, ready }
    }

    /// Stops it and starts it again on the same folder.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// Kills the demonstration and every child of it at the same moment, by the ids that it told.
    pub(crate) fn kill_all(&mut self) {
        let children =
            ["validators", "gateways"].iter().flat_map(|kind| self.ready[kind].as_array().expect("children"));
        let ids = children.map(|child| child["pid"].as_u64().expect("a process id").to_string());
        let ids: Vec<String> = ids.chain([self.process.id().to_string()]).collect();
        // One command for all of them. A child may already have gone with its parent.
        let _some_gone =
            Command::new("kill").arg("-KILL").args(&ids).stderr(Stdio::null()).status().expect("kill runs");
        self.process.wait().expect("ended");
        // A killed process may have left the list before its last thread has let go of its sockets.
        self.until("every port is free again", Duration::from_secs(10), || {
            (self.base..self.base + PORTS).all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        });
    }

    /// Starts it again on the same folder, after all of it has ended.
    pub(crate) fn start_again(&mut self) {
        let (process, ready) = launch(self.folder.path(), self.base);
        self.process = process;
        self.ready = ready;
    }

    /// What the demonstration told when everything answered.
    pub(crate) fn ready(&self) -> &Value {
        &self.ready
    }

    /// What a second start on the same folder says while this one runs.
    pub(crate) fn second_start(&self) -> Output {
        command(self.folder.path(), free_ports(PORTS)).output().expect("starts")
    }

    /// A call of the tool with this network's folder.
    pub(crate) fn call(&self, arguments: &[&str]) -> Output {
        gongxin(&self.home(), arguments)
    }

    /// A line for a shell in a folder, with this network's folder and the tool on the path.
    pub(crate) fn shell(&self, line: &str, folder: &Path) -> Output {
        let tools = Path::new(PROGRAM).parent().expect("a folder").display().to_string();
        let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(line).current_dir(folder).env("PATH", path).env("GONGXIN_HOME", self.home());
        shell.output().expect("a shell")
    }

    /// What a call that must succeed answers to a program; the line is split at spaces.
    pub(crate) fn answer(&self, line: &str) -> Value {
        let arguments: Vec<&str> = ["--output", "json"].into_iter().chain(line.split(' ')).collect();
        json(&self.call(&arguments))
    }

    /// A call that the ledger must refuse for this reason; the path of its receipt.
    pub(crate) fn refused(&self, line: &str, reason: &str) -> String {
        let receipt = self.file("refused.json");
        let line = format!("--output json {line} --receipt {receipt}");
        let output = self.call(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(1), "{line}: {}", complained(&output));
        let problem: Value =
            serde_json::from_str(complained(&output).lines().last().unwrap_or_default()).expect("JSON");
        assert!(problem["details"]["code"] == reason, "{line}: {problem}");
        receipt
    }

    /// A call of the tool where nothing of this network is but what the arguments name.
    pub(crate) fn elsewhere(&self, arguments: &[&str]) -> Output {
        gongxin(Path::new("/nonexistent"), arguments)
    }

    /// A path for a file of this test.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// The network's file.
    pub(crate) fn network(&self) -> String {
        self.ready["network"].as_str().expect("a path").to_owned()
    }

    /// Sends a signal to the named validators, by the ids that the demonstration told.
    pub(crate) fn signal(&self, signal: &str, names: &[&str]) {
        for name in names {
            let validators = self.ready["validators"].as_array().expect("validators");
            let found = validators.iter().find(|validator| validator["name"] == *name).expect("a validator");
            let id = found["pid"].as_u64().expect("a process id").to_string();
            let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().expect("kill runs");
            assert!(sent.success());
        }
    }

    /// Kills one child by the id that the demonstration told, and waits until its port is free.
    pub(crate) fn kill(&self, kind: &str, by: &str, name: &str) {
        let children = self.ready[kind].as_array().expect("children");
        let child = children.iter().find(|child| child[by] == name).expect("a child");
        let id = child["pid"].as_u64().expect("a process id").to_string();
        assert!(Command::new("kill").args(["-KILL", &id]).status().expect("kill runs").success());
        let address = child["http"].as_str().expect("a URL").trim_start_matches("http://");
        self.until("its port is free", Duration::from_secs(10), || TcpListener::bind(address).is_ok());
    }

    /// Tries until it is so, within a time.
    pub(crate) fn until(&self, what: &str, within: Duration, so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !so() {
            assert!(begun.elapsed() < within, "{what}: not within {within:?}");
        }
    }

    /// An unsigned `GET` at the first gateway: status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.get_at(self.ready["gateways"][0]["http"].as_str().expect("a URL"), path)
    }

    /// The same at any server.
    pub(crate) fn get_at(&self, url: &str, path: &str) -> (u16, String) {
        let address = url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("connects");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, text)
    }

    /// The network's folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("net")
    }

    fn stop(&mut self) {
        let id = self.process.id().to_string();
        let _ended_already = Command::new("kill").args(["-TERM", &id]).status();
        let _ended = self.process.wait();
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        self.stop();
    }
}

fn command(folder: &Path, base: u16) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(["demo", "--output", "json", "--dir"])
        .arg(folder.join("net"))
        .args(["--base-port", &base.to_string(), "--divisions"])
        .arg(folder.join("years"));
    command
}

fn launch(folder: &Path, base: u16) -> (Child, Value) {
    let log = std::fs::File::create(folder.join("demo.log")).expect("a log");
    let mut process = command(folder, base).stdout(Stdio::piped()).stderr(log).spawn().expect("starts");
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let mut ready = Value::Null;
    let begun = Instant::now();
    for line in lines.by_ref() {
        let event: Value = serde_json::from_str(&line.expect("text")).expect("one JSON object per line");
        match event["event"].as_str() {
            Some("ready") => ready = event,
            Some("loaded") => break,
            _ => {}
        }
        assert!(begun.elapsed() < READY_WITHIN, "not loaded in time");
    }
    let words = std::fs::read_to_string(folder.join("demo.log")).unwrap_or_default();
    assert!(!ready.is_null(), "the demonstration ended: {words}");
    (process, ready)
}

/// The files of some years.
fn copy_years(folder: &Path, years: &[&str]) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/divisions");
    std::fs::create_dir(folder.join("years")).expect("a folder");
    for year in years {
        std::fs::copy(data.join(format!("{year}.txt")), folder.join("years").join(format!("{year}.txt")))
            .expect("copied");
    }
}

//! A validator that says what a test lets it say, on a port of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// What it says of itself.
#[derive(Clone)]
pub(crate) struct Report {
    pub(crate) network: String,
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) height: u64,
    /// How old its newest block is.
    pub(crate) age_ms: i64,
    pub(crate) header: String,
    pub(crate) voting: bool,
    pub(crate) not_voting: Option<String>,
    pub(crate) syncing: bool,
    pub(crate) heard: Vec<String>,
    pub(crate) clock_ahead_ms: i64,
    pub(crate) faults: u64,
    pub(crate) free_bytes: u64,
    pub(crate) program: String,
    pub(crate) waiting: u64,
}

/// It answers until it is dropped.
pub(crate) struct Fake {
    url: String,
    ended: Arc<AtomicBool>,
}

impl Fake {
    /// A validator of this network that is well, but for what is changed.
    pub(crate) fn validator(network: &str, change: impl FnOnce(&mut Report)) -> Self {
        let mut report = Report {
            network: network.to_owned(),
            name: "civil-affairs".into(),
            key: "1".repeat(64),
            height: 70,
            age_ms: 300,
            header: "a".repeat(64),
            voting: true,
            not_voting: None,
            syncing: false,
            heard: ["2", "3", "4"].iter().map(|digit| digit.repeat(64)).collect(),
            clock_ahead_ms: 0,
            faults: 0,
            free_bytes: 50 << 30,
            program: env!("CARGO_PKG_VERSION").into(),
            waiting: 0,
        };
        change(&mut report);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let ended = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&ended);
        std::thread::spawn(move || {
            for stream in listener.incoming().take_while(|_| !over.load(Ordering::Relaxed)) {
                let _caller_went_away = stream.and_then(|stream| answer(stream, &report));
            }
        });
        Self { url, ended }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _wakes_it = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn answer(mut stream: TcpStream, report: &Report) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let body = body(report).to_string();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn body(report: &Report) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64;
    json!({
        "network": report.network, "role": "validator", "height": report.height,
        "time": instant(now - report.age_ms), "header": report.header, "view": report.height + 2, "epoch": 0,
        "leader": false, "leader_key": null, "key": report.key, "peers": report.heard.len(),
        "mempool_transactions": report.waiting, "mempool_bytes": 0, "syncing": report.syncing,
        "voting": report.voting, "clock_fault": false,
        "operator": {
            "name": report.name, "program": report.program, "protocol_version": 1,
            "clock": instant(now + report.clock_ahead_ms), "heard": report.heard, "not_voting": report.not_voting,
            "not_ready": null, "faults": report.faults,
            "disk": { "free_bytes": report.free_bytes, "total_bytes": 100_u64 << 30, "floor_bytes": 256_u64 << 20 },
        },
    })
}

/// An RFC 3339 text of milliseconds since 1970.
fn instant(millis: i64) -> String {
    gongxin_types::Time::from_millis(millis.unsigned_abs()).to_string()
}

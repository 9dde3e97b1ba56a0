//! Addresses: the own ports, the peers', the validators', and what those say who answer.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use gongxin_client::wire::StatusReport;
use gongxin_types::Genesis;

use super::{Examination, limits};
use crate::cli::block_on;
use crate::config::{GatewayConfig, NodeConfig};
use crate::failure::Failure;
use crate::office;
use crate::serving::{Serving, Standing};

/// Whether a port can be taken, or is by the own process.
pub(super) fn port(name: &'static str, address: SocketAddr, is_running: bool, examination: &mut Examination) {
    match TcpListener::bind(address) {
        Ok(_) if is_running => {
            let words = format!("its process runs, and does not listen on `{address}`");
            examination.note(name, words, "it is starting or stopping, or was started with another configuration");
        }
        Ok(_) => examination.well(name, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && is_running => {
            examination.well(name, format!("{address}: its process listens"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let todo = format!(
                "`ss -ltnp 'sport = :{}'` shows what uses it: end that, or choose another `{name}` address",
                address.port()
            );
            examination.wrong(name, format!("{address} is in use by something else"), &todo);
        }
        Err(error) => {
            let todo = format!("choose a `{name}` address of this machine, with a port that this user may take");
            examination.wrong(name, format!("{address}: {error}"), &todo);
        }
    }
}

/// Learns of later epochs from those who answer, if they prove them; what contradicts the line is told.
pub(super) fn newer(serving: &mut Serving, urls: &[String], examination: &mut Examination) {
    const CHECK: &str = "epoch";
    let network = serving.head().id();
    let asked = block_on(async {
        let client = client()?;
        for (url, said) in urls.iter().zip(ask(urls).await?) {
            let is_later = |report: &StatusReport| report.network == network && report.epoch > serving.epoch();
            if said.is_some_and(|said| is_later(&said.report)) {
                serving.ask(&client, url, limits::ANSWER_WITHIN).await;
            }
        }
        Ok(())
    });
    if let Err(failure) = asked {
        examination.failed(CHECK, &failure);
    }
    for words in serving.contradictions() {
        examination.wrong(CHECK, words, "keep both as evidence, and ask other members which one is true");
    }
    let words = format!("validators are those of epoch {}, by {}", serving.epoch(), serving.source());
    examination.well(CHECK, words);
}

/// Whether every validator that serves is let in, once and under its own key.
pub(super) fn peers(node: &NodeConfig, serving: &Serving, examination: &mut Examination) {
    const CHECK: &str = "peers";
    let before = examination.findings.len();
    // Who joined later stands among the followers of those who let it in then.
    let known = node.peers.iter().chain(&node.followers);
    for validator in serving.validators().iter().filter(|one| !known.clone().any(|peer| peer.key == one.key)) {
        let words =
            format!("validator `{}` is missing, of epoch {}, key {}", validator.name, serving.epoch(), validator.key);
        examination.wrong(CHECK, words, "add it to `[[peers]]` with the address that its member tells");
    }
    for peer in &node.peers {
        match serving.standing(&peer.key) {
            Standing::Unknown if peer.address != node.p2p => {
                let words = format!("`{}` has a key that is no validator's of the network: {}", peer.name, peer.key);
                examination.wrong(CHECK, words, "correct the key, or name it under `[[followers]]`");
            }
            Standing::Left(epoch) => {
                let words = format!("`{}` validates no longer since epoch {epoch}", peer.name);
                let todo = "name it under `[[followers]]` if it follows, or remove it where its member stopped it";
                examination.note(CHECK, words, todo);
            }
            Standing::Serves | Standing::Unknown => {}
        }
    }
    let mut addresses = BTreeSet::new();
    for peer in node.peers.iter().chain(&node.followers).filter(|peer| !addresses.insert(peer.address)) {
        examination.wrong(
            CHECK,
            format!("{} is the address of two peers", peer.address),
            "ask their members, and correct it",
        );
    }
    if examination.findings.len() == before {
        examination.well(CHECK, format!("{} validators, {} followers", node.peers.len(), node.followers.len()));
    }
}

/// The names by which a gateway is called.
pub(super) fn origins(path: &Path, gateway: &GatewayConfig, examination: &mut Examination) {
    match office::origins(path, gateway) {
        Ok(origins) => {
            let names: Vec<String> = origins.iter().map(ToString::to_string).collect();
            examination.well("origins", format!("it is called {}", names.join(", ")));
        }
        Err(failure) => {
            let todo = "name base URLs as clients call it, such as `https://gateway.example.org`";
            examination.wrong("origins", failure.to_string(), todo);
        }
    }
}

/// Whom a gateway follows.
pub(super) fn validators(
    gateway: &GatewayConfig,
    genesis: Option<&Genesis>,
    serving: Option<&Serving>,
    examination: &mut Examination,
) {
    let count = gateway.validators.len();
    let faulty = serving.map_or(0, |serving| serving.validators().len().saturating_sub(serving.quorum()));
    let todo = "name at least one more than may fail, of different members";
    match count {
        0 => return examination.wrong("validators", "none is named", todo),
        _ if count <= faulty => {
            examination.note("validators", format!("{count} named, and {faulty} may fail at once"), todo);
        }
        _ => {}
    }
    if let Err(error) = gongxin_client::ValidatorClient::new(&gateway.validators) {
        return examination.wrong("validators", error.to_string(), "correct the URL, such as `http://10.0.0.5:20264`");
    }
    answers(&gateway.validators, false, genesis, examination);
}

/// Asks those who should answer: whether they do, are of this network, run this program, and agree with this clock.
pub(super) fn answers(urls: &[String], must: bool, genesis: Option<&Genesis>, examination: &mut Examination) {
    let Ok(answers) = block_on(ask(urls)) else {
        return;
    };
    let (mut off, mut blur_ms) = (Vec::new(), 0);
    for (url, answer) in urls.iter().zip(&answers) {
        let Some(Said { report, ahead_ms, way_ms }) = answer else { continue };
        blur_ms = blur_ms.max(*way_ms);
        if let Some(genesis) = genesis.filter(|genesis| genesis.head.id() != report.network) {
            let words = format!("{url} is of network `{}`, not of `{}`", report.network, genesis.head.id());
            examination.wrong("network", words, "correct the address, or its configuration");
            continue;
        }
        let program = report.operator.program.as_deref();
        if let Some(program) = program.filter(|program| must && *program != env!("CARGO_PKG_VERSION")) {
            let words =
                format!("the process is of version `{program}`, this program of `{}`", env!("CARGO_PKG_VERSION"));
            examination.note("version", words, "restart the process to run the program that is installed");
        }
        if let Some(why) = report.operator.not_voting.as_ref().filter(|_| must && report.role != "follower") {
            examination.note(
                "votes",
                format!("it runs, and does not vote: {why}"),
                "do as it says, or wait if it waits",
            );
        }
        off.extend(*ahead_ms);
    }
    let silent = answers.iter().filter(|answer| answer.is_none()).count();
    if must && silent > 0 {
        examination.wrong(
            "answers",
            "its process runs, and does not answer",
            "look at its log; where it hangs, restart it",
        );
    } else if !must && silent == answers.len() {
        examination.note(
            "answers",
            "nobody answers yet: the clock cannot be compared",
            "ask again when the network runs",
        );
    } else if silent > 0 {
        examination.note(
            "answers",
            format!("{silent} of {} do not answer", answers.len()),
            "`gongxin status` shows which",
        );
    }
    clock(off, blur_ms, examination);
}

/// This machine's clock against the middle of theirs, known as exactly as the longest way there or back.
fn clock(mut ahead_ms: Vec<i64>, blur_ms: u64, examination: &mut Examination) {
    ahead_ms.sort_unstable();
    let Some(middle) = ahead_ms.get(ahead_ms.len() / 2) else {
        return;
    };
    let words = format!("{} ms {} the others'", middle.unsigned_abs(), if *middle > 0 { "behind" } else { "ahead of" });
    if middle.unsigned_abs() > limits::CLOCK_OFF_MS_MAX.saturating_add(blur_ms) {
        examination.wrong("clock", words, "set this machine's clock right, such as by `timedatectl set-ntp true`");
    } else {
        examination.well("clock", words);
    }
}

/// What somebody said.
struct Said {
    report: StatusReport,
    /// How far its clock is ahead of this machine's, give or take half of the way there and back.
    ahead_ms: Option<i64>,
    /// That half.
    way_ms: u64,
}

fn client() -> Result<reqwest::Client, Failure> {
    reqwest::Client::builder().timeout(limits::ANSWER_WITHIN).build().map_err(Failure::usage)
}

/// What each says.
async fn ask(urls: &[String]) -> Result<Vec<Option<Said>>, Failure> {
    let client = client()?;
    let asked = urls.iter().map(|url| async {
        let (begun, sent) = (Instant::now(), now_ms()?);
        let answer = client.get(format!("{}/v1/status", url.trim_end_matches('/'))).send().await.ok()?;
        let report: StatusReport = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        let way_ms = u64::try_from((begun.elapsed() / 2).as_millis()).ok()?;
        let here = sent.checked_add_unsigned(way_ms)?;
        let clock = report.operator.clock.and_then(|clock| i64::try_from(clock.millis()).ok());
        Some(Said { report, ahead_ms: clock.and_then(|clock| clock.checked_sub(here)), way_ms })
    });
    Ok(futures::future::join_all(asked).await)
}

fn now_ms() -> Option<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(now.as_millis()).ok()
}

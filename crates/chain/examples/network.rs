//! One node of a small network, for trying the chain by hand: `network DIR INDEX COUNT PORT [rate] [seconds] [flags]`.
//!
//! Flags: `follower`, `state` (state sync), `wiped` (no first-start mark). Prints a line each second; with a rate it signs
//! evidence transactions beforehand, submits them to its own node and reports latency.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a tool for the bench, run by hand"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use gongxin_chain::{Caps, Handle, Pacing, Peer, Role, SyncMode, ValidatorConfig, WaitOutcome};
use gongxin_crypto::{SecretKey, Suite};
use gongxin_types::genesis::{ConsensusKey, GenesisObjects};
use gongxin_types::officer::{OfficerKey, Role as OfficerRole};
use gongxin_types::organization::Level;
use gongxin_types::transaction::{Actor, Atomicity, Body, Sender};
use gongxin_types::*;

const KEYS: u8 = 64;

fn seed(kind: u8, index: u8) -> [u8; 32] {
    let mut seed = [kind; 32];
    seed[0] = index;
    seed
}

fn genesis(count: u8) -> Genesis {
    let suite = Suite::Intl;
    let name = |index: u8| format!("office-{index}").parse::<OrganizationId>().unwrap();
    let mut validators: Vec<genesis::Validator> = (0..count)
        .map(|index| genesis::Validator {
            name: format!("validator-{index}").parse().unwrap(),
            organization: name(index),
            key: ConsensusKey(gongxin_chain::consensus_public_key(&seed(1, index))),
        })
        .collect();
    validators.sort_by_key(|validator| validator.key);
    let organizations = (0..count)
        .map(|index| Organization {
            version: 1,
            id: name(index),
            name: Bilingual::new("机构", "Office").unwrap(),
            kind: OrganizationKind::Department,
            parent: None,
            level: Level::Province,
            division: "310000".parse().unwrap(),
            expelled: None,
        })
        .collect::<Vec<_>>();
    let officers = (0..count)
        .flat_map(|index| (0..KEYS).map(move |key| (index, key)))
        .map(|(index, key)| Officer {
            version: 1,
            id: officer_id(index, key),
            organization: name(index),
            roles: List::new(OfficerRole::ALL.to_vec()).unwrap(),
            keys: List::new(vec![OfficerKey {
                key: secret(index, key).public(),
                from: Time::from_millis(0),
                until: None,
                revoked: None,
            }])
            .unwrap(),
            until: None,
            dismissed: None,
            admitted_by: None,
            given: List::empty(),
        })
        .collect::<Vec<_>>();
    let objects = GenesisObjects {
        parameters: Parameters {
            version: 1,
            release_lifetime_ms: 86_400_000,
            grant_term_ms_max: 86_400_000 * 365,
            pending_term_ms: 7 * 86_400_000,
            independence_ms: 30 * 86_400_000,
            legal_bases: gongxin_policy::defaults::default_legal_bases(),
            purposes: gongxin_policy::defaults::default_purposes(),
        },
        policy_set: gongxin_policy::defaults::default_set(),
        organizations: List::new(organizations).unwrap(),
        officers: List::new(officers).unwrap(),
        gateways: List::empty(),
        duties: List::empty(),
        resources: List::empty(),
        grants: List::empty(),
        calendar: gongxin_types::Calendar::plain(),
    };
    Genesis {
        head: NetworkHead {
            version: 1,
            name: "smoke".parse().unwrap(),
            suite,
            protocol_version: 1,
            time: Time::from_millis(
                std::env::var("GENESIS_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_795_000_000_000),
            ),
            time_scale: 1,
            validators: List::new(validators).unwrap(),
            objects: objects.digest(suite),
        },
        objects,
    }
}

fn officer_id(index: u8, key: u8) -> OfficerId {
    let mut id = [0; 16];
    id[0] = index;
    id[1] = key;
    OfficerId::new(id)
}

fn secret(index: u8, key: u8) -> SecretKey {
    Suite::Intl.secret_from_seed(&seed(2 + key, index))
}

fn sign(
    genesis: &Genesis,
    network: gongxin_crypto::Digest,
    index: u8,
    number: u64,
    valid_until: Time,
    secrets: &[SecretKey],
    basis: &BasisCode,
) -> (TransactionId, Vec<u8>) {
    let suite = genesis.head.suite;
    let key = (number % u64::from(KEYS)) as u8;
    let secret = &secrets[key as usize];
    let body = Body {
        version: 1,
        network,
        sender: Sender {
            organization: format!("office-{index}").parse().unwrap(),
            actor: Actor::Officer(officer_id(index, key)),
            key: secret.public(),
        },
        lane: (number / u64::from(KEYS) % 16) as u16,
        sequence: valid_until.millis() + number / u64::from(KEYS) / 16,
        valid_until,
        atomicity: Atomicity::EachOnItsOwn,
        actions: List::new(vec![Action::NotariseEvidence(Evidence {
            digest: suite.hash(&[&number.to_le_bytes(), &valid_until.millis().to_le_bytes()]),
            media_type: "application/pdf".parse().unwrap(),
            legal_basis: basis.clone(),
        })])
        .unwrap(),
    };
    let id = body.id(suite);
    let signature = secret.sign(&Transaction::message(&id));
    (id, codec::encode(&Transaction { body, signature }))
}

async fn proofs(handle: Handle, genesis: Genesis) {
    let mut blocks = handle.subscribe(Height::new(1));
    while let Some(block) = blocks.next().await {
        let written = block
            .receipts
            .transactions
            .iter()
            .flat_map(|one| &one.actions)
            .flat_map(|one| &one.writes)
            .next()
            .map(|write| write.key);
        let keys = [
            written,
            Some(gongxin_types::receipt::Key {
                table: gongxin_types::receipt::Table::Lists,
                key: [block.header.height.get() as u8; 32],
            }),
            gongxin_state_genesis_key(&genesis),
        ];
        for key in keys.into_iter().flatten() {
            let begun = Instant::now();
            match handle.state_proof(key).await {
                Ok(proof) => println!(
                    "proof at {} of {:?} page {} bytes {} headers {} votes {} holds {} in {:?}",
                    proof.header.height,
                    key.table,
                    proof.page.is_some(),
                    proof.proof.len(),
                    proof.headers.len(),
                    proof.certificate.votes.len(),
                    proof.holds(),
                    begun.elapsed()
                ),
                Err(error) => println!("no proof of {:?}: {error}", key.table),
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// Any page of genesis.
fn gongxin_state_genesis_key(genesis: &Genesis) -> Option<gongxin_types::receipt::Key> {
    gongxin_state::genesis(genesis).unwrap().keys().next().copied()
}

async fn load(handle: Handle, genesis: Genesis, index: u8, rate: u64, seconds: u64) {
    let network = genesis.head.id();
    let secrets: Vec<SecretKey> = (0..KEYS).map(|key| secret(index, key)).collect();
    while handle.status().height.get() < 2 || handle.status().syncing {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let header_time = handle.status().last_final.unwrap().time;
    let valid_until = header_time.plus_millis(540_000);
    let basis = genesis.objects.parameters.legal_bases.first().unwrap().code.clone();
    let begun = Instant::now();
    let signed: Vec<(TransactionId, Vec<u8>)> = (0..rate * seconds)
        .map(|number| sign(&genesis, network, index, number, valid_until, &secrets, &basis))
        .collect();
    println!(
        "signed {} of {} bytes in {:?}",
        signed.len(),
        signed.first().map_or(0, |one| one.1.len()),
        begun.elapsed()
    );
    // Let every generator finish signing.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (done, mut results) = tokio::sync::mpsc::unbounded_channel();
    let begun = Instant::now();
    let mut busy = 0_u64;
    let mut pending = signed.into_iter().enumerate();
    let tick = if rate >= 1_000 { Duration::from_millis(5) } else { Duration::from_micros(1_000_000 / rate.max(1)) };
    let mut ticker = tokio::time::interval(tick);
    let mut sent = 0_u64;
    'sending: loop {
        ticker.tick().await;
        let due = (begun.elapsed().as_secs_f64() * rate as f64) as u64;
        while sent < due {
            let Some((_, (id, bytes))) = pending.next() else {
                break 'sending;
            };
            sent += 1;
            let (handle, done) = (handle.clone(), done.clone());
            tokio::spawn(async move {
                let at = Instant::now();
                let bytes = bytes::Bytes::from(bytes);
                let mut tries = 0;
                loop {
                    match handle.submit(bytes.clone()).await {
                        Ok(_) => break,
                        Err(gongxin_chain::SubmitError::Busy { retry_after_ms }) => {
                            tries += 1;
                            tokio::time::sleep(Duration::from_millis(retry_after_ms)).await;
                        }
                        Err(error) => {
                            println!("refused: {error}");
                            break;
                        }
                    }
                }
                let outcome = handle.wait_final(id, Duration::from_secs(60)).await;
                let _ = done.send((matches!(outcome, WaitOutcome::Final(_)), at.elapsed(), tries));
            });
        }
    }
    drop(done);
    let mut latencies = Vec::new();
    let mut lost = 0;
    while let Some((fine, latency, tries)) = results.recv().await {
        busy += tries;
        if fine { latencies.push(latency) } else { lost += 1 }
    }
    let total = begun.elapsed();
    latencies.sort();
    let at = |share: f64| latencies.get(((latencies.len() as f64 - 1.0) * share) as usize).copied().unwrap_or_default();
    println!(
        "RESULT node {index}: final {} lost {lost} busy {busy} in {total:?} = {:.0}/s; p50 {:?} p99 {:?} p99.9 {:?} max {:?}",
        latencies.len(),
        latencies.len() as f64 / total.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    );
}

fn main() {
    tracing_subscriber::fmt()
        .with_env_filter(std::env::var("RUST_LOG").unwrap_or("warn,gongxin_chain=info".into()))
        .init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let (directory, index, count, port) =
        (PathBuf::from(&arguments[0]), number(1) as u8, number(2) as u8, number(3) as u16);
    let (rate, seconds) = (number(4), number(5));
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let genesis = genesis(count);
    if flag("rebuild") {
        let into = directory.with_extension("rebuilt");
        let _ = std::fs::remove_dir_all(&into);
        let begun = Instant::now();
        println!("rebuilt: {:?} in {:?}", gongxin_chain::rebuild(&directory, &genesis, &into), begun.elapsed());
        return;
    }
    let peer = |index: u8| Peer {
        public_key: gongxin_chain::consensus_public_key(&seed(1, index)),
        address: format!("127.0.0.1:{}", port + u16::from(index)).parse().unwrap(),
    };
    if !flag("wiped") && !flag("follower") && !directory.join("network").exists() {
        gongxin_chain::init(&directory, &genesis).unwrap();
    }
    let mut pacing = Pacing::default();
    if let Ok(ms) = std::env::var("MIN_INTERVAL_MS") {
        pacing.min_interval = Duration::from_millis(ms.parse().unwrap());
    }
    let handle = gongxin_chain::start(ValidatorConfig {
        directory,
        listen: peer(index).address,
        key: seed(1, index).into(),
        genesis: genesis.clone(),
        peers: (0..count).map(peer).collect(),
        followers: vec![peer(count)],
        role: if flag("follower") { Role::Follower } else { Role::Validator },
        sync: if flag("state") { SyncMode::State } else { SyncMode::Replay },
        pacing,
        caps: Caps::default(),
        clock: gongxin_chain::Clock::default(),
        allow_private_addresses: true,
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        if flag("proofs") {
            tokio::spawn(proofs(handle.clone(), genesis.clone()));
        }
        if rate > 0 {
            tokio::spawn(load(handle.clone(), genesis, index, rate, seconds));
        }
        let mut last = (0, Instant::now());
        let ended = handle.clone();
        let report = async {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let status = handle.status();
                let metrics = handle.metrics();
                let value = |name: &str| metrics.lines().find(|line| line.starts_with(&format!("gongxin_{name} "))).and_then(|line| line.split(' ').nth(1).map(str::to_owned)).unwrap_or_default();
                let usage = std::fs::read_to_string("/proc/self/stat").unwrap();
                let fields: Vec<&str> = usage.split(' ').collect();
                let cpu = fields[13].parse::<u64>().unwrap() + fields[14].parse::<u64>().unwrap();
                let resident = fields[23].parse::<u64>().unwrap() * 4096 / 1_000_000;
                println!(
                    "{index}: height {} view {} peers {} pool {} syncing {} voting {} txs {} cpu {}% rss {resident} MB archive {:?}",
                    status.height, status.view, status.peers_seen, status.mempool_transactions, status.syncing, status.voting,
                    value("finalized_transactions_total"),
                    (cpu - last.0) * 1000 / last.1.elapsed().as_millis().max(1) as u64,
                    handle.archive_range(),
                );
                last = (cpu, Instant::now());
            }
        };
        tokio::select! {
            () = report => {}
            ending = ended.wait() => println!("{index}: ended: {ending:?}"),
            _ = tokio::signal::ctrl_c() => {
                ended.stop().await;
                println!("{index}: stopped");
            }
        }
    });
}

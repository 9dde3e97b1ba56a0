//! A network of four validators in one process: what they promise, and what must hold after something breaks.
//!
//! The nodes are the real ones, on loopback. Nothing here sleeps: a test follows blocks until what it waits for is true,
//! and a network that stands still fails by the runner's timeout.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gongxin_chain::{
    Caps, DirectoryError, Handle, Pacing, Peer, Role, StartError, SubmissionState, SubmitError, SyncMode,
    TransactionState, ValidatorConfig, WaitOutcome,
};
use gongxin_crypto::Suite;
use gongxin_test_support::{cast, cast::Cast, validators::Validators, world};
use gongxin_types::officer::Role as OfficerRole;
use gongxin_types::receipt::{Key, Table};
use gongxin_types::transaction::{Atomicity, Body};
use gongxin_types::{Action, Evidence, FinalizedBlock, Genesis, Height, List, Time, Transaction, TransactionId, codec};

const SEED: u64 = 7;
const PATIENCE: Duration = Duration::from_secs(60);

/// Four validators that are not running yet, and those who send.
struct Town {
    directory: tempfile::TempDir,
    genesis: Genesis,
    cast: Cast,
    seeds: Vec<[u8; 32]>,
    addresses: Vec<SocketAddr>,
}

impl Town {
    fn new() -> Self {
        let suite = Suite::Intl;
        let cast = Cast::new(suite, SEED);
        let mut genesis = world::genesis(suite, &cast, &Validators::new(SEED), SEED);
        genesis.head.time = now();
        let seed = |name: &str| cast::bytes(SEED, "validator", name);
        let seeds = genesis.head.validators.iter().map(|validator| seed(&validator.name.to_string())).collect();
        // Held open together, so that five different ports come out; the nodes bind them again in a moment.
        let listeners: Vec<TcpListener> = (0..5).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        Self { directory: tempfile::tempdir().unwrap(), genesis, cast, seeds, addresses }
    }

    fn path(&self, node: usize) -> std::path::PathBuf {
        self.directory.path().join(format!("node-{node}"))
    }

    fn config(&self, node: usize) -> ValidatorConfig {
        let key = self.seeds.get(node).copied().unwrap_or([99; 32]);
        let peer = |(seed, address): (&[u8; 32], &SocketAddr)| Peer {
            public_key: gongxin_chain::consensus_public_key(seed),
            address: *address,
        };
        ValidatorConfig {
            directory: self.path(node),
            listen: self.addresses[node],
            key: key.into(),
            genesis: self.genesis.clone(),
            peers: self.seeds.iter().zip(&self.addresses).map(peer).collect(),
            followers: vec![peer((&[99; 32], &self.addresses[4]))],
            role: if node < 4 { Role::Validator } else { Role::Follower },
            sync: SyncMode::Replay,
            pacing: Pacing::default(),
            caps: Caps { page_cache_pages: 256, disk_free_bytes: 0, ..Caps::default() },
            allow_private_addresses: true,
        }
    }

    /// Starts the four validators for the first time.
    fn open(&self) -> Vec<Handle> {
        (0..4)
            .map(|node| {
                gongxin_chain::init(&self.path(node), &self.genesis).unwrap();
                gongxin_chain::start(self.config(node)).unwrap()
            })
            .collect()
    }

    fn body(&self, sequence: u64, document: &str, valid_until: Time) -> Body {
        let officer = self.cast.officer("civil-affairs", OfficerRole::CaseOfficer);
        let evidence = Evidence {
            digest: Suite::Intl.hash(&[document.as_bytes()]),
            media_type: "application/pdf".parse().unwrap(),
            legal_basis: self.genesis.objects.parameters.legal_bases[0].code.clone(),
        };
        Body {
            version: 1,
            network: self.genesis.head.id(),
            sender: officer.sender(),
            lane: 0,
            sequence,
            valid_until,
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(vec![Action::NotariseEvidence(evidence)]).unwrap(),
        }
    }

    fn sign(&self, body: Body) -> (TransactionId, Vec<u8>) {
        let id = body.id(Suite::Intl);
        let officer = self.cast.officer("civil-affairs", OfficerRole::CaseOfficer);
        let signature = officer.secret.sign(&Transaction::message(&id));
        (id, codec::encode(&Transaction { body, signature }))
    }

    fn evidence(&self, sequence: u64, document: &str) -> (TransactionId, Vec<u8>) {
        self.sign(self.body(sequence, document, now().plus_millis(300_000)))
    }
}

fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Time::from_millis(since.as_millis() as u64)
}

/// The block at a height, once a node has it.
async fn reach(node: &Handle, height: u64) -> Arc<FinalizedBlock> {
    node.subscribe(Height::new(height)).next().await.unwrap()
}

/// Waits until a node's status is as wanted. Its blocks set the pace; one that is not here yet, as during a state sync,
/// is asked for again after a moment.
async fn until(node: &Handle, wanted: impl Fn(&Handle) -> bool) {
    while !wanted(node) {
        if node.subscribe(node.status().height.next()).next().await.is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn stop(nodes: &[Handle]) {
    for node in nodes {
        node.stop().await;
        assert_eq!(node.wait().await, Ok(()));
    }
}

/// Four validators agree on blocks; a document notarised at one is final at all, the same answer comes again for the
/// same bytes, and what may not stand in a block is refused with a reason.
#[tokio::test]
async fn documents_become_final_everywhere() {
    let town = Town::new();
    let nodes = town.open();
    let (id, bytes) = town.evidence(1, "land deed");
    let submitted = nodes[0].submit(bytes.clone()).await.unwrap();
    assert_eq!((submitted.id, submitted.state), (id, SubmissionState::Accepted));
    let WaitOutcome::Final(position) = nodes[0].wait_final(id, PATIENCE).await else { panic!("not final") };
    let mut headers = Vec::new();
    for node in &nodes {
        headers.push(reach(node, position.height.get()).await.header.digest());
        assert_eq!(node.transaction(id), TransactionState::Final(position));
    }
    assert!(headers.iter().all(|header| *header == headers[0]));

    let again = nodes[2].submit(bytes.clone()).await.unwrap();
    assert_eq!(again.state, SubmissionState::AlreadyFinal(position));
    let (_, other) = town.evidence(1, "another deed");
    assert_eq!(nodes[1].submit(other).await, Err(SubmitError::Conflict));

    let mut torn = bytes.clone();
    torn.pop();
    let mut forged = town.evidence(2, "forged deed").1;
    *forged.last_mut().unwrap() ^= 1;
    let (_, late) = town.sign(town.body(3, "late deed", Time::from_millis(1)));
    let (_, early) = town.sign(town.body(4, "early deed", now().plus_millis(3_600_000)));
    let mut elsewhere = town.body(5, "foreign deed", now().plus_millis(300_000));
    elsewhere.network = Suite::Intl.hash(&[b"another network"]);
    for bytes in [torn, forged, late, early, town.sign(elsewhere).1, Vec::new()] {
        assert!(matches!(nodes[3].submit(bytes).await, Err(SubmitError::Invalid { .. })));
    }
    stop(&nodes).await;
}

/// A page of the state is proven against a certified header, and that nobody read a record is proven too.
#[tokio::test]
async fn presence_and_absence_are_proven() {
    let town = Town::new();
    let nodes = town.open();
    let (id, bytes) = town.evidence(1, "land deed");
    nodes[0].submit(bytes).await.unwrap();
    let WaitOutcome::Final(position) = nodes[0].wait_final(id, PATIENCE).await else { panic!("not final") };
    let block = reach(&nodes[0], position.height.get()).await;
    let written = block.receipts.transactions[0].actions[0].writes[0];
    let proof = nodes[0].state_proof(written.key).await.unwrap();
    assert!(proof.page == written.page && proof.holds());
    let certified = proof.headers.last().unwrap_or(&proof.header);
    assert_eq!(proof.certificate.header, certified.digest());
    assert!(proof.certificate.votes.len() >= 3);

    let nobody = Key { table: Table::Lists, key: [5; 32] };
    let mut absence = nodes[1].state_proof(nobody).await.unwrap();
    assert!(absence.page.is_none() && absence.holds());
    absence.key.table = Table::Objects;
    assert!(!absence.holds());
    stop(&nodes).await;
}

/// One validator fails and the others go on; it comes back and catches up. Its directory is wiped: it follows first and
/// votes again only after the others have moved on. A follower never votes.
#[tokio::test]
async fn a_validator_fails_returns_and_is_wiped() {
    let town = Town::new();
    let mut nodes = town.open();
    reach(&nodes[0], 3).await;
    let last = nodes.pop().unwrap();
    last.stop().await;
    let (id, bytes) = town.evidence(1, "land deed");
    nodes[0].submit(bytes).await.unwrap();
    assert!(matches!(nodes[0].wait_final(id, PATIENCE).await, WaitOutcome::Final(_)));

    let back = gongxin_chain::start(town.config(3)).unwrap();
    assert!(matches!(back.wait_final(id, PATIENCE).await, WaitOutcome::Final(_)));
    until(&back, |node| node.status().voting).await;
    back.stop().await;

    std::fs::remove_dir_all(town.path(3)).unwrap();
    let wiped = gongxin_chain::start(town.config(3)).unwrap();
    assert!(!wiped.status().voting);
    until(&wiped, |node| node.status().voting).await;

    let follower = gongxin_chain::start(ValidatorConfig { sync: SyncMode::State, ..town.config(4) }).unwrap();
    until(&follower, |node| node.archive_range().is_some_and(|(first, _)| first == Height::new(1))).await;
    assert!(!follower.status().voting);
    nodes.extend([wiped, follower]);
    stop(&nodes).await;
}

/// State comes out of the archive alone, with the same receipts and the same roots.
#[tokio::test]
async fn state_is_rebuilt_from_the_archive() {
    let town = Town::new();
    let nodes = town.open();
    for sequence in 1..=20 {
        let (id, bytes) = town.evidence(sequence, &format!("deed {sequence}"));
        nodes[0].submit(bytes).await.unwrap();
        assert!(matches!(nodes[0].wait_final(id, PATIENCE).await, WaitOutcome::Final(_)));
    }
    stop(&nodes).await;
    let (path, genesis) = (town.path(0), town.genesis.clone());
    let into = town.directory.path().join("rebuilt");
    let rebuilt = tokio::task::spawn_blocking(move || gongxin_chain::rebuild(&path, &genesis, &into)).await.unwrap();
    let rebuilt = rebuilt.unwrap();
    assert_eq!((rebuilt.transactions, rebuilt.other_roots_from), (20, None));
}

/// A directory of another network, one used before and a half-written one are refused before anything is written.
#[test]
fn a_wrong_directory_is_refused() {
    let town = Town::new();
    gongxin_chain::init(&town.path(0), &town.genesis).unwrap();
    assert!(matches!(gongxin_chain::init(&town.path(0), &town.genesis), Err(DirectoryError::Used { .. })));
    let mut config = town.config(0);
    config.genesis.head.time = Time::from_millis(1);
    let refused = gongxin_chain::start(config).err().unwrap();
    assert!(matches!(refused, StartError::Directory(DirectoryError::OtherNetwork { .. })));
    std::fs::create_dir_all(town.path(1).join("blocks")).unwrap();
    let refused = gongxin_chain::start(town.config(1)).err().unwrap();
    assert!(matches!(refused, StartError::Directory(DirectoryError::HalfWritten { .. })));
    let full = ValidatorConfig { caps: Caps { disk_free_bytes: u64::MAX, ..Caps::default() }, ..town.config(2) };
    assert!(matches!(gongxin_chain::start(full).err().unwrap(), StartError::Directory(DirectoryError::Full { .. })));
    assert!(!Path::new(&town.path(2)).join("engine").exists());
}

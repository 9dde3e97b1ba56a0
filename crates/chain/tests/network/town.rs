//! Four validators that are not running yet, a follower, and those who send.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gongxin_chain::{Caps, Clock, Handle, Pacing, Peer, Role, SyncMode, ValidatorConfig, WaitOutcome};
use gongxin_crypto::Suite;
use gongxin_test_support::{Person, cast, cast::Cast, validators::Validators, world};
use gongxin_types::officer::Role as OfficerRole;
use gongxin_types::transaction::{Atomicity, Body};
use gongxin_types::{Action, Evidence, FinalizedBlock, Genesis, Height, List, Time, Transaction, TransactionId, codec};

const SEED: u64 = 7;

/// How long anything may take, on a machine that does other things too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Who sends unless a test says otherwise.
const SENDER: &str = "civil-affairs";

pub(crate) struct Town {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) genesis: Genesis,
    cast: Cast,
    seeds: Vec<[u8; 32]>,
    addresses: Vec<SocketAddr>,
}

impl Town {
    pub(crate) fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    /// A town whose nodes keep their data in this folder.
    pub(crate) fn on(directory: tempfile::TempDir) -> Self {
        let suite = Suite::Intl;
        let cast = Cast::new(suite, SEED);
        let mut genesis = world::genesis(suite, &cast, &Validators::new(SEED), SEED);
        genesis.head.time = now();
        let seed = |name: &str| cast::bytes(SEED, "validator", name);
        let seeds = genesis.head.validators.iter().map(|validator| seed(&validator.name.to_string())).collect();
        // Held open together, so that five different ports come out; the nodes bind them again in a moment.
        let listeners: Vec<TcpListener> = (0..5).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        Self { directory, genesis, cast, seeds, addresses }
    }

    pub(crate) fn path(&self, node: usize) -> PathBuf {
        self.directory.path().join(format!("node-{node}"))
    }

    /// Nodes 0 to 3 are the validators, in the order of their votes; node 4 is the follower.
    pub(crate) fn config(&self, node: usize) -> ValidatorConfig {
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
            clock: Clock::default(),
            allow_private_addresses: true,
        }
    }

    /// Starts a validator for the first time.
    pub(crate) fn first_start(&self, config: ValidatorConfig) -> Handle {
        gongxin_chain::init(&config.directory, &self.genesis).unwrap();
        gongxin_chain::start(config).unwrap()
    }

    /// Starts the four validators for the first time.
    pub(crate) fn open(&self) -> Vec<Handle> {
        (0..4).map(|node| self.first_start(self.config(node))).collect()
    }

    /// A body of this department's officer.
    pub(crate) fn body_of(&self, department: &str, sequence: u64, document: &str, valid_until: Time) -> Body {
        let evidence = Evidence {
            digest: Suite::Intl.hash(&[document.as_bytes()]),
            media_type: "application/pdf".parse().unwrap(),
            legal_basis: self.genesis.objects.parameters.legal_bases[0].code.clone(),
        };
        let officer = self.cast.officer(department, OfficerRole::CaseOfficer);
        self.body_by(officer, sequence, Action::NotariseEvidence(evidence), valid_until)
    }

    fn body_by(&self, officer: &Person, sequence: u64, action: Action, valid_until: Time) -> Body {
        Body {
            version: 1,
            network: self.genesis.head.id(),
            sender: officer.sender(),
            lane: 0,
            sequence,
            valid_until,
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(vec![action]).unwrap(),
        }
    }

    /// What the head of an organization signs.
    pub(crate) fn decree(&self, organization: &str, sequence: u64, action: Action) -> (TransactionId, Vec<u8>) {
        let officer = self.cast.officer(organization, OfficerRole::Authority);
        let body = self.body_by(officer, sequence, action, now().plus_millis(300_000));
        let id = body.id(Suite::Intl);
        let signature = officer.secret.sign(&Transaction::message(&id));
        (id, codec::encode(&Transaction { body, signature }))
    }

    pub(crate) fn body(&self, sequence: u64, document: &str, valid_until: Time) -> Body {
        self.body_of(SENDER, sequence, document, valid_until)
    }

    pub(crate) fn sign(&self, body: Body) -> (TransactionId, Vec<u8>) {
        let id = body.id(Suite::Intl);
        let officer = self.cast.officer(body.sender.organization.as_str(), OfficerRole::CaseOfficer);
        let signature = officer.secret.sign(&Transaction::message(&id));
        (id, codec::encode(&Transaction { body, signature }))
    }

    pub(crate) fn evidence(&self, sequence: u64, document: &str) -> (TransactionId, Vec<u8>) {
        self.evidence_of(SENDER, sequence, document)
    }

    pub(crate) fn evidence_of(&self, department: &str, sequence: u64, document: &str) -> (TransactionId, Vec<u8>) {
        self.sign(self.body_of(department, sequence, document, now().plus_millis(300_000)))
    }
}

/// This machine's time.
pub(crate) fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Time::from_millis(since.as_millis() as u64)
}

/// The block at a height, once a node has it.
pub(crate) async fn reach(node: &Handle, height: u64) -> Arc<FinalizedBlock> {
    let mut blocks = node.subscribe(Height::new(height));
    tokio::time::timeout(PATIENCE, blocks.next()).await.unwrap().unwrap()
}

/// Hands a transaction in and waits until it is final at this node.
pub(crate) async fn finish(node: &Handle, (id, bytes): (TransactionId, Vec<u8>)) -> Height {
    node.submit(bytes).await.unwrap();
    is_final(node, id).await
}

/// Waits until a transaction is final at this node.
pub(crate) async fn is_final(node: &Handle, id: TransactionId) -> Height {
    match node.wait_final(id, PATIENCE).await {
        WaitOutcome::Final(position) => position.height,
        other => panic!("not final: {other:?}"),
    }
}

/// Waits until a node's status is as wanted. Its blocks set the pace; one that is not here yet, as during a state sync,
/// is asked for again after a moment.
pub(crate) async fn until(node: &Handle, wanted: impl Fn(&Handle) -> bool) {
    let begun = Instant::now();
    while !wanted(node) {
        assert!(begun.elapsed() < PATIENCE, "not in time: {:?}", node.status());
        let mut blocks = node.subscribe(node.status().height.next());
        if !matches!(tokio::time::timeout(Duration::from_secs(1), blocks.next()).await, Ok(Some(_))) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub(crate) async fn stop(nodes: &[Handle]) {
    for node in nodes {
        node.stop().await;
        assert_eq!(node.wait().await, Ok(()));
    }
}

/// All files below a folder with their contents.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                files.insert(path, bytes);
            }
        }
    }
    files
}

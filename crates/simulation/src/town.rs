//! The institutions of a run: genesis, keys, and the configuration of each node.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use commonware_codec::{Copying, DecodeExt as _};
use commonware_cryptography::Signer as _;
use commonware_cryptography::ed25519::{PrivateKey, PublicKey};
use gongxin_chain_simulated::{
    Caps, Clock, Pacing, Peer, Role, SyncMode, ValidatorConfig, World, consensus_public_key,
};
use gongxin_crypto::Suite;
use gongxin_test_support::cast::{self, Cast, DEPARTMENTS};
use gongxin_test_support::validators::Validators;
use gongxin_test_support::world;
use gongxin_types::genesis::{ConsensusKey, Validator};
use gongxin_types::{Genesis, Time, ValidatorSet};

use crate::plan::Plan;

/// Who takes part in a run.
pub(crate) struct Town {
    pub(crate) genesis: Genesis,
    pub(crate) cast: Cast,
    /// Those who validate at first, ascending by key as in genesis, then those who may be voted in.
    members: Vec<Validator>,
    /// Seeds of their keys.
    seeds: Vec<[u8; 32]>,
    /// Their public keys, as the network knows the nodes.
    pub(crate) keys: Vec<PublicKey>,
    folder: tempfile::TempDir,
}

impl Town {
    /// The town of a plan, whose time begins at `begin`.
    pub(crate) fn new(plan: &Plan, begin: Time) -> Self {
        let (suite, seed) = (Suite::Intl, plan.seed);
        let cast = Cast::new(suite, seed);
        let mut genesis = world::genesis(suite, &cast, &Validators::new(seed), seed);
        let mut members: Vec<([u8; 32], Validator)> = (0..plan.validators).map(|place| member(seed, place)).collect();
        members.sort_by_key(|(_, validator)| validator.key.0);
        genesis.head.validators = world::list(members.iter().map(|(_, validator)| validator.clone()));
        genesis.head.time = begin;
        genesis.head.time_scale = plan.offices.as_ref().map_or(1, |offices| offices.time_scale);
        members.extend((plan.validators..plan.nodes()).map(|place| member(seed, place)));
        let (seeds, members): (Vec<[u8; 32]>, Vec<Validator>) = members.into_iter().unzip();
        let keys = seeds.iter().map(public_key).collect();
        Self { genesis, cast, members, seeds, keys, folder: folder() }
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.seeds.len()
    }

    /// The nodes at these places as the validators of an epoch.
    pub(crate) fn set(&self, epoch: u64, places: &[usize]) -> ValidatorSet {
        let mut validators: Vec<Validator> =
            places.iter().filter_map(|place| self.members.get(*place).cloned()).collect();
        validators.sort_by_key(|validator| validator.key);
        ValidatorSet { version: 1, epoch, validators: world::list(validators) }
    }

    /// The folder of a node's files; `stores` counts how often it began with nothing.
    pub(crate) fn folder(&self, node: usize, stores: u32) -> PathBuf {
        self.folder.path().join(format!("{node}-{stores}"))
    }

    /// The folder of a gateway's files.
    pub(crate) fn office(&self, gateway: usize) -> PathBuf {
        self.folder.path().join(format!("gateway-{gateway}"))
    }

    /// What a node is started with.
    pub(crate) fn config(
        &self,
        node: usize,
        folder: &Path,
        sync: SyncMode,
        clock: Clock,
        world: World,
    ) -> ValidatorConfig {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let peer = |seed: &[u8; 32]| Peer { public_key: consensus_public_key(seed), address };
        ValidatorConfig {
            directory: folder.to_path_buf(),
            listen: address,
            key: self.seeds.get(node).copied().unwrap_or_default().into(),
            genesis: self.genesis.clone(),
            peers: self.seeds.iter().map(peer).collect(),
            followers: Vec::new(),
            role: Role::Validator,
            sync,
            pacing: Pacing::default(),
            // A queue that a flood fills.
            caps: Caps { page_cache_pages: 256, disk_free_bytes: 0, mempool_transactions: 400, ..Caps::default() },
            clock,
            allow_private_addresses: true,
            world,
        }
    }
}

fn public_key(seed: &[u8; 32]) -> PublicKey {
    PrivateKey::decode(Copying(seed.as_slice())).expect("32 bytes are a key").public_key()
}

/// A validator and the seed of its key. The first four belong to the four departments, the others to them in turn.
fn member(seed: u64, place: usize) -> ([u8; 32], Validator) {
    let owner = DEPARTMENTS.get(place % DEPARTMENTS.len()).copied().unwrap_or_default();
    let name = if place < DEPARTMENTS.len() { owner.to_owned() } else { format!("{owner}-{place}") };
    let key = cast::bytes(seed, "validator", &name);
    let validator = Validator {
        name: name.parse().expect("a name"),
        organization: owner.parse().expect("a name"),
        key: ConsensusKey(consensus_public_key(&key)),
    };
    (key, validator)
}

/// Archives are synced block by block: in memory where the machine offers that.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a folder for the archives")
}

//! Who validates now, as far as it can be proven here.
//!
//! Members vote who validates, so genesis alone does not say. Each set is signed by the one before it (0014, 0017): whoever
//! brings the newest line of sets is believed, a file or a validator that answers, and it is said by whom and up to which
//! epoch. What contradicts the line is kept apart and told.

use std::path::Path;
use std::time::Duration;

use gongxin_types::genesis::{ConsensusKey, Validator};
use gongxin_types::{EpochChange, Genesis, Network, NetworkHead, limits};
use gongxin_verify::network::NetworkError;
use gongxin_verify::{TrustedNetwork, jcs};

use crate::config::{self, NodeConfig};
use crate::files;
use crate::setup::Layout;

/// Where a validator hands out its network file.
const PATH: &str = "/v1/network";

/// The validators of the newest epoch that is proven here, and those of before.
#[derive(Clone)]
pub(crate) struct Serving {
    trusted: TrustedNetwork,
    source: String,
    contradictions: Vec<String>,
}

/// What a key is to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is of a validator that serves.
    Serves,
    /// It was; others serve from this epoch on.
    Left(u64),
    /// It is of no validator of any epoch that is known.
    Unknown,
}

impl Serving {
    /// Those of genesis.
    pub(crate) fn of_genesis(head: &NetworkHead) -> Self {
        Self::of_trusted(TrustedNetwork::from_head(head), "genesis")
    }

    /// Those that a network file ends with, if it can be read.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        let (_, trusted) = files::network_file(path).ok()?;
        Some(Self::of_trusted(trusted, &format!("`{}`", path.display())))
    }

    /// Those of the newest epoch that is trusted by this.
    pub(crate) fn of_trusted(trusted: TrustedNetwork, source: &str) -> Self {
        Self { trusted, source: source.to_owned(), contradictions: Vec::new() }
    }

    /// Those that a node of this network may know: by genesis, a network file where one is at hand, and the node's own data.
    pub(crate) fn of_node(path: &Path, node: &NodeConfig, genesis: &Genesis, file: Option<&Path>) -> Self {
        let mut serving = Self::of_gateway(genesis, file);
        serving.read_data(path, node, genesis);
        serving
    }

    /// Those that a gateway of this network may know before it asks anyone: by genesis, and a network file where one is at hand.
    pub(crate) fn of_gateway(genesis: &Genesis, file: Option<&Path>) -> Self {
        let mut serving = Self::of_genesis(&genesis.head);
        file.into_iter().for_each(|file| serving.read(file));
        serving
    }

    /// Those that a folder's network file and the data of its nodes know.
    pub(crate) fn of_folder(file: &Path, folder: &Path, layout: &Layout) -> Option<Self> {
        let mut serving = Self::of_file(file)?;
        for validator in &layout.validators {
            let path = folder.join(&validator.config);
            let Ok(node) = config::read::<NodeConfig>(&path) else { continue };
            if let Ok(genesis) = files::genesis(&config::beside(&path, &node.genesis)) {
                serving.read_data(&path, &node, &genesis);
            }
        }
        Some(serving)
    }

    /// Takes in a network file of this network, if there is one.
    pub(crate) fn read(&mut self, file: &Path) {
        if let Ok((network, trusted)) = files::network_file(file)
            && trusted.network == self.trusted.network
        {
            self.learn(&network, &format!("`{}`", file.display()));
        }
    }

    fn read_data(&mut self, path: &Path, node: &NodeConfig, genesis: &Genesis) {
        let directory = config::beside(path, &node.directory);
        // A directory that cannot be read, or is damaged, proves nothing; what it is to its node is looked at elsewhere.
        let changes = gongxin_chain::epoch_changes(&directory, genesis).unwrap_or_default();
        if genesis.head.id() == self.trusted.network {
            self.follow(&changes, &format!("`{}`", directory.display()));
        }
    }

    fn follow(&mut self, changes: &[EpochChange], source: &str) {
        let before = self.epoch();
        for change in changes {
            if let Err(error) = self.trusted.follow(change) {
                self.contradictions.push(format!("{source}: {error}"));
                break;
            }
        }
        if self.epoch() > before {
            source.clone_into(&mut self.source);
        }
    }

    /// Takes in what somebody says, if it is signed and continues what is known.
    pub(crate) fn learn(&mut self, file: &Network, source: &str) {
        match self.trusted.continued_by(file) {
            Ok(newer) if newer.newest_epoch() > self.epoch() => {
                self.trusted = newer;
                source.clone_into(&mut self.source);
            }
            Ok(_) | Err(NetworkError::Older { .. }) => {}
            Err(error) => self.contradictions.push(format!("{source}: {error}")),
        }
    }

    /// Asks a validator that says that it is in a later epoch.
    pub(crate) async fn ask(&mut self, client: &reqwest::Client, url: &str, within: Duration) {
        match tokio::time::timeout(within, fetch(client, url)).await {
            Ok(Ok(file)) => self.learn(&file, url),
            Ok(Err(why)) => self.contradictions.push(format!("{url} does not prove its epoch: {why}")),
            Err(_) => self.contradictions.push(format!("{url} does not prove its epoch: no answer in time")),
        }
    }

    /// Everything that is proven.
    pub(crate) const fn trusted(&self) -> &TrustedNetwork {
        &self.trusted
    }

    /// The newest epoch that is proven.
    pub(crate) fn epoch(&self) -> u64 {
        self.trusted.newest_epoch()
    }

    /// Who proved it.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// What contradicts it, in words.
    pub(crate) fn contradictions(&self) -> &[String] {
        &self.contradictions
    }

    /// What names the network.
    pub(crate) const fn head(&self) -> &NetworkHead {
        self.trusted.head()
    }

    /// Who serves, ascending by key.
    pub(crate) fn validators(&self) -> &[Validator] {
        self.trusted.set(self.epoch()).map_or(&[], |set| set.validators.as_slice())
    }

    /// How many of them must vote.
    pub(crate) fn quorum(&self) -> usize {
        gongxin_types::validator_set::quorum(self.validators().len())
    }

    /// What this key is to the network.
    pub(crate) fn standing(&self, key: &ConsensusKey) -> Standing {
        self.standing_of(|one| one.key == *key)
    }

    /// What the validator of this name is to the network.
    pub(crate) fn standing_of_name(&self, name: &str) -> Standing {
        self.standing_of(|one| one.name.as_str() == name)
    }

    fn standing_of(&self, is: impl Fn(&Validator) -> bool) -> Standing {
        let served =
            self.trusted.sets().filter(|(_, set)| set.validators.iter().any(&is)).map(|(epoch, _)| epoch).last();
        match served {
            Some(epoch) if epoch == self.epoch() => Standing::Serves,
            Some(epoch) => Standing::Left(epoch.saturating_add(1)),
            None => Standing::Unknown,
        }
    }
}

/// A validator's network file, read and not yet believed.
async fn fetch(client: &reqwest::Client, url: &str) -> Result<Network, String> {
    let words = |error: reqwest::Error| error.without_url().to_string();
    let mut answer = client.get(format!("{}{PATH}", url.trim_end_matches('/'))).send().await.map_err(words)?;
    if !answer.status().is_success() {
        return Err(format!("it answers {}", answer.status().as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(words)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > limits::NETWORK_FILE_BYTES_MAX {
            return Err("its network file is longer than such a file can be".to_owned());
        }
    }
    jcs::read(&bytes).map_err(|error| error.to_string())
}

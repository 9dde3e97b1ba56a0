//! The network of a run: made by the program itself from a plan, four validators and the gateway of civil affairs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gongxin_config::Plan as NetworkPlan;
use gongxin_config::plan::{GatewayPlan, ValidatorPlan};
use gongxin_crypto::{Passphrase, SecretKey, key_file};
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{Body, NetworkHead, OfficerId, OrganizationId, Role, Transaction, TransactionId, codec};
use gongxin_verify::TrustedNetwork;
use serde::Deserialize;

use crate::disk::Disk;
use crate::ground::Ground;
use crate::limits::VALIDATORS;
use crate::trouble::{During as _, Trouble};

/// Whose register is written, and whose gateway answers.
pub(crate) const OWNER: &str = "civil-affairs";
/// The host of the gateway.
pub(crate) const GATEWAY: usize = VALIDATORS;

const PEERS_PORT: u16 = 7_000;
const HTTP_PORT: u16 = 8_000;

/// A network in a folder.
#[derive(Debug)]
pub(crate) struct Town {
    folder: PathBuf,
    layout: Layout,
    /// The bytes of `network.json`.
    pub(crate) network: Vec<u8>,
    /// The same, checked.
    pub(crate) trusted: TrustedNetwork,
}

/// The part of `layout.json` that is of interest here.
#[derive(Debug, Deserialize)]
struct Layout {
    validators: Vec<Node>,
    gateways: Vec<Node>,
    officers: Vec<OfficerFiles>,
}

#[derive(Debug, Deserialize)]
struct Node {
    http: String,
    config: PathBuf,
}

#[derive(Debug, Deserialize)]
struct OfficerFiles {
    id: OfficerId,
    organization: OrganizationId,
    roles: Vec<Role>,
    key: PathBuf,
    passphrase_file: PathBuf,
}

/// An officer who signs.
#[derive(Clone, Debug)]
pub(crate) struct Officer {
    pub(crate) id: OfficerId,
    pub(crate) organization: OrganizationId,
    pub(crate) key: SecretKey,
}

impl Town {
    /// Makes the network with `gongxin init`. The data directory of `small_disk` lies on that disk.
    pub(crate) fn make(
        folder: &Path,
        program: &Path,
        ground: &Ground,
        small_disk: Option<(usize, u64, &Disk)>,
    ) -> Result<Self, Trouble> {
        let place = folder.join("net");
        let drawn = call(program, &["init", "--print-plan"])?;
        let mut plan: NetworkPlan = gongxin_config::parse(&drawn).during("the plan of the demonstration")?;
        for (host, member) in plan.organizations.iter_mut().enumerate() {
            let at = |port| (ground.address(host), port).into();
            member.validator =
                member.validator.as_ref().map(|_| ValidatorPlan { p2p: at(PEERS_PORT), http: at(HTTP_PORT) });
            let http = (ground.address(GATEWAY), HTTP_PORT).into();
            member.gateway = (member.id.as_str() == OWNER).then_some(GatewayPlan { http });
        }
        let file = folder.join("plan.toml");
        let text = toml::to_string_pretty(&plan).during("the plan as text")?;
        fs::write(&file, text).during("the plan")?;
        let (place_text, file) = (place.display().to_string(), file.display().to_string());
        call(program, &["init", "--dir", &place_text, "--plan", &file])?;

        let layout = fs::read(place.join("layout.json")).during("layout.json")?;
        let layout: Layout = serde_json::from_slice(&layout).during("layout.json")?;
        let network = fs::read(place.join("network.json")).during("network.json")?;
        let trusted = gongxin_verify::network::parse(&network).during("network.json")?;
        let town = Self { folder: place, layout, network, trusted };
        if let Some((node, free_min, disk)) = small_disk {
            town.move_data(node, free_min, disk)?;
        }
        Ok(town)
    }

    /// The head of the network.
    pub(crate) fn head(&self) -> &NetworkHead {
        self.trusted.head()
    }

    /// Base URL of a validator.
    pub(crate) fn validator(&self, node: usize) -> &str {
        self.layout.validators.get(node).map_or("", |one| &one.http)
    }

    /// Base URL of the gateway.
    pub(crate) fn gateway(&self) -> &str {
        self.layout.gateways.first().map_or("", |one| &one.http)
    }

    /// The configuration of a validator, or of the gateway on its host.
    pub(crate) fn config(&self, host: usize) -> PathBuf {
        let nodes = self.layout.validators.iter().chain(&self.layout.gateways);
        self.folder.join(nodes.map(|node| &node.config).nth(host).map_or(Path::new(""), PathBuf::as_path))
    }

    /// Where `network.json` lies.
    pub(crate) fn network_file(&self) -> PathBuf {
        self.folder.join("network.json")
    }

    /// The officer of a member with this role.
    pub(crate) fn officer(&self, organization: &str, role: Role) -> Result<Officer, Trouble> {
        let is = |one: &&OfficerFiles| one.organization.as_str() == organization && one.roles.contains(&role);
        let found = self.layout.officers.iter().find(is);
        let found = found.ok_or_else(|| Trouble(format!("no {} of {organization}", role.code())))?;
        let passphrase = Passphrase::from_file(&self.folder.join(&found.passphrase_file)).during("a passphrase")?;
        let key = key_file::read_signing_key(&self.folder.join(&found.key), &passphrase).during("an officer's key")?;
        Ok(Officer { id: found.id, organization: found.organization.clone(), key })
    }

    /// The body under an officer's signature: identifier and canonical bytes.
    pub(crate) fn sign(&self, officer: &Officer, body: Body) -> (TransactionId, Vec<u8>) {
        let id = body.id(self.head().suite);
        let signature = officer.key.sign(&Transaction::message(&id));
        (id, codec::encode(&Transaction { body, signature }))
    }

    /// Puts a validator's data directory on the small disk, and tells it what to leave free there.
    fn move_data(&self, node: usize, free_min: u64, disk: &Disk) -> Result<(), Trouble> {
        let config = self.config(node);
        let (from, to) = (config.with_file_name("data"), disk.path.join("data"));
        fs::create_dir(&to).during("a data directory on the small disk")?;
        for name in ["network", "first-start"] {
            fs::copy(from.join(name), to.join(name)).during(name)?;
        }
        let text = fs::read_to_string(&config).during("a validator's configuration")?;
        let directory = format!("directory = \"{}\"\ndisk_free_bytes_min = {free_min}", to.display());
        let lines: Vec<&str> =
            text.lines().map(|line| if line.starts_with("directory") { &directory } else { line }).collect();
        fs::write(&config, lines.join("\n")).during("a validator's configuration")
    }
}

impl Officer {
    /// As the sender of a transaction.
    pub(crate) fn sender(&self) -> Sender {
        Sender { organization: self.organization.clone(), actor: Actor::Officer(self.id), key: self.key.public() }
    }
}

/// What the program says to a call that must succeed.
pub(crate) fn call(program: &Path, arguments: &[&str]) -> Result<Vec<u8>, Trouble> {
    let line = format!("gongxin {}", arguments.join(" "));
    let output = Command::new(program).args(arguments).env_remove("GONGXIN_HOME").output().during(&line)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Trouble(format!("`{line}`: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

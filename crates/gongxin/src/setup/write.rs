//! Writes a network into a folder: one folder per member, with its keys, its passphrase and its configurations.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use gongxin_crypto::{Passphrase, Suite, secret_file};
use gongxin_types::{Genesis, OfficerId, OrganizationId, Role, Slug, Time, Validator, codec, genesis::ConsensusKey};
use serde::{Deserialize, Serialize};

use super::{
    genesis::Draft,
    keys::{KeyMaker, new_passphrase},
    plan::{OrganizationPlan, Plan},
};
use crate::config::{GatewayConfig, NodeConfig, PeerConfig, Sync};
use crate::failure::Failure;

/// The file that says where everything of a network is; paths are relative to it.
pub(crate) const LAYOUT: &str = "layout.json";
/// What a stranger needs to check receipts.
pub(crate) const NETWORK: &str = "network.json";
/// What every node needs.
pub(crate) const GENESIS: &str = "genesis.borsh";

/// Where everything of a network is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layout {
    /// The network's identity.
    pub(crate) network: String,
    /// Validators, in the order of the plan.
    pub(crate) validators: Vec<ValidatorLayout>,
    /// Gateways.
    pub(crate) gateways: Vec<GatewayLayout>,
    /// Officers.
    pub(crate) officers: Vec<OfficerLayout>,
}

/// One validator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidatorLayout {
    /// Its name.
    pub(crate) name: Slug,
    /// Base URL for clients.
    pub(crate) http: String,
    /// Address for its peers.
    pub(crate) p2p: String,
    /// Its configuration.
    pub(crate) config: PathBuf,
}

/// One gateway.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GatewayLayout {
    /// Whom it serves.
    pub(crate) organization: OrganizationId,
    /// Base URL.
    pub(crate) http: String,
    /// Its configuration.
    pub(crate) config: PathBuf,
}

/// One officer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfficerLayout {
    /// The pseudonymous identifier.
    pub(crate) id: OfficerId,
    /// For whom.
    pub(crate) organization: OrganizationId,
    /// Trusted with what.
    pub(crate) roles: Vec<Role>,
    /// The encrypted key.
    pub(crate) key: PathBuf,
    /// The file with its passphrase.
    pub(crate) passphrase_file: PathBuf,
}

impl Layout {
    /// Whether this is a network that the plan asks for: the same members with the same officers at the same addresses.
    fn is_of(&self, plan: &Plan) -> bool {
        let members = &plan.organizations;
        let validators = members.iter().filter_map(|member| {
            let validator = member.validator.as_ref()?;
            Some((member.id.as_str(), format!("http://{}", validator.http), validator.p2p.to_string()))
        });
        let gateways =
            members.iter().filter_map(|member| Some((&member.id, format!("http://{}", member.gateway.as_ref()?.http))));
        let officers = members.iter().flat_map(|member| member.officers.iter().map(|one| (&member.id, &one.roles)));
        let own = &self.validators;
        validators.eq(own.iter().map(|one| (one.name.as_str(), one.http.clone(), one.p2p.clone())))
            && gateways.eq(self.gateways.iter().map(|one| (&one.organization, one.http.clone())))
            && officers.eq(self.officers.iter().map(|one| (&one.organization, &one.roles)))
    }

    /// Reads the layout of a network's folder.
    pub(crate) fn read(directory: &Path) -> Result<Self, Failure> {
        let path = directory.join(LAYOUT);
        let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, error))?;
        serde_json::from_str(&text).map_err(|error| Failure::file(&path, error))
    }

    /// Writes it in place of the one that stands in the folder.
    pub(crate) fn write(&self, directory: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self).map_err(Failure::usage)?;
        crate::files::replace(&directory.join(LAYOUT), &text)
    }
}

/// Creates the network in `directory`, which must not hold one.
pub(crate) fn create(plan: &Plan, directory: &Path, suite: Suite) -> Result<Genesis, Failure> {
    if directory.join(LAYOUT).exists() {
        return Err(Failure::file(directory, "a network stands here already; choose another directory"));
    }
    let draft = directory.join(".new");
    // The layout is written last: where the draft has one, an earlier attempt was stopped on the last step.
    if let Ok(made) = Layout::read(&draft) {
        if !made.is_of(plan) {
            let words = "an interrupted `init` made another network here: finish it with the options of that time, or choose \
                         another directory";
            return Err(Failure::file(directory, words));
        }
        crate::output::note("a network was made here, and its making interrupted: it is put in place");
        move_into_place(&draft, directory)?;
        return crate::files::genesis(&directory.join(GENESIS));
    }
    let in_the_way = plan.organizations.iter().map(|one| directory.join(one.id.as_str())).find(|path| path.exists());
    if let Some(path) = in_the_way {
        let words = format_args!("stands where a network is to be made, without `{LAYOUT}`; choose another directory");
        return Err(Failure::file(&path, words));
    }
    // What an attempt that was interrupted earlier left is not a network: its keys were never used.
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|error| Failure::file(&draft, error))?;
    }
    fs::create_dir_all(&draft).map_err(|error| Failure::file(&draft, error))?;
    let genesis = write_members(plan, &draft, suite)?;
    move_into_place(&draft, directory)?;
    Ok(genesis)
}

fn write_members(plan: &Plan, root: &Path, suite: Suite) -> Result<Genesis, Failure> {
    let mut writer = Writer {
        root,
        suite,
        draft: Draft::default(),
        layout: empty_layout(),
        peers: Vec::new(),
        nodes: Vec::new(),
        gateways: Vec::new(),
    };
    for organization in &plan.organizations {
        writer.member(organization)?;
    }
    writer.finish_configs()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Failure::usage)?.as_millis();
    let now = Time::from_millis(u64::try_from(now).map_err(Failure::usage)?);
    let Writer { draft, mut layout, .. } = writer;
    let genesis = draft.finish(plan, suite, now)?;
    for validator in &layout.validators {
        let data = root.join(&validator.config).with_file_name("data");
        gongxin_chain::init(&data, &genesis).map_err(|error| Failure::usage(crate::failure::chain(&error)))?;
    }
    layout.network = genesis.head.id().to_string();
    let network = gongxin_verify::jcs::to_bytes(&gongxin_types::Network::of(&genesis.head)).map_err(Failure::usage)?;
    write(&root.join(NETWORK), &network)?;
    write(&root.join(GENESIS), &codec::encode(&genesis))?;
    let document = serde_json::to_vec_pretty(&layout).map_err(Failure::usage)?;
    write(&root.join(LAYOUT), &document)?;
    Ok(genesis)
}

fn empty_layout() -> Layout {
    Layout { network: String::new(), validators: Vec::new(), gateways: Vec::new(), officers: Vec::new() }
}

struct Writer<'a> {
    root: &'a Path,
    suite: Suite,
    draft: Draft,
    layout: Layout,
    peers: Vec<PeerConfig>,
    nodes: Vec<(PathBuf, NodeConfig)>,
    gateways: Vec<(PathBuf, GatewayConfig)>,
}

impl Writer<'_> {
    fn member(&mut self, plan: &OrganizationPlan) -> Result<(), Failure> {
        let folder = PathBuf::from(plan.id.as_str());
        let path = self.root.join(&folder);
        fs::create_dir_all(path.join("officers")).map_err(|error| Failure::file(&path, error))?;
        let passphrase = new_passphrase(&path.join("passphrase"))?;
        self.draft.organization(plan)?;
        self.officers(plan, &folder, &passphrase)?;
        self.validator(plan, &folder, &passphrase)?;
        self.gateway(plan, &folder, &passphrase)
    }

    fn officers(&mut self, plan: &OrganizationPlan, folder: &Path, passphrase: &Passphrase) -> Result<(), Failure> {
        let maker = KeyMaker::new(self.suite, passphrase);
        for officer in &plan.officers {
            let key = folder.join("officers").join(format!("{}.pem", officer.label));
            let made = maker.officer(&self.root.join(&key))?;
            self.draft.officer(plan, made.id, made.key.public(), &officer.roles)?;
            self.layout.officers.push(OfficerLayout {
                id: made.id,
                organization: plan.id.clone(),
                roles: officer.roles.clone(),
                key,
                passphrase_file: folder.join("passphrase"),
            });
        }
        Ok(())
    }

    fn validator(&mut self, plan: &OrganizationPlan, folder: &Path, passphrase: &Passphrase) -> Result<(), Failure> {
        let Some(validator) = &plan.validator else {
            return Ok(());
        };
        let node = folder.join("node");
        let path = self.root.join(&node);
        fs::create_dir_all(&path).map_err(|error| Failure::file(&path, error))?;
        // The engine votes with Ed25519 whatever the network's suite (PROTOCOL 4).
        let key = KeyMaker::new(Suite::Intl, passphrase).signing(&path.join("consensus.pem"))?;
        let public = ConsensusKey(gongxin_chain::consensus_public_key(&key.expose_seed()));
        let name: Slug = plan.id.as_str().parse().map_err(Failure::usage)?;
        self.draft.validator(Validator { name: name.clone(), organization: plan.id.clone(), key: public });
        self.peers.push(PeerConfig { name: name.clone(), key: public, address: validator.p2p });
        self.layout.validators.push(ValidatorLayout {
            name: name.clone(),
            http: format!("http://{}", validator.http),
            p2p: validator.p2p.to_string(),
            config: node.join("node.toml"),
        });
        let config = NodeConfig {
            name,
            directory: "data".into(),
            genesis: Path::new("../..").join(GENESIS),
            key: "consensus.pem".into(),
            passphrase_file: "../passphrase".into(),
            p2p: validator.p2p,
            http: validator.http,
            follower: false,
            sync: Sync::default(),
            disk_free_bytes_min: None,
            archive_days: None,
            snapshot_hours: None,
            peers: Vec::new(),
            followers: Vec::new(),
        };
        self.nodes.push((node.join("node.toml"), config));
        Ok(())
    }

    fn gateway(&mut self, plan: &OrganizationPlan, folder: &Path, passphrase: &Passphrase) -> Result<(), Failure> {
        let Some(gateway) = &plan.gateway else {
            return Ok(());
        };
        let home = folder.join("gateway");
        let path = self.root.join(&home);
        fs::create_dir_all(&path).map_err(|error| Failure::file(&path, error))?;
        let maker = KeyMaker::new(self.suite, passphrase);
        let (noun, config) = super::gateway::keys(&path, &plan.id, gateway.http, &maker)?;
        self.draft.gateway(noun);
        self.layout.gateways.push(GatewayLayout {
            organization: plan.id.clone(),
            http: format!("http://{}", gateway.http),
            config: home.join("gateway.toml"),
        });
        let config = GatewayConfig {
            genesis: Path::new("../..").join(GENESIS),
            passphrase_file: "../passphrase".into(),
            own_validators: plan.validator.iter().map(|own| format!("http://{}", own.http)).collect(),
            ..config
        };
        self.gateways.push((home.join("gateway.toml"), config));
        Ok(())
    }

    /// Every node knows all validators, every gateway where to reach them: known once all members are.
    fn finish_configs(&mut self) -> Result<(), Failure> {
        for (path, node) in std::mem::take(&mut self.nodes) {
            write_toml(&self.root.join(path), &NodeConfig { peers: self.peers.clone(), ..node })?;
        }
        let validators: Vec<String> = self.layout.validators.iter().map(|validator| validator.http.clone()).collect();
        for (path, gateway) in std::mem::take(&mut self.gateways) {
            write_toml(&self.root.join(path), &GatewayConfig { validators: validators.clone(), ..gateway })?;
        }
        Ok(())
    }
}

fn write_toml<T: Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let text = toml::to_string_pretty(value).map_err(Failure::usage)?;
    write(path, text.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    secret_file::write_new(path, bytes).map_err(Failure::usage)
}

/// Moves everything out of the draft, the layout last: where a layout stands, everything it names does too.
fn move_into_place(draft: &Path, directory: &Path) -> Result<(), Failure> {
    let entries = fs::read_dir(draft).map_err(|error| Failure::file(draft, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file(draft, error))?;
        if entry.file_name() != LAYOUT {
            let target = directory.join(entry.file_name());
            fs::rename(entry.path(), &target).map_err(|error| Failure::file(&target, error))?;
        }
    }
    let target = directory.join(LAYOUT);
    fs::rename(draft.join(LAYOUT), &target).map_err(|error| Failure::file(&target, error))?;
    fs::remove_dir(draft).map_err(|error| Failure::file(draft, error))
}

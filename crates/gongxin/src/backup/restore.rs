//! Putting a backup back, into a folder of its own: all of it and checked, or nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use gongxin_backup::{BackupError, Cover, Entry, Kind, PartName};
use gongxin_crypto::{Passphrase, SealingSecret, key_file};
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::{Genesis, Time};
use gongxin_vault::Vault;
use serde_json::{Value, json};

use super::draft::Draft;
use super::{DATA, place, unusable};
use crate::cli::Context;
use crate::config::{self, Either};
use crate::failure::{self, Failure};
use crate::serving::{Serving, Standing};
use crate::{files, output, setup::keys};

/// Sequence numbers that are left out, because the gateway may have used them after the backup was made: 1,000 a second for 49
/// days, whatever this machine's clock says.
const SEQUENCE_LEAP: u64 = 1 << 32;
/// The draft within the folder.
const DRAFT: &str = ".restoring";

/// What to restore, and where to.
#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// Folder for it: a new one, or an empty one
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    dir: Option<PathBuf>,
    /// Secret half of the key that it is sealed to
    #[arg(long, value_name = "FILE", required_unless_present = "check", requires = "passphrase_file")]
    key: Option<PathBuf>,
    /// File with the passphrase of that key
    #[arg(long, env = "GONGXIN_PASSPHRASE_FILE", value_name = "FILE", hide_env_values = true)]
    passphrase_file: Option<PathBuf>,
    /// File of the network that it must be of [default: the folder's]
    #[arg(long, env = "GONGXIN_NETWORK", value_name = "FILE", hide_env_values = true)]
    network: Option<PathBuf>,
    /// Restore nothing: only say whether it is whole and unchanged; with `--key`, whether all of it opens
    #[arg(long, conflicts_with = "dir")]
    check: bool,
}

/// Carries the command out.
pub(crate) fn run(arguments: &RestoreArgs, context: &Context) -> Result<(), Failure> {
    let file = &arguments.file;
    let (_, trusted) = files::network_file(&context.home.network_file(arguments.network.as_ref()))?;
    let (network, serving) = (trusted.network, Serving::of_trusted(trusted, "the network file"));
    let cover = gongxin_backup::check(reader(file)?).map_err(|error| unusable(file, &error))?;
    if cover.network != network {
        let words = format_args!("is of network `{}`, not of `{network}`; nothing was restored", cover.network);
        return Err(Failure::file(file, words));
    }
    let secret = arguments.key.as_ref().map(|key| secret(key, arguments.passphrase_file.as_ref())).transpose()?;
    let mut document = json!({
        "file": file,
        "of": cover.of.as_str(),
        "name": cover.name,
        "network": cover.network,
        "made": cover.made,
        "vault_period": cover.vault_period,
        "sealed_to": cover.sealed_to,
    });
    let facts = match (&arguments.dir, secret) {
        (Some(folder), Some(secret)) => restore(file, &cover, folder, &secret, &serving)?,
        (None, Some(secret)) => {
            gongxin_backup::open(reader(file)?, &secret)
                .and_then(|opened| opened.each(|_, _| Ok::<_, BackupError>(())))
                .map_err(|error| unusable(file, &error))?;
            json!({ "whole": true, "opens": true })
        }
        (_, None) => json!({ "whole": true, "opens": null }),
    };
    if let (Some(document), Value::Object(facts)) = (document.as_object_mut(), facts) {
        document.extend(facts);
    }
    output::print(context.format, &document, &[]);
    Ok(())
}

fn reader(file: &Path) -> Result<BufReader<File>, Failure> {
    File::open(file).map(BufReader::new).map_err(|error| Failure::file(file, error))
}

fn secret(key: &Path, passphrase_file: Option<&PathBuf>) -> Result<SealingSecret, Failure> {
    let passphrase = keys::passphrase(passphrase_file)?;
    key_file::read_sealing_key(key, &passphrase).map_err(|error| Failure::usage(failure::chain(&error)))
}

fn restore(
    file: &Path,
    cover: &Cover,
    folder: &Path,
    secret: &SealingSecret,
    serving: &Serving,
) -> Result<Value, Failure> {
    let failed = |error: std::io::Error| Failure::file(folder, error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let draft = Draft::at(folder.join(DRAFT));
    if fs::read_dir(folder).map_err(failed)?.next().is_some() {
        let words = "is not empty, and is left as it is; name a new folder, or move what stands there away";
        return Err(Failure::file(folder, words));
    }
    unpack(file, cover.of, draft.path(), secret)?;
    let config = draft.path().join(place(cover.of, PartName::Config));
    point_here(&config, cover.of)?;
    let words = try_out(&config, cover, file, serving)?;
    move_into_place(draft.path(), folder, place(cover.of, PartName::Config)).map_err(failed)?;
    let config = folder.join(place(cover.of, PartName::Config));
    Ok(json!({ "config": config, "next": words }))
}

/// Writes every part to its place below the draft, each readable by its owner alone.
fn unpack(file: &Path, of: Kind, draft: &Path, secret: &SealingSecret) -> Result<(), Failure> {
    let refused = |error: BackupError| unusable(file, &error);
    gongxin_backup::open(reader(file)?, secret)
        .map_err(refused)?
        .each(|entry: &Entry, bytes| write(&draft.join(place(of, entry.name)), bytes).map_err(Trouble::Disk))
        .map_err(|trouble| match trouble {
            Trouble::Backup(error) => refused(error),
            Trouble::Disk(failure) => failure,
        })
}

/// What can go wrong while parts are written.
enum Trouble {
    Backup(BackupError),
    Disk(Failure),
}

impl From<BackupError> for Trouble {
    fn from(error: BackupError) -> Self {
        Self::Backup(error)
    }
}

fn write(path: &Path, bytes: &mut dyn Read) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut write = || {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        std::io::copy(bytes, &mut file)?;
        file.sync_all()
    };
    write().map_err(|error| Failure::file(path, error))
}

/// Lets the configuration name the files beside it, whatever it named before; the rest of it, comments too, stays.
fn point_here(path: &Path, of: Kind) -> Result<(), Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    let mut document: toml_edit::DocumentMut = text.parse().map_err(|error| Failure::file(path, error))?;
    let own = [
        ("directory", DATA),
        ("genesis", place(of, PartName::Genesis)),
        ("key", place(of, PartName::Key)),
        ("passphrase_file", place(of, PartName::Passphrase)),
    ];
    for (name, value) in own {
        document.insert(name, toml_edit::value(value));
    }
    fs::write(path, document.to_string()).map_err(|error| Failure::file(path, error))
}

/// Opens everything once, as a start would; what comes next, in words.
fn try_out(config: &Path, cover: &Cover, file: &Path, serving: &Serving) -> Result<String, Failure> {
    let read = |genesis: &Path, key: &Path, passphrase: &Path| {
        let (key, passphrase) = files::own_key(&config::beside(config, key), &config::beside(config, passphrase))?;
        Ok::<_, Failure>((files::genesis(&config::beside(config, genesis))?, key, passphrase))
    };
    match config::read_either(config)? {
        Either::Node(node) => {
            let (genesis, key, _) = read(&node.genesis, &node.key, &node.passphrase_file)?;
            same_network(&genesis, cover, file)?;
            let public = ConsensusKey(gongxin_chain::consensus_public_key(&key.expose_seed()));
            validator(serving.standing(&public), node.follower, serving.epoch()).map_err(|why| Failure::file(file, why))
        }
        Either::Gateway(gateway) => {
            let (genesis, _, passphrase) = read(&gateway.genesis, &gateway.key, &gateway.passphrase_file)?;
            same_network(&genesis, cover, file)?;
            vault(&config::beside(config, &gateway.directory).join("vault"), &genesis, &passphrase)?;
            Ok(format!(
                "start it; it builds its copy of the ledger from the validators. Rows written after {} are not in this backup: \
                 `gongxin vault check` names them",
                cover.made
            ))
        }
    }
}

/// What comes next for a node whose key is this to the network; or why it is none that may be put back.
fn validator(standing: Standing, follows: bool, epoch: u64) -> Result<String, String> {
    match (standing, follows) {
        (Standing::Serves, false) => Ok(format!(
            "start it; it is a validator of epoch {epoch}, the newest that the network file knows. It fills its data from its \
             peers, and follows until it has seen a finalization above what more than two thirds of them report. Make sure that \
             no other process runs with its key"
        )),
        (Standing::Left(left), false) => Ok(format!(
            "start it if you need it: it validates no longer since epoch {left}, so it fills its data from its peers and follows"
        )),
        (Standing::Unknown, false) => Err(format!(
            "holds a key that is no validator's of the network up to epoch {epoch}, the newest that the network file knows; \
             where members voted it in later, take a newer file by `gongxin network save`"
        )),
        (_, true) => Ok("start it; it fills its data from its peers, and follows".to_owned()),
    }
}

fn same_network(genesis: &Genesis, cover: &Cover, file: &Path) -> Result<(), Failure> {
    if genesis.head.id() == cover.network {
        return Ok(());
    }
    Err(Failure::file(file, "holds the genesis of another network than stands on it; nothing was restored"))
}

/// Opens the vault and leaves out sequence numbers that may have been used since.
fn vault(directory: &Path, genesis: &Genesis, passphrase: &Passphrase) -> Result<(), Failure> {
    if !directory.exists() {
        return Ok(());
    }
    let refused = |error: gongxin_vault::VaultError| Failure::usage(failure::chain(&error));
    let vault = Vault::open(directory, &genesis.head.id(), genesis.head.suite, passphrase).map_err(refused)?;
    let now: Time = super::make::now()?;
    vault.reserve_sequences(now.millis(), SEQUENCE_LEAP).map_err(refused)?;
    Ok(())
}

/// Moves everything out of the draft, the configuration last: where it stands, everything that it names does too.
fn move_into_place(draft: &Path, folder: &Path, config: &str) -> std::io::Result<()> {
    for entry in fs::read_dir(draft)? {
        let entry = entry?;
        if entry.file_name() != config {
            fs::rename(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    fs::rename(draft.join(config), folder.join(config))?;
    fs::remove_dir(draft)?;
    File::open(folder)?.sync_all()
}

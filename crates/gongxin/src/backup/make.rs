//! Making a backup, while the node or gateway goes on.

use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use gongxin_backup::{BackupError, Cover, Kind, Part, PartName, Source};
use gongxin_crypto::{SealingPublic, Suite};
use gongxin_types::{Genesis, Slug, Time};
use serde_json::json;
use zeroize::Zeroizing;

use super::draft::Draft;
use super::{SEALING_KEY, unusable};
use crate::cli::Context;
use crate::config::{self, Either};
use crate::failure::Failure;
use crate::{files, output};

/// Largest file that goes into a backup whole: a genesis.
const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What to back up, and for whom.
#[derive(Args)]
pub(crate) struct BackupArgs {
    /// The file to write; in a folder it gets a name of its own
    file: PathBuf,
    /// `node.toml` or `gateway.toml`; it may run meanwhile
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Public key to seal it to, as `gongxin key new --sealing` prints it: whoever has the secret half opens it
    #[arg(long, env = "GONGXIN_BACKUP_TO", value_name = "PUBLIC-KEY")]
    to: SealingPublic,
}

/// What one configuration names.
struct Subject {
    of: Kind,
    name: Slug,
    /// In the order of the parts: genesis, key, passphrase.
    files: [PathBuf; 3],
    /// A gateway's vault, where there is one.
    vault: Option<PathBuf>,
}

/// Carries the command out.
pub(crate) fn run(arguments: &BackupArgs, context: &Context) -> Result<(), Failure> {
    let subject = subject(&arguments.config)?;
    let [genesis, key, passphrase] = &subject.files;
    let network = files::genesis(genesis)?;
    // Keys that do not open are no backup.
    files::own_key(key, passphrase)?;
    let made = now()?;
    let target = target(&arguments.file, &subject, made);
    if target.exists() {
        return Err(Failure::file(&target, "exists already, and is left as it is; name another file"));
    }
    let copied = Draft::at(beside(&target, "vault"));
    let outside = match &subject.vault {
        Some(vault) => Some(gongxin_vault::copy(vault, copied.path()).map_err(|error| unusable(vault, &error))?),
        None => None,
    };
    let parts = parts(&arguments.config, &subject, copied.path())?;
    let cover = cover(&subject, &network, made, arguments.to, outside.map(|vault| vault.period));
    let entries = write(&target, &cover, &parts)?;
    let document = json!({
        "file": target,
        "bytes": std::fs::metadata(&target).map_err(|error| Failure::file(&target, error))?.len(),
        "of": cover.of.as_str(),
        "name": cover.name,
        "network": cover.network,
        "made": cover.made,
        "vault_period": cover.vault_period,
        "sealed_to": cover.sealed_to,
        "parts": entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
    });
    output::print(context.format, &document, &[]);
    Ok(())
}

fn subject(path: &Path) -> Result<Subject, Failure> {
    let beside = |file: &Path| config::beside(path, file);
    Ok(match config::read_either(path)? {
        Either::Node(node) => Subject {
            of: Kind::Node,
            name: node.name.clone(),
            files: [beside(&node.genesis), beside(&node.key), beside(&node.passphrase_file)],
            vault: None,
        },
        Either::Gateway(gateway) => Subject {
            of: Kind::Gateway,
            name: gateway.organization.as_str().parse().map_err(Failure::usage)?,
            files: [beside(&gateway.genesis), beside(&gateway.key), beside(&gateway.passphrase_file)],
            vault: Some(beside(&gateway.directory).join("vault")).filter(|vault| vault.exists()),
        },
    })
}

fn cover(subject: &Subject, genesis: &Genesis, made: Time, to: SealingPublic, period: Option<u64>) -> Cover {
    let suite: Suite = genesis.head.suite;
    Cover {
        network: genesis.head.id(),
        suite: suite.id(),
        of: subject.of,
        name: subject.name.clone(),
        made,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        sealed_to: to,
        vault_period: period,
    }
}

/// The parts that are there, in their order.
fn parts(config: &Path, subject: &Subject, vault_copy: &Path) -> Result<Vec<Part>, Failure> {
    let [genesis, key, passphrase] = &subject.files;
    let sealing_key = Some(key.with_file_name(SEALING_KEY)).filter(|path| path.exists());
    let [master, _] = gongxin_vault::FILES;
    let mut parts = Vec::new();
    for name in subject.of.parts() {
        let path = match name {
            PartName::Config => Some(config.to_owned()),
            PartName::Genesis => Some(genesis.clone()),
            PartName::Key => Some(key.clone()),
            PartName::Passphrase => Some(passphrase.clone()),
            PartName::SealingKey => sealing_key.clone(),
            PartName::VaultMaster => subject.vault.as_ref().map(|vault| vault.join(master)),
            PartName::VaultDatabase => subject.vault.as_ref().map(|_| vault_copy.to_owned()),
        };
        let Some(path) = path else {
            continue;
        };
        let source = match name {
            PartName::VaultDatabase => Source::File(path),
            _ => Source::Bytes(Zeroizing::new(files::read(&path, FILE_BYTES_MAX)?)),
        };
        parts.push(Part { name: *name, source });
    }
    Ok(parts)
}

/// Writes the file so that it is there whole, or not at all.
fn write(target: &Path, cover: &Cover, parts: &[Part]) -> Result<Vec<gongxin_backup::Entry>, Failure> {
    let draft = Draft::at(beside(target, "part"));
    let failed = |error: std::io::Error| Failure::file(target, error);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft.path()).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let written = gongxin_backup::write(cover, parts, &mut out);
    let entries = written.map_err(|error: BackupError| unusable(target, &error))?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(draft.path(), target).map_err(failed)?;
    draft.keep();
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(entries)
}

/// The file to write: in a folder, one named after what it is of and when it was made.
fn target(file: &Path, subject: &Subject, made: Time) -> PathBuf {
    if !file.is_dir() {
        return file.to_owned();
    }
    let moment: String = made.to_string().chars().filter(|one| !matches!(one, '-' | ':')).take(15).collect();
    file.join(format!("{}-{}-{moment}Z.backup", subject.name, subject.of.as_str()))
}

fn beside(target: &Path, extension: &str) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{extension}"));
    target.with_file_name(name)
}

/// This machine's time of day.
pub(super) fn now() -> Result<Time, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Failure::usage)?.as_millis();
    Ok(Time::from_millis(u64::try_from(now).map_err(Failure::usage)?))
}

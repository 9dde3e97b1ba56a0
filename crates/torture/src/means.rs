//! What this machine permits: which kinds of fault are possible here, and why others are not.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::fault::Kind;
use crate::team::Programs;

/// Where Debian puts the library that sets a process's clock; the one for several threads.
const CLOCK_LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

/// What makes a world of its own: network, mounts and processes; all in it ends with its first process.
pub(crate) const WORLD: [&str; 7] = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/// What was found.
#[derive(Clone, Debug)]
pub struct Means {
    /// Why no world of its own can be made; nothing if it can.
    pub world: Option<String>,
    /// Kinds that are not possible, with the reason.
    pub missing: Vec<(Kind, String)>,
}

impl Means {
    /// Looks around.
    pub fn find(programs: &Programs) -> Self {
        let world = failure(&[&WORLD[..], &["true"]].concat());
        let mut missing = Vec::new();
        let apart = world.clone().map(|words| format!("a namespace cannot be made: {words}"));
        let filter = apart.clone().or_else(|| failure(&["ip", "-V"])).or_else(|| {
            failure(&[&WORLD[..], &["iptables", "-w", "-A", "INPUT", "-s", "127.0.0.2", "-j", "DROP"]].concat())
        });
        for kind in [Kind::Partition, Kind::OneWayCut] {
            missing.extend(filter.clone().map(|words| (kind, words)));
        }
        missing.extend(apart.map(|words| (Kind::FullDisk, words)));
        missing.extend(failure(&["strace", "-V"]).map(|words| (Kind::SyncError, words)));
        if clock_library().is_none() {
            missing.push((Kind::Skew, "libfaketime is not installed".to_owned()));
        }
        if programs.planted.is_none() {
            let words = "the build that can forge was not asked for (`--every-fault`, `--fault forger`)";
            missing.push((Kind::Forger, words.to_owned()));
        }
        Self { world, missing }
    }

    /// The kinds that are possible.
    pub fn possible(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| self.missing.iter().all(|(missing, _)| missing != kind)).collect()
    }
}

/// The library that sets clocks.
pub(crate) fn clock_library() -> Option<PathBuf> {
    CLOCK_LIBRARIES.into_iter().map(PathBuf::from).find(|path| path.exists())
}

/// Why a command does not succeed, if it does not.
fn failure(words: &[&str]) -> Option<String> {
    let (program, arguments) = words.split_first()?;
    match Command::new(program).args(arguments).stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Some(format!("{program}: {error}")),
    }
}

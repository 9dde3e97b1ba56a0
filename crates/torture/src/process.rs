//! One process of the network: started, signalled, watched, and ended by the id under which it was started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStdin, Command};

use crate::trouble::{During as _, Trouble};

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Held open: a child that loses us stops by itself.
    _input: Option<ChildStdin>,
    log: PathBuf,
    /// Bytes of the log that earlier lives have written.
    before: u64,
}

/// How a process ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) status: ExitStatus,
    /// What it said last.
    pub(crate) last_words: String,
}

impl Process {
    /// Starts it; what it says is added to its log.
    pub(crate) fn start(mut command: Command, log: &Path) -> Result<Self, Trouble> {
        let file = fs::OpenOptions::new().create(true).append(true).open(log).during(log.display())?;
        let before = file.metadata().during(log.display())?.len();
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(file).kill_on_drop(true);
        let mut child = command.spawn().during("a process")?;
        let input = child.stdin.take();
        Ok(Self { child, _input: input, log: log.to_path_buf(), before })
    }

    /// The id, while it has not been waited for.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Sends a signal; nothing if it has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        // A child that was waited for has no id any more: no other process can be hit.
        if let Some(id) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
            let _ended_already = kill(Pid::from_raw(id), signal);
        }
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Result<Option<End>, Trouble> {
        let status = self.child.try_wait().during("a child")?;
        Ok(status.map(|status| End { status, last_words: self.last_words() }))
    }

    /// Waits for its end; nothing when the time is over.
    pub(crate) async fn end_within(&mut self, time: Duration) -> Result<Option<End>, Trouble> {
        match tokio::time::timeout(time, self.child.wait()).await {
            Ok(status) => Ok(Some(End { status: status.during("a child")?, last_words: self.last_words() })),
            Err(_) => Ok(None),
        }
    }

    /// Kills it and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<(), Trouble> {
        self.signal(Signal::SIGKILL);
        self.child.wait().await.during("a killed child").map(|_| ())
    }

    /// What it has said in this life.
    pub(crate) fn said(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let before = usize::try_from(self.before).unwrap_or(usize::MAX);
        String::from_utf8_lossy(bytes.get(before..).unwrap_or_default()).into_owned()
    }

    fn last_words(&self) -> String {
        self.said().lines().last().unwrap_or_default().to_owned()
    }
}

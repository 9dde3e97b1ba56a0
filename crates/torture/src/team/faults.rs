//! What is done to the processes, and how it is taken back.

use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::process::Command;

use super::Team;
use crate::disk::Disk;
use crate::fault::Fault;
use crate::limits::{DISK_FREE_BYTES_MIN, HOSTS, VALIDATORS};
use crate::process::Process;
use crate::town::GATEWAY;
use crate::trouble::{During as _, Trouble};

impl Team {
    /// Lets a fault strike; whether it did.
    pub(crate) async fn strike(&mut self, fault: Fault) -> Result<bool, Trouble> {
        match fault {
            Fault::Kill { node } => self.kill(node).await,
            Fault::KillGateway => self.kill(GATEWAY).await,
            Fault::KillAll => self.kill_all().await,
            Fault::Wipe { node } => {
                let struck = self.kill(node).await?;
                let data = self.town.config(node).with_file_name("data");
                if struck {
                    fs::remove_dir_all(&data).during(data.display())?;
                }
                Ok(struck)
            }
            Fault::Pause { node } => {
                // One that is stopped cannot end.
                let is_doomed = self.doomed.get(node).copied().unwrap_or(false);
                let process = self.processes.get(node).and_then(Option::as_ref).filter(|_| !is_doomed);
                Ok(process.map(|process| process.signal(Signal::SIGSTOP)).is_some())
            }
            Fault::Partition { group } => self.ground.cut(&divided(group)).map(|()| true),
            Fault::OneWayCut { deaf, to } => self.ground.cut(&[(deaf, to)]).map(|()| true),
            Fault::Skew { node, millis } => self.set_clock(node, millis).map(|()| true),
            Fault::FullDisk { node, to_the_last_byte } => {
                let free = if to_the_last_byte { 0 } else { DISK_FREE_BYTES_MIN / 2 };
                self.disk.as_ref().map_or(Ok(()), |disk| disk.fill(free))?;
                Ok(self.doom(node))
            }
            Fault::SyncError { node } => self.fail_syncs(node),
        }
    }

    /// Takes a fault back; not yet, if a process must end first that may still take its time.
    pub(crate) async fn heal(&mut self, fault: Fault, overdue: Duration) -> Result<bool, Trouble> {
        let healed = match fault {
            Fault::FullDisk { node, .. } => self.has_ended(node, "is full", overdue).await?,
            Fault::SyncError { node } => self.has_ended(node, "the disk of data directory", overdue).await?,
            _ => true,
        };
        if healed {
            self.undo(fault)?;
        }
        Ok(healed)
    }

    fn undo(&mut self, fault: Fault) -> Result<(), Trouble> {
        match fault {
            Fault::Kill { node } | Fault::Wipe { node } | Fault::SyncError { node } => self.start(node),
            Fault::KillGateway => self.start(GATEWAY),
            Fault::KillAll => self.start_all(),
            Fault::Pause { node } => {
                if let Some(Some(process)) = self.processes.get(node) {
                    process.signal(Signal::SIGCONT);
                }
                Ok(())
            }
            Fault::Partition { group } => self.ground.heal(&divided(group)),
            Fault::OneWayCut { deaf, to } => self.ground.heal(&[(deaf, to)]),
            Fault::Skew { node, .. } => self.set_clock(node, 0),
            Fault::FullDisk { node, .. } => {
                self.disk.as_ref().map_or(Ok(()), Disk::clear)?;
                self.start(node)
            }
        }
    }

    /// Kills one that runs and is not about to end anyway.
    async fn kill(&mut self, host: usize) -> Result<bool, Trouble> {
        if self.doomed.get(host).copied().unwrap_or(false) {
            return Ok(false);
        }
        match self.take(host) {
            Some(mut process) => process.kill().await.map(|()| true),
            None => Ok(false),
        }
    }

    async fn kill_all(&mut self) -> Result<bool, Trouble> {
        // All of them are signalled before the first is waited for.
        for host in 0..HOSTS {
            if let (Some(Some(process)), Some(false)) = (self.processes.get(host), self.doomed.get(host)) {
                process.signal(Signal::SIGKILL);
            }
        }
        let mut struck = false;
        for host in 0..HOSTS {
            struck |= self.kill(host).await?;
        }
        Ok(struck)
    }

    fn doom(&mut self, node: usize) -> bool {
        let (Some(Some(process)), Some(doomed)) = (self.processes.get(node), self.doomed.get_mut(node)) else {
            return false;
        };
        process.signal(Signal::SIGCONT);
        *doomed = true;
        true
    }

    /// From now on every sync of this process's files fails.
    fn fail_syncs(&mut self, node: usize) -> Result<bool, Trouble> {
        let Some(id) = self.processes.get(node).and_then(Option::as_ref).and_then(Process::id) else {
            return Ok(false);
        };
        let calls = "fsync,fdatasync,sync_file_range,msync";
        let mut tracer = Command::new("strace");
        tracer.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        tracer.args(["-e", &format!("inject={calls}:error=EIO"), "-p", &id.to_string()]);
        // It ends with the process it is attached to.
        tracer.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let _tracer = tracer.spawn().during("strace")?;
        Ok(self.doom(node))
    }

    pub(super) fn set_clock(&self, node: usize, millis: i64) -> Result<(), Trouble> {
        let (path, draft) = (self.clock(node), self.clock(node).with_extension("new"));
        let sign = if millis < 0 { '-' } else { '+' };
        let size = millis.unsigned_abs();
        fs::write(&draft, format!("{sign}{}.{:03}\n", size / 1_000, size % 1_000)).during("a clock")?;
        fs::rename(draft, path).during("a clock")
    }
}

/// Who does not hear whom between two groups.
fn divided(group: u8) -> Vec<(usize, usize)> {
    let side = |node: usize| group >> node & 1;
    let pairs = (0..VALIDATORS).flat_map(|one| (0..VALIDATORS).map(move |other| (one, other)));
    pairs.filter(|(one, other)| side(*one) != side(*other)).collect()
}

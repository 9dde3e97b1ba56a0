//! The processes of a network, and what is done to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::process::Command;

use crate::disk::Disk;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::limits::{DISK_FREE_BYTES_MIN, ENDED_WITHIN, HOSTS, STOPPED_WITHIN, VALIDATORS};
use crate::means;
use crate::plan::Plan;
use crate::process::{End, Process};
use crate::report::Violation;
use crate::town::{GATEWAY, Town};
use crate::trouble::{During as _, Trouble};

/// The exit code of a node that could not go on (docs: exit codes).
const COULD_NOT_GO_ON: i32 = 3;

/// Programs that are run.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `gongxin`.
    pub gongxin: PathBuf,
    /// The same with a validator that can be given a defect, where it was built.
    pub planted: Option<PathBuf>,
}

/// Validators, then the gateway.
pub(crate) struct Team {
    town: Arc<Town>,
    ground: Ground,
    programs: Programs,
    plan: Plan,
    folder: PathBuf,
    disk: Option<Disk>,
    processes: Vec<Option<Process>>,
    /// Who must end by itself.
    doomed: Vec<bool>,
    violations: Vec<Violation>,
    /// Of those that a disk has ended in order.
    last_words: Vec<String>,
}

impl Team {
    pub(crate) fn new(
        town: Arc<Town>,
        ground: Ground,
        programs: Programs,
        plan: Plan,
        folder: &Path,
        disk: Option<Disk>,
    ) -> Self {
        let processes = (0..HOSTS).map(|_| None).collect();
        let (folder, doomed) = (folder.to_path_buf(), vec![false; HOSTS]);
        Self {
            town,
            ground,
            programs,
            plan,
            folder,
            disk,
            processes,
            doomed,
            violations: Vec::new(),
            last_words: Vec::new(),
        }
    }

    /// Starts every process that does not run.
    pub(crate) fn start_all(&mut self) -> Result<(), Trouble> {
        (0..HOSTS).try_for_each(|host| self.start(host))
    }

    /// Promises that were not kept so far.
    pub(crate) fn violations(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.violations)
    }

    /// What those said last whom a disk has ended.
    pub(crate) fn last_words(&self) -> &[String] {
        &self.last_words
    }

    /// Looks for processes that have ended though nothing was done to them.
    pub(crate) fn watch(&mut self) -> Result<(), Trouble> {
        for host in 0..HOSTS {
            if self.doomed.get(host).copied().unwrap_or(false) {
                continue;
            }
            let ended =
                self.processes.get_mut(host).and_then(Option::as_mut).map(Process::ended).transpose()?.flatten();
            if let Some(end) = ended {
                self.violations.push(ended_with(host, &end));
                self.take(host);
            }
        }
        Ok(())
    }

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

    /// Tells all to stop, the gateway first; each must do so in order.
    pub(crate) async fn stop(&mut self) -> Result<(), Trouble> {
        for host in (0..HOSTS).rev() {
            if let Some(process) = self.processes.get(host).and_then(Option::as_ref) {
                process.signal(Signal::SIGTERM);
            }
        }
        for host in 0..HOSTS {
            let Some(mut process) = self.take(host) else { continue };
            match process.end_within(STOPPED_WITHIN).await? {
                Some(end) if end.status.success() => {}
                Some(end) => self.violations.push(ended_with(host, &end)),
                None => {
                    let reason = "it was told to stop".to_owned();
                    self.violations.push(Violation::WentOn { name: name(host), reason });
                    process.kill().await?;
                }
            }
        }
        Ok(())
    }

    /// The log of all lives of a process.
    pub(crate) fn log(&self, host: usize) -> PathBuf {
        self.folder.join(format!("{}.log", name(host).replace(' ', "-")))
    }

    fn take(&mut self, host: usize) -> Option<Process> {
        self.processes.get_mut(host).and_then(Option::take)
    }

    fn start(&mut self, host: usize) -> Result<(), Trouble> {
        if self.processes.get(host).is_none_or(Option::is_some) {
            return Ok(());
        }
        let verb = if host == GATEWAY { "gateway" } else { "node" };
        let wrong = if self.plan.forger == Some(host) { Some("lie") } else { self.plan.bug.as_deref() };
        let wrong = wrong.filter(|_| host != GATEWAY);
        let program = match (wrong, &self.programs.planted) {
            (None, _) => &self.programs.gongxin,
            (Some(_), Some(planted)) => planted,
            (Some(bug), None) => return Err(Trouble(format!("no build that can be given `{bug}` was named"))),
        };
        let mut command = self.ground.command(host, &program.display().to_string());
        command
            .args([verb, "--config"])
            .arg(self.town.config(host))
            .arg("--stop-with-stdin")
            .env_remove("GONGXIN_HOME");
        command.envs(wrong.map(|bug| ("GONGXIN_PLANT", bug)));
        if self.plan.clocks && host < VALIDATORS {
            self.with_own_clock(&mut command, host)?;
        }
        let process = Process::start(command, &self.log(host))?;
        if let Some(place) = self.processes.get_mut(host) {
            *place = Some(process);
        }
        Ok(())
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

    /// Whether one that is doomed has ended: in order, with the documented code and a last line for an operator. One that
    /// goes on for too long is killed.
    async fn has_ended(&mut self, node: usize, with_words: &str, overdue: Duration) -> Result<bool, Trouble> {
        if !self.doomed.get(node).copied().unwrap_or(false) {
            return Ok(true);
        }
        let ended = self.processes.get_mut(node).and_then(Option::as_mut).map(Process::ended).transpose()?.flatten();
        if ended.is_none() && overdue < ENDED_WITHIN {
            return Ok(false);
        }
        if let Some(doomed) = self.doomed.get_mut(node) {
            *doomed = false;
        }
        let process = self.take(node);
        let Some(end) = ended else {
            let reason = format!("its disk has failed for more than {} s", ENDED_WITHIN.as_secs());
            self.violations.push(Violation::WentOn { name: name(node), reason });
            if let Some(mut process) = process {
                process.kill().await?;
            }
            return Ok(true);
        };
        let in_order = end.status.code() == Some(COULD_NOT_GO_ON)
            && end.last_words.starts_with("gongxin: ")
            && end.last_words.contains(with_words);
        if !in_order {
            self.violations.push(ended_with(node, &end));
        }
        self.last_words.push(end.last_words);
        Ok(true)
    }

    /// Lets a process see a clock of its own, which [`Team::set_clock`] sets; time that is measured goes on as it does.
    fn with_own_clock(&self, command: &mut Command, node: usize) -> Result<(), Trouble> {
        let library = means::clock_library().ok_or_else(|| Trouble("libfaketime is not installed".to_owned()))?;
        if !self.clock(node).exists() {
            self.set_clock(node, 0)?;
        }
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", self.clock(node));
        command.env("FAKETIME_CACHE_DURATION", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command.env("DONT_FAKE_MONOTONIC", "1");
        Ok(())
    }

    fn set_clock(&self, node: usize, millis: i64) -> Result<(), Trouble> {
        let (path, draft) = (self.clock(node), self.clock(node).with_extension("new"));
        let sign = if millis < 0 { '-' } else { '+' };
        let size = millis.unsigned_abs();
        fs::write(&draft, format!("{sign}{}.{:03}\n", size / 1_000, size % 1_000)).during("a clock")?;
        fs::rename(draft, path).during("a clock")
    }

    fn clock(&self, node: usize) -> PathBuf {
        self.folder.join(format!("clock-{node}"))
    }
}

/// Who does not hear whom between two groups.
fn divided(group: u8) -> Vec<(usize, usize)> {
    let side = |node: usize| group >> node & 1;
    let pairs = (0..VALIDATORS).flat_map(|one| (0..VALIDATORS).map(move |other| (one, other)));
    pairs.filter(|(one, other)| side(*one) != side(*other)).collect()
}

fn name(host: usize) -> String {
    if host == GATEWAY { "gateway".to_owned() } else { format!("validator {host}") }
}

fn ended_with(host: usize, end: &End) -> Violation {
    Violation::Ended { name: name(host), how: end.status.to_string(), words: end.last_words.clone() }
}

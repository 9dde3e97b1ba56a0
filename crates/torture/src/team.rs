//! The processes of a network: started, with what each has of its own. What is done to them is in `faults`, how they end in
//! `ends`.

mod ends;
mod faults;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::process::Command;

use crate::disk::Disk;
use crate::ground::Ground;
use crate::limits::{HOSTS, VALIDATORS};
use crate::means;
use crate::plan::Plan;
use crate::process::Process;
use crate::report::Violation;
use crate::town::{GATEWAY, Town};
use crate::trouble::Trouble;

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

    fn clock(&self, node: usize) -> PathBuf {
        self.folder.join(format!("clock-{node}"))
    }
}

fn name(host: usize) -> String {
    if host == GATEWAY { "gateway".to_owned() } else { format!("validator {host}") }
}

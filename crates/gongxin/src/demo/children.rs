//! The child processes: started with this very binary, watched, and stopped in order.
//!
//! A child stands in a process group of its own, so that Ctrl-C reaches the parent alone; and it ends when its standard
//! input does, so that a parent that was killed leaves nobody behind.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStdin, Command};
use tokio::signal::unix::{Signal as Waiting, SignalKind, signal};
use tokio::time::{Instant, sleep, timeout};

use super::talk::Talk;
use crate::failure::Failure;
use crate::setup::{GatewayLayout, Layout, ValidatorLayout};

/// How long a child may take to answer after its start.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long a child may take to stop before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// How often a starting child is asked.
const ASK_EVERY: Duration = Duration::from_millis(100);

struct Running {
    name: String,
    /// Base URL at which it answers.
    url: String,
    process: Child,
    /// Held open while the parent lives.
    _input: Option<ChildStdin>,
}

/// The children of one demonstration: validators first, then gateways.
pub(crate) struct Children {
    running: Vec<Running>,
}

/// Waits to be told to stop.
pub(crate) struct Stop {
    interrupt: Waiting,
    terminate: Waiting,
}

impl Stop {
    /// Begins to listen for SIGINT and SIGTERM.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let on = |kind| signal(kind).map_err(Failure::usage);
        Ok(Self { interrupt: on(SignalKind::interrupt())?, terminate: on(SignalKind::terminate())? })
    }

    /// Returns when either has come.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

impl Children {
    /// None yet.
    pub(crate) fn none() -> Self {
        Self { running: Vec::new() }
    }

    /// Starts every validator and gateway of the layout.
    pub(crate) fn launch(&mut self, directory: &Path, layout: &Layout) -> Result<(), Failure> {
        layout.validators.iter().try_for_each(|validator| self.validator(directory, validator))?;
        layout.gateways.iter().try_for_each(|gateway| self.gateway(directory, gateway))
    }

    /// Starts one validator.
    pub(crate) fn validator(&mut self, directory: &Path, place: &ValidatorLayout) -> Result<(), Failure> {
        let name = format!("validator {}", place.name);
        self.spawn(directory, (name, &place.http), &["node", "--config"], &place.config)
    }

    /// Starts one gateway.
    pub(crate) fn gateway(&mut self, directory: &Path, place: &GatewayLayout) -> Result<(), Failure> {
        let name = format!("gateway {}", place.organization);
        self.spawn(directory, (name, &place.http), &["gateway", "--config"], &place.config)
    }

    fn spawn(
        &mut self,
        directory: &Path,
        (name, url): (String, &str),
        verb: &[&str],
        config: &Path,
    ) -> Result<(), Failure> {
        let program = std::env::current_exe().map_err(Failure::usage)?;
        let config = directory.join(config);
        let path = config.parent().unwrap_or(directory).join("log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        let log = log.map_err(|error| Failure::file(&path, error))?;
        let mut process = Command::new(program)
            .args(verb)
            .arg(config)
            .arg("--stop-with-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(|error| Failure::usage(format_args!("{name}: {error}")))?;
        let input = process.stdin.take();
        self.running.push(Running { name, url: url.to_owned(), process, _input: input });
        Ok(())
    }

    /// The process id of a child.
    pub(crate) fn pid(&self, name: &str) -> Option<u32> {
        self.running.iter().find(|child| child.name == name).and_then(|child| child.process.id())
    }

    /// Sends a signal to a child that runs.
    pub(crate) fn signal(&self, name: &str, signal: Signal) -> Result<(), Failure> {
        let id = self.pid(name).and_then(|id| i32::try_from(id).ok());
        let id = id.ok_or_else(|| Failure::usage(format_args!("{name} does not run")))?;
        kill(Pid::from_raw(id), signal).map_err(|error| Failure::usage(format_args!("{name}: {error}")))
    }

    /// Kills a child, as a power cut would, and waits until it is gone.
    pub(crate) async fn kill(&mut self, name: &str) -> Result<(), Failure> {
        let place = self.running.iter().position(|child| child.name == name);
        let place = place.ok_or_else(|| Failure::usage(format_args!("{name} does not run")))?;
        let mut child = self.running.remove(place);
        child.process.kill().await.map_err(|error| Failure::usage(format_args!("{name}: {error}")))
    }

    /// Waits until every child answers that it is ready.
    pub(crate) async fn wait_ready(&mut self, talk: &Talk) -> Result<(), Failure> {
        let places: Vec<_> = self.running.iter().map(|child| (child.name.clone(), child.url.clone())).collect();
        let client = reqwest::Client::new();
        let bar = talk.bar(places.len(), "starting");
        let deadline = Instant::now() + READY_WITHIN;
        for (name, url) in &places {
            let ready = format!("{url}/readyz");
            while !client.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
                self.fail_if_ended()?;
                if Instant::now() > deadline {
                    return Err(Failure::unreachable(format_args!("{name} does not answer at {ready}; see its log")));
                }
                sleep(ASK_EVERY).await;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Fails if a child has ended that nobody told to.
    pub(crate) fn fail_if_ended(&mut self) -> Result<(), Failure> {
        for child in &mut self.running {
            if let Ok(Some(status)) = child.process.try_wait() {
                return Err(Failure::unreachable(format_args!("{} ended ({status}); its log says why", child.name)));
            }
        }
        Ok(())
    }

    /// Goes on while children come and go: one that ends is reported, the others go on.
    pub(crate) async fn wait_any(&mut self) -> Result<(), Failure> {
        loop {
            sleep(Duration::from_millis(500)).await;
            let mut ended = Vec::new();
            for child in &mut self.running {
                if let Ok(Some(status)) = child.process.try_wait() {
                    ended.push(child.name.clone());
                    crate::output::note(&format!("{} ended ({status}); the others go on", child.name));
                }
            }
            self.running.retain(|child| !ended.contains(&child.name));
            if self.running.is_empty() {
                return Err(Failure::unreachable("every child has ended"));
            }
        }
    }

    /// Stops gateways, then validators; whoever does not stop in time is killed.
    pub(crate) async fn stop(&mut self) {
        let (gateways, validators): (Vec<_>, Vec<_>) =
            self.running.drain(..).partition(|child| child.name.starts_with("gateway"));
        for group in [gateways, validators] {
            let mut group = group;
            for child in &group {
                ask_to_stop(&child.process);
            }
            for child in &mut group {
                if timeout(STOP_WITHIN, child.process.wait()).await.is_err() {
                    let _already_gone = child.process.kill().await;
                }
            }
        }
    }
}

fn ask_to_stop(process: &Child) {
    // A child that was waited for has no id any more: no other process can be hit.
    if let Some(id) = process.id().and_then(|id| i32::try_from(id).ok()) {
        let _already_gone = kill(Pid::from_raw(id), Signal::SIGTERM);
        // Whoever is paused hears it once it goes on.
        let _already_gone = kill(Pid::from_raw(id), Signal::SIGCONT);
    }
}

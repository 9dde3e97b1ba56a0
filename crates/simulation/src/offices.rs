//! The gateways of a run, `service` itself, and their lives: opened, killed, found closed; and how people call them.
//!
//! The first is the owner's, whose register the others read. What a gateway keeps lies in real files, as archives do.

mod line;
mod machine;
mod plan;
mod way;

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use commonware_runtime::deterministic::Context;
use commonware_runtime::{Clock as _, Handle as Task, Spawner as _, Supervisor as _};
use futures::future::{BoxFuture, Either, select};
use gongxin_crypto::Passphrase;
use gongxin_service_simulated::{Bug, Clock, Office, OfficeConfig, port::OfficePort as _};
use gongxin_types::{Height, Time};
use tokio::sync::{mpsc, oneshot};

use self::line::{Inner, Line};
use self::machine::Simulated;
use crate::dice::Dice;
use crate::plan::Plan;
use crate::planted::Planted;
use crate::report::Violation;
use crate::team::Nodes;
use crate::town::Town;
use crate::witness::Shared;

pub(crate) use self::machine::Seeded;
pub use self::plan::Offices as OfficesPlan;
pub(crate) use self::way::{Way, Weather};

/// Whose gateways there are: the owner of the register, then readers.
pub(crate) const HOUSES: [&str; 3] = ["civil-affairs", "housing", "social-security"];
/// The owner's place among them.
pub(crate) const OWNER: usize = 0;
/// How long somebody waits for a gateway's answer, as over HTTP.
const PATIENCE: Duration = gongxin_client::limits::GATEWAY_TIMEOUT;

/// A question to an office.
type Call = Box<dyn FnOnce(Arc<Office>) -> BoxFuture<'static, ()> + Send>;

/// The running gateways, as people see them.
#[derive(Clone, Default)]
pub(crate) struct Gateways(Arc<Mutex<Vec<Option<Open>>>>);

/// One that runs.
struct Open {
    calls: mpsc::UnboundedSender<Call>,
    office: std::sync::Weak<Office>,
}

impl Gateways {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<Option<Open>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks a gateway; nothing where question or answer are lost, or it does not run, or ends meanwhile.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        way: &Way,
        gateway: usize,
        question: impl FnOnce(Arc<Office>) -> BoxFuture<'static, T> + Send + 'static,
    ) -> Option<T> {
        if !way.carries(gateway).await {
            way.gives_up().await;
            return None;
        }
        let (reply, answer) = oneshot::channel();
        let call: Call = Box::new(move |office| {
            Box::pin(async move {
                // Who asked may have gone away.
                let _ = reply.send(question(office).await);
            })
        });
        self.with(|gateways| gateways.get(gateway)?.as_ref()?.calls.send(call).ok())?;
        let answer = match select(answer, std::pin::pin!(way.pause(PATIENCE))).await {
            Either::Left((answer, _)) => answer.ok()?,
            Either::Right(_) => return None,
        };
        if !way.carries(gateway).await {
            way.gives_up().await;
            return None;
        }
        Some(answer)
    }

    /// How far its copy of the ledger has come, where it runs.
    pub(crate) fn height(&self, gateway: usize) -> Option<Height> {
        let office = self.with(|gateways| gateways.get(gateway)?.as_ref()?.office.upgrade())?;
        Some(office.tip().height)
    }
}

/// What is kept of a gateway between its lives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// How often it was opened.
    pub(crate) lives: u32,
    /// Milliseconds by which its clock is off.
    off_ms: Arc<AtomicI64>,
}

/// The gateways while the power is on.
pub(crate) struct Offices<'a> {
    runtime: &'a Context,
    town: Arc<Town>,
    witness: Shared,
    nodes: Nodes,
    seed: u64,
    bug: Option<Bug>,
    pub(crate) weather: Arc<Weather>,
    pub(crate) gateways: Gateways,
    tasks: Vec<Option<Task<()>>>,
    pub(crate) files: &'a mut Vec<Files>,
}

impl<'a> Offices<'a> {
    /// Gateways that do not run yet.
    pub(crate) fn new(
        runtime: &'a Context,
        town: Arc<Town>,
        plan: &Plan,
        nodes: Nodes,
        witness: Shared,
        files: &'a mut Vec<Files>,
    ) -> Self {
        let count = plan.offices.as_ref().map_or(0, |offices| offices.gateways);
        files.resize(count, Files::default());
        let gateways = Gateways::default();
        gateways.with(|gateways| gateways.resize_with(count, || None));
        Self {
            runtime,
            town,
            witness,
            nodes,
            seed: plan.seed,
            bug: plan.planted.and_then(Planted::in_office),
            weather: Arc::new(Weather::new(plan.latency, count)),
            gateways,
            tasks: (0..count).map(|_| None).collect(),
            files,
        }
    }

    /// Opens a gateway, for the first time or again.
    pub(crate) async fn open(&mut self, gateway: usize) -> Result<(), Violation> {
        if gateway >= self.tasks.len() || self.runs(gateway) {
            return Ok(());
        }
        let Some(files) = self.files.get_mut(gateway) else { return Ok(()) };
        files.lives += 1;
        let (life, off_ms) = (format!("gateway {gateway}, life {}", files.lives), Arc::clone(&files.off_ms));
        let (town, directory, bug, seed) = (Arc::clone(&self.town), self.folder(gateway), self.bug, self.seed);
        let (nodes, weather, witness) = (self.nodes.clone(), Arc::clone(&self.weather), self.witness.clone());
        let (started, starting) = oneshot::channel();
        let (calls, mut asked) = mpsc::unbounded_channel::<Call>();
        let task = self.runtime.child("gateway").spawn(move |context| async move {
            let way = Way::new(context.child("way"), weather, Dice::new(seed, &life));
            let clock = context.child("clock");
            let preferred = AtomicUsize::new(gateway);
            let line = Inner { gateway, validators: town.nodes(), nodes, way, witness, preferred };
            let person = HOUSES.get(gateway).map(|house| town.cast.gateway(house)).expect("a gateway of the cast");
            let office = Office::open(OfficeConfig {
                organization: person.organization.clone(),
                gateway: person.gateway_id(),
                directory,
                genesis: town.genesis.clone(),
                key: person.secret.clone(),
                passphrase: Passphrase::from_bytes(b"correct horse").expect("a passphrase"),
                validators: Arc::new(Line(Arc::new(line))),
                machine: Arc::new(Simulated::new(context.child("machine"), seed, &life)),
                clock: Clock::of(move || now(&clock, &off_ms)),
                bug,
            });
            let office = match office {
                Ok(office) => office,
                Err(error) => {
                    let _ = started.send(Err(error.to_string()));
                    return;
                }
            };
            let _ = started.send(Ok(Arc::downgrade(&office)));
            while let Some(call) = asked.recv().await {
                let office = Arc::clone(&office);
                context.child("call").spawn(move |_| call(office));
            }
        });
        let failed = |reason: String| Violation::NoOffice { gateway, reason };
        let office = starting.await.map_err(|_| failed("its task ended".to_owned()))?.map_err(failed)?;
        self.put(gateway, Some(Open { calls, office }), Some(task));
        Ok(())
    }

    fn put(&mut self, gateway: usize, open: Option<Open>, task: Option<Task<()>>) {
        self.gateways.with(|gateways| gateways.get_mut(gateway).map(|slot| *slot = open));
        if let Some(slot) = self.tasks.get_mut(gateway) {
            *slot = task;
        }
    }

    /// Whether a gateway runs.
    pub(crate) fn runs(&self, gateway: usize) -> bool {
        self.tasks.get(gateway).is_some_and(Option::is_some)
    }

    /// Kills a gateway at once. One that forgets loses its copy of the ledger, which is made again from blocks; the vault
    /// stays.
    pub(crate) fn kill(&mut self, gateway: usize, forgets: bool) {
        if let Some(task) = self.tasks.get_mut(gateway).and_then(Option::take) {
            task.abort();
        }
        self.put(gateway, None, None);
        if forgets {
            // Where there is none yet there is nothing to forget.
            let _ = std::fs::remove_dir_all(self.folder(gateway).join("projection"));
        }
    }

    /// Sets a gateway's clock, now and in its next lives.
    pub(crate) fn set_clock(&self, gateway: usize, millis: i64) {
        if let Some(files) = self.files.get(gateway) {
            files.off_ms.store(millis, Ordering::Relaxed);
        }
    }

    fn folder(&self, gateway: usize) -> PathBuf {
        self.town.office(gateway)
    }
}

/// What the clock of a gateway's machine shows.
fn now(machine: &Context, off_ms: &AtomicI64) -> Option<Time> {
    let since = machine.current().duration_since(UNIX_EPOCH).ok()?;
    let millis = u64::try_from(since.as_millis()).ok()?;
    Some(Time::from_millis(millis.saturating_add_signed(off_ms.load(Ordering::Relaxed))))
}

//! What happens on the stage: faults that begin and heal, nodes that start, and the weather that the active faults make.

use std::time::Duration;

use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::Oracle;
use commonware_runtime::deterministic::{self, Context, PartialWriteMode, WriteConfig};
use commonware_utils::Probability;

use super::{Act, Event, RESTART, Stage};
use crate::fault::Fault;
use crate::journal;
use crate::links;
use crate::planted::Planted;
use crate::report::Violation;
use crate::team::Team;
use crate::villain::Wrong;

/// What the disks do: so many of ten thousand operations fail; of what was not synced, half survives a power cut.
pub(super) fn disk(rate: u16) -> deterministic::FaultConfig {
    let failure = Probability::new(u64::from(rate), 10_000).expect("a part of ten thousand");
    let retention_rate = Probability::new(1, 2).expect("a half");
    deterministic::FaultConfig {
        write_rate: Some(WriteConfig { failure_rate: failure, retention_rate, mode: PartialWriteMode::Prefix }),
        read_rate: (rate > 0).then_some(failure),
        sync_rate: (rate > 0).then_some(failure),
        ..deterministic::FaultConfig::default()
    }
}

impl Stage {
    /// Lets one event happen; how the act ends, if it ends it.
    pub(super) async fn happens(
        &mut self,
        event: Event,
        now: Duration,
        context: &Context,
        network: &Oracle<PublicKey, Context>,
        team: &mut Team<'_>,
    ) -> Result<Option<Act>, Violation> {
        match event {
            Event::Start(node) if team.nodes.get(node).is_none() => {
                self.restore(node, context, team).await;
                team.start(node).await?;
            }
            Event::Start(_) => {}
            Event::Open(gateway) => {
                if let Some(offices) = &mut team.offices {
                    offices.open(gateway).await?;
                }
            }
            Event::Heal(number) => {
                let healed = self.active.remove(&number);
                match (healed, &team.offices) {
                    (Some(Fault::Skew { node, .. }), _) => team.set_clock(node, 0),
                    (Some(Fault::GatewaySkew { gateway, .. }), Some(offices)) => offices.set_clock(gateway, 0),
                    _ => {}
                }
                self.weather(context, network, team).await;
            }
            Event::Begin(fault) => {
                tracing::info!(?fault, at = ?now, "fault");
                return self.begins(fault, now, context, network, team).await;
            }
        }
        Ok(None)
    }

    async fn begins(
        &mut self,
        fault: Fault,
        now: Duration,
        context: &Context,
        network: &Oracle<PublicKey, Context>,
        team: &mut Team<'_>,
    ) -> Result<Option<Act>, Violation> {
        let kind = fault.kind();
        let lasts = match &fault {
            Fault::PowerCut => {
                *self.struck.entry(kind).or_default() += 1;
                for node in 0..self.plan.nodes() {
                    self.at(now.saturating_add(RESTART), Event::Start(node));
                }
                for gateway in 0..self.gateways() {
                    self.at(now.saturating_add(RESTART), Event::Open(gateway));
                }
                return Ok(Some(Act::PowerCut));
            }
            Fault::Wipe { node, .. } if !team.may_wipe(*node) => return Ok(None),
            Fault::Crash { node, down } | Fault::Wipe { node, down, .. } => {
                if !team.kill(*node) {
                    return Ok(None);
                }
                if let Fault::Wipe { by_state, .. } = &fault {
                    team.wipe(*node, *by_state);
                }
                self.at(now.saturating_add(*down), Event::Start(*node));
                *self.struck.entry(kind).or_default() += 1;
                return Ok(None);
            }
            Fault::GatewayCrash { gateway, down, forgets } => {
                if let Some(offices) = team.offices.as_mut().filter(|offices| offices.runs(*gateway)) {
                    offices.kill(*gateway, *forgets);
                    self.at(now.saturating_add(*down), Event::Open(*gateway));
                    *self.struck.entry(kind).or_default() += 1;
                }
                return Ok(None);
            }
            Fault::GatewaySkew { gateway, millis, lasts } => {
                if let Some(offices) = &team.offices {
                    offices.set_clock(*gateway, *millis);
                }
                *lasts
            }
            Fault::Skew { node, millis, lasts } => {
                team.set_clock(*node, *millis);
                *lasts
            }
            Fault::Partition { lasts, .. }
            | Fault::OneWayCut { lasts, .. }
            | Fault::Delay { lasts, .. }
            | Fault::Loss { lasts, .. }
            | Fault::Duplication { lasts, .. }
            | Fault::DiskError { lasts, .. }
            | Fault::GatewayCut { lasts, .. } => *lasts,
        };
        *self.struck.entry(kind).or_default() += 1;
        self.numbered += 1;
        let number = self.numbered;
        self.active.insert(number, fault);
        self.at(now.saturating_add(lasts), Event::Heal(number));
        self.weather(context, network, team).await;
        Ok(None)
    }

    /// Sets links and disks to what the active faults make of them.
    pub(super) async fn weather(&self, context: &Context, network: &Oracle<PublicKey, Context>, team: &mut Team<'_>) {
        let mute = self.plan.villain.filter(|villain| villain.wrong == Wrong::Mute).map(|villain| villain.node);
        links::set(network, &self.town.keys, self.plan.latency, mute, self.active.values()).await;
        let (mut repeats, mut errors) = (0, 0);
        for fault in self.active.values() {
            match fault {
                Fault::Duplication { percent, .. } => repeats = repeats.max(*percent),
                Fault::DiskError { rate, .. } => errors = errors.max(*rate),
                _ => {}
            }
        }
        if let Some(offices) = &team.offices {
            offices.weather.set(self.active.values());
        }
        team.repeat(repeats);
        team.set_disks(errors > 0);
        *context.storage_fault_config().write() = disk(errors);
    }

    /// With the defect of that name planted, a killed node comes back with the journal of its last death but one.
    async fn restore(&mut self, node: usize, context: &Context, team: &Team<'_>) {
        if self.plan.planted == Some(Planted::RestoredJournal) && node == 0 {
            let journal = team.journal(node);
            let now = journal::copy(context, &journal).await;
            if let Some(before) = std::mem::replace(&mut self.backup, now) {
                journal::put_back(context, &journal, &before).await;
            }
        }
    }
}

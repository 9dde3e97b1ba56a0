//! The supervisor sets organizations tasks with terms of a few working days, through a gateway; and lets them stand still, run
//! on, be longer, be fulfilled, or end. Days pass within seconds here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use commonware_runtime::{Spawner as _, Supervisor as _, deterministic::Context};
use gongxin_test_support::cast::{DEPARTMENTS, SUPERVISOR};
use gongxin_types::obligation::{NewObligation, ObligationKind, SuspensionReason};
use gongxin_types::{Action, ObligationId, Role, Time};

use crate::clerk::{Act, Clerk, Pen};
use crate::dice::Dice;
use crate::offices::{Gateways, Way, Weather};
use crate::town::Town;
use crate::witness::Shared;

/// What the supervisor knows; it survives a power cut.
struct Desk {
    dice: Dice,
    sequence: u64,
    /// Tasks that were set, by number.
    tasks: BTreeMap<usize, ObligationId>,
    under_way: Option<(Option<ObligationId>, Act)>,
}

/// The supervisor.
#[derive(Clone)]
pub(crate) struct Overseer(Arc<Mutex<Desk>>);

impl Overseer {
    /// One that has set no task yet.
    pub(crate) fn new(seed: u64) -> Self {
        let dice = Dice::new(seed, "overseer");
        Self(Arc::new(Mutex::new(Desk { dice, sequence: 0, tasks: BTreeMap::new(), under_way: None })))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Desk) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Works until the runtime ends, through the gateway of somebody who reads.
    pub(crate) fn start(
        &self,
        runtime: &Context,
        town: &Arc<Town>,
        gateways: &Gateways,
        weather: &Arc<Weather>,
        witness: &Shared,
    ) {
        let (overseer, town, gateways) = (self.clone(), Arc::clone(town), gateways.clone());
        let (weather, witness) = (Arc::clone(weather), witness.clone());
        runtime.child("overseer").spawn(move |context| async move {
            let dice = overseer.with(|desk| Dice::new(desk.dice.number(0, u64::MAX), "the overseer's way"));
            let way = Way::new(context.child("way"), weather, dice);
            let clerk = Clerk { gateways, gateway: 1, way, witness };
            loop {
                let pause = overseer.with(|desk| desk.dice.millis(300, 2_500));
                clerk.way.pause(pause).await;
                let Some(now) = clerk.witness.with(|witness| witness.told.time) else { continue };
                let (task, act) = overseer.with(|desk| desk.next(&town, now));
                let effect = clerk.acts(&act).await;
                overseer.with(|desk| {
                    desk.under_way = None;
                    if let Some(task) = task.filter(|_| effect) {
                        let number = desk.tasks.len();
                        desk.tasks.insert(number, task);
                    }
                });
            }
        });
    }
}

impl Desk {
    fn next(&mut self, town: &Town, now: Time) -> (Option<ObligationId>, Act) {
        if let Some(left) = &self.under_way {
            return left.clone();
        }
        self.sequence += 1;
        let valid_until = now.plus_millis(self.dice.number(8_000, 45_000));
        let pen = Pen { lane: 0, sequence: self.sequence, valid_until, is_left: false };
        let some = self.dice.place(self.tasks.len());
        let (task, action) = match (self.tasks.get(&some).copied(), self.dice.number(0, 99)) {
            (Some(id), 0..10) => (None, Action::SuspendObligation(id, SuspensionReason::Hearing)),
            (Some(id), 10..20) => (None, Action::ResumeObligation(id)),
            (Some(id), 20..28) => (None, Action::ExtendObligation(id, 1)),
            (Some(id), 28..36) => (None, Action::FulfilObligation(id)),
            (Some(id), 36..40) => (None, Action::WithdrawObligation(id)),
            _ => self.sets(),
        };
        let supervisor = town.cast.officer(SUPERVISOR, Role::Supervisor);
        let act = Act::signed(town, supervisor, pen, vec![action], None);
        self.under_way = Some((task, act.clone()));
        (task, act)
    }

    fn sets(&mut self) -> (Option<ObligationId>, Action) {
        let id = ObligationId::new(self.dice.bytes());
        let obligor = DEPARTMENTS.get(self.dice.place(DEPARTMENTS.len())).copied().unwrap_or_default();
        let new = NewObligation {
            version: 1,
            id,
            kind: ObligationKind::Rectify,
            obligor: obligor.parse().expect("an organization's name"),
            legal_basis: "sharing-regulation".parse().expect("a legal basis"),
            document: None,
            term: u16::try_from(self.dice.number(1, 4)).unwrap_or(1),
        };
        (Some(id), Action::OpenObligation(new))
    }
}

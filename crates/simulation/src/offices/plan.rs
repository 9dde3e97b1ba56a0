//! What a seed decides about gateways: whether there are any, how fast the calendar runs, and what goes wrong with them.

use std::time::Duration;

use crate::dice::Dice;
use crate::fault::Fault;
use crate::planted::Planted;

/// So many of a hundred seeds have gateways: each costs as much again as a seed without.
const SEEDS_PERCENT: u64 = 40;
/// Legal seconds in one second: the days of a run are six weeks, three, or one and a half.
const SCALES: [u32; 3] = [34_560, 17_280, 8_640];

/// Gateways, and who asks them.
#[derive(Clone, Debug)]
pub struct Offices {
    /// How many: that of the owner, and those of its readers.
    pub gateways: usize,
    /// Whether the owner's gateway lies to its readers.
    pub stale: bool,
    /// Legal seconds in one second.
    pub time_scale: u32,
}

impl Offices {
    /// What the seed decides.
    pub(crate) fn perhaps(seed: u64, planted: Option<Planted>) -> Option<Self> {
        let mut dice = Dice::new(seed, "offices");
        let there_are = dice.percent(SEEDS_PERCENT);
        let offices = Self {
            gateways: 2 + dice.place(2),
            stale: dice.percent(30) && planted.is_none(),
            time_scale: SCALES.get(dice.place(SCALES.len())).copied().unwrap_or(1),
        };
        (there_are || planted.is_some_and(|planted| planted.in_office().is_some())).then_some(offices)
    }

    /// What goes wrong with them between two moments, with the time since the beginning.
    pub(crate) fn faults(&self, seed: u64, from: Duration, to: Duration) -> Vec<(Duration, Fault)> {
        let mut dice = Dice::new(seed, "faults of offices");
        let (mut faults, mut at) = (Vec::new(), from);
        loop {
            at = at.saturating_add(dice.millis(1_500, 9_000));
            if at >= to {
                return faults;
            }
            faults.push((at, self.one(&mut dice)));
        }
    }

    fn one(&self, dice: &mut Dice) -> Fault {
        let gateway = dice.place(self.gateways);
        let lasts = dice.millis(300, 6_000);
        match dice.number(0, 99) {
            0..55 => Fault::GatewayCrash { gateway, down: dice.millis(20, 5_000), forgets: dice.percent(15) },
            55..80 => Fault::GatewayCut { gateway, lasts },
            _ => {
                let millis = i64::try_from(dice.number(0, 240_000)).unwrap_or(0) - 120_000;
                Fault::GatewaySkew { gateway, millis, lasts }
            }
        }
    }
}

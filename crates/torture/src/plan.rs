//! What a seed decides before anything runs: which faults strike whom, and when.
//!
//! A run has a theme: its first fault is of that kind. Processes of a real machine do what they like between two faults, so
//! a seed repeats what is done to them and not what they do.

use std::time::Duration;

use crate::dice::Dice;
use crate::fault::{Fault, Kind};
use crate::limits::{DISK_FREE_BYTES_MIN, QUIET_START, TROUBLE, VALIDATORS};

/// A fault, when it strikes and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) at: Duration,
    pub(crate) lasts: Duration,
    pub(crate) fault: Fault,
}

/// The plan of one run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) theme: Kind,
    /// The validator whose disk is small, where one fills up, and what it is told to leave free.
    pub(crate) small_disk: Option<(usize, u64)>,
    /// The validator that is a forging build.
    pub(crate) forger: Option<usize>,
    /// Whether clocks can be set.
    pub(crate) clocks: bool,
    /// The defect that every validator has, in a build that can be given one.
    pub(crate) bug: Option<String>,
    /// Ascending by time.
    pub(crate) events: Vec<Event>,
}

/// What joins any theme: faults that need no preparation.
const COMPANIONS: [Kind; 4] = [Kind::Kill, Kind::Pause, Kind::Partition, Kind::OneWayCut];

impl Plan {
    /// The plan of a seed with a theme. Only kinds that are possible here join it.
    pub(crate) fn new(seed: u64, theme: Kind, possible: &[Kind]) -> Self {
        let mut dice = Dice::new(seed, "plan");
        let victim = dice.place(VALIDATORS);
        let mut events = Vec::new();
        let mut at = QUIET_START + dice.millis(0, 1_500);
        if theme != Kind::Forger {
            events.push(Event { at, lasts: lasts(&mut dice, theme), fault: fault(&mut dice, theme, victim) });
        }
        let companions: Vec<Kind> = COMPANIONS.into_iter().filter(|kind| possible.contains(kind)).collect();
        loop {
            at += dice.millis(500, 4_000);
            if at >= TROUBLE || companions.is_empty() {
                break;
            }
            // A theme without preparation comes back; with preparation, it strikes once.
            let again = dice.percent(35) && matches!(theme, Kind::KillAll | Kind::KillGateway | Kind::Skew);
            let kind =
                if again { theme } else { companions.get(dice.place(companions.len())).copied().unwrap_or(theme) };
            let node = if kind == Kind::Skew { victim } else { dice.place(VALIDATORS) };
            events.push(Event { at, lasts: lasts(&mut dice, kind), fault: fault(&mut dice, kind, node) });
        }
        let small_disk = events.iter().find_map(|event| match event.fault {
            Fault::FullDisk { node, to_the_last_byte: true } => Some((node, 0)),
            Fault::FullDisk { node, to_the_last_byte: false } => Some((node, DISK_FREE_BYTES_MIN)),
            _ => None,
        });
        Self {
            seed,
            theme,
            small_disk,
            forger: (theme == Kind::Forger).then_some(victim),
            clocks: theme == Kind::Skew,
            bug: None,
            events,
        }
    }
}

fn fault(dice: &mut Dice, kind: Kind, node: usize) -> Fault {
    match kind {
        Kind::KillAll => Fault::KillAll,
        Kind::KillGateway => Fault::KillGateway,
        Kind::Pause => Fault::Pause { node },
        Kind::Partition => {
            let all = (1_u64 << VALIDATORS) - 2;
            Fault::Partition { group: u8::try_from(dice.number(1, all)).unwrap_or(1) }
        }
        Kind::OneWayCut => {
            let other = dice.number(1, VALIDATORS as u64 - 1) as usize;
            Fault::OneWayCut { deaf: node, to: (node + other) % VALIDATORS }
        }
        Kind::Wipe => Fault::Wipe { node },
        Kind::FullDisk => Fault::FullDisk { node, to_the_last_byte: dice.percent(50) },
        Kind::SyncError => Fault::SyncError { node },
        Kind::Skew => Fault::Skew { node, millis: skew(dice) },
        // A forger is one from the beginning: where it is asked for as an event, it dies.
        Kind::Kill | Kind::Forger => Fault::Kill { node },
    }
}

/// Within what validators bear, beyond it, and far off; ahead or behind.
fn skew(dice: &mut Dice) -> i64 {
    let size = match dice.place(3) {
        0 => dice.number(100, 450),
        1 => dice.number(600, 5_000),
        _ => dice.number(30_000, 3_600_000),
    };
    let size = i64::try_from(size).unwrap_or(0);
    if dice.percent(50) { size } else { -size }
}

fn lasts(dice: &mut Dice, kind: Kind) -> Duration {
    match kind {
        Kind::Pause => dice.millis(200, 3_500),
        Kind::Partition | Kind::OneWayCut => dice.millis(500, 4_000),
        Kind::FullDisk | Kind::SyncError => dice.millis(1_500, 4_000),
        Kind::Skew => dice.millis(2_000, 4_000),
        Kind::Wipe => dice.millis(500, 3_000),
        _ => dice.millis(20, 3_000),
    }
}

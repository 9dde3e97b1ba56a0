//! What a seed decides before anything runs: how many validators, how far apart they are, and what goes wrong when.

use std::time::Duration;

use crate::dice::Dice;
use crate::fault::Fault;
use crate::offices::OfficesPlan;
use crate::planted::Planted;
use crate::turnover::{SPARES, Turnover};
use crate::villain::Villain;

/// How long things go wrong.
const TROUBLE: Duration = Duration::from_secs(60);
/// The beginning is quiet for so long: nothing is learnt from a network that never came up.
const QUIET_START: Duration = Duration::from_secs(2);

/// The plan of one run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed it follows from.
    pub seed: u64,
    /// What is planted.
    pub planted: Option<Planted>,
    /// How many validators at first.
    pub validators: usize,
    /// Who validates later.
    pub(crate) turnover: Turnover,
    /// Who does wrong on purpose.
    pub villain: Option<Villain>,
    /// Whether an office floods the nodes.
    pub greedy: bool,
    /// Gateways, and who asks them; in some seeds.
    pub offices: Option<OfficesPlan>,
    /// Mean time of a message from one node to another.
    pub(crate) latency: Duration,
    /// What goes wrong, with the time since the beginning, ascending.
    pub(crate) faults: Vec<(Duration, Fault)>,
    /// When the last fault has healed.
    pub(crate) healed: Duration,
}

impl Plan {
    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.validators + SPARES
    }

    /// The plan of a seed.
    pub fn new(seed: u64, planted: Option<Planted>) -> Self {
        let mut dice = Dice::new(seed, "plan");
        let validators = 4 + dice.place(4);
        let latency = dice.millis(1, 40);
        // A planted defect is looked for among honest nodes.
        let villain = Villain::perhaps(&mut dice, validators).filter(|_| planted.is_none());
        let greedy = dice.percent(30);
        let turnover = Turnover::new(&mut dice, validators);
        let nodes = validators + SPARES;
        let mut faults = Vec::new();
        let (mut at, mut healed) = (QUIET_START, TROUBLE);
        if planted == Some(Planted::RestoredJournal) {
            // Someone restores a backup after every crash of the first node, and it crashes often.
            let crash =
                |second| (Duration::from_secs(second), Fault::Crash { node: 0, down: Duration::from_millis(300) });
            faults.extend((4..58).step_by(3).map(crash));
        }
        loop {
            at = at.saturating_add(dice.millis(500, 5_500));
            if at >= TROUBLE {
                break;
            }
            let fault = one(&mut dice, nodes);
            healed = healed.max(at.saturating_add(lasts(&fault)));
            faults.push((at, fault));
        }
        let offices = OfficesPlan::perhaps(seed, planted);
        for (at, fault) in offices.iter().flat_map(|offices| offices.faults(seed, QUIET_START, TROUBLE)) {
            healed = healed.max(at.saturating_add(lasts(&fault)));
            faults.push((at, fault));
        }
        faults.sort_by_key(|(at, _)| *at);
        Self { seed, planted, validators, turnover, villain, greedy, offices, latency, faults, healed }
    }
}

/// One fault. Whether a validator is wiped is decided again when the time has come; it stays away for longer than a message
/// takes, because connections of before end with it, and links of the simulation do not.
fn one(dice: &mut Dice, nodes: usize) -> Fault {
    let node = dice.place(nodes);
    let lasts = dice.millis(300, 4_500);
    match dice.number(0, 99) {
        0..25 => Fault::Crash { node, down: dice.millis(50, 5_000) },
        25..32 => Fault::Wipe { node, down: dice.millis(3_000, 5_000), by_state: dice.percent(60) },
        32..36 => Fault::PowerCut,
        36..50 => Fault::Partition { group: u8::try_from(dice.number(1, (1 << nodes) - 2)).unwrap_or(1), lasts },
        50..60 => Fault::OneWayCut { from: node, to: (node + 1 + dice.place(nodes - 1)) % nodes, lasts },
        60..68 => Fault::Delay { node, latency: dice.millis(100, 2_500), lasts },
        68..77 => Fault::Loss { percent: u8::try_from(dice.number(5, 50)).unwrap_or(5), lasts },
        77..84 => Fault::Duplication { percent: u8::try_from(dice.number(5, 60)).unwrap_or(5), lasts },
        84..91 => Fault::DiskError { rate: u16::try_from(dice.number(1, 40)).unwrap_or(1), lasts },
        _ => {
            let millis = i64::try_from(dice.number(0, 8_000)).unwrap_or(0) - 4_000;
            Fault::Skew { node, millis, lasts }
        }
    }
}

fn lasts(fault: &Fault) -> Duration {
    match fault {
        Fault::Crash { down, .. } | Fault::Wipe { down, .. } | Fault::GatewayCrash { down, .. } => *down,
        Fault::PowerCut => Duration::ZERO,
        Fault::Partition { lasts, .. }
        | Fault::OneWayCut { lasts, .. }
        | Fault::Delay { lasts, .. }
        | Fault::Loss { lasts, .. }
        | Fault::Duplication { lasts, .. }
        | Fault::DiskError { lasts, .. }
        | Fault::Skew { lasts, .. }
        | Fault::GatewayCut { lasts, .. }
        | Fault::GatewaySkew { lasts, .. } => *lasts,
    }
}

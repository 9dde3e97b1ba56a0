//! Everybody in a run with gateways who keeps a register, reads it, or sets tasks: what they know survives a power cut.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use commonware_runtime::deterministic::Context;
use gongxin_types::RecordId;

use crate::offices::{Files, Offices};
use crate::overseer::Overseer;
use crate::plan::Plan;
use crate::reader::{Progress, Readers, Room};
use crate::report::Served;
use crate::stale::Stale;
use crate::steward::Steward;
use crate::town::Town;
use crate::witness::{Shared, Witness};

/// Them, and what is kept of the gateways.
pub(crate) struct People {
    gateways: usize,
    steward: Steward,
    readers: Readers,
    overseer: Overseer,
    stale: Option<Stale>,
    /// What is kept of the gateways between their lives.
    pub(crate) files: Vec<Files>,
    /// How far they had come when the last fault had healed.
    then: Option<(Progress, u64)>,
}

impl People {
    /// Those of a plan, if it has gateways.
    pub(crate) fn perhaps(plan: &Plan, town: &Arc<Town>) -> Option<Self> {
        let offices = plan.offices.as_ref()?;
        let steward = Steward::new(plan.seed);
        Some(Self {
            gateways: offices.gateways,
            stale: offices.stale.then(|| Stale::new(plan.seed, town, &steward)),
            readers: Readers::new(plan.seed, offices.gateways),
            overseer: Overseer::new(plan.seed),
            steward,
            files: Vec::new(),
            then: None,
        })
    }

    /// How many gateways there are.
    pub(crate) fn gateways(&self) -> usize {
        self.gateways
    }

    /// Lets everybody act until the runtime ends.
    pub(crate) fn start(&self, runtime: &Context, town: &Arc<Town>, offices: &Offices<'_>, witness: &Shared) {
        let (gateways, weather) = (&offices.gateways, &offices.weather);
        self.steward.start(runtime, town, gateways, weather, witness, self.gateways.saturating_sub(1));
        self.overseer.start(runtime, town, gateways, weather, witness);
        let room = Room {
            town: Arc::clone(town),
            gateways: gateways.clone(),
            weather: Arc::clone(weather),
            witness: witness.clone(),
            steward: self.steward.clone(),
            stale: self.stale.clone(),
        };
        self.readers.start(runtime, &room);
    }

    /// Who is not served as everybody should be after the last fault, if anyone.
    pub(crate) fn unserved(&mut self, offices: &Offices<'_>, witness: &Witness) -> Option<String> {
        let done = self.steward.with(|desk| desk.done);
        let (progress, then) = self.then.get_or_insert_with(|| (self.readers.progress(), done));
        let closed = (0..self.gateways).find(|gateway| {
            let behind =
                offices.gateways.height(*gateway).map(|height| witness.height().get().saturating_sub(height.get()));
            behind.is_none_or(|blocks| blocks > 20)
        });
        closed
            .map(|gateway| format!("gateway {gateway} does not follow"))
            .or((done <= *then).then(|| "the steward was told nothing".to_owned()))
            .or(self.readers.progress().unheard(progress))
    }

    /// Records that were ever meant to have a key.
    pub(crate) fn holders(&self) -> BTreeMap<String, BTreeSet<RecordId>> {
        let mut holders: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
        self.steward.with(|desk| {
            for ((record, _), row) in &desk.rows {
                holders.entry(row.key.to_owned()).or_default().insert(*record);
            }
        });
        holders
    }

    /// What came of it.
    pub(crate) fn served(&self, witness: &Witness, noted: u64) -> Served {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Served {
            gateways: self.gateways,
            starts: self.files.iter().map(|files| u64::from(files.lives)).sum(),
            shown: count(witness.told.shown.len()),
            refused: witness.told.refused,
            written: self.steward.with(|desk| desk.done),
            slowest_ms: slowest_ms(witness),
            noted,
            stale: self.stale.is_some(),
            lies: witness.told.lies,
        }
    }
}

/// How long what gateways took upon themselves was on its way, at most.
fn slowest_ms(witness: &Witness) -> u64 {
    let ways = witness.told.taken.iter().filter_map(|(id, taken)| {
        let (height, _) = witness.told.found(id)?;
        Some(witness.blocks.get(&height)?.header.time.millis().saturating_sub(taken.at.millis()))
    });
    ways.max().unwrap_or(0)
}

/// Remembers when the last fault had healed, by consensus time.
pub(crate) fn healed(witness: &Shared) {
    witness.with(|witness| witness.told.healed = witness.told.healed.or(witness.told.time));
}

//! Whom honest nodes accuse of contradicting itself: an equivocator, if there is one, with proof; and nobody else.

use std::fs;
use std::path::Path;

use gongxin_types::FaultEvidence;
use gongxin_types::alert::Finding;
use gongxin_types::genesis::ConsensusKey;
use gongxin_verify::fault;

use crate::plan::Plan;
use crate::report::Violation;
use crate::team::Record;
use crate::town::Town;
use crate::villain::Wrong;

/// Counts the proofs that honest nodes hold, of all their lives.
///
/// # Errors
/// When one convicts somebody who is honest, or nobody.
pub(crate) fn proofs(plan: &Plan, town: &Town, records: &[Record]) -> Result<u64, Violation> {
    let villain = plan.villain.map(|villain| villain.node);
    let equivocator = plan.villain.filter(|villain| villain.wrong == Wrong::Equivocator).map(|villain| villain.node);
    let mut proofs = 0_u64;
    for (node, record) in records.iter().enumerate().filter(|(node, _)| Some(*node) != villain) {
        for stores in 0..=record.stores {
            for line in lines(&town.folder(node, stores)) {
                let convicted = convicted(plan, town, &line);
                if convicted.is_none() || convicted != equivocator {
                    return Err(Violation::Accused { node, line });
                }
                proofs = proofs.saturating_add(1);
            }
        }
    }
    Ok(proofs)
}

/// What a node wrote down. A line that cannot be read proves nothing, and is found out by that.
fn lines(folder: &Path) -> Vec<String> {
    fs::read_to_string(folder.join("faults.log")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The node that a line convicts, if it proves anything.
fn convicted(plan: &Plan, town: &Town, line: &str) -> Option<usize> {
    let Finding::Equivocation(found) = serde_json::from_str(line).ok()? else {
        return None;
    };
    let set = town.set(found.epoch, plan.turnover.of(found.epoch)?);
    let validators = |epoch: u64| (epoch == set.epoch).then_some(&*set.validators);
    let network = town.genesis.head.id();
    let keys = fault::check_with(&network, &validators, &FaultEvidence::Equivocation(found)).ok()?;
    let [ConsensusKey(key)] = *keys else { return None };
    town.keys.iter().position(|known| known.as_ref() == key)
}

//! Who validates in a run, epoch after epoch: what a seed lets the members decide.

use std::time::Duration;

use gongxin_types::validator_set::quorum;

use crate::dice::Dice;

/// Nodes beside the first validators: they follow until they are voted in.
pub(crate) const SPARES: usize = 1;
/// The fewest that may validate.
const LEAST: usize = 4;
/// The earliest decision.
const FIRST: Duration = Duration::from_secs(4);
/// The latest decision.
const LAST: Duration = Duration::from_secs(52);

/// The sets of a run.
#[derive(Clone, Debug)]
pub(crate) struct Turnover {
    /// The places of those who validate at first.
    pub(crate) first: Vec<usize>,
    /// When members propose which nodes, by place, ascending.
    pub(crate) turns: Vec<(Duration, Vec<usize>)>,
}

impl Turnover {
    /// One to three decisions, each of which the rules allow after the one before.
    pub(crate) fn new(dice: &mut Dice, validators: usize) -> Self {
        let first: Vec<usize> = (0..validators).collect();
        let (mut serving, mut turns, mut at) = (first.clone(), Vec::new(), FIRST);
        for _ in 0..dice.number(1, 3) {
            at = at.saturating_add(dice.millis(0, 18_000));
            if at > LAST {
                break;
            }
            serving = next(dice, &serving, validators + SPARES);
            turns.push((at, serving.clone()));
            at = at.saturating_add(Duration::from_secs(3));
        }
        Self { first, turns }
    }

    /// Those who validate in an epoch.
    pub(crate) fn of(&self, epoch: u64) -> Option<&[usize]> {
        match usize::try_from(epoch).ok()?.checked_sub(1) {
            None => Some(&self.first),
            Some(before) => self.turns.get(before).map(|(_, set)| set.as_slice()),
        }
    }

    /// Those who validate in the end.
    pub(crate) fn last(&self) -> &[usize] {
        self.turns.last().map_or(&self.first, |(_, set)| set)
    }

    /// How many epochs follow the first.
    pub(crate) fn changes(&self) -> u64 {
        self.turns.len() as u64
    }

    /// How many of the smallest set may fail.
    pub(crate) fn may_fail(&self) -> usize {
        let sizes = self.turns.iter().map(|(_, set)| set.len()).chain([self.first.len()]);
        sizes.min().unwrap_or(0).saturating_sub(1) / 3
    }
}

/// One joins, one leaves, or one takes another's place.
fn next(dice: &mut Dice, serving: &[usize], nodes: usize) -> Vec<usize> {
    let spare: Vec<usize> = (0..nodes).filter(|node| !serving.contains(node)).collect();
    let joins = spare.get(dice.place(spare.len().max(1))).copied();
    // One leaves or joins in any case.
    let may_leave = serving.len() > LEAST || joins.is_some();
    let leaves = may_leave && (joins.is_none() || dice.percent(60));
    let joins = joins.filter(|_| !leaves || serving.len() == LEAST || dice.percent(50));
    let leaver = serving.get(dice.place(serving.len())).copied().filter(|_| leaves);
    let mut set: Vec<usize> = serving.iter().copied().filter(|node| Some(*node) != leaver).chain(joins).collect();
    set.sort_unstable();
    let kept = set.iter().filter(|node| serving.contains(node)).count();
    debug_assert!(kept >= quorum(set.len()) && set.len() >= LEAST && set != serving);
    set
}

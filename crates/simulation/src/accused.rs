//! Whom honest nodes accuse of contradicting itself: an equivocator, if there is one, with proof; and nobody else.

use std::fs;
use std::path::Path;

use gongxin_chain_simulated::convicts;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

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
                    let (kind, view) = (line.kind, line.view);
                    return Err(Violation::Accused { node, kind, view });
                }
                proofs = proofs.saturating_add(1);
            }
        }
    }
    Ok(proofs)
}

/// A line of `faults.log`.
#[derive(Debug, Default)]
struct Line {
    kind: String,
    epoch: u64,
    view: u64,
    evidence: Vec<u8>,
}

/// What a node wrote down. A line that cannot be read proves nothing, and is found out by that.
fn lines(folder: &Path) -> Vec<Line> {
    let text = fs::read_to_string(folder.join("faults.log")).unwrap_or_default();
    text.lines().map(parse).collect()
}

fn parse(line: &str) -> Line {
    let mut words = line.split(' ');
    let mut parsed = Line { kind: words.next().unwrap_or_default().to_owned(), ..Line::default() };
    for (name, value) in words.filter_map(|word| word.split_once('=')) {
        match name {
            "epoch" => parsed.epoch = value.parse().unwrap_or(u64::MAX),
            "view" => parsed.view = value.parse().unwrap_or(0),
            "evidence" => parsed.evidence = bytes(value),
            _ => {}
        }
    }
    parsed
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|digit| digit.to_digit(16)).filter_map(|digit| digit.try_into().ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect()
}

/// The node that a line convicts, if it proves anything.
fn convicted(plan: &Plan, town: &Town, line: &Line) -> Option<usize> {
    let set = town.set(line.epoch, plan.turnover.of(line.epoch)?);
    let mut random = StdRng::seed_from_u64(plan.seed);
    let key = convicts(&mut random, &town.genesis, &set, &line.kind, &line.evidence)?;
    town.keys.iter().position(|known| *known == key)
}

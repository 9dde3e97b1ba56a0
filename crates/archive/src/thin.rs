//! Which certificates a sealed segment leaves out: those of idle blocks that a later one certifies as well.
//!
//! Finality certifies recursively (PROTOCOL 7): who holds a certificate of a block holds one of all before it. So of idle
//! blocks in a row only every sixteenth keeps its own. A block with a transaction, or with writes of what fell due, is
//! never touched, nor is the certificate that it leans on: its receipts come out the same bytes before and after.
//!
//! **Rule.** A certificate is left out when its block is idle, does not end an epoch, follows a block that has a
//! certificate of its own, and one of the next fifteen blocks of the same run keeps its own.

use borsh::BorshDeserialize;
use gongxin_types::receipt::BlockReceipts;
use gongxin_types::{Certificate, FinalizedBlock, Header, codec};

use crate::limits;

/// What must be known of a block to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traits {
    pub(crate) height: u64,
    /// Whether it has a certificate of its own.
    pub(crate) certified: bool,
    /// Whether it may do without.
    pub(crate) idle: bool,
}

impl Traits {
    /// Of an archived block; one that cannot be read is not touched.
    pub(crate) fn of(height: u64, payload: &[u8], ids: usize) -> Self {
        let mut rest = payload;
        let header = Header::deserialize(&mut rest).ok();
        let certified = rest.first() == Some(&1);
        let small = ids == 0 && payload.len() <= limits::IDLE_BYTES_MAX;
        let idle = header.is_some_and(|header| {
            small && !header.ends_epoch() && {
                let _certificate = Option::<Certificate>::deserialize(&mut rest);
                let nothing = codec::encode(&(Vec::<u8>::new(), BlockReceipts::default()));
                rest == nothing.as_slice()
            }
        });
        Self { height, certified, idle }
    }
}

/// Which of these blocks, ascending, leave their certificate out.
pub(crate) fn left_out(blocks: &[Traits]) -> Vec<bool> {
    let mut out = vec![false; blocks.len()];
    // From the end: the nearest later block that keeps its certificate.
    let mut anchor = None::<u64>;
    let mut follower = None::<u64>;
    for (place, block) in blocks.iter().enumerate().rev() {
        if follower != block.height.checked_add(1) {
            // The next run begins: nothing leads from here to there.
            anchor = None;
        }
        follower = Some(block.height);
        if !block.certified {
            continue;
        }
        let before = place.checked_sub(1).and_then(|before| blocks.get(before));
        let leaned_on = !before.is_some_and(|one| one.certified && one.height.checked_add(1) == Some(block.height));
        let near = anchor.is_some_and(|anchor| anchor.saturating_sub(block.height) < limits::CERTIFIED_EVERY);
        if block.idle && !leaned_on && near {
            if let Some(flag) = out.get_mut(place) {
                *flag = true;
            }
        } else {
            anchor = Some(block.height);
        }
    }
    out
}

/// The bytes of a block without its certificate.
pub(crate) fn without_certificate(payload: &[u8]) -> Option<Vec<u8>> {
    let mut block: FinalizedBlock = codec::decode("finalized block", payload).ok()?;
    block.certificate = None;
    Some(codec::encode(&block))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// `i` idle, `t` with a transaction; capital: with a certificate. `_` is a gap.
    fn blocks(text: &str) -> Vec<Traits> {
        let all = text.chars().zip(1_u64..).filter(|(kind, _)| *kind != '_');
        let traits = |(kind, height): (char, u64)| Traits {
            height,
            certified: kind.is_uppercase(),
            idle: kind.eq_ignore_ascii_case(&'i'),
        };
        all.map(traits).collect()
    }

    fn check(before: &str, after: &str) {
        let blocks = blocks(before);
        let mut letters: Vec<char> = before.chars().collect();
        for (block, out) in blocks.iter().zip(left_out(&blocks)) {
            if out {
                let letter = letters.get_mut(block.height as usize - 1).unwrap();
                *letter = letter.to_ascii_lowercase();
            }
        }
        assert_eq!(letters.into_iter().collect::<String>(), after);
    }

    /// Of a long idle run the first and every sixteenth from its end keep their certificates; one that a block with a
    /// transaction leans on stays, and a gap is not leaned over.
    #[test]
    fn what_a_receipt_leans_on_stays() {
        check("IIIII", "IiiiI");
        check("IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII", "IIiiiiiiiiiiiiiiiIiiiiiiiiiiiiiiiI");
        check("TIIITIII", "TiiiTiiI");
        check("TIItIITT", "TiitIiTT");
        check("TiIIIITT", "TiIiiiTT");
        check("III_III", "IiI_IiI");
        check("iiii", "iiii");
    }

    /// Whatever the blocks are: no block is further from a certificate than it was, or than sixteen, and what leads from a
    /// block with a transaction to its certificate is untouched.
    #[test]
    fn nobody_loses_the_way() {
        use proptest::prelude::*;
        proptest!(|(text in "[iItT_]{1,120}")| {
            let blocks = blocks(&text);
            let out = left_out(&blocks);
            let way = |from: usize, kept: &dyn Fn(usize) -> bool| {
                let follow = |place: &usize| blocks[*place].height == blocks[from].height + (place - from) as u64;
                (from..blocks.len()).take_while(follow).find(|place| kept(*place)).map(|place| place - from)
            };
            for place in 0..blocks.len() {
                let before = way(place, &|at| blocks[at].certified);
                let after = way(place, &|at| blocks[at].certified && !out[at]);
                match (before, after) {
                    (None, None) => {}
                    (Some(before), Some(after)) => {
                        prop_assert!(after <= before.max(limits::CERTIFIED_EVERY as usize));
                        prop_assert!(blocks[place].idle || after == before);
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        });
    }
}

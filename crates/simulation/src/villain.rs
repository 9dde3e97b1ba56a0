//! Who does wrong on purpose, by name.

use std::fmt;

use gongxin_chain_simulated::Bug;

use crate::dice::Dice;

/// What a validator does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// It hears everything and says nothing.
    Mute,
    /// It proposes blocks with receipts that nobody else computes.
    Liar,
    /// It votes twice, and shows half of its peers one block and the others another.
    Equivocator,
}

impl Wrong {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mute => "mute",
            Self::Liar => "liar",
            Self::Equivocator => "equivocator",
        }
    }

    /// What it is in the node.
    pub(crate) fn in_node(self) -> Option<Bug> {
        match self {
            Self::Mute => None,
            Self::Liar => Some(Bug::Lie),
            Self::Equivocator => Some(Bug::Equivocate),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A validator that does wrong from beginning to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Villain {
    /// Which.
    pub node: usize,
    /// What it does.
    pub wrong: Wrong,
}

impl Villain {
    /// Perhaps one, among so many validators.
    pub(crate) fn perhaps(dice: &mut Dice, validators: usize) -> Option<Self> {
        let node = dice.place(validators);
        match dice.number(0, 99) {
            0..20 => Some(Self { node, wrong: Wrong::Mute }),
            20..45 => Some(Self { node, wrong: Wrong::Liar }),
            45..70 => Some(Self { node, wrong: Wrong::Equivocator }),
            _ => None,
        }
    }
}

//! The policy set: the rules of access in force, and those that were in force at any height. Genesis brings the first, votes change it.

use gongxin_state::key::Kind;
use gongxin_types::{Height, OrganizationId, PolicySet};

use crate::parameters::{One, present};
use crate::{Answer, Fact, Noun, Projection, ProjectionError};

/// There is one, under this name.
const ONE: &str = "policy-set";

impl Noun for PolicySet {
    type Id = One;
    const KIND: u8 = 65;
    const STATE: Option<Kind> = None;
    const NAME: &'static str = "policy set";

    fn id(&self) -> One {
        One(ONE)
    }

    fn owner(&self) -> Option<&OrganizationId> {
        None
    }
}

impl Projection {
    /// The policy set in force.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policy_set(&self) -> Result<Answer<Fact<PolicySet>>, ProjectionError> {
        present(self.noun(&One(ONE))?)
    }

    /// The policy set that was in force at the end of a block.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policy_set_at(&self, height: Height) -> Result<Answer<Fact<PolicySet>>, ProjectionError> {
        present(self.noun_at(&One(ONE), height)?)
    }
}

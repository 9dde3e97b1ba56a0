//! Parameters: numbers and code lists of the network. Genesis brings them, votes change them.

use gongxin_state::key::Kind;
use gongxin_types::{Height, OrganizationId, Parameters};

use crate::{Answer, Fact, Noun, Projection, ProjectionError};

/// There is one, under this name.
const ONE: &str = "parameters";

impl Noun for Parameters {
    type Id = One;
    const KIND: u8 = 64;
    const STATE: Option<Kind> = None;
    const NAME: &'static str = "parameters";

    fn id(&self) -> One {
        One(ONE)
    }

    fn owner(&self) -> Option<&OrganizationId> {
        None
    }
}

/// The identifier of what there is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize)]
pub struct One(pub(crate) &'static str);

impl std::fmt::Display for One {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Projection {
    /// The parameters in force.
    ///
    /// # Errors
    /// Those of the database.
    pub fn parameters(&self) -> Result<Answer<Fact<Parameters>>, ProjectionError> {
        present(self.noun(&One(ONE))?)
    }
}

impl Projection {
    /// The parameters that were in force for the transactions of a block.
    ///
    /// # Errors
    /// Those of the database.
    pub fn parameters_at(&self, height: Height) -> Result<Answer<Fact<Parameters>>, ProjectionError> {
        present(self.noun_at(&One(ONE), height)?)
    }
}

/// What genesis always brings.
pub(crate) fn present<T>(answer: Answer<Option<Fact<T>>>) -> Result<Answer<Fact<T>>, ProjectionError> {
    let Answer { value, height, time } = answer;
    let value = value.ok_or(ProjectionError::Damaged { what: "what genesis brought" })?;
    Ok(Answer { value, height, time })
}

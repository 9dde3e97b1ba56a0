//! Every other build: no defect can be planted, and each question for one is answered no when the program is built.

use std::sync::Arc;

use gongxin_crypto::{Digest, Suite};
use gongxin_types::{Header, Time};

use crate::block::{Block, Body};
use crate::config::ValidatorConfig;
use crate::databases::Batches;
use crate::execution::Rules;
use crate::names::Runtime;
use crate::planted::Bug;
use crate::rules::Executed;

/// Nothing.
#[derive(Debug)]
pub(crate) struct Planted;

impl Planted {
    /// Nothing, for whoever has no configuration of a node.
    pub(crate) const fn none() -> Self {
        Self
    }

    /// What is planted in a node.
    pub(crate) fn of(_config: &ValidatorConfig) -> Self {
        Self
    }

    /// Whether it is this one.
    pub(crate) const fn has(&self, _bug: Bug) -> bool {
        false
    }

    /// The time that the rules see.
    pub(crate) const fn time(&self, block: Time) -> Time {
        block
    }

    /// The receipts that a proposal claims.
    pub(crate) const fn claim(&self, receipts_root: Digest) -> Digest {
        receipts_root
    }

    /// What the rules have computed.
    pub(crate) const fn executed(&self, _suite: Suite, executed: Executed) -> Executed {
        executed
    }

    /// What a second block of the same view would be.
    pub(crate) async fn double(
        &self,
        _runtime: &Runtime,
        _rules: &Arc<Rules>,
        _parent: &Header,
        _first: (Time, &Body, &Executed),
        _batches: &Batches,
    ) -> Option<Double> {
        None
    }

    /// Keeps it beside the first.
    pub(crate) fn twin(&self, _block: &Block, _double: Option<Double>) {}
}

/// There is none.
pub(crate) enum Double {}
